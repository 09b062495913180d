"""What may be uploaded: documents, tables and pictures, told by their content and not by their name."""

import codecs
import hashlib
import zipfile
from pathlib import PurePath

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

# extension -> the media type it is stored and served with
ALLOWED = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".wps": "application/msword",
    ".et": "application/vnd.ms-excel",
    ".txt": "text/plain",
}
ACCEPT = ",".join(ALLOWED)
ALLOWED_TEXT = "图片（jpg、png）、PDF、Word、Excel/WPS 或 txt"
HEAD_BYTES = 4096
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _content_fits(head: bytes, extension: str) -> bool:
    if extension in {".jpg", ".jpeg"}:
        return head.startswith(b"\xff\xd8\xff")
    if extension == ".png":
        return head.startswith(b"\x89PNG\r\n\x1a\n")
    if extension == ".pdf":
        return head.startswith(b"%PDF-")
    if extension in {".doc", ".xls", ".wps", ".et"}:
        return head.startswith(OLE)
    return True


def _is_office_package(upload: UploadedFile, extension: str) -> bool:
    """A real .docx/.xlsx, and one without macros."""
    inner = {".docx": "word/document.xml", ".xlsx": "xl/workbook.xml"}[extension]
    try:
        with zipfile.ZipFile(upload) as package:
            names = package.namelist()
    except zipfile.BadZipFile:
        return False
    finally:
        upload.seek(0)
    return inner in names and not any(name.lower().endswith("vbaproject.bin") for name in names)


def _is_text(head: bytes) -> bool:
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            # The head may end in the middle of a character, the whole file may not.
            codecs.getincrementaldecoder(encoding)().decode(head, final=len(head) < HEAD_BYTES)
        except UnicodeDecodeError:
            continue
        return True
    return False


def check_upload(upload: UploadedFile) -> str:
    """The media type to store; raises a Chinese ``ValidationError`` for anything not allowed."""
    extension = PurePath(upload.name or "").suffix.lower()
    if extension not in ALLOWED:
        raise ValidationError(f"不能上传“{upload.name}”：只接受{ALLOWED_TEXT}。", code="type")
    if not upload.size:
        raise ValidationError(f"“{upload.name}”是空文件。", code="empty")
    head = upload.read(HEAD_BYTES)
    upload.seek(0)
    if extension in {".docx", ".xlsx"}:
        fits = _is_office_package(upload, extension)
    elif extension == ".txt":
        fits = _is_text(head)
    else:
        fits = _content_fits(head, extension)
    if not fits:
        raise ValidationError(
            f"“{upload.name}”的内容与文件类型不符，或含有宏，请另存为普通文件后再上传。", code="content"
        )
    return ALLOWED[extension]


def digest(upload: File) -> str:
    """SHA-256 of the content, hexadecimal."""
    checksum = hashlib.sha256()
    for chunk in upload.chunks():
        checksum.update(chunk)
    upload.seek(0)
    return checksum.hexdigest()


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class AttachmentsField(forms.FileField):
    """Several files in one field; cleans to a list of checked uploads."""

    widget = ManyFilesInput(attrs={"accept": ACCEPT})

    def has_changed(self, initial, data) -> bool:
        """No file chosen arrives as an empty list."""
        return bool(data)

    def clean(self, data, initial=None) -> list[UploadedFile]:
        uploads = [upload for upload in (data if isinstance(data, list | tuple) else [data]) if upload]
        if self.required and not uploads:
            raise ValidationError("请选择文件。", code="required")
        if len(uploads) > settings.ATTACHMENTS_MAX_FILES:
            raise ValidationError(f"一次最多上传{settings.ATTACHMENTS_MAX_FILES}个文件。", code="count")
        total = sum(upload.size or 0 for upload in uploads)
        if total > settings.ATTACHMENTS_MAX_BYTES:
            limit = filesizeformat(settings.ATTACHMENTS_MAX_BYTES)
            raise ValidationError(f"附件合计{filesizeformat(total)}，超过上限{limit}。", code="size")
        errors = []
        for upload in uploads:
            try:
                upload.content_type = check_upload(upload)
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return uploads
