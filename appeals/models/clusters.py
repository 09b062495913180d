"""One kind of problem: appeals that are alike, as the nightly sorting found them and people put them right."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from appeals.clusters.querysets import ClusterMemberQuerySet, ClusterQuerySet, ClusterTopicQuerySet
from appeals.models.appeal import FINAL, Appeal, Status
from districts.models import Region
from liaisons.models import ServiceEvent


class Cluster(models.Model):
    """A kind of problem. What people decided about it stays, whatever the next sorting finds.

    ``settled``: somebody worked with it (renamed it, put an appeal in or out, took it on …). From then on it
    keeps its name and its appeals, and the sorting only adds new ones. One that nobody touched comes and goes
    with the sorting.
    """

    class State(models.TextChoices):
        ACTIVE = "active", "在列"
        DISMISSED = "dismissed", "不作专题"
        MERGED = "merged", "已并入"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    category = models.CharField("类别", max_length=30)
    title = models.CharField("名称", max_length=60)
    words = models.JSONField("关键词", default=list)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.ACTIVE)
    settled = models.BooleanField("经人核定", default=False)
    reason = models.CharField("不作专题的原因", max_length=300, blank=True)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name="并入"
    )
    found_at = models.DateTimeField("发现时间")

    objects = ClusterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "共性问题"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="merged", merged_into__isnull=False))
                | (~Q(state="merged") & Q(merged_into__isnull=True)),
                name="cluster_merged_somewhere",
            ),
        ]
        indexes = [models.Index(fields=["district", "state"], name="cluster_district")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE


class ClusterMember(models.Model):
    """An appeal of a cluster, or one that people put out of it (``EXCLUDED``), which is remembered."""

    class How(models.TextChoices):
        FOUND = "found", "自动归入"
        BY_HAND = "by_hand", "人工归入"
        EXCLUDED = "excluded", "不属此类"

    FINAL = FINAL
    NOT_SORTED = (Status.MERGED, Status.WITHDRAWN)
    """Said already by the appeal they were merged into, or taken back."""

    cluster = models.ForeignKey(Cluster, models.CASCADE, related_name="members", verbose_name="共性问题")
    appeal = models.ForeignKey(
        Appeal, models.CASCADE, related_name="cluster_memberships", verbose_name="诉求"
    )
    how = models.CharField("怎样归入", max_length=10, choices=How.choices, default=How.FOUND)
    score = models.FloatField("典型程度", default=0, help_text="0 至 1，越大越接近这类问题的中心")
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="操作人"
    )
    at = models.DateTimeField("时间")

    objects = ClusterMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "同类诉求"
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cluster", "appeal"], name="cluster_member_once"),
            models.UniqueConstraint(
                fields=["appeal"], condition=~Q(how="excluded"), name="cluster_of_appeal_once"
            ),
        ]
        indexes = [models.Index(fields=["cluster", "how", "-score"], name="cluster_member_typical")]

    def __str__(self) -> str:
        return f"{self.cluster_id} {self.appeal_id}"


class ClusterRun(models.Model):
    """When a district's appeals were last sorted. Its row is the lock of whoever changes its clusters."""

    district = models.OneToOneField(
        Region, models.CASCADE, related_name="cluster_run", verbose_name="所属区县"
    )
    ran_on = models.DateField("归类日期", null=True)
    ran_at = models.DateTimeField("归类时间", null=True)
    appeals = models.PositiveIntegerField("参加归类的诉求数", default=0)
    grouped = models.PositiveIntegerField("归入共性问题的诉求数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "归类记录"

    def __str__(self) -> str:
        return f"{self.district_id} {self.ran_on}"


class ClusterTopic(models.Model):
    """A cluster that is talked about at an event (企业恳谈会议题)."""

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="topics", verbose_name="共性问题")
    event = models.ForeignKey(
        ServiceEvent, models.CASCADE, related_name="cluster_topics", verbose_name="活动"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="选题人")
    at = models.DateTimeField("时间")

    objects = ClusterTopicQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "恳谈会议题"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["event", "cluster"], name="cluster_topic_once")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.cluster_id}"
