"""Rotas: whose turn it is by the calendar and in fairness, published, swapped, recorded, as sheet and calendar."""

import io
from datetime import date, time

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from icalendar import Calendar
from openpyxl import load_workbook

from accounts.models import Post
from campaigns.models import Duty, DutySwap, Rota
from campaigns.rotas import reminders as rota_reminders
from campaigns.rotas.planning import Turn, days_of, fair, told_as
from campaigns.rotas.services import rotas as services
from campaigns.rotas.services.rotas import Line
from core.xlsx import text_workbook
from districts.models import DistrictProfile
from districts.profile import Rules
from districts.schema import ProfileError, validated
from notifications.models import Notice
from tests import factories as make

DECEMBER = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def a_friday():
    with time_machine.travel("2026-11-20 15:00+08:00"):
        yield


def rules_of(district) -> Rules:
    return DistrictProfile.objects.in_force(district).rules


def kind_of(hall, code="reception"):
    return rules_of(hall.district).find("rota_kinds", code)


def planned(hall, *officials, code="reception", month=DECEMBER) -> Rota:
    turns = [Turn(one.posts.get().unit, one) for one in officials or (hall.head, hall.clerk_official)]
    services.plan_month(by=hall.dispatcher, kind=kind_of(hall, code), month=month, turns=turns)
    return Rota.objects.get(kind=code, month=month)


# --- Whose turn -----------------------------------------------------------------------------------


def test_the_days_are_those_of_the_kind_and_holidays_are_left_out(hall):
    rules = rules_of(hall.district)
    wednesdays = days_of(kind_of(hall), DECEMBER, rules)
    assert [one.day.day for one in wednesdays] == [2, 9, 16, 23, 30] and not any(
        one.is_off for one in wednesdays
    )
    october = {one.day: one for one in days_of(kind_of(hall), date(2026, 10, 1), rules)}
    assert october[date(2026, 10, 7)].is_off and "放假" in october[date(2026, 10, 7)].warning
    saturdays = {one.day: one for one in days_of(kind_of(hall, "weekend"), date(2026, 10, 1), rules)}
    assert "调休上班" in saturdays[date(2026, 10, 10)].warning and not saturdays[date(2026, 10, 10)].is_off


def test_turns_are_fair(hall):
    turns = [Turn(hall.unit, hall.head), Turn(hall.unit, hall.clerk_official), Turn(hall.bureau)]
    days = [date(2026, 12, n) for n in (2, 9, 16, 23)]
    assert [turn for _, turn in fair(days, turns, [])] == [*turns, turns[0]]
    # The first two had a turn each before: the third comes first, then whoever waited longest.
    after = fair(days, turns, [turns[0].key, turns[1].key])
    assert [turn for _, turn in after] == [turns[2], turns[0], turns[1], turns[2]]


def test_planning_fills_what_is_free_and_leaves_what_stands(hall):
    rota = planned(hall)
    assert rota.duties.count() == 5
    assert {duty.title for duty in rota.duties.all()} == {"副局长", "科员"}
    kind = kind_of(hall)
    turns = [Turn(hall.unit, hall.head)]
    assert services.plan_month(by=hall.dispatcher, kind=kind, month=DECEMBER, turns=turns) == 0
    rota.duties.filter(day=date(2026, 12, 9)).delete()
    assert services.plan_month(by=hall.dispatcher, kind=kind, month=DECEMBER, turns=turns) == 1
    with pytest.raises(ValidationError):
        services.plan_month(
            by=hall.dispatcher, kind=kind, month=DECEMBER, turns=turns, days=[date(2026, 12, 3)]
        )
    with pytest.raises(PermissionDenied):
        services.plan_month(by=hall.liaison, kind=kind, month=DECEMBER, turns=turns)


def test_what_stands_in_the_table_makes_sense(hall):
    rota = planned(hall)
    line = {"day": date(2026, 12, 3), "unit": hall.unit, "begins": time(9), "ends": time(11)}
    for wrong in ({"day": date(2027, 1, 3)}, {"ends": time(8)}):
        with pytest.raises(ValidationError):
            services.add_duties(by=hall.dispatcher, rota=rota, lines=[Line(**(line | wrong))])
    services.add_duties(by=hall.dispatcher, rota=rota, lines=[Line(**line)])
    with pytest.raises(ValidationError):
        services.add_duties(by=hall.dispatcher, rota=rota, lines=[Line(**line)])


def duty_on(hall, day: date, official, *, code="reception", begins=9, ends=11, unit=None) -> Duty:
    rota = services.rota_of(by=hall.dispatcher, district=hall.district, kind=code, month=DECEMBER)
    line = Line(
        day=day, unit=unit or hall.unit, official=official, begins=time(begins), ends=time(ends), place="大厅"
    )
    return services.add_duties(by=hall.dispatcher, rota=rota, lines=[line])[0]


def test_nobody_sits_in_two_places_at_once(hall):
    day, other_day = date(2026, 12, 5), date(2026, 12, 6)
    duty_on(hall, day, hall.head)
    for hours in ({"begins": 10, "ends": 12}, {"begins": 8, "ends": 10}, {"begins": 9, "ends": 11}):
        with pytest.raises(ValidationError, match="时间重叠"):
            duty_on(hall, day, hall.head, code="weekend", **hours)
    duty_on(hall, day, hall.head, code="weekend", begins=11, ends=12)
    elsewhere = duty_on(hall, other_day, hall.clerk_official, code="appointment")
    line = Line(day=day, unit=hall.unit, official=hall.clerk_official, begins=time(9), ends=time(11))
    services.change_duty(by=hall.dispatcher, duty=elsewhere, line=line)
    with pytest.raises(ValidationError, match="时间重叠"):
        services.name_person(by=hall.leader, duty=elsewhere, official=hall.head, reason="出差")
    elsewhere.refresh_from_db()
    assert elsewhere.substitute is None and Duty.objects.count() == 3


def test_a_swap_puts_nobody_in_two_places(hall):
    first = duty_on(hall, date(2026, 12, 5), hall.head)
    second = duty_on(hall, date(2026, 12, 6), hall.clerk_official)
    duty_on(hall, date(2026, 12, 6), hall.head, code="weekend", begins=10, ends=12)
    with pytest.raises(ValidationError, match="时间重叠"):
        services.swap(by=hall.leader, duty=first, other=second, reason="出差")
    assert Duty.objects.get(pk=first.pk).official == hall.head and not DutySwap.objects.exists()


def test_a_unit_is_not_on_duty_with_somebody_elses_people(hall):
    stranger = make.official(make.unit(hall.district, "fgw"), name="辛未")
    with pytest.raises(ValidationError, match="不在区人社局任职"):
        duty_on(hall, date(2026, 12, 5), stranger)
    duty = duty_on(hall, date(2026, 12, 5), None)
    with pytest.raises(ValidationError, match="不在区人社局任职"):
        services.name_person(by=hall.liaison, duty=duty, official=stranger, reason="")
    at_the_window = make.official(hall.window, name="庚子")
    services.name_person(by=hall.liaison, duty=duty, official=at_the_window, reason="")
    # Sitting in for somebody is another matter.
    services.name_person(by=hall.liaison, duty=duty, official=stranger, reason="互相支援")


def test_whoever_has_left_the_unit_is_to_be_replaced_and_the_unit_is_told(client, hall):
    duty = duty_on(hall, date(2026, 12, 2), hall.head)
    services.publish(by=hall.dispatcher, rota=duty.rota)
    client.force_login(hall.liaison)
    address = reverse("campaigns:rota", args=["reception", "2026-12"])
    assert "请换人" not in client.get(address).content.decode()
    Post.objects.filter(official=hall.head).update(ended=date(2026, 12, 1))
    assert "已不在任，请换人" in client.get(address).content.decode()
    with time_machine.travel("2026-12-01 09:00+08:00"):
        rota_reminders.remind(hall.district)
    told = Notice.objects.filter(channel="inbox", title__contains="09:00")
    assert "请确定值班人" in told.get(recipient=hall.liaison).body


def test_the_page_shows_who_is_on_duty_today(client, hall):
    duty = duty_on(hall, date(2026, 12, 2), hall.head)
    services.publish(by=hall.dispatcher, rota=duty.rota)
    public = reverse("public:rotas", args=[hall.district.code])
    assert "今天" not in client.get(public).content.decode()
    with time_machine.travel("2026-12-02 09:00+08:00"):
        assert '<span class="tag">今天</span>' in client.get(public).content.decode()


def test_another_districts_hall_has_no_say(hall, outsider):
    duty = duty_on(hall, date(2026, 12, 2), hall.head)
    line = Line(day=duty.day, unit=hall.unit, official=hall.clerk_official, begins=time(9), ends=time(11))
    for do in (
        lambda: services.rota_of(by=outsider, district=hall.district, kind="reception", month=DECEMBER),
        lambda: services.add_duties(by=outsider, rota=duty.rota, lines=[line]),
        lambda: services.change_duty(by=outsider, duty=duty, line=line),
        lambda: services.remove_duty(by=outsider, duty=duty),
        lambda: services.publish(by=outsider, rota=duty.rota),
        lambda: services.name_person(by=outsider, duty=duty, official=hall.clerk_official, reason="换"),
    ):
        with pytest.raises(PermissionDenied):
            do()
    assert list(Duty.objects.values_list("official", flat=True)) == [hall.head.pk]


def test_sent_twice_somebody_sits_in_once(client, hall):
    duty = duty_on(hall, date(2026, 12, 2), hall.head)
    client.force_login(hall.dispatcher)
    address = reverse("campaigns:substitute_duty", args=[duty.pk])
    data = {"token": "t", "official": hall.clerk_official.pk, "reason": "出差"}
    for _ in range(2):
        assert client.post(address, data).status_code == 302
    assert DutySwap.objects.count() == 1


# --- Published, swapped ---------------------------------------------------------------------------


def test_published_it_is_public_and_nothing_is_taken_away(hall, client):
    rota = planned(hall)
    address = reverse("public:rotas", args=[hall.district.code])
    assert "江晚" not in client.get(address).content.decode()
    services.publish(by=hall.dispatcher, rota=rota)
    assert "江晚" in client.get(address).content.decode()
    with pytest.raises(ValidationError):
        services.publish(by=hall.dispatcher, rota=rota)
    with pytest.raises(ValidationError):
        services.remove_duty(by=hall.dispatcher, duty=rota.duties.first())
    told = Notice.objects.get(recipient=hall.leader, channel="inbox")
    assert "排班已公布" in told.title and "12月02日" in told.body


def test_the_title_alone_where_the_rank_group_says_so(hall):
    district_leader = make.official(
        make.unit(hall.district, "qzfb"), name="常思远", title="副区长", rank_group="district_leaders"
    )
    rota = planned(hall, district_leader)
    duty = rota.duties.first()
    assert told_as(duty, rules_of(hall.district)) == "副区长"
    Post.objects.filter(official=district_leader).update(rank_group="unit_leaders")
    duty = Duty.objects.get(pk=duty.pk)
    assert told_as(duty, rules_of(hall.district)) == "区政府办副区长 常思远"


def test_two_turns_change_hands_with_a_reason(hall):
    rota = planned(hall)
    services.publish(by=hall.dispatcher, rota=rota)
    first, second = rota.duties.order_by("day")[:2]
    with pytest.raises(PermissionDenied):
        services.swap(by=hall.other, duty=first, other=second, reason="出差")
    with pytest.raises(ValidationError):
        services.swap(by=hall.leader, duty=first, other=second, reason=" ")
    services.swap(by=hall.leader, duty=first, other=second, reason="出差")
    assert Duty.objects.get(pk=first.pk).official == hall.clerk_official
    assert Duty.objects.get(pk=second.pk).official == hall.head
    assert DutySwap.objects.count() == 2 and DutySwap.objects.first().reason == "出差"


def test_somebody_sits_in_for_another(hall):
    duty = planned(hall).duties.order_by("day").first()
    with pytest.raises(ValidationError) as error:
        services.name_person(by=hall.leader, duty=duty, official=hall.clerk_official, reason="")
    assert "原因" in "".join(error.value.messages)
    services.name_person(by=hall.leader, duty=duty, official=hall.clerk_official, reason="开会")
    duty.refresh_from_db()
    assert duty.person == hall.clerk_official and duty.official == hall.head
    assert duty not in Duty.objects.of(hall.head.pk) and duty in Duty.objects.of(hall.clerk_official.pk)


def test_a_unit_names_whom_it_sends(hall):
    turns = [Turn(hall.unit)]
    services.plan_month(by=hall.dispatcher, kind=kind_of(hall), month=DECEMBER, turns=turns)
    duty = Duty.objects.order_by("day").first()
    services.name_person(by=hall.liaison, duty=duty, official=hall.head, reason="")
    duty.refresh_from_db()
    assert (duty.official, duty.title, duty.substitute) == (hall.head, "副局长", None)


def test_what_came_of_it(hall):
    duty = planned(hall).duties.order_by("day").first()
    with pytest.raises(ValidationError):
        services.record_duty(by=hall.leader, duty=duty, came=True)
    with time_machine.travel("2026-12-02 16:00+08:00"):
        with pytest.raises(ValidationError):
            services.record_duty(by=hall.leader, duty=duty, came=False, received=3, notes="病假")
        with pytest.raises(ValidationError):
            services.record_duty(by=hall.leader, duty=duty, came=False)
        services.record_duty(by=hall.leader, duty=duty, came=True, received=5, solved=4, notes="社保补缴")
        other = Duty.objects.exclude(pk=duty.pk).first()
        with pytest.raises(ValidationError):
            services.swap(by=hall.leader, duty=duty, other=other, reason="出差")
    duty.refresh_from_db()
    assert (duty.came, duty.received, duty.solved) == (True, 5, 4)


def test_reminded_the_day_before_once(hall):
    rota = planned(hall)
    for _ in range(2):
        with time_machine.travel("2026-12-01 09:00+08:00"):
            rota_reminders.remind(hall.district)
    assert not Notice.objects.filter(recipient=hall.leader, title__contains="09:00").exists()
    services.publish(by=hall.dispatcher, rota=rota)
    for _ in range(2):
        with time_machine.travel("2026-12-01 09:00+08:00"):
            rota_reminders.remind(hall.district)
    assert Notice.objects.filter(recipient=hall.leader, channel="inbox", title__contains="09:00").count() == 1


def test_the_hall_is_reminded_to_publish(hall):
    desk = make.user(hall.bureau, "liaison")
    told = Notice.objects.filter(recipient=desk, channel="inbox", title__contains="请公布12月")
    for moment, number in (("2026-11-28", 0), ("2026-11-29", 1), ("2026-11-30", 1)):
        with time_machine.travel(f"{moment} 09:00+08:00"):
            rota_reminders.remind(hall.district)
        assert told.count() == number


# --- Pages, sheets, calendar ----------------------------------------------------------------------


def test_planned_on_the_page(client, hall):
    client.force_login(hall.dispatcher)
    address = reverse("campaigns:plan_rota", args=["reception", "2026-12"])
    page = client.get(address).content.decode()
    assert "12月02日" in page
    data = {"token": "a", "days": ["2026-12-02", "2026-12-09"], "people": "江晚、程立"}
    assert client.post(address, data | {"people": "没有这个人"}).status_code == 422
    assert client.post(address, data | {"people": ""}).status_code == 422
    assert client.post(address, data).status_code == 302
    assert client.post(address, data).status_code == 302 and Duty.objects.count() == 2
    page = client.get(reverse("campaigns:rota", args=["reception", "2026-12"])).content.decode()
    assert "江晚" in page and "还有 3 天没有排" in page
    assert client.get(reverse("campaigns:rotas"), {"month": "2026-12"}).status_code == 200
    printed = client.get(reverse("campaigns:print_rota", args=["reception", "2026-12"])).content.decode()
    assert "排班表（2026年12月）" in printed
    for code, month in (("nothing", "2026-12"), ("reception", "2026-13")):
        assert client.get(reverse("campaigns:rota", args=[code, month])).status_code == 404


def test_out_as_a_sheet_and_in_again(client, hall):
    planned(hall)
    client.force_login(hall.dispatcher)
    content = client.get(reverse("campaigns:download_rota", args=["reception", "2026-12"])).content
    assert load_workbook(io.BytesIO(content)).active["A4"].value == "2026-12-02"
    Duty.objects.all().delete()
    address = reverse("campaigns:import_rota", args=["reception", "2026-12"])
    upload = SimpleUploadedFile("排班表.xlsx", content)
    assert client.post(address, {"token": "a", "file": upload}).status_code == 302
    assert Duty.objects.count() == 5 and set(Duty.objects.values_list("official", flat=True)) == {
        hall.head.pk, hall.clerk_official.pk,
    }  # fmt: skip


def test_a_sheet_with_one_bad_row_is_refused_whole(client, hall):
    rows = [
        ("2026-12-02", "区人社局", "江晚"),
        ("12月", "没有的局", "江晚"),
        ("2026-12-09", "区人社局", "无名氏"),
    ]
    content = text_workbook(title="排班", headers=["日期", "单位", "值班人"], rows=rows)
    client.force_login(hall.dispatcher)
    address = reverse("campaigns:import_rota", args=["reception", "2026-12"])
    answer = client.post(address, {"token": "a", "file": SimpleUploadedFile("a.xlsx", content)})
    assert answer.status_code == 422 and not Duty.objects.exists()
    assert "第 3 行" in answer.content.decode() and "第 4 行" in answer.content.decode()
    for name, bad in (("a.txt", b"x"), ("a.xlsx", b"no package"), ("a.xlsx", b"")):
        answer = client.post(address, {"token": "b", "file": SimpleUploadedFile(name, bad)})
        assert answer.status_code == 422


def test_ones_own_duties_as_a_calendar(client, hall):
    rota = planned(hall)
    client.force_login(hall.leader)
    page = client.get(reverse("campaigns:rotas")).content.decode()
    start = page.index("/campaigns/rotas/mine/")
    address = page[start : page.index('"', start)]
    client.logout()
    assert not list(Calendar.from_ical(client.get(address).content).walk("VEVENT"))
    services.publish(by=hall.dispatcher, rota=rota)
    events = list(Calendar.from_ical(client.get(address).content).walk("VEVENT"))
    assert len(events) == 3 and "领导接待日" in str(events[0]["summary"])
    assert client.get(address.replace("mine/", "mine/x")).status_code == 404
    hall.leader.set_password("another-long-password")
    hall.leader.save()
    assert client.get(address).status_code == 404


def test_recorded_on_the_page_with_its_appeals(client, hall):
    duty = planned(hall).duties.order_by("day").first()
    client.force_login(hall.leader)
    address = reverse("campaigns:record_duty", args=[duty.pk])
    data = {"token": "a", "came": "yes", "received": 2, "solved": 2, "numbers": "", "notes": ""}
    with time_machine.travel("2026-12-02 16:00+08:00"):
        client.force_login(hall.leader)
        assert "没有找到诉求" in client.post(address, data | {"numbers": "JQ2026-9"}).content.decode()
        assert client.post(address, data | {"received": "9" * 30}).status_code == 422
        assert client.post(address, data).status_code == 302
    client.force_login(hall.other)
    assert client.get(address).status_code == 403


def test_a_profile_that_makes_no_sense_is_refused(district):
    data = rules_of(district).model_dump(mode="json")
    kind = data["rotas"]["kinds"][0]
    for wrong in ({"weekdays": [7]}, {"ends": "08:00"}, {"unit_kinds": ["nothing"]}):
        with pytest.raises(ProfileError):
            validated(Rules, data | {"rotas": data["rotas"] | {"kinds": [kind | wrong]}})


def test_another_districts_user_never_sees_a_row(client, hall, outsider):
    duty = planned(hall).duties.first()
    client.force_login(outsider)
    assert not Duty.objects.visible_to(outsider).exists()
    assert client.get(reverse("campaigns:swap_duty", args=[duty.pk])).status_code == 404
    assert "江晚" not in client.get(reverse("campaigns:rota", args=["reception", "2026-12"])).content.decode()
