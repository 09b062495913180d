"""Choosing an enterprise or project in a form: the look-up's hidden field, checked against what is visible."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import User
from enterprises.models import Enterprise, Project
from enterprises.selectors import find_exactly

MODELS: dict[str, type[Enterprise] | type[Project]] = {"enterprise": Enterprise, "project": Project}


def subject_key(entry: Enterprise | Project) -> str:
    """What the look-up hands back: "enterprise-12" or "project-3"."""
    return f"{entry._meta.model_name}-{entry.pk}"


def page_of(entry: Enterprise | Project, user: User) -> str:
    """The address of the entry's own page, for whoever may see it; else none."""
    if not type(entry)._default_manager.visible_to(user).filter(pk=entry.pk).exists():
        return ""
    return reverse(f"portal:{entry._meta.model_name}", args=[entry.pk])


def pages_of(entries: Iterable[Enterprise | Project | None], user: User) -> dict[Enterprise | Project, str]:
    """The addresses of those the user may see, in at most two queries."""
    found: dict[Enterprise | Project, str] = {}
    wanted = [entry for entry in entries if entry is not None]
    for model in MODELS.values():
        of_kind = {entry.pk: entry for entry in wanted if isinstance(entry, model)}
        if of_kind:
            visible = (
                model._default_manager.visible_to(user).filter(pk__in=of_kind).values_list("pk", flat=True)
            )
            found |= {of_kind[pk]: reverse(f"portal:{model._meta.model_name}", args=[pk]) for pk in visible}
    return found


class SubjectField(forms.Field):
    """Cleans to an Enterprise, a Project or None. Set ``user`` in the form's ``__init__``.

    Without JavaScript the typed words arrive as ``<name>_text``; what to make of them is the form's to say.
    """

    widget = forms.HiddenInput
    default_error_messages = {
        "required": "请选择企业或项目。",
        "unknown": "请从列出的企业或项目中选择一个。",
    }

    def __init__(self, *, user: User | None = None, **kwargs: Any) -> None:
        self.user = user
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return subject_key(value) if isinstance(value, Enterprise | Project) else value

    def to_python(self, value: Any) -> Enterprise | Project | None:
        text = str(value or "").strip()
        if not text:
            return None
        assert self.user is not None, "SubjectField needs the user whose entries may be chosen"
        kind, _, key = text.partition("-")
        found: Enterprise | Project | None = None
        if kind in MODELS and key.isascii() and key.isdigit() and len(key) < 19:
            visible = MODELS[kind]._default_manager.visible_to(self.user)
            found = visible.filter(pk=key).select_related("region").first()
        if isinstance(found, Enterprise) and found.merged_into_id:
            # Chosen before the two were merged, in a draft perhaps: the kept firm is meant.
            visible = Enterprise.objects.visible_to(self.user).filter(pk=found.merged_into_id)
            found = visible.select_related("region").first()
        if found is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")


def subject_on_roster(form: forms.Form, name: str, user: User) -> Enterprise | Project | None:
    """What a :class:`SubjectField` means: what was chosen, or, without JavaScript, the very name or code typed."""
    subject = form.cleaned_data.get(name)
    typed = str(form.data.get(f"{form.add_prefix(name)}_text", "")).strip()
    if subject is None and typed:
        subject = find_exactly(user=user, text=typed)
        if subject is None:
            message = f"没有找到“{typed[:30]}”，请从候选中选择，或填写全称、代码。"
            raise ValidationError(message, code="unknown")
    if subject is not None and not subject.active:
        raise ValidationError(f"“{subject.name}”已不在册。", code="inactive")
    return subject


def shown_subject(form: forms.BaseForm, name: str = "subject") -> str:
    """The name beside the hidden choice, as long as it is one the user may make."""
    try:
        chosen = form.fields[name].clean(form[name].value())
    except ValidationError:
        return ""
    return chosen.name if chosen else ""
