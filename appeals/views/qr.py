"""QR codes as inline SVG."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str) -> SafeString:
    """The drawing of a QR code of ``text``; segno escapes what it writes."""
    return mark_safe(
        segno.make(text, error="m").svg_inline(
            scale=4, border=2, svgclass="qr", lineclass=None, omitsize=True
        )
    )
