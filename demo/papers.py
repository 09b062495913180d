"""Files of the demo: a drawn signature, a photo, a PDF, a text."""

import base64
import math
import struct
import zlib
from functools import cache
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile

SIGNATURES = 12


def _png(width: int, height: int, rows: list[bytes]) -> bytes:
    """Eight-bit grey."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@cache
def _signature(number: int) -> str:
    rng = Random(f"signature/{number}")
    width, height = 240, 90
    rows = [bytearray(b"\xff" * width) for _ in range(height)]
    waves = [(rng.uniform(4, 16), rng.uniform(0.02, 0.2), rng.uniform(0, 6)) for _ in range(4)]
    for step in range(2400):
        x = 20 + step / 2400 * 200
        y = height / 2 + sum(a * math.sin(f * x * (1 + number % 3) + p) for a, f, p in waves)
        for dx in range(2):
            for dy in range(2):
                if 0 <= int(y) + dy < height:
                    rows[int(y) + dy][int(x) + dx] = 40
    return (
        "data:image/png;base64,"
        + base64.b64encode(_png(width, height, [bytes(row) for row in rows])).decode()
    )


def signature(rng: Random) -> str:
    """What a signature pad sends."""
    return _signature(rng.randrange(SIGNATURES))


@cache
def _photo(number: int) -> bytes:
    rng = Random(f"photo/{number}")
    width, height = 320, 240
    horizon = rng.randint(90, 150)
    rows = []
    for y in range(height):
        base = 205 - y // 4 if y < horizon else 120 - (y - horizon) // 3
        rows.append(bytes(max(0, min(255, base + (x * number // 7 + y) % 9)) for x in range(width)))
    return _png(width, height, rows)


def _pdf(title: str) -> bytes:
    """One blank A4 page with a title in its properties."""
    words = title.encode("utf-16-be").hex().upper()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
        f"<</Title<FEFF{words}>>>".encode(),
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj" % number + content + b"endobj\n"
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + table + b"trailer<</Size 5/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def attachment(rng: Random, about: str) -> SimpleUploadedFile:
    kind = rng.choice(["photo", "photo", "pdf", "txt"])
    if kind == "photo":
        return SimpleUploadedFile("现场照片.png", _photo(rng.randrange(1, 7)), "image/png")
    if kind == "pdf":
        return SimpleUploadedFile("情况说明.pdf", _pdf(about), "application/pdf")
    return SimpleUploadedFile("情况说明.txt", f"{about}\r\n（演示文件）".encode(), "text/plain")
