"""Liaison officers: what the services let through, and the pages of 附件2."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry, Post
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from liaisons.address_book import gaps
from liaisons.models import LiaisonOfficer
from liaisons.services import officers
from tests import factories as make

LONG_AGO = date(2026, 1, 5)
LINE = {"name": "方圆", "title": "办公室主任", "office_phone": "0562-5861234", "mobile": "13800001234"}


@pytest.fixture
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


@pytest.fixture
def officer(today, unit, liaison):
    return officers.appoint(by=liaison, unit=unit, started=LONG_AGO, **LINE)


def page(answer) -> str:
    return answer.content.decode()


def in_force(unit) -> list[tuple[str, str]]:
    return list(LiaisonOfficer.objects.in_force().filter(unit=unit).values_list("name", "title"))


# --- Appointing -----------------------------------------------------------------------------------


def test_a_unit_enters_its_officer(officer, unit):
    assert in_force(unit) == [("方圆", "办公室主任")]
    assert (officer.office_phone, officer.mobile) == ("0562-5861234", "13800001234")
    entry = AuditEntry.objects.get(action="officer.appointed")
    assert entry.object_id == str(officer.pk) and "方圆" not in str(entry.data)


def test_numbers_and_names_are_stored_as_they_are_read(today, unit, liaison):
    messy = {
        "name": " 方　圆 ",
        "title": " 办公室 主任 ",
        "office_phone": "０５６２—５８６１２３４",
        "mobile": "138 0000 1234",
    }
    officer = officers.appoint(by=liaison, unit=unit, started=today, **messy)
    assert (officer.name, officer.title) == ("方圆", "办公室 主任")
    assert (officer.office_phone, officer.mobile) == ("0562-5861234", "13800001234")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": "  "}, "name", "请填写姓名"),
        ({"title": ""}, "title", "请填写职务"),
        ({"office_phone": "", "mobile": ""}, "mobile", "至少填一个"),
        ({"office_phone": "5861234"}, "office_phone", "区号"),
        ({"mobile": "0562-5861234"}, "mobile", "手机号应为11位"),
        ({"mobile": "123"}, "mobile", "电话号码不正确"),
        ({"name": "方" * 51}, "name", "最多50字"),
        ({"note": "字" * 101}, "note", "最多100字"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(today, unit, liaison, changes, field, words):
    with pytest.raises(ValidationError) as error:
        officers.appoint(by=liaison, unit=unit, started=today, **(LINE | changes))
    assert words in "".join(error.value.message_dict[field])
    assert not LiaisonOfficer.objects.exists()


def test_a_person_is_on_the_units_list_once_at_a_time(officer, unit, liaison, today):
    with pytest.raises(ValidationError, match="已是大通镇的联络员（2026-01-05 起）"):
        officers.appoint(by=liaison, unit=unit, started=today, **LINE)
    officers.end(by=liaison, officer=officer, ended=today)
    with pytest.raises(ValidationError, match="已是"):
        officers.appoint(by=liaison, unit=unit, started=today - timedelta(days=1), **LINE)
    assert officers.appoint(by=liaison, unit=unit, started=today, **LINE)
    colleague = LINE | {"name": "安宁"}
    assert officers.appoint(by=liaison, unit=unit, started=LONG_AGO, **colleague)


def test_a_date_far_ahead_is_a_slip_of_the_finger(officer, unit, liaison, today):
    far = today + timedelta(days=400)
    with pytest.raises(ValidationError, match="开始日期最多提前一年"):
        officers.appoint(by=liaison, unit=unit, started=far, **(LINE | {"name": "安宁"}))
    with pytest.raises(ValidationError, match="变动日期最多提前一年"):
        officers.change(by=liaison, officer=officer, since=far, **(LINE | {"name": "安宁"}))
    with pytest.raises(ValidationError, match="结束日期最多提前一年"):
        officers.end(by=liaison, officer=officer, ended=far)


def test_the_cadre_of_this_name_in_the_unit_is_found(today, unit, liaison, district):
    person = make.official(unit, name="方圆")
    make.official(make.unit(district, "kjj"), name="方圆")
    assert officers.appoint(by=liaison, unit=unit, started=today, **LINE).official == person


def test_of_two_with_one_name_nobody_is_guessed(today, unit, liaison):
    first, _ = make.official(unit, name="方圆"), make.official(unit, name="方圆")
    officer = officers.appoint(by=liaison, unit=unit, started=today, **LINE)
    assert officer.official is None
    assert officers.change(by=liaison, officer=officer, official=first, **LINE).official == first


def test_a_cadre_of_another_unit_or_name_is_refused(today, unit, liaison, district):
    elsewhere = make.official(make.unit(district, "kjj"), name="方圆")
    with pytest.raises(ValidationError, match="没有在大通镇任职"):
        officers.appoint(by=liaison, unit=unit, started=today, official=elsewhere, **LINE)
    other = make.official(unit, name="安宁")
    with pytest.raises(ValidationError, match="姓名与所选干部安宁不一致"):
        officers.appoint(by=liaison, unit=unit, started=today, official=other, **LINE)


def test_who_may_keep_whose(today, unit, dispatcher, district):
    leader = make.user(unit, "unit_leader")
    for number, by in enumerate((leader, dispatcher)):
        officers.appoint(by=by, unit=unit, started=today, **(LINE | {"name": f"联络员{number}"}))
    stranger = make.user(make.unit(district, "huihe"), "liaison")
    for by in (stranger, make.user(unit, "cadre"), make.user(make.unit(district, "jwdc"), "supervisor")):
        with pytest.raises(PermissionDenied):
            officers.appoint(by=by, unit=unit, started=today, **LINE)
    other = make.another_district(district)
    foreigner = make.user(make.unit(other), "dispatcher")
    with pytest.raises(PermissionDenied):
        officers.appoint(by=foreigner, unit=unit, started=today, **LINE)


# --- Changing and ending --------------------------------------------------------------------------


def test_a_typing_error_and_a_new_number_are_put_right_in_place(officer, liaison, unit):
    changed = officers.change(
        by=liaison, officer=officer, **(LINE | {"name": "方源", "mobile": "13900001234"})
    )
    assert changed.pk == officer.pk and in_force(unit) == [("方源", "办公室主任")]
    assert AuditEntry.objects.get(action="officer.corrected").data == {"fields": ["name", "mobile"]}


def test_a_new_person_follows_and_the_past_stays_true(officer, liaison, unit, today):
    follower = officers.change(
        by=liaison, officer=officer, since=today, **(LINE | {"name": "安宁", "title": "副镇长"})
    )
    assert follower.pk != officer.pk and in_force(unit) == [("安宁", "副镇长")]
    yesterday = LiaisonOfficer.objects.in_force(today - timedelta(days=1)).filter(unit=unit)
    assert [line.name for line in yesterday] == ["方圆"]
    assert AuditEntry.objects.get(action="officer.replaced").data["before"] == officer.pk


def test_another_post_of_the_same_person_is_a_new_line(officer, liaison, unit, today):
    officers.change(by=liaison, officer=officer, since=today, **(LINE | {"title": "副镇长"}))
    assert [line.title for line in unit.liaison_officers.order_by("started")] == ["办公室主任", "副镇长"]


def test_only_numbers_and_notes_differ_so_no_line_ends(officer, liaison, unit, today):
    changed = officers.change(by=liaison, officer=officer, since=today, **(LINE | {"note": "兼信访"}))
    assert changed.pk == officer.pk and unit.liaison_officers.count() == 1


def test_a_change_lies_within_the_line(officer, liaison, today):
    other = LINE | {"name": "安宁"}
    with pytest.raises(ValidationError, match="不能早于开始日期 2026-01-05"):
        officers.change(by=liaison, officer=officer, since=date(2026, 1, 4), **other)
    officers.end(by=liaison, officer=officer, ended=today + timedelta(days=9))
    with pytest.raises(ValidationError, match="变动须早于这一天"):
        officers.change(by=liaison, officer=officer, since=today + timedelta(days=9), **other)


def test_what_has_ended_stays_as_it_is(officer, liaison, today):
    officers.end(by=liaison, officer=officer, ended=today)
    with pytest.raises(ValidationError, match="已不在任"):
        officers.change(by=liaison, officer=officer, **LINE)
    with pytest.raises(ValidationError, match="已不在任"):
        officers.end(by=liaison, officer=officer, ended=today)


def test_a_mistake_is_taken_back_on_the_day_it_began(today, unit, liaison):
    officer = officers.appoint(by=liaison, unit=unit, started=today, **LINE)
    with pytest.raises(ValidationError, match="不能早于开始日期"):
        officers.end(by=liaison, officer=officer, ended=today - timedelta(days=1))
    officers.end(by=liaison, officer=officer, ended=today)
    assert in_force(unit) == []
    assert officers.appoint(by=liaison, unit=unit, started=today - timedelta(days=30), **LINE)


def test_somebody_who_moved_can_still_be_put_right(today, unit, liaison):
    person = make.official(unit, name="方圆")
    officer = officers.appoint(by=liaison, unit=unit, started=LONG_AGO, **LINE)
    Post.objects.filter(official=person).update(ended=today)
    changed = officers.change(by=liaison, officer=officer, **(LINE | {"mobile": "13900001234"}))
    assert (changed.mobile, changed.official) == ("13900001234", person)


def test_another_units_liaison_changes_and_ends_nothing(officer, district, today):
    stranger = make.user(make.unit(district, "huihe"), "liaison")
    with pytest.raises(PermissionDenied):
        officers.change(by=stranger, officer=officer, **LINE)
    with pytest.raises(PermissionDenied):
        officers.end(by=stranger, officer=officer, ended=today)


# --- Gaps -----------------------------------------------------------------------------------------


def test_units_that_hand_in_tables_and_have_nobody_are_gaps_since_then(officer, liaison, district, today):
    rules = DistrictProfile.objects.in_force(district).rules
    before = {gap.unit.code: gap.since for gap in gaps(district, rules)}
    assert "datong" not in before and "datong_window" not in before
    assert before["huihe"] is None
    officers.end(by=liaison, officer=officer, ended=today)
    after = {gap.unit.code: gap.since for gap in gaps(district, rules)}
    assert after["datong"] == today
    assert len(after) == len(before) + 1


# --- The page -------------------------------------------------------------------------------------


def test_the_table_has_the_title_and_columns_of_the_plan_in_the_order_of_the_units(
    client, officer, dispatcher, district
):
    kjj = make.unit(district)
    officers.appoint(by=dispatcher, unit=kjj, started=LONG_AGO, **(LINE | {"name": "安宁"}))
    client.force_login(dispatcher)
    text = page(client.get("/liaisons/officers/"))
    assert "各单位“亲清有约、‘铜’心助企”专项行动联络员情况表</h1>" in text
    places = [text.index(f">{column}</th>") for column in officer_columns()]
    assert places == sorted(places)
    assert text.index("安宁</strong>") < text.index("方圆</strong>")


def officer_columns() -> list[str]:
    return ["序号", "单位", "姓名", "职务", "办公号码", "手机号", "备注"]


def test_mobile_numbers_are_masked_until_somebody_asks_and_that_is_on_record(client, officer, district):
    reader = make.user(make.unit(district, "jwdc"), "supervisor")
    client.force_login(reader)
    text = page(client.get("/liaisons/officers/"))
    assert "138****1234" in text and "13800001234" not in text and "0562-5861234" in text
    assert not AuditEntry.objects.filter(action="officer.mobile_shown").exists()
    shown = client.post(f"/liaisons/officers/{officer.pk}/mobile/")
    assert "13800001234" in page(shown)
    fragment = client.post(f"/liaisons/officers/{officer.pk}/mobile/", headers={"hx-request": "true"})
    assert "13800001234" in page(fragment) and "<html" not in page(fragment)
    assert AuditEntry.objects.filter(action="officer.mobile_shown", user_id=reader.pk).count() == 2


def test_the_list_is_narrowed_by_its_filters(client, officer, dispatcher, unit, district, today):
    client.force_login(dispatcher)
    officers.end(by=dispatcher, officer=officer, ended=today)
    for name, fits, fits_not in (("q", "主任", "科长"), ("q", "大通镇 方圆", "灰河 方圆"),
                                 ("unit", unit.pk, make.unit(district, "huihe").pk),
                                 ("day", "2026-01-05", "2026-01-04")):  # fmt: skip
        for value, is_there in ((fits, True), (fits_not, False)):
            filters = {"day": "2026-06-01", name: value}
            assert ("方圆</strong>" in page(client.get("/liaisons/officers/", filters))) is is_there, value
    assert "方圆</strong>" not in page(client.get("/liaisons/officers/"))


@pytest.mark.parametrize(
    "filters", [{"day": "31/02/2026"}, {"unit": "9" * 30}, {"q": "\0😀" * 60}, {"page": "-1"}]
)
def test_a_filter_that_makes_no_sense_breaks_nothing(client, officer, dispatcher, filters):
    client.force_login(dispatcher)
    for address in ("/liaisons/officers/", "/liaisons/officers/export/", "/liaisons/opinions/all/"):
        assert client.get(address, filters).status_code == 200


def test_the_page_says_who_is_missing_and_whom_no_notice_reaches(
    client, officer, dispatcher, liaison, district
):
    client.force_login(dispatcher)
    text = page(client.get("/liaisons/officers/"))
    gap_list, silent = text.split('id="gaps"')[1].split('id="unreached"')
    assert "灰河乡" in gap_list and "从未登记" in gap_list and "大通镇" not in gap_list
    assert "大通镇" in silent and "由单位的其他账号收通知" in silent
    liaison.is_active = False
    liaison.save()
    assert "无人收通知" in page(client.get("/liaisons/officers/"))
    liaison.official, liaison.is_active = make.official(officer.unit, name="方圆"), True
    liaison.save()
    officers.change(by=liaison, officer=officer, **LINE)
    assert "登记的联络员都能收到通知" in page(client.get("/liaisons/officers/"))


def test_the_list_costs_the_same_for_one_row_and_for_thirty(
    client, officer, dispatcher, unit, django_assert_max_num_queries
):
    client.force_login(dispatcher)
    client.get("/liaisons/officers/")
    with django_assert_max_num_queries(14) as few:
        client.get("/liaisons/officers/")
    for number in range(30):
        officers.appoint(by=dispatcher, unit=unit, started=LONG_AGO, **(LINE | {"name": f"联络员{number}"}))
    with django_assert_max_num_queries(len(few)):
        client.get("/liaisons/officers/")


def test_the_units_history_shows_everybody_and_nobody_elses(client, officer, liaison, unit, today):
    officers.change(by=liaison, officer=officer, since=today, **(LINE | {"name": "安宁"}))
    client.force_login(liaison)
    text = page(client.get(f"/liaisons/officers/units/{unit.pk}/"))
    assert text.index("安宁") < text.index("方圆") and "已结束" in text and "2026-11-19 止" in text
    assert client.get("/liaisons/officers/units/999999/").status_code == 404


# --- The forms ------------------------------------------------------------------------------------


def form(unit, **changes) -> dict:
    return {"token": "t" * 32, "unit": str(unit.pk), "started": "2026-11-19", "official": ""} | LINE | changes


def test_a_liaison_enters_one_by_the_form_and_twice_is_once(client, today, liaison, unit):
    client.force_login(liaison)
    opened = client.get("/liaisons/officers/new/")
    assert f'<option value="{unit.pk}" selected>' in page(opened)
    for _ in range(2):
        answer = client.post("/liaisons/officers/new/", form(unit))
        assert answer.status_code == 302 and answer["Location"] == "/liaisons/officers/"
    assert in_force(unit) == [("方圆", "办公室主任")]


def test_a_chosen_cadre_fills_in_what_was_left_blank(client, today, liaison, unit):
    person = make.official(unit, name="方圆", title="副镇长")
    person.office_phone = "0562-5869999"
    person.save()
    client.force_login(liaison)
    blank = {"name": "", "title": "", "office_phone": "", "mobile": "", "official": str(person.pk)}
    assert client.post("/liaisons/officers/new/", form(unit, **blank)).status_code == 302
    officer = LiaisonOfficer.objects.get()
    assert (officer.official, officer.name, officer.title) == (person, "方圆", "副镇长")
    assert (officer.office_phone, officer.mobile) == ("0562-5869999", "")


def test_a_bad_form_keeps_what_was_typed(client, today, liaison, unit, district):
    client.force_login(liaison)
    answer = client.post("/liaisons/officers/new/", form(unit, mobile="123", note="兼信访工作"))
    assert answer.status_code == 422
    assert "电话号码不正确" in page(answer) and "兼信访工作" in page(answer)
    foreign = client.post("/liaisons/officers/new/", form(make.unit(district, "huihe")))
    assert foreign.status_code == 422 and not LiaisonOfficer.objects.exists()


def test_the_form_tells_a_correction_from_a_change(client, officer, liaison, unit):
    client.force_login(liaison)
    address = f"/liaisons/officers/{officer.pk}/change/"
    assert "13800001234" in page(client.get(address))
    assert AuditEntry.objects.filter(action="officer.mobile_shown").count() == 1
    other = LINE | {"name": "安宁", "official": ""}
    assert "请填写变动日期" in page(client.post(address, other | {"how": "follow", "since": ""}))
    early = client.post(address, other | {"how": "follow", "since": "2025-12-31"})
    assert early.status_code == 422 and "不能早于开始日期" in page(early)
    assert client.post(address, other | {"how": "correct", "since": "2026-11-19"}).status_code == 302
    assert unit.liaison_officers.count() == 1 and in_force(unit) == [("安宁", "办公室主任")]
    assert client.post(address, LINE | {"how": "follow", "since": "2026-11-19"}).status_code == 302
    assert unit.liaison_officers.count() == 2 and in_force(unit) == [("方圆", "办公室主任")]


def test_an_officer_is_ended_by_the_form(client, officer, liaison, unit):
    client.force_login(liaison)
    address = f"/liaisons/officers/{officer.pk}/end/"
    assert client.get(address).status_code == 200 and in_force(unit)
    assert client.post(address, {"ended": "2025-01-01"}).status_code == 422
    assert client.post(address, {"ended": "2026-11-19"}).status_code == 302
    assert in_force(unit) == []
    again = client.post(address, {"ended": "2026-11-19"})
    assert again.status_code == 422 and "已不在任" in page(again)


def test_forms_are_for_those_who_keep_the_list(client, officer, district):
    addresses = [f"/liaisons/officers/{officer.pk}/change/", f"/liaisons/officers/{officer.pk}/end/"]
    client.force_login(make.user(make.unit(district, "huihe"), "liaison"))
    assert [client.get(address).status_code for address in addresses] == [403, 403]
    client.force_login(make.user(officer.unit, "cadre"))
    assert client.get("/liaisons/officers/new/").status_code == 403
    foreigner = make.user(make.unit(make.another_district(district)), "dispatcher")
    client.force_login(foreigner)
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    assert client.post(f"/liaisons/officers/{officer.pk}/mobile/").status_code == 404
    assert "方圆" not in page(client.get("/liaisons/officers/"))


# --- On paper -------------------------------------------------------------------------------------


def test_the_dispatchers_printed_page_has_full_numbers_and_is_on_record(
    client, officer, dispatcher, district
):
    client.force_login(make.user(make.unit(district, "huihe"), "liaison"))
    assert "138****1234" in page(client.get("/liaisons/officers/print/"))
    assert not AuditEntry.objects.filter(action="officers.printed").exists()
    client.force_login(dispatcher)
    assert "13800001234" in page(client.get("/liaisons/officers/print/"))
    assert AuditEntry.objects.get(action="officers.printed").data == {"lines": 1}


def test_todays_line_can_be_put_right_although_another_follows(officer, liaison, today, unit):
    later = today + timedelta(days=20)
    follower = officers.change(by=liaison, officer=officer, since=later, **(LINE | {"title": "副镇长"}))
    officer.refresh_from_db()
    changed = officers.change(by=liaison, officer=officer, **(LINE | {"mobile": "13900009999"}))
    assert (changed.pk, changed.mobile, changed.ended) == (officer.pk, "13900009999", later)
    follower.refresh_from_db()
    assert (follower.title, follower.mobile) == ("副镇长", LINE["mobile"])
