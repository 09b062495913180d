"""Months as a grid, days that are not what they seem, and the file that calendars subscribe to."""

from datetime import date, datetime

import pytest
import time_machine
from icalendar import Calendar

from districts.models import DistrictProfile
from districts.profile import EventTopic
from liaisons.event_calendar import coming_days, first_of, month_of, topics_of, warning_for
from liaisons.event_feed import calendar_file
from liaisons.models import ServiceEvent
from liaisons.services.events import cancel, change_event, set_duties
from tests import factories as make
from tests.liaisons.happenings import WEDNESDAY, announced, at, plan_of, planned


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def rules(district):
    return DistrictProfile.objects.in_force(district).rules


@pytest.fixture
def liaison(district):
    return make.user(make.unit(district, "datong"), "liaison")


# --- Days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 10, 10)])
def test_a_service_day_on_a_make_up_saturday_is_warned_of(rules, day):
    assert day.weekday() == 5
    assert "调休上班" in warning_for(day, rules)


def test_a_holiday_and_an_unknown_year_are_warned_of_and_other_days_not(rules):
    assert "法定节假日" in warning_for(date(2026, 10, 3), rules)
    assert "还没有录入" in warning_for(date(2027, 1, 2), rules)
    for day in (date(2026, 11, 21), date(2026, 11, 18), date(2026, 10, 9)):
        assert warning_for(day, rules) == ""


def test_the_coming_days_are_the_next_eight_saturdays(rules):
    saturday = rules.find("event_kinds", "saturday")
    days = coming_days(saturday, date(2026, 11, 18))
    assert (days[0], days[-1], len(days)) == (date(2026, 11, 21), date(2027, 1, 9), 8)
    assert coming_days(saturday, date(2026, 11, 21))[0] == date(2026, 11, 28)
    assert coming_days(rules.find("event_kinds", "talk"), date(2026, 11, 18)) == []


@pytest.mark.parametrize("text", ["", "2026-13", "2026-1", "1999-01", "2026-11-01", "２０２６-11", "x"])
def test_what_is_no_month_is_none(text):
    assert first_of(text) is None


def test_a_month_has_whole_weeks_and_each_event_on_its_day(liaison):
    event = planned(liaison)
    month = month_of(date(2026, 11, 1), ServiceEvent.objects.all())
    assert {len(week) for week in month.weeks} == {7}
    assert (month.previous, month.following) == ("2026-10", "2026-12")
    days = [day for week in month.weeks for day in week]
    assert [day.date for day in days if day.events] == [date(2026, 11, 21)]
    assert [day.date for day in days if day.is_today] == [date(2026, 11, 18)]
    assert next(day for day in days if day.events).events == [event]


def test_a_month_says_what_the_state_council_made_of_its_days(district):
    days = {day.date: day.note for week in month_of(date(2026, 10, 1), []).weeks for day in week}
    assert days[date(2026, 10, 10)] == "调休上班" and days[date(2026, 10, 3)] == "国庆节放假"
    assert days[date(2026, 10, 12)] == ""


def test_the_topics_of_a_month_are_found_by_kind(rules):
    topics = tuple(
        EventTopic(kind=kind, month=month, title=f"{kind}{month}")
        for kind, month in (("talk", 11), ("tea_talk", 11), ("talk", 12))
    )
    rules = rules.model_copy(update={"events": rules.events.model_copy(update={"topics": topics})})
    assert [topic.title for topic in topics_of(rules, 11)] == ["talk11", "tea_talk11"]
    assert [topic.title for topic in topics_of(rules, 12, "talk")] == ["talk12"]


# --- The calendar file ----------------------------------------------------------------------------


def feed(district, rules) -> bytes:
    events = ServiceEvent.objects.public().prefetch_related("units", "leader__posts__unit")
    links = {event.pk: f"https://example.org/{event.pk}/" for event in events}
    return calendar_file(district=district, rules=rules, events=events, links=links)


def entries(content: bytes):
    calendar = Calendar.from_ical(content)
    return {str(entry["uid"]): entry for entry in calendar.walk("VEVENT")}


def test_the_file_keeps_to_the_rules_of_its_format(district, rules, liaison, leader):
    topic = "用工、融资；产销对接, 逗号与分号\\反斜杠" * 4
    announced(
        liaison,
        leader=leader,
        topic=topic,
        place="大通镇便民服务中心一楼大厅，请从东门进入",
        units=[liaison.unit],
    )
    content = feed(district, rules)
    lines = content.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR" and lines[-2:] == [b"END:VCALENDAR", b""]
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode()  # no character is torn apart by the folding
    assert b"VERSION:2.0" in lines and b"METHOD:PUBLISH" in lines
    (entry,) = entries(content).values()
    assert topic in str(entry["description"])


def test_an_event_is_read_back_as_it_was_announced(district, rules, liaison, leader):
    event = announced(liaison, leader=leader, topic="用工", notes="内部：带公章", phone="0562-1234567")
    set_duties(by=liaison, event=event, officials=[make.official(liaison.unit, name="周启明")])
    planned(liaison, kind="talk", starts_at=at("2026-11-20 15:00"))
    (entry,) = entries(feed(district, rules)).values()
    assert entry["uid"] == f"event-{event.pk}@340711.qinqingtong"
    assert entry.decoded("dtstart") == event.starts_at and entry.decoded("dtend") == event.ends_at
    assert entry.decoded("dtstamp") == event.announced_at
    assert (entry["summary"], entry["location"]) == (event.title, event.place)
    assert (entry["status"], entry["sequence"]) == ("CONFIRMED", 0)
    assert entry["url"] == f"https://example.org/{event.pk}/"
    text = str(entry["description"])
    assert "带班领导：副区长 常思远" in text and "0562-1234567" in text and rules.events.procedure[0] in text
    assert "公章" not in text and "周启明" not in text


def test_a_change_and_a_cancellation_reach_who_subscribed(district, rules, liaison, leader, wednesday):
    event = announced(liaison, leader=leader)
    (before,) = entries(feed(district, rules))
    wednesday.shift(3600)
    moved = plan_of(liaison.unit, leader=leader, starts_at=at("2026-11-21 14:00"))
    change_event(by=liaison, event=event, plan=moved)
    entry = entries(feed(district, rules))[before]
    assert entry["sequence"] == 1 and entry.decoded("dtstart") == at("2026-11-21 14:00")
    assert entry.decoded("dtstamp") > event.announced_at
    wednesday.shift(3600)
    cancel(by=liaison, event=event, reason="防汛值班")
    entry = entries(feed(district, rules))[before]
    assert (entry["status"], entry["sequence"]) == ("CANCELLED", 2)
    assert "已取消" in entry["summary"] and "防汛值班" in entry["description"]


def test_the_leader_keeps_the_post_held_on_the_day(district, rules, liaison, leader):
    announced(liaison, leader=leader)
    post = leader.posts.get()
    post.ended = date(2026, 12, 1)
    post.save()
    with time_machine.travel(datetime(2026, 12, 20, tzinfo=at("2026-11-21").tzinfo)):
        (entry,) = entries(feed(district, rules)).values()
    assert "副区长 常思远" in entry["description"]
