from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Role, Unit
from core import clock
from notifications.models import Notice
from reports import services, tasks
from reports.models import ReportingPeriod, SituationTable, TableStep
from tests.reports.work import moment

pytestmark = pytest.mark.django_db


def tick(at: str) -> None:
    with clock.at(moment(at)):
        tasks.open_weeks()


# --- Opening --------------------------------------------------------------------------------------


def test_the_tick_opens_the_current_week_for_every_reporting_unit_once(district):
    tick("2026-11-15 09:00")
    tick("2026-11-15 09:05")
    period = ReportingPeriod.objects.get()
    assert period.ending == date(2026, 11, 19)
    kinds = set(period.tables.values_list("unit__kind", flat=True))
    assert "township" in kinds and "department" in kinds
    assert not kinds & {"window", "city"}
    assert period.tables.count() == Unit.objects.exclude(kind__in=["window", "city"]).count()


def test_a_new_week_opens_the_minute_the_old_one_ends(district):
    tick("2026-11-19 11:59")
    tick("2026-11-19 12:00")
    assert list(ReportingPeriod.objects.values_list("ending", flat=True)) == [
        date(2026, 11, 26),
        date(2026, 11, 19),
    ]


def test_weeks_that_a_standing_tick_missed_are_opened_afterwards(district):
    tick("2026-10-28 09:00")
    tick("2026-11-22 09:00")
    endings = list(ReportingPeriod.objects.order_by("ending").values_list("ending", flat=True))
    assert endings == [
        date(2026, 10, 29),
        date(2026, 11, 5),
        date(2026, 11, 12),
        date(2026, 11, 19),
        date(2026, 11, 26),
    ]


def test_a_unit_created_in_mid_week_gets_its_table_at_the_next_tick(work):
    tick("2026-11-15 09:00")
    template = work.unit("datong")
    Unit.objects.create(
        code="new", name="新设局", short_name="新设局", kind="department", region=template.district,
        district=template.district,
    )  # fmt: skip
    tick("2026-11-15 09:05")
    assert SituationTable.objects.filter(unit__code="new").count() == 1


def test_a_closed_unit_gets_no_new_table(work):
    Unit.objects.filter(code="datong").update(active=False)
    tick("2026-11-15 09:00")
    assert not SituationTable.objects.filter(unit__code="datong").exists()


def test_a_cut_off_on_a_holiday_is_due_on_the_next_working_day(work):
    period = work.week("2026-10-01")
    assert period.end == moment("2026-10-01 12:00")
    assert period.due_at == moment("2026-10-08 12:00")


def test_a_week_of_the_future_is_not_opened(district):
    with clock.at(moment("2026-11-15 09:00")), pytest.raises(services.Refused, match="还没有开始"):
        services.open_period(district=district, ending=date(2026, 11, 26))


# --- Reminders ------------------------------------------------------------------------------------


def inbox(user) -> list[str]:
    return list(
        Notice.objects.filter(recipient=user, channel="inbox").order_by("id").values_list("title", flat=True)
    )


def test_units_that_have_not_handed_in_are_reminded_before_the_cut_off_once_a_rung(work):
    slow, quick = work.user("datong"), work.user("czj")
    tick("2026-11-18 09:00")
    assert inbox(slow) == []
    with clock.at(moment("2026-11-18 10:00")):
        services.submit(table=work.table("czj"), by=quick)
    tick("2026-11-18 16:00")
    tick("2026-11-18 16:05")
    assert len(inbox(slow)) == 1
    tick("2026-11-19 09:00")
    tick("2026-11-19 11:00")
    assert len(inbox(slow)) == 2
    assert "11月19日 12:00 前报送" in inbox(slow)[0]
    assert inbox(quick) == []


def test_after_a_pause_only_the_latest_rung_is_climbed(work):
    slow = work.user("datong")
    work.week()
    tick("2026-11-19 11:30")
    assert len(inbox(slow)) == 1


def test_the_bureau_is_told_once_who_is_missing(work):
    dispatcher = work.user("kjj", Role.DISPATCHER)
    work.week("2026-11-19", at="2026-11-15 09:00")
    tick("2026-11-19 12:00")
    tick("2026-11-19 12:05")
    assert [title for title in inbox(dispatcher) if "没有按时报送" in title] == [
        f"{SituationTable.objects.filter(period__ending='2026-11-19').count()} 个单位没有按时报送工作情况表（截止 11月19日）"
    ]


def test_on_a_holiday_nobody_is_missing_before_it_is_due(work):
    dispatcher = work.user("kjj", Role.DISPATCHER)
    work.week("2026-10-01", at="2026-09-30 09:00")
    tick("2026-10-02 09:00")
    assert not [title for title in inbox(dispatcher) if "没有按时报送" in title]
    tick("2026-10-08 12:00")
    assert [title for title in inbox(dispatcher) if "没有按时报送" in title]


# --- Handing in -----------------------------------------------------------------------------------


def hand_in(work, at: str, code: str = "datong", ending: str = "2026-11-19") -> SituationTable:
    with clock.at(moment(at)):
        return services.submit(table=work.table(code, ending), by=work.user(code))


def test_handing_in_freezes_all_rows_and_says_who_and_when(work):
    table = hand_in(work, "2026-11-19 11:00")
    assert table.state == SituationTable.State.SUBMITTED
    assert not table.late
    assert table.frozen_at == table.submitted_at == moment("2026-11-19 11:00")
    assert table.figures.count() == 27
    assert table.steps.get().kind == TableStep.Kind.SUBMITTED


@pytest.mark.parametrize(("at", "late"), [("2026-11-19 12:00", False), ("2026-11-19 12:01", True)])
def test_late_is_after_it_was_due(work, at, late):
    assert hand_in(work, at).late is late


def test_nobody_hands_in_twice(work):
    hand_in(work, "2026-11-19 11:00")
    with pytest.raises(services.Refused, match="已经报送"):
        hand_in(work, "2026-11-19 11:01")


def test_nobody_hands_in_for_another_unit(work):
    for user in (work.user("czj"), work.user("datong", Role.CADRE), work.user("kjj", Role.DISPATCHER)):
        with pytest.raises(PermissionDenied):
            services.submit(table=work.table("datong"), by=user)


def test_nothing_is_entered_into_a_table_that_was_handed_in(work):
    table = hand_in(work, "2026-11-19 11:00")
    with pytest.raises(services.Refused, match="已固定"):
        services.enter_by_hand(
            table=table,
            row=table.period.rules.form.row(11),
            value=Decimal(1),
            reason="补",
            by=work.user("datong"),
        )


def test_a_sum_cannot_be_entered(work):
    table = work.table("datong")
    with pytest.raises(services.Refused, match="不能填写"):
        services.enter_by_hand(
            table=table,
            row=table.period.rules.form.row(14),
            value=Decimal(1),
            reason="补",
            by=work.user("datong"),
        )


# --- The bureau -----------------------------------------------------------------------------------


def test_a_table_sent_back_is_open_again_and_in_time_when_it_first_was(work):
    table = hand_in(work, "2026-11-19 11:00")
    bureau = work.user("kjj", Role.DISPATCHER)
    with clock.at(moment("2026-11-19 14:00")):
        services.send_back(table=table, reason="漏报座谈会", by=bureau)
    table.refresh_from_db()
    assert table.is_open and table.frozen_at is None
    assert not table.figures.exists()
    assert any("被退回" in title for title in inbox(work.user("datong")))
    work.solved("datong", "2026-11-19 11:30")  # still of that week
    again = hand_in(work, "2026-11-19 15:00")
    assert not again.late
    assert again.figures.get(row=15).week == 1
    assert [step.kind for step in again.steps.all()] == ["submitted", "sent_back", "submitted"]


def test_a_table_is_not_sent_back_once_the_next_one_was_handed_in(work):
    table = hand_in(work, "2026-11-12 11:00", ending="2026-11-12")
    hand_in(work, "2026-11-19 11:00")
    with pytest.raises(services.Refused, match="以后一周"):
        services.send_back(table=table, reason="更正", by=work.user("kjj", Role.DISPATCHER))


def test_an_accepted_table_stays_as_it_is(work):
    table = hand_in(work, "2026-11-19 11:00")
    bureau = work.user("kjj", Role.BUREAU_LEADER)
    services.accept(table=table, by=bureau)
    with pytest.raises(services.Refused):
        services.send_back(table=table, reason="更正", by=bureau)
    with pytest.raises(services.Refused):
        services.accept(table=table, by=bureau)


def test_only_the_lead_bureau_judges(work):
    table = hand_in(work, "2026-11-19 11:00")
    for user in (work.user("datong"), work.user("jwdc", Role.SUPERVISOR), work.user("czj", Role.DISPATCHER)):
        with pytest.raises(PermissionDenied):
            services.accept(table=table, by=user)
        with pytest.raises(PermissionDenied):
            services.send_back(table=table, reason="更正", by=user)
