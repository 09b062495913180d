"""Giving firms to cadres, one or many at a time, handing them on, planning visits, ending."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Official, Post, User
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, found_by_text
from core.wording import speak, spoken
from districts.models import Region
from districts.rotas import MAIN
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, subject_on_roster
from liaisons.models import Assignment
from liaisons.permissions import units_to_assign
from liaisons.selectors import rules_of, with_posts

MOST_COLLEAGUES = 80


class AssignForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    official = forms.ModelChoiceField(
        Official.objects.none(),
        label=spoken("联企干部"),
        required=False,
        widget=forms.HiddenInput,
        help_text="输入姓名查找",
    )
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    kind = forms.ChoiceField(label="类别", required=False)
    part = forms.ChoiceField(label="分工", choices=Assignment.Part.choices, initial=Assignment.Part.LEAD)
    started = forms.DateField(label="开始日期", widget=DayInput, validators=SENSIBLE_DAYS)

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["subject"].user = user
        self.fields["official"].queryset = Official.objects.visible_to(user)
        self.fields["started"].initial = clock.today()
        rules = rules_of(user)
        others = rules.choices("assignment_kinds") if rules else []
        self.fields["kind"].choices = [(MAIN, speak("包保联系")), *others]
        if not others:
            self.fields["kind"].widget = forms.HiddenInput()

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or MAIN

    def clean_official(self) -> Official:
        official = found_by_text(self, "official", self.fields["official"].queryset)
        if official is None:
            raise ValidationError(speak("请选择联企干部。"), code="required")
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


class PlanForm(forms.Form):
    day = forms.DateField(label="计划哪天去", widget=DayInput, validators=SENSIBLE_DAYS)
    note = forms.CharField(label="准备了解的事项", max_length=200, required=False)


def colleagues(user: User, *, region: Region | None = None, unit_id: int | None = None) -> list[Official]:
    """Cadres in office today whom the user assigns, of one unit, or of the units seated in a region."""
    posts = Post.objects.held_on(clock.today()).filter(unit__in=units_to_assign(user))
    if region is not None:
        posts = posts.filter(unit__region=region)
    if unit_id is not None:
        posts = posts.filter(unit=unit_id)
    officials = Official.objects.filter(pk__in=posts.order_by().values("official"))
    return list(with_posts(officials).order_by("id")[:MOST_COLLEAGUES])


def with_load(officials: Sequence[Official], day: date) -> list[tuple[int, str]]:
    """Choices that say what each holds already, so that nobody is given too many."""
    held = Assignment.objects.in_force(day).filter(official__in=officials).order_by()
    loads: dict[int, int] = {}
    for official in held.values_list("official", flat=True):
        loads[official] = loads.get(official, 0) + 1
    choices = []
    for official in officials:
        post = official.post_on(day)
        title = f"（{post.unit.short_name}{post.title}）" if post else ""
        choices.append((official.pk, f"{official.name}{title} 现联系 {loads.get(official.pk, 0)} 家"))
    return choices


class ChoosesOfficials(forms.Form):
    """One cadre found by name, or several colleagues ticked in a list."""

    official = forms.ModelChoiceField(
        Official.objects.none(),
        label="干部",
        required=False,
        widget=forms.HiddenInput,
        help_text="输入姓名查找",
    )
    several = forms.MultipleChoiceField(
        label="平均分给以下干部", required=False, widget=forms.CheckboxSelectMultiple
    )
    ONE, SEVERAL = "one", "several"

    def offer(self, user: User, officials: Sequence[Official]) -> None:
        self.fields["official"].queryset = Official.objects.visible_to(user)
        self.colleagues = {str(official.pk): official for official in officials}
        self.fields["several"].choices = with_load(officials, clock.today())

    def clean_official(self) -> Official | None:
        if self.data.get("way") != self.ONE:
            return None
        official = found_by_text(self, "official", self.fields["official"].queryset)
        if official is None:
            raise ValidationError("请选择干部。", code="required")
        return official

    def clean_several(self) -> list[Official]:
        if self.data.get("way") != self.SEVERAL:
            return []
        if not self.cleaned_data["several"]:
            raise ValidationError("请至少勾选一名干部。", code="required")
        return [self.colleagues[key] for key in self.cleaned_data["several"]]


class ShareForm(ChoosesOfficials):
    """Firms without anybody, given to one cadre or shared out evenly."""

    WAYS = [("one", "都安排给一名干部"), ("several", "平均分给几名干部")]
    CHECKED, ALL = "checked", "all"

    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    which = forms.ChoiceField(
        label="安排哪些", choices=[(CHECKED, "本页勾选的"), (ALL, "符合条件的全部")], widget=forms.RadioSelect
    )
    expected = forms.IntegerField(widget=forms.HiddenInput, required=False)
    firms = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)
    way = forms.ChoiceField(label="安排给谁", choices=WAYS, widget=forms.RadioSelect)
    part = forms.ChoiceField(label="分工", choices=Assignment.Part.choices, initial=Assignment.Part.LEAD)
    started = forms.DateField(label="开始日期", widget=DayInput, validators=SENSIBLE_DAYS)

    field_order = ("which", "way", "official", "several", "part", "started")

    def __init__(
        self,
        *args: Any,
        user: User,
        officials: Sequence[Official],
        shown: Sequence[Enterprise],
        total: int,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.total = total
        self.fields["started"].initial = clock.today()
        self.fields["firms"].choices = [(str(firm.pk), firm.name) for firm in shown]
        self.fields["which"].choices = [
            (self.CHECKED, "本页勾选的"),
            (self.ALL, f"符合条件的全部 {total:,} 家"),
        ]
        self.offer(user, officials)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("which") == self.CHECKED and not data.get("firms") and "firms" not in self.errors:
            self.add_error("which", ValidationError("请在名单中勾选企业。", code="required"))
        if data.get("which") == self.ALL and data.get("expected") != self.total:
            message = f"名单有变化，现在符合条件的是 {self.total:,} 家，请核对后再安排。"
            self.add_error("which", ValidationError(message, code="changed"))
        return data


class HandoverForm(ChoosesOfficials):
    """What one cadre leaves to others."""

    NOBODY = "nobody"
    WAYS = [
        ("one", "移交给一名干部"),
        ("several", "平均分给几名干部"),
        (NOBODY, "暂无人接手（列入覆盖缺口）"),
    ]

    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    assignments = forms.MultipleChoiceField(widget=forms.MultipleHiddenInput, required=False)
    way = forms.ChoiceField(label="移交给谁", choices=WAYS, widget=forms.RadioSelect)
    day = forms.DateField(
        label="移交日期",
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="从这一天起由接手的干部联系；此前的走访和统计不受影响。",
    )
    reason = forms.CharField(label="移交原因", max_length=200, help_text="如：工作调动、退休、分工调整。")

    field_order = ("way", "official", "several", "day", "reason")

    def __init__(
        self,
        *args: Any,
        user: User,
        assignments: Sequence[Assignment],
        officials: Sequence[Official],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.by_pk = {str(assignment.pk): assignment for assignment in assignments}
        self.fields["assignments"].choices = [(key, str(one)) for key, one in self.by_pk.items()]
        self.fields["assignments"].error_messages["invalid_choice"] = "名单有变化，请刷新后再办理。"
        self.fields["day"].initial = clock.today()
        self.offer(user, officials)

    def clean_assignments(self) -> list[Assignment]:
        chosen = self.cleaned_data["assignments"]
        if not chosen:
            raise ValidationError("请勾选要移交的企业、项目。", code="required")
        return [self.by_pk[key] for key in chosen]

    def successors(self) -> dict[int, Official | None]:
        """Who takes which assignment; several share evenly, in the order of the list."""
        data = self.cleaned_data
        chosen = data["assignments"]
        if data["way"] == self.NOBODY:
            return dict.fromkeys([one.pk for one in chosen])
        takers = data["several"] if data["way"] == self.SEVERAL else [data["official"]]
        return {one.pk: takers[place % len(takers)] for place, one in enumerate(chosen)}
