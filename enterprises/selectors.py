"""Finding a firm or project by what somebody types, and what is known of a firm year by year."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, IntegerField, Q, When

from accounts.models import User
from core.search import normalise
from enterprises.models import Enterprise, Project, YearlyFacts

MIN_LENGTH = 2
LOOKUP_ROWS = 10
LOOKUP_PROJECTS = 4


def lookup(
    *, user: User, query: str, enterprises: bool = True, projects: bool = True
) -> list[Enterprise | Project]:
    """At most ten active entries the user may see; those that begin with the words come first."""
    words = normalise(query)
    if len(words) < MIN_LENGTH:
        return []
    begins_with_it = Case(
        When(search_text__startswith=words, then=0),
        When(search_text__contains=f" {words}", then=1),
        default=2,
        output_field=IntegerField(),
    )
    found: list[Enterprise | Project] = []
    if projects:
        rows = Project.objects.visible_to(user).active().search(query).select_related("region")
        limit = LOOKUP_PROJECTS if enterprises else LOOKUP_ROWS
        found += rows.order_by(begins_with_it, "id")[:limit]
    if enterprises:
        firms = Enterprise.objects.visible_to(user).active().search(query).select_related("region")
        found = [*firms.order_by(begins_with_it, "id")[: LOOKUP_ROWS - len(found)], *found]
    return found


def find_exactly(*, user: User, text: str) -> Enterprise | Project | None:
    """The one visible entry with this very name or code: what a form without JavaScript sends."""
    words = " ".join(text.split())
    if not words:
        return None
    by_words = Q(name=words) | Q(credit_code=words.upper()) | Q(registration_number=words)
    firms = list(Enterprise.objects.visible_to(user).unmerged().filter(by_words)[:2])
    projects = list(Project.objects.visible_to(user).filter(name=words)[:2])
    found: list[Enterprise | Project] = [*firms, *projects]
    return found[0] if len(found) == 1 else None


def years_of(firm: Enterprise) -> list[YearlyFacts]:
    """Latest first, each with ``sales_share`` and ``tax_share``: how long its bar is, of 100."""
    years = list(YearlyFacts.objects.filter(enterprise=firm).select_related("recorded_by"))
    for name in ("sales", "tax"):
        most = max((getattr(facts, name) or 0 for facts in years), default=0)
        for facts in years:
            amount = getattr(facts, name)
            setattr(facts, f"{name}_share", round(amount / most * 100) if amount and most else 0)
    return years


def cadres_of(entries: Sequence[Enterprise | Project], user: User) -> dict[int, list[str]]:
    """Who looks after these entries of one kind today, the lead first, as far as ``user`` may know it."""
    if not entries:
        return {}
    # Assignments belong to the room above this one, so they are reached through the relation.
    relation: Any = entries[0]._meta.get_field("assignments")
    field = relation.field.name
    assignments = relation.related_model.objects.visible_to(user).in_force()
    rows = assignments.filter(**{f"{field}__in": entries}).order_by("part", "started", "id")
    names: dict[int, list[str]] = {}
    for pk, name in rows.values_list(field, "official__name"):
        names.setdefault(pk, []).append(name)
    return names
