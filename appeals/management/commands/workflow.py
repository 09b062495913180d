"""Prints the workflow's one table: for the manual, for other systems, and for whoever wants to learn it."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from appeals.table import as_data


class Command(BaseCommand):
    help = "输出办理流程总表（appeals/workflow.py）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = as_data()
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            sources = "、".join(row["sources_labels"]) or "—"
            target = row["target_label"] or ("原状态" if row["returns"] else "不变")
            needed = "、".join(field["label"] for field in row["data"] if field["required"])
            self.stdout.write(f"{row['label']}（{row['name']}）：{sources} → {target}")
            self.stdout.write(f"    由谁：{row['who_label']}" + (f"　须填：{needed}" if needed else ""))
            for words, kinds in (
                ("完成", row["meets"]), ("开始", row["starts"]), ("暂停", row["stops"]), ("终止", row["ends"]),
            ):  # fmt: skip
                if kinds:
                    self.stdout.write(f"    {words}：{'、'.join(kind['label'] for kind in kinds)}")
            if row["by_default"]:
                self.stdout.write(f"    到期由系统执行：{row['by_default']['clock']['label']}")
