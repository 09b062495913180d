"""A unit that is merged into another one: what it reported stays its own, what was left counts for its successor."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Role
from core import clock
from notifications.models import Notice
from reports import figures, services
from reports.models import SituationTable
from reports.reminders import remind
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

# 老洲乡 goes into 大通镇 on Friday 2026-11-13, after the table of the 12th.
LAST, FIRST, NEXT = "2026-11-12", "2026-11-19", "2026-11-26"


def merge(work) -> None:
    unit = work.unit("laozhou")
    unit.active, unit.merged_into = False, work.unit("datong")
    unit.full_clean()
    unit.save()


def hand_in(work, code: str, ending: str, at: str):
    with clock.at(moment(at)):
        return services.submit(table=work.table(code, ending), by=work.user(code))


def visits(work, code: str, ending: str) -> tuple[int, int, int]:
    table = work.table(code, ending)
    row = figures.figures(table.period, [table])[table.unit_id][5]
    return int(row.week), int(row.cumulative), row.carried


@pytest.fixture
def merged(work):
    head = work.leader("laozhou")
    work.visit("laozhou", "2026-11-10 09:00", head, firm=work.firm())
    work.visit("datong", "2026-11-10 10:00", work.leader("datong"), firm=work.firm())
    hand_in(work, "laozhou", LAST, "2026-11-12 11:00")
    hand_in(work, "datong", LAST, "2026-11-12 10:00")
    work.visit("laozhou", "2026-11-12 15:00", head, firm=work.firm())
    merge(work)
    return work


def test_what_it_did_in_a_week_without_a_table_counts_for_its_successor(merged):
    assert visits(merged, "laozhou", LAST) == (1, 1, 0)
    assert visits(merged, "datong", LAST) == (1, 1, 0)
    assert visits(merged, "datong", FIRST) == (1, 3, 0)
    assert not merged.week(FIRST).tables.filter(unit=merged.unit("laozhou")).exists()


def test_what_its_own_table_counted_is_not_carried_into_the_successors(merged):
    """Recorded after 大通镇 had handed in, before 老洲乡 did: it is in the latter's table."""
    head = merged.leader("laozhou", name="钱进")
    merged.visit("laozhou", "2026-11-11 09:00", head, firm=merged.firm(), recorded="2026-11-12 10:30")
    assert visits(merged, "datong", FIRST) == (1, 4, 0)


def test_what_was_late_for_its_last_table_is_carried_into_the_successors(merged):
    head = merged.leader("laozhou", name="钱进")
    merged.visit("laozhou", "2026-11-11 09:00", head, firm=merged.firm(), recorded="2026-11-16 09:00")
    assert visits(merged, "datong", FIRST) == (2, 4, 1)
    hand_in(merged, "datong", FIRST, "2026-11-19 11:00")
    assert visits(merged, "datong", NEXT) == (0, 4, 0)


def test_the_successor_hands_in_the_table_it_left_open(work):
    work.table("laozhou", FIRST, at="2026-11-13 09:00")
    merge(work)
    work.visit("laozhou", "2026-11-13 15:00", work.leader("laozhou"), firm=work.firm())
    assert visits(work, "laozhou", FIRST) == (1, 1, 0)
    with clock.at(moment("2026-11-19 11:00")):
        services.submit(table=work.table("laozhou", FIRST), by=work.user("datong"))
    assert visits(work, "datong", FIRST) == (0, 0, 0)
    assert visits(work, "datong", NEXT) == (0, 1, 0)


def test_the_successor_sees_its_tables_and_others_do_not(merged, client):
    table = merged.table("laozhou", LAST)
    for code, status in (("datong", 200), ("czj", 404)):
        client.force_login(merged.user(code))
        assert client.get(f"/reports/tables/{table.pk}/").status_code == status


def test_the_district_counts_everybody_once_before_and_after(merged):
    for ending, week, cumulative in ((LAST, 2, 2), (FIRST, 1, 3)):
        period = merged.week(ending)
        tables = list(period.tables.in_force().select_related("unit"))
        line = next(line for line in figures.summary(period, tables) if line.row.no == 5)
        assert (line.once.week, line.once.cumulative) == (week, cumulative)


def test_a_unit_is_merged_into_another_one_of_its_district_and_closed(work):
    unit = work.unit("laozhou")
    unit.merged_into = unit
    unit.active = False
    with pytest.raises(ValidationError, match="不能并入自己"):
        unit.full_clean()
    unit.merged_into, unit.active = work.unit("datong"), True
    with pytest.raises(IntegrityError), transaction.atomic():
        unit.save()


def test_its_table_is_not_sent_back_once_its_successor_has_handed_in_later(merged):
    """What was late for it is in the successor's table by then."""
    hand_in(merged, "datong", FIRST, "2026-11-19 11:00")
    with pytest.raises(services.Refused, match="以后一周"):
        services.send_back(
            table=merged.table("laozhou", LAST), reason="更正", by=merged.user("kjj", Role.DISPATCHER)
        )


def test_over_a_chain_of_mergers_the_last_one_is_told_sees_and_hands_in(work):
    table = work.table("laozhou", FIRST, at="2026-11-13 09:00")
    merge(work)
    datong = work.unit("datong")
    datong.active, datong.merged_into = False, work.unit("jkq")
    datong.save()
    heir = work.user("jkq")
    assert SituationTable.objects.visible_to(heir).filter(pk=table.pk).exists()
    with clock.at(moment("2026-11-19 10:00")):
        remind(work.district)
        assert Notice.objects.filter(recipient=heir, key__contains=f"table-due:{table.pk}:").exists()
        services.submit(table=work.table("laozhou", FIRST), by=heir)
        services.send_back(
            table=work.table("laozhou", FIRST), reason="漏报", by=work.user("kjj", Role.DISPATCHER)
        )
    assert Notice.objects.filter(recipient=heir, title__contains="被退回").exists()
