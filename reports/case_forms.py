"""What is typed about a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from appeals.models import Appeal
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput
from core.search import normalise
from enterprises.forms import TakesErrors
from reports.case_candidates import Days
from reports.cases import MOST
from reports.models import Case

LONGEST_SPAN = 366


def _text(label: str, most: int, *, rows: int = 8, required: bool = False, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": f"请填写{label}。"},
    )


class EditForm(TakesErrors, forms.Form):
    """The words of a case; ``version`` is the one that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(
        label="标题", max_length=MOST["title"], error_messages={"required": "请填写标题。"}
    )
    background = _text("基本情况", MOST["background"], required=True)
    course = _text("办理经过", MOST["course"], rows=12)
    outcome = _text("结果成效", MOST["outcome"])
    lesson = _text("启示", MOST["lesson"])

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        initial = {field: getattr(case, field) for field in Case.TEXTS} | {"version": case.version}
        super().__init__(*args, initial=initial, **kwargs)
        for field, heading in case.headings.items():
            self.fields[field].label = heading

    @property
    def texts(self) -> dict[str, str]:
        return {field: self.cleaned_data[field] for field in Case.TEXTS}


class StepForm(TakesErrors, forms.Form):
    """A step without words."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReasonForm(StepForm):
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明理由。"},
    )


class PublishForm(StepForm):
    bulletin = forms.CharField(
        label="刊登的通报",
        max_length=60,
        help_text="如：2026年第11期",
        error_messages={"required": "请填写刊登在哪一期通报。"},
    )


class ApproveForm(StepForm):
    """What was ticked off is read as sent: the service compares it with what it finds now."""

    ticked = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    @property
    def boxes(self) -> list[str]:
        return self.data.getlist(self.add_prefix("ticked")) if hasattr(self.data, "getlist") else []


class PickForm(TakesErrors, forms.Form):
    """An appeal by its number, to be drafted or proposed as a case."""

    number = forms.CharField(label="诉求编号", max_length=30, error_messages={"required": "请填写诉求编号。"})
    kind = forms.ChoiceField(
        label="类别", choices=Case.Kind.choices, error_messages={"required": "请选择类别。"}
    )
    reason = forms.CharField(
        label="提名理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明理由。"},
    )

    def __init__(self, *args: Any, user: Any, proposes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not proposes:
            del self.fields["reason"]

    def clean_number(self) -> Appeal:
        number = normalise(self.cleaned_data["number"]).upper()
        found = (
            Appeal.objects.visible_to(self.user)
            .filter(number=number)
            .select_related("district", "profile", "enterprise", "project", "lead_unit", "collecting_unit")
            .first()
        )
        if found is None:
            raise ValidationError("没有找到这个编号的诉求。", code="unknown")
        return found


class SpanForm(forms.Form):
    """From which days candidates are looked for."""

    kind = forms.ChoiceField(label="类别", choices=Case.Kind.choices, required=False)
    since = forms.DateField(label="从", widget=DayInput, validators=SENSIBLE_DAYS, required=False)
    until = forms.DateField(label="到", widget=DayInput, validators=SENSIBLE_DAYS, required=False)

    def days(self) -> Days:
        """What was asked for, as far as it makes sense; else the last thirty days."""
        recent = Days.recent()
        if not self.is_valid():
            return recent
        last = min(self.cleaned_data["until"] or recent.last, clock.today())
        first = self.cleaned_data["since"] or last - timedelta(days=29)
        if first > last:
            first, last = last, first
        return Days(max(first, last - timedelta(days=LONGEST_SPAN)), last)
