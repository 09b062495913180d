"""What the tick does every night, to look at first: whose consent to be kept on the list of seekers has run out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from campaigns.needs.services.forgetting import erase_due
from districts.models import Region


class Command(BaseCommand):
    help = "求职人员个人信息到期匿名：默认只数人数，加 --apply 才删除。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="真的删除")

    def handle(self, *args: Any, **options: Any) -> None:
        for district in Region.objects.at_work().order_by("path"):
            number = erase_due(district, dry_run=not options["apply"])
            done = "已匿名" if options["apply"] else "到期，尚未匿名"
            self.stdout.write(f"{district}：{done} {number} 人")
