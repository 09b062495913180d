"""The filters of the list of kinds of problems and of the improvements; both live in the address."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import Unit
from appeals.models import Cluster, ClusterMember, Improvement
from core import clock
from core.search import normalise
from districts.profile import Rules
from liaisons.cadence import start_of

ALL = "全部"
PERIODS = {"30": "近30天有新增", "90": "近90天有新增", "365": "近一年有新增"}


class ClusterFilter(django_filters.FilterSet):
    """Without a word about the state, what is in force."""

    q = django_filters.CharFilter(label="搜索", method="search", max_length=60)
    category = django_filters.ChoiceFilter(label="类别", empty_label=ALL)
    trend = django_filters.ChoiceFilter(
        label="走势",
        method="by_trend",
        choices=[("up", "上升"), ("down", "下降"), ("new", "新出现")],
        empty_label=ALL,
    )
    period = django_filters.ChoiceFilter(
        label="时段", method="by_period", choices=list(PERIODS.items()), empty_label=ALL
    )
    taken = django_filters.ChoiceFilter(
        label="改进",
        method="by_taken",
        choices=[("none", "无人认领"), ("live", "正在改进"), ("done", "已完成改进")],
        empty_label=ALL,
    )
    state = django_filters.ChoiceFilter(
        label="状态", method="by_state", choices=[("dismissed", "不作专题")], empty_label="在列"
    )
    sort = django_filters.ChoiceFilter(
        label="排序",
        method="by_sort",
        choices=[("growth", "上升最多"), ("open", "未办结最多"), ("latest", "最近有新增")],
        empty_label="件数最多",
    )

    class Meta:
        model = Cluster
        fields: list[str] = []

    def __init__(self, *args, rules: Rules, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["category"].extra["choices"] = rules.choices("categories")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """The order is one of the filters, and the last of them."""
        found = super().filter_queryset(queryset)
        if not self.form.cleaned_data.get("state"):
            found = found.filter(state="active")
        return found if self.form.cleaned_data.get("sort") else found.order_by("-size", "pk")

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        for word in normalise(value).split()[:5]:
            queryset = queryset.filter(Q(title__icontains=word) | Q(words__icontains=word))
        return queryset

    def by_trend(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """As :func:`trend_of` names it."""
        match value:
            case "up":
                return queryset.filter(growth__gt=0, size__gt=F("recent"))
            case "down":
                return queryset.filter(growth__lt=0)
        return queryset.filter(recent__gt=0, size=F("recent"))

    def by_period(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(last_at__gte=start_of(clock.today() - timedelta(days=int(value))))

    def by_taken(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        improvements = Improvement.objects.filter(cluster=OuterRef("pk"))
        match value:
            case "live":
                return queryset.filter(Exists(improvements.live()))
            case "done":
                return queryset.filter(Exists(improvements.filter(state="done")))
        return queryset.exclude(Exists(improvements.exclude(state="given_up")))

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(state="dismissed")

    def by_sort(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        order = {"growth": "-growth", "open": "-open", "latest": "-last_at"}[value]
        return queryset.order_by(order, "-size", "pk")


def trend_of(cluster: Any) -> str:
    """For a cluster with its figures: the newest days against as many before."""
    if cluster.recent and cluster.size == cluster.recent:
        return "新出现"
    return "上升" if cluster.growth > 0 else "下降" if cluster.growth < 0 else "平稳"


class ImprovementFilter(django_filters.FilterSet):
    """Without a word about the state, what is still under way."""

    unit = django_filters.ModelChoiceFilter(
        label="责任单位", queryset=Unit.objects.none(), method="by_unit", empty_label=ALL
    )
    kind = django_filters.ChoiceFilter(label="改进方式", choices=Improvement.Kind.choices, empty_label=ALL)
    state = django_filters.ChoiceFilter(
        label="状态",
        method="by_state",
        choices=[
            ("overdue", "已逾期"),
            ("reported", "待确认"),
            ("done", "已完成"),
            ("given_up", "不再推进"),
            ("all", ALL),
        ],
        empty_label="正在推进",
    )

    class Meta:
        model = Improvement
        fields: list[str] = []

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = Unit.objects.of_district(user.unit.district).order_by("order", "pk")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.live()

    def by_unit(self, queryset: QuerySet, name: str, value: Unit) -> QuerySet:
        return queryset.of_unit(value.pk)

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        match value:
            case "overdue":
                return queryset.overdue()
            case "all":
                return queryset
        return queryset.filter(state=value)


def members_of(cluster: Cluster):
    """The rows of a cluster with their appeals, the most typical first."""
    related = ("appeal__enterprise", "appeal__project", "appeal__lead_unit", "appeal__collecting_unit", "by")
    rows = ClusterMember.objects.filter(cluster=cluster).select_related(*related)
    return rows.defer("appeal__search_text").order_by("-score", "pk")
