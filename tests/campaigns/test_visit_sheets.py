"""走访联系表: gathered from the visits, handed in by the liaison, frozen, given back, late."""

import io
from datetime import date, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from campaigns.models import VisitSheet
from campaigns.rotas import reminders as rota_reminders
from campaigns.rotas.services.visit_sheets import give_back, hand_in
from campaigns.rotas.visit_sheet_rows import due_on, rows_of, sheet_standings
from districts.models import DistrictProfile
from liaisons.models import Visit
from liaisons.services.assignments import assign
from liaisons.services.opinions import record_opinion
from liaisons.services.visits import record_visit
from notifications.models import Notice
from reports.indicators import REGISTRY
from reports.indicators.counting import context_for
from tests import factories as make

OCTOBER = date(2026, 10, 1)
OWED = {"visit_sheets": {"starts": "2026-10", "due_day": 5, "remind_days_before": [3, 1]}}


@pytest.fixture(autouse=True)
def early_in_november():
    with time_machine.travel("2026-11-03 10:00+08:00"):
        yield


@pytest.fixture
def visited(hall):
    """Two firms of 区人社局, one visited in October with an opinion, another visit in November."""
    hall.firms = [make.enterprise(hall.district, name=f"甲乙{n}号有限公司") for n in range(2)]
    for firm in hall.firms:
        assign(by=hall.dispatcher, official=hall.head, subject=firm, started=date(2026, 9, 1))
    hall.visit = visit(hall, hall.firms[0], 20)
    record_opinion(by=hall.liaison, visit=hall.visit, content="希望简化流程", handling="heard")
    visit(hall, hall.firms[1], 2, month=11)
    return hall


def visit(hall, firm, day, month=10) -> Visit:
    return record_visit(
        by=hall.liaison,
        reporting_unit=hall.unit,
        kind="visit",
        occurred_at=timezone.make_aware(datetime(2026, month, day, 10)),
        region=firm.region,
        officials=[hall.head],
        enterprise=firm,
        findings="订单充足",
    )


def rules_of(district):
    return DistrictProfile.objects.in_force(district).rules


def test_it_gathers_the_visits_of_the_month(visited):
    (row,) = rows_of(visited.unit, OCTOBER, rules_of(visited.district))
    assert (row.firm, row.cadres, row.day) == ("甲乙0号有限公司", "江晚", date(2026, 10, 20))
    assert "希望简化流程" in row.asked and "待答复" in row.result


def test_handed_in_it_never_changes(visited):
    sheet = hand_in(
        by=visited.liaison,
        unit=visited.unit,
        month=OCTOBER,
        note="已核对",
        notes={visited.visit.pk: "已协调"},
    )
    assert (sheet.owed, sheet.visited, sheet.late) == (2, 1, False)
    Visit.objects.filter(pk=visited.visit.pk).update(findings="改了")
    (line,) = sheet.lines.all()
    assert (line.findings, line.note, line.number) == ("订单充足", "已协调", visited.visit.pk)
    with pytest.raises(ValidationError):
        hand_in(by=visited.liaison, unit=visited.unit, month=OCTOBER)


def test_not_before_the_month_is_over_nor_by_others(visited):
    with pytest.raises(ValidationError) as error:
        hand_in(by=visited.liaison, unit=visited.unit, month=date(2026, 11, 1))
    assert "还没有结束" in "".join(error.value.messages)
    with pytest.raises(PermissionDenied):
        hand_in(by=visited.other, unit=visited.unit, month=OCTOBER)


def test_the_bureau_gives_it_back_and_on_time_stays_on_time(visited):
    make.with_rules(visited.district, rotas=OWED)
    sheet = hand_in(by=visited.liaison, unit=visited.unit, month=OCTOBER)
    with pytest.raises(PermissionDenied):
        give_back(by=visited.liaison, sheet=sheet, reason="再补充")
    with pytest.raises(ValidationError):
        give_back(by=visited.dispatcher, sheet=sheet, reason=" ")
    give_back(by=visited.dispatcher, sheet=sheet, reason="再补充")
    assert Notice.objects.filter(recipient=visited.liaison, title__contains="被退回").exists()
    with time_machine.travel("2026-11-20 10:00+08:00"):
        again = hand_in(by=visited.liaison, unit=visited.unit, month=OCTOBER)
    assert again.pk == sheet.pk and not again.late and again.state == "handed_in"


def test_the_day_moves_to_a_working_day_and_after_it_the_sheet_is_late(visited):
    make.with_rules(visited.district, rotas=OWED)
    rules = rules_of(visited.district)
    assert due_on(OCTOBER, rules) == date(2026, 11, 5)
    assert due_on(date(2026, 11, 1), rules) == date(2026, 12, 7)  # the 5th is a Saturday
    with time_machine.travel("2026-11-06 10:00+08:00"):
        (line,) = sheet_standings(visited.district, OCTOBER, rules)
        assert line.is_late and line.is_missing and line.visits == 1
        assert hand_in(by=visited.liaison, unit=visited.unit, month=OCTOBER).late
    september = date(2026, 9, 1)
    assert not sheet_standings(visited.district, september, rules)[0].is_late


def test_units_are_reminded_and_the_bureau_learns_who_is_missing(visited):
    make.with_rules(visited.district, rotas=OWED)
    for moment in ("2026-11-03 09:00+08:00", "2026-11-03 10:00+08:00", "2026-11-06 09:00+08:00"):
        with time_machine.travel(moment):
            rota_reminders.remind(visited.district)
    inbox = Notice.objects.filter(channel="inbox")
    assert inbox.filter(recipient=visited.liaison, title__contains="走访联系表").count() == 1
    missing = inbox.get(recipient=visited.dispatcher, title__contains="没有按时报送")
    assert visited.unit.short_name in missing.body


def test_it_counts_as_an_indicator(visited):
    hand_in(by=visited.liaison, unit=visited.unit, month=OCTOBER)
    start = timezone.make_aware(datetime(2026, 11, 1))
    context = context_for(
        visited.district, rules_of(visited.district), start, timezone.make_aware(datetime(2026, 12, 1))
    )
    assert REGISTRY["visit_sheets"].value(context) == REGISTRY["visit_sheets_in_time"].value(context) == 1


# --- Pages ----------------------------------------------------------------------------------------


def test_the_liaison_hands_it_in_on_the_page(client, visited):
    address = reverse("campaigns:visit_sheet", args=[visited.unit.pk, "2026-10"])
    client.force_login(visited.liaison)
    page = client.get(address).content.decode()
    assert "甲乙0号有限公司" in page and "核对无误，报送" in page
    data = {"token": "x", "note": "本月如上", f"note_{visited.visit.pk}": "已协调"}
    assert client.post(address, data).status_code == 302
    assert client.post(address, data).status_code in {200, 302}
    page = client.get(address).content.decode()
    assert "内容不再变动" in page and "已协调" in page
    content = client.get(reverse("campaigns:download_visit_sheet", args=[visited.unit.pk, "2026-10"])).content
    sheet = load_workbook(io.BytesIO(content)).active
    assert "走访联系表（2026年10月）" in sheet["A1"].value and sheet["C4"].value == "甲乙0号有限公司"


def test_who_reads_which_sheet(client, visited, outsider):
    address = reverse("campaigns:visit_sheet", args=[visited.unit.pk, "2026-10"])
    for user, status in ((visited.dispatcher, 200), (visited.other, 404), (outsider, 404)):
        client.force_login(user)
        assert client.get(address).status_code == status, user
    client.force_login(visited.liaison)
    for month in ("2026-13", "0", "2026-1"):
        wrong = reverse("campaigns:visit_sheet", args=[visited.unit.pk, month])
        assert client.get(wrong).status_code == 404
    listed = client.get(reverse("campaigns:visit_sheets"), {"month": "2026-10"}).content.decode()
    assert visited.unit.short_name in listed
    client.force_login(visited.dispatcher)
    listed = client.get(reverse("campaigns:visit_sheets"), {"month": "2026-10", "state": "missing"})
    assert visited.unit.short_name in listed.content.decode()


def test_a_sheet_costs_the_same_with_many_visits(client, visited, django_assert_max_num_queries):
    for day in range(1, 15):
        visit(visited, visited.firms[0], day)
    client.force_login(visited.liaison)
    with django_assert_max_num_queries(22):
        client.get(reverse("campaigns:visit_sheet", args=[visited.unit.pk, "2026-10"]))


def test_a_sheet_that_exists_once(visited):
    hand_in(by=visited.liaison, unit=visited.unit, month=date(2026, 10, 15))
    assert VisitSheet.objects.get().month == OCTOBER
