"""The page of one firm or project, on screen and on paper."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from core import clock
from enterprises.change_reports import report
from enterprises.models import Enterprise, Project
from enterprises.services import change_enterprise
from enterprises.subjects import subject_key
from enterprises.yearly import record_year
from liaisons.models import Assignment, Attendance, Plaque, ServiceEvent, Visit
from policies.models import HandOut, Payment, Policy
from tests import factories
from tests.appeals.lives import Cast

PHONE = "13900001111"


@pytest.fixture
def dispatcher(district):
    return factories.user(factories.unit(district), "dispatcher")


@pytest.fixture
def firm(district):
    return factories.enterprise(district, contact_name="赵敏", legal_person="钱法人", contact_phone=PHONE)


def assign(firm, by, *, name="孙干部", part="lead"):
    unit = by.unit
    person = factories.official(unit, name=name)
    return Assignment.objects.create(
        district=firm.district, region=firm.region, official=person, unit=unit, enterprise=firm,
        part=part, started=clock.today(), recorded_by=by, recorded_at=clock.now(),
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


# --- The toolkit: 企业清, 行业清, 政策清 ---------------------------------------------------------------


def fill(firm, by, cast) -> None:
    """Something of every kind that the page shows."""
    now, today = clock.now(), clock.today()
    about = {"district": firm.district, "region": firm.region, "enterprise": firm, "recorded_at": now}
    own = about | {"unit": by.unit, "recorded_by": by}
    tech = Policy.objects.create(
        district=firm.district, title="技改奖补", unit=by.unit, industries=["C"],
        apply_until=today + timedelta(10),
    )  # fmt: skip
    Policy.objects.create(district=firm.district, title="四上专享政策", unit=by.unit, tiers=["above_scale"])
    Policy.objects.create(district=firm.district, title="稳岗返还", unit=by.unit)
    HandOut.objects.create(**own, policy=tech, occurred_at=now, copies=2)
    HandOut.objects.create(**own, paper="letter", occurred_at=now)
    Payment.objects.create(**own, policy=tech, amount=Decimal("12.50"), basis="第一批", occurred_at=now)
    person = assign(firm, by).official
    Plaque.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, token=f"t{firm.pk}", official=person,
        ordered_by=by, ordered_at=now, state="signed",
    )  # fmt: skip
    visit(firm, by)
    event = ServiceEvent.objects.create(
        district=firm.district, region=firm.region, kind="symposium", title="铜加工恳谈会", place="会议室",
        starts_at=now, ends_at=now + timedelta(hours=1), organiser=by.unit, recorded_by=by, recorded_at=now,
    )  # fmt: skip
    Attendance.objects.create(event=event, enterprise=firm, recorded_by=by, recorded_at=now)
    record_year(
        by=by, enterprise=firm, year=2025,
        facts={"sales": Decimal(500), "tax": Decimal(20), "capacity": "年产3万吨", "target": "增长一成"},
    )  # fmt: skip
    change_enterprise(by=by, enterprise=firm, changes={"address": "长江路9号", "competent_unit": by.unit})
    report(entry=firm, changes={"contact_name": "钱一"}, note="", by=by)
    appeal = cast.register(subject=subject_key(firm), claimed_name="")
    for step in ("accept", "dispatch", "sign", "feedback"):
        appeal = cast.do(appeal, step)


@pytest.fixture
def full(district):
    cast = Cast(district)
    firm = factories.enterprise(district, name="铜陵满档铜业有限公司", industry="C", contact_phone=PHONE)
    factories.enterprise(district, industry="C", tier="above_scale")
    factories.enterprise(district, industry="C", region=factories.township(district, "铜山镇"))
    fill(firm, cast.dispatcher, cast)
    return firm, cast


def test_the_file_shows_everything_that_is_known(client, full):
    firm, cast = full
    client.force_login(cast.dispatcher)
    answer = client.get(reverse("portal:enterprise", args=[firm.pk]))
    page = answer.content.decode()
    for shown in (
        "年产3万吨", "增长一成", ">500<", "孙干部", "已签收", "铜加工恳谈会", "《一封信》", "12.50",
        "长江路9号", "页面修改", "1 条信息变更待审核", "解决用工 18 人", "未办结 1 件", "技改奖补", "还有10天",
        "已兑现", "稳岗返还", "适用行业：制造业",
    ):  # fmt: skip
        assert shown in page, shown
    assert "四上专享政策" not in page, "not for a small firm"
    context = answer.context
    assert [(bar.label, bar.value, bar.note) for bar in context["industry_tiers"]] == [
        ("四上企业", 1, "1"), ("中小微企业", 2, "1"),
    ]  # fmt: skip
    assert [(bar.label, bar.value, bar.share) for bar in context["industry_appeals"]] == [("用工", 1, 100)]
    assert [policy.title for policy in context["industry_policies"]] == ["技改奖补"]


def test_each_reader_sees_only_what_is_theirs(client, full):
    """A cadre of another department sees the firm, and neither its officers, visits nor appeals."""
    firm, cast = full
    other = factories.user(factories.unit(cast.district, "xnb"), "cadre")
    client.force_login(other)
    page = client.get(reverse("portal:enterprise", args=[firm.pk]))
    for name in ("assignments", "visits", "appeals", "effects", "industry_appeals"):
        assert not page.context[name], name
    assert page.context["appeals_open"] == 0
    # What it may apply for is no secret.
    assert page.context["policies"]


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        ("dispatcher", {"记走访", "安排联系", "反馈信息变化", "修改", "登记和查看各年"}),
        ("liaison", {"记走访", "安排联系", "反馈信息变化", "登记和查看各年"}),
        ("cadre", {"记走访", "反馈信息变化"}),
        ("window", {"反馈信息变化"}),
        ("supervisor", set()),
    ],
)
def test_only_what_one_may_do_is_offered(client, district, firm, role, buttons):
    client.force_login(factories.user(factories.unit(district), role))
    page = client.get(reverse("portal:enterprise", args=[firm.pk])).content.decode().split("<main")[1]
    offered = {"记走访", "安排联系", "反馈信息变化", "> 修改<", "登记和查看各年"}
    found = {label.strip("<> ") for label in offered if label in page.replace("</svg>", ">")}
    assert found == buttons
    assert "打印一页" in page


def test_a_firm_that_left_is_not_visited_or_assigned(client, firm, dispatcher):
    Enterprise.objects.filter(pk=firm.pk).update(active=False)
    client.force_login(dispatcher)
    page = client.get(reverse("portal:enterprise", args=[firm.pk]))
    assert not page.context["may_visit"] and not page.context["may_assign"]
    assert "不在册" in page.content.decode()


def test_a_firm_without_industry_says_what_is_missing(client, firm, dispatcher):
    client.force_login(dispatcher)
    page = client.get(reverse("portal:enterprise", args=[firm.pk])).content.decode()
    assert "底册还没有填写行业门类" in page


def test_one_sheet_for_the_visit(client, full):
    firm, cast = full
    client.force_login(cast.dispatcher)
    address = reverse("portal:enterprise_print", args=[firm.pk])
    Visit.objects.update(findings="情" * 3000)
    page = client.get(address).content.decode()
    for shown in (
        "企业清",
        "行业清",
        "政策清",
        "139****1111",
        "年产3万吨",
        "孙干部",
        "技改奖补",
        "data-print",
    ):
        assert shown in page, shown
    assert PHONE not in page and "赵敏" not in page
    assert "情" * 61 not in page, "long texts are shortened"
    project = factories.project(cast.district)
    assert client.get(reverse("portal:project_print", args=[project.pk])).status_code == 200
    far = factories.unit(cast.district, "datong")
    far = type(far).objects.filter(region=factories.township(cast.district, "铜山镇")).first()
    client.force_login(factories.user(far, "liaison"))
    assert client.get(address).status_code == 404
    assert client.get(reverse("portal:project_print", args=[project.pk])).status_code == 404


@pytest.mark.parametrize("page", ["enterprise", "enterprise_print"])
def test_the_page_costs_the_same_however_much_happened(client, full, page, django_assert_max_num_queries):
    firm, cast = full
    client.force_login(cast.dispatcher)
    for number in range(8):
        assign(firm, cast.dispatcher, name=f"干部{number}", part="support")
        visit(firm, cast.dispatcher)
        cast.register(subject=subject_key(firm), claimed_name="", content=f"第{number}件事需要帮助。")
        record_year(by=cast.dispatcher, enterprise=firm, year=2010 + number, facts={"sales": Decimal(1)})
        change_enterprise(by=cast.dispatcher, enterprise=firm, changes={"address": f"{number}号"})
    address = reverse(f"portal:{page}", args=[firm.pk])
    client.get(address)
    # Of these, three save the session: in a test its UPDATE stands between two savepoints.
    with django_assert_max_num_queries(34):
        client.get(address)
