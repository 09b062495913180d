"""The policies of the district, what each asks of a firm, and lists of them to hand out."""

from django.db import models
from django.db.models import Case, F, Q, TextField, When
from django.db.models.functions import Cast

from accounts.models import Unit, User
from core import clock
from core.search import Searchable, SearchQuerySet
from districts.models import Region
from districts.querysets import scope
from enterprises.models import Enterprise, Industry, Project


class PolicyQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "PolicyQuerySet":
        """Policies are public within the district."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()

    def in_force(self) -> "PolicyQuerySet":
        return self.filter(active=True)

    def still_open(self) -> "PolicyQuerySet":
        """Can be applied for today; one without a last day always can."""
        return self.filter(Q(apply_until__isnull=True) | Q(apply_until__gte=clock.today()))

    def public(self) -> "PolicyQuerySet":
        """What anybody may read."""
        return self.in_force().filter(public=True)

    def closing_soon_first(self) -> "PolicyQuerySet":
        """The next to close first, then those without a last day, then those that are closed."""
        is_closed = Case(When(apply_until__lt=clock.today(), then=1), default=0)
        return self.order_by(is_closed, F("apply_until").asc(nulls_last=True), "id")

    def for_whom(self, condition: str, code: str) -> "PolicyQuerySet":
        """Those whose list of ``condition`` ("tiers", "industries", "size_classes") names the code, or nobody."""
        # Asked of the text: SQLite cannot look into a JSON list, and a district has some dozens of policies.
        listed = f"{condition}_as_text"
        found = self.annotate(**{listed: Cast(condition, TextField())})
        return found.filter(Q(**{f"{listed}__contains": f'"{code}"'}) | Q(**{listed: "[]"}))


class Policy(Searchable):
    """A support policy an enterprise may be told about."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    title = models.CharField("政策名称", max_length=150)
    document_number = models.CharField("文号", max_length=60, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="主管单位")
    summary = models.TextField("要点", blank=True)
    url = models.URLField("原文链接", max_length=300, blank=True)
    published_on = models.DateField("发布日期", null=True, blank=True)
    apply_until = models.DateField("申报截止", null=True, blank=True)
    tiers = models.JSONField("适用层级", default=list, blank=True)
    industries = models.JSONField("适用行业门类", default=list, blank=True)
    size_classes = models.JSONField("适用规模", default=list, blank=True)
    """Whom it is for, as codes of enterprises.models; an empty list means all."""
    public = models.BooleanField("对外公开", default=True)
    active = models.BooleanField("有效", default=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "惠企政策"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title

    def search_words(self) -> list[str]:
        return [self.title, self.document_number]

    @property
    def is_open(self) -> bool:
        """In force, and can be applied for today: what ``in_force().still_open()`` asks of many."""
        return self.active and (self.days_left is None or self.days_left >= 0)

    @property
    def days_left(self) -> int | None:
        """Until the last day to apply: 0 on that day, below 0 after it, None without one."""
        return (self.apply_until - clock.today()).days if self.apply_until else None


class OfPolicies(models.QuerySet):
    def visible_to(self, user) -> "OfPolicies":
        """Conditions are read with their policy."""
        policies = Policy.objects.visible_to(user).order_by()
        return self.filter(policy__in=policies.values("pk"))


class PolicyCondition(models.Model):
    """One thing a policy asks of a firm besides tier, industry and size: all of a policy's conditions must hold.

    Entered on a form, kept as data: which field (``policies.conditions``), how it is compared, with what.
    """

    class Operator(models.TextChoices):
        ONE_OF = "one_of", "是其中之一"
        NONE_OF = "none_of", "都不是"
        AT_LEAST = "at_least", "不少于"
        AT_MOST = "at_most", "不超过"
        BETWEEN = "between", "介于"
        BY_HAND = "by_hand", "人工核对"

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="conditions", verbose_name="政策")
    field = models.CharField("比对项", max_length=20)
    operator = models.CharField("比较", max_length=10, choices=Operator.choices)
    values = models.JSONField("选项", default=list, blank=True)
    low = models.DecimalField("下限", max_digits=14, decimal_places=2, null=True, blank=True)
    high = models.DecimalField("上限", max_digits=14, decimal_places=2, null=True, blank=True)
    text = models.CharField("人工核对的条件", max_length=200, blank=True)
    sentence = models.CharField("条件", max_length=400)
    """In words, written by the service when it is saved."""

    objects = OfPolicies.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策条件"
        ordering = ["policy_id", "id"]

    def __str__(self) -> str:
        return self.sentence


class PolicyListQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "PolicyListQuerySet":
        """Lists, like the policies on them, are read in the district; those for one firm by who sees the firm."""
        if user.unit_id is None:
            return self.none()
        about = Q(enterprise__isnull=True, project__isnull=True) | Q(unit=user.unit_id)
        about |= Q(enterprise__in=Enterprise.objects.visible_to(user).order_by().values("pk"))
        about |= Q(project__in=Project.objects.visible_to(user).order_by().values("pk"))
        return self.filter(scope(user.unit.widest_region, "district")).filter(about)

    def in_use(self) -> "PolicyListQuerySet":
        return self.filter(active=True)


class PolicyList(Searchable):
    """政策清单: policies put together for a firm, an industry or an event, to be printed and handed out.

    Its code on paper leads to the public page of the same policies, as long as the list is in use.
    """

    class Kind(models.TextChoices):
        FIRM = "firm", "企业"
        INDUSTRY = "industry", "行业"
        EVENT = "event", "活动"
        GENERAL = "general", "通用"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="policy_lists", verbose_name="制作单位")
    title = models.CharField("清单名称", max_length=100)
    kind = models.CharField("用途", max_length=10, choices=Kind.choices)
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="policy_lists", verbose_name="企业"
    )
    project = models.ForeignKey(
        Project, models.PROTECT, null=True, blank=True, related_name="policy_lists", verbose_name="项目"
    )
    industry = models.CharField("行业门类", max_length=1, choices=Industry.choices, blank=True)
    occasion = models.CharField("活动名称", max_length=100, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    policies = models.ManyToManyField(Policy, related_name="lists", verbose_name="政策")
    token = models.CharField("公开页面代码", max_length=32, unique=True)
    active = models.BooleanField("在用", default=True)
    created_at = models.DateTimeField("制作时间")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="制作人")

    objects = PolicyListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策清单"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind="firm", enterprise__isnull=False, project__isnull=True)
                    | Q(kind="firm", enterprise__isnull=True, project__isnull=False)
                    | (Q(enterprise__isnull=True, project__isnull=True) & ~Q(kind="firm"))
                ),
                name="policy_list_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def search_words(self) -> list[str]:
        return [self.title, self.occasion, self.for_whom]

    @property
    def entry(self) -> Enterprise | Project | None:
        return self.enterprise or self.project

    @property
    def for_whom(self) -> str:
        """Whom it was made for, in words."""
        match self.kind:
            case self.Kind.FIRM:
                return self.entry.name if self.entry else ""
            case self.Kind.INDUSTRY:
                return self.get_industry_display()
            case self.Kind.EVENT:
                return self.occasion
        return ""
