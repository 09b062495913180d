"""The words of documents: the profile's, or those the district has written since, version by version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Role, User
from core import clock
from core.wording import spoken
from districts.documents import LABELS, NUMBERED_ELSEWHERE, DocumentText, series
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.schema import ProfileError, validated
from reports.models import DocumentTemplate

WHO_CHANGES = spoken("公文模板由系统管理员和牵头局负责人修改。")
MEANWHILE = "刚才有人改过这份模板，请核对最新内容后再保存。"
FIELDS = ("layout", "head", "number", "title", "addressee", "boxes", "body", "note", "issuer")


def may_change(user: User, rules: Rules | None = None) -> bool:
    if user.unit is None:
        return False
    if user.has_role(Role.ADMIN):
        return True
    if not user.has_role(Role.BUREAU_LEADER):
        return False
    rules = rules or DistrictProfile.objects.in_force(user.unit.district).rules
    return user.unit.code == rules.lead_bureau


def latest(district: Region, kind: str) -> DocumentTemplate | None:
    return DocumentTemplate.objects.filter(district=district, kind=kind).order_by("-version").first()


def words_in_force(district: Region, kind: str, rules: Rules) -> DocumentText:
    """The last version the district wrote; the profile's where it wrote none."""
    changed = latest(district, kind)
    return DocumentText.model_validate(changed.words) if changed else rules.documents.of(kind)


def checked(kind: str, data: Mapping[str, Any], *, district: Region, rules: Rules) -> DocumentText:
    """Raises ``ValidationError``: by field where one field is wrong, else with every reason."""
    try:
        words = validated(DocumentText, {name: data[name] for name in FIELDS if name in data})
    except ProfileError as error:
        raise ValidationError(error.messages) from None
    if problems := words.problems(kind):
        raise ValidationError(problems)
    if kind not in NUMBERED_ELSEWHERE:
        others = {other: words_in_force(district, other, rules) for other in LABELS if other != kind}
        wanted = series(words.number, rules.number_prefix)
        for label, number in rules.number_series(others).items():
            if number == wanted:
                raise ValidationError(
                    {"number": [f"{label}已经使用这个文号格式，两份公文会同号，请换一个。"]}
                )
    return words


@transaction.atomic
def save_words(
    *, by: User, kind: str, data: Mapping[str, Any], note: str, seen: int | None = None
) -> DocumentTemplate:
    """A new version; what was given out before keeps its own words. ``seen``: the version it was written from."""
    if by.unit is None or not may_change(by):
        raise PermissionDenied(WHO_CHANGES)
    if kind not in LABELS:
        raise ValidationError("没有这种公文。")
    district = Region.objects.select_for_update(no_key=True).get(pk=by.unit.district_id)  # One after another.
    rules = DistrictProfile.objects.in_force(district).rules
    words = checked(kind, data, district=district, rules=rules)
    note = note.strip()
    if not note:
        raise ValidationError({"note": ["请写明改了什么、为什么。"]})
    before = latest(district, kind)
    version = before.version if before else 0
    if seen is not None and seen != version:
        raise ValidationError(MEANWHILE, code="meanwhile")
    try:
        with transaction.atomic():
            saved = DocumentTemplate.objects.create(
                district=district,
                kind=kind,
                version=version + 1,
                words=words.model_dump(),
                note=note[:200],
                changed_by=by,
                changed_at=clock.now(),
            )
    except IntegrityError:
        raise ValidationError(MEANWHILE, code="meanwhile") from None
    audit.record(by, "document_template.change", saved, kind=kind, version=saved.version)
    return saved
