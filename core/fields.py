"""Small parts of forms and filters that every room uses: days, figures as people type them, look-ups."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from core.search import SearchQuerySet, normalise

# What every database and clock can take.
SENSIBLE_DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))]


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
