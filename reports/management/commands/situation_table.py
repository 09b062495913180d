"""Writes a unit's weekly table, the same file as the page's download."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Unit
from districts.models import Region
from reports.services import Refused, open_period
from reports.workbook import unit_workbook


class Command(BaseCommand):
    help = "导出一个单位一周的工作情况表（xlsx）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--district", required=True, help="县区代码，如 340711")
        parser.add_argument("--unit", required=True, help="单位代码，如 datong")
        parser.add_argument("--ending", required=True, help="报送截止日，如 2026-11-19")
        parser.add_argument("--output", required=True, help="写入的文件")

    def handle(self, *args: Any, **options: Any) -> None:
        district = Region.objects.districts().filter(code=options["district"]).first()
        if district is None:
            raise CommandError(f"没有代码为 {options['district']} 的县区。")
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
        table = period.tables.in_force().filter(unit=unit).select_related("period__profile", "unit").first()
        if table is None:
            raise CommandError(f"{unit.name}不报送工作情况表。")
        output = Path(options["output"])
        try:
            output.write_bytes(unit_workbook(table))
        except OSError as error:
            raise CommandError(f"无法写入 {output}：{error.strerror}") from error
        self.stdout.write(f"已写入 {output}")
