"""What the needs lists can be narrowed to. The filter stays in the address."""

import django_filters
from django.http import HttpRequest

from accounts.models import Unit
from campaigns.models import FinancingDispatch, FinancingNeed, FinancingRound, JobOpening, JobSeeker
from core import clock
from districts.querysets import scope
from liaisons.filters import regions_below
from liaisons.selectors import rules_of


def units_with(model):
    """Units that recorded something the reader sees; the others would only find nothing."""

    def units(request: HttpRequest):
        rows = model.objects.visible_to(request.user).order_by()
        return Unit.objects.filter(pk__in=rows.values("unit")).order_by("order", "pk")

    return units


def rounds_seen(request: HttpRequest):
    return FinancingRound.objects.visible_to(request.user)


class _NeedsFilter(django_filters.FilterSet):
    """With choices of the district's profile."""

    PROFILE: dict[str, str] = {}

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        rules = rules_of(self.request.user) if self.request else None
        for name, kind in self.PROFILE.items():
            choices = rules.choices(kind) if rules else []
            self.filters[name].extra["choices"] = choices

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_region(self, queryset, name, value):
        return queryset.filter(scope(value))


class OpeningFilter(_NeedsFilter):
    PROFILE = {"trade": "trades"}
    STATES = [("all", "全部"), *JobOpening.State.choices]

    q = django_filters.CharFilter(label="企业、岗位", method="search", max_length=60)
    trade = django_filters.ChoiceFilter(label="工种", choices=(), empty_label="全部")
    region = django_filters.ModelChoiceFilter(
        label="乡镇、园区", queryset=regions_below, method="by_region", empty_label="全部"
    )
    unit = django_filters.ModelChoiceFilter(
        label="填报单位", queryset=units_with(JobOpening), empty_label="全部"
    )
    state = django_filters.ChoiceFilter(label="状态", choices=STATES, method="skip", empty_label="正在招聘")

    class Meta:
        model = JobOpening
        fields = ["q", "trade", "region", "unit", "state"]

    def filter_queryset(self, queryset):
        found, state = super().filter_queryset(queryset), self.form.cleaned_data.get("state")
        if state == "all":
            return found
        return found.filter(state=state) if state else found.current()

    def skip(self, queryset, name, value):
        """Applied in ``filter_queryset``, since it also holds when nothing is chosen."""
        return queryset


class SeekerFilter(_NeedsFilter):
    PROFILE = {"trade": "trades", "age_band": "age_bands"}
    STATES = [("all", "全部"), ("expired", "同意已到期"), *JobSeeker.State.choices]

    q = django_filters.CharFilter(label="岗位、技能", method="search", max_length=60)
    trade = django_filters.ChoiceFilter(label="意向工种", choices=(), empty_label="全部")
    age_band = django_filters.ChoiceFilter(label="年龄段", choices=(), empty_label="全部")
    region = django_filters.ModelChoiceFilter(
        label="乡镇", queryset=regions_below, method="by_region", empty_label="全部"
    )
    state = django_filters.ChoiceFilter(label="状态", choices=STATES, method="skip", empty_label="正在求职")

    class Meta:
        model = JobSeeker
        fields = ["q", "trade", "age_band", "region", "state"]

    def filter_queryset(self, queryset):
        found, state = super().filter_queryset(queryset), self.form.cleaned_data.get("state")
        if state == "all":
            return found
        if state == "expired":
            return found.filter(keep_until__lt=clock.today(), erased_at__isnull=True)
        return found.filter(state=state) if state else found.looking()

    def skip(self, queryset, name, value):
        return queryset


class FinancingFilter(_NeedsFilter):
    PROFILE = {"guarantee": "guarantees"}
    STATES = [("waiting", "答复到期、超时"), *FinancingNeed.State.choices]

    q = django_filters.CharFilter(label="企业、用途", method="search", max_length=60)
    round = django_filters.ModelChoiceFilter(
        label="轮次", queryset=rounds_seen, method="in_round", empty_label="全部"
    )
    state = django_filters.ChoiceFilter(label="状态", choices=STATES, method="by_state", empty_label="全部")
    guarantee = django_filters.ChoiceFilter(label="担保", choices=(), empty_label="全部")
    region = django_filters.ModelChoiceFilter(
        label="乡镇、园区", queryset=regions_below, method="by_region", empty_label="全部"
    )
    unit = django_filters.ModelChoiceFilter(
        label="摸排单位", queryset=units_with(FinancingNeed), empty_label="全部"
    )

    class Meta:
        model = FinancingNeed
        fields = ["q", "round", "state", "guarantee", "region", "unit"]

    def by_state(self, queryset, name, value):
        """``waiting``: a bank's answer is due by now or soon; a bank sees its own alone."""
        if value != "waiting":
            return queryset.filter(state=value)
        waiting = FinancingDispatch.objects.visible_to(self.request.user).answer_soon()
        return queryset.filter(pk__in=waiting.order_by().values("need"))

    def in_round(self, queryset, name, value):
        return queryset.filter(pk__in=value.entries.order_by().values("need"))
