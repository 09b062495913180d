"""An appeal: what a firm asked for, where it stands, and which clocks run.

The status is assigned by ``appeals.perform`` alone; the field is protected against anybody else.
"""

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, FSMModelMixin

from accounts.models import Unit, User
from appeals.querysets import AppealQuerySet, AppendOnly, DeadlineQuerySet, OfVisibleAppeals
from core import clock
from core.phones import validate_phone
from core.search import Searchable
from districts.models import DistrictProfile, Region
from enterprises.models import HasSubject
from liaisons.models import ServiceEvent, Visit


class Status(models.TextChoices):
    SUBMITTED = "submitted", "待受理"
    ACCEPTED = "accepted", "待交办"
    DISPATCHED = "dispatched", "待签收"
    HANDLING = "handling", "办理中"
    WAITING = "waiting", "待补充"
    REFUSING = "refusing", "拟说“不”"
    CONSULTING = "consulting", "会商研判"
    EXPLAINING = "explaining", "待解释"
    REPORTED_UP = "reported_up", "上报市级"
    ON_FILE = "on_file", "挂账"
    ANSWERED = "answered", "待回访"
    REVISITED = "revisited", "待二次回访"
    CLOSED = "closed", "办结"
    SOLVED_ON_SPOT = "solved_on_spot", "当场办结"
    DECLINED = "declined", "不予受理"
    MERGED = "merged", "已并单"
    WITHDRAWN = "withdrawn", "已撤回"


FINAL = frozenset({Status.CLOSED, Status.SOLVED_ON_SPOT, Status.DECLINED, Status.MERGED, Status.WITHDRAWN})


class Urgency(models.TextChoices):
    URGENT = "urgent", "紧急"
    NORMAL = "normal", "一般"
    COMPLEX = "complex", "复杂"


class Appeal(FSMModelMixin, HasSubject, Searchable):
    FINAL = FINAL

    secret_code = ""
    """In plain only on the object that ``perform`` returns when it creates the appeal; stored nowhere."""

    number = models.CharField("编号", max_length=30, unique=True)
    secret_digest = models.CharField("查询码指纹", max_length=64, editable=False)
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    profile = models.ForeignKey(DistrictProfile, models.PROTECT, related_name="+", verbose_name="适用规则")

    contact_name = models.CharField("联系人", max_length=50)
    contact_phone = models.CharField("联系电话", max_length=30, validators=[validate_phone])
    title = models.CharField("标题", max_length=80)
    content = models.TextField("诉求内容")
    category = models.CharField("类别", max_length=30)
    channel = models.CharField("来源渠道", max_length=30)
    urgency = models.CharField("紧急程度", max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)

    status = FSMField("状态", max_length=20, choices=Status.choices, default=Status.SUBMITTED, protected=True)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0, help_text="经过的事件数，用来识别过期页面")

    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name="来自走访"
    )
    service_event = models.ForeignKey(
        ServiceEvent, models.PROTECT, null=True, blank=True, related_name="appeals", verbose_name="来自活动"
    )
    collecting_unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="collected_appeals", verbose_name="收集单位"
    )
    registered_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    lead_unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="lead_appeals", verbose_name="主办单位"
    )
    officer = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="经办人"
    )
    provincial_number = models.CharField("省平台编号", max_length=40, blank=True)
    provincial_recorded_at = models.DateTimeField("省平台录入时间", null=True, blank=True)

    submitted_at = models.DateTimeField("提交时间")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    ended_at = models.DateTimeField("终结时间", null=True, blank=True)
    reopen_until = models.DateTimeField("可再次反映至", null=True, blank=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "企业诉求"
        ordering = ["-submitted_at", "-id"]
        constraints = [HasSubject.subject_constraint("appeal_subject")]
        indexes = [
            models.Index(fields=["district", "-submitted_at", "-id"], name="appeal_district_recent"),
            models.Index(fields=["district", "status", "-submitted_at"], name="appeal_district_status"),
            models.Index(fields=["lead_unit", "status", "-submitted_at"], name="appeal_lead_status"),
            models.Index(fields=["collecting_unit", "provincial_recorded_at"], name="appeal_row_16"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def search_words(self) -> list[str]:
        return [self.number, self.title, self.subject_name, self.content, self.provincial_number]

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def rules(self):
        """The district's rules this appeal began under."""
        return self.profile.rules

    @property
    def category_label(self) -> str:
        return self.rules.label("categories", self.category)

    @property
    def channel_label(self) -> str:
        return self.rules.label("channels", self.channel)


class Participation(models.Model):
    """A unit that has, or once had, a part in an appeal: what lets its officials see it."""

    class Part(models.TextChoices):
        COLLECTING = "collecting", "收集单位"
        LEAD = "lead", "主办单位"
        ASSISTING = "assisting", "协办单位"

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="participations", verbose_name="诉求")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="participations", verbose_name="单位")
    part = models.CharField("身份", max_length=12, choices=Part.choices)
    round = models.PositiveSmallIntegerField("轮次", default=1)

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参与单位"
        constraints = [
            models.UniqueConstraint(fields=["appeal", "unit", "part", "round"], name="participation_once")
        ]
        indexes = [models.Index(fields=["unit", "appeal"], name="participation_unit")]

    def __str__(self) -> str:
        return f"{self.unit} {self.get_part_display()}"


class Event(models.Model):
    """Something that happened to an appeal: one row a call of ``perform``, never changed.

    Holds references and codes only, never personal text, so that it can be kept for ever.
    ``occurred_at`` is when it happened, ``recorded_at`` when the portal learned of it.
    """

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="events", verbose_name="诉求")
    seq = models.PositiveIntegerField("序号")
    transition = models.CharField("动作", max_length=40)
    from_status = models.CharField("原状态", max_length=20, choices=Status.choices, blank=True)
    to_status = models.CharField("新状态", max_length=20, choices=Status.choices)
    round = models.PositiveSmallIntegerField("轮次")
    actor_kind = models.CharField("谁", max_length=10)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="账号")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    occurred_at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("登记时间")
    data = models.JSONField("引用", default=dict)

    objects = AppendOnly.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理事件"
        ordering = ["appeal_id", "seq"]
        constraints = [models.UniqueConstraint(fields=["appeal", "seq"], name="event_once")]
        indexes = [models.Index(fields=["transition", "occurred_at"], name="event_transition_time")]

    def __str__(self) -> str:
        return f"{self.appeal_id}#{self.seq} {self.transition}"

    def save(self, *args, **kwargs) -> None:
        if self.pk is not None:
            raise TypeError("Events are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("Events are append-only.")


class Audience(models.TextChoices):
    FIRM = "firm", "企业可见"
    INTERNAL = "internal", "内部"


class OfAnEvent(models.Model):
    """What an event brought with it: its words, figures or files."""

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="%(class)ss", verbose_name="诉求")
    event_seq = models.PositiveIntegerField("事件序号")
    round = models.PositiveSmallIntegerField("轮次")
    at = models.DateTimeField("时间")

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        abstract = True
        ordering = ["event_seq", "id"]


class Statement(OfAnEvent):
    """The words of an event: a reason, a requirement, what is still wrong."""

    text = models.TextField("文字")
    audience = models.CharField("谁能看到", max_length=10, choices=Audience.choices)

    class Meta(OfAnEvent.Meta):
        verbose_name = verbose_name_plural = "说明"

    def __str__(self) -> str:
        return self.text[:30]


class Solved(models.TextChoices):
    YES = "yes", "已解决"
    PARTLY = "partly", "部分解决"
    NO = "no", "未解决"


class Answer(OfAnEvent):
    """A unit's feedback (反馈), or the answer given on the spot."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="答复单位")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    result = models.TextField("办理结果")
    basis = models.TextField("政策或法律依据", blank=True)
    solved = models.CharField("是否解决", max_length=10, choices=Solved.choices)

    class Meta(OfAnEvent.Meta):
        verbose_name = verbose_name_plural = "答复"

    def __str__(self) -> str:
        return self.result[:30]


class Effect(OfAnEvent):
    """What an answer achieved (人、万元、亩、个), kept as changes so that every week's sum stays true."""

    kind = models.CharField("成效", max_length=20)
    change = models.DecimalField("变化量", max_digits=12, decimal_places=2)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="effects", verbose_name="主办单位")

    class Meta(OfAnEvent.Meta):
        verbose_name = verbose_name_plural = "解决成效"
        indexes = [models.Index(fields=["unit", "kind", "at"], name="effect_unit_week")]

    def __str__(self) -> str:
        return f"{self.kind} {self.change}"


class Rating(OfAnEvent):
    """The firm's own judgement, given without an account."""

    satisfaction = models.CharField("满意度", max_length=20)
    solved = models.CharField("是否解决", max_length=10, choices=Solved.choices)
    comment = models.TextField("评价", blank=True)

    class Meta(OfAnEvent.Meta):
        verbose_name = verbose_name_plural = "企业评价"

    def __str__(self) -> str:
        return self.satisfaction


class Revisit(OfAnEvent):
    """One attempt of a revisit: by the handling unit, or independently by the bureau."""

    class Stage(models.TextChoices):
        FIRST = "first", "回访"
        SECOND = "second", "二次回访"

    class Method(models.TextChoices):
        PHONE = "phone", "电话"
        ON_SITE = "on_site", "上门"
        WECHAT = "wechat", "微信"
        OFFICE = "office", "到访面谈"

    stage = models.CharField("层次", max_length=10, choices=Stage.choices)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="回访单位")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="回访人")
    method = models.CharField("方式", max_length=10, choices=Method.choices)
    reached = models.BooleanField("是否接通")
    solved = models.CharField("是否解决", max_length=10, choices=Solved.choices, blank=True)
    satisfaction = models.CharField("满意度", max_length=20, blank=True)
    note = models.TextField("回访记录", blank=True)
    concludes = models.BooleanField("得出结论", help_text="接通，或三个不同日期均未接通")

    class Meta(OfAnEvent.Meta):
        verbose_name = verbose_name_plural = "回访"

    def __str__(self) -> str:
        return f"{self.get_stage_display()} {self.at:%Y-%m-%d}"


class Attachment(OfAnEvent):
    """A file of an event; served only by a view that checks who asks."""

    file = models.FileField("文件", upload_to="attachments/%Y/%m/")
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveIntegerField("字节数")
    media_type = models.CharField("类型", max_length=100)
    sha256 = models.CharField("校验值", max_length=64)
    audience = models.CharField("谁能看到", max_length=10, choices=Audience.choices)

    class Meta(OfAnEvent.Meta):
        verbose_name = verbose_name_plural = "附件"

    def __str__(self) -> str:
        return self.name


class PendingRequest(models.Model):
    """Something asked that another officer rules on; not a state of the appeal."""

    class Kind(models.TextChoices):
        DECLINE = "decline", "拟不予受理"
        CONFIRM = "confirm", "当场答复待企业确认"

    class Ruling(models.TextChoices):
        AGREED = "agreed", "同意"
        REFUSED = "refused", "不同意"
        LAPSED = "lapsed", "失效"

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="requests", verbose_name="诉求")
    kind = models.CharField("事项", max_length=20, choices=Kind.choices)
    round = models.PositiveSmallIntegerField("轮次")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间")
    data = models.JSONField("内容", default=dict)
    ruling = models.CharField("裁定", max_length=10, choices=Ruling.choices, blank=True)
    ruled_at = models.DateTimeField("裁定时间", null=True)

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待裁定事项"
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "kind"], condition=Q(ruling=""), name="request_pending_once"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Deadline(models.Model):
    """A clock: one row per round, kind and owner unit. The verdict is frozen when the stage ends."""

    class Kind(models.TextChoices):
        ACCEPT = "accept", "受理"
        DISPATCH = "dispatch", "交办"
        SIGN = "sign", "签收"
        HANDLE = "handle", "办理"
        ASSIST = "assist", "协办"
        REVISIT = "revisit", "回访"
        SECOND_REVISIT = "second_revisit", "二次回访"
        RULE = "rule", "裁定"

    class Verdict(models.TextChoices):
        ON_TIME = "on_time", "按时"
        LATE = "late", "超期"
        VOID = "void", "终止"

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="deadlines", verbose_name="诉求")
    round = models.PositiveSmallIntegerField("轮次")
    kind = models.CharField("环节", max_length=20, choices=Kind.choices)
    owner = models.ForeignKey(Unit, models.PROTECT, related_name="deadlines", verbose_name="责任单位")
    started_at = models.DateTimeField("开始")
    workdays = models.PositiveSmallIntegerField("工作日数")
    blue_at = models.DateTimeField("临期时间")
    due_at = models.DateTimeField("到期时间")
    behind_since = models.DateTimeField("滞后起", null=True, blank=True)
    paused_at = models.DateTimeField("暂停自", null=True, blank=True)
    provisional = models.BooleanField("暂按平日计", default=False)
    met_at = models.DateTimeField("完成时间", null=True, blank=True)
    verdict = models.CharField("结论", max_length=10, choices=Verdict.choices, blank=True)
    remind_at = models.DateTimeField("下次提醒", null=True, blank=True)
    next_rung = models.PositiveSmallIntegerField("下一级提醒", default=0)

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理时限"
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "round", "kind", "owner"],
                condition=Q(verdict=""),
                name="deadline_runs_once",
            )
        ]
        indexes = [
            models.Index(fields=["owner", "due_at"], name="deadline_owner_due", condition=Q(verdict="")),
            models.Index(fields=["remind_at"], name="deadline_to_remind", condition=Q(verdict="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def colour(self) -> str:
        """green, blue, yellow or red while the clock runs; none when it stands or has ended."""
        now = clock.now()
        if self.verdict or self.paused_at:
            return "none"
        if now > self.due_at:
            return "red"
        if self.behind_since:
            return "yellow"
        return "blue" if now >= self.blue_at else "green"

    @property
    def colour_label(self) -> str:
        """The word that always goes with the colour."""
        if self.verdict:
            return self.get_verdict_display()
        if self.paused_at:
            return "暂停计时"
        return {"red": "已超期", "yellow": "滞后", "blue": "临期", "green": "正常"}[self.colour]


class DeadlinePause(models.Model):
    """A stretch of time in which a clock stood still."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="pauses", verbose_name="时限")
    started_at = models.DateTimeField("暂停")
    ended_at = models.DateTimeField("恢复", null=True)
    transition = models.CharField("因何", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "时限暂停"

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}"


class DeadlineReminder(models.Model):
    """A rung of the reminder ladder that was climbed; the unique key makes it happen once."""

    deadline = models.ForeignKey(Deadline, models.CASCADE, related_name="reminders", verbose_name="时限")
    rung = models.PositiveSmallIntegerField("级别")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "时限提醒"
        constraints = [models.UniqueConstraint(fields=["deadline", "rung"], name="rung_climbed_once")]

    def __str__(self) -> str:
        return f"{self.deadline_id} #{self.rung}"


class NumberCounter(models.Model):
    """The last number given out in a district on a day."""

    district = models.ForeignKey(Region, models.CASCADE, related_name="+", verbose_name="所属区县")
    day = models.DateField("日期")
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号"
        constraints = [models.UniqueConstraint(fields=["district", "day"], name="counter_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.last}"
