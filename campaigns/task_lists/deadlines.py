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

Every = Literal["", "day", "week", "ten_days", "half_month", "month", "two_months", "quarter", "half_year"]
EVERY_LABELS: dict[str, str] = {
    "day": "每天",
    "week": "每周",
    "ten_days": "每旬",
    "half_month": "每半月",
    "month": "每月",
    "two_months": "每两个月",
    "quarter": "每季度",
    "half_year": "每半年",
}

LONGEST = 2000
"""Of a text that is looked at; a cell is shorter."""
_TO = r"(?:[-~—–]+|至|到)"
_POINT = re.compile(
    r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月份?"
    r"(?:(?P<day>\d{1,2})(?:[日号]|(?=前|[,，。;；]|$))|(?P<third>[上中下]{1,3})旬|(?P<end>[底末])|(?P<beginning>初))?"
)
"""A day, a third, the end or the beginning of a month, or the whole of it."""
_SPELLED = (
    (re.compile(r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})[日号]?(?![\d.])"), r"\1年\2月\3日"),
    (re.compile(r"(?<!\d)(20\d{2})[./](\d{1,2})(?![\d./])"), r"\1年\2月"),
    (re.compile(r"^(\d{1,2})[./](\d{1,2})[日号]?(?=前?$)"), r"\1月\2日"),
    (re.compile(rf"(?<!\d)(\d{{1,2}})月(\d{{1,2}})[日号]?({_TO})(\d{{1,2}})[日号]"), r"\1月\2日\3\1月\4日"),
    (re.compile(rf"(?<!\d)(\d{{1,2}})({_TO})(?=\d{{1,2}}月)"), r"\1月\2"),
    (re.compile(r"^(\d{1,2})、(?=\d{1,2}月份?$)"), r"\1月-"),
)
"""Short ways of writing, and the long one that is read: 2023.6.30, 2023.3, 6.30, 6月10-20日, 1-5月, 4、5月份."""
_UNTIL = re.compile(rf"(?:起|开始)?{_TO}")
_FROM_THEN_ON = re.compile(r"(?:起|开始)")
_YEAR_END = re.compile(r"(?:(\d{4})年|年)(?:度)?[底末内]")
_WHOLE_YEAR = re.compile(r"(?:(\d{4})年)?全年|每年(?!度?\d|度?[一二三四上下第])|^(\d{4})年度?$")
_IS_THE_DEADLINE = re.compile(
    r"$|[,，。;；、）)]|完成|开展|持续|推进|坚持|实施|进行|落实|不少于|至少|累计|共|组织|举办"
)
"""After 全年: it says when. Before other words it says how much (“全年规上工业企业…”), if a day is named too."""
_HALF = re.compile(r"(?:(\d{4})年)?([上下])半年")
_QUARTER = re.compile(rf"(?:(\d{{4}})年)?(前|第?([一二三四1-4])(?:、|和|{_TO})第?)?第?([一二三四1-4])季度")
_RECURRING: tuple[tuple[Every, re.Pattern[str]], ...] = (
    ("two_months", re.compile(r"(?:每|隔)[两二2双]?个?月(?<!每月)(?<!每个月)|双月")),
    ("half_month", re.compile(r"每半个?月")),
    ("half_year", re.compile(r"每半年")),
    ("quarter", re.compile(r"[每逐按]个?季度?")),
    ("month", re.compile(r"[每逐按]个?月|1月1[次期场]")),
    ("ten_days", re.compile(r"[每逐按]旬")),
    ("week", re.compile(r"[每逐按]个?周|每个?星期")),
    ("day", re.compile(r"[每逐][日天]")),
)
_DAY_OF_MONTH = re.compile(r"(?:每个?|双|末)月(?:([底末])|(初)|(\d{1,2})[日号])|季度?([底末])(?!月)")
_BEGINNING = 10
"""By when 月初 is over."""
_STANDING = re.compile(r"长期|持续|常态|常年|经常|一贯|随时|实时|动态")
_WHEN_FIT = re.compile(r"适时|视情|根据(?:实际|工作)|必要时|按需")
_AT_ONCE = re.compile(r"立即|立刻|即时|马上|即办|即刻|立行立改|即知即改|即日起")
_NEXT_YEAR = re.compile(r"次年|明年|来年|翌年")
_THIS_YEAR = re.compile(r"本年(?!度)|今年|当年")
_THIRDS = {"上": (1, 10), "中": (11, 20), "下": (21, 31)}
_DIGITS = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)}
_IN_WORDS = re.compile(r"[一二三四五六七八九十]{1,3}(?=月|[日号](?!常))")


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
        if day:
            months = {"quarter": "每季度末月", "two_months": "逢双月"}.get(recurs, each)
            last = "每季度末前" if recurs == "quarter" else f"{months}底前"
            each = last if day >= 31 else f"{months}{day}日前"
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
    words = _spelled_out(words, year)
    found = _dated(words, year)
    for every, pattern in _RECURRING:
        if pattern.search(words):
            return _recurring(words, every, found, year)
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


def _spelled_out(words: str, year: int) -> str:
    """In figures, with every year and month written out."""
    words = _NEXT_YEAR.sub(f"{year + 1}年", _THIS_YEAR.sub(f"{year}年", words))
    words = _IN_WORDS.sub(lambda match: str(_in_figures(match[0])), words)
    for pattern, long in _SPELLED:
        words = pattern.sub(long, words)
    return words


def _in_figures(numeral: str) -> int:
    tens, ten, ones = numeral.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def _recurring(words: str, every: Every, found: Deadline | None, year: int) -> Deadline:
    """Until the year is over, or within the span that is named beside it."""
    start, due = date(year, 1, 1), date(year, 12, 31)
    if found is not None and found.due is not None and found.due.year == year:
        due = _on(year, found.due.month, 31) or due
        start = found.start if found.kind == "range" and found.start else start
    return Deadline("recurring", start, due, every, _day_of_month(words, every))


def _day_of_month(words: str, every: Every) -> int | None:
    """Of each month, or of the last month of each two or three."""
    found = _DAY_OF_MONTH.search(words) if every in {"month", "two_months", "quarter"} else None
    if found is None:
        return None
    end, beginning, day, end_of_quarter = found.groups()
    if end or end_of_quarter:
        return 31
    if beginning:
        return _BEGINNING
    return int(day) if 1 <= int(day) <= 31 else None


def _dated(words: str, year: int) -> Deadline | None:
    """The last of the days that are named: what has several is done when the last has passed."""
    found = [*_points(words, year), *_whole_periods(words, year)]
    for match in _WHOLE_YEAR.finditer(words):
        if not found or _IS_THE_DEADLINE.match(words, match.end()):
            of = _year(match[1] or match[2], year)
            found.append(Deadline("whole_year", _on(of, 1, 1), _on(of, 12, 31)))
    return max((each for each in found if each.due), key=lambda each: each.due or date.min, default=None)


def _points(words: str, year: int) -> list[Deadline]:
    """Every day, third and month that is named; two with “to” between them are one span."""
    found: list[Deadline] = []
    since: date | None = None
    of = year
    for match in _POINT.finditer(words):
        of = _year(match["year"], of if since else year)
        point = _point(match, words[match.end() :], of)
        if point is None or point.due is None:
            since = None
            continue
        if since and not match["year"] and point.due < since:  # 11月至2月
            point = _point(match, "", since.year + 1) or point
        if since and point.due and since <= point.due:
            point = Deadline("range", since, point.due)
        after = words[match.end() :]
        if _UNTIL.match(after) and _POINT.match(_UNTIL.sub("", after, count=1)):
            since = point.start or point.due
            continue
        since = None
        if _FROM_THEN_ON.match(after):
            point = Deadline("range", point.start or point.due, _on(of, 12, 31))
        found.append(point)
    return found


def _point(match: re.Match[str], after: str, year: int) -> Deadline | None:
    month, before = int(match["month"]), after.startswith("前")
    if match["day"]:
        due = _on(year, month, int(match["day"]), exact=True)
        return Deadline("date", due=due) if due else None
    if match["end"]:
        return Deadline("month_end", due=_on(year, month, 31))
    if match["third"] or match["beginning"]:
        thirds = [_THIRDS[third] for third in match["third"] or "上"]
        start, due = _on(year, month, min(thirds)[0]), _on(year, month, max(thirds)[1])
        return Deadline("third", None if before else start, due)
    start, due = _on(year, month, 1), _on(year, month, 31)
    return Deadline("month_end" if before else "month", None if before else start, due)


def _whole_periods(words: str, year: int) -> list[Deadline]:
    found: list[Deadline] = []
    for match in _QUARTER.finditer(words):
        of, last = _year(match[1], year), _quarter(match[4])
        first = 1 if match[2] == "前" else min(last, _quarter(match[3] or match[4]))
        found.append(Deadline("period", _on(of, 3 * first - 2, 1), _on(of, 3 * last, 31)))
    for match in _HALF.finditer(words):
        of = _year(match[1], year)
        months = (1, 6) if match[2] == "上" else (7, 12)
        found.append(Deadline("period", _on(of, months[0], 1), _on(of, months[1], 31)))
    for match in _YEAR_END.finditer(words):
        found.append(Deadline("period", None, _on(_year(match[1], year), 12, 31)))
    return found


def _quarter(numeral: str) -> int:
    return _DIGITS.get(numeral) or int(numeral)


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
