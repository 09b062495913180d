"""The task lists of a district, counted by list and row by row as stored; as a table, or as JSON to compare.

A list carried over into another year (复制到下一年) is the same list again: it is shown where its year is asked for.
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.models import Campaign, Task, TaskItem
from core.search import normalise
from districts.models import Region


class Command(BaseCommand):
    help = "List the campaigns of a district with their tasks, the eight columns as stored and how deadlines are read."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--district", required=True, help="its code, e.g. 341504")
        parser.add_argument(
            "--year", type=int, help="the lists of this year, those carried over from another year too"
        )
        parser.add_argument("--campaign", help="only this one: its number or a part of its name")
        parser.add_argument("--json", action="store_true", help="everything, to compare by machine")

    def handle(self, *args, **options) -> None:
        district = Region.objects.districts().filter(code=options["district"]).first()
        if district is None:
            raise CommandError(f"没有代码为 {options['district']} 的县区。")
        campaigns = Campaign.objects.filter(district=district).order_by("year", "no", "pk")
        year = options["year"]
        campaigns = campaigns.filter(year=year) if year else campaigns.filter(copied_from=None)
        found = [campaign for campaign in campaigns if _is_asked(campaign, options["campaign"])]
        lists = [_as_data(campaign) for campaign in found]
        if options["json"]:
            answer = {
                "district": {"code": district.code, "name": district.name},
                "lists": len(lists),
                "tasks": sum(entry["tasks"] for entry in lists),
                "items": sum(entry["items"] for entry in lists),
                "campaigns": lists,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            self._table(district, lists)

    def _table(self, district: Region, lists: list[dict[str, Any]]) -> None:
        for entry in lists:
            self.stdout.write(
                f"{entry['year']}-{entry['no']:02d} {entry['name']}：{entry['tasks']} 项任务，{entry['items']} 个分项"
            )
            for row in entry["rows"]:
                self.stdout.write(
                    f"  {row['序号']:>3} {row['工作任务']}｜{row['牵头责任单位']}｜"
                    f"{' / '.join(row['完成时限'].splitlines()) or '（未写）'}｜{row['understood']['label']}"
                )
        self.stdout.write(
            f"{district}: {len(lists)} campaigns, {sum(entry['tasks'] for entry in lists)} tasks, "
            f"{sum(entry['items'] for entry in lists)} items"
        )


def _is_asked(campaign: Campaign, wanted: str | None) -> bool:
    if not wanted:
        return True
    return wanted == str(campaign.no) or normalise(wanted) in normalise(campaign.name)


def _as_data(campaign: Campaign) -> dict[str, Any]:
    tasks = list(campaign.tasks.in_force().order_by("order", "pk").prefetch_related("items"))
    rows = [_row(task) for task in tasks]
    return {
        "year": campaign.year,
        "no": campaign.no,
        "name": campaign.name,
        "list_title": campaign.list_title,
        "leader": campaign.leader,
        "lead": campaign.lead_text,
        "tasks": len(rows),
        "items": sum(len(row["items"]) for row in rows),
        "notes": campaign.notes.splitlines(),
        "rows": rows,
    }


def _row(task: Task) -> dict[str, Any]:
    """The eight columns under their heads, then what the portal makes of them."""
    items = [item for item in task.items.all() if not item.withdrawn]
    return {
        "序号": task.number,
        "工作任务": task.title,
        "具体举措": task.measure,
        "牵头领导": task.leader,
        "牵头责任单位": task.lead_text,
        "协同责任单位": task.assisting_text,
        "完成时限": task.deadline_text,
        "完成情况": task.status_text,
        "section": task.section,
        "understood": _understood(task),
        "items": [
            {
                "text": item.text,
                "deadline": item.deadline_text,
                "assisting": item.assisting_text,
                "status": item.status_text,
                "understood": _understood(item),
            }
            for item in items
        ],
    }


def _understood(work: Task | TaskItem) -> dict[str, Any]:
    return {
        "kind": work.kind,
        "start": work.start.isoformat() if work.start else None,
        "due": work.deadline.isoformat() if work.deadline else None,
        "recurs": work.recurs,
        "by_hand": work.due_by_hand is not None,
        "label": work.understood,
    }
