"""What the policy list can be narrowed to."""

import django_filters
from django.http import HttpRequest

from accounts.models import Unit
from policies.models import Policy


def units_of_policies(request: HttpRequest):
    """Units that have a policy; the others would only find nothing."""
    policies = Policy.objects.visible_to(request.user)
    return Unit.objects.filter(pk__in=policies.order_by().values("unit"))


class PolicyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="政策名称或文号", method="search", max_length=60)
    unit = django_filters.ModelChoiceFilter(
        label="主管单位", queryset=units_of_policies, empty_label="全部单位"
    )
    ended = django_filters.ChoiceFilter(
        label="状态", method="with_ended", choices=[("yes", "全部，含已失效")], empty_label="有效政策"
    )

    class Meta:
        model = Policy
        fields = ["q", "unit", "ended"]

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("ended") else found.in_force()

    def search(self, queryset, name, value):
        return queryset.search(value)

    def with_ended(self, queryset, name, value):
        return queryset
