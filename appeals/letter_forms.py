"""Forms of the supervision desk: reminding several at once, a letter about visits, a unit's answer."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Unit
from appeals.forms.base import day_field, text
from appeals.letters import MOST_TEXT
from appeals.models import Appeal
from core import clock
from core.fields import SeveralField
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from liaisons.models import Assignment

MOST_AT_ONCE = 30


def _token() -> forms.CharField:
    return forms.CharField(
        widget=forms.HiddenInput, max_length=64, error_messages={"required": "请刷新页面。"}
    )


class RemindManyForm(forms.Form):
    token = _token()
    chosen = SeveralField(
        Appeal.objects.none(), label="诉求", error_messages={"required": "请先勾选要催办的诉求。"}
    )
    text = text("催办内容", rows=2)

    def __init__(self, *args: Any, visible: QuerySet[Appeal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = visible  # type: ignore[attr-defined]

    @property
    def ticked(self) -> Collection[str]:
        """What was ticked, to be ticked again."""
        return self.data.getlist("chosen") if self.is_bound and hasattr(self.data, "getlist") else ()

    def clean_chosen(self) -> list[Appeal]:
        chosen = list(self.cleaned_data["chosen"])
        if len(chosen) > MOST_AT_ONCE:
            raise ValidationError(f"一次最多催办{MOST_AT_ONCE}件。", code="many")
        return chosen


class VisitLetterForm(forms.Form):
    """To a unit whose cadres look after firms."""

    token = _token()
    unit = forms.ModelChoiceField(Unit.objects.none(), label="被督办单位", empty_label="请选择")
    text = text("督办事项", rows=6, limit=MOST_TEXT, help_text="事实、欠访情况、要求办到什么程度。")
    answer_by = day_field("要求回复日期", required=False)

    def __init__(self, *args: Any, district: Region, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.calendar, self.limit = work_calendar(rules), rules.limits.supervision
        leading = Assignment.objects.in_force().filter(part=Assignment.Part.LEAD, unit=OuterRef("pk"))
        units = Unit.objects.of_district(district).active().filter(Exists(leading))
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["answer_by"].help_text = f"不填即{self.limit}个工作日。"

    def clean_answer_by(self) -> date:
        day = self.cleaned_data["answer_by"]
        if day is None:
            return self.calendar.add(self.calendar.received_on(clock.now()), self.limit)
        if day <= clock.today():
            raise ValidationError("要求回复日期应晚于今天。", code="past")
        if not self.calendar.is_workday(day):
            raise ValidationError("要求回复日期不是工作日，请另选一天。", code="day_off")
        return day


class AnswerLetterForm(forms.Form):
    answer = text("督办回复", rows=5, limit=MOST_TEXT, help_text="办到哪一步、为什么慢、什么时候办完。")
