"""A campaign that fills its pages: items, a target, a link, reports, an inspection, a draft."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import User
from campaigns.models import Campaign, Inspection, ListDraft, Target, Task, TaskItem, TaskLink
from campaigns.services import drafts, inspecting, plans, progress
from campaigns.task_lists.pasted import read_text
from core import clock
from districts.campaign_plans import CampaignSpec

PASTED = (
    "序号\t工作任务\t具体举措\t牵头领导\t牵头责任单位\t协同责任单位\t完成时限\t完成情况\n"
    "\t一、加强组织领导\t\t\t\t\t\t\n"
    "1\t成立专班\t成立工作专班。\t区政府副区长\t区人社局\t某银行\t3月中旬\t已完成\n"
    "2\t\t按月调度\t张三四\t区人社局\t\t尽快\t\n"
)


@dataclass
class Happenings:
    campaign: Campaign
    task: Task
    item: TaskItem
    target: Target
    link: TaskLink
    inspection: Inspection
    draft: ListDraft

    @property
    def arguments(self) -> dict[str, list]:
        """What the addresses of the campaigns take."""
        task, campaign = [self.task.pk], [self.campaign.pk]
        return {
            **{
                f"campaigns:{name}": campaign
                for name in ("campaign", "edit", "sheet", "new_task", "undo_import")
            },
            **{
                f"campaigns:{name}": task
                for name in (
                    "task",
                    "edit_task",
                    "remove_task",
                    "set_day",
                    "report",
                    "add_target",
                    "add_link",
                )
            },
            "campaigns:set_item_day": [self.item.pk],
            **{f"campaigns:{name}": [self.target.pk] for name in ("target", "drop_target")},
            "campaigns:remove_link": [self.link.pk],
            **{
                f"campaigns:{name}": [self.inspection.pk]
                for name in ("inspection", "close_inspection", "inspection_sheet")
            },
            **{
                f"campaigns:{name}": [self.draft.pk]
                for name in ("draft", "discard_draft", "correct_draft_heading")
            },
            "campaigns:correct_draft_row": [self.draft.pk, 0],
        }


def campaign_under_way(*, dispatcher: User, liaison: User, assisting: str, event=None) -> Happenings:
    """Led by the liaison's unit, this year."""
    today = clock.today()
    lead = liaison.unit.short_name
    spec = CampaignSpec.model_validate(
        {
            "year": today.year, "no": 1, "name": "助企招人", "leader": "区政府副区长", "lead": lead,
            "goal": "为企业解决招工难。", "content": ["（一）搭建通道。"], "notes": ["注：按实际调整。"],
            "force": {"head": "区政府副区长", "members": "各单位负责同志", "office": lead, "text": "成立工作专班。"},
            "tasks": [
                {"number": "1", "section": "一、搭建通道", "title": "专场招聘", "measure": "1.定方案\n2.招聘不少于30场次",
                 "lead": lead, "assisting": f"{assisting}、各乡镇街、某银行", "deadline": "3月底\n11月底",
                 "items": [{"text": "1.定方案", "deadline": "3月底", "status": "已完成"},
                           {"text": "2.招聘不少于30场次", "deadline": "11月底"}]},
                {"number": "2", "title": "宣传", "measure": "发布信息", "lead": lead, "deadline": "长期开展"},
                {"number": "3", "title": "培训", "lead": lead, "deadline": "按进度另行通知"},
                {"number": "4", "title": "更新清单", "lead": lead, "deadline": "每月10日前"},
            ],
        }
    )  # fmt: skip
    district = dispatcher.unit.district
    plans.load_campaigns(district=district, specs=[spec])
    campaign = Campaign.objects.get(district=district, name="助企招人")
    task = campaign.tasks.get(number="1")
    item = task.items.get(order=2)
    target = task.targets.get()
    progress.save_target(
        by=liaison, task=task, target=target, text=target.text, number=target.number, measure="场次",
        counts="reports",
    )  # fmt: skip
    progress.report_progress(
        by=liaison, task=task, unit=liaison.unit, item=item, month=date(today.year, today.month, 1),
        state="under_way", text="已办20场次。", figures={target.pk: Decimal(20)},
    )  # fmt: skip
    if event is not None:
        link = progress.add_link(by=liaison, task=task, event=event)
    else:
        link = progress.add_link(by=liaison, task=task, figure="visits")
    inspection = inspecting.draw_up(district=district, month=today)
    assert inspection is not None
    line = inspection.lines.first()
    inspecting.note_findings(
        by=dispatcher, inspection=inspection, findings={line.pk: "请抓紧。"}, summary="总体正常。"
    )
    draft = drafts.make_draft(
        by=dispatcher, district=district, reading=read_text(PASTED), source_name="粘贴的文字",
        heading={"year": today.year, "no": 2, "name": "履约践诺"},
    )  # fmt: skip
    return Happenings(campaign, task, item, target, link, inspection, draft)
