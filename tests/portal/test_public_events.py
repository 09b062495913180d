"""助企服务日 for everybody: only what was announced, and nothing internal."""

from datetime import timedelta

import pytest
import time_machine
from icalendar import Calendar

from liaisons.services.event_records import Came, record_held
from liaisons.services.events import cancel, change_event, set_duties
from tests import factories as make
from tests.liaisons.happenings import SATURDAY, WEDNESDAY, announced, at, plan_of, planned

EVENTS = "/340711/events/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(WEDNESDAY, tick=False) as moving:
        yield moving


@pytest.fixture
def liaison(district):
    return make.user(make.unit(district, "datong"), "liaison")


@pytest.fixture
def leader(district):
    return make.official(
        make.unit(district, "qzfb"), name="常思远", title="副区长", rank_group="district_leaders"
    )


def page(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_anything_is_announced_the_page_says_so(client, liaison):
    planned(liaison)
    text = page(client.get(EVENTS))
    assert "近期的活动还没有公示" in text and "大通镇便民服务中心" not in text
    assert not Calendar.from_ical(client.get(f"{EVENTS}calendar.ics").content).walk("VEVENT")


def test_an_announcement_says_all_that_the_plan_asks_for(client, liaison, leader, district):
    event = announced(
        liaison, leader=leader, topic="用工和融资", phone="0562-1234567", units=[make.unit(district, "rsj")]
    )
    for text in (page(client.get(EVENTS)), page(client.get(f"{EVENTS}{event.pk}/"))):
        for words in ("用工和融资", "大通镇便民服务中心一楼", "11月21日", "09:00", "副区长 常思远",
                      "区人社局", "0562-1234567", "即“挂号”", "96980", "0562-2897066"):  # fmt: skip
            assert words in text, words


def test_nothing_internal_is_told(client, liaison, leader, district, clock):
    event = announced(liaison, leader=leader, notes="内部：先碰头")
    official = make.official(liaison.unit, name="周启明")
    set_duties(by=liaison, event=event, officials=[official])
    clock.move_to("2026-11-21 12:00+08:00")
    firm = make.enterprise(district, name="铜陵晨光机械有限公司")
    record_held(
        by=liaison, event=event, minutes="企业反映订单不足", came=[Came(enterprise=firm, attendee="赵敏敏")],
        present=[official],
    )  # fmt: skip
    for address in (EVENTS, f"{EVENTS}{event.pk}/", f"{EVENTS}calendar.ics", f"{EVENTS}{event.pk}.ics"):
        text = page(client.get(address))
        assert event.title[:4] in text.replace("\r\n ", "")
        for words in ("碰头", "周启明", "订单不足", "晨光机械", "赵敏敏"):
            assert words not in text, (address, words)


def test_what_was_not_announced_does_not_exist(client, liaison, district):
    hidden = planned(liaison, kind="symposium")
    for address in (f"{EVENTS}{hidden.pk}/", f"{EVENTS}{hidden.pk}.ics", f"{EVENTS}999999/"):
        assert client.get(address).status_code == 404
    cancel(by=liaison, event=hidden, reason="改期")
    assert client.get(f"{EVENTS}{hidden.pk}/").status_code == 404


def test_an_event_of_another_district_is_not_shown(client, liaison, leader, district):
    event = announced(liaison, leader=leader)
    make.another_district(district)
    assert client.get(f"/340705/events/{event.pk}/").status_code == 404
    assert "大通镇" not in page(client.get("/340705/events/"))
    assert client.get("/999999/events/").status_code == 404


def test_the_next_comes_first_and_what_was_comes_last(client, liaison, leader, clock):
    announced(liaison, leader=leader, title="先办的")
    announced(liaison, leader=leader, title="后办的", starts_at=at("2026-11-28 09:00"))
    clock.move_to("2026-11-20 10:00+08:00")
    announced(liaison, leader=leader, title="最先办的", starts_at=at("2026-11-20 15:00"))
    clock.move_to("2026-11-22 10:00+08:00")
    text = page(client.get(EVENTS))
    assert text.index("将要举办") < text.index("后办的") < text.index('id="past"')
    past = text[text.index('id="past"') :]
    assert past.index("先办的") < past.index("最先办的") and "后办的" not in past


def test_a_moved_event_says_so_and_a_cancelled_one_stays(client, liaison, leader):
    event = announced(liaison, leader=leader)
    moved = plan_of(liaison.unit, leader=leader, starts_at=at("2026-11-21 14:00"))
    change_event(by=liaison, event=event, plan=moved)
    text = page(client.get(f"{EVENTS}{event.pk}/"))
    assert "有变更" in text and "原定 2026年11月21日（星期六）09:00—11:30" in text and "14:00" in text
    cancel(by=liaison, event=event, reason="防汛值班")
    for address in (EVENTS, f"{EVENTS}{event.pk}/"):
        text = page(client.get(address))
        assert "已取消" in text and "防汛值班" in text


@pytest.mark.parametrize("query", ["", "?month=2026-12", "?month=x", "?month=2026-99", "?page=-1", "?page=x"])
def test_an_address_typed_by_hand_breaks_nothing(client, liaison, leader, query):
    announced(liaison, leader=leader, starts_at=at("2026-12-05 09:00"), title="十二月的")
    text = page(client.get(EVENTS + query))
    month = text[text.index('id="month"') : text.index('id="past"')]
    assert ("十二月的" in month) == (query == "?month=2026-12")


def test_the_feed_is_a_calendar_file_with_a_link_for_each(client, liaison, leader, clock):
    event = announced(liaison, leader=leader)
    answer = client.get(f"{EVENTS}calendar.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    (entry,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert entry.decoded("dtstart") == SATURDAY and entry["url"] == f"http://testserver{EVENTS}{event.pk}/"
    (single,) = Calendar.from_ical(client.get(f"{EVENTS}{event.pk}.ics").content).walk("VEVENT")
    assert single["uid"] == entry["uid"]
    clock.move_to("2027-03-01 09:00+08:00")
    assert not Calendar.from_ical(client.get(f"{EVENTS}calendar.ics").content).walk("VEVENT")
    assert client.get(f"{EVENTS}{event.pk}.ics").status_code == 200


def test_the_third_door_names_the_next_date(client, liaison, leader, clock):
    assert "领导接待企业、现场办公的时间地点" in page(client.get("/340711/"))
    event = announced(liaison, leader=leader)
    announced(liaison, leader=leader, starts_at=at("2026-11-28 09:00"))
    text = page(client.get("/340711/"))
    assert EVENTS in text and "助企服务日" in text and "11月21日（星期六）" in text
    assert "热线和监督电话" in text
    cancel(by=liaison, event=event, reason="防汛")
    text = page(client.get("/340711/"))
    assert "11月28日（星期六）" in text and "11月21日" not in text


def test_only_reading_is_offered(client, liaison, leader):
    event = announced(liaison, leader=leader)
    for address in (EVENTS, f"{EVENTS}{event.pk}/", f"{EVENTS}calendar.ics", f"{EVENTS}{event.pk}.ics"):
        assert client.post(address).status_code == 405


@pytest.mark.parametrize(("address", "most"), [(EVENTS, 18), (f"{EVENTS}calendar.ics", 10)])
def test_the_pages_cost_the_same_for_one_event_and_for_many(
    client, liaison, leader, district, clock, django_assert_max_num_queries, address, most
):
    rsj = make.unit(district, "rsj")

    def announce(number: int) -> None:
        for start in (at("2026-11-18 11:00"), at("2026-11-22 09:00")):
            start += timedelta(hours=3 * number)
            announced(liaison, leader=leader, units=[rsj], starts_at=start)

    announce(0)
    clock.move_to("2026-11-20 08:00+08:00")
    client.get(address)
    with django_assert_max_num_queries(most) as one:
        client.get(address)
    clock.move_to(WEDNESDAY)
    for number in range(1, 8):
        announce(number)
    clock.move_to("2026-11-20 08:00+08:00")
    with django_assert_max_num_queries(len(one)):
        assert client.get(address).content.count("助企服务日".encode()) > 14
