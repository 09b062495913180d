"""Revisits, the firm's judgement, closing, doing again."""

from django import forms

from accounts.models import Unit
from appeals.forms.base import TransitionForm, handling_units, text
from appeals.gates import is_dissatisfied
from appeals.models import Revisit, Solved


class RevisitForm(TransitionForm):
    method = forms.ChoiceField(label="方式", choices=Revisit.Method.choices)
    reached = forms.TypedChoiceField(
        label="是否接通",
        choices=[("yes", "接通（见到）"), ("no", "未接通")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    solved = forms.ChoiceField(
        label="企业认为是否解决", choices=Solved.choices, required=False, widget=forms.RadioSelect
    )
    satisfaction = forms.ChoiceField(label="满意度", required=False)
    note = text("回访记录", required=False)

    def prepare(self) -> None:
        self.of_rules("satisfaction", "satisfaction")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("reached") is True:
            self.require("solved", "接通的，请记录企业认为是否解决。")
            self.require("satisfaction", "接通的，请记录企业的满意度。")
        elif data.get("reached") is False:
            data["solved"] = data["satisfaction"] = ""
        return data


class RateForm(TransitionForm):
    satisfaction = forms.ChoiceField(label="您对办理结果是否满意", widget=forms.RadioSelect)
    solved = forms.ChoiceField(label="问题解决了吗", choices=Solved.choices, widget=forms.RadioSelect)
    comment = text("还想说的话", required=False, limit=1000)

    def prepare(self) -> None:
        self.fields["satisfaction"].choices = self.rules.choices("satisfaction")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("satisfaction") and data["satisfaction"] not in self.rules.satisfied_levels:
            self.require("comment", "请告诉我们哪里不满意，区里将在规定时限内裁定是否重办。")
        return data


class CloseForm(TransitionForm):
    """Where the firm is not satisfied, a leader confirms in writing that all was done and explained."""

    explanation = text("审核意见", required=False, help_text="企业不满意而仍办结的，须写明已作的解释。")

    def clean(self) -> dict:
        data = super().clean()
        if self.appeal is not None and is_dissatisfied(self.appeal):
            self.require("explanation", "企业不满意，须写明已作的解释和办结理由。")
        return data


class RedoForm(TransitionForm):
    reason = text("哪里还不对", help_text="写给办理单位看：企业还不满意什么，要怎样重办。")
    lead_unit = forms.ModelChoiceField(
        label="主办单位", queryset=Unit.objects.none(), required=False, empty_label="仍由原单位"
    )

    def prepare(self) -> None:
        self.fields["lead_unit"].queryset = handling_units(self.district, self.rules)
