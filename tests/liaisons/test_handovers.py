from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from core import clock
from liaisons.models import Assignment, Handover, VisitPlan
from liaisons.services.assignments import end_assignment
from liaisons.services.handovers import hand_over
from liaisons.services.plans import plan_visit
from notifications.models import Notice
from tests import factories as make

STARTED = date(2026, 1, 5)


@pytest.fixture
def held(network):
    """Three firms that Ann leads and one she supports."""
    leads = [network.assigned(network.firm(), started=STARTED) for _ in range(3)]
    other = network.firm()
    network.assigned(other, network.bob, started=STARTED)
    return [*leads, network.assigned(other, started=STARTED, part="support")]


def moved(network, held, to, *, day=None, by=None, reason="工作调动"):
    successors = to if isinstance(to, dict) else {one.pk: to for one in held}
    return hand_over(
        by=by or network.dispatcher,
        official=network.ann,
        day=day or clock.today(),
        reason=reason,
        successors=successors,
    )


def test_everything_goes_to_one_successor_and_the_past_stays_true(network, held):
    today = clock.today()
    handover = moved(network, held, network.bob)
    yesterday = today - timedelta(days=1)
    assert Assignment.objects.in_force(yesterday).held_by(network.ann.pk).count() == 4
    assert not Assignment.objects.in_force(today).held_by(network.ann.pk).exists()
    of_bob = Assignment.objects.in_force(today).held_by(network.bob.pk)
    assert {one.enterprise_id for one in of_bob} == {one.enterprise_id for one in held}
    # Of the firm he led already he simply goes on being the lead.
    assert of_bob.filter(handover=handover).count() == 3
    assert of_bob.filter(enterprise=held[3].enterprise).get().started == STARTED
    assert handover.ended.count() == 4
    entry = AuditEntry.objects.get(action="handover.create")
    assert sorted(entry.data["ended"]) == sorted(one.pk for one in held)


def test_it_is_split_and_what_is_left_open_becomes_a_gap(network, held, district):
    carl = make.official(network.datong, name="程远")
    moved(network, held, {held[0].pk: network.bob, held[1].pk: carl, held[2].pk: None})
    in_force = Assignment.objects.in_force()
    assert in_force.held_by(network.bob.pk).filter(enterprise=held[0].enterprise).exists()
    assert in_force.held_by(carl.pk).filter(enterprise=held[1].enterprise).exists()
    assert not in_force.filter(enterprise=held[2].enterprise).exists()
    # What was not named stays with her.
    assert list(in_force.held_by(network.ann.pk)) == [held[3]]


def test_who_supported_the_firm_leads_it_from_the_day_on(network):
    firm = network.firm()
    lead = network.assigned(firm, started=STARTED)
    support = network.assigned(firm, network.bob, started=STARTED, part="support")
    moved(network, [lead], network.bob)
    support.refresh_from_db()
    assert support.ended == clock.today()
    assert [(one.part, one.started) for one in Assignment.objects.in_force().held_by(network.bob.pk)] == [
        ("lead", clock.today())
    ]


@pytest.mark.parametrize("days", [30, -5], ids=["ends later", "ended after the day"])
def test_nobody_holds_a_firm_twice_on_a_day(network, days):
    firm, today = network.firm(), clock.today()
    lead = network.assigned(firm, started=STARTED)
    support = network.assigned(firm, network.bob, started=STARTED, part="support")
    Assignment.objects.filter(pk=support.pk).update(ended=today + timedelta(days=days))
    with pytest.raises(ValidationError, match="与移交日期重叠"):
        moved(network, [lead], network.bob, day=today if days > 0 else today - timedelta(days=20))
    assert Assignment.objects.get(pk=lead.pk).ended is None


def test_planned_visits_go_with_the_firm(network, held):
    soon = clock.today() + timedelta(days=3)
    kept = plan_visit(by=network.dispatcher, assignment=held[0], day=soon, note="看新车间")
    dropped = plan_visit(by=network.dispatcher, assignment=held[1], day=soon)
    moved(network, held, {held[0].pk: network.bob, held[1].pk: None})
    assert [(plan.official, plan.note) for plan in VisitPlan.objects.open()] == [(network.bob, "看新车间")]
    dropped.refresh_from_db()
    assert dropped.dropped_at is not None
    assert VisitPlan.objects.get(pk=kept.pk).day == soon


def test_the_successor_learns_how_many_came(network, held):
    user = make.user(network.datong, "cadre", official=network.bob)
    moved(network, held, network.bob)
    notice = Notice.objects.get(recipient=user)
    assert "接手了 3 家" in notice.title and notice.url == "/liaisons/mine/"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": " "}, "请写明移交原因"),
        ({"day": STARTED}, "移交日期须晚于"),
        ({"day": date(2029, 1, 1)}, "最多提前一年"),
    ],
)
def test_it_says_what_is_wrong(network, held, change, said):
    with pytest.raises(ValidationError) as error:
        moved(network, held[:1], network.bob, **change)
    assert said in "".join(error.value.messages)
    assert not Handover.objects.exists()
    assert Assignment.objects.in_force().held_by(network.ann.pk).count() == 4


def test_nobody_takes_over_from_themselves_or_after_leaving(network, held, district):
    with pytest.raises(ValidationError, match="不能是本人"):
        moved(network, held, network.ann)
    gone = make.official(network.datong, name="远行")
    gone.posts.update(ended=date(2026, 2, 1))
    with pytest.raises(ValidationError, match="没有任职记录"):
        moved(network, held, gone)


def test_a_list_that_changed_meanwhile_moves_nothing(network, held):
    end_assignment(by=network.dispatcher, assignment=held[0], ended=clock.today())
    with pytest.raises(ValidationError, match="有变化"):
        moved(network, held, network.bob)
    assert Assignment.objects.in_force().held_by(network.ann.pk).count() == 3


def test_a_liaison_hands_over_within_the_own_unit_only(network, held, district):
    foreign = make.user(make.unit(district, "huihe"), "liaison")
    with pytest.raises((PermissionDenied, ValidationError)):
        moved(network, held, network.bob, by=foreign)
    elsewhere = make.official(make.unit(district, "huihe"), name="隔壁")
    with pytest.raises(ValidationError, match="本单位"):
        moved(network, held, elsewhere, by=network.liaison)
    assert moved(network, held, network.bob, by=network.liaison).unit == network.datong


@pytest.mark.parametrize("role", ["cadre", "window", "unit_leader", "supervisor", "district_leader"])
def test_others_hand_over_nothing(network, held, role):
    with pytest.raises((PermissionDenied, ValidationError)):
        moved(network, held, network.bob, by=make.user(network.datong, role))
    assert Assignment.objects.in_force().held_by(network.ann.pk).count() == 4


def test_a_hundred_firms_cost_a_bounded_number_of_queries(network, django_assert_max_num_queries):
    held = [network.assigned(network.firm(), started=STARTED) for _ in range(30)]
    with django_assert_max_num_queries(30):
        moved(network, held, network.bob)
