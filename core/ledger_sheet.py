"""A ledger as a workbook: any number of rows, written as they are read, in memory that does not grow.

What goes out can be read, filtered and printed as it is: codes and phones are text, days are days, a head line that
stays, A4 across. It says on a second sheet what it is, and on every printed page who took it away and when.
"""

import io
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import IO, Any, Literal

from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.rehearsing import MARK, is_rehearsing
from core.xlsx import A4, TEXT, safe_text

MAX_ROWS = 1_048_575
"""What a sheet holds below its head line."""
MAX_TEXT = 32_767
CUT = "……（内容过长，此处截断）"
INTERNAL = "仅供内部使用"
EXPLANATION = "导出说明"

_EPOCH = datetime(1899, 12, 30)
_FIRST_DAY = date(1900, 3, 1)
"""Before it Excel counts a day that never was."""
_DIGITS_LOST_FROM = 1e15
# Beside what safe_text drops: half of a rare character, and two characters that no XML may hold.
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# One look tells that a text needs no care: no control character, no start of a formula or of XML.
_NEEDS_CARE = re.compile(r"^[=+\-@<]|[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|^\t")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")

Kind = Literal["text", "number", "date", "datetime"]


class TooManyRows(Exception):
    """More than a sheet can hold; the message says in Chinese what to do."""


@dataclass(frozen=True)
class Column:
    title: str
    width: int = 16
    kind: Kind = "text"
    wrap: bool = False
    """Long text: broken into lines within the cell."""
    decimals: int = 0
    """Of a number."""


def refuse_too_many(count: int) -> None:
    if count > MAX_ROWS:
        raise TooManyRows(f"共 {count:,} 行，超过一张表的 {MAX_ROWS:,} 行：请缩小筛选范围后分几次导出。")


def write_ledger(
    file: IO[bytes],
    *,
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    remarks: Sequence[tuple[str, str]],
    mark: str,
    picture_mark: str = "",
    count: int = 0,
) -> int:
    """Write the workbook into ``file``; how many rows it holds.

    ``remarks`` stand on the second sheet. ``mark`` (unit, name, time) goes to the top and foot of every printed page;
    ``picture_mark`` is the same in plain letters, drawn behind the cells. ``count``: the rows to come, where known.
    """
    refuse_too_many(count)
    # Parts that were not finished go with the folder, whatever happens.
    with TemporaryDirectory(prefix="ledger-") as folder:
        book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        styles = _Styles(book)
        title = str(title)
        sheet = book.add_worksheet(_SHEET_NAME.sub(" ", title)[:31])
        _prepare(sheet, columns, styles)
        written = _write_rows(sheet, columns, rows, styles)
        sheet.autofilter(0, 0, written, len(columns) - 1)
        explanation = book.add_worksheet(EXPLANATION)
        _explain(explanation, title, remarks, written, styles)
        for each in (sheet, explanation):
            _lay_out(each, title, mark)
            if picture_mark:
                each.set_background(_picture(picture_mark))
        book.set_properties(
            {
                "title": title,
                "subject": INTERNAL,
                "author": mark,
                "category": "台账",
                "comments": f"{mark} {INTERNAL}",
            }
        )
        book.close()
    return written


class _Styles:
    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[Column, Format] = {}
        self.head = book.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "border": 1, "border_color": "#A6B4C4"}
            | {"align": "center", "valign": "vcenter", "text_wrap": True, "num_format": TEXT}
        )
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.words = book.add_format({"text_wrap": True, "valign": "top", "num_format": TEXT})

    def of(self, column: Column) -> Format:
        if column not in self._made:
            number = "0" + ("." + "0" * column.decimals if column.decimals else "")
            formats = {"text": TEXT, "number": number, "date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm"}
            made = {"num_format": formats[column.kind], "valign": "top", "text_wrap": column.wrap}
            self._made[column] = self._book.add_format(made)
        return self._made[column]


def _prepare(sheet: Worksheet, columns: Sequence[Column], styles: _Styles) -> None:
    for number, column in enumerate(columns):
        sheet.set_column(number, number, column.width, styles.of(column))
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    for number, column in enumerate(columns):
        sheet.write_string(0, number, _text(str(column.title)), styles.head)


def _write_rows(
    sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Sequence[Any]], styles: _Styles
) -> int:
    ways = [(number, _WAYS[column.kind], styles.of(column)) for number, column in enumerate(columns)]
    line = 0
    for line, row in enumerate(rows, start=1):
        if line > MAX_ROWS:
            refuse_too_many(line)
        for number, write, style in ways:
            value = row[number]
            if value is not None and value != "":
                write(sheet, line, number, value, style)
    return line


def _explain(
    sheet: Worksheet, title: str, remarks: Sequence[tuple[str, str]], rows: int, styles: _Styles
) -> None:
    sheet.set_column(0, 0, 16, styles.words)
    sheet.set_column(1, 1, 90, styles.words)
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, _text(title), styles.title)
    lines = [*remarks, ("行数", f"{rows:,}"), ("使用范围", f"{INTERNAL}，请勿外传；用后妥善保管或销毁。")]
    for number, (label, words) in enumerate(lines, start=2):
        sheet.set_row(number, 16 * (1 + len(words) // 42))  # not every program makes room by itself
        sheet.write_string(number, 0, _text(label), styles.words)
        sheet.write_string(number, 1, _text(str(words)), styles.words)


def _lay_out(sheet: Worksheet, title: str, mark: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.hide_gridlines(0)  # the lines are printed too
    # An "&" begins a command there, and a digit behind the size would be part of it.
    name, who = (_NOT_XML.sub("", words)[:80].replace("&", "&&") for words in (title, mark))
    # However small the cells have to be printed, the mark stays as it is.
    as_it_is = {"scale_with_doc": False}
    rehearsal = f"&C&12 {MARK}" if is_rehearsing() else ""
    sheet.set_header(f"&L&9 {name}{rehearsal}&R&9 {who} {INTERNAL}", as_it_is)
    sheet.set_footer(f"&L&9 {who} {INTERNAL}&R&9 第 &P 页，共 &N 页", as_it_is)


# --- Cells ----------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    """What a cell of text may hold: nothing to calculate, nothing that no XML holds, not too long."""
    text = value if isinstance(value, str) else str(value)
    if len(text) <= MAX_TEXT // 2 and not _NEEDS_CARE.search(text):
        return text
    text = safe_text(_NOT_XML.sub("", text))
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Excel counts a rare character (𠮷) as two.
    if len(text) > MAX_TEXT // 2 and len(text.encode("utf-16-le")) // 2 > MAX_TEXT:
        room = (MAX_TEXT - len(CUT)) * 2
        text = text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT
    # What looks like this XlsxWriter takes for ready-made XML.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _write_text(sheet: Worksheet, line: int, number: int, value: Any, style: Format) -> None:
    sheet.write_string(line, number, _text(value), style)


def _write_number(sheet: Worksheet, line: int, number: int, value: Any, style: Format) -> None:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if is_number and math.isfinite(value) and abs(float(value)) < _DIGITS_LOST_FROM:
        sheet.write_number(line, number, float(value), style)
    else:
        _write_text(sheet, line, number, value, style)


def _write_day(sheet: Worksheet, line: int, number: int, value: Any, style: Format) -> None:
    if isinstance(value, datetime):
        value = local(value).date()
    if isinstance(value, date) and value >= _FIRST_DAY:
        sheet.write_number(line, number, value.toordinal() - _EPOCH.toordinal(), style)
    else:
        _write_text(sheet, line, number, value, style)


def _write_moment(sheet: Worksheet, line: int, number: int, value: Any, style: Format) -> None:
    if not isinstance(value, datetime):
        _write_day(sheet, line, number, value, style)
        return
    moment = local(value)
    if moment.date() < _FIRST_DAY:
        _write_text(sheet, line, number, f"{moment:%Y-%m-%d %H:%M}", style)
        return
    since = moment - _EPOCH
    # To the minute that is shown: a filter for it then finds the row.
    sheet.write_number(line, number, since.days + (since.seconds // 60) / 1440, style)


def local(moment: datetime) -> datetime:
    """As the clock on the wall shows it: a cell knows no time zones."""
    return timezone.make_naive(moment) if timezone.is_aware(moment) else moment


_WAYS: dict[str, Callable[[Worksheet, int, int, Any, Format], None]] = {
    "text": _write_text,
    "number": _write_number,
    "date": _write_day,
    "datetime": _write_moment,
}


# --- The mark behind the cells --------------------------------------------------------------------


def _picture(words: str) -> io.BytesIO:
    """The words, faint and slanting; Excel repeats them over the whole sheet.

    Only the plain letters of Pillow's own font: a server need have no other.
    """
    plain = "".join(letter for letter in words if " " <= letter <= "~")[:60]
    layer = Image.new("RGBA", (460, 60), (255, 255, 255, 0))
    ImageDraw.Draw(layer).text((8, 18), plain, fill=(120, 130, 145, 70), font=ImageFont.load_default(20))
    picture = Image.new("RGBA", (480, 300), (255, 255, 255, 255))
    slanting = layer.rotate(22, expand=True)
    picture.alpha_composite(slanting, ((480 - slanting.width) // 2, (300 - slanting.height) // 2))
    saved = io.BytesIO()
    picture.convert("RGB").save(saved, "PNG", optimize=True, dpi=(96, 96))
    saved.seek(0)
    return saved
