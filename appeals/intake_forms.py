"""What is asked when an appeal comes in: from the firm itself, or from whoever it told."""

import base64
import binascii

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from accounts.actors import ActorKind
from appeals import numbers
from appeals.forms import TransitionForm, text
from appeals.models import Appeal, Urgency
from appeals.provincial import clean_provincial_number, refuse_taken_number
from core.phones import clean_contact_phone
from core.search import normalise
from core.uploads import AttachmentsField
from core.wording import spoken
from districts.models import Region
from enterprises.subjects import SubjectField
from enterprises.uscc import REGISTRATION_NUMBER, clean_credit_code
from liaisons import plaques
from liaisons.models import Plaque, ServiceEvent, Visit

PLAQUE_CHANNEL = "plaque"
PNG = b"\x89PNG\r\n\x1a\n"


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
        label=spoken("所在乡镇办、园区"), queryset=Region.objects.none(), required=False, empty_label="不清楚"
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
        return clean_contact_phone(self.cleaned_data["contact_phone"])

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
    """The public form: no account, on a phone. The channel is given by the page it was opened from.

    Opened from the page behind a plaque, the firm is known and not asked for. A code that leads nowhere (any
    more) is as good as none.
    """

    channel = forms.CharField(widget=forms.HiddenInput, required=False)
    plaque = forms.CharField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        super().prepare()
        code = self.data.get("plaque", "") if self.is_bound else self.initial.get("plaque", "")
        self.scanned = plaques.find(str(code), self.district)
        self.entry = plaques.entry_behind(self.scanned) if self.scanned else None
        for name in ("claimed_name", "claimed_code", "region") if self.entry else ("plaque",):
            del self.fields[name]
        if not self.entry:
            self.fields["claimed_name"].required = True
            self.fields["claimed_name"].error_messages["required"] = "请填写企业名称。"

    def clean_channel(self) -> str:
        """What no firm could put right, such as a misprinted address, counts as the portal's own channel."""
        codes = [channel.code for channel in self.rules.public_channels]
        channel = PLAQUE_CHANNEL if self.entry else self.cleaned_data["channel"]
        return channel if channel in codes else codes[0]

    def clean_plaque(self) -> Plaque | None:
        return self.scanned

    def clean(self) -> dict:
        return super().clean() | {"subject": self.entry}

    def has_subject(self) -> bool:
        return self.entry is not None

    def subject_region(self) -> Region | None:
        return self.entry.region if self.entry else None


class RegisterForm(IntakeForm):
    """Registration by an official, for every channel of the plan."""

    channel = forms.ChoiceField(label="来源渠道")
    subject = SubjectField(label="企业或项目", required=False)
    visit = forms.ModelChoiceField(
        label="走访", queryset=Visit.objects.none(), required=False, widget=forms.HiddenInput
    )
    service_event = forms.ModelChoiceField(
        label="活动", queryset=ServiceEvent.objects.none(), required=False, widget=forms.HiddenInput
    )
    urgency = forms.ChoiceField(
        label="紧急程度", choices=Urgency.choices, required=False, initial=Urgency.NORMAL
    )
    provincial_number = forms.CharField(label="省平台编号", max_length=40, required=False)
    repeats = forms.CharField(
        label="是否同一件",
        max_length=30,
        required=False,
        widget=forms.HiddenInput,
        help_text="所重复诉求的编号。",
    )

    NEW_MATTER = "none"
    """What ``repeats`` says when whoever registers has seen what is alike and goes on."""

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
        self.fields["service_event"].queryset = ServiceEvent.objects.visible_to(user).taking_appeals()

    def clean_urgency(self) -> str:
        return self.cleaned_data["urgency"] or Urgency.NORMAL

    def clean_provincial_number(self) -> str:
        if not self.cleaned_data["provincial_number"]:
            return ""
        number = clean_provincial_number(self.cleaned_data["provincial_number"], self.rules)
        refuse_taken_number(number, district=self.district, by=self.actor.user)
        return number

    def clean_repeats(self) -> Appeal | None:
        number = self.cleaned_data["repeats"]
        if not number or number == self.NEW_MATTER:
            return None
        main = (
            Appeal.objects.visible_to(self.actor.user).filter(number=number, district=self.district).first()
        )
        if main is None:
            raise ValidationError("没有找到所选的诉求，请重新选择。", code="unknown")
        return main

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
