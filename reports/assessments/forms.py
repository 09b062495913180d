"""What is asked about an assessment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core import clock
from core.fields import FigureField
from reports.assessments.scoring import said
from reports.models import AssessmentScore

REASON = {"required": "请写明理由。"}


class YearForm(forms.Form):
    year = forms.IntegerField(
        label="年度",
        min_value=2000,
        max_value=2999,
        error_messages={
            "required": "请填写年度。", "invalid": "请填写如 2026。", "min_value": "请填写如 2026。",
            "max_value": "请填写如 2026。",
        },
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = clock.today().year


class AdjustForm(forms.Form):
    """Other points for one item, within its weight, with the reason."""

    points = FigureField(
        label="调整后得分",
        min_value=0,
        max_digits=6,
        decimal_places=2,
        required=False,
    )
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="和计算得分、调整人、时间一起保留，被考核单位可以看到。",
        error_messages=REASON,
    )

    def __init__(self, *args: Any, score: AssessmentScore, restoring: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.score, self.restoring = score, restoring
        if score.weight is not None:
            self.fields["points"].help_text = f"0 到 {said(score.weight)} 分"

    def clean_points(self) -> Decimal | None:
        points = self.cleaned_data["points"]
        if self.restoring:
            return None
        if points is None:
            raise ValidationError("请填得分。", code="required")
        if self.score.weight is not None and points > self.score.weight:
            raise ValidationError(f"不能超过本项权重 {said(self.score.weight)} 分。", code="too_many")
        return points


class TextForm(forms.Form):
    text = forms.CharField(
        label="内容",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明内容。"},
    )
