"""The policies of the district, papers handed out about them, money paid under them, and news of the action."""

from django.db import models
from django.db.models import Case, F, Q, TextField, When
from django.db.models.functions import Cast

from accounts.models import Unit, User
from core import clock
from core.search import Searchable, SearchQuerySet
from districts.models import Region
from districts.querysets import scope
from enterprises.models import HasSubject
from enterprises.querysets import own_region


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
    def days_left(self) -> int | None:
        """Until the last day to apply: 0 on that day, below 0 after it, None without one."""
        return (self.apply_until - clock.today()).days if self.apply_until else None


class CountedForAUnit(models.QuerySet):
    """Things a unit did for firms of a region: seen by the unit, and by whoever oversees the region."""

    def visible_to(self, user):
        if user.unit_id is None:
            return self.none()
        return self.filter(own_region(user, "region") | Q(unit_id=user.unit_id))


class HandOut(HasSubject):
    """Copies of a policy list, or of the letter, given to an enterprise or project.

    Rows 10 and 12 of the weekly table count the policy lists.
    """

    class Paper(models.TextChoices):
        POLICY = "policy", "政策清单"
        LETTER = "letter", "《一封信》"

    class Way(models.TextChoices):
        """How it came to the firm where nobody visited it and it came to no event (微信、电话等行之有效的方式)."""

        WINDOW = "window", "窗口、前台"
        WECHAT = "wechat", "微信、短信"
        POST = "post", "邮寄"
        DOOR = "door", "上门发放"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    paper = models.CharField("材料", max_length=10, choices=Paper.choices, default=Paper.POLICY)
    policy = models.ForeignKey(
        Policy, models.PROTECT, null=True, blank=True, related_name="hand_outs", verbose_name="政策"
    )
    copies = models.PositiveSmallIntegerField("份数", default=1)
    way = models.CharField("发放方式", max_length=10, choices=Way.choices, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="hand_outs", verbose_name="发放单位")
    occurred_at = models.DateTimeField("发放时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = CountedForAUnit.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策清单发放"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("handout_subject"),
            models.CheckConstraint(
                condition=Q(paper="policy", policy__isnull=False) | Q(paper="letter", policy__isnull=True),
                name="handout_policy_or_letter",
            ),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="handout_unit_week")]

    def __str__(self) -> str:
        return f"{self.policy or self.get_paper_display()} {self.copies}份"


class Outreach(HasSubject):
    """政策宣传惠及: a firm was told about policies, by a list it was given or at a meeting it came to.

    Row 12 of the weekly table counts the distinct enterprises in here.
    """

    class Way(models.TextChoices):
        PAPER = "paper", "发放政策清单"
        MEETING = "meeting", "参加座谈会"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    way = models.CharField("方式", max_length=10, choices=Way.choices)
    hand_out = models.OneToOneField(
        HandOut, models.CASCADE, null=True, blank=True, related_name="outreach", verbose_name="政策清单"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="宣传单位")
    occurred_at = models.DateTimeField("时间")
    recorded_at = models.DateTimeField("登记时间")

    objects = CountedForAUnit.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策宣传惠及"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("outreach_subject"),
            models.CheckConstraint(
                condition=Q(way="paper", hand_out__isnull=False) | Q(way="meeting", hand_out__isnull=True),
                name="outreach_way",
            ),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="outreach_unit_week")]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.get_way_display()}"


class PaymentQuerySet(CountedForAUnit):
    def standing(self) -> "PaymentQuerySet":
        """What was really paid: neither reversed nor itself a reversal."""
        return self.filter(reverses__isnull=True, reversal__isnull=True)


class Payment(HasSubject):
    """政策兑现: money paid to a firm under a policy (row 13 of the weekly table), in 万元.

    One recorded by mistake is not changed or deleted but reversed (冲销): a second row takes the amount back. It
    happened when the first one did and is recorded later, so that it counts in the same week as long as that table
    is open, and in the next open one after that; a table that was handed in never changes.
    """

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="payments", verbose_name="政策")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="兑现单位")
    amount = models.DecimalField("兑现金额（万元）", max_digits=12, decimal_places=2)
    basis = models.CharField("依据", max_length=200, help_text="拨付文件、批次或凭证号")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name="冲销"
    )
    occurred_at = models.DateTimeField("拨付时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策兑现"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("payment_subject"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, reverses__isnull=True) | Q(amount__lt=0, reverses__isnull=False),
                name="payment_or_reversal",
            ),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="payment_unit_week")]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.amount}万元"

    @property
    def is_standing(self) -> bool:
        """Really paid, as far as anybody knows; with ``reversal`` loaded it costs no query."""
        return self.reverses_id is None and not hasattr(self, "reversal")


class NewsQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "NewsQuerySet":
        """News are public within the district."""
        return self.filter(scope(user.unit.widest_region, "district")) if user.unit_id else self.none()


class NewsItem(Searchable):
    """宣传报道: a report about the action in a paper, on air or online (row 27 of the weekly table)."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="news_items", verbose_name="报送单位")
    title = models.CharField("标题", max_length=150)
    outlet = models.CharField("刊播媒体", max_length=80)
    url = models.URLField("链接", max_length=300, blank=True)
    public = models.BooleanField("在公开页面展示", default=True)
    occurred_at = models.DateTimeField("刊播时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "宣传报道"
        ordering = ["-occurred_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "title", "outlet"], name="news_item_once"),
        ]
        indexes = [models.Index(fields=["unit", "occurred_at"], name="news_unit_week")]

    def __str__(self) -> str:
        return self.title

    def search_words(self) -> list[str]:
        return [self.title, self.outlet]
