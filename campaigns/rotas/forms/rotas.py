"""Planning a month's rota, one duty by hand, swapping, recording, and a rota as a sheet."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Unit, User
from appeals.models import Appeal
from campaigns.models import Duty
from campaigns.rotas.forms.page import PageForm, WithOfficial, official_field, unit_field
from campaigns.rotas.people import units_named
from campaigns.rotas.planning import RotaDay, Turn
from campaigns.rotas.services.rotas import MOST_COUNT, Line
from core.fields import SENSIBLE_DAYS, DayInput, SeveralField
from core.uploads import check_upload
from districts.models import Region
from districts.rotas import RotaKind
from liaisons.named import Named, split_names

MOST_NUMBERS = 30


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class PlanMonthForm(PageForm):
    """Which days, and who takes turns: people by name, or units that send somebody."""

    days = forms.MultipleChoiceField(
        label="哪些日子",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="法定节假日没有勾选；调休上班的已标明。",
    )
    people = forms.CharField(
        label="轮流值班的人员",
        required=False,
        max_length=800,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="姓名用顿号隔开，同名的写“姓名（单位简称）”。近三个月值班少的先排。",
    )
    units = SeveralField(
        Unit.objects.none(), label="或轮流值班的单位", required=False, help_text="由单位再确定值班人。"
    )
    wide = ("days", "people", "units")

    def __init__(
        self, *args: Any, user: User, kind: RotaKind, month: date, days: list[RotaDay], **kwargs: Any
    ) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.month = month
        self.fields["days"].choices = [
            (one.day.isoformat(), f"{one.day:%m月%d日}" + (f"（{one.warning}）" if one.warning else ""))
            for one in days
        ]
        self.initial.setdefault("days", [one.day.isoformat() for one in days if not one.is_off])
        assert user.unit is not None
        self.fields["units"].queryset = turn_units(user.unit.district, kind)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        turns = [Turn(unit) for unit in data.get("units") or []]
        if text := data.get("people", ""):
            try:
                turns = [*self._people(text), *turns]
            except ValidationError as error:
                self.add_error("people", error)
        if not turns and not self.errors:
            self.add_error("people", ValidationError("请填写人员，或勾选单位。", code="required"))
        if not data.get("days") and "days" not in self.errors:
            self.add_error("days", ValidationError("请至少选择一天。", code="required"))
        data["turns"] = turns
        return data

    def _people(self, text: str) -> list[Turn]:
        turns = []
        for official in Named(self.user).officials_named(text, self.month):
            post = official.post_on(self.month)
            if post is None:
                raise ValidationError(f"{official.name}在当月没有任职记录。", code="post")
            turns.append(Turn(post.unit, official))
        return turns

    def chosen_days(self) -> list[date]:
        return [date.fromisoformat(day) for day in self.cleaned_data["days"]]


def turn_units(district: Region, kind: RotaKind):
    """The units the profile names for this kind; every active one where it names none."""
    if kind.unit_kinds or kind.units:
        return units_named(district, kind.unit_kinds, kind.units)
    return Unit.objects.of_district(district).active()


class DutyForm(WithOfficial):
    official_needed = False

    day = forms.DateField(label="日期", widget=DayInput, validators=SENSIBLE_DAYS)
    unit = unit_field("单位")
    official = official_field("值班人", required=False)
    begins = forms.TimeField(label="开始", widget=TimeInput)
    ends = forms.TimeField(label="结束", widget=TimeInput)
    place = forms.CharField(label="地点", max_length=120, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        assert user.unit is not None
        self.fields["unit"].queryset = Unit.objects.of_district(user.unit.district).active()

    def as_line(self) -> Line:
        data = self.cleaned_data
        return Line(**{name: data[name] for name in ("day", "unit", "official", "begins", "ends", "place")})


class SubstituteForm(WithOfficial):
    official = official_field("由谁值班")
    reason = forms.CharField(
        label="原因", max_length=200, required=False, help_text="换人的必填；单位第一次确定值班人的可不填。"
    )


class SwapForm(PageForm):
    other = forms.ModelChoiceField(
        Duty.objects.none(),
        label="与哪一班对调",
        empty_label="请选择",
        error_messages={"required": "请选择对调的一班。"},
    )
    reason = forms.CharField(label="原因", max_length=200, error_messages={"required": "请填写原因。"})

    def __init__(self, *args: Any, user: User, duty: Duty, others: list[Duty], **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        field = self.fields["other"]
        field.queryset = Duty.objects.filter(pk__in=[one.pk for one in others])
        field.choices = [("", "请选择"), *((one.pk, _as_choice(one)) for one in others)]


def _as_choice(duty: Duty) -> str:
    person = f" {duty.person.name}" if duty.person else ""
    return f"{duty.day:%m月%d日} {duty.begins:%H:%M} {duty.unit.short_name}{person}"


class RecordDutyForm(PageForm):
    came = forms.TypedChoiceField(
        label="是否到岗",
        choices=[("yes", "到岗"), ("no", "没有到岗")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )
    received = forms.IntegerField(label="接待（人次）", min_value=0, max_value=MOST_COUNT, initial=0)
    solved = forms.IntegerField(label="当场解决（件）", min_value=0, max_value=MOST_COUNT, initial=0)
    numbers = forms.CharField(
        label="登记的诉求编号",
        max_length=600,
        required=False,
        help_text="当场没有解决、已登记为企业诉求的，填诉求编号，用顿号隔开。",
    )
    notes = forms.CharField(
        label="接待情况", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    wide = ("came", "numbers", "notes")

    def clean_numbers(self) -> list[Appeal]:
        numbers = [number.upper() for number in split_names(self.cleaned_data["numbers"])]
        if len(numbers) > MOST_NUMBERS:
            raise ValidationError(f"一次最多填 {MOST_NUMBERS} 件。", code="many")
        found = {
            appeal.number: appeal
            for appeal in Appeal.objects.visible_to(self.user).filter(number__in=numbers).exclude(number="")
        }
        if unknown := [number for number in numbers if number not in found]:
            raise ValidationError(f"没有找到诉求 {unknown[0]}，请核对编号。", code="unknown")
        return list(found.values())


class SheetForm(PageForm):
    file = forms.FileField(
        label="排班表（.xlsx）", help_text="表头须有：日期、单位；可有：值班人、开始、结束、地点。"
    )

    def clean_file(self) -> UploadedFile:
        upload: UploadedFile = self.cleaned_data["file"]
        if not (upload.name or "").lower().endswith(".xlsx"):
            raise ValidationError("请上传 .xlsx 文件。", code="type")
        check_upload(upload)
        return upload
