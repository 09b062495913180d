"""What happened to a roster entry: every change that was made, and the changes people report."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from accounts.models import Unit, User
from core.phones import validate_phone
from core.wording import spoken
from districts.models import Region
from enterprises.models.subjects import OnRoster
from enterprises.querysets import ChangeReportQuerySet, RosterChangeQuerySet
from imports.models import SheetImport


class RosterChange(OnRoster):
    """One change of one entry: who, when, from which source, which fields from what to what.

    The history of the roster, also across its half-yearly versions. Written by the services alone.
    """

    class Source(models.TextChoices):
        FORM = "form", "页面修改"
        IMPORT = "import", spoken("底册导入")
        UNDO = "undo", "撤销导入"
        REPORT = "report", "信息变更"
        MERGE = "merge", "合并重复企业"

    class Action(models.TextChoices):
        ADDED = "added", "入库"
        CHANGED = "changed", "变更"
        REMOVED = "removed", spoken("退出底册")
        RESTORED = "restored", "恢复在册"

    source = models.CharField("来源", max_length=10, choices=Source.choices)
    action = models.CharField("变动", max_length=10, choices=Action.choices)
    before = models.JSONField("变动前", default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField("变动后", default=dict, encoder=DjangoJSONEncoder)
    sheet_import = models.ForeignKey(
        SheetImport, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=spoken("底册导入")
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    recorded_at = models.DateTimeField("时间")

    objects = RosterChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = spoken("底册变动")
        ordering = ["-id"]
        constraints = [OnRoster.entry_constraint("roster_change_entry")]
        indexes = [models.Index(fields=["sheet_import", "action"], name="roster_change_import")]

    def __str__(self) -> str:
        return f"{self.entry}{self.get_action_display()}"


class ChangeReport(OnRoster):
    """“信息发生变化的，及时反馈”: what a cadre or the firm itself says is no longer right; the bureau decides."""

    class Source(models.TextChoices):
        CADRE = "cadre", spoken("联企干部")
        PLAQUE = "plaque", "企业扫码"

    class State(models.TextChoices):
        OPEN = "open", "待审核"
        ACCEPTED = "accepted", "已采纳"
        REFUSED = "refused", "未采纳"

    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在地区")
    source = models.CharField("来源", max_length=10, choices=Source.choices)
    changes = models.JSONField("变化的栏目", default=dict, encoder=DjangoJSONEncoder)
    """Field name -> the value it should have."""
    note = models.TextField("说明", blank=True)
    reported_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="反馈人"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="反馈单位"
    )
    contact_name = models.CharField("联系人", max_length=50, blank=True)
    contact_phone = models.CharField("联系电话", max_length=30, blank=True, validators=[validate_phone])
    recorded_at = models.DateTimeField("反馈时间")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    answer = models.CharField("审核意见", max_length=300, blank=True)

    objects = ChangeReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "信息变更反馈"
        ordering = ["-id"]
        constraints = [
            OnRoster.entry_constraint("change_report_entry"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="change_report_decided",
            ),
        ]
        indexes = [models.Index(fields=["district", "state"], name="change_report_open")]

    def __str__(self) -> str:
        return f"{self.entry}的信息变更"
