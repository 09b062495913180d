"""What the lists of assignments and visits can be narrowed to. The filter stays in the address."""

from datetime import timedelta

import django_filters
from django import forms
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Official, Post, Unit
from core import clock
from core.fields import day_filter
from core.search import normalise
from core.wording import speak, spoken
from districts.models import Region
from districts.querysets import scope
from districts.rotas import MAIN
from enterprises.models import Enterprise, Project, Tier
from liaisons.cadence import start_of
from liaisons.event_calendar import first_of, within_month
from liaisons.models import (
    Assignment,
    EventTask,
    Handover,
    LiaisonOfficer,
    Opinion,
    Plaque,
    ServiceEvent,
    Visit,
    VisitRequest,
)
from liaisons.selectors import rules_of

TIERS = [*Tier.choices, ("project", "重点项目")]


def visible_units(request: HttpRequest):
    return Unit.objects.visible_to(request.user)


def regions_below(request: HttpRequest):
    """The townships and parks the user's district consists of."""
    if request.user.unit is None:
        return Region.objects.none()
    return Region.objects.filter(
        scope(request.user.unit.widest_region, ""), level__in=[Region.Level.TOWNSHIP, Region.Level.PARK]
    )


class AssignmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="企业或项目", method="by_subject", max_length=60)
    official = django_filters.CharFilter(label=spoken("联企干部"), method="by_official", max_length=30)
    unit = django_filters.ModelChoiceFilter(
        label="干部所在单位", queryset=visible_units, empty_label="全部单位"
    )
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=regions_below, method="by_region", empty_label="全部"
    )
    tier = django_filters.ChoiceFilter(label="层级", choices=TIERS, method="by_tier", empty_label="全部")
    kind = django_filters.ChoiceFilter(
        label="类别", choices=[], method="skip", empty_label=spoken("包保联系")
    )
    day = day_filter("哪天在联系（空为今天）", "skip")
    state = django_filters.ChoiceFilter(
        label="状态", choices=[("all", "全部，含已结束")], method="skip", empty_label="当天在联系"
    )

    class Meta:
        model = Assignment
        fields = ["q", "official", "unit", "region", "tier", "kind", "day", "state"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rules = rules_of(self.request.user)
        kinds = rules.choices("assignment_kinds") if rules else []
        if kinds and "kind" in self.filters:
            self.filters["kind"].extra |= {"choices": kinds, "empty_label": speak("包保联系")}
        else:
            self.filters.pop("kind", None)

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        found = found.filter(kind=self.form.cleaned_data.get("kind") or MAIN)
        if self.form.cleaned_data.get("state") == "all":
            return found
        return found.in_force(self.form.cleaned_data.get("day"))

    def by_subject(self, queryset, name, value):
        enterprises, projects = Enterprise.objects.search(value), Project.objects.search(value)
        return queryset.filter(Q(enterprise__in=enterprises.order_by()) | Q(project__in=projects.order_by()))

    def by_official(self, queryset, name, value):
        return queryset.filter(official__in=Official.objects.search(value).order_by())

    def by_region(self, queryset, name, value):
        return queryset.filter(scope(value))

    def by_tier(self, queryset, name, value):
        return (
            queryset.filter(project__isnull=False)
            if value == "project"
            else queryset.filter(enterprise__tier=value)
        )

    def skip(self, queryset, name, value):
        """Applied in ``filter_queryset``, since it also holds when nothing is chosen."""
        return queryset


class BehindFilter(AssignmentFilter):
    """Of those behind today, so without day and state."""

    kind = None
    day = None
    state = None

    class Meta:
        model = Assignment
        fields = ["q", "official", "unit", "region", "tier"]


class KindFilter(BehindFilter):
    """Of one other kind of assignments, by whether somebody was there in the running period."""

    visited = django_filters.BooleanFilter(
        label="走访情况",
        field_name="is_visited",
        widget=forms.Select(choices=[("", "全部"), ("true", "已走访"), ("false", "待走访")]),
    )

    class Meta:
        model = Assignment
        fields = ["q", "official", "unit", "region", "tier", "visited"]

    def filter_queryset(self, queryset):
        # Past AssignmentFilter, which knows days and kinds.
        return django_filters.FilterSet.filter_queryset(self, queryset)


class UncoveredFilter(django_filters.FilterSet):
    """Firms nobody looks after yet."""

    q = django_filters.CharFilter(label="企业", method="search", max_length=60)
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=regions_below, method="by_region", empty_label="全部"
    )
    tier = django_filters.ChoiceFilter(label="层级", choices=Tier.choices, empty_label="全部")

    class Meta:
        model = Enterprise
        fields = ["q", "region", "tier"]

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_region(self, queryset, name, value):
        return queryset.filter(scope(value))


class VisitFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="企业、项目或走访内容", method="search", max_length=60)
    unit = django_filters.ModelChoiceFilter(
        label="填报单位", field_name="reporting_unit", queryset=visible_units, empty_label="全部单位"
    )
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=regions_below, method="by_region", empty_label="全部"
    )
    kind = django_filters.ChoiceFilter(label="联系方式", empty_label="全部")
    rank_group = django_filters.ChoiceFilter(label="参与领导", method="by_rank_group", empty_label="全部")
    since = day_filter("从", "from_day")
    until = day_filter("到", "to_day")
    mine = django_filters.ChoiceFilter(
        label="参与人", choices=[("yes", "我参加的")], method="by_me", empty_label="全部"
    )

    class Meta:
        model = Visit
        fields = ["q", "unit", "region", "kind", "rank_group", "since", "until", "mine"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules = rules_of(self.request.user)
        self.filters["kind"].extra["choices"] = rules.choices("visit_kinds") if rules else []
        self.filters["rank_group"].extra["choices"] = rules.choices("rank_groups") if rules else []

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_region(self, queryset, name, value):
        return queryset.filter(scope(value))

    def by_rank_group(self, queryset, name, value):
        present = Visit.objects.filter(participants__rank_group=value)
        return queryset.filter(pk__in=present.order_by().values("pk"))

    def from_day(self, queryset, name, value):
        return queryset.filter(occurred_at__gte=start_of(value))

    def to_day(self, queryset, name, value):
        return queryset.filter(occurred_at__lt=start_of(value + timedelta(days=1)))

    def by_me(self, queryset, name, value):
        mine = Visit.objects.filter(participants__official=self.request.user.official_id or 0)
        return queryset.filter(Q(pk__in=mine.order_by().values("pk")) | Q(recorded_by=self.request.user))


class OfficerFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="姓名、职务或单位", method="search", max_length=60)
    unit = django_filters.ModelChoiceFilter(label="单位", queryset=visible_units, empty_label="全部单位")
    day = day_filter("哪天在任（空为今天）", "skip")

    class Meta:
        model = LiaisonOfficer
        fields = ["q", "unit", "day"]

    def filter_queryset(self, queryset):
        return super().filter_queryset(queryset).in_force(self.form.cleaned_data.get("day"))

    def search(self, queryset, name, value):
        """A short table: it needs no index of its own."""
        for word in normalise(value).split()[:5]:
            queryset = queryset.filter(
                Q(name__icontains=word)
                | Q(title__icontains=word)
                | Q(note__icontains=word)
                | Q(unit__name__icontains=word)
                | Q(unit__short_name__icontains=word)
            )
        return queryset

    def skip(self, queryset, name, value):
        """Applied in ``filter_queryset``, since it also holds when nothing is chosen."""
        return queryset


class OpinionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="意见建议、答复或企业", method="search", max_length=60)
    unit = django_filters.ModelChoiceFilter(label="听取单位", queryset=visible_units, empty_label="全部单位")
    passed_to = django_filters.ModelChoiceFilter(
        label="主管部门", queryset=visible_units, empty_label="全部部门"
    )
    handling = django_filters.ChoiceFilter(
        label="处理方式", choices=Opinion.Handling.choices, empty_label="全部"
    )
    answered = django_filters.ChoiceFilter(
        label="答复", choices=[("no", "待答复"), ("yes", "已答复")], method="by_answer", empty_label="全部"
    )
    since = day_filter("从", "from_day")
    until = day_filter("到", "to_day")

    class Meta:
        model = Opinion
        fields = ["q", "unit", "passed_to", "handling", "answered", "since", "until"]

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_answer(self, queryset, name, value):
        return queryset.filter(answered_at__isnull=value == "no")

    def from_day(self, queryset, name, value):
        return queryset.filter(occurred_at__gte=start_of(value))

    def to_day(self, queryset, name, value):
        return queryset.filter(occurred_at__lt=start_of(value + timedelta(days=1)))


class OnEntryFilter(django_filters.FilterSet):
    """By the firm or project that something hangs on."""

    q = django_filters.CharFilter(label="企业或项目", method="by_subject", max_length=60)
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=regions_below, method="by_region", empty_label="全部"
    )
    tier = django_filters.ChoiceFilter(label="层级", choices=TIERS, method="by_tier", empty_label="全部")

    def by_subject(self, queryset, name, value):
        enterprises, projects = Enterprise.objects.search(value), Project.objects.search(value)
        return queryset.filter(Q(enterprise__in=enterprises.order_by()) | Q(project__in=projects.order_by()))

    def by_region(self, queryset, name, value):
        return queryset.filter(scope(value))

    def by_tier(self, queryset, name, value):
        if value == "project":
            return queryset.filter(project__isnull=False)
        return queryset.filter(enterprise__tier=value)


class PlaqueFilter(OnEntryFilter):
    unit = django_filters.ModelChoiceFilter(
        label="干部所在单位", queryset=visible_units, method="by_unit", empty_label="全部单位"
    )
    # From the page of a handover: the firms that were handed over in it.
    handover = django_filters.ModelChoiceFilter(
        queryset=lambda request: Handover.objects.visible_to(request.user),
        method="by_handover",
        widget=forms.HiddenInput,
    )

    class Meta:
        model = Plaque
        fields = ["q", "region", "tier", "unit", "handover"]

    def by_unit(self, queryset, name, value):
        held = Post.objects.held_on(clock.today()).filter(unit=value)
        return queryset.filter(official__in=held.order_by().values("official"))

    def by_handover(self, queryset, name, value):
        return queryset.of_handover(value.pk)


class WithoutPlaqueFilter(OnEntryFilter):
    """Of the lead assignments of firms that have none."""

    unit = django_filters.ModelChoiceFilter(
        label="干部所在单位", queryset=visible_units, empty_label="全部单位"
    )

    class Meta:
        model = Assignment
        fields = ["q", "region", "tier", "unit"]


class VisitRequestFilter(OnEntryFilter):
    state = django_filters.ChoiceFilter(label="状态", choices=VisitRequest.State.choices, empty_label="全部")

    class Meta:
        model = VisitRequest
        fields = ["state", "q", "region", "tier"]


class EventFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="名称、主题、地点", method="search", max_length=60)
    kind = django_filters.ChoiceFilter(label="类别", empty_label="全部")
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[*ServiceEvent.State.choices, ("unrecorded", "已过未登记")],
        method="by_state",
        empty_label="全部",
    )
    unit = django_filters.ModelChoiceFilter(
        label="承办、参加单位", queryset=visible_units, method="by_unit", empty_label="全部单位"
    )
    month = django_filters.CharFilter(
        label="月份",
        method="by_month",
        max_length=10,
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "如 2026-11"}),
    )

    class Meta:
        model = ServiceEvent
        fields = ["q", "kind", "state", "unit", "month"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules = rules_of(self.request.user)
        self.filters["kind"].extra["choices"] = rules.choices("event_kinds") if rules else []

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_state(self, queryset, name, value):
        if value == "unrecorded":
            return queryset.unrecorded()
        return queryset.filter(state=value)

    def by_unit(self, queryset, name, value):
        taking_part = ServiceEvent.objects.filter(units=value)
        return queryset.filter(Q(organiser=value) | Q(pk__in=taking_part.order_by().values("pk")))

    def by_month(self, queryset, name, value):
        first = first_of(value)
        return within_month(queryset, first) if first else queryset


class EventTaskFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="事项、活动名称", method="search", max_length=60)
    state = django_filters.ChoiceFilter(
        label="状态",
        choices=[("open", "未完成"), ("overdue", "已逾期"), ("done", "已完成")],
        method="by_state",
        empty_label="全部",
    )
    unit = django_filters.ModelChoiceFilter(label="责任单位", queryset=visible_units, empty_label="全部单位")
    kind = django_filters.ChoiceFilter(label="活动类别", field_name="event__kind", empty_label="全部")

    class Meta:
        model = EventTask
        fields = ["q", "state", "unit", "kind"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rules = rules_of(self.request.user)
        self.filters["kind"].extra["choices"] = rules.choices("event_kinds") if rules else []

    def search(self, queryset, name, value):
        found = Q(event__in=ServiceEvent.objects.search(value).order_by().values("pk"))
        return queryset.filter(found | Q(content__contains=value.replace("\0", "")))

    def by_state(self, queryset, name, value):
        if value == "done":
            return queryset.filter(done_at__isnull=False)
        return queryset.overdue() if value == "overdue" else queryset.open()
