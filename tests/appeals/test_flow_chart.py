"""附件1 drawn from the transition table: nothing of the table is left out, nothing lies over anything else."""

from itertools import combinations

import pytest

from appeals.flow_chart import FONT, PLACES, Arrow, Box, FlowChart, flow_chart
from appeals.models import Status
from appeals.workflow import TRANSITIONS
from districts.handling import Limits


@pytest.fixture
def chart() -> FlowChart:
    return flow_chart(Limits())


def box_of(chart: FlowChart, status: Status) -> Box:
    return next(box for box in chart.boxes if box.status == status)


def wide(text: str) -> int:
    return sum(FONT if ord(character) > 0x2000 else FONT // 2 + 1 for character in text)


def test_every_state_has_one_place(chart):
    assert set(PLACES) == set(Status)
    assert len(set(PLACES.values())) == len(PLACES)
    assert [box.label for box in chart.boxes if box.is_final] == [
        "办结", "当场办结", "不予受理", "已并单", "已撤回",
    ]  # fmt: skip


def test_every_way_of_the_table_is_an_arrow_or_stands_in_a_box(chart):
    drawn = {(arrow.source, arrow.target, label) for arrow in chart.arrows for label in arrow.labels}
    for row in TRANSITIONS.values():
        for source in row.sources:
            if row.returns:
                assert any(row.label in note for note in box_of(chart, source).notes), row.name
            elif row.target not in {None, source} and (source, row.target, row.label) not in drawn:
                told = [
                    note
                    for note in box_of(chart, source).notes
                    if row.label in note and (row.target.label in note)
                ]
                told += [note for note in box_of(chart, row.target).notes if note == f"各环节：{row.label}"]
                assert told, (row.name, source)


def test_what_stands_there_is_in_the_table(chart):
    """No arrow and no exit that nobody could take."""
    for arrow in chart.arrows:
        for label in arrow.labels:
            assert [
                row for row in TRANSITIONS.values()
                if row.label == label and arrow.source in row.sources and row.target == arrow.target
            ], (label, arrow.source)  # fmt: skip
    for box in chart.boxes:
        expected = [
            row.label for row in TRANSITIONS.values()
            if box.status in row.sources and (row.returns or row.target not in {None, box.status})
        ]  # fmt: skip
        told = [exit.label for exit in box.exits] + [exit.label for exit in chart.anywhere]
        assert set(expected) <= set(told) and set(told) - set(expected) <= {"请企业补充", "确认撤回"}
    assert [(exit.label, exit.target) for exit in chart.anywhere] == [
        ("请企业补充", "待补充"), ("确认撤回", "已撤回"),
    ]  # fmt: skip


def test_boxes_lie_apart_and_hold_their_words(chart):
    for one, other in combinations(chart.boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y
    for box in chart.boxes:
        assert box.x >= 0 and box.x + box.width <= chart.width
        assert box.y >= 0 and box.y + box.height <= chart.height
        assert all(wide(text) <= box.width for _, text in box.lines), box.label
        assert all(box.y < y <= box.y + box.height for y, _ in box.lines), box.label


def test_arrows_go_from_edge_to_edge_and_never_through_a_box(chart):
    def inside(box: Box, arrow: Arrow) -> bool:
        (x1, y1), (x2, y2) = arrow.start, arrow.end
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        return box.x < x < box.x + box.width and box.y < y < box.y + box.height

    assert len({(arrow.start, arrow.end) for arrow in chart.arrows}) == len(chart.arrows)
    for arrow in chart.arrows:
        assert not [box.label for box in chart.boxes if inside(box, arrow)]
        assert arrow.start[0] == arrow.end[0] or arrow.start[1] == arrow.end[1]


def test_the_limits_are_those_of_the_district():
    chart = flow_chart(Limits(accept=2, second_revisit=4))
    assert box_of(chart, Status.SUBMITTED).limit == "2个工作日内"
    assert box_of(chart, Status.REVISITED).limit == "4个工作日内"
    assert box_of(chart, Status.HANDLING).limit == "一般7、紧急5、复杂15个工作日"
    assert not any(box.limit for box in flow_chart().boxes)


@pytest.mark.django_db
def test_the_public_page_and_the_manual_show_it(client, district):
    page = client.get(f"/{district.code}/flow/").content.decode()
    assert page.count("<rect") == len(Status)
    assert "重办转会商" in page and "1个工作日内" in page
    assert f"/{district.code}/flow/" in client.get(f"/{district.code}/").content.decode()
