"""The pages of the campaigns: importing with a preview, reporting, what is kept when a form is refused, and their cost."""

import io
from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AuditEntry
from campaigns.models import Campaign, ListDraft, ProgressReport, Task
from campaigns.services import drafts, list_imports, plans
from campaigns.task_lists.sheets import template
from core import clock
from districts.workdays import SHANGHAI
from portal.navigation import navigation
from tests import factories as make
from tests.campaigns.lists import PASTED, campaign_under_way

NOW = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def dispatcher(district):
    return make.user(make.unit(district), "dispatcher")


@pytest.fixture
def liaison(district):
    return make.user(make.unit(district, "rsj"), "liaison")


@pytest.fixture
def happenings(dispatcher, liaison):
    return campaign_under_way(dispatcher=dispatcher, liaison=liaison, assisting="区农业农村局")


def page(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(f"{reverse(f'campaigns:{name}', args=args)}?{urlencode(query)}")


def send(client, user, name, data, *args):
    client.force_login(user)
    return client.post(reverse(f"campaigns:{name}", args=args), data)


def test_pasted_text_is_previewed_and_only_then_imported(client, dispatcher):
    answer = send(
        client,
        dispatcher,
        "import",
        {
            "token": "a",
            "year": "2026",
            "no": "3",
            "name": "履约践诺",
            "text": PASTED,
            "posts": "张三四=区政府副区长",
        },
    )
    draft = ListDraft.objects.get()
    assert answer.url == reverse("campaigns:draft", args=[draft.pk])
    assert not Campaign.objects.exists()
    text = page(client, dispatcher, "draft", draft.pk).content.decode()
    assert "2026年3月11日至2026年3月20日" in text
    assert "看不出日期，需人工确定" in text and "没有对应到单位：某银行" in text
    assert "按合并单元格理解为“成立专班”" in text and "张三四" not in text
    answer = send(client, dispatcher, "draft", {}, draft.pk)
    campaign = Campaign.objects.get()
    assert answer.url == reverse("campaigns:campaign", args=[campaign.pk])
    assert (campaign.year, campaign.no, campaign.leader, campaign.lead_text) == (
        2026,
        3,
        "区政府副区长",
        "区人社局",
    )
    assert [task.leader for task in campaign.tasks.all()] == ["区政府副区长"] * 2
    assert not ListDraft.objects.visible_to(dispatcher).exists()


def test_a_workbook_is_imported_and_sending_it_twice_makes_one_draft(client, dispatcher):
    for _ in range(2):
        upload = SimpleUploadedFile("清单.xlsx", template())
        answer = send(client, dispatcher, "import", {"token": "b", "year": "2027", "file": upload})
    draft = ListDraft.objects.get()
    assert answer.url == reverse("campaigns:draft", args=[draft.pk])
    send(client, dispatcher, "draft", {}, draft.pk)
    assert Task.objects.filter(campaign__name="示例", campaign__year=2027).count() == 2


def test_an_error_in_a_cell_holds_the_whole_list_back(client, dispatcher):
    text = PASTED.replace("成立专班", "")
    send(client, dispatcher, "import", {"token": "c", "year": "2026", "text": text})
    draft = ListDraft.objects.get()
    answer = page(client, dispatcher, "draft", draft.pk)
    assert "错误：必填" in answer.content.decode()
    assert send(client, dispatcher, "draft", {}, draft.pk).status_code == 422
    assert not Campaign.objects.exists()


ROW = {
    "number": "1", "section": "一、加强组织领导", "title": "成立专班", "measure": "成立工作专班。", "leader": "区政府副区长",
    "lead": "区人社局", "assisting": "", "deadline": "3月中旬", "status": "", "items": "",
}  # fmt: skip


def drafted(client, dispatcher, text=PASTED, **fields):
    data = {"token": "draft", "year": "2026", "no": "3", "name": "履约践诺", "text": text, **fields}
    send(client, dispatcher, "import", data)
    return ListDraft.objects.visible_to(dispatcher).latest("pk")


def test_a_cell_is_put_right_in_the_preview_and_the_list_imported(client, dispatcher):
    draft = drafted(client, dispatcher, PASTED.replace("成立专班", ""))
    text = page(client, dispatcher, "draft", draft.pk, row=0).content.decode()
    assert "改正第3行" in text and "工作任务：必填" in text
    refused = send(
        client, dispatcher, "correct_draft_row", ROW | {"title": "", "measure": "改过的举措"}, draft.pk, 0
    )
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "请填写工作任务。" in text and "改过的举措" in text
    answer = send(
        client,
        dispatcher,
        "correct_draft_row",
        ROW | {"deadline": "1.3月底定方案。2.11月底办班。"},
        draft.pk,
        0,
    )
    assert answer.url.endswith("#row-1") and "row=1" in answer.url, "the next wrong row opens"
    send(client, dispatcher, "correct_draft_row", {"drop": "1"}, draft.pk, 1)
    send(client, dispatcher, "draft", {}, draft.pk)
    (task,) = Task.objects.all()
    assert (task.title, [item.deadline_text for item in task.items.all()]) == (
        "成立专班",
        ["1.3月底定方案。", "2.11月底办班。"],
    )


def test_items_of_a_row_are_put_right_and_tell_its_measure(client, dispatcher):
    draft = drafted(client, dispatcher)
    for items, kept in (("定方案｜3月底\n办班｜11月底｜已完成", 2), ("定方案｜3月底", 1)):
        send(client, dispatcher, "correct_draft_row", ROW | {"items": items}, draft.pk, 0)
        draft.refresh_from_db()
        entry = drafts.reading_of(draft).entries[0]
        assert (len(entry.items), entry.deadline) == (kept, "3月底\n11月底" if kept == 2 else "3月底")
    assert entry.measure == "定方案"


def test_what_a_draft_was_taken_for_is_put_right(client, dispatcher, liaison, happenings):
    draft = happenings.draft
    heading = {"into": "", "year": "2027", "no": "5", "name": "新行动", "title": "新行动任务清单"}
    refused = send(client, dispatcher, "correct_draft_heading", heading | {"name": ""}, draft.pk)
    assert refused.status_code == 422 and "请填写行动名称" in refused.content.decode()
    send(client, dispatcher, "correct_draft_heading", heading, draft.pk)
    assert "2027年" in page(client, dispatcher, "draft", draft.pk).content.decode()
    send(client, dispatcher, "correct_draft_heading", heading | {"into": happenings.campaign.pk}, draft.pk)
    assert "更新已有任务" in page(client, dispatcher, "draft", draft.pk).content.decode()
    assert send(client, liaison, "correct_draft_heading", heading, draft.pk).status_code == 404
    assert send(client, liaison, "correct_draft_row", ROW, draft.pk, 0).status_code == 404


def test_an_import_is_taken_back_as_one_and_waits_again(client, dispatcher, liaison):
    draft = drafted(client, dispatcher)
    send(client, dispatcher, "draft", {}, draft.pk)
    campaign = Campaign.objects.get()
    assert "撤销本次导入" in page(client, dispatcher, "campaign", campaign.pk).content.decode()
    assert liaison.unit in campaign.lead_units.all(), "who keeps the list, but could not have begun it"
    assert "撤销本次导入" not in page(client, liaison, "campaign", campaign.pk).content.decode()
    other = make.user(make.unit(dispatcher.unit.district, "fgw"), "liaison")
    for user in (liaison, other):
        assert send(client, user, "undo_import", {}, campaign.pk).status_code == 403
    answer = send(client, dispatcher, "undo_import", {}, campaign.pk)
    assert answer.url == reverse("campaigns:draft", args=[draft.pk])
    assert not Campaign.objects.exists() and not Task.objects.exists()
    assert AuditEntry.objects.filter(action="campaign.import_undone").exists()
    send(client, dispatcher, "draft", {}, draft.pk)
    assert Task.objects.count() == 2


def test_an_import_into_a_list_is_taken_back_to_what_stood_there(client, dispatcher, happenings):
    campaign = happenings.campaign
    before = list_imports._state_of(campaign)
    draft = drafted(client, dispatcher, into=campaign.pk, complete="on", token="again")
    send(client, dispatcher, "draft", {}, draft.pk)
    assert campaign.tasks.in_force().count() == 2
    send(client, dispatcher, "undo_import", {}, campaign.pk)
    assert list_imports._state_of(Campaign.objects.get(pk=campaign.pk)) == before
    assert send(client, dispatcher, "undo_import", {}, campaign.pk).status_code == 302, "nothing to undo"


def test_an_import_stays_once_something_was_done_on_its_tasks(client, dispatcher, liaison):
    draft = drafted(client, dispatcher)
    send(client, dispatcher, "draft", {}, draft.pk)
    campaign = Campaign.objects.get()
    task = campaign.tasks.get(number="2")
    plans.set_day(by=dispatcher, work=task, day=NOW.date())
    text = page(client, dispatcher, "campaign", campaign.pk).content.decode()
    assert "有1项任务的文字、日期或量化目标已经改过" in text and "撤销本次导入" not in text
    send(client, dispatcher, "undo_import", {}, campaign.pk)
    assert campaign.tasks.count() == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"year": "2026"}, "请选择文件，或在下面粘贴清单文字"),
        ({"year": "2026", "text": "只有一句话"}, "没有读出任务"),
        ({"text": PASTED}, "请填写年度"),
        ({"year": "99999999999999", "text": PASTED}, "2100"),
        ({"year": "2026", "text": PASTED, "posts": "张三四"}, "姓名=职务"),
        ({"year": "2026", "text": "a\0b"}, "请修改|空字符|null"),
    ],
)
def test_what_cannot_be_read_says_why_and_keeps_what_was_typed(client, dispatcher, data, words):
    answer = send(client, dispatcher, "import", {"token": "d", **data})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert any(word in text for word in words.split("|")) or "\0" in data.get("text", "")
    if data.get("text") == "只有一句话":
        assert "只有一句话" in text


def test_a_unit_reports_a_month_and_puts_it_right(client, liaison, happenings):
    task, item = happenings.task, happenings.item
    data = {
        "token": "e", "unit": liaison.unit_id, "item": item.pk, "month": "2026-10", "state": "under_way",
        "text": "十月办12场。", f"figure_{happenings.target.pk}": "12",
    }  # fmt: skip
    assert send(client, liaison, "report", data, task.pk).status_code == 302
    again = send(client, liaison, "report", data | {"token": "f", "text": "别的"}, task.pk)
    assert again.status_code == 422 and "这个月已经填报过" in again.content.decode()
    report = ProgressReport.objects.get(month="2026-10-01")
    form = page(client, liaison, "report", task.pk, report=report.pk).context["form"]
    assert form.initial["text"] == "十月办12场。"
    send(
        client,
        liaison,
        "report",
        data | {"token": "g", "known": str(report.pk), "text": "十月办13场。"},
        task.pk,
    )
    report.refresh_from_db()
    assert report.text == "十月办13场。"
    text = page(client, liaison, "task", task.pk).content.decode()
    assert "目前 <strong>32</strong> / 30场次，已达到" in text


def test_my_units_tasks_of_the_month(client, liaison, happenings):
    text = page(client, liaison, "mine", month="2026-11").content.decode()
    assert "本月30日到期" in text and "专场招聘" in text
    empty = page(client, liaison, "mine", month="2031-01").content.decode()
    assert "这个月没有本单位的任务" in empty


def test_the_sheet_holds_exactly_the_eight_columns(client, liaison, happenings):
    answer = page(client, liaison, "sheet", happenings.campaign.pk)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    heads = [
        "序号",
        "工作任务",
        "具体举措",
        "牵头领导",
        "牵头责任单位",
        "协同责任单位",
        "完成时限",
        "完成情况",
    ]
    assert [cell.value for cell in sheet[2]] == heads
    assert sheet["A3"].value == "一、搭建通道"
    assert [sheet.cell(row=4, column=column).value for column in (1, 3, 7, 8)] == [
        "1",
        "1.定方案",
        "3月底",
        "已完成",
    ]
    with_progress = page(client, liaison, "sheet", happenings.campaign.pk, progress=1)
    rows = load_workbook(io.BytesIO(with_progress.content)).active.iter_rows(values_only=True)
    assert any("已办20场次" in str(cell) for row in rows for cell in row)


def test_a_finding_is_noted_and_a_list_closed_after_its_month(client, dispatcher, liaison, happenings):
    inspection = happenings.inspection
    line = inspection.lines.last()
    send(client, dispatcher, "inspection", {f"finding_{line.pk}": "请核实。", "summary": "好"}, inspection.pk)
    line.refresh_from_db()
    assert line.finding == "请核实。"
    too_long = {f"finding_{line.pk}": "长" * 501, "summary": "好"}
    answer = send(client, dispatcher, "inspection", too_long, inspection.pk)
    assert answer.status_code == 422 and "长" * 501 in answer.content.decode()
    with clock.at(datetime(2026, 12, 1, 9, 0, tzinfo=SHANGHAI)):
        send(client, dispatcher, "close_inspection", {}, inspection.pk)
    inspection.refresh_from_db()
    assert inspection.closed_at
    assert "finding_" not in page(client, dispatcher, "inspection", inspection.pk).content.decode()


def test_a_task_by_hand_numbers_of_a_deadline_become_items(client, dispatcher, happenings):
    data = {
        "token": "h", "number": "9", "title": "培育主体", "lead": "区人社局",
        "deadline": "1.1-5月完成申报。2.12月底前认定5家以上。",
    }  # fmt: skip
    send(client, dispatcher, "new_task", data, happenings.campaign.pk)
    task = Task.objects.get(number="9")
    assert [item.due.month for item in task.items.all()] == [5, 12]
    twice = send(client, dispatcher, "new_task", data | {"token": "i"}, happenings.campaign.pk)
    assert twice.status_code == 422 and "清单中已有序号9" in twice.content.decode()
    bad = send(client, dispatcher, "edit_task", data | {"token": "j", "items": "只有内容"}, task.pk)
    assert bad.status_code == 422 and "每行写成" in bad.content.decode()


@pytest.mark.parametrize("who", ["dispatcher", "stranger"])
def test_lists_cost_the_same_with_twice_as_many_tasks(client, district, dispatcher, happenings, who):
    reader = dispatcher if who == "dispatcher" else make.user(make.unit(district, "nyj"), "liaison")
    places = [
        ("list", ()),
        ("campaign", (happenings.campaign.pk,)),
        ("calendar", ()),
        ("inspection", (happenings.inspection.pk,)),
        ("mine", ()),
    ]

    def cost(name, args):
        page(client, reader, name, *args)
        with CaptureQueriesContext(connection) as queries:
            page(client, reader, name, *args)
        return len(queries)

    before = {name: cost(name, args) for name, args in places}
    plans.copy_to_year(campaigns=[happenings.campaign], year=2027, by=dispatcher)
    for copy in Campaign.objects.filter(year=2027):
        Campaign.objects.filter(pk=copy.pk).update(year=2026, name="另一个行动")
    assert {name: cost(name, args) for name, args in places} == before


def test_the_navigation_offers_campaigns_where_there_are_any(client, district, dispatcher, liaison):
    def offered(user):
        return {item.label for section in navigation(user, "/") for item in section.items}

    assert "行动清单" in offered(dispatcher), "to begin with one"
    assert not {"行动清单", "本单位任务", "行事历", "月度督查"} & offered(liaison)
    cache.clear()
    campaign_under_way(dispatcher=dispatcher, liaison=liaison, assisting="区农业农村局")
    assert {"行动清单", "本单位任务", "行事历", "月度督查"} <= offered(liaison)


def test_without_campaigns_every_page_says_what_to_do(client, dispatcher):
    for name in ("calendar", "inspections", "mine"):
        assert "去行动清单" in page(client, dispatcher, name).content.decode()
    assert "导入任务清单" in page(client, dispatcher, "list").content.decode()


def test_what_was_reported_for_the_month_is_opened_to_be_put_right(client, liaison, happenings):
    text = page(client, liaison, "report", happenings.task.pk, item=happenings.item.pk).content.decode()
    assert "更正2026年11月的进展" in text and "已办20场次。" in text
    text = page(client, liaison, "report", happenings.task.pk).content.decode()
    assert "已填报的1份" in text and "更正2026年11月的进展" not in text


def test_a_count_shows_the_reports_and_events_it_is_made_of(client, dispatcher, liaison, happenings):
    text = page(client, liaison, "task", happenings.task.pk).content.decode()
    report = ProgressReport.objects.get()
    assert (
        "由哪1条记录计出" in text
        and f'href="#report-{report.pk}"' in text
        and f'id="report-{report.pk}"' in text
    )
    assert (
        "不少于30场次：目前20" in page(client, liaison, "campaign", happenings.campaign.pk).content.decode()
    )


def test_findings_are_asked_for_where_something_is_wrong(client, dispatcher, happenings):
    line = happenings.inspection.lines.exclude(state="silent").exclude(state="overdue").first()
    silent = happenings.inspection.lines.filter(state="silent").first()
    assert silent.calls_for_a_finding and not line.calls_for_a_finding
    text = page(client, dispatcher, "inspection", happenings.inspection.pk).content.decode()
    assert text.count("<summary>写意见</summary>") == sum(
        not one.calls_for_a_finding for one in happenings.inspection.lines.all()
    )


def test_what_is_done_stays_done_when_more_is_told_about_it(client, liaison, happenings):
    task = happenings.campaign.tasks.get(number="2")
    Task.objects.filter(pk=task.pk).update(done_on="2026-10-12")
    answer = page(client, liaison, "report", task.pk)
    assert "已于2026年10月12日完成" in answer.content.decode()
    initial = answer.context["form"].initial
    assert (initial["state"], str(initial["done_on"])) == ("done", "2026-10-12")
