"""调研分析报告 about one kind of problem: counted and written paragraphs, frozen when it goes to the district."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role, User
from appeals.models import Cluster, Improvement
from appeals.querysets import UNIT_ROLES
from districts.models import Region
from enterprises.querysets import DISTRICT_WIDE, own_region


class ClusterReportQuerySet(models.QuerySet):
    def visible_to(self, user) -> "ClusterReportQuerySet":
        """The district's for those who watch it, its leaders what was submitted; a unit's own, and of what it took on."""
        if user.unit_id is None:
            return self.none()
        if user.has_role(*DISTRICT_WIDE):
            found = self.filter(own_region(user, "district"))
            drafts = user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER, Role.SUPERVISOR)
            return found if drafts else found.filter(state=ClusterReport.State.SUBMITTED)
        if not user.has_role(*UNIT_ROLES):
            return self.none()
        taken = Improvement.objects.of_unit(user.unit_id).exclude(state="given_up")
        mine = Exists(taken.filter(cluster=OuterRef("cluster"))) | Q(drafted_by__unit=user.unit_id)
        return self.filter(mine, district=user.unit.district_id)


class ClusterReport(models.Model):
    """A report. Each section has what was counted, which can be counted again, and what people wrote."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "已报区政府"

    SECTIONS = {
        "situation": "基本情况",
        "problems": "问题表现",
        "causes": "原因分析",
        "done": "已做工作",
        "advice": "意见建议",
    }

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    cluster = models.ForeignKey(
        Cluster, models.PROTECT, related_name="research_reports", verbose_name="共性问题"
    )
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField("标题", max_length=80)
    counted = models.JSONField("按数字写成的段落", default=dict)
    """Section → its paragraphs, as they were when the figures were counted last."""
    written = models.JSONField("人工撰写的段落", default=dict)
    table = models.JSONField("附件", default=list)
    """Rows of the attachment: appeals by unit."""
    blocks = models.JSONField("定稿", default=list, help_text="报区政府时的全文，此后不变")
    counted_at = models.DateTimeField("数字截至")
    version = models.PositiveIntegerField("版本", default=0, help_text="改动次数，用来识别过期页面")
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="起草人")
    drafted_at = models.DateTimeField("起草时间")
    edited_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="最后修改人"
    )
    edited_at = models.DateTimeField("最后修改时间", null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="报送人"
    )
    submitted_at = models.DateTimeField("报送时间", null=True, blank=True)

    objects = ClusterReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调研分析报告"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster"],
                condition=Q(state="draft"),
                name="cluster_report_one_draft",
                violation_error_message="这类问题已有一份起草中的报告。",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False),
                name="cluster_report_submitted_is_dated",
            ),
        ]
        indexes = [models.Index(fields=["district", "state"], name="cluster_report_district")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT
