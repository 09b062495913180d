"""Words that are written again and again (常用语): where they fit, who keeps them, and the first set of a district."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import Role, Unit, User
from appeals.models import Appeal, Phrase
from appeals.models.desk import SAME_TITLE
from appeals.querysets import PhraseQuerySet
from appeals.workflow import TRANSITIONS, Transition
from core.wording import spoken
from districts.loading import PhraseSpec
from districts.models import Region

Purpose = Phrase.Purpose

# Which kind of words a transition's form takes, and in which field.
USES: dict[str, tuple[Phrase.Purpose, str]] = {
    "dispatch": (Purpose.REQUIREMENT, "requirements"),
    "redo": (Purpose.REQUIREMENT, "reason"),
    "reassign": (Purpose.REQUIREMENT, "reason"),
    "feedback": (Purpose.REPLY, "result"),
    "offer_answer": (Purpose.REPLY, "answer"),
    "explained": (Purpose.REPLY, "explanation"),
    "draft_feedback": (Purpose.REPLY, "result"),
    "propose_decline": (Purpose.DECLINE, "reason"),
    "revisit": (Purpose.REVISIT, "note"),
    "second_revisit": (Purpose.REVISIT, "note"),
}
DISTRICT_KEEPERS = (Role.DISPATCHER, Role.BUREAU_LEADER)
UNIT_KEEPERS = (Role.LIAISON, Role.UNIT_LEADER)
NOT_YOURS = spoken("全区的常用语由牵头局维护，本单位的答复用语由单位联络员、负责人维护。")


def transitions_of(purpose: str) -> list[Transition]:
    """The transitions whose forms take such words, as far as the workflow has them."""
    return [TRANSITIONS[name] for name, (use, _) in USES.items() if use == purpose and name in TRANSITIONS]


def phrases_for(appeal: Appeal, transition: str, user: User) -> PhraseQuerySet:
    """What fits the form of this transition: by purpose, transition and category, the own unit's first."""
    if transition not in USES:
        return Phrase.objects.none()
    purpose, _ = USES[transition]
    fitting = Phrase.objects.visible_to(user).in_use().filter(district=appeal.district_id, purpose=purpose)
    fitting = fitting.filter(category__in=["", appeal.category], transition__in=["", transition])
    return fitting.order_by("unit_id", "-category", "order", "pk")


def phrase_help(appeal: Appeal, transition: str, user: User) -> dict[str, Any]:
    """What ``appeals/_phrases.html`` shows, and the field it writes into."""
    _, field = USES.get(transition, ("", ""))
    return {"phrases": list(phrases_for(appeal, transition, user)), "phrase_target": field}


# --- Keeping them ---------------------------------------------------------------------------------


def owner_of_new(user: User) -> Unit | None:
    """Whose a phrase written by this user is: None means the district's. Ask ``may_keep`` before."""
    return None if user.has_role(*DISTRICT_KEEPERS) else user.unit


def may_keep(user: User) -> bool:
    return user.unit_id is not None and user.has_role(*DISTRICT_KEEPERS, *UNIT_KEEPERS)


def may_change(user: User, phrase: Phrase) -> bool:
    """The bureau keeps the district's; a unit its own."""
    if phrase.unit_id is None:
        return user.has_role(*DISTRICT_KEEPERS)
    return phrase.unit_id == user.unit_id and user.has_role(*UNIT_KEEPERS)


def purposes_of(user: User) -> list[str]:
    """A unit keeps words for its answers; requirements and the rest are the bureau's."""
    return list(Purpose) if user.has_role(*DISTRICT_KEEPERS) else [Purpose.REPLY]


@transaction.atomic
def save_phrase(*, by: User, phrase: Phrase) -> Phrase:
    """Add a phrase, or write its changes. Raises ``ValidationError``, e.g. for a title that is there already."""
    if by.unit is None or not (may_change(by, phrase) if phrase.pk else may_keep(by)):
        raise ValidationError(NOT_YOURS)
    if phrase.pk is None:
        phrase.district, phrase.unit = by.unit.district, owner_of_new(by)
    alike = Phrase.objects.filter(
        district=phrase.district, unit=phrase.unit, purpose=phrase.purpose, title=phrase.title
    )
    if alike.exclude(pk=phrase.pk).exists():
        raise ValidationError({"title": SAME_TITLE})
    phrase.full_clean()
    action = "phrase.change" if phrase.pk else "phrase.add"
    phrase.save()
    record(by, action, phrase)
    return phrase


@transaction.atomic
def load_phrases(district: Region, specs: Iterable[PhraseSpec]) -> int:
    """Those of the district's folder that it has not had yet; what was changed or switched off stays so."""
    known = set(Phrase.objects.filter(district=district, unit__isnull=True).values_list("purpose", "title"))
    new = [
        Phrase(
            district=district,
            purpose=spec.purpose,
            category=spec.category,
            transition=spec.transition,
            title=spec.title,
            text=spec.text,
            order=order,
        )
        for order, spec in enumerate(specs, 1)
        if (spec.purpose, spec.title) not in known
    ]
    return len(Phrase.objects.bulk_create(new))
