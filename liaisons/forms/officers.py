"""Entering a liaison officer, changing a line of 附件2, and ending it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Official, Role, Unit, User
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, found_by_text
from liaisons.models import LiaisonOfficer
from liaisons.permissions import units_to_keep
from liaisons.selectors import with_posts


class _Line(forms.Form):
    """The columns of 附件2. A cadre who is chosen fills in what was left blank."""

    official = forms.ModelChoiceField(
        Official.objects.none(),
        label="从干部名册选",
        required=False,
        widget=forms.HiddenInput,
        help_text="可不选。选了的，空着的姓名、职务、办公号码按名册填写",
    )
    name = forms.CharField(label="姓名", max_length=50, required=False)
    title = forms.CharField(label="职务", max_length=60, required=False)
    office_phone = forms.CharField(
        label="办公号码",
        max_length=30,
        required=False,
        help_text="如 0562-1234567；与手机号至少填一个",
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    mobile = forms.CharField(
        label="手机号",
        max_length=30,
        required=False,
        help_text="11位，平时只显示前三位和后四位",
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )
    note = forms.CharField(label="备注", max_length=100, required=False)

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official"].queryset = with_posts(Official.objects.visible_to(user))

    def clean_official(self) -> Official | None:
        return found_by_text(self, "official", self.fields["official"].queryset)

    def as_line(self) -> dict[str, Any]:
        """What the services take."""
        data = self.cleaned_data
        line = {name: data[name] for name in ("name", "title", "office_phone", "mobile", "note", "official")}
        if official := data["official"]:
            post = official.post_on(clock.today())
            line["name"] = line["name"] or official.name
            line["title"] = line["title"] or (post.title if post else "")
            if not line["office_phone"] and not line["mobile"]:
                line["office_phone"] = official.office_phone
        return line


class AppointForm(_Line):
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="单位", empty_label="请选择单位")
    started = forms.DateField(label="开始日期", widget=DayInput, validators=SENSIBLE_DAYS)

    field_order = ["unit", "official"]

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["unit"].queryset = units_to_keep(user)
        if not user.has_role(Role.DISPATCHER):
            self.fields["unit"].initial = user.unit_id
        self.fields["started"].initial = clock.today()


class ChangeForm(_Line):
    CORRECT, FOLLOW = "correct", "follow"

    how = forms.ChoiceField(
        label="这次是",
        choices=[
            (CORRECT, "更正：原来填错了，或只改号码、备注"),
            (FOLLOW, "变动：换了人，或职务变了"),
        ],
        initial=CORRECT,
        widget=forms.RadioSelect,
    )
    since = forms.DateField(
        label="变动日期",
        required=False,
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="选“变动”时填：原来的一行到这一天为止，新的一行从这一天起。",
    )

    def __init__(self, *args, user: User, officer: LiaisonOfficer, **kwargs) -> None:
        initial = {
            name: getattr(officer, name) for name in ("name", "title", "office_phone", "mobile", "note")
        }
        super().__init__(*args, user=user, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.fields["since"].initial = clock.today()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("how") == self.FOLLOW and "since" in data and data["since"] is None:
            self.add_error("since", ValidationError("请填写变动日期。", code="required"))
        return data

    def as_line(self) -> dict[str, Any]:
        follows = self.cleaned_data["how"] == self.FOLLOW
        return super().as_line() | {"since": self.cleaned_data["since"] if follows else None}


class EndOfficerForm(forms.Form):
    ended = forms.DateField(
        label="结束日期",
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="从这一天起不再担任，此前的记录保留。登记错了的，填开始日期，即视为没有担任过。",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended"].initial = clock.today()
