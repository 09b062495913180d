"""Planning an event, calling it off, its rota, and the tasks decided there."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q
from django.utils import timezone

from accounts.models import Official, Unit, User
from appeals.models import Cluster
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, SeveralField, found_by_text
from districts.profile import Rules
from liaisons.models import EventTask, ServiceEvent
from liaisons.permissions import organisers
from liaisons.selectors import with_posts
from liaisons.services.event_rules import Plan
from liaisons.services.event_tasks import MOST_CONTENT, MOST_RESULT
from portal.forms.sitting_rows import OfficialRow, rows_of

USUAL_START, USUAL_END = time(9, 0), time(11, 30)
NO_ORGANISER = "请选择承办单位，没有承办单位的活动不能安排。"


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


def moment(day: date, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


def take_errors(form: forms.Form, error: ValidationError, fields: Mapping[str, str] | None = None) -> None:
    """What a service refused, beside the fields it is about; ``fields``: where the form calls them otherwise."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, messages in error.message_dict.items():
        name = (fields or {}).get(name, name)
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, messages)


class PlanForm(forms.Form):
    CALLED = {"starts_at": "day", "ends_at": "ends"}

    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    kind = forms.ChoiceField(label="活动类别")
    title = forms.CharField(label="名称", max_length=80, required=False, help_text="不填即用活动类别的名称。")
    topic = forms.CharField(label="主题", max_length=200, required=False)
    clusters = SeveralField(
        Cluster.objects.none(),
        label="共性问题",
        required=False,
        help_text="活动要谈的共性问题，会后在这类问题的页面也能看到。",
    )
    day = forms.DateField(label="日期", widget=DayInput, validators=SENSIBLE_DAYS)
    starts = forms.TimeField(label="开始", widget=TimeInput, initial=USUAL_START)
    ends = forms.TimeField(label="结束", widget=TimeInput, initial=USUAL_END)
    place = forms.CharField(
        label="地点", max_length=120, required=False, help_text="还没有定的可以先不填，公示前再补。"
    )
    organiser = forms.ModelChoiceField(
        Unit.objects.none(), label="承办单位", empty_label="请选择", error_messages={"required": NO_ORGANISER}
    )
    leader = forms.ModelChoiceField(
        Official.objects.none(),
        label="带班领导",
        required=False,
        widget=forms.HiddenInput,
        help_text="输入姓名查找",
    )
    units = SeveralField(Unit.objects.none(), label="参加单位", required=False)
    phone = forms.CharField(
        label="咨询电话", max_length=30, required=False, help_text="不填即公示承办单位的对外电话。"
    )
    notes = forms.CharField(
        label="会前准备",
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="拟邀请的企业、收集的诉求、分工等，只在内部可见。",
    )

    def __init__(
        self,
        *args,
        user: User,
        rules: Rules,
        event: ServiceEvent | None = None,
        initial=None,
        offered=(),
        **kwargs,
    ) -> None:
        """``offered``: kinds of problems to choose from, beside those chosen already."""
        super().__init__(*args, initial=(_initial_of(event) if event else {}) | (initial or {}), **kwargs)
        self.fields["kind"].choices = [("", "请选择"), *rules.choices("event_kinds")]
        units = Unit.objects.of_district(user.unit.district).active()
        own = organisers(user)
        if event is not None:
            own = own | Unit.objects.filter(pk=event.organiser_id)
        self.fields["organiser"].queryset = own
        if "organiser" not in self.initial:
            self.initial["organiser"] = user.unit_id
        self.fields["leader"].queryset = with_posts(Official.objects.visible_to(user))
        self.fields["units"].queryset = units
        chosen = event.cluster_topics.values("cluster") if event else []
        clusters = Cluster.objects.visible_to(user).filter(district=user.unit.district_id)
        self.fields["clusters"].queryset = clusters.filter(
            Q(pk__in=list(offered), state=Cluster.State.ACTIVE) | Q(pk__in=chosen)
        ).order_by("title", "pk")

    def clean_leader(self) -> Official | None:
        return found_by_text(self, "leader", self.fields["leader"].queryset)

    def as_plan(self) -> Plan:
        data = self.cleaned_data
        same = ("kind", "title", "topic", "place", "organiser", "leader", "units", "phone", "notes")
        return Plan(
            starts_at=moment(data["day"], data["starts"]),
            ends_at=moment(data["day"], data["ends"]),
            **{name: data[name] for name in same},
        )

    @property
    def chosen_units(self) -> int:
        return len(self["units"].value() or [])

    @property
    def has_clusters(self) -> bool:
        """Is there any kind of problem to choose?"""
        return bool(list(self["clusters"]))

    @property
    def month(self) -> int:
        """Of the day that is filled in; this month's where there is none yet."""
        value = self["day"].value()
        try:
            day = value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            day = clock.today()
        return day.month


def _initial_of(event: ServiceEvent) -> dict[str, Any]:
    same = ("kind", "title", "topic", "place", "phone", "notes")
    start = timezone.localtime(event.starts_at)
    return {name: getattr(event, name) for name in same} | {
        "day": start.date(),
        "starts": start.time(),
        "ends": timezone.localtime(event.ends_at).time(),
        "organiser": event.organiser_id,
        "leader": event.leader_id,
        "units": list(event.units.values_list("pk", flat=True)),
        "clusters": list(event.cluster_topics.values_list("cluster", flat=True)),
    }


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="取消原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="已公示的活动，取消原因一并对外显示。",
    )


class DutyRow(OfficialRow):
    """One official on duty; ``name`` in the initial data is shown without asking again."""

    def prepare(self) -> None:
        super().prepare()
        self.fields["official"].label = "值守人员"

    @property
    def chosen_text(self) -> str:
        return "" if self.is_bound else str(self.initial.get("name", ""))


DUTIES = rows_of(DutyRow, 3, 40)


class TaskForm(forms.Form):
    """A decision put right."""

    content = forms.CharField(
        label="议定事项", max_length=MOST_CONTENT, widget=forms.Textarea(attrs={"rows": 3})
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), label="责任单位", empty_label="请选择")
    due = forms.DateField(label="完成时限", widget=DayInput, validators=SENSIBLE_DAYS)

    def __init__(self, *args, user: User, task: EventTask, **kwargs) -> None:
        initial = {"content": task.content, "unit": task.unit_id, "due": task.due}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["unit"].queryset = Unit.objects.of_district(user.unit.district).active()


class CompleteForm(forms.Form):
    result = forms.CharField(
        label="完成情况",
        max_length=MOST_RESULT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="怎样办的，结果如何。填报后承办单位会收到通知。",
    )


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label="还差什么", max_length=MOST_CONTENT, widget=forms.Textarea(attrs={"rows": 2})
    )
