"""The rows of a table as its page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.urls import reverse

from accounts.models import User
from districts.profile import FormRow
from reports import figures
from reports.figures import Figure, shown
from reports.indicators import Indicator
from reports.models import HandEntry, ReportingPeriod, SituationTable

REGISTERED_AT = {
    "visit_participants": "portal:sitting",
    "visit_enterprises": "portal:sitting",
    "visit_problems": "portal:sitting",
    "policy_papers": "policies:hand_outs",
    "policy_meetings": "portal:plan_event",
    "policy_reached": "policies:hand_outs",
    "policy_paid": "policies:payments",
    "solved_on_spot": "appeals:register",
    "provincial_recorded": "appeals:provincial",
    "opinions": "liaisons:opinions",
    "news_items": "policies:news",
}
"""Where a row's records are made: what was done and not written down is registered, not typed into the table."""


@dataclass(frozen=True)
class RowView:
    row: FormRow
    figure: Figure
    entries: list[HandEntry] = field(default_factory=list)

    @property
    def week(self) -> str:
        return shown(self.figure.week)

    @property
    def cumulative(self) -> str:
        return shown(self.figure.cumulative)

    @property
    def counted(self) -> str:
        return "" if self.figure.counted is None else shown(self.figure.counted)

    @property
    def is_automatic(self) -> bool:
        return self.row.source == "indicator"

    @property
    def is_formula(self) -> bool:
        return self.row.source == "formula"

    @property
    def formula_text(self) -> str:
        return "＝" + " ＋ ".join(f"第 {no} 行" for no in self.row.formula)

    @property
    def entry(self) -> HandEntry | None:
        """The hand entry in force."""
        last = self.entries[-1] if self.entries else None
        return last if last and last.value is not None else None

    @property
    def is_unfilled(self) -> bool:
        return self.row.source == "hand" and self.entry is None

    @property
    def registered_at(self) -> str:
        """Where to go if there is nothing yet; empty where the row has something, or is not counted."""
        name = "" if self.figure.week else REGISTERED_AT.get(self.row.indicator, "")
        return reverse(name) if name else ""

    @property
    def indicator(self) -> Indicator | None:
        return figures.indicator_of(self.row)


@dataclass(frozen=True)
class GroupView:
    label: str
    rows: list[RowView]


def groups_of(table: SituationTable) -> list[GroupView]:
    """The form's groups with the table's figures and everything that was entered by hand."""
    filled = figures.figures(table.period, [table])[table.unit_id]
    entries: dict[int, list[HandEntry]] = {}
    for entry in table.hand_entries.select_related("by"):
        entries.setdefault(entry.row, []).append(entry)
    return _grouped(table.period, filled, entries)


def _grouped(
    period: ReportingPeriod, filled: Mapping[int, Figure], entries: Mapping[int, list[HandEntry]]
) -> list[GroupView]:
    return [
        GroupView(label, [RowView(row, filled[row.no], entries.get(row.no, [])) for row in rows])
        for label, rows in period.rules.form.groups
    ]


def recent_periods(user: User, limit: int = 60) -> list[ReportingPeriod]:
    """The weeks to choose from, newest first."""
    return list(ReportingPeriod.objects.visible_to(user).defer("profile__data")[:limit])
