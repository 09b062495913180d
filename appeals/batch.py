"""Several appeals dispatched in one go: each through the one door, in a transaction of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.actors import Actor
from appeals.models import Appeal
from appeals.perform import Invalid, Refused, perform

MOST = 50


@dataclass(frozen=True)
class Outcome:
    """What became of one appeal of the batch; ``reason`` says why it was refused."""

    appeal: Appeal
    reason: str = ""

    @property
    def done(self) -> bool:
        return not self.reason


def dispatch_all(
    appeals: Sequence[Appeal],
    *,
    actor: Actor,
    data: Mapping[str, Any],
    seen: Mapping[str, int | None],
    key: str,
) -> list[Outcome]:
    """Dispatch each with the same unit, requirements and due date; what is refused stops none of the others.

    ``seen``: the versions the dispatcher looked at, by number. Each appeal has a token of its own made of
    ``key``, so the same batch sent twice does each once and reports the same.
    """
    outcomes = []
    for appeal in appeals:
        try:
            perform(appeal, "dispatch", actor, data, seen=seen.get(appeal.number), key=f"{key}:{appeal.pk}")
        except Invalid as invalid:
            words = [message for messages in invalid.form.errors.values() for message in messages]
            outcomes.append(Outcome(appeal, "；".join(map(str, words)) or invalid.message))
        except Refused as refused:
            outcomes.append(Outcome(appeal, refused.message))
        else:
            outcomes.append(Outcome(appeal))
    return outcomes
