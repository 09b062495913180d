"""The geometry of lines over time."""

from itertools import pairwise

import pytest

from core.charts import BOTTOM, HEIGHT, LEFT, NEAREST, RIGHT, TOP, WIDTH, line_chart


def test_the_first_point_stands_left_the_last_right_and_nought_at_the_bottom():
    chart = line_chart("件", ["一", "二", "三"], [("合计", [10, 5, 0])])
    points = [tuple(map(float, point.split(","))) for point in chart.lines[0].points.split()]
    middle = ((LEFT + WIDTH - RIGHT) / 2, (TOP + HEIGHT - BOTTOM) / 2)
    assert points == [(LEFT, TOP), middle, (WIDTH - RIGHT, HEIGHT - BOTTOM)]
    assert (chart.lines[0].x, chart.lines[0].y, chart.lines[0].last) == (WIDTH - RIGHT, HEIGHT - BOTTOM, 0)


@pytest.mark.parametrize(
    ("most", "ticks"),
    [(0, ["0", "1"]), (1, ["0", "1"]), (4, ["0", "1", "2", "3", "4"]), (7, ["0", "2", "4", "6", "8"]),
     (23, ["0", "5", "10", "15", "20", "25"]), (480, ["0", "100", "200", "300", "400", "500"])],
)  # fmt: skip
def test_the_scale_is_round_and_holds_everything(most, ticks):
    assert [tick.label for tick in line_chart("件", ["一"], [("合计", [most])]).up] == ticks


def test_a_year_of_weeks_has_few_names_below_and_the_last_is_among_them():
    labels = [f"第{n}周" for n in range(1, 54)]
    chart = line_chart("件", labels, [("合计", list(range(53)))])
    assert len(chart.across) <= 8 and chart.across[-1].label == "第53周"
    assert chart.across[-1].at == WIDTH - RIGHT


def test_names_of_lines_that_end_together_stand_apart():
    chart = line_chart("件", ["一", "二"], [("甲", [9, 0]), ("乙", [5, 0]), ("丙", [1, 0]), ("丁", [1, 1])])
    stands = sorted(line.label_y for line in chart.lines)
    assert all(lower - upper >= NEAREST for upper, lower in pairwise(stands))
