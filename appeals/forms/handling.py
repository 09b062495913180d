"""The handling unit: sign, assist, answer, ask for time, hand back."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from appeals import signing
from appeals.forms.base import OpinionForm, ReasonForm, TransitionForm, day_field, handling_units, text
from appeals.models import Deadline, PendingRequest, Solved
from core import clock
from core.uploads import AttachmentsField
from districts.calendars import work_calendar


class SignForm(TransitionForm):
    officer = forms.ModelChoiceField(label="经办人", queryset=User.objects.none(), required=False)

    def prepare(self) -> None:
        colleagues = User.objects.filter(unit=self.actor.unit_id, is_active=True)
        self.fields["officer"].queryset = colleagues
        self.fields["officer"].empty_label = "本人"

    def clean_officer(self) -> User | None:
        return self.cleaned_data["officer"] or self.actor.user


class AssistForm(TransitionForm):
    opinion = text("协办意见")


class HandUpForm(ReasonForm):
    """A unit that tried itself (自办) and cannot: what was tried."""

    reason = text("上交理由", help_text="做了哪些工作、为什么本单位解决不了。")


class RequestReturnForm(TransitionForm):
    ground = text("不属于本单位职责的依据", help_text="对照“三定”规定或权责清单写明。裁定一次即为最终结果。")
    proposed_unit = forms.ModelChoiceField(
        label="建议由谁主办", queryset=Unit.objects.none(), required=False, empty_label="不清楚"
    )

    def prepare(self) -> None:
        self.fields["proposed_unit"].queryset = handling_units(self.district, self.rules).exclude(
            pk=self.actor.unit_id
        )


class RequestExtensionForm(TransitionForm):
    reason = text("延期理由")
    until = day_field("延期至")
    told = text("怎样告知企业", rows=2, limit=300, help_text="何时、以什么方式告知，企业怎么说。")

    def prepare(self) -> None:
        limit = self.rules.limits.extension_total
        self.fields["until"].help_text = f"自交办起总共不超过{limit}个工作日。"

    def clean_until(self) -> date | None:
        return extended_until(self, "until")


class AgreeExtensionForm(TransitionForm):
    """The bureau may agree to a shorter time than was asked for."""

    until = day_field("同意延期至")
    opinion = text("意见", required=False, rows=2)

    def prepare(self) -> None:
        asked = self.appeal.facts.pending(PendingRequest.Kind.EXTENSION) if self.appeal else None
        if asked is not None:
            self.initial["until"] = asked.until

    def clean_until(self) -> date | None:
        return extended_until(self, "until")


def extended_until(form: TransitionForm, field: str) -> date | None:
    """A working day after the one due now, within what the profile allows in all."""
    day = form.workday_ahead(field)
    handle = form.appeal.facts.running(Deadline.Kind.HANDLE) if form.appeal else None
    if day is None or handle is None:
        return day
    calendar, limit = work_calendar(form.rules), form.rules.limits.extension_total
    if day <= handle.due_at.astimezone(calendar.tz).date():
        raise ValidationError("延期后的日期应晚于现在的期限。", code="not_later")
    if calendar.count(calendar.received_on(handle.started_at), day) > limit:
        raise ValidationError(f"延期后总共不能超过{limit}个工作日。", code="far")
    return day


class RequestOnFileForm(TransitionForm):
    reason = text("暂不能解决的原因", help_text="缺什么条件、什么时候可能具备。")
    until = day_field("下次跟进日期")
    told = text("怎样告知企业", rows=2, limit=300, help_text="何时、以什么方式告知，企业怎么说。")

    def clean_until(self) -> date | None:
        return self.workday_ahead("until")


class RenewFileForm(TransitionForm):
    reason = text("跟进情况", help_text="条件有什么变化、为什么还不能解决。")
    until = day_field("下次跟进日期")

    def clean_until(self) -> date | None:
        return self.workday_ahead("until")


class OptionalOpinionForm(TransitionForm):
    opinion = text("意见", required=False, rows=2)


# --- Saying “no” ----------------------------------------------------------------------------------


class ProposeRefusalForm(TransitionForm):
    """“No” is only a proposal: why, by which rule, what was tried, who else could do it."""

    reason = text("为什么办不了", help_text="企业要什么、难在哪里，写清事实。")
    rule = text("依据的法律、政策条款", rows=3, help_text="写明文件名称和条款；没有依据的不能说“不”。")
    tried = text("已经做了哪些努力", rows=3, help_text="问过谁、找过什么办法、有没有变通的路。")
    others = text(
        "还有谁可能办得了", rows=2, help_text="其他部门、上级、银行、行业协会等；确实没有的写“没有”并说明。"
    )


class TurnBackForm(TransitionForm):
    direction = text("怎样办", rows=3, help_text="一两句话即可：谁牵头、走哪条路。")


class SignRefusalForm(OpinionForm):
    opinion = text("本级意见", rows=3, help_text="写自己的意见，说明为什么仍然办不了。")


class ExplainedForm(TransitionForm):
    """The unit explained to the firm what the consultation found."""

    explained_on = day_field("解释日期")
    explained_by = forms.CharField(label="由谁当面解释", max_length=60, help_text="写职务，如：分管副局长。")
    explanation = text("怎样解释的", help_text="写给企业看：为什么办不了、依据什么、还有什么路可走。")
    reaction = text("企业的态度", rows=2, help_text="理解、保留意见，还是不接受。")
    attachments = AttachmentsField(label="附件", required=False)

    def clean_explained_on(self) -> date:
        day = self.cleaned_data["explained_on"]
        if day > clock.today():
            raise ValidationError("解释日期不能晚于今天。", code="future")
        if self.appeal is not None and day < clock.local_date(self.appeal.submitted_at):
            raise ValidationError("解释日期早于诉求提交日期。", code="early")
        return day


# --- Answering ------------------------------------------------------------------------------------


class FeedbackForm(TransitionForm):
    """The answer to the firm, with the effects that rows 17–20 of the weekly table add up."""

    result = text("办理结果", rows=6, help_text="写给企业看。")
    basis = text("政策或法律依据", required=False, rows=2)
    solved = forms.ChoiceField(label="是否解决", choices=Solved.choices, widget=forms.RadioSelect)
    attachments = AttachmentsField(label="附件", required=False)

    def prepare(self) -> None:
        drafted = self.appeal.facts.pending(PendingRequest.Kind.FEEDBACK) if self.appeal else None
        if drafted is not None:
            self.initial |= drafted.data["answer"]
        for effect in self.rules.effects:
            if effect.code != "supply":
                self.fields[self.effect_field(effect.code)] = forms.DecimalField(
                    label=f"{effect.label}（{effect.unit}）",
                    required=False,
                    min_value=0,
                    max_digits=12,
                    decimal_places=0 if effect.unit in {"人", "个"} else 2,
                )

    def clean(self) -> dict:
        """An answer that solves nothing is a “no”: nobody says it alone."""
        data = super().clean()
        if data.get("solved") == Solved.NO and self.appeal is not None:
            self.require("basis", "没有解决的，须写明政策或法律依据。")
            if signing.highest(self.rules, self.actor) < len(signing.levels(self.rules)) - 1:
                last = signing.levels(self.rules)[-1].label
                self.add_error("solved", ValidationError(
                    f"答复“未解决”就是说“不”：请按“拟说‘不’”逐级签字，暂不具备条件的申请挂账；确需直接答复的由{last}反馈。",
                    code="refusal",
                ))  # fmt: skip
        return data

    @staticmethod
    def effect_field(code: str) -> str:
        return f"effect_{code}"
