import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from core import pictures
from core.pictures import cleaned_picture

ORIENTATION, GPS = 0x0112, 0x8825


def photo(width=4000, height=3000, *, kind="JPEG", name="现场.jpg", exif: Image.Exif | None = None):
    buffer = io.BytesIO()
    extra = {"exif": exif} if exif else {}
    Image.new("RGB", (width, height), "#486").save(buffer, kind, **extra)
    return SimpleUploadedFile(name, buffer.getvalue())


def opened(file) -> Image.Image:
    return Image.open(io.BytesIO(file.read()))


def test_a_large_picture_becomes_small_and_keeps_its_shape():
    made = opened(cleaned_picture(photo()))
    assert (made.format, made.size) == ("JPEG", (1600, 1200))


def test_a_small_picture_is_not_blown_up():
    assert opened(cleaned_picture(photo(300, 200, kind="PNG", name="图.png"))).size == (300, 200)


def test_where_and_with_what_it_was_taken_is_gone():
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif.get_ifd(GPS)[2] = (30.0, 56.0, 12.0)
    upload = photo(exif=exif)
    assert b"PhoneMaker" in upload.read()
    upload.seek(0)
    made = cleaned_picture(upload)
    assert b"PhoneMaker" not in made.read() and b"Exif" not in made.open().read()
    made.seek(0)
    assert not opened(made).getexif()


def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    assert opened(cleaned_picture(photo(400, 300, exif=exif))).size == (300, 400)


@pytest.mark.parametrize(
    ("upload", "said"),
    [
        (SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "不是 jpg、png 图片"),
        (SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0 broken"), "打不开"),
        (SimpleUploadedFile("a.jpg", b"MZ"), "内容与文件类型不符"),
        (SimpleUploadedFile("a.exe", b"MZ"), "只接受"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(upload, said):
    with pytest.raises(ValidationError) as error:
        cleaned_picture(upload)
    assert said in "".join(error.value.messages)


def test_a_picture_too_large_to_unpack_is_refused(monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PIXELS", 1000)
    with pytest.raises(ValidationError, match="尺寸过大"):
        cleaned_picture(photo(100, 100))
    monkeypatch.setattr(pictures, "MOST_BYTES", 10)
    with pytest.raises(ValidationError, match="超过 15 MB"):
        cleaned_picture(photo(100, 100))
