"""存量问题: the rules of the list, from being put on it to leaving it, and who sees what."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEntry, Role
from appeals import backlog
from appeals.backlog_rules import matter_of_appeal
from appeals.models import BacklogEvent, BacklogItem
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from notifications.models import Notice
from tests import factories
from tests.appeals.backlog_cast import REASON, BacklogCast, disputed, immediate, limited

TODAY = date(2026, 11, 19)


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield TODAY


@pytest.fixture
def cast(district) -> BacklogCast:
    return BacklogCast(district)


def refused(service, **arguments) -> dict[str, str]:
    """What the service says is wrong, by field; "" for the whole."""
    with pytest.raises(ValidationError) as raised:
        service(**arguments)
    error = raised.value
    if hasattr(error, "error_dict"):
        return {field: messages[0] for field, messages in error.message_dict.items()}
    return {"": error.messages[0]}


def history(item: BacklogItem) -> list[str]:
    return list(item.events.order_by("seq").values_list("kind", flat=True))


def told(user) -> list[str]:
    return list(Notice.objects.filter(recipient=user).order_by("pk").values_list("title", flat=True))


# --- Onto the list --------------------------------------------------------------------------------


def test_the_bureau_puts_a_problem_on_the_list_and_the_units_are_told(cast):
    cast.liaison, cast.assistant, cast.other_liaison  # noqa: B018 (accounts that might be told)
    item = cast.item(amount=Decimal("12.50"))
    item.refresh_from_db()
    assert (item.number, item.state, item.unit.code, item.region.name) == (1, "open", "rsj", "大通镇")
    assert item.subject_name == "铜陵存量机械有限公司" and str(item.amount) == "12.50"
    assert [unit.code for unit in item.assisting.all()] == ["nyj"]
    assert history(item) == ["listed"] and item.events.get().to_class == "limited"
    assert told(cast.liaison) == told(cast.assistant) == ["存量问题交由本单位化解：2023年稳岗返还没有兑现"]
    assert told(cast.other_liaison) == []
    assert AuditEntry.objects.filter(action="backlog.listed", object_id=str(item.pk)).exists()


def test_numbers_run_on_in_each_district(cast):
    other = factories.another_district(cast.district)
    foreigner = factories.user(factories.unit(other), Role.DISPATCHER)
    first = cast.item()
    backlog.remove_item(by=cast.dispatcher, item=first, reason="重复")
    there = backlog.put_on_list(
        by=foreigner,
        matter=cast.matter(
            unit=factories.unit(other, "rsj"), assisting=(), subject=None, claimed_name="某商贸公司"
        ),
        course=limited(),
    )
    assert (cast.item().number, there.number) == (2, 1)


@pytest.mark.parametrize(
    "part", ["liaison", "unit_leader", "supervisor", "district_leader", "cadre", "window", "admin"]
)
def test_nobody_but_the_bureau_puts_anything_on_the_list(cast, part):
    with pytest.raises(PermissionDenied):
        cast.item(by=getattr(cast, part))
    assert not BacklogItem.objects.exists()


def test_what_is_missing_or_impossible_is_said_field_by_field(cast):
    wrong = refused(
        backlog.put_on_list,
        by=cast.dispatcher,
        matter=cast.matter(
            source="policy", title=" ", claimed_name="", unit=cast.window.unit, assisting=(), amount=0,
            found_on=TODAY + timedelta(days=1), reference="x" * 81,
        ),
        course=limited(plan=" ", due_on=TODAY - timedelta(days=1)),
    )  # fmt: skip
    assert set(wrong) == {"title", "unit", "amount", "found_on", "reference", "plan", "due_on"}
    assert "限期类" in wrong["plan"]
    nobody = cast.matter()
    nobody = replace(nobody, subject=None, assisting=(nobody.unit,))
    wrong = refused(backlog.put_on_list, by=cast.dispatcher, matter=nobody, course=limited())
    assert set(wrong) == {"subject", "assisting"}


def test_what_can_be_done_at_once_is_done_within_ten_working_days(cast):
    # Ten working days after Thursday 19 November.
    last = date(2026, 12, 3)
    assert cast.item(immediate(last)).due_on == last
    wrong = refused(
        backlog.put_on_list,
        by=cast.dispatcher,
        matter=cast.matter(),
        course=immediate(last + timedelta(days=1)),
    )
    assert "10个工作日" in wrong["due_on"] and "2026-12-03" in wrong["due_on"]


def test_the_limit_is_the_districts_own(cast):
    profile = DistrictProfile.objects.in_force(cast.district)
    data = profile.data | {"backlog": {"immediate_days": 2}}
    DistrictProfile.objects.create(district=cast.district, effective_from=TODAY, data=data)
    wrong = refused(
        backlog.put_on_list, by=cast.dispatcher, matter=cast.matter(), course=immediate(date(2026, 11, 24))
    )
    assert "2026-11-23" in wrong["due_on"]


def test_what_is_disputed_needs_a_legal_way_and_nothing_else_has_one(cast):
    put = {"by": cast.dispatcher, "matter": cast.matter()}
    assert set(refused(backlog.put_on_list, **put, course=disputed(route="", next_step=""))) == {
        "route", "next_step",
    }  # fmt: skip
    assert set(refused(backlog.put_on_list, **put, course=limited(route="litigation"))) == {"route"}
    item = cast.item(disputed())
    assert (item.route, item.next_step, item.due_label) == ("mediation", "组织双方调解", "下次跟进日期")


def test_the_database_itself_refuses_a_dispute_without_a_way(cast):
    item = cast.item()
    with pytest.raises(IntegrityError), transaction.atomic():
        BacklogItem.objects.filter(pk=item.pk).update(classification="disputed")


# --- Appeals --------------------------------------------------------------------------------------


def test_an_appeal_brings_its_title_firm_and_place_and_stands_on_the_list_once(cast):
    appeal = cast.walk(cast.submit(), "sign")
    matter = matter_of_appeal(appeal)
    item = backlog.put_on_list(by=cast.dispatcher, matter=matter, course=limited())
    assert (item.title, item.reference, item.enterprise) == (appeal.title, appeal.number, appeal.enterprise)
    assert (item.unit, item.region, item.found_on) == (appeal.lead_unit, appeal.region, TODAY)
    again = refused(backlog.put_on_list, by=cast.dispatcher, matter=matter, course=limited())
    assert again == {"reference": "这件诉求已经在清单上。"}
    backlog.remove_item(by=cast.dispatcher, item=item, reason="另行列入")
    assert backlog.put_on_list(by=cast.dispatcher, matter=matter, course=limited()).number == 2


def test_an_appeal_that_has_ended_is_no_problem_any_more(cast):
    appeal = cast.walk(cast.submit(), "close")
    wrong = refused(
        backlog.put_on_list, by=cast.dispatcher, matter=matter_of_appeal(appeal), course=limited()
    )
    assert "终结" in wrong["reference"]


def test_candidates_are_old_redone_or_on_file_and_were_never_listed(cast, today):
    def on(days: int):
        return clock.at(clock.now() - timedelta(days=days))

    with on(91):
        old = cast.submit()
        closed = cast.walk(cast.submit(), "close")
        listed = cast.walk(cast.submit(), "dispatch")
    with on(89):
        young = cast.submit()
    redone = cast.walk(cast.submit(), "feedback")
    cast.do(redone, "rate", satisfaction="unsatisfied", comment="没有解决。")
    once = redone = cast.do(redone, "redo")
    rules = DistrictProfile.objects.in_force(cast.district).rules

    def found() -> set[str]:
        return set(backlog.candidates(cast.dispatcher, rules).values_list("number", flat=True))

    assert found() == {old.number, listed.number}
    for transition in ("sign", "feedback"):
        redone = cast.do(redone, transition)
    cast.do(redone, "rate", satisfaction="unsatisfied", comment="还是没有解决。")
    cast.do(redone, "redo")
    cast.through(cast.walk(young, "sign"), "request_on_file", "put_on_file")
    assert found() == {old.number, listed.number, once.number, young.number}
    assert backlog.candidates(cast.dispatcher, rules).get(number=once.number).redos == 2
    items = backlog.put_appeals_on_list(by=cast.dispatcher, appeals=[listed], course=limited())
    backlog.remove_item(by=cast.dispatcher, item=items[0], reason="正在正常办理")
    assert found() == {old.number, once.number, young.number}
    assert closed.number not in found()
    other = factories.another_district(cast.district)
    foreigner = factories.user(factories.unit(other), Role.DISPATCHER)
    assert not backlog.candidates(foreigner, rules).exists()


def test_candidates_are_listed_together_or_not_at_all(cast):
    with clock.at(clock.now() - timedelta(days=100)):
        first, second = cast.walk(cast.submit(), "dispatch"), cast.submit()
    items = backlog.put_appeals_on_list(by=cast.dispatcher, appeals=[first, second], course=limited())
    assert [(item.number, item.unit.code) for item in items] == [
        (1, "rsj"), (2, second.collecting_unit.code),
    ]  # fmt: skip
    with clock.at(clock.now() - timedelta(days=100)):
        third = cast.submit()
    again = refused(backlog.put_appeals_on_list, by=cast.dispatcher, appeals=[first, third], course=limited())
    assert "刷新" in again[""] and BacklogItem.objects.count() == 2


def test_a_unit_with_many_new_ones_is_told_once(cast):
    cast.liaison  # noqa: B018
    with clock.at(clock.now() - timedelta(days=100)):
        appeals = [cast.walk(cast.submit(), "dispatch") for _ in range(3)]
    Notice.objects.all().delete()
    backlog.put_appeals_on_list(by=cast.dispatcher, appeals=appeals, course=limited())
    assert told(cast.liaison) == ["3件存量问题交由本单位化解"]


# --- Put right ------------------------------------------------------------------------------------


def test_another_class_needs_a_reason_and_the_old_one_is_kept(cast):
    item = cast.item(immediate())
    change = {"by": cast.dispatcher, "item": item, "course": limited(60)}
    assert set(refused(backlog.set_course, **change, reason=" ")) == {"reason"}
    with clock.at(clock.now() + timedelta(days=1)):
        item = backlog.set_course(**change, reason=REASON)
    assert (item.classification, item.classified_on) == ("limited", TODAY + timedelta(days=1))
    event = item.events.get(kind="classified")
    assert (event.from_class, event.to_class, event.text) == ("immediate", "limited", REASON)
    assert {"title": "分类", "before": "立即类", "after": "限期类"} in event.changes


def test_a_later_day_needs_a_reason_and_does_not_outgrow_the_limit_of_what_is_done_at_once(cast):
    item = cast.item(immediate(date(2026, 11, 26)))
    with clock.at(clock.now() + timedelta(days=5)):
        late = {"by": cast.dispatcher, "item": item, "reason": REASON}
        assert set(refused(backlog.set_course, **late, course=immediate(date(2026, 12, 4)))) == {"due_on"}
        moved = backlog.set_course(**late, course=immediate(date(2026, 12, 3)))
        assert moved.due_on == date(2026, 12, 3) and history(moved) == ["listed", "planned"]
        without = late | {"reason": ""}
        assert set(refused(backlog.set_course, **without, course=immediate(date(2026, 12, 2)))) == {"reason"}


def test_the_unit_writes_the_plan_but_neither_class_nor_day(cast):
    item = cast.item()
    plan = limited(plan="先兑现一半，余款12月底前兑现。")
    changed = backlog.set_course(by=cast.liaison, item=item, course=plan, reason="")
    assert changed.plan.startswith("先兑现一半") and history(changed) == ["listed", "planned"]
    assert set(
        refused(backlog.set_course, by=cast.liaison, item=item, course=limited(60), reason=REASON)
    ) == {"due_on"}
    assert set(refused(backlog.set_course, by=cast.unit_leader, item=item, course=disputed(), reason=REASON)) == {
        "classification"
    }  # fmt: skip
    for part in ("assistant", "other_liaison", "supervisor", "township_liaison"):
        with pytest.raises(PermissionDenied):
            backlog.set_course(by=getattr(cast, part), item=item, course=plan, reason="")


def test_the_unit_follows_up_what_is_disputed(cast):
    item = cast.item(disputed())
    later = disputed(30, route="litigation", next_step="等待一审判决")
    changed = backlog.set_course(by=cast.section_head, item=item, course=later, reason="")
    assert (changed.due_on, changed.route) == (TODAY + timedelta(days=30), "litigation")


def test_a_change_is_kept_word_by_word_and_no_change_leaves_no_trace(cast):
    item = cast.item()
    backlog.change_item(by=cast.bureau_leader, item=item, matter=cast.matter())
    assert history(item) == ["listed"]
    czj = cast.other_liaison.unit
    changed = backlog.change_item(
        by=cast.bureau_leader, item=item, matter=cast.matter(unit=czj, assisting=(), title="稳岗返还没有兑现")
    )
    assert changed.unit == czj and list(changed.assisting.all()) == []
    assert changed.events.get(kind="changed").changes == [
        {"title": "问题", "before": "2023年稳岗返还没有兑现", "after": "稳岗返还没有兑现"},
        {"title": "牵头责任单位", "before": "区人社局", "after": "区财政局"},
        {"title": "协同责任单位", "before": "区农业农村局", "after": ""},
    ]
    assert told(cast.other_liaison)[-1].startswith("存量问题交由本单位化解")
    with pytest.raises(PermissionDenied):
        backlog.change_item(by=cast.liaison, item=item, matter=cast.matter())


def test_events_are_written_once(cast):
    event = cast.item().events.get()
    for change in (event.save, event.delete, BacklogEvent.objects.all().delete):
        with pytest.raises(TypeError):
            change()
    with pytest.raises(TypeError):
        BacklogEvent.objects.update(text="")


# --- Working on it and leaving the list -----------------------------------------------------------


def test_units_that_lead_or_assist_write_down_what_they_did(cast):
    item = cast.item()
    for user in (cast.liaison, cast.assistant, cast.section_head, cast.dispatcher):
        backlog.add_progress(by=user, item=item, text="已与企业面谈。", day=TODAY)
    assert history(item) == ["listed", *["progress"] * 4]
    for part in ("other_liaison", "supervisor", "district_leader", "township_liaison", "cadre"):
        with pytest.raises(PermissionDenied):
            backlog.add_progress(by=getattr(cast, part), item=item, text="x", day=TODAY)
    wrong = refused(backlog.add_progress, by=cast.liaison, item=item, text=" ", day=TODAY + timedelta(days=1))
    assert set(wrong) == {"text", "day"}


def test_solved_is_what_the_unit_reports_and_the_bureau_confirms(cast):
    cast.dispatcher, cast.liaison  # noqa: B018
    item = cast.item()
    assert set(refused(backlog.report_cleared, by=cast.liaison, item=item, result=" ")) == {"result"}
    with pytest.raises(PermissionDenied):
        backlog.report_cleared(by=cast.assistant, item=item, result="已兑现。")
    item = backlog.report_cleared(by=cast.liaison, item=item, result="已全额兑现12.5万元。")
    assert item.awaits_confirmation and item.is_open and item.colour_label == "待确认"
    assert told(cast.dispatcher) == ["存量问题已化解，请确认：2023年稳岗返还没有兑现"]
    assert "" in refused(backlog.report_cleared, by=cast.liaison, item=item, result="再报一次。")
    for part in ("liaison", "supervisor", "district_leader"):
        with pytest.raises(PermissionDenied):
            backlog.confirm_cleared(by=getattr(cast, part), item=item)
    item = backlog.confirm_cleared(by=cast.dispatcher, item=item, note="已电话核实。")
    assert item.state == "cleared" and item.cleared_at == clock.now()
    assert (item.events.last().from_class, item.events.last().to_class) == ("limited", "")
    assert told(cast.liaison)[-1] == "存量问题已确认化解：2023年稳岗返还没有兑现"
    for service, more in (
        (backlog.add_progress, {"text": "x", "day": TODAY}),
        (backlog.report_cleared, {"result": "x"}),
        (backlog.confirm_cleared, {}),
        (backlog.send_back, {"reason": "x"}),
        (backlog.remove_item, {"reason": "x"}),
        (backlog.change_item, {"matter": cast.matter()}),
        (backlog.set_course, {"course": limited(), "reason": "x"}),
    ):
        assert "确认化解" in refused(service, by=cast.dispatcher, item=item, **more)[""]


def test_what_is_not_solved_goes_back_with_what_is_missing(cast):
    item = backlog.report_cleared(by=cast.liaison, item=cast.item(), result="已兑现一半。")
    assert "" in refused(backlog.set_course, by=cast.dispatcher, item=item, course=limited(9), reason="x")
    assert set(refused(backlog.send_back, by=cast.dispatcher, item=item, reason="")) == {"reason"}
    item = backlog.send_back(by=cast.dispatcher, item=item, reason="余款没有到账")
    assert item.is_open and item.reported_at is None and item.result == ""
    assert [event.text for event in item.events.order_by("seq")][1:] == ["已兑现一半。", "余款没有到账"]
    assert "" in refused(backlog.confirm_cleared, by=cast.dispatcher, item=item)
    assert "" in refused(backlog.send_back, by=cast.dispatcher, item=item, reason="x")


def test_nobody_of_the_bureau_confirms_what_they_reported_themselves(cast):
    item = cast.item(unit=cast.dispatcher.unit, assisting=())
    item = backlog.report_cleared(by=cast.dispatcher, item=item, result="已办。")
    with pytest.raises(PermissionDenied):
        backlog.confirm_cleared(by=cast.dispatcher, item=item)
    assert backlog.confirm_cleared(by=cast.second_dispatcher, item=item).state == "cleared"


def test_only_the_bureau_removes_and_always_says_why(cast):
    item = cast.item()
    for part in ("liaison", "supervisor"):
        with pytest.raises(PermissionDenied):
            backlog.remove_item(by=getattr(cast, part), item=item, reason="重复")
    assert set(refused(backlog.remove_item, by=cast.dispatcher, item=item, reason=" ")) == {"reason"}
    item = backlog.remove_item(by=cast.dispatcher, item=item, reason="与第3号重复")
    assert item.state == "removed" and item.cleared_at is None
    assert AuditEntry.objects.filter(action="backlog.removed").count() == 1


def test_what_breaks_out_again_counts_as_not_solved_again(cast):
    item = backlog.report_cleared(by=cast.liaison, item=cast.item(), result="已兑现。")
    item = backlog.confirm_cleared(by=cast.dispatcher, item=item)
    with pytest.raises(PermissionDenied):
        backlog.restore_item(by=cast.liaison, item=item, reason="x")
    item = backlog.restore_item(by=cast.dispatcher, item=item, reason="企业反映款项被退回")
    assert item.is_open and item.cleared_at is None and not item.awaits_confirmation
    assert (item.events.last().from_class, item.events.last().to_class) == ("", "limited")
    assert "" in refused(backlog.restore_item, by=cast.dispatcher, item=item, reason="x")


def test_an_appeal_listed_anew_meanwhile_is_not_restored_twice(cast):
    appeal = cast.walk(cast.submit(), "sign")
    put = {"by": cast.dispatcher, "matter": matter_of_appeal(appeal), "course": limited()}
    first = backlog.put_on_list(**put)
    backlog.remove_item(by=cast.dispatcher, item=first, reason="误列")
    backlog.put_on_list(**put)
    wrong = refused(backlog.restore_item, by=cast.dispatcher, item=first, reason="误移出")
    assert "另行列入" in wrong[""]


def test_the_bureau_of_another_district_has_no_say_here(cast):
    item = cast.item()
    other = factories.another_district(cast.district)
    foreigner = factories.user(factories.unit(other), Role.DISPATCHER)
    for service, more in (
        (backlog.change_item, {"matter": cast.matter()}),
        (backlog.remove_item, {"reason": "x"}),
        (backlog.set_course, {"course": limited(), "reason": "x"}),
        (backlog.add_progress, {"text": "x", "day": TODAY}),
    ):
        with pytest.raises(PermissionDenied):
            service(by=foreigner, item=item, **more)


# --- Who sees what --------------------------------------------------------------------------------


def test_everybody_sees_what_concerns_them(cast):
    elsewhere = factories.enterprise(cast.district, region=factories.township(cast.district, "灰河乡"))
    here = cast.item()
    there = cast.item(subject=elsewhere, unit=cast.other_liaison.unit, assisting=())
    other = factories.another_district(cast.district)
    foreigner = factories.user(factories.unit(other), Role.DISPATCHER)
    seen = {part: set(BacklogItem.objects.visible_to(getattr(cast, part))) for part in cast.PARTS}
    both = {here, there}
    assert seen == {
        "grader": set(), "grade_leader": set(),
        "dispatcher": both, "second_dispatcher": both, "bureau_leader": both, "supervisor": both,
        "district_leader": both, "liaison": {here}, "unit_leader": {here}, "section_head": {here},
        "deputy_leader": {here}, "city_liaison": set(), "assistant": {here}, "other_liaison": {there}, "township_liaison": {here},
        "lead_cadre": set(), "cadre": set(), "window": set(), "admin": set(),
    }  # fmt: skip
    assert not BacklogItem.objects.visible_to(foreigner).exists()
    assert set(BacklogEvent.objects.visible_to(cast.assistant)) == set(here.events.all())


def test_an_item_stands_once_however_many_units_assist(cast):
    units = (cast.assistant.unit, cast.other_liaison.unit)
    cast.item(assisting=units)
    assert BacklogItem.objects.visible_to(cast.assistant).count() == 1
    assert BacklogItem.objects.of_unit(units[1].pk).count() == 1


def test_overdue_is_what_the_unit_still_owes_after_the_day(cast):
    item = cast.item(limited(3))
    assert (item.colour, item.colour_label) == ("blue", "临期")
    with clock.at(clock.now() + timedelta(days=4)):
        assert list(BacklogItem.objects.overdue()) == [item] and item.colour_label == "已逾期"
        backlog.report_cleared(by=cast.liaison, item=item, result="已兑现。")
        assert not BacklogItem.objects.overdue().exists()


def test_the_desk_shows_a_unit_what_is_near_and_the_bureau_what_waits_for_it(cast):
    near, far = cast.item(limited(3)), cast.item(limited(30))
    until = TODAY + timedelta(days=3)

    def desk(user) -> set[BacklogItem]:
        return set(BacklogItem.objects.on_desk_of(user, until=until))

    assert desk(cast.liaison) == desk(cast.assistant) == {near}
    assert desk(cast.dispatcher) == desk(cast.supervisor) == desk(cast.township_liaison) == set()
    backlog.report_cleared(by=cast.liaison, item=far, result="已兑现。")
    assert desk(cast.dispatcher) == {far} and desk(cast.liaison) == {near}
    with clock.at(clock.now() + timedelta(days=4)):
        assert desk(cast.dispatcher) == {near, far}
