"""What helps at the counter and at the desks: hints at duplicates, saved filters, phrases. None changes an appeal."""

from django.db import models
from django.db.models import F, Q

from accounts.models import Unit, User
from appeals.models.appeal import Appeal
from appeals.querysets import OfVisibleAppeals, OwnQuerySet, PhraseQuerySet
from districts.models import Region

SAME_TITLE = "同一用途下已有同名的常用语。"


class DuplicateHint(models.Model):
    """Whoever registered an appeal says it is the same matter as an earlier one; the dispatcher decides."""

    appeal = models.OneToOneField(
        Appeal, models.CASCADE, related_name="duplicate_hint", verbose_name="新登记的诉求"
    )
    main = models.ForeignKey(Appeal, models.CASCADE, related_name="hinted_by", verbose_name="可能重复的诉求")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    objects = OfVisibleAppeals.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "疑似重复"
        constraints = [models.CheckConstraint(condition=~Q(appeal=F("main")), name="hint_at_another_appeal")]

    def __str__(self) -> str:
        return f"{self.appeal_id} → {self.main_id}"


class SavedFilter(models.Model):
    """A user's own name for a filter of the register, used at the desks too."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters", verbose_name="所有人")
    name = models.CharField("名称", max_length=20)
    query = models.CharField("筛选条件", max_length=500)
    created_at = models.DateTimeField("保存时间")

    objects = OwnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "常用筛选"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                name="saved_filter_name_once",
                violation_error_message="您已有同名的筛选，请换一个名称。",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Phrase(models.Model):
    """Words that are written again and again: of the district, or of one unit for its own answers."""

    class Purpose(models.TextChoices):
        REQUIREMENT = "requirement", "办理要求"
        REPLY = "reply", "答复用语"
        REVISIT = "revisit", "回访记录"
        DECLINE = "decline", "不予受理说明"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="单位",
        help_text="空：全区通用",
    )
    purpose = models.CharField("用途", max_length=12, choices=Purpose.choices)
    category = models.CharField("诉求类别", max_length=30, blank=True, help_text="空：各类都可用")
    transition = models.CharField("环节", max_length=40, blank=True, help_text="空：该用途的各环节都可用")
    title = models.CharField("名称", max_length=30)
    text = models.TextField("内容")
    order = models.PositiveSmallIntegerField("排序", default=0)
    active = models.BooleanField("启用", default=True)

    objects = PhraseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "常用语"
        ordering = ["purpose", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "purpose", "title"],
                condition=Q(unit__isnull=True),
                name="phrase_title_once",
                violation_error_message=SAME_TITLE,
            ),
            models.UniqueConstraint(
                fields=["unit", "purpose", "title"],
                condition=Q(unit__isnull=False),
                name="phrase_title_once_a_unit",
                violation_error_message=SAME_TITLE,
            ),
        ]

    def __str__(self) -> str:
        return self.title
