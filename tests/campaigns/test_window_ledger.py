"""The window ledger: taken down in a minute, answered, or turned into an appeal or an opinion."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry
from appeals.models import Appeal, DuplicateHint
from appeals.perform import earlier_appeal, perform
from campaigns.models import WindowEntry
from campaigns.rotas.services import window_ledger as services
from campaigns.rotas.services.window_ledger import Registration
from core import clock
from liaisons.models import Opinion

LONG = "新招员工社保补缴怎么办理，窗口说要等上级批复，请协调尽快办理。"


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
        ({"way": "appeal"}, "category"),
        ({"way": "appeal"}, "claimed_name"),
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


def an_appeal(hall, **fields) -> Appeal:
    given = {
        "category": "labour", "claimed_name": "某某新公司", "contact_name": "赵先生", "content": LONG,
        "contact_phone": "13800001234", "channel": "window",
    }  # fmt: skip
    return perform(None, "register", Actor.of_user(hall.clerk), given | fields)


def registering(**fields) -> Registration:
    return Registration(**({"category": "labour"} | fields))


def test_it_is_registered_as_an_appeal_at_once(hall):
    entry = taken_down(
        hall, way="appeal", answer="", claimed_name="某某新公司", registration=registering(key="k")
    )
    appeal = Appeal.objects.get()
    assert entry.appeal == appeal and appeal.number and not entry.is_open
    assert appeal.channel == "window" and appeal.collecting_unit == hall.window
    assert (appeal.claimed_name, appeal.contact_name, appeal.contact_phone, appeal.content) == (
        "某某新公司", "赵先生", "13800001234", "社保补缴怎么办",
    )  # fmt: skip
    assert earlier_appeal("k").secret_code, "the firm gets its slip"


def test_a_saturday_is_a_day_like_another_but_the_clocks_start_on_monday(hall):
    with time_machine.travel("2026-11-21 10:00+08:00"):
        entry = taken_down(
            hall, way="appeal", answer="", claimed_name="某某新公司", registration=registering()
        )
    deadline = entry.appeal.deadlines.get(kind="accept")
    assert clock.local_date(deadline.due_at).isoformat() in {"2026-11-23", "2026-11-24"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"phone": ""}, "phone"), ({"person": ""}, "person"), ({"content": "短"}, "content")],
)
def test_what_the_registration_refuses_is_said_beside_the_ledgers_field_and_nothing_is_kept(
    hall, wrong, field
):
    given = {"way": "appeal", "answer": "", "claimed_name": "某某新公司", "registration": registering()}
    with pytest.raises(ValidationError) as error:
        taken_down(hall, **(given | wrong))
    assert field in error.value.message_dict
    assert not Appeal.objects.exists() and not WindowEntry.objects.exists()


def test_a_category_nobody_knows_is_refused(hall):
    with pytest.raises(ValidationError) as error:
        taken_down(
            hall, way="appeal", answer="", claimed_name="新公司", registration=registering(category="x")
        )
    assert "category" in error.value.message_dict


def test_what_waits_becomes_an_appeal_later(hall):
    entry = taken_down(hall, way="open", answer="", claimed_name="某某新公司", phone="")
    with pytest.raises(PermissionDenied):
        services.register_appeal(
            by=hall.other, entry=entry, person="赵先生", phone="13800001234", registration=registering()
        )
    services.register_appeal(
        by=hall.clerk, entry=entry, person="赵先生", phone="13800001234", registration=registering()
    )
    entry.refresh_from_db()
    assert entry.appeal == Appeal.objects.get() and entry.way == "appeal" and not entry.is_open
    with pytest.raises(ValidationError):
        services.register_appeal(
            by=hall.clerk, entry=entry, person="赵先生", phone="13800001234", registration=registering()
        )
    assert Appeal.objects.count() == 1


def test_it_is_one_of_the_appeals_the_firm_has_brought(hall):
    appeal = an_appeal(hall)
    entry = taken_down(hall, way="open", answer="", claimed_name="某某新公司")
    other = taken_down(hall, way="open", answer="", claimed_name="另一公司", phone="13900001234")
    assert list(services.appeals_of_firm(hall.clerk, entry)) == [appeal]
    assert not services.appeals_of_firm(hall.clerk, other)
    with pytest.raises(PermissionDenied):
        services.became_appeal(by=hall.other, entry=entry, appeal=appeal)
    services.became_appeal(by=hall.clerk, entry=entry, appeal=appeal)
    entry.refresh_from_db()
    assert entry.appeal == appeal and not entry.is_open
    with pytest.raises(ValidationError):
        services.answer_entry(by=hall.clerk, entry=entry, answer="晚了")


def test_what_ended_before_the_firm_came_is_another_matter(hall):
    with time_machine.travel("2026-11-10 10:00+08:00"):
        appeal = an_appeal(hall)
    Appeal.objects.filter(pk=appeal.pk).update(ended_at=clock.now() - timedelta(days=3))
    entry = taken_down(hall, way="open", answer="", claimed_name="某某新公司")
    assert not services.appeals_of_firm(hall.clerk, entry)
    appeal.refresh_from_db()
    with pytest.raises(ValidationError, match="已经办结"):
        services.became_appeal(by=hall.clerk, entry=entry, appeal=appeal)


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


AS_APPEAL = {
    "kind": "complaint", "window": "service", "occurred_at": "2026-11-20T14:00", "claimed_name": "某某新公司",
    "person": "赵先生", "phone": "13800001234", "content": LONG, "way": "appeal", "category": "labour",
}  # fmt: skip


def test_the_page_registers_the_appeal_once_and_hands_out_the_slip(client, hall):
    client.force_login(hall.clerk)
    address = reverse("campaigns:new_window_entry")
    data = AS_APPEAL | {"token": "t"}
    for _ in range(2):
        answer = client.post(address, data)
        assert answer.status_code == 302
    entry, appeal = WindowEntry.objects.get(), Appeal.objects.get()
    page = client.get(answer.url).content.decode()
    assert appeal.number in page and reverse("appeals:slip", args=[appeal.number]) in page
    assert "查询码" in client.get(reverse("appeals:slip", args=[appeal.number])).content.decode()
    assert entry.appeal == appeal
    refused = client.post(address, AS_APPEAL | {"token": "u", "category": ""})
    assert refused.status_code == 422 and "请选择诉求类别" in refused.content.decode()


def test_what_the_firm_brought_before_is_asked_about_once(client, hall):
    main = an_appeal(hall)
    client.force_login(hall.clerk)
    address = reverse("campaigns:new_window_entry")
    asked = client.post(address, AS_APPEAL | {"token": "t"})
    assert asked.status_code == 422 and main.number in asked.content.decode()
    assert not WindowEntry.objects.exists()
    assert client.post(address, AS_APPEAL | {"token": "t", "repeats": "JQ-nothing"}).status_code == 422
    assert client.post(address, AS_APPEAL | {"token": "t", "repeats": main.number}).status_code == 302
    assert DuplicateHint.objects.get().main == main


def test_the_page_turns_what_waits_into_an_appeal_or_finds_it(client, hall):
    appeal = an_appeal(hall)
    first, second, third = (
        taken_down(hall, way="open", answer="", claimed_name="某某新公司", content=f"社保补缴怎么办理{n}")
        for n in range(3)
    )
    client.force_login(hall.clerk)

    def send(entry: WindowEntry, **data):
        address = reverse("campaigns:window_entry_appeal", args=[entry.pk])
        assert client.get(address).status_code == 200
        return client.post(
            address, {"token": f"t{entry.pk}", "person": "赵先生", "phone": "13800001234"} | data
        )

    assert send(first, which=appeal.number).status_code == 302
    assert send(second, which="other", number="").status_code == 422
    assert send(second, which="other", number="JQ0").status_code == 422
    assert send(second, which="other", number=appeal.number.lower()).status_code == 302
    assert send(third, which="new", category="").status_code == 422
    assert send(third, which="new", category="labour", phone="1").status_code == 422
    assert send(third, which="new", category="labour").status_code == 302
    for entry in (first, second, third):
        entry.refresh_from_db()
    assert first.appeal == second.appeal == appeal
    assert third.appeal != appeal and third.appeal.content == third.content


def test_the_month_in_figures(client, hall):
    taken_down(hall)
    taken_down(hall, kind="complaint", way="open", answer="")
    client.force_login(hall.dispatcher)
    page = client.get(reverse("campaigns:window_summary"), {"month": "2026-11"})
    assert (
        page.context["totals"] | {"total": 2, "enquiry": 1, "complaint": 1, "waiting": 1}
        == page.context["totals"]
    )
