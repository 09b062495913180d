"""Two firms that are one: everything moves, clashes are settled, and a later model is not forgotten."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEntry
from appeals.models import Appeal, BacklogItem
from campaigns.models import Commitment, ServiceRating, SurveyRound, SurveySample
from campaigns.rotas.services import training, window_ledger
from core import clock
from enterprises import history
from enterprises.change_reports import report
from enterprises.merging import STAYS, merge, moving, suspected
from enterprises.models import (
    Enterprise,
    EnterpriseTitle,
    GradeDuty,
    GradeRecord,
    Inspection,
    Project,
    RosterChange,
    SamplePoint,
    YearlyFacts,
)
from enterprises.selectors import find_exactly, lookup
from enterprises.services import change_enterprise
from enterprises.subjects import SubjectField, subject_key
from enterprises.yearly import record_year
from liaisons.models import (
    Assignment,
    Attendance,
    Opinion,
    Plaque,
    ServiceEvent,
    Visit,
    VisitPlan,
    VisitRequest,
)
from policies.models import Claim, HandOut, Outreach, Payment, Policy, PolicyList
from tests import factories
from tests.appeals.lives import Cast
from tests.campaigns import needs_cast


@pytest.fixture
def kept(district):
    return factories.enterprise(district, name="铜陵甲铜业有限公司", address="")


@pytest.fixture
def double(district):
    return factories.enterprise(
        district, name="甲铜业有限公司", credit_code=None, no_code_reason="登记时未提供", address="长江路1号"
    )


def of(firm, by, **fields):
    """What every row about a firm has in common."""
    now = clock.now()
    return {
        "district": firm.district, "region": firm.region, "enterprise": firm, "recorded_at": now,
        "recorded_by": by,
    } | fields  # fmt: skip


def assignment(firm, by, official, started, **fields) -> Assignment:
    return Assignment.objects.create(
        **of(firm, by, official=official, unit=by.unit, started=started, **fields)
    )


def plaque(firm, by, official, token, **fields) -> Plaque:
    return Plaque.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, official=official, token=token,
        ordered_by=by, ordered_at=clock.now(), **fields,
    )  # fmt: skip


def event(by) -> ServiceEvent:
    now = clock.now()
    return ServiceEvent.objects.create(
        district=by.unit.district, region=by.unit.region, kind="symposium", title="座谈会", place="会议室",
        starts_at=now, ends_at=now + timedelta(hours=2), organiser=by.unit, recorded_by=by, recorded_at=now,
    )  # fmt: skip


def one_of_everything(firm, by):
    """A row of every kind that can hang on a firm."""
    window_ledger.record_entry(
        by=by, window="service", kind="enquiry", content="怎么办", way="open", subject=firm
    )
    training.file_plan(
        by=by, enterprise=firm, title="内训", starts=clock.today(), ends=clock.today(), participants=9,
        provider="某学院", fee=Decimal(100),
    )  # fmt: skip
    now, person = clock.now(), factories.official(by.unit)
    policy = Policy.objects.create(district=firm.district, title="稳岗补贴", unit=by.unit)
    gathering = event(by)
    Project.objects.create(
        name="甲二期", district=firm.district, region=firm.region, owner=firm, created_at=now
    )
    report(entry=firm, changes={"legal_person": "钱一"}, note="", by=by)
    record_year(by=by, enterprise=firm, year=2025, facts={"sales": Decimal(1)})
    assignment(firm, by, person, clock.today())
    Visit.objects.create(**of(firm, by, reporting_unit=by.unit, kind="visit", occurred_at=now))
    VisitPlan.objects.create(**of(firm, by, official=person, unit=by.unit, day=clock.today()))
    VisitRequest.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, contact_name="赵", wish="用电",
        contact_phone="13800001234", recorded_at=now,
    )  # fmt: skip
    Opinion.objects.create(**of(firm, by, unit=by.unit, content="办事快", handling="heard", occurred_at=now))
    plaque(firm, by, person, "token-of-the-double")
    Attendance.objects.create(event=gathering, enterprise=firm, recorded_by=by, recorded_at=now)
    given = HandOut.objects.create(**of(firm, by, policy=policy, unit=by.unit, occurred_at=now))
    Outreach.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, way="paper", hand_out=given,
        unit=by.unit, occurred_at=now, recorded_at=now,
    )  # fmt: skip
    Payment.objects.create(
        **of(firm, by, policy=policy, unit=by.unit, amount=Decimal(3), basis="一批", occurred_at=now)
    )
    BacklogItem.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, number=1, source="policy", title="奖补未兑现",
        unit=by.unit, found_on=clock.today(), classification="limited", classified_on=clock.today(),
        due_on=clock.today(), opened_at=now, opened_by=by,
    )  # fmt: skip
    ServiceRating.objects.create(
        district=firm.district,
        kind="cadre",
        enterprise=firm,
        unit=by.unit,
        level="satisfied",
        channel="plaque",
        at=now,
    )
    survey = SurveyRound.objects.create(
        district=firm.district, unit=by.unit, year=2026, quarter=4, scope="roster", size=1, last_day=clock.today(),
        open_token="open", created_by=by, created_at=now,
    )  # fmt: skip
    SurveySample.objects.create(round=survey, number=1, stratum="全部", enterprise=firm, token="sample")
    Claim.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, policy=policy, unit=by.unit,
        applied_on=clock.today(), applied_amount=1, recorded_at=now, recorded_by=by,
    )  # fmt: skip
    PolicyList.objects.create(
        district=firm.district, unit=by.unit, title="清单", kind="firm", enterprise=firm, token="list-of-the-double",
        created_at=now, created_by=by,
    )  # fmt: skip
    Commitment.objects.create(
        district=firm.district, region=firm.region, enterprise=firm, number=1, kind="policy", title="兑付奖补",
        unit=by.unit, basis="文件", made_on=clock.today(), classification="limited", due_on=clock.today(),
        recorded_at=now, recorded_by=by,
    )  # fmt: skip
    EnterpriseTitle.objects.create(enterprise=firm, code="high_tech", recorded_by=by, recorded_at=now)
    SamplePoint.objects.create(
        district=firm.district, enterprise=firm, reason="抽样", added_by=by, added_at=now
    )
    graded = {"district": firm.district, "enterprise": firm, "field": "fire", "year": 2026, "unit": by.unit}
    GradeRecord.objects.create(
        **graded, kind="annual", grade="green", reason="无处罚", graded_by=by, recorded_at=now,
        effective_from=clock.today(), state="in_force",
    )  # fmt: skip
    GradeDuty.objects.create(**graded, due_on=clock.today(), opened_at=now)
    Inspection.objects.create(
        district=firm.district, enterprise=firm, unit=by.unit, basis="random", planned_on=clock.today(),
        matter="危废", planned_by=by, planned_at=now,
    )  # fmt: skip
    needs_cast.opening(by, firm)
    needs_cast.need(by, firm)
    merged = factories.enterprise(firm.district, active=False)
    Enterprise.objects.filter(pk=merged.pk).update(merged_into=firm)


def test_nothing_is_left_with_the_duplicate(district, kept, double):
    cast = Cast(district)
    one_of_everything(double, cast.dispatcher)
    cast.register(subject=subject_key(double), claimed_name="")
    empty = [
        model._meta.label
        for model, name in moving()
        if not model._base_manager.filter(**{name: double}).exists()
    ]
    assert empty == [], "a new kind of row: add one to one_of_everything"
    merge(by=cast.dispatcher, kept=kept, duplicate=double)
    for model, name in moving():
        assert not model._base_manager.filter(**{name: double}).exists(), model
        assert model._base_manager.filter(**{name: kept}).exists(), model
    assert {RosterChange} == STAYS
    double.refresh_from_db()
    assert (double.active, double.merged_into) == (False, kept)
    # What was found under the old name is found under the new one.
    assert Appeal.objects.search("铜陵甲铜业").count() == Visit.objects.search("铜陵甲铜业").count() == 1


def test_a_new_name_leads_to_what_is_about_the_firm(district, kept):
    cast = Cast(district)
    appeal = cast.register(subject=subject_key(kept), claimed_name="")
    change_enterprise(by=cast.dispatcher, enterprise=kept, changes={"name": "铜陵新星材料有限公司"})
    assert list(Appeal.objects.search("新星材料")) == [appeal]
    assert not Appeal.objects.search("甲铜业").exists()


def test_gaps_are_filled_and_the_kept_firms_own_words_stay(district, dispatcher, kept, double):
    Enterprise.objects.filter(pk=double.pk).update(registration_number="340711000012345", contact_post="经理")
    merge(by=dispatcher, kept=kept, duplicate=double)
    kept.refresh_from_db(), double.refresh_from_db()
    assert (kept.name, kept.address, kept.registration_number) == (
        "铜陵甲铜业有限公司", "长江路1号", "340711000012345",
    )  # fmt: skip
    assert kept.contact_post == "", "a post is not joined with somebody else's name"
    assert double.registration_number is None and double.no_code_reason
    assert list(Enterprise.objects.search("340711000012345")) == [kept]


def test_the_code_of_the_duplicate_goes_to_the_kept_firm(district, dispatcher, double, kept):
    code = kept.credit_code
    merge(by=dispatcher, kept=double, duplicate=kept)
    double.refresh_from_db(), kept.refresh_from_db()
    assert (double.credit_code, double.no_code_reason) == (code, "")
    assert kept.credit_code is None


def test_history_and_audit_name_both(dispatcher, kept, double):
    merge(by=dispatcher, kept=kept, duplicate=double)
    mine = RosterChange.objects.get(enterprise=kept)
    other = RosterChange.objects.get(enterprise=double)
    assert (mine.source, mine.action, mine.after["address"]) == ("merge", "changed", "长江路1号")
    assert (other.source, other.action, other.after["merged_into_id"]) == ("merge", "removed", kept.pk)
    assert {change.pk for change in history.of(kept)} == {mine.pk, other.pk}, "read together"
    entry = AuditEntry.objects.get(action="enterprise.merge")
    assert (entry.object_id, entry.data["duplicate"]) == (str(kept.pk), double.pk)


def test_two_real_codes_are_two_firms(district, dispatcher, kept):
    other = factories.enterprise(district)
    with pytest.raises(ValidationError, match="两个不同的主体"):
        merge(by=dispatcher, kept=kept, duplicate=other)
    other.refresh_from_db()
    assert other.active


def test_what_cannot_be_merged_is_said(district, dispatcher, kept, double):
    with pytest.raises(ValidationError, match="两家不同"):
        merge(by=dispatcher, kept=kept, duplicate=kept)
    Enterprise.objects.filter(pk=kept.pk).update(active=False)
    with pytest.raises(ValidationError, match="不在册"):
        merge(by=dispatcher, kept=kept, duplicate=double)
    Enterprise.objects.filter(pk=kept.pk).update(active=True)
    merge(by=dispatcher, kept=kept, duplicate=double)
    with pytest.raises(ValidationError, match="已经并入"):
        merge(by=dispatcher, kept=kept, duplicate=double)
    with pytest.raises(ValidationError, match="已并入"):
        change_enterprise(by=dispatcher, enterprise=double, changes={"active": True})


def test_another_districts_firm_is_out_of_reach(district, dispatcher, kept):
    other = factories.another_district(district)
    foreign = factories.enterprise(
        other, region=factories.township(other, "西湖镇"), credit_code=None, no_code_reason="无"
    )
    with pytest.raises(PermissionDenied):
        merge(by=dispatcher, kept=kept, duplicate=foreign)


@pytest.mark.parametrize("kept_first", [True, False])
def test_the_same_cadre_goes_on_from_the_earlier_day(dispatcher, kept, double, kept_first):
    person, other = (factories.official(dispatcher.unit) for _ in range(2))
    today = clock.today()
    early, late = today - timedelta(90), today - timedelta(30)
    assignment(kept, dispatcher, person, early if kept_first else late, part="support")
    assignment(double, dispatcher, person, late if kept_first else early)
    assignment(double, dispatcher, other, late, part="support")
    merge(by=dispatcher, kept=kept, duplicate=double)
    rows = Assignment.objects.filter(enterprise=kept, official=person).order_by("started")
    assert [(row.started, row.ended) for row in rows] == [(early, None), (late, today)]
    assert rows[0].part == "lead"
    assert Assignment.objects.in_force().filter(enterprise=kept, official=other).exists()


def test_of_two_leads_the_kept_firms_goes_on_and_the_other_supports(dispatcher, kept, double):
    mine, other = (factories.official(dispatcher.unit) for _ in range(2))
    today = clock.today()
    assignment(kept, dispatcher, mine, today - timedelta(30))
    assignment(double, dispatcher, other, today - timedelta(90))
    merge(by=dispatcher, kept=kept, duplicate=double)
    running = Assignment.objects.in_force().filter(enterprise=kept)
    assert {(one.official, one.part) for one in running} == {(mine, "lead"), (other, "support")}
    # What was, stays: until yesterday the other one led.
    yesterday = Assignment.objects.in_force(today - timedelta(1)).filter(enterprise=kept, official=other)
    assert [one.part for one in yesterday] == ["lead"]


def test_the_same_cadre_never_stands_there_twice_on_a_day(dispatcher, kept, double):
    person, today = factories.official(dispatcher.unit), clock.today()
    assignment(kept, dispatcher, person, today - timedelta(90), ended=today + timedelta(30))
    assignment(double, dispatcher, person, today - timedelta(30))
    merge(by=dispatcher, kept=kept, duplicate=double)
    for day in (today, today + timedelta(10), today + timedelta(60)):
        assert Assignment.objects.in_force(day).filter(enterprise=kept, official=person).count() == 1


def test_of_two_plans_of_one_cadre_the_earlier_day_holds(dispatcher, kept, double):
    person, today = factories.official(dispatcher.unit), clock.today()
    for firm, days in ((kept, 9), (double, 3)):
        VisitPlan.objects.create(
            **of(firm, dispatcher, official=person, unit=dispatcher.unit, day=today + timedelta(days))
        )
    merge(by=dispatcher, kept=kept, duplicate=double)
    assert [(plan.enterprise, plan.day) for plan in VisitPlan.objects.open()] == [
        (kept, today + timedelta(3))
    ]


def test_one_that_begins_today_is_covered_by_the_other(dispatcher, kept, double):
    person = factories.official(dispatcher.unit)
    assignment(kept, dispatcher, person, clock.today() - timedelta(90))
    assignment(double, dispatcher, person, clock.today())
    merge(by=dispatcher, kept=kept, duplicate=double)
    assert Assignment.objects.get().started == clock.today() - timedelta(90)


def test_one_plaque_stays_in_force_and_the_other_code_leads_to_the_firm(dispatcher, kept, double):
    person = factories.official(dispatcher.unit)
    mine = plaque(kept, dispatcher, person, "mine")
    other = plaque(double, dispatcher, person, "other", state="signed")
    merge(by=dispatcher, kept=kept, duplicate=double)
    mine.refresh_from_db(), other.refresh_from_db()
    assert mine.is_in_force
    assert (other.state, other.enterprise) == ("replaced", kept)
    assert other.ended_at and kept.name in other.end_reason


def test_an_event_was_attended_once(dispatcher, kept, double):
    both, only = event(dispatcher), event(dispatcher)
    common = {"recorded_by": dispatcher, "recorded_at": clock.now()}

    def told(firm) -> Outreach:
        return Outreach.objects.create(
            district=firm.district, region=firm.region, enterprise=firm, way="meeting",
            unit=dispatcher.unit, occurred_at=clock.now(), recorded_at=clock.now(),
        )  # fmt: skip

    Attendance.objects.create(event=both, enterprise=kept, outreach=told(kept), **common)
    Attendance.objects.create(event=both, enterprise=double, outreach=told(double), attendee="钱一", **common)
    Attendance.objects.create(event=only, enterprise=double, outreach=told(double), **common)
    merge(by=dispatcher, kept=kept, duplicate=double)
    assert {row.event: row.attendee for row in Attendance.objects.filter(enterprise=kept)} == {
        both: "钱一", only: "",
    }  # fmt: skip
    assert Outreach.objects.filter(enterprise=kept).count() == 2


def test_the_same_year_is_joined(dispatcher, kept, double):
    record_year(by=dispatcher, enterprise=kept, year=2025, facts={"sales": Decimal(100)})
    record_year(by=dispatcher, enterprise=double, year=2025, facts={"sales": Decimal(90), "tax": Decimal(9)})
    record_year(by=dispatcher, enterprise=double, year=2024, facts={"sales": Decimal(80)})
    merge(by=dispatcher, kept=kept, duplicate=double)
    rows = YearlyFacts.objects.filter(enterprise=kept).values_list("year", "sales", "tax")
    assert set(rows) == {(2025, 100, 9), (2024, 80, None)}


def test_a_clash_that_nobody_settles_changes_nothing(dispatcher, kept, double, monkeypatch):
    person = factories.official(dispatcher.unit)
    for firm in (kept, double):
        plaque(firm, dispatcher, person, f"token{firm.pk}")
    monkeypatch.delitem(__import__("enterprises.merging").merging._movers, "liaisons.plaque")
    with pytest.raises(ValidationError, match="公示牌"):
        merge(by=dispatcher, kept=kept, duplicate=double)
    double.refresh_from_db()
    assert double.active and double.merged_into is None


def test_the_duplicate_disappears_and_old_choices_lead_to_the_kept_firm(client, dispatcher, kept, double):
    merge(by=dispatcher, kept=kept, duplicate=double)
    assert lookup(user=dispatcher, query="甲铜业有限") == [kept]
    assert find_exactly(user=dispatcher, text="甲铜业有限公司") is None
    assert SubjectField(user=dispatcher).clean(subject_key(double)) == kept
    client.force_login(dispatcher)
    for query in ({}, {"active": "no"}, {"active": "all"}):
        shown = client.get(reverse("enterprises:list"), query).context["page"].object_list
        assert double not in list(shown)
    page = client.get(reverse("portal:enterprise", args=[double.pk]))
    assert page["Location"] == reverse("portal:enterprise", args=[kept.pk])
    assert client.get(reverse("enterprises:edit", args=[double.pk])).status_code == 404


# --- Which may be one -----------------------------------------------------------------------------


def test_pairs_are_suspected_by_name_and_by_phone(district):
    a = factories.enterprise(district, name="铜陵（甲）铜业有限公司", contact_phone="")
    b = factories.enterprise(
        district, name="铜陵(甲) 铜业有限公司", contact_phone="", credit_code=None, no_code_reason="无"
    )
    c = factories.enterprise(district, name="铜陵市乙源机械有限公司", contact_phone="13800002222")
    d = factories.enterprise(
        district, name="乙源机械厂", contact_phone="13800002222", credit_code=None, no_code_reason="无"
    )
    factories.enterprise(district, name="完全不同的饭店", contact_phone="13800002222")
    factories.enterprise(district, name="铜陵（甲）铜业有限公司", contact_phone="", active=False)
    found = {(pair.kept, pair.duplicate) for pair in suspected(district)}
    assert found == {(a, b), (c, d)}


def test_suspecting_costs_the_same_for_many(district, django_assert_max_num_queries):
    for number in range(30):
        for _ in range(2):
            factories.enterprise(
                district, name=f"同名{number}公司", contact_phone="", credit_code=None, no_code_reason="无"
            )
    with django_assert_max_num_queries(5):
        assert len(suspected(district)) == 30


# --- Pages ----------------------------------------------------------------------------------------


def test_it_asks_before_it_merges(client, dispatcher, kept, double):
    record_year(by=dispatcher, enterprise=double, year=2025, facts={"sales": Decimal(1)})
    client.force_login(dispatcher)
    address = reverse("enterprises:merge")
    assert double.name in client.get(address).content.decode(), "the phone is the same, the names alike"
    asked = {"kept": subject_key(kept), "duplicate": subject_key(double)}
    page = client.get(address, asked).content.decode()
    assert "企业年度信息 1 条" in page and "长江路1号" in page
    double.refresh_from_db()
    assert double.active
    assert client.post(address, asked)["Location"] == reverse("portal:enterprise", args=[kept.pk])
    double.refresh_from_db()
    assert double.merged_into == kept
    assert client.post(address, asked).status_code == 422, "sent twice, merged once"


def test_without_javascript_the_whole_name_will_do(client, dispatcher, kept, double):
    client.force_login(dispatcher)
    typed = {"kept": "", "kept_text": kept.name, "duplicate": "", "duplicate_text": double.name}
    assert "确认合并" in client.get(reverse("enterprises:merge"), typed).content.decode()
    answer = client.get(reverse("enterprises:merge"), typed | {"kept_text": "没有的公司"})
    assert answer.status_code == 422 and "没有找到" in answer.content.decode()


def test_a_refusal_is_shown(client, district, dispatcher, kept):
    other = factories.enterprise(district)
    client.force_login(dispatcher)
    asked = {"kept": subject_key(kept), "duplicate": subject_key(other)}
    for method in (client.get, client.post):
        answer = method(reverse("enterprises:merge"), asked)
        assert answer.status_code == 422 and "两个不同的主体" in answer.content.decode()
    project = factories.project(district)
    asked["duplicate"] = subject_key(project)
    assert client.get(reverse("enterprises:merge"), asked).status_code == 422


@pytest.mark.parametrize("role", ["liaison", "cadre", "bureau_leader", "supervisor", "admin"])
def test_only_a_dispatcher_merges(client, district, kept, double, role):
    by = factories.user(factories.unit(district), role)
    client.force_login(by)
    assert client.get(reverse("enterprises:merge")).status_code == 403
    assert client.post(reverse("enterprises:merge")).status_code == 403
    with pytest.raises(PermissionDenied):
        merge(by=by, kept=kept, duplicate=double)
