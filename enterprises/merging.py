"""Two firms of the roster that are one: everything of the duplicate moves to the firm that is kept.

Every foreign key that leads to the duplicate is found by looking at the model, so that a later one is not
forgotten. Most rows are simply pointed at the kept firm. Where a room knows that both firms can have rows that
cannot stand side by side (the same cadre's running assignment, the plaque in force, attendance of one event),
it registers a ``mover`` for its model that settles these. A clash nobody settles refuses the merge.

The duplicate stays as a row that leads to the kept firm, and so does its own history (``RosterChange``): what
was written about it was not written about the other one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import CharField, Count, F, Value
from django.db.models.functions import Replace, Upper

from accounts.audit import record
from accounts.models import Role, User
from core.search import Searchable
from core.wording import speak, spoken
from districts.models import Region
from enterprises.history import change_of, record_many, stored
from enterprises.models import Enterprise, EnterpriseTitle, RosterChange, YearlyFacts
from enterprises.relations import pointers, refresh_search
from enterprises.services import label_of
from enterprises.yearly import FACTS

NOT_YOURS = spoken("合并重复企业由牵头局调度员办理。")
NO_CODE_LEFT = spoken("已并入底册中的另一家企业")
STAYS: frozenset[type[models.Model]] = frozenset({RosterChange})
"""What is left with the duplicate, on purpose."""

CODES = ("credit_code", "registration_number")
CONTACT = ("contact_name", "contact_post", "contact_phone")
FILLED = (
    *CODES, "industry", "size_class", "above_scale_kind", "founded_on", "competent_unit", "address",
    "legal_person", "main_products", *CONTACT,
)  # fmt: skip

Mover = Callable[[Enterprise, Enterprise], None]
_movers: dict[str, Mover] = {}


def mover(label: str) -> Callable[[Mover], Mover]:
    """Register what settles the rows of a model ("liaisons.plaque") that clash, before the rest moves."""

    def register(function: Mover) -> Mover:
        _movers[label] = function
        return function

    return register


@dataclass
class Preview:
    """What a merge would do: rows that move by kind, fields it fills, and why it cannot be done."""

    moves: list[tuple[str, int]] = field(default_factory=list)
    fills: list[tuple[str, str]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(count for _, count in self.moves)


def may_merge(user: User) -> bool:
    return user.unit_id is not None and user.has_role(Role.DISPATCHER)


def preview(kept: Enterprise, duplicate: Enterprise) -> Preview:
    found = Preview(refusals=refusals(kept, duplicate))
    for model, name in moving():
        if count := model._base_manager.filter(**{name: duplicate}).count():
            found.moves.append((str(model._meta.verbose_name), count))
    for name in gaps(kept, duplicate):
        display = getattr(duplicate, f"get_{name}_display", None)
        value = str(display() if display else getattr(duplicate, name))
        found.fills.append((label_of(duplicate, name), value))
    return found


def moving() -> list[tuple[type[models.Model], str]]:
    """Every foreign key to an enterprise whose rows go to the kept firm."""
    return [(model, name) for model, name in pointers(Enterprise) if model not in STAYS]


def refusals(kept: Enterprise, duplicate: Enterprise) -> list[str]:
    """Why these two are not merged, in words."""
    if kept.pk == duplicate.pk:
        return ["请选择两家不同的企业。"]
    said = []
    if kept.district_id != duplicate.district_id:
        said.append("两家企业不在同一个区县。")
    if kept.merged_into_id or duplicate.merged_into_id:
        said.append("其中一家已经并入别的企业。")
    elif not kept.active:
        said.append("要保留的企业不在册，请对调或先恢复在册。")
    for name in CODES:
        mine, other = getattr(kept, name), getattr(duplicate, name)
        if mine and other and mine != other:
            label = label_of(kept, name)
            said.append(
                f"两家的{label}都有且不同（{mine}、{other}），是两个不同的主体，不能合并；"
                f"如有一个填错，请先在{speak('底册')}中改正。"
            )
    return said


def gaps(kept: Enterprise, duplicate: Enterprise) -> list[str]:
    """The fields that are blank with the kept firm and known of the duplicate.

    The contact counts as one: a name is not joined with somebody else's phone.
    """
    has_contact = any(getattr(kept, name) for name in CONTACT)
    return [
        name
        for name in FILLED
        if not getattr(kept, name) and getattr(duplicate, name) and not (name in CONTACT and has_contact)
    ]


@transaction.atomic
def merge(*, by: User, kept: Enterprise, duplicate: Enterprise) -> Enterprise:
    """Move everything of ``duplicate`` to ``kept``; raises ``ValidationError`` where they cannot be one."""
    if not may_merge(by):
        raise PermissionDenied(NOT_YOURS)
    Region.objects.select_for_update(no_key=True).get(pk=kept.district_id)
    rows = Enterprise.objects.select_for_update(of=("self",)).select_related("region").order_by("pk")
    found = {firm.pk: firm for firm in rows.filter(pk__in=[kept.pk, duplicate.pk])}
    visible = set(Enterprise.objects.visible_to(by).filter(pk__in=found).values_list("pk", flat=True))
    if visible != {kept.pk, duplicate.pk}:
        raise PermissionDenied(NOT_YOURS)
    kept, duplicate = found[kept.pk], found[duplicate.pk]
    if said := refusals(kept, duplicate):
        raise ValidationError(said)
    filled, left = gaps(kept, duplicate), _leave(duplicate)
    before = dict(stored(kept, name) for name in filled)
    duplicate_before = dict(stored(duplicate, name) for name in left)
    for name in filled:
        setattr(kept, name, getattr(duplicate, name))
    # The codes are unique: the duplicate gives them up before the kept firm takes them.
    for name, value in left.items():
        setattr(duplicate, name, value)
    duplicate.merged_into = kept
    duplicate.save()
    if (kept.credit_code or kept.registration_number) and kept.no_code_reason:
        before["no_code_reason"], kept.no_code_reason = kept.no_code_reason, ""
    kept.save()
    moved = _move(kept, duplicate)
    source, action = RosterChange.Source.MERGE, RosterChange.Action
    after = {name: getattr(kept, name) for name in before}
    merged = {"merged_from": duplicate.name, "merged_from_id": duplicate.pk}
    gone = {name: getattr(duplicate, name) for name in duplicate_before} | {"merged_into_id": kept.pk}
    record_many(
        [
            change_of(kept, source=source, action=action.CHANGED, before=before, after=after | merged, by=by),
            change_of(
                duplicate, source=source, action=action.REMOVED, before=duplicate_before, after=gone, by=by
            ),
        ]
    )
    record(by, "enterprise.merge", kept, duplicate=duplicate.pk, fields=filled, moved=moved)
    return kept


def _leave(duplicate: Enterprise) -> dict[str, Any]:
    """How the duplicate stands once it is nothing but a pointer."""
    left: dict[str, Any] = {"active": False}
    for name in CODES:
        if getattr(duplicate, name):
            left[name] = None
    if not duplicate.no_code_reason:
        left["no_code_reason"] = NO_CODE_LEFT
    return left


def _move(kept: Enterprise, duplicate: Enterprise) -> dict[str, int]:
    moved: dict[str, int] = {}
    for model, name in moving():
        rows = model._base_manager.filter(**{name: duplicate})
        if not rows.exists():
            continue
        if settle := _movers.get(model._meta.label_lower):
            settle(kept, duplicate)
        pks = list(rows.values_list("pk", flat=True))
        try:
            with transaction.atomic():
                rows.filter(pk__in=pks).update(**{name: kept})
        except IntegrityError:
            raise ValidationError(
                f"两家企业都有不能并存的“{model._meta.verbose_name}”，请先处理后再合并。"
            ) from None
        if issubclass(model, Searchable):
            refresh_search(model, name, pks)
        if pks:
            moved[model._meta.label_lower] = len(pks)
    return moved


@mover("enterprises.yearlyfacts")
def _join_years(kept: Enterprise, duplicate: Enterprise) -> None:
    """The kept firm's word holds for a year that both have; the other one fills its gaps."""
    mine = {facts.year: facts for facts in YearlyFacts.objects.filter(enterprise=kept)}
    for other in YearlyFacts.objects.filter(enterprise=duplicate, year__in=mine):
        facts = mine[other.year]
        for name in FACTS:
            if getattr(facts, name) in (None, ""):
                setattr(facts, name, getattr(other, name))
        facts.save()
        other.delete()


@mover("enterprises.enterprisetitle")
def _join_titles(kept: Enterprise, duplicate: Enterprise) -> None:
    """A title that both have stays with the kept firm."""
    mine = EnterpriseTitle.objects.filter(enterprise=kept).values_list("code", flat=True)
    EnterpriseTitle.objects.filter(enterprise=duplicate, code__in=list(mine)).delete()


# --- Who may be one and the same ------------------------------------------------------------------

MOST_PAIRS = 50
MOST_GROUPS = 40
# A phone on more firms than this belongs to a bookkeeper, not to a firm.
MOST_ON_A_PHONE = 4
SIMILAR = 0.6
COMMON = ("有限责任公司", "股份有限公司", "有限公司", "分公司", "公司", "（", "）", "(", ")", " ")


@dataclass(frozen=True)
class Suspicion:
    kept: Enterprise
    duplicate: Enterprise
    reason: str


def suspected(district: Region) -> list[Suspicion]:
    """Pairs of firms in a district that may be one: the same name however written, or one phone and a like name.

    Bounded: so many groups of each kind, however large the roster.
    """
    firms = Enterprise.objects.filter(district=district).active().annotate(plain_name=_plain_name())
    pairs: dict[tuple[int, int], Suspicion] = {}
    for shared, reason in (("plain_name", "名称相同"), ("contact_phone", "联系电话相同，名称相近")):
        groups = firms.exclude(**{shared: ""}).order_by().values(shared).annotate(number=Count("pk"))
        groups = groups.filter(number__gt=1, number__lte=MOST_ON_A_PHONE).order_by(shared)[:MOST_GROUPS]
        values = [group[shared] for group in groups]
        members: dict[str, list[Enterprise]] = {}
        for firm in firms.filter(**{f"{shared}__in": values}).select_related("region").order_by("pk"):
            members.setdefault(getattr(firm, shared), []).append(firm)
        for group in members.values():
            for first, second in combinations(group, 2):
                if shared == "contact_phone" and not _alike(first.name, second.name, district):
                    continue
                kept, duplicate = _fuller_first(first, second)
                if not refusals(kept, duplicate):
                    pairs.setdefault((first.pk, second.pk), Suspicion(kept, duplicate, reason))
    return list(pairs.values())[:MOST_PAIRS]


def _plain_name() -> models.Expression:
    """The name without blanks, with brackets of one kind, in capitals."""
    plain: Any = Upper(F("name"))
    for written, meant in (("（", "("), ("）", ")"), (" ", ""), ("\u3000", "")):
        plain = Replace(plain, Value(written), Value(meant), output_field=CharField())
    return plain


def _alike(first: str, second: str, district: Region) -> bool:
    return SequenceMatcher(None, _core(first, district), _core(second, district)).ratio() >= SIMILAR


def _core(name: str, district: Region) -> str:
    """What tells a name apart: without the place and the legal form, which all of them share."""
    places = [district.name, *([district.parent.name] if district.parent else [])]
    for word in (*places, *(place.rstrip("市区县") for place in places), *COMMON):
        name = name.replace(word, "")
    return name


def _fuller_first(first: Enterprise, second: Enterprise) -> tuple[Enterprise, Enterprise]:
    """Keep the one with a code and more filled in; of equals, the older one."""

    def weight(firm: Enterprise) -> tuple[bool, int]:
        return bool(firm.credit_code), sum(bool(getattr(firm, name)) for name in FILLED)

    return (second, first) if weight(second) > weight(first) else (first, second)
