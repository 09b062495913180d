"""Finding a firm or project by what somebody types."""

from django.db.models import Case, IntegerField, Q, When

from accounts.models import User
from core.search import normalise
from enterprises.models import Enterprise, Project

MIN_LENGTH = 2
LOOKUP_ROWS = 10
LOOKUP_PROJECTS = 4


def lookup(
    *, user: User, query: str, enterprises: bool = True, projects: bool = True
) -> list[Enterprise | Project]:
    """At most ten active entries the user may see; those whose name begins with the words come first."""
    if len(normalise(query)) < MIN_LENGTH:
        return []
    begins_with_it = Case(
        When(name__startswith=query.strip(), then=0), default=1, output_field=IntegerField()
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
    firms = list(Enterprise.objects.visible_to(user).filter(by_words)[:2])
    projects = list(Project.objects.visible_to(user).filter(name=words)[:2])
    found: list[Enterprise | Project] = [*firms, *projects]
    return found[0] if len(found) == 1 else None
