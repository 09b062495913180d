"""存量问题清单 in Excel: out of the portal and in again, previewed, written row by row and taken back as one."""

import io
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import AuditEntry
from appeals import backlog
from appeals.backlog_columns import HEADERS
from appeals.backlog_rules import matter_of_appeal
from appeals.backlog_sheet import BacklogJob
from appeals.models import BacklogItem
from core import clock
from districts.workdays import SHANGHAI
from imports.kinds import Draft
from notifications.models import Notice
from tests import factories
from tests.appeals.backlog_cast import BacklogCast, disputed
from tests.enterprises import sheets

KIND = "backlog"
HEAD = ["序号", "问题来源", "案号", "企业名称", "主要问题", "涉及金额", "责任单位", "协同单位", "问题分类", "方案", "时限",
        "法律途径", "下一步"]  # fmt: skip


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


@pytest.fixture
def cast(district) -> BacklogCast:
    return BacklogCast(district)


def row(title: str = "土地出让合同约定的道路没有修通", **fields) -> list:
    cells = {
        "n": 1, "source": "合同协议", "reference": "", "firm": "铜陵存量机械有限公司", "title": title, "amount": "",
        "unit": "区人社局", "assisting": "", "class": "限期类", "plan": "明年6月底前修通。", "due": "2027-06-30",
        "route": "", "next": "",
    }  # fmt: skip
    return list((cells | fields | {"class": fields.pop("klass", cells["class"])}).values())[: len(HEAD)]


def checked(by, *rows, head=HEAD, half=""):
    return sheets.checked(by, sheets.book(rows, head), KIND, half=half)


def applied(by, *rows, half=""):
    return sheets.written(by, checked(by, *rows, half=half))


def counts(found) -> dict[str, int]:
    found.refresh_from_db()
    named = {"new": found.rows_new, "changed": found.rows_changed, "gone": found.rows_gone,
             "same": found.rows_same, "bad": found.rows_bad}  # fmt: skip
    return {name: number for name, number in named.items() if number}


def exported(client, user, **filters) -> bytes:
    client.force_login(user)
    answer = client.get("/appeals/backlog/export/", filters)
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    return answer.content


# --- Out ------------------------------------------------------------------------------------------


def test_the_list_comes_out_as_it_is_filtered_and_nothing_in_it_calculates(client, cast):
    cast.item(title="=1+1", facts="@SUM(A1)")
    cast.item(disputed(), source="litigation", reference="(2026)皖0711民初12号", amount=3)
    lines = sheets.opened(exported(client, cast.dispatcher))
    assert lines[0] == HEADERS
    assert lines[1][5:7] == ["'=1+1", "'@SUM(A1)"]
    assert lines[2] == [
        "2", "诉讼案件", "(2026)皖0711民初12号", "铜陵存量机械有限公司", cast.firm.credit_code, "2023年稳岗返还没有兑现",
        "企业多次申报，因资金没有到位至今没有拨付。", "3.00", "区人社局", "区农业农村局", "2026-11-19", "争议类", None,
        "2026-12-03", "调解", "组织双方调解", "未化解", "2026-11-19", None, None,
    ]  # fmt: skip
    assert [line[0] for line in sheets.opened(exported(client, cast.dispatcher, source="case"))[1:]] == ["2"]
    assert len(sheets.opened(exported(client, cast.liaison))) == 3
    assert len(sheets.opened(exported(client, cast.other_liaison))) == 1
    data = AuditEntry.objects.filter(action="backlog.exported").order_by("pk").values_list("data", flat=True)
    assert list(data) == [{"rows": 2}, {"rows": 1}, {"rows": 2}, {"rows": 0}]


def test_what_came_out_goes_in_again_without_a_change(client, cast):
    appeal = cast.walk(cast.submit(), "sign")
    backlog.put_on_list(by=cast.dispatcher, matter=matter_of_appeal(appeal), course=disputed())
    cast.item(amount=7)
    solved = cast.item(title="已经兑现的", reference="")
    backlog.report_cleared(by=cast.liaison, item=solved, result="已兑现。")
    backlog.confirm_cleared(by=cast.dispatcher, item=solved)
    upload = sheets.SimpleUploadedFile("清单.xlsx", exported(client, cast.dispatcher, state="all"))
    with clock.at(clock.now() + timedelta(days=60)):  # by then everything is overdue, and may stay so
        found = sheets.engine.receive(by=cast.dispatcher, kind=KIND, upload=upload)
        assert sheets.engine.check(found)
    assert counts(found) == {"same": 3}


# --- In -------------------------------------------------------------------------------------------


def test_a_new_row_gets_the_next_number_and_the_units_are_told_once(cast):
    cast.firm, cast.liaison, cast.assistant  # noqa: B018
    cast.item()
    Notice.objects.all().delete()
    found = applied(
        cast.dispatcher,
        row(amount="１,200.5万元", assisting="区农业农村局、区财政局", due="2027年6月30日"),
        row(
            "门面租金没有减免",
            source="12345 热线",
            reference="WT-20260301",
            klass="立即",
            plan="",
            due="2026/11/30",
        ),
    )
    assert counts(found) == {"new": 2}
    second, third = BacklogItem.objects.filter(sheet_import=found).order_by("number")
    assert (second.number, second.enterprise, str(second.amount)) == (2, cast.firm, "1200.50")
    assert {unit.code for unit in second.assisting.all()} == {"nyj", "czj"}
    assert (third.source, third.classification, third.due_on) == ("platform", "immediate", date(2026, 11, 30))
    assert [event.kind for event in third.events.all()] == ["listed"]
    titles = Notice.objects.filter(recipient=cast.liaison).values_list("title", flat=True)
    assert list(titles) == ["2件存量问题交由本单位化解"]


def test_every_mistake_of_a_messy_sheet_is_said_in_its_cell(cast):
    cast.firm  # noqa: B018
    factories.enterprise(cast.district, name="铜陵同名有限公司")
    factories.enterprise(cast.district, name="铜陵同名有限公司")
    found = checked(
        cast.dispatcher,
        row(source="道听途说"),
        row(unit="区人社举"),
        row(unit="大通镇服务窗口", amount="很多"),
        row(klass="马上", due="下个月"),
        row("没有方案的", plan=""),
        row("有争议的", klass="争议类"),
        row("太迟的", klass="立即类", due="2027-01-30"),
        row("过去的", due="2026-11-01"),
        row("同名的", firm="铜陵同名有限公司"),
        row("没有企业的", firm=""),
        row("诉求", source="未办结诉求", reference="JQ20260101-0001"),
        row("两次的"),
        row("两次的"),
        row("自己协同自己的", assisting="区人社局"),
        row("好的"),
    )
    said = sheets.problems(found)
    assert "没有“道听途说”这一项" in said[2] and "是否为" in said[3] and "应为数字" in said[4]
    assert "没有“马上”这一项" in said[5] and "不是日期" in said[5]
    assert "限期类请写明化解方案" in said[6] and "法律途径" in said[7] and "下一步" in said[7]
    assert "10个工作日" in said[8] and "不能早于今天" in said[9] and "同名" in said[10]
    assert "请选择企业" in said[11] and "没有这个编号的诉求" in said[12]
    assert "第13行" in said[14] and "不能同时" in said[15]
    assert counts(found) == {"new": 2, "bad": 13} and not BacklogItem.objects.exists()


def test_a_row_is_known_by_number_by_its_paper_or_by_firm_and_problem(cast):
    items = [
        cast.item(),
        cast.item(title="租金没有减免", reference=""),
        cast.item(title="道路没有修通", reference=""),
    ]
    head = ["清单编号", *HEAD[1:]]
    found = checked(
        cast.dispatcher,
        row("道路没有全部修通", n="第3号", source="政策兑现", due=str(items[2].due_on), plan=items[2].plan),
        row(
            "换了说法",
            source="政策兑现",
            reference="郊政〔2023〕5号",
            due=str(items[0].due_on),
            plan=items[0].plan,
            n="",
        ),
        row("租金没有减免", n="", source="政策兑现", due=str(items[1].due_on), plan=""),
        row("别的", n="99"),
        head=head,
    )
    assert counts(found) == {"changed": 2, "same": 1, "bad": 1}
    by_line = {one.line: one for one in found.rows.all()}
    assert by_line[2].changes == [{"title": "问题", "before": "道路没有修通", "after": "道路没有全部修通"}]
    assert by_line[3].entry == items[0].pk and by_line[4].entry == items[1].pk
    assert "清单中没有第99号" in sheets.problems(found)[5]


def test_a_change_leaves_an_event_and_a_blank_leaves_what_is_there(cast):
    item = cast.item()
    found = applied(
        cast.dispatcher,
        row("2023年稳岗返还没有兑现", source="政策兑现", reference="郊政〔2023〕5号", klass="争议类", plan="", due="2026-12-20",
            route="行政复议", next="等待复议决定"),
    )  # fmt: skip
    assert counts(found) == {"changed": 1}, sheets.problems(found)
    item.refresh_from_db()
    assert (item.classification, item.route, item.plan) == (
        "disputed",
        "reconsideration",
        "分两批兑现，年内付清。",
    )
    assert {unit.code for unit in item.assisting.all()} == {"nyj"}
    event = item.events.last()
    assert (event.kind, event.from_class, event.to_class) == ("classified", "limited", "disputed")
    assert "Excel" in event.text


def test_what_has_ended_or_waits_to_be_confirmed_is_not_changed_by_a_sheet(cast):
    item = backlog.report_cleared(by=cast.liaison, item=cast.item(), result="已兑现。")
    head = ["清单编号", *HEAD[1:]]
    line = row("换个说法", n="1", source="政策兑现")
    assert "先确认或退回" in sheets.problems(checked(cast.dispatcher, line, head=head))[2]
    backlog.confirm_cleared(by=cast.dispatcher, item=item)
    assert "已化解，不能再改" in sheets.problems(checked(cast.dispatcher, line, head=head))[2]


def test_an_appeal_is_listed_by_its_number_once(cast):
    appeal = cast.walk(cast.submit(), "sign")
    line = row("", source="诉求", reference=appeal.number.lower(), firm="")
    found = applied(cast.dispatcher, line)
    assert counts(found) == {"new": 1}
    item = BacklogItem.objects.get()
    assert (item.appeal, item.title, item.facts) == (appeal, appeal.title, appeal.content)
    assert counts(checked(cast.dispatcher, line)) == {"same": 1}


def test_a_complete_sheet_removes_what_it_no_longer_holds_once_that_is_approved(cast):
    kept, gone = cast.item(), cast.item(title="早已兑现的", reference="")
    line = row(kept.title, source="政策兑现", reference=kept.reference, due=str(kept.due_on), plan="")
    found = checked(cast.dispatcher, line, half="2026-H2")
    assert counts(found) == {"same": 1, "gone": 1}
    assert not found.rows.get(outcome="gone").approved
    sheets.engine.approve(sheet_import=found, by=cast.dispatcher, rows=None, approved=True)
    sheets.written(cast.dispatcher, found)
    gone.refresh_from_db()
    assert gone.state == "removed" and "完整清单" in gone.events.last().text
    sheets.undone(cast.dispatcher, found)
    gone.refresh_from_db()
    assert gone.is_open and [event.kind for event in gone.events.all()] == ["listed", "removed", "restored"]


def test_everything_is_taken_back_as_one_but_what_was_worked_on_since_stays(cast):
    item = cast.item(amount=5)
    found = applied(
        cast.dispatcher,
        row("新的一件"),
        row("办过的一件"),
        row(item.title, source="政策兑现", reference=item.reference, klass="争议类", due="2026-12-20", route="诉讼",
            next="等待判决", unit="区财政局", amount="9"),
    )  # fmt: skip
    assert counts(found) == {"new": 2, "changed": 1}
    worked = BacklogItem.objects.get(title="办过的一件")
    backlog.add_progress(by=cast.liaison, item=worked, text="已面谈。", day=clock.today())
    sheets.undone(cast.dispatcher, found)
    found.refresh_from_db()
    assert "已撤销2行" in found.message and "1行没有撤销" in found.message
    assert BacklogItem.objects.get(title="新的一件").state == "removed"
    worked.refresh_from_db()
    item.refresh_from_db()
    assert worked.is_open
    assert (item.classification, item.unit.code, item.amount, item.route) == ("limited", "rsj", 5, "")
    assert [event.kind for event in item.events.all()] == ["listed", "classified", "classified"]


def test_the_bureau_alone_imports_it(client, cast):
    for user, status in (
        (cast.dispatcher, 200), (cast.bureau_leader, 200), (cast.liaison, 403), (cast.supervisor, 403),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get("/imports/backlog/").status_code == status


def test_a_chunk_costs_the_same_however_many_rows_it_has(cast):
    cast.firm  # noqa: B018
    few = checked(cast.dispatcher, *[row(f"问题{n}") for n in range(2)])
    many = checked(cast.dispatcher, *[row(f"问题{n}") for n in range(12)])

    def cost(found) -> int:
        job = BacklogJob(found)
        job._book.units  # noqa: B018 (asked once a job)
        drafts = [backlog_draft(one) for one in found.rows.all()]
        with CaptureQueriesContext(connection) as captured:
            job.judge(drafts)
        return len(captured)

    assert cost(few) == cost(many) <= 5


def backlog_draft(one):
    return Draft(one.line, one.cells, dict(one.values))


def test_the_template_offers_the_words_and_can_be_read_again(client, cast):
    client.force_login(cast.dispatcher)
    answer = client.get("/imports/backlog/template/")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.content))
    assert [cell.value.rstrip("*") for cell in book.worksheets[0][1]] == HEADERS[:16]
    offered = {cell.value for column in book["选项"].columns for cell in column}
    assert {"政策兑现", "信访案件", "争议类", "行政裁决", "区人社局"} <= offered
