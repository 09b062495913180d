"""The filters of the register: all of them in the URL, so that a list can be shared."""

from datetime import date, timedelta

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Unit
from appeals.models import Appeal, BacklogItem, Deadline, ProvincialResult, Status, Urgency
from appeals.provincial import to_be_recorded
from appeals.supervision import COLOURS, of_colours
from core import clock
from core.fields import day_filter
from core.wording import spoken
from districts.models import DistrictProfile, Region
from liaisons.cadence import start_of

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
        label=spoken("乡镇办、园区"), queryset=Region.objects.none(), empty_label=ALL
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


class ProvincialFilter(django_filters.FilterSet):
    """省平台录入: what is still to be entered, unless something else is asked for."""

    TO_RECORD, RECORDED, WITH_RESULT, EVERYTHING = "to_record", "recorded", "result", "all"
    STATES = (
        (TO_RECORD, "待录入"),
        (RECORDED, "已录入"),
        (WITH_RESULT, "已有省平台结果"),
        (EVERYTHING, "全部"),
    )

    state = django_filters.ChoiceFilter(label="情况", choices=STATES, method="by_state", empty_label=None)
    unit = django_filters.ModelChoiceFilter(
        label="收集单位", queryset=Unit.objects.none(), method="by_unit", empty_label=ALL
    )
    channel = django_filters.ChoiceFilter(label="渠道", empty_label=ALL)
    since = day_filter("提交日期从", "from_day")
    until = day_filter("到", "to_day")

    class Meta:
        model = Appeal
        fields = ["state", "unit", "channel", "since", "until"]

    def __init__(self, data, queryset: QuerySet, *, user) -> None:
        data = data.copy()
        if data.get("state") not in dict(self.STATES):
            data["state"] = self.TO_RECORD
        super().__init__(data, queryset)
        rules = DistrictProfile.objects.in_force(user.unit.district).rules
        self.filters["channel"].extra["choices"] = rules.choices("channels")
        self.filters["unit"].queryset = Unit.objects.visible_to(user).active()

    @property
    def chosen(self) -> str:
        return self.data["state"]

    @property
    def chosen_label(self) -> str:
        return dict(self.STATES)[self.chosen]

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """What waits longest comes first; of what is entered, the latest."""
        latest = queryset.order_by("-provincial_recorded_at", "-pk")
        match value:
            case self.TO_RECORD:
                return to_be_recorded(queryset).order_by("submitted_at", "pk")
            case self.RECORDED:
                return latest.exclude(provincial_number="")
            case self.WITH_RESULT:
                results = ProvincialResult.objects.filter(appeal=OuterRef("pk"))
                return latest.exclude(provincial_number="").filter(Exists(results))
        return queryset.order_by("-submitted_at", "-pk")

    def by_unit(self, queryset: QuerySet, name: str, value: Unit) -> QuerySet:
        """A unit stands for its windows, as in the weekly table."""
        return queryset.filter(Q(collecting_unit=value) | Q(collecting_unit__parent=value))

    def from_day(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(submitted_at__gte=start_of(value))

    def to_day(self, queryset: QuerySet, name: str, value: date) -> QuerySet:
        return queryset.filter(submitted_at__lt=start_of(value + timedelta(days=1)))


class OnACourse:
    """What is worked off, reported and confirmed: the states a list of it can be narrowed to."""

    def by_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        match value:
            case "overdue":
                return queryset.overdue()
            case "reported":
                return queryset.to_confirm()
            case "all":
                return queryset
        return queryset.filter(state=value)


class BacklogFilter(OnACourse, django_filters.FilterSet):
    """存量问题: without a word about the state, what is not solved."""

    CASE = ("litigation", "reconsideration", "mediation", "petition")

    q = django_filters.CharFilter(label="搜索", method="search", max_length=60)
    source = django_filters.ChoiceFilter(
        label="来源",
        method="by_source",
        choices=[("case", "案件（诉讼、复议、调解、信访）"), *BacklogItem.Source.choices],
        empty_label=ALL,
    )
    classification = django_filters.ChoiceFilter(
        label="分类", choices=BacklogItem.Classification.choices, empty_label=ALL
    )
    unit = django_filters.ModelChoiceFilter(
        label="责任单位", queryset=Unit.objects.none(), method="by_unit", empty_label=ALL
    )
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=Region.objects.none(), empty_label=ALL
    )
    state = django_filters.ChoiceFilter(
        label="状态",
        method="by_state",
        choices=[
            ("overdue", "已逾期"), ("reported", "待确认"), ("cleared", "已化解"), ("removed", "已移出"), ("all", ALL),
        ],
        empty_label="未化解",
    )  # fmt: skip

    class Meta:
        model = BacklogItem
        fields: list[str] = []

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        district = user.unit.district
        self.filters["unit"].queryset = Unit.objects.of_district(district).order_by("order", "pk")
        self.filters["region"].queryset = Region.objects.filter(parent=district)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        found = super().filter_queryset(queryset)
        has_state = "state" in self.filters and not self.form.cleaned_data.get("state")
        return found.open() if has_state else found

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        number = value.strip()
        if number.isascii() and number.isdigit() and len(number) < 7:
            return queryset.filter(number=number)
        return queryset.search(value)

    def by_source(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(source__in=self.CASE) if value == "case" else queryset.filter(source=value)

    def by_unit(self, queryset: QuerySet, name: str, value: Unit) -> QuerySet:
        return queryset.of_unit(value.pk)


class BurnDownFilter(BacklogFilter):
    """The same for the chart, which shows states and classes itself."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("q", "classification", "state"):
            del self.filters[name]


class DeskFilter(AppealFilter):
    """The same filters at a desk, where the heap that is looked at stands in the address too."""

    queue = django_filters.CharFilter(method="anything", widget=forms.HiddenInput)

    def anything(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset


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
