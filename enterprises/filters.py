"""The directory's filters; all of them stand in the address."""

from typing import Any

import django_filters
from django import forms

from accounts.models import User
from core.wording import spoken
from districts.models import Region
from enterprises.models import ChangeReport, Enterprise, Industry, Project, Tier
from enterprises.policies import TERRITORIAL
from enterprises.querysets import DISTRICT_WIDE, ChangeReportQuerySet, RosterQuerySet


class RosterFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="查找",
        method="search",
        widget=forms.TextInput(
            attrs={"placeholder": "名称、代码或主营业务", "maxlength": "60", "type": "search"}
        ),
    )
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=Region.objects.none(), empty_label="全部"
    )
    industry = django_filters.ChoiceFilter(label="行业门类", choices=Industry.choices, empty_label="全部")
    covered = django_filters.ChoiceFilter(
        label=spoken("包保联系"),
        method="by_coverage",
        choices=[("yes", spoken("已有联企干部")), ("no", spoken("尚无联企干部"))],
        empty_label="全部",
    )
    active = django_filters.ChoiceFilter(
        label="在册", method="by_active", choices=[("no", "不在册"), ("all", "全部")], empty_label="在册"
    )

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        unit = user.unit
        if unit is not None:
            region = unit.widest_region if user.has_role(*DISTRICT_WIDE) else unit.region
            places = Region.objects.subtree(region).filter(level__in=TERRITORIAL)
            self.filters["region"].queryset = places.order_by("path")

    def filter_queryset(self, queryset: RosterQuerySet) -> RosterQuerySet:
        # A firm that was merged into another is found there.
        rows = super().filter_queryset(queryset.unmerged())
        return rows if self.form.cleaned_data.get("active") else rows.active()

    def search(self, rows: RosterQuerySet, name: str, value: str) -> RosterQuerySet:
        return rows.search(value)

    def by_coverage(self, rows: RosterQuerySet, name: str, value: str) -> RosterQuerySet:
        return rows.covered() if value == "yes" else rows.uncovered()

    def by_active(self, rows: RosterQuerySet, name: str, value: str) -> RosterQuerySet:
        return rows.filter(active=False) if value == "no" else rows


class EnterpriseFilter(RosterFilter):
    tier = django_filters.ChoiceFilter(label="层级", choices=Tier.choices, empty_label="全部")

    class Meta:
        model = Enterprise
        fields = ["q", "tier", "region", "industry", "covered", "active"]


class ProjectFilter(RosterFilter):
    class Meta:
        model = Project
        fields = ["q", "region", "industry", "covered", "active"]


class ChangeReportFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        label="状态",
        method="by_state",
        choices=[*ChangeReport.State.choices[1:], ("all", "全部")],
        empty_label="待审核",
    )
    source = django_filters.ChoiceFilter(
        label="来源", choices=ChangeReport.Source.choices, empty_label="全部"
    )
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=Region.objects.none(), empty_label="全部"
    )

    class Meta:
        model = ChangeReport
        fields = ["state", "source", "region"]

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if user.unit is not None:
            places = Region.objects.subtree(user.unit.widest_region).filter(level__in=TERRITORIAL)
            self.filters["region"].queryset = places.order_by("path")

    def filter_queryset(self, queryset: ChangeReportQuerySet) -> ChangeReportQuerySet:
        rows = super().filter_queryset(queryset)
        return rows if self.form.cleaned_data.get("state") else rows.open()

    def by_state(self, rows: ChangeReportQuerySet, name: str, value: str) -> ChangeReportQuerySet:
        return rows if value == "all" else rows.filter(state=value)
