"""The figures of a bulletin: counted once by the registry of indicators, each with the records behind it.

A figure is asked for as a template writes it, ``{received}``, ``{received.change:件}``, ``{on_time_rate.full}``,
and is kept under these very words as its key; a unit's figure has the unit's id after an @.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.timezone import localtime

from accounts.models import Unit
from appeals.refusal_figures import RANKED_FROM
from districts.models import Region
from districts.profile import Rules
from districts.reporting import WORDS, BulletinSection, placeholders
from districts.workdays import SHANGHAI
from reports.indicators import RATES, REGISTRY, Context, Indicator, Rate, Ratio
from reports.indicators.counting import context_for, count
from reports.spans import COUNTED_FOR

ZERO = Decimal(0)
NOBODY = 0
"""In the evidence: records that count for no unit yet."""
Figures = dict[str, dict[str, Any]]


@dataclass(frozen=True, order=True)
class Month:
    year: int
    month: int

    @property
    def start(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=SHANGHAI)

    @property
    def end(self) -> datetime:
        """The first moment of the next month."""
        year, month = divmod(self.year * 12 + self.month, 12)
        return datetime(year, month + 1, 1, tzinfo=SHANGHAI)

    @property
    def previous(self) -> Month:
        return Month(self.year - 1, 12) if self.month == 1 else Month(self.year, self.month - 1)

    @classmethod
    def of(cls, moment: datetime | date) -> Month:
        day = localtime(moment, SHANGHAI) if isinstance(moment, datetime) else moment
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year}年{self.month}月"


@dataclass
class Counted:
    """Everything a bulletin says in numbers, and the ids behind them by indicator and unit."""

    figures: Figures = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By the code of the section."""
    evidence: dict[str, dict[int, list[int]]] = field(default_factory=dict)


def wanted(sections: Iterable[BulletinSection]) -> list[tuple[str, str, str]]:
    """(name, part, measure word) of every figure the texts ask for."""
    found = dict.fromkeys(
        (name, part, measure)
        for section in sections
        for _, name, part, measure in placeholders(section.text)
        if name and name not in WORDS
    )
    return list(found)


def unknown_names(rules: Rules) -> list[str]:
    """What the bulletin or the assessment of a profile ask for and no registry knows, in Chinese."""
    errors = []
    for section in (*rules.bulletin.monthly, *rules.bulletin.cases):
        where = f"bulletin 的“{section.name}”"
        for name, part, _ in wanted([section]):
            if name not in RATES and (name not in REGISTRY or part not in ("", "change")):
                errors.append(f"{where}：没有指标 {name}{'.' + part if part else ''}")
        errors += [
            f"{where}：没有指标 {name}"
            for name in section.columns
            if name not in RATES and name not in REGISTRY
        ]
        if section.ranked_by and section.ranked_by not in RATES:
            errors.append(f"{where}：只能按比率排名，{section.ranked_by} 不是比率")
    for item in rules.assessment.items:
        rate = RATES.get(item.rate_name)
        if rate is None:
            errors.append(f"assessment 的“{item.label}”：没有比率 {item.rate_name}")
        elif item.rule.kind == "deduction" and rate.measure != "%":
            errors.append(f"assessment 的“{item.label}”：{rate.label}不是比例，不能按件扣分")
        elif item.rule.kind == "linear" and (item.rule.target > item.rule.floor) != (rate.better == "high"):
            order = "大于" if rate.better == "high" else "小于"
            errors.append(f"assessment 的“{item.label}”：{rate.label}的满分值应{order}起分值")
    return errors


def count_month(
    district: Region, rules: Rules, month: Month, sections: tuple[BulletinSection, ...]
) -> Counted:
    """All figures of a month. A query a source and one an indicator, whatever the number of units."""
    context = context_for(district, rules, month.start, month.end)
    texts = wanted(sections)
    columns = {name for section in sections for name in section.columns}
    behind = {name for name, part, _ in texts if part == "behind"}
    changing = {name for name, part, _ in texts if part == "change"}
    names = {name for name, _, _ in texts} | columns
    values = count(_indicators(names), context).get(None, {})
    before: Mapping[str, Decimal] = {}
    if changing:
        last = context_for(district, rules, month.previous.start, month.previous.end)
        before = count(_indicators(changing), last).get(None, {})
    by_unit = count(_indicators(columns | behind), context, "unit") if columns or behind else {}
    units = {unit.pk: unit for unit in Unit.objects.filter(district=district).order_by("order", "pk")}
    counted = Counted(evidence={name: records_of(REGISTRY[name], context) for name in _indicators(names)})
    for name, part, measure in texts:
        key = key_of(name, part, measure)
        counted.figures[key] = _figure(name, part, measure, values, before, by_unit, units)
    for section in sections:
        if section.kind == "table":
            counted.tables[section.code] = _table(section, values, by_unit, units, counted.figures)
    return counted


def key_of(name: str, part: str = "", measure: str = "", unit: int | None = None) -> str:
    key = f"{name}.{part}" if part else name
    key += f":{measure}" if measure else ""
    return f"{key}@{unit}" if unit else key


def _indicators(names: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in sorted(names):
        parts = RATES[name].indicators if name in RATES else (REGISTRY[name],)
        found.update(dict.fromkeys(indicator.name for indicator in parts))
    return list(found)


def records_of(indicator: Indicator, context: Context) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = indicator.evidence(context).order_by("pk").values_list("pk", COUNTED_FOR)
    for pk, unit in dict.fromkeys(rows):
        found.setdefault(unit or NOBODY, []).append(pk)
    return found


def _figure(
    name: str, part: str, measure: str, values: Mapping[str, Decimal], before: Mapping[str, Decimal],
    by_unit: Mapping[Hashable, Mapping[str, Decimal]], units: Mapping[int, Unit],
) -> dict[str, Any]:  # fmt: skip
    rate = RATES.get(name)
    if rate is None:
        value = values.get(name, ZERO)
        text = changed(value, before.get(name, ZERO), measure) if part == "change" else plain(value)
        return _entry(REGISTRY[name].label, REGISTRY[name].definition, text, value, None, [name], [])
    ratio = rate.of(values)
    match part:
        case "part":
            return _of_indicator(rate.numerator, ratio.part)
        case "whole":
            text = plain(ratio.whole)
            names = [indicator.name for indicator in rate.denominator]
            definition = "".join(str(indicator.definition) for indicator in rate.denominator)
            return _entry(rate.denominator_label, definition, text, ratio.whole, None, names, [])
        case "change":
            text = _ratio_changed(ratio, rate.of(before))
        case "behind":
            text = _behind(rate, measure, by_unit, units)
        case "full":
            text = full(ratio)
        case _:
            text = ratio.text
    return _of_rate(rate, ratio, text)


def _of_indicator(indicator: Indicator, value: Decimal, unit: int | None = None) -> dict[str, Any]:
    return _entry(
        indicator.label, indicator.definition, plain(value), value, None, [indicator.name], [], unit
    )


def _of_rate(rate: Rate, ratio: Ratio, text: str, unit: int | None = None) -> dict[str, Any]:
    whole = [indicator.name for indicator in rate.denominator]
    return _entry(
        rate.label, rate.full_definition, text, ratio.part, ratio.whole, [rate.numerator.name], whole, unit
    )


def _entry(
    label: str, definition: str, text: str, value: Decimal, whole: Decimal | None, part_of: list[str],
    whole_of: list[str], unit: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """``of``: the indicators whose records are the figure, or a rate's numerator; ``among``: its denominator."""
    return {
        "label": label,
        "definition": definition,
        "text": text,
        "value": plain(value),
        "whole": None if whole is None else plain(whole),
        "of": part_of,
        "among": whole_of,
        "unit": unit,
    }


def _table(
    section: BulletinSection, values: Mapping[str, Decimal],
    by_unit: Mapping[Hashable, Mapping[str, Decimal]], units: Mapping[int, Unit], figures: Figures,
) -> dict[str, Any]:  # fmt: skip
    """Units with enough cases by their rank, the others after them in the order of the offices."""
    rate = RATES.get(section.ranked_by)
    shares: dict[int, Decimal] = {}
    shown = []
    for pk, unit in units.items():
        own = by_unit.get(pk, {})
        if not any(own.get(name) for name in _indicators(section.columns)):
            continue
        shown.append(unit)
        if rate and not (ratio := rate.of(own)).is_small:
            shares[pk] = ratio.share or ZERO
    sign = -1 if rate is None or rate.better == "high" else 1
    ranks = {
        pk: 1 + sum(sign * other < sign * share for other in shares.values()) for pk, share in shares.items()
    }
    shown.sort(key=lambda unit: (unit.pk not in ranks, ranks.get(unit.pk, 0), unit.order, unit.pk))
    rows = [
        {
            "unit": unit.pk,
            "name": unit.short_name,
            "rank": ranks.get(unit.pk),
            "cells": _cells(section, by_unit.get(unit.pk, {}), figures, unit.pk),
        }
        for unit in shown
    ]
    columns = [
        {"label": RATES[name].label, "definition": RATES[name].full_definition}
        if name in RATES
        else {"label": REGISTRY[name].label, "definition": REGISTRY[name].definition}
        for name in section.columns
    ]
    return {
        "columns": columns,
        "rows": rows,
        "total": _cells(section, values, figures, None),
        "ranked": bool(rate),
        "ranked_from": RANKED_FROM,
        "ranked_by": rate.label if rate else "",
    }


def _cells(
    section: BulletinSection, values: Mapping[str, Decimal], figures: Figures, unit: int | None
) -> list[str]:
    keys = []
    for name in section.columns:
        key = key_of(name, "full" if name in RATES else "", unit=unit)
        if name in RATES:
            ratio = RATES[name].of(values)
            figures[key] = _of_rate(RATES[name], ratio, full(ratio) if ratio.whole else "—", unit)
        else:
            figures[key] = _of_indicator(REGISTRY[name], values.get(name, ZERO), unit)
        keys.append(key)
    return keys


# --- In words -------------------------------------------------------------------------------------


def plain(value: Decimal) -> str:
    """134 or 12.5, as numbers stand in running official text: no separators."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def full(ratio: Ratio) -> str:
    return f"{ratio.text}（{plain(ratio.part)}/{plain(ratio.whole)}）"


def changed(now: Decimal, before: Decimal, measure: str) -> str:
    """比上月增加11件、增长8.2%. The percentage only where the month before had enough to be a measure."""
    if now == before:
        return "与上月持平"
    more = now > before
    text = f"比上月{'增加' if more else '减少'}{plain(abs(now - before))}{measure}"
    if before >= RANKED_FROM:
        percent = (abs(now - before) / before * 100).quantize(Decimal("0.1"))
        text += f"、{'增长' if more else '下降'}{percent}%"
    return text


def _ratio_changed(now: Ratio, before: Ratio) -> str:
    """From the figures as they are printed, so that the reader can check."""
    if not now.whole or not before.whole:
        return "上月或本月没有这类件次，不作比较"
    difference = Decimal(now.text.rstrip("%")) - Decimal(before.text.rstrip("%"))
    if not difference:
        return "与上月持平"
    if now.measure == "%":
        return f"比上月{'提高' if difference > 0 else '下降'}{abs(difference)}个百分点"
    return f"比上月{'增加' if difference > 0 else '减少'}{abs(difference)}{now.measure}"


def _behind(
    rate: Rate, measure: str, by_unit: Mapping[Hashable, Mapping[str, Decimal]], units: Mapping[int, Unit]
) -> str:
    """区税务局2次、老洲乡1次: whose cases are in the denominator and not in the numerator (or the other way round)."""
    missing = []
    for pk, unit in units.items():
        ratio = rate.of(by_unit.get(pk, {}))
        left = ratio.whole - ratio.part if rate.better == "high" else ratio.part
        if left > 0:
            missing.append((-left, unit.order, unit.pk, f"{unit.short_name}{plain(left)}{measure}"))
    return "、".join(text for *_, text in sorted(missing)) or "无"
