"""Forms of the lists to hand out and of the claims."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, FigureField, SeveralField, TakesErrors
from core.wording import spoken
from enterprises.models import Enterprise, Industry, Project
from enterprises.subjects import SubjectField, subject_on_roster
from policies.forms import OfAUnit, policies_to_choose, policy_label
from policies.lists import Contents
from policies.models import Policy, PolicyList


class ListForm(OfAUnit):
    title = forms.CharField(label="清单名称", max_length=100, help_text="印在纸上的标题")
    kind = forms.ChoiceField(label="用途", choices=PolicyList.Kind.choices, widget=forms.RadioSelect)
    subject = SubjectField(label="企业或重点项目", required=False, help_text="用途为“企业”的填写")
    industry = forms.ChoiceField(
        label="行业门类",
        choices=[("", "请选择"), *Industry.choices],
        required=False,
        help_text="用途为“行业”的填写",
    )
    occasion = forms.CharField(
        label="活动名称", max_length=100, required=False, help_text="用途为“活动”的填写，如：三月企业恳谈会"
    )
    note = forms.CharField(
        label="说明",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=spoken("印在清单开头，如：以下政策供贵公司参考，有疑问请联系联企干部"),
    )
    policies = SeveralField(
        Policy.objects.none(), label="政策", error_messages={"required": "请至少选择一项政策。"}
    )

    def __init__(self, *args: Any, policy_list: PolicyList | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "制作单位"
        self.fields["subject"].user = self.user
        offered = policies_to_choose(self.user).public()
        if policy_list is not None:
            # What has ended since may stay until somebody takes it off.
            offered = (offered | policies_to_choose(self.user).filter(lists=policy_list)).distinct()
            del self.fields["unit"], self.fields["token"]
        self.fields["policies"].queryset = offered.closing_soon_first()
        self.fields["policies"].label_from_instance = policy_label

    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)

    def contents(self) -> Contents:
        data = self.cleaned_data
        return Contents(
            title=data["title"],
            kind=data["kind"],
            policies=tuple(data["policies"]),
            entry=data["subject"],
            industry=data["industry"],
            occasion=data["occasion"],
            note=data["note"],
        )


class ClaimForm(OfAUnit):
    policy = forms.ModelChoiceField(Policy.objects.none(), label="政策", empty_label="请选择")
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    unasked = forms.BooleanField(
        label="免申即享", required=False, help_text="企业没有申请，由单位比对后直接兑付的，勾选"
    )
    amount = FigureField(
        label="申请金额（万元）", max_digits=12, decimal_places=2, help_text="免申即享的填应兑付金额"
    )
    day = forms.DateField(label="申请日期", widget=DayInput, validators=SENSIBLE_DAYS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "兑现单位"
        self.fields["subject"].user = self.user
        self.fields["policy"].queryset = policies_to_choose(self.user)
        self.fields["policy"].label_from_instance = policy_label
        self.initial.setdefault("day", clock.today())

    def clean_subject(self) -> Enterprise | Project:
        subject = subject_on_roster(self, "subject", self.user)
        if subject is None:
            raise ValidationError("请选择企业或重点项目。", code="required")
        return subject


class ApproveForm(TakesErrors, forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    amount = FigureField(label="核定金额（万元）", max_digits=12, decimal_places=2)
    promised_on = forms.DateField(
        label="承诺兑付日期",
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="过了这一天还没有付清，列为逾期",
    )


class ClaimReasonForm(TakesErrors, forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    reason = forms.CharField(
        label="原因",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明原因。"},
    )
