"""Forms about satisfaction: rating, answering a low rating, a survey round and its questionnaire, a remark on conduct."""

from collections.abc import Collection
from typing import Any

from django import forms

from accounts.models import Role, Unit, User
from campaigns.models import ConductRemark, ServiceRating, SurveyAnswer, SurveyAttempt, SurveyRound
from campaigns.satisfaction.services import answering, conduct, low_ratings, ratings
from campaigns.satisfaction.services.ratings import Judgement
from core.fields import SENSIBLE_DAYS, DayInput, SeveralField
from core.uploads import AttachmentsField
from core.wording import spoken
from districts.profile import Rules
from districts.satisfaction import SCOPES
from enterprises.forms import TakesErrors

CONDUCT_LABEL = "对干部作风的意见（只送督查）"
CONDUCT_HINT = spoken("可不填。只有督查能看到，被评价的单位和干部、牵头局、系统管理员都看不到。")


def conduct_field() -> forms.CharField:
    return forms.CharField(
        label=CONDUCT_LABEL,
        required=False,
        max_length=conduct.MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        help_text=CONDUCT_HINT,
    )


class OnceForm(TakesErrors, forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class RatingForm(OnceForm):
    """Five large buttons with words, what to say, and who may know."""

    kind = forms.ChoiceField(
        label="您要评价",
        choices=[
            (ServiceRating.Kind.VISIT.value, "最近一次走访"),
            (ServiceRating.Kind.CADRE.value, spoken("联企干部平时的服务")),
            (ServiceRating.Kind.PAYMENT.value, "最近一次政策兑现"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择评价什么。", "invalid_choice": "请选择评价什么。"},
    )
    level = forms.ChoiceField(
        label="您满意吗",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择满意程度。", "invalid_choice": "请选择满意程度。"},
    )
    comment = forms.CharField(
        label="想说的话",
        required=False,
        max_length=ratings.MOST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="可不填。被评价的单位会看到，电话等号码自动隐去。",
    )
    unnamed = forms.BooleanField(
        label="不告诉被评价的单位是我们企业", required=False, initial=True,
        help_text="勾选后，被评价的单位看不到企业名称。",
    )  # fmt: skip
    conduct = conduct_field()

    def __init__(
        self, *args: Any, rules: Rules, kinds: Collection[str] = (), named: bool = True, **kwargs: Any
    ) -> None:
        """``kinds``: behind a plaque one says which of these one rates; ``named``: it is known which firm it is."""
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = rules.choices("satisfaction")
        if kinds:
            known = self.fields["kind"].choices
            self.fields["kind"].choices = [choice for choice in known if choice[0] in kinds]
        else:
            del self.fields["kind"]
        if not named:
            del self.fields["unnamed"]

    def judgement(self) -> Judgement:
        data = self.cleaned_data
        return Judgement(data["level"], data["comment"], data.get("unnamed", True), data["conduct"])


# --- Low ratings ----------------------------------------------------------------------------------


def _words(label: str, hint: str = "", missing: str = "请填写。") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=low_ratings.MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=hint,
        error_messages={"required": missing},
    )


class LowAnswerForm(TakesErrors, forms.Form):
    answer = _words("整改情况", "查明的原因、怎样整改、结果如何。", "请写明查明的原因和整改情况。")


class DisputeForm(OnceForm):
    reason = _words("误评理由", missing="请写明为什么是误评。")
    evidence = _words("依据", "哪天谁办了什么，凭走访记录、诉求编号等能够核实。", "请写明依据。")
    attachments = AttachmentsField(
        label="证明材料", required=False, help_text="走访照片、签收单、通话记录截图等，裁定的人一并核对。"
    )


class RulingForm(TakesErrors, forms.Form):
    uphold = forms.ChoiceField(
        label="裁定",
        choices=[("yes", "误评成立，不计入满意度"), ("no", "误评不成立，照常计入并整改")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择裁定结果。"},
    )
    ruling = _words("裁定理由", missing="请写明裁定的理由。")


# --- Rounds ---------------------------------------------------------------------------------------


def surveyors_of(unit: Unit | None) -> Any:
    """The accounts of third parties that this unit engaged."""
    if unit is None:
        return User.objects.none()
    return User.objects.filter(engaged_by=unit).with_role(Role.SURVEYOR).order_by("username")


class AccountsField(SeveralField):
    def label_from_instance(self, user: User) -> str:
        return f"{user}（{user.username}）"


class TeamForm(OnceForm):
    agency = forms.CharField(label="受委托机构", required=False, max_length=80)
    last_day = forms.DateField(
        label="截止日期", widget=DayInput, validators=SENSIBLE_DAYS,
        error_messages={"required": "请填写截止日期。"},
    )  # fmt: skip
    surveyors = AccountsField(
        User.objects.none(), label="调查员账号", required=False,
        help_text="由系统管理员开通：角色只选“满意度调查员”，填“委托单位”。",
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["surveyors"].queryset = surveyors_of(user.unit)


class RoundForm(TeamForm):
    year = forms.IntegerField(label="年份", min_value=2020, max_value=2100)
    quarter = forms.TypedChoiceField(
        label="季度", choices=[(n, f"第{n}季度") for n in range(1, 5)], coerce=int,
        error_messages={"required": "请选择季度。"},
    )  # fmt: skip
    scope = forms.ChoiceField(label="调查范围", choices=list(SCOPES.items()), widget=forms.RadioSelect)
    size = forms.IntegerField(
        label="样本数", min_value=1, max_value=20_000, help_text="从范围内按分层随机抽取这么多家。"
    )

    field_order = ["token", "year", "quarter", "scope", "size", "last_day", "agency", "surveyors"]


class SeedForm(TakesErrors, forms.Form):
    seed = forms.CharField(
        label="随机种子",
        required=False,
        max_length=40,
        help_text="不填由系统随机产生，抽样后公示，可据此复核。",
    )


# --- The questionnaire ----------------------------------------------------------------------------


class QuestionnaireForm(OnceForm):
    """The questions of a round, one field each; ``by_surveyor`` says how it was asked."""

    def __init__(
        self, *args: Any, round: SurveyRound, rules: Rules, by_surveyor: bool = False,
        units: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.questions = answering.questions_of(round)
        if by_surveyor:
            channels = [
                (value, label)
                for value, label in SurveyAnswer.Channel.choices
                if value != SurveyAnswer.Channel.WEB
            ]
            self.fields["channel"] = forms.ChoiceField(
                label="调查方式", choices=channels, initial="phone", widget=forms.RadioSelect,
                error_messages={"required": "请选择电话或现场。"},
            )  # fmt: skip
        if units is not None:
            self.fields["unit"] = forms.ModelChoiceField(
                units, label="您主要评价哪个单位", required=False, empty_label="不指定"
            )
        for question in self.questions:
            self.fields[f"q_{question.code}"] = self._field(question, rules)
        self.fields["conduct"] = conduct_field()

    def _field(self, question: Any, rules: Rules) -> forms.Field:
        missing = {"required": "请回答这一题。", "invalid_choice": "请从列出的选项中选择。"}
        if question.kind == "text":
            return forms.CharField(
                label=question.text, required=question.required, max_length=answering.MOST_WORDS,
                widget=forms.Textarea(attrs={"rows": 3}), error_messages=missing,
                help_text="不会透露是哪家企业说的。",
            )  # fmt: skip
        choices = (
            rules.choices("satisfaction")
            if question.kind == "level"
            else [(option.code, option.label) for option in question.options]
        )
        return forms.ChoiceField(
            label=question.text, required=question.required, choices=choices, widget=forms.RadioSelect,
            error_messages=missing,
        )  # fmt: skip

    def given(self) -> dict[str, Any]:
        return {question.code: self.cleaned_data.get(f"q_{question.code}", "") for question in self.questions}

    def bound_questions(self) -> list[Any]:
        return [self[f"q_{question.code}"] for question in self.questions]

    def take_errors(self, error: Any) -> None:
        """The service names a question by its code."""
        if hasattr(error, "error_dict"):
            for name, messages in error.message_dict.items():
                field = f"q_{name}" if f"q_{name}" in self.fields else name
                self.add_error(field if field in self.fields else None, messages)
        else:
            super().take_errors(error)


class AttemptForm(OnceForm):
    outcome = forms.ChoiceField(
        label="没有答卷的，结果是",
        choices=SurveyAttempt.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择联系的结果。", "invalid_choice": "请选择联系的结果。"},
    )


class ConductForm(TakesErrors, forms.Form):
    state = forms.ChoiceField(
        label="怎样处理",
        choices=[
            choice for choice in ConductRemark.State.choices if choice[0] != ConductRemark.State.RECEIVED
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择怎样处理。"},
    )
    note = forms.CharField(
        label="处理情况",
        max_length=conduct.MOST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"required": "请写明处理情况。"},
    )
