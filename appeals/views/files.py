"""Attachments leave the house only through here."""

from django.http import FileResponse

from core.models import StoredFile

INLINE = {"image/png", "image/jpeg", "application/pdf"}


def serve(attachment: StoredFile) -> FileResponse:
    """The stored file under its own name; only pictures and PDF open in the browser."""
    response = FileResponse(
        attachment.file.open("rb"),
        as_attachment=attachment.media_type not in INLINE,
        filename=attachment.name,
        content_type=attachment.media_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = (
        "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"
    )
    response["Cache-Control"] = "private, no-store"
    return response
