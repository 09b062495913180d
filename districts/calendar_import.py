"""Import of the working-day calendar: the known years from a package, a new year from its notice."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile

from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.xlsx import Book, SheetError

from .calendars import forget
from .models import CalendarDay, CalendarYear

NamedDay = tuple[date, bool, str]
PACKAGE = "国务院办公厅节假日安排通知（chinesecalendar）"


class CalendarFileError(ValueError):
    """A calendar file that cannot be used, with every reason in Chinese."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages
        super().__init__("\n".join(messages))


@transaction.atomic
def import_year(*, year: int, days: Iterable[NamedDay], source: str) -> bool:
    """Replace what a year's notice named. False if nothing changed.

    A notice may name days of December before or January after; those are set one by one and the
    calendar of that year stays as it is.
    """
    named = {day: (works, label) for day, works, label in days}
    inside = {day: named[day] for day in named if day.year == year}
    outside = {day: named[day] for day in named if day.year != year}
    stored = {row.date: (row.is_workday, row.label) for row in CalendarDay.objects.filter(date__year=year)}
    neighbours = {
        row.date: (row.is_workday, row.label) for row in CalendarDay.objects.filter(date__in=outside)
    }
    if stored == inside and neighbours == outside and CalendarYear.objects.filter(pk=year).exists():
        return False
    CalendarDay.objects.filter(date__year=year).delete()
    CalendarDay.objects.bulk_create(
        [CalendarDay(date=day, is_workday=works, label=label) for day, (works, label) in named.items()],
        update_conflicts=True, unique_fields=["date"], update_fields=["is_workday", "label"],
    )  # fmt: skip
    CalendarYear.objects.update_or_create(
        year=year, defaults={"source": source[:200], "imported_at": timezone.now()}
    )
    transaction.on_commit(forget)
    return True


def package_years() -> dict[int, list[NamedDay]]:
    """The named days of each year that the package chinesecalendar knows (2004–2026).

    Imported here, since the package only seeds the table: it raises for a year it does not know, and the
    table can be corrected.
    """
    from chinese_calendar.constants import Holiday, holidays, workdays

    labels = {holiday.value: holiday.chinese for holiday in Holiday}
    years: dict[int, list[NamedDay]] = {}
    for named, works in ((holidays, False), (workdays, True)):
        for day, holiday in named.items():
            label = labels.get(holiday, "") + ("调休" if works else "")
            years.setdefault(day.year, []).append((day, works, label[:40]))
    return years


@transaction.atomic
def seed(*, replace: bool = False) -> list[int]:
    """Write the package's years and return them; years already there are left alone."""
    years = package_years()
    known = set() if replace else set(CalendarYear.objects.values_list("year", flat=True))
    new = sorted(set(years) - known)
    CalendarDay.objects.filter(date__year__in=new).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(date=day, is_workday=works, label=label)
        for year in new
        for day, works, label in years[year]
    )
    CalendarYear.objects.bulk_create(
        [CalendarYear(year=year, source=PACKAGE, imported_at=timezone.now()) for year in new],
        update_conflicts=True,
        unique_fields=["year"],
        update_fields=["source", "imported_at"],
    )
    forget()
    transaction.on_commit(forget)
    return new


WORKED = {"1", "true", "上班", "是", "班", "补班", "调休上班"}
OFF = {"0", "false", "放假", "否", "休", "休息", "休假", "放假休息"}


def read_file(path: Path) -> list[NamedDay]:
    """The named days of a notice, from a CSV or xlsx file with the columns date, is_workday, label."""
    return _named_days(_cells(path))


def read_upload(file: IO[bytes]) -> list[NamedDay]:
    """The same from an .xlsx somebody uploaded."""
    try:
        book = Book(file)
        rows = [row.texts() for row in book.rows(book.sheet_names()[0], 3)] if book.sheet_names() else []
    except SheetError as error:
        raise CalendarFileError([str(error)]) from None
    return _named_days(rows)


def _named_days(rows: Iterable[list[Any]]) -> list[NamedDay]:
    days: dict[date, NamedDay] = {}
    errors = []
    lines = [
        (line, cells, [str(cell).strip() if cell is not None else "" for cell in [*cells, "", "", ""][:3]])
        for line, cells in enumerate(rows, start=1)
    ]
    # What stands above the header is a title.
    header = next((line for line, _, texts in lines if texts[0].lower() in ("date", "日期")), 0)
    for line, cells, texts in lines:
        if not any(texts) or line <= header:
            continue
        day, word = _as_date(cells[0] if cells else None), texts[1].lower()
        if day is None:
            errors.append(f"第 {line} 行（A{line}）：“{texts[0]}”不是日期，应写作 2027-01-01")
        elif word not in WORKED | OFF:
            errors.append(f"第 {line} 行（B{line}）：“{texts[1]}”应为 上班 或 放假（也可写 1 或 0）")
        elif day in days:
            errors.append(f"第 {line} 行（A{line}）：{day} 重复")
        else:
            days[day] = (day, word in WORKED, texts[2][:40])
    if not days and not errors:
        errors.append("文件中没有日期")
    if errors:
        raise CalendarFileError(errors)
    return list(days.values())


def _cells(path: Path) -> list[list[Any]]:
    if path.suffix.lower() == ".xlsx":
        try:
            return [
                list(row) for row in load_workbook(path, read_only=True, data_only=True).worksheets[0].values
            ]
        except (BadZipFile, InvalidFileException, KeyError, IndexError):
            raise CalendarFileError(["文件不是有效的 xlsx 表格，请另存为 xlsx 或 CSV 后再导入"]) from None
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")  # what Excel saves as CSV on a Chinese Windows
    return list(csv.reader(text.splitlines()))


def _as_date(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"):
        try:
            return datetime.strptime(str(value).strip(), pattern).date()
        except ValueError:
            continue
    return None
