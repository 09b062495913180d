"""Rotas and records of one district for tests that walk every page: one of each thing, and what its address needs."""

from datetime import date, time, timedelta
from decimal import Decimal

from campaigns.models import Duty
from campaigns.rotas.feed import feed_key
from campaigns.rotas.services import knowledge, rotas, sittings, training, visit_sheets, window_ledger
from campaigns.rotas.services.rotas import Line
from campaigns.rotas.services.sittings import Found
from core import clock
from enterprises.models import Enterprise
from liaisons.event_calendar import next_month
from liaisons.services.assignments import assign
from tests import factories
from tests.appeals.lives import Cast


def rotas_and_records(cast: Cast, firm: Enterprise) -> dict[str, list]:
    """The arguments of every address of campaigns/rota_urls.py, and of the kinds of assignments."""
    district, liaison, dispatcher, today = cast.district, cast.liaison, cast.dispatcher, clock.today()
    factories.with_rules(district, assignment_kinds=[{"code": "police", "label": "警企包保", "public": True}])
    head = factories.official(liaison.unit, name="江晚", title="副局长", rank_group="unit_leaders")
    assign(by=dispatcher, official=head, subject=firm, started=today, kind="police")
    planned, held = (
        sittings.plan_sittings(by=liaison, unit=liaison.unit, official=head, days=[today], half=half)[0]
        for half in ("afternoon", "morning")
    )
    found = [
        Found(content="排队久", measure="加开窗口"),
        Found(content="材料多", measure="精简", due=today + timedelta(days=20)),
    ]
    sittings.record(
        by=liaison, sitting=held, item="社保登记", part="firm", received=2, summary="走了一遍。", found=found
    )
    month = date.fromordinal(today.replace(day=1).toordinal() - 1).replace(day=1)
    sheet = visit_sheets.hand_in(by=liaison, unit=liaison.unit, month=month)
    rota = rotas.rota_of(by=dispatcher, district=district, kind="reception", month=today.replace(day=1))
    day = min(today + timedelta(days=7), next_month(today.replace(day=1)) - timedelta(days=1))
    lines = [
        Line(day=one, unit=liaison.unit, official=head, begins=time(9), ends=time(11, 30), place="大厅")
        for one in {today, day}
    ]
    rotas.add_duties(by=dispatcher, rota=rota, lines=lines)
    duty = Duty.objects.get(rota=rota, day=today)
    entry = window_ledger.record_entry(
        by=cast.window, window="service", kind="enquiry", content="怎么办营业执照", way="open", person="赵先生",
        phone="13800001234",
    )  # fmt: skip
    plan = training.file_plan(
        by=dispatcher, enterprise=firm, title="班组长管理", starts=today, ends=today, participants=30,
        provider="某管理学院", fee=Decimal(10_000),
    )  # fmt: skip
    training.decide(by=cast.second_dispatcher, plan=plan, approved=True)
    officer = knowledge.appoint(
        by=liaison, unit=liaison.unit, official=head, name="", title="", started=today
    )
    asked = knowledge.hand_in(
        by=liaison, unit=liaison.unit, category="procedure", question="社保怎么补缴？", answer="到窗口办理。",
        valid_from=today,
    )  # fmt: skip
    code, months = district.code, ["reception", f"{today:%Y-%m}"]
    of_sheet = [liaison.unit_id, f"{month:%Y-%m}"]
    return {
        "liaisons:kind": ["police"], "public:assignments": [code, "police"], "public:rotas": [code],
        **{f"campaigns:{name}": [planned.pk] for name in ("sitting", "record_sitting", "drop_sitting")},
        "campaigns:improve_sitting": [held.problems.get(on_spot=False).pk],
        **{f"campaigns:{name}": of_sheet for name in ("visit_sheet", "download_visit_sheet")},
        "campaigns:give_back_visit_sheet": [sheet.pk],
        "campaigns:duty_feed": [feed_key(liaison)],
        **{f"campaigns:{name}": [duty.pk] for name in (
           "change_duty", "remove_duty", "substitute_duty", "swap_duty", "record_duty")},
        **{f"campaigns:{name}": months for name in (
           "rota", "print_rota", "download_rota", "plan_rota", "add_duty", "import_rota", "publish_rota")},
        **{f"campaigns:{name}": [entry.pk] for name in (
           "window_entry", "answer_window_entry", "window_entry_appeal")},
        **{f"campaigns:{name}": [plan.pk] for name in (
           "training_plan", "decide_training", "hold_training", "settle_training", "pay_training",
           "withdraw_training")},
        "campaigns:end_policy_officer": [officer.pk],
        **{f"campaigns:{name}": [asked.pk] for name in (
           "knowledge_entry", "change_knowledge", "withdraw_knowledge")},
    }  # fmt: skip
