"""Files survive a form's errors: the good ones are held under the form's token until it goes through."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from core import clock
from core.models import HeldUpload
from core.uploads import check_upload

KEPT = timedelta(days=1)
FIELD = "attachments"
DROP = "drop_held"


def held_for(token: str | None) -> list[HeldUpload]:
    return list(HeldUpload.objects.filter(token=token)) if token else []


def with_held(
    files: MultiValueDict, post: MultiValueDict, token: str | None, *, field: str = FIELD
) -> MultiValueDict:
    """The files of a request together with those held from earlier tries, less the ones dropped now."""
    dropped = {int(pk) for pk in post.getlist(DROP) if pk.isdecimal() and len(pk) < 19}
    merged = files.copy()
    for held in held_for(token):
        if held.pk in dropped:
            held.file.delete(save=False)
            held.delete()
        else:
            merged.appendlist(
                field,
                UploadedFile(
                    file=held.file.open("rb"),
                    name=held.name,
                    content_type=held.media_type,
                    size=held.file.size,
                ),
            )
    return merged


def hold(
    files: MultiValueDict,
    token: str | None,
    *,
    field: str = FIELD,
    check: Callable[[UploadedFile], str] = check_upload,
) -> None:
    """Keep the good ones among the files just sent; a bad one is told and not kept, nor is more than fits."""
    if not token:
        return
    before = held_for(token)
    room = settings.ATTACHMENTS_MAX_BYTES - sum(held.file.size for held in before)
    places = settings.ATTACHMENTS_MAX_FILES - len(before)
    for upload in files.getlist(field):
        try:
            media_type = check(upload)
        except ValidationError:
            continue
        room, places = room - upload.size, places - 1
        if room < 0 or places < 0:
            return
        HeldUpload.objects.create(
            token=token, file=upload, name=upload.name[-200:], media_type=media_type, created_at=clock.now()
        )


def release(token: str | None) -> None:
    """The form went through: its held copies are no longer needed."""
    for held in held_for(token):
        held.file.delete(save=False)
        held.delete()


def forget_old() -> int:
    """Drop what nobody came back for; returns how many."""
    old = list(HeldUpload.objects.filter(created_at__lt=clock.now() - KEPT))
    for held in old:
        held.file.delete(save=False)
        held.delete()
    return len(old)
