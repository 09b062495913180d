"""Figures that a task promises, recognised in its words: 不少于30场次, 2000人次, 30家以上. Suggestions, no more."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

_AT_LEAST = r"(?:不少于|不低于|不小于|至少|力争达到|达到)"
_MEASURES = "场次|人次|批次|班次|家次|件次|场|期|批|个|家|户|人|次|件|项|条|篇|亿元|万元|元|名|台|套|宗|笔"
_FIGURE = r"(?:\d{1,9}(?:\.\d{1,2})?|[一二两三四五六七八九十]{1,3})"
_PROMISE = re.compile(
    rf"(?P<least>{_AT_LEAST}[^0-9一二两三四五六七八九十，,。；;]{{0,6}})?(?P<number>{_FIGURE})(?:[-~—至]{_FIGURE})?(?P<measure>{_MEASURES})"
    r"(?P<more>以上|及以上|左右)?"
)
_COUNTED = frozenset({"场次", "人次", "批次", "班次", "家次", "件次"})
"""Measures that only a promise uses; of the others one has to say “at least” or “or more”."""
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
MOST = 12


@dataclass(frozen=True)
class Suggestion:
    text: str
    number: Decimal
    measure: str


def suggestions(*texts: str) -> list[Suggestion]:
    """Each once, in the order of the texts."""
    found: dict[tuple[Decimal, str], Suggestion] = {}
    for text in texts:
        words = re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:4000]))
        for match in _PROMISE.finditer(words):
            if not (match["least"] or match["more"] or match["measure"] in _COUNTED):
                continue
            number = _number(match["number"])
            if number is None or number == 0:
                continue
            found.setdefault((number, match["measure"]), Suggestion(match[0][:80], number, match["measure"]))
    return list(found.values())[:MOST]


def _number(text: str) -> Decimal | None:
    if text[0].isdigit():
        return Decimal(text)
    tens, ten, ones = text.rpartition("十") if "十" in text else ("", "", text)
    if any(part and part not in _DIGITS for part in (tens, ones)):
        return None
    value = (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
    return Decimal(value)
