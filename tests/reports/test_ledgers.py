"""台账: what leaves the portal, for whom, and what stays behind of it in the log."""

import io
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AuditEntry, Role
from appeals.models import Appeal
from core import clock
from liaisons.models import EventTask
from reports import ledgers
from reports.models import Export
from reports.tasks import make_exports
from reports.views import ledgers as views
from tests import factories
from tests.appeals.lives import Cast
from tests.campaigns import needs_cast
from tests.campaigns.rota_cast import rotas_and_records
from tests.reports.work import Work, moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday():
    with clock.at(moment("2026-11-16 15:00")):
        yield


@pytest.fixture
def cast(work: Work) -> Cast:
    return work.cast


def url(code: str, query: str = "") -> str:
    return reverse("reports:ledger", args=[code]) + (f"?{query}" if query else "")


def table(content: bytes) -> list[dict[str, object]]:
    """The rows of the first sheet by their heads."""
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    heads, *rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    return [dict(zip(heads, row, strict=True)) for row in rows]


def taken(user, code: str, query: str = "", columns: list[str] | None = None) -> list[dict[str, object]]:
    ledger = ledgers.find(code)
    chosen = columns or [column.code for column in ledger.columns_for(user)]
    file = io.BytesIO()
    written = ledgers.write(ledger, user, query, chosen, file)
    rows = table(file.getvalue())
    assert written == len(rows) == ledgers.count(ledger, user, query)
    return rows


# --- The page -------------------------------------------------------------------------------------


def test_the_page_says_which_rows_and_offers_the_columns(client, cast):
    cast.walk(cast.submit(), "sign")
    cast.submit()
    client.force_login(cast.dispatcher)
    page = client.get(url("appeals", "status=handling&page=3")).content.decode()
    assert "导出范围：1 行" in page
    assert "办理中" in page
    for title in ("编号", "统一社会信用代码", "诉求内容", "满意度", "联系电话（完整）"):
        assert title in page
    assert 'action="/reports/ledgers/appeals/?status=handling&amp;page=3"' in page


def test_the_sheet_holds_what_was_chosen_of_what_was_filtered(client, cast):
    handled = cast.walk(cast.submit(title="要招工"), "sign")
    cast.submit(title="要用地")
    client.force_login(cast.dispatcher)
    answer = client.post(url("appeals", "status=handling"), {"columns": ["title", "number", "status"]})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert table(answer.content) == [{"编号": handled.number, "标题": handled.title, "状态": "办理中"}]


def test_who_took_what_is_on_record_without_the_words_that_were_looked_for(client, cast):
    cast.submit()
    client.force_login(cast.dispatcher)
    client.post(url("appeals", "q=赵敏&urgency=normal"), {"columns": ["number", "full_phone"]})
    entry = AuditEntry.objects.get(action="ledger.exported")
    assert entry.user_id == cast.dispatcher.pk
    assert entry.data["ledger"] == "appeals"
    assert entry.data["filter"] == {"q": "（文字）", "urgency": "normal"}
    assert entry.data["columns"] == ["number", "full_phone"]
    assert entry.data["full_phones"] is True
    assert entry.data["rows"] == 0


def test_looking_at_the_page_is_no_export(client, cast):
    client.force_login(cast.dispatcher)
    client.get(url("appeals"))
    assert not AuditEntry.objects.filter(action="ledger.exported").exists()


def test_the_last_choice_is_remembered_but_not_the_full_phone(client, cast):
    cast.submit()
    client.force_login(cast.dispatcher)
    client.post(url("appeals"), {"columns": ["number", "full_phone"]})
    page = client.get(url("appeals"))
    assert [column.code for column, ticked in page.context["columns"] if ticked] == ["number"]
    assert [ticked for column, ticked in page.context["apart"]] == [False]


@pytest.mark.parametrize(
    ("columns", "said"),
    [([], "请至少选择一栏"), (["number", "secret_digest"], "没有的"), (["number", "=1+1"], "没有的")],
)
def test_a_choice_that_does_not_do_is_said_on_the_page(client, cast, columns, said):
    cast.submit()
    client.force_login(cast.dispatcher)
    answer = client.post(url("appeals"), {"columns": columns})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    kept = [column.code for column, ticked in answer.context["columns"] if ticked]
    assert kept == [code for code in columns if code == "number"]


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense", "since=abc", "lead_unit=999999999999999999999999", "region=x", "q=%00", "a=1&" * 900,
        "x=" + "1" * 3000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_filter_that_cannot_be_understood_is_refused_and_not_ignored(client, cast, query, method):
    client.force_login(cast.dispatcher)
    answer = getattr(client, method)(
        url("appeals", query), {"columns": ["number"]} if method == "post" else None
    )
    assert answer.status_code == 422
    assert "请回到列表重新筛选" in answer.content.decode()


def test_a_ledger_that_does_not_exist_is_not_found(client, cast):
    client.force_login(cast.dispatcher)
    assert client.get(url("nonsense")).status_code == 404


def test_more_rows_than_anybody_waits_for_are_made_in_the_background(client, cast, monkeypatch):
    monkeypatch.setattr(views, "DIRECT_ROWS", 1)
    appeals = [cast.submit(), cast.submit()]
    client.force_login(cast.dispatcher)
    data = {"columns": ["number", "title"], "token": "t"}
    answer = client.post(url("appeals", "status=submitted"), data)
    assert client.post(url("appeals", "status=submitted"), data).url == answer.url, "one click, one export"
    order = AuditEntry.objects.get(action="export.order")
    assert order.data["columns"] == ["number", "title"] and order.data["filter"] == {"status": "submitted"}
    make_exports()
    export = Export.objects.get()
    assert (export.state, export.done, export.total) == (Export.State.READY, 2, 2)
    file = client.get(f"{answer.url}file/")
    sheet = load_workbook(io.BytesIO(b"".join(file.streaming_content))).worksheets[0]
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {appeal.number for appeal in appeals}
    assert client.post(url("appeals", "status=closed"), data).status_code == 200


def test_a_ledger_made_later_holds_what_its_owner_may_see_then(client, cast, monkeypatch):
    monkeypatch.setattr(views, "DIRECT_ROWS", 0)
    cast.walk(cast.submit(), "sign")
    client.force_login(cast.liaison)
    client.post(url("appeals"), {"columns": ["number"], "token": "t"})
    cast.liaison.unit = factories.unit(cast.district, "czj")
    cast.liaison.save()
    make_exports()
    assert Export.objects.get().total == 0


def test_an_administrator_alone_takes_nothing(cast):
    for ledger in ledgers.LEDGERS.values():
        with pytest.raises(ledgers.Refused):
            ledgers.write(ledger, cast.admin, "", [ledger.columns[0].code], io.BytesIO())


def test_every_list_leads_to_its_ledger_with_its_filter(client, cast):
    client.force_login(cast.dispatcher)
    for ledger in ledgers.LEDGERS.values():
        page = client.get(reverse(ledger.url_name) + "?q=abc&page=1").content.decode()
        assert f'href="{url(ledger.code)}?q=abc"' in page, ledger.code
        assert "导出台账" in page


# --- Who sees what --------------------------------------------------------------------------------


def test_everybody_takes_only_what_they_may_see(cast, district):
    theirs = cast.walk(cast.submit(), "dispatch")
    cast.submit()
    assert len(taken(cast.dispatcher, "appeals")) == 2
    assert [row["编号"] for row in taken(cast.liaison, "appeals", columns=["number"])] == [theirs.number]
    assert taken(cast.other_liaison, "appeals", columns=["number"]) == []
    other = factories.another_district(district)
    foreigner = factories.user(factories.unit(other), Role.DISPATCHER)
    assert taken(foreigner, "appeals", columns=["number"]) == []


def test_another_districts_rows_are_in_no_ledger(work, district):
    firm = work.firm()
    visit = work.visit("datong", "2026-11-10 09:00", work.leader("datong"), firm=firm)
    work.opinion(visit, "heard")
    work.paid("kjj", "2026-11-10", "3.50", firm)
    work.project()
    task(work)
    with clock.at(moment("2026-11-10 09:00")):
        needs_cast.opening(work.cast.dispatcher, firm)
        needs_cast.seeker(work.cast.dispatcher)
        needs_cast.need(work.cast.dispatcher, firm)
    rotas_and_records(work.cast, firm)
    other = factories.another_district(district)
    foreigner = factories.user(factories.unit(other), Role.DISPATCHER)
    for code in set(ledgers.LEDGERS) - {"appeals"}:
        assert taken(work.cast.dispatcher, code), code
        assert taken(foreigner, code) == [], code


def test_names_and_phones_are_masked(cast):
    cast.submit()
    (row,) = taken(cast.dispatcher, "appeals", columns=["contact_name", "contact_phone"])
    assert row == {"联系人": "赵**", "联系电话": "139****1111"}
    (row,) = taken(cast.dispatcher, "appeals", columns=["full_phone"])
    assert row == {"联系电话（完整）": "13900001111"}


def test_the_roster_masks_its_people_too(cast, district):
    factories.enterprise(district, legal_person="钱多多")
    columns = ["legal_person", "contact_name", "contact_phone"]
    (row,) = taken(cast.dispatcher, "enterprises", columns=columns)
    assert row == {"法定代表人": "钱**", "联系人": "赵**", "联系电话": "139****1111"}


@pytest.mark.parametrize("who", ["window", "district_leader"])
def test_who_calls_nobody_takes_no_full_phones(cast, who):
    ledger = ledgers.find("appeals")
    user = getattr(cast, who)
    assert "full_phone" not in {column.code for column in ledger.columns_for(user)}
    with pytest.raises(ledgers.BadColumns):
        ledgers.write(ledger, user, "", ["number", "full_phone"], io.BytesIO())


def test_a_visit_counts_only_the_problems_its_reader_may_see(work):
    visit = work.visit("datong", "2026-11-10 09:00", work.leader("datong"), firm=work.firm())
    appeal = work.cast.submit()
    Appeal.objects.filter(pk=appeal.pk).update(visit=visit)
    assert taken(work.cast.dispatcher, "visits", columns=["problems"]) == [{"收集问题（个）": 1}]
    Appeal.objects.filter(pk=appeal.pk).update(
        region=work.unit("jkq").region, collecting_unit=work.unit("jkq")
    )
    appeal.participations.all().delete()
    assert taken(work.user("datong"), "visits", columns=["problems"]) == [{"收集问题（个）": 0}]


# --- What stands in the rows ----------------------------------------------------------------------


def task(work: Work, **fields) -> EventTask:
    event = work.meeting("kjj", "2026-11-10 09:00")
    defaults = {"content": "协调用地指标", "unit": work.unit("rsj"), "due": date(2026, 11, 13)}
    return EventTask.objects.create(
        event=event, recorded_by=work.user("kjj"), recorded_at=clock.now(), **(defaults | fields)
    )


def test_an_appeals_life_in_one_row(cast):
    appeal = cast.submit(title="要招工")
    with clock.at(moment("2026-11-17 09:30")):
        appeal = cast.do(appeal, "accept")
    with clock.at(moment("2026-11-17 10:00")):
        appeal = cast.do(appeal, "dispatch")
    with clock.at(moment("2026-11-17 11:00")):
        appeal = cast.do(appeal, "sign")
    (row,) = taken(cast.dispatcher, "appeals")
    assert row["受理时间"] == datetime(2026, 11, 17, 9, 30)
    assert row["交办时间"] == datetime(2026, 11, 17, 10, 0)
    assert row["签收时间"] == datetime(2026, 11, 17, 11, 0)
    assert row["主办单位"] == appeal.lead_unit.name
    assert (row["是否按时"], row["满意度"], row["办结时间"], row["轮次"]) == ("未到期", None, None, 1)
    due = appeal.deadlines.get(kind="handle").due_at
    with clock.at(moment("2027-03-01 09:00")):
        assert taken(cast.dispatcher, "appeals", columns=["in_time"]) == [{"是否按时": "已超期"}]
    with clock.at(moment("2026-11-18 09:00")):
        for step in ("feedback", "revisit", "second_revisit", "close"):
            appeal = cast.do(appeal, step)
    (row,) = taken(cast.dispatcher, "appeals")
    assert row["办理时限到期"] == clock.timezone.localtime(due).replace(tzinfo=None, second=0)
    assert (row["是否按时"], row["是否解决"], row["满意度"], row["状态"]) == (
        "按时",
        "已解决",
        "满意",
        "办结",
    )
    assert row["办理结果"] == "已组织专场招聘，到岗18人。"
    assert row["办结时间"] == datetime(2026, 11, 18, 9, 0)


def test_a_unit_that_got_it_from_another_has_not_signed_yet(cast):
    appeal = cast.walk(cast.submit(), "sign")
    appeal = cast.do(appeal, "request_return")
    with clock.at(moment("2026-11-18 09:00")):
        cast.do(appeal, "reassign")
    (row,) = taken(cast.dispatcher, "appeals", columns=["dispatched_at", "signed_at"])
    assert row == {"交办时间": datetime(2026, 11, 18, 9, 0), "签收时间": None}


def test_a_visit_with_its_people_and_what_came_of_it(work):
    firm = work.firm()
    visit = work.visit("datong", "2026-11-10 09:00", work.leader("datong", name="钱一"), firm=firm)
    work.opinion(visit, "heard")
    (row,) = taken(work.cast.dispatcher, "visits")
    assert row["走访时间"] == datetime(2026, 11, 10, 9, 0)
    assert (row["企业、项目"], row["统一社会信用代码"]) == (firm.name, firm.credit_code)
    assert (row["参与人员"], row["参与人数"]) == ("钱一", 1)
    assert (row["收集问题（个）"], row["意见建议（条）"], row["发放材料（份）"]) == (0, 1, 0)


def test_a_firm_with_its_cadre_and_its_last_visit(work):
    firm = work.firm()
    cadre = work.leader("datong", name="钱一")
    work.assign("datong", cadre, "2026-01-01", firm=firm)
    work.visit("datong", "2026-11-10 09:00", cadre, firm=firm)
    (row,) = taken(work.cast.dispatcher, "enterprises")
    assert (row["企业名称"], row["联企干部"]) == (firm.name, "钱一")
    assert row["最近走访"] == datetime(2026, 11, 10)
    assert row["在册"] == "在册"


def test_firms_that_left_are_in_it_only_where_they_were_asked_for(work):
    firm = work.firm()
    firm.active = False
    firm.save()
    assert taken(work.cast.dispatcher, "enterprises", columns=["name"]) == []
    assert len(taken(work.cast.dispatcher, "enterprises", "active=all", columns=["name"])) == 1
    said = ledgers.filter_in_words(ledgers.find("enterprises"), work.cast.dispatcher, "")
    assert said == [("在册", "在册")]


def test_tasks_say_whether_they_are_late(work):
    task(work)
    (row,) = taken(work.cast.dispatcher, "tasks")
    assert (row["议定事项"], row["状态"], row["完成时限"]) == (
        "协调用地指标",
        "已逾期",
        datetime(2026, 11, 13),
    )
    assert taken(work.cast.dispatcher, "tasks", "state=done", columns=["content"]) == []


def test_payments_are_numbers_and_reversals_say_so(work):
    payment = work.paid("kjj", "2026-11-10", "3.50", work.firm())
    work.taken_back(payment, "2026-11-12 09:00")
    rows = taken(work.cast.dispatcher, "payments", columns=["amount", "state"])
    assert sorted((row["金额（万元）"], row["状态"]) for row in rows) == [(-3.5, "冲销"), (3.5, "已冲销")]


def test_nobodys_words_are_calculated(cast):
    cast.submit(content='=HYPERLINK("http://x","请点击领取补贴")', claimed_name="@SUM(A1)公司")
    (row,) = taken(cast.dispatcher, "appeals", columns=["content", "firm"])
    assert row["诉求内容"].startswith("'=")
    assert row["企业名称"].startswith("'@")


def test_the_sheet_says_how_it_was_filtered_and_by_whom(cast):
    cast.submit()
    file = io.BytesIO()
    query = "status=submitted&since=2026-11-01"
    ledgers.write(ledgers.find("appeals"), cast.dispatcher, query, ["number"], file)
    book = load_workbook(file)
    said = {row[0].value: row[1].value for row in book["导出说明"].iter_rows(min_row=3)}
    assert said["筛选条件"] == "状态：待受理；提交日期从：2026-11-01"
    assert (said["栏目"], said["行数"], said["导出时间"]) == ("编号", "1", "2026-11-16 15:00")
    assert str(cast.dispatcher) in said["导出人"]
    assert f"{cast.dispatcher.unit.short_name} {cast.dispatcher} 2026-11-16 15:00 仅供内部使用" in (
        book.worksheets[0].oddHeader.right.text
    )


def test_units_and_places_are_filtered_in_words(cast):
    unit = cast.liaison.unit
    said = ledgers.filter_in_words(ledgers.find("appeals"), cast.dispatcher, f"lead_unit={unit.pk}&q=招工")
    assert said == [("搜索", "招工"), ("主办单位", str(unit))]


# --- Many rows ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["appeals", "visits", "enterprises", "payments", "opinions", "tasks"])
def test_sixty_rows_take_as_many_queries_as_three(work, code):
    def more(number):
        for _ in range(number):
            firm = work.firm()
            visit = work.visit("datong", "2026-11-10 09:00", cadre, firm=firm)
            match code:
                case "appeals":
                    work.cast.submit()
                case "enterprises":
                    work.assign("datong", cadre, "2026-01-01", firm=firm)
                case "payments":
                    work.paid("kjj", "2026-11-10", "3.50", firm)
                case "opinions":
                    work.opinion(visit, "passed_on")
                case "tasks":
                    task(work)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            taken(work.cast.dispatcher, code)
        return len(asked)

    cadre = work.leader("datong")
    more(3)
    queries()
    three = queries()
    more(57)
    assert queries() == three


def test_progress_is_told_by_the_chunk(work, monkeypatch):
    monkeypatch.setattr(ledgers, "CHUNK", 2)
    for _ in range(5):
        work.firm()
    heard: list[int] = []
    ledger = ledgers.find("enterprises")
    ledgers.write(ledger, work.cast.dispatcher, "", ["name"], io.BytesIO(), heard.append)
    assert heard == [2, 4, 5]
