"""Units and accounts: made by profiles, by the administrator and by demo data, all through here."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from accounts.models import Official, Post, Role, RoleGrant, Unit, User
from core import clock
from districts.loading import UnitSpec
from districts.models import Region


@transaction.atomic
def load_units(
    *, district: Region, specs: Iterable[UnitSpec], regions: Mapping[str, Region]
) -> dict[str, Unit]:
    """The district's units by code. New ones are made, changed ones follow, none is deleted."""
    units: dict[str, Unit] = {unit.code: unit for unit in Unit.objects.of_district(district)}
    for spec in specs:
        wanted = {
            "name": spec.name,
            "short_name": spec.short_name,
            "kind": spec.kind,
            "region": regions[spec.region],
            "parent": units[spec.parent] if spec.parent else None,
            "order": spec.order,
            "merged_into": units[spec.merged_into] if spec.merged_into else None,
        }
        if spec.merged_into:
            wanted["active"] = False
        unit = units.get(spec.code) or Unit(district=district, code=spec.code, public_phone=spec.public_phone)
        if unit.pk is None or any(getattr(unit, field) != value for field, value in wanted.items()):
            for field, value in wanted.items():
                setattr(unit, field, value)
            unit.save()
        units[spec.code] = unit
    return units


def follow_roles(user: User, roles: Iterable[str]) -> None:
    """Django's own flags, which open the administration pages, follow from the role; does not save."""
    user.is_staff = user.is_superuser = Role.ADMIN in set(roles)


@transaction.atomic
def create_account(
    *,
    username: str,
    family_name: str,
    given_name: str,
    unit: Unit,
    roles: Iterable[str],
    official: Official | None = None,
    email: str = "",
    password: str | None = None,
) -> User:
    """An account with its roles. Without a password nobody can sign in until one is set."""
    user = User(
        username=username,
        last_name=family_name,
        first_name=given_name,
        unit=unit,
        official=official,
        email=email,
    )
    follow_roles(user, roles := set(roles))
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in sorted(roles))
    return user


SURVEYOR_ALONE = "满意度调查员是第三方账号：不能再有其他角色，也不能有“单位”和“干部”，只填“委托单位”。"


@transaction.atomic
def create_surveyor(
    *, username: str, family_name: str, given_name: str, engaged_by: Unit, password: str | None = None
) -> User:
    """An account of a third party: no unit, so that nothing is visible to it, and this one role."""
    user = User(username=username, last_name=family_name, first_name=given_name, engaged_by=engaged_by)
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    RoleGrant.objects.create(user=user, role=Role.SURVEYOR)
    return user


@transaction.atomic
def create_official(
    *, district: Region, name: str, phone: str = "", office_phone: str = "", posts: Iterable[Post]
) -> Official:
    """A person in office with the posts held; the posts come unsaved and without the person."""
    official = Official(district=district, name=name, phone=phone, office_phone=office_phone)
    official.save()
    for order, post in enumerate(posts):
        post.official, post.order = official, order
        post.save()
    return official


@transaction.atomic
def create_operator(*, username: str, password: str | None = None) -> User:
    """Whoever sets districts up: an administrator of no unit. Without a password one is set behind a link."""
    user = User(username=username, last_name="平台", first_name="管理员")
    follow_roles(user, [Role.ADMIN])
    user.set_password(password) if password else user.set_unusable_password()
    user.save()
    RoleGrant.objects.create(user=user, role=Role.ADMIN)
    return user


def end_tour(user: User) -> None:
    """The first day's steps are no longer shown on the workbench."""
    User.objects.filter(pk=user.pk, toured_at=None).update(toured_at=clock.now())
