"""Making documents: what can be made now, how it would look, giving it out under its number, withdrawing it.

A number is taken when a document is given out, in the same transaction: no gap, none twice. The words and what
filled them are kept with it, and the file as it was: next year it is the same document.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import Unit, User
from appeals import numbers
from appeals.models import Appeal, SupervisionLetter
from core import clock
from districts.documents import PLACEHOLDERS, DocumentText, fill
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from reports.documents import templates
from reports.documents.composing import compose
from reports.documents.filling import Values, masked, values_of, values_of_letter
from reports.documents.kinds import (
    KINDS,
    DocumentKind,
    is_sent,
    issuing_unit,
    kind_of_letter,
    may_make_of_letter,
)
from reports.documents.paper import Paper, written_date
from reports.models import Document

NOT_NOW = "现在不能出具这种公文：还没有办到这一步，或状态已经变化。"
LETTER_NOT_SENT = "督办单还没有发出，发出后才有文号。"
WITHDRAWN_ALREADY = "这份公文已经作废。"
MOST_REASON = 300
NO_NUMBER_YET = "（出具时编号）"


@dataclass(frozen=True)
class Offer:
    """A document that can be made of an appeal now, and rests on this event."""

    kind: DocumentKind
    seq: int


def rules_in_force(district: Region) -> Rules:
    return DistrictProfile.objects.in_force(district).rules


def offers(user: User, appeal: Appeal, made: list[Document]) -> list[Offer]:
    """What the user can make now; what is in force already for the same event is not offered again."""
    actor = Actor.of_user(user)
    have = {(found.kind, found.event_seq) for found in made if found.withdrawn_at is None}
    found = []
    for kind in KINDS.values():
        seq = kind.ready(appeal)
        if seq is not None and (kind.code, seq) not in have and kind.who(actor, appeal):
            found.append(Offer(kind, seq))
    return found


def documents_of(user: User, appeal: Appeal) -> list[Document]:
    found = Document.objects.visible_to(user).filter(appeal=appeal)
    return list(found.select_related("unit").defer("words", "values", "search_text"))


# --- Before it is given out -----------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A document as it would be: its words, and what stands for the placeholders."""

    kind: str
    district: Region
    unit: Unit
    rules: Rules
    words: DocumentText
    values: Values
    seq: int = 0
    fixed_number: str = ""
    """The number it bears already: the appeal's, or the letter's."""

    def paper(self, number: str = "", *, hidden: bool = False) -> Paper:
        values = masked(self.values) if hidden else self.values
        return compose(self.words, values, number or self.fixed_number or NO_NUMBER_YET)


def draft_of_appeal(*, by: User, kind: str, appeal: Appeal, asked: Mapping[str, str] | None = None) -> Draft:
    """Raises ``PermissionDenied`` if it is not the user's to make, ``ValidationError`` if it is too early."""
    spec = KINDS[kind]
    actor = Actor.of_user(by)
    unit = issuing_unit(kind, actor, appeal)
    if unit is None or not spec.who(actor, appeal):
        raise PermissionDenied(f"{spec.label}由{spec.who_label}出具。")
    seq = spec.ready(appeal)
    if seq is None:
        raise ValidationError(NOT_NOW, code="not_now")
    rules = rules_in_force(appeal.district)
    values = values_of(kind, appeal, seq, unit=unit, rules=rules, day=clock.today())
    return Draft(
        kind=kind,
        district=appeal.district,
        unit=unit,
        rules=rules,
        words=templates.words_in_force(appeal.district, kind, rules),
        values=values | _answered(spec, values, asked),
        seq=seq,
        fixed_number="" if spec.counts else appeal.number,
    )


def draft_of_letter(*, by: User, letter: SupervisionLetter) -> Draft:
    """As above, for a 督办单 that was sent: it keeps the number it was sent under."""
    if not is_sent(letter):
        raise ValidationError(LETTER_NOT_SENT, code="not_now")
    if letter.sender is None or not may_make_of_letter(Actor.of_user(by), letter):
        raise PermissionDenied("督办单的公文由发出它的单位出具。")
    kind = kind_of_letter(letter)
    rules = rules_in_force(letter.district)
    sent_on = clock.local_date(letter.sent_at) if letter.sent_at else clock.today()
    return Draft(
        kind=kind,
        district=letter.district,
        unit=letter.sender,
        rules=rules,
        words=templates.words_in_force(letter.district, kind, rules),
        values=values_of_letter(kind, letter, unit=letter.sender, rules=rules, day=sent_on),
        fixed_number=letter.number,
    )


def _answered(spec: DocumentKind, values: Values, asked: Mapping[str, str] | None) -> Values:
    """What was asked for; before anybody was asked, what the appeal suggests stands."""
    if asked is None:
        return {}
    missing = [ask.placeholder for ask in spec.asks if ask.required and not asked.get(ask.placeholder)]
    if missing:
        raise ValidationError({name: ["请填写。"] for name in missing})
    return {ask.placeholder: asked.get(ask.placeholder, "") for ask in spec.asks}


# --- Giving it out --------------------------------------------------------------------------------


@transaction.atomic
def issue(*, by: User, kind: str, appeal: Appeal, asked: Mapping[str, str] | None = None) -> Document:
    """The document in force for what it rests on: the one made before, else a new one under the next number."""
    Appeal.objects.select_for_update(of=("self",)).filter(pk=appeal.pk).first()
    appeal.refresh_from_db()
    draft = draft_of_appeal(by=by, kind=kind, appeal=appeal, asked=asked if asked is not None else {})
    return in_force(draft, appeal) or _give_out(draft, by, appeal=appeal)


def in_force(draft: Draft, appeal: Appeal) -> Document | None:
    """The document made before for the same thing."""
    made = Document.objects.in_force().filter(kind=draft.kind, appeal=appeal, event_seq=draft.seq)
    return made.filter(letter__isnull=True).first()


@transaction.atomic
def issue_letter(*, by: User, letter: SupervisionLetter) -> Document:
    locked = SupervisionLetter.objects.select_for_update(of=("self",)).select_related(
        "unit", "district", "sender", "appeal__profile", "appeal__district"
    )
    letter = locked.get(pk=letter.pk)
    draft = draft_of_letter(by=by, letter=letter)
    earlier = Document.objects.in_force().filter(letter=letter)
    return earlier.first() or _give_out(draft, by, appeal=letter.appeal, letter=letter)


def _give_out(
    draft: Draft, by: User, *, appeal: Appeal | None, letter: SupervisionLetter | None = None
) -> Document:
    day = clock.today()
    number, text = (None, draft.fixed_number) if draft.fixed_number else next_number(draft, day)
    paper = draft.paper(text)
    content = paper.as_docx()
    document = Document(
        district=draft.district,
        kind=draft.kind,
        year=day.year,
        number=number,
        number_text=text,
        title=paper.plain_title[:200],
        appeal=appeal,
        letter=letter,
        event_seq=draft.seq,
        unit=draft.unit,
        made_by=by,
        made_at=clock.now(),
        words=draft.words.model_dump(),
        values=draft.values,
        sha256=hashlib.sha256(content).hexdigest(),
    )
    document.file.save(f"{uuid.uuid4().hex}.docx", ContentFile(content), save=False)
    try:
        document.save()
    except BaseException:
        document.file.delete(save=False)
        raise
    shown = any(
        "{联系电话}" in words for words in draft.words.model_dump().values() if isinstance(words, str)
    )
    audit.record(by, "document.issue", document, kind=draft.kind, number=text, phone=shown)
    return document


def next_number(draft: Draft, day: date) -> tuple[int, str]:
    """〔2026〕12号: counted by district, kind and year. Needs a transaction."""
    count = numbers.count_up(draft.district, f"d_{draft.kind}", date(day.year, 1, 1))
    parts = {"前缀": draft.rules.number_prefix, "年": str(day.year), "号": str(count)}
    return count, fill(draft.words.number, parts)


# --- Afterwards -----------------------------------------------------------------------------------


def paper_of(document: Document) -> Paper:
    """As it was given out, with the firm's person and phone masked: for the page."""
    return compose(DocumentText.model_validate(document.words), masked(document.values), document.number_text)


def may_withdraw(user: User, document: Document) -> bool:
    """Whoever may make it, of the unit that did."""
    actor = Actor.of_user(user)
    if document.letter is not None:
        return may_make_of_letter(actor, document.letter)
    if document.appeal is None:
        return False
    return (
        user.unit_id in {document.unit_id, document.made_by.unit_id}
        and KINDS[document.kind].who(actor, document.appeal)
    )  # fmt: skip


@transaction.atomic
def withdraw(*, by: User, document: Document, reason: str) -> Document:
    """作废: it stays in the register, and its number is not given out again."""
    locked = Document.objects.select_for_update(of=("self",)).select_related("appeal", "letter", "made_by")
    document = locked.get(pk=document.pk)
    if not may_withdraw(by, document):
        raise PermissionDenied("公文由出具它的单位作废。")
    reason = reason.strip()
    if document.withdrawn_at is not None:
        raise ValidationError(WITHDRAWN_ALREADY, code="withdrawn")
    if not reason:
        raise ValidationError({"reason": ["请写明作废原因。"]})
    if len(reason) > MOST_REASON:
        raise ValidationError({"reason": [f"作废原因最多{MOST_REASON}字。"]})
    document.withdrawn_at, document.withdrawn_by, document.withdrawn_reason = clock.now(), by, reason
    document.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    audit.record(by, "document.withdraw", document, number=document.number_text)
    return document


def sample(words: DocumentText, kind: str, *, unit: Unit, rules: Rules) -> Paper:
    """How words look before there is anything to fill them: every placeholder stands for itself."""
    values = {name: f"〔{name}〕" for name in PLACEHOLDERS[kind]}
    today = clock.today()
    values |= {"发文单位": unit.name, "日期": written_date(today), "区县": rules.name}
    parts = {"前缀": rules.number_prefix, "年": str(today.year), "号": "12"}
    return compose(words, values, fill(words.number, parts) or "（已有编号）")
