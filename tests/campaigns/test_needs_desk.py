"""What the needs lists put on a desk for today, and the events that are counted with them."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import ValidationError as Unfit

from campaigns.needs.desk import duties_of
from campaigns.needs.events import Held, held
from campaigns.needs.financing_figures import figures_of
from campaigns.needs.public_lists import Preview, fingerprint
from campaigns.needs.services.financing import dispatch_need, report_need
from campaigns.needs.services.lists import confirm_list, publish_lists
from campaigns.needs.services.openings import report_opening
from campaigns.needs.services.rounds import round_of_today
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from liaisons.models import Attendance, ServiceEvent
from reports.indicators.counting import context_for, count
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, need, need_facts, opening, opening_facts, profile, seeker

NOVEMBER = date(2026, 11, 1)


def on(day: str):
    return clock.at(datetime.fromisoformat(f"{day}T10:00:00").replace(tzinfo=SHANGHAI))


@pytest.fixture
def cast(district) -> Cast:
    """区财政局 leads the rounds, 区人社局 the lists; 区工商联 stands for a bank with an account."""
    profile(district, finance_unit="czj", bank_kinds=["federation"], answer_days=5)
    with clock.at(NOW):
        yield Cast(district)


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


def said(user) -> list[tuple[str, str]]:
    return [(duty.text, duty.colour) for duty in duties_of(user)]


def test_lists_are_confirmed_from_three_days_before_until_they_are_out(cast, firm):
    township, words = cast.township_liaison, "核对并确认12月用工需求、求职人员清单"
    assert not said(township)  # nobody keeps a list
    opening(township, firm)
    with on("2026-11-24"):
        assert not said(township)
    with on("2026-11-25"):
        assert said(township) == [(words, "blue")] and not said(cast.assistant)
    with on("2026-11-29"):
        assert said(township) == [(words, "red")]
    with on("2026-12-08"):
        assert said(township) == [(words, "red")]
        confirm_list(by=township, kind="openings")
        assert said(township) == [(words, "red")]
        confirm_list(by=township, kind="seekers")
        assert not said(township)


def test_whoever_leads_the_lists_is_asked_to_publish_until_it_is_done(cast, district, firm):
    opening(cast.township_liaison, firm)
    words = "预览并公布11月岗位和求职清单"
    with on("2026-11-05"):
        confirm_list(by=cast.township_liaison, kind="openings")
        assert said(cast.liaison) == [(words, "blue")] and not said(cast.dispatcher)
    with on("2026-11-12"):
        assert (words, "red") in said(cast.liaison)
    with on("2026-11-05"):
        rules = DistrictProfile.objects.in_force(district).rules
        shown = fingerprint(Preview.of(district, rules, NOVEMBER))
        publish_lists(by=cast.liaison, month=NOVEMBER, seen=shown)
        assert not said(cast.liaison)


def test_what_a_firm_reported_waits_on_the_desk_of_its_township(cast, firm):
    with on("2026-11-12"):
        report_opening(entry=firm, facts=opening_facts())
        report_need(entry=firm, facts=need_facts())
        found = said(cast.township_liaison)
    assert found == [
        ("用工需求待核实 1 条", "none"),
        ("融资需求待核实 1 条", "none"),
    ]


def test_needs_are_handed_on_answered_and_summed_up(cast, district, firm):
    banker = make.user(make.unit(district, "gsl"), "liaison")
    lead = cast.other_liaison
    with on("2026-11-02"):
        found, other = need(cast.assistant, firm), need(cast.assistant)
        assert said(lead) == [("融资需求待交办金融机构 2 个", "none")]
        dispatch_need(by=lead, need=found, units=[banker.unit], names=[])
        dispatch_need(by=lead, need=other, units=[], names=["某某银行"])
        assert not said(lead) and not said(banker)
    with on("2026-11-06"):
        assert said(banker) == [("融资交办到期待答复 1 件（1 个需求）", "blue")] == said(lead)
    with on("2026-11-20"):
        assert said(lead) == [("融资交办到期待答复 2 件（2 个需求）", "red")]
        assert said(banker) == [("融资交办到期待答复 1 件（1 个需求）", "red")]
    with on("2026-12-30"):
        assert ("2026年第6轮融资需求摸排写小结", "blue") in said(lead)


def test_each_line_leads_to_what_it_counts(client, cast, district, firm):
    lead = cast.other_liaison
    with on("2026-11-02"):
        found = need(cast.assistant, firm)
        quiet = need(cast.assistant, purpose="另一个")
        dispatch_need(by=lead, need=found, units=[], names=["某某银行"])
        dispatch_need(by=lead, need=quiet, units=[], names=["某某银行"])
        report_opening(entry=firm, facts=opening_facts())
    with on("2026-11-20"):
        for user, words in ((lead, firm.name), (cast.township_liaison, "氩弧焊工")):
            client.force_login(user)
            bench = client.get("/workbench/").content.decode()
            for duty in duties_of(user):
                assert duty.text in bench
                assert words in client.get(duty.url).content.decode()


def test_the_desk_costs_the_same_however_much_lies_on_it(cast, firm):
    def cost() -> int:
        duties_of(cast.other_liaison)
        with CaptureQueriesContext(connection) as captured:
            duties_of(cast.other_liaison)
        return len(captured)

    need(cast.assistant, firm)
    few = cost()
    for number in range(5):
        need(cast.assistant, firm, purpose=f"第{number}个")
        seeker(cast.township_liaison, number)
    assert cost() == few


# --- Events ---------------------------------------------------------------------------------------


def event(cast, day: str, kind="talk", state="held", firms=()) -> ServiceEvent:
    at = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=SHANGHAI)
    made = ServiceEvent.objects.create(
        district=cast.liaison.unit.district, region=cast.liaison.unit.region, kind=kind, title="银企对接会",
        starts_at=at, ends_at=at + timedelta(hours=2), organiser=cast.liaison.unit, state=state,
        held_at=at + timedelta(hours=3) if state == "held" else None, recorded_by=cast.liaison, recorded_at=at,
    )  # fmt: skip
    for one in firms:
        Attendance.objects.create(event=made, enterprise=one, recorded_by=cast.liaison, recorded_at=at)
    return made


def test_events_that_took_place_count_in_the_round_and_the_year(client, cast, district, firm):
    profile(district, finance_unit="czj", finance_events=["talk"], job_events=["onsite_office"])
    rules = DistrictProfile.objects.in_force(district).rules
    event(cast, "2026-11-01", firms=[firm])
    event(cast, "2026-11-20", firms=[firm, make.enterprise(district)])
    event(cast, "2026-11-21", state="announced")
    event(cast, "2026-10-31")
    event(cast, "2026-03-01", kind="onsite_office", firms=[firm])
    found, _ = round_of_today(district, rules)
    assert figures_of([found], rules)[found.pk].talks == Held(2, 3)
    client.force_login(cast.other_liaison)
    assert (
        "2 场</a>，企业参加 3 家次"
        in client.get(f"/campaigns/needs/financing/rounds/{found.pk}/").content.decode()
    )
    text = client.get("/campaigns/needs/").content.decode()
    assert "今年招聘会" in text and "企业参加 1 家次" in text
    start, end = datetime(2026, 11, 1, tzinfo=SHANGHAI), datetime(2026, 12, 1, tzinfo=SHANGHAI)
    values = count(["finance_talks", "job_fairs"], context_for(district, rules, start, end))[None]
    assert (values["finance_talks"], values.get("job_fairs", 0)) == (2, 0)


def test_a_district_without_such_events_is_asked_nothing(cast, district, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert held(district, (), [(NOVEMBER, NOVEMBER)]) == [Held()]


def test_a_profile_names_kinds_of_events_that_it_has(district):
    with pytest.raises(Unfit, match="活动类别 fair"):
        rules = DistrictProfile.objects.in_force(district).rules
        data = rules.model_dump(mode="json")
        data["needs"]["job_events"] = ["fair"]
        type(rules).model_validate(data)
