"""A cadre's own firms by urgency, planning, handing over by page."""

from datetime import date

import pytest
import time_machine

from core import clock
from districts.profile import Theme, Visits
from enterprises.models import Enterprise
from liaisons.models import Assignment, Handover, VisitPlan, VisitRequest
from liaisons.reminders import remind_visits
from liaisons.selectors import my_counts
from notifications.models import Notice
from tests import factories as make

STARTED = date(2026, 1, 5)


@pytest.fixture(autouse=True)
def a_thursday_in_november():
    with time_machine.travel("2026-11-19 13:00+08:00"):
        yield


@pytest.fixture
def cadre(network):
    return make.user(network.datong, "cadre", official=network.ann)


def asked(firm) -> VisitRequest:
    return VisitRequest.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, contact_name="赵敏", contact_phone="13800001234",
        wish="想了解技改政策", recorded_at=clock.now(),
    )  # fmt: skip


# --- My firms -------------------------------------------------------------------------------------


def test_who_waits_or_is_behind_comes_first(client, network, cadre):
    names = ["走访过的", "本期待走访的", "上期欠访的", "企业约访的", "协助联系的"]
    firms = {name: network.firm(name=f"铜陵{name}有限公司") for name in names}
    for name in names[:4]:
        started = date(2026, 8, 3) if name == "本期待走访的" else STARTED
        network.assigned(firms[name], started=started)
    network.assigned(firms["协助联系的"], network.bob, started=STARTED)
    network.assigned(firms["协助联系的"], started=STARTED, part="support")
    network.visit(firms["走访过的"], date(2026, 10, 15))
    network.visit(firms["企业约访的"], date(2026, 10, 15))
    asked(firms["企业约访的"])
    client.force_login(cadre)
    page = client.get("/liaisons/mine/").content.decode()
    order = ["企业约访的", "上期欠访的", "本期待走访的", "协助联系的", "走访过的"]
    places = [page.index(f"铜陵{name}有限公司</a>") for name in order]
    assert places == sorted(places)
    assert "上期欠访 1 家" in page and "1 家在等我去" in page
    assert "上季度未走访" in page and "本季度已走访" in page and "12月31日前走访" in page


def test_the_workbench_counts_the_same(network, cadre):
    behind, asked_for, done = (network.firm() for _ in range(3))
    for firm in (behind, asked_for, done):
        network.assigned(firm, started=STARTED)
    for firm in (asked_for, done):
        network.visit(firm, date(2026, 10, 15))
    asked(asked_for)
    assert my_counts(cadre) == (3, 1, 1)
    assert my_counts(network.dispatcher) == (0, 0, 0)


def test_my_firms_cost_the_same_for_few_and_for_many(client, network, cadre, django_assert_max_num_queries):
    for _ in range(20):
        network.assigned(network.firm(), started=STARTED)
    client.force_login(cadre)
    client.get("/liaisons/mine/")
    with django_assert_max_num_queries(17):
        client.get("/liaisons/mine/")


def test_the_theme_of_the_month_is_shown_where_the_profile_has_one(client, network, cadre, monkeypatch):
    network.assigned(network.firm(), started=STARTED)
    client.force_login(cadre)
    assert "本月走访主题" not in client.get("/liaisons/mine/").content.decode()
    monkeypatch.setattr(Visits, "theme_of", lambda self, day: Theme(month=11, title="助企惠企政策兑现"))
    for address in ("/liaisons/mine/", "/visits/new/"):
        assert "本月走访主题：助企惠企政策兑现" in client.get(address).content.decode()


# --- Planning -------------------------------------------------------------------------------------


def test_a_visit_is_planned_moved_and_kept_by_going(client, network, cadre):
    firm = network.firm(name="铜陵计划走访有限公司")
    assignment = network.assigned(firm, started=STARTED)
    client.force_login(cadre)
    address = f"/liaisons/{assignment.pk}/plan/"
    assert client.post(address, {"day": "2026-11-25", "note": "看新车间"}).status_code == 302
    client.post(address, {"day": "2026-11-26", "note": "看新车间"})
    assert [plan.day for plan in VisitPlan.objects.all()] == [date(2026, 11, 26)]
    page = client.get("/liaisons/mine/").content.decode()
    assert "计划 11月26日" in page and "看新车间" in page
    network.visit(firm, date(2026, 11, 19), who=network.bob)
    assert VisitPlan.objects.open().count() == 1
    visit = network.visit(firm, date(2026, 11, 18))
    assert VisitPlan.objects.get().visit == visit and not VisitPlan.objects.open().exists()


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-18", "今天到一年之内"),
        ("2028-01-01", "今天到一年之内"),
        ("", "必填"),
        ("2026-13-01", "有效的日期"),
    ],
)
def test_a_plan_lies_ahead(client, network, cadre, day, said):
    assignment = network.assigned(network.firm(), started=STARTED)
    client.force_login(cadre)
    answer = client.post(f"/liaisons/{assignment.pk}/plan/", {"day": day})
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not VisitPlan.objects.exists()


def test_a_plan_is_dropped_once(client, network, cadre):
    assignment = network.assigned(network.firm(), started=STARTED)
    client.force_login(cadre)
    client.post(f"/liaisons/{assignment.pk}/plan/", {"day": "2026-11-25"})
    plan = VisitPlan.objects.get()
    for _ in range(2):
        assert client.post(f"/liaisons/plans/{plan.pk}/drop/").status_code == 302
    assert not VisitPlan.objects.open().exists()


def test_others_do_not_plan_for_a_cadre(client, network, district):
    assignment = network.assigned(network.firm(), started=STARTED)
    colleague = make.user(network.datong, "cadre", official=network.bob)
    for user, status in [
        (colleague, 403),
        (network.liaison, 200),
        (make.user(make.unit(district, "huihe"), "liaison"), 404),
    ]:
        client.force_login(user)
        answer = client.get(f"/liaisons/{assignment.pk}/plan/").status_code
        assert answer == status or (user == colleague and answer == 404)


# --- Handing over ---------------------------------------------------------------------------------


def handover_fields(held, **fields):
    return {
        "token": "once", "assignments": [one.pk for one in held], "way": "one", "official": "",
        "day": clock.today().isoformat(), "reason": "工作调动",
    } | fields  # fmt: skip


def test_a_handover_by_page_lists_what_moved(client, network):
    held = [network.assigned(network.firm(), started=STARTED) for _ in range(3)]
    client.force_login(network.dispatcher)
    address = f"/liaisons/handovers/new/?official={network.ann.pk}"
    assert "可移交 3 家" in client.get(address).content.decode()
    data = handover_fields(held[:2], official=network.bob.pk)
    first = client.post(address, data)
    assert client.post(address, data)["Location"] == first["Location"]
    assert Handover.objects.count() == 1
    page = client.get(first["Location"]).content.decode()
    assert held[0].enterprise.name in page and "安宁" in page and held[2].enterprise.name not in page
    assert "方圆" in client.get("/liaisons/handovers/").content.decode()


def test_it_is_shared_evenly_or_left_open(client, network):
    carl = make.official(network.datong, name="程远")
    held = [network.assigned(network.firm(), started=STARTED) for _ in range(3)]
    client.force_login(network.liaison)
    address = f"/liaisons/handovers/new/?official={network.ann.pk}"
    client.post(address, handover_fields(held[:2], way="several", several=[network.bob.pk, carl.pk]))
    in_force = Assignment.objects.in_force()
    assert [in_force.held_by(one.pk).count() for one in (network.bob, carl)] == [1, 1]
    answer = client.post(address, handover_fields(held[2:], way="nobody", token="other"))
    assert "暂无人接手" in client.get(answer["Location"]).content.decode()
    assert Enterprise.objects.uncovered().get() == held[2].enterprise


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"assignments": []}, "请勾选要移交的企业、项目"),
        ({"assignments": ["999999"]}, "名单有变化"),
        ({"way": "one"}, "请选择干部"),
        ({"way": "several"}, "请至少勾选一名干部"),
        ({"way": "nobody", "reason": ""}, "必填"),
        ({"way": "nobody", "day": "2026-01-05"}, "移交日期须晚于"),
    ],
)
def test_the_page_says_what_is_missing(client, network, change, said):
    held = [network.assigned(network.firm(), started=STARTED)]
    client.force_login(network.dispatcher)
    address = f"/liaisons/handovers/new/?official={network.ann.pk}"
    answer = client.post(address, handover_fields(held, **change))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Handover.objects.exists()


def test_without_a_cadre_it_asks_whose(client, network):
    client.force_login(network.dispatcher)
    assert "移交哪名干部" in client.get("/liaisons/handovers/new/").content.decode()
    assert "对应不到唯一" in client.get("/liaisons/handovers/new/?official_text=没有").content.decode()
    assert "移交方圆的包保联系" in client.get("/liaisons/handovers/new/?official_text=方圆").content.decode()
    assert client.get("/liaisons/handovers/new/?official=999999").status_code == 404


def test_a_handover_is_seen_by_those_it_concerns(client, network, district, cadre):
    held = [network.assigned(network.firm(), started=STARTED)]
    client.force_login(network.dispatcher)
    address = f"/liaisons/handovers/new/?official={network.ann.pk}"
    page = client.post(address, handover_fields(held, official=network.bob.pk))["Location"]
    for user, status in [
        (network.liaison, 200),
        (cadre, 200),
        (make.user(make.unit(district, "jwdc"), "supervisor"), 200),
        (make.user(make.unit(district, "huihe"), "liaison"), 404),
        (make.user(make.unit(district, "datong_window"), "window"), 404),
    ]:
        client.force_login(user)
        assert client.get(page).status_code == status, user.roles


# --- Reminders ------------------------------------------------------------------------------------


def notices(user) -> list[str]:
    return list(Notice.objects.filter(recipient=user).order_by("id").values_list("title", flat=True))


def test_a_cadre_is_reminded_once_a_rung(network, cadre):
    done, owed = network.firm(), network.firm()
    for firm in (done, owed):
        network.assigned(firm, started=date(2026, 10, 8))
    network.visit(done, date(2026, 11, 2))
    for day, expected in [
        ("2026-12-16", 0),
        ("2026-12-17", 1),
        ("2026-12-18", 1),
        ("2026-12-29", 2),
        ("2026-12-31", 2),
    ]:
        with time_machine.travel(f"{day} 09:00+08:00"):
            remind_visits(network.district)
            remind_visits(network.district)
        assert len(notices(cadre)) == expected, day
    assert notices(cadre)[0] == "本季度还有 1 家企业、项目待走访"


def test_the_overseers_learn_what_a_quarter_left_unvisited(network, district):
    supervisor = make.user(make.unit(district, "jwdc"), "supervisor")
    network.assigned(network.firm(), started=STARTED)
    with time_machine.travel("2026-10-08 09:00+08:00"):
        remind_visits(district)
        remind_visits(district)
    assert notices(supervisor) == ["上季度有 1 家四上企业、重点项目没有走访"]
    with time_machine.travel("2026-11-19 09:00+08:00"):
        remind_visits(district)
    assert len(notices(supervisor)) == 1
