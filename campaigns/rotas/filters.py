"""What the lists of rotas, sittings and records can be narrowed to; each stays in the address."""

from datetime import datetime, time, timedelta

import django_filters
from django.http import HttpRequest

from accounts.models import Unit
from campaigns.models import KnowledgeEntry, Sitting, TrainingPlan, VisitSheet, WindowEntry
from campaigns.rotas.people import rules_in_force
from core.fields import day_filter
from districts.workdays import SHANGHAI


def units_seen(request: HttpRequest):
    return Unit.objects.visible_to(request.user)


class SittingFilter(django_filters.FilterSet):
    unit = django_filters.ModelChoiceFilter(label="单位", queryset=units_seen, empty_label="全部单位")
    state = django_filters.ChoiceFilter(label="状态", choices=Sitting.State.choices, empty_label="全部")
    since = day_filter("从", "from_day")
    until = day_filter("到", "to_day")

    class Meta:
        model = Sitting
        fields = ["unit", "state", "since", "until"]

    def from_day(self, queryset, name, value):
        return queryset.filter(day__gte=value)

    def to_day(self, queryset, name, value):
        return queryset.filter(day__lte=value)


class VisitSheetFilter(django_filters.FilterSet):
    unit = django_filters.ModelChoiceFilter(label="单位", queryset=units_seen, empty_label="全部单位")
    state = django_filters.ChoiceFilter(label="状态", choices=VisitSheet.State.choices, empty_label="全部")

    class Meta:
        model = VisitSheet
        fields = ["unit", "state"]


class WindowFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="内容、企业、来访人", method="search", max_length=60)
    kind = django_filters.ChoiceFilter(label="类别", choices=WindowEntry.Kind.choices, empty_label="全部")
    window = django_filters.ChoiceFilter(label="受理窗口", empty_label="全部")
    way = django_filters.ChoiceFilter(label="办理方式", choices=WindowEntry.Way.choices, empty_label="全部")
    waiting = django_filters.ChoiceFilter(
        label="办结", method="by_waiting", choices=[("1", "待答复、待登记")], empty_label="全部"
    )
    unit = django_filters.ModelChoiceFilter(label="单位", queryset=units_seen, empty_label="全部单位")
    since = day_filter("从", "from_day")
    until = day_filter("到", "to_day")

    class Meta:
        model = WindowEntry
        fields = ["q", "kind", "window", "way", "waiting", "unit", "since", "until"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rules = rules_in_force(self.request.user)
        self.filters["window"].extra["choices"] = rules.choices("windows") if rules else []

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_waiting(self, queryset, name, value):
        return queryset.filter(answered_at__isnull=True)

    def from_day(self, queryset, name, value):
        return queryset.filter(occurred_at__gte=datetime.combine(value, time.min, tzinfo=SHANGHAI))

    def to_day(self, queryset, name, value):
        following = datetime.combine(value + timedelta(days=1), time.min, tzinfo=SHANGHAI)
        return queryset.filter(occurred_at__lt=following)


class TrainingFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="培训、企业、机构", method="search", max_length=60)
    state = django_filters.ChoiceFilter(label="状态", choices=TrainingPlan.State.choices, empty_label="全部")
    year = django_filters.NumberFilter(
        label="备案年度", field_name="filed_at", lookup_expr="year", min_value=2000, max_value=2100
    )

    class Meta:
        model = TrainingPlan
        fields = ["q", "state", "year"]

    def search(self, queryset, name, value):
        return queryset.search(value)


class KnowledgeFilter(django_filters.FilterSet):
    VALID, EXPIRED = "valid", "expired"

    q = django_filters.CharFilter(label="找问题、解答", method="search", max_length=60)
    category = django_filters.ChoiceFilter(label="类别", empty_label="全部")
    unit = django_filters.ModelChoiceFilter(label="报送单位", queryset=units_seen, empty_label="全部单位")
    state = django_filters.ChoiceFilter(
        label="状态", choices=KnowledgeEntry.State.choices, empty_label="全部"
    )
    holds = django_filters.ChoiceFilter(
        label="有效期",
        method="by_validity",
        choices=[(VALID, "有效"), (EXPIRED, "已过期")],
        empty_label="全部",
    )

    class Meta:
        model = KnowledgeEntry
        fields = ["q", "category", "unit", "state", "holds"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rules = rules_in_force(self.request.user)
        self.filters["category"].extra["choices"] = rules.choices("knowledge_categories") if rules else []

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_validity(self, queryset, name, value):
        valid = queryset.valid()
        return valid if value == self.VALID else queryset.exclude(pk__in=valid.order_by().values("pk"))
