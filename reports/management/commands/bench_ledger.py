"""How long a ledger of so many rows takes, in how much memory, beside what XlsxWriter alone needs."""

import resource
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from xlsxwriter import Workbook

from core.ledger_sheet import Column, write_ledger

BEGIN = datetime(2026, 1, 5, 1, tzinfo=UTC)
COLUMNS = [
    *(Column(title) for title in ("编号", "统一社会信用代码", "联系电话", "乡镇办", "类别", "渠道", "状态", "单位")),
    *(Column(title, 30, wrap=True) for title in ("企业名称", "标题", "诉求内容", "办理结果")),
    *(Column(title, kind="datetime") for title in ("提交", "受理", "交办", "答复")),
    *(Column(title, kind="date") for title in ("到期", "办结")),
    Column("轮次", kind="number"),
    Column("金额", kind="number", decimals=2),
]  # fmt: skip


def synthetic(count: int) -> Iterator[list[Any]]:
    """Rows of twenty cells as they come from a ledger."""
    for number in range(count):
        at = BEGIN + timedelta(minutes=7 * number)
        yield [
            f"JQ26{number:08d}", f"91340711MA{number % 10_000_000:07d}X", "138****0000", "大通镇",
            "用工保障", "联企干部走访", "办理中", "区人力资源和社会保障局",
            f"铜陵示例{number % 4000}号有限公司", "希望帮助对接一线操作工招聘",
            "一线操作工缺口约20人，希望帮助对接招聘。" * 3, "已组织专场招聘，到岗18人。",
            at, at + timedelta(hours=3), at + timedelta(hours=9), at + timedelta(days=5),
            at + timedelta(days=9), at.date(), 1 + number % 3, Decimal(number % 1000) / 7,
        ]  # fmt: skip


class Command(BaseCommand):
    help = "Write a synthetic ledger and say how long it took."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=100_000)

    def handle(self, *args: Any, rows: int, **options: Any) -> None:
        idle = _peak()
        with tempfile.TemporaryDirectory() as folder:
            ledger = Path(folder, "ledger.xlsx")
            seconds = _timed(lambda: _ledger(ledger, rows))
            grown = _peak() - idle
            size = ledger.stat().st_size / 1024 / 1024
            bare = _timed(lambda: _bare(Path(folder, "bare.xlsx"), rows))
        self.stdout.write(f"{rows:,} rows of {len(COLUMNS)} cells, {size:.1f} MB")
        self.stdout.write(f"ledger:          {seconds:.1f} s, peak memory {grown:.0f} MB above idle")
        self.stdout.write(f"XlsxWriter bare: {bare:.1f} s")
        self.stdout.write(f"ratio:           {seconds / bare:.2f}")


def _ledger(path: Path, rows: int) -> None:
    with path.open("wb") as file:
        write_ledger(
            file,
            title="性能测试",
            columns=COLUMNS,
            rows=synthetic(rows),
            remarks=[("筛选条件", "无")],
            mark="性能测试",
            picture_mark="bench",
            count=rows,
        )


def _bare(path: Path, rows: int) -> None:
    """The same cells with nothing but XlsxWriter's own calls."""
    options = {"constant_memory": True, "remove_timezone": True}
    with Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for line, row in enumerate(synthetic(rows), start=1):
            for number, value in enumerate(row[:12]):
                sheet.write_string(line, number, value)
            for number in range(12, 18):
                sheet.write_datetime(line, number, row[number], moment if number < 16 else day)
            sheet.write_number(line, 18, row[18])
            sheet.write_number(line, 19, row[19])


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _peak() -> float:
    """The most memory this process ever had, in MB."""
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1024 / (1024 if sys.platform == "darwin" else 1)
