"""A rota as .xlsx, out and in: what comes out can be filled in and read again."""

from datetime import date, time

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.dateparse import parse_time

from accounts.models import User
from campaigns.models import Duty
from campaigns.rotas.official_book import official_workbook
from campaigns.rotas.services.rotas import MOST_DUTIES, Line
from core.search import normalise
from core.sheets import Column, clean_day, open_sheet
from core.xlsx import SheetError
from districts.rotas import RotaKind
from liaisons.event_calendar import WEEKDAYS
from liaisons.named import Named

COLUMNS = (
    Column("day", "日期", 30, "2026-12-02", 14, needed=True, aliases=("值班日期",), clean=clean_day),
    Column("unit", "单位", 80, "单位全称或简称", 22, needed=True, aliases=("值班单位",)),
    Column("person", "值班人", 50, "可不填", 14, aliases=("姓名", "值班人员", "值班领导")),
    Column("begins", "开始", 10, "09:00", 10, aliases=("开始时间",)),
    Column("ends", "结束", 10, "11:30", 10, aliases=("结束时间",)),
    Column("place", "地点", 120, "可不填", 26),
)
HEADERS = ("日期", "星期", "开始", "结束", "单位", "值班人", "职务", "地点")
WIDTHS = (14, 10, 10, 10, 24, 14, 22, 36)
MOST_PROBLEMS = 20


def rota_workbook(title: str, below: str, duties: list[Duty]) -> bytes:
    return official_workbook(
        sheet="排班表",
        title=title,
        below=below,
        headers=HEADERS,
        widths=WIDTHS,
        rows=[
            (
                f"{duty.day:%Y-%m-%d}", WEEKDAYS[duty.day.weekday()], f"{duty.begins:%H:%M}", f"{duty.ends:%H:%M}",
                duty.unit.short_name, duty.person.name if duty.person else "", duty.title, duty.place,
            )
            for duty in duties
        ],
    )  # fmt: skip


def read_rota(upload: UploadedFile, *, user: User, kind: RotaKind) -> list[Line]:
    """Every row, or a ``ValidationError`` that names the lines that cannot be used."""
    try:
        rows = list(open_sheet(upload, COLUMNS).rows())
        places = open_sheet(upload, COLUMNS).layout.places
    except SheetError as error:
        raise ValidationError({"file": [str(error)]}) from None
    if not rows:
        raise ValidationError({"file": ["表中没有排班。"]})
    if len(rows) > MOST_DUTIES:
        raise ValidationError({"file": [f"一次最多 {MOST_DUTIES} 行。"]})
    named, lines, problems = Named(user), [], []
    for row in rows:
        texts = row.texts()
        cells = {key: texts[place].strip() for key, place in places.items()}
        try:
            lines.append(_line(cells, named, kind))
        except ValidationError as error:
            problems.append(f"第 {row.line} 行：{'；'.join(error.messages)}")
    if problems:
        more = [f"还有 {len(problems) - MOST_PROBLEMS} 行有问题。"] if len(problems) > MOST_PROBLEMS else []
        raise ValidationError({"file": [*problems[:MOST_PROBLEMS], *more]})
    return lines


def _line(cells: dict[str, str], named: Named, kind: RotaKind) -> Line:
    day = date.fromisoformat(clean_day(cells.get("day", "")))
    units = named.units_named(cells.get("unit", ""))
    if len(units) != 1:
        raise ValidationError("请写一个单位。")
    person = cells.get("person", "")
    officials = named.officials_named(person, day) if person else []
    if len(officials) > 1:
        raise ValidationError("一行只写一名值班人。")
    return Line(
        day=day,
        unit=units[0],
        official=officials[0] if officials else None,
        begins=_time(cells.get("begins", ""), kind.begins),
        ends=_time(cells.get("ends", ""), kind.ends),
        place=cells.get("place", "") or kind.place,
    )


def _time(text: str, otherwise: time) -> time:
    if not text:
        return otherwise
    try:
        found = parse_time(normalise(text).zfill(5))
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(f"“{text[:10]}”不是时间，请写成 09:00。")
    return found
