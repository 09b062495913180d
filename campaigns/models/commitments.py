"""履约践诺: what was promised, by whom and until when; what is owed to small firms; and every step of the way.

S1 “履约践诺”: 惠企政策、承诺、政府和国企的欠账 “三个到位”. S0: “政府承诺+社会监督+失信问责”. The classes and the
legal ways are those of the backlog (立即类、限期类、争议类), in the same words.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from appeals.models import Appeal, BacklogItem
from appeals.models.backlog import SOON_DAYS
from campaigns.commitments.querysets import CommitmentQuerySet, OfCommitments
from core import clock
from core.search import Searchable
from districts.models import Region
from enterprises.models import HasSubject
from imports.models import SheetImport
from policies.models import Claim, Payment

MONEY: dict[str, Any] = {"max_digits": 12, "decimal_places": 2}


class Commitment(HasSubject, Searchable):
    """One thing promised or owed. Never deleted: what should not be there is withdrawn with a reason.

    Changed by ``campaigns.commitments.services.commitments`` alone, which writes an event for every change.
    """

    class Kind(models.TextChoices):
        PROMISE = "promise", "公开承诺"
        POLICY = "policy", "政策兑现"
        CONTRACT = "contract", "合同协议"
        DEBT = "debt", "拖欠账款"

    class Contract(models.TextChoices):
        """“依法签订的招商引资、政府投资、政府采购、招拍挂、特许经营、自然资源使用权出让等合同协议”."""

        INVESTMENT = "investment", "招商引资"
        WORKS = "works", "政府投资工程"
        PURCHASE = "purchase", "政府采购"
        AUCTION = "auction", "招拍挂"
        CONCESSION = "concession", "特许经营"
        RESOURCES = "resources", "自然资源使用权出让"
        OTHER = "other", "其他合同"

    class Debtor(models.TextChoices):
        UNIT = "unit", "机关、事业单位"
        STATE_FIRM = "state_firm", "国有企业"
        LARGE_FIRM = "large_firm", "大型企业"

    class State(models.TextChoices):
        OPEN = "open", "待兑现"
        PARTLY = "partly", "部分兑现"
        DISPUTED = "disputed", "有争议"
        KEPT = "kept", "已兑现"
        BROKEN = "broken", "未兑现"
        WITHDRAWN = "withdrawn", "已撤销"

    RUNNING = (State.OPEN, State.PARTLY, State.DISPUTED)
    Classification = BacklogItem.Classification
    Route = BacklogItem.Route

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    number = models.PositiveIntegerField("编号")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    contract = models.CharField("合同类别", max_length=12, choices=Contract.choices, blank=True)
    title = models.CharField("承诺事项", max_length=100)
    content = models.TextField("具体内容", blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="commitments", verbose_name="责任单位")
    debtor = models.CharField("欠款方类别", max_length=12, choices=Debtor.choices, blank=True)
    debtor_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="debts", verbose_name="欠款单位"
    )
    debtor_name = models.CharField("欠款企业", max_length=120, blank=True)
    amount = models.DecimalField(
        "金额（万元）", null=True, blank=True, validators=[MinValueValidator(Decimal("0.01"))], **MONEY
    )
    acknowledged = models.DecimalField(
        "确认金额（万元）", null=True, blank=True, validators=[MinValueValidator(Decimal("0.01"))], **MONEY
    )
    """What the debtor admits; where it is known, it counts and not what the firm asks for."""
    basis = models.CharField("依据", max_length=200, help_text="文件、合同、判决书等及其编号")
    made_on = models.DateField("承诺（签订）日期")
    contract_due_on = models.DateField("合同约定日期", null=True, blank=True)

    classification = models.CharField("分类", max_length=10, choices=Classification.choices)
    due_on = models.DateField("兑现时限", help_text="争议类：下次跟进日期")
    plan = models.TextField("兑现方案", blank=True)
    route = models.CharField("法律途径", max_length=20, choices=Route.choices, blank=True)
    next_step = models.CharField("下一步", max_length=300, blank=True)

    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    result = models.TextField("兑现情况", blank=True)
    evidence = models.CharField("兑现依据", max_length=300, blank=True, help_text="凭证号、文号、网址等")
    reported_at = models.DateTimeField("报送兑现时间", null=True, blank=True)
    reported_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    published_at = models.DateTimeField("公开时间", null=True, blank=True)

    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name="诉求"
    )
    backlog_item = models.ForeignKey(
        BacklogItem,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="commitments",
        verbose_name="存量问题",
    )
    claim = models.ForeignKey(
        Claim, models.PROTECT, null=True, blank=True, related_name="commitments", verbose_name="兑现申请"
    )
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    version = models.PositiveIntegerField("版本", default=0, help_text="经过的事件数")
    sheet_import = models.ForeignKey(
        SheetImport, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="导入"
    )

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履约承诺"
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(enterprise__isnull=True) | Q(project__isnull=True), name="commitment_one_subject"
            ),
            models.UniqueConstraint(fields=["district", "number"], name="commitment_number_once"),
            models.UniqueConstraint(
                fields=["appeal"],
                condition=Q(state__in=["open", "partly", "disputed"]),
                name="commitment_appeal_once_running",
            ),
            models.UniqueConstraint(
                fields=["claim"],
                condition=Q(state__in=["open", "partly", "disputed"]),
                name="commitment_claim_once_running",
            ),
            models.CheckConstraint(
                condition=~Q(kind="debt") | (Q(amount__isnull=False) & ~Q(debtor="")),
                name="commitment_debt_has_amount",
            ),
            models.CheckConstraint(
                condition=(Q(classification="disputed") & ~Q(route="") & ~Q(next_step=""))
                | (~Q(classification="disputed") & Q(route="", next_step="")),
                name="commitment_disputed_has_a_way",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "partly", "disputed"], ended_at__isnull=True)
                | Q(state__in=["kept", "broken", "withdrawn"], ended_at__isnull=False),
                name="commitment_end_is_dated",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(kind="promise"), name="commitment_public_promise"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "due_on"], name="commitment_district_due"),
            models.Index(fields=["unit", "state", "due_on"], name="commitment_unit_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def search_words(self) -> list[str]:
        return [self.title, self.subject_name, self.debtor_name, self.basis, self.content]

    @property
    def to_whom(self) -> str:
        return self.subject_name or "社会公众"

    @property
    def debtor_label(self) -> str:
        return self.debtor_unit.short_name if self.debtor_unit else self.debtor_name

    @property
    def owed(self) -> Decimal | None:
        """What counts as the whole: the acknowledged amount, else the one asked for."""
        return self.acknowledged if self.acknowledged is not None else self.amount

    @property
    def left(self) -> Decimal | None:
        """Still to be paid; for rows of ``with_money``."""
        return None if self.owed is None else max(self.owed - self.paid, Decimal(0))  # type: ignore[attr-defined]

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING

    @property
    def is_debt(self) -> bool:
        return self.kind == self.Kind.DEBT

    @property
    def is_disputed(self) -> bool:
        return self.classification == self.Classification.DISPUTED

    @property
    def has_instalments(self) -> bool:
        """Money is paid on it, so that its payments are recorded one by one."""
        return self.owed is not None

    @property
    def awaits_confirmation(self) -> bool:
        return self.is_running and self.reported_at is not None

    @property
    def due_label(self) -> str:
        return "下次跟进日期" if self.is_disputed else "兑现时限"

    @property
    def ended_on(self) -> date | None:
        return clock.local_date(self.ended_at) if self.ended_at else None

    @property
    def is_overdue(self) -> bool:
        return self.is_running and self.reported_at is None and self.due_on < clock.today()

    @property
    def colour(self) -> str:
        """Like a deadline's; none once nothing is to be done any more."""
        if not self.is_running or self.reported_at:
            return "none"
        days = (self.due_on - clock.today()).days
        return "red" if days < 0 else "blue" if days <= SOON_DAYS else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        if not self.is_running:
            return self.get_state_display()
        if self.reported_at:
            return "待确认"
        return {"red": "已逾期", "blue": "临期", "green": self.get_state_display()}[self.colour]

    @property
    def colour_date(self) -> date:
        if self.reported_at and self.is_running:
            return clock.local_date(self.reported_at)
        return self.ended_on or self.due_on


class Instalment(models.Model):
    """A payment on a commitment. A mistaken one is cancelled with a reason and counts no more.

    What is paid on a claim is recorded once, as a :class:`policies.models.Payment`; where the claim is on the list, the
    instalment follows from it, and its reversal cancels it.
    """

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="instalments", verbose_name="承诺"
    )
    paid_on = models.DateField("付款日期")
    amount = models.DecimalField("付款金额（万元）", validators=[MinValueValidator(Decimal("0.01"))], **MONEY)
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="instalments", verbose_name="政策兑现"
    )
    voucher = models.CharField("凭证", max_length=200, help_text="支付凭证号、银行回单号")
    received = models.BooleanField("企业已确认到账", default=False)
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    cancelled_at = models.DateTimeField("作废时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废人"
    )
    cancelled_reason = models.CharField("作废原因", max_length=300, blank=True)

    objects = OfCommitments.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分期付款"
        ordering = ["-paid_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_reason="")
                | (Q(cancelled_at__isnull=False) & ~Q(cancelled_reason="")),
                name="instalment_cancelled_with_reason",
            ),
            models.UniqueConstraint(fields=["commitment", "payment"], name="instalment_payment_once"),
        ]
        indexes = [models.Index(fields=["commitment", "paid_on"], name="instalment_paid")]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount}万元"


class CommitmentEvent(models.Model):
    """Something that happened to a commitment; written once.

    ``was_running`` and ``is_running``: whether it counted as not kept before and after; the burn-down counts these.
    """

    class Kind(models.TextChoices):
        RECORDED = "recorded", "登记"
        CHANGED = "changed", "修改内容"
        PLANNED = "planned", "调整分类和方案"
        PROGRESS = "progress", "工作进展"
        PAID = "paid", "付款"
        CANCELLED = "cancelled", "付款作废"
        REPORTED = "reported", "报送已兑现"
        SENT_BACK = "sent_back", "退回继续兑现"
        CONFIRMED = "confirmed", "确认兑现"
        BROKEN = "broken", "认定未兑现"
        WITHDRAWN = "withdrawn", "撤销"
        RESTORED = "restored", "恢复"
        PUBLISHED = "published", "公开"
        HIDDEN = "hidden", "取消公开"
        ESCALATED = "escalated", "逾期提级"

    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="events", verbose_name="承诺")
    seq = models.PositiveIntegerField("序号")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    day = models.DateField("发生日期", null=True)
    text = models.TextField("说明", blank=True)
    changes = models.JSONField("变化", default=list)
    """For people: [{"title": 栏目, "before": 原为, "after": 改为}, …]."""
    was_running = models.BooleanField("此前未了", default=False)
    is_running = models.BooleanField("此后未了", default=False)

    objects = OfCommitments.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "履约办理记录"
        ordering = ["commitment_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["commitment", "seq"], name="commitment_event_once")]
        indexes = [
            models.Index(
                fields=["commitment", "at"],
                condition=~Q(was_running=F("is_running")),
                name="commitment_event_counts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id}#{self.seq} {self.kind}"

    def save(self, *args, **kwargs) -> None:
        if self.pk is not None:
            raise TypeError("Events are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Events are append-only.")


class Escalation(models.Model):
    """A rung of the ladder that was reached: once for a commitment and its day, however often the tick runs."""

    commitment = models.ForeignKey(
        Commitment, models.PROTECT, related_name="escalations", verbose_name="承诺"
    )
    due_on = models.DateField("时限")
    after = models.PositiveSmallIntegerField("逾期天数")
    label = models.CharField("措施", max_length=40)
    at = models.DateTimeField("时间")

    objects = OfCommitments.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "逾期提级"
        ordering = ["commitment_id", "at", "after"]
        constraints = [
            models.UniqueConstraint(fields=["commitment", "due_on", "after"], name="escalation_once")
        ]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.label}"
