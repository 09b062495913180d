"""典型案例: a good or a bad case made of an appeal, with everything taken out that tells whose it was."""

from django.db import models
from django.db.models import Q

from accounts.models import Role, User
from appeals.models import Appeal
from districts.models import Region
from districts.querysets import scope
from enterprises.querysets import DISTRICT_WIDE


class CaseQuerySet(models.QuerySet):
    def visible_to(self, user) -> "CaseQuerySet":
        """Who oversees the district sees all of it; everybody else who works there, what has been approved."""
        if user.unit_id is None or not user.roles - {Role.ADMIN}:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            return self.filter(scope(user.unit.widest_region, "district"))
        return self.approved().filter(district=user.unit.district_id)

    def approved(self) -> "CaseQuerySet":
        """What may be shown and put into a bulletin."""
        return self.filter(state__in=[Case.State.APPROVED, Case.State.PUBLISHED])

    def live(self) -> "CaseQuerySet":
        return self.exclude(state=Case.State.WITHDRAWN)


class Case(models.Model):
    """One case. Its texts carry no identity; the original is read from the appeal by whoever may."""

    class Kind(models.TextChoices):
        GOOD = "good", "正面典型"
        BAD = "bad", "反面典型"

    class State(models.TextChoices):
        PROPOSED = "proposed", "已提名"
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "待审核"
        APPROVED = "approved", "已审核"
        PUBLISHED = "published", "已通报"
        WITHDRAWN = "withdrawn", "已撤回"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="cases", verbose_name="来源诉求")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    hides_units = models.BooleanField("隐去责任单位名称", default=False)

    title = models.CharField("标题", max_length=120, blank=True)
    background = models.TextField("基本情况", blank=True)
    course = models.TextField("办理经过", blank=True)
    outcome = models.TextField("结果成效", blank=True)
    lesson = models.TextField("启示或问题剖析", blank=True)

    replacements = models.JSONField("替换清单", default=list)
    findings = models.JSONField("核对结果", default=list, help_text="审核时逐条确认过的疑似标识")
    version = models.PositiveIntegerField("版本", default=0, help_text="改动次数，用来识别过期页面")

    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提名人")
    proposed_at = models.DateTimeField("提名时间", null=True)
    proposal = models.CharField("提名理由", max_length=300, blank=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="起草人")
    drafted_at = models.DateTimeField("起草时间", null=True)
    edited_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="最后修改人"
    )
    editors = models.JSONField(
        "改过稿子的人", default=list, help_text="起草以来改过文字的账号编号，都不能审核"
    )
    edited_at = models.DateTimeField("最后修改时间", null=True)
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="送审人")
    submitted_at = models.DateTimeField("送审时间", null=True)
    sent_back = models.CharField("退回意见", max_length=300, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="审核人")
    approved_at = models.DateTimeField("审核时间", null=True)
    published_in = models.CharField("刊登的通报", max_length=60, blank=True)
    published_at = models.DateTimeField("通报时间", null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="撤回人")
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_for = models.CharField("撤回原因", max_length=300, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "典型案例"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "kind"],
                condition=~Q(state="withdrawn"),
                name="case_once_an_appeal_and_kind",
                violation_error_message="这件诉求已有同类案例。",
            )
        ]
        indexes = [models.Index(fields=["district", "state", "-id"], name="case_district_state")]

    TEXTS = ("title", "background", "course", "outcome", "lesson")

    def __str__(self) -> str:
        return self.title or f"{self.get_kind_display()}（未起草）"

    @property
    def lesson_heading(self) -> str:
        return "经验启示" if self.kind == self.Kind.GOOD else "问题剖析"

    @property
    def headings(self) -> dict[str, str]:
        return {
            "background": "基本情况",
            "course": "办理经过",
            "outcome": "结果成效" if self.kind == self.Kind.GOOD else "办理结果",
            "lesson": self.lesson_heading,
        }

    @property
    def sections(self) -> list[tuple[str, str]]:
        """(heading, text) of what has been written, in the order of a bulletin."""
        return [
            (heading, text)
            for field, heading in self.headings.items()
            if (text := getattr(self, field).strip())
        ]

    @property
    def texts(self) -> list[str]:
        return [getattr(self, field) for field in self.TEXTS]

    @property
    def may_be_shown(self) -> bool:
        return self.state in {self.State.APPROVED, self.State.PUBLISHED}
