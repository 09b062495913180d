"""What the lists of assignments and visits can be narrowed to. The filter stays in the address."""

from datetime import date, timedelta

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import Official, Unit
from districts.models import Region
from districts.querysets import scope
from enterprises.models import Enterprise, Project, Tier
from liaisons.cadence import start_of
from liaisons.models import Assignment, Visit
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


def day_filter(label: str, method: str) -> django_filters.DateFilter:
    """A day in a range that every database and clock can take."""
    return django_filters.DateFilter(
        label=label,
        method=method,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 1, 1))],
    )


class AssignmentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="企业或项目", method="by_subject", max_length=60)
    official = django_filters.CharFilter(label="联企干部", method="by_official", max_length=30)
    unit = django_filters.ModelChoiceFilter(
        label="干部所在单位", queryset=visible_units, empty_label="全部单位"
    )
    region = django_filters.ModelChoiceFilter(
        label="乡镇办、园区", queryset=regions_below, method="by_region", empty_label="全部"
    )
    tier = django_filters.ChoiceFilter(label="层级", choices=TIERS, method="by_tier", empty_label="全部")
    day = day_filter("哪天在联系（空为今天）", "skip")
    state = django_filters.ChoiceFilter(
        label="状态", choices=[("all", "全部，含已结束")], method="skip", empty_label="当天在联系"
    )

    class Meta:
        model = Assignment
        fields = ["q", "official", "unit", "region", "tier", "day", "state"]

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
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


class VisitFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="企业、项目或走访内容", method="search", max_length=60)
    unit = django_filters.ModelChoiceFilter(
        label="填报单位", field_name="reporting_unit", queryset=visible_units, empty_label="全部单位"
    )
    region = django_filters.ModelChoiceFilter(
        label="乡镇办、园区", queryset=regions_below, method="by_region", empty_label="全部"
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
