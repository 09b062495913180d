"""What a kind of export consists of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from accounts.models import User
from reports.models import Export

Advance = Callable[[int], None]
"""Told how much is done; raises ``ClaimLost`` where another worker has taken over."""


class CannotExport(Exception):
    """The file cannot be made; the message says why, in Chinese."""


@dataclass(frozen=True)
class ExportKind:
    code: str
    may: Callable[[User], bool]
    """Asked when it is ordered, and again when it is made."""
    steps: Callable[[Export], int]
    """How many steps it will take; the progress is shown of these."""
    file_name: Callable[[Export], str]
    content_type: str
    write: Callable[[Export, IO[bytes], Advance], None]
    """Writes the whole file, as its owner may see it now. Raises ``CannotExport``."""
