"""Sorts appeals into kinds of problems now, instead of tonight."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from appeals.clusters.running import cluster_district
from districts.models import Region


class Command(BaseCommand):
    help = "把各区县的诉求归类为共性问题。平时每天夜里自动进行。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--district", help="只归类这个区县（行政区划代码）")

    def handle(self, *args: Any, **options: Any) -> None:
        districts = Region.objects.at_work()
        if options["district"]:
            districts = districts.filter(code=options["district"])
            if not districts:
                raise CommandError(f"没有区县 {options['district']}，或它还没有载入规则。")
        for district in districts:
            began = monotonic()
            done = cluster_district(district)
            self.stdout.write(
                f"{district}：{done.appeals} 件诉求，{done.grouped} 件归入 {done.clusters} 类共性问题，"
                f"新发现 {done.new} 类，用时 {monotonic() - began:.1f} 秒。"
            )
