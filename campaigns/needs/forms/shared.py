"""Parts that the forms of openings, seekers and financing needs share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from core.fields import SENSIBLE_DAYS, DayInput
from core.search import normalise
from core.wording import speak, spoken
from districts.models import Region
from enterprises.forms import TakesErrors
from enterprises.models import Enterprise, Project
from enterprises.policies import TERRITORIAL
from enterprises.subjects import SubjectField, subject_on_roster

OTHER = "其他（请写明）"


def token() -> forms.CharField:
    return forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


def text(label: str, most: int, *, required: bool = False, hint: str = "", rows: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, max_length=most, required=required, help_text=hint, widget=widget)


def phone(*, required: bool = False, hint: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    return forms.CharField(label="联系电话", max_length=30, required=required, help_text=hint, widget=widget)


class WholeField(forms.IntegerField):
    """A whole number as people type it; the service says which are sensible."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    default_error_messages = {"invalid": "请填整数。", "max_value": "数字太大。", "min_value": "不能是负数。"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=10_000_000, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = normalise(value).replace(",", "").replace(" ", "")
        return super().to_python(value)


def day(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=DayInput, validators=SENSIBLE_DAYS, help_text=hint,
        error_messages={"required": f"请填写{label}。", "invalid": "请填写正确的日期。"},
    )  # fmt: skip


def choice(label: str, *, required: bool = True, hint: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=required, help_text=hint, error_messages={"required": f"请选择{label}。"}
    )


class OfAFirm(TakesErrors, forms.Form):
    """Of a firm of the roster, or one that is only claimed."""

    token = token()
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    claimed_name = text(spoken("不在底册的企业名称"), 120, hint=spoken("底册里没有的才填"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["subject"].user = user  # type: ignore[attr-defined]

    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("subject"):
            data["claimed_name"] = ""
        elif "subject" not in self.errors and not data.get("claimed_name"):
            self.add_error(
                "subject", ValidationError(speak("请选择企业；不在底册的，填写企业名称。"), code="required")
            )
        return data

    def shown_subject(self) -> str:
        """The firm's name beside the hidden choice, as long as it is one the user may choose."""
        try:
            chosen = self.fields["subject"].clean(self["subject"].value())
        except ValidationError:
            return ""
        return chosen.name if chosen else ""


def places_of(user: User, *, whole: bool) -> Any:
    """The townships and parks a record may lie in: the district's, or those of the own region."""
    if user.unit is None:
        return Region.objects.none()
    region = user.unit.district if whole else user.unit.region
    return Region.objects.subtree(region).filter(level__in=TERRITORIAL).order_by("path")
