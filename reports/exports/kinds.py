"""What can be exported in the background."""

from __future__ import annotations

from collections.abc import Mapping

from reports.exports.ledger import LEDGER
from reports.exports.tables import ALL_TABLES, ONE_BOOK
from reports.exports.types import ExportKind

KINDS: Mapping[str, ExportKind] = {kind.code: kind for kind in (ALL_TABLES, ONE_BOOK, LEDGER)}
