"""走流程、坐窗口: twice a month and unit, on Fridays, announced, recorded, and what was found put right."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from campaigns.models import Sitting, SittingProblem
from campaigns.rotas import reminders as rota_reminders
from campaigns.rotas.services import sittings as services
from campaigns.rotas.services.sittings import Found
from campaigns.rotas.sitting_figures import offered_days, standings, unusual
from core import clock
from districts.models import DistrictProfile
from notifications.models import Notice
from reports.indicators import REGISTRY
from reports.indicators.counting import context_for
from tests import factories as make

FRIDAY = date(2026, 11, 20)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def a_friday():
    with time_machine.travel("2026-11-20 15:00+08:00"):
        yield


def rules_of(district):
    return DistrictProfile.objects.in_force(district).rules


def planned(hall, day=FRIDAY, **fields) -> Sitting:
    given = {
        "unit": hall.unit,
        "official": hall.head,
        "days": [day],
        "half": "afternoon",
        "place": "社保窗口",
    }
    return services.plan_sittings(by=hall.liaison, **(given | fields))[0]


def recorded(hall, sitting=None, found=(), **fields) -> Sitting:
    given = {"item": "社保登记", "part": "firm", "received": 3, "summary": "全程走了一遍。"}
    return services.record(by=hall.liaison, sitting=sitting or planned(hall), found=found, **(given | fields))


def test_the_coming_fridays_are_offered_and_holidays_are_marked(district):
    days = dict(offered_days(rules_of(district)))
    assert list(days)[:2] == [FRIDAY, date(2026, 11, 27)]
    with time_machine.travel("2026-09-21 10:00+08:00"):
        assert dict(offered_days(rules_of(district)))[date(2026, 10, 2)] == "节假日"
    assert unusual(FRIDAY, "afternoon", rules_of(district)) == ""
    assert "星期五下午" in unusual(date(2026, 11, 19), "afternoon", rules_of(district))


def test_it_is_planned_with_the_title_of_the_day_and_once_a_half_day(hall):
    sitting = planned(hall)
    assert sitting.title == "副局长"
    with pytest.raises(ValidationError) as error:
        planned(hall)
    assert "已经安排过" in "".join(error.value.messages)
    services.drop(by=hall.liaison, sitting=sitting, reason="会议冲突")
    assert planned(hall).pk != sitting.pk


def test_only_the_unit_and_the_dispatcher_plan_and_only_its_own_people_sit(hall):
    with pytest.raises(PermissionDenied):
        services.plan_sittings(
            by=hall.other, unit=hall.unit, official=hall.head, days=[FRIDAY], half="afternoon"
        )
    stranger = make.official(make.unit(hall.district, "fgw"), name="外人")
    with pytest.raises(ValidationError) as error:
        planned(hall, official=stranger)
    assert "不在" in error.value.message_dict["official"][0]
    for day in (date(1999, 1, 1), date(2099, 1, 1)):
        with pytest.raises(ValidationError):
            planned(hall, day)


def test_the_hall_announces_and_the_public_reads_the_title_only(hall, client):
    sitting = planned(hall, date(2026, 11, 27))
    with pytest.raises(PermissionDenied):
        services.announce(by=hall.other, sittings=[sitting])
    address = reverse("public:rotas", args=[hall.district.code])
    assert "社保窗口" not in client.get(address).content.decode()
    assert services.announce(by=hall.dispatcher, sittings=[sitting]) == 1
    assert services.announce(by=hall.dispatcher, sittings=[sitting]) == 0
    text = client.get(address).content.decode()
    assert "副局长" in text and "江晚" not in text


def test_the_record_sheet_is_handed_in_once_and_not_before_the_day(hall):
    with pytest.raises(ValidationError):
        recorded(hall, planned(hall, date(2026, 11, 27)))
    sitting = planned(hall)
    with pytest.raises(ValidationError) as error:
        recorded(hall, sitting, item=" ", summary="")
    assert {"item", "summary"} <= error.value.message_dict.keys()
    recorded(hall, sitting)
    with pytest.raises(ValidationError):
        recorded(hall, sitting)
    with pytest.raises(ValidationError):
        services.drop(by=hall.liaison, sitting=sitting, reason="晚了")


def test_what_was_found_is_solved_at_once_or_by_a_day(hall):
    late = Found(content="材料多", measure="精简", due=date(2026, 12, 1))
    sitting = recorded(hall, found=[Found(content="排队久", measure="加开窗口"), late])
    spot, open_one = sitting.problems.order_by("pk")
    assert spot.on_spot and spot.done_on == FRIDAY and not open_one.on_spot
    assert list(SittingProblem.objects.visible_to(hall.other).open()) == [open_one]
    with time_machine.travel("2026-12-05 10:00+08:00"):
        assert list(SittingProblem.objects.overdue()) == [open_one]
    with pytest.raises(PermissionDenied):
        services.improve(by=hall.other, problem=open_one, result="好了")
    services.improve(by=hall.liaison, problem=open_one, result="减了三份材料")
    with pytest.raises(ValidationError):
        services.improve(by=hall.liaison, problem=open_one, result="又好了")


def test_who_is_behind(hall):
    make.with_rules(hall.district, rotas={"sittings": {"minimum": 2, "units": ["rsj", "fgw"]}})
    recorded(hall)
    planned(hall, date(2026, 11, 27))
    found = {one.unit.code: one for one in standings(hall.district, rules_of(hall.district), NOVEMBER)}
    assert (found["rsj"].held, found["rsj"].planned, found["rsj"].missing, found["rsj"].to_plan) == (
        1,
        1,
        1,
        0,
    )
    assert (found["fgw"].missing, found["fgw"].to_plan) == (2, 2)


def test_it_counts_on_its_day_for_its_unit(hall):
    recorded(hall)
    planned(hall, date(2026, 11, 27))
    start = clock.now().replace(day=1, hour=0)
    context = context_for(hall.district, rules_of(hall.district), start, start.replace(month=12))
    assert REGISTRY["sittings_held"].value(context) == 1
    before = context_for(hall.district, rules_of(hall.district), start.replace(month=10), start)
    assert REGISTRY["sittings_held"].value(before) == 0


def test_the_unit_is_reminded_the_day_before_and_when_the_sheet_is_missing(hall):
    planned(hall, date(2026, 11, 27))
    for _ in range(2):
        with time_machine.travel("2026-11-26 09:00+08:00"):
            rota_reminders.remind(hall.district)
        with time_machine.travel("2026-11-30 09:00+08:00"):
            rota_reminders.remind(hall.district)
    titles = [one.title for one in Notice.objects.filter(recipient=hall.liaison, channel="inbox")]
    assert len([title for title in titles if title.startswith("明天下午走流程坐窗口")]) == 1
    assert len([title for title in titles if "工作记录表" in title]) == 1


# --- Pages ----------------------------------------------------------------------------------------


def test_a_sitting_from_planning_to_the_record_through_the_pages(client, hall):
    client.force_login(hall.liaison)
    data = {"token": "a", "unit": hall.unit.pk, "official": hall.head.pk, "half": "afternoon", "place": "社保窗口",
            "days": ["2026-11-27"], "other_day": "2026-11-20"}  # fmt: skip
    plan = reverse("campaigns:plan_sittings")
    assert client.get(plan).status_code == 200
    assert client.post(plan, data).status_code == 302
    assert client.post(plan, data).status_code == 302 and Sitting.objects.count() == 2
    again = client.post(plan, data | {"token": "b"})
    assert again.status_code == 422 and "已经安排过" in again.content.decode()
    sitting = Sitting.objects.get(day=FRIDAY)
    rows = {
        "found-TOTAL_FORMS": 2,
        "found-INITIAL_FORMS": 0,
        "found-0-content": "排队久",
        "found-0-measure": "",
    }
    record = reverse("campaigns:record_sitting", args=[sitting.pk])
    given = {"token": "c", "item": "社保登记", "part": "firm", "received": 2, "summary": "走了一遍"}
    wrong = client.post(record, given | rows)
    assert wrong.status_code == 422 and "怎样解决" in wrong.content.decode()
    assert client.post(record, given | rows | {"found-0-measure": "加开"}).status_code == 302
    page = client.get(reverse("campaigns:sitting", args=[sitting.pk])).content.decode()
    assert "排队久" in page and "当场解决" in page
    listed = client.get(reverse("campaigns:sittings"), {"month": "2026-11"}).content.decode()
    assert "已开展" in listed and "社保登记" in listed


def test_another_district_sees_nothing(client, hall, outsider):
    sitting = planned(hall)
    client.force_login(outsider)
    assert client.get(reverse("campaigns:sitting", args=[sitting.pk])).status_code == 404
    assert "社保窗口" not in client.get(reverse("campaigns:sittings")).content.decode()


@pytest.mark.parametrize("month", ["2026-13", "\x00", "0000-00", "9" * 40])
def test_an_absurd_month_is_this_one(client, hall, month):
    client.force_login(hall.liaison)
    assert client.get(reverse("campaigns:sittings"), {"month": month}).status_code == 200
