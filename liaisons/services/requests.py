"""“请联企干部来一趟”: what a firm asks for on the page behind its plaque, and what became of it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import User
from core import clock
from core.phones import clean_contact_phone
from core.wording import speak
from enterprises.models import Enterprise, Project
from liaisons.models import Visit, VisitRequest
from liaisons.permissions import may_settle_request
from liaisons.plaques import Entry, whom_to_tell
from notifications.services import notify

State = VisitRequest.State
MOST_WISH = 500
MOST_OUTCOME = 300


@transaction.atomic
def request_visit(*, entry: Entry, contact_name: str, contact_phone: str, wish: str) -> VisitRequest:
    """Asked by the firm, without an account; its lead cadre is told. The same words, sent again, wait once."""
    name, wish = " ".join(contact_name.split()), wish.strip()
    errors: dict[str, list[str]] = {}
    if not name or len(name) > 50:
        errors["contact_name"] = ["请填写联系人，最多50字。"]
    if not wish:
        errors["wish"] = ["请写明希望了解或反映的事。"]
    elif len(wish) > MOST_WISH:
        errors["wish"] = [f"最多{MOST_WISH}字。"]
    try:
        phone = clean_contact_phone(contact_phone)
    except ValidationError as error:
        errors["contact_phone"] = error.messages
    if errors:
        raise ValidationError(errors)
    entry = type(entry)._default_manager.select_for_update(of=("self",)).get(pk=entry.pk)
    if entry.visitrequests.open().filter(contact_phone=phone, wish=wish).exists():
        raise ValidationError(speak("同样的约访已经收到，联企干部会与您联系，不用再提。"))
    found = VisitRequest.objects.create(
        district=entry.district,
        region=entry.region,
        enterprise=entry if isinstance(entry, Enterprise) else None,
        project=entry if isinstance(entry, Project) else None,
        contact_name=name,
        contact_phone=phone,
        wish=wish,
        recorded_at=clock.now(),
    )
    audit.record(None, "visit_request.create", found)
    notify(
        whom_to_tell(entry),
        key=f"visit_request:{found.pk}",
        title=f"企业约访：{entry.name}",
        body=speak("企业扫公示牌请联企干部去一趟，请尽快与企业联系。"),
        url=reverse("liaisons:request", args=[found.pk]),
    )
    return found


@transaction.atomic
def settle_request(
    *, by: User, request: VisitRequest, outcome: str, visit: Visit | None = None
) -> VisitRequest:
    """Somebody went (``visit``), or it was settled otherwise, with what was said.

    Whoever recorded the visit may say that it answers the request; else it is for those who may call the firm.
    """
    visible = VisitRequest.objects.visible_to(by).select_for_update(of=("self",))
    request = visible.select_related("enterprise", "project").get(pk=request.pk)
    went = visit is not None and visit.recorded_by_id == by.pk
    if not (went or may_settle_request(by, request)):
        raise PermissionDenied(speak("约访由联企干部、其单位联络员和牵头局调度员办理。"))
    if request.state != State.OPEN:
        raise ValidationError("这次约访已经办理过了。")
    outcome = outcome.strip()
    if len(outcome) > MOST_OUTCOME:
        raise ValidationError({"outcome": f"最多{MOST_OUTCOME}字。"})
    if visit is None and not outcome:
        raise ValidationError({"outcome": "没有走访就了结的，请写明与企业说了什么、怎样处理。"})
    if visit is not None:
        if (visit.enterprise_id, visit.project_id) != (request.enterprise_id, request.project_id):
            raise ValidationError({"visit": "这次走访不是去这家企业的。"})
        if visit.occurred_at < request.recorded_at:
            raise ValidationError({"visit": "这次走访在企业提出约访之前。"})
    request.state = State.DROPPED if visit is None else State.DONE
    request.visit, request.outcome = visit, outcome
    request.settled_by, request.settled_at = by, clock.now()
    request.save(update_fields=["state", "visit", "outcome", "settled_by", "settled_at"])
    audit.record(by, f"visit_request.{request.state}", request, visit=visit.pk if visit else None)
    return request
