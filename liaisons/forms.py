"""Starting and ending an assignment."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator

from accounts.models import Official, User
from core import clock
from core.search import SearchQuerySet
from enterprises.models import Enterprise, Project
from enterprises.selectors import find_exactly
from enterprises.subjects import SubjectField
from liaisons.models import Assignment

SENSIBLE_DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


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


class AssignForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    official = forms.ModelChoiceField(
        Official.objects.none(),
        label="联企干部",
        required=False,
        widget=forms.HiddenInput,
        help_text="输入姓名查找",
    )
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    part = forms.ChoiceField(label="分工", choices=Assignment.Part.choices, initial=Assignment.Part.LEAD)
    started = forms.DateField(label="开始日期", widget=DayInput, validators=SENSIBLE_DAYS)

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["subject"].user = user
        self.fields["official"].queryset = Official.objects.visible_to(user)
        self.fields["started"].initial = clock.today()

    def clean_official(self) -> Official:
        official = found_by_text(self, "official", self.fields["official"].queryset)
        if official is None:
            raise ValidationError("请选择联企干部。", code="required")
        return official

    def clean_subject(self) -> Enterprise | Project:
        subject = subject_on_roster(self, "subject", self.user)
        if subject is None:
            raise ValidationError("请选择企业或重点项目。", code="required")
        return subject


class EndForm(forms.Form):
    ended = forms.DateField(
        label="结束日期",
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="从这一天起不再联系；此前的走访和统计不受影响。",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ended"].initial = clock.today()
