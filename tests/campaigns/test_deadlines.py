"""How 完成时限 is read, and that nothing anybody writes breaks the reading."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.task_lists.deadlines import KINDS, Deadline, numbered, understand, understand_one


@pytest.mark.parametrize(
    ("text", "kind", "start", "due"),
    [
        ("3月10日前", "date", None, date(2023, 3, 10)),
        ("2月15日", "date", None, date(2023, 2, 15)),
        ("3月中旬", "third", date(2023, 3, 11), date(2023, 3, 20)),
        ("3 月上旬", "third", date(2023, 3, 1), date(2023, 3, 10)),
        ("2月下旬前", "third", None, date(2023, 2, 28)),
        ("6月底前", "month_end", None, date(2023, 6, 30)),
        ("12 月底", "month_end", None, date(2023, 12, 31)),
        ("11 月份", "month", date(2023, 11, 1), date(2023, 11, 30)),
        ("全年", "whole_year", date(2023, 1, 1), date(2023, 12, 31)),
        ("1-5月完成专利申报", "range", date(2023, 1, 1), date(2023, 5, 31)),
        ("4-9月，完成三批申报", "range", date(2023, 4, 1), date(2023, 9, 30)),
        ("年底前", "period", None, date(2023, 12, 31)),
        ("第一季度", "period", date(2023, 1, 1), date(2023, 3, 31)),
        ("上半年", "period", date(2023, 1, 1), date(2023, 6, 30)),
        ("次年1月底前", "month_end", None, date(2024, 1, 31)),
        ("2024年", "whole_year", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024年一季度", "period", date(2024, 1, 1), date(2024, 3, 31)),
        ("2024年上半年", "period", date(2024, 1, 1), date(2024, 6, 30)),
        ("三、四季度", "period", date(2023, 7, 1), date(2023, 12, 31)),
        ("前三季度", "period", date(2023, 1, 1), date(2023, 9, 30)),
        ("11月至次年2月", "range", date(2023, 11, 1), date(2024, 2, 29)),
        ("11月-2月", "range", date(2023, 11, 1), date(2024, 2, 29)),
        ("2023年11月—2024年2月底", "range", date(2023, 11, 1), date(2024, 2, 29)),
        ("3月1日至5月31日", "range", date(2023, 3, 1), date(2023, 5, 31)),
        ("6月10-20日", "range", date(2023, 6, 10), date(2023, 6, 20)),
        ("3月中旬至4月底", "range", date(2023, 3, 11), date(2023, 4, 30)),
        ("2023.3-2023.12", "range", date(2023, 3, 1), date(2023, 12, 31)),
        ("4、5月份", "range", date(2023, 4, 1), date(2023, 5, 31)),
        ("3月起持续开展", "range", date(2023, 3, 1), date(2023, 12, 31)),
        ("2023/6/30", "date", None, date(2023, 6, 30)),
        ("6月30前", "date", None, date(2023, 6, 30)),
        ("6.30前", "date", None, date(2023, 6, 30)),
        ("十二月三十一日前", "date", None, date(2023, 12, 31)),
        ("三月中旬", "third", date(2023, 3, 11), date(2023, 3, 20)),
        ("3月上中旬", "third", date(2023, 3, 1), date(2023, 3, 20)),
        ("3月初", "third", date(2023, 3, 1), date(2023, 3, 10)),
        ("3月底研发投入的全年规上工业企业", "month_end", None, date(2023, 3, 31)),
        ("3月底前启动,全年开展", "whole_year", date(2023, 1, 1), date(2023, 12, 31)),
        ("每年3月底前", "month_end", None, date(2023, 3, 31)),
        ("即日起", "at_once", None, None),
        ("常年开展", "standing", None, None),
        ("5个工作日内", "unclear", None, None),
        ("春节前", "unclear", None, None),
        ("立即兑现", "at_once", None, None),
        ("适时", "when_fit", None, None),
        ("长期开展", "standing", None, None),
        ("2月15日前建立机制，并长期坚持", "compound", None, date(2023, 2, 15)),
        ("2月30日", "unclear", None, None),
        ("尽快", "unclear", None, None),
        ("", "unclear", None, None),
    ],
)
def test_it_understands_what_plans_write(text, kind, start, due):
    found = understand(text, 2023)
    assert (found.kind, found.start, found.due) == (kind, start, due)


def test_what_comes_again_is_owed_until_the_year_is_over():
    found = understand("每月 10 日 前，每月动态更新。", 2023)
    assert (found.recurs, found.day, found.due) == ("month", 10, date(2023, 12, 31))
    assert found.label == "每月10日前，至2023年12月31日"


@pytest.mark.parametrize(
    ("text", "recurs", "day", "label"),
    [
        ("每季度至少1次", "quarter", None, "每季度，至2023年12月31日"),
        ("每季度末", "quarter", 31, "每季度末前，至2023年12月31日"),
        ("每季度末月25日前", "quarter", 25, "每季度末月25日前，至2023年12月31日"),
        ("每双月10日前", "two_months", 10, "逢双月10日前，至2023年12月31日"),
        ("每月底", "month", 31, "每月底前，至2023年12月31日"),
        ("每月初", "month", 10, "每月10日前，至2023年12月31日"),
        ("每月十日前", "month", 10, "每月10日前，至2023年12月31日"),
        ("每周五前", "week", None, "每周，至2023年12月31日"),
        ("每半月", "half_month", None, "每半月，至2023年12月31日"),
        ("每天", "day", None, "每天，至2023年12月31日"),
        ("1-6月，每月1次", "month", None, "每月，至2023年6月30日"),
    ],
)
def test_how_often_and_by_which_day_it_comes_again(text, recurs, day, label):
    found = understand(text, 2023)
    assert (found.recurs, found.day, found.label) == (recurs, day, label)


def test_numbered_clauses_are_understood_one_by_one():
    text = "1.1-5月完成专利申报。2.12月底前认定企业30家。3. 4-9 月，完成三批申报。"
    clauses = numbered(text)
    assert clauses == ["1.1-5月完成专利申报。", "2.12月底前认定企业30家。", "3. 4-9 月，完成三批申报。"]
    assert [understand_one(clause, 2023).due for clause in clauses] == [
        date(2023, 5, 31),
        date(2023, 12, 31),
        date(2023, 9, 30),
    ]
    assert understand(text, 2023).kind == "several"
    assert understand(text, 2023).due == date(2023, 12, 31)


@pytest.mark.parametrize("text", ["12月底前完成2-3个项目", "1.5亿元。12月底", "完成科技创新平台1-2家"])
def test_a_figure_begins_no_clause(text):
    assert numbered(text) == []


WORDS = "0123456789年月日旬上中下底前每季度半全长期适时立即-.、。()（） \n\0Ⅰ①٣"


@given(
    st.text(alphabet=st.sampled_from(WORDS) | st.characters(), max_size=60),
    st.integers(min_value=-5, max_value=12000),
)  # fmt: skip
def test_no_text_breaks_it(text, year):
    found = understand(text, year)
    assert isinstance(found, Deadline)
    assert found.kind in KINDS and found.label
    assert found.start is None or found.due is None or found.start <= found.due
    assert "".join(numbered(text)).replace(" ", "") in text.replace(" ", "") or numbered(text)
