"""Forms of 履约践诺: what was promised or is owed, how it is to be kept, and each step of the way."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Unit, User
from appeals.backlog_forms import CourseForm
from appeals.backlog_rules import MOST_REASON, MOST_TEXT
from appeals.forms import handling_units
from appeals.models import Appeal, BacklogItem
from campaigns.commitments.services.rules import (
    Promise,
    course_of,
    may_manage,
    may_manage_one,
    promise_of,
)
from campaigns.models import Commitment
from core import clock
from core.fields import TakesErrors, day_field, money_field, text_field, token_field
from core.search import normalise
from core.wording import spoken
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, subject_on_roster
from policies.models import Claim


class PromiseForm(TakesErrors, forms.Form):
    """What was promised or is owed, by whom and to whom."""

    kind = forms.ChoiceField(
        label="类别",
        choices=Commitment.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择类别。"},
        help_text="公开承诺可对外公开；拖欠账款一律不公开",
    )
    title = text_field("承诺事项", 100, hint="一句话：承诺做什么、欠什么款")
    content = text_field("具体内容", MOST_TEXT, required=False, rows=4)
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="对谁承诺、欠谁的款；面向社会的不填"
    )
    claimed_name = text_field(
        spoken("不在底册的企业名称"), 120, required=False, hint=spoken("底册中找不到时填写")
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label="责任单位",
        empty_label="请选择",
        help_text="谁负责兑现；企业欠款的，填监管或行业主管单位",
        error_messages={"required": "请选择责任单位。"},
    )
    contract = forms.ChoiceField(
        label="合同类别",
        choices=[("", "请选择"), *Commitment.Contract.choices],
        required=False,
        help_text="合同协议必选",
    )
    debtor = forms.ChoiceField(
        label="欠款方类别",
        choices=[("", "请选择"), *Commitment.Debtor.choices],
        required=False,
        help_text="拖欠账款必选",
    )
    debtor_unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label="欠款单位",
        required=False,
        empty_label="请选择",
        help_text="机关、事业单位欠款的",
    )
    debtor_name = text_field("欠款企业", 120, required=False, hint="国有企业、大型企业欠款的，填全称")
    amount = money_field("金额（万元）", required=False, hint="拖欠账款必填：企业主张的金额")
    acknowledged = money_field("确认金额（万元）", required=False, hint="双方对账确认的；有了以它为准")
    basis = text_field("依据", 200, hint="文件及文号、合同及编号、判决书等")
    made_on = day_field("承诺（签订）日期")
    contract_due_on = day_field("合同约定日期", required=False, hint="合同写明的付款、交付日期")
    appeal_number = text_field("诉求编号", 30, required=False, hint="由诉求而来的填写")
    backlog_number = text_field("存量问题编号", 12, required=False, hint="“攻坚清零”清单上同一件事的编号")
    claim = forms.ModelChoiceField(
        Claim.objects.none(), required=False, widget=forms.HiddenInput, label="兑现申请"
    )

    def __init__(
        self, *args: Any, user: User, rules: Rules, commitment: Commitment | None = None, **kwargs: Any
    ) -> None:
        self.user, self.commitment = user, commitment
        super().__init__(*args, **kwargs)
        self.fields["subject"].user = user
        units: QuerySet[Unit] = handling_units(user.unit.district, rules)
        if not may_manage(user):
            units = units.filter(pk=user.unit_id)
        if commitment is not None:
            units = units | Unit.objects.filter(pk=commitment.unit_id)
        self.fields["unit"].queryset = units.order_by("order", "pk")
        owing = Unit.objects.of_district(user.unit.district).active()
        if commitment is not None and commitment.debtor_unit_id:
            owing = owing | Unit.objects.filter(pk=commitment.debtor_unit_id)
        self.fields["debtor_unit"].queryset = owing.order_by("order", "pk")
        self.fields["claim"].queryset = Claim.objects.visible_to(user)
        if units.count() == 1:
            self.initial.setdefault("unit", user.unit_id)
        if not user.unit or not may_manage(user):
            for name in ("appeal_number", "backlog_number"):
                del self.fields[name]

    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["appeal"] = self.commitment.appeal if self.commitment else None
        data["backlog_item"] = self.commitment.backlog_item if self.commitment else None
        if "appeal_number" in self.fields:
            data["appeal"] = self._appeal(data.get("appeal_number", ""))
        if "backlog_number" in self.fields:
            data["backlog_item"] = self._backlog_item(data.get("backlog_number", ""))
        return data

    def _appeal(self, typed: str) -> Appeal | None:
        number = normalise(typed).upper()
        if not number:
            return None
        appeal = Appeal.objects.visible_to(self.user).filter(number=number).first()
        if appeal is None:
            self.add_error("appeal_number", ValidationError("没有这个编号的诉求。", code="unknown"))
        return appeal

    def _backlog_item(self, typed: str) -> BacklogItem | None:
        number = normalise(typed).removeprefix("第").removesuffix("号").strip()
        if not number:
            return None
        items = BacklogItem.objects.visible_to(self.user)
        fits = number.isascii() and number.isdigit() and len(number) < 10
        item = items.filter(number=number).first() if fits else None
        if item is None:
            self.add_error("backlog_number", ValidationError("攻坚清零清单上没有这个编号。", code="unknown"))
        return item

    def promise(self) -> Promise:
        data = self.cleaned_data
        plain = ("title", "content", "claimed_name", "unit", "contract", "debtor", "debtor_unit", "debtor_name",
                 "amount", "acknowledged", "basis", "made_on", "contract_due_on", "subject", "appeal",
                 "backlog_item")  # fmt: skip
        kind = self.commitment.kind if self.commitment else data["kind"]
        claim = self.commitment.claim if self.commitment else data.get("claim")
        return Promise(kind=kind, claim=claim, **{name: data[name] for name in plain})

    def take_errors(self, error: ValidationError) -> None:
        """The links stand on the form as numbers."""
        if hasattr(error, "error_dict"):
            for name, shown in (("appeal", "appeal_number"), ("backlog_item", "backlog_number")):
                if name in error.error_dict:
                    error.error_dict[shown] = error.error_dict.pop(name)
        super().take_errors(error)


class NewCommitmentForm(PromiseForm, CourseForm):
    """One promise and how it is to be kept."""

    def __init__(self, *args: Any, user: User, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, user=user, rules=rules, **kwargs)
        words_of_course(self, rules)


def words_of_course(form: forms.Form, rules: Rules) -> None:
    """The classes of the backlog, in the words of a promise."""
    form.explain(rules)  # type: ignore[attr-defined]
    text = form.fields["classification"].help_text
    form.fields["classification"].help_text = str(text).replace("化解", "兑现")
    form.fields["due_on"].label = "兑现时限"
    form.fields["plan"].label = "兑现方案"
    form.fields["plan"].help_text = "限期类必填：怎样兑现、分几步、钱从哪里来"
    form.fields["next_step"].help_text = "争议类必填。如：5月底前组织调解，调解不成引导诉讼"


class ChangeCommitmentForm(PromiseForm):
    token = token_field()

    def __init__(self, *args: Any, commitment: Commitment, **kwargs: Any) -> None:
        promise = promise_of(commitment)
        names = ("title", "content", "subject", "claimed_name", "unit", "contract", "debtor", "debtor_unit",
                 "debtor_name", "amount", "acknowledged", "basis", "made_on", "contract_due_on")  # fmt: skip
        initial = {name: getattr(promise, name) for name in names}
        initial["appeal_number"] = promise.appeal.number if promise.appeal else ""
        initial["backlog_number"] = str(promise.backlog_item.number) if promise.backlog_item else ""
        super().__init__(*args, commitment=commitment, initial=initial | kwargs.pop("initial", {}), **kwargs)
        del self.fields["kind"], self.fields["claim"]


class CourseOfCommitmentForm(CourseForm):
    """Those who keep the list adjust everything; the unit writes the plan, and the legal way of what is disputed."""

    reason = text_field("理由", MOST_REASON, required=False, hint="调整分类或兑现时限的，须写明为什么")

    def __init__(self, *args: Any, commitment: Commitment, user: User, rules: Rules, **kwargs: Any) -> None:
        course = course_of(commitment)
        names = ("classification", "due_on", "plan", "route", "next_step")
        initial = {name: getattr(course, name) for name in names} | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        self.was = course
        words_of_course(self, rules)
        if not may_manage_one(user, commitment):
            del self.fields["classification"], self.fields["reason"]
            if commitment.is_disputed:
                self.fields["due_on"].label = "下次跟进日期"
                self.fields["due_on"].help_text = ""
            else:
                for name in ("due_on", "route", "next_step"):
                    del self.fields[name]

    def clean(self) -> dict[str, Any]:
        # What is not the user's to change stays as it was.
        for name in ("classification", "due_on", "route", "next_step"):
            if name not in self.fields:
                self.cleaned_data[name] = getattr(self.was, name)
        return super().clean()


class Step(TakesErrors, forms.Form):
    token = token_field()


class ProgressForm(Step):
    day = day_field("日期")
    text = text_field("工作进展", MOST_TEXT, rows=4, hint="做了什么、卡在哪里、下一步怎么办")


class InstalmentForm(Step):
    amount = money_field("付款金额（万元）")
    day = day_field("付款日期")
    voucher = text_field("凭证", 100, hint="支付凭证号、银行回单号")
    received = forms.BooleanField(label="已与企业核实到账", required=False)


class KeptForm(Step):
    result = text_field("兑现情况", MOST_TEXT, rows=4, hint="怎样兑现的、兑现多少、企业是否认可")
    evidence = text_field("兑现依据", 300, hint="凭证号、文号、网址等")


class ConfirmForm(Step):
    note = text_field("核实情况", MOST_REASON, required=False, hint="如：已电话核实，企业认可")


class ReasonForm(Step):
    reason = text_field("原因", MOST_REASON, missing="请写明原因。")


def beforehand(request_get: Any, user: User) -> dict[str, Any]:
    """What ``?appeal=``, ``?backlog=`` or ``?claim=`` of the page's address fill in."""
    initial: dict[str, Any] = {"made_on": clock.today()}
    number = str(request_get.get("appeal", "")).replace("\0", "")[:30]
    appeals = Appeal.objects.visible_to(user).select_related("enterprise", "project", "lead_unit")
    appeal = appeals.filter(number=number).first() if number else None
    if appeal:
        initial |= {
            "kind": Commitment.Kind.DEBT,
            "appeal_number": appeal.number,
            "title": appeal.title[:100],
            "content": appeal.content[:MOST_TEXT],
            "subject": appeal.subject,
            "claimed_name": appeal.claimed_name,
            "unit": appeal.lead_unit_id,
            "basis": f"企业诉求 {appeal.number}",
            "made_on": clock.local_date(appeal.submitted_at),
        }
    key = str(request_get.get("backlog", ""))
    items = BacklogItem.objects.visible_to(user).select_related("enterprise", "project")
    item = items.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    if item:
        policy = item.source == BacklogItem.Source.POLICY
        initial |= {
            "kind": Commitment.Kind.POLICY if policy else Commitment.Kind.CONTRACT,
            "backlog_number": str(item.number),
            "title": item.title,
            "content": item.facts,
            "subject": item.subject,
            "claimed_name": item.claimed_name,
            "unit": item.unit_id,
            "amount": item.amount,
            "basis": item.reference or f"存量问题第{item.number}号",
            "made_on": item.found_on,
            "classification": item.classification,
            "due_on": item.due_on,
            "plan": item.plan,
            "route": item.route,
            "next_step": item.next_step,
        }
    key = str(request_get.get("claim", ""))
    claims = Claim.objects.visible_to(user).select_related("policy", "enterprise", "project")
    claim = claims.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    if claim:
        initial |= {
            "kind": Commitment.Kind.POLICY,
            "claim": claim.pk,
            "title": f"兑付《{claim.policy.title}》"[:100],
            "subject": claim.subject,
            "claimed_name": claim.claimed_name,
            "unit": claim.unit_id,
            "amount": claim.approved_amount or claim.applied_amount,
            "basis": claim.policy.document_number or claim.policy.title,
            "made_on": claim.approved_on or claim.applied_on,
            "due_on": claim.promised_on,
        }
    return initial
