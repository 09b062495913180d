"""企业分类监管: whether the organs graded whom they had to, and how many inspections were made together.

What is counted are lists and inspections, never which grade a firm has: that is known to the entitled alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from core import clock
from districts.workdays import SHANGHAI
from enterprises.models import GradeDuty, Inspection
from reports.indicators.base import Indicator, Rate, Source
from reports.spans import Span


@dataclass(frozen=True)
class SeasonsOver(Source):
    """Firms whose annual grading fell due within the span, and does so no more in the future."""

    def when(self, span: Span) -> Q:
        first, last = span.start.astimezone(SHANGHAI).date(), min(span.last_day, clock.today())
        return Q(**{f"{self.occurred}__gte": first, f"{self.occurred}__lte": last})


DUTIES = SeasonsOver(GradeDuty, "unit_id", "due_on", "opened_at")
INSPECTIONS = Source(Inspection, "unit_id", "held_at", "recorded_at")

GRADES_DUE = Indicator(
    "grades_due",
    "应评定企业",
    "评定期限在期内的应评企业，一个领域计一家次。计入评定的执法单位。",
    DUTIES,
)
GRADES_GIVEN = Indicator(
    "grades_given",
    "已评定企业",
    "其中已经评定并生效的，待审定的不计。",
    DUTIES,
    matches=lambda context: Q(record__isnull=False),
)
INSPECTED = Indicator(
    "inspections", "涉企检查次数", "期内开展并登记结果的检查，联合检查计一次。计入牵头检查单位。", INSPECTIONS
)
JOINT = Indicator(
    "inspections_joint",
    "联合检查次数",
    "其中两个以上单位联合开展的。",
    INSPECTIONS,
    matches=lambda context: Q(joint=True),
)

GRADING = (GRADES_DUE, GRADES_GIVEN, INSPECTED, JOINT)

RATES_OF_GRADING = (
    Rate("grading_rate", "分级评定完成率", "应评定企业中已经评定的比例。", GRADES_GIVEN, (GRADES_DUE,)),
    Rate("joint_rate", "联合检查占比", "涉企检查中联合开展的比例。", JOINT, (INSPECTED,)),
)

INTERNAL = frozenset({*(one.name for one in GRADING), *(rate.name for rate in RATES_OF_GRADING)})
"""Nothing about grades and inspections is published, not even how many there are."""
