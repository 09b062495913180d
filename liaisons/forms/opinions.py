"""Recording an opinion heard outside a visit, passing one on, and answering it."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Unit, User
from core import clock
from core.wording import spoken
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, subject_on_roster
from liaisons.models import Opinion
from liaisons.services.opinions import MOST_TEXT


def departments(user: User, rules: Rules) -> QuerySet[Unit]:
    """区级主管部门: whom an opinion can be passed to."""
    if user.unit is None:
        return Unit.objects.none()
    units = Unit.objects.of_district(user.unit.district).active()
    return units.filter(kind__in=rules.handling_unit_kinds)


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class OpinionForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    content = forms.CharField(
        label="意见建议",
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="涉企政策、服务、营商环境方面的意见建议；要办的具体问题请登记为诉求。",
        error_messages={"required": "请填写意见建议。"},
    )
    occurred_at = forms.DateTimeField(
        label="听取时间", widget=MomentInput, error_messages={"required": "请填写听取时间。"}
    )
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="可不填。输入名称中的几个字，或统一社会信用代码"
    )
    claimed_name = forms.CharField(
        label="其他提出人", max_length=120, required=False, help_text=spoken("不在底册的企业或个人；可不署名")
    )
    handling = forms.ChoiceField(
        label="怎样处理",
        choices=Opinion.Handling.choices,
        initial=Opinion.Handling.HEARD,
        widget=forms.RadioSelect,
    )
    passed_to = forms.ModelChoiceField(
        Unit.objects.none(),
        label="主管部门",
        required=False,
        empty_label="请选择",
        help_text="提请协调的才选，该部门会收到通知",
    )

    def __init__(self, *args, user: User, rules: Rules, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["subject"].user = user
        self.fields["passed_to"].queryset = departments(user, rules).exclude(pk=user.unit_id)
        self.fields["occurred_at"].initial = clock.now()

    def clean_occurred_at(self) -> datetime:
        moment = self.cleaned_data["occurred_at"]
        if moment > clock.now():
            raise ValidationError("听取时间不能晚于现在。", code="future")
        return moment

    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        passed_on = data.get("handling") == Opinion.Handling.PASSED_ON
        if passed_on and not data.get("passed_to") and "passed_to" not in self.errors:
            self.add_error("passed_to", ValidationError("请选择提请协调的主管部门。", code="required"))
        if data.get("subject"):
            data["claimed_name"] = ""
        return data


class PassOnForm(forms.Form):
    passed_to = forms.ModelChoiceField(
        Unit.objects.none(),
        label="主管部门",
        empty_label="请选择",
        error_messages={"required": "请选择提请协调的主管部门。"},
    )

    def __init__(self, *args, user: User, rules: Rules, opinion: Opinion, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        not_again = [opinion.unit_id, opinion.passed_to_id or opinion.unit_id]
        self.fields["passed_to"].queryset = departments(user, rules).exclude(pk__in=not_again)


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="办理答复",
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="采纳情况、办理结果或理由。登记人会收到通知，可向企业转达。",
        error_messages={"required": "请填写办理答复。"},
    )
