"""Text with figures in it: what is kept, what is marked when somebody edits it, what refreshing changes."""

import pytest

from districts.reporting import Bulletins, BulletinSection, placeholders
from districts.schema import ProfileError, validated
from reports.bulletins import wording
from reports.bulletins.reading import numeral

FIGURES = {
    "received": {"text": "134"},
    "closed": {"text": "68"},
    "on_time_rate": {"text": "84.2%"},
    "received.change:件": {"text": "比上月增加4件"},
}
TEXT = "{month}月共收到诉求{received}件，{received.change:件}；办结{closed}件，按时办结率{on_time_rate}。"


@pytest.fixture
def runs():
    return wording.from_template(TEXT, FIGURES, {"month": 10})


def figures_of(runs) -> dict[str, str]:
    return {run["f"]: run["v"] for run in runs if "f" in run}


def hand_of(runs) -> list[str]:
    return [run["t"] for run in runs if run.get("hand")]


def test_a_template_becomes_text_with_figures_in_it(runs):
    assert wording.text_of(runs) == "10月共收到诉求134件，比上月增加4件；办结68件，按时办结率84.2%。"
    assert figures_of(runs) == {key: figure["text"] for key, figure in FIGURES.items()}


def test_words_changed_around_a_figure_leave_it_what_it_is(runs):
    new = "十月份全区一共收到诉求134件，比上月增加4件，请各单位重视；办结68件，按时办结率达到84.2%。"
    after = wording.edited(runs, new)
    assert wording.text_of(after) == new
    assert figures_of(after) == figures_of(runs)
    assert hand_of(after) == []


@pytest.mark.parametrize(
    ("old", "new", "key", "shown"),
    [
        ("134", "138", "received", "138"),
        ("134", "9", "received", "9"),
        ("办结68件", "办结70件", "closed", "70"),
        ("84.2%", "90%", "on_time_rate", "90%"),
        ("增加4件", "增加5件", "received.change:件", "比上月增加5件"),
        ("共收到诉求134件", "总计受理各类诉求136件", "received", "136"),
    ],
)
def test_a_number_changed_by_hand_stays_with_the_figure_it_was(runs, old, new, key, shown):
    text = wording.text_of(runs).replace(old, new)
    after = wording.edited(runs, text)
    assert wording.text_of(after) == text
    assert figures_of(after)[key] == shown
    others = {name: value for name, value in figures_of(after).items() if name != key}
    assert others == {name: value for name, value in figures_of(runs).items() if name != key}


def test_a_figure_that_was_deleted_is_gone(runs):
    after = wording.edited(runs, wording.text_of(runs).replace("；办结68件", ""))
    assert "closed" not in figures_of(after)
    assert figures_of(after)["received"] == "134"


def test_a_number_typed_where_none_was_counted_is_marked_and_stays_marked(runs):
    text = wording.text_of(runs) + "另有12件正在会商。"
    after = wording.edited(runs, text)
    assert hand_of(after) == ["12"]
    again = wording.edited(after, text.replace("正在会商", "正在会商研判"))
    assert hand_of(again) == ["12"]


def test_no_number_of_an_edited_text_passes_for_counted_unless_it_is(runs):
    """Whatever is done to the text, a number in it is a system figure as counted, or shows that it is not."""
    scrambled = "按时办结率134%，办结84.2%，收到68件，另77件。"
    for run in wording.edited(runs, scrambled):
        if "f" in run and run["v"] == FIGURES[run["f"]]["text"]:
            raise AssertionError(f"{run} stands where it was not counted")


def test_refreshing_renews_figures_and_keeps_what_was_typed_over_them(runs):
    after = wording.edited(runs, wording.text_of(runs).replace("134", "138").replace("办结68", "共办结68"))
    renewed = FIGURES | {"received": {"text": "135"}, "closed": {"text": "71"}}
    text = wording.text_of(wording.refreshed(after, FIGURES, renewed))
    assert "收到诉求138件" in text and "共办结71件" in text


def test_pasted_line_ends_and_spaces_are_tidied():
    assert wording.tidy("  一。\r\n\r\n　二。\r三。 \n") == "一。\n二。\n三。"


def test_sections_are_counted_in_chinese():
    assert [numeral(n) for n in (1, 9, 10, 11, 20, 23)] == ["一", "九", "十", "十一", "二十", "二十三"]


@pytest.mark.parametrize(
    "text", ["{received", "收到{}件", "{received.nonsense}", "{Received}", "{a!r}", "x}"]
)
def test_a_misspelt_placeholder_is_refused_when_the_profile_is_read(text):
    with pytest.raises(ProfileError) as error:
        validated(BulletinSection, {"code": "x", "heading": "情况", "text": text})
    assert "占位" in str(error.value)


def test_what_a_profile_may_not_say_of_its_bulletins():
    for data, reason in (
        ({"monthly_title": "关于{monat}的通报"}, "标题只能用"),
        ({"monthly": [{"code": "a", "heading": "甲"}, {"code": "a", "heading": "乙"}]}, "重复"),
        ({"monthly": [{"code": "a", "heading": "甲", "kind": "table"}]}, "须写明各列"),
        (
            {"monthly": [{"code": "a", "kind": "table", "columns": ["open"], "ranked_by": "on_time_rate"}]},
            "须是其中一列",
        ),
    ):
        with pytest.raises(ProfileError) as error:
            validated(Bulletins, data)
        assert reason in str(error.value)


def test_pieces_of_a_template():
    assert placeholders("收{received}件，{received.change:件}。") == [
        ("收", "received", "", ""),
        ("件，", "received", "change", "件"),
        ("。", "", "", ""),
    ]
