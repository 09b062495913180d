"""Single values of a setup: a form made from a list, so that a rule is a line of data and no code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, Any

from django import forms

from core.search import normalise
from portal.golive.tables import Choices, Problem

if TYPE_CHECKING:
    from portal.golive.draft import Draft


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    kind: str = "text"
    """text · long · lines · number · share · day · time · yes · choice · choices"""
    path: str = ""
    """Where in the rules it stands; empty: it is no rule."""
    help: str = ""
    needed: bool = False
    options: Choices | None = None
    least: int = 0
    most: int = 999
    pattern: str = ""
    wrong: str = ""
    """What is said where the pattern does not fit."""
    clean: Callable[[str], str] | None = None
    """The text as the pattern wants it, however it was typed: “ｑｌ” is QL."""


@dataclass(frozen=True)
class Fields:
    code: str
    title: str
    fields: tuple[Field, ...]
    help: str = ""
    folded: bool = False
    """Rarely touched: shown folded."""
    initial: Callable[[Draft], Mapping[str, Any]] | None = None
    """Texts of the fields that are no single rule."""

    @property
    def kind(self) -> str:
        return "fields"

    def form(self, draft: Draft, texts: Mapping[str, Any]) -> SetupForm:
        return SetupForm(self, draft, texts)

    def judge(self, draft: Draft, texts: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """The values, and what is wrong with the texts."""
        form = self.form(draft, texts)
        form.is_valid()
        problems = [
            Problem(str(message), self.code, None, field.name, field.label)
            for field in self.fields
            for message in form.errors.get(field.name, [])
        ]
        return form.values(), problems


class SetupForm(forms.Form):
    """Bound to the texts that are kept, so that a page shows what was typed with what is wrong with it."""

    def __init__(self, part: Fields, draft: Draft, texts: Mapping[str, Any]) -> None:
        self.part, self.codes = part, {}
        offered: dict[str, list[tuple[str, str]]] = {}
        for field in part.fields:
            if field.options is not None:
                offered[field.name] = list(field.options(draft))
                self.codes[field.name] = {label: code for code, label in offered[field.name]}
        super().__init__({f"{part.code}-{name}": text for name, text in texts.items()}, prefix=part.code)
        for field in part.fields:
            self.fields[field.name] = _made(field, offered.get(field.name, []))

    def values(self) -> dict[str, Any]:
        """Cleaned, choices by their codes, times and days as JSON has them."""
        found: dict[str, Any] = {}
        for field in self.part.fields:
            if field.name not in self.cleaned_data:
                continue
            value = self.cleaned_data[field.name]
            if field.kind == "choice":
                value = self.codes[field.name].get(value, "")
            elif field.kind == "choices":
                value = [self.codes[field.name][label] for label in value]
            elif field.kind == "lines":
                value = [line.strip() for line in value.splitlines() if line.strip()]
            elif isinstance(value, date | time):
                value = value.isoformat()
            found[field.name] = value
        return found


class _Number(forms.IntegerField):
    def to_python(self, value: Any) -> int | None:
        """Also “3个工作日” and “３天”."""
        if value is None:
            return None
        return super().to_python(re.sub(r"个|工作日|自然日|天|日|次|家|条|号", "", normalise(str(value))))


class _Patterned(forms.RegexField):
    def __init__(self, field: Field, **kwargs: Any) -> None:
        self.clean_text = field.clean
        super().__init__(field.pattern, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return self.clean_text(text) if self.clean_text else text


def _made(field: Field, offered: Sequence[tuple[str, str]]) -> forms.Field:
    usual: dict[str, Any] = {"label": field.label, "help_text": field.help, "required": field.needed}
    if field.needed:
        usual["error_messages"] = {"required": f"请填写{field.label}。"}
    labels = [(label, label) for _, label in offered]
    match field.kind:
        case "number":
            digits = forms.TextInput(attrs={"inputmode": "numeric"})
            return _Number(min_value=field.least, max_value=field.most, widget=digits, **usual)
        case "share":
            return forms.FloatField(min_value=0, max_value=1, **usual)
        case "day":
            return forms.DateField(widget=_DayInput(format="%Y-%m-%d"), **usual)
        case "time":
            return forms.TimeField(widget=_TimeInput(format="%H:%M"), **usual)
        case "yes":
            return forms.BooleanField(**(usual | {"required": False}))
        case "choice":
            usual.setdefault("error_messages", {})
            usual["error_messages"]["invalid_choice"] = (
                f"请重新选择{field.label}：“%(value)s”不在可选的里面。"
            )
            return forms.ChoiceField(choices=[("", "请选择"), *labels], **usual)
        case "choices":
            return forms.MultipleChoiceField(choices=labels, widget=forms.CheckboxSelectMultiple, **usual)
        case "long" | "lines":
            widget = forms.Textarea(attrs={"rows": 4})
            return forms.CharField(max_length=4000, widget=widget, **usual)
    if field.pattern:
        messages = usual.get("error_messages", {}) | {"invalid": field.wrong}
        return _Patterned(field, max_length=min(field.most, 200), **(usual | {"error_messages": messages}))
    return forms.CharField(max_length=200, **usual)


class _DayInput(forms.DateInput):
    input_type = "date"


class _TimeInput(forms.TimeInput):
    input_type = "time"


def as_text(field: Field, value: Any, labels: Mapping[str, str]) -> Any:
    """A value of the rules as it would have been typed."""
    if value is None:
        return ""
    match field.kind:
        case "yes":
            return "on" if value else ""
        case "choice":
            return labels.get(str(value), "")
        case "choices":
            return [labels[code] for code in value if code in labels]
        case "lines":
            return "\n".join(value)
        case "time":
            return str(value)[:5]
    return str(value)
