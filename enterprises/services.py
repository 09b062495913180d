"""What may be done to the roster one entry at a time; whole sheets go through ``roster_sheets``."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.phones import clean_contact_phone
from core.wording import speak
from districts.models import Region
from enterprises.history import change_of, record_many, stored
from enterprises.models import Enterprise, Project, RosterChange
from enterprises.relations import refresh_search_about
from enterprises.uscc import clean_credit_code, clean_registration_number

FOUNDED_AFTER = date(1900, 1, 1)


@transaction.atomic
def create_enterprise(
    *,
    by: User | None,
    region: Region,
    name: str,
    tier: str,
    credit_code: str | None = None,
    registration_number: str | None = None,
    no_code_reason: str = "",
    industry: str = "",
    size_class: str = "",
    above_scale_kind: str = "",
    founded_on: date | None = None,
    competent_unit: Unit | None = None,
    address: str = "",
    legal_person: str = "",
    main_products: str = "",
    contact_name: str = "",
    contact_post: str = "",
    contact_phone: str = "",
    active: bool = True,
) -> Enterprise:
    """Add a firm. Raises ``ValidationError`` by field, e.g. if the district has the code already."""
    district = _locked_district(region)
    enterprise = Enterprise(
        district=district,
        region=region,
        name=name,
        tier=tier,
        credit_code=credit_code or None,
        registration_number=registration_number or None,
        no_code_reason=no_code_reason,
        industry=industry,
        size_class=size_class,
        above_scale_kind=above_scale_kind,
        founded_on=founded_on,
        competent_unit=competent_unit,
        address=address,
        legal_person=legal_person,
        main_products=main_products,
        contact_name=contact_name,
        contact_post=contact_post,
        contact_phone=contact_phone,
        active=active,
        created_at=clock.now(),
    )
    _tidy(enterprise)
    enterprise.full_clean()
    enterprise.save()
    _record_added(by, enterprise)
    record(by, "enterprise.create", enterprise)
    return enterprise


@transaction.atomic
def change_enterprise(
    *,
    by: User | None,
    enterprise: Enterprise,
    changes: Mapping[str, Any],
    source: str = RosterChange.Source.FORM,
    seen: Mapping[str, str] | None = None,
) -> list[str]:
    """Write these fields, and only these; returns the names of those that really changed.

    ``seen`` is the ``fingerprint`` the changes were made upon: if somebody else changed one of its fields
    since, nothing is written and ``ChangedMeanwhile`` names them.
    """
    _locked_district(enterprise.region)
    current = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    if current.merged_into_id:
        raise ValidationError("这家企业已并入另一家，请到保留的那家修改。")
    return _change(by, current, changes, "enterprise.change", source, seen)


@transaction.atomic
def create_project(
    *,
    by: User | None,
    region: Region,
    name: str,
    owner: Enterprise | None = None,
    owner_name: str = "",
    investment: Decimal | None = None,
    stage: str = "",
    industry: str = "",
    competent_unit: Unit | None = None,
    address: str = "",
    contact_name: str = "",
    contact_post: str = "",
    contact_phone: str = "",
    active: bool = True,
) -> Project:
    """Add a project. Raises ``ValidationError`` by field, e.g. if the district has the name already."""
    district = _locked_district(region)
    project = Project(
        district=district,
        region=region,
        name=name,
        owner=owner,
        owner_name=owner_name or (owner.name if owner else ""),
        investment=investment,
        stage=stage,
        industry=industry,
        competent_unit=competent_unit,
        address=address,
        contact_name=contact_name,
        contact_post=contact_post,
        contact_phone=contact_phone,
        active=active,
        created_at=clock.now(),
    )
    _tidy(project)
    project.full_clean()
    project.save()
    _record_added(by, project)
    record(by, "project.create", project)
    return project


@transaction.atomic
def change_project(
    *,
    by: User | None,
    project: Project,
    changes: Mapping[str, Any],
    source: str = RosterChange.Source.FORM,
    seen: Mapping[str, str] | None = None,
) -> list[str]:
    """The same for a project."""
    _locked_district(project.region)
    current = Project.objects.select_for_update().get(pk=project.pk)
    return _change(by, current, changes, "project.change", source, seen)


def label_of(entry: Enterprise | Project, name: str) -> str:
    """What people call a field."""
    field: Any = entry._meta.get_field(name)
    return str(field.verbose_name)


class ChangedMeanwhile(ValidationError):
    """Somebody else changed these fields since the form was opened; ``entry`` is as it stands now."""

    def __init__(self, entry: Enterprise | Project, fields: Collection[str]) -> None:
        self.entry, self.fields = entry, list(fields)
        labels = "、".join(label_of(entry, name) for name in fields)
        super().__init__(f"您打开这一页以后，有人改了：{labels}。请核对后再保存。")


def fingerprint(entry: Enterprise | Project, names: Collection[str]) -> dict[str, str]:
    """What the fields hold, as short digests: enough to notice later that one of them was changed."""
    return {name: digest_of(stored(entry, name)[1]) for name in names}


def digest_of(value: Any) -> str:
    if isinstance(value, Decimal):
        value = value.normalize()
    text = "" if value is None else str(getattr(value, "pk", value))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _change(
    by: User | None,
    entry: Enterprise | Project,
    changes: Mapping[str, Any],
    action: str,
    source: str,
    seen: Mapping[str, str] | None,
) -> list[str]:
    now = fingerprint(entry, seen or ())
    if meanwhile := [name for name, digest in (seen or {}).items() if now[name] != digest]:
        raise ChangedMeanwhile(entry, meanwhile)
    # The reason for having no code goes by itself when a code comes.
    names = [*changes, *({"no_code_reason"} - set(changes) if isinstance(entry, Enterprise) else ())]
    before = {name: getattr(entry, name) for name in names}
    kept = dict(stored(entry, name) for name in names)
    for name, value in changes.items():
        setattr(entry, name, value)
    _tidy(entry)
    entry.full_clean()
    changed = [name for name in names if getattr(entry, name) != before[name]]
    if changed:
        entry.save(update_fields=changed)
        if "name" in changed:
            refresh_search_about(entry)
        written = dict(stored(entry, name) for name in changed)
        change = change_of(
            entry,
            source=source,
            action=_action(written),
            before={name: kept[name] for name in written},
            after=written,
            by=by,
        )
        record_many([change])
        record(by, action, entry, fields=changed)
    return changed


def _action(written: Mapping[str, Any]) -> str:
    """Leaving the roster, coming back to it, or an ordinary change."""
    if "active" not in written:
        return RosterChange.Action.CHANGED
    return RosterChange.Action.RESTORED if written["active"] else RosterChange.Action.REMOVED


def _record_added(by: User | None, entry: Enterprise | Project) -> None:
    """The first line of an entry's history: everything it came with."""
    own = {"id", "district", "created_at", "search_text", "merged_into"}
    names = [field.name for field in entry._meta.concrete_fields if field.name not in own]
    values = dict(stored(entry, name) for name in names)
    filled = {name: value for name, value in values.items() if value not in (None, "")}
    added = RosterChange.Action.ADDED
    form = RosterChange.Source.FORM
    record_many([change_of(entry, source=form, action=added, before={}, after=filled, by=by)])


def _locked_district(region: Region) -> Region:
    """The region's district; whoever else adds a code to it, an import too, waits for us."""
    if region.district is None:
        raise ValidationError({"region": speak("请选择区县内的乡镇办或园区。")})
    return Region.objects.select_for_update(no_key=True).get(pk=region.district.pk)


def _tidy(entry: Enterprise | Project) -> None:
    """Single blanks in the name, codes and phone in their one way of writing."""
    entry.name = " ".join(entry.name.split())
    errors: dict[str, list[str]] = {}
    cleaners = {
        "credit_code": clean_credit_code,
        "registration_number": clean_registration_number,
        "contact_phone": clean_contact_phone,
    }
    for name, clean in cleaners.items():
        if value := getattr(entry, name, None):
            try:
                setattr(entry, name, clean(value))
            except ValidationError as error:
                errors[name] = error.messages
    if isinstance(entry, Enterprise):
        if entry.founded_on and not FOUNDED_AFTER <= entry.founded_on <= clock.today():
            errors["founded_on"] = ["成立日期不能晚于今天，也不能早于 1900 年。"]
        if entry.credit_code or entry.registration_number:
            entry.no_code_reason = ""
        elif not entry.no_code_reason and not errors:
            errors["credit_code"] = ["请填统一社会信用代码；没有的，请填注册号，或写明代码暂缺原因。"]
        errors |= {name: messages for name, messages in code_conflicts(entry).items() if name not in errors}
    elif Project.objects.filter(district=entry.district, name=entry.name).exclude(pk=entry.pk).exists():
        errors["name"] = [speak("底册中已有同名项目。")]
    if errors:
        raise ValidationError(errors)


def code_conflicts(enterprise: Enterprise) -> dict[str, list[str]]:
    """Codes that another firm of the district has already, with its name."""
    conflicts: dict[str, list[str]] = {}
    for name in ("credit_code", "registration_number"):
        if value := getattr(enterprise, name):
            others = Enterprise.objects.filter(district=enterprise.district, **{name: value})
            if other := others.exclude(pk=enterprise.pk).values_list("name", flat=True).first():
                conflicts[name] = [f"{speak('底册')}中已有这个号码，属于“{other}”。"]
    return conflicts
