"""存量问题攻坚清零: the list of what was left undone, how each is to be solved, and every step of the way."""

from datetime import date
from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from appeals.models.appeal import Appeal
from appeals.querysets import BacklogEventQuerySet, BacklogQuerySet
from core import clock
from core.search import Searchable
from districts.models import Region
from enterprises.models import HasSubject
from imports.models import SheetImport

SOON_DAYS = 3
"""So many days before it is due, something is near."""


class BacklogItem(HasSubject, Searchable):
    """One problem of the list. It is never deleted: what does not belong there is removed with a reason.

    Changed by ``appeals.backlog`` alone, which writes an event for every change.
    """

    class Source(models.TextChoices):
        """Where the plan has the units look (“广泛征集存量问题”)."""

        APPEAL = "appeal", "未办结诉求"
        POLICY = "policy", "政策兑现"
        CONTRACT = "contract", "合同协议"
        LITIGATION = "litigation", "诉讼案件"
        RECONSIDERATION = "reconsideration", "行政复议案件"
        MEDIATION = "mediation", "行政调解案件"
        PETITION = "petition", "信访案件"
        PLATFORM = "platform", "平台投诉"
        CHAMBER = "chamber", "商会意见"
        OTHER = "other", "其他"

    REFERENCES = {
        Source.APPEAL: "诉求编号",
        Source.POLICY: "政策文号",
        Source.CONTRACT: "合同（协议）编号",
        Source.LITIGATION: "案号",
        Source.RECONSIDERATION: "复议案号",
        Source.MEDIATION: "调解案号",
        Source.PETITION: "信访件编号",
        Source.PLATFORM: "平台编号",
        Source.CHAMBER: "来函文号",
        Source.OTHER: "编号",
    }
    """What the number of a paper of each source is called."""

    class Classification(models.TextChoices):
        """By the rights and duties (“科学分类限期解决”): clear and possible, clear but not yet, disputed."""

        IMMEDIATE = "immediate", "立即类"
        LIMITED = "limited", "限期类"
        DISPUTED = "disputed", "争议类"

    class Route(models.TextChoices):
        """The legal way of what is disputed."""

        NEGOTIATION = "negotiation", "协商"
        MEDIATION = "mediation", "调解"
        RECONSIDERATION = "reconsideration", "行政复议"
        ADJUDICATION = "adjudication", "行政裁决"
        ARBITRATION = "arbitration", "仲裁"
        LITIGATION = "litigation", "诉讼"

    class State(models.TextChoices):
        OPEN = "open", "未化解"
        CLEARED = "cleared", "已化解"
        REMOVED = "removed", "已移出"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    number = models.PositiveIntegerField("清单编号")
    source = models.CharField("来源", max_length=20, choices=Source.choices)
    reference = models.CharField("文号、案号或编号", max_length=80, blank=True)
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="backlog_items", verbose_name="诉求"
    )
    title = models.CharField("问题", max_length=80)
    facts = models.TextField("具体情况", blank=True)
    amount = models.DecimalField(
        "涉及金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="backlog_items", verbose_name="牵头责任单位")
    assisting = models.ManyToManyField(
        Unit, blank=True, related_name="assisted_backlog", verbose_name="协同责任单位"
    )
    found_on = models.DateField("发现日期")

    classification = models.CharField("分类", max_length=10, choices=Classification.choices)
    classified_on = models.DateField("分类日期")
    plan = models.TextField("化解方案", blank=True)
    due_on = models.DateField("完成时限", help_text="争议类：下次跟进日期")
    route = models.CharField("法律途径", max_length=20, choices=Route.choices, blank=True)
    next_step = models.CharField("下一步", max_length=300, blank=True)

    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    result = models.TextField("化解情况", blank=True)
    reported_at = models.DateTimeField("报送化解时间", null=True, blank=True)
    reported_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )
    opened_at = models.DateTimeField("列入时间")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="列入人")
    cleared_at = models.DateTimeField("化解时间", null=True, blank=True)
    removed_at = models.DateTimeField("移出时间", null=True, blank=True)
    version = models.PositiveIntegerField("版本", default=0, help_text="经过的事件数")
    sheet_import = models.ForeignKey(
        SheetImport, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="导入"
    )

    objects = BacklogQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存量问题"
        ordering = ["-number"]
        constraints = [
            HasSubject.subject_constraint("backlog_subject"),
            models.UniqueConstraint(fields=["district", "number"], name="backlog_number_once"),
            models.UniqueConstraint(
                fields=["appeal"], condition=Q(state="open"), name="backlog_appeal_once_while_open"
            ),
            models.CheckConstraint(
                condition=Q(source="appeal", appeal__isnull=False)
                | (~Q(source="appeal") & Q(appeal__isnull=True)),
                name="backlog_appeal_of_its_source",
            ),
            models.CheckConstraint(
                condition=(Q(classification="disputed") & ~Q(route="") & ~Q(next_step=""))
                | (~Q(classification="disputed") & Q(route="", next_step="")),
                name="backlog_disputed_has_a_way",
            ),
            models.CheckConstraint(
                condition=Q(state="open", cleared_at__isnull=True, removed_at__isnull=True)
                | Q(state="cleared", cleared_at__isnull=False, removed_at__isnull=True)
                | Q(state="removed", cleared_at__isnull=True, removed_at__isnull=False),
                name="backlog_end_is_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "due_on"], name="backlog_district_due"),
            models.Index(fields=["unit", "state", "due_on"], name="backlog_unit_due"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def search_words(self) -> list[str]:
        return [self.title, self.subject_name, self.reference, self.facts]

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_disputed(self) -> bool:
        return self.classification == self.Classification.DISPUTED

    @property
    def awaits_confirmation(self) -> bool:
        return self.is_open and self.reported_at is not None

    @property
    def reference_label(self) -> str:
        return self.REFERENCES[self.Source(self.source)]

    @property
    def due_label(self) -> str:
        return "下次跟进日期" if self.is_disputed else "完成时限"

    @property
    def ended_on(self) -> date | None:
        ended = self.cleared_at or self.removed_at
        return clock.local_date(ended) if ended else None

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.reported_at is None and self.due_on < clock.today()

    @property
    def colour(self) -> str:
        """Like a deadline's; none once nothing is owed by the unit any more."""
        if not self.is_open or self.reported_at:
            return "none"
        days = (self.due_on - clock.today()).days
        return "red" if days < 0 else "blue" if days <= SOON_DAYS else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        if not self.is_open:
            return self.get_state_display()
        if self.reported_at:
            return "待确认"
        return {"red": "已逾期", "blue": "临期", "green": "未到期"}[self.colour]

    @property
    def colour_date(self) -> date:
        """The day that goes with the word: when it ended, was reported, or is due."""
        if self.reported_at and self.is_open:
            return clock.local_date(self.reported_at)
        return self.ended_on or self.due_on


class BacklogEvent(models.Model):
    """Something that happened to an item of the list; written once.

    ``from_class`` and ``to_class`` are the classes under which the item counted as not solved before and
    after, empty where it did not: the burn-down chart counts nothing else.
    """

    class Kind(models.TextChoices):
        LISTED = "listed", "列入清单"
        CHANGED = "changed", "修改内容"
        CLASSIFIED = "classified", "调整分类"
        PLANNED = "planned", "调整方案"
        PROGRESS = "progress", "工作进展"
        REPORTED = "reported", "报送已化解"
        SENT_BACK = "sent_back", "退回继续化解"
        CONFIRMED = "confirmed", "确认化解"
        REMOVED = "removed", "移出清单"
        RESTORED = "restored", "恢复到清单"

    item = models.ForeignKey(BacklogItem, models.PROTECT, related_name="events", verbose_name="存量问题")
    seq = models.PositiveIntegerField("序号")
    kind = models.CharField("事项", max_length=10, choices=Kind.choices)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="办理人")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    day = models.DateField("发生日期", null=True, help_text="工作进展")
    text = models.TextField("说明", blank=True)
    changes = models.JSONField("变化", default=list)
    """For people: [{"title": 栏目, "before": 原为, "after": 改为}, …]."""
    from_class = models.CharField(
        "此前计入", max_length=10, choices=BacklogItem.Classification.choices, blank=True
    )
    to_class = models.CharField(
        "此后计入", max_length=10, choices=BacklogItem.Classification.choices, blank=True
    )

    objects = BacklogEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "存量问题办理记录"
        ordering = ["item_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["item", "seq"], name="backlog_event_once")]
        indexes = [
            models.Index(
                fields=["item", "at"], condition=~Q(from_class=F("to_class")), name="backlog_event_counts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item_id}#{self.seq} {self.kind}"

    def save(self, *args, **kwargs) -> None:
        if self.pk is not None:
            raise TypeError("Events are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Events are append-only.")
