"""What the list of commitments can be narrowed to; without a word about the state, what is still to be kept."""

import django_filters
from django.db.models import Q, QuerySet

from accounts.models import Unit
from appeals.filters import OnACourse
from campaigns.models import Commitment
from core.fields import FigureField

ALL = "全部"


class AmountFilter(django_filters.NumberFilter):
    field_class = FigureField


class CommitmentFilter(OnACourse, django_filters.FilterSet):
    q = django_filters.CharFilter(label="搜索", method="search", max_length=60)
    kind = django_filters.ChoiceFilter(label="类别", choices=Commitment.Kind.choices, empty_label=ALL)
    unit = django_filters.ModelChoiceFilter(
        label="责任单位、欠款单位", queryset=Unit.objects.none(), method="by_unit", empty_label=ALL
    )
    debtor = django_filters.ChoiceFilter(
        label="欠款方类别", choices=Commitment.Debtor.choices, empty_label=ALL
    )
    classification = django_filters.ChoiceFilter(
        label="分类", choices=Commitment.Classification.choices, empty_label=ALL
    )
    state = django_filters.ChoiceFilter(
        label="状态",
        method="by_state",
        choices=[("overdue", "已逾期"), ("reported", "待确认"), *Commitment.State.choices, ("all", ALL)],
        empty_label="未了的",
    )
    least = AmountFilter(
        label="金额不少于（万元）",
        field_name="counted",
        lookup_expr="gte",
        min_value=0,
        max_digits=12,
        decimal_places=2,
    )

    class Meta:
        model = Commitment
        fields: list[str] = []

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["unit"].queryset = Unit.objects.of_district(user.unit.district).order_by("order", "pk")

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        found = super().filter_queryset(queryset)
        has_state = "state" in self.filters and not self.form.cleaned_data.get("state")
        return found.running() if has_state else found

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        number = value.strip()
        if number.isascii() and number.isdigit() and len(number) < 7:
            return queryset.filter(number=number)
        return queryset.search(value)

    def by_unit(self, queryset: QuerySet, name: str, value: Unit) -> QuerySet:
        return queryset.filter(Q(unit=value) | Q(debtor_unit=value))


class FiguresFilter(CommitmentFilter):
    """The same for the figures, which show states themselves."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("q", "classification", "state", "least"):
            del self.filters[name]
