"""The staff's pages of events: list, month, planning, rota, record, tasks."""

from datetime import timedelta

import pytest
import time_machine

from appeals.models import Appeal
from districts.models import DistrictProfile
from districts.profile import EventTopic
from liaisons.models import Attendance, EventTask, Opinion, ServiceEvent
from liaisons.services.event_records import Came, Decision, record_held
from liaisons.services.events import cancel, set_duties
from policies.models import HandOut, Policy
from tests import factories as make
from tests.appeals.lives import INTAKE, SIGNATURE
from tests.liaisons.happenings import WEDNESDAY, announced, at, planned

EVENTS = "/liaisons/events/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(WEDNESDAY, tick=False) as moving:
        yield moving


@pytest.fixture
def unit(district):
    return make.unit(district, "datong")


@pytest.fixture
def liaison(unit):
    return make.user(unit, "liaison")


@pytest.fixture
def dispatcher(district):
    return make.user(make.unit(district), "dispatcher")


@pytest.fixture
def rsj(district):
    return make.user(make.unit(district, "rsj"), "liaison")


@pytest.fixture
def leader(district):
    return make.official(
        make.unit(district, "qzfb"), name="常思远", title="副区长", rank_group="district_leaders"
    )


@pytest.fixture
def talk(liaison, clock):
    """A meeting of this Saturday morning; it has begun."""
    event = planned(liaison, kind="talk", title="用工恳谈会")
    clock.move_to("2026-11-21 10:30+08:00")
    return event


def page(answer) -> str:
    return answer.content.decode()


def filled(organiser, **changes) -> dict:
    return {
        "token": "t" * 32, "kind": "saturday", "title": "", "topic": "用工", "day": "2026-11-21",
        "starts": "09:00", "ends": "11:30", "place": "大通镇便民服务中心一楼", "organiser": organiser.pk,
        "leader": "", "phone": "", "notes": "",
    } | changes  # fmt: skip


def rows(prefix: str, *given: dict) -> dict:
    data = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": 0}
    for number, row in enumerate(given):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def record(**changes) -> dict:
    blank = {"token": "r" * 32, "minutes": ""}
    for prefix in ("came", "papers", "opinions", "decisions"):
        blank |= rows(prefix)
    return blank | changes


# --- List and month -------------------------------------------------------------------------------


def test_what_is_to_come_stands_before_what_is_over(client, liaison, clock):
    planned(liaison, title="早的")
    planned(liaison, title="晚的", starts_at=at("2026-11-28 09:00"))
    clock.move_to("2026-11-23 09:00+08:00")
    planned(liaison, title="中间的", starts_at=at("2026-11-25 09:00"))
    client.force_login(liaison)
    text = page(client.get(EVENTS))
    assert text.index("中间的") < text.index("晚的") < text.index("早的")
    assert "已过未登记" in text


def test_the_list_is_narrowed_by_its_filters(client, liaison, district, rsj):
    planned(liaison, title="恳谈", kind="talk", topic="用工", units=[rsj.unit])
    client.force_login(liaison)

    def shown(**filters) -> bool:
        answer = client.get(EVENTS, filters)
        assert answer.status_code == 200
        return "恳谈</a>" in page(answer)

    for name, fits, fits_not in (
        ("q", "用工", "融资"), ("kind", "talk", "saturday"), ("state", "planned", "held"),
        ("unit", liaison.unit_id, make.unit(district, "huihe").pk), ("month", "2026-11", "2026-12"),
        ("unit", rsj.unit_id, make.unit(district, "czj").pk),
    ):  # fmt: skip
        assert shown(**{name: fits}) and not shown(**{name: fits_not}), name
    assert not shown(state="unrecorded")


@pytest.mark.parametrize(
    "filters",
    [{"month": "x"}, {"month": "2026-99"}, {"unit": "9" * 30}, {"kind": "x"}, {"state": "x"}, {"page": "-1"},
     {"q": "\0"}, {"month": "9999-12"}],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_breaks_nothing(client, liaison, filters):
    planned(liaison)
    client.force_login(liaison)
    for address in (EVENTS, f"{EVENTS}month/", f"{EVENTS}tasks/"):
        assert client.get(address, filters).status_code == 200


def test_the_month_shows_its_events_topics_and_make_up_days(client, liaison, district):
    planned(liaison, title="十一月的活动")
    rules = DistrictProfile.objects.in_force(district).rules
    topic = EventTopic(kind="talk", month=11, title="农业企业恳谈会", text="助力农业企业高质量发展。")
    rules = rules.model_copy(update={"events": rules.events.model_copy(update={"topics": (topic,)})})
    DistrictProfile.objects.create(
        district=district, effective_from=at("2026-11-01").date(), data=rules.model_dump(mode="json")
    )
    client.force_login(liaison)
    text = page(client.get(f"{EVENTS}month/", {"month": "2026-11"}))
    assert "十一月的活动" in text and "农业企业恳谈会" in text and "?month=2026-10" in text
    october = page(client.get(f"{EVENTS}month/", {"month": "2026-10"}))
    assert "十一月的活动" not in october and "调休上班" in october and "农业企业恳谈会" not in october
    plan = page(client.get(f"{EVENTS}new/", {"kind": "talk"}))
    assert "助力农业企业高质量发展。" in plan and 'value="助力农业企业高质量发展。"' in plan


def test_a_list_costs_the_same_for_one_event_and_for_many(
    client, liaison, leader, rsj, clock, django_assert_max_num_queries
):
    planned(liaison, title="第一场", units=[rsj.unit])
    client.force_login(liaison)
    for address, most in ((EVENTS, 14), (f"{EVENTS}month/", 14)):
        client.get(address)
        with django_assert_max_num_queries(most) as one:
            client.get(address)
        for number in range(12):
            day = at("2026-11-19 09:00") + timedelta(hours=3 * number)
            planned(liaison, place=f"{address}{number}", starts_at=day, units=[rsj.unit], leader=None)
        with django_assert_max_num_queries(len(one)):
            assert client.get(address).status_code == 200


# --- Planning -------------------------------------------------------------------------------------


def test_a_plan_is_made_once_however_often_it_is_sent(client, liaison, leader, rsj):
    client.force_login(liaison)
    assert client.get(f"{EVENTS}new/").status_code == 200
    for _ in range(2):
        data = filled(liaison.unit, leader=leader.pk, units=[rsj.unit_id])
        answer = client.post(f"{EVENTS}new/", data)
        event = ServiceEvent.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, f"{EVENTS}{event.pk}/")
    assert (event.starts_at, event.leader, event.topic) == (at("2026-11-21 09:00"), leader, "用工")
    assert list(event.units.all()) == [rsj.unit]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"organiser": ""}, "请选择承办单位，没有承办单位的活动不能安排。"),
        ({"ends": "08:00"}, "结束时间须晚于开始时间。"),
        ({"day": "2026-11-14"}, "开始时间已过"),
        ({"day": "31/02/2026"}, "日期"),
        ({"day": "9999-12-31"}, "2100"),
        ({"kind": "x"}, "有效的选项"),
        ({"phone": "1"}, "电话号码不正确"),
        ({"leader_text": "没有这个人"}, "没有找到"),
        ({"token": ""}, "必填"),
    ],
)
def test_bad_input_is_answered_beside_its_field_and_kept(client, liaison, changes, words):
    client.force_login(liaison)
    answer = client.post(f"{EVENTS}new/", filled(liaison.unit) | changes)
    assert answer.status_code == 422 and words in page(answer) and "data-error-summary" in page(answer)
    assert 'value="大通镇便民服务中心一楼"' in page(answer)
    assert not ServiceEvent.objects.exists()


def test_what_was_held_already_is_entered_and_recorded_next(client, liaison):
    client.force_login(liaison)
    answer = client.post(f"{EVENTS}new/?held=1", filled(liaison.unit, day="2026-11-14"))
    event = ServiceEvent.objects.get()
    assert answer["Location"] == f"{EVENTS}{event.pk}/record/"
    assert client.get(answer["Location"]).status_code == 200


def test_a_planned_event_is_changed_announced_and_printed(client, liaison, leader):
    event = planned(liaison, place="")
    client.force_login(liaison)
    detail = page(client.get(f"{EVENTS}{event.pk}/"))
    assert "公示前请确定地点" in detail and "announce/" not in detail
    assert client.post(f"{EVENTS}{event.pk}/announce/").status_code == 302
    event.refresh_from_db()
    assert event.state == "planned"
    assert "公示后才能打印" in page(client.get(f"{EVENTS}{event.pk}/notice/", follow=True))
    change = f"{EVENTS}{event.pk}/change/"
    assert 'value="2026-11-21"' in page(client.get(change))
    data = filled(liaison.unit, leader=leader.pk)
    assert client.post(change, data).status_code == 302
    assert "announce/" in page(client.get(f"{EVENTS}{event.pk}/"))
    client.post(f"{EVENTS}{event.pk}/announce/")
    event.refresh_from_db()
    assert event.state == "announced"
    notice = page(client.get(f"{EVENTS}{event.pk}/notice/"))
    for words in ("副区长 常思远", "挂号", "96980", f"/340711/events/{event.pk}/", "<svg"):
        assert words in notice
    assert 'value="常思远"' in page(client.get(change)) and "data-confirm" in page(client.get(change))


def test_calling_off_asks_for_a_reason(client, liaison, leader):
    event = announced(liaison, leader=leader)
    client.force_login(liaison)
    address = f"{EVENTS}{event.pk}/cancel/"
    assert "公示页面仍显示" in page(client.get(address))
    assert client.post(address, {"reason": " "}).status_code == 422
    assert client.post(address, {"reason": "防汛值班"}).status_code == 302
    detail = page(client.get(f"{EVENTS}{event.pk}/"))
    assert "防汛值班" in detail and f"{event.pk}/change/" not in detail
    assert "不能再改动安排" in page(client.get(address, follow=True))


def test_duties_are_chosen_by_name_and_a_clash_is_told(client, liaison, dispatcher, unit):
    one, other = make.official(unit, name="周启明"), make.official(unit, name="吴迪")
    set_duties(by=dispatcher, event=planned(dispatcher, place="区政务服务中心"), officials=[other])
    event = planned(liaison)
    client.force_login(liaison)
    address = f"{EVENTS}{event.pk}/duties/"
    assert client.get(address).status_code == 200
    chosen = rows("officials", {"official": one.pk}, {"official": "", "official_text": "吴迪"})
    answer = client.post(address, chosen)
    assert answer.status_code == 422 and "时间冲突" in page(answer) and not event.duties.exists()
    assert client.post(address, rows("officials", {"official": one.pk})).status_code == 302
    assert event.duties.get().official == one
    assert 'value="周启明"' in page(client.get(address))


# --- The rota -------------------------------------------------------------------------------------


def rota_row(day: str, organiser, **changes) -> dict:
    return {
        "day": day, "wanted": "on", "organiser": organiser.pk, "starts": "09:00", "ends": "11:30",
        "place": "服务大厅", "leader": "", "units": "", "officials": "",
    } | changes  # fmt: skip


def test_the_rota_proposes_eight_saturdays_in_turn(client, dispatcher, liaison, district):
    planned(liaison)
    client.force_login(dispatcher)
    huihe = make.unit(district, "huihe")
    answer = client.get(
        f"{EVENTS}rota/",
        {"kind": "saturday", "starts": "09:00", "ends": "11:30", "organisers": [liaison.unit_id, huihe.pk]},
    )
    text = page(answer)
    assert text.count("安排这一天") == 7 and "这一天再安排一场" in text and "2027年1月9日 星期六" in text
    # 灰河乡 comes after 大通镇, who has the day that is taken; that row offers it too, without using up its turn.
    assert text.count(f'<option value="{huihe.pk}" selected>') == 5
    assert "2027年放假安排还没有录入" in text and "调休上班" not in text


def test_the_rota_warns_of_a_make_up_saturday(client, dispatcher, clock):
    clock.move_to("2026-02-09 09:00+08:00")
    client.force_login(dispatcher)
    text = page(client.get(f"{EVENTS}rota/"))
    assert text.count("调休上班，企业和窗口都是工作日") == 2  # 14 and 28 February


def test_the_rota_is_planned_in_one_go_and_once(client, dispatcher, unit, district):
    make.official(unit, name="周启明")
    make.official(unit, name="王伟")
    make.official(make.unit(district, "rsj"), name="王伟")
    client.force_login(dispatcher)
    data = rows(
        "days",
        rota_row(
            "2026-11-21",
            unit,
            units="区人社局、 财政局".replace("财政局", "区财政局"),
            officials="周启明，王伟（大通镇）",
        ),
        rota_row("2026-11-28", unit),
        rota_row("2026-12-05", unit, wanted=""),
    )
    for _ in range(2):
        assert client.post(f"{EVENTS}rota/?kind=saturday", data).status_code == 302
    assert ServiceEvent.objects.count() == 2
    event = ServiceEvent.objects.earliest("starts_at")
    assert {one.code for one in event.units.all()} == {"rsj", "czj"}
    assert [(duty.official.name, duty.unit.code) for duty in event.duties.all()] == [
        ("周启明", "datong"), ("王伟", "datong"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"organiser": ""}, "请选择承办单位，没有承办单位的活动不能安排。"),
        ({"officials": "没这个人"}, "没有找到“没这个人”"),
        ({"officials": "王伟"}, "不止一位"),
        ({"units": "没这个局"}, "没有找到单位“没这个局”"),
        ({"ends": "08:00"}, "结束时间须晚于开始时间。"),
        ({"starts": ""}, "请填写开始时间。"),
        ({"day": "x"}, "日期不对"),
        ({"day": "2026-11-14"}, "开始时间已过"),
    ],
)
def test_a_wrong_line_of_the_rota_is_told_beside_it(client, dispatcher, unit, district, changes, words):
    make.official(unit, name="王伟")
    make.official(make.unit(district, "rsj"), name="王伟")
    client.force_login(dispatcher)
    data = rows("days", rota_row("2026-11-28", unit), rota_row("2026-11-21", unit) | changes)
    answer = client.post(f"{EVENTS}rota/?kind=saturday", data)
    assert answer.status_code == 422 and words in page(answer)
    assert not ServiceEvent.objects.exists()


def test_a_rota_without_a_day_says_so(client, dispatcher, unit):
    client.force_login(dispatcher)
    data = rows("days", rota_row("2026-11-21", unit, wanted=""))
    answer = client.post(f"{EVENTS}rota/?kind=saturday", data)
    assert answer.status_code == 422 and "还没有勾选" in page(answer)


def test_a_liaison_plans_the_rota_of_the_own_unit(client, liaison, district):
    client.force_login(liaison)
    huihe = make.unit(district, "huihe")
    assert f'value="{huihe.pk}"' not in page(client.get(f"{EVENTS}rota/"))
    answer = client.post(f"{EVENTS}rota/?kind=saturday", rows("days", rota_row("2026-11-21", huihe)))
    assert answer.status_code == 422 and not ServiceEvent.objects.exists()


# --- Recording ------------------------------------------------------------------------------------


def test_everything_is_recorded_in_one_sitting_and_once(client, liaison, talk, rsj, district, unit):
    firm = make.enterprise(district)
    policy = Policy.objects.create(district=district, title="稳岗返还", unit=rsj.unit)
    here, away = make.official(unit, name="周启明"), make.official(unit, name="吴迪")
    set_duties(by=liaison, event=talk, officials=[here, away])
    client.force_login(liaison)
    address = f"{EVENTS}{talk.pk}/record/"
    assert client.get(address).status_code == 200
    data = record(
        minutes="谈了用工和融资。",
        present=[talk.duties.get(official=here).pk],
        **rows(
            "came",
            {"subject": f"enterprise-{firm.pk}", "attendee": "赵敏", "title": "总经理"},
            {"subject": "", "subject_text": "铜陵新办企业", "unlisted": "on"},
        ),
        **rows("papers", {"policy": policy.pk, "to": "each", "copies": 2}, {"policy": "letter", "to": "open", "copies": 9}),
        **rows("opinions", {"content": "简化验收", "handling": "heard"}),
        **rows("decisions", {"content": "专场招聘", "unit": rsj.unit_id, "due": "2026-12-04"}),
    )  # fmt: skip
    for _ in range(2):
        assert client.post(address, data).status_code == 302
    talk.refresh_from_db()
    assert (talk.state, talk.minutes) == ("held", "谈了用工和融资。")
    assert [one.subject_name for one in talk.attendances.all()] == [firm.name, "铜陵新办企业"]
    assert dict(talk.duties.values_list("official__name", "present")) == {"周启明": True, "吴迪": False}
    assert HandOut.objects.count() == 3 and Opinion.objects.get().event == talk
    assert EventTask.objects.get().content == "专场招聘"
    detail = page(client.get(f"{EVENTS}{talk.pk}/"))
    for words in (
        firm.name,
        "铜陵新办企业",
        "赵敏总经理",
        "谈了用工和融资。",
        "专场招聘",
        "简化验收",
        "稳岗返还",
        "未到岗",
    ):
        assert words in detail, words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (rows("came", {"subject": "", "subject_text": "没有这家"}), "没有找到“没有这家”"),
        (rows("came", {"subject": "", "subject_text": "", "attendee": "赵敏"}), "请选择参加的企业或项目"),
        (rows("came", {"subject": "enterprise-999999"}), "请从列出的企业或项目中选择"),
        (rows("papers", {"policy": "letter", "to": "each", "copies": 1}), "先登记"),
        (rows("papers", {"policy": "letter", "to": "open", "copies": 0}), "大于或等于1"),
        (rows("decisions", {"content": "专场招聘", "unit": "", "due": "2026-12-04"}), "责任单位"),
        (rows("decisions", {"content": "专场招聘", "unit": "1", "due": "2026-11-20"}), "不能早于活动当天"),
        (rows("opinions", {"content": "简化验收", "handling": "passed_on"}), "请选择提请协调的主管部门"),
    ],
)
def test_a_wrong_row_is_told_and_nothing_is_recorded(client, liaison, talk, changes, words):
    client.force_login(liaison)
    answer = client.post(f"{EVENTS}{talk.pk}/record/", record(minutes="纪要草稿", **changes))
    assert answer.status_code == 422 and words in page(answer) and "纪要草稿" in page(answer)
    talk.refresh_from_db()
    assert talk.state == "planned" and not Attendance.objects.exists()


def test_before_it_begins_and_after_it_was_called_off_there_is_nothing_to_record(client, liaison, leader):
    event = announced(liaison, leader=leader)
    client.force_login(liaison)
    address = f"{EVENTS}{event.pk}/record/"
    assert "开始以后才能登记" in page(client.get(address, follow=True))
    cancel(by=liaison, event=event, reason="防汛")
    assert "不能登记举办情况" in page(client.post(address, follow=True))


def test_a_firm_entered_by_mistake_is_taken_off(client, liaison, talk, district):
    record_held(by=liaison, event=talk, came=[Came(enterprise=make.enterprise(district))])
    client.force_login(liaison)
    assert "data-confirm" in page(client.get(f"{EVENTS}{talk.pk}/"))
    assert client.post(f"{EVENTS}attendances/{Attendance.objects.get().pk}/remove/").status_code == 302
    assert not Attendance.objects.exists()


def test_the_page_of_an_event_costs_the_same_however_much_hangs_on_it(
    client, liaison, talk, rsj, district, unit, django_assert_max_num_queries
):
    def fill(number: int) -> None:
        officials = [make.official(unit, name=f"干部{number}{n}") for n in range(number)]
        set_duties(by=liaison, event=talk, officials=officials)
        came = [Came(enterprise=make.enterprise(district)) for _ in range(number)]
        decisions = [
            Decision(content=f"事项{n}", unit=rsj.unit, due=at("2026-12-04").date()) for n in range(number)
        ]
        record_held(by=liaison, event=talk, came=came, decisions=decisions, present=officials)
        ServiceEvent.objects.update(state="planned")

    fill(1)
    client.force_login(liaison)
    client.get(f"{EVENTS}{talk.pk}/")
    with django_assert_max_num_queries(26) as one:
        client.get(f"{EVENTS}{talk.pk}/")
    fill(8)
    with django_assert_max_num_queries(len(one)):
        client.get(f"{EVENTS}{talk.pk}/")


# --- Appeals that come in at an event ---------------------------------------------------------------


def register(**changes) -> dict:
    return INTAKE | {"channel": "saturday", "token": "a" * 32, "outcome": "register"} | changes


def test_an_appeal_taken_at_an_event_carries_it(client, liaison, clock, district):
    event = planned(liaison)
    clock.move_to("2026-11-21 10:00+08:00")
    client.force_login(liaison)
    assert f"/appeals/register/?event={event.pk}" in page(client.get(f"{EVENTS}{event.pk}/"))
    form = page(client.get("/appeals/register/", {"event": event.pk}))
    assert f'name="service_event" value="{event.pk}"' in form and event.title in form
    assert '<option value="saturday" selected>' in form
    assert client.post("/appeals/register/", register(service_event=event.pk)).status_code == 302
    appeal = Appeal.objects.get()
    assert appeal.service_event == event
    assert appeal.title in page(client.get(f"{EVENTS}{event.pk}/"))
    assert f"{EVENTS}{event.pk}/" in page(client.get(f"/appeals/{appeal.number}/"))


def test_so_does_one_that_is_solved_on_the_spot(client, district, liaison, clock):
    event = planned(liaison)
    clock.move_to("2026-11-21 10:00+08:00")
    window = make.user(make.unit(district, "datong_window"), "window")
    client.force_login(window)
    solved = {"outcome": "solve_on_spot", "answer": "已当面办理。", "basis": "", "signature": SIGNATURE}
    answer = client.post("/appeals/register/", register(service_event=event.pk, **solved))
    assert answer.status_code == 302
    assert (Appeal.objects.get().service_event, Appeal.objects.get().status) == (event, "solved_on_spot")


def test_an_event_not_begun_long_gone_or_called_off_takes_no_appeals(client, liaison, leader, clock):
    event = announced(liaison, leader=leader)
    client.force_login(liaison)

    def offered() -> bool:
        client.force_login(liaison)
        return f'value="{event.pk}"' in page(client.get("/appeals/register/", {"event": event.pk}))

    assert not offered()
    assert client.post("/appeals/register/", register(service_event=event.pk)).status_code == 422
    clock.move_to("2026-12-20 10:00+08:00")
    assert offered()
    clock.move_to("2026-12-22 10:00+08:00")
    assert not offered() and "register/?event" not in page(client.get(f"{EVENTS}{event.pk}/"))
    clock.move_to("2026-11-21 10:00+08:00")
    cancel(by=liaison, event=event, reason="防汛")
    assert not offered()


def test_the_channel_is_filled_in_for_whoever_may_use_it(client, district, liaison, clock):
    event = planned(liaison, kind="tea_talk")
    clock.move_to("2026-11-21 10:00+08:00")
    client.force_login(make.user(make.unit(district, "datong_window"), "window"))
    form = page(client.get("/appeals/register/", {"event": event.pk}))
    assert f'name="service_event" value="{event.pk}"' in form and "tea_talk" not in form


# --- Tasks ----------------------------------------------------------------------------------------


@pytest.fixture
def task(liaison, talk, rsj):
    decision = Decision(content="组织专场招聘", unit=rsj.unit, due=at("2026-12-04").date())
    record_held(by=liaison, event=talk, decisions=[decision])
    return EventTask.objects.get()


def test_the_unit_reports_and_the_organiser_sends_back(client, liaison, rsj, task):
    address = f"{EVENTS}tasks/{task.pk}/"
    client.force_login(rsj)
    assert "填报完成情况" in page(client.get(address))
    assert client.post(address, {"result": " "}).status_code == 422
    assert client.post(address, {"result": "到岗18人。"}).status_code == 302
    assert client.get(f"{address}reopen/").status_code == 403
    client.force_login(liaison)
    assert "到岗18人。" in page(client.get(address))
    assert "退回后才能修改" in page(client.get(f"{address}change/", follow=True))
    assert client.post(f"{address}reopen/", {"reason": ""}).status_code == 422
    assert client.post(f"{address}reopen/", {"reason": "还差两人"}).status_code == 302
    assert "不用退回" in page(client.get(f"{address}reopen/", follow=True))
    changed = {"content": "再招两人", "unit": rsj.unit_id, "due": "2026-12-11"}
    assert client.post(f"{address}change/", changed | {"due": "2026-11-01"}).status_code == 422
    assert client.post(f"{address}change/", changed).status_code == 302
    task.refresh_from_db()
    assert (task.content, task.done_at) == ("再招两人", None)


def test_the_tasks_are_told_apart_by_their_state(client, liaison, rsj, task, clock):
    client.force_login(rsj)

    def shown(**filters) -> bool:
        return "组织专场招聘" in page(client.get(f"{EVENTS}tasks/", filters))

    assert shown() and shown(state="open") and not shown(state="overdue") and not shown(state="done")
    assert shown(unit=rsj.unit_id) and not shown(unit=liaison.unit_id)
    assert shown(kind="talk") and not shown(kind="saturday") and shown(q="招聘") and shown(q="用工恳谈")
    clock.move_to("2026-12-05 09:00+08:00")
    client.force_login(rsj)
    assert shown(state="overdue")
    client.post(f"{EVENTS}tasks/{task.pk}/", {"result": "到岗18人。"})
    assert shown(state="done") and not shown(state="open")


def test_the_list_of_tasks_costs_the_same_for_one_and_for_many(
    client, liaison, rsj, task, talk, django_assert_max_num_queries
):
    client.force_login(rsj)
    client.get(f"{EVENTS}tasks/")
    with django_assert_max_num_queries(13) as one:
        client.get(f"{EVENTS}tasks/")
    decisions = [Decision(content=f"事项{n}", unit=rsj.unit, due=at("2026-12-04").date()) for n in range(10)]
    record_held(by=liaison, event=talk, decisions=decisions)
    with django_assert_max_num_queries(len(one)):
        assert page(client.get(f"{EVENTS}tasks/")).count("事项") > 10


# --- Who sees and does what -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "role", "plans", "runs"),
    [
        ("kjj", "dispatcher", 200, 200), ("kjj", "bureau_leader", 200, 200), ("datong", "liaison", 200, 200),
        ("datong", "unit_leader", 200, 200), ("huihe", "liaison", 200, 403), ("datong", "cadre", 403, 403),
        ("datong_window", "window", 403, 403), ("qzfb", "district_leader", 403, 403),
        ("jwdc", "supervisor", 403, 403), ("kjj", "admin", 403, 403),
    ],
)  # fmt: skip
def test_everybody_reads_and_the_organiser_and_the_bureau_act(
    client, district, talk, code, role, plans, runs
):
    client.force_login(make.user(make.unit(district, code), role))
    for address in (EVENTS, f"{EVENTS}month/", f"{EVENTS}tasks/", f"{EVENTS}{talk.pk}/"):
        assert client.get(address).status_code == 200
    for address in (f"{EVENTS}new/", f"{EVENTS}rota/"):
        assert client.get(address).status_code == plans
    for action in ("change", "cancel", "duties", "record"):
        assert client.get(f"{EVENTS}{talk.pk}/{action}/").status_code == runs
    posted = client.post(f"{EVENTS}{talk.pk}/announce/").status_code
    assert posted == (302 if runs == 200 else 403)


def test_another_district_sees_none_of_it(client, district, talk, task):
    other = make.another_district(district)
    client.force_login(make.user(make.unit(other), "dispatcher"))
    assert talk.title not in page(client.get(EVENTS))
    for address in (f"{EVENTS}{talk.pk}/", f"{EVENTS}{talk.pk}/change/", f"{EVENTS}tasks/{task.pk}/"):
        assert client.get(address).status_code == 404


def test_the_desk_of_today_names_what_is_to_be_recorded_and_carried_out(client, liaison, rsj, task, clock):
    planned(liaison, title="服务日", starts_at=at("2026-11-28 09:00"))
    clock.move_to("2026-12-04 09:00+08:00")
    client.force_login(liaison)
    bench = page(client.get("/workbench/"))
    assert "待登记举办情况" in bench and "服务日" in bench and "组织专场招聘" not in bench
    client.force_login(rsj)
    bench = page(client.get("/workbench/"))
    assert "议定事项到期" in bench and "组织专场招聘" in bench and "服务日" not in bench


def test_names_of_guests_are_masked_for_whoever_does_not_organise(client, liaison, rsj, talk, district):
    record_held(by=liaison, event=talk, came=[Came(enterprise=make.enterprise(district), attendee="赵敏敏")])
    client.force_login(rsj)
    assert "赵敏敏" not in page(client.get(f"{EVENTS}{talk.pk}/"))
    client.force_login(liaison)
    assert "赵敏敏" in page(client.get(f"{EVENTS}{talk.pk}/"))
