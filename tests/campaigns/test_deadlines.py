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
    assert understand("每季度至少1次", 2023).recurs == "quarter"


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
