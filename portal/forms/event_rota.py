"""值班排期: the coming days of a weekly event as rows, filled in by names as they stand in a message or a sheet."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory

from accounts.models import Official, Unit, User
from core.fields import SENSIBLE_DAYS, SeveralField, found_by_text
from districts.profile import Rules
from liaisons.named import Named
from liaisons.permissions import organisers
from liaisons.selectors import with_posts
from liaisons.services.event_rules import Plan
from liaisons.services.events import RotaLine
from portal.forms.events import NO_ORGANISER, USUAL_END, USUAL_START, TimeInput, moment


class RotaStartForm(forms.Form):
    """Which weekly event, at what time, and whose turn it is, one after the other."""

    kind = forms.ChoiceField(label="活动类别")
    starts = forms.TimeField(label="开始", widget=TimeInput, initial=USUAL_START)
    ends = forms.TimeField(label="结束", widget=TimeInput, initial=USUAL_END)
    organisers = SeveralField(Unit.objects.none(), label="轮流承办的单位", required=False)

    def __init__(self, *args, user: User, rules: Rules, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        weekly = [(kind.code, kind.label) for kind in rules.events.kinds if kind.weekday is not None]
        self.fields["kind"].choices = weekly
        if self.initial.get("kind") not in dict(weekly):
            self.initial["kind"] = weekly[0][0] if weekly else ""
        own = organisers(user)
        # “会同区经开区、各乡镇办”: those that keep a roster of their own take turns.
        turns = own.filter(kind__in=rules.roster.unit_kinds) or own
        self.fields["organisers"].queryset = turns
        self.initial.setdefault("organisers", [unit.pk for unit in turns])


class RotaOffers(Named):
    """What every row offers, read once for the whole page."""

    def __init__(self, user: User) -> None:
        super().__init__(user)
        self.organisers = list(organisers(user))


class RotaRow(forms.Form):
    CALLED = {"starts_at": "starts", "ends_at": "ends"}

    day = forms.DateField(widget=forms.HiddenInput, validators=SENSIBLE_DAYS)
    wanted = forms.BooleanField(label="安排这一天", required=False)
    organiser = forms.ModelChoiceField(
        Unit.objects.none(),
        label="承办单位",
        empty_label="请选择",
        required=False,
        error_messages={"required": NO_ORGANISER},
    )
    starts = forms.TimeField(label="开始", widget=TimeInput, required=False)
    ends = forms.TimeField(label="结束", widget=TimeInput, required=False)
    place = forms.CharField(label="地点", max_length=120, required=False)
    leader = forms.ModelChoiceField(
        Official.objects.none(), label="带班领导", required=False, widget=forms.HiddenInput
    )
    units = forms.CharField(label="参加单位", max_length=600, required=False)
    officials = forms.CharField(label="值守人员", max_length=600, required=False)

    def __init__(self, *args, offers: RotaOffers, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.offers = offers
        field = self.fields["organiser"]
        field.queryset = organisers(offers.user)
        field.choices = [("", "请选择"), *((unit.pk, str(unit)) for unit in offers.organisers)]
        self.fields["leader"].queryset = with_posts(Official.objects.visible_to(offers.user))

    def clean_leader(self) -> Official | None:
        return found_by_text(self, "leader", self.fields["leader"].queryset)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("wanted"):
            self.errors.clear()
            return data
        if self.errors.pop("day", None):
            self.add_error(None, ValidationError("日期不对，请刷新页面后重新排。", code="day"))
        for name, message in (
            ("organiser", NO_ORGANISER),
            ("starts", "请填写开始时间。"),
            ("ends", "请填写结束时间。"),
        ):
            if name not in self.errors and not data.get(name):
                self.add_error(name, ValidationError(message, code="required"))
        self._read(data, "units", lambda text: self.offers.units_named(text))
        if data.get("day"):
            self._read(data, "officials", lambda text: self.offers.officials_named(text, data["day"]))
        return data

    def _read(self, data: dict[str, Any], name: str, read) -> None:
        try:
            data[f"{name}_named"] = read(data.get(name, ""))
        except ValidationError as error:
            self.add_error(name, error)

    def as_line(self, kind: str) -> RotaLine:
        data = self.cleaned_data
        plan = Plan(
            kind=kind,
            starts_at=moment(data["day"], data["starts"]),
            ends_at=moment(data["day"], data["ends"]),
            organiser=data["organiser"],
            place=data["place"],
            leader=data["leader"],
            units=data["units_named"],
        )
        return RotaLine(plan=plan, officials=data["officials_named"])


ROTA = formset_factory(RotaRow, formset=BaseFormSet, extra=0, max_num=20, absolute_max=20)


def initial_rows(
    days: Iterable[date], start: dict[str, Any], taken: set[date], places: dict[int, str], before: int | None
) -> list[dict[str, Any]]:
    """The rows as the planner first sees them: whose turn it is, where they met last.

    Whoever comes after ``before``, the organiser of the last such event, is next; days already taken use up no turn.
    """
    turns = list(start.get("organisers") or [])
    place = next((number + 1 for number, unit in enumerate(turns) if unit.pk == before), 0)
    rows = []
    for day in days:
        unit = turns[place % len(turns)] if turns else None
        place += day not in taken
        rows.append(
            {
                "day": day,
                "wanted": day not in taken,
                "organiser": unit.pk if unit else None,
                "starts": start["starts"],
                "ends": start["ends"],
                "place": places.get(unit.pk, "") if unit else "",
            }
        )
    return rows
