"""上线: the district made of a setup, in one transaction, through the same services as everywhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Official, Post, Role, Unit, User
from accounts.services import create_account, create_official, load_units
from appeals.phrases import load_phrases
from core import clock
from districts.loading import LoadedProfile, load_regions, load_rules
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.schema import ProfileError
from portal.golive.people import persons, split_name

SERVICE = "golive"
"""The account that brings the setup's sheets in: nobody can sign in with it."""


@dataclass
class Launched:
    district: Region
    rules: Rules
    units: dict[str, Unit]
    officials: int = 0
    accounts: list[User] = field(default_factory=list)
    phrases: int = 0


@transaction.atomic
def make_district(profile: LoadedProfile, people: list[dict[str, Any]]) -> Launched:
    """Regions, rules, units, phrases, officials and accounts. Raises ``ValidationError`` if somebody was faster."""
    try:
        regions = load_regions(profile.regions)
        district = Region.objects.get(code=profile.rules.code)
        if DistrictProfile.objects.filter(district=district).exists():
            raise ValidationError(f"{district}已经上线，不能再建一次。")
        load_rules(district=district, rules=profile.rules, note="上线设置")
    except ProfileError as error:
        raise ValidationError(error.messages) from None
    units = load_units(district=district, specs=profile.units, regions=regions)
    made = Launched(district, profile.rules, units, phrases=load_phrases(district, profile.phrases))
    load_people(made, people)
    return made


def load_people(made: Launched, people: list[dict[str, Any]]) -> None:
    """Officials, posts and accounts; whoever is there already, by name and unit, stays as he is."""
    since = min(made.rules.action_started, clock.today())
    posts = Post.objects.filter(unit__district=made.district).values_list("official__name", "unit__code")
    known = set(posts)
    for rows in persons(people).values():
        if not any((row["name"], row["unit"]) in known for row in rows):
            _make_person(made, rows, since)


def _make_person(made: Launched, rows: list[dict[str, Any]], since: date) -> None:
    """One official with all posts, the first line the main one, and the account, if any line asks for one."""
    first = rows[0]
    official = create_official(
        district=made.district,
        name=first["name"],
        phone=_first(rows, "mobile"),
        office_phone=_first(rows, "office_phone"),
        posts=[
            Post(
                unit=made.units[row["unit"]],
                title=row["title"],
                rank_group=row["rank_group"],
                is_head=bool(row.get("is_head")),
                started=since,
            )
            for row in rows
        ],
    )
    made.officials += 1
    for row in rows:
        if row.get("roles"):
            made.accounts.append(_make_account(made, row, official))
            return


def _make_account(made: Launched, row: dict[str, Any], official: Official) -> User:
    if User.objects.filter(username=row["username"]).exists():
        raise ValidationError(f"登录名 {row['username']} 刚刚被别人用了，请换一个。")
    family, given = split_name(row["name"])
    return create_account(
        username=row["username"],
        family_name=family,
        given_name=given,
        unit=made.units[row["unit"]],
        roles=row["roles"],
        official=official,
    )


def _first(rows: list[dict[str, Any]], key: str) -> str:
    return next((str(row[key]) for row in rows if row.get(key)), "")


def service_account(district: Region, lead: Unit) -> User:
    """Who stands as the uploader of the setup's sheets: the setup itself, with a dispatcher's reach, and closed."""
    username = f"{SERVICE}-{district.code}"
    user = User.objects.filter(username=username).first()
    if user is None:
        user = create_account(
            username=username, family_name="上线", given_name="设置", unit=lead, roles=[Role.DISPATCHER]
        )
        user.is_active, user.is_system = False, True
        user.save(update_fields=["is_active", "is_system"])
        record(user, "setup.service_account", district)
    return user
