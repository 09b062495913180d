"""Writes weekly tables: one unit's, or those of all units as the zip that the page makes."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Unit
from districts.models import Region
from reports.bundle import Bundle, write_zip
from reports.models import ReportingPeriod
from reports.services import Refused, open_period
from reports.workbook import unit_workbook


class Command(BaseCommand):
    help = "导出一周的工作情况表：一个单位（xlsx），或全部单位（zip）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--district", help="县区代码，如 340711；只有一个县区时可省略")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--unit", help="单位代码，如 datong")
        whose.add_argument("--all", action="store_true", help="全部单位，连同汇总，写成一个 zip")
        parser.add_argument("--ending", required=True, help="报送截止日，如 2026-11-19")
        parser.add_argument("--output", required=True, help="写入的文件")

    def handle(self, *args: Any, **options: Any) -> None:
        district = _district(options["district"])
        unit = None
        if not options["all"]:
            unit = Unit.objects.of_district(district).filter(code=options["unit"]).first()
            if unit is None:
                raise CommandError(f"{district}没有代码为 {options['unit']} 的单位。")
        try:
            ending = date.fromisoformat(options["ending"])
        except ValueError as error:
            raise CommandError(f"日期应写成 2026-11-19 这样：{options['ending']}") from error
        try:
            period = open_period(district=district, ending=ending)
        except Refused as reason:
            raise CommandError(str(reason)) from reason
        output = Path(options["output"])
        try:
            self._write_unit(period, unit, output) if unit else self._write_all(period, output)
        except OSError as error:
            raise CommandError(f"无法写入 {output}：{error.strerror}") from error
        self.stdout.write(f"已写入 {output}")

    def _write_unit(self, period: ReportingPeriod, unit: Unit, output: Path) -> None:
        table = period.tables.in_force().filter(unit=unit).select_related("period__profile", "unit").first()
        if table is None:
            raise CommandError(f"{unit.name}不报送工作情况表。")
        output.write_bytes(unit_workbook(table))

    def _write_all(self, period: ReportingPeriod, output: Path) -> None:
        """First beside the target: whoever stops it half-way leaves no broken zip under its name."""
        bundle = Bundle(period)
        beside = output.with_name(output.name + ".part")
        try:
            with beside.open("wb") as file:
                write_zip(bundle, file, lambda done: self._say(done, bundle.steps))
            beside.replace(output)
        finally:
            beside.unlink(missing_ok=True)

    def _say(self, done: int, steps: int) -> None:
        if done == steps or done % 10 == 0:
            self.stderr.write(f"{done}/{steps}")


def _district(code: str | None) -> Region:
    """The one asked for, or the only one that is set up."""
    if code:
        district = Region.objects.districts().filter(code=code).first()
        if district is None:
            raise CommandError(f"没有代码为 {code} 的县区。")
        return district
    districts = list(Region.objects.at_work()[:2])
    if len(districts) != 1:
        raise CommandError("有几个县区，请用 --district 写明代码。" if districts else "还没有载入县区。")
    return districts[0]
