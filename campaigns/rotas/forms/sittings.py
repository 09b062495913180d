"""Planning sittings, the record sheet, dropping one, and what was improved."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory

from accounts.models import User
from campaigns.models import Sitting
from campaigns.rotas.forms.page import PageForm, WithOfficial, official_field, unit_field
from campaigns.rotas.people import units_acted_for
from campaigns.rotas.services.sittings import MOST_RECEIVED, Found
from campaigns.rotas.sitting_figures import offered_days
from core.fields import SENSIBLE_DAYS, DayInput
from districts.profile import Rules


class PlanSittingsForm(WithOfficial):
    unit = unit_field("单位")
    official = official_field("分管领导")
    days = forms.MultipleChoiceField(
        label="哪几天",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="方案规定的活动日，可多选。",
    )
    other_day = forms.DateField(
        label="其他日期",
        required=False,
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="不在上列的，或补登已经开展的。",
    )
    half = forms.ChoiceField(label="时段", choices=Sitting.Half.choices)
    place = forms.CharField(label="地点（窗口）", max_length=120, required=False)
    wide = ("days",)

    def __init__(self, *args: Any, user: User, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["unit"].queryset = units_acted_for(user)
        self.fields["half"].initial = rules.rotas.sittings.half
        self.fields["days"].choices = [
            (day.isoformat(), f"{day:%m月%d日}" + (f"（{note}）" if note else ""))
            for day, note in offered_days(rules)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("days") and not data.get("other_day") and not self.errors:
            self.add_error("days", ValidationError("请至少选择一天。", code="required"))
        return data

    def chosen_days(self) -> list[date]:
        data = self.cleaned_data
        others = [data["other_day"]] if data.get("other_day") else []
        return [*(date.fromisoformat(day) for day in data["days"]), *others]


class RecordSittingForm(PageForm):
    item = forms.CharField(label="走流程的事项", max_length=120, help_text="如：企业开办、食品经营许可证变更")
    part = forms.ChoiceField(label="以什么身份走流程", choices=Sitting.Part.choices)
    received = forms.IntegerField(label="坐窗口接待（人次）", min_value=0, max_value=MOST_RECEIVED, initial=0)
    summary = forms.CharField(
        label="走流程、坐窗口情况", max_length=3000, widget=forms.Textarea(attrs={"rows": 5})
    )
    wide = ("summary",)


class FoundRow(forms.Form):
    content = forms.CharField(label="发现的问题", max_length=300, required=False)
    measure = forms.CharField(label="怎样解决、整改", max_length=300, required=False)
    due = forms.DateField(
        label="整改时限",
        required=False,
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="当场解决的不填",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("measure") or data.get("due")) and not data.get("content"):
            self.add_error("content", ValidationError("请填写发现的问题。", code="required"))
        if data.get("content") and not data.get("measure"):
            self.add_error("measure", ValidationError("请填写怎样解决、整改。", code="required"))
        return data


class FoundRows(BaseFormSet):
    def found(self) -> list[Found]:
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("content")]
        return [Found(content=row["content"], measure=row["measure"], due=row["due"]) for row in rows]


FOUND = formset_factory(FoundRow, formset=FoundRows, extra=3, max_num=10, absolute_max=10)


class ReasonForm(PageForm):
    reason = forms.CharField(label="原因", max_length=200)


class ImproveForm(PageForm):
    result = forms.CharField(label="整改结果", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    wide = ("result",)
