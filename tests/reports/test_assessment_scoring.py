"""Points from values, counted by hand."""

from decimal import Decimal

import pytest

from districts.reporting import Assessment, AssessmentItem
from districts.schema import ProfileError, validated
from reports.assessments.scoring import Measured, MonthResult, ranks, score_unit, shared_out
from reports.indicators import RATES


def item(code: str = "a", weight: float = 100, **fields) -> AssessmentItem:
    data = {"source": "rate", "rate": "on_time_rate", "rule": {"kind": "linear", "floor": 60, "target": 95}}
    return AssessmentItem.model_validate(
        {"code": code, "label": code.upper(), "weight": weight} | data | fields
    )


def points(one: AssessmentItem, part: int, whole: int) -> Decimal | None:
    return score_unit([one], RATES, {one.code: Measured(Decimal(part), Decimal(whole))})[one.code].points


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (60, 100, "0"), (59, 100, "0"), (0, 10, "0"), (95, 100, "100"), (100, 100, "100"),
        (775, 1000, "50"), (842, 1000, "69.14"), (64, 76, "69.17"),
    ],
)  # fmt: skip
def test_between_floor_and_target_points_grow_in_proportion(part, whole, expected):
    """84.21 % of 64/76: (84.21 - 60) / 35 × 100 = 69.17."""
    assert points(item(), part, whole) == Decimal(expected)


@pytest.mark.parametrize(
    ("part", "expected"), [(0, "30"), (5, "30"), (10, "20"), (15, "10"), (20, "0"), (40, "0")]
)
def test_where_less_is_better_the_floor_lies_above_the_target(part, expected):
    redo = item(weight=30, rate="redo_rate", rule={"kind": "linear", "floor": 20, "target": 5})
    # One item alone carries 100 points; a second one of 70 keeps its weight at 30.
    other = item("b", 70)
    scored = score_unit(
        [redo, other],
        RATES,
        {"a": Measured(Decimal(part), Decimal(100)), "b": Measured(Decimal(1), Decimal(100))},
    )
    assert scored["a"].points == Decimal(expected)


def test_a_deduction_takes_points_for_each_case_that_went_wrong_down_to_nothing():
    late = item(rule={"kind": "deduction", "per_case": 2.5})
    redo = item(rate="redo_rate", rule={"kind": "deduction", "per_case": 2.5})
    assert points(late, 17, 20) == Decimal("92.50")  # three not in time
    assert points(redo, 3, 20) == Decimal("92.50")  # three done again
    assert points(late, 0, 50) == Decimal(0)


def test_months_are_averaged_each_weighing_the_same():
    months = tuple(
        MonthResult(month, month, "", Decimal(part), Decimal(whole))
        for month, part, whole in ((8, 1, 1), (9, 20, 40), (10, 3, 4))
    )
    one = item(source="bulletins")
    scored = score_unit([one], RATES, {"a": Measured(Decimal(24), Decimal(45), months)})["a"]
    assert scored.value == Decimal("75.00")  # (100 + 50 + 75) / 3, not 24/45
    assert scored.points == Decimal("42.86")


def test_an_item_with_too_few_cases_is_not_scored_and_its_weight_is_shared_out():
    items = [item("a", 40), item("b", 30, min_cases=5), item("c", 30)]
    measured = {
        "a": Measured(Decimal(9), Decimal(9)),
        "b": Measured(Decimal(5), Decimal(5)),
        "c": Measured(Decimal(95), Decimal(100)),
    }
    scored = score_unit(items, RATES, measured)
    assert scored["a"].points is None and "不足 10" in scored["a"].basis[0]
    assert (scored["b"].weight, scored["c"].weight) == (Decimal("50.00"), Decimal("50.00"))
    assert sum(scored[code].points for code in "bc") == 100
    assert "由 30 分调整为 50 分" in scored["b"].basis[0]


def test_shared_out_weights_always_make_a_hundred():
    items = [item(code, weight) for code, weight in (("a", 33), ("b", 33), ("c", 17), ("d", 17))]
    for counting in ("abc", "abd", "acd", "bcd", "ab", "d", "abcd"):
        assert sum(shared_out(items, list(counting)).values()) == 100
    assert shared_out(items, []) == {}


def test_how_a_point_was_computed_can_be_followed_with_a_calculator():
    one = item()
    scored = score_unit([one], RATES, {"a": Measured(Decimal(64), Decimal(76))})["a"]
    assert scored.basis == [
        "按时办结率＝按时办结件次 64 ÷ 应办结件次 76＝84.21%。",
        "计分办法：60% 及以下不得分，95% 及以上得满分，其间按比例计分。",
        "（84.21－60）÷（95－60）×100＝24.21÷35×100＝69.17 分。",
    ]


def test_equal_totals_share_a_rank():
    totals = {1: Decimal(90), 2: Decimal(80), 3: Decimal(90), 4: Decimal(70)}
    assert ranks(totals) == {1: 1, 3: 1, 2: 3, 4: 4}


def test_what_a_profile_may_not_say():
    good = item(weight=100).model_dump()
    for data, reason in (
        ({"items": [good | {"weight": 60}]}, "权重之和应为 100"),
        ({"items": [good | {"weight": 50}, good | {"weight": 50}]}, "重复"),
        ({"items": [good | {"rule": {"kind": "linear", "floor": 60, "target": 60}}]}, "不能相同"),
        ({"items": [good | {"source": "bulletins", "rule": {"kind": "deduction", "per_case": 1}}]}, "只能用 linear"),
        ({"items": [good | {"source": "gossip"}]}, "只能是"),
    ):  # fmt: skip
        with pytest.raises(ProfileError) as error:
            validated(Assessment, data, "assessment")
        assert reason in str(error.value)
