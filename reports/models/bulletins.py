"""The monthly bulletins (通报): text with figures in it, who signed, to whom it went, and the records behind."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Role, Unit, User
from appeals.querysets import UNIT_ROLES
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.querysets import scope

BUREAU = (Role.DISPATCHER, Role.BUREAU_LEADER)
OVERSEERS = (Role.DISTRICT_LEADER, Role.SUPERVISOR)


class BulletinQuerySet(models.QuerySet):
    def visible_to(self, user) -> "BulletinQuerySet":
        """The bureau sees every draft; those above what was approved; a unit what was sent to it."""
        if user.unit_id is None:
            return self.none()
        district = scope(user.unit.widest_region, "district")
        if user.has_role(*BUREAU):
            return self.filter(district)
        visible = Q(pk__in=[])
        if user.has_role(*OVERSEERS):
            visible |= district & Q(approved_at__isnull=False)
        if user.has_role(*UNIT_ROLES):
            addressed = BulletinRecipient.objects.filter(bulletin=OuterRef("pk"), unit=user.unit_id)
            visible |= Q(sent_at__isnull=False) & Q(Exists(addressed))
        return self.filter(visible)

    def in_force(self) -> "BulletinQuerySet":
        """Sent, neither withdrawn nor corrected by a later one."""
        return self.filter(state=Bulletin.State.SENT, superseded=False)


class Bulletin(models.Model):
    """One 通报. Once approved its sections and figures do not change, whatever happens to the data.

    ``sections``: a list, each with code, heading, kind and version. A text is a list of runs: words, or a
    figure with what is printed for it, so that a number changed by hand stands beside the one that was counted.
    ``figures``: by key, see ``reports.bulletins.figures``. The records counted are ``BulletinEvidence``.
    """

    class Kind(models.TextChoices):
        MONTHLY = "monthly", "月度通报"
        CASES = "cases", "典型案例通报"

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        SUBMITTED = "submitted", "待审签"
        APPROVED = "approved", "已签发，待印发"
        SENT = "sent", "已印发"
        WITHDRAWN = "withdrawn", "已撤回"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    profile = models.ForeignKey(DistrictProfile, models.PROTECT, related_name="+", verbose_name="适用规则")
    kind = models.CharField("类别", max_length=10, choices=Kind, default=Kind.MONTHLY)
    year = models.PositiveSmallIntegerField("年")
    month = models.PositiveSmallIntegerField("月")
    title = models.CharField("标题", max_length=100)
    number = models.CharField("文号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    sections = models.JSONField("正文", default=list)
    figures = models.JSONField("数字", default=dict)
    counted_at = models.DateTimeField("取数时间")
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="更正"
    )
    superseded = models.BooleanField("已被更正", default=False)
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="起草人", help_text="为空即系统起草"
    )
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="送签人")
    approved_at = models.DateTimeField("签发时间", null=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="签发人")
    sent_at = models.DateTimeField("印发时间", null=True)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报"
        ordering = ["-year", "-month", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district", "year", "month"],
                condition=Q(kind="monthly", replaces__isnull=True) & ~Q(state="withdrawn"),
                name="bulletin_once_a_month",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(replaces__isnull=False) & ~Q(state="withdrawn"),
                name="bulletin_corrected_once",
            ),
            models.UniqueConstraint(
                fields=["district", "number"], condition=~Q(number=""), name="bulletin_number_once"
            ),
        ]
        indexes = [models.Index(fields=["district", "state", "year"], name="bulletin_state_year")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()

    @property
    def rules(self) -> Rules:
        """The rules it was drafted under."""
        return self.profile.rules

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT

    @property
    def is_frozen(self) -> bool:
        return self.approved_at is not None


class OfABulletin(models.QuerySet):
    def visible_to(self, user) -> "OfABulletin":
        return self.filter(bulletin__in=Bulletin.objects.visible_to(user).values("pk"))


class BulletinStep(models.Model):
    """What was done with a bulletin, by whom and when. Rows are only added."""

    class Kind(models.TextChoices):
        DRAFTED = "drafted", "起草"
        EDITED = "edited", "修改"
        REMOVED = "removed", "删去一部分"
        RESTORED = "restored", "恢复一部分"
        REFRESHED = "refreshed", "重新取数"
        SUBMITTED = "submitted", "送审签"
        SENT_BACK = "sent_back", "退回修改"
        APPROVED = "approved", "签发"
        SENT = "sent", "印发"
        WITHDRAWN = "withdrawn", "撤回"

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="steps", verbose_name="通报")
    kind = models.CharField("动作", max_length=10, choices=Kind)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间")
    note = models.TextField("说明", blank=True)

    objects = OfABulletin.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报经办记录"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class BulletinEvidence(models.Model):
    """The records an indicator counted for a bulletin, by the unit they count for."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="evidence", verbose_name="通报")
    indicator = models.CharField("指标", max_length=40)
    records = models.JSONField("依据编号", default=dict)

    objects = OfABulletin.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报数字依据"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "indicator"], name="bulletin_evidence_once")
        ]

    def __str__(self) -> str:
        return self.indicator


class BulletinRecipient(models.Model):
    """A unit a bulletin was sent to, and who of it has read it."""

    bulletin = models.ForeignKey(Bulletin, models.CASCADE, related_name="recipients", verbose_name="通报")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    read_at = models.DateTimeField("阅知时间", null=True)
    read_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="阅知人")

    objects = OfABulletin.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报主送单位"
        ordering = ["unit__order", "unit_id"]
        constraints = [models.UniqueConstraint(fields=["bulletin", "unit"], name="bulletin_sent_once")]
        indexes = [models.Index(fields=["unit", "bulletin"], name="bulletin_of_unit")]

    def __str__(self) -> str:
        return f"{self.unit}"
