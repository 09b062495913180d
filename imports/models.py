"""An uploaded .xlsx on its way into the portal: checked row by row, previewed, applied, undone as one.

What the rows mean is the business of the room that registers the kind, see ``imports.kinds``.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from accounts.models import Unit, User
from core.halves import half_label
from core.wording import spoken
from districts.models import Region
from imports.querysets import SheetImportQuerySet, SheetRowQuerySet


class SheetImport(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", "等待检查"
        CHECKING = "checking", "检查中"
        CHECKED = "checked", "待确认"
        APPLYING = "applying", "入库中"
        APPLIED = "applied", "已入库"
        UNDOING = "undoing", "撤销中"
        UNDONE = "undone", "已撤销"
        FAILED = "failed", "无法读取"

    kind = models.CharField("内容", max_length=20)
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所属区县")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sheet_imports", verbose_name="填报单位")
    complete = models.BooleanField("完整版本", default=False)
    """The sheet is everything the unit has of this kind: what is missing from it is proposed to go."""
    half = models.CharField(
        "所属半年", max_length=7, blank=True, help_text=spoken("如 2026-H2，完整底册才有")
    )
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="上传人")
    confirmed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    undone_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    file = models.FileField("文件", upload_to="sheets/%Y/%m/")
    file_name = models.CharField("文件名", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    message = models.CharField("说明", max_length=300, blank=True)
    headers = models.JSONField("表头", default=list)
    rows_total = models.PositiveIntegerField("总行数", default=0)
    rows_done = models.PositiveIntegerField("已处理", default=0)
    rows_new = models.PositiveIntegerField("新增", default=0)
    rows_changed = models.PositiveIntegerField("更新", default=0)
    rows_gone = models.PositiveIntegerField("减少", default=0)
    rows_same = models.PositiveIntegerField("无变化", default=0)
    rows_bad = models.PositiveIntegerField("有误", default=0)
    created_at = models.DateTimeField("上传时间")
    claimed_at = models.DateTimeField("最近处理", null=True, help_text="处理者每批更新一次")
    finished_at = models.DateTimeField("完成时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = SheetImportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "表格导入"
        ordering = ["-id"]
        indexes = [models.Index(fields=["unit", "kind", "half"], name="sheet_import_version")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_busy(self) -> bool:
        """Somebody works on it, or soon will: the page waits and asks again."""
        return self.state in {
            self.State.WAITING,
            self.State.CHECKING,
            self.State.APPLYING,
            self.State.UNDOING,
        }

    @property
    def version(self) -> str:
        """2026年下半年 for a complete version, else ""."""
        return half_label(self.half) if self.half else ""


class SheetRow(models.Model):
    """One row of an import: as it was in the sheet, what it became, and what is wrong with it.

    A row of outcome GONE stands for an entry that a complete sheet no longer holds; its ``line`` follows
    those of the sheet.
    """

    class Outcome(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "更新"
        GONE = "gone", "减少"
        SAME = "same", "无变化"
        BAD = "bad", "有误"

    sheet_import = models.ForeignKey(SheetImport, models.CASCADE, related_name="rows", verbose_name="导入")
    line = models.PositiveIntegerField("行号")
    cells = models.JSONField("原始内容")
    values = models.JSONField("整理后内容", default=dict, encoder=DjangoJSONEncoder)
    changes = models.JSONField("变化", default=list)
    """What the row changes, for people: [{"title": 栏目, "before": 原为, "after": 改为}, …]."""
    errors = models.JSONField("错误", default=list)
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices)
    approved = models.BooleanField("同意", default=True)
    applied = models.BooleanField("已入库", default=False)
    entry = models.BigIntegerField("对应记录", null=True, help_text="所写入记录的编号")
    before = models.JSONField("入库前", default=dict, encoder=DjangoJSONEncoder)
    """Field name -> stored value before the row was applied: what an undo puts back."""

    objects = SheetRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入行"
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["sheet_import", "line"], name="sheet_row_once")]
        indexes = [models.Index(fields=["sheet_import", "outcome"], name="sheet_row_outcome")]

    def __str__(self) -> str:
        return f"第{self.line}行"
