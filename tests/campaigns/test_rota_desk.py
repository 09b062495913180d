"""今日必办 and notices: what rotas, windows and monthly items ask of whom, and that it ends when it is done."""

from datetime import date, time, timedelta

import pytest
import time_machine
from django.urls import reverse

from campaigns.models import Duty
from campaigns.rotas import reminders as rota_reminders
from campaigns.rotas.services import knowledge, rotas, sittings, window_ledger
from campaigns.rotas.services.rotas import Line
from core import clock
from notifications.models import Notice
from portal.workbench import workbench
from tests import factories as make

DAY = timedelta(days=1)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def a_friday():
    with time_machine.travel("2026-11-20 15:00+08:00"):
        yield


def asked(user) -> str:
    user.refresh_from_db()
    return "\n".join(words for words, _ in workbench(user).errands)


def titles(user) -> list[str]:
    return [one.title for one in Notice.objects.filter(recipient=user, channel="inbox").order_by("pk")]


def remind(hall, moment: str) -> None:
    """Twice, as a tick may run."""
    with time_machine.travel(moment):
        for _ in range(2):
            rota_reminders.remind(hall.district)


def officer(hall):
    return knowledge.appoint(
        by=hall.liaison, unit=hall.unit, official=hall.head, name="", title="", started=NOVEMBER
    )


def entry(hall, **fields):
    given = {
        "unit": hall.unit, "category": "procedure", "question": "社保怎么补缴？", "answer": "到窗口办理。",
        "valid_from": NOVEMBER,
    }  # fmt: skip
    return knowledge.hand_in(by=hall.liaison, **(given | fields))


def planned(hall, day: date):
    return sittings.plan_sittings(
        by=hall.liaison, unit=hall.unit, official=hall.head, days=[day], half="afternoon"
    )[0]


def on_duty(hall, day: date, official) -> Duty:
    rota = rotas.rota_of(by=hall.dispatcher, district=hall.district, kind="reception", month=NOVEMBER)
    line = Line(day=day, unit=hall.unit, official=official, begins=time(9), ends=time(11, 30))
    (duty,) = rotas.add_duties(by=hall.dispatcher, rota=rota, lines=[line])
    if rota.published_at is None:
        rotas.publish(by=hall.dispatcher, rota=rota)
    return duty


# --- Monthly knowledge ----------------------------------------------------------------------------


def test_knowledge_is_asked_for_at_the_end_of_the_month_until_it_is_there(hall):
    officer(hall)
    assert "业务知识" not in asked(hall.liaison), "the month is still long"
    with time_machine.travel("2026-11-25 10:00+08:00"):
        for user in (hall.liaison, hall.leader):
            assert "本月涉企业务知识没有报满（11月30日前）" in asked(user)
        assert "没有报满" not in asked(hall.other) and "没有报满" not in asked(hall.clerk)
        handed_in = entry(hall)
        assert "没有报满" not in asked(hall.liaison)
        knowledge.review(by=hall.dispatcher, entry=handed_in, accepted=False, note="请写明依据")
        assert "没有报满" in asked(hall.liaison), "what was given back does not count"


def test_the_unit_and_its_officer_are_reminded_by_steps_and_the_hall_hears_who_owed(hall):
    officer(hall)
    remind(hall, "2026-11-20 15:00+08:00")
    assert not [title for title in titles(hall.liaison) if "业务知识" in title]
    for moment in ("2026-11-24 09:00+08:00", "2026-11-25 09:00+08:00", "2026-11-29 09:00+08:00"):
        remind(hall, moment)
    for user in (hall.liaison, hall.leader):
        assert titles(user).count("11月涉企业务知识还差 1 条") == 2, "seven days before, and two"
    assert not titles(hall.other)
    remind(hall, "2026-12-01 09:00+08:00")
    assert titles(hall.dispatcher).count("1 个单位没有报满11月涉企业务知识") == 1


def test_nobody_is_reminded_of_what_is_there_or_not_asked_for(hall):
    officer(hall)
    entry(hall)
    remind(hall, "2026-11-29 09:00+08:00")
    remind(hall, "2026-12-01 09:00+08:00")
    assert not [title for title in titles(hall.liaison) + titles(hall.dispatcher) if "业务知识" in title]
    with time_machine.travel("2026-12-29 09:00+08:00"):
        make.with_rules(hall.district, rotas={"knowledge": {"minimum": 0}})
        assert "没有报满" not in asked(hall.liaison)
        rota_reminders.remind(hall.district)
    assert not [title for title in titles(hall.liaison) if "业务知识" in title]


def test_whoever_runs_the_hall_finds_and_reads_what_waits_for_review(client, hall):
    make.with_rules(hall.district, rotas={"hall": "fgw"})
    handed_in = entry(hall)
    assert "业务知识待审核 1 条" in asked(hall.other) and "业务知识待审核 1 条" in asked(hall.dispatcher)
    assert "待审核" not in asked(hall.liaison)
    client.force_login(hall.other)
    page = client.get(reverse("campaigns:knowledge_entry", args=[handed_in.pk]))
    assert page.status_code == 200 and page.context["form"] is not None
    knowledge.review(by=hall.other, entry=handed_in, accepted=True)
    assert "待审核" not in asked(hall.other)


# --- 走流程坐窗口 ---------------------------------------------------------------------------------


def test_units_hear_when_they_can_only_just_hold_their_sittings(hall):
    with time_machine.travel("2026-11-12 09:00+08:00"):
        make.with_rules(hall.district, rotas={"sittings": {"minimum": 2, "units": ["rsj"]}})
    remind(hall, "2026-11-12 09:00+08:00")  # three Fridays are left
    assert not titles(hall.liaison)
    remind(hall, "2026-11-14 09:00+08:00")
    assert titles(hall.liaison) == ["11月走流程坐窗口还差 2 次没有安排"]
    planned(hall, date(2026, 11, 20))
    planned(hall, date(2026, 11, 27))
    remind(hall, "2026-11-19 09:30+08:00")
    remind(hall, "2026-11-28 09:30+08:00")  # too late to plan
    assert len([title for title in titles(hall.liaison) if "没有安排" in title]) == 1


def test_the_hall_announces_in_time(hall):
    planned(hall, date(2026, 11, 27))
    assert "待公示" not in asked(hall.dispatcher)
    remind(hall, "2026-11-25 09:00+08:00")
    assert "请公示 1 次走流程坐窗口" not in titles(hall.dispatcher)
    with time_machine.travel("2026-11-26 09:00+08:00"):
        assert "走流程坐窗口待公示 1 次" in asked(hall.dispatcher)
    remind(hall, "2026-11-26 09:00+08:00")
    assert titles(hall.dispatcher).count("请公示 1 次走流程坐窗口") == 1
    sittings.announce(by=hall.dispatcher, sittings=list(sittings.to_announce(hall.district)))
    with time_machine.travel("2026-11-26 10:00+08:00"):
        assert "待公示" not in asked(hall.dispatcher)


def test_how_long_before_is_the_profiles(client, hall):
    make.with_rules(hall.district, rotas={"sittings": {"announced_days": 5}})
    planned(hall, date(2026, 11, 25))
    assert "走流程坐窗口待公示 1 次" in asked(hall.dispatcher)
    client.force_login(hall.dispatcher)
    assert "11月20日前公示" in client.get(reverse("campaigns:sittings")).content.decode()


def test_record_sheets_and_problems_wait_on_the_units_desk(hall):
    sitting = planned(hall, date(2026, 11, 20))
    assert "工作记录表" not in asked(hall.liaison)
    with time_machine.travel("2026-11-21 10:00+08:00"):
        assert "走流程坐窗口待报工作记录表 1 次" in asked(hall.liaison)
        assert "工作记录表" not in asked(hall.other)
        late = sittings.Found(content="材料多", measure="精简", due=clock.today() + 2 * DAY)
        sittings.record(
            by=hall.liaison,
            sitting=sitting,
            item="社保",
            part="firm",
            received=1,
            summary="走了",
            found=[late],
        )
        found = asked(hall.liaison)
        assert "工作记录表" not in found and "走流程发现的问题待整改 1 件" in found


# --- Duties and windows ---------------------------------------------------------------------------


def test_a_duty_is_on_the_desk_of_whoever_sits_there_until_it_is_written_down(hall):
    duty = on_duty(hall, date(2026, 11, 21), hall.head)
    assert "您明天值班 1 次" in asked(hall.leader) and "值班" not in asked(hall.liaison)
    with time_machine.travel("2026-11-21 08:00+08:00"):
        assert "您今天值班 1 次" in asked(hall.leader)
    with time_machine.travel("2026-11-23 08:00+08:00"):
        assert "您的值班情况待记录 1 次" in asked(hall.leader)
        rotas.record_duty(by=hall.leader, duty=duty, came=True, received=1)
        assert "值班" not in asked(hall.leader)


def test_the_unit_names_its_person(hall):
    duty = on_duty(hall, date(2026, 11, 22), None)
    assert "本单位值班待确定人员 1 次" in asked(hall.liaison)
    rotas.name_person(by=hall.liaison, duty=duty, official=hall.head, reason="")
    assert "待确定人员" not in asked(hall.liaison)


def test_lines_of_the_ledger_that_wait_are_on_the_clerks_desk_and_one_click_away(client, hall):
    given = {"window": "service", "kind": "enquiry", "content": "社保补缴怎么办", "person": "赵先生"}
    waits = window_ledger.record_entry(by=hall.clerk, way="open", **given)
    done = window_ledger.record_entry(by=hall.clerk, way="on_spot", answer="已答", **given)
    ((words, url),) = workbench(hall.clerk).errands
    assert words == "窗口台账待答复、待登记诉求 1 条"
    client.force_login(hall.clerk)
    page = client.get(url)
    assert list(page.context["page"]) == [waits] != [done]
