"""What a page of statistics is asked for: a time, a unit, a place, a category, a channel; all of it in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Role, Unit, User
from appeals.models import Appeal
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput
from core.wording import spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.querysets import DISTRICT_WIDE
from liaisons.cadence import period_of, start_of
from reports.indicators import Context, Indicator, Source
from reports.indicators.counting import AGES, came_in, following_month, units_counted_for
from reports.indicators.handling import ANSWERS, ENDED, INTAKE, OPEN
from reports.spans import DAY, Span

READERS = frozenset({*DISTRICT_WIDE, Role.LIAISON, Role.UNIT_LEADER})
"""Who reads the statistics: the district's, or those of the own unit."""
BY_LEAD = (INTAKE, OPEN, ENDED)
"""What a unit is asked for here is what it was given to solve; everything else counts as its indicator says."""
NONE = "none"
"""In an address: without a unit that leads it, without a category that is still in use."""
LONGEST = timedelta(days=3 * 366)
PERIODS = (
    ("month", "本月"),
    ("last_month", "上月"),
    ("quarter", "本季度"),
    ("year", "今年"),
    ("days", "自定"),
)
MONTHS_SHOWN = 12


@dataclass(frozen=True)
class Places:
    """The units and regions of a district by number, fetched once for choices, names and sums alike."""

    district: Region
    rules: Rules
    units: Mapping[int, Unit]
    regions: Mapping[int, Region]

    @classmethod
    def of(cls, district: Region) -> Places:
        return cls(
            district,
            DistrictProfile.objects.in_force(district).rules,
            {unit.pk: unit for unit in Unit.objects.filter(district=district)},
            {region.pk: region for region in Region.objects.subtree(district)},
        )

    @cached_property
    def counts_for(self) -> dict[int, int]:
        lines = ((unit.pk, unit.kind, unit.parent_id) for unit in self.units.values())
        return units_counted_for(lines, self.rules)

    @cached_property
    def townships(self) -> dict[int, int]:
        """Every region, and the township or park it lies in; the district itself stands for itself."""
        return {
            region.pk: next((pk for pk in region.path_ids if self._is_township(pk)), self.district.pk)
            for region in self.regions.values()
        }

    def _is_township(self, pk: int) -> bool:
        return pk in self.regions and pk != self.district.pk

    def unit_name(self, pk: Any) -> str:
        return self.units[pk].short_name if pk in self.units else "未交办"

    def township_name(self, pk: Any) -> str:
        return "区级（未落到乡镇）" if pk == self.district.pk else self.regions[pk].name

    def under(self, township: int) -> list[int]:
        return [region for region, above in self.townships.items() if above == township]

    @property
    def unit_choices(self) -> list[tuple[str, str]]:
        shown = sorted(
            (unit for unit in self.units.values() if unit.active and self.counts_for[unit.pk] == unit.pk),
            key=lambda unit: (unit.order, unit.pk),
        )
        return [(str(unit.pk), unit.short_name) for unit in shown]

    @property
    def township_choices(self) -> list[tuple[str, str]]:
        found = dict.fromkeys(self.townships[pk] for pk in self.regions)
        return [(str(pk), self.township_name(pk)) for pk in found]


class Asked(forms.Form):
    """Anything that makes no sense is said beside its field, and leaves the rest as it is."""

    period = forms.ChoiceField(
        label="时间",
        choices=PERIODS,
        required=False,
        error_messages={"invalid_choice": "没有这一项，请重新选择。"},
    )
    since = forms.DateField(label="自定：从", required=False, widget=DayInput, validators=SENSIBLE_DAYS)
    until = forms.DateField(label="到", required=False, widget=DayInput, validators=SENSIBLE_DAYS)
    unit = forms.ChoiceField(label="单位", required=False)
    township = forms.ChoiceField(label=spoken("乡镇办、园区"), required=False)
    category = forms.ChoiceField(label="类别", required=False)
    channel = forms.ChoiceField(label="来源渠道", required=False)

    def __init__(self, data: Mapping[str, Any], *, user: User, places: Places) -> None:
        super().__init__(data)
        rules = places.rules
        self.places, self.user = places, user
        self._offer("township", places.township_choices)
        self._offer("category", rules.choices("categories"))
        self._offer("channel", rules.choices("channels"))
        if sees_district(user):
            self._offer("unit", places.unit_choices)
        else:
            del self.fields["unit"]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *choices]
        field.error_messages["invalid_choice"] = "没有这一项，请重新选择。"

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self.add_error("until", ValidationError("结束日期早于开始日期。", code="order"))
        elif since and until and until - since > LONGEST:
            self.add_error("until", ValidationError("一次最多看三年，请缩短时间。", code="long"))
        elif data.get("period") == "days" and "since" not in self.errors and not since:
            self.add_error("since", ValidationError("请填开始日期。", code="required"))
        return data

    @property
    def query(self) -> Query:
        self.is_valid()
        data = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        name = "days" if since and "period" not in self.data else data.get("period") or "month"
        days = (since, until or max(since, clock.today())) if since and name == "days" else None
        if days and days[1] - days[0] > LONGEST:
            days = (days[0], days[0] + LONGEST)
        if days is None and name == "days":
            name = "month"
        unit = data.get("unit") if sees_district(self.user) else str(self.user.unit_id)
        return Query(
            places=self.places,
            period=name,
            days=days or days_of(name, clock.today()),
            unit=unit or "",
            township=data.get("township") or "",
            category=data.get("category") or "",
            channel=data.get("channel") or "",
            sees_district=sees_district(self.user),
        )


def sees_district(user: User) -> bool:
    return user.has_role(*DISTRICT_WIDE)


def days_of(period: str, today: date) -> tuple[date, date]:
    """First and last day, both included."""
    first = today.replace(day=1)
    match period:
        case "last_month":
            last = first - DAY
            return last.replace(day=1), last
        case "quarter":
            quarter = period_of("quarterly", today)
            return quarter.start, quarter.last_day
        case "year":
            return date(today.year, 1, 1), date(today.year, 12, 31)
    return first, following_month(first) - DAY


@dataclass(frozen=True)
class Query:
    """The question, and what it means for a source of records."""

    places: Places
    period: str
    days: tuple[date, date]
    unit: str = ""
    township: str = ""
    category: str = ""
    channel: str = ""
    sees_district: bool = True
    # Slices of a figure, for the list of its records.
    month: str = ""
    age: str = ""
    stage: str = ""
    level: str = ""

    @cached_property
    def span(self) -> Span:
        if self.month:
            first = date.fromisoformat(f"{self.month}-01")
            return _span(first, following_month(first) - DAY)
        return _span(*self.days)

    @cached_property
    def months(self) -> list[date]:
        """The first days of the months up to the last one of the period that has begun; a year of them at least."""
        last = min(self.days[1], clock.today()).replace(day=1)
        wanted = max(MONTHS_SHOWN, (last.year - self.days[0].year) * 12 + last.month - self.days[0].month + 1)
        return [_months_before(last, back) for back in range(wanted - 1, -1, -1)]

    def month_span(self, first: date) -> Span:
        return _span(first, following_month(first) - DAY)

    def context(self, source: Source) -> Context:
        """A source's share of the question: a unit means what it leads, or the work it owes itself."""
        appeals = self._appeals()
        context = Context(self.places.rules, self.span, self.places.counts_for)
        by_lead = any(source is one for one in BY_LEAD)
        if self.age:
            since, until = came_in(self.age, context)
            appeals = appeals.filter(submitted_at__lt=until)
            appeals = appeals.filter(submitted_at__gte=since) if since else appeals
        if self.unit == NONE:
            appeals = appeals.filter(lead_unit__isnull=True)
        elif self.unit:
            mine = self._units()
            if by_lead:
                appeals = appeals.filter(lead_unit__in=mine)
            else:
                context = replace(context, counts_for=mine, narrowed=True)
        return replace(context, appeals=appeals)

    def _units(self) -> dict[int, int]:
        unit = int(self.unit)
        counts_for = self.places.counts_for
        if counts_for.get(unit, unit) != unit:  # a window: its own work alone, not the unit's above it
            return {unit: unit}
        return {each: target for each, target in counts_for.items() if target == unit}

    def _appeals(self) -> QuerySet[Appeal]:
        appeals = Appeal.objects.filter(district=self.places.district)
        if self.township:
            appeals = appeals.filter(region__in=self.places.under(int(self.township)))
        for field, kind in (("category", "categories"), ("channel", "channels")):
            asked = getattr(self, field)
            if asked == NONE:
                appeals = appeals.exclude(**{f"{field}__in": self.places.rules.codes(kind)})
            elif asked:
                appeals = appeals.filter(**{field: asked})
        return appeals

    def evidence(self, indicator: Indicator) -> QuerySet:
        """The records behind its figure, within the slice that is asked for."""
        found = indicator.evidence(self.context(indicator.source))
        if self.stage:
            found = found.filter(kind=self.stage)
        return found.filter(said_satisfaction=self.level) if self.level else found

    def value(self, indicator: Indicator) -> Any:
        context = self.context(indicator.source)
        return indicator.figure(
            self.evidence(indicator).aggregate(value=indicator.aggregate(None))["value"], context
        )

    # --- The address

    @property
    def parameters(self) -> dict[str, str]:
        since, until = self.days
        chosen = {
            "period": self.period,
            "since": since.isoformat() if self.period == "days" else "",
            "until": until.isoformat() if self.period == "days" else "",
            "unit": self.unit if self.sees_district else "",
            **{name: getattr(self, name) for name in ("township", "category", "channel", *SLICES)},
        }
        return {name: value for name, value in chosen.items() if value}

    def address(self, **changes: str) -> str:
        return urlencode({name: value for name, value in {**self.parameters, **changes}.items() if value})

    @property
    def page_address(self) -> str:
        """Of the page the figure stands on, without its slice."""
        return self.address(**dict.fromkeys(SLICES, ""))

    @property
    def words(self) -> str:
        """What is asked for, in a line above the figures and in every sheet."""
        said = [f"{self.days[0]:%Y-%m-%d} 至 {self.days[1]:%Y-%m-%d}"]
        if self.month:
            said = [f"{self.month} 一个月"]
        rules = self.places.rules
        if self.unit:
            said.append(self.places.unit_name(int(self.unit)) if self.unit != NONE else "未交办")
        if self.township:
            said.append(self.places.township_name(int(self.township)))
        for asked, kind in ((self.category, "categories"), (self.channel, "channels")):
            if asked:
                said.append("未分类或已停用" if asked == NONE else rules.label(kind, asked))
        return "，".join(said)

    @property
    def narrows_appeals(self) -> bool:
        return bool(self.township or self.category or self.channel)


SLICES = ("month", "age", "stage", "level")


class Slice(Asked):
    """A figure's records may be asked for more narrowly than the page: one month, one age, one stage …"""

    month = forms.RegexField(r"^20[0-9]{2}-(0[1-9]|1[0-2])$", required=False)
    age = forms.ChoiceField(choices=[("", ""), *((age, age) for age in AGES)], required=False)
    stage = forms.SlugField(max_length=30, required=False)
    level = forms.SlugField(max_length=30, required=False)

    def __init__(self, data: Mapping[str, Any], *, user: User, places: Places) -> None:
        super().__init__(data, user=user, places=places)
        for name in ("unit", "category", "channel"):
            if name in self.fields:
                field = self.fields[name]
                assert isinstance(field, forms.ChoiceField)
                field.choices = [*list(field.choices), (NONE, NONE)]  # type: ignore[arg-type]
        if "unit" in self.fields:  # closed units and windows have records too
            self._offer(
                "unit", [(str(pk), unit.short_name) for pk, unit in places.units.items()] + [(NONE, NONE)]
            )

    @property
    def query(self) -> Query:
        whole = super().query
        month, age, stage, level = (self.cleaned_data.get(name) or "" for name in SLICES)
        return replace(whole, month=month, age=age, stage=stage, level=level)

    def fits(self, source: Source) -> bool:
        """Whether the slice that is asked for is one of these records."""
        asked = self.cleaned_data
        return (
            not (asked.get("stage") and "stage" not in source.keys)
            and not (asked.get("level") and source is not ANSWERS)
            and not (asked.get("age") and source.appeal is None)
        )


def _span(first: date, last: date) -> Span:
    return Span(start_of(first), start_of(last + DAY))


def _months_before(first: date, back: int) -> date:
    place = first.year * 12 + first.month - 1 - back
    return date(place // 12, place % 12 + 1, 1)
