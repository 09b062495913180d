"""What whoever registers says about duplicates, and what the dispatcher makes of it."""

from typing import Any

from accounts.actors import Actor
from accounts.models import User
from appeals.models import Appeal, DuplicateHint
from appeals.similar import similar_to
from appeals.workflow import available
from core import clock

MERGE = "merge"


def hint_duplicate(*, appeal: Appeal, main: Appeal, by: User) -> DuplicateHint:
    """Note which earlier appeal this one repeats; the first word counts, a repeated form changes nothing."""
    hint, _ = DuplicateHint.objects.get_or_create(
        appeal=appeal, defaults={"main": main, "by": by, "at": clock.now()}
    )
    return hint


def similar_help(appeal: Appeal, user: User) -> dict[str, Any]:
    """What ``appeals/_similar.html`` shows: similar appeals, and whether the user may merge into them."""
    offered = {row.name for row in available(appeal, Actor.of_user(user))}
    return {"similar": similar_to(appeal, user=user), "may_merge": MERGE in offered}
