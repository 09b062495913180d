"""Campaigns: loaded with a profile, kept, reported, counted, inspected; who may, and what survives a second loading."""

import io
import json
from datetime import date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from campaigns.models import (
    Campaign,
    Inspection,
    InspectionLine,
    ProgressReport,
    Target,
    Task,
    TaskUnit,
)
from campaigns.reminders import remind
from campaigns.selectors import owed_by, with_all
from campaigns.services import inspecting, plans, progress
from campaigns.states import State, standing_items, state_of, turns
from campaigns.target_counts import counted
from campaigns.task_lists.sheets import read_book, write_list
from core import clock
from districts.campaign_plans import CampaignSpec
from districts.loading import read_profile
from districts.models import DistrictProfile, Region
from districts.workdays import SHANGHAI
from notifications.models import Notice
from reports.bulletins.counted import Month, count_month
from tests import factories as make

NOW = datetime(2026, 4, 20, 10, 0, tzinfo=SHANGHAI)
COUNTS = {
    "履约践诺": 20, "千名干部联万企": 13, "企业恳谈会": 12, "审批助企": 6, "司法助企": 8, "助企招人": 12,
    "科技赋能": 4, "金融助企": 15, "企业家素质提升": 15, "企业分类监管": 12,
}  # fmt: skip
SPEC = {
    "year": 2026, "no": 1, "name": "助企招人", "leader": "区政府副区长", "lead": "人社局", "assisting": "各乡镇街",
    "tasks": [
        {"number": "1", "title": "建立清单", "measure": "更新清单", "lead": "人社局", "assisting": "科经局、各乡镇街、某银行",
         "deadline": "每月10日前"},
        {"number": "2", "title": "专场招聘", "measure": "开展招聘，不少于30场次", "lead": "人社局", "deadline": "4月底前"},
        {"number": "3", "title": "培训", "measure": "1.计划\n2.办班", "lead": "人社局", "deadline": "3月底\n11月底",
         "items": [{"text": "1.计划", "deadline": "3月底"}, {"text": "2.办班", "deadline": "11月底"}]},
        {"number": "4", "title": "宣传", "lead": "人社局", "deadline": "长期开展"},
        {"number": "5", "title": "看着办", "lead": "人社局", "deadline": "视进度另行通知"},
        {"number": "6", "title": "协调", "lead": "人社局", "deadline": "适时"},
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def rsj(district):
    return make.unit(district, "rsj")


@pytest.fixture
def campaign(district):
    plans.load_campaigns(district=district, specs=[CampaignSpec.model_validate(SPEC)])
    return Campaign.objects.get(district=district)


@pytest.fixture
def liaison(rsj):
    return make.user(rsj, "liaison")


@pytest.fixture
def dispatcher(district):
    return make.user(make.unit(district), "dispatcher")


def task(campaign, number) -> Task:
    return with_all(campaign.tasks).get(number=number)


def told(liaison, task, month=date(2026, 4, 1), state="under_way", **fields):
    return progress.report_progress(
        by=liaison, task=task, unit=liaison.unit, month=month, state=state, text="正在推进。", **fields
    )


# --- The profile ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def profile(request):
    return read_profile(request.config.rootpath / "profiles" / "341504")


@pytest.fixture(scope="module")
def plan(profile):
    return profile.campaigns


@pytest.fixture(scope="module")
def plan_rules(profile):
    return profile.rules


def test_the_ten_lists_of_the_plan_are_all_there(plan):
    assert {spec.name: len(spec.tasks) for spec in plan} == COUNTS
    assert [spec.no for spec in plan] == list(range(1, 11))
    quality = next(spec for spec in plan if spec.name == "企业家素质提升")
    assert [task.number for task in quality.tasks] == [str(n) for n in range(1, 17) if n != 11]
    finance = next(spec for spec in plan if spec.name == "金融助企")
    assert [task.title for task in finance.tasks[:5]] == ["畅通融资渠道"] * 4 + ["支持重点融资"]


def test_leaders_stand_there_as_posts_and_every_campaign_has_its_force(plan):
    posts = {
        "区委常委、区政府常务副区长", "区政府副区长", "区委常委、区委政法委书记", "区委常委、统战部部长",
        "区政府副区长、市公安局叶集分局局长",
    }  # fmt: skip
    assert {task.leader for spec in plan for task in spec.tasks} == posts | {""}
    assert {spec.force.head for spec in plan} == posts
    assert plan[0].tasks[0].measure.startswith("成立由区委常委、区政府常务副区长任组长,")


def test_the_command_lists_what_was_loaded(db):
    call_command("import_calendar", stdout=io.StringIO())
    call_command("load_profile", "341504", stdout=io.StringIO())
    first = io.StringIO()
    call_command("campaign_tasks", district="341504", json=True, stdout=first)
    data = json.loads(first.getvalue())
    assert (data["lists"], data["tasks"], data["items"]) == (10, 117, 33)
    rows = {row["序号"]: row for row in data["campaigns"][5]["rows"]}
    assert rows["1"]["完成时限"] == "每月10日前,每月动态更新。"
    assert rows["1"]["understood"]["recurs"] == "month"
    assert [item["deadline"] for item in data["campaigns"][3]["rows"][4]["items"]] == ["3月中旬", "适时"]
    call_command("load_profile", "341504", stdout=io.StringIO())
    second = io.StringIO()
    call_command("campaign_tasks", district="341504", json=True, stdout=second)
    assert second.getvalue() == first.getvalue()
    plans.copy_to_year(campaigns=Campaign.objects.all(), year=2026)
    third, carried_over = io.StringIO(), io.StringIO()
    call_command("campaign_tasks", district="341504", json=True, stdout=third)
    assert third.getvalue() == first.getvalue(), (
        "the lists of the plan, not those carried over into another year"
    )
    call_command("campaign_tasks", district="341504", year=2026, json=True, stdout=carried_over)
    assert json.loads(carried_over.getvalue())["tasks"] == 117
    named = TaskUnit.objects.filter(
        task__campaign__name="助企招人", task__campaign__year=2023, task__number="4", part="assist"
    )
    assert named.filter(unit__kind="township").count() == 7


# --- Loading again --------------------------------------------------------------------------------


def test_loading_again_changes_the_words_and_keeps_what_was_done(district, campaign, liaison):
    wanted = task(campaign, "2")
    told(liaison, wanted)
    plans.set_day(by=liaison, work=task(campaign, "5"), day=date(2026, 9, 1))
    changed = json.loads(json.dumps(SPEC))
    changed["tasks"][1]["measure"] = "开展招聘，不少于40场次"
    del changed["tasks"][0], changed["tasks"][-1]
    plans.load_campaigns(district=district, specs=[CampaignSpec.model_validate(changed)])
    again = task(campaign, "2")
    assert again.pk == wanted.pk and again.reports.count() == 1
    assert again.measure.endswith("40场次")
    assert set(again.targets.values_list("text", flat=True)) == {"不少于30场次", "不少于40场次"}
    assert task(campaign, "5").due_by_hand == date(2026, 9, 1)
    assert not campaign.tasks.filter(number="1").exists()


def test_a_task_that_was_reported_is_withdrawn_and_never_lost(district, campaign, liaison):
    told(liaison, task(campaign, "2"))
    less = SPEC | {"tasks": [spec for spec in SPEC["tasks"] if spec["number"] != "2"]}
    loaded = plans.load_campaigns(district=district, specs=[CampaignSpec.model_validate(less)])
    assert loaded.gone == 1
    assert campaign.tasks.get(number="2").withdrawn
    assert ProgressReport.objects.count() == 1


def test_units_are_found_by_name_and_group_and_the_rest_is_told(district, campaign):
    first = task(campaign, "1")
    parts = {line.unit.code: line.part for line in first.named_units.all()}
    assert parts["rsj"] == "lead" and parts["kjj"] == "assist" and parts["datong"] == "assist"
    loaded = plans.load_campaigns(district=district, specs=[CampaignSpec.model_validate(SPEC)])
    assert loaded.unknown == ["某银行"]
    assert first.assisting_text == "科经局、各乡镇街、某银行"


# --- Progress -------------------------------------------------------------------------------------


def test_a_leading_unit_finishes_a_task_and_an_assisting_one_does_not(district, campaign, liaison):
    helper = make.user(make.unit(district, "datong"), "liaison")
    told(helper, task(campaign, "1"), state="done")
    wanted = task(campaign, "2")
    with pytest.raises(PermissionDenied):
        told(helper, wanted)
    told(liaison, wanted, state="done", done_on=date(2026, 4, 18))
    wanted.refresh_from_db()
    assert wanted.done_on == date(2026, 4, 18)
    assert state_of(wanted, clock.today()) == State.DONE


def test_a_month_is_reported_once_and_put_right_in_place(campaign, liaison):
    wanted = task(campaign, "2")
    told(liaison, wanted, state="done")
    told(liaison, wanted, state="under_way")
    assert wanted.reports.count() == 1
    wanted.refresh_from_db()
    assert wanted.done_on is None


def test_a_task_with_items_is_done_with_its_last_item(campaign, liaison):
    wanted = task(campaign, "3")
    plan, course = standing_items(wanted)
    with pytest.raises(ValidationError):
        told(liaison, wanted)
    assert state_of(wanted, clock.today(), [plan, course]) == State.OVERDUE
    told(liaison, wanted, item=plan, state="done")
    wanted = task(campaign, "3")
    assert state_of(wanted, clock.today(), standing_items(wanted)) == State.UNDER_WAY
    told(liaison, wanted, item=course, state="done")
    wanted = task(campaign, "3")
    assert state_of(wanted, clock.today(), standing_items(wanted)) == State.DONE


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"month": date(2026, 5, 1)}, "month"),
        ({"month": date(2025, 12, 1)}, "month"),
        ({"state": "done", "done_on": date(2026, 4, 21)}, "done_on"),
        ({"state": "sleeping"}, "state"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(campaign, liaison, fields, field):
    with pytest.raises(ValidationError) as error:
        told(liaison, task(campaign, "2"), **fields)
    assert field in error.value.message_dict


def test_a_target_is_counted_from_what_was_reported(campaign, liaison):
    wanted = task(campaign, "2")
    target = wanted.targets.get()
    assert (target.text, target.state) == ("不少于30场次", "suggested")
    progress.save_target(
        by=liaison, task=wanted, target=target, text=target.text, number=target.number, measure="场次",
        counts="reports",
    )  # fmt: skip
    told(liaison, wanted, month=date(2026, 3, 1), figures={target.pk: Decimal(12)})
    told(liaison, wanted, month=date(2026, 4, 1), figures={target.pk: Decimal(9)})
    (count,) = counted([task(campaign, "2")])[target.task_id]
    assert (count.target, count.so_far, count.reached) == (target, Decimal(21), False)
    progress.drop_target(by=liaison, target=target)
    plans.suggest_targets(wanted)
    assert Target.objects.get().state == "dropped"


def test_recurring_work_is_behind_when_a_month_was_left_out(campaign, liaison):
    wanted = task(campaign, "1")
    assert [turn.due.month for turn in turns(wanted)] == list(range(1, 13))
    assert state_of(wanted, clock.today()) == State.OVERDUE
    told(liaison, wanted, state="done")
    wanted.refresh_from_db()
    assert wanted.done_on is None
    assert state_of(wanted, clock.today()) == State.UNDER_WAY


# --- Inspection -----------------------------------------------------------------------------------


def lines_of(district, month=date(2026, 4, 1)):
    inspection = inspecting.draw_up(district=district, month=month)
    return {(line.task.number, line.item and line.item.order): line for line in inspection.lines.all()}


def test_the_list_of_a_month_says_what_is_due_done_behind_and_silent(district, campaign, liaison):
    told(liaison, task(campaign, "2"), state="done")
    told(liaison, task(campaign, "4"))
    lines = lines_of(district)
    assert lines["1", None].is_due and lines["1", None].state == "overdue"
    assert lines["2", None].is_due and lines["2", None].state == "done"
    assert lines["3", 1].state == "overdue" and not lines["3", 1].is_due
    assert lines["3", 2].state == "silent"
    assert lines["4", None].state == "under_way" and lines["4", None].reported
    assert ("6", None) not in lines
    assert lines["5", None].due is None


def test_findings_survive_drawing_up_again_and_closing_freezes_all(district, campaign, liaison, dispatcher):
    line = lines_of(district, date(2026, 3, 1))["3", 1]
    inspection = line.inspection
    inspecting.note_findings(
        by=dispatcher, inspection=inspection, findings={line.pk: "请抓紧。"}, summary="总体正常。"
    )
    lines_of(district, date(2026, 3, 1))
    line.refresh_from_db()
    assert line.finding == "请抓紧。"
    inspecting.close(by=dispatcher, inspection=inspection)
    with pytest.raises(ValidationError) as error:
        told(liaison, task(campaign, "2"), month=date(2026, 3, 1))
    assert "month" in error.value.message_dict
    with pytest.raises(ValidationError):
        inspecting.note_findings(by=dispatcher, inspection=inspection, findings={line.pk: "改"})
    told(liaison, task(campaign, "3"), item=line.item, state="done")
    assert lines_of(district, date(2026, 3, 1))["3", 1].state == "overdue"


def test_a_month_is_closed_by_the_lead_bureau_and_only_when_it_is_over(
    district, campaign, liaison, dispatcher
):
    inspection = inspecting.draw_up(district=district, month=date(2026, 4, 1))
    with pytest.raises(ValidationError):
        inspecting.close(by=dispatcher, inspection=inspection)
    march = inspecting.draw_up(district=district, month=date(2026, 3, 1))
    with pytest.raises(PermissionDenied):
        inspecting.close(by=liaison, inspection=march)


def test_the_bulletin_says_what_the_inspection_says(district, campaign, liaison, plan_rules):
    told(liaison, task(campaign, "2"), state="done")
    inspecting.draw_up(district=district, month=date(2026, 4, 1))
    rules = DistrictProfile.objects.in_force(district).rules
    sections = tuple(
        section for section in plan_rules.bulletin.monthly if section.code.startswith("campaign")
    )
    assert [section.code for section in sections] == ["campaigns", "campaign_units"]
    counted = count_month(district, rules, Month(2026, 4), sections)
    assert counted.figures["campaign_tasks_due"]["text"] == "2"
    assert counted.figures["campaign_tasks_done"]["text"] == "1"
    assert counted.figures["campaign_rate"]["text"] == "50.0%"
    assert counted.figures["campaign_rate.behind:项"]["text"] == "区人社局1项"
    ids = {pk for held in counted.evidence["campaign_tasks_due"].values() for pk in held}
    assert ids == set(InspectionLine.objects.filter(is_due=True).values_list("pk", flat=True))


def test_units_that_owe_progress_are_reminded_once(district, campaign, liaison):
    with clock.at(datetime(2026, 4, 28, 9, 0, tzinfo=SHANGHAI)):
        remind(district)
        remind(district)
    notices = Notice.objects.filter(key__startswith="campaign-report:", recipient=liaison, channel="inbox")
    assert notices.count() == 1
    assert notices.get().kind == "report"


# --- By hand, and the next year -------------------------------------------------------------------


def test_only_the_bureau_and_the_leading_unit_keep_a_campaign(district, campaign, liaison, dispatcher):
    other = make.user(make.unit(district, "datong"), "liaison")
    wanted = task(campaign, "5")
    for who in (liaison, dispatcher):
        plans.set_day(by=who, work=wanted, day=date(2026, 6, 1))
    with pytest.raises(PermissionDenied):
        plans.set_day(by=other, work=wanted, day=None)
    with pytest.raises(PermissionDenied):
        plans.copy_to_year(campaigns=[campaign], year=2027, by=liaison)


def test_next_years_list_starts_afresh_with_its_own_deadlines(campaign, liaison, dispatcher):
    told(liaison, task(campaign, "2"), state="done")
    (copy,) = plans.copy_to_year(campaigns=[campaign], year=2027, by=dispatcher)
    second = task(copy, "2")
    assert (second.due, second.done_on, second.reports.count()) == (date(2027, 4, 30), None, 0)
    third = task(copy, "3")
    assert [item.due for item in standing_items(third)] == [date(2027, 3, 31), date(2027, 11, 30)]
    assert third.due == date(2027, 11, 30)
    assert plans.copy_to_year(campaigns=[campaign], year=2027, by=dispatcher) == []


def test_a_list_written_to_excel_reads_the_same(campaign):
    tasks = list(with_all(campaign.tasks.in_force()).order_by("order"))
    ((_, reading),) = read_book(io.BytesIO(write_list(campaign, tasks, {})))
    assert [entry.number for entry in reading.entries] == [each.number for each in tasks]
    assert [entry.title for entry in reading.entries] == [each.title for each in tasks]
    assert [entry.deadline for entry in reading.entries] == [each.deadline_text for each in tasks]
    assert [len(entry.items) for entry in reading.entries] == [len(standing_items(each)) for each in tasks]


def test_another_district_sees_nothing(district, campaign, dispatcher):
    inspecting.draw_up(district=district, month=date(2026, 4, 1))
    other = make.another_district(district)
    stranger = make.user(make.unit(other, "kjj"), "dispatcher")
    for model in (Campaign, Task, Inspection, InspectionLine, TaskUnit, Target):
        assert not model.objects.visible_to(stranger).exists()
        assert model.objects.visible_to(dispatcher).exists()
    assert Region.objects.filter(pk=other.pk).exists()


def test_what_is_due_next_year_is_reported_and_inspected_until_then(district, campaign, liaison, dispatcher):
    plans.set_day(by=dispatcher, work=task(campaign, "5"), day=date(2027, 1, 31))
    late = task(campaign, "5")
    with clock.at(datetime(2027, 1, 20, 10, 0, tzinfo=SHANGHAI)):
        assert [owed.task for owed in owed_by(liaison, date(2027, 1, 1), date(2027, 1, 31))] == [late]
        inspection = inspecting.draw_up(district=district, month=date(2027, 1, 1))
        assert [line.task_id for line in inspection.lines.all()] == [late.pk]
        told(liaison, late, month=date(2027, 1, 1))
    with clock.at(datetime(2027, 2, 1, 10, 0, tzinfo=SHANGHAI)), pytest.raises(ValidationError) as caught:
        told(liaison, late, month=date(2027, 2, 1))
    assert "month" in caught.value.message_dict
