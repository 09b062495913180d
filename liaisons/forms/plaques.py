"""Forms about plaques: the register's, one plate's, and those of the public page behind the code."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.timezone import localtime

from core.fields import SeveralField
from core.wording import spoken
from enterprises.forms import ChangeReportForm, TakesErrors
from liaisons.models import Assignment, Visit, VisitRequest
from liaisons.services.plaques import MOST_NAME, MOST_REASON
from liaisons.services.requests import MOST_OUTCOME, MOST_WISH

MOST_AT_ONCE = 300


def _token() -> forms.CharField:
    return forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


def _phone(label: str) -> forms.CharField:
    attributes = {"inputmode": "tel", "autocomplete": "tel"}
    return forms.CharField(label=label, max_length=30, widget=forms.TextInput(attrs=attributes))


def _text(label: str, most: int, *, required: bool = True, rows: int = 3, hint: str = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=most, widget=area, help_text=hint)


# --- For officials --------------------------------------------------------------------------------


class ChosenForm(TakesErrors, forms.Form):
    """The rows of a list that were ticked, or everything that its filter shows."""

    NOTHING = "请先勾选企业、项目。"
    MOST = 5000

    token = _token()
    everything = forms.BooleanField(label="筛选出的全部，不只勾选的", required=False)
    chosen = SeveralField(Assignment.objects.none(), required=False)

    def __init__(self, *args: Any, visible: QuerySet, shown: QuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].queryset = visible  # type: ignore[attr-defined]
        self.shown = shown

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "chosen" in self.errors:
            del self.errors["chosen"]
            raise ValidationError("勾选的内容已有变化，请刷新后再选。")
        found = self.shown if data.get("everything") else data["chosen"]
        data["rows"] = rows = list(found[: self.MOST + 1])
        if not rows:
            raise ValidationError(self.NOTHING)
        if len(rows) > self.MOST:
            raise ValidationError(f"一次最多办理{self.MOST}块，请先用筛选缩小范围。")
        return data


class BatchForm(ChosenForm):
    """What is to be done with the plaques chosen in the register."""

    NOTHING = spoken("请先勾选公示牌。")
    MOST = MOST_AT_ONCE

    action = forms.CharField(max_length=20)
    collected_by = forms.CharField(label="领取人", max_length=MOST_NAME, required=False)
    reason = forms.CharField(label="更换原因", max_length=MOST_REASON, required=False)


class PrintedForm(TakesErrors, forms.Form):
    """Nothing is asked but whether."""


class CollectForm(TakesErrors, forms.Form):
    collected_by = forms.CharField(label="领取人", max_length=MOST_NAME)


class SignForm(TakesErrors, forms.Form):
    signed_by = forms.CharField(label="企业签收人", max_length=MOST_NAME)


class ReplaceForm(TakesErrors, forms.Form):
    token = _token()
    reason = forms.CharField(label="更换原因", max_length=MOST_REASON)


class RevokeForm(TakesErrors, forms.Form):
    reason = forms.CharField(
        label="作废原因", max_length=MOST_REASON, help_text="作废后二维码立即失效；只是换人，请用“更换”。"
    )


class SettleForm(TakesErrors, forms.Form):
    """Somebody went there: which visit; or it was settled without going, and how."""

    WENT, SETTLED = VisitRequest.State.DONE, VisitRequest.State.DROPPED

    result = forms.ChoiceField(
        label="办理结果",
        choices=[(WENT, "已走访"), (SETTLED, "没有走访，已了结")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择办理结果。"},
    )
    visit = forms.ModelChoiceField(
        Visit.objects.none(), label="走访记录", required=False, empty_label="请选择"
    )
    outcome = _text(
        "办理情况", MOST_OUTCOME, required=False, hint="与企业说了什么、怎样处理；没有走访的必填。"
    )

    def __init__(self, *args: Any, visits: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.visits = list(visits)
        field: Any = self.fields["visit"]
        field.queryset = visits
        field.label_from_instance = lambda visit: (
            f"{localtime(visit.occurred_at):%Y-%m-%d} {visit.reporting_unit}"
        )
        if self.visits:
            self.initial = {**self.initial, "visit": self.visits[0].pk, "result": self.WENT}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("result") == self.SETTLED:
            data["visit"] = None
            self.errors.pop("visit", None)
        elif data.get("result") == self.WENT and not data.get("visit") and "visit" not in self.errors:
            said = "请选择是哪一次走访。" if self.visits else "约访之后还没有走访记录，请先“记走访”。"
            self.add_error("visit" if self.visits else "result", said)
        return data


# --- For the firm, without an account --------------------------------------------------------------


class VisitRequestForm(TakesErrors, forms.Form):
    token = _token()
    wish = _text(
        "希望了解或反映的事", MOST_WISH, rows=4, hint=spoken("写一两句就行，联企干部来之前会先与您联系。")
    )
    contact_name = forms.CharField(label="联系人", max_length=50)
    contact_phone = _phone("联系电话")


class PublicChangeForm(ChangeReportForm):
    """The same fields as for officials, and who says so: nothing that is stored is shown beside them."""

    reporter_name = forms.CharField(label="填表人", max_length=50)
    reporter_phone = _phone("填表人电话")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("note", "").strip() and not any(self.changes().values()):
            raise ValidationError("请填写发生变化的栏目，或在说明中写清楚。")
        return data
