"""履约践诺 as people use it: the list, one promise's page, the form filled in beforehand, Excel, the public page."""

import io
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import User
from campaigns.commitments.services import commitments as services
from campaigns.commitments.services.columns import HEADERS
from campaigns.models import Commitment, Instalment
from core import clock
from core.tokens import new_token
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from notifications.models import Notice
from policies import claims
from policies.models import Policy
from reports.evidence import lines
from reports.indicators import RATES, REGISTRY, Context
from reports.spans import Span
from tests import factories
from tests.campaigns.commitment_cast import CommitmentCast, disputed, limited
from tests.enterprises import sheets

URL = "/campaigns/commitments/"


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


@pytest.fixture
def cast(district) -> CommitmentCast:
    return CommitmentCast(district)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, url: str = URL, status: int = 200, **query) -> str:
    answer = signed_in(user).get(url, query)
    assert answer.status_code == status
    return answer.content.decode()


def send(user: User, one: Commitment, step: str, **data):
    return signed_in(user).post(f"{URL}{one.pk}/{step}/", {"token": new_token()} | data)


def filled(**more) -> dict:
    return {
        "token": new_token(), "kind": "debt", "title": "设备货款", "claimed_name": "铜陵没有入册的厂", "made_on": "2026-01-05",
        "basis": "采购合同", "debtor": "state_firm", "debtor_name": "城投公司", "amount": "１２.５", "classification": "limited",
        "due_on": "2026-12-31", "plan": "年底前付清。",
    } | more  # fmt: skip


# --- The list -------------------------------------------------------------------------------------


def test_the_list_shows_what_is_not_kept_the_most_urgent_first(cast):
    cast.kept_list(course=limited(60), title="来得及的")
    cast.kept_list(course=limited(-9), title="早该兑现的")
    gone = cast.kept_list(title="登记错的")
    services.withdraw(by=cast.dispatcher, commitment=gone, reason="重复")
    text = page(cast.dispatcher)
    assert text.index("早该兑现的") < text.index("来得及的") and "登记错的" not in text
    assert '<span class="chip chip-red">已逾期 2026-11-10</span>' in text
    assert "登记错的" in page(cast.dispatcher, state="withdrawn")
    assert "来得及的" not in page(cast.dispatcher, state="overdue")


def test_filters_by_unit_amount_and_kind(cast):
    cast.kept_list(promise=cast.debt("100", title="大的"))
    cast.kept_list(promise=cast.debt("5", title="小的"))
    cast.kept_list(title="没有金额的")
    assert "小的" not in page(cast.dispatcher, least="50") and "大的" in page(cast.dispatcher, least="50")
    assert "没有金额的" not in page(cast.dispatcher, kind="debt")
    other = factories.unit(cast.district, "czj")
    assert "大的" not in page(cast.dispatcher, unit=other.pk)
    assert "小的" in page(cast.dispatcher, unit=cast.liaison.unit_id)


def test_the_pages_cost_the_same_with_one_and_with_many(cast):
    def happens() -> None:
        debt = cast.kept_list(promise=cast.debt(subject=factories.enterprise(cast.district)))
        services.pay_instalment(
            by=cast.liaison, commitment=debt, amount=Decimal(1), day=clock.today(), voucher="回单"
        )
        services.publish(by=cast.dispatcher, commitment=cast.kept_list())

    happens()
    first = Commitment.objects.order_by("number").first()
    urls = (URL, f"{URL}figures/", f"{URL}export/", f"{URL}{first.pk}/", "/340711/commitments/")
    client = signed_in(cast.dispatcher)

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    client.get(URL)
    before = {url: cost(url) for url in urls}
    for _ in range(4):
        happens()
    after = {url: cost(url) for url in urls}
    after[f"{URL}export/"] = before[f"{URL}export/"] = min(after[f"{URL}export/"], before[f"{URL}export/"])
    assert after == before and max(before.values()) < 30


# --- Recording ------------------------------------------------------------------------------------


def test_a_debt_is_recorded_once_however_often_the_form_is_sent(cast):
    client, data = signed_in(cast.dispatcher), filled(unit=cast.liaison.unit_id)
    first = client.post(f"{URL}new/", data)
    assert first.status_code == 302 and client.post(f"{URL}new/", data).url == first.url
    (made,) = Commitment.objects.all()
    assert (made.amount, made.subject_name, made.debtor_label) == (
        Decimal("12.50"),
        "铜陵没有入册的厂",
        "城投公司",
    )
    assert Notice.objects.filter(recipient=cast.liaison, title__contains="设备货款").count() == 1


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(cast):
    data = filled(unit=cast.liaison.unit_id, amount="", debtor="", plan="")
    answer = signed_in(cast.dispatcher).post(f"{URL}new/", data)
    text = answer.content.decode()
    assert answer.status_code == 422 and "请填写拖欠的金额" in text and "请选择欠款方类别" in text
    assert "限期类请写明化解方案" in text and "设备货款" in text
    for amount in ("一百", "1e999", "-3", "99999999999999"):
        answer = signed_in(cast.dispatcher).post(
            f"{URL}new/", filled(unit=cast.liaison.unit_id, amount=amount)
        )
        assert answer.status_code == 422, amount


def test_an_appeal_about_arrears_fills_the_form_in(cast):
    appeal = cast.walk(cast.submit(), "sign")
    text = page(cast.dispatcher, f"{URL}new/", appeal=appeal.number)
    assert f'value="{appeal.number}"' in text and f"企业诉求 {appeal.number}" in text
    data = filled(unit=cast.liaison.unit_id, appeal_number=appeal.number)
    assert signed_in(cast.dispatcher).post(f"{URL}new/", data).status_code == 302
    assert Commitment.objects.get().appeal == appeal
    again = signed_in(cast.dispatcher).post(
        f"{URL}new/", filled(unit=cast.liaison.unit_id, appeal_number=appeal.number)
    )
    assert again.status_code == 422 and "已经在履约清单上" in again.content.decode()


def test_an_appeal_about_arrears_shows_where_the_money_is_followed(cast):
    appeal = cast.walk(cast.submit(category="arrears"), "sign")
    url = f"/appeals/{appeal.number}/"
    assert f"{URL}new/?appeal={appeal.number}" in page(cast.dispatcher, url)
    debt = cast.kept_list(promise=cast.debt(appeal=appeal))
    assert f"履约清单第{debt.number}号" in page(cast.dispatcher, url)
    assert f"履约清单第{debt.number}号" in page(cast.liaison, url)
    other = cast.walk(cast.submit(category="labour"), "sign")
    assert "履约清单" not in page(cast.dispatcher, f"/appeals/{other.number}/")


def test_an_overdue_claim_comes_onto_the_list(cast):
    unit = cast.liaison.unit
    policy = Policy.objects.create(district=cast.district, title="稳岗补贴", unit=unit)
    claim = claims.apply(
        by=cast.liaison, unit=unit, policy=policy, subject=cast.firm, amount=Decimal(6), day=clock.today()
    )
    claims.approve(by=cast.liaison, claim=claim, amount=Decimal(5), promised_on=clock.today())
    with clock.at(clock.now() + timedelta(days=3)):
        assert f"claim={claim.pk}" in page(cast.dispatcher, f"/policies/claims/{claim.pk}/")
        text = page(cast.dispatcher, f"{URL}new/", claim=claim.pk)
        assert "兑付《稳岗补贴》" in text
        data = filled(
            unit=unit.pk,
            kind="policy",
            claim=claim.pk,
            title="兑付《稳岗补贴》",
            subject=f"enterprise-{cast.firm.pk}",
        )
        assert signed_in(cast.dispatcher).post(f"{URL}new/", data).status_code == 302
    assert Commitment.objects.get().claim == claim


# --- One page -------------------------------------------------------------------------------------


def test_one_life_on_one_page(cast):
    debt = cast.kept_list(promise=cast.debt("10"))
    assert send(cast.liaison, debt, "pay", amount="11", day="2026-11-19", voucher="x").status_code == 422
    assert (
        send(cast.liaison, debt, "pay", amount="10", day="2026-11-19", voucher="回单 7 号").status_code == 302
    )
    assert send(cast.liaison, debt, "kept", result="付清", evidence="回单 7 号").status_code == 302
    assert "确认兑现" in page(cast.dispatcher, f"{URL}{debt.pk}/")
    assert send(cast.dispatcher, debt, "confirm", note="已核实").status_code == 302
    debt.refresh_from_db()
    assert debt.state == "kept"
    text = page(cast.liaison, f"{URL}{debt.pk}/")
    assert "还剩 0.00 万元" in text and "登记付款" not in text.split("<h2", 2)[0]


def test_a_payment_is_cancelled_after_being_asked(cast):
    debt = cast.kept_list(promise=cast.debt("10"))
    send(cast.liaison, debt, "pay", amount="4", day="2026-11-19", voucher="回单 7 号")
    row = Instalment.objects.get()
    url = f"{URL}payments/{row.pk}/cancel/"
    assert "这笔付款作废" in page(cast.liaison, url)
    answer = signed_in(cast.liaison).post(url, {"token": new_token(), "reason": "重复登记"})
    assert answer.status_code == 302
    assert "作废：重复登记" in page(cast.liaison, f"{URL}{debt.pk}/")
    page(cast.other_liaison, url, status=404)


# --- Excel ----------------------------------------------------------------------------------------


def test_the_list_comes_out_and_nothing_in_it_calculates(cast):
    cast.kept_list(promise=cast.debt("10", title="=1+1"))
    answer = signed_in(cast.dispatcher).get(f"{URL}export/")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == HEADERS
    assert rows[1][:2] == ["拖欠账款", "'=1+1"]
    assert rows[1][HEADERS.index("未付（万元）")] == "10.00"


def test_a_sheet_brings_new_ones_and_leaves_what_is_there(cast):
    cast.kept_list(promise=cast.debt(title="老的一笔"))
    head = ["类别", "事项", "被拖欠企业", "责任单位", "合同类别", "欠款方类别", "欠款单位", "拖欠金额", "依据文件", "合同日期",
            "分类",
            "清偿时限", "清偿计划"]  # fmt: skip
    row = ["欠款", "新的一笔", cast.firm.name, "区人社局", "", "机关", "区财政局", "1,200.5万元", "合同 3 号",
           "2025年3月1日", "限期",
           "2026/12/31", "分期付清。"]  # fmt: skip
    rows = [
        row,
        [*row[:1], "老的一笔", *row[2:]],
        [*row[:1], "没有金额的", *row[2:7], "", *row[8:]],
        [*row[:1], "没有这个单位的", *row[2:6], "区火星局", *row[7:]],
        row,
    ]
    found = sheets.checked(cast.dispatcher, sheets.book(rows, head), "commitments")
    assert (found.rows_new, found.rows_same, found.rows_bad) == (1, 1, 3)
    sheets.written(cast.dispatcher, found)
    new = Commitment.objects.get(title="新的一笔")
    assert (new.enterprise, new.debtor_unit.code, new.amount, new.number) == (
        cast.firm,
        "czj",
        Decimal("1200.50"),
        2,
    )
    sheets.undone(cast.dispatcher, found)
    new.refresh_from_db()
    assert new.state == "withdrawn"


# --- In public ------------------------------------------------------------------------------------


def test_the_public_page_shows_published_promises_and_nothing_about_debts(client, cast):
    cast.kept_list(promise=cast.debt(title="谁也不该看到的货款"))
    hidden, shown = cast.kept_list(title="没有公开的"), cast.kept_list(title="年内通车")
    assert send(cast.dispatcher, shown, "publish").status_code == 302
    text = client.get("/340711/commitments/").content.decode()
    assert "年内通车" in text and "正在兑现" in text
    assert "货款" not in text and hidden.title not in text
    with clock.at(clock.now() + timedelta(days=31)):
        assert "已过时限" in client.get("/340711/commitments/").content.decode()
    assert send(cast.dispatcher, shown, "publish", off="1").status_code == 302
    assert "年内通车" not in client.get("/340711/commitments/").content.decode()


# --- Indicators -----------------------------------------------------------------------------------


def test_the_indicators_count_what_was_due_kept_owed_and_paid(cast):
    kept = cast.kept_list(course=limited(0))
    cast.kept_list(course=limited(-1))
    cast.kept_list(course=limited(1))  # not due yet
    cast.kept_list(course=disputed(0))
    services.report_kept(by=cast.liaison, commitment=kept, result="建成", evidence="验收单")
    services.confirm_kept(by=cast.dispatcher, commitment=kept)
    debt = cast.kept_list(promise=cast.debt("100", acknowledged=Decimal(80)), course=limited(30))
    services.pay_instalment(
        by=cast.liaison, commitment=debt, amount=Decimal(20), day=clock.today(), voucher="回单"
    )
    rules = DistrictProfile.objects.in_force(cast.district).rules
    unit = cast.liaison.unit_id
    month = Span(datetime(2026, 11, 1, tzinfo=SHANGHAI), datetime(2026, 12, 1, tzinfo=SHANGHAI))
    context = Context(rules, month, {unit: unit})
    names = ("commitments_due", "commitments_kept", "debts_owed", "debts_paid", "debts_paid_so_far")
    values = {name: REGISTRY[name].value(context) for name in names}
    assert values == dict(zip(names, (2, 1, 80, 20, 20), strict=True))
    assert RATES["commitments_rate"].of(values).text == "50.0%"
    assert RATES["debts_rate"].of(values).text == "25.0%"
    october = context.within(
        Span(datetime(2026, 10, 1, tzinfo=SHANGHAI), datetime(2026, 11, 1, tzinfo=SHANGHAI))
    )
    assert [REGISTRY[name].value(october) for name in names] == [0, 0, 0, 0, 0]
    for name in ("commitments_due", "debts_paid"):
        (line, *_) = lines(REGISTRY[name].evidence(context), rules)
        assert line.url.startswith(URL) and line.unit == "区人社局"
