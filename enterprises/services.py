"""What may be done to the roster one entry at a time; whole sheets go through ``roster_import``."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.phones import clean_phone
from districts.models import Region
from enterprises.models import Enterprise, Project
from enterprises.uscc import clean_credit_code, clean_registration_number


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
    record(by, "enterprise.create", enterprise)
    return enterprise


@transaction.atomic
def change_enterprise(*, by: User | None, enterprise: Enterprise, changes: Mapping[str, Any]) -> list[str]:
    """Write these fields, and only these; returns the names of those that really changed."""
    _locked_district(enterprise.region)
    current = Enterprise.objects.select_for_update().get(pk=enterprise.pk)
    return _change(by, current, changes, "enterprise.change")


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
    record(by, "project.create", project)
    return project


@transaction.atomic
def change_project(*, by: User | None, project: Project, changes: Mapping[str, Any]) -> list[str]:
    """Write these fields, and only these; returns the names of those that really changed."""
    _locked_district(project.region)
    current = Project.objects.select_for_update().get(pk=project.pk)
    return _change(by, current, changes, "project.change")


def _change(
    by: User | None, entry: Enterprise | Project, changes: Mapping[str, Any], action: str
) -> list[str]:
    # The reason for having no code goes by itself when a code comes.
    names = [*changes, *({"no_code_reason"} - set(changes) if isinstance(entry, Enterprise) else ())]
    before = {name: getattr(entry, name) for name in names}
    for name, value in changes.items():
        setattr(entry, name, value)
    _tidy(entry)
    entry.full_clean()
    changed = [name for name in names if getattr(entry, name) != before[name]]
    if changed:
        entry.save(update_fields=changed)
        record(by, action, entry, fields=changed)
    return changed


def _locked_district(region: Region) -> Region:
    """The region's district; whoever else adds a code to it, an import too, waits for us."""
    if region.district is None:
        raise ValidationError({"region": "请选择区县内的乡镇办或园区。"})
    return Region.objects.select_for_update(no_key=True).get(pk=region.district.pk)


def _tidy(entry: Enterprise | Project) -> None:
    """Single blanks in the name, codes and phone in their one way of writing."""
    entry.name = " ".join(entry.name.split())
    errors: dict[str, list[str]] = {}
    cleaners = {
        "credit_code": clean_credit_code,
        "registration_number": clean_registration_number,
        "contact_phone": clean_phone,
    }
    for name, clean in cleaners.items():
        if value := getattr(entry, name, None):
            try:
                setattr(entry, name, clean(value))
            except ValidationError as error:
                errors[name] = error.messages
    if isinstance(entry, Enterprise):
        if entry.credit_code or entry.registration_number:
            entry.no_code_reason = ""
        elif not entry.no_code_reason and not errors:
            errors["credit_code"] = ["请填统一社会信用代码；没有的，请填注册号，或写明代码暂缺原因。"]
        errors |= {name: messages for name, messages in code_conflicts(entry).items() if name not in errors}
    elif Project.objects.filter(district=entry.district, name=entry.name).exclude(pk=entry.pk).exists():
        errors["name"] = ["底册中已有同名项目。"]
    if errors:
        raise ValidationError(errors)


def code_conflicts(enterprise: Enterprise) -> dict[str, list[str]]:
    """Codes that another firm of the district has already, with its name."""
    conflicts: dict[str, list[str]] = {}
    for name in ("credit_code", "registration_number"):
        if value := getattr(enterprise, name):
            others = Enterprise.objects.filter(district=enterprise.district, **{name: value})
            if other := others.exclude(pk=enterprise.pk).values_list("name", flat=True).first():
                conflicts[name] = [f"底册中已有这个号码，属于“{other}”。"]
    return conflicts
