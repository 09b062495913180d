"""What the list of uploads can be narrowed to; all of it stands in the address."""

from typing import Any

import django_filters

from accounts.models import Unit
from core.halves import half_label
from imports.models import SheetImport
from imports.querysets import SheetImportQuerySet


class SheetImportFilter(django_filters.FilterSet):
    unit = django_filters.ModelChoiceFilter(
        label="填报单位", queryset=Unit.objects.none(), empty_label="全部单位"
    )
    half = django_filters.ChoiceFilter(label="完整版本", empty_label="全部")
    state = django_filters.ChoiceFilter(label="状态", choices=SheetImport.State.choices, empty_label="全部")

    class Meta:
        model = SheetImport
        fields = ["unit", "half", "state"]

    def __init__(self, data: Any = None, *, queryset: SheetImportQuerySet, **kwargs: Any) -> None:
        """Offers the units and half-years that occur among ``queryset``."""
        super().__init__(data, queryset=queryset, **kwargs)
        uploads = queryset.order_by()
        self.filters["unit"].queryset = Unit.objects.filter(pk__in=uploads.values("unit")).order_by("order")
        halves = uploads.exclude(half="").values_list("half", flat=True).distinct()
        self.filters["half"].extra["choices"] = [
            (half, half_label(half)) for half in sorted(halves, reverse=True)
        ]
