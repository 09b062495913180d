"""意见建议: heard, passed on, answered; who may, who is told, who sees it, and which row counts it."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from core import clock
from districts.workdays import SHANGHAI
from liaisons.models import Opinion, ServiceEvent
from liaisons.services.opinions import answer_opinion, pass_on, record_opinion
from liaisons.services.visits import record_visit
from notifications.models import Notice
from tests import factories as make

NOW = datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)
HEARD, PASSED_ON = Opinion.Handling.HEARD, Opinion.Handling.PASSED_ON
WORDS = "希望惠企政策按行业整理成一页纸。"


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def datong(district):
    return make.unit(district, "datong")


@pytest.fixture
def rsj(district):
    return make.unit(district, "rsj")


@pytest.fixture
def cadre(datong):
    return make.user(datong, "cadre", official=make.official(datong))


@pytest.fixture
def liaison(datong):
    return make.user(datong, "liaison")


@pytest.fixture
def competent(rsj):
    return make.user(rsj, "liaison")


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


@pytest.fixture
def visit(cadre, datong, firm):
    return record_visit(
        by=cadre, reporting_unit=datong, kind="visit", occurred_at=NOW - timedelta(days=9), region=firm.region,
        officials=[cadre.official], enterprise=firm,
    )  # fmt: skip


@pytest.fixture
def event(district, datong, dispatcher):
    return ServiceEvent.objects.create(
        district=district, region=datong.region, kind="symposium", title="铜加工企业座谈会", place="大通镇",
        starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=2, hours=-2), organiser=datong,
        recorded_by=dispatcher, recorded_at=NOW,
    )  # fmt: skip


@pytest.fixture
def heard(cadre):
    return record_opinion(by=cadre, content=WORDS, handling=HEARD)


@pytest.fixture
def passed(cadre, rsj, competent):
    return record_opinion(by=cadre, content=WORDS, handling=PASSED_ON, passed_to=rsj)


def page(answer) -> str:
    return answer.content.decode()


# --- Recording ------------------------------------------------------------------------------------


def test_heard_anywhere_it_counts_for_the_own_unit_now_and_may_stay_unnamed(heard, cadre, datong):
    assert (heard.unit, heard.region, heard.occurred_at) == (datong, datong.region, NOW)
    assert (heard.subject_name, heard.passed_to, heard.passed_at) == ("", None, None)
    assert AuditEntry.objects.get(action="opinion.recorded").data == {"handling": "heard"}


def test_heard_at_a_visit_everything_is_the_visits(visit, cadre, firm):
    opinion = record_opinion(by=cadre, visit=visit, content=WORDS, handling=HEARD)
    assert (opinion.unit, opinion.occurred_at) == (visit.reporting_unit, visit.occurred_at)
    assert (opinion.enterprise, opinion.region) == (firm, firm.region)


def test_heard_at_an_event_it_is_the_organisers_at_the_time_of_the_event(event, dispatcher, firm):
    opinion = record_opinion(by=dispatcher, event=event, content=WORDS, handling=HEARD, subject=firm)
    assert (opinion.unit, opinion.occurred_at) == (event.organiser, event.starts_at)
    assert (opinion.event, opinion.enterprise) == (event, firm)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"content": "  "}, "content", "请填写意见建议"),
        ({"content": "字" * 3001}, "content", "最多3000字"),
        ({"handling": "x"}, "handling", "请选择怎样处理"),
        ({"handling": "passed_on"}, "passed_to", "请选择提请协调的主管部门"),
        ({"occurred_at": NOW + timedelta(minutes=1)}, "occurred_at", "不能晚于现在"),
        ({"occurred_at": datetime(2024, 1, 31, tzinfo=SHANGHAI)}, "occurred_at", "专项行动开始的 2024-02-01"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(cadre, changes, field, words):
    with pytest.raises(ValidationError) as error:
        record_opinion(by=cadre, **({"content": WORDS, "handling": HEARD} | changes))
    assert words in "".join(error.value.message_dict[field])
    assert not Opinion.objects.exists()


@pytest.mark.parametrize("code", ["datong", "datong_window"])
def test_it_is_passed_on_to_a_district_department_and_not_to_oneself(cadre, district, code):
    with pytest.raises(ValidationError) as error:
        record_opinion(by=cadre, content=WORDS, handling=PASSED_ON, passed_to=make.unit(district, code))
    assert "passed_to" in error.value.message_dict


def test_it_is_recorded_for_the_own_unit_only_and_not_by_everybody(cadre, rsj, district):
    with pytest.raises(ValidationError, match="只能登记本单位"):
        record_opinion(by=cadre, content=WORDS, handling=HEARD, unit=rsj)
    for role in ("supervisor", "district_leader", "admin"):
        with pytest.raises(PermissionDenied):
            record_opinion(by=make.user(rsj, role), content=WORDS, handling=HEARD)
    window = make.user(make.unit(district, "datong_window"), "window")
    assert record_opinion(by=window, content=WORDS, handling=HEARD).unit == window.unit


# --- Passing on -----------------------------------------------------------------------------------


def test_the_department_is_told_once_each(passed, competent, cadre):
    assert (passed.passed_at, passed.passed_by) == (NOW, cadre)
    notice = Notice.objects.get(channel="inbox")
    assert notice.recipient == competent and notice.url == f"/liaisons/opinions/{passed.pk}/"


def test_what_was_heard_can_be_passed_on_later_and_stays_counted_as_it_was(heard, liaison, rsj, competent):
    with clock.at(NOW + timedelta(days=30)):
        opinion = pass_on(by=liaison, opinion=heard, passed_to=rsj)
    assert (opinion.handling, opinion.passed_to, opinion.passed_by) == (HEARD, rsj, liaison)
    assert opinion.passed_at == NOW + timedelta(days=30) and opinion.occurred_at == NOW
    assert Notice.objects.filter(recipient=competent).exists()


def test_a_wrong_department_is_replaced_by_another(passed, liaison, district, rsj):
    with pytest.raises(ValidationError, match="已经提请区人社局协调"):
        pass_on(by=liaison, opinion=passed, passed_to=rsj)
    finance = make.unit(district, "czj")
    told = make.user(finance, "liaison")
    assert pass_on(by=liaison, opinion=passed, passed_to=finance).passed_to == finance
    assert Notice.objects.filter(recipient=told).count() == 1


def test_who_passes_on(heard, cadre, datong, district, rsj, competent, dispatcher):
    for by in (competent, make.user(datong, "cadre"), make.user(make.unit(district, "jwdc"), "supervisor")):
        with pytest.raises(PermissionDenied):
            pass_on(by=by, opinion=heard, passed_to=rsj)
    for by, code in ((cadre, "rsj"), (make.user(datong, "unit_leader"), "czj"), (dispatcher, "swj")):
        assert pass_on(by=by, opinion=heard, passed_to=make.unit(district, code)).passed_by == by


# --- Answering ------------------------------------------------------------------------------------


def test_the_department_answers_and_whoever_recorded_it_learns_it(passed, competent, cadre):
    opinion = answer_opinion(by=competent, opinion=passed, answer=" 已采纳，下月印发。 ")
    assert (opinion.answer, opinion.answered_by, opinion.answered_at) == (
        "已采纳，下月印发。",
        competent,
        NOW,
    )
    notice = Notice.objects.get(recipient=cadre)
    assert "已答复" in notice.title and "区人社局答复：已采纳" in notice.body
    assert AuditEntry.objects.filter(action="opinion.answered").count() == 1


def test_what_a_unit_heard_for_itself_it_answers_itself(heard, liaison, competent, cadre):
    for by in (competent, cadre):
        with pytest.raises(PermissionDenied):
            answer_opinion(by=by, opinion=heard, answer="好")
    assert answer_opinion(by=liaison, opinion=heard, answer="已向企业说明。").answered_by == liaison


def test_once_passed_on_the_hearing_unit_no_longer_answers(passed, liaison):
    with pytest.raises(PermissionDenied):
        answer_opinion(by=liaison, opinion=passed, answer="好")


def test_a_unit_answers_for_its_window(district, liaison):
    window = make.user(make.unit(district, "datong_window"), "window")
    opinion = record_opinion(by=window, content=WORDS, handling=HEARD)
    assert opinion in Opinion.objects.visible_to(liaison).to_answer(liaison.unit)
    assert answer_opinion(by=liaison, opinion=opinion, answer="已办。").answered_at


def test_an_answer_is_given_once_and_ends_the_way(passed, competent, liaison, district):
    with pytest.raises(ValidationError, match="请填写办理答复"):
        answer_opinion(by=competent, opinion=passed, answer=" ")
    answer_opinion(by=competent, opinion=passed, answer="已采纳。")
    with pytest.raises(ValidationError, match="已经答复过"):
        answer_opinion(by=competent, opinion=passed, answer="再答一次。")
    with pytest.raises(ValidationError, match="已经答复过"):
        pass_on(by=liaison, opinion=passed, passed_to=make.unit(district, "czj"))


# --- Who sees it ----------------------------------------------------------------------------------


def sees(user, opinion) -> bool:
    return Opinion.objects.visible_to(user).filter(pk=opinion.pk).exists()


def test_who_sees_an_opinion(passed, heard, competent, cadre, liaison, dispatcher, district):
    assert all(sees(user, passed) for user in (competent, cadre, liaison, dispatcher))
    assert not sees(competent, heard)
    stranger = make.user(make.unit(district, "czj"), "liaison")
    assert not sees(stranger, passed) and not sees(stranger, heard)
    foreigner = make.user(make.unit(make.another_district(district)), "dispatcher")
    assert not sees(foreigner, passed)


def test_who_took_part_in_the_visit_or_event_sees_it(visit, event, cadre, dispatcher, district):
    at_visit = record_opinion(by=cadre, visit=visit, content=WORDS, handling=HEARD)
    at_event = record_opinion(by=dispatcher, event=event, content=WORDS, handling=HEARD)
    unit = make.unit(district, "czj")
    guest = make.user(unit, "cadre", official=make.official(unit))
    assert not sees(guest, at_visit) and not sees(guest, at_event)
    visit.participants.create(official=guest.official, unit_name="区财政局", rank_group="staff")
    assert sees(guest, at_visit) and not sees(guest, at_event)
    event.units.add(unit)
    event.duties.create(official=guest.official, unit=unit)
    assert sees(guest, at_event)
    assert Opinion.objects.visible_to(guest).count() == 2


# --- The pages ------------------------------------------------------------------------------------


def test_what_waits_for_the_unit_comes_first_and_goes_when_it_is_answered(client, passed, heard, competent):
    client.force_login(competent)
    text = page(client.get("/liaisons/opinions/"))
    assert text.count(WORDS) == 1 and "已提请，待答复" in text
    answer_opinion(by=competent, opinion=passed, answer="已采纳。")
    assert "没有等待本单位答复的意见建议" in page(client.get("/liaisons/opinions/"))
    assert "已答复" in page(client.get("/liaisons/opinions/all/"))


def test_the_list_is_narrowed_by_its_filters(client, visit, cadre, dispatcher, datong, rsj, competent):
    record_opinion(by=cadre, visit=visit, content=WORDS, handling=PASSED_ON, passed_to=rsj)
    client.force_login(dispatcher)
    for name, fits, fits_not in (
        ("q", "一页纸", "停车场"), ("q", "晨光机械", "朝阳"), ("unit", datong.pk, rsj.pk),
        ("passed_to", rsj.pk, datong.pk), ("handling", "passed_on", "heard"), ("answered", "no", "yes"),
        ("since", "2026-11-10", "2026-11-11"), ("until", "2026-11-10", "2026-11-09"),
    ):  # fmt: skip
        assert WORDS in page(client.get("/liaisons/opinions/all/", {name: fits})), (name, fits)
        assert WORDS not in page(client.get("/liaisons/opinions/all/", {name: fits_not})), (name, fits_not)


def test_an_answer_is_found_by_its_words(client, passed, competent):
    answer_opinion(by=competent, opinion=passed, answer="下月印发政策明白纸。")
    client.force_login(competent)
    assert WORDS in page(client.get("/liaisons/opinions/all/", {"q": "明白纸"}))


def test_the_list_costs_the_same_for_one_row_and_for_thirty(client, passed, cadre, firm, rsj, dispatcher,
                                                            django_assert_max_num_queries):  # fmt: skip
    client.force_login(dispatcher)
    client.get("/liaisons/opinions/all/")
    with django_assert_max_num_queries(12) as few:
        client.get("/liaisons/opinions/all/")
    for _ in range(24):
        record_opinion(by=cadre, content=WORDS, handling=PASSED_ON, passed_to=rsj, subject=firm)
    with django_assert_max_num_queries(len(few)):
        client.get("/liaisons/opinions/all/")


def form(**changes) -> dict:
    return {
        "token": "t" * 32, "content": WORDS, "occurred_at": "2026-11-18T15:00", "subject": "",
        "claimed_name": "", "handling": "heard", "passed_to": "",
    } | changes  # fmt: skip


def test_it_is_recorded_by_the_form_and_twice_is_once(client, cadre, rsj, firm):
    client.force_login(cadre)
    assert client.get("/liaisons/opinions/new/").status_code == 200
    filled = form(handling="passed_on", passed_to=str(rsj.pk), subject=f"enterprise-{firm.pk}")
    for _ in range(2):
        answer = client.post("/liaisons/opinions/new/", filled)
        opinion = Opinion.objects.get()
        assert answer.status_code == 302 and answer["Location"] == f"/liaisons/opinions/{opinion.pk}/"
    assert (opinion.passed_to, opinion.enterprise) == (rsj, firm)
    assert opinion.occurred_at == datetime(2026, 11, 18, 15, 0, tzinfo=SHANGHAI)


def test_without_scripts_the_typed_name_finds_the_firm(client, cadre, firm):
    client.force_login(cadre)
    assert client.post("/liaisons/opinions/new/", form(subject_text=firm.name)).status_code == 302
    assert Opinion.objects.get().enterprise == firm


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"content": ""}, "请填写意见建议"),
        ({"occurred_at": "2026-11-19T10:01"}, "听取时间不能晚于现在"),
        ({"occurred_at": "2020-01-01T10:00"}, "不能早于专项行动开始"),
        ({"handling": "passed_on"}, "请选择提请协调的主管部门"),
        ({"subject_text": "没有这家"}, "没有找到"),
    ],
)
def test_a_bad_form_says_what_is_wrong_and_keeps_what_was_typed(client, cadre, changes, words):
    client.force_login(cadre)
    answer = client.post("/liaisons/opinions/new/", form(claimed_name="城关一位店主") | changes)
    assert answer.status_code == 422 and words in page(answer) and "城关一位店主" in page(answer)
    assert not Opinion.objects.exists()


def test_the_page_tells_the_way_and_offers_only_what_one_may_do(client, passed, cadre, competent, liaison):
    address = f"/liaisons/opinions/{passed.pk}/"
    for user, may_answer, may_pass in (
        (competent, True, False),
        (liaison, False, True),
        (cadre, False, True),
    ):
        client.force_login(user)
        text = page(client.get(address))
        assert WORDS in text and "等待区人社局答复" in text
        assert ("提交答复</button>" in text, "改请其他部门协调" in text) == (may_answer, may_pass)
    client.force_login(competent)
    assert client.post(f"{address}answer/", {"answer": ""}).status_code == 422
    assert client.post(f"{address}answer/", {"answer": "已采纳。"}).status_code == 302
    text = page(client.get(address))
    assert "已采纳。" in text and "提交答复</button>" not in text and "协调</button>" not in text
    late = client.post(f"{address}answer/", {"answer": "再答。"})
    assert late.status_code == 422 and "已经答复过" in page(late)


def test_it_is_passed_on_from_its_page(client, heard, liaison, rsj, datong, district):
    client.force_login(liaison)
    address = f"/liaisons/opinions/{heard.pk}/pass-on/"
    assert client.post(address, {"passed_to": ""}).status_code == 422
    assert client.post(address, {"passed_to": datong.pk}).status_code == 422
    assert client.post(address, {"passed_to": rsj.pk}).status_code == 302
    assert "提请区人社局协调" in page(client.get(f"/liaisons/opinions/{heard.pk}/"))


def test_who_may_not_is_told_so_and_who_may_not_see_finds_nothing(client, passed, datong, district):
    address = f"/liaisons/opinions/{passed.pk}/"
    client.force_login(make.user(datong, "cadre"))
    assert client.get(address).status_code == 200
    assert [client.post(f"{address}{act}/").status_code for act in ("answer", "pass-on")] == [403, 403]
    client.force_login(make.user(make.unit(district, "czj"), "liaison"))
    assert client.get(address).status_code == 404
    assert [client.post(f"{address}{act}/").status_code for act in ("answer", "pass-on")] == [404, 404]
    client.force_login(make.user(datong, "supervisor"))
    assert client.get("/liaisons/opinions/new/").status_code == 403


def test_the_visit_leads_to_its_opinions(client, visit, cadre):
    opinion = record_opinion(by=cadre, visit=visit, content=WORDS, handling=HEARD)
    client.force_login(cadre)
    assert f'href="/liaisons/opinions/{opinion.pk}/"' in page(client.get(f"/visits/{visit.pk}/"))
    assert f'href="/visits/{visit.pk}/"' in page(client.get(f"/liaisons/opinions/{opinion.pk}/"))
