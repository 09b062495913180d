"""Campaigns and tasks: made, put right, copied."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.models import Campaign, Task
from campaigns.states import standing_items
from campaigns.task_lists import deadlines
from campaigns.task_lists.columns import COLUMNS
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, TakesErrors
from districts.campaign_plans import ItemSpec, TaskSpec

MOST = {key: most for key, _, most in COLUMNS}
_BETWEEN = re.compile(r"\s*[|｜]\s*")


class CampaignForm(TakesErrors, forms.ModelForm):
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)

    class Meta:
        model = Campaign
        fields = (
            "year", "no", "name", "list_title", "document", "issued", "leader", "lead_text", "assisting_text",
            "goal", "content", "force_head", "force_members", "force_office", "notes",
        )  # fmt: skip
        widgets = {
            "issued": DayInput,
            "goal": forms.Textarea(attrs={"rows": 4}),
            "content": forms.Textarea(attrs={"rows": 6}),
            "force_members": forms.Textarea(attrs={"rows": 3}),
            "notes": forms.Textarea(attrs={"rows": 2}),
        }
        error_messages = {"name": {"required": "请填写行动名称。"}, "year": {"required": "请填写年度。"}}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued"].validators += SENSIBLE_DAYS
        self.fields["no"].max_value = 99
        self.fields["no"].validators.append(_at_most(99))
        self.fields["name"].help_text = "如“助企招人”，不写“专项行动”四字"
        self.fields["lead_text"].help_text = "单位全称或简称；有几个的用顿号分开"
        for name in ("goal", "content", "force_members", "notes"):
            self.fields[name].max_length = 20_000
            self.fields[name].validators.append(_no_longer_than(20_000))
        if not self.instance.pk and not self.initial.get("year"):
            self.initial["year"] = clock.today().year

    def clean_name(self) -> str:
        return self.cleaned_data["name"].strip("“”\"' ").removesuffix("专项行动").strip("“”\"' ")

    def model_data(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def validate_unique(self) -> None:
        """The service says it, in words."""


def _at_most(most: int):
    def check(value: int) -> None:
        if value > most:
            raise ValidationError(f"不能大于{most}。", code="max_value")

    return check


def _no_longer_than(most: int):
    def check(value: str) -> None:
        if len(value) > most:
            raise ValidationError(f"最多{most}字。", code="max_length")

    return check


class TaskForm(TakesErrors, forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    number = forms.CharField(label="序号", max_length=MOST["number"], required=False)
    section = forms.CharField(
        label="分项标题", max_length=200, required=False, help_text="如“一、加强组织领导”，没有的不填"
    )
    title = forms.CharField(
        label="工作任务", max_length=MOST["title"], error_messages={"required": "请填写工作任务。"}
    )
    measure = forms.CharField(
        label="具体举措", max_length=MOST["measure"], required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    leader = forms.CharField(
        label="牵头领导", max_length=MOST["leader"], required=False, help_text="写职务，不写姓名"
    )
    lead = forms.CharField(
        label="牵头责任单位", max_length=MOST["lead"], help_text="有几个的用顿号分开",
        error_messages={"required": "请填写牵头责任单位。"},
    )  # fmt: skip
    assisting = forms.CharField(
        label="协同责任单位",
        max_length=MOST["assisting"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    deadline = forms.CharField(
        label="完成时限",
        max_length=MOST["deadline"],
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="照文件写：3月中旬、6月底前、每月10日前、适时……认不出的，保存后可人工定日期",
        error_messages={"required": "请填写完成时限。"},
    )
    status = forms.CharField(
        label="完成情况（文件所印）",
        max_length=MOST["status"],
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="进展由责任单位每月填报，这里只照录文件",
    )
    items = forms.CharField(
        label="分项",
        required=False,
        max_length=6000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="各有时限的，一行一项：内容｜时限｜完成情况。没有的不填",
    )

    @staticmethod
    def initial_of(task: Task) -> dict[str, str]:
        return {
            "number": task.number,
            "section": task.section,
            "title": task.title,
            "measure": task.measure,
            "leader": task.leader,
            "lead": task.lead_text,
            "assisting": task.assisting_text,
            "deadline": task.deadline_text,
            "status": task.status_text,
            "items": "\n".join(
                "｜".join(filter(None, (item.text, item.deadline_text, item.status_text)))
                for item in standing_items(task)
                if not item.is_told_by_its_deadline
            ),
        }

    def clean_items(self) -> tuple[ItemSpec, ...]:
        found = []
        for line in filter(None, map(str.strip, self.cleaned_data["items"].splitlines())):
            parts = _BETWEEN.split(line)
            if len(parts) < 2 or not parts[0] or not parts[1] or len(parts) > 3:
                raise ValidationError(f"“{line[:20]}”没有写明时限：每行写成“内容｜时限”。", code="format")
            found.append(
                ItemSpec(text=parts[0], deadline=parts[1], status=parts[2] if len(parts) > 2 else "")
            )
        if len(found) > 30:
            raise ValidationError("分项最多30项。", code="too_many")
        return tuple(found)

    def spec(self, task: Task | None = None) -> TaskSpec:
        """A deadline that numbers its clauses makes items of them, as an import does."""
        data = self.cleaned_data
        items = data["items"] or tuple(
            ItemSpec(text=clause, deadline=clause) for clause in deadlines.numbered(data["deadline"])
        )
        if task is not None:
            assisting = {item.text: item.assisting_text for item in standing_items(task)}
            items = tuple(
                item.model_copy(update={"assisting": assisting.get(item.text, "")}) for item in items
            )
        names = ("number", "section", "title", "measure", "leader", "lead", "assisting", "deadline", "status")
        return TaskSpec(**{name: data[name].replace("\r\n", "\n").strip() for name in names}, items=items)


class DayForm(TakesErrors, forms.Form):
    """A day for a deadline that nobody can read, or that was moved; empty takes it back."""

    day = forms.DateField(label="人工确定的日期", required=False, widget=DayInput, validators=SENSIBLE_DAYS)


class CopyForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    source = forms.TypedChoiceField(label="从哪一年", coerce=int)
    year = forms.IntegerField(label="复制到哪一年", min_value=2000, max_value=2100)

    def __init__(self, *args, years: list[int], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(year, f"{year}年") for year in years]
        if years:
            self.initial.setdefault("source", years[0])
            self.initial.setdefault("year", max(years[0] + 1, clock.today().year))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("source") and data.get("source") == data.get("year"):
            self.add_error("year", ValidationError("请填写另一个年度。", code="same"))
        return data
