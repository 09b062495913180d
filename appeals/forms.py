"""What each transition asks for. The page draws these forms, ``perform`` validates with them."""

import base64
import binascii
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import Q, QuerySet

from accounts.actors import Actor, ActorKind
from accounts.models import Unit, User
from appeals import numbers
from appeals.models import Appeal, Revisit, Solved, Urgency
from core import clock
from core.phones import clean_phone
from core.search import normalise
from core.uploads import AttachmentsField
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from enterprises.models import Enterprise, Industry, Tier
from enterprises.subjects import SubjectField, subject_key
from enterprises.uscc import REGISTRATION_NUMBER, clean_credit_code
from liaisons.models import Visit

TEXT_LIMIT = 3000
PNG = b"\x89PNG\r\n\x1a\n"


def text(label: str, *, required: bool = True, rows: int = 4, help_text: str = "", limit: int = TEXT_LIMIT):
    """A multi-line text field."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class TransitionForm(forms.Form):
    """Knows the appeal (None before it exists), the actor and the district's rules."""

    def __init__(
        self, *args, appeal: Appeal | None, actor: Actor, district: Region, rules: Rules, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.appeal, self.actor, self.district, self.rules = appeal, actor, district, rules
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices that depend on the appeal, the actor or the rules."""

    def of_rules(self, field: str, kind: str) -> None:
        self.fields[field].choices = [("", "请选择"), *self.rules.choices(kind)]

    def require(self, field: str, message: str) -> None:
        """A field that is needed because of what another one says."""
        if field not in self.errors and not self.cleaned_data.get(field):
            self.add_error(field, ValidationError(message, code="required"))


class ReasonForm(TransitionForm):
    reason = text("理由")


# --- Coming in ------------------------------------------------------------------------------------


class IntakeForm(TransitionForm):
    """What is asked of whoever hands in an appeal."""

    claimed_name = forms.CharField(
        label="企业（个体工商户）名称", max_length=120, required=False, help_text="请填营业执照上的名称。"
    )
    claimed_code = forms.CharField(
        label="统一社会信用代码",
        max_length=30,
        required=False,
        help_text="18位；只有15位注册号的填注册号；没有可不填。",
    )
    region = forms.ModelChoiceField(
        label="所在乡镇办、园区", queryset=Region.objects.none(), required=False, empty_label="不清楚"
    )
    contact_name = forms.CharField(label="联系人", max_length=50)
    contact_phone = forms.CharField(
        label="联系电话",
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    category = forms.ChoiceField(label="诉求类别")
    title = forms.CharField(label="标题", max_length=80, required=False)
    content = text("诉求内容", rows=6, help_text="遇到了什么问题、希望怎样解决、什么时候需要。")
    attachments = AttachmentsField(label="附件", required=False)

    def prepare(self) -> None:
        self.fields["region"].queryset = Region.objects.filter(parent=self.district)
        self.of_rules("category", "categories")

    def clean_contact_phone(self) -> str:
        return clean_phone(self.cleaned_data["contact_phone"])

    def clean_claimed_code(self) -> str:
        code = normalise(self.cleaned_data["claimed_code"]).replace(" ", "")
        if not code or REGISTRATION_NUMBER.fullmatch(code):
            return code
        return clean_credit_code(code)

    def clean_content(self) -> str:
        content = self.cleaned_data["content"].strip()
        if len(content) < 5:
            raise ValidationError("请把问题说得具体一些（至少5个字）。", code="short")
        return content

    def clean(self) -> dict:
        data = super().clean()
        if not self.has_subject():
            self.require("claimed_name", "请填写企业名称。")
        data["title"] = data.get("title") or _first_sentence(data.get("content", ""))
        data["region"] = data.get("region") or self.subject_region() or self.district
        return data

    def has_subject(self) -> bool:
        return False

    def subject_region(self) -> Region | None:
        return None


def _first_sentence(content: str) -> str:
    """A title for a text that was given none."""
    line = content.strip().splitlines()[0] if content.strip() else ""
    for stop in "。！？；!?;":
        line = line.split(stop)[0]
    return line if len(line) <= 40 else f"{line[:39]}…"


class SubmitForm(IntakeForm):
    """The public form: no account, on a phone. The channel is given by the page it was opened from."""

    channel = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_channel(self) -> str:
        """What no firm could put right, such as a misprinted address, counts as the portal's own channel."""
        codes = [channel.code for channel in self.rules.public_channels]
        channel = self.cleaned_data["channel"]
        return channel if channel in codes else codes[0]


class RegisterForm(IntakeForm):
    """Registration by an official, for every channel of the plan."""

    channel = forms.ChoiceField(label="来源渠道")
    subject = SubjectField(label="企业或项目", required=False)
    visit = forms.ModelChoiceField(
        label="走访", queryset=Visit.objects.none(), required=False, widget=forms.HiddenInput
    )
    urgency = forms.ChoiceField(
        label="紧急程度", choices=Urgency.choices, required=False, initial=Urgency.NORMAL
    )
    provincial_number = forms.CharField(label="省平台编号", max_length=40, required=False)

    field_order = ("channel", "subject")

    def prepare(self) -> None:
        super().prepare()
        user = self.actor.user
        if user is None:
            raise TypeError("Only officials register.")
        channels = self.rules.channels_for(*user.roles)
        self.fields["channel"].choices = [("", "请选择"), *((c.code, c.label) for c in channels)]
        self.fields["subject"].user = user
        self.fields["visit"].queryset = Visit.objects.visible_to(user)

    def clean_urgency(self) -> str:
        return self.cleaned_data["urgency"] or Urgency.NORMAL

    def has_subject(self) -> bool:
        return bool(self.cleaned_data.get("subject") or self.errors.get("subject"))

    def subject_region(self) -> Region | None:
        subject = self.cleaned_data.get("subject")
        return subject.region if subject else None


class SignatureField(forms.CharField):
    """The firm's signature, drawn on the screen: a PNG data URL that cleans to a file."""

    widget = forms.HiddenInput
    MAX_BYTES = 300_000
    PREFIX = "data:image/png;base64,"

    def clean(self, value) -> ContentFile | None:
        value = super().clean(value)
        if not value:
            return None
        try:
            content = base64.b64decode(value.removeprefix(self.PREFIX), validate=True)
        except (binascii.Error, ValueError):
            content = b""
        if not value.startswith(self.PREFIX) or not content.startswith(PNG):
            raise ValidationError("签名没有读到，请重新签名。", code="signature")
        if len(content) > self.MAX_BYTES:
            raise ValidationError("签名图片过大，请重新签名。", code="size")
        return ContentFile(content, name="signature.png")


class SolveOnSpotForm(RegisterForm):
    """Solved while the firm is there; its signature confirms it, not a tick box."""

    answer = text("当场答复", help_text="怎样解决的。")
    basis = text("政策或法律依据", required=False, rows=2)
    signature = SignatureField(
        label="企业签名确认",
        error_messages={"required": "请企业人员签名确认，或改为提交诉求后凭查询码确认。"},
    )


class OfferAnswerForm(TransitionForm):
    answer = text("当场答复", help_text="企业凭查询码确认后，即为当场办结。")
    basis = text("政策或法律依据", required=False, rows=2)


class ConfirmForm(TransitionForm):
    """The firm confirms with its code: by its own page, or typed in on the official's device."""

    code = forms.CharField(label="企业查询码", max_length=20, required=False, help_text="由企业人员输入。")

    def prepare(self) -> None:
        if self.actor.kind == ActorKind.HOLDER:
            del self.fields["code"]

    def clean_code(self) -> str:
        if self.appeal is None or not numbers.matches(self.cleaned_data["code"], self.appeal.secret_digest):
            raise ValidationError("查询码不对，请企业人员核对回执。", code="code")
        return ""


class SupplementForm(TransitionForm):
    content = text("补充说明")
    attachments = AttachmentsField(label="附件", required=False)


# --- The bureau's desk ----------------------------------------------------------------------------


class AcceptForm(TransitionForm):
    """Category, urgency, and the firm matched to the roster: found there, or added to it."""

    category = forms.ChoiceField(label="类别")
    urgency = forms.ChoiceField(label="紧急程度", choices=Urgency.choices)
    subject = SubjectField(label="底册中的企业或项目", required=False)
    add_to_roster = forms.BooleanField(label="底册中没有，按自报名称新增到企业底册", required=False)
    region = forms.ModelChoiceField(label="所在乡镇办、园区", queryset=Region.objects.none(), required=False)
    industry = forms.ChoiceField(
        label="行业门类", choices=[("", "暂不确定"), *Industry.choices], required=False
    )
    tier = forms.ChoiceField(label="层级", choices=Tier.choices, required=False, initial=Tier.SMALL)

    def prepare(self) -> None:
        self.of_rules("category", "categories")
        self.fields["region"].queryset = Region.objects.filter(parent=self.district)
        self.fields["subject"].user = self.actor.user
        self.suggested = self.likely_enterprise()
        if self.suggested is not None:
            self.initial["subject"] = subject_key(self.suggested)
        if self.appeal is not None:
            self.initial |= {
                "category": self.appeal.category,
                "urgency": self.appeal.urgency,
                "region": self.appeal.region_id if self.appeal.region_id != self.district.pk else None,
            }
            if self.appeal.is_matched:
                for field in ("subject", "add_to_roster", "region", "industry", "tier"):
                    del self.fields[field]

    def likely_enterprise(self) -> Enterprise | None:
        """The one enterprise of the roster with the claimed code, or exactly the claimed name."""
        if self.appeal is None or self.appeal.is_matched or self.actor.user is None:
            return None
        roster = Enterprise.objects.visible_to(self.actor.user).active()
        code = self.appeal.claimed_code
        fits = Q(credit_code=code) | Q(registration_number=code) if code else Q(name=self.appeal.claimed_name)
        found = list(roster.filter(fits)[:2])
        return found[0] if len(found) == 1 else None

    def clean(self) -> dict:
        data = super().clean()
        if "subject" not in self.fields or "subject" in self.errors:
            return data
        if bool(data.get("subject")) == bool(data.get("add_to_roster")):
            raise ValidationError(
                "请从底册中选定企业或项目，或勾选“新增到企业底册”，二者选一。", code="subject"
            )
        if data.get("add_to_roster"):
            self.require("region", "新增企业须选定所在乡镇办、园区。")
            data["tier"] = data.get("tier") or Tier.SMALL
        return data


class ProposeDeclineForm(TransitionForm):
    ground = forms.ChoiceField(label="不予受理的情形")
    reason = text("说明", help_text="写给企业看：为什么不属于本平台受理范围，应到哪里反映。")

    def prepare(self) -> None:
        self.of_rules("ground", "decline_grounds")


class DeclineForm(TransitionForm):
    opinion = text("复核意见", rows=2)


class DispatchForm(TransitionForm):
    lead_unit = forms.ModelChoiceField(label="主办单位", queryset=Unit.objects.none(), empty_label="请选择")
    assisting_units = forms.ModelMultipleChoiceField(
        label="协办单位", queryset=Unit.objects.none(), required=False
    )
    due_on = forms.DateField(
        label="办结期限",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="不填即按规定时限。",
    )
    requirements = text("办理要求", required=False, help_text="随交办单送达主办、协办单位。")

    def prepare(self) -> None:
        units = handling_units(self.district, self.rules)
        self.fields["lead_unit"].queryset = units
        self.fields["assisting_units"].queryset = units

    def clean_due_on(self) -> date | None:
        due_on = self.cleaned_data["due_on"]
        if due_on is None:
            return None
        calendar = work_calendar(self.rules)
        if due_on <= clock.today():
            raise ValidationError("办结期限应晚于今天。", code="past")
        if not calendar.is_workday(due_on):
            raise ValidationError("办结期限不是工作日，请另选一天。", code="day_off")
        return due_on

    def clean(self) -> dict:
        data = super().clean()
        if data.get("lead_unit") in (data.get("assisting_units") or []):
            self.add_error(
                "assisting_units", ValidationError("主办单位不能同时是协办单位。", code="same_unit")
            )
        return data


def handling_units(district: Region, rules: Rules) -> QuerySet[Unit]:
    """The units an appeal can be dispatched to."""
    return Unit.objects.of_district(district).active().filter(kind__in=rules.handling_unit_kinds)


class RecordProvincialForm(TransitionForm):
    provincial_number = forms.CharField(label="省平台编号", max_length=40)


# --- The handling unit ----------------------------------------------------------------------------


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


class FeedbackForm(TransitionForm):
    """The answer to the firm, with the effects that rows 17–20 of the weekly table add up."""

    result = text("办理结果", rows=6, help_text="写给企业看。")
    basis = text("政策或法律依据", required=False, rows=2)
    solved = forms.ChoiceField(label="是否解决", choices=Solved.choices, widget=forms.RadioSelect)
    attachments = AttachmentsField(label="附件", required=False)

    def prepare(self) -> None:
        for effect in self.rules.effects:
            if effect.code != "supply":
                self.fields[self.effect_field(effect.code)] = forms.DecimalField(
                    label=f"{effect.label}（{effect.unit}）",
                    required=False,
                    min_value=0,
                    max_digits=12,
                    decimal_places=0 if effect.unit in {"人", "个"} else 2,
                )

    @staticmethod
    def effect_field(code: str) -> str:
        return f"effect_{code}"


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


# --- Judging and closing --------------------------------------------------------------------------


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
        if self.appeal is not None and not self.appeal_is_satisfied():
            self.require("explanation", "企业不满意，须写明已作的解释和办结理由。")
        return data

    def appeal_is_satisfied(self) -> bool:
        last = self.appeal.revisits.filter(round=self.appeal.round, concludes=True).last()
        return last is None or not last.reached or last.satisfaction in self.rules.satisfied_levels


class RedoForm(TransitionForm):
    reason = text("哪里还不对", help_text="写给办理单位看：企业还不满意什么，要怎样重办。")
    lead_unit = forms.ModelChoiceField(
        label="主办单位", queryset=Unit.objects.none(), required=False, empty_label="仍由原单位"
    )

    def prepare(self) -> None:
        self.fields["lead_unit"].queryset = handling_units(self.district, self.rules)
