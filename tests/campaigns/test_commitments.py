"""履约践诺: who records, pays, reports and confirms; what a debt must be like; the ladder; the figures."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Role
from appeals.backlog_rules import Course
from campaigns.commitments.figures import burn_down, figures, money, money_by_debtor
from campaigns.commitments.services import commitments as services
from campaigns.commitments.services.escalation import watch
from campaigns.models import Commitment, CommitmentEvent, Escalation, Instalment
from core import clock
from districts.workdays import SHANGHAI
from notifications.models import Notice
from tests import factories
from tests.campaigns.commitment_cast import CommitmentCast, disputed, limited, with_rules


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


@pytest.fixture
def cast(district) -> CommitmentCast:
    return CommitmentCast(district)


def at_day(days: int):
    return clock.at(clock.now() + timedelta(days=days))


def pay(cast, one, amount, **fields):
    given = {"day": clock.today(), "voucher": "回单 7 号"} | fields
    return services.pay_instalment(by=cast.liaison, commitment=one, amount=Decimal(amount), **given)


def refused(error: pytest.ExceptionInfo) -> set[str]:
    return set(error.value.message_dict)


# --- Onto the list --------------------------------------------------------------------------------


def test_a_unit_records_its_own_promise_and_nobody_elses(cast):
    own = cast.kept_list(by=cast.liaison)
    assert (own.number, own.state, own.to_whom) == (1, "open", "社会公众")
    other = cast.promise(unit=factories.unit(cast.district, "czj"))
    with pytest.raises(PermissionDenied):
        cast.kept_list(by=cast.liaison, promise=other)
    for stranger in (cast.cadre, cast.window, cast.supervisor, cast.district_leader, cast.admin):
        with pytest.raises(PermissionDenied):
            cast.kept_list(by=stranger, promise=other)
    assert cast.kept_list(promise=other).number == 2


def test_a_debt_names_amount_debtor_and_firm(cast):
    with pytest.raises(ValidationError) as error:
        cast.kept_list(promise=cast.promise(kind="debt"))
    assert refused(error) == {"amount", "debtor", "subject"}
    with pytest.raises(ValidationError) as error:
        cast.kept_list(promise=cast.debt(debtor_unit=None))
    assert refused(error) == {"debtor_unit"}
    with pytest.raises(ValidationError) as error:
        cast.kept_list(promise=cast.debt(debtor="state_firm"))
    assert refused(error) == {"debtor_name"}
    by_firm = cast.kept_list(promise=cast.debt(debtor="large_firm", debtor_name=" 铜陵 大业集团 "))
    assert (by_firm.debtor_label, by_firm.debtor_unit) == ("铜陵 大业集团", None)


@pytest.mark.parametrize("amount", ["0", "-1", "10000000", "1.234"])
def test_an_amount_that_cannot_be_is_refused_beside_its_field(cast, amount):
    with pytest.raises(ValidationError) as error:
        cast.kept_list(promise=cast.debt(amount))
    assert refused(error) == {"amount"}


def test_the_classes_are_those_of_the_backlog(cast):
    late = Course("immediate", clock.today() + timedelta(days=60))
    with pytest.raises(ValidationError) as error:
        cast.kept_list(course=late)
    assert refused(error) == {"due_on"}
    with pytest.raises(ValidationError) as error:
        cast.kept_list(course=limited(plan=""))
    assert refused(error) == {"plan"}
    with pytest.raises(ValidationError) as error:
        cast.kept_list(course=disputed(route=""))
    assert refused(error) == {"route"}
    assert cast.kept_list(course=disputed()).state == "disputed"


def test_what_fell_due_long_ago_is_recorded_as_overdue(cast):
    assert cast.kept_list(course=limited(-400)).is_overdue


def test_an_appeal_about_arrears_is_followed_once(cast):
    appeal = cast.walk(cast.submit(), "sign")
    cast.kept_list(promise=cast.debt(appeal=appeal))
    with pytest.raises(ValidationError) as error:
        cast.kept_list(promise=cast.debt(appeal=appeal))
    assert refused(error) == {"appeal"}
    appeal.refresh_from_db()
    assert not appeal.is_final


# --- Paid -----------------------------------------------------------------------------------------


def test_instalments_reduce_the_debt_and_the_acknowledged_amount_counts(cast):
    debt = cast.kept_list(promise=cast.debt("100", acknowledged=Decimal(80)))
    pay(cast, debt, "30")
    debt = Commitment.objects.with_money().get()
    assert (debt.state, debt.owed, debt.paid, debt.left) == ("partly", 80, 30, 50)
    with pytest.raises(ValidationError) as error:
        pay(cast, debt, "50.01")
    assert refused(error) == {"amount"}
    pay(cast, debt, "50")
    assert Commitment.objects.with_money().get().left == 0


def test_a_mistaken_payment_is_cancelled_and_stays_to_be_seen(cast):
    debt = cast.kept_list(promise=cast.debt())
    instalment = pay(cast, debt, "10")
    services.cancel_instalment(by=cast.liaison, instalment=instalment, reason="金额填错")
    debt = Commitment.objects.with_money().get()
    assert (debt.state, debt.paid, Instalment.objects.count()) == ("open", 0, 1)
    with pytest.raises(ValidationError):
        services.cancel_instalment(by=cast.liaison, instalment=instalment, reason="再来")


def test_a_debt_is_reported_as_kept_only_when_it_is_paid_whole(cast):
    debt = cast.kept_list(promise=cast.debt())
    pay(cast, debt, "99.99")
    with pytest.raises(ValidationError) as error:
        services.report_kept(by=cast.liaison, commitment=debt, result="付清", evidence="回单")
    assert refused(error) == {"result"}
    pay(cast, debt, "0.01")
    assert services.report_kept(by=cast.liaison, commitment=debt, result="付清", evidence="回单").reported_at


def test_the_amount_does_not_fall_below_what_was_paid(cast):
    debt = cast.kept_list(promise=cast.debt())
    pay(cast, debt, "60")
    with pytest.raises(ValidationError) as error:
        services.change_commitment(by=cast.dispatcher, commitment=debt, promise=cast.debt("50"))
    assert refused(error) == {"amount"}


# --- Kept or not ----------------------------------------------------------------------------------


def test_nobody_confirms_what_they_reported_themselves(cast):
    own = cast.kept_list(promise=cast.promise(unit=cast.dispatcher.unit))
    services.report_kept(by=cast.dispatcher, commitment=own, result="建成", evidence="验收单")
    with pytest.raises(PermissionDenied):
        services.confirm_kept(by=cast.dispatcher, commitment=own)
    services.confirm_kept(by=cast.second_dispatcher, commitment=own, note="到现场看过")
    own.refresh_from_db()
    assert (own.state, own.ended_on) == ("kept", clock.today())


def test_the_units_of_the_profile_keep_and_confirm(cast):
    lawyer = factories.user(factories.unit(cast.district, "sfj"), Role.LIAISON)
    one = cast.kept_list()
    services.report_kept(by=cast.liaison, commitment=one, result="建成", evidence="验收单")
    assert not Commitment.objects.visible_to(lawyer).exists()
    with pytest.raises(PermissionDenied):
        services.confirm_kept(by=lawyer, commitment=one)
    with_rules(cast.district, confirming=["sfj"])
    lawyer = type(lawyer).objects.get(pk=lawyer.pk)
    assert Commitment.objects.visible_to(lawyer).exists()
    services.confirm_kept(by=lawyer, commitment=one)
    assert Commitment.objects.get().state == "kept"


def test_sent_back_it_is_the_units_again(cast):
    one = cast.kept_list()
    services.report_kept(by=cast.liaison, commitment=one, result="建成", evidence="验收单")
    services.send_back(by=cast.dispatcher, commitment=one, reason="还没有通车")
    one.refresh_from_db()
    assert (one.state, one.reported_at, one.evidence) == ("open", None, "")
    assert Notice.objects.filter(recipient=cast.liaison, title__contains="退回").exists()


def test_broken_is_only_what_is_overdue_and_not_disputed(cast):
    one, quarrel = cast.kept_list(course=limited(3)), cast.kept_list(course=disputed(3))
    with pytest.raises(ValidationError):
        services.find_broken(by=cast.dispatcher, commitment=one, reason="没钱")
    with at_day(4):
        with pytest.raises(PermissionDenied):
            services.find_broken(by=cast.liaison, commitment=one, reason="没钱")
        with pytest.raises(ValidationError):
            services.find_broken(by=cast.dispatcher, commitment=quarrel, reason="没钱")
        services.find_broken(by=cast.dispatcher, commitment=one, reason="资金没有落实，约谈责任单位")
    one.refresh_from_db()
    assert one.state == "broken"
    services.restore(by=cast.dispatcher, commitment=one, reason="资金已落实")
    one.refresh_from_db()
    assert (one.state, one.ended_at) == ("open", None)


def test_what_ended_does_not_change_any_more(cast):
    one = cast.kept_list(promise=cast.debt())
    services.withdraw(by=cast.dispatcher, commitment=one, reason="重复")
    with pytest.raises(ValidationError, match="已撤销"):
        pay(cast, one, "1")
    with pytest.raises(ValidationError, match="已撤销"):
        services.add_progress(by=cast.liaison, commitment=one, text="催办", day=clock.today())


def test_another_class_or_day_needs_a_reason_and_is_not_the_units_to_set(cast):
    one = cast.kept_list()
    later = limited(90)
    with pytest.raises(ValidationError) as error:
        services.set_course(by=cast.dispatcher, commitment=one, course=later)
    assert refused(error) == {"reason"}
    with pytest.raises(ValidationError) as error:
        services.set_course(by=cast.liaison, commitment=one, course=later, reason="资金没有到位")
    assert refused(error) == {"due_on"}
    services.set_course(by=cast.liaison, commitment=one, course=limited(30, plan="分三批付清。"))
    one.refresh_from_db()
    assert one.plan == "分三批付清。"


# --- In public ------------------------------------------------------------------------------------


def test_only_promises_go_public_and_a_withdrawn_one_leaves_the_page(cast):
    debt, promise = cast.kept_list(promise=cast.debt()), cast.kept_list()
    with pytest.raises(ValidationError):
        services.publish(by=cast.dispatcher, commitment=debt)
    with pytest.raises(PermissionDenied):
        services.publish(by=cast.liaison, commitment=promise)
    services.publish(by=cast.dispatcher, commitment=promise)
    assert list(Commitment.objects.public()) == [promise]
    services.withdraw(by=cast.dispatcher, commitment=promise, reason="重复")
    assert not Commitment.objects.public().exists()


# --- Who sees -------------------------------------------------------------------------------------


def test_who_sees_what(cast):
    debt = cast.kept_list(promise=cast.debt(unit=factories.unit(cast.district, "czj")))
    other = factories.another_district(cast.district)
    foreigner = factories.user(factories.unit(other), Role.DISPATCHER)
    seen = {
        part
        for part in ("dispatcher", "bureau_leader", "supervisor", "district_leader", "liaison", "other_liaison",
                     "township_liaison", "assistant", "cadre", "window", "admin")
        if Commitment.objects.visible_to(getattr(cast, part)).exists()
    }  # fmt: skip
    # 区人社局 owes, 区财政局 answers for it, the firm lies in 大通镇.
    assert seen == {"dispatcher", "bureau_leader", "supervisor", "district_leader", "liaison", "other_liaison",
                    "township_liaison"}  # fmt: skip
    assert not Commitment.objects.visible_to(foreigner).exists()
    assert not CommitmentEvent.objects.visible_to(foreigner).filter(commitment=debt).exists()
    with pytest.raises(PermissionDenied):
        services.withdraw(by=foreigner, commitment=debt, reason="看不见的")


# --- The ladder -----------------------------------------------------------------------------------


def test_the_ladder_is_climbed_once_however_often_the_tick_runs(cast):
    cast.supervisor, cast.bureau_leader  # noqa: B018
    one = cast.kept_list(course=limited(1))
    watch(cast.district)
    assert Notice.objects.filter(recipient=cast.liaison, key__startswith="commitment-due:").count() == 1
    assert not Escalation.objects.exists()
    with at_day(4):  # Monday: one working day after the Friday it was due
        assert watch(cast.district) == 1 and watch(cast.district) == 0
    assert [row.after for row in Escalation.objects.all()] == [1]
    with at_day(30):
        watch(cast.district)
        watch(cast.district)
    assert [row.after for row in Escalation.objects.order_by("after")] == [1, 5, 15]
    told = Notice.objects.filter(recipient=cast.supervisor, key__startswith="commitment-late:")
    assert [notice.title for notice in told] == [f"提请督查：{one.title}"]
    assert Notice.objects.filter(recipient=cast.liaison, key__startswith="commitment-late:").count() == 3


def test_working_days_or_calendar_days_as_the_profile_says(cast):
    cast.kept_list(course=limited(1))  # due on a Friday
    with at_day(2):  # Saturday
        assert watch(cast.district) == 0
        with_rules(cast.district, days="calendar")
        assert watch(cast.district) == 1


def test_a_new_day_begins_a_new_climb_and_what_was_reported_climbs_no_more(cast):
    one = cast.kept_list(course=limited(1))
    with at_day(4):
        watch(cast.district)
        services.set_course(by=cast.dispatcher, commitment=one, course=limited(1), reason="再给一天")
    with at_day(8):
        assert watch(cast.district) == 1
        services.report_kept(by=cast.liaison, commitment=one, result="建成", evidence="验收单")
    with at_day(60):
        assert watch(cast.district) == 0


# --- Figures --------------------------------------------------------------------------------------


def test_the_figures(cast):
    with clock.at(clock.now() - timedelta(days=20)):
        kept, late, debt = (
            cast.kept_list(),
            cast.kept_list(course=limited(3)),
            cast.kept_list(promise=cast.debt()),
        )
        cast.kept_list(course=disputed(3))
        gone = cast.kept_list(promise=cast.debt("999", debtor="large_firm", debtor_name="大业集团"))
        services.withdraw(by=cast.dispatcher, commitment=gone, reason="重复")
        services.report_kept(by=cast.liaison, commitment=kept, result="建成", evidence="验收单")
        services.confirm_kept(by=cast.dispatcher, commitment=kept)
    pay(cast, debt, "40")
    found = figures(Commitment.objects.all())
    assert (found.running, found.kept, found.overdue, found.disputed, found.withdrawn) == (3, 1, 1, 1, 1)
    assert (found.due, found.rate) == (2, 50)
    assert late.pk
    total = money(Commitment.objects.all())
    assert (total.number, total.owed, total.paid, total.left, total.rate) == (1, 100, 40, 60, 40)
    assert [(row.label, row.left) for row in money_by_debtor(Commitment.objects.all())] == [
        ("机关、事业单位", 60)
    ]
    weeks = burn_down(Commitment.objects.all())
    assert (weeks[0].recorded, weeks[0].ended, weeks[0].left) == (5, 2, 3)
    assert (weeks[-1].left, weeks[-1].paid) == (3, 40)
