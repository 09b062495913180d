"""The directory, the look-up and the forms, as each role meets them."""

import pytest
from django.urls import reverse

from core import clock
from enterprises.models import Enterprise, Project
from liaisons.models import Assignment
from tests import factories

CODE = "91350100M000100Y43"


@pytest.fixture
def other_township_liaison(district):
    other = factories.township(district, "铜山镇")
    unit = factories.unit(district).__class__.objects.filter(district=district, region=other).first()
    return factories.user(unit, "liaison")


def form_data(firm: Enterprise | None = None, **fields) -> dict[str, str]:
    values = {
        "name": firm.name if firm else "铜陵新公司",
        "tier": "small",
        "credit_code": firm.credit_code if firm else CODE,
        "region": str(firm.region_id) if firm else "",
        "active": "on",
    }
    return values | fields


# --- Who sees what --------------------------------------------------------------------------------


def test_the_directory_shows_what_the_user_may_see(client, district, township_liaison, dispatcher):
    here = factories.enterprise(district, name="大通本地公司")
    there = factories.enterprise(district, name="铜山外地公司", region=factories.township(district, "铜山镇"))
    client.force_login(township_liaison)
    page = client.get(reverse("enterprises:list")).content.decode()
    assert here.name in page and there.name not in page
    client.force_login(dispatcher)
    page = client.get(reverse("enterprises:list")).content.decode()
    assert here.name in page and there.name in page


def test_a_user_without_unit_sees_nothing(client, district):
    factories.enterprise(district, name="大通本地公司")
    nobody = factories.user(factories.unit(district), "cadre")
    nobody.unit = None
    nobody.save()
    client.force_login(nobody)
    assert "大通本地公司" not in client.get(reverse("enterprises:list")).content.decode()
    assert client.get(reverse("enterprises:lookup"), {"q": "本地公司"}).content.decode().strip() == ""


def test_a_stranger_is_sent_to_the_sign_in(client, district):
    firm, project = factories.enterprise(district), factories.project(district)
    for name, args in [
        ("list", []), ("projects", []), ("lookup", []), ("new", []), ("new_project", []), ("edit", [firm.pk]),
        ("edit_project", [project.pk]), ("change_reports", []), ("change_report", [1]), ("merge", []),
        ("report_change", [firm.pk]), ("report_project_change", [project.pk]), ("yearly", [firm.pk]),
        ("new_year", [firm.pk]), ("change_year", [firm.pk, 2025]),
    ]:  # fmt: skip
        answer = client.get(reverse(f"enterprises:{name}", args=args))
        assert answer.status_code == 302 and "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("dispatcher", 200), ("cadre", 403), ("window", 403), ("liaison", 403), ("unit_leader", 403),
        ("bureau_leader", 403), ("district_leader", 403), ("supervisor", 403), ("admin", 403),
    ],
)  # fmt: skip
def test_only_a_dispatcher_of_the_bureau_may_keep_the_roster(client, district, role, status):
    firm, project = factories.enterprise(district), factories.project(district)
    client.force_login(factories.user(factories.unit(district), role))
    for name, args in [("new", []), ("new_project", []), ("edit", [firm.pk]), ("edit_project", [project.pk])]:
        assert client.get(reverse(f"enterprises:{name}", args=args)).status_code == status
    for name in ("list", "projects", "lookup"):
        assert client.get(reverse(f"enterprises:{name}")).status_code == 200


def test_a_township_liaison_keeps_the_own_firms_and_does_not_see_the_others(
    client, district, township_liaison, other_township_liaison
):
    firm, project = factories.enterprise(district), factories.project(district)
    for name, pk in [("edit", firm.pk), ("edit_project", project.pk)]:
        client.force_login(township_liaison)
        assert client.get(reverse(f"enterprises:{name}", args=[pk])).status_code == 200
        client.force_login(other_township_liaison)
        assert client.get(reverse(f"enterprises:{name}", args=[pk])).status_code == 404


def test_a_township_liaison_cannot_put_a_firm_elsewhere(client, district, township_liaison):
    client.force_login(township_liaison)
    elsewhere = factories.township(district, "铜山镇")
    answer = client.post(reverse("enterprises:new"), form_data(region=str(elsewhere.pk)))
    assert answer.status_code == 422
    assert not Enterprise.objects.exists()


# --- Filters --------------------------------------------------------------------------------------


def names(client, **query) -> set[str]:
    page = client.get(reverse("enterprises:list"), query)
    return {entry.name for entry in page.context["page"].object_list}


def test_the_filters_stand_in_the_address(client, district, dispatcher):
    big = factories.enterprise(district, name="甲公司", tier="above_scale", industry="C")
    far = factories.enterprise(district, name="乙公司", region=factories.township(district, "铜山镇"))
    gone = factories.enterprise(district, name="丙公司", active=False)
    person = factories.official(factories.unit(district))
    Assignment.objects.create(
        district=district, region=big.region, official=person, unit=factories.unit(district), enterprise=big,
        started=clock.today(), recorded_by=dispatcher, recorded_at=clock.now(),
    )  # fmt: skip
    client.force_login(dispatcher)
    assert names(client) == {"甲公司", "乙公司"}
    assert names(client, active="all") == {"甲公司", "乙公司", "丙公司"}
    assert names(client, active="no") == {gone.name}
    assert names(client, tier="above_scale") == {big.name}
    assert names(client, industry="C") == {big.name}
    assert names(client, region=far.region_id) == {far.name}
    assert names(client, covered="yes") == {big.name}
    assert names(client, covered="no") == {far.name}
    assert names(client, q="甲公") == {big.name}
    assert names(client, q=big.credit_code[-6:]) == {big.name}


@pytest.mark.parametrize(
    "query", ["region=999999", "tier=x", "page=zzz", "page=99999", "q=" + "长" * 500, "q=%00"]
)
def test_nonsense_in_the_address_does_no_harm(client, district, dispatcher, query):
    client.force_login(dispatcher)
    assert client.get(f"{reverse('enterprises:list')}?{query}").status_code == 200
    assert client.get(f"{reverse('enterprises:projects')}?{query}").status_code == 200


@pytest.mark.parametrize("name", ["list", "projects"])
def test_a_page_costs_the_same_for_many_rows(
    client, district, dispatcher, name, django_assert_max_num_queries
):
    client.force_login(dispatcher)
    factories.enterprise(district), factories.project(district)
    client.get(reverse(f"enterprises:{name}"))
    for _ in range(30):
        firm = factories.enterprise(district)
        Project.objects.create(
            name=f"项目{firm.pk}", district=district, region=firm.region, owner=firm, created_at=clock.now()
        )
    # Of these, three save the session: in a test its UPDATE stands between two savepoints.
    with django_assert_max_num_queries(14):
        page = client.get(reverse(f"enterprises:{name}"))
    assert len(page.context["page"].object_list) == 25


def test_the_directory_names_who_looks_after_a_firm(client, district, dispatcher):
    firm = factories.enterprise(district)
    factories.enterprise(district)
    for name, part in (("孙干部", "support"), ("周干部", "lead")):
        Assignment.objects.create(
            district=district, region=firm.region, official=factories.official(dispatcher.unit, name=name),
            unit=dispatcher.unit, enterprise=firm, started=clock.today(), recorded_by=dispatcher, part=part,
            recorded_at=clock.now(),
        )  # fmt: skip
    client.force_login(dispatcher)
    page = client.get(reverse("enterprises:list")).content.decode()
    assert "周干部、孙干部" in page and "尚无联企干部" in page
    # Somebody who may not see the assignment learns only that there is one.
    client.force_login(factories.user(factories.unit(district, "xnb"), "cadre"))
    page = client.get(reverse("enterprises:list")).content.decode()
    assert "已有联企干部" in page and "周干部" not in page


# --- Look-up --------------------------------------------------------------------------------------


def test_the_look_up_finds_ten_by_three_characters(client, district, dispatcher):
    firms = [factories.enterprise(district, name=f"铜陵华兴{number}号公司") for number in range(12)]
    project = factories.project(district, name="华兴产业园")
    client.force_login(dispatcher)
    found = client.get(reverse("enterprises:lookup"), {"q": "华兴产"}).content.decode()
    assert f'data-value="project-{project.pk}"' in found
    assert "重点项目" in found
    found = client.get(reverse("enterprises:lookup"), {"q": "铜陵华兴"}).content.decode()
    assert found.count("<li") == 10
    assert f'data-value="enterprise-{firms[0].pk}"' in found
    assert "中小微企业" in found and "大通镇" in found and f"尾号{firms[0].credit_code[-6:]}" in found


def test_the_look_up_escapes_names_and_hides_the_invisible(client, district, township_liaison):
    factories.enterprise(district, name='<script>"甲"公司')
    factories.enterprise(district, name="铜山甲公司", region=factories.township(district, "铜山镇"))
    client.force_login(township_liaison)
    found = client.get(reverse("enterprises:lookup"), {"q": "公司"}).content.decode()
    assert "<script>" not in found
    assert "铜山甲公司" not in found
    assert found.count("<li") == 1


@pytest.mark.parametrize("words", ["", "铜", " ", "%", "\0"])
def test_the_look_up_waits_for_two_characters(client, district, dispatcher, words):
    factories.enterprise(district, name="铜陵公司")
    client.force_login(dispatcher)
    assert client.get(reverse("enterprises:lookup"), {"q": words}).content.decode().strip() == ""


# --- Forms ----------------------------------------------------------------------------------------


def test_a_firm_is_added_once_however_often_it_is_sent(client, district, dispatcher):
    client.force_login(dispatcher)
    token = client.get(reverse("enterprises:new")).context["form"]["token"].value()
    data = form_data(region=str(factories.township(district).pk), token=token)
    first, second = (client.post(reverse("enterprises:new"), data) for _ in range(2))
    firm = Enterprise.objects.get()
    assert first["Location"] == second["Location"] == reverse("portal:enterprise", args=[firm.pk])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "此项必填"),
        ("name", "长" * 121, "120"),
        ("credit_code", "91350100M000100Y44", "校验位不对"),
        ("credit_code", "340711000012345", "15位工商注册号"),
        ("credit_code", "", "写明代码暂缺原因"),
        ("registration_number", "12", "15位数字"),
        ("contact_phone", "12", "电话号码不正确"),
        ("region", "0", "选择"),
        ("tier", "x", "选择"),
    ],
)
def test_a_wrong_field_is_explained_and_what_was_typed_stays(
    client, district, dispatcher, field, value, said
):
    client.force_login(dispatcher)
    data = form_data(region=str(factories.township(district).pk), address="长江路1号") | {field: value}
    answer = client.post(reverse("enterprises:new"), data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page and "长江路1号" in page
    assert not Enterprise.objects.exists()


def test_an_edit_writes_the_change(client, district, dispatcher):
    firm = factories.enterprise(district)
    client.force_login(dispatcher)
    address = reverse("enterprises:edit", args=[firm.pk])
    assert firm.name in client.get(address).content.decode()
    answer = client.post(address, form_data(firm, name="改名后的公司"))
    assert answer.status_code == 302
    firm.refresh_from_db()
    assert firm.name == "改名后的公司"
    assert client.post(address, form_data(firm, credit_code="坏")).status_code == 422


def opened(client, address) -> dict[str, str]:
    """What a browser sends back of a form it opened, as long as nobody types."""
    form = client.get(address).context["form"]
    values = {bound.html_name: bound.value() for bound in form}
    return {name: "on" if value is True else str(value) for name, value in values.items() if value}


def test_a_stale_form_is_refused_and_shows_what_changed(client, district, dispatcher):
    firm = factories.enterprise(district, address="旧路1号", main_products="铜带")
    client.force_login(dispatcher)
    address = reverse("enterprises:edit", args=[firm.pk])
    data = opened(client, address) | {"main_products": "铜箔", "legal_person": "钱一"}
    Enterprise.objects.filter(pk=firm.pk).update(address="新路2号", main_products="铜板")
    answer = client.post(address, data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "有人改了：地址、主营业务" in page
    # What was typed stays, what was left alone is fresh, and both are said.
    assert 'value="铜箔"' in page and "现在底册中是“铜板”" in page and 'value="新路2号"' in page
    firm.refresh_from_db()
    assert (firm.main_products, firm.legal_person) == ("铜板", "")
    form = answer.context["form"]
    again = {bound.html_name: bound.value() for bound in form if bound.value()}
    assert client.post(address, again).status_code == 302
    firm.refresh_from_db()
    assert (firm.main_products, firm.address, firm.legal_person) == ("铜箔", "新路2号", "钱一")


def test_a_stale_project_form_too(client, district, dispatcher):
    project, firm = factories.project(district), factories.enterprise(district)
    client.force_login(dispatcher)
    address = reverse("enterprises:edit_project", args=[project.pk])
    data = opened(client, address) | {"stage": "在建"}
    Project.objects.filter(pk=project.pk).update(owner=firm, investment="12.50")
    answer = client.post(address, data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "建设单位" in page
    assert f'value="enterprise-{firm.pk}"' in page and 'value="12.50"' in page
    for seen in ("{", "[]", "{}", '"x"'):
        assert client.post(address, data | {"seen": seen}).status_code == 422


def test_a_project_is_added_with_a_builder_from_the_roster(client, district, dispatcher):
    firm = factories.enterprise(district, name="铜陵建设者有限公司")
    client.force_login(dispatcher)
    data = {
        "name": "产业园一期",
        "region": str(firm.region_id),
        "owner": f"enterprise-{firm.pk}",
        "investment": "12.5",
    }
    assert client.post(reverse("enterprises:new_project"), data).status_code == 302
    assert Project.objects.get().owner == firm
    # Without JavaScript only the typed words arrive.
    data |= {"name": "产业园二期", "owner": "", "owner_text": "铜陵建设者有限公司"}
    assert client.post(reverse("enterprises:new_project"), data).status_code == 302
    assert Project.objects.get(name="产业园二期").owner == firm
    for wrong in (
        {"owner": "enterprise-999999"},
        {"owner": "enterprise-x"},
        {"owner_text": "没有的公司"},
        {"investment": "-1"},
    ):
        assert (
            client.post(reverse("enterprises:new_project"), data | {"name": "三期"} | wrong).status_code
            == 422
        )
