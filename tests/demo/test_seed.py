"""The demo's district: built through the services, the same every time, and true to the workflow."""

import hashlib
import io
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from accounts.models import Official, User
from appeals import queues
from appeals.models import (
    Appeal,
    BacklogItem,
    Deadline,
    DuplicateHint,
    Event,
    ListedSupervision,
    Phrase,
    ProvincialResult,
    SavedFilter,
    Status,
    SupervisionLetter,
)
from appeals.provincial import to_be_recorded
from appeals.similar import similar_to
from appeals.workflow import TRANSITIONS
from campaigns.models import Commitment
from core import clock
from core.phones import MOBILE, clean_phone
from demo.accounts import ACCOUNTS, DEMO_ACCOUNTS, PASSWORD, YEJI_ACCOUNTS, YEJI_PREFIX
from demo.data.counter import NOT_ACCEPTED
from demo.data.matters import MATTERS
from demo.seed import default_today, seed
from demo.world import ENDS_AT, moment_on
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise, Project, Tier
from enterprises.uscc import clean_credit_code
from imports.models import SheetImport
from liaisons.address_book import gaps, unreached
from liaisons.models import (
    Assignment,
    Attendance,
    EventTask,
    Handover,
    LiaisonOfficer,
    Opinion,
    ServiceEvent,
    Visit,
    VisitPlan,
)
from notifications.models import Notice
from policies.models import Claim, HandOut, NewsItem, Payment, Policy, PolicyCondition
from policies.selectors import policies_for
from reports.models import FrozenFigure, SituationTable

SUNDAY = date(2026, 11, 22)


def small_district() -> None:
    call_command("import_calendar", verbosity=0, stdout=io.StringIO())
    call_command("load_profile", "340711", stdout=io.StringIO())
    seed(today=SUNDAY, scale=0.03, weeks=2, say=lambda line: None)


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Two weeks at a small scale, looked at by all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic(), clock.at(moment_on(SUNDAY, ENDS_AT)):
        small_district()
        yield
        transaction.set_rollback(True)


def fingerprint() -> str:
    """Everything that matters of the key tables, without the database's own numbering."""
    rows = [
        *Enterprise.objects.order_by("name", "pk").values_list("name", "credit_code", "region__name", "contact_phone"),
        *Official.objects.order_by("pk").values_list("name", "phone"),
        *Assignment.objects.order_by("pk").values_list("official__name", "enterprise__name", "started", "ended"),
        *Visit.objects.order_by("pk").values_list("occurred_at", "recorded_at", "enterprise__name", "findings"),
        *Appeal.objects.order_by("number").values_list("number", "secret_digest", "content", "status", "lead_unit__code"),
        *Event.objects.order_by("appeal__number", "seq").values_list("transition", "occurred_at", "user__username"),
        *Deadline.objects.order_by("pk").values_list("kind", "due_at", "verdict", "owner__code"),
        *LiaisonOfficer.objects.order_by("pk").values_list("unit__code", "name", "mobile", "started", "ended"),
        *Opinion.objects.order_by("pk").values_list("content", "occurred_at", "passed_to__code", "answer", "answered_at"),
        *BacklogItem.objects.order_by("number").values_list("title", "state", "due_on", "enterprise__name", "cleared_at"),
        *SituationTable.objects.order_by("pk").values_list("unit__code", "state", "submitted_at", "late"),
        *ServiceEvent.objects.order_by("pk").values_list("title", "starts_at", "place", "state", "leader__name"),
        *Attendance.objects.order_by("pk").values_list("event__starts_at", "enterprise__name", "attendee"),
        *EventTask.objects.order_by("pk").values_list("content", "due", "done_at", "result"),
        *SupervisionLetter.objects.order_by("pk").values_list("number", "unit__code", "state", "text", "answer", "sent_at"),
        *ListedSupervision.objects.order_by("pk").values_list("appeal__number", "target_date", "listed_at", "delisted_at"),
        *FrozenFigure.objects.order_by("pk").values_list("row", "week", "cumulative"),
        *Policy.objects.order_by("pk").values_list("title", "published_on", "apply_until", "active"),
        *HandOut.objects.order_by("pk").values_list("paper", "policy__title", "enterprise__name", "occurred_at", "copies"),
        *Payment.objects.order_by("pk").values_list("enterprise__name", "amount", "basis", "occurred_at"),
        *NewsItem.objects.order_by("pk").values_list("title", "outlet", "occurred_at"),
        *Commitment.objects.order_by("number").values_list("title", "state", "due_on", "unit__code", "enterprise__name"),
        *Claim.objects.order_by("pk").values_list("enterprise__name", "policy__title", "applied_amount", "state"),
        *Notice.objects.order_by("pk").values_list("recipient__username", "title", "created_at", "read_at"),
    ]  # fmt: skip
    return hashlib.sha256("\n".join(sorted(map(str, rows))).encode()).hexdigest()


# --- True to the workflow -------------------------------------------------------------------------


def test_every_status_came_about_through_its_events(seeded: None) -> None:
    for appeal in Appeal.objects.prefetch_related("events"):
        events = sorted(appeal.events.all(), key=lambda event: event.seq)
        assert [event.seq for event in events] == list(range(1, appeal.version + 1))
        assert events[0].from_status == ""
        assert events[-1].to_status == appeal.status
        for before, after in pairwise(events):
            assert after.from_status == before.to_status
            assert after.occurred_at >= before.occurred_at


def test_no_event_breaks_the_table_of_the_workflow(seeded: None) -> None:
    for event in Event.objects.all():
        row = TRANSITIONS[event.transition]
        if event.from_status == "":
            assert row.creates
        else:
            assert event.from_status in row.sources
        attempt = event.data.get("reached") is False
        target = str(row.target or event.from_status)
        assert event.to_status == target or attempt or row.returns
        assert event.occurred_at == event.recorded_at


def test_nothing_lies_in_the_future(seeded: None) -> None:
    end = moment_on(SUNDAY, ENDS_AT)
    assert not Event.objects.filter(occurred_at__gt=end).exists()
    assert not Visit.objects.filter(recorded_at__gt=end).exists()
    assert not Notice.objects.filter(created_at__gt=end).exists()


def test_officials_work_in_office_hours_and_on_the_service_day(seeded: None) -> None:
    rules = DistrictProfile.objects.first().rules
    for event in Event.objects.filter(user__isnull=False).select_related("appeal"):
        local = event.occurred_at.astimezone(moment_on(SUNDAY, ENDS_AT).tzinfo)
        on_saturday = local.weekday() == 5 and event.appeal.channel == "saturday"
        assert on_saturday or local.weekday() < 5
        assert rules.office_hours.start <= local.time() <= rules.office_hours.end


# --- Believable and safe --------------------------------------------------------------------------


def test_codes_and_phones_are_valid_and_made_up(seeded: None) -> None:
    for code in Enterprise.objects.exclude(credit_code=None).values_list("credit_code", flat=True):
        assert clean_credit_code(code) == code
    phones = [
        *Enterprise.objects.values_list("contact_phone", flat=True),
        *Project.objects.values_list("contact_phone", flat=True),
        *Official.objects.values_list("phone", flat=True),
        *LiaisonOfficer.objects.values_list("mobile", flat=True),
        *Appeal.objects.values_list("contact_phone", flat=True),
    ]
    for phone in phones:
        assert clean_phone(phone) == phone
        assert MOBILE.fullmatch(phone) and phone[3:7] == "0000"


def test_no_text_is_left_with_a_blank(seeded: None) -> None:
    texts = [
        *Appeal.objects.values_list("content", flat=True),
        *Visit.objects.values_list("findings", flat=True),
        *Appeal.objects.values_list("title", flat=True),
    ]
    assert all(texts)
    assert not [text for text in texts if "{" in text or "}" in text]


def test_the_texts_cover_every_category_and_ground_of_the_profile(seeded: None) -> None:
    rules = DistrictProfile.objects.first().rules
    assert {matter.category for matter in MATTERS} == set(rules.codes("categories"))
    assert set(NOT_ACCEPTED) <= set(rules.codes("decline_grounds"))
    assert len(MATTERS) >= 40


def test_policies_are_told_of_paid_under_and_reported_on(seeded: None) -> None:
    assert Policy.objects.in_force().count() == 15 and Policy.objects.filter(active=False).count() == 1
    assert HandOut.objects.filter(paper="letter").exists() and HandOut.objects.filter(paper="policy").exists()
    assert Payment.objects.standing().exists() and NewsItem.objects.filter(unit__code="xcb").exists()
    for paid in Payment.objects.select_related("policy", "enterprise", "project"):
        assert policies_for(paid.subject, [paid.policy]), (paid, paid.policy)


def test_commitments_are_kept_on_the_way_and_disputed(seeded: None) -> None:
    """Two weeks are too short for broken ones and for the ladder."""
    assert {"open", "partly", "disputed"} <= set(Commitment.objects.values_list("state", flat=True))
    assert set(Commitment.objects.values_list("kind", flat=True)) == set(Commitment.Kind.values)
    assert Commitment.objects.to_confirm().exists() and Commitment.objects.public().exists()


def test_policies_have_conditions_claims_and_lists(seeded: None) -> None:
    operators = set(PolicyCondition.objects.values_list("operator", flat=True))
    assert {"one_of", "at_least", "by_hand"} <= operators
    assert Enterprise.objects.filter(titles_checked_on__isnull=False).exists() and Claim.objects.exists()
    assert HandOut.objects.filter(policy_list__isnull=False).exists()


def test_letters_were_drafted_sent_and_answered_and_cases_listed_and_delisted(seeded: None) -> None:
    letters = SupervisionLetter.objects.all()
    assert {letter.state for letter in letters} >= {"draft", "sent", "answered"}
    assert {letter.appeal is None for letter in letters} == {True, False}
    for letter in letters:
        assert bool(letter.number) == bool(letter.sent_at) == (letter.sender is not None)
        assert letter.sent_at is None or letter.sent_at >= letter.drafted_at
        assert (letter.state == "answered") == bool(letter.answer) and "{" not in letter.text + letter.answer
    assert ListedSupervision.objects.in_force().count() >= 1
    assert ListedSupervision.objects.exclude(delisted_at=None).exclude(result="").exists()


def test_sheets_were_imported_and_bad_rows_handed_back(seeded: None) -> None:
    imports = SheetImport.objects.all()
    assert {one.state for one in imports} == {SheetImport.State.APPLIED}
    assert sum(one.rows_bad for one in imports) == 3


# --- Something to do for everybody ----------------------------------------------------------------


def test_everybody_of_the_table_can_sign_in(seeded: None) -> None:
    # Both districts', and the operator, who belongs to none.
    assert len(ACCOUNTS) == len(DEMO_ACCOUNTS) + len(YEJI_ACCOUNTS) + 1
    assert User.objects.get(username="dispatcher").check_password(PASSWORD)
    encoded = set(User.objects.filter(is_system=False).values_list("password", flat=True))
    assert len(encoded) == 1
    for _, username, name in ACCOUNTS:
        if not username.startswith(YEJI_PREFIX):
            assert User.objects.get(username=username).get_full_name() == name


@pytest.mark.parametrize(
    "username", ["rsj", "czj", "datong", "jkq", "dispatcher", "supervisor", "rsj_leader"]
)
def test_the_desk_of_a_demo_account_is_not_empty(seeded: None, username: str) -> None:
    user = User.objects.get(username=username)
    assert queues.owed_by(user).exists()
    assert queues.must_do_today(user).exists()


@pytest.mark.parametrize("username", ["rsj", "czj", "datong", "jkq"])
def test_a_unit_has_something_red_and_something_blue(seeded: None, username: str) -> None:
    colours = {deadline.colour for deadline in queues.owed_by(User.objects.get(username=username))}
    assert {"red", "blue"} <= colours


def test_the_bureau_has_proposals_to_countersign_and_firms_to_match(seeded: None) -> None:
    second = User.objects.get(username="dispatcher2")
    first = User.objects.get(username="dispatcher")
    assert queues.awaiting_countersignature(first).count() + queues.awaiting_countersignature(second).count()
    assert queues.ready_to_close(first).exists()
    unmatched = Appeal.objects.filter(status=Status.SUBMITTED, enterprise=None, project=None)
    assert unmatched.filter(claimed_code="").exists()


@pytest.mark.parametrize("username", ["cadre", "cadre2", "cadre3"])
def test_a_cadre_looks_after_firms(seeded: None, username: str) -> None:
    official = User.objects.get(username=username).official
    assert Assignment.objects.in_force(SUNDAY).held_by(official.pk).exists()


def test_the_inbox_holds_news_not_thousands(seeded: None) -> None:
    for username in ("dispatcher", "rsj", "datong"):
        unread = Notice.objects.filter(recipient__username=username).unread().count()
        assert 0 < unread < 60


def test_past_tables_are_accepted_but_for_the_missing_one(seeded: None) -> None:
    last = SituationTable.objects.filter(period__ending=date(2026, 11, 19))
    assert last.filter(late=True, unit__code="xfjy").exists()
    assert [table.unit.code for table in last.filter(state="open")] == ["laozhou"]
    assert not SituationTable.objects.filter(period__ending=date(2026, 11, 26)).exclude(state="open").exists()


# --- Events ---------------------------------------------------------------------------------------


def test_what_came_in_on_a_service_day_carries_it(seeded: None) -> None:
    taken = Appeal.objects.filter(channel="saturday").select_related("service_event")
    assert taken
    for appeal in taken:
        event = appeal.service_event
        assert event.kind == "saturday" and event.starts_at <= appeal.submitted_at
        assert clock.local_date(event.starts_at) == clock.local_date(appeal.submitted_at)


def test_events_stand_at_every_stage(seeded: None) -> None:
    states = set(ServiceEvent.objects.values_list("kind", "state"))
    assert {
        ("saturday", "held"),
        ("saturday", "announced"),
        ("saturday", "planned"),
        ("talk", "held"),
    } <= states
    assert ServiceEvent.objects.public().filter(state="cancelled").exists()
    assert ServiceEvent.objects.unrecorded().count() == 1
    assert ServiceEvent.objects.next_announced() is not None
    held = ServiceEvent.objects.filter(state="held")
    assert all(event.attendances.exists() and event.duties.exists() and event.minutes for event in held)
    assert Attendance.objects.filter(outreach__isnull=False).exists()


def test_of_what_was_decided_some_is_done_some_open_and_one_late(seeded: None) -> None:
    assert {task.colour for task in EventTask.objects.all()} >= {"none", "green", "red"}
    assert EventTask.objects.overdue().count() == 1


# --- The same every time --------------------------------------------------------------------------


@pytest.mark.once
def test_the_same_day_gives_the_same_district(seeded: None) -> None:
    first = fingerprint()
    with transaction.atomic():
        _empty()
        small_district()
        assert fingerprint() == first
        transaction.set_rollback(True)


def _empty() -> None:
    """Back to the bare tables, inside a transaction that will be rolled back."""
    with connection.cursor() as cursor, connection.constraint_checks_disabled():
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        for name in names:
            if not name.startswith(("django_", "auth_")):
                cursor.execute(f'DELETE FROM "{name}"')


@pytest.mark.slow
def test_the_second_district_lives_beside_the_first(db: None) -> None:
    """With its own people, months and leaders' instructions; nothing of it lies in the first one."""
    call_command("import_calendar", verbosity=0, stdout=io.StringIO())
    for code in ("340711", "341504"):
        call_command("load_profile", code, stdout=io.StringIO())
    small_district()
    yeji = Region.objects.get(code="341504")
    for _, username, name in ACCOUNTS:
        assert User.objects.get(username=username).get_full_name() == name
    appeals = Appeal.objects.filter(district=yeji)
    assert appeals.filter(status=Status.CLOSED).exists() and Visit.objects.filter(district=yeji).exists()
    dispatched = Event.objects.filter(appeal__in=appeals, transition="dispatch").values("appeal")
    instructed = Event.objects.filter(transition="instruct").values("appeal")
    assert not dispatched.exclude(appeal__in=instructed).exists()


# --- Where it may go ------------------------------------------------------------------------------


def test_it_refuses_a_portal_in_production(db: None, settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        call_command("seed_demo", stdout=io.StringIO())


def test_it_refuses_a_database_with_accounts(db: None) -> None:
    User.objects.create(username="somebody")
    with pytest.raises(CommandError, match="accounts already"):
        call_command("seed_demo", stdout=io.StringIO())


def test_it_says_what_must_be_loaded_first(db: None) -> None:
    with pytest.raises(CommandError, match="load_profile"):
        call_command("seed_demo", stdout=io.StringIO())


def test_it_refuses_a_day_that_is_none(district: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_TODAY", "19.11.2026")
    with pytest.raises(CommandError, match="DEMO_TODAY"):
        call_command("seed_demo", stdout=io.StringIO())


def test_before_the_office_opens_the_demo_ends_yesterday() -> None:
    with clock.at(moment_on(SUNDAY, ENDS_AT.replace(hour=3))):
        assert default_today() == date(2026, 11, 21)
    with clock.at(moment_on(SUNDAY, ENDS_AT.replace(hour=9))):
        assert default_today() == SUNDAY


# --- The whole district ---------------------------------------------------------------------------


@pytest.mark.slow
def test_the_whole_district_has_the_size_of_the_plan(district: Region) -> None:
    seed(today=SUNDAY, say=lambda line: None)
    assert Enterprise.objects.filter(tier=Tier.ABOVE_SCALE).count() == 241
    assert Project.objects.count() == 14
    assert Enterprise.objects.filter(tier=Tier.SMALL).active().count() == 3802
    assert 350 <= Appeal.objects.count() <= 520
    assert 350 <= Visit.objects.count() <= 480
    cadres = Assignment.objects.in_force(SUNDAY).values("official").distinct().count()
    assert 80 <= cadres <= 100
    small = Enterprise.objects.filter(tier=Tier.SMALL).active()
    assert 0.9 < small.covered(SUNDAY).count() / small.count() < 0.96
    assert not Enterprise.objects.filter(tier=Tier.ABOVE_SCALE).uncovered(SUNDAY).exists()
    reached = {
        Status.SUBMITTED, Status.ACCEPTED, Status.DISPATCHED, Status.HANDLING, Status.ANSWERED, Status.REVISITED,
        Status.CLOSED, Status.SOLVED_ON_SPOT, Status.DECLINED,
    }  # fmt: skip
    assert set(Appeal.objects.values_list("status", flat=True)) == reached
    used = set(Event.objects.values_list("transition", flat=True))
    assert used == set(TRANSITIONS)
    rules = DistrictProfile.objects.get().rules
    assert set(Appeal.objects.values_list("channel", flat=True)) == set(rules.codes("channels"))
    assert Appeal.objects.filter(round__gt=1, status=Status.CLOSED).exists()
    # Three moved on and left their firms to others; three townships handed in this half-year's roster.
    assert Handover.objects.filter(ended__isnull=False).distinct().count() == 3
    versions = SheetImport.objects.filter(complete=True)
    assert [(one.state, one.rows_gone) for one in versions] == [(SheetImport.State.APPLIED, 2)] * 3


# --- Officers and opinions ------------------------------------------------------------------------


def test_nearly_every_unit_has_an_officer_and_the_page_has_something_to_say(seeded: None) -> None:
    district = Region.objects.get(code="340711")
    rules = DistrictProfile.objects.first().rules
    missing = {gap.unit.code: gap.since for gap in gaps(district, rules)}
    assert set(missing) == {"xfjy", "tjj"} and missing["xfjy"] is None and missing["tjj"] is not None
    assert [line.unit.code for line in unreached(district)] == ["qiaonan"]
    assert LiaisonOfficer.objects.filter(unit__code="qiaonan").count() == 2


def test_opinions_are_heard_passed_on_and_answered(seeded: None) -> None:
    assert Opinion.objects.filter(answered_at__isnull=True).exists()
    answered = Opinion.objects.filter(answered_at__isnull=False).select_related(
        "answered_by__unit", "unit__parent"
    )
    assert answered.exists()
    for opinion in answered:
        holder = opinion.holder
        assert opinion.answered_at > opinion.occurred_at
        assert opinion.answered_by.unit_id in {holder.pk, holder.parent_id}


def test_the_firms_above_scale_have_a_past_to_read_before_a_visit(seeded: None) -> None:
    above = Enterprise.objects.filter(tier=Tier.ABOVE_SCALE)
    known = above.filter(yearly_facts__isnull=False).distinct()
    assert known.exists() and known.count() < above.count()
    for firm in known:
        years = list(firm.yearly_facts.order_by("year"))
        assert len(years) == 3 and all(facts.sales and facts.tax for facts in years) and years[-1].target


def test_cadres_who_sign_in_have_planned_where_to_go(seeded: None) -> None:
    assert VisitPlan.objects.open().filter(official__user__isnull=False, day__gt=SUNDAY).exists()


def test_the_province_has_answered_some_and_some_are_still_to_be_entered(seeded):
    answered = ProvincialResult.objects.values("appeal").distinct().count()
    entered = Appeal.objects.exclude(provincial_number="").count()
    assert 0 < answered <= entered
    assert to_be_recorded(Appeal.objects.all()).exists()
    brought = SheetImport.objects.filter(kind="provincial")
    assert brought.exists() and not brought.filter(rows_bad__gt=0).exists()


def test_the_desks_are_ones_own_and_a_matter_was_brought_twice(seeded: None) -> None:
    dispatcher = User.objects.get(username="dispatcher")
    assert SavedFilter.objects.visible_to(dispatcher).count() == 3
    assert Phrase.objects.filter(unit__code="rsj").exists() and Phrase.objects.filter(unit=None).count() > 10
    for hint in DuplicateHint.objects.select_related("appeal", "main"):
        found = similar_to(hint.appeal, user=dispatcher)
        assert found[0].appeal == hint.main and found[0].very_likely
    assert DuplicateHint.objects.exists()
