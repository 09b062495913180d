"""What may be uploaded is told by its content, not by its name."""

import io
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from core.uploads import AttachmentsField, check_upload, digest

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 32
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
EXE = b"MZ\x90\x00" + b"\0" * 64
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64


def package(*names: str) -> bytes:
    """A zip file with these members."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


def workbook() -> bytes:
    content = io.BytesIO()
    Workbook().save(content)
    return content.getvalue()


def upload(name: str, content: bytes, claimed: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, claimed)


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("现场.jpg", JPEG, "image/jpeg"),
        ("现场.JPEG", JPEG, "image/jpeg"),
        ("执照.png", PNG, "image/png"),
        ("函.pdf", b"%PDF-1.7\n", "application/pdf"),
        ("表.xlsx", workbook(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("请示.docx", package("[Content_Types].xml", "word/document.xml"),
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("请示.doc", OLE, "application/msword"),
        ("表.et", OLE, "application/vnd.ms-excel"),
        ("说明.txt", "一线操作工缺口".encode(), "text/plain"),
        ("说明.txt", "一线操作工缺口".encode("gb18030"), "text/plain"),
    ],
)  # fmt: skip
def test_documents_tables_and_pictures_are_taken(name, content, media_type):
    file = upload(name, content)
    assert check_upload(file) == media_type
    assert file.read() == content  # still to be read from its beginning


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("setup.exe", EXE, "type"),
        ("setup", EXE, "type"),
        ("照片.jpg.exe", JPEG, "type"),
        ("页面.html", b"<script>", "type"),
        ("图.svg", b"<svg/>", "type"),
        ("宏.xlsm", workbook(), "type"),
        ("照片.jpg", EXE, "content"),
        ("函.pdf", EXE, "content"),
        ("请示.doc", EXE, "content"),
        ("说明.txt", EXE, "content"),
        ("表.xlsx", EXE, "content"),
        ("表.xlsx", package("word/document.xml"), "content"),
        ("表.xlsx", package("xl/workbook.xml", "xl/vbaProject.bin"), "content"),
        ("请示.docx", package("word/document.xml", "word/vbaProject.bin"), "content"),
        ("请示.docx", package("word/document.xml", "word/VBAPROJECT.BIN"), "content"),
        ("照片.jpg", b"", "empty"),
        ("表.xlsx", b"", "empty"),
    ],
)
def test_what_is_not_what_its_name_says_is_refused_in_words(name, content, code):
    with pytest.raises(ValidationError) as refused:
        check_upload(upload(name, content))
    assert refused.value.code == code and name in refused.value.message


def test_thirty_megabytes_are_too_many():
    big = upload("大.jpg", JPEG + b"\0" * 30 * 1024 * 1024)
    with pytest.raises(ValidationError) as refused:
        AttachmentsField(required=False).clean([big])
    assert refused.value.code == "size" and "30" in refused.value.message and "20" in refused.value.message


def test_the_limit_counts_all_files_together():
    files = [upload(f"{n}.jpg", JPEG + b"\0" * 8 * 1024 * 1024) for n in range(3)]
    with pytest.raises(ValidationError) as refused:
        AttachmentsField(required=False).clean(files)
    assert refused.value.code == "size"


def test_ten_files_are_too_many():
    with pytest.raises(ValidationError) as refused:
        AttachmentsField(required=False).clean([upload(f"{n}.jpg", JPEG) for n in range(10)])
    assert refused.value.code == "count"


def test_every_bad_file_is_named_at_once():
    with pytest.raises(ValidationError) as refused:
        AttachmentsField().clean([upload("a.exe", EXE), upload("b.jpg", JPEG), upload("c.pdf", EXE)])
    assert len(refused.value.messages) == 2


def test_files_come_out_with_their_own_type_not_the_claimed_one():
    cleaned = AttachmentsField().clean([upload("a.png", PNG, "text/html"), None, ""])
    assert [file.content_type for file in cleaned] == ["image/png"]


@pytest.mark.parametrize("nothing", [None, [], "", [None]])
def test_no_file_is_fine_unless_one_is_required(nothing):
    assert AttachmentsField(required=False).clean(nothing) == []
    with pytest.raises(ValidationError):
        AttachmentsField().clean(nothing)


def test_the_digest_leaves_the_file_readable():
    file = upload("a.png", PNG)
    assert len(digest(file)) == 64 and file.read() == PNG


@pytest.mark.parametrize("length", range(1, 12))
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_text_may_end_anywhere_also_where_its_head_is_cut(length, encoding):
    assert check_upload(upload("a.txt", ("工" * length).encode(encoding))) == "text/plain"
    assert check_upload(upload("a.txt", b"x" * length + ("工" * 3000).encode(encoding))) == "text/plain"
