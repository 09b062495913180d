"""满意度清单: what the firms think of each unit and cadre, source by source.

S1: “健全企业满意度清单”. Appeals, ratings and the survey are not added up: they ask different people different things.
Rates are 基本满意 and better of the valid judgements; who was not reached stands apart, and so does what was found to be
mistaken. The survey is anonymous: what too few firms said of a unit or a cadre is kept beside neither
(``campaigns.satisfaction.services.severing``). A unit's cadres whose figures are not told stand together in one line, so that the
list by cadre tells all that may be told.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Official, Role, Unit, User
from appeals.models import Event, Rating, Revisit, Status
from appeals.querysets import UNIT_ROLES
from campaigns.models import LowRating, ServiceRating, SurveyAnswer, SurveyRound
from campaigns.satisfaction.querysets import rated_work
from campaigns.satisfaction.services.ratings import about, said
from campaigns.satisfaction.services.surveys import quarter_span
from core.charts import BarChart, bar_chart
from districts.models import Region
from districts.profile import Rules
from enterprises.querysets import DISTRICT_WIDE

APPEALS, RATINGS, SURVEY = "appeals", "ratings", "survey"
# A firm's judgement of an appeal is about the unit that answered it, never about one cadre.
SOURCES = {APPEALS: "诉求办理", RATINGS: "服务评价", SURVEY: "季度调查"}


@dataclass
class Tally:
    """The judgements of one source about one unit, cadre or the district."""

    levels: Counter[str] = field(default_factory=Counter)
    not_reached: int = 0
    mistaken: int = 0
    hidden: bool = False
    """Too few of an anonymous source."""

    @property
    def valid(self) -> int:
        return self.levels.total()

    @property
    def any(self) -> bool:
        return bool(self.valid or self.not_reached or self.mistaken)

    def satisfied(self, rules: Rules) -> int:
        return sum(self.levels[level] for level in rules.satisfied_levels)

    def add(self, other: "Tally") -> None:
        self.levels.update(other.levels)
        self.not_reached += other.not_reached
        self.mistaken += other.mistaken


@dataclass(frozen=True)
class Cell:
    """A tally as it is read."""

    text: str
    """The rate; a dash where there is nothing."""
    fraction: str = ""
    note: str = ""
    distribution: tuple[tuple[str, int], ...] = ()
    share: Decimal | None = None
    ranked: bool = False


@dataclass
class Line:
    """One unit, or one cadre of a unit."""

    unit: Unit
    official: Official | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    low: Counter[str] = field(default_factory=Counter)
    """Low ratings by what became of them; "overdue" besides."""
    together: bool = False
    """Those of a unit's cadres whose figures of the survey are not told one by one."""

    @property
    def name(self) -> str:
        if self.official:
            return f"{self.official}（{self.unit}）"
        return f"{self.unit}不单列的干部合计" if self.together else str(self.unit)

    @property
    def open(self) -> int:
        return self.low["open"] + self.low["disputed"]


@dataclass
class SatisfactionList:
    lines: list[Line]
    total: Line | None
    """The district's; only for whoever sees all of it."""
    untold: Line | None
    """Of the survey, the units whose figures are not told, together; for the same readers."""
    rounds: list[SurveyRound]
    minimum: int
    sources: dict[str, str]
    charts: list[BarChart] = field(default_factory=list)

    @property
    def of_the_district(self) -> list[Line]:
        return [line for line in (self.total, self.untold) if line]


def satisfaction_list(
    *, user: User, district: Region, rules: Rules, year: int, quarter: int, by: str = "unit",
    unit: int | None = None,
) -> SatisfactionList:  # fmt: skip
    """A quarter (0: the year), by unit or by cadre, as far as the user sees. A constant number of queries."""
    start, end = quarter_span(year, quarter)
    severed = SurveyRound.objects.filter(district=district, year=year, severed_at__isnull=False)
    if quarter:
        severed = severed.filter(quarter=quarter)
    rounds = list(severed.order_by("quarter"))
    by_cadre = by == "cadre"
    found = {
        APPEALS: {} if by_cadre else _appeals(district, start, end),
        RATINGS: _ratings(district, start, end, by_cadre),
        SURVEY: _survey(rounds, by_cadre),
    }
    if by_cadre:
        del found[APPEALS]
    total = _summed(found)
    total.tallies[SURVEY] = _survey_together(rounds, rules.surveys.minimum)
    untold = Line(Unit(short_name="份数不足的单位合计"), tallies=dict.fromkeys(found, Tally()))
    untold.tallies[SURVEY] = _survey_together(rounds, rules.surveys.minimum, shown=False)
    lines = _lines(found, by_cadre)
    _count_low(lines, district, start, end, by_cadre)
    lines = [line for line in lines if _is_seen(line, user) and (unit is None or line.unit.pk == unit)]
    sees_all = all_is_seen(user, district)
    for line in [*lines, total, untold]:
        line.cells = {name: cell_of(tally, name, rules) for name, tally in line.tallies.items()}
        if line.official and rounds and not line.tallies[SURVEY].any:
            line.cells[SURVEY] = NOT_ALONE
    shown = total if sees_all and unit is None else None
    sources = {name: SOURCES[name] for name in found}
    small = untold if shown and untold.tallies[SURVEY].any else None
    result = SatisfactionList(lines, shown, small, rounds, rules.surveys.minimum, sources)
    drawn = shown.tallies if shown else lines[0].tallies if len(lines) == 1 else {}
    result.charts = [
        chart for name, tally in drawn.items() if (chart := _chart(name, tally, rules)) is not None
    ]
    return result


def latest_round(district: Region) -> SurveyRound | None:
    """The last one with results, for a period that has none."""
    severed = SurveyRound.objects.filter(district=district, severed_at__isnull=False)
    return severed.order_by("-year", "-quarter").first()


def all_is_seen(user: User, district: Region) -> bool:
    return user.unit is not None and user.unit.widest_region.contains(district) and _is_district_wide(user)


def _is_district_wide(user: User) -> bool:
    return user.has_role(*DISTRICT_WIDE)


# --- Counting -------------------------------------------------------------------------------------

Tallies = dict[tuple[int, int | None], Tally]


def _appeals(district: Region, start: Any, end: Any) -> Tallies:
    """Of what was closed: the firm's last own word, else the second revisit's, else the first's.

    The same order as the indicator of the satisfied rate (``reports.indicators.handling``).
    """
    of_appeal = {"appeal": OuterRef("appeal")}
    own = Rating.objects.filter(**of_appeal).order_by("-event_seq", "-pk")
    heard = Revisit.objects.filter(concludes=True, **of_appeal).order_by("-event_seq", "-pk")
    reached = heard.filter(reached=True)
    closings = (
        Event.objects.filter(
            appeal__district=district,
            appeal__lead_unit__isnull=False,
            to_status=Status.CLOSED,
            occurred_at__gte=start,
            occurred_at__lt=end,
        )
        .exclude(from_status=Status.CLOSED)
        .order_by()
        .annotate(
            said=Coalesce(
                Subquery(own.values("satisfaction")[:1]), Subquery(reached.values("satisfaction")[:1])
            ),
            tried=Subquery(heard.values("pk")[:1]),
            ruled=Subquery(own.values("low__state")[:1]),
        )
    )
    tallies: Tallies = {}
    for unit, heard_as, tried, ruled in closings.values_list("appeal__lead_unit", "said", "tried", "ruled"):
        tally = tallies.setdefault((unit, None), Tally())
        if ruled == LowRating.State.UPHELD:
            tally.mistaken += 1
        elif heard_as:
            tally.levels[heard_as] += 1
        elif tried:
            tally.not_reached += 1
    return tallies


def _ratings(district: Region, start: Any, end: Any, by_cadre: bool) -> Tallies:
    rows = ServiceRating.objects.filter(district=district, at__gte=start, at__lt=end).order_by()
    return _grouped(rows.filter(official__isnull=False) if by_cadre else rows, by_cadre)


def _survey(rounds: Sequence[SurveyRound], by_cadre: bool) -> Tallies:
    """What may be told of each round, added up: what one quarter hides cannot be had from the year's sum.

    By cadre, (unit, None) holds the cadres whose figures are not told one by one. By unit, also that there were
    answers about those whose figures are not told, and how many were not reached.
    """
    rows = SurveyAnswer.objects.filter(round__in=rounds, sampled=True, shown=True)
    tallies = _grouped(rows.order_by(), by_cadre)
    if by_cadre:
        return tallies
    for round in rounds:
        for pk, found in round.figures.get("units", {}).items():
            if not pk:
                continue
            key = (int(pk), None)
            if found["answered"]:
                tallies.setdefault(key, Tally(hidden=True))
            if found["unreached"]:
                tallies.setdefault(key, Tally()).not_reached += found["unreached"]
    return tallies


def _survey_together(rounds: Sequence[SurveyRound], minimum: int, **narrowed: bool) -> Tally:
    """The district's, those without a unit included; or those that are told with no unit.

    A round with too few is left out: else the year less the other quarters would tell it.
    """
    rows = SurveyAnswer.objects.filter(round__in=rounds, sampled=True, **narrowed).order_by()
    wrong = Count("pk", filter=Q(low__state=LowRating.State.UPHELD))
    of_round: dict[int, Tally] = {}
    for row in rows.values("round", "level").annotate(n=Count("pk"), wrong=wrong):
        tally = of_round.setdefault(row["round"], Tally())
        tally.levels[row["level"]] += row["n"] - row["wrong"]
        tally.mistaken += row["wrong"]
    told = [tally for tally in of_round.values() if tally.valid + tally.mistaken >= minimum]
    tally = Tally(hidden=bool(of_round) and not told)
    for one in told:
        tally.add(one)
    if not narrowed:
        for round in rounds:
            tally.not_reached += sum(row["unreached"] for row in round.figures.get("strata", {}).values())
    return tally


def _grouped(rows: Any, by_cadre: bool) -> Tallies:
    upheld = Q(low__state=LowRating.State.UPHELD)
    who = ("unit", "official") if by_cadre else ("unit",)
    counted = rows.values(*who, "level").annotate(n=Count("pk"), wrong=Count("pk", filter=upheld))
    tallies: Tallies = {}
    for row in counted:
        tally = tallies.setdefault((row["unit"], row.get("official")), Tally())
        tally.levels[row["level"]] += row["n"] - row["wrong"]
        tally.mistaken += row["wrong"]
    return tallies


def _summed(found: Mapping[str, Tallies]) -> Line:
    total = Line(Unit(short_name="全区"))
    for name, tallies in found.items():
        total.tallies[name] = Tally()
        for tally in tallies.values():
            total.tallies[name].add(tally)
    return total


def _lines(found: Mapping[str, Tallies], by_cadre: bool) -> list[Line]:
    keys: set[tuple[int, int | None]] = {
        key for tallies in found.values() for key, tally in tallies.items() if tally.any or tally.hidden
    }
    units = Unit.objects.select_related("parent", "district").in_bulk({unit for unit, _ in keys})
    officials = Official.objects.in_bulk({official for _, official in keys if official}) if by_cadre else {}
    lines = [
        Line(
            units[unit],
            officials.get(official) if official else None,
            {name: tallies.get((unit, official), Tally()) for name, tallies in found.items()},
            together=by_cadre and official is None,
        )
        for unit, official in keys
    ]
    return sorted(
        lines,
        key=lambda line: (
            line.unit.order,
            line.unit.pk,
            line.together,
            line.official.pk if line.official else 0,
        ),
    )


def _count_low(lines: Iterable[Line], district: Region, start: Any, end: Any, by_cadre: bool) -> None:
    cases = LowRating.objects.filter(district=district, opened_at__gte=start, opened_at__lt=end).order_by()
    who: tuple[str, ...] = ("unit", "official") if by_cadre else ("unit",)
    counted: dict[Hashable, Counter[str]] = {}
    for row in cases.values(*who, "state", "late").annotate(n=Count("pk")):
        states = counted.setdefault((row["unit"], row.get("official")), Counter())
        states[row["state"]] += row["n"]
        states["late"] += row["n"] if row["late"] else 0
    for row in cases.overdue().values(*who).annotate(n=Count("pk")):
        counted[row["unit"], row.get("official")]["overdue"] += row["n"]
    for line in lines:
        line.low = counted.get((line.unit.pk, line.official.pk if line.official else None), Counter())


def _is_seen(line: Line, user: User) -> bool:
    """As ``rated_work`` says it in SQL."""
    if user.unit is None:
        return False
    if _is_district_wide(user) and user.unit.widest_region.contains(line.unit.district):
        return True
    if user.has_role(*UNIT_ROLES) and user.unit_id in {line.unit.pk, line.unit.parent_id}:
        return True
    if line.official is None:
        return user.has_role(Role.WINDOW) and user.unit_id == line.unit.pk
    return user.official_id == line.official.pk


# --- As it is read --------------------------------------------------------------------------------

NOT_ALONE = Cell("不单列", note="份数不足，只计入合计")


def cell_of(tally: Tally, name: str, rules: Rules) -> Cell:
    if tally.hidden:
        return Cell("不足" + str(rules.surveys.minimum) + "份", note="不显示")
    notes = []
    if tally.not_reached:
        notes.append(f"未接通 {tally.not_reached}")
    if tally.mistaken:
        notes.append(f"误评不计 {tally.mistaken}")
    note = "，".join(notes)
    if not tally.valid:
        return Cell("—", note=note)
    part, whole = tally.satisfied(rules), tally.valid
    share = Decimal(part) / Decimal(whole)
    text = f"{(share * 100).quantize(Decimal('0.1'), rounding=ROUND_DOWN)}%"
    distribution = tuple((level.label, tally.levels[level.code]) for level in rules.satisfaction)
    return Cell(text, f"{part}/{whole}", note, distribution, share, whole >= rules.ratings.ranked_from)


def ranks(lines: Iterable[Line], source: str) -> dict[int, int]:
    """Of the units with enough judgements: the best first, equal ones side by side."""
    shares = {
        line.unit.pk: cell.share
        for line in lines
        if (cell := line.cells.get(source)) and cell.ranked and cell.share is not None
    }
    return {pk: 1 + sum(other > share for other in shares.values()) for pk, share in shares.items()}


def _chart(name: str, tally: Tally, rules: Rules) -> BarChart | None:
    if tally.hidden or not tally.valid:
        return None
    bars = [(level.label, tally.levels[level.code], 0) for level in rules.satisfaction]
    return bar_chart(f"{SOURCES[name]}：{tally.valid} 份有效评价", bars)


# --- Words ----------------------------------------------------------------------------------------

MOST_COMMENTS = 50


@dataclass(frozen=True)
class Comment:
    source: str
    level: str
    text: str
    about: str


def comments(*, user: User, rules: Rules, unit: Unit, year: int, quarter: int) -> list[Comment]:
    """What firms wrote about a unit, without who they are; of the survey only where there are enough."""
    start, end = quarter_span(year, quarter)
    ratings = (
        ServiceRating.objects.filter(rated_work(user), unit=unit, at__gte=start, at__lt=end)
        .exclude(comment="")
        .select_related("visit", "event", "enterprise__district", "project__district", "unit", "district")
    )
    found = [
        Comment(
            rating.get_kind_display(), rules.label("satisfaction", rating.level), said(rating), about(rating)
        )
        for rating in ratings[:MOST_COMMENTS]
    ]
    answers = SurveyAnswer.objects.visible_to(user).filter(
        unit=unit, shown=True, sampled=True, round__year=year
    )
    if quarter:
        answers = answers.filter(round__quarter=quarter)
    for answer in answers.select_related("round").order_by("pk")[: MOST_COMMENTS * 4]:
        texts = {question["code"] for question in answer.round.questions if question["kind"] == "text"}
        for code in sorted(texts & set(answer.answers)):
            label = rules.label("satisfaction", answer.level)
            found.append(Comment("季度调查", label, answer.answers[code], answer.round.label))
    return found[: 2 * MOST_COMMENTS]
