"""Firms that the rows of a sheet name: by their code, or by a name that only one of them has."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from core.search import normalise
from core.wording import speak
from enterprises.models import Enterprise, Project


def plain(text: str) -> str:
    """A name without the blanks that come along with it."""
    return " ".join(text.split())


class NamedFirms:
    """Those of the user's roster, in two queries however many are asked for."""

    def __init__(self, user: User, *, names: Collection[str], codes: Collection[str] = ()) -> None:
        wanted = {plain(name) for name in names} - {""}
        firms = Enterprise.objects.visible_to(user).active().unmerged().select_related("region", "district")
        projects = Project.objects.visible_to(user).active().select_related("region", "district")
        self._by_code: dict[str, Enterprise] = {}
        self._by_name: dict[str, list[Enterprise | Project]] = {}
        for firm in firms.filter(
            Q(name__in=wanted) | Q(credit_code__in=codes) | Q(registration_number__in=codes)
        ):
            self._by_code |= {code: firm for code in (firm.credit_code, firm.registration_number) if code}
            self._by_name.setdefault(firm.name, []).append(firm)
        for project in projects.filter(name__in=wanted):
            self._by_name.setdefault(project.name, []).append(project)

    def find(self, name: str, code: str = "") -> Enterprise | Project | None:
        """None where the roster has no such name. Refused beside "name" or "code" where they say two things."""
        name = plain(name)
        if code:
            firm = self._by_code.get(code)
            if firm is None:
                raise ValidationError({"code": [speak("底册里没有这个代码")]})
            if name and normalise(firm.name) != normalise(name):
                raise ValidationError({"name": [f"{speak('底册')}中这个代码属于“{firm.name}”，请核对"]})
            return firm
        found = self._by_name.get(name, [])
        if len(found) > 1:
            raise ValidationError(
                {"name": [f"{speak('底册')}里有 {len(found)} 家同名，请填统一社会信用代码"]}
            )
        return found[0] if found else None
