"""What happened to an appeal, and the words, figures and files each happening brought with it."""

from django.db import models

from accounts.models import Unit, User
from appeals.models.appeal import Appeal, Status
from appeals.querysets import AppendOnly, OfVisibleAppeals
from core.models import StoredFile


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

    heading = models.CharField("事由", max_length=20, blank=True)
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
        MERGED = "merged", "并单回访"

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


class Attachment(StoredFile, OfAnEvent):  # noqa: DJ008 - StoredFile has it
    """A file of an event."""

    audience = models.CharField("谁能看到", max_length=10, choices=Audience.choices)

    class Meta(OfAnEvent.Meta):
        verbose_name = verbose_name_plural = "附件"
