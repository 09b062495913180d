"""What is typed by hand about a weekly table."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.fields import FigureField
from core.wording import spoken
from districts.profile import FormRow

REASON = {"required": "请写明依据或理由。"}


class EntryForm(forms.Form):
    """A figure for one row, with its reason; the figure must fit what the row counts."""

    value = FigureField(
        label="数值",
        min_value=0,
        max_digits=12,
        decimal_places=2,
        required=False,
    )
    reason = forms.CharField(
        label="依据或理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=spoken("会和原数、填写人、时间一起保留，牵头局可以看到。"),
        error_messages=REASON,
    )

    def __init__(self, *args: Any, row: FormRow, restoring: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row, self.restoring = row, restoring

    def clean_value(self) -> Decimal | None:
        value = self.cleaned_data["value"]
        if self.restoring:
            return None
        if value is None:
            raise ValidationError("请填数值，没有的填 0。", code="required")
        if self.row.whole_number and value != value.to_integral_value():
            raise ValidationError("这一行只能填整数。", code="whole")
        return value


class ReasonForm(forms.Form):
    """Why a table is sent back, or corrected."""

    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages=REASON,
    )
