"""走流程坐窗口 and 走访联系表: what units owe every month, as figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from campaigns.models import Sitting, VisitSheet
from core import clock
from reports.indicators.base import Context, Indicator, Rate, Source
from reports.spans import Span


@dataclass(frozen=True)
class ByDay(Source):
    """Held on a day, not at a moment."""

    def when(self, span: Span) -> Q:
        days = {f"{self.occurred}__gte": clock.local_date(span.start), f"{self.occurred}__lte": span.last_day}
        return Q(**days) & span.known(self.recorded)


@dataclass(frozen=True)
class SheetsHandedIn(Source):
    """Counted in the month in which they were first handed in."""

    def when(self, span: Span) -> Q:
        return Q(first_handed_in_at__gte=span.start, first_handed_in_at__lt=span.end)


SITTINGS = ByDay(Sitting, "unit_id", "day", "held_at")
SHEETS = SheetsHandedIn(VisitSheet, "unit_id", "first_handed_in_at", "first_handed_in_at")


def _held(context: Context) -> Q:
    return Q(state=Sitting.State.HELD)


def _in_time(context: Context) -> Q:
    return Q(late=False)


SITTINGS_HELD = Indicator(
    "sittings_held",
    "走流程坐窗口",
    "期内开展并报送工作记录表的“走流程、坐窗口、优服务”，一次（半天）计一次。计入参加单位。",
    SITTINGS,
    matches=_held,
)
SHEETS_DONE = Indicator(
    "visit_sheets", "报送走访联系表", "期内首次报送的走访联系表，一个单位一个月计一份。计入报送单位。", SHEETS
)
SHEETS_IN_TIME = Indicator(
    "visit_sheets_in_time",
    "按时报送走访联系表",
    "其中首次报送没有超过时限的。",
    SHEETS,
    matches=_in_time,
)
ROTAS = (SITTINGS_HELD, SHEETS_DONE, SHEETS_IN_TIME)
RATES_OF_ROTAS = (
    Rate(
        "visit_sheets_rate",
        "走访联系表按时率",
        "已报送的走访联系表中按时报送的比例；没有报送的见走访联系表页面。",
        SHEETS_IN_TIME,
        (SHEETS_DONE,),
    ),
)
