from datetime import date

import pytest
from django.utils import timezone

from accounts.models import AuditEntry
from core import clock
from enterprises.models import Enterprise
from liaisons.models import Assignment
from liaisons.services.assignments import assign, end_assignment
from liaisons.services.visits import record_visit
from tests import factories as make


@pytest.fixture
def cadre(unit):
    return make.user(unit, "cadre", official=make.official(unit, name="周启明", title="副镇长"))


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


@pytest.fixture
def assignment(dispatcher, cadre, firm):
    return assign(by=dispatcher, official=cadre.official, subject=firm, started=date(2026, 1, 5))


def page(answer) -> str:
    return answer.content.decode()


def form(official, subject, **changes) -> dict:
    return {
        "token": "t" * 32,
        "official": str(official.pk),
        "subject": f"{subject._meta.model_name}-{subject.pk}",
        "part": "lead",
        "started": "2026-01-05",
    } | changes


# --- The list -------------------------------------------------------------------------------------


def shown(client, **filters) -> bool:
    answer = client.get("/liaisons/", filters)
    assert answer.status_code == 200
    return "铜陵晨光机械有限公司" in page(answer)


def test_the_list_is_narrowed_by_its_filters(client, dispatcher, assignment, district):
    client.force_login(dispatcher)
    for name, fits, fits_not in (
        ("q", "晨光", "朝阳"),
        ("official", "周启", "李"),
        ("unit", assignment.unit_id, make.unit(district, "huihe").pk),
        ("region", assignment.region_id, make.township(district, "灰河乡").pk),
        ("tier", "small", "project"),
        ("day", "2026-01-05", "2026-01-04"),
    ):
        assert shown(client, **{name: fits}), name
        assert not shown(client, **{name: fits_not}), name


def test_an_ended_assignment_is_shown_for_its_days_and_in_the_history(client, dispatcher, assignment):
    end_assignment(by=dispatcher, assignment=assignment, ended=date(2026, 3, 1))
    client.force_login(dispatcher)
    assert not shown(client)
    assert shown(client, day="2026-02-28") and not shown(client, day="2026-03-01")
    assert shown(client, state="all")


@pytest.mark.parametrize(
    "filters",
    [
        {"day": "31/02/2026"},
        {"day": "9999-12-31"},
        {"day": "0001-01-01"},
        {"unit": "x"},
        {"unit": "9" * 30},
        {"tier": "x"},
        {"page": "-7"},
        {"q": "𠮷😀\0" * 40},
    ],
)
def test_a_filter_that_makes_no_sense_breaks_nothing(client, dispatcher, assignment, filters):
    client.force_login(dispatcher)
    for address in ("/liaisons/", "/visits/", "/policies/"):
        answer = client.get(
            address, filters | {"since": filters.get("day", ""), "until": filters.get("day", "")}
        )
        assert answer.status_code == 200


def test_the_list_costs_the_same_queries_for_one_row_and_for_thirty(
    client, dispatcher, assignment, district, django_assert_max_num_queries
):
    client.force_login(dispatcher)
    client.get("/liaisons/")
    with django_assert_max_num_queries(14) as one:
        client.get("/liaisons/")
    for number in range(30):
        person = make.official(make.unit(district, "huihe"), name=f"干部{number}")
        assign(by=dispatcher, official=person, subject=make.enterprise(district), started=date(2026, 1, 5))
    with django_assert_max_num_queries(len(one)):
        answer = client.get("/liaisons/")
    assert "共 31 条" in page(answer)


# --- A cadre's own firms --------------------------------------------------------------------------


def test_my_firms_say_when_i_was_there_and_whom_to_call(client, cadre, assignment, unit, firm):
    client.force_login(cadre)
    before = page(client.get("/liaisons/mine/"))
    assert (
        "还没有记录" in before
        and "本期已走访 0 家" in before
        and f"/visits/new/?enterprise={firm.pk}" in before
    )
    assert f'href="tel:{firm.contact_phone}"' in before
    entry = AuditEntry.objects.get(action="assignment.contacts_shown")
    assert entry.data == {"assignments": [assignment.pk]}
    record_visit(
        by=cadre,
        reporting_unit=unit,
        kind="visit",
        occurred_at=clock.now(),
        region=firm.region,
        officials=[cadre.official],
        enterprise=firm,
    )
    after = page(client.get("/liaisons/mine/"))
    assert "本期已走访 1 家" in after
    assert f"{timezone.localdate():%Y-%m-%d}" in after


def test_a_visit_by_somebody_else_is_not_mine(client, cadre, assignment, unit, firm):
    record_visit(
        by=cadre,
        reporting_unit=unit,
        kind="visit",
        occurred_at=clock.now(),
        region=firm.region,
        officials=[make.official(unit, name="吴迪")],
        enterprise=firm,
    )
    client.force_login(cadre)
    assert "本期已走访 0 家" in page(client.get("/liaisons/mine/"))


def test_the_page_says_what_to_do_without_firms_or_official(client, cadre, dispatcher):
    client.force_login(cadre)
    assert "现在没有安排您联系的企业" in page(client.get("/liaisons/mine/"))
    client.force_login(dispatcher)
    assert "没有对应的干部" in page(client.get("/liaisons/mine/"))


def test_my_firms_cost_the_same_queries_however_many(
    client, cadre, dispatcher, assignment, district, django_assert_max_num_queries
):
    client.force_login(cadre)
    client.get("/liaisons/mine/")
    with django_assert_max_num_queries(14) as one:
        client.get("/liaisons/mine/")
    for _ in range(8):
        assign(
            by=dispatcher,
            official=cadre.official,
            subject=make.enterprise(district),
            started=date(2026, 1, 5),
        )
    with django_assert_max_num_queries(len(one)):
        client.get("/liaisons/mine/")


# --- Starting and ending --------------------------------------------------------------------------


def test_a_dispatcher_assigns_once_however_often_it_is_sent(client, dispatcher, cadre, firm):
    client.force_login(dispatcher)
    assert client.get("/liaisons/new/").status_code == 200
    for _ in range(2):
        answer = client.post("/liaisons/new/", form(cadre.official, firm))
        assert answer.status_code == 302 and answer["Location"] == "/liaisons/"
    assert Assignment.objects.count() == 1


def test_what_was_chosen_and_typed_is_kept_when_it_is_refused(client, dispatcher, cadre, firm):
    client.force_login(dispatcher)
    answer = client.post("/liaisons/new/", form(cadre.official, firm, started="2019-01-01"))
    assert answer.status_code == 422
    assert "没有任职记录" in page(answer) and "2019-01-01" in page(answer)
    assert f'value="enterprise-{firm.pk}"' in page(answer) and firm.name in page(answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"official": ""},
        {"official": "9" * 30},
        {"subject": "enterprise-999999"},
        {"subject": "x"},
        {"started": "0001-01-01"},
        {"started": "明天"},
        {"part": "x"},
        {"token": ""},
    ],
)
def test_bad_input_is_answered_with_words(client, dispatcher, cadre, firm, changes):
    client.force_login(dispatcher)
    answer = client.post("/liaisons/new/", form(cadre.official, firm) | changes)
    assert answer.status_code == 422 and "data-error-summary" in page(answer)
    assert Assignment.objects.count() == 0


def test_a_firm_that_left_the_roster_is_not_assigned(client, dispatcher, cadre, firm):
    Enterprise.objects.filter(pk=firm.pk).update(active=False)
    client.force_login(dispatcher)
    answer = client.post("/liaisons/new/", form(cadre.official, firm))
    assert answer.status_code == 422 and "已不在册" in page(answer)


def test_the_address_can_choose_beforehand(client, dispatcher, cadre, firm):
    client.force_login(dispatcher)
    answer = client.get("/liaisons/new/", {"enterprise": firm.pk, "official": cadre.official_id})
    assert f'value="enterprise-{firm.pk}"' in page(answer) and 'value="周启明"' in page(answer)
    assert client.get("/liaisons/new/", {"enterprise": "x", "official": "9" * 30}).status_code == 200


def test_ending_asks_first_and_keeps_the_row(client, dispatcher, assignment):
    client.force_login(dispatcher)
    address = f"/liaisons/{assignment.pk}/end/"
    asked = client.get(address)
    assert "结束这项包保联系" in page(asked)
    assert Assignment.objects.get().ended is None
    assert client.post(address, {"ended": "2026-01-05"}).status_code == 422
    assert client.post(address, {"ended": "2026-06-01"}).status_code == 302
    assert Assignment.objects.get().ended == date(2026, 6, 1)
    assert client.post(address, {"ended": "2026-07-01"}).status_code == 422
    assert "已经结束" in page(client.get(address))


# --- Who sees and does what -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "role", "listed", "new", "end"),
    [
        ("kjj", "dispatcher", True, 200, 200),
        ("kjj", "bureau_leader", True, 403, 403),
        ("qzfb", "district_leader", True, 403, 403),
        ("jwdc", "supervisor", True, 403, 403),
        ("datong", "liaison", True, 200, 200),
        ("datong", "unit_leader", True, 403, 403),
        ("datong", "cadre", True, 403, 403),
        ("datong_window", "window", False, 403, 404),
        ("huihe", "liaison", False, 200, 404),
        ("huihe", "cadre", False, 403, 404),
        ("zjj", "liaison", False, 200, 404),
        ("zjj", "unit_leader", False, 403, 404),
        ("zjj", "admin", False, 403, 404),
    ],
)
def test_each_role_sees_and_may_what_is_its_own(client, district, assignment, code, role, listed, new, end):
    client.force_login(make.user(make.unit(district, code), role))
    assert shown(client) == listed
    assert client.get("/liaisons/new/").status_code == new
    assert client.get(f"/liaisons/{assignment.pk}/end/").status_code == end
    assert client.post(f"/liaisons/{assignment.pk}/end/", {"ended": ""}).status_code == (
        422 if end == 200 else end
    )
    assert client.get("/liaisons/mine/").status_code == 200
    assert client.get("/policies/").status_code == 200


def test_strangers_are_sent_to_sign_in(client, district):
    for address in ("/liaisons/", "/liaisons/mine/", "/liaisons/new/", "/liaisons/1/end/",
                    "/liaisons/officials/lookup/", "/policies/"):  # fmt: skip
        assert client.get(address).status_code == 302


def test_the_lookup_names_officials_with_their_posts(
    client, cadre, dispatcher, unit, django_assert_max_num_queries
):
    for number in range(15):
        make.official(unit, name=f"周{number}")
    client.force_login(dispatcher)
    with django_assert_max_num_queries(11):
        answer = client.get("/liaisons/officials/lookup/", {"q": "周"})
    assert page(answer).count("<li ") == 10
    assert f'data-value="{cadre.official_id}" data-label="周启明（大通镇副镇长）"' in page(answer)
    assert client.get("/liaisons/officials/lookup/").content.strip() == b""


def test_an_official_of_another_district_is_not_found(client, cadre, dispatcher, district):
    elsewhere = type(district).objects.create(name="别处区", level="district", parent=district.parent)
    type(cadre.official).objects.create(name="周别处", district=elsewhere)
    client.force_login(dispatcher)
    assert "周别处" not in page(client.get("/liaisons/officials/lookup/", {"q": "周"}))
