"""金融助企: financing needs, collected in rounds, handed to banks and followed to the loan."""

from decimal import Decimal

from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from appeals.models import Appeal
from campaigns.needs.querysets import DispatchQuerySet, EntryQuerySet, FinancingNeedQuerySet, RoundQuerySet
from core import clock
from core.search import Searchable
from districts.models import Region
from enterprises.models import HasSubject


class FinancingRound(models.Model):
    """一轮集中摸排: 平均每两个月至少集中摸排 1 次 (金融助企 二（一）). Opened by a tick, summed up when it is closed."""

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    year = models.PositiveSmallIntegerField("年份")
    number = models.PositiveSmallIntegerField("轮次")
    starts = models.DateField("开始")
    ends = models.DateField("结束", help_text="最后一天")
    opened_at = models.DateTimeField("开启时间")
    closed_at = models.DateTimeField("小结时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="小结人"
    )
    summary = models.TextField("小结", blank=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "融资需求轮次"
        ordering = ["-year", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["district", "year", "number"], name="financing_round_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | ~Q(summary=""), name="financing_round_closed_with_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}年第{self.number}轮"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class FinancingNeed(HasSubject, Searchable):
    """What a firm needs from a bank: how much, what for, how long, and what it can offer for it."""

    class State(models.TextChoices):
        PENDING = "pending", "待核实"
        OPEN = "open", "待交办"
        DISPATCHED = "dispatched", "银行对接中"
        CREDITED = "credited", "已授信"
        LENT = "lent", "已放款"
        UNSOLVED = "unsolved", "未解决"
        WITHDRAWN = "withdrawn", "已撤回"

    RUNNING = (State.OPEN, State.DISPATCHED, State.CREDITED)

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在乡镇、园区")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="financing_needs", verbose_name="摸排单位")
    by_firm = models.BooleanField("企业自行填报", default=False)
    amount = models.DecimalField("需求金额（万元）", max_digits=10, decimal_places=2)
    purpose = models.CharField("用途", max_length=200)
    term_months = models.PositiveSmallIntegerField("期限（月）")
    guarantee = models.CharField("可提供的担保", max_length=40, help_text="代码见区县配置的 needs.guarantees")
    current_bank = models.CharField("现合作银行", max_length=60, blank=True)
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True)
    state = models.CharField("状态", max_length=12, choices=State.choices, default=State.OPEN)
    closing = models.CharField("说明", max_length=300, blank=True)
    """Why it was withdrawn, or could not be solved."""
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    appeal = models.ForeignKey(
        Appeal, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="转为诉求"
    )
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )

    objects = FinancingNeedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "融资需求"
        ordering = ["-recorded_at", "-id"]
        constraints = [
            HasSubject.subject_constraint("financing_need_one_subject"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="financing_need_of_something"),
        ]
        indexes = [
            models.Index(fields=["district", "state"], name="financing_need_state"),
            models.Index(fields=["unit", "recorded_at"], name="financing_need_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.amount.normalize():f}万元"

    def search_words(self) -> list[str]:
        return [self.subject_name, self.purpose, self.current_bank]

    @property
    def is_running(self) -> bool:
        return self.state in self.RUNNING


class FinancingEntry(models.Model):
    """A need in a round: it came up in it, or was carried over from the one before because nothing had come of it."""

    round = models.ForeignKey(FinancingRound, models.PROTECT, related_name="entries", verbose_name="轮次")
    need = models.ForeignKey(FinancingNeed, models.CASCADE, related_name="entries", verbose_name="需求")
    carried = models.BooleanField("上轮结转", default=False)
    added_at = models.DateTimeField("列入时间")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "轮次中的需求"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["round", "need"], name="need_once_in_a_round")]

    def __str__(self) -> str:
        return f"{self.round} {self.need}"


class FinancingDispatch(models.Model):
    """交办: a need handed to a bank or guarantee firm, its answer, and what was granted and lent."""

    class Answer(models.TextChoices):
        WAITING = "", "待答复"
        CREDIT = "credit", "授信"
        REFUSED = "refused", "不予支持"

    need = models.ForeignKey(FinancingNeed, models.CASCADE, related_name="dispatches", verbose_name="需求")
    round = models.ForeignKey(FinancingRound, models.PROTECT, related_name="dispatches", verbose_name="轮次")
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="financing_dispatches",
        verbose_name="金融机构",
    )
    bank_name = models.CharField("金融机构", max_length=60)
    """Also of a unit: the name it had then."""
    dispatched_at = models.DateTimeField("交办时间")
    dispatched_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="交办人")
    due = models.DateField("答复时限")
    answer = models.CharField("答复", max_length=10, choices=Answer.choices, blank=True, default="")
    credit = models.DecimalField("授信额（万元）", max_digits=10, decimal_places=2, default=Decimal(0))
    lent = models.DecimalField("放款额（万元）", max_digits=10, decimal_places=2, default=Decimal(0))
    product = models.CharField("信贷产品", max_length=60, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复登记人"
    )
    lent_at = models.DateTimeField("放款时间", null=True, blank=True)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "融资交办"
        ordering = ["dispatched_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["need", "bank_name"],
                condition=Q(answer=""),
                name="financing_dispatched_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(answer="refused") | ~Q(reason=""), name="financing_refused_for_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(answer="credit") | Q(credit=0, lent=0), name="financing_money_only_with_a_yes"
            ),
        ]
        indexes = [models.Index(fields=["unit", "answer", "due"], name="financing_to_answer")]

    def __str__(self) -> str:
        return f"{self.need} → {self.bank_name}"

    @property
    def is_waiting(self) -> bool:
        return self.answer == self.Answer.WAITING

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due < clock.today()

    @property
    def in_time(self) -> bool:
        return self.answered_at is not None and clock.local_date(self.answered_at) <= self.due
