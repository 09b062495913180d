"""All units' weekly tables of a week, as a zip or as one workbook."""

from __future__ import annotations

from typing import IO

from accounts.models import User
from core.xlsx import CONTENT_TYPE
from enterprises.querysets import DISTRICT_WIDE
from reports.bundle import Bundle, everything, write_zip
from reports.exports.types import Advance, CannotExport, ExportKind
from reports.models import Export, ReportingPeriod
from reports.workbook import file_name

CODE = "situation_tables"


def params_of(period: ReportingPeriod) -> dict[str, int]:
    return {"period": period.pk}


def title_of(period: ReportingPeriod, *, one_book: bool = False) -> str:
    shape = "合为一本" if one_book else "逐个单位"
    return f"工作情况表 全部单位（{shape}，截止 {period.ending:%Y-%m-%d}）"


def _period(export: Export) -> ReportingPeriod:
    visible = ReportingPeriod.objects.visible_to(export.asked_by).select_related("profile", "district")
    period = visible.filter(pk=export.params["period"]).first()
    if period is None:
        raise CannotExport("这一期工作情况表您现在无权查看。")
    return period


def _may(user: User) -> bool:
    return user.has_role(*DISTRICT_WIDE)


def _steps(export: Export) -> int:
    return Bundle(_period(export)).steps


def _write_zip(export: Export, file: IO[bytes], advance: Advance) -> None:
    write_zip(Bundle(_period(export)), file, advance)


def _write_book(export: Export, file: IO[bytes], advance: Advance) -> None:
    bundle = Bundle(_period(export))
    file.write(everything(bundle, advance))
    advance(bundle.steps)


ALL_TABLES = ExportKind(
    code=CODE,
    may=_may,
    steps=_steps,
    file_name=lambda export: file_name(_period(export), "全部单位").replace(".xlsx", ".zip"),
    content_type="application/zip",
    write=_write_zip,
)
ONE_BOOK = ExportKind(
    code="situation_workbook",
    may=_may,
    steps=_steps,
    file_name=lambda export: file_name(_period(export), "全部单位"),
    content_type=CONTENT_TYPE,
    write=_write_book,
)
