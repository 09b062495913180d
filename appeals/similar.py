"""Appeals that may be the same matter, and how such matters were solved before.

The candidates are few and found by indexes: what the same firm or caller brought lately, and, of the district's
latest appeals, those that share words with the text. How alike they are is worked out by ``appeals.likeness``.
The number of queries is fixed, and nothing is returned that the user may not see.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from accounts.models import Unit, User
from appeals.likeness import likeness, pairs, spread
from appeals.models import Answer, Appeal, DuplicateHint, Solved, Status
from appeals.querysets import AppealQuerySet
from core import clock
from districts.models import Region
from enterprises.models import Enterprise, Project

RECENT = timedelta(days=90)
"""An appeal that ended longer ago is no duplicate, but a new matter."""
LATEST = 1000
"""So many of the district's latest appeals are searched for words, a quarter of a busy district's year."""
ROWS = 200
OF_THE_FIRM = 50
PROBES = 12
"""So many pairs of the text are looked for in the database."""
SHARED = 2

ALIKE = 0.4
"""From here on a text of another firm is worth a look."""
SAME = 0.5
"""From here on, with the same firm, it is very likely the same matter."""
INSTRUCTIVE = 0.3
"""From here on it is worth knowing how it was solved."""
SOLVED = (Status.CLOSED, Status.SOLVED_ON_SPOT)
NEVER_A_DUPLICATE = (Status.MERGED, Status.WITHDRAWN)


@dataclass(frozen=True)
class Similar:
    """An appeal that may be the same matter, with the reasons in words."""

    appeal: Appeal
    score: float
    likeness: float
    same_firm: bool
    reasons: tuple[str, ...]

    @property
    def very_likely(self) -> bool:
        return self.same_firm and self.likeness >= SAME


@dataclass(frozen=True)
class Precedent:
    """An appeal like this one that was solved: by whom, and with which answer."""

    appeal: Appeal
    unit: Unit
    answer: Answer
    likeness: float
    same_category: bool

    @property
    def reason(self) -> str:
        alike = f"内容相似 {percent(self.likeness)}"
        return f"同一类别，{alike}" if self.same_category else alike


@dataclass(frozen=True)
class Matter:
    """What is known of an appeal, registered or still being typed."""

    district: Region | int
    text: str = ""
    subject: Enterprise | Project | None = None
    claimed_name: str = ""
    phone: str = ""
    category: str = ""
    pk: int | None = None

    @classmethod
    def of(cls, appeal: Appeal) -> "Matter":
        return cls(
            district=appeal.district_id,
            text=text_of(appeal),
            subject=appeal.subject,
            claimed_name=appeal.claimed_name,
            phone=appeal.contact_phone,
            category=appeal.category,
            pk=appeal.pk,
        )


def text_of(appeal: Appeal) -> str:
    return f"{appeal.title}。{appeal.content}"


def percent(share: float) -> str:
    return f"{round(share * 100)}%"


# --- Duplicates -----------------------------------------------------------------------------------


def similar_appeals(matter: Matter, *, user: User, limit: int = 5) -> list[Similar]:
    """What may be the same matter, the likeliest first: open, or ended lately. Three queries."""
    words = pairs(matter.text)
    lately = _seen_by(user, matter).filter(Q(ended_at__isnull=True) | Q(ended_at__gte=clock.now() - RECENT))
    lately = lately.exclude(status__in=NEVER_A_DUPLICATE)
    firm = _same_firm(matter)
    of_firm = list(lately.filter(firm)[:OF_THE_FIRM]) if firm else []
    known = {appeal.pk for appeal in of_firm}
    by_words = [appeal for appeal in _sharing_words(lately, matter, words) if appeal.pk not in known]
    found = [_judged(appeal, matter, words, same_firm=appeal.pk in known) for appeal in of_firm + by_words]
    found = [one for one in found if one.same_firm or one.likeness >= ALIKE]
    return sorted(found, key=lambda one: (-one.score, -one.appeal.pk))[:limit]


def similar_to(appeal: Appeal, *, user: User, limit: int = 5) -> list[Similar]:
    """The same for an appeal that is registered; what its registrar hinted at comes first."""
    found = similar_appeals(Matter.of(appeal), user=user, limit=limit)
    hint = DuplicateHint.objects.filter(appeal=appeal).select_related("main", "by").first()
    if hint is None:
        return found
    main = _seen_by(user, Matter.of(appeal)).filter(pk=hint.main_id).first()
    if main is None:
        return found
    hinted = next((one for one in found if one.appeal.pk == main.pk), None)
    if hinted is None:
        hinted = _judged(main, Matter.of(appeal), pairs(text_of(appeal)), same_firm=False)
    hinted = replace(hinted, score=1.0, reasons=(f"登记人{hint.by}认为是同一件", *hinted.reasons))
    return [hinted, *(one for one in found if one.appeal.pk != main.pk)][:limit]


def _judged(appeal: Appeal, matter: Matter, words: list[str], *, same_firm: bool) -> Similar:
    alike = likeness(words, pairs(text_of(appeal)))
    when = f"{ago(appeal.submitted_at)}提交，{appeal.get_status_display()}"
    reasons = [f"{_how_the_same(appeal, matter) if same_firm else appeal.subject_name}，{when}"]
    if alike >= INSTRUCTIVE:
        reasons.append(f"内容相似 {percent(alike)}")
    # Whatever the same firm brought lately is nearer than another firm's same words.
    score = (1 + alike) / 2 if same_firm else alike / 2
    return Similar(appeal, score, alike, same_firm, tuple(reasons))


def _how_the_same(appeal: Appeal, matter: Matter) -> str:
    if matter.subject is not None and appeal.subject == matter.subject:
        return "同一项目" if isinstance(matter.subject, Project) else "同一企业"
    name = matter.subject.name if matter.subject else matter.claimed_name
    return "企业名称相同" if name and name in (appeal.claimed_name, appeal.subject_name) else "联系电话相同"


def ago(moment: datetime) -> str:
    days = (clock.today() - clock.local_date(moment)).days
    return {0: "今天", 1: "昨天"}.get(days, f"{days}天前")


# --- Precedents -----------------------------------------------------------------------------------


def solved_like(appeal: Appeal, *, user: User, limit: int = 3) -> list[Precedent]:
    """Appeals like this one that were solved, the most instructive first. Two queries."""
    matter = Matter.of(appeal)
    words = pairs(matter.text)
    candidates = []
    for other in _sharing_words(_seen_by(user, matter).filter(status__in=SOLVED), matter, words, of=SOLVED):
        alike = likeness(words, pairs(text_of(other)))
        if alike >= INSTRUCTIVE:
            candidates.append((alike + (0.1 if other.category == appeal.category else 0), alike, other))
    candidates.sort(key=lambda one: (-one[0], -one[2].pk))
    found = candidates[:ROWS]
    # The last answer of each is the one that counted.
    answers = Answer.objects.filter(appeal__in=[other.pk for *_, other in found]).select_related("unit")
    last = {answer.appeal_id: answer for answer in answers.order_by("event_seq", "pk")}
    return [
        Precedent(other, last[other.pk].unit, last[other.pk], alike, other.category == appeal.category)
        for _, alike, other in found
        if other.pk in last and last[other.pk].solved == Solved.YES
    ][:limit]


# --- Candidates -----------------------------------------------------------------------------------


def _seen_by(user: User, matter: Matter) -> AppealQuerySet:
    rows = Appeal.objects.filter(district=matter.district).visible_to(user).exclude(pk=matter.pk)
    related = rows.select_related("enterprise", "project", "lead_unit")
    return related.defer("search_text").order_by("-submitted_at", "-pk")


def _same_firm(matter: Matter) -> Q | None:
    """Of the same firm, project or caller; each part has an index."""
    parts: list[Q] = []
    name = matter.subject.name if matter.subject else matter.claimed_name.strip()
    if isinstance(matter.subject, Project):
        parts.append(Q(project=matter.subject.pk))
    else:
        firms = Enterprise.objects.filter(district=matter.district, name=name).values_list("pk", flat=True)
        known = [matter.subject.pk] if matter.subject else list(firms) if name else []
        if known:
            parts.append(Q(enterprise__in=known))
    if name:
        parts.append(Q(claimed_name=name))
    if matter.phone:
        parts.append(Q(contact_phone=matter.phone))
    return reduce(or_, parts) if parts else None


def _sharing_words(
    rows: AppealQuerySet, matter: Matter, words: list[str], *, of: tuple[Status, ...] = ()
) -> list[Appeal]:
    """Of the district's latest appeals those that share most of the text's words."""
    if len(words) < SHARED:
        return []
    latest = Appeal.objects.filter(district=matter.district, **({"status__in": of} if of else {}))
    window = latest.order_by("-submitted_at", "-pk").values("pk")[:LATEST]
    shared: Any = Value(0)
    for pair in spread(words, PROBES):
        shared += Case(When(search_text__contains=pair, then=1), default=0, output_field=IntegerField())
    found = rows.filter(pk__in=window).annotate(shared=shared).filter(shared__gte=SHARED)
    return list(found.order_by("-shared", "-submitted_at", "-pk")[:ROWS])
