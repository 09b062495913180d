"""新区县上线: a setup, step by step, and the sheets that come with it."""

from functools import cached_property

from django.db import models
from django.db.models import Q

from accounts.models import User
from districts.models import Region
from imports.models import SheetImport
from portal.querysets import SetupQuerySet


class Setup(models.Model):
    """A district on its way in, or a change of the rules of one that works already.

    ``data`` holds the texts as typed, by step and part; what they mean is read from them each time
    (portal.golive.draft), so that a setup is never in a state that its texts do not say.
    """

    class Kind(models.TextChoices):
        NEW = "new", "新区县上线"
        CHANGE = "change", "规则调整"

    kind = models.CharField("种类", max_length=10, choices=Kind.choices, default=Kind.NEW)
    owner = models.ForeignKey(User, models.PROTECT, related_name="setups", verbose_name="建立人")
    district = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="setups", verbose_name="县区"
    )
    name = models.CharField("名称", max_length=60)
    template = models.CharField("模板", max_length=60)
    data = models.JSONField("各步内容", default=dict)
    version = models.PositiveIntegerField("修改次数", default=0)
    rehearsed_at = models.DateTimeField("检验时间", null=True, blank=True)
    rehearsed_version = models.PositiveIntegerField("检验时的修改次数", null=True, blank=True)
    rehearsal = models.JSONField("检验结果", default=dict)
    trial_at = models.DateTimeField("演练开始时间", null=True, blank=True)
    """Since then the district is there as a rehearsal that people sign in to; what was entered waits unchanged."""
    live_at = models.DateTimeField("上线时间", null=True, blank=True)
    live_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="上线操作人"
    )
    created_at = models.DateTimeField("建立时间")
    changed_at = models.DateTimeField("修改时间")

    objects = SetupQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上线设置"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["district"],
                condition=Q(kind="change", live_at__isnull=True),
                name="one_change_of_rules_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_change(self) -> bool:
        return self.kind == self.Kind.CHANGE

    @property
    def is_live(self) -> bool:
        return self.live_at is not None

    @property
    def is_trial(self) -> bool:
        return self.trial_at is not None

    @property
    def is_fixed(self) -> bool:
        """A district stands on it, in earnest or as a rehearsal."""
        return self.is_live or self.is_trial

    @property
    def is_rehearsed(self) -> bool:
        """As it stands now."""
        return self.rehearsed_at is not None and self.rehearsed_version == self.version

    @cached_property
    def files_by_kind(self) -> "dict[str, SetupFile]":
        return {file.kind: file for file in self.files.select_related("sheet_import")}


class SetupFile(models.Model):
    """A sheet that is brought in once the district exists."""

    setup = models.ForeignKey(Setup, models.CASCADE, related_name="files", verbose_name="上线设置")
    kind = models.CharField("内容", max_length=20)
    file = models.FileField("文件", upload_to="setups/%Y/%m/")
    name = models.CharField("文件名", max_length=200)
    rows = models.PositiveIntegerField("行数", default=0)
    bad = models.PositiveIntegerField("有误", default=0)
    problems = models.JSONField("问题", default=list)
    strangers = models.JSONField("没认出的说法", default=list)
    """[column's key, word, rows]: to be told once for all of them."""
    heads = models.JSONField("表头", default=list)
    unused = models.JSONField("没有用到的列", default=list)
    uploaded_at = models.DateTimeField("上传时间")
    refused = models.BooleanField("导入不了", default=False)
    sheet_import = models.ForeignKey(
        SheetImport, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="导入"
    )

    class Meta:
        verbose_name = verbose_name_plural = "上线文件"
        constraints = [models.UniqueConstraint(fields=["setup", "kind"], name="setup_file_once")]

    def __str__(self) -> str:
        return self.name
