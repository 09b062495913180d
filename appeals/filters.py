"""The filters of the register: all of them in the URL, so that a list can be shared."""

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Unit
from appeals.models import Appeal, Deadline, Status, Urgency
from appeals.supervision import COLOURS, of_colours
from core import clock
from districts.models import DistrictProfile, Region

ALL = "全部"


class AppealFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="搜索", method="search")
    status = django_filters.ChoiceFilter(label="状态", choices=Status.choices, empty_label=ALL)
    clock = django_filters.ChoiceFilter(
        label="时限", choices=[("red", "已超期"), ("blue", "临期")], method="by_clock", empty_label=ALL
    )
    category = django_filters.ChoiceFilter(label="类别", empty_label=ALL)
    channel = django_filters.ChoiceFilter(label="渠道", empty_label=ALL)
    urgency = django_filters.ChoiceFilter(label="紧急程度", choices=Urgency.choices, empty_label=ALL)
    lead_unit = django_filters.ModelChoiceFilter(
        label="主办单位", queryset=Unit.objects.none(), empty_label=ALL
    )
    region = django_filters.ModelChoiceFilter(
        label="乡镇办、园区", queryset=Region.objects.none(), empty_label=ALL
    )
    since = django_filters.DateFilter(
        label="提交日期从",
        field_name="submitted_at",
        lookup_expr="date__gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = django_filters.DateFilter(
        label="到",
        field_name="submitted_at",
        lookup_expr="date__lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = Appeal
        fields: list[str] = []

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        district = user.unit.district
        rules = DistrictProfile.objects.in_force(district).rules
        self.filters["category"].extra["choices"] = rules.choices("categories")
        self.filters["channel"].extra["choices"] = rules.choices("channels")
        self.filters["lead_unit"].queryset = Unit.objects.visible_to(user).active()
        self.filters["region"].queryset = Region.objects.filter(parent=district)

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.search(value)

    def by_clock(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        now = clock.now()
        running = Deadline.objects.running().filter(appeal=OuterRef("pk"), paused_at__isnull=True)
        if value == "red":
            return queryset.filter(Exists(running.filter(due_at__lt=now)))
        return queryset.filter(Exists(running.filter(blue_at__lte=now, due_at__gte=now)))


class ClockFilter(django_filters.FilterSet):
    """Of the clocks on the supervision desk. Whatever is not green is shown where no colour is chosen."""

    colour = django_filters.ChoiceFilter(
        label="颜色", choices=list(COLOURS.items()), method="by_colour", empty_label="红、黄、蓝"
    )
    unit = django_filters.ModelChoiceFilter(
        label="责任单位", field_name="owner", queryset=Unit.objects.none(), empty_label=ALL
    )
    stage = django_filters.ChoiceFilter(
        label="环节", field_name="kind", choices=Deadline.Kind.choices, empty_label=ALL
    )

    class Meta:
        model = Deadline
        fields: list[str] = []

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = Unit.objects.visible_to(user).active()

    def by_colour(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return of_colours(queryset, [value])

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("colour") else of_colours(found)

    def whatever_colour(self) -> QuerySet:
        """What unit and stage leave, for the counts of all colours."""
        queryset = self.queryset
        if self.is_valid():
            for name in ("unit", "stage"):
                queryset = self.filters[name].filter(queryset, self.form.cleaned_data[name])
        return queryset

    def chosen(self) -> dict[str, str]:
        """Unit and stage as they stand in the address."""
        return {name: self.data[name] for name in ("unit", "stage") if self.data.get(name)}
