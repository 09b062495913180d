"""The form of one condition: what there is to fill in depends on what is compared."""

from typing import Any

from django import forms

from core.fields import FigureField, TakesErrors
from districts.profile import Rules
from policies.condition_entry import MOST_TEXT
from policies.conditions import BY_HAND, FIELDS
from policies.models import Policy


def fields_to_choose() -> list[tuple[str, str]]:
    """Asked when needed: other rooms register fields of their own."""
    return [*((code, field.label) for code, field in FIELDS.items()), (BY_HAND, "其他（人工核对）")]


class ConditionForm(TakesErrors, forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, policy: Policy, field: str, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if field == BY_HAND:
            self.fields["text"] = forms.CharField(
                label="要核对什么",
                max_length=MOST_TEXT,
                help_text="系统不能比对的，写清楚由人核对，如：设备投资 300 万元以上、近两年无环保处罚",
                error_messages={"required": "请写明要人工核对什么。"},
            )
            return
        own = FIELDS[field]
        if own.kind == "choice":
            self.fields["none_of"] = forms.ChoiceField(
                label="怎样比较",
                choices=[
                    ("", f"{own.label}是所选的任何一个，都算符合"),
                    ("1", f"{own.label}是所选的任何一个，都不符合"),
                ],
                required=False,
                widget=forms.RadioSelect,
                initial="",
            )
            self.fields["values"] = forms.MultipleChoiceField(
                label=own.label,
                choices=own.choices(policy.district, rules),
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": "请至少选择一项。"},
            )
            return
        for name, label in (("low", "不少于"), ("high", "不超过")):
            self.fields[name] = FigureField(
                label=f"{label}（{own.unit}）", required=False, max_digits=13, decimal_places=2, min_value=0
            )
        self.fields["low"].help_text = "两个都填就是“介于”；只填一个也可以"

    def given(self) -> dict[str, Any]:
        data = {name: value for name, value in self.cleaned_data.items() if name != "token"}
        if "none_of" in data:
            data["none_of"] = data["none_of"] == "1"
        return data
