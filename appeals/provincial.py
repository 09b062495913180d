"""省为企服务平台: which appeals are still to be entered there, what its numbers look like, what it answered."""

import re
import unicodedata
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from appeals.models import Appeal, Event, ProvincialResult, Status
from appeals.querysets import AppealQuerySet
from core import clock
from districts.models import Region
from districts.profile import Rules
from enterprises.querysets import DISTRICT_WIDE
from imports.models import SheetImport

SOLVED_ON_SPOT = ("solve_on_spot", "confirm_solved")
"""The transitions that make an A (row 15)."""
NOT_FOR_THE_TABLE = (Status.DECLINED, Status.MERGED, Status.WITHDRAWN)
"""What ended without being solved or handled has no place in rows 14 to 16."""
LONGEST = 40
_DASHES = re.compile(r"[‐‑‒–—―−]")


# --- Which appeals --------------------------------------------------------------------------------


def to_be_recorded(appeals: AppealQuerySet, *, before: datetime | None = None) -> AppealQuerySet:
    """待录入: neither solved on the spot nor carrying a provincial number, so that row 14 misses it.

    ``before``: as it stood at that moment. An A that comes back never becomes a B, so it is not asked for.
    """
    no_number = Q(provincial_number="")
    if before is not None:
        no_number |= Q(provincial_recorded_at__gte=before)
    once_solved = Event.objects.filter(appeal=OuterRef("pk"), transition__in=SOLVED_ON_SPOT)
    return appeals.filter(no_number, ~Exists(once_solved)).exclude(status__in=NOT_FOR_THE_TABLE)


def kept_by(user: User) -> AppealQuerySet:
    """What a user's list holds: the whole district for who works for it, else what the own unit collected."""
    visible = Appeal.objects.visible_to(user)
    if user.has_role(*DISTRICT_WIDE):
        return visible
    return visible.filter(Q(collecting_unit=user.unit_id) | Q(collecting_unit__parent=user.unit_id))


# --- Numbers --------------------------------------------------------------------------------------


def clean_provincial_number(text: str, rules: Rules) -> str:
    """The number as it is kept: half-width, in capitals, without blanks. Raises ``ValidationError``."""
    half_width = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    number = re.sub(r"\s", "", half_width).upper()
    platform = rules.provincial
    if len(number) > LONGEST or not number.isprintable() or not re.fullmatch(platform.number_pattern, number):
        raise ValidationError(
            f"不像{platform.name}的编号，请核对（{platform.number_hint}）。", code="provincial_number"
        )
    return number


def refuse_taken_number(
    number: str, *, district: Region, by: User | None = None, apart_from: Appeal | None = None
) -> None:
    """Raises ``ValidationError`` if another appeal of the district carries the number."""
    others = Appeal.objects.filter(district=district, provincial_number=number)
    if apart_from is not None:
        others = others.exclude(pk=apart_from.pk)
    other = others.only("number").first()
    if other is None:
        return
    seen = by is not None and Appeal.objects.visible_to(by).filter(pk=other.pk).exists()
    raise ValidationError(taken(number, other.number if seen else ""), code="taken")


def taken(number: str, other: str = "") -> str:
    """Says who has a number; only to those who may see the other appeal."""
    return f"{number} 已登记在{f'诉求 {other} ' if other else '另一件诉求'}上，请核对。"


# --- Results --------------------------------------------------------------------------------------


def record_result(
    *,
    appeal: Appeal,
    status: str,
    text: str,
    on: date | None,
    by: User,
    sheet_import: SheetImport | None = None,
) -> ProvincialResult:
    """Keep what the platform says about an appeal. Our own status stays as it is."""
    return ProvincialResult.objects.create(
        appeal=appeal,
        status=status,
        text=" ".join(text.split()),
        on=on or clock.today(),
        recorded_by=by,
        recorded_at=clock.now(),
        sheet_import=sheet_import,
    )
