"""What becomes public of the lists: openings with the firm's name, seekers only in groups that are large enough.

Nothing that is published lets anybody count a group that is too small: no total is told, and what is too small on its
own is put together with others until it is large enough, or left out.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.models import Unit
from campaigns.models import JobOpening, JobSeeker, NeedsConfirmation, PublishedNeeds
from campaigns.needs.services.openings import label_of
from campaigns.needs.words import wage_words
from core import clock
from districts.models import Region
from districts.profile import Rules

Kind = NeedsConfirmation.Kind
EVERYWHERE, ANY_AGE = "全区", "不限"
WAGE_STEP = 500
TOO_FEW = "求职：同类人数太少，不足以隐去个人"


def list_month(day: date, rules: Rules) -> date:
    """The month whose list is worked on: this one until it is to be published, then the next."""
    return first_of(day) if day.day <= rules.needs.publish_day else following(first_of(day))


def months_open(day: date) -> tuple[date, date]:
    """For which months a list can be published."""
    return first_of(day), following(first_of(day))


def first_of(day: date) -> date:
    return day.replace(day=1)


def following(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


@dataclass
class Preview:
    month: date
    openings: list[dict[str, Any]] = field(default_factory=list)
    seekers: list[dict[str, Any]] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, district: Region, rules: Rules, month: date) -> Preview:
        """As it is at this moment; four queries."""
        confirmed: dict[str, set[int]] = {kind: set() for kind in Kind.values}
        rows = NeedsConfirmation.objects.filter(unit__district=district, month=month)
        for kind, unit in rows.values_list("kind", "unit"):
            confirmed[kind].add(unit)
        preview, reasons = cls(month), Counter[str]()
        preview._openings(district, rules, confirmed[Kind.OPENINGS], reasons)
        preview._seekers(district, rules, confirmed[Kind.SEEKERS], reasons)
        preview.left_out = dict(sorted(reasons.items()))
        leading = Unit.objects.filter(district=district, code=rules.jobs_unit).first()
        if leading:
            preview.contact = {"unit": leading.name, "phone": leading.public_phone}
        return preview

    def _openings(self, district: Region, rules: Rules, confirmed: set[int], reasons: Counter[str]) -> None:
        states = [JobOpening.State.PENDING, *JobOpening.CURRENT]
        found = JobOpening.objects.filter(district=district, state__in=states)
        rows = found.select_related("enterprise", "project", "unit", "region").order_by("region__path", "pk")
        for opening in rows:
            if opening.state == JobOpening.State.PENDING:
                reasons["岗位：还没有核实"] += 1
            elif opening.valid_until < max(clock.today(), self.month):
                reasons["岗位：有效期在清单月份之前结束"] += 1
            elif opening.unit_id not in confirmed:
                reasons[f"岗位：{opening.unit}本期没有确认"] += 1
            else:
                self.openings.append(_opening(opening, rules))

    def _seekers(self, district: Region, rules: Rules, confirmed: set[int], reasons: Counter[str]) -> None:
        found = JobSeeker.objects.looking().filter(district=district)
        kept = []
        for seeker in found.select_related("unit", "region").order_by("pk"):
            if seeker.unit_id in confirmed:
                kept.append(seeker)
            else:
                reasons[f"求职：{seeker.unit}本期没有确认"] += 1
        self.seekers, too_few = grouped(kept, rules)
        if too_few:
            reasons[TOO_FEW] += too_few

    @property
    def wanted(self) -> int:
        return sum(row["wanted"] for row in self.openings)


def _opening(opening: JobOpening, rules: Rules) -> dict[str, Any]:
    return {
        "opening": opening.pk,
        "firm": opening.subject_name,
        "work": label_of(opening, rules),
        "wanted": opening.still_wanted,
        "wage": wage_words(opening.wage_from, opening.wage_to),
        "place": opening.place or opening.region.name,
        "requirements": opening.requirements,
        "until": f"{opening.valid_until:%Y-%m-%d}",
    }


def still_sought(published: PublishedNeeds) -> list[dict[str, Any]]:
    """Of the openings as they were published, those that still look for people: what a firm took back, filled or let
    run out is shown to nobody any more. One query."""
    today = f"{clock.today():%Y-%m-%d}"
    asked = {row["opening"] for row in published.openings if "opening" in row}
    current = set(JobOpening.objects.filter(pk__in=asked).current().values_list("pk", flat=True))
    return [
        row
        for row in published.openings
        if row["until"] >= today and ("opening" not in row or row["opening"] in current)
    ]


def grouped(seekers: Iterable[JobSeeker], rules: Rules) -> tuple[list[dict[str, Any]], int]:
    """The public lines, each of enough persons, and how many persons stand in none.

    By trade, age band and township first; what is too few of it by trade and age band; the rest of that by trade. Work
    in somebody's own words stands under “其他”: such words may be theirs alone.
    """
    minimum, lines = rules.needs.minimum_group, []
    rest = list(seekers)
    levels = (
        lambda one: (one.trade, one.age_band, one.region.name),
        lambda one: (one.trade, one.age_band, EVERYWHERE),
        lambda one: (one.trade, "", EVERYWHERE),
    )
    for level in levels:
        groups: dict[tuple[str, str, str], list[JobSeeker]] = defaultdict(list)
        for seeker in rest:
            groups[level(seeker)].append(seeker)
        rest = []
        for key, members in groups.items():
            if len(members) >= minimum:
                lines.append((key, members))
            else:
                rest += members
    order = {code: place for place, code in enumerate(rules.codes("trades"))}
    ages = {code: place for place, code in enumerate(rules.codes("age_bands"))}
    lines.sort(key=lambda line: (order.get(line[0][0], 99), ages.get(line[0][1], 99), line[0][2]))
    return [_line(key, members, rules, minimum) for key, members in lines], len(rest)


def _line(
    key: tuple[str, str, str], members: Sequence[JobSeeker], rules: Rules, minimum: int
) -> dict[str, Any]:
    trade, age, place = key
    return {
        "work": rules.label("trades", trade) if trade else "其他",
        "count": len(members),
        "age": rules.label("age_bands", age) if age else ANY_AGE,
        "region": place,
        "wage": _hoped([one.wage_hoped for one in members if one.wage_hoped], minimum),
    }


def _hoped(wages: list[int], minimum: int) -> str:
    """Rounded outwards to 500 元; nothing where fewer than the minimum said anything."""
    if len(wages) < minimum:
        return "面议"
    low = min(wages) // WAGE_STEP * WAGE_STEP
    high = -(-max(wages) // WAGE_STEP) * WAGE_STEP
    return wage_words(low or None, high)


def fingerprint(preview: Preview) -> str:
    """Of what would become public: the second click publishes what was looked at, or nothing."""
    shown = [f"{preview.month:%Y-%m}", preview.openings, preview.seekers, preview.contact]
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
