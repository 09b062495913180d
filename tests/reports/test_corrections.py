"""What was found wrong after it was accepted: a new version, and the old one as it was."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Role
from core import clock
from liaisons.models import Visit
from notifications.models import Notice
from reports import figures, services
from reports.indicators.counting import context_for, count
from reports.models import SituationTable, TableStep
from reports.reminders import remind
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

WEEK = "2026-11-19"


@pytest.fixture
def bureau(work):
    return work.user("kjj", Role.DISPATCHER)


@pytest.fixture
def accepted(work, bureau) -> SituationTable:
    work.visit("datong", "2026-11-16 09:00", work.leader("datong"), firm=work.firm())
    enter(work, work.table("datong", WEEK), 13, "8.5", "2026-11-18 09:00")
    hand_in(work, "2026-11-19 11:00")
    with clock.at(moment("2026-11-20 09:00")):
        return services.accept(table=work.table("datong", WEEK), by=bureau)


def enter(work, table, row: int, value: str, at: str) -> None:
    with clock.at(moment(at)):
        services.enter_by_hand(
            table=table,
            row=table.period.rules.form.row(row),
            value=Decimal(value),
            reason="按台账核对",
            by=work.user("datong"),
        )


def hand_in(work, at: str, ending: str = WEEK) -> SituationTable:
    with clock.at(moment(at)):
        return services.submit(table=work.table("datong", ending), by=work.user("datong"))


def correct(table, bureau, at: str = "2026-11-24 09:00") -> SituationTable:
    with clock.at(moment(at)):
        return services.correct(table=table, reason="座谈会漏报一场", by=bureau)


def filled(table):
    return figures.figures(table.period, [table])[table.unit_id]


def test_a_correction_is_a_new_version_and_the_old_one_stays(work, accepted, bureau):
    new = correct(accepted, bureau)
    assert (new.version, new.is_correction, new.is_missing, new.state_label) == (2, True, False, "更正中")
    enter(work, new, 11, "1", "2026-11-24 10:00")
    hand_in(work, "2026-11-24 10:05")
    accepted.refresh_from_db()
    new.refresh_from_db()
    assert accepted.superseded and filled(accepted)[11].week == 0
    assert not new.late
    assert [filled(new)[no].week for no in (5, 11, 13)] == [1, 1, Decimal("8.5")]
    assert [step.kind for step in new.steps.all()] == [TableStep.Kind.CORRECTED, TableStep.Kind.SUBMITTED]
    assert work.table("datong", WEEK) == new


def test_a_correction_counts_what_the_first_version_counted(work, accepted, bureau):
    """What was recorded since is in the next table; it would be there twice."""
    work.visit(
        "datong", "2026-11-17 09:00", work.leader("datong", name="钱进"), firm=work.firm(),
        recorded="2026-11-20 09:00",
    )  # fmt: skip
    correct(accepted, bureau)
    assert filled(work.table("datong", WEEK))[5].week == 1
    assert filled(work.table("datong", "2026-11-26"))[5].week == 1
    new = hand_in(work, "2026-11-24 10:05")
    assert new.frozen_at == accepted.frozen_at
    assert filled(new)[5].week == 1
    following = filled(work.table("datong", "2026-11-26"))[5]
    assert (following.week, following.cumulative, following.carried) == (1, 2, 1)


def test_a_correction_reaches_the_sums_of_later_weeks_that_are_still_open(work, accepted, bureau):
    new = correct(accepted, bureau)
    enter(work, new, 13, "10", "2026-11-24 10:00")
    assert filled(work.table("datong", "2026-11-26"))[13].cumulative == 10
    hand_in(work, "2026-11-24 10:05")
    assert filled(work.table("datong", "2026-11-26"))[13].cumulative == 10


def test_the_unit_is_told_and_the_bureau_may_send_a_correction_back(work, accepted, bureau):
    new = correct(accepted, bureau)
    assert Notice.objects.filter(recipient=work.user("datong"), title__contains="请更正").exists()
    hand_in(work, "2026-11-24 10:05")
    with clock.at(moment("2026-11-24 11:00")):
        services.send_back(table=new, reason="还不对", by=bureau)
    new.refresh_from_db()
    assert new.is_open and new.frozen_at == accepted.frozen_at
    again = hand_in(work, "2026-11-24 12:00")
    assert services.accept(table=again, by=bureau).state == SituationTable.State.ACCEPTED


def test_only_the_bureau_corrects_and_only_what_is_in_force_and_accepted(work, accepted, bureau):
    for user in (work.user("datong"), work.user("jwdc", Role.SUPERVISOR)):
        with pytest.raises(PermissionDenied):
            services.correct(table=accepted, reason="错", by=user)
    new = correct(accepted, bureau)
    for table in (accepted, new):
        with pytest.raises(services.Refused, match="只有现行的、已审核的表"):
            services.correct(table=table, reason="错", by=bureau)


def test_the_page_offers_a_correction_and_asks_for_the_reason(work, accepted, bureau, client):
    client.force_login(bureau)
    page = client.get(f"/reports/tables/{accepted.pk}/").content.decode()
    assert "发起更正" in page
    answer = client.post(f"/reports/tables/{accepted.pk}/correct/", {"reason": " "})
    assert answer.status_code == 422 and "请写明依据或理由" in answer.content.decode()
    answer = client.post(f"/reports/tables/{accepted.pk}/correct/", {"reason": "漏报一场"}, follow=True)
    assert "第 2 版，更正中" in answer.content.decode()
    old = client.get(f"/reports/tables/{accepted.pk}/").content.decode()
    assert "已被更正的版本取代" in old and "发起更正" not in old
    answer = client.post(f"/reports/tables/{accepted.pk}/correct/", {"reason": "再来"})
    assert answer.status_code == 409
    listed = client.get("/reports/tables/?ending=2026-11-19&state=correcting").content.decode()
    assert "更正中" in listed and "大通镇" in listed


def test_whoever_does_not_collect_tables_corrects_none(work, accepted, client):
    for user, status in ((work.user("datong"), 403), (work.user("czj"), 404)):
        client.force_login(user)
        answer = client.post(f"/reports/tables/{accepted.pk}/correct/", {"reason": "错"})
        assert answer.status_code == status
    assert not SituationTable.objects.filter(version=2).exists()


def test_a_correction_makes_nobody_late_or_missing(work, accepted, bureau, client):
    """Begun before the time was over; what was handed in stays in the history meanwhile."""
    new = correct(accepted, bureau, "2026-11-19 11:30")
    assert new.submitted_at == accepted.submitted_at
    others = SituationTable.objects.exclude(unit=work.unit("datong"))
    others.update(state=SituationTable.State.ACCEPTED)
    with clock.at(moment("2026-11-19 12:10")):
        remind(work.district)
    assert not Notice.objects.filter(title__contains="没有按时报送").exists()
    client.force_login(work.user("datong"))
    assert ">8.5<" in client.get("/reports/weeks/").content.decode()
    rules = new.period.rules
    context = context_for(work.district, rules, moment("2026-11-01 00:00"), moment("2026-12-01 00:00"))
    with clock.at(moment("2026-11-25 09:00")):
        mine = count(["tables_due", "tables_in_time"], context, "unit")[work.unit("datong").pk]
    assert mine["tables_due"] == mine["tables_in_time"] == 1


def accept_all(work, bureau) -> None:
    """Every table of the week but 大通镇's is handed in and accepted by hand of the test."""
    period = work.week(WEEK)
    for table in period.tables.in_force().exclude(unit=work.unit("datong")).select_related("unit"):
        with clock.at(moment("2026-11-19 11:30")):
            services.submit(table=table, by=work.user(table.unit.code))
            services.accept(table=table, by=bureau)


def line(work, no: int):
    period = work.week(WEEK)
    tables = list(period.tables.in_force().select_related("unit"))
    return next(line for line in figures.summary(period, tables) if line.row.no == no)


def kept(work) -> list[tuple]:
    return [(one.once.week, one.once.cumulative) for one in (line(work, no) for no in range(1, 28))]


def test_the_districts_figures_stay_once_all_tables_are_accepted(work, accepted, bureau, client):
    """Although a firm is merged into another one afterwards, and an assignment ended with a back date."""
    visit = work.visit("datong", "2026-11-16 15:00", work.leader("datong", name="钱进"), firm=work.firm())
    accept_all(work, bureau)
    before = kept(work)
    Visit.objects.exclude(pk=visit.pk).update(enterprise=visit.enterprise)
    after = kept(work)
    assert before == after
    client.force_login(bureau)
    page = client.get(f"/reports/summary/rows/5/?ending={WEEK}").content.decode()
    assert f"：{before[4][0]:.0f}" in page
    correct(accepted, bureau)
    assert not work.week(WEEK).summary.exists(), "until the correction is accepted, it is counted anew"
