"""Taking in what a firm thinks of a visit, its cadre, an event, a window, a payment. Nobody signs in for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Official, Unit
from campaigns.models import ConductRemark, ServiceRating
from campaigns.satisfaction.scrubbing import scrub
from campaigns.satisfaction.services import conduct
from campaigns.satisfaction.services.low_ratings import open_case
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from liaisons.cadence import start_of
from liaisons.models import ServiceEvent, Visit
from liaisons.plaques import leads_of
from policies.models import Payment

Kind, Channel = ServiceRating.Kind, ServiceRating.Channel
Entry = Enterprise | Project
MOST_COMMENT = 500
ALREADY = "已经评价过了，谢谢您。"
NOTHING_TO_RATE = spoken("近期没有登记对贵公司的走访，可以改为评价联企干部平时的服务。")
NOT_PAID = "近期没有登记对贵公司的政策兑现；对兑现有意见的，请反映诉求。"
NO_CADRE = spoken("联企干部正在调整，请过几天再评价。")


@dataclass(frozen=True)
class Judgement:
    """What was ticked and written."""

    level: str
    comment: str = ""
    unnamed: bool = True
    conduct: str = ""
    """For 督查 alone; kept apart from the rest."""


def rate_at_plaque(*, entry: Entry, kind: str, given: Judgement) -> ServiceRating:
    """By whoever scanned the firm's plaque: the last visit, the last payment, or once a quarter the cadre's work."""
    if kind == Kind.VISIT:
        visit = _last_visit(entry)
        if visit is None:
            raise ValidationError({"kind": [NOTHING_TO_RATE]})
        return rate_visit(visit=visit, given=given, channel=Channel.PLAQUE)
    if kind == Kind.PAYMENT:
        payment = _last_payment(entry)
        if payment is None:
            raise ValidationError({"kind": [NOT_PAID]})
        return rate_payment(payment=payment, given=given)
    if kind != Kind.CADRE:
        raise ValidationError({"kind": ["请选择评价什么。"]})
    lead = leads_of([entry]).get(entry)
    if lead is None:
        raise ValidationError({"kind": [NO_CADRE]})
    today = clock.today()
    return _rate(
        district=entry.district,
        kind=Kind.CADRE,
        given=given,
        channel=Channel.PLAQUE,
        unit=lead.unit,
        official=lead.official,
        entry=entry,
        once=f"cadre:{entry._meta.model_name}:{entry.pk}:{today.year}Q{(today.month - 1) // 3 + 1}",
    )


def rateable_at_plaque(entry: Entry) -> list[str]:
    """What there is to rate. Whether it was rated already is not told: a cadre can scan the plaque, too."""
    found = [Kind.CADRE.value]
    if _last_visit(entry) is not None:
        found.insert(0, Kind.VISIT.value)
    if _last_payment(entry) is not None:
        found.append(Kind.PAYMENT.value)
    return found


def _lately(entry: Entry) -> dict[str, datetime]:
    rules = DistrictProfile.objects.in_force(entry.district).rules
    since = start_of(clock.today() - timedelta(days=rules.ratings.visit_days))
    return {"occurred_at__gte": since, "occurred_at__lte": clock.now()}


def _last_visit(entry: Entry) -> Visit | None:
    visits = entry.visits.filter(**_lately(entry))
    return visits.select_related("reporting_unit", "district", "enterprise", "project").first()


def _last_payment(entry: Entry) -> Payment | None:
    payments = entry.payments.standing().filter(**_lately(entry))
    return payments.select_related("unit", "district", "enterprise", "project").first()


def rate_payment(*, payment: Payment, given: Judgement) -> ServiceRating:
    return _rate(
        district=payment.district,
        kind=Kind.PAYMENT,
        given=given,
        channel=Channel.PLAQUE,
        unit=payment.unit,
        entry=payment.subject,
        payment=payment,
        once=f"payment:{payment.pk}",
    )


def rate_visit(*, visit: Visit, given: Judgement, channel: str) -> ServiceRating:
    first = visit.participants.filter(official__isnull=False).select_related("official").first()
    return _rate(
        district=visit.district,
        kind=Kind.VISIT,
        given=given,
        channel=channel,
        unit=visit.reporting_unit,
        official=first.official if first else None,
        entry=visit.subject,
        visit=visit,
        once=f"visit:{visit.pk}",
    )


def rate_event(*, event: ServiceEvent, given: Judgement) -> ServiceRating:
    """By whoever was there; from when it began, for some weeks."""
    rules = DistrictProfile.objects.in_force(event.district).rules
    if not is_rateable(event, rules):
        raise ValidationError("现在不能评价这次活动。")
    return _rate(
        district=event.district,
        kind=Kind.EVENT,
        given=given,
        channel=Channel.CODE,
        unit=event.organiser,
        event=event,
    )


def is_rateable(event: ServiceEvent, rules: Rules) -> bool:
    now = clock.now()
    lasts = event.ends_at + timedelta(days=rules.ratings.event_days)
    return event.state != ServiceEvent.State.CANCELLED and event.starts_at <= now < lasts


def rate_window(*, unit: Unit, given: Judgement) -> ServiceRating:
    return _rate(district=unit.district, kind=Kind.WINDOW, given=given, channel=Channel.CODE, unit=unit)


@transaction.atomic
def _rate(
    *, district: Region, kind: str, given: Judgement, channel: str, unit: Unit, official: Official | None = None,
    entry: Entry | None = None, visit: Visit | None = None, event: ServiceEvent | None = None,
    payment: Payment | None = None, once: str | None = None,
) -> ServiceRating:  # fmt: skip
    rules = DistrictProfile.objects.in_force(district).rules
    errors: dict[str, list[str]] = {}
    comment = given.comment.strip()
    if rules.find("satisfaction", given.level) is None:
        errors["level"] = ["请选择满意程度。"]
    if len(comment) > MOST_COMMENT:
        errors["comment"] = [f"最多{MOST_COMMENT}字。"]
    if wrong := conduct.check_text(given.conduct):
        errors["conduct"] = [wrong]
    if errors:
        raise ValidationError(errors)
    if once and ServiceRating.objects.filter(once=once).exists():
        raise ValidationError(ALREADY)
    try:
        with transaction.atomic():
            rating = ServiceRating.objects.create(
                district=district,
                kind=kind,
                visit=visit,
                event=event,
                payment=payment,
                enterprise=entry if isinstance(entry, Enterprise) else None,
                project=entry if isinstance(entry, Project) else None,
                unit=unit,
                official=official,
                level=given.level,
                comment=comment,
                unnamed=given.unnamed,
                channel=channel,
                at=clock.now(),
                once=once,
            )
    except IntegrityError:
        raise ValidationError(ALREADY) from None
    conduct.receive(
        district=district,
        text=given.conduct,
        source=ConductRemark.Source.RATING,
        unit=unit,
        official=official,
    )
    if given.level not in rules.satisfied_levels:
        open_case(
            district=district,
            rules=rules,
            unit=unit,
            official=official,
            level=given.level,
            about=about(rating),
            words=said(rating),
            service_rating=rating,
        )
    return rating


# --- As the unit reads it -------------------------------------------------------------------------


def about(rating: ServiceRating) -> str:
    """What was rated, without the firm where it did not want to be named."""
    if rating.kind == Kind.EVENT and rating.event:
        return f"{clock.local_date(rating.event.starts_at):%-m月%-d日}{rating.event.title}"
    if rating.kind == Kind.WINDOW:
        name = str(rating.unit)
        return f"{name}服务" if "窗口" in name else f"{name}窗口服务"
    what = rating.get_kind_display()
    if rating.unnamed or rating.subject is None:
        return f"{what}（企业未署名）"
    if rating.visit:
        return f"{clock.local_date(rating.visit.occurred_at):%-m月%-d日}走访{rating.subject.name}"
    return f"对{rating.subject.name}的{what}"


def said(rating: ServiceRating) -> str:
    """The comment, with nothing in it that tells who wrote it, unless the firm gave its name."""
    subject = rating.subject
    if not rating.unnamed or subject is None:
        return scrub(rating.comment)
    return scrub(rating.comment, **names_of(subject))


def names_of(subject: Entry) -> Mapping[str, Any]:
    """The words by which a firm can be told: its own names, its people, the places it bears in its name."""
    persons = [subject.contact_name, subject.legal_person if isinstance(subject, Enterprise) else ""]
    places = [subject.district.name, *(parent.name for parent in Region.objects.ancestors(subject.district))]
    firms = [subject.name, subject.owner_name if isinstance(subject, Project) else ""]
    return {"firms": firms, "persons": persons, "places": places}
