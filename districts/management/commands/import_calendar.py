from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from districts import calendar_import


class Command(BaseCommand):
    help = "Seed the working-day calendar (2004–2026), or import the notice of a year from a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="CSV or xlsx with the columns date, is_workday, label")
        parser.add_argument(
            "--year", type=int, help="the year of the notice, where the file names days of two years"
        )
        parser.add_argument(
            "--replace", action="store_true", help="when seeding, also overwrite years already there"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            self._import_file(options["file"], options["year"])
            return
        years = calendar_import.seed(replace=options["replace"])
        self.stdout.write(f"已导入工作日历：{years[0]}–{years[-1]} 年" if years else "工作日历已是最新。")

    def _import_file(self, path: Path, year: int | None) -> None:
        if not path.is_file():
            raise CommandError(f"找不到文件：{path}")
        try:
            days = calendar_import.read_file(path)
        except calendar_import.CalendarFileError as error:
            raise CommandError(str(error)) from None
        years = {day.year for day, _, _ in days}
        if year is None and len(years) > 1:
            raise CommandError("文件中有两个年份的日期，请用 --year 写明是哪一年的安排。")
        if year is not None and year not in years:
            raise CommandError(f"文件中没有 {year} 年的日期。")
        year = year or years.pop()
        changed = calendar_import.import_year(year=year, days=days, source=path.name)
        self.stdout.write(
            f"已导入 {year} 年工作日历，{len(days)} 天。" if changed else f"{year} 年工作日历无变化。"
        )
