"""Financing needs, handing them to banks, and what the banks answer."""

from typing import Any

from django import forms

from accounts.models import Unit
from campaigns.models import FinancingDispatch
from campaigns.needs.forms.shared import OfAFirm
from campaigns.needs.services.financing import FIELDS, BankAnswer, NeedFacts
from core.fields import (
    SeveralField,
    TakesErrors,
    WholeField,
    choice_field,
    money_field,
    phone_field,
    text_field,
    token_field,
)
from districts.profile import Rules


class NeedFields(TakesErrors, forms.Form):
    amount = money_field("需求金额（万元）")
    purpose = text_field("用途", 200, hint="如：购原料、技改设备、还旧借新")
    term_months = WholeField(label="期限（月）", error_messages={"required": "请填写期限。"})
    guarantee = choice_field("可提供的担保")
    current_bank = text_field("现合作银行", 60, required=False, hint="没有可不填")
    contact_name = text_field("联系人", 50, required=False)
    contact_phone = phone_field(required=False, hint="只给经办人员和承办的金融机构看，查看会留下记录")

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["guarantee"].choices = [("", "请选择"), *rules.choices("guarantees")]  # type: ignore[attr-defined]

    def facts(self) -> NeedFacts:
        return NeedFacts(**{name: self.cleaned_data[name] for name in FIELDS})


class NeedForm(NeedFields, OfAFirm):
    """A new one, by an official."""


class FirmNeedForm(NeedFields):
    """By the firm, behind its plaque."""

    token = token_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("contact_name", "contact_phone"):
            self.fields[name].required = True


class DispatchForm(TakesErrors, forms.Form):
    token = token_field()
    units = SeveralField(Unit.objects.none(), label="有账号的金融机构", required=False)
    banks = forms.MultipleChoiceField(
        label="其他金融机构", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "请从列出的金融机构中选择。"},
    )  # fmt: skip
    others = text_field("还有哪家", 300, required=False, hint="没有列出的写名称，几家之间用顿号分开")

    def __init__(self, *args: Any, units: Any, rules: Rules, known: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = units  # type: ignore[attr-defined]
        named = list(dict.fromkeys([*rules.needs.banks, *known]))
        self.fields["banks"].choices = [(name, name) for name in named]  # type: ignore[attr-defined]
        if not named:
            del self.fields["banks"]
        if not units.exists():
            del self.fields["units"]

    @property
    def names(self) -> list[str]:
        typed = self.cleaned_data["others"].replace("，", "、").replace(",", "、").split("、")
        return [*self.cleaned_data.get("banks", []), *(name.strip() for name in typed if name.strip())]


class AnswerForm(TakesErrors, forms.Form):
    answer = forms.ChoiceField(
        label="答复",
        choices=[
            ("credit", FinancingDispatch.Answer.CREDIT.label),
            ("refused", FinancingDispatch.Answer.REFUSED.label),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择答复。", "invalid_choice": "请选择答复。"},
    )
    credit = money_field("授信额（万元）", required=False, hint="授信的必填")
    lent = money_field("放款额（万元）", required=False, hint="已经放款的填累计数；还没有的以后再补")
    product = text_field("信贷产品", 60, required=False, hint="如：园区e贷、订单贷")
    reason = text_field("理由", 300, required=False, rows=2, hint="不予支持的必填")

    def given(self) -> BankAnswer:
        return BankAnswer(
            **{name: self.cleaned_data[name] for name in ("answer", "credit", "lent", "product", "reason")}
        )


class CloseNeedForm(TakesErrors, forms.Form):
    state = forms.ChoiceField(
        label="怎样结束",
        choices=[("unsolved", "没有解决"), ("withdrawn", "企业撤回")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择怎样结束。", "invalid_choice": "请选择怎样结束。"},
    )
    reason = text_field("原因", 300, rows=2)
    appeal = text_field("诉求编号", 40, required=False, hint="已登记为诉求继续协调的，填诉求编号")


class SummaryForm(TakesErrors, forms.Form):
    summary = text_field("本轮小结", 2000, rows=5, hint="撮合成效、没有解决的原因、下一步打算")
