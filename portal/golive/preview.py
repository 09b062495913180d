"""The weekly table as it will look: on the page, and as the .xlsx that units will hand in, without figures."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from core import clock
from core.xlsx import saved
from districts.profile import WeeklyForm
from districts.schema import ProfileError, validated
from portal.golive.draft import Draft
from portal.golive.steps import step_of
from reports.figures import Figure
from reports.workbook import Sheet, fill_form


def weekly_form(draft: Draft) -> WeeklyForm:
    """Raises ``ProfileError`` as long as its rows do not make a form."""
    return validated(WeeklyForm, step_of("weekly").rules(draft)["form"], "工作情况表")


def form_if_any(draft: Draft) -> WeeklyForm | None:
    try:
        return weekly_form(draft)
    except ProfileError:
        return None


def form_workbook(draft: Draft, unit_name: str) -> bytes:
    period: Any = SimpleNamespace(rules=SimpleNamespace(form=weekly_form(draft)), end=clock.now())
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    fill_form(sheet, Sheet(period, unit_name, defaultdict(Figure)))
    return saved(book)
