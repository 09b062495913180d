"""Forms of the inspections: planning one, moving it, what came of it."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from core import clock
from core.fields import SeveralField
from districts.profile import Rules
from enterprises.forms import TakesErrors
from enterprises.grades.forms import DayField
from enterprises.grades.inspections import MOST_FINDINGS, Visit, partners_of
from enterprises.models import Enterprise, Inspection
from enterprises.subjects import SubjectField, subject_on_roster


class PlanForm(TakesErrors, forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    enterprise = SubjectField(
        label="企业", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    planned_on = DayField(label="计划日期", error_messages={"required": "请填写计划日期。"})
    basis = forms.ChoiceField(label="检查依据", error_messages={"required": "请选择检查依据。"})
    ground = forms.CharField(
        label="线索或文号",
        required=False,
        max_length=200,
        help_text="投诉举报、交办线索等，写明编号、文号或法条",
    )
    on_site = forms.ChoiceField(
        label="检查方式",
        choices=[("yes", "现场检查"), ("no", "非现场（网络、系统监测等）")],
        initial="yes",
        widget=forms.RadioSelect,
    )
    matter = forms.CharField(
        label="检查事项", max_length=200, error_messages={"required": "请填写检查事项。"}
    )
    partners = SeveralField(
        Unit.objects.none(), label="联合检查单位", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="涉企检查尽量联合开展，让企业一次完成多项检查",
    )  # fmt: skip
    despite = forms.CharField(
        label="仍需检查的理由",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="系统提醒之后仍要检查的才填",
    )

    def __init__(self, *args: Any, user: User, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.rules = user, rules
        self.fields["enterprise"].user = user
        bases = [(basis.code, basis.label) for basis in rules.grades.bases]
        self.fields["basis"].choices = [("", "请选择"), *bases]
        units = partners_of(user, rules)
        self.fields["partners"].queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units])
        self.fields["planned_on"].initial = clock.today()

    def clean_enterprise(self) -> Enterprise:
        found = subject_on_roster(self, "enterprise", self.user)
        if not isinstance(found, Enterprise):
            raise forms.ValidationError("请选择要检查的企业。", code="required")
        return found

    def visit(self) -> Visit:
        data = self.cleaned_data
        return Visit(
            enterprise=data["enterprise"],
            planned_on=data["planned_on"],
            basis=data["basis"],
            on_site=data["on_site"] == "yes",
            partners=tuple(data["partners"]),
            matter=data["matter"],
            ground=data["ground"],
            despite=data["despite"],
        )


class MoveForm(TakesErrors, forms.Form):
    planned_on = DayField(label="改到", error_messages={"required": "请填写日期。"})


class CancelForm(TakesErrors, forms.Form):
    reason = forms.CharField(
        label="取消原因", max_length=200, error_messages={"required": "请写明取消原因。"}
    )


class SuggestForm(TakesErrors, forms.Form):
    day = DayField(label="建议日期", error_messages={"required": "请填写建议日期。"})
    note = forms.CharField(label="理由", required=False, max_length=200, help_text="如：企业当周赶制出口订单")


class ResultForm(TakesErrors, forms.Form):
    held_on = DayField(label="检查日期", error_messages={"required": "请填写检查日期。"})
    result = forms.ChoiceField(
        label="检查结果",
        choices=Inspection.Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择检查结果。"},
    )
    findings = forms.CharField(
        label="检查情况",
        max_length=MOST_FINDINGS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写检查情况。"},
    )
    rectify_by = DayField(label="整改期限", required=False, help_text="责令整改的必填")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"].initial = clock.today()


class RectifiedForm(TakesErrors, forms.Form):
    day = DayField(label="完成日期", error_messages={"required": "请填写完成日期。"})
    note = forms.CharField(
        label="整改情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请填写整改情况。"},
    )


class MonthForm(forms.Form):
    """The month of the plan, as "2026-11"."""

    month = forms.RegexField(
        r"^20[0-9]{2}-(0[1-9]|1[0-2])$", label="月份", required=False,
        widget=forms.TextInput(attrs={"type": "month"}),
    )  # fmt: skip
    unit = forms.ModelChoiceField(Unit.objects.none(), label="检查单位", required=False, empty_label="全部")

    def __init__(self, *args: Any, user: User, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = {field.unit for field in rules.grades.fields}
        units = Unit.objects.of_district(user.unit.district_id).active()
        self.fields["unit"].queryset = units.filter(code__in=codes).order_by("order", "pk")
