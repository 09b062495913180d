"""Uploading a sheet."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Unit, User
from core import clock
from core.halves import half_label, half_of
from core.search import normalise
from core.uploads import OLE, check_upload
from core.wording import spoken
from imports.kinds import Kind

MAX_BYTES = 10 * 1024 * 1024


class UploadForm(forms.Form):
    file = forms.FileField(
        label="表格文件",
        help_text="填好的 .xlsx，不超过 10 MB",
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-mb": "10", "data-max-files": "1"}),
        error_messages={"required": "请选择文件。", "empty": "这是空文件，请重新选择。"},
    )
    half = forms.ChoiceField(
        label="填报方式",
        required=False,
        widget=forms.RadioSelect,
        help_text="平时补充、修改，选第一项。每半年报一次全部名单时，选第二项。",
    )
    unit = forms.ChoiceField(
        label="这是哪个单位的完整版本",
        required=False,
        help_text=spoken("乡镇办、部门把表发给牵头局的，由牵头局代为上传。"),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args, kind: Kind, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.reporters = {str(unit.pk): unit for unit in kind.reporters(user)}
        if kind.halves and len(self.reporters) > 1:
            self.fields["unit"].choices = [
                ("", "请选择"),
                *((pk, unit.name) for pk, unit in self.reporters.items()),
            ]
        else:
            del self.fields["unit"]
        if kind.halves and self.reporters:
            self.running_half = half = half_of(clock.today())
            self.fields["half"].choices = [
                ("", "补充和修改：只新增和更新，表中没有的不动。"),
                (half, f"{half_label(half)}完整版本：{kind.complete_help}"),
            ]
        else:
            del self.fields["half"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("half") and "unit" in self.fields and not data.get("unit") and "unit" not in self.errors:
            self.add_error("unit", ValidationError("请选择这是哪个单位的完整版本。", code="required"))
        return data

    def reporter(self) -> Unit | None:
        """Whose complete version it is, where it is another unit's."""
        return (
            self.reporters.get(self.cleaned_data.get("unit", "")) if self.cleaned_data.get("half") else None
        )

    def clean_file(self) -> UploadedFile:
        upload = self.cleaned_data["file"]
        if (upload.size or 0) > MAX_BYTES:
            raise ValidationError("文件超过 10 MB：请删除图片和多余的工作表，或分成几个文件上传。")
        head = upload.read(8)
        upload.seek(0)
        if head.startswith(OLE):
            raise ValidationError("这是旧版 .xls 或设了密码的文件：请取消密码，另存为 .xlsx 后再上传。")
        if not normalise(upload.name).endswith(".xlsx"):
            raise ValidationError("只接受 .xlsx 文件：请用 Excel 或 WPS 另存为 .xlsx 后再上传。")
        check_upload(upload)
        return upload
