"""The one door: every appeal is created and every status changed here.

``perform`` locks the row, checks the source state, asks the policies, validates the data, carries out the
step, moves the clocks, writes one event and queues the notices, all in one transaction.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.datastructures import MultiValueDict

from accounts.actors import Actor
from appeals import deadlines, notices, numbers
from appeals.forms import TransitionForm
from appeals.models import FINAL, Appeal, Event, Status
from appeals.steps.base import Step
from appeals.steps.intake import new_appeal
from appeals.steps.supervision import end_supervision
from appeals.workflow import RULED_IN, TRANSITIONS, Transition, allowed
from core import clock, tokens
from districts.models import DistrictProfile, Region
from districts.words import speaking_for

CLAIM = "appeal:"


class Refused(Exception):
    """The transition was not carried out, and nothing was changed. ``reason`` is for machines."""

    reason = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(Refused):
    """This actor may not do this."""

    reason = "not_allowed"


class Stale(Refused):
    """The appeal has moved on since the page was drawn; ``meanwhile`` holds the events since."""

    reason = "conflict"

    def __init__(self, message: str, appeal: Appeal, meanwhile: list[Event]) -> None:
        super().__init__(message)
        self.appeal, self.meanwhile = appeal, meanwhile


class NotYet(Stale):
    """State and actor fit, but something must come first."""

    reason = "not_yet"


class Invalid(Refused):
    """The data does not do; ``form`` says where."""

    reason = "invalid"

    def __init__(self, form: TransitionForm) -> None:
        super().__init__("请检查填写的内容。")
        self.form = form


def perform(
    appeal: Appeal | None,
    transition: str,
    actor: Actor,
    data: Mapping[str, Any],
    *,
    files: MultiValueDict | None = None,
    seen: int | None = None,
    key: str | None = None,
    district: Region | None = None,
    occurred_at: datetime | None = None,
) -> Appeal:
    """Carry out ``transition`` and return the appeal as it is afterwards.

    ``appeal``: None creates one, in ``district`` (default: the district of the actor's unit); the returned
    appeal then carries its ``secret_code``. ``seen``: the version the actor looked at; if the appeal has
    moved on, ``Stale`` is raised. ``key``: the once-only token of the form; the same token again returns the
    first result. ``occurred_at``: for imports alone; everything else happens now.

    Raises ``NotAllowed``, ``Stale``, ``NotYet`` or ``Invalid``.
    """
    row = TRANSITIONS[transition]

    def attempt() -> Appeal:
        with transaction.atomic():
            if key and tokens.earlier_result(key):
                return _repeated(key, row, actor, appeal)
            if appeal is None:
                result = _create(row, actor, data, files, key, district, occurred_at)
            else:
                result = _move(appeal, row, actor, data, files, seen, occurred_at)
            if key:
                tokens.claim(key, _claim_of(row, actor, result))
            return result

    at = appeal or actor.unit
    district_id = district.pk if district else at.district_id if at else None
    with speaking_for(district_id):
        try:
            return attempt()
        except IntegrityError:
            # Another one was quicker by a moment, with a copy of this form or with a number that may stand only
            # once. Now that theirs is there, the second attempt finds it and says so.
            return attempt()


def earlier_appeal(key: str) -> Appeal | None:
    """The appeal that a form with this token led to. The token leads to the same secret code again."""
    done = tokens.earlier_result(key)
    if done is None or not done.startswith(CLAIM):
        return None
    appeal = Appeal.objects.get(pk=int(done.split(":")[1]))
    code = numbers.secret_code(key)
    if numbers.matches(code, appeal.secret_digest):
        appeal.secret_code = code
    return appeal


def _claim_of(row: Transition, actor: Actor, appeal: Appeal) -> str:
    """What a token was used for: by whom, for what, on which appeal."""
    return f"{CLAIM}{appeal.pk}:{row.name}:{actor.user.pk if actor.user else actor.kind}"


def _repeated(key: str, row: Transition, actor: Actor, appeal: Appeal | None) -> Appeal:
    """The result of the first copy of a form; a token that did something else is nobody's here."""
    first = earlier_appeal(key)
    done = tokens.earlier_result(key)
    if first is None or done != _claim_of(row, actor, first) or (appeal and appeal.pk != first.pk):
        raise NotAllowed("这个页面已经用过了，请刷新后再提交。")
    return first


def _create(
    row: Transition,
    actor: Actor,
    data: Mapping[str, Any],
    files: MultiValueDict | None,
    key: str | None,
    district: Region | None,
    occurred_at: datetime | None,
) -> Appeal:
    if district is None:
        if actor.unit is None:
            raise NotAllowed("请先选择区县。")
        district = actor.unit.district
    profile = DistrictProfile.objects.in_force(district, clock.today())
    blank = Appeal(district=district, profile=profile)
    if not row.creates or not allowed(row, actor, blank):
        raise NotAllowed(f"您没有“{row.label}”的权限。")
    form = row.form(data, files, appeal=None, actor=actor, district=district, rules=profile.rules)
    if not form.is_valid():
        raise Invalid(form)
    moment = occurred_at or clock.now()
    appeal = new_appeal(
        profile=profile, district=district, actor=actor, data=form.cleaned_data, moment=moment, token=key
    )
    return _carry_out(row, appeal, actor, form, moment, from_status="")


def _move(
    appeal: Appeal,
    row: Transition,
    actor: Actor,
    data: Mapping[str, Any],
    files: MultiValueDict | None,
    seen: int | None,
    occurred_at: datetime | None,
) -> Appeal:
    appeal = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("profile", "district", "lead_unit", "collecting_unit")
        .defer("profile__data")
        .get(pk=appeal.pk)
    )
    if not allowed(row, actor, appeal):
        raise NotAllowed(f"您没有“{row.label}”的权限。")
    if appeal.status not in row.sources or (seen is not None and seen != appeal.version):
        message = f"这件诉求现在是“{appeal.get_status_display()}”，页面打开后已有新的进展。"
        raise Stale(message, appeal, _since(appeal, seen))
    if row.gate and (why := row.gate(appeal, actor)):
        raise NotYet(why, appeal, _since(appeal, seen))
    form = row.form(
        data, files, appeal=appeal, actor=actor, district=appeal.district, rules=appeal.profile.rules
    )
    if not form.is_valid():
        raise Invalid(form)
    moment = occurred_at or clock.now()
    return _carry_out(row, appeal, actor, form, moment, from_status=appeal.status)


def _since(appeal: Appeal, seen: int | None) -> list[Event]:
    """What has happened since the actor looked; the last event if that is not known."""
    events = appeal.events.select_related("user", "unit")
    if seen is None:
        return list(events.order_by("-seq")[:1])
    return list(events.filter(seq__gt=seen).order_by("seq"))


def _carry_out(
    row: Transition, appeal: Appeal, actor: Actor, form: TransitionForm, moment: datetime, from_status: str
) -> Appeal:
    step = Step(
        appeal=appeal,
        actor=actor,
        data=form.cleaned_data,
        moment=moment,
        rules=appeal.profile.rules,
        seq=appeal.version + 1,
        former_lead=appeal.lead_unit,
    )
    if row.does:
        try:
            row.does(step)
        except ValidationError as error:
            form.add_error(None, error.messages)
            raise Invalid(form) from None
    to_status = row.leads_to(appeal) if step.concluded else from_status
    if step.concluded:
        _move_clocks(row, step)
    if to_status != from_status:
        Appeal._meta.get_field("status").set_state(appeal, to_status)
        _leave(from_status, to_status, step)
    appeal.version = step.seq
    appeal.save()
    event = Event(
        appeal=appeal,
        seq=step.seq,
        transition=row.name,
        from_status=from_status,
        to_status=to_status,
        round=appeal.round,
        actor_kind=actor.kind,
        user=actor.user,
        unit=actor.unit,
        occurred_at=moment,
        recorded_at=clock.now(),
        data=step.references,
    )
    event.save()
    appeal.forget_facts()
    notices.tell(row, step)
    return appeal


def _move_clocks(row: Transition, step: Step) -> None:
    """What the row says of clocks: met, ended, going on, standing still, started."""
    appeal, moment = step.appeal, step.moment
    deadlines.meet(appeal, row.meets, moment, owner=step.unit if row.own_clock else None)
    if row.ends:
        deadlines.void(appeal, moment, row.ends)
    if row.resumes:
        least = step.rules.limits.left_after_city if row.leaves_time else 0
        deadlines.resume(appeal, row.resumes, moment, at_least=least)
    if row.stops:
        deadlines.pause(appeal, row.stops, moment, transition=row.name)
    for kind, how in step.clocks:
        deadlines.start(appeal, kind, moment, **how)
    for kind in row.starts:
        if kind not in step.decided:
            deadlines.start(appeal, kind, moment)


def _leave(from_status: str, to_status: str, step: Step) -> None:
    """A state was left: what cannot be ruled on any more lapses, and a final state ends all that runs."""
    appeal, moment = step.appeal, step.moment
    goes_on = from_status == Status.WAITING and to_status == appeal.returns_to
    if from_status == Status.WAITING:
        appeal.returns_to = ""
    if to_status != Status.WAITING and not goes_on:
        # While the firm is waited for, what was asked goes on waiting too.
        deadlines.end_unruled(appeal, [kind for kind in RULED_IN if to_status not in RULED_IN[kind]], moment)
    appeal.ended_at = moment if to_status in FINAL else None
    if to_status in FINAL:
        deadlines.void(appeal, moment)
        end_supervision(step, f"诉求已{Status(to_status).label}")
        reopens = to_status in TRANSITIONS["reopen"].sources
        appeal.reopen_until = moment + timedelta(days=step.rules.limits.reopen_days) if reopens else None
