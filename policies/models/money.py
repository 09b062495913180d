"""Money under a policy: what was asked for and promised, and what was really paid."""

from decimal import Decimal

from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.models import Unit, User
from core import clock
from districts.models import Region
from enterprises.models import HasSubject
from policies.models.counted import CountedForAUnit
from policies.models.library import Policy

MONEY = DecimalField(max_digits=14, decimal_places=2)


class ClaimQuerySet(CountedForAUnit):
    def with_paid(self) -> "ClaimQuerySet":
        """Each with ``paid``: what really reached the firm."""
        # A reversal counts on the claim of what it takes back, so that the sum is right by itself.
        rows = Payment.objects.filter(claim=OuterRef("pk")).order_by().values("claim")
        paid = rows.annotate(total=Sum("amount")).values("total")
        return self.annotate(paid=Coalesce(Subquery(paid), Value(Decimal(0)), output_field=MONEY))

    def to_pay(self) -> "ClaimQuerySet":
        """Approved and not yet paid whole; rows of ``with_paid``."""
        return self.filter(state="approved", paid__lt=F("approved_amount"))

    def overdue(self) -> "ClaimQuerySet":
        """The day by which the unit promised to pay has passed; rows of ``with_paid``."""
        return self.to_pay().filter(promised_on__lt=clock.today())


class Claim(HasSubject):
    """兑现申请: what a firm asked for under a policy, what was approved, and by when the unit promised to pay.

    “免申即享”: nobody had to ask; the unit found the firm itself. What was paid are its :class:`Payment` rows.
    """

    class State(models.TextChoices):
        APPLIED = "applied", "待审核"
        APPROVED = "approved", "已核定"
        REFUSED = "refused", "不予兑现"
        WITHDRAWN = "withdrawn", "已撤回"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="claims", verbose_name="政策")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="兑现单位")
    unasked = models.BooleanField("免申即享", default=False)
    applied_on = models.DateField("申请日期")
    applied_amount = models.DecimalField("申请金额（万元）", max_digits=12, decimal_places=2)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.APPLIED)
    approved_on = models.DateField("核定日期", null=True, blank=True)
    approved_amount = models.DecimalField(
        "核定金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    promised_on = models.DateField("承诺兑付日期", null=True, blank=True)
    reason = models.CharField("原因", max_length=300, blank=True)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "兑现申请"
        ordering = ["-applied_on", "-id"]
        constraints = [
            HasSubject.subject_constraint("claim_subject"),
            models.CheckConstraint(condition=Q(applied_amount__gt=0), name="claim_amount"),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(approved_on__isnull=False, approved_amount__gt=0, promised_on__isnull=False),
                name="claim_approved_is_dated",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "withdrawn"]) | ~Q(reason=""),
                name="claim_ended_has_reason",
            ),
        ]
        indexes = [models.Index(fields=["unit", "state", "promised_on"], name="claim_unit_promised")]

    def __str__(self) -> str:
        return f"{self.subject_name}《{self.policy}》"

    @property
    def left(self) -> Decimal:
        """Approved and not paid; for rows of ``with_paid``."""
        return max((self.approved_amount or Decimal(0)) - self.paid, Decimal(0))  # type: ignore[attr-defined]

    @property
    def progress(self) -> str:
        """The state with what was paid, in a word."""
        if self.state != self.State.APPROVED:
            return self.get_state_display()
        if not self.left:
            return "已兑付"
        return "部分兑付" if self.paid else "待兑付"  # type: ignore[attr-defined]

    @property
    def is_overdue(self) -> bool:
        return (
            self.state == self.State.APPROVED
            and bool(self.left)
            and self.promised_on is not None
            and self.promised_on < clock.today()
        )


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
    claim = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name="兑现申请"
    )
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
