"""Notices to a unit reach its liaison officers, each person once."""

from datetime import date, datetime, timedelta

import pytest

from accounts.models import Role
from core import clock
from districts.workdays import SHANGHAI
from liaisons.address_book import recipients, recipients_of
from liaisons.services import officers
from notifications.models import Notice
from reports import reminders, services
from reports.models import SituationTable
from reports.services import open_period
from tests import factories as make
from tests.appeals.lives import Cast

LINE = {"title": "办公室主任", "office_phone": "0562-5861234"}


@pytest.fixture
def unit(district):
    return make.unit(district, "rsj")


@pytest.fixture
def clerk(unit):
    """Has an account without any role that a notice asks for."""
    return make.user(unit, "cadre", official=make.official(unit, name="方圆"))


@pytest.fixture
def appointed(unit, clerk, dispatcher):
    return officers.appoint(by=dispatcher, unit=unit, name="方圆", started=date(2026, 1, 5), **LINE)


def test_the_officers_account_is_told_beside_those_with_the_role(unit, clerk, dispatcher):
    liaison = make.user(unit, "liaison")
    make.user(unit, "cadre")
    assert recipients(unit, Role.LIAISON) == [liaison]
    officers.appoint(by=dispatcher, unit=unit, name="方圆", started=clock.today(), **LINE)
    assert set(recipients(unit, Role.LIAISON)) == {liaison, clerk}
    assert recipients(unit) == [clerk]


def test_whoever_is_both_is_told_once(unit, appointed, clerk):
    clerk.grants.create(role=Role.LIAISON)
    clerk.grants.create(role=Role.UNIT_LEADER)
    assert recipients(unit, Role.LIAISON, Role.UNIT_LEADER) == [clerk]


def test_an_officer_who_ended_left_or_was_closed_is_told_no_more(
    unit, appointed, clerk, dispatcher, district
):
    clerk.is_active = False
    clerk.save()
    assert recipients(unit) == []
    clerk.is_active, clerk.unit = True, make.unit(district, "czj")
    clerk.save()
    assert recipients(unit) == [] and recipients(clerk.unit) == []
    clerk.unit = unit
    clerk.save()
    officers.end(by=dispatcher, officer=appointed, ended=clock.today())
    assert recipients(unit) == []


def test_one_who_begins_tomorrow_is_not_told_today(unit, clerk, dispatcher):
    tomorrow = clock.today() + timedelta(days=1)
    officers.appoint(by=dispatcher, unit=unit, name="方圆", started=tomorrow, **LINE)
    assert recipients(unit) == []
    with clock.at(clock.now() + timedelta(days=1)):
        assert recipients(unit) == [clerk]


def test_many_units_cost_one_query(unit, appointed, clerk, district, django_assert_num_queries):
    others = [make.unit(district, code) for code in ("czj", "nyj", "datong")]
    told = make.user(others[0], "liaison")
    with django_assert_num_queries(1):
        found = recipients_of([unit.pk, *(other.pk for other in others)], Role.LIAISON)
    assert found == {unit.pk: [clerk], others[0].pk: [told]}


def test_an_appeal_sent_to_the_unit_is_told_to_its_officer(unit, appointed, clerk, district):
    cast = Cast(district)
    appeal = cast.walk(cast.submit(), "dispatch")
    assert appeal.lead_unit == unit
    notice = Notice.objects.get(recipient=clerk, channel="inbox")
    assert appeal.number in notice.title


def test_the_weekly_table_is_asked_for_from_the_officer(unit, appointed, clerk, district):
    thursday = date(2026, 11, 19)
    with clock.at(datetime(2026, 11, 19, 9, 30, tzinfo=SHANGHAI)):
        open_period(district=district, ending=thursday)
        reminders.remind(district)
        assert Notice.objects.get(recipient=clerk, channel="inbox").title.startswith("请于 11月19日")
        table = SituationTable.objects.get(unit=unit)
        services.submit(table=table, by=make.user(unit, "liaison"))
        services.send_back(table=table, reason="请核对", by=make.user(make.unit(district), "dispatcher"))
    assert Notice.objects.filter(recipient=clerk, title__contains="被退回").count() == 1
