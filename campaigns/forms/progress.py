"""Progress, targets, links, findings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from appeals.models import Appeal
from campaigns.figures import all_figures
from campaigns.models import ProgressReport, Target, Task, TaskItem
from campaigns.services.inspecting import MOST_SUMMARY
from campaigns.services.progress import LARGEST, MOST_TEXT
from campaigns.states import standing_items
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, FigureField, TakesErrors
from core.search import normalise
from liaisons.models import ServiceEvent

ALREADY = "这个月已经填报过，请先打开那份填报再更正。"


class ReportForm(TakesErrors, forms.Form):
    """One report of a unit for a month; what is there already is put right only by who has seen it."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    known = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    unit = forms.TypedChoiceField(label="填报单位", coerce=int)
    item = forms.TypedChoiceField(label="分项", coerce=int, required=False, empty_value=None)
    month = forms.ChoiceField(label="月份")
    state = forms.ChoiceField(
        label="进展",
        choices=ProgressReport.State.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择进展。"},
    )
    done_on = forms.DateField(
        label="完成日期", required=False, widget=DayInput, validators=SENSIBLE_DAYS,
        help_text="已经完成的才填；不填按今天（补报以前月份的，按该月最后一天）",
    )  # fmt: skip
    text = forms.CharField(
        label="进展情况",
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写做了什么、到哪一步；可作佐证的诉求、活动，填报后在任务页“关联”",
        error_messages={"required": "请填写进展情况。"},
    )

    def __init__(
        self, *args, task: Task, units: list[Unit], months: list[date], targets: list[Target], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.task = task
        self.units = {unit.pk: unit for unit in units}
        self.items_by_pk: dict[int, TaskItem] = {item.pk: item for item in standing_items(task)}
        self.fields["unit"].choices = [(unit.pk, unit.short_name) for unit in units]
        self.fields["month"].choices = [
            (f"{month:%Y-%m}", f"{month.year}年{month.month}月") for month in months
        ]
        if self.items_by_pk:
            self.fields["item"].required = True
            self.fields["item"].error_messages["required"] = "请选择填报哪一个分项。"
            self.fields["item"].choices = [
                (item.pk, f"{item.text[:40]}（{item.deadline_text[:12]}）" if not item.is_told_by_its_deadline
                 else item.text[:50]) for item in self.items_by_pk.values()
            ]  # fmt: skip
        else:
            del self.fields["item"]
        self.targets = [
            target
            for target in targets
            if target.state == Target.State.CONFIRMED and target.counts == Target.Counts.REPORTS
        ]
        for target in self.targets:
            self.fields[f"figure_{target.pk}"] = FigureField(
                label=f"本月新增（{target.measure}）",
                required=False,
                min_value=Decimal(0),
                max_value=LARGEST,
                max_digits=12,
                decimal_places=2,
                help_text=f"目标：{target.text}",
            )

    @property
    def figure_fields(self) -> list[forms.BoundField]:
        return [self[f"figure_{target.pk}"] for target in self.targets]

    def clean_month(self) -> date:
        return date.fromisoformat(f"{self.cleaned_data['month']}-01")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("unit") and data.get("month"):
            earlier = ProgressReport.objects.filter(
                task=self.task, item=data.get("item"), unit=data["unit"], month=data["month"]
            ).first()
            if earlier and str(earlier.pk) != data.get("known"):
                self.add_error("month", ValidationError(ALREADY, code="already"))
        return data

    def report_data(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "unit": self.units[data["unit"]],
            "item": self.items_by_pk.get(data.get("item") or 0),
            "month": data["month"],
            "state": data["state"],
            "text": data["text"],
            "done_on": data["done_on"],
            "figures": {target.pk: data.get(f"figure_{target.pk}") for target in self.targets},
        }


class TargetForm(TakesErrors, forms.Form):
    text = forms.CharField(
        label="原文", max_length=80, help_text="如“不少于30场次”", error_messages={"required": "请填写原文。"}
    )
    number = FigureField(
        label="目标", min_value=Decimal("0.01"), max_value=LARGEST, max_digits=12, decimal_places=2,
        error_messages={"required": "请填写目标数。"},
    )  # fmt: skip
    measure = forms.CharField(
        label="计量单位", max_length=10, error_messages={"required": "请填写计量单位。"}
    )
    counts = forms.ChoiceField(
        label="怎样计数",
        choices=Target.Counts.choices,
        initial=Target.Counts.REPORTS,
        widget=forms.RadioSelect,
    )


class LinkForm(TakesErrors, forms.Form):
    """What a task has to do with: an appeal by its number, an event, a figure."""

    appeal = forms.CharField(label="诉求编号", max_length=40, required=False)
    event = forms.TypedChoiceField(label="活动", coerce=int, required=False, empty_value=None)
    figure = forms.ChoiceField(label="指标", required=False)

    def __init__(self, *args, user: User, task: Task, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        year = task.campaign.year
        events = ServiceEvent.objects.visible_to(user).filter(
            district=task.campaign.district_id, starts_at__year__gte=year, starts_at__year__lte=year
        )
        self.events = {event.pk: event for event in events.order_by("-starts_at", "-pk")[:300]}
        self.fields["event"].choices = [
            ("", "不关联"),
            *(
                (event.pk, f"{clock.local_date(event.starts_at):%m-%d} {event.title}")
                for event in self.events.values()
            ),
        ]
        figures = [(figure.name, figure.label) for figure in all_figures()]
        self.fields["figure"].choices = [("", "不关联"), *figures]
        if not figures:
            del self.fields["figure"]

    def clean_appeal(self) -> Appeal | None:
        number = normalise(self.cleaned_data["appeal"]).upper()
        if not number:
            return None
        found = Appeal.objects.visible_to(self.user).filter(number=number).first()
        if found is None:
            raise ValidationError("没有找到这个编号的诉求。", code="unknown")
        return found

    def clean_event(self) -> ServiceEvent | None:
        return self.events.get(self.cleaned_data["event"] or 0)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [data.get("appeal"), data.get("event"), data.get("figure")]
        if not self.errors and sum(map(bool, chosen)) != 1:
            raise ValidationError("请填一个诉求编号，或选一个活动、一个指标，一次一样。", code="one")
        return data


class SummaryForm(TakesErrors, forms.Form):
    summary = forms.CharField(
        label="总体情况",
        max_length=MOST_SUMMARY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="可不填。定稿后全区各单位可见",
    )
