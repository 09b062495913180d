"""Which unit might lead an appeal, and why. A suggestion is a button beside the field; nothing is dispatched by it."""

from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, ModelChoiceField

from accounts.models import Unit, User
from appeals.forms import handling_units
from appeals.loads import Load, loads, name_with_load
from appeals.models import Appeal
from appeals.similar import Precedent, percent, solved_like
from districts.models import Region

MOST = 3
PRECEDENTS = 5
# What counts how much: who solved such matters before knows more than the rule, and the rule more than the map.
BY_RULE, BY_PRECEDENT, BY_PLACE = 2.0, 3.0, 1.0
TERRITORIAL = frozenset({Region.Level.TOWNSHIP, Region.Level.PARK})


@dataclass(frozen=True)
class Suggestion:
    unit: Unit
    reasons: tuple[str, ...]
    load: Load


def suggest_units(appeal: Appeal, *, user: User, of_all: dict[int, Load]) -> list[Suggestion]:
    """Up to three units that could lead, the most fitting first. ``of_all``: ``loads`` of the district."""
    units = list(handling_units(appeal.district, appeal.rules).select_related("region"))
    by_code = {unit.code: unit for unit in units}
    points: dict[Unit, float] = {}
    reasons: dict[Unit, list[str]] = {}

    def speaks_for(unit: Unit, weight: float, reason: str) -> None:
        points[unit] = points.get(unit, 0) + weight
        reasons.setdefault(unit, []).append(reason)

    category = appeal.rules.find("categories", appeal.category)
    for place, code in enumerate(category.units if category else ()):
        if code in by_code:
            usual = "一般由" if place == 0 else "也可由"
            speaks_for(by_code[code], BY_RULE / (place + 1), f"“{category.label}”类{usual}其主办")
    for unit, solved in _solvers(appeal, user, units).items():
        best = solved[0]
        more = f"等 {len(solved)} 件" if len(solved) > 1 else ""
        reason = f"办成过相似诉求 {best.appeal.number}{more}（相似 {percent(best.likeness)}）"
        speaks_for(unit, BY_PRECEDENT * best.likeness + len(solved) / 2, reason)
    if appeal.region.level in TERRITORIAL:
        for unit in units:
            if unit.region_id == appeal.region_id:
                speaks_for(unit, BY_PLACE, f"企业所在地{appeal.region.name}的属地单位")
    ranked = sorted(points, key=lambda unit: (-points[unit], unit.order, unit.pk))[:MOST]
    return [Suggestion(unit, tuple(reasons[unit]), of_all.get(unit.pk, Load())) for unit in ranked]


def _solvers(appeal: Appeal, user: User, units: list[Unit]) -> dict[Unit, list[Precedent]]:
    """Who solved appeals like this one, of those it can be dispatched to; a window's are its bureau's."""
    by_pk = {unit.pk: unit for unit in units}
    found: dict[Unit, list[Precedent]] = {}
    for precedent in solved_like(appeal, user=user, limit=PRECEDENTS):
        unit = by_pk.get(precedent.unit.pk) or by_pk.get(precedent.unit.parent_id or 0)
        if unit is not None:
            found.setdefault(unit, []).append(precedent)
    return found


def dispatch_help(appeal: Appeal, user: User) -> dict[str, Any]:
    """What ``appeals/_suggestions.html`` shows, and the loads for ``show_loads``."""
    of_all = loads(appeal.district_id)
    return {"suggestions": suggest_units(appeal, user=user, of_all=of_all), "loads": of_all}


def show_loads(form: BaseForm, of_all: dict[int, Load]) -> None:
    """The load of each unit beside its name, in every field of the form that chooses units."""

    def label(obj: Unit) -> str:
        return name_with_load(obj, of_all)

    for field in form.fields.values():
        if (
            isinstance(field, ModelChoiceField)
            and field.queryset is not None
            and field.queryset.model is Unit
        ):
            field.label_from_instance = label  # type: ignore[method-assign]
