"""The life of a plaque: ordered, printed, fetched from the bureau, signed for by the firm, replaced, revoked.

“区各联企干部实行挂牌服务”; “对包保公示牌需要更换的，及时到区科经局领取新的公示牌” (the plan, 包保联系全覆盖).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Official, Post, Role, User
from core import clock
from core.wording import speak, spoken
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from liaisons.address_book import recipients_of
from liaisons.models import Assignment, Plaque
from liaisons.permissions import may_keep_plaques, may_sign_plaque
from liaisons.plaques import Entry, entry_behind, leads_of, new_code, officer_of, text_for
from notifications.services import notify

State = Plaque.State
KEEPERS_ONLY = spoken("公示牌由牵头局调度员登记、制作、发放、更换和作废。")
MOST_REASON = 100
MOST_NAME = 50


@dataclass(frozen=True)
class Batch:
    """What was done to many, and of the others in words why not, each naming its firm."""

    done: list[Plaque] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


# --- Ordering -------------------------------------------------------------------------------------


def order(*, by: User, entry: Entry) -> Plaque:
    """A plaque for a firm or project that has none in force, with its lead cadre of today."""
    return _the_one(order_many(by=by, entries=[entry]))


def order_many(*, by: User, entries: Iterable[Entry]) -> Batch:
    """The same for many; those that cannot have one are named, the others get theirs."""
    _keeper(by)
    entries = list(dict.fromkeys(entries))
    leads, within, hanging = leads_of(entries), _within(by, entries), _with_plaque(entries)
    rules, now = _rules(by), clock.now()
    batch = Batch()
    for entry in entries:
        if entry not in within:
            batch.refused.append(f"“{entry.name}”不在册，或不在您可以办理的范围内。")
        elif entry in hanging:
            batch.refused.append(f"“{entry.name}”已有在用的{speak('公示牌')}。")
        elif isinstance(drafted := _draft(by, entry, leads.get(entry), rules), str):
            batch.refused.append(drafted)
        else:
            drafted.ordered_at = now
            batch.done.append(drafted)
    try:
        with transaction.atomic():
            Plaque.objects.bulk_create(batch.done)
            _note(by, "plaque.order", batch.done)
    except IntegrityError:
        # Somebody else ordered one of them at the same moment.
        raise ValidationError(speak("其中有企业刚由他人登记了公示牌，请刷新后再试。")) from None
    return batch


def _draft(by: User, entry: Entry, lead: Assignment | None, rules: Rules) -> Plaque | str:
    """A plaque with today's words and a code of its own, not yet saved; or why there can be none."""
    if lead is None:
        return f"“{entry.name}”还没有牵头{speak('联企干部')}，请先安排{speak('包保联系')}。"
    officer = officer_of(lead.official)
    if officer is None:
        return f"“{entry.name}”的{speak('联企干部')}{lead.official.name}现在没有任职记录，请先登记任职。"
    if not officer.phone:
        return f"“{entry.name}”的{speak('联企干部')}{officer.name}没有登记电话，请先补上。"
    return Plaque(
        district=entry.district,
        region=entry.region,
        enterprise=entry if isinstance(entry, Enterprise) else None,
        project=entry if isinstance(entry, Project) else None,
        token=new_code(),
        official=lead.official,
        text=text_for(entry, officer, rules),
        state=State.TO_PRINT,
        ordered_by=by,
        ordered_at=clock.now(),
    )


def _within(by: User, entries: Sequence[Entry]) -> set[Entry]:
    """Those on the roster that ``by`` sees."""
    found: set[Entry] = set()
    for model in (Enterprise, Project):
        of_kind = {entry.pk: entry for entry in entries if isinstance(entry, model)}
        visible = model._default_manager.visible_to(by).active().filter(pk__in=of_kind)
        found |= {of_kind[pk] for pk in visible.values_list("pk", flat=True)}
    return found


def _with_plaque(entries: Sequence[Entry]) -> set[Entry]:
    found: set[Entry] = set()
    for model, name in ((Enterprise, "enterprise"), (Project, "project")):
        of_kind = {entry.pk: entry for entry in entries if isinstance(entry, model)}
        hanging = Plaque.objects.in_force().filter(**{f"{name}__in": of_kind})
        found |= {of_kind[pk] for pk in hanging.values_list(name, flat=True)}
    return found


# --- Printing, handing out, signing ---------------------------------------------------------------


@transaction.atomic
def mark_printed(*, by: User, plaques: Iterable[Plaque]) -> Batch:
    """They are made and lie ready at the bureau; whoever is to fetch them is told."""
    batch = _advance(by, plaques, State.TO_PRINT, State.PRINTED, printed_at=clock.now())
    _note(by, "plaque.print", batch.done)
    _tell_ready(batch.done)
    return batch


@transaction.atomic
def collect(*, by: User, plaques: Iterable[Plaque], collected_by: str) -> Batch:
    """Handed out at the bureau to the person named."""
    name = _name(collected_by, "collected_by", "请填写领取人。")
    fields = {"collected_at": clock.now(), "collected_by": name}
    batch = _advance(by, plaques, State.PRINTED, State.COLLECTED, **fields)
    _note(by, "plaque.collect", batch.done)
    return batch


@transaction.atomic
def sign(*, by: User, plaque: Plaque, signed_by: str) -> Plaque:
    """It hangs at the firm: who signed for it there."""
    plaque = _locked(by, [plaque])[0]
    if not may_sign_plaque(by, plaque):
        raise PermissionDenied(speak("企业签收由公示牌上的联企干部、其单位联络员和牵头局调度员登记。"))
    name = _name(signed_by, "signed_by", "请填写企业签收人。")
    if plaque.state != State.COLLECTED:
        raise ValidationError(_not_now(plaque, State.COLLECTED))
    plaque.state, plaque.signed_at, plaque.signed_by = State.SIGNED, clock.now(), name
    plaque.save(update_fields=["state", "signed_at", "signed_by"])
    _note(by, "plaque.sign", [plaque])
    return plaque


def _advance(by: User, plaques: Iterable[Plaque], before: State, after: State, **fields: Any) -> Batch:
    _keeper(by)
    batch = Batch()
    for plaque in _locked(by, plaques):
        if plaque.state == before:
            batch.done.append(plaque)
        else:
            batch.refused.append(_not_now(plaque, before))
    fields["state"] = after
    Plaque.objects.filter(pk__in=[plaque.pk for plaque in batch.done]).update(**fields)
    for plaque in batch.done:
        for name, value in fields.items():
            setattr(plaque, name, value)
    return batch


# --- Replacing and revoking -----------------------------------------------------------------------


def replace(*, by: User, plaque: Plaque, reason: str) -> Plaque:
    """The new one, with today's lead cadre and a code of its own. The old code still leads to the firm."""
    return _the_one(replace_many(by=by, plaques=[plaque], reason=reason))


def replace_many(*, by: User, plaques: Iterable[Plaque], reason: str) -> Batch:
    """The same for many, after a handover say; those that cannot be replaced are named."""
    _keeper(by)
    reason = _reason(reason, "请写明更换原因。")
    try:
        with transaction.atomic():
            return _replaced(by, _locked(by, plaques), reason)
    except IntegrityError:
        raise ValidationError(speak("其中有公示牌刚由他人更换，请刷新后再试。")) from None


def _replaced(by: User, plaques: Sequence[Plaque], reason: str) -> Batch:
    batch, old = Batch(), []
    entries = {plaque.pk: entry_behind(plaque) for plaque in plaques}
    leads, within, rules = leads_of(entries.values()), _within(by, list(entries.values())), _rules(by)
    for plaque in plaques:
        entry = entries[plaque.pk]
        if not plaque.is_in_force:
            batch.refused.append(
                f"“{entry.name}”的这块{speak('公示牌')}{plaque.get_state_display()}，不能再更换。"
            )
        elif entry not in within:
            batch.refused.append(f"“{entry.name}”已不在册，请收回{speak('公示牌')}并作废。")
        elif isinstance(drafted := _draft(by, entry, leads.get(entry), rules), str):
            batch.refused.append(drafted)
        else:
            drafted.replaces = plaque
            old.append(plaque)
            batch.done.append(drafted)
    ended = {"state": State.REPLACED, "ended_at": clock.now(), "end_reason": reason}
    Plaque.objects.filter(pk__in=[plaque.pk for plaque in old]).update(**ended)
    Plaque.objects.bulk_create(batch.done)
    _note(by, "plaque.replace", batch.done, replaced=[plaque.pk for plaque in old])
    return batch


@transaction.atomic
def revoke(*, by: User, plaque: Plaque, reason: str) -> Plaque:
    """The code is dead from now on: a plate that was lost or copied, or of a firm that is gone.

    Also the code of a plate that was replaced earlier; why it was replaced stays beside it.
    """
    _keeper(by)
    reason = _reason(reason, "请写明作废原因。")
    plaque = _locked(by, [plaque])[0]
    if plaque.state == State.REVOKED:
        raise ValidationError(speak("这块公示牌已经作废。"))
    if plaque.end_reason:
        reason = f"更换：{plaque.end_reason}；作废：{reason}"
    plaque.state, plaque.ended_at, plaque.end_reason = State.REVOKED, clock.now(), reason[:200]
    plaque.save(update_fields=["state", "ended_at", "end_reason"])
    _note(by, "plaque.revoke", [plaque])
    return plaque


# --- Shared ---------------------------------------------------------------------------------------


def _keeper(by: User) -> None:
    if not may_keep_plaques(by):
        raise PermissionDenied(KEEPERS_ONLY)


def _rules(by: User) -> Rules:
    assert by.unit is not None
    return DistrictProfile.objects.in_force(by.unit.district, clock.today()).rules


def _locked(by: User, plaques: Iterable[Plaque]) -> list[Plaque]:
    """As they are now, for nobody else to change; what ``by`` may not see is refused."""
    pks = {plaque.pk for plaque in plaques}
    rows = Plaque.objects.visible_to(by).filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk")
    found = list(
        rows.select_related(
            "official", "enterprise__region", "enterprise__district", "enterprise__merged_into",
            "project__region", "project__district",
        )
    )  # fmt: skip
    if len(found) != len(pks):
        raise PermissionDenied(speak("其中有公示牌不在您可以办理的范围内。"))
    return found


def _the_one(batch: Batch) -> Plaque:
    if batch.refused:
        raise ValidationError(batch.refused)
    return batch.done[0]


def _not_now(plaque: Plaque, needed: State) -> str:
    return f"“{plaque.entry}”的{speak('公示牌')}现在是“{plaque.get_state_display()}”，不是“{needed.label}”。"


def _name(value: str, field_name: str, missing: str) -> str:
    name = " ".join(value.split())
    if not name:
        raise ValidationError({field_name: missing})
    if len(name) > MOST_NAME:
        raise ValidationError({field_name: f"姓名最多{MOST_NAME}字。"})
    return name


def _reason(value: str, missing: str) -> str:
    reason = " ".join(value.split())
    if not reason:
        raise ValidationError({"reason": missing})
    if len(reason) > MOST_REASON:
        raise ValidationError({"reason": f"原因最多{MOST_REASON}字。"})
    return reason


def _note(by: User, action: str, plaques: Sequence[Plaque], **data: Any) -> None:
    if plaques:
        one = plaques[0] if len(plaques) == 1 else None
        audit.record(by, action, one, plaques=[plaque.pk for plaque in plaques], **data)


def _tell_ready(plaques: Sequence[Plaque]) -> None:
    """“及时到区科经局领取”: one notice for each cadre's plaques, to him or to the liaison of his unit."""
    of_official: dict[Official, list[Plaque]] = {}
    for plaque in plaques:
        of_official.setdefault(plaque.official, []).append(plaque)
    accounts = {
        user.official_id: user for user in User.objects.filter(official__in=of_official, is_active=True)
    }
    posts = Post.objects.held_on(clock.today()).filter(official__in=of_official).order_by("-order", "-pk")
    unit_of_official = dict(posts.values_list("official", "unit"))

    @cache
    def liaisons(unit: int) -> list[User]:
        return recipients_of([unit], Role.LIAISON).get(unit, [])

    for official, own in of_official.items():
        if account := accounts.get(official.pk):
            recipients = [account]
        else:
            unit = unit_of_official.get(official.pk)
            recipients = liaisons(unit) if unit else []
        names = "、".join(str(plaque.entry) for plaque in own[:3])
        notify(
            recipients,
            key=f"plaque:{own[0].pk}:printed",
            title=f"请领取{official.name}的{speak('公示牌')}{len(own)}块",
            body=f"{names}{'等' if len(own) > 3 else ''}的{speak('公示牌')}已制作好，请到{speak('牵头局')}领取并送到企业。",
            url=f"{reverse('liaisons:plaques')}?tab={State.PRINTED}",
        )
