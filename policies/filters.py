"""What the lists of policies, papers, payments and news can be narrowed to. The filter stays in the address."""

from datetime import datetime, time, timedelta

import django_filters
from django.db.models import Case, F, Q, When
from django.http import HttpRequest

from accounts.models import Unit
from core.fields import day_filter
from core.wording import spoken
from districts.models import Region
from districts.workdays import SHANGHAI
from enterprises.models import Enterprise, Industry, Project, SizeClass
from enterprises.policies import TERRITORIAL
from enterprises.querysets import DISTRICT_WIDE
from policies.models import Claim, HandOut, NewsItem, Payment, Policy, PolicyList
from policies.selectors import TIERS


def units_of_policies(request: HttpRequest):
    """Units that have a policy; the others would only find nothing."""
    policies = Policy.objects.visible_to(request.user)
    return Unit.objects.filter(pk__in=policies.order_by().values("unit"))


def units_seen(request: HttpRequest):
    return Unit.objects.visible_to(request.user)


def policies_seen(request: HttpRequest):
    return Policy.objects.visible_to(request.user).order_by("-active", "title")


def places_seen(request: HttpRequest):
    """The townships and parks the user's own firms lie in."""
    user = request.user
    if user.unit is None:
        return Region.objects.none()
    region = user.unit.widest_region if user.has_role(*DISTRICT_WIDE) else user.unit.region
    return Region.objects.subtree(region).filter(level__in=TERRITORIAL).order_by("path")


class ForWhom(django_filters.FilterSet):
    """For which firms: what names them, and what is for everybody."""

    tier = django_filters.ChoiceFilter(
        label="适用层级", choices=list(TIERS.items()), method="for_tier", empty_label="全部"
    )
    industry = django_filters.ChoiceFilter(
        label="适用行业", choices=Industry.choices, method="for_industry", empty_label="全部"
    )
    size = django_filters.ChoiceFilter(
        label="适用规模", choices=SizeClass.choices, method="for_size", empty_label="全部"
    )

    def search(self, queryset, name, value):
        return queryset.search(value)

    def for_tier(self, queryset, name, value):
        return queryset.for_whom("tiers", value)

    def for_industry(self, queryset, name, value):
        return queryset.for_whom("industries", value)

    def for_size(self, queryset, name, value):
        return queryset.for_whom("size_classes", value)


class PolicyFilter(ForWhom):
    q = django_filters.CharFilter(label="政策名称或文号", method="search", max_length=60)
    unit = django_filters.ModelChoiceFilter(
        label="主管单位", queryset=units_of_policies, empty_label="全部单位"
    )
    ended = django_filters.ChoiceFilter(
        label="状态",
        method="by_state",
        choices=[("open", "有效且可申报"), ("no", "已失效"), ("yes", "全部，含已失效")],
        empty_label="有效政策",
    )

    class Meta:
        model = Policy
        fields = ["q", "unit", "tier", "industry", "size", "ended"]

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("ended") else found.in_force()

    def by_state(self, queryset, name, value):
        match value:
            case "open":
                return queryset.in_force().still_open()
            case "no":
                return queryset.filter(active=False)
        return queryset


class PublicPolicyFilter(ForWhom):
    """What an enterprise asks: for firms like mine, and by a word."""

    q = django_filters.CharFilter(label="找政策", method="search", max_length=60)

    class Meta:
        model = Policy
        fields = ["q", "tier", "industry", "size"]


class FirmFilter(django_filters.FilterSet):
    """Among the firms a policy fits."""

    q = django_filters.CharFilter(label="企业名称或代码", method="search", max_length=60)
    region = django_filters.ModelChoiceFilter(
        label=spoken("乡镇办、园区"), queryset=places_seen, empty_label="全部"
    )
    told = django_filters.ChoiceFilter(
        label="送达",
        method="by_told",
        choices=[("no", "尚未送达"), ("yes", "已送达")],
        empty_label="全部",
    )

    class Meta:
        model = Enterprise
        fields = ["q", "region", "told"]

    def search(self, queryset, name, value):
        return queryset.search(value)

    def by_told(self, queryset, name, value):
        told = Q(is_told=True) | Q(is_paid=True)  # whom the money reached needs no telling
        return queryset.filter(told if value == "yes" else ~told)


class OfDays(django_filters.FilterSet):
    since = day_filter("从", "from_day")
    until = day_filter("到", "to_day")

    def from_day(self, queryset, name, value):
        return queryset.filter(occurred_at__gte=datetime.combine(value, time.min, tzinfo=SHANGHAI))

    def to_day(self, queryset, name, value):
        following = datetime.combine(value + timedelta(days=1), time.min, tzinfo=SHANGHAI)
        return queryset.filter(occurred_at__lt=following)

    def by_firm(self, queryset, name, value):
        enterprises, projects = Enterprise.objects.search(value), Project.objects.search(value)
        return queryset.filter(
            Q(enterprise__in=enterprises.order_by())
            | Q(project__in=projects.order_by())
            | Q(claimed_name__icontains=value.strip())
        )


class PaymentFilter(OfDays):
    q = django_filters.CharFilter(label="企业或项目", method="by_firm", max_length=60)
    policy = django_filters.ModelChoiceFilter(label="政策", queryset=policies_seen, empty_label="全部")
    unit = django_filters.ModelChoiceFilter(label="兑现单位", queryset=units_seen, empty_label="全部单位")
    state = django_filters.ChoiceFilter(
        label="状态", method="by_state", choices=[("standing", "不含已冲销")], empty_label="全部"
    )

    class Meta:
        model = Payment
        fields = ["q", "policy", "unit", "state", "since", "until"]

    def by_state(self, queryset, name, value):
        return queryset.standing()


class ClaimFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="企业或项目", method="by_firm", max_length=60)
    policy = django_filters.ModelChoiceFilter(label="政策", queryset=policies_seen, empty_label="全部")
    unit = django_filters.ModelChoiceFilter(label="兑现单位", queryset=units_seen, empty_label="全部单位")
    state = django_filters.ChoiceFilter(
        label="进度",
        method="by_state",
        choices=[
            ("overdue", "逾期未兑付"), ("to_pay", "待兑付、部分兑付"), ("paid", "已兑付"), ("applied", "待审核"),
            ("refused", "不予兑现"), ("withdrawn", "已撤回"),
        ],
        empty_label="全部",
    )  # fmt: skip
    unasked = django_filters.ChoiceFilter(
        label="方式",
        method="by_asking",
        choices=[("yes", "免申即享"), ("no", "企业申请")],
        empty_label="全部",
    )

    class Meta:
        model = Claim
        fields: list[str] = []

    by_firm = OfDays.by_firm

    def filter_queryset(self, queryset):
        """What is promised next stands first; of what is over, the latest."""
        found = super().filter_queryset(queryset)
        over = Case(When(Q(state="approved", paid__lt=F("approved_amount")), then=0), default=1)
        return found.order_by(over, F("promised_on").asc(nulls_last=True), "-applied_on", "-id")

    def by_state(self, queryset, name, value):
        match value:
            case "overdue":
                return queryset.overdue()
            case "to_pay":
                return queryset.to_pay()
            case "paid":
                return queryset.filter(state="approved", paid__gte=F("approved_amount"))
        return queryset.filter(state=value)

    def by_asking(self, queryset, name, value):
        return queryset.filter(unasked=value == "yes")


class PolicyListFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="清单、企业或活动名称", method="search", max_length=60)
    kind = django_filters.ChoiceFilter(label="用途", choices=PolicyList.Kind.choices, empty_label="全部")
    unit = django_filters.ModelChoiceFilter(label="制作单位", queryset=units_seen, empty_label="全部单位")
    active = django_filters.ChoiceFilter(
        label="状态", method="by_state", choices=[("no", "已停用")], empty_label="在用"
    )

    class Meta:
        model = PolicyList
        fields = ["q", "kind", "unit", "active"]

    def search(self, queryset, name, value):
        return queryset.search(value)

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("active") else found.in_use()

    def by_state(self, queryset, name, value):
        return queryset.filter(active=False)


class HandOutFilter(OfDays):
    q = django_filters.CharFilter(label="企业或项目", method="by_firm", max_length=60)
    paper = django_filters.ChoiceFilter(label="材料", choices=HandOut.Paper.choices, empty_label="全部")
    policy = django_filters.ModelChoiceFilter(
        label="政策", queryset=policies_seen, method="by_policy", empty_label="全部"
    )
    unit = django_filters.ModelChoiceFilter(label="发放单位", queryset=units_seen, empty_label="全部单位")

    class Meta:
        model = HandOut
        fields = ["q", "paper", "policy", "unit", "since", "until"]

    def by_policy(self, queryset, name, value):
        """Alone, or on a list."""
        lists = PolicyList.objects.filter(policies=value).order_by().values("pk")
        return queryset.filter(Q(policy=value) | Q(policy_list__in=lists))


class NewsFilter(OfDays):
    q = django_filters.CharFilter(label="标题或媒体", method="search", max_length=60)
    unit = django_filters.ModelChoiceFilter(label="报送单位", queryset=units_seen, empty_label="全部单位")

    class Meta:
        model = NewsItem
        fields = ["q", "unit", "since", "until"]

    def search(self, queryset, name, value):
        return queryset.search(value)
