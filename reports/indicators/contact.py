"""Whether firms were visited as owed, and whether the weekly tables came in on time."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from core import clock
from core.wording import spoken
from liaisons.cadence import start_of
from liaisons.duties import duties, visited
from liaisons.models import Assignment
from reports.indicators.base import Context, Indicator, Rate, Source, distinct
from reports.indicators.weekly import ASSIGNMENTS, VISITS
from reports.models import SituationTable
from reports.spans import DAY, Span


@dataclass(frozen=True)
class TablesDue(Source):
    """Weekly tables that fell due within the span, and do so no more in the future."""

    def when(self, span: Span) -> Q:
        due = {f"{self.occurred}__gte": span.start, f"{self.occurred}__lt": min(span.end, clock.now())}
        return Q(superseded=False, **due)


TABLES = TablesDue(SituationTable, "unit_id", "period__due_at", "submitted_at")


def _led(context: Context) -> Q:
    return Q(part=Assignment.Part.LEAD)


def _led_and_visited(context: Context) -> Q:
    """Somebody was there in the period of the tier's cadence that the last day of the span lies in."""
    day = min(context.span.last_day, clock.today())
    owed = duties(context.rules, day).values()
    return _led(context) & Q(visited(owed, before=start_of(day + DAY)))


def _in_time(context: Context) -> Q:
    return Q(late=False, submitted_at__isnull=False)


VISITS_OWED = Indicator(
    "visits_owed",
    "应走访企业（项目）",
    spoken("期末有联企干部牵头联系的企业和项目。计入牵头干部所在单位。"),
    ASSIGNMENTS,
    matches=_led,
)
VISITS_MADE = Indicator(
    "visits_made",
    "已走访企业（项目）",
    "其中在期末所在的走访周期（按季度、每半年等，见区县配置）内已经走访的。",
    ASSIGNMENTS,
    matches=_led_and_visited,
)
VISITS_DONE = Indicator(
    "visits",
    "走访联系次数",
    "期内登记的走访、恳谈、现场办公、微信和电话联系，一次计一次。计入填报单位。",
    VISITS,
)
FIRMS_VISITED = Indicator(
    "firms_visited", "走访联系企业数", "其中到过的企业，同一企业只计一次；重点项目和未入册的企业不计。", VISITS,
    distinct("enterprise"), lambda context: Q(enterprise__isnull=False), "几个单位都走访过的企业，全区只计一家",
)  # fmt: skip
TABLES_DUE = Indicator("tables_due", "应报工作情况表", "报送时限在期内的工作情况表，没有报送的计入。", TABLES)
TABLES_IN_TIME = Indicator(
    "tables_in_time", "按时报送工作情况表", "其中第一次报送没有超过时限的。", TABLES, matches=_in_time
)

CONTACT = (VISITS_DONE, FIRMS_VISITED, VISITS_OWED, VISITS_MADE, TABLES_DUE, TABLES_IN_TIME)

RATES_OF_CONTACT = (
    Rate("visit_rate", "走访完成率", "应走访的企业和项目中已经走访的比例。", VISITS_MADE, (VISITS_OWED,)),
    Rate(
        "tables_rate",
        "工作情况表按时报送率",
        "应报的工作情况表中按时报送的比例。",
        TABLES_IN_TIME,
        (TABLES_DUE,),
    ),
)
