"""What is asked about a bulletin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit
from core import clock
from reports.bulletins.counted import Month
from reports.models import Bulletin

REASON = {"required": "请写明原因。"}


class NewBulletinForm(forms.Form):
    """For which month, and of which kind."""

    kind = forms.ChoiceField(label="类别", choices=Bulletin.Kind.choices, initial=Bulletin.Kind.MONTHLY)
    month = forms.CharField(
        label="月份",
        widget=forms.TextInput(attrs={"type": "month"}),
        help_text="填写如 2026-10",
        error_messages={"required": "请选择月份。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = Month.of(clock.today()).previous
        self.fields["month"].initial = f"{last.year}-{last.month:02d}"

    def clean_month(self) -> Month:
        year, dash, month = self.cleaned_data["month"].strip().partition("-")
        fits = dash and year.isascii() and year.isdecimal() and month.isascii() and month.isdecimal()
        if not fits or not 2000 <= int(year[:5]) <= 2999 or not 1 <= int(month[:3]) <= 12:
            raise ValidationError("月份请填写如 2026-10。")
        return Month(int(year), int(month))


class SectionForm(forms.Form):
    """A section's words, which of its cases stay, and the version they were read at."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    heading = forms.CharField(label="标题", max_length=40, error_messages={"required": "请写标题。"})
    text = forms.CharField(
        label="正文",
        required=False,
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="一行一段。改动系统取的数字时，原来的系统数会标在旁边，审签人看得到。",
    )
    cases = forms.TypedMultipleChoiceField(
        label="刊登的案例", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, section: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not section["heading"]:
            del self.fields["heading"]
        match section["kind"]:
            case "cases":
                self.fields["cases"].choices = [  # type: ignore[attr-defined]
                    (case["ref"], f"{case['kind']}：{case['title']}") for case in section["cases"]
                ]
                self.fields["text"].label = "案例前的话"
            case "table":
                self.fields["text"].label = "表格前的话"
                self.fields[
                    "text"
                ].help_text = "表格按系统取数生成，排名不能手工改；数字有误的，更正登记后重新取数。"
        if section["kind"] != "cases" or not section["cases"]:
            del self.fields["cases"]
        if section["by_hand"]:
            self.fields["text"].help_text = "一行一段。由起草人撰写。"


class TitleForm(forms.Form):
    title = forms.CharField(
        label="标题", max_length=100, error_messages={"required": "请写标题。"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="原因", max_length=300, widget=forms.Textarea(attrs={"rows": 3}), error_messages=REASON
    )


class SendForm(forms.Form):
    """To which units."""

    units = forms.ModelMultipleChoiceField(
        label="主送单位",
        queryset=Unit.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请选定主送单位。",
            "invalid_choice": "所选单位不存在或已停用，请重新选择。",
            "invalid_pk_value": "所选单位不存在或已停用，请重新选择。",
        },
    )

    def __init__(self, *args: Any, bulletin: Bulletin, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.of_district(bulletin.district).active()
        field = self.fields["units"]
        field.queryset = units.filter(kind__in=bulletin.rules.reporting_unit_kinds).order_by("order", "pk")  # type: ignore[attr-defined]
        if not self.is_bound:
            field.initial = list(field.queryset)  # type: ignore[attr-defined]
