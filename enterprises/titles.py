"""资质称号 of a firm: which it holds and until when, checked as a whole on a day."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import User
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.models import Enterprise, EnterpriseTitle
from enterprises.policies import may_edit

NOT_YOURS = spoken("资质称号由牵头局调度员和所在乡镇办、园区的联络员登记。")
FURTHEST = date(2100, 1, 1)


@transaction.atomic
def set_titles(*, by: User, enterprise: Enterprise, titles: Mapping[str, date | None]) -> Enterprise:
    """These it holds, each until a day or without one, and no others; that is known from today on."""
    if not may_edit(by, enterprise):
        raise PermissionDenied(NOT_YOURS)
    enterprise = Enterprise.objects.select_for_update(of=("self",)).get(pk=enterprise.pk)
    if enterprise.merged_into_id:
        raise ValidationError("这家企业已并入另一家，请到保留的那家登记。")
    known = {title.code for title in rules_of(enterprise).policy_library.titles}
    if not titles.keys() <= known:
        raise ValidationError("请从列出的称号中选择。")
    wrong = {
        f"until_{code}": ["有效期请填合理的日期。"]
        for code, day in titles.items()
        if day is not None and not date(2000, 1, 1) <= day <= FURTHEST
    }
    if wrong:
        raise ValidationError(wrong)
    held = {title.code: title for title in EnterpriseTitle.objects.filter(enterprise=enterprise)}
    # A title the profile no longer names is not on the form; it stays.
    gone = [title for code, title in held.items() if code in known and code not in titles]
    for title in gone:
        title.delete()
    for code, day in titles.items():
        title = held.get(code) or EnterpriseTitle(enterprise=enterprise, code=code)
        if title.pk is None or title.valid_until != day:
            title.valid_until, title.recorded_by, title.recorded_at = day, by, clock.now()
            title.save()
    enterprise.titles_checked_on = clock.today()
    enterprise.save(update_fields=["titles_checked_on"])
    record(by, "enterprise.titles", enterprise, titles=sorted(titles))
    return enterprise


def rules_of(enterprise: Enterprise) -> Rules:
    return DistrictProfile.objects.in_force(enterprise.district).rules


def titles_in_words(enterprise: Enterprise, rules: Rules) -> list[str]:
    """What it holds today, as people call it."""
    labels = {title.code: title.label for title in rules.policy_library.titles}
    held = EnterpriseTitle.objects.valid().filter(enterprise=enterprise)
    return [
        labels.get(title.code, title.code)
        + (f"（至 {title.valid_until:%Y-%m-%d}）" if title.valid_until else "")
        for title in held
    ]
