"""From values to points, by the rules of the profile. Pure: no database, no clock.

Everything is computed from figures as they are printed, to two decimals, so that whoever checks a point with a
pocket calculator gets the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from districts.reporting import AssessmentItem, DeductionRule, LinearRule
from reports.indicators.base import Rate

CENT = Decimal("0.01")
FULL = Decimal(100)


def rounded(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def exact(number: float) -> Decimal:
    """A number of the profile: 0.1 is a tenth."""
    return Decimal(str(number))


def said(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True)
class MonthResult:
    """What one month's bulletin says of a unit."""

    month: int
    bulletin: int
    number: str
    part: Decimal
    whole: Decimal

    def value(self, measure: str) -> Decimal:
        return rounded(self.part / self.whole * (100 if measure == "%" else 1))


@dataclass(frozen=True)
class Measured:
    """What one unit did in respect of one item."""

    part: Decimal = Decimal(0)
    whole: Decimal = Decimal(0)
    months: tuple[MonthResult, ...] = ()


@dataclass
class Scored:
    measured: Measured
    value: Decimal | None = None
    """Without one the item is not scored."""
    weight: Decimal | None = None
    points: Decimal | None = None
    basis: list[str] = field(default_factory=list)


def score_unit(
    items: Sequence[AssessmentItem], rates: Mapping[str, Rate], measured: Mapping[str, Measured]
) -> dict[str, Scored]:
    """Every item of one unit; the weight of those that cannot be scored is shared out by proportion."""
    scored = {item.code: _valued(item, rates[item.rate_name], measured[item.code]) for item in items}
    counting = [item for item in items if scored[item.code].value is not None]
    weights = shared_out(items, [item.code for item in counting])
    for item in items:
        result = scored[item.code]
        if result.value is None:
            continue
        result.weight = weights[item.code]
        _point(item, rates[item.rate_name], result)
        if result.weight != exact(item.weight):
            others = "、".join(f"“{other.label}”" for other in items if other not in counting)
            result.basis.insert(
                0,
                f"{others}不计分，权重按比例分到其他项：本项由 {said(exact(item.weight))} 分调整为 {said(result.weight)} 分。",
            )
    return scored


def shared_out(items: Sequence[AssessmentItem], counting: Sequence[str]) -> dict[str, Decimal]:
    """The weights of the items that count, together 100; the last one takes what rounding leaves."""
    kept = [item for item in items if item.code in counting]
    total = sum((exact(item.weight) for item in kept), Decimal(0))
    weights: dict[str, Decimal] = {}
    for item in kept[:-1]:
        weights[item.code] = rounded(exact(item.weight) * FULL / total)
    if kept:
        weights[kept[-1].code] = FULL - sum(weights.values(), Decimal(0))
    return weights


def own_weight(items: Iterable[AssessmentItem], scored: Mapping[str, Scored]) -> Decimal:
    """How much of the profile's 100 points could be scored."""
    counted = (exact(item.weight) for item in items if scored[item.code].value is not None)
    return sum(counted, Decimal(0))


def ranks(totals: Mapping[int, Decimal]) -> dict[int, int]:
    """The highest first, equal totals side by side."""
    return {key: 1 + sum(other > total for other in totals.values()) for key, total in totals.items()}


def _valued(item: AssessmentItem, rate: Rate, measured: Measured) -> Scored:
    result = Scored(measured)
    if measured.whole < item.min_cases:
        result.basis.append(
            f"{rate.denominator_label} {said(measured.whole)}，不足 {item.min_cases}，不计分，权重分到其他项。"
        )
        return result
    if item.source == "bulletins":
        values = [month.value(rate.measure) for month in measured.months]
        result.value = rounded(sum(values, Decimal(0)) / len(values))
        each = "、".join(
            f"{month.month}月 {said(value)}{_sign(rate)}（{said(month.part)}/{said(month.whole)}）"
            for month, value in zip(measured.months, values, strict=True)
        )
        average = f"{len(values)} 个月平均 {said(result.value)}{_sign(rate)}。"
        result.basis.append(f"各月通报中的{rate.label}：{each}，{average}")
        return result
    result.value = rounded(measured.part / measured.whole * (100 if rate.measure == "%" else 1))
    result.basis.append(
        f"{rate.label}＝{rate.numerator.label} {said(measured.part)} ÷ {rate.denominator_label} "
        f"{said(measured.whole)}＝{said(result.value)}{_sign(rate)}。"
    )
    return result


def _point(item: AssessmentItem, rate: Rate, result: Scored) -> None:
    assert result.value is not None and result.weight is not None
    rule = item.rule
    if isinstance(rule, DeductionRule):
        wrong = (
            result.measured.whole - result.measured.part if rate.better == "high" else result.measured.part
        )
        own = exact(item.weight)
        left = max(Decimal(0), own - exact(rule.per_case) * wrong)
        result.points = rounded(left / own * result.weight)
    else:
        floor, target = exact(rule.floor), exact(rule.target)
        share = min(Decimal(1), max(Decimal(0), (result.value - floor) / (target - floor)))
        result.points = rounded(share * result.weight)
    result.basis += [rule_in_words(item, rate), _calculation(item, rate, result)]


def rule_in_words(item: AssessmentItem, rate: Rate) -> str:
    rule, sign = item.rule, _sign(rate)
    if isinstance(rule, DeductionRule):
        what = "每有 1 件次没有做到" if rate.better == "high" else "每有 1 件次"
        return f"计分办法：{what}扣 {said(exact(rule.per_case))} 分，扣完为止。"
    beyond = ("及以下", "及以上") if rule.target > rule.floor else ("及以上", "及以下")
    floor, target = said(exact(rule.floor)), said(exact(rule.target))
    return f"计分办法：{floor}{sign} {beyond[0]}不得分，{target}{sign} {beyond[1]}得满分，其间按比例计分。"


def _calculation(item: AssessmentItem, rate: Rate, result: Scored) -> str:
    assert result.value is not None and result.weight is not None and result.points is not None
    rule, weight, points = item.rule, said(result.weight), said(result.points)
    if isinstance(rule, LinearRule):
        floor, target = exact(rule.floor), exact(rule.target)
        share = (result.value - floor) / (target - floor)
        if share <= 0:
            return "得 0 分。"
        if share >= 1:
            return f"得满分 {weight} 分。"
        above, span = said(abs(result.value - floor)), said(abs(target - floor))
        way = f"（{said(result.value)}－{said(floor)}）÷（{said(target)}－{said(floor)}）"
        if target < floor:
            way = f"（{said(floor)}－{said(result.value)}）÷（{said(floor)}－{said(target)}）"
        return f"{way}×{weight}＝{above}÷{span}×{weight}＝{points} 分。"
    wrong = result.measured.whole - result.measured.part if rate.better == "high" else result.measured.part
    own = exact(item.weight)
    off = f"{said(own)}－{said(exact(rule.per_case))}×{said(wrong)}"
    if result.weight == own:
        return f"{off}＝{points} 分。" if result.points else f"{off}，扣完，得 0 分。"
    return f"（{off}）÷{said(own)}×{weight}＝{points} 分。" if result.points else f"{off}，扣完，得 0 分。"


def _sign(rate: Rate) -> str:
    return "%" if rate.measure == "%" else " 天"
