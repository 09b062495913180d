"""Policy officers and the knowledge their units hand in every month."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from campaigns.models import KnowledgeEntry, PolicyOfficer
from campaigns.rotas.knowledge_figures import knowledge_standings
from campaigns.rotas.services import knowledge as services
from districts.models import DistrictProfile
from tests import factories as make

NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def a_friday():
    with time_machine.travel("2026-11-20 15:00+08:00"):
        yield


def appointed(hall, **fields) -> PolicyOfficer:
    given = {"unit": hall.unit, "official": hall.head, "name": "", "title": "", "started": date(2026, 11, 1)}
    return services.appoint(by=hall.liaison, **(given | fields))


def handed_in(hall, **fields) -> KnowledgeEntry:
    given = {
        "unit": hall.unit, "category": "procedure", "question": "社保怎么补缴？", "answer": "带营业执照到窗口。",
        "valid_from": date(2026, 11, 1),
    }  # fmt: skip
    return services.hand_in(by=fields.pop("by", hall.liaison), **(given | fields))


def test_an_officer_is_appointed_once_and_ended(hall):
    officer = appointed(hall)
    assert (officer.name, officer.title) == ("江晚", "副局长")
    with pytest.raises(ValidationError):
        appointed(hall)
    with pytest.raises(PermissionDenied):
        services.end(by=hall.other, officer=officer, ended=date(2026, 11, 20))
    services.end(by=hall.liaison, officer=officer, ended=date(2026, 11, 20))
    assert not PolicyOfficer.objects.in_force().exists()
    with pytest.raises(ValidationError) as error:
        appointed(hall, official=None, phone="12")
    assert {"official", "title", "phone"} <= error.value.message_dict.keys()


def test_the_officer_hands_in_and_others_do_not(hall):
    appointed(hall)
    with pytest.raises(PermissionDenied):
        handed_in(hall, by=hall.other)
    officer = make.user(hall.window, "window", official=hall.clerk_official)
    with pytest.raises(PermissionDenied):
        handed_in(hall, by=officer)
    appointed(hall, official=hall.clerk_official)
    assert handed_in(hall, by=officer).state == "handed_in"


def test_everybody_reads_it_once_it_was_reviewed(hall, outsider):
    entry = handed_in(hall)
    seen = KnowledgeEntry.objects.visible_to
    assert not seen(hall.other).exists() and seen(hall.liaison).exists()
    with pytest.raises(PermissionDenied):
        services.review(by=hall.liaison, entry=entry, accepted=True)
    services.review(by=hall.dispatcher, entry=entry, accepted=True)
    assert seen(hall.other).exists() and not seen(outsider).exists()
    changed = handed_in(hall, entry=entry, answer="现在可以网上办。")
    assert changed.pk == entry.pk and changed.state == "handed_in" and not seen(hall.other).exists()


def test_given_back_with_a_reason_and_handed_in_again(hall):
    entry = handed_in(hall)
    with pytest.raises(ValidationError):
        services.review(by=hall.dispatcher, entry=entry, accepted=False)
    services.review(by=hall.dispatcher, entry=entry, accepted=False, note="请写依据")
    with pytest.raises(ValidationError):
        services.review(by=hall.dispatcher, entry=entry, accepted=True)
    assert handed_in(hall, entry=entry, basis="人社发 1 号").state == "handed_in"


def test_the_same_question_once_a_unit(hall):
    entry = handed_in(hall)
    with pytest.raises(ValidationError):
        handed_in(hall)
    services.withdraw(by=hall.liaison, entry=entry)
    assert handed_in(hall).pk != entry.pk
    with pytest.raises(ValidationError):
        handed_in(hall, entry=entry)


def test_who_owes_the_month(hall):
    appointed(hall)
    rules = DistrictProfile.objects.in_force(hall.district).rules
    assert knowledge_standings(hall.district, rules, NOVEMBER)[0].missing == 1
    handed_in(hall)
    assert knowledge_standings(hall.district, rules, NOVEMBER)[0].missing == 0
    assert knowledge_standings(hall.district, rules, date(2026, 10, 1)) == []


# --- Pages ----------------------------------------------------------------------------------------


def test_searched_and_marked_as_expired(client, hall):
    entry = handed_in(hall, valid_to=date(2026, 11, 25))
    services.review(by=hall.dispatcher, entry=entry, accepted=True)
    client.force_login(hall.other)
    address = reverse("campaigns:knowledge")
    assert "本条过期" not in client.get(address, {"q": "补缴"}).content.decode()
    with time_machine.travel("2026-12-01 10:00+08:00"):
        client.force_login(hall.other)
        assert "本条过期" in client.get(address, {"q": "补缴"}).content.decode()
        assert "社保怎么补缴" not in client.get(address, {"holds": "valid"}).content.decode()
        assert "社保怎么补缴" in client.get(address, {"holds": "expired"}).content.decode()
        page = client.get(reverse("campaigns:knowledge_entry", args=[entry.pk])).content.decode()
        assert "请与" in page and "核对" in page


def test_handed_in_reviewed_and_taken_down_on_the_pages(client, hall):
    client.force_login(hall.liaison)
    data = {
        "token": "a", "unit": hall.unit.pk, "category": "tax", "question": "税率？", "answer": "百分之一。",
        "valid_from": "2026-11-01", "valid_to": "2026-10-01",
    }  # fmt: skip
    address = reverse("campaigns:hand_in_knowledge")
    assert client.get(address).status_code == 200
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {"valid_to": ""}).status_code == 302
    entry = KnowledgeEntry.objects.get()
    change = reverse("campaigns:change_knowledge", args=[entry.pk])
    assert client.get(change).status_code == 200
    page = reverse("campaigns:knowledge_entry", args=[entry.pk])
    assert client.post(page, {"token": "b", "accepted": "yes"}).status_code == 403
    client.force_login(hall.dispatcher)
    assert client.post(page, {"token": "b", "accepted": "no"}).status_code == 422
    assert client.post(page, {"token": "b", "accepted": "yes"}).status_code == 302
    assert client.post(reverse("campaigns:withdraw_knowledge", args=[entry.pk])).status_code == 302
    client.force_login(hall.other)
    assert client.get(page).status_code == 404


def test_officers_on_the_page(client, hall):
    client.force_login(hall.liaison)
    data = {"token": "a", "unit": hall.unit.pk, "official": hall.head.pk, "started": "2026-11-01"}
    assert client.post(reverse("campaigns:appoint_policy_officer"), data).status_code == 302
    page = client.get(reverse("campaigns:policy_officers")).content.decode()
    assert "江晚" in page and "还差" in page
    end = reverse("campaigns:end_policy_officer", args=[PolicyOfficer.objects.get().pk])
    assert client.post(end, {"token": "b", "ended": "2026-10-01"}).status_code == 422
    assert client.post(end, {"token": "c", "ended": "2026-11-20"}).status_code == 302
