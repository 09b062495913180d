"""Questions about units and accounts."""

from accounts.models import Role, Unit, User
from districts.models import Region


def unit_of(district: Region | int, code: str) -> Unit:
    """The district's unit with this code; the profile loader has checked that it exists."""
    return Unit.objects.select_related("region", "district").get(district=district, code=code)


def accounts_of(unit: Unit | int, *roles: Role) -> list[User]:
    """Whoever of the unit is to be told: the accounts with one of these roles."""
    return list(User.objects.filter(unit=unit).with_role(*roles))
