"""The sheet as it is read: units × items, the ranked ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import User
from districts.reporting import AssessmentItem
from reports.assessments.scoring import exact, said
from reports.indicators import RATES
from reports.models import Assessment, AssessmentAdjustment, AssessmentLine, AssessmentScore


@dataclass(frozen=True)
class Cell:
    item: AssessmentItem
    score: AssessmentScore
    adjustments: list[AssessmentAdjustment] = field(default_factory=list)

    @property
    def rate_label(self) -> str:
        rate = RATES.get(self.item.rate_name)
        return rate.label if rate else self.item.rate_name

    @property
    def definition(self) -> str:
        rate = RATES.get(self.item.rate_name)
        return rate.full_definition if rate else ""

    @property
    def basis(self) -> list[str]:
        return self.score.basis.splitlines()


@dataclass(frozen=True)
class Row:
    line: AssessmentLine
    cells: list[Cell | None]
    waits: bool = False
    """An objection is not answered yet."""

    @property
    def note(self) -> str:
        unscored = [cell.item.label for cell in self.cells if cell and cell.score.weight is None]
        parts = []
        if self.line.total is None:
            return "各项件数都少，不计分"
        if unscored:
            parts.append(f"“{'”“'.join(unscored)}”件数少，不计分")
        if self.line.rank is None:
            parts.append("不排名")
        if any(cell and cell.score.is_adjusted for cell in self.cells):
            parts.append("有手工调整")
        return "；".join(parts)


@dataclass(frozen=True)
class Sheet:
    assessment: Assessment
    items: tuple[AssessmentItem, ...]
    rows: list[Row]

    @property
    def rank_note(self) -> str:
        least = said(exact(self.assessment.rules.ranked_from))
        return f"件数不足的项目不计分，其权重按比例分到本单位其他项；能计分的项目权重合计不足 {least} 分的，不排名。"


def sheet_of(assessment: Assessment, user: User) -> Sheet:
    """What this user may see of it. A handful of queries."""
    lines = AssessmentLine.objects.visible_to(user).filter(assessment=assessment)
    return Sheet(assessment, assessment.rules.items, rows_of(assessment, lines))


def rows_of(assessment: Assessment, lines: Iterable[AssessmentLine]) -> list[Row]:
    found = {line.pk: line for line in lines}
    scores = AssessmentScore.objects.filter(line__in=found).defer("evidence")
    cells: dict[tuple[int, str], AssessmentScore] = {(score.line_id, score.item): score for score in scores}
    adjustments: dict[int, list[AssessmentAdjustment]] = {}
    for made in AssessmentAdjustment.objects.filter(score__line__in=found).select_related("by"):
        adjustments.setdefault(made.score_id, []).append(made)
    waiting = set(
        AssessmentLine.objects.filter(
            pk__in=found, objections__isnull=False, objections__answered_at__isnull=True
        ).values_list("pk", flat=True)
    )
    rows = []
    for line in found.values():
        row = []
        for item in assessment.rules.items:
            score = cells.get((line.pk, item.code))
            row.append(Cell(item, score, adjustments.get(score.pk, [])) if score else None)
        rows.append(Row(line, row, line.pk in waiting))
    last = len(rows) + 1
    rows.sort(key=lambda row: (row.line.rank or last, row.line.total is None, row.line.place))
    return rows
