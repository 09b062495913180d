"""Training run by firms themselves: filed, approved, held, and subsidised by the district."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from core.search import Searchable, SearchQuerySet
from districts.models import Region
from enterprises.models import Enterprise
from enterprises.querysets import DISTRICT_WIDE, own_region
from policies.models import Payment


class TrainingQuerySet(SearchQuerySet):
    def visible_to(self, user) -> "TrainingQuerySet":
        """District-wide roles and the approving unit see all; others what lies in their region or they filed."""
        if user.unit_id is None:
            return self.none()
        visible = own_region(user, "region") | Q(filed_unit=user.unit_id) | Q(deciding_unit=user.unit_id)
        if user.has_role(*DISTRICT_WIDE):
            visible |= own_region(user, "district")
        return self.filter(visible)


class TrainingPlan(Searchable):
    """One training of one firm (企业家素质提升 二（五）: “经备案审批后，按照培训费的50%给予企业补贴”), in 元."""

    class State(models.TextChoices):
        FILED = "filed", "已备案待审批"
        APPROVED = "approved", "已同意"
        REFUSED = "refused", "不同意"
        HELD = "held", "已开展待核定"
        SETTLED = "settled", "已核定待兑现"
        PAID = "paid", "已兑现"
        WITHDRAWN = "withdrawn", "已撤回"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="training_plans", verbose_name="企业"
    )
    title = models.CharField("培训名称", max_length=120)
    starts = models.DateField("开始日期")
    ends = models.DateField("结束日期")
    participants = models.PositiveIntegerField("计划人数")
    provider = models.CharField("培训机构、师资", max_length=120)
    place = models.CharField("地点", max_length=120, blank=True)
    fee = models.DecimalField("预算培训费（元）", max_digits=12, decimal_places=2)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.FILED)
    filed_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="受理单位")
    filed_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="备案登记人")
    filed_at = models.DateTimeField("备案时间")
    deciding_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="审批单位")
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    decision_note = models.CharField("审批意见", max_length=200, blank=True)
    attended = models.PositiveIntegerField("实到人数", null=True, blank=True)
    invoice_number = models.CharField("发票号码", max_length=60, blank=True)
    invoice_amount = models.DecimalField(
        "发票金额（元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    held_note = models.CharField("开展情况", max_length=300, blank=True)
    held_at = models.DateTimeField("开展登记时间", null=True, blank=True)
    share = models.DecimalField("补贴比例", max_digits=4, decimal_places=3, null=True, blank=True)
    subsidy = models.DecimalField("补贴金额（元）", max_digits=12, decimal_places=2, null=True, blank=True)
    settled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核定人"
    )
    settled_at = models.DateTimeField("核定时间", null=True, blank=True)
    paid_on = models.DateField("拨付日期", null=True, blank=True)
    payment = models.OneToOneField(
        Payment, models.PROTECT, null=True, blank=True, related_name="training_plan", verbose_name="政策兑现"
    )

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训补贴"
        ordering = ["-filed_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="training_ends_later"),
            models.CheckConstraint(condition=Q(fee__gt=0), name="training_costs_something"),
            models.CheckConstraint(
                condition=~Q(state__in=["settled", "paid"])
                | Q(subsidy__isnull=False, invoice_amount__isnull=False),
                name="training_settled_has_a_figure",
            ),
        ]
        indexes = [models.Index(fields=["district", "state"], name="training_state")]

    def __str__(self) -> str:
        return f"{self.enterprise}：{self.title}"

    def search_words(self) -> list[str]:
        return [self.title, self.provider, self.enterprise.name]

    @property
    def base(self) -> Decimal:
        """What the subsidy is a share of: the invoice, but not more than what was approved."""
        return min(self.invoice_amount or Decimal(0), self.fee)
