"""Events for tests: a Wednesday morning, and what is planned from there on."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Unit, User
from core import clock
from enterprises.models import Enterprise
from liaisons.models import ServiceEvent
from liaisons.services.event_records import Came, Decision, record_held
from liaisons.services.event_rules import Plan
from liaisons.services.events import announce, plan_event

WEDNESDAY = "2026-11-18 10:00+08:00"


def at(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


SATURDAY = at("2026-11-21 09:00")


def plan_of(organiser: Unit | None, **changes) -> Plan:
    given = {
        "kind": "saturday",
        "starts_at": SATURDAY,
        "ends_at": changes.get("starts_at", SATURDAY) + timedelta(hours=2, minutes=30),
        "organiser": organiser,
        "place": "大通镇便民服务中心一楼",
    }
    return Plan(**(given | changes))


def planned(by: User, **changes) -> ServiceEvent:
    organiser = changes.pop("organiser", by.unit)
    return plan_event(by=by, plan=plan_of(organiser, **changes))


def announced(by: User, **changes) -> ServiceEvent:
    return announce(by=by, event=planned(by, **changes))


def coming_and_held(by: User, carried_out_by: Unit, firm: Enterprise) -> tuple[ServiceEvent, ServiceEvent]:
    """One announced for the days to come, and one that was held, with a firm that came and something decided."""
    now = clock.now()
    coming = announced(by, units=[carried_out_by], starts_at=now + timedelta(days=3))
    with clock.at(now - timedelta(days=2)):
        held = announced(by, kind="talk", units=[carried_out_by], starts_at=now - timedelta(days=1))
    decision = Decision(content="组织专场招聘", unit=carried_out_by, due=clock.today() + timedelta(days=9))
    came = Came(enterprise=firm, attendee="赵敏")
    return coming, record_held(by=by, event=held, minutes="谈用工。", came=[came], decisions=[decision])
