"""完成时限 as plans write it, understood: 3月中旬, 每月10日前, 立即兑现, 适时, 长期开展, 6月底前, 1-5月完成….

What stands in the plan is always kept and shown; this is only how it is read. Nothing here raises, whatever the
text: what is not understood is “unclear”, and somebody sets a day by hand.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal[
    "date", "third", "month", "month_end", "period", "recurring", "standing", "when_fit", "at_once",
    "whole_year", "range", "compound", "several", "unclear",
]  # fmt: skip
KINDS: dict[str, str] = {
    "date": "具体日期",
    "third": "某旬",
    "month": "某月",
    "month_end": "某月底",
    "period": "季度、半年或年底",
    "recurring": "定期",
    "standing": "长期",
    "when_fit": "适时",
    "at_once": "立即",
    "whole_year": "全年",
    "range": "一段时间",
    "compound": "有期限并长期坚持",
    "several": "分项各有时限",
    "unclear": "需人工定日期",
}
DATELESS = ("standing", "when_fit", "at_once")
"""Nothing is missing where these have no day."""

Every = Literal["", "week", "month", "two_months", "quarter", "half_year"]
EVERY_LABELS: dict[str, str] = {
    "week": "每周",
    "month": "每月",
    "two_months": "每两个月",
    "quarter": "每季度",
    "half_year": "每半年",
}

LONGEST = 2000
"""Of a text that is looked at; a cell is shorter."""
_NUMBER = r"(\d{1,2})"
_YEAR = r"(?:(\d{4})年)?"
_DAY = re.compile(_YEAR + _NUMBER + r"月" + _NUMBER + r"[日号]")
_DOTTED = re.compile(r"(?<![\d.])(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?![\d.])")
_THIRD = re.compile(_YEAR + _NUMBER + r"月份?([上中下])旬")
_MONTH_END = re.compile(_YEAR + _NUMBER + r"月份?[底末]")
_MONTHS = re.compile(_YEAR + _NUMBER + r"月?份?[-~至到—–]" + _NUMBER + r"月")
_MONTH = re.compile(_YEAR + _NUMBER + r"月")
_YEAR_END = re.compile(r"(?:(\d{4})年)?(?:年[底末内]|全年)|(?:(\d{4})年)[底末]")
_HALF = re.compile(r"([上下])半年")
_QUARTER = re.compile(r"第?([一二三四1-4])季度")
_RECURRING: tuple[tuple[Every, re.Pattern[str]], ...] = (
    ("two_months", re.compile(r"每[两二2]个?月")),
    ("half_year", re.compile(r"每半年")),
    ("quarter", re.compile(r"每个?季度?")),
    ("month", re.compile(r"每个?月|按月|逐月")),
    ("week", re.compile(r"每周|按周")),
)
_DAY_OF_MONTH = re.compile(r"每个?月(?:底|末|" + _NUMBER + r"[日号])")
_STANDING = re.compile(r"长期|持续|常态|经常|一贯|随时|动态")
_WHEN_FIT = re.compile(r"适时|视情|根据(?:实际|工作)|必要时|按需")
_AT_ONCE = re.compile(r"立即|立刻|即时|马上|即办|即刻|立行立改")
_NEXT_YEAR = re.compile(r"次年|明年|来年")
_THIS_YEAR = re.compile(r"本年(?!度)|今年|当年")
_LAST_DAYS = {"上": 10, "中": 20}
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True)
class Deadline:
    """``start`` to ``due``, both included; ``recurs`` says how often it comes again, until the year is over.

    ``day`` is the day of each month (31: its last) by which what recurs is owed.
    """

    kind: Kind
    start: date | None = None
    due: date | None = None
    recurs: Every = ""
    day: int | None = None
    continues: bool = False
    """Done by its day, and kept up ever after."""

    @property
    def needs_a_day(self) -> bool:
        return self.kind == "unclear"

    @property
    def label(self) -> str:
        """How it is read, in words."""
        return in_words(self.kind, self.start, self.due, self.recurs, self.day, self.continues)


def in_words(
    kind: str, start: date | None, due: date | None, recurs: str = "", day: int | None = None,
    continues: bool = False,
) -> str:  # fmt: skip
    until = f"{due.year}年{due.month}月{due.day}日" if due else ""
    since = f"{start.year}年{start.month}月{start.day}日" if start else ""
    if recurs:
        each = EVERY_LABELS.get(recurs, "定期")
        if recurs == "month" and day:
            each += "底前" if day >= 31 else f"{day}日前"
        return f"{each}，至{until}" if until else each
    match kind:
        case "standing":
            return "长期开展，不设期限"
        case "when_fit":
            return "适时开展，不设期限"
        case "at_once":
            return "立即办理"
        case "whole_year":
            return f"全年，{until}前"
        case "range":
            return f"{since}至{until}"
        case "several":
            return f"分项各有时限，最后一项{until}前" if until else "分项各有时限"
        case "unclear":
            return "看不出日期，需人工确定"
    text = f"{since}至{until}" if start and kind == "third" else f"{until}前"
    return f"{text}，之后长期坚持" if continues else text


def plain(text: str) -> str:
    """As it is compared: half-width, without any blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text[:LONGEST]).replace("\0", ""))


def understand(text: str, year: int) -> Deadline:
    """What a deadline of a plan for ``year`` says."""
    if not 2000 <= year <= 2100:
        return Deadline("unclear")
    clauses = numbered(text)
    if clauses:
        days = [found.due for clause in clauses if (found := understand_one(clause, year)).due]
        return Deadline("several", due=max(days, default=None))
    return understand_one(text, year)


def understand_one(text: str, year: int) -> Deadline:
    """A deadline that is not a list of numbered ones."""
    words = plain(text)
    if not words or not 2000 <= year <= 2100:
        return Deadline("unclear")
    words = _NEXT_YEAR.sub(f"{year + 1}年", _THIS_YEAR.sub(f"{year}年", words))
    end_of_year = date(year, 12, 31)
    for every, pattern in _RECURRING:
        if pattern.search(words):
            return Deadline("recurring", date(year, 1, 1), end_of_year, every, _day_of_month(words, every))
    found = _dated(words, year)
    continues = bool(_STANDING.search(words))
    if found is not None:
        if continues and found.kind not in {"range", "whole_year"}:
            return Deadline("compound", found.start, found.due, continues=True)
        return found
    if _AT_ONCE.search(words):
        return Deadline("at_once")
    if _WHEN_FIT.search(words):
        return Deadline("when_fit")
    if continues:
        return Deadline("standing")
    return Deadline("unclear")


def _day_of_month(words: str, every: Every) -> int | None:
    found = _DAY_OF_MONTH.search(words) if every == "month" else None
    if found is None:
        return None
    if found[1] is None:
        return 31
    return int(found[1]) if 1 <= int(found[1]) <= 31 else None


def _dated(words: str, year: int) -> Deadline | None:
    """The last of the days that are named: what has several is done when the last has passed."""
    found = [*_ranges(words, year), *_days(words, year), *_whole_periods(words, year)]
    return max(found, key=lambda deadline: deadline.due or date.min, default=None)


def _ranges(words: str, year: int) -> list[Deadline]:
    found = []
    for match in _MONTHS.finditer(words):
        first, last = int(match[2]), int(match[3])
        of = _year(match[1], year)
        if first < last and (start := _on(of, first, 1)) and (due := _on(of, last, 31)):
            found.append(Deadline("range", start, due))
    return found


def _days(words: str, year: int) -> list[Deadline]:
    found: list[Deadline] = []
    rest = _MONTHS.sub("|", words)
    for pattern in (_DAY, _DOTTED):
        for match in pattern.finditer(rest):
            if due := _on(_year(match[1], year), int(match[2]), int(match[3]), exact=True):
                found.append(Deadline("date", due=due))
        rest = pattern.sub("|", rest)
    for match in _THIRD.finditer(rest):
        of, month, third = _year(match[1], year), int(match[2]), match[3]
        due = _on(of, month, _LAST_DAYS.get(third, 31))
        start = _on(of, month, {"上": 1, "中": 11}.get(third, 21))
        if due and start:
            before = rest[match.end() :].startswith("前")
            found.append(Deadline("third", None if before else start, due))
    rest = _THIRD.sub("|", rest)
    for match in _MONTH_END.finditer(rest):
        if due := _on(_year(match[1], year), int(match[2]), 31):
            found.append(Deadline("month_end", due=due))
    for match in _MONTH.finditer(_MONTH_END.sub("|", rest)):
        of, month = _year(match[1], year), int(match[2])
        due, start = _on(of, month, 31), _on(of, month, 1)
        if due and start:
            before = rest[match.end() :].startswith(("前", "份前"))
            found.append(Deadline("month_end" if before else "month", None if before else start, due))
    return found


def _whole_periods(words: str, year: int) -> list[Deadline]:
    found: list[Deadline] = []
    for match in _QUARTER.finditer(words):
        number = _QUARTERS.get(match[1]) or int(match[1])
        start, due = _on(year, 3 * number - 2, 1), _on(year, 3 * number, 31)
        found.append(Deadline("period", start, due))
    for match in _HALF.finditer(words):
        months = (1, 6) if match[1] == "上" else (7, 12)
        found.append(Deadline("period", _on(year, months[0], 1), _on(year, months[1], 31)))
    for match in _YEAR_END.finditer(words):
        of = _year(match[1] or match[2], year)
        if "全年" in match[0]:
            found.append(Deadline("whole_year", _on(of, 1, 1), _on(of, 12, 31)))
        else:
            found.append(Deadline("period", None, _on(of, 12, 31)))
    return found


def _year(written: str | None, year: int) -> int:
    return int(written) if written else year


def _on(year: int, month: int, day: int, *, exact: bool = False) -> date | None:
    """The day, or the month's last where it has no such day; none that does not exist, and none far away."""
    if not 2000 <= year <= 2101 or not 1 <= month <= 12 or day < 1:
        return None
    last = calendar.monthrange(year, month)[1]
    if day > last and exact:
        return None
    return date(year, month, min(day, last))


# --- Numbered clauses -----------------------------------------------------------------------------

MOST_CLAUSES = 30


def numbered(text: str) -> list[str]:
    """The clauses of “1.……2.……”, each with its number as it is written; none where there are not two.

    The next number has to follow the end of a sentence: “12月底前”, “2-3个” and “1.1-5月” begin no clause.
    """
    starts: list[int] = []
    position = 0
    for number in range(1, MOST_CLAUSES + 1):
        before = r"^\s*" if number == 1 else r"(?<=[。;；,，)）\n])\s*|(?<=\S)\s+"
        pattern = rf"(?:{before})(?:[(（]{number}[)）]|{number}[.．、])"
        match = re.compile(pattern).search(text, position)
        if match is None:
            break
        starts.append(match.start())
        position = match.end()
    if len(starts) < 2:
        return []
    ends = [*starts[1:], len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]
