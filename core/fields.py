"""Small parts of forms and filters that every room uses: days, figures as people type them, look-ups."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from core.search import SearchQuerySet, normalise
from core.wording import spoken, written

# What every database and clock can take.
SENSIBLE_DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))]


class TakesErrors(forms.BaseForm):
    """A form whose service has the last word."""

    def take_errors(self, error: ValidationError) -> None:
        """Show what the service refused beside the fields."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error.messages)
            return
        for name, messages in error.message_dict.items():
            self.add_error(name if name in self.fields else None, messages)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class SeveralField(forms.ModelMultipleChoiceField):
    """Boxes to tick. A number that no database can take is, like any other, no valid choice."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        if too_long := [pk for pk in value or [] if len(str(pk)) > 18]:
            message = self.error_messages["invalid_choice"]
            raise ValidationError(message, code="invalid_choice", params={"value": too_long[0]})
        return super().clean(value)


class FigureField(forms.DecimalField):
    """A figure as people type it: full-width digits and thousands separators are understood."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages = {
        "invalid": "请填数字。",
        "min_value": "不能小于 %(limit_value)s。",
        "max_digits": "数字太大。",
        "max_whole_digits": "数字太大。",
        "max_decimal_places": "最多 %(max)s 位小数。",
    }

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = normalise(value).replace(",", "").replace(" ", "")
        return super().to_python(value)


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


# --- Fields every form makes ----------------------------------------------------------------------


def token_field() -> forms.CharField:
    """Makes a form do its work once, however often it is sent (:mod:`core.tokens`)."""
    return forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


def text_field(
    label: str, most: int, *, required: bool = True, hint: str = "", rows: int = 0, missing: str = ""
) -> forms.CharField:
    """One line, or an area of ``rows`` lines; ``missing``: what to say where it is empty."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(
        label=label, max_length=most, required=required, help_text=hint, widget=widget,
        error_messages={"required": missing or spoken(f"请填写{written(label)}。")},
    )  # fmt: skip


def phone_field(*, required: bool = True, hint: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})
    return forms.CharField(label="联系电话", max_length=30, required=required, help_text=hint, widget=widget)


def day_field(label: str, *, required: bool = True, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=DayInput, validators=SENSIBLE_DAYS, help_text=hint,
        error_messages={"required": spoken(f"请填写{written(label)}。"), "invalid": "请填写日期，如 2026-11-30。"},
    )  # fmt: skip


def choice_field(label: str, *, required: bool = True, hint: str = "") -> forms.ChoiceField:
    """The form sets the choices: they are of the district's profile."""
    return forms.ChoiceField(
        label=label,
        required=required,
        help_text=hint,
        error_messages={"required": spoken(f"请选择{written(label)}。")},
    )


def money_field(label: str, *, required: bool = True, hint: str = "") -> FigureField:
    """An amount in 万元, to the hundred yuan."""
    return FigureField(
        label=label, required=required, max_digits=12, decimal_places=2, help_text=hint,
        error_messages={
            "required": spoken(f"请填写{written(label).partition('（')[0]}。"),
            "invalid": "请填数字，以万元为单位：1.2亿元填 12000。",
        },
    )  # fmt: skip


def found_by_text(form: forms.Form, name: str, queryset: SearchQuerySet) -> Any:
    """What a look-up field means: what was chosen, or, without JavaScript, the only match of what was typed."""
    chosen = form.cleaned_data.get(name)
    if chosen is not None:
        return chosen
    typed = str(form.data.get(f"{form.add_prefix(name)}_text", "")).strip()
    if not typed:
        return None
    found = list(queryset.search(typed)[:2])
    if len(found) == 1:
        return found[0]
    raise ValidationError(
        f"“{typed[:30]}”对应不止一个，请从候选中选择。"
        if found
        else f"没有找到“{typed[:30]}”，请换个词再查。",
        code="lookup",
    )


def day_filter(label: str, method: str) -> django_filters.DateFilter:
    """A day in a range of days."""
    return django_filters.DateFilter(label=label, method=method, widget=DayInput, validators=SENSIBLE_DAYS)
