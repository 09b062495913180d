"""A form that is a page of its own: fields in their order, look-ups where a search box chooses, sent once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.urls import reverse

from accounts.models import Official, Unit, User
from core.fields import TakesErrors, found_by_text
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, shown_subject, subject_on_roster

LOOKUPS = {"official": "liaisons:official_lookup", "subject": "enterprises:lookup"}


@dataclass(frozen=True)
class FormLine:
    """One field as the page lays it out."""

    bound: BoundField
    lookup: str = ""
    shown: str = ""
    css: str = ""


class PageForm(TakesErrors, forms.Form):
    """``wide``: the fields that take the whole width. Needs the user for what may be chosen."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    wide: tuple[str, ...] = ()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for field in self.fields.values():
            if isinstance(field, SubjectField):
                field.user = user

    def lines(self) -> Iterator[FormLine]:
        for name, field in self.fields.items():
            if name == "token":
                continue
            if name in LOOKUPS:
                yield FormLine(self[name], reverse(LOOKUPS[name]), shown_subject(self, name))
            elif not field.widget.is_hidden:
                yield FormLine(self[name], css="field-wide" if name in self.wide else "")

    def hidden(self) -> list[BoundField]:
        return [bound for bound in self.hidden_fields() if bound.name not in LOOKUPS]


def official_field(label: str, *, required: bool = True) -> forms.ModelChoiceField:
    """A search box for an official; :class:`WithOfficial` offers whom."""
    return forms.ModelChoiceField(
        Official.objects.none(),
        label=label,
        required=False,
        widget=forms.HiddenInput,
        help_text="输入姓名查找" if required else "可不填。输入姓名查找",
    )


class WithOfficial(PageForm):
    official_needed = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["official"].queryset = Official.objects.visible_to(self.user)

    def clean_official(self) -> Official | None:
        official = found_by_text(self, "official", self.fields["official"].queryset)
        if official is None and self.official_needed:
            raise ValidationError(f"请选择{self.fields['official'].label}。", code="required")
        return official


class WithSubject(PageForm):
    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)


def unit_field(label: str, **more: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Unit.objects.none(),
        label=label,
        empty_label="请选择",
        error_messages={"required": f"请选择{label}。"},
        **more,
    )


def month_choice(label: str, **more: Any) -> forms.CharField:
    """A month as browsers send it: 2026-11."""
    widget = forms.TextInput(attrs={"type": "month", "autocomplete": "off"})
    return forms.CharField(label=label, widget=widget, max_length=7, **more)
