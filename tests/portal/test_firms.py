"""The page of one firm or project."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from core import clock
from enterprises.models import Project
from liaisons.models import Assignment, Visit
from tests import factories

PHONE = "13900001111"


@pytest.fixture
def dispatcher(district):
    return factories.user(factories.unit(district), "dispatcher")


@pytest.fixture
def firm(district):
    return factories.enterprise(district, contact_name="赵敏", legal_person="钱法人", contact_phone=PHONE)


def assign(firm, by, *, name="孙干部"):
    unit = by.unit
    person = factories.official(unit, name=name)
    return Assignment.objects.create(
        district=firm.district, region=firm.region, official=person, unit=unit, enterprise=firm,
        started=clock.today(), recorded_by=by, recorded_at=clock.now(),
    )  # fmt: skip


def visit(firm, by):
    return Visit.objects.create(
        district=firm.district, region=firm.region, reporting_unit=by.unit, kind="visit", enterprise=firm,
        findings="生产正常", occurred_at=clock.now(), recorded_at=clock.now(), recorded_by=by,
    )  # fmt: skip


def pages(firm, project) -> list[str]:
    return [reverse("portal:enterprise", args=[firm.pk]), reverse("portal:project", args=[project.pk])]


def test_the_page_shows_facts_assignment_and_visit_and_masks_people(client, firm, dispatcher):
    assign(firm, dispatcher)
    visit(firm, dispatcher)
    client.force_login(dispatcher)
    page = client.get(reverse("portal:enterprise", args=[firm.pk])).content.decode()
    for shown in (firm.name, firm.credit_code, "大通镇", "孙干部", "生产正常", "139****1111", "赵**", "钱**"):
        assert shown in page
    for hidden in (PHONE, "赵敏", "钱法人"):
        assert hidden not in page


@pytest.mark.parametrize("as_fragment", [True, False])
def test_showing_the_phone_is_logged(client, firm, dispatcher, as_fragment):
    client.force_login(dispatcher)
    address = reverse("portal:enterprise_phone", args=[firm.pk])
    headers = {"HX-Request": "true"} if as_fragment else {}
    page = client.post(address, headers=headers).content.decode()
    assert PHONE in page and ("<h1>" in page) is not as_fragment
    entry = AuditEntry.objects.get(action="phone.show")
    assert (entry.user_id, entry.object_type, entry.object_id) == (
        dispatcher.pk, "enterprises.enterprise", str(firm.pk),
    )  # fmt: skip
    assert client.get(address).status_code == 405


def test_a_projects_page_and_phone(client, district, firm, dispatcher):
    project = Project.objects.create(
        name="产业园一期",
        district=district,
        region=firm.region,
        owner=firm,
        contact_phone=PHONE,
        created_at=clock.now(),
    )
    client.force_login(dispatcher)
    page = client.get(reverse("portal:project", args=[project.pk])).content.decode()
    assert firm.name in page and PHONE not in page
    assert PHONE in client.post(reverse("portal:project_phone", args=[project.pk])).content.decode()
    assert "产业园一期" in client.get(reverse("portal:enterprise", args=[firm.pk])).content.decode()


@pytest.mark.parametrize(
    "role",
    [
        "dispatcher",
        "cadre",
        "window",
        "liaison",
        "unit_leader",
        "bureau_leader",
        "district_leader",
        "supervisor",
    ],
)
def test_officials_of_the_district_see_it_and_those_of_another_township_do_not(client, district, firm, role):
    project = factories.project(district)
    near = factories.unit(district)
    far = type(near).objects.filter(district=district, region=factories.township(district, "铜山镇")).first()
    client.force_login(factories.user(near, role))
    for address in pages(firm, project):
        assert client.get(address).status_code == 200
    if role not in {"dispatcher", "bureau_leader", "district_leader", "supervisor"}:
        client.force_login(factories.user(far, role))
        for address in pages(firm, project):
            assert client.get(address).status_code == 404
            assert client.post(f"{address}phone/").status_code == 404


def test_a_stranger_sees_nothing(client, district, firm):
    for address in pages(firm, factories.project(district)):
        assert client.get(address).status_code == 302


def test_what_others_visited_stays_with_them(client, district, firm, dispatcher):
    visit(firm, dispatcher)
    assign(firm, dispatcher)
    other = factories.user(factories.unit(district, "xnb"), "cadre")
    client.force_login(other)
    page = client.get(reverse("portal:enterprise", args=[firm.pk])).content.decode()
    assert "生产正常" not in page and "孙干部" not in page


def test_the_page_costs_the_same_however_much_happened(
    client, firm, dispatcher, django_assert_max_num_queries
):
    client.force_login(dispatcher)
    for number in range(8):
        assign(firm, dispatcher, name=f"干部{number}")
        visit(firm, dispatcher)
    client.get(reverse("portal:enterprise", args=[firm.pk]))
    # Of these, three save the session: in a test its UPDATE stands between two savepoints.
    with django_assert_max_num_queries(16):
        client.get(reverse("portal:enterprise", args=[firm.pk]))
