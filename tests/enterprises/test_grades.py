"""企业分类监管: who is graded by whom and with what; confirmed, told, objected to, merged; what a grade shuts out of."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from core import clock
from enterprises.grade_querysets import rules_for
from enterprises.grades import (
    grading,
    objections,
    reading,
    scoring,
    subjects,
)
from enterprises.grades.figures import figures, strictest
from enterprises.grades.reminders import remind_of_grades
from enterprises.merging import merge
from enterprises.models import GradeCriteria, GradeDuty, GradeObjection, GradeRecord, SamplePoint
from notifications.models import Notice
from tests import factories as make
from tests.enterprises.grading import NOW, REASON, SPRING, firm_of, graded, looked_after, organs

State = GradeRecord.State


@pytest.fixture(autouse=True)
def now(request):
    with clock.at(NOW):
        yield


@pytest.fixture
def who(district):
    return organs(district)


@pytest.fixture
def firm(district):
    return firm_of(district)


@pytest.fixture
def rules(who):
    return reading.rules_for(who.grader)


def red(who, firm, code: str = "environment"):
    record = graded(who.grader, firm, "red", code)
    return grading.confirm(by=who.leader, record=record, agree=True)


# --- Giving ---------------------------------------------------------------------------------------


def test_the_first_grade_of_a_year_is_the_annual_one_and_what_follows_adjusts_it(who, firm):
    with clock.at(SPRING):
        first = graded(who.grader, firm, "green")
    second = graded(who.grader, firm, "yellow", reason="9月检查发现问题")
    assert (first.kind, first.before, first.year, first.state) == ("annual", "", 2026, State.IN_FORCE)
    assert (second.kind, second.before) == ("adjustment", "green")
    assert GradeDuty.objects.get().record == first, "the list of the year is ticked off by the annual one"
    first.refresh_from_db()
    assert first.grade == "green" and first.reason == REASON, "nothing is overwritten"
    holding = GradeRecord.objects.holding()
    assert [record.pk for record in holding] == [second.pk]
    assert [record.pk for record in GradeRecord.objects.holding(date(2026, 6, 1))] == [first.pk]


def test_the_strictest_field_is_the_firms_overall_grade(who, firm):
    graded(who.grader, firm, "green")
    graded(who.safety, firm, "yellow", "safety")
    standing = reading.standing_of(who.gatherer, firm)
    assert standing.overall.code == "yellow"
    assert {row.field.code: row.grade.code if row.grade else "" for row in standing.fields} == {
        "environment": "green", "safety": "yellow", "equipment": "", "fire": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["safety", "gatherer", "dispatcher", "supervisor", "stranger", "cadre", "admin"]
)
def test_only_the_organ_grades_in_its_field(who, firm, name):
    with pytest.raises(PermissionDenied):
        graded(getattr(who, name), firm)
    assert not GradeRecord.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"grade": "blue"}, "grade", "请选择等级"),
        ({"reason": "  "}, "reason", "请写明评定理由"),
        ({"reason": "字" * 1001}, "reason", "最多1000字"),
        ({"basis": "字" * 101}, "basis", "最多100字"),
        ({"effective_from": date(2025, 12, 31)}, "effective_from", "今年内"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(who, firm, changes, field, words):
    facts = {"grade": "green", "reason": REASON} | changes
    with pytest.raises(ValidationError) as error:
        grading.grade_firm(by=who.grader, enterprise=firm, field="environment", **facts)
    assert words in "".join(error.value.message_dict[field])


def test_a_change_that_changes_nothing_or_reaches_back_is_refused(who, firm):
    graded(who.grader, firm, "green")
    with pytest.raises(ValidationError, match="没有变化"):
        graded(who.grader, firm, "green")
    with pytest.raises(ValidationError, match="不能早于现行等级"):
        graded(who.grader, firm, "yellow", effective_from=date(2026, 11, 1))


def test_a_small_firm_is_graded_only_as_a_sample_point(who, district, rules):
    small = make.enterprise(district)
    with pytest.raises(ValidationError, match="不是分类监管对象"):
        graded(who.grader, small)
    with pytest.raises(PermissionDenied):
        subjects.name_sample(by=who.grader, enterprise=small, reason="抽样")
    with pytest.raises(ValidationError, match="理由"):
        subjects.name_sample(by=who.gatherer, enterprise=small, reason=" ")
    subjects.name_sample(by=who.gatherer, enterprise=small, reason="抽样")
    with pytest.raises(ValidationError, match="已经是"):
        subjects.name_sample(by=who.dispatcher, enterprise=small, reason="抽样")
    assert graded(who.grader, small).is_in_force
    subjects.end_sample(by=who.dispatcher, enterprise=small)
    assert small not in subjects.subjects(district, rules)
    assert reading.standing_of(who.gatherer, small).overall.code == "green", "its grades stay"


def test_a_firm_off_the_roster_and_one_of_another_district_are_not_graded(who, district, firm):
    firm.active = False
    firm.save()
    with pytest.raises(ValidationError, match="已不在册"):
        graded(who.grader, firm)
    other = make.another_district(district)
    foreign = firm_of(other, region=make.township(other, "西湖镇"))
    with pytest.raises(PermissionDenied):
        graded(who.grader, foreign)
    with pytest.raises(PermissionDenied):
        subjects.name_sample(
            by=who.gatherer, enterprise=make.enterprise(other, region=foreign.region), reason="抽样"
        )


# --- Red needs a second person --------------------------------------------------------------------


def test_red_holds_only_once_a_leader_who_is_not_the_grader_agrees(who, firm):
    record = graded(who.grader, firm, "red")
    assert record.state == State.PENDING and not GradeRecord.objects.holding().exists()
    assert GradeDuty.objects.get().record is None
    assert {notice.recipient for notice in Notice.objects.filter(channel="inbox")} == {who.leader, who.deputy}
    for name in ("grader", "safety_leader", "dispatcher", "gatherer"):
        with pytest.raises(PermissionDenied):
            grading.confirm(by=getattr(who, name), record=record, agree=True)
    with pytest.raises(ValidationError, match="正等待审定"):
        graded(who.grader, firm, "green")
    tomorrow = NOW + timedelta(days=1)
    with clock.at(tomorrow):
        record = grading.confirm(by=who.leader, record=record, agree=True)
    assert (record.state, record.effective_from) == (State.IN_FORCE, tomorrow.date())
    assert GradeDuty.objects.get().record == record
    with pytest.raises(ValidationError, match="已经审定过"):
        grading.confirm(by=who.deputy, record=record, agree=False, note="晚了")


def test_a_leader_who_graded_himself_needs_another_leader(who, firm):
    record = graded(who.leader, firm, "red")
    with pytest.raises(PermissionDenied):
        grading.confirm(by=who.leader, record=record, agree=True)
    assert grading.confirm(by=who.deputy, record=record, agree=True).is_in_force


def test_a_refusal_says_why_and_the_firm_stays_on_the_list(who, firm):
    record = graded(who.grader, firm, "red")
    with pytest.raises(ValidationError, match="请写明理由"):
        grading.confirm(by=who.leader, record=record, agree=False)
    grading.confirm(by=who.leader, record=record, agree=False, note="已整改到位")
    assert GradeDuty.objects.get().record is None
    assert graded(who.grader, firm, "yellow").kind == "annual"


# --- The season -----------------------------------------------------------------------------------


def test_the_list_of_the_season_holds_every_subject_once_and_follows_the_roster(who, district, firm):
    second = firm_of(district, "铜陵第二机械有限公司")
    make.enterprise(district)
    with clock.at(SPRING):
        assert subjects.open_season(by=who.grader, field="environment") == subjects.Opened(2, 0)
        assert subjects.open_season(by=who.grader, field="environment") == subjects.Opened(0, 0)
        firm_of(district, "铜陵第三机械有限公司")
        second.active = False
        second.save()
        assert subjects.open_season(by=who.grader, field="environment") == subjects.Opened(1, 1)
        with pytest.raises(PermissionDenied):
            subjects.open_season(by=who.grader, field="safety")
    assert set(GradeDuty.objects.values_list("due_on", flat=True)) == {date(2026, 3, 31)}


def test_many_firms_get_one_grade_and_reason_and_who_has_one_stays(
    who, district, firm, django_assert_max_num_queries
):
    firms = [firm, *(firm_of(district, f"铜陵第{number}厂有限公司") for number in range(12))]
    graded(who.grader, firm, "yellow")
    with django_assert_max_num_queries(34):
        batch = grading.grade_many(
            by=who.grader, enterprises=firms, field="environment", grade="green", reason="去年无处罚"
        )
    assert len(batch.graded) == 12 and batch.skipped == [firm]
    assert GradeDuty.objects.filter(record__isnull=False).count() == 13
    with pytest.raises(ValidationError, match="请先勾选"):
        grading.grade_many(by=who.grader, enterprises=[], field="environment", grade="green", reason="x")


def test_many_reds_wait_together_for_the_leader(who, district, firm):
    batch = grading.grade_many(
        by=who.grader, enterprises=[firm, firm_of(district, "铜陵二厂有限公司")], field="environment",
        grade="red", reason="去年处罚三次",
    )  # fmt: skip
    assert {record.state for record in batch.graded} == {State.PENDING}
    assert "2 家" in Notice.objects.filter(recipient=who.leader).first().title


# --- Criteria -------------------------------------------------------------------------------------

ITEMS = [scoring.Item("行政处罚次数", 40), scoring.Item("处罚后整改", 40), scoring.Item("整改效果", 20)]


def set_criteria(by, **changes):
    facts = {"field": "environment", "year": 2026, "text": "按处罚和整改", "items": ITEMS,
             "thresholds": {"green": 85, "yellow": 60}} | changes  # fmt: skip
    return scoring.set_criteria(by=by, **facts)


def test_criteria_are_versions_and_score_what_is_entered(who, firm, rules):
    set_criteria(who.grader)
    criteria = set_criteria(who.grader, text="第二版")
    assert GradeCriteria.objects.count() == 2 and criteria.version == 2
    record = graded(who.grader, firm, "yellow", entered={"item1": 30, "item2": 30, "item3": 10})
    assert (record.score, record.criteria) == (70, criteria)
    assert [score["points"] for score in record.scores] == [30, 30, 10]
    assert [scoring.suggestion(criteria, total, rules.grades) for total in (85, 84, 60, 59)] == [
        "green", "yellow", "yellow", "red",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entered", "words"),
    [
        ({"item1": 30}, "请填写"),
        ({"item1": 41, "item2": 0, "item3": 0}, "0 到 40"),
        ({"item1": -1, "item2": 0, "item3": 0}, "0 到 40"),
    ],
)  # fmt: skip
def test_points_are_whole_or_none_and_within_their_item(who, firm, entered, words):
    set_criteria(who.grader)
    with pytest.raises(ValidationError) as error:
        graded(who.grader, firm, entered=entered)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": " "}, "text"), ({"year": 2024}, "year"), ({"thresholds": {"green": 60, "yellow": 85}}, "thresholds"),
        ({"thresholds": {"green": 85}}, "thresholds"), ({"thresholds": {"green": 101, "yellow": 60}}, "thresholds"),
        ({"items": [scoring.Item("a", 0)]}, "items"), ({"items": [scoring.Item("a", 1), scoring.Item("a", 2)]}, "items"),
    ],
)  # fmt: skip
def test_criteria_that_make_no_sense_are_refused(who, changes, field):
    with pytest.raises(ValidationError) as error:
        set_criteria(who.grader, **changes)
    assert field in error.value.message_dict


# --- Objections -----------------------------------------------------------------------------------


def objected(who, record, by="gatherer", **changes):
    facts = {"content": "整改已完成，请复核", "how": "letter", "received_on": clock.today()} | changes
    return objections.register_objection(by=getattr(who, by), record=record, **facts)


def test_an_objection_has_days_and_is_ruled_on_by_somebody_else(who, firm):
    record = red(who, firm)
    objection = objected(who, record)
    # Five working days after Thursday the 19th.
    assert (objection.due_on, objection.unit, objection.is_late) == (date(2026, 11, 26), record.unit, False)
    assert who.grader not in {
        notice.recipient for notice in Notice.objects.filter(key__startswith="grade:objection")
    }
    with pytest.raises(PermissionDenied):
        objections.rule(by=who.grader, objection=objection, result="upheld", ruling="维持")
    for name in ("gatherer", "dispatcher", "safety", "supervisor"):
        with pytest.raises(PermissionDenied):
            objections.rule(by=getattr(who, name), objection=objection, result="upheld", ruling="维持")
    objection = objections.rule(
        by=who.deputy, objection=objection, result="changed", ruling="整改属实", grade="yellow"
    )
    assert (objection.changed_to.kind, objection.changed_to.grade) == ("objection", "yellow")
    assert [one.grade for one in GradeRecord.objects.holding()] == ["yellow"]
    with pytest.raises(ValidationError, match="已经裁定过"):
        objections.rule(by=who.leader, objection=objection, result="upheld", ruling="再来")


def test_who_confirmed_a_grade_stands_aside_and_where_nobody_is_left_the_gathering_unit_rules(
    who, firm, client
):
    record = red(who, firm)
    objection = objected(who, record, by="dispatcher")
    assert record.confirmed_by == who.leader
    with pytest.raises(PermissionDenied):
        objections.rule(by=who.leader, objection=objection, result="upheld", ruling="维持")
    page = reverse("enterprises:grade_objection", args=[objection.pk])
    client.force_login(who.leader)
    assert "您评定或审定的" in client.get(page).content.decode()
    rules = rules_for(who.grader)
    assert objections.rulers(objection, rules) == [who.deputy]
    who.deputy.grants.all().delete()
    assert objections.rulers(objection, rules) == [who.gatherer]
    objections.rule(by=who.gatherer, objection=objection, result="changed", ruling="属实", grade="green")
    assert [one.grade for one in GradeRecord.objects.holding()] == ["green"]


def test_an_objection_never_makes_it_worse(who, firm):
    record = graded(who.grader, firm, "yellow")
    objection = objected(who, record)
    for grade in ("red", "yellow", "", "blue"):
        with pytest.raises(ValidationError) as error:
            objections.rule(by=who.leader, objection=objection, result="changed", ruling="x", grade=grade)
        assert "grade" in error.value.message_dict
    objections.rule(by=who.leader, objection=objection, result="upheld", ruling="事实清楚")
    assert [one.pk for one in GradeRecord.objects.holding()] == [record.pk]


def test_days_to_object_run_from_when_the_firm_was_told_and_late_ones_are_marked(who, firm):
    record = graded(who.grader, firm, "yellow")
    grading.tell(by=who.grader, record=record, how="paper")
    record.refresh_from_db()
    with pytest.raises(ValidationError, match="已经登记过"):
        grading.tell(by=who.grader, record=record, how="paper")
    with pytest.raises(PermissionDenied):
        grading.tell(by=who.safety, record=record, how="paper")
    # Ten working days after 19 November: 3 December.
    with clock.at(NOW + timedelta(days=20)):
        in_time = objections.is_late(record, date(2026, 12, 3), reading.rules_for(who.grader))
        objection = objected(who, record, by="dispatcher", received_on=date(2026, 12, 4))
    assert not in_time and objection.is_late


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"content": " "}, "content"), ({"how": "x"}, "how"), ({"received_on": date(2026, 11, 20)}, "received_on"),
     ({"received_on": date(2026, 11, 1)}, "received_on"), ({"content": "字" * 2001}, "content")],
)  # fmt: skip
def test_an_objection_that_makes_no_sense_is_refused(who, firm, changes, field):
    record = graded(who.grader, firm, "yellow")
    with pytest.raises(ValidationError) as error:
        objected(who, record, **changes)
    assert field in error.value.message_dict


def test_an_objection_is_to_the_grade_that_holds_and_there_is_one_at_a_time(who, firm):
    with clock.at(SPRING):
        record = graded(who.grader, firm, "yellow")
    objected(who, record)
    with pytest.raises(ValidationError, match="正在裁定"):
        objected(who, record)
    graded(who.grader, firm, "green")
    with pytest.raises(ValidationError, match="已被后来的评定取代"):
        objected(who, record)
    for name in ("stranger", "cadre", "town", "supervisor"):
        with pytest.raises(PermissionDenied):
            objected(who, GradeRecord.objects.holding().get(), by=name)


# --- Reminders ------------------------------------------------------------------------------------


def titles(user) -> list[str]:
    return list(
        Notice.objects.filter(recipient=user, channel="inbox").order_by("pk").values_list("title", flat=True)
    )


def test_the_tick_tells_of_objections_before_and_after_their_day_once(who, firm, district):
    objected(who, graded(who.grader, firm, "yellow"))
    Notice.objects.all().delete()
    remind_of_grades(district)
    assert titles(who.leader) == []
    for days, said in ((6, "即将到裁定期限"), (8, "已超过裁定期限")):
        with clock.at(NOW + timedelta(days=days)):
            remind_of_grades(district)
            remind_of_grades(district)
        assert [said in title for title in titles(who.leader)][-1]
    assert len(titles(who.leader)) == 2 and titles(who.grader) == []


def test_the_tick_tells_an_organ_of_its_season(who, firm, district):
    with clock.at(SPRING.replace(month=1, day=2)):
        remind_of_grades(district)
    assert titles(who.grader) == ["2026年生态环境分级评定期：还没有列出应评企业"]
    with clock.at(SPRING):
        subjects.open_season(by=who.grader, field="environment")
    with clock.at(SPRING.replace(day=20)):
        remind_of_grades(district)
        graded(who.grader, firm)
    assert "还有 1 家企业没有评定" in titles(who.grader)[-1]
    with clock.at(SPRING.replace(month=4, day=3)):
        remind_of_grades(district)
    assert "2026年安全生产分级已过评定期" in titles(who.safety)[-1]
    assert not any("已过评定期" in title for title in titles(who.grader)), "all are graded"


# --- What a grade shuts out of --------------------------------------------------------------------


def test_red_in_any_field_shuts_out_of_honours_as_long_as_it_holds(who, firm):
    def may_be_honoured() -> bool:
        return reading.standing_of(who.leader, firm).honours

    graded(who.safety, firm, "green", "safety")
    record = graded(who.grader, firm, "red")
    assert may_be_honoured(), "not confirmed yet"
    grading.confirm(by=who.leader, record=record, agree=True)
    assert not may_be_honoured()
    with clock.at(NOW + timedelta(days=30)):
        graded(who.grader, firm, "yellow", reason="整改到位")
        assert may_be_honoured()


# --- Figures --------------------------------------------------------------------------------------


def test_figures_by_field_and_year_and_who_moved(who, district, firm, rules, django_assert_max_num_queries):
    second, third = (firm_of(district, f"铜陵{name}有限公司") for name in ("二", "三"))
    with clock.at(SPRING.replace(year=2025)):
        for one, grade in ((firm, "yellow"), (second, "green"), (third, "green")):
            graded(who.grader, one, grade)
    with clock.at(SPRING):
        graded(who.grader, firm, "green")
        subjects.open_season(by=who.grader, field="environment")
    red(who, second)
    with django_assert_max_num_queries(8):
        found = figures(district, rules)
    row = found.rows[0]
    assert (row.counts, row.total, found.subjects, found.ungraded(row)) == ([2, 0, 1], 3, 3, 0)
    assert [one.counts for one in found.history if one.field.code == "environment"] == [[2, 1, 0]]
    move = found.moves[0]
    assert (move.up, move.down, move.same) == (1, 1, 1)
    assert [(one.due, one.done) for one in found.progress][:2] == [(3, 2), (0, 0)]
    assert [record.enterprise for record in strictest(district, rules)] == [second]


# --- Two firms that are one -----------------------------------------------------------------------


def test_merging_takes_the_grades_along_and_the_stricter_goes_on(who, district, firm):
    double = firm_of(district, "晨光机械", credit_code=None, no_code_reason="未提供")
    with clock.at(SPRING):
        mine = graded(who.grader, firm, "green")
        other = graded(who.grader, double, "yellow")
        graded(who.safety, double, "green", "safety")
    objected(who, other)
    graded(who.grader, firm, "yellow", reason="检查发现问题")
    graded(who.grader, firm, "green", reason="已整改", effective_from=clock.today())
    merge(by=who.dispatcher, kept=firm, duplicate=double)
    holding = {record.field: record for record in GradeRecord.objects.holding().filter(enterprise=firm)}
    assert (holding["environment"].grade, holding["safety"].grade) == ("yellow", "green")
    mine.refresh_from_db()
    assert mine.state == State.SET_ASIDE and GradeRecord.objects.filter(enterprise=firm).count() == 5
    duties = {duty.field: duty.record for duty in GradeDuty.objects.all()}
    assert duties["environment"] == other and GradeDuty.objects.count() == 2
    assert GradeObjection.objects.get().record.enterprise == firm


def test_merging_leaves_one_waiting_grade_and_one_sample(who, district):
    kept = make.enterprise(district, name="铜陵甲")
    double = make.enterprise(district, name="甲", credit_code=None, no_code_reason="未提供")
    for one in (kept, double):
        subjects.name_sample(by=who.gatherer, enterprise=one, reason="抽样")
        graded(who.grader, one, "red")
    merge(by=who.dispatcher, kept=kept, duplicate=double)
    assert GradeRecord.objects.pending().count() == 1
    assert SamplePoint.objects.running().count() == 1


def test_notices_never_say_which_grade_and_go_to_no_group_chat(who, firm, district):
    """They leave the house by e-mail, and a group chat has members that are not entitled."""
    objection = objected(who, red(who, firm))
    with clock.at(NOW + timedelta(days=8)):
        remind_of_grades(district)
        objections.rule(by=who.deputy, objection=objection, result="changed", ruling="属实", grade="green")
    notices = Notice.objects.all()
    assert notices.count() >= 4 and set(notices.values_list("kind", flat=True)) == {"general"}
    told = " ".join(f"{notice.title} {notice.body}" for notice in notices)
    assert not [word for word in ("红标", "绿标", "黄标", REASON) if word in told]


def test_what_is_done_leaves_a_trace_without_words(who, firm):
    red(who, firm)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"grade.given", "grade.confirmed"} <= actions
    assert not any(REASON in str(data) for data in AuditEntry.objects.values_list("data", flat=True))


def test_a_cadre_reads_what_holds_and_nothing_that_waits(who, firm):
    looked_after(firm, who.cadre, who.dispatcher)
    graded(who.grader, firm, "green")
    graded(who.grader, firm, "red")
    seen = GradeRecord.objects.visible_to
    assert [record.grade for record in seen(who.cadre)] == ["green"]
    assert [record.grade for record in seen(who.town)] == ["green"]
    assert {record.grade for record in seen(who.grader)} == {"green", "red"}
    for name in ("other_cadre", "other_town", "stranger", "window", "admin"):
        assert not seen(getattr(who, name)).exists(), name
