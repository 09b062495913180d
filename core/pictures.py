"""Pictures people take: turned upright, made small, and without what a camera writes into them (place, device, time)."""

import io
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image, ImageOps

from core.uploads import ManyFilesInput, check_upload

LONGEST_SIDE = 1600
QUALITY = 82
MOST_PIXELS = 60_000_000
MOST_BYTES = 15 * 1024 * 1024
MOST_PICTURES = 9
PICTURE_TYPES = {"image/jpeg", "image/png"}


def cleaned_picture(upload: UploadedFile) -> ContentFile:
    """The picture as a JPEG of at most 1600 pixels a side, with no metadata.

    Raises a Chinese ``ValidationError`` for what is no picture, or is too large to be unpacked.
    """
    name = upload.name or "照片"
    if (upload.size or 0) > MOST_BYTES:
        raise ValidationError(f"“{name}”超过 15 MB，请压缩后再选。", code="size")
    if check_upload(upload) not in PICTURE_TYPES:
        raise ValidationError(f"“{name}”不是 jpg、png 图片。", code="type")
    try:
        with Image.open(upload) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValidationError(f"“{name}”尺寸过大，请缩小后再选。", code="size")
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except ValidationError:
        raise
    except Exception:  # whatever Pillow stumbles over in a file somebody broke, or built to break it
        raise ValidationError(f"“{name}”打不开，可能已损坏，请重新选择。", code="broken") from None
    finally:
        upload.seek(0)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # Saved anew from the bare pixels: nothing of the file's own metadata goes along.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    buffer = io.BytesIO()
    bare.save(buffer, "JPEG", quality=QUALITY, optimize=True)
    return ContentFile(buffer.getvalue(), name="photo.jpg")


def check_picture(upload: UploadedFile) -> str:
    """The media type of a picture that can be cleaned; raises for the others."""
    cleaned_picture(upload)
    return check_upload(upload)


class PicturesField(forms.FileField):
    """Several pictures in one field; cleans to a list of small JPEG files."""

    widget = ManyFilesInput(attrs={"accept": "image/jpeg,image/png", "data-max-files": str(MOST_PICTURES)})

    def has_changed(self, initial: Any, data: Any) -> bool:
        """No file chosen arrives as an empty list."""
        return bool(data)

    def clean(self, data: Any, initial: Any = None) -> list[ContentFile]:
        uploads = [upload for upload in (data if isinstance(data, list | tuple) else [data]) if upload]
        if len(uploads) > MOST_PICTURES:
            raise ValidationError(f"一次最多上传{MOST_PICTURES}张照片。", code="count")
        pictures, errors = [], []
        for upload in uploads:
            try:
                pictures.append(cleaned_picture(upload))
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        return pictures
