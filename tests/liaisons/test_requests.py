"""企业约访: asked by the firm, told to its cadre, settled by a visit or with a word."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from core import clock
from liaisons.models import Visit, VisitRequest
from liaisons.services.requests import request_visit, settle_request
from liaisons.services.visits import record_visit
from notifications.models import Notice
from tests import factories as make
from tests.liaisons.plaque_cast import PlaqueCast

LIST = "/liaisons/requests/"


@pytest.fixture
def cast(district) -> PlaqueCast:
    return PlaqueCast(district)


def asked(cast: PlaqueCast, entry=None, **changes) -> VisitRequest:
    data = {"contact_name": "赵敏敏", "contact_phone": "13900002222", "wish": "想了解技改奖补怎样申报。"}
    return request_visit(entry=entry or cast.firm, **(data | changes))


def visited(cast: PlaqueCast, entry=None) -> Visit:
    return record_visit(
        by=cast.cadre, reporting_unit=cast.unit, kind="visit", occurred_at=clock.now(),
        region=cast.firm.region, officials=[cast.official], enterprise=entry or cast.firm,
    )  # fmt: skip


def page(answer) -> str:
    return answer.content.decode()


# --- Asking ---------------------------------------------------------------------------------------


def test_the_lead_cadre_is_told_without_the_firms_number(cast):
    found = asked(cast, contact_phone=" 139 0000 2222 ")
    assert (found.state, found.contact_phone, found.region) == ("open", "13900002222", cast.firm.region)
    notice = Notice.objects.get()
    assert notice.recipient == cast.cadre and notice.url == f"{LIST}{found.pk}/"
    assert "铜陵晨光机械有限公司" in notice.title and "13900002222" not in notice.title + notice.body
    entry = AuditEntry.objects.get(action="visit_request.create")
    assert (entry.user_id, entry.object_id) == (None, str(found.pk))


def test_a_project_asks_too(cast, district):
    project = make.project(district)
    assert asked(cast, project).entry == project
    assert Notice.objects.get().recipient == cast.dispatcher, "nobody leads it yet"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact_name", " "), ("contact_name", "赵" * 51), ("contact_phone", "打我手机"),
        ("contact_phone", ""), ("wish", "\n "), ("wish", "长" * 501),
    ],
)  # fmt: skip
def test_it_refuses_by_field(cast, field, value):
    with pytest.raises(ValidationError) as refused:
        asked(cast, **{field: value})
    assert list(refused.value.message_dict) == [field]
    assert not VisitRequest.objects.exists()


def test_the_same_words_wait_once(cast):
    asked(cast)
    with pytest.raises(ValidationError, match="同样的约访已经收到"):
        asked(cast)
    asked(cast, wish="另一件事")
    assert VisitRequest.objects.count() == 2


# --- Settling -------------------------------------------------------------------------------------


def test_a_visit_answers_it(cast):
    found = asked(cast)
    visit = visited(cast)
    settle_request(by=cast.cadre, request=found, outcome="", visit=visit)
    found.refresh_from_db()
    assert (found.state, found.visit, found.settled_by) == ("done", visit, cast.cadre)
    assert AuditEntry.objects.get(action="visit_request.done").data == {"visit": visit.pk}
    with pytest.raises(ValidationError, match="已经办理过"):
        settle_request(by=cast.cadre, request=found, outcome="", visit=visit)


def test_without_a_visit_it_takes_a_word(cast):
    found = asked(cast)
    with pytest.raises(ValidationError, match="写明与企业说了什么"):
        settle_request(by=cast.liaison, request=found, outcome=" ")
    settle_request(by=cast.liaison, request=found, outcome="电话里已讲清申报办法。")
    found.refresh_from_db()
    assert (found.state, found.outcome) == ("dropped", "电话里已讲清申报办法。")


def test_only_a_visit_to_that_firm_after_it_asked_answers_it(cast):
    with time_machine.travel(clock.now() - timedelta(days=1)):
        early = visited(cast)
    found = asked(cast)
    with pytest.raises(ValidationError, match="之前"):
        settle_request(by=cast.cadre, request=found, outcome="", visit=early)
    elsewhere = visited(cast, cast.new_firm())
    with pytest.raises(ValidationError, match="不是去这家企业"):
        settle_request(by=cast.cadre, request=found, outcome="", visit=elsewhere)


def test_the_liaison_of_a_cadre_from_another_township_sees_what_his_firm_asks_for(client, cast, district):
    """He is told of it, where the cadre has no account; the firm itself lies outside his region."""
    other = make.official(make.unit(district, "huihe"), name="何乡长")
    liaison = cast.user("huihe", "liaison")
    found = asked(cast, cast.new_firm(official=other))
    assert Notice.objects.get().recipient == liaison
    client.force_login(liaison)
    text = page(client.get(f"{LIST}{found.pk}/"))
    assert "13900002222" in text and "企业页面" not in text
    settle_request(by=liaison, request=found, outcome="已约好周五上门。")
    assert found in VisitRequest.objects.visible_to(liaison)
    assert found not in VisitRequest.objects.visible_to(cast.user("huihe", "cadre"))


def test_who_may_settle_it(cast, district):
    found = asked(cast)
    for by in (cast.user("datong", "liaison"), cast.user("jwdc", "supervisor"), cast.user("rsj", "cadre")):
        with pytest.raises(PermissionDenied):
            settle_request(by=by, request=found, outcome="已联系。")
    # Whoever went there and recorded it has answered it, wherever he belongs.
    going = make.user(make.unit(district, "datong"), "cadre")
    visit = record_visit(
        by=going, reporting_unit=going.unit, kind="visit", occurred_at=clock.now(),
        region=cast.firm.region, officials=[cast.official], enterprise=cast.firm,
    )  # fmt: skip
    assert settle_request(by=going, request=found, outcome="", visit=visit).state == "done"


# --- Pages ----------------------------------------------------------------------------------------


def test_open_ones_come_first_and_numbers_are_masked(client, cast):
    for number, days in ((1, 5), (2, 3), (3, 1)):
        with time_machine.travel(clock.now() - timedelta(days=days)):
            asked(cast, cast.new_firm(f"铜陵示例{number}厂"), contact_phone=f"1390000222{number}")
    settle_request(by=cast.dispatcher, request=VisitRequest.objects.order_by("pk")[0], outcome="已联系。")
    client.force_login(cast.dispatcher)
    answer = client.get(LIST)
    assert [str(found.entry) for found in answer.context["page"]] == [
        "铜陵示例2厂", "铜陵示例3厂", "铜陵示例1厂",
    ]  # fmt: skip
    assert (
        "139****2222" in page(answer) and "13900002222" not in page(answer) and "赵敏敏" not in page(answer)
    )
    assert [str(found.entry) for found in client.get(LIST, {"state": "dropped"}).context["page"]] == [
        "铜陵示例1厂"
    ]
    assert "没有符合条件" in page(client.get(LIST, {"q": "没有这家"}))


def test_the_list_costs_the_same_queries_for_one_row_and_for_twenty(
    client, cast, django_assert_max_num_queries
):
    client.force_login(cast.dispatcher)
    asked(cast)
    client.get(LIST)
    with django_assert_max_num_queries(20) as counted:
        client.get(LIST)
    for _ in range(20):
        asked(cast, cast.new_firm(official=make.official(cast.unit)))
    with django_assert_max_num_queries(len(counted)):
        client.get(LIST)


@pytest.mark.parametrize("who", ["cadre", "liaison", "dispatcher"])
def test_who_calls_the_firm_sees_the_number_and_that_is_on_record(client, cast, who):
    found = asked(cast)
    client.force_login(getattr(cast, who))
    text = page(client.get(f"{LIST}{found.pk}/"))
    assert 'href="tel:13900002222"' in text and "赵敏敏" in text
    assert f"/visits/new/?enterprise={cast.firm.pk}" in text
    entry = AuditEntry.objects.get(action="visit_request.contact_shown")
    assert entry.user_id == getattr(cast, who).pk


def test_others_who_see_the_firm_see_the_request_masked_and_may_not_settle_it(client, cast):
    found = asked(cast)
    for user in (cast.user("jwdc", "supervisor"), cast.user("datong", "liaison")):
        client.force_login(user)
        text = page(client.get(f"{LIST}{found.pk}/"))
        assert "13900002222" not in text and "赵敏敏" not in text and "<textarea" not in text
        assert client.post(f"{LIST}{found.pk}/", {"result": "dropped", "outcome": "x"}).status_code == 403
    assert not AuditEntry.objects.filter(action="visit_request.contact_shown").exists()
    client.force_login(cast.user("huihe", "liaison"))
    assert client.get(f"{LIST}{found.pk}/").status_code == 404
    assert client.post(f"{LIST}{found.pk}/").status_code == 404


def test_the_latest_visit_is_offered_and_settles_it(client, cast):
    found = asked(cast)
    client.force_login(cast.cadre)
    before = client.post(f"{LIST}{found.pk}/", {"result": "done", "outcome": "去过了"})
    assert before.status_code == 422 and "请先“记走访”" in page(before) and "去过了" in page(before)
    visit = visited(cast)
    form = page(client.get(f"{LIST}{found.pk}/"))
    assert f'<option value="{visit.pk}" selected>' in form
    answer = client.post(f"{LIST}{found.pk}/", {"result": "done", "visit": visit.pk})
    assert answer.status_code == 302
    found.refresh_from_db()
    assert (found.state, found.visit) == ("done", visit)
    assert f"/visits/{visit.pk}/" in page(client.get(f"{LIST}{found.pk}/"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "请选择办理结果"),
        ({"result": "dropped", "outcome": " "}, "请写明与企业说了什么"),
        ({"result": "dropped", "outcome": "长" * 301}, "300"),
        ({"result": "x"}, "可用的选项"),
        ({"result": "done", "visit": "9" * 30}, "选"),
    ],
)
def test_bad_input_is_refused_in_words(client, cast, data, words):
    found = asked(cast)
    client.force_login(cast.cadre)
    answer = client.post(f"{LIST}{found.pk}/", data)
    assert answer.status_code == 422 and words in page(answer)
    found.refresh_from_db()
    assert found.state == "open"
