from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from accounts.models import Unit, User
from notifications.channels import TRANSPORTS
from notifications.kinds import DUTIES, PERSONAL, channels_of, switchable
from notifications.models import Channel, Kind, Preference
from notifications.permissions import units_with_robots
from notifications.preferences import wants
from notifications.robots import read_address


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


@dataclass(frozen=True)
class Cell:
    """One kind over one channel: a box to tick, or why there is none."""

    channel: str
    label: str
    field: BoundField | None
    locked: bool


class PreferenceForm(forms.Form):
    """A box for each kind and channel that can be switched off, and the quiet hours."""

    quiet_from = forms.TimeField(label="免打扰开始", required=False, widget=TimeInput)
    quiet_to = forms.TimeField(label="免打扰结束", required=False, widget=TimeInput)
    quiet_days_off = forms.BooleanField(
        label="周末和法定节假日全天免打扰", required=False, help_text="按工作日历，调休上班的周末照常通知。"
    )

    def __init__(self, *args: Any, preference: Preference, **kwargs: Any) -> None:
        names = ("quiet_from", "quiet_to", "quiet_days_off")
        initial = {name: getattr(preference, name) for name in names}
        super().__init__(*args, initial=initial, **kwargs)
        self.preference = preference
        # A channel that the operator has not set up asks for no decision; an earlier one is kept.
        self.channels = [channel for channel in PERSONAL if TRANSPORTS[channel].is_ready]
        for kind in DUTIES:
            for channel in self._offered(kind):
                box = forms.BooleanField(
                    label=f"{Kind(kind).label}：{Channel(channel).label}",
                    required=False,
                    initial=wants(preference, kind, channel),
                )
                box.widget.attrs["aria-label"] = box.label
                self.fields[_name(kind, channel)] = box

    def _offered(self, kind: str) -> list[str]:
        return [channel for channel in switchable(kind) if channel in self.channels]

    def rows(self) -> Iterator[tuple[str, str, list[Cell]]]:
        """Label, hint and a cell for each channel."""
        for kind, duty in DUTIES.items():
            cells = [
                Cell(
                    channel=channel,
                    label=str(Channel(channel).label),
                    field=self[_name(kind, channel)] if _name(kind, channel) in self.fields else None,
                    locked=channel in duty.locked and channel in channels_of(kind),
                )
                for channel in self.channels
            ]
            yield str(Kind(kind).label), duty.hint, cells

    def wanted(self) -> set[tuple[str, str]]:
        return {
            (kind, channel)
            for kind in DUTIES
            for channel in switchable(kind)
            if (
                self.cleaned_data[_name(kind, channel)]
                if channel in self.channels
                else wants(self.preference, kind, channel)
            )
        }


def _name(kind: str, channel: str) -> str:
    return f"{kind}_{channel}"


def lacking(user: User) -> list[str]:
    """What stands in the way of reaching this person, in whole sentences."""
    reasons = [(TRANSPORTS[channel], TRANSPORTS[channel].lacks(user)) for channel in PERSONAL]
    return [
        f"{transport.label}：{reason}，收不到，请联系系统管理员补上。"
        for transport, reason in reasons
        if reason and transport.is_ready
    ]


class RobotForm(forms.Form):
    """The address says the maker and holds the key: nothing else need be copied."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="单位", empty_label="请选择")
    name = forms.CharField(label="群名称", max_length=40, help_text="便于辨认，如：人社局诉求办理群")
    address = forms.CharField(
        label="机器人地址",
        max_length=300,
        help_text="在群里添加机器人后复制它的 Webhook 地址，整条粘贴。地址等同密码，保存后不再显示。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label="加签密钥",
        max_length=100,
        required=False,
        help_text="只有钉钉选了“加签”时填写。飞书请选“自定义关键词”，关键词填“亲清通”。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = units_with_robots(user)

    def clean_address(self) -> str:
        address = self.cleaned_data["address"]
        read_address(address)
        return address

    def clean_secret(self) -> str:
        return self.cleaned_data["secret"].strip()


class UndeliveredForm(forms.Form):
    """What to do, with those ticked or with all that the filter shows."""

    RESEND, SET_ASIDE = "resend", "set_aside"

    action = forms.ChoiceField(choices=[(RESEND, "重发"), (SET_ASIDE, "搁置")])
    everything = forms.BooleanField(required=False)
    chosen = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, shown: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(str(pk), str(pk)) for pk in shown]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("everything") and not data.get("chosen"):
            raise ValidationError("请先勾选要处理的通知。")
        return data
