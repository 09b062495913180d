"""省平台录入: the list, a number typed in, and the list as a sheet in the district's own columns."""

import io
from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AuditEntry, Role
from appeals.models import Appeal, Event, ProvincialResult
from appeals.provincial import clean_provincial_number, record_result, to_be_recorded
from appeals.provincial_entry import enter_number
from core import clock
from districts.models import DistrictProfile
from districts.provincial import FIELDS
from tests import factories
from tests.appeals.lives import Cast

LIST, EXPORT = "/appeals/provincial/", "/appeals/provincial/export/"


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel("2026-11-18 10:00+08:00", tick=False):
        yield


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


def signed_in(user, htmx: bool = False) -> Client:
    client = Client(headers={"HX-Request": "true"} if htmx else None)
    client.force_login(user)
    return client


def page(user, query: str = "") -> str:
    answer = signed_in(user).get(LIST + query)
    assert answer.status_code == 200
    return answer.content.decode()


def exported(user, query: str = "") -> list[list]:
    content = signed_in(user).get(EXPORT + query).content
    return [list(row) for row in load_workbook(io.BytesIO(content)).active.values]


def entered(user, appeal: Appeal, number: str, *, htmx: bool = False, **more):
    data = {"provincial_number": number, "seen": appeal.version, "token": "t", **more}
    return signed_in(user, htmx).post(f"{LIST}{appeal.number}/", data)


def fresh(appeal: Appeal) -> Appeal:
    return Appeal.objects.get(pk=appeal.pk)


# --- Numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["ＡＨ２０２６－００１", " ah2026-001 ", "AH 2026—001", "AH2026‑001\u3000"])
def test_a_number_is_kept_half_width_in_capitals_without_blanks(district, text):
    rules = DistrictProfile.objects.in_force(district).rules
    assert clean_provincial_number(text, rules) == "AH2026-001"


@pytest.mark.parametrize("text", ["", "A", "编号一", "AH2026\x00001", "A" * 41, "=1+1", "AH/1", "<b>AH1</b>"])
def test_what_is_no_number_of_the_platform_is_refused(district, text):
    rules = DistrictProfile.objects.in_force(district).rules
    with pytest.raises(ValidationError, match="不像安徽省为企服务平台的编号"):
        clean_provincial_number(text, rules)


def test_the_districts_pattern_decides(district):
    rules = DistrictProfile.objects.in_force(district).rules
    platform = rules.provincial.model_copy(update={"number_pattern": r"SZ\d{6}"})
    strict = rules.model_copy(update={"provincial": platform})
    assert clean_provincial_number("sz１２３４５６", strict) == "SZ123456"
    with pytest.raises(ValidationError):
        clean_provincial_number("AH2026001", strict)


def test_a_number_stands_on_one_appeal_of_a_district(cast: Cast):
    first, second = cast.submit(), cast.submit()
    enter_number(appeal=first, number="AH2026001", by=cast.dispatcher)
    with pytest.raises(ValidationError, match=f"AH2026001 已登记在诉求 {first.number} 上"):
        enter_number(appeal=second, number="ah2026001", by=cast.dispatcher)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=second.pk).update(provincial_number="AH2026001")


def test_who_may_not_see_the_other_appeal_does_not_learn_which_it_is(cast: Cast):
    mine, other = cast.register("window"), cast.submit()
    enter_number(appeal=other, number="AH2026001", by=cast.dispatcher)
    with pytest.raises(ValidationError, match="AH2026001 已登记在另一件诉求上"):
        enter_number(appeal=mine, number="AH2026001", by=cast.window)


def test_another_district_may_have_the_same_number(cast: Cast, district):
    mine = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    other = Cast(factories.another_district(district))
    dispatcher = factories.user(factories.unit(other.district), Role.DISPATCHER, username="foreign")
    theirs = enter_number(appeal=other.submit(), number="AH2026001", by=dispatcher)
    assert theirs.provincial_number == mine.provincial_number


def test_two_who_enter_one_number_at_the_same_moment_are_told(cast: Cast, monkeypatch):
    first, second = cast.submit(), cast.submit()
    enter_number(appeal=first, number="AH2026001", by=cast.dispatcher)
    # The other one is not there yet when this one looks.
    monkeypatch.setattr("appeals.provincial_entry.refuse_taken_number", lambda *args, **kwargs: None)
    with pytest.raises(ValidationError, match="已登记在"):
        enter_number(appeal=second, number="AH2026001", by=cast.dispatcher)
    assert fresh(second).provincial_number == ""


def test_registering_refuses_a_number_that_is_taken_or_none(cast: Cast):
    enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    form = {
        "channel": "walk_in", "claimed_name": "铜陵示例有限公司", "contact_name": "赵敏",
        "contact_phone": "13900001111", "category": "labour", "content": "缺人。",
    }  # fmt: skip
    for number, said in (("ＡＨ２０２６００１", "已登记在诉求"), ("编号一", "不像安徽省为企服务平台的编号")):
        answer = signed_in(cast.dispatcher).post("/appeals/register/", form | {"provincial_number": number})
        assert answer.status_code == 422 and said in answer.content.decode()
    assert Appeal.objects.count() == 1


def test_doubles_from_before_are_told_apart_and_none_loses_its_number(cast: Cast):
    appeals = [cast.submit() for _ in range(4)]
    connection.check_constraints()  # PostgreSQL drops no index while checks are pending
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX appeal_provincial_once")
    for minutes, appeal in enumerate(appeals[:3]):
        at = clock.now() - timedelta(minutes=minutes)
        Appeal.objects.filter(pk=appeal.pk).update(provincial_number="A" * 40, provincial_recorded_at=at)
    migration = import_module("appeals.migrations.0008_provincial_results")
    migration.tell_double_numbers_apart(apps, None)
    numbers = [fresh(appeal).provincial_number for appeal in appeals]
    assert numbers == ["A" * 35 + "（重复3）", "A" * 35 + "（重复2）", "A" * 40, ""]


# --- The list -------------------------------------------------------------------------------------


def test_to_be_recorded_is_what_was_not_solved_on_the_spot_and_has_no_number(cast: Cast):
    waits = cast.submit()
    cast.solve_on_spot()
    back = cast.do(cast.solve_on_spot(), "not_solved")
    declined = cast.do(cast.do(cast.submit(), "propose_decline"), "decline")
    closed = cast.walk(cast.submit(), "close")
    cast.do(cast.submit(), "record_provincial")
    assert back.status == "submitted" and declined.status == "declined"
    assert set(to_be_recorded(Appeal.objects.all())) == {waits, closed}


def test_what_waits_longest_comes_first_and_says_since_when(cast: Cast):
    with time_machine.travel("2026-11-10 09:00+08:00"):
        old = cast.submit(content="等了很久，请催一催。")
    new = cast.submit(content="刚刚提交的诉求。")
    shown = page(cast.dispatcher)
    assert shown.index(old.number) < shown.index(new.number)
    assert "已 8 天" in shown and "今天" in shown


def test_the_filters_narrow_and_the_export_holds_just_that(cast: Cast):
    mine = cast.register("window")
    done = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    answered = enter_number(appeal=cast.submit(), number="AH2026002", by=cast.dispatcher)
    record_result(appeal=answered, status="省平台已办结", text="办好了。", on=None, by=cast.dispatcher)
    township = factories.unit(cast.district, "datong")
    for query, expected in {
        "": {mine}, "?state=recorded": {done, answered}, "?state=result": {answered},
        "?state=all": {mine, done, answered}, f"?state=all&unit={township.pk}": {mine},
        "?state=all&channel=window": {mine}, "?state=all&since=2026-11-19": set(), "?state=nonsense": {mine},
    }.items():  # fmt: skip
        shown = page(cast.dispatcher, query)
        assert {one for one in (mine, done, answered) if one.number in shown} == expected, query
        assert {line[0] for line in exported(cast.dispatcher, query)[1:]} == {one.number for one in expected}


def test_a_unit_sees_what_it_and_its_windows_collected(cast: Cast):
    of_window, of_bureau = cast.register("window"), cast.submit()
    of_cadre = cast.register("cadre")
    for person, expected in {
        "dispatcher": {of_window, of_bureau, of_cadre}, "supervisor": {of_window, of_bureau, of_cadre},
        "window": {of_window}, "township_liaison": {of_window}, "cadre": {of_cadre}, "liaison": set(),
    }.items():  # fmt: skip
        shown = page(getattr(cast, person))
        assert {one for one in (of_window, of_bureau, of_cadre) if one.number in shown} == expected, person


def test_only_who_may_enter_is_offered_the_field(cast: Cast):
    appeal = cast.register("window")
    assert "number-form" in page(cast.window) and "number-form" in page(cast.dispatcher)
    for person in ("township_liaison", "bureau_leader", "supervisor"):
        assert "number-form" not in page(getattr(cast, person)), person
        answer = entered(getattr(cast, person), appeal, "AH2026001")
        assert answer.status_code == 403, person
    assert fresh(appeal).provincial_number == ""


def test_an_administrator_has_no_list(cast: Cast):
    for path in (LIST, EXPORT):
        assert signed_in(cast.admin).get(path).status_code == 403


# --- One number -----------------------------------------------------------------------------------


def test_a_number_is_entered_through_the_one_door(cast: Cast):
    appeal = cast.register("window")
    answer = entered(cast.window, appeal, "ＡＨ２０２６００１", back="state=all&page=2&x=\x00")
    assert answer.status_code == 302 and answer["Location"] == f"{LIST}?state=all&page=2&x="
    appeal = fresh(appeal)
    assert (appeal.provincial_number, appeal.provincial_recorded_at) == ("AH2026001", clock.now())
    event = appeal.events.last()
    assert (event.transition, event.user, event.unit) == ("record_provincial", cast.window, cast.window.unit)


def test_sent_twice_it_is_entered_once(cast: Cast):
    appeal = cast.submit()
    for _ in range(2):
        assert entered(cast.dispatcher, appeal, "AH2026001").status_code == 302
    assert Event.objects.filter(appeal=appeal, transition="record_provincial").count() == 1


def test_htmx_gets_the_line_back(cast: Cast):
    appeal = cast.submit()
    answer = entered(cast.dispatcher, appeal, "AH2026001", htmx=True)
    shown = answer.content.decode()
    assert answer.status_code == 200 and shown.startswith(f'<tr id="provincial-{appeal.pk}"')
    assert "AH2026001" in shown and "number-form" not in shown


@pytest.mark.parametrize("number", ["", "  ", "编号一", "A\x00B123", "A" * 5000])
@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_wrong_stands_at_the_field_and_nothing_is_lost(cast: Cast, number, htmx):
    appeal = cast.submit()
    answer = entered(cast.dispatcher, appeal, number, htmx=htmx)
    shown = answer.content.decode()
    assert answer.status_code == 422 and "field-error" in shown
    assert ("<html" in shown) is not htmx
    if number == "编号一":
        assert 'value="编号一"' in shown
    assert fresh(appeal).provincial_number == ""


def test_what_happened_meanwhile_is_told_and_the_typed_number_kept(cast: Cast):
    appeal = cast.submit()
    enter_number(appeal=appeal, number="AH2026001", by=cast.second_dispatcher)
    answer = entered(cast.dispatcher, appeal, "AH2026002", htmx=True)
    shown = answer.content.decode()
    assert answer.status_code == 409 and "已有新的进展" in shown and 'value="AH2026002"' in shown
    assert fresh(appeal).provincial_number == "AH2026001"


def test_a_mistake_is_put_right_by_recording_again_and_the_old_number_is_on_record(cast: Cast):
    appeal = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    first = appeal.provincial_recorded_at
    with time_machine.travel("2026-11-25 10:00+08:00"):
        assert entered(cast.dispatcher, appeal, "AH2026002").status_code == 302
    appeal = fresh(appeal)
    assert (appeal.provincial_number, appeal.provincial_recorded_at) == ("AH2026002", first)
    assert appeal.events.last().data == {"corrects": "AH2026001"}


def test_what_ended_otherwise_takes_no_number(cast: Cast):
    assert entered(cast.dispatcher, cast.solve_on_spot(), "AH2026001").status_code == 403


def test_the_platforms_answers_are_kept_and_change_nothing_of_ours(cast: Cast):
    appeal = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    for day, status in (("2026-11-12", "省平台办理中"), ("2026-11-16", "省平台已办结")):
        record_result(
            appeal=appeal, status=status, text="已\n答复", on=timezone.datetime.fromisoformat(day).date(),
            by=cast.dispatcher,
        )  # fmt: skip
    shown = signed_in(cast.dispatcher).get(f"{LIST}{appeal.number}/").content.decode()
    assert shown.index("省平台已办结") < shown.index("省平台办理中") and "已 答复" in shown
    assert fresh(appeal).status == appeal.status and appeal.events.count() == 2


# --- The sheet ------------------------------------------------------------------------------------


def in_columns(district, columns: list[dict]) -> None:
    rules = DistrictProfile.objects.in_force(district).rules
    data = rules.model_dump(mode="json")
    data["provincial"]["columns"] = columns
    DistrictProfile.objects.create(district=district, effective_from=timezone.localdate(), data=data)


def test_the_columns_follow_the_profile(cast: Cast):
    columns = [
        {"field": "provincial_number", "header": "办件编号"},
        {"field": "fixed", "header": "所属市", "text": "铜陵市"},
        {"field": "firm", "header": "企业全称"},
        {"field": "number", "header": "区县编号"},
    ]
    in_columns(cast.district, columns)
    appeal = cast.submit()
    assert exported(cast.dispatcher) == [
        ["办件编号", "所属市", "企业全称", "区县编号"],
        [None, "铜陵市", "铜陵示例机械有限公司", appeal.number],
    ]


def test_every_field_of_the_registry_is_filled(cast: Cast):
    in_columns(cast.district, [{"field": field} for field in FIELDS])
    appeal = cast.walk(cast.register("window", provincial_number="AH2026001"), "close")
    record_result(appeal=appeal, status="省平台已办结", text="办好了。", on=None, by=cast.dispatcher)
    head, line = exported(cast.dispatcher, "?state=all")
    found = dict(zip(head, line, strict=True))
    firm = appeal.enterprise
    assert found == {
        "诉求编号": appeal.number, "标题": appeal.title, "诉求内容": appeal.content, "类别": "用工",
        "紧急程度": "一般", "来源渠道": "小微企业、个体工商户服务窗口", "企业名称": firm.name,
        "统一社会信用代码": firm.credit_code, "所在地区": "大通镇", "联系人": "赵敏", "联系电话": "13900001111",
        "提交日期": "2026-11-18", "收集单位": cast.window.unit.name, "主办单位": cast.liaison.unit.name,
        "办理状态": "办结", "办理结果": "已组织专场招聘，到岗18人。", "答复日期": "2026-11-18", "是否解决": "已解决",
        "满意度": "满意", "办结日期": "2026-11-18", "省平台编号": "AH2026001", "省平台录入日期": "2026-11-18",
        "省平台状态": "省平台已办结", "省平台办理结果": "办好了。", "省平台结果日期": "2026-11-18",
    }  # fmt: skip


def test_codes_and_phones_are_text_and_formulas_are_not_calculated(cast: Cast):
    cast.submit(content="=HYPERLINK(1)")
    content = signed_in(cast.dispatcher).get(EXPORT).content
    sheet = load_workbook(io.BytesIO(content)).active
    cells = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert cells["问题描述"].value == "'=HYPERLINK(1)"
    assert cells["联系电话"].data_type == "s" and cells["联系电话"].number_format == "@"


def test_contacts_are_whole_only_for_who_may_enter_the_number(cast: Cast):
    cast.register("window")
    for person, phone in {
        "window": "13900001111", "dispatcher": "13900001111",
        "supervisor": "139****1111", "district_leader": "139****1111", "township_liaison": "139****1111",
    }.items():  # fmt: skip
        head, line = exported(getattr(cast, person))
        found = dict(zip(head, line, strict=True))
        assert (found["联系电话"], found["联系人"] == "赵敏") == (phone, "*" not in phone), person


def test_taking_the_list_away_is_on_record(cast: Cast):
    cast.submit()
    answer = signed_in(cast.dispatcher).get(f"{EXPORT}?state=all")
    assert "attachment" in answer["Content-Disposition"]
    entry = AuditEntry.objects.get(action="provincial.exported")
    assert (entry.user_id, entry.data) == (cast.dispatcher.pk, {"rows": 1, "state": "all"})


def test_two_thousand_appeals_cost_as_many_queries_as_two(cast: Cast):
    first = cast.walk(cast.submit(), "feedback")
    cast.submit()
    client = signed_in(cast.dispatcher)
    client.get(EXPORT)

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    queries(LIST)  # The district's own words are looked up once a minute.
    few = queries(EXPORT), queries(LIST)
    Appeal.objects.bulk_create(
        Appeal(
            number=f"JQ20261117-{number:04d}", secret_digest="x", district=cast.district, region=first.region,
            profile=first.profile, claimed_name="铜陵示例有限公司", contact_name="赵敏",
            contact_phone="13900001111", title="缺人", content="缺人。", category="labour", channel="portal",
            collecting_unit=first.collecting_unit, submitted_at=clock.now(),
        )
        for number in range(1998)
    )  # fmt: skip
    assert (queries(EXPORT), queries(LIST)) == few
    assert few[0] <= 14 and few[1] <= 14
    assert len(exported(cast.dispatcher)) == 2001


def test_results_are_seen_with_their_appeal(cast: Cast):
    appeal = enter_number(appeal=cast.submit(), number="AH2026001", by=cast.dispatcher)
    result = record_result(appeal=appeal, status="省平台已办结", text="", on=None, by=cast.dispatcher)
    assert list(ProvincialResult.objects.visible_to(cast.dispatcher)) == [result]
    assert not ProvincialResult.objects.visible_to(cast.window).exists()
