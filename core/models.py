from typing import Any

from django.core.files.base import File
from django.db import models

from core.uploads import digest


class Heartbeat(models.Model):
    """When a scheduled job of the portal last ran, for /healthz."""

    name = models.CharField("名称", max_length=40, primary_key=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "心跳"

    def __str__(self) -> str:
        return self.name


class FormToken(models.Model):
    """A form that was carried out. The unique key makes a double click or a re-sent form do nothing new."""

    key = models.CharField("令牌", max_length=64, primary_key=True)
    result = models.CharField("结果", max_length=100, help_text="what was done, e.g. the id of the record")
    created_at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "表单令牌"

    def __str__(self) -> str:
        return self.result


class HeldUpload(models.Model):
    """A good file of a form that came back with an error: nobody has to choose it again."""

    token = models.CharField("表单令牌", max_length=64, db_index=True)
    file = models.FileField("文件", upload_to="held/%Y/%m/")
    name = models.CharField("文件名", max_length=200)
    media_type = models.CharField("类型", max_length=100)
    created_at = models.DateTimeField("时间", db_index=True)

    class Meta:
        verbose_name = verbose_name_plural = "暂存附件"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class StoredFile(models.Model):
    """An uploaded file that is kept; served only by a view that checks who asks."""

    file = models.FileField("文件", upload_to="attachments/%Y/%m/")
    name = models.CharField("文件名", max_length=200)
    size = models.PositiveIntegerField("字节数")
    media_type = models.CharField("类型", max_length=100)
    sha256 = models.CharField("校验值", max_length=64)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def fields_of(upload: File) -> dict[str, Any]:
        """What a checked upload is stored with."""
        return {
            "file": upload,
            "name": (upload.name or "")[-200:],
            "size": upload.size,
            "media_type": getattr(upload, "content_type", "") or "image/png",
            "sha256": digest(upload),
        }
