"""The window ledger: taken down in a minute, answered, or turned into an appeal or an opinion."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from appeals.models import Appeal
from campaigns.models import WindowEntry
from campaigns.services import window_ledger as services
from core import clock
from liaisons.models import Opinion
from tests import factories as make


@pytest.fixture(autouse=True)
def a_friday():
    with time_machine.travel("2026-11-20 15:00+08:00"):
        yield


def taken_down(hall, **fields) -> WindowEntry:
    given = {
        "window": "service", "kind": "enquiry", "content": "社保补缴怎么办", "way": "on_spot",
        "answer": "已说明材料", "person": "赵先生", "phone": "13800001234",
    }  # fmt: skip
    return services.record_entry(by=hall.clerk, **(given | fields))


def test_answered_on_the_spot(hall):
    entry = taken_down(hall)
    assert entry.unit == hall.window and not entry.is_open and entry.subject_name == "赵先生"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"answer": " "}, "answer"),
        ({"content": ""}, "content"),
        ({"window": "nothing"}, "window"),
        ({"kind": "x"}, "kind"),
        ({"person": ""}, "person"),
        ({"content": "长" * 2001}, "content"),
    ],
)
def test_what_is_wrong_is_said_by_field(hall, wrong, field):
    with pytest.raises(ValidationError) as error:
        taken_down(hall, **wrong)
    assert field in error.value.message_dict


def test_not_from_the_future_nor_from_long_ago(hall):
    for moment in (clock.now() + timedelta(hours=1), clock.now() - timedelta(days=200)):
        with pytest.raises(ValidationError):
            taken_down(hall, occurred_at=moment)


def test_a_suggestion_becomes_an_opinion(hall):
    entry = taken_down(hall, way="opinion", kind="suggestion", passed_to=hall.unit, answer="")
    opinion = Opinion.objects.get()
    assert entry.opinion == opinion and opinion.passed_to == hall.unit and opinion.claimed_name == "赵先生"
    assert not entry.is_open


def test_it_becomes_an_appeal_by_its_number(hall):
    entry = taken_down(hall, way="appeal", answer="")
    assert entry.is_open
    firm = make.enterprise(hall.district)
    appeal = Appeal(
        district=hall.district, region=firm.region, enterprise=firm, title="社保", content="社保",
        submitted_at=clock.now(), registered_by=hall.clerk, collecting_unit=hall.window, number="JQ20261120001",
    )  # fmt: skip
    appeal.profile_id = hall.district.profiles.first().pk
    appeal.save()
    with pytest.raises(PermissionDenied):
        services.became_appeal(by=hall.other, entry=entry, appeal=appeal)
    services.became_appeal(by=hall.clerk, entry=entry, appeal=appeal)
    entry.refresh_from_db()
    assert entry.appeal == appeal and not entry.is_open
    with pytest.raises(ValidationError):
        services.answer_entry(by=hall.clerk, entry=entry, answer="晚了")


def test_answered_later_by_the_office_above(hall):
    entry = taken_down(hall, way="open", answer="")
    services.answer_entry(by=hall.liaison, entry=entry, answer="已电话答复")
    entry.refresh_from_db()
    assert entry.answered_at and entry.answer == "已电话答复"


def test_who_sees_it(hall, outsider):
    taken_down(hall)
    for user, number in (
        (hall.clerk, 1),
        (hall.liaison, 1),
        (hall.dispatcher, 1),
        (hall.other, 0),
        (outsider, 0),
    ):
        assert WindowEntry.objects.visible_to(user).count() == number


# --- Pages ----------------------------------------------------------------------------------------


def test_taken_down_on_the_page_once(client, hall):
    client.force_login(hall.clerk)
    address = reverse("campaigns:new_window_entry")
    assert client.get(address).status_code == 200
    data = {
        "token": "a", "kind": "enquiry", "window": "service", "occurred_at": "2026-11-20T14:00",
        "person": "赵先生", "phone": "138", "content": "怎么办", "way": "on_spot", "answer": "这样办",
    }  # fmt: skip
    wrong = client.post(address, data)
    assert wrong.status_code == 422 and "怎么办" in wrong.content.decode()
    right = data | {"phone": "13800001234"}
    assert client.post(address, right).status_code == 302
    assert client.post(address, right).status_code == 302 and WindowEntry.objects.count() == 1
    assert client.post(address, right | {"token": "b", "content": "a\x00b"}).status_code == 422


def test_the_phone_is_masked_until_somebody_asks_and_that_is_on_record(client, hall):
    entry = taken_down(hall)
    client.force_login(hall.clerk)
    listed = client.get(reverse("campaigns:window_ledger"), {"q": "社保"}).content.decode()
    address = reverse("campaigns:window_entry", args=[entry.pk])
    page = client.get(address).content.decode()
    assert "13800001234" not in listed + page and "138****1234" in page
    assert "13800001234" in client.get(address, {"phone": "full"}).content.decode()
    assert AuditEntry.objects.filter(action="window_entry.phone_shown", object_id=str(entry.pk)).count() == 1


def test_the_registration_opens_with_what_was_taken_down(client, hall):
    entry = taken_down(hall, way="appeal", answer="", claimed_name="某某新公司")
    client.force_login(hall.clerk)
    page = client.get(reverse("campaigns:window_entry", args=[entry.pk])).content.decode()
    start = page.index("/appeals/register/?")
    register = page[start : page.index('"', start)].replace("&amp;", "&")
    form = client.get(register).content.decode()
    assert "社保补缴怎么办" in form and "某某新公司" in form


def test_the_month_in_figures(client, hall):
    taken_down(hall)
    taken_down(hall, kind="complaint", way="open", answer="")
    client.force_login(hall.dispatcher)
    page = client.get(reverse("campaigns:window_summary"), {"month": "2026-11"})
    assert (
        page.context["totals"] | {"total": 2, "enquiry": 1, "complaint": 1, "waiting": 1}
        == page.context["totals"]
    )
