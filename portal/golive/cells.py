"""Cells as people fill them in."""

import re

from core.phones import clean_phone
from core.search import normalise


def clean_any_phone(text: str) -> str:
    """Also “（0571）88880001” and “138 0000 0001”, which are the same numbers."""
    number = re.sub(r"\s", "", normalise(text).replace("–", "-").replace("—", "-"))
    return clean_phone(re.sub(r"^\((0\d{2,3})\)-?", r"\1-", number))
