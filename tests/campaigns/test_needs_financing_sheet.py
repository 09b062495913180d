"""Financing needs from a sheet: every mistake beside its cell, in again without doubles, and taken back."""

from decimal import Decimal

import pytest

from campaigns.models import FinancingNeed, FinancingRound
from campaigns.needs.services.financing import dispatch_need
from core import clock
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, profile
from tests.enterprises import sheets

HEAD = ["企业名称", "信用代码", "需求金额", "用途", "期限", "担保方式", "现合作银行", "联系电话"]
KIND = "financing_needs"
FIRM = "铜陵晨光机械有限公司"


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cast(district) -> Cast:
    profile(district, finance_unit="czj")
    make.enterprise(district, name=FIRM)
    return Cast(district)


def row(firm=FIRM, code="", amount="300", purpose="购原料", term="12个月", guarantee="房产、土地抵押", bank="",
        phone="") -> list:  # fmt: skip
    return [firm, code, amount, purpose, term, guarantee, bank, phone]


def checked(by, *rows):
    return sheets.checked(by, sheets.book(rows, HEAD), KIND)


def applied(by, *rows):
    return sheets.written(by, checked(by, *rows))


def test_needs_come_into_the_round_of_today_and_again_only_what_changed(cast):
    by = cast.township_liaison
    first = applied(by, row(amount="１,２００万元", term="1年"), row(purpose="技改设备", guarantee="设备"))
    found = {one.purpose: one for one in FinancingNeed.objects.all()}
    raw = found["购原料"]
    assert (raw.amount, raw.term_months, raw.guarantee, raw.unit) == (Decimal(1200), 12, "mortgage", by.unit)
    assert found["技改设备"].guarantee == "pledge" and FinancingRound.objects.get().entries.count() == 2
    again = checked(
        by, row(amount="1200"), row(purpose="技改设备", amount="450.5", guarantee="设备"), row(purpose="备货")
    )
    again.refresh_from_db()
    assert (again.rows_new, again.rows_changed, again.rows_same, again.rows_bad) == (1, 1, 1, 0)
    sheets.written(by, again)
    found["技改设备"].refresh_from_db()
    assert found["技改设备"].amount == Decimal("450.5")
    sheets.undone(by, again)
    found["技改设备"].refresh_from_db()
    assert found["技改设备"].amount == 300 and FinancingNeed.objects.count() == 2
    sheets.undone(by, first)
    assert not FinancingNeed.objects.exists()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (row(firm="没有这家公司"), "企业名称：底册里没有这家企业"),
        (row(amount="1.2亿元"), "需求金额（万元）：应为数字，单位万元"),
        (row(amount="-5"), "金额应大于 0"),
        (row(amount="0"), "金额应大于 0"),
        (row(amount="3.456"), "最多两位小数"),
        (row(amount="9999999999"), "不超过 1,000,000 万元"),
        (row(amount=""), "需求金额（万元）：必填"),
        (row(term="长期"), "期限（月）：请写月数"),
        (row(term="40年"), "期限（月）：请填 1 至 360"),
        (row(guarantee="口头"), "可提供的担保：没有“口头”这一项"),
        (row(purpose="还张三13812345678"), "用途：这里不能写电话号码"),
        (row(phone="123"), "联系电话：电话号码不正确"),
        (row(code="91350100M000100Y43"), "统一社会信用代码：底册里没有这个代码"),
    ],
)
def test_what_is_wrong_stands_beside_its_cell(cast, bad, words):
    found = checked(cast.township_liaison, bad, row(purpose="另一个"))
    assert words in "；".join(sheets.problems(found).values())
    assert len(sheets.problems(found)) == 1


def test_the_same_need_twice_is_said(cast):
    assert sheets.problems(checked(cast.township_liaison, row(), row())) == {3: "企业名称：与第2行重复"}


def test_of_two_firms_with_one_name_the_code_says_which(cast, district):
    other = make.enterprise(district, name=FIRM)
    found = checked(cast.township_liaison, row())
    assert "2 家同名，请填统一社会信用代码" in sheets.problems(found)[2]
    applied(cast.township_liaison, row(code=other.credit_code))
    assert FinancingNeed.objects.get().enterprise == other


def test_what_was_handed_to_banks_is_neither_changed_nor_taken_back(cast):
    by = cast.township_liaison
    sheet = applied(by, row(), row(purpose="技改设备"))
    need = FinancingNeed.objects.get(purpose="购原料")
    dispatch_need(by=cast.other_liaison, need=need, units=[], names=["某某银行"])
    found = checked(by, row(amount="500"))
    assert "不能再改" in sheets.problems(found)[2]
    sheets.undone(by, sheet)
    assert [one.purpose for one in FinancingNeed.objects.all()] == ["购原料"]


def test_another_units_need_is_not_changed_by_a_sheet(cast):
    applied(cast.township_liaison, row())
    assert "请与其联系" in sheets.problems(checked(cast.assistant, row(amount="500")))[2]


def test_who_records_needs_brings_them_in(client, cast):
    for part, status in (
        ("township_liaison", 200),
        ("other_liaison", 200),
        ("cadre", 403),
        ("supervisor", 403),
    ):
        client.force_login(getattr(cast, part))
        assert client.get(f"/imports/{KIND}/").status_code == status, part
        assert client.get(f"/imports/{KIND}/template/").status_code == status, part
