"""The parts of the page, each out of a handful of tallies that cost the same at ten units and at a hundred."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from appeals.models import Deadline
from core.charts import BarChart, Shade, bar_chart, depth, line_chart
from core.wording import speak
from reports.indicators import RATES, REGISTRY, Indicator
from reports.indicators.counting import AGES, Values, course, fold, tally
from reports.statistics.asked import NONE, Query
from reports.statistics.shown import (
    FEW,
    Cell,
    Part,
    ShownRate,
    figure,
    muted,
    ranked,
    rate,
    said,
    several,
    shown_rate,
    whole,
)

MOST_BARS = 12
IN_HEADLINE = 3
AGE_LABELS = {
    age: f"{least} 天以上" if most is None else f"{least}–{most} 天" for age, (least, most) in AGES.items()
}
AGE_LABELS["61-"] = "60 天以上"
DIMENSIONS = ("category", "region", "channel", "lead_unit")
NOT_NARROWED = "本表不受乡镇、类别、渠道筛选影响。"
TILES = (
    "on_time_rate", "done_share", "satisfied_rate", "solved_rate", "visit_rate", "refusal_rate", "mean_days",
)  # fmt: skip
SHOWN = ("received", "open", "handle_due", "stage_overdue", "judged", "dispatched_pairs")
"""A line without any of these says nothing."""
Groups = Mapping[Hashable, Values]


@dataclass(frozen=True)
class Stuck:
    """So many clocks of a stage, or of a unit, are overdue, the longest for so many working days."""

    label: str
    overdue: Decimal
    longest: Decimal
    key: Hashable = None
    """The stage, or the unit."""

    @property
    def words(self) -> str:
        return f"{self.label} {whole(self.overdue)} 件超期，{self.lasting}"

    @property
    def lasting(self) -> str:
        return f"最久 {whole(self.longest)} 个工作日" if self.longest else "不到 1 个工作日"


def headline(stages: Sequence[Stuck], units: Sequence[Stuck], unfinished: Decimal, late: Decimal) -> str:
    """Where it is stuck, in one or two sentences made of nothing but figures."""
    standing = f"在办 {whole(unfinished)} 件" + (
        f"，其中 {whole(late)} 件有环节超期。" if late else "，没有超期的。"
    )
    worst = [stage for stage in stages if stage.overdue]
    if not worst:
        return f"现在没有环节超期。{standing}"
    words = "；".join(stage.words for stage in worst[:IN_HEADLINE])
    others = len(worst) - IN_HEADLINE
    more = f"；另有 {others} 个环节超期" if others > 0 else ""
    slow = [f"{unit.label} {whole(unit.overdue)} 件" for unit in units if unit.overdue][:IN_HEADLINE]
    where = f"超期的主要在{'、'.join(slow)}。" if slow else ""
    return f"现在堵在：{words}{more}。{where}{standing}"


class Report:
    def __init__(self, query: Query) -> None:
        self.query, self.places = query, query.places
        self.rules = query.places.rules
        self._count()

    def _count(self) -> None:
        query = self.query
        spans = [query.span, *(query.month_span(month) for month in query.months)]

        def tallied(names: Sequence[str], *by: str) -> dict[tuple[Any, ...], Values]:
            return tally(names, query.context(REGISTRY[names[0]].source), *by)

        def over_time(*names: str) -> list[Values]:
            return course(names, query.context(REGISTRY[names[0]].source), spans)

        courses = zip(over_time("received"), over_time("ended", "closed"), over_time("open"), strict=True)
        self.total, *self.by_month = ({**came, **went, **stayed} for came, went, stayed in courses)
        self.intake = tallied(["received", "received_done"], *DIMENSIONS)
        self.open = tallied(["open", "open_overdue"], *DIMENSIONS, "age")
        self.clocks = tallied(["stage_due", "stage_late", "handle_due", "handle_met"], "stage", "unit")
        self.running = tallied(["stage_running", "stage_overdue", "stage_longest"], "stage", "unit")
        self.answers = tallied(
            ["answered", "redone", "judged", "satisfied", "not_reached", "told_solved", "solved_said"],
            "unit", "satisfaction",
        )  # fmt: skip
        self.visits = tallied(["visits_owed", "visits_made"], "unit")
        self.dispatched = tallied(["dispatched_pairs"], "unit")
        self.refused = tallied(["refused"], "unit")
        self.days = tallied(["closed_days"], "")

    # --- Sums

    @cached_property
    def all(self) -> Values:
        """Everything at once, without groups."""
        found: dict[str, Decimal] = dict(self.total)
        for counted in (
            self.intake, self.open, self.clocks, self.running, self.answers, self.visits, self.dispatched,
            self.refused, self.days,
        ):  # fmt: skip
            found.update(fold(_regrouped(counted, 0, lambda key: None), 0).get(None, {}))
        return found

    def _by(self, dimension: str, group: Callable[[Any], Hashable]) -> dict[Hashable, Values]:
        """Intake and what is open, by a property of the appeal."""
        place = DIMENSIONS.index(dimension)
        return _joined(
            fold(_regrouped(self.intake, place, group), 0),
            fold(_regrouped(self.open, place, group), 0),
        )

    @cached_property
    def by_stage(self) -> dict[Hashable, Values]:
        return _joined(fold(self.running, 0), fold(self.clocks, 0))

    @cached_property
    def by_unit(self) -> dict[Hashable, Values]:
        lifted = self.places.counts_for
        led = self._by("lead_unit", lambda pk: lifted.get(pk, pk))
        work = (self.running, self.clocks)
        alone = (self.answers, self.visits, self.dispatched, self.refused)
        return _joined(led, *(fold(counted, 1) for counted in work), *(fold(counted, 0) for counted in alone))

    @cached_property
    def stuck_stages(self) -> list[Stuck]:
        kinds = dict(Deadline.Kind.choices)
        return _worst(
            (str(kinds.get(str(kind), kind)), values, kind) for kind, values in self.by_stage.items()
        )

    @cached_property
    def stuck_units(self) -> list[Stuck]:
        return _worst((self.places.unit_name(pk), values, pk) for pk, values in fold(self.running, 1).items())

    def stuck_at(self, unit: Hashable) -> Stuck | None:
        """The stage in which most of a unit's clocks are overdue."""
        kinds = dict(Deadline.Kind.choices)
        own = [
            (str(kinds.get(stage, stage)), values, stage)
            for (stage, of), values in self.running.items()
            if of == unit
        ]
        return next((stuck for stuck in _worst(own) if stuck.overdue), None)

    @cached_property
    def headline(self) -> str:
        return headline(
            self.stuck_stages,
            self.stuck_units if self.query.sees_district and not self.query.unit else (),
            self.all.get("open", Decimal(0)),
            self.all.get("open_overdue", Decimal(0)),
        )

    # --- Ways to the records

    def address(self, **changes: str) -> Callable[[Indicator], str]:
        def of(indicator: Indicator) -> str:
            asked = urlencode({"indicator": indicator.name})
            return f"{reverse('reports:statistics_records')}?{asked}&{self.query.address(**changes)}"

        return of

    # --- What the page shows

    @cached_property
    def tiles(self) -> list[ShownRate]:
        return [shown_rate(name, self.all, self.address()) for name in TILES]

    @cached_property
    def figures(self) -> list[tuple[str, Cell]]:
        names = ("received", "ended", "open", "open_overdue")
        return [(REGISTRY[name].label, figure(name, self.all, self.address())) for name in names]

    @cached_property
    def parts(self) -> list[Part]:
        return [
            self.months(),
            self.ages(),
            self.stages(),
            self.units(),
            self.categories(),
            self.townships(),
            self.channels(),
            self.visiting(),
            self.satisfaction(),
        ]

    def part(self, slug: str) -> Part | None:
        return next((part for part in self.parts if part.slug == slug), None)

    def months(self, width: int = 420, height: int = 210) -> Part:
        names = ("received", "ended", "open")
        labels = [f"{month:%y}年{month.month}月" for month in self.query.months]
        lines = [
            (label, [int(values[name]) for values in self.by_month])
            for name, label in zip(names, ("收到", "终结", "在办"), strict=True)
        ]
        rows = [
            [
                said(f"{month.year}年{month.month}月"),
                *(figure(name, values, self.address(month=f"{month:%Y-%m}")) for name in names),
            ]
            for month, values in zip(self.query.months, self.by_month, strict=True)
        ]
        return Part(
            "months", "收到、终结和在办", ("月份", "收到", "终结", "月末在办"), rows[::-1],
            note=f"截至所选时间末的 {len(rows)} 个月，按整月计；“在办”是月末（本月为现在）尚未终结的。",
            lines=line_chart("按月收到、终结和在办（件）", labels, lines, width, height), uses=names,
        )  # fmt: skip

    def ages(self) -> Part:
        found = fold(self.open, len(DIMENSIONS))
        names = ("open", "open_overdue")
        rows = [
            [
                said(AGE_LABELS[age]),
                *(figure(name, found.get(age, {}), self.address(age=age)) for name in names),
            ]
            for age in AGES
        ]
        return Part(
            "ages", "在办多久了", ("收到至今", "在办", "其中超期"), rows,
            note="从收到之日起按自然日计，收到当天为 0 天。浅色为在办，深色为其中有环节超期的。",
            bars=self._bars("在办诉求已过天数（件）", [(AGE_LABELS[age], found.get(age, {})) for age in AGES]),
            uses=names,
        )  # fmt: skip

    def stages(self) -> Part:
        kinds = dict(Deadline.Kind.choices)
        found = sorted(
            self.by_stage.items(),
            key=lambda item: (-item[1].get("stage_overdue", 0), -item[1].get("stage_running", 0), item[0]),
        )
        rows = []
        for kind, values in found:
            to = self.address(stage=str(kind))
            worst = _worst(
                (self.places.unit_name(unit), of, unit)
                for (stage, unit), of in self.running.items()
                if stage == kind
            )
            late = [
                (
                    f"{unit.label} {whole(unit.overdue)}",
                    self.address(stage=str(kind), unit=str(unit.key))(REGISTRY["stage_overdue"]),
                )
                for unit in worst
                if unit.overdue
            ]
            more = f" 等 {len(late)} 个单位" if len(late) > IN_HEADLINE else ""
            rows.append(
                [
                    said(str(kinds.get(str(kind), kind))),
                    figure("stage_running", values, to),
                    figure("stage_overdue", values, to),
                    figure("stage_longest", values, to),
                    figure("stage_due", values, to),
                    rate("late_share", values, to),
                    several(late[:IN_HEADLINE], more) if late else muted("—"),
                ]
            )
        return Part(
            "stages", "慢在哪个环节",
            ("环节", "在走", "现在超期", "最久（工作日）", "期内到期", "超期比例", "超期在哪些单位"), rows,
            note="“在走”“现在超期”“最久”是现在的情况，不受时间筛选影响；“期内到期”和“超期比例”按所选时间。",
            bars=_overdue_bars("现在超期的环节（件）", self.stuck_stages),
            uses=("stage_running", "stage_overdue", "stage_longest", "stage_due", "late_share"),
        )  # fmt: skip

    def units(self) -> Part:
        """Ranked by what was done in time, and never without the stage at which a unit is stuck."""
        numbers = {unit.pk: (unit.order, unit.pk) for unit in self.places.units.values()}
        entries = sorted(
            ((pk, values) for pk, values in self.by_unit.items() if _says_something(values)),
            key=lambda entry: (-entry[1].get("stage_overdue", 0), numbers.get(entry[0], (0, 0))),  # type: ignore[call-overload]
        )
        rows = []
        for rank, (pk, values) in ranked(entries, lambda entry: RATES["on_time_rate"].of(entry[1])):
            to = self.address(unit=str(pk) if pk is not None else NONE)
            stuck = self.stuck_at(pk)
            stuck_url = (
                self.address(unit=str(pk), stage=str(stuck.key))(REGISTRY["stage_overdue"]) if stuck else ""
            )
            rows.append(
                [
                    said(self.places.unit_name(pk)),
                    Cell(str(rank), number=True) if rank else Cell(FEW, muted=True, number=True),
                    figure("open", values, to),
                    figure("open_overdue", values, to),
                    rate("on_time_rate", values, to),
                    said(f"{stuck.label} {whole(stuck.overdue)} 件，{stuck.lasting}", stuck_url)
                    if stuck
                    else muted("没有超期"),
                    rate("satisfied_rate", values, to),
                    rate("refusal_rate", values, to),
                ]
            )
        return Part(
            "units", "按单位", ("单位", "位次", "在办", "其中超期", "按时办结率", "堵在哪里", "满意率", "说“不”率"),
            rows,
            note="“在办”按主办单位，其余按办理、回访的责任单位。按按时办结率由高到低；应办结不满 10 件的不排名，列在后面。"
            "“堵在哪里”是现在超期最多的环节，含协办、回访。",
            bars=_overdue_bars("各单位现在超期的环节（件）", self.stuck_units),
            uses=("open", "open_overdue", "on_time_rate", "satisfied_rate", "refusal_rate", "stage_overdue"),
        )  # fmt: skip

    def categories(self) -> Part:
        known = self.rules.codes("categories")
        found = self._by("category", lambda code: code if code in known else NONE)
        labels = [*self.rules.choices("categories"), (NONE, "未分类或已停用")]
        return self._appeal_part("categories", "按类别", "类别", "category", labels, found)

    def channels(self) -> Part:
        known = self.rules.codes("channels")
        found = self._by("channel", lambda code: code if code in known else NONE)
        labels = [*self.rules.choices("channels"), (NONE, "其他或已停用")]
        return self._appeal_part("channels", "按来源渠道", "来源渠道", "channel", labels, found)

    def townships(self) -> Part:
        lifted = self.places.townships
        found = self._by("region", lambda pk: str(lifted.get(pk, self.places.district.pk)))
        labels = self.places.township_choices
        part = self._appeal_part(
            "townships", speak("按乡镇办、园区"), speak("乡镇办、园区"), "township", labels, found
        )
        most = max((int(values.get("open", 0)) for values in found.values()), default=0)
        shades = [
            Shade(
                label,
                f"在办 {int(values.get('open', 0))} 件"
                + (f"，超期 {late} 件" if (late := int(values.get("open_overdue", 0))) else ""),
                depth(int(values.get("open", 0)), most),
                self.address(township=pk)(REGISTRY["open"]) if values.get("open") else "",
            )
            for pk, label in labels
            if (values := found.get(pk, {})) or pk != str(self.places.district.pk)
        ]
        return Part(
            part.slug, part.title, part.headers, part.rows, f"颜色越深，在办越多。{part.note}", shades=shades, uses=part.uses,
        )  # fmt: skip

    def _appeal_part(
        self, slug: str, title: str, header: str, parameter: str, labels: list[tuple[str, str]], found: Groups
    ) -> Part:
        """Of one property of appeals: those with the most cases first, which leaves the few ones at the end."""
        shown = [(code, label) for code, label in labels if _says_something(found.get(code, {}))]
        shown.sort(key=lambda one: -found[one[0]].get("received", 0))
        rows = []
        for code, label in shown:
            values, to = found[code], self.address(**{parameter: code})
            few = RATES["done_share"].of(values).is_small
            rows.append(
                [
                    said(label),
                    figure("received", values, to),
                    rate("done_share", values, to),
                    figure("open", values, to),
                    figure("open_overdue", values, to),
                    muted(FEW) if few else said(""),
                ]
            )
        most_open = sorted(
            ((label, found[code]) for code, label in shown), key=lambda one: -one[1].get("open", 0)
        )
        return Part(
            slug, title, (header, "收到", "办结比例", "在办", "其中超期", "说明"), rows,
            note="按收到件数由多到少，不按比例排名；“在办”是期末的。",
            bars=self._bars(f"{title}的在办诉求（件）", most_open),
            uses=("received", "done_share", "open", "open_overdue"),
        )  # fmt: skip

    def visiting(self) -> Part:
        found = fold(self.visits, 0)
        numbers = {unit.pk: (unit.order, unit.pk) for unit in self.places.units.values()}
        entries = sorted(found.items(), key=lambda entry: numbers.get(entry[0], (0, 0)))  # type: ignore[call-overload]
        rows = []
        for rank, (pk, values) in ranked(entries, lambda entry: RATES["visit_rate"].of(entry[1])):
            to = self.address(unit=str(pk))
            rows.append(
                [
                    said(self.places.unit_name(pk)),
                    Cell(str(rank), number=True) if rank else Cell(FEW, muted=True, number=True),
                    figure("visits_owed", values, to),
                    figure("visits_made", values, to),
                    rate("visit_rate", values, to),
                ]
            )
        shown = sorted(entries, key=lambda entry: -entry[1].get("visits_owed", 0))[:MOST_BARS]
        bars = [
            (self.places.unit_name(pk), int(values.get("visits_owed", 0)), int(values.get("visits_made", 0)))
            for pk, values in shown
        ]
        return Part(
            "visits", "走访完成", ("单位", "位次", "应走访", "已走访", "走访完成率"), rows,
            note="计入牵头干部所在单位，按期末所在的走访周期。应走访不满 10 家的不排名。"
            f"浅色为应走访，深色为已走访。{NOT_NARROWED}",
            bars=bar_chart("各单位应走访和已走访（家）", bars, parts=True) if bars else None,
            uses=("visits_owed", "visits_made", "visit_rate"),
        )  # fmt: skip

    def satisfaction(self) -> Part:
        found = fold(self.answers, 1)
        levels = [
            (
                label,
                found.get(code, {}).get("judged", Decimal(0)),
                self.address(level=code)(REGISTRY["judged"]),
            )
            for code, label in self.rules.choices("satisfaction")
        ]
        missed = self.all.get("not_reached", Decimal(0))
        levels.append(("未接通", missed, self.address()(REGISTRY["not_reached"])))
        rows = [
            [said(label), Cell(whole(value), url if value else "", number=True)]
            for label, value, url in levels
        ]
        return Part(
            "satisfaction", "企业满意吗", ("评价", "件次"), rows,
            note="未接通的单独列出，不算满意也不算不满意。满意率和解决率分开统计，见页首。",
            bars=bar_chart("企业评价（件次）", [(label, int(value), int(value)) for label, value, _ in levels]),
            uses=("judged", "not_reached", "satisfied_rate", "solved_rate"),
        )  # fmt: skip

    @staticmethod
    def _bars(title: str, groups: Sequence[tuple[str, Values]]) -> BarChart:
        shown = [(label, int(of.get("open", 0)), int(of.get("open_overdue", 0))) for label, of in groups]
        return bar_chart(title, shown[:MOST_BARS], parts=True)


def _regrouped(
    counted: Mapping[tuple[Any, ...], Values], place: int, group: Callable[[Any], Hashable]
) -> dict[tuple[Any, ...], Values]:
    """Keys that begin with the group wanted, and stay as many as they were."""
    return {(group(key[place]), *key): values for key, values in counted.items()}


def _joined(*several: Groups) -> dict[Hashable, Values]:
    joined: dict[Hashable, dict[str, Decimal]] = {}
    for groups in several:
        for key, values in groups.items():
            joined.setdefault(key, {}).update(values)
    return dict(joined)


def _worst(groups: Any) -> list[Stuck]:
    zero = Decimal(0)
    found = [
        Stuck(label, values.get("stage_overdue", zero), values.get("stage_longest", zero), key)
        for label, values, key in groups
    ]
    return sorted(found, key=lambda one: (-one.overdue, -one.longest, one.label))


def _overdue_bars(title: str, stuck: Sequence[Stuck]) -> BarChart | None:
    bars = [(one.label, int(one.overdue), int(one.overdue)) for one in stuck if one.overdue]
    return bar_chart(title, bars[:MOST_BARS]) if bars else None


def _says_something(values: Values) -> bool:
    return any(values.get(name) for name in SHOWN)
