"""What rules ask about one appeal, each read once: policies and gates look here, not into the database."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appeals.models import (
        Appeal,
        Deadline,
        Event,
        ListedSupervision,
        Participation,
        PendingRequest,
        Refusal,
        Revisit,
        SupervisionLetter,
    )


class Facts:
    """Holds for one look at the appeal; ``perform`` and ``refresh_from_db`` forget it."""

    def __init__(self, appeal: Appeal) -> None:
        self.appeal = appeal

    @cached_property
    def requests(self) -> list[PendingRequest]:
        return list(self.appeal.requests.select_related("asked_by", "unit").order_by("pk"))

    def pending(self, kind: str) -> PendingRequest | None:
        """What was asked and is not ruled on yet."""
        return next((asked for asked in self.requests if asked.kind == kind and not asked.ruling), None)

    @cached_property
    def deadlines(self) -> list[Deadline]:
        """All clocks, in the order in which they were started."""
        return list(self.appeal.deadlines.select_related("owner").order_by("round", "started_at", "pk"))

    @cached_property
    def clocks(self) -> list[Deadline]:
        """Those that run, the most urgent first."""
        return sorted(
            (clock for clock in self.deadlines if not clock.verdict), key=lambda clock: clock.due_at
        )

    def running(self, kind: str) -> Deadline | None:
        return next((clock for clock in self.clocks if clock.kind == kind), None)

    @cached_property
    def events(self) -> list[Event]:
        return list(self.appeal.events.select_related("user", "unit").order_by("seq"))

    def happened(self, transition: str, round: int | None = None) -> bool:
        return any(event.transition == transition and round in (None, event.round) for event in self.events)

    @cached_property
    def parts(self) -> list[Participation]:
        return list(self.appeal.participations.select_related("unit").order_by("round", "pk"))

    @cached_property
    def refusal(self) -> Refusal | None:
        """The “no” of this round."""
        return self.appeal.refusals.filter(round=self.appeal.round).prefetch_related("signatures__by").first()

    @cached_property
    def letters(self) -> list[SupervisionLetter]:
        return list(self.appeal.letters.select_related("unit", "sent_by", "answered_by").order_by("pk"))

    @cached_property
    def listing(self) -> ListedSupervision | None:
        """The listed supervision in force."""
        return self.appeal.listings.filter(delisted_at__isnull=True).select_related("leader").first()

    @cached_property
    def merged(self) -> list[Appeal]:
        return list(self.appeal.merged.order_by("pk").defer("content", "search_text"))

    @cached_property
    def merged_to_revisit(self) -> int:
        """How many firms of merged appeals were not asked since the answer they wait for."""
        merged = self.appeal.merged.all()
        asked = {"revisits__stage": "merged", "revisits__concludes": True}
        since = {"revisits__at__gte": self.appeal.answered_at} if self.appeal.answered_at else {}
        return merged.count() - merged.filter(**asked, **since).distinct().count()

    @cached_property
    def revisits(self) -> list[Revisit]:
        """Those of this round."""
        return list(self.appeal.revisits.filter(round=self.appeal.round).select_related("by", "unit"))
