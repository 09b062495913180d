"""What a policy can ask of a firm, and how each is compared, said and counted.

Every field is one entry of :data:`FIELDS`: how it is entered (one of a list, or a range), where the firm's own value
comes from (one firm in Python, thousands in SQL), and where a clerk fills in what is missing. A room above adds a
field of its own with :func:`register`, without this one knowing about it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from core import clock
from core.wording import spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import (
    AboveScaleKind,
    Enterprise,
    EnterpriseTitle,
    Project,
    YearlyFacts,
)
from policies.models import PolicyCondition

Operator = PolicyCondition.Operator
State = Literal["met", "open", "failed"]
BY_HAND = "by_hand"


class Known:
    """What is known of one firm beyond its row, asked of the database only when a condition needs it."""

    def __init__(self, entry: Enterprise | Project, rules: Rules | None = None) -> None:
        self.entry, self._rules = entry, rules

    @cached_property
    def rules(self) -> Rules:
        return self._rules or DistrictProfile.objects.in_force(self.entry.district).rules

    @property
    def firm(self) -> Enterprise | None:
        return self.entry if isinstance(self.entry, Enterprise) else None

    @cached_property
    def titles(self) -> set[str]:
        rows = EnterpriseTitle.objects.valid().filter(enterprise=self.firm)
        return set(rows.values_list("code", flat=True)) if self.firm else set()

    @cached_property
    def years(self) -> list[YearlyFacts]:
        """Those that still say something, the latest first."""
        if self.firm is None:
            return []
        first, last = span_of_years(self.rules)
        return list(
            YearlyFacts.objects.filter(enterprise=self.firm, year__gte=first, year__lte=last).order_by(
                "-year"
            )
        )

    def figure(self, name: str) -> tuple[Decimal | None, int]:
        """The latest one that is filled in, and its year."""
        for facts in self.years:
            value = getattr(facts, name)
            if value is not None:
                return Decimal(value), facts.year
        return None, 0


def known_of_many(entries: Sequence[Enterprise], rules: Rules) -> list[Known]:
    """The same for a page of firms, in two queries."""
    pks = [entry.pk for entry in entries]
    titles: dict[int, set[str]] = {}
    for pk, code in (
        EnterpriseTitle.objects.valid().filter(enterprise__in=pks).values_list("enterprise", "code")
    ):
        titles.setdefault(pk, set()).add(code)
    first, last = span_of_years(rules)
    years: dict[int, list[YearlyFacts]] = {}
    facts = YearlyFacts.objects.filter(enterprise__in=pks, year__gte=first, year__lte=last)
    for row in facts.order_by("-year"):
        years.setdefault(row.enterprise_id, []).append(row)
    found = []
    for entry in entries:
        known = Known(entry, rules)
        known.titles, known.years = titles.get(entry.pk, set()), years.get(entry.pk, [])
        found.append(known)
    return found


def span_of_years(rules: Rules) -> tuple[int, int]:
    this = clock.today().year
    return this - rules.policy_library.figures_back, this


@dataclass(frozen=True)
class Field:
    """One thing that can be asked of a firm."""

    code: str
    label: str
    kind: Literal["choice", "range"]
    own: Callable[[Known], Any]
    """The firm's value; None where nobody knows it."""
    annotation: Callable[[Rules], Mapping[str, Any]]
    """What a query of firms needs beside it."""
    path: str
    """The name of the value in a query."""
    unknown: Q
    """In a query: nobody knows it."""
    choices: Callable[[Region, Rules], Sequence[tuple[str, str]]] = lambda district, rules: ()
    unit: str = ""
    fill_in: str = ""
    """Where it is filled in: "edit", "years" or "titles"."""
    public: bool = True
    """The firm's value is no secret: compared on the page behind a plaque, which anybody may scan."""
    several: bool = False
    """A firm has several of it at once."""
    own_words: Callable[[Known], str] | None = None
    """The firm's value as people call it, where no list of choices says."""


def _latest(name: str) -> Callable[[Rules], Mapping[str, Any]]:
    def annotation(rules: Rules) -> Mapping[str, Any]:
        first, last = span_of_years(rules)
        rows = YearlyFacts.objects.filter(
            enterprise=OuterRef("pk"), year__gte=first, year__lte=last, **{f"{name}__isnull": False}
        )
        return {f"latest_{name}": Subquery(rows.order_by("-year").values(name)[:1])}

    return annotation


def _yearly(name: str, label: str, unit: str) -> Field:
    return Field(
        code=name,
        label=label,
        kind="range",
        own=lambda known: known.figure(name)[0],
        annotation=_latest(name),
        path=f"latest_{name}",
        unknown=Q(**{f"latest_{name}__isnull": True}),
        unit=unit,
        fill_in="years",
        public=False,
    )


def _places(district: Region, rules: Rules) -> list[tuple[str, str]]:
    levels = {Region.Level.TOWNSHIP, Region.Level.PARK}
    places = Region.objects.subtree(district).filter(level__in=levels).order_by("path")
    return [(str(place.pk), place.name) for place in places]


def _years_since(day: date, today: date) -> int:
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _years_founded(known: Known) -> Decimal | None:
    day = known.firm.founded_on if known.firm else None
    return None if day is None else Decimal(_years_since(day, clock.today()))


FIELDS: dict[str, Field] = {}


def register(own: Field) -> None:
    """Make something comparable: a room that knows more about firms calls this when it is ready."""
    FIELDS[own.code] = own


for _field in (
    Field(
        "place", spoken("所在乡镇办、园区"), "choice", lambda known: str(known.entry.region_id), lambda rules: {}, "region_id",
        Q(pk__in=[]), _places, fill_in="edit", own_words=lambda known: known.entry.region.name,
    ),
    Field(
        "above_scale_kind", "四上类别", "choice",
        lambda known: (known.firm.above_scale_kind or None) if known.firm else None,
        lambda rules: {}, "above_scale_kind", Q(above_scale_kind=""),
        lambda district, rules: [(str(code), str(label)) for code, label in AboveScaleKind.choices], fill_in="edit",
    ),
    Field(
        "title", "资质称号", "choice",
        lambda known: (
            known.titles
            if known.titles or (known.firm and known.firm.titles_checked_on)
            else None
        ),
        lambda rules: {}, "titles", Q(titles_checked_on__isnull=True),
        lambda district, rules: [(title.code, title.label) for title in rules.policy_library.titles],
        fill_in="titles", several=True,
    ),
    Field(
        "founded", "成立年限", "range", _years_founded, lambda rules: {}, "founded_on", Q(founded_on__isnull=True),
        unit="年", fill_in="edit",
    ),
    _yearly("employees", "从业人数", "人"),
    _yearly("sales", "年销售额", "万元"),
    _yearly("tax", "年纳税额", "万元"),
    _yearly("research", "年研发投入", "万元"),
):  # fmt: skip
    register(_field)


# --- In words -------------------------------------------------------------------------------------


def number(value: Decimal) -> str:
    return f"{value.normalize():f}"


def sentence(condition: PolicyCondition, district: Region, rules: Rules) -> str:
    """What the condition asks, as a clerk would say it."""
    if condition.operator == Operator.BY_HAND:
        return f"{condition.text}（人工核对）"
    asked = FIELDS[condition.field]
    if asked.kind == "choice":
        labels = dict(asked.choices(district, rules))
        names = "、".join(labels.get(str(value), str(value)) for value in condition.values)
        several = len(condition.values) > 1
        if condition.operator == Operator.NONE_OF:
            return f"{asked.label}不是{names}{'中的任何一个' if several else ''}"
        return f"{asked.label}是{names}{'之一' if several else ''}"
    return f"{asked.label}{span_in_words(condition.low, condition.high, asked.unit)}"


def span_in_words(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is not None and high is not None:
        return f"在 {number(low)} 到 {number(high)} {unit}之间"
    if low is not None:
        return f"不少于 {number(low)} {unit}"
    return f"不超过 {number(high or Decimal(0))} {unit}"


# --- One firm -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One condition held against one firm: the state, and why, in words."""

    label: str
    asked: str
    state: State
    words: str
    fill_in: str = ""


def check(condition: PolicyCondition, known: Known, *, in_public: bool = False) -> Check:
    """``in_public``: for whoever scans a plaque; what is nobody else's business is not compared."""
    if condition.operator == Operator.BY_HAND or condition.field not in FIELDS:
        return Check("人工核对", condition.sentence, "open", f"请人工核对：{condition.text}")
    asked = FIELDS[condition.field]
    if in_public and not asked.public:
        return Check(asked.label, condition.sentence, "open", f"请企业自行核对：{condition.sentence}")
    if known.firm is None and asked.code != "place":
        return Check(asked.label, condition.sentence, "open", f"重点项目没有{asked.label}，请人工核对", "")
    own = asked.own(known)
    if own is None:
        return Check(
            asked.label,
            condition.sentence,
            "open",
            f"没有登记{asked.label}，要求：{condition.sentence}",
            asked.fill_in,
        )
    holds, said = _compare(condition, asked, own, known)
    if holds is None:
        return Check(asked.label, condition.sentence, "open", said, asked.fill_in)
    return Check(
        asked.label, condition.sentence, "met" if holds else "failed", said, "" if holds else asked.fill_in
    )


def _compare(condition: PolicyCondition, asked: Field, own: Any, known: Known) -> tuple[bool | None, str]:
    if asked.kind == "range":
        holds = (condition.low is None or own >= condition.low) and (
            condition.high is None or own <= condition.high
        )
        _, year = known.figure(asked.code) if asked.fill_in == "years" else (None, 0)
        label = f"{year}年{asked.label.removeprefix('年')}" if year else asked.label
        span = span_in_words(condition.low, condition.high, asked.unit)
        return holds, f"{label} {number(own)} {asked.unit}，{'符合' if holds else '要求'}{span}"
    wanted = {str(value) for value in condition.values}
    have = set(own) if asked.several else {own}
    found = bool(have & wanted)
    if asked.several and not found and not (known.firm and known.firm.titles_checked_on):
        return None, f"没有核对{asked.label}，要求：{condition.sentence}"
    holds = found is not (condition.operator == Operator.NONE_OF)
    if asked.own_words:
        names = asked.own_words(known)
    else:
        labels = dict(asked.choices(known.entry.district, known.rules))
        names = "、".join(sorted(labels.get(value, value) for value in have)) or "无"
    return holds, f"{asked.label}：{names}，{'符合' if holds else '要求'}{condition.sentence}"


# --- Thousands of firms ---------------------------------------------------------------------------


@dataclass
class Asked:
    """A policy's conditions as parts of a query: what to annotate, when all hold, when something is open."""

    annotations: dict[str, Any] = field(default_factory=dict)
    met: list[Q] = field(default_factory=list)
    not_failed: list[Q] = field(default_factory=list)
    by_hand: bool = False

    def apply(self, firms: QuerySet) -> QuerySet:
        """Those for which every condition holds."""
        return firms.none() if self.by_hand else firms.annotate(**self.annotations).filter(*self.met)


def asked_of_many(conditions: Sequence[PolicyCondition], rules: Rules) -> Asked:
    """The same as :func:`check`, asked of the database."""
    asked = Asked()
    for condition in conditions:
        if condition.operator == Operator.BY_HAND or condition.field not in FIELDS:
            asked.by_hand = True
            continue
        own = FIELDS[condition.field]
        asked.annotations |= own.annotation(rules)
        met, not_failed = _parts(condition, own)
        asked.met.append(met)
        asked.not_failed.append(not_failed)
    return asked


def _parts(condition: PolicyCondition, asked: Field) -> tuple[Q, Q]:
    """When the condition holds, and when it does not fail: it holds or nobody knows."""
    if asked.several:
        held = Q(
            Exists(
                EnterpriseTitle.objects.valid().filter(enterprise=OuterRef("pk"), code__in=condition.values)
            )
        )
        # That a firm does not have a title is known only once its titles were checked.
        if condition.operator == Operator.NONE_OF:
            return ~held & ~asked.unknown, ~held
        return held, held | asked.unknown
    if asked.kind == "choice":
        listed = Q(**{f"{asked.path}__in": condition.values})
        met = ~listed & ~asked.unknown if condition.operator == Operator.NONE_OF else listed
    elif asked.code == "founded":
        met = _founded(condition)
    else:
        met = ~asked.unknown
        if condition.low is not None:
            met &= Q(**{f"{asked.path}__gte": condition.low})
        if condition.high is not None:
            met &= Q(**{f"{asked.path}__lte": condition.high})
    return met, met | asked.unknown


def _founded(condition: PolicyCondition) -> Q:
    """Whole years since a day, as bounds of that day."""
    today, met = clock.today(), Q(founded_on__isnull=False)
    if condition.low is not None:
        met &= Q(founded_on__lte=_years_before(today, -int(-condition.low // 1)))
    if condition.high is not None:
        met &= Q(founded_on__gt=_years_before(today, int(condition.high) + 1))
    return met


def _years_before(day: date, years: int) -> date:
    """29 February becomes 1 March, on which as many years have passed."""
    year = max(day.year - years, 1)
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
