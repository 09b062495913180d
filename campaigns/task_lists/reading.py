"""A task list as it comes in, rows and cells of a sheet or of pasted text, read as tasks.

Pure: no database. The eight columns are those of every list; a header may be repeated at page breaks and cells may
be broken over lines. What is read is kept as it stands: only blanks and line breaks inside a cell are taken out.

Two shapes of a merged cell are understood. A task whose measures have deadlines of their own is one task with items;
a 工作任务 that is written once for several numbers is the title of each of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from campaigns.task_lists import deadlines
from campaigns.task_lists.columns import COLUMNS, KEYS, TITLES, is_part_of_head, joined, tidy

_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]")
_NOTE = re.compile(r"(?:备?注|说明)[:：]")
_PAGE = re.compile(r"第\d+页.*|[-—–]*\d{1,4}[-—–]*|\d{1,4}/\d{1,4}|附件\d*[:：]?.*")
_POINT = re.compile(r"\s*[(（]?(\d{1,2})[)）.．、]")
_SENTENCE_ENDS = tuple("。；;！!？?")
_LETTERS = re.compile(r"(?=.*[^0-9A-Za-z%])[\u4e00-\u9fff0-9A-Za-z%，,、。；;！!？?）)”\"》]+")
"""The end of a cell that was broken over rows; figures alone are a page number."""
_NUMBER = re.compile(r"\d{1,4}|[(（]?\d{1,4}[)）.、]?|[A-Za-z]?\d{1,4}(?:[-.]\d{1,3})?")
READABLE = re.compile(r"[\u3400-\u9fff0-9A-Za-z]")
_POST_WORD = re.compile(r"长|记|任|员|导|席|秘|官|主|负责|分管|、|，|,|区|县|市|局|委|办|部")
_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}")


@dataclass(frozen=True)
class Piece:
    """A cell. ``above``: it is covered by a merged one that began further up, whose text it holds."""

    text: str = ""
    above: bool = False


@dataclass(frozen=True)
class Line:
    """A row of the source: its number there, and its cells by column, or one text that belongs to none."""

    line: int
    cells: dict[str, Piece]
    loose: str = ""
    is_head: bool = False
    page: int = 0
    problems: dict[str, str] = field(default_factory=dict)
    """Of cells that cannot be read, by column."""

    def text(self, key: str) -> str:
        return self.cells.get(key, Piece()).text

    def own(self, key: str) -> str:
        piece = self.cells.get(key, Piece())
        return "" if piece.above else piece.text

    @property
    def everything(self) -> str:
        return joined(self.own(key) for key in KEYS)


@dataclass(frozen=True)
class Problem:
    column: str
    text: str
    is_error: bool = False
    about_another: bool = False
    """It depends on another row: on whether that has the same number."""

    @property
    def title(self) -> str:
        return TITLES.get(self.column, "")


@dataclass
class Item:
    text: str
    deadline: str
    status: str = ""
    assisting: str = ""


@dataclass
class Entry:
    """One task as it was read."""

    line: int
    number: str = ""
    section: str = ""
    title: str = ""
    measure: str = ""
    leader: str = ""
    lead: str = ""
    assisting: str = ""
    deadline: str = ""
    status: str = ""
    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    page: int = 0

    @property
    def is_wrong(self) -> bool:
        return any(problem.is_error for problem in self.problems)


@dataclass
class Reading:
    """A list as it was read."""

    title: str = ""
    entries: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    """Rows nobody can tell anything from, with their line."""

    @property
    def is_wrong(self) -> bool:
        return not self.entries or any(entry.is_wrong for entry in self.entries)


def page_cells(cells: Sequence[str], places: Sequence[str]) -> dict[str, Piece]:
    """The cells of a row by column; several places of one column are one cell."""
    pieces: dict[str, list[str]] = {}
    for cell, key in zip(cells, places, strict=False):
        if key:
            pieces.setdefault(key, []).append(cell)
    return {key: Piece("".join(parts).strip()) for key, parts in pieces.items()}


# --- Rows to tasks --------------------------------------------------------------------------------


def read_lines(lines: Sequence[Line], *, numbers_on_top: bool, wrapped: bool = False) -> Reading:
    """``numbers_on_top``: a merged number stands in its first row, as in a sheet; else anywhere among its rows.

    ``wrapped``: a cell may be broken over rows.
    """
    reading = Reading()
    section = ""
    groups: list[tuple[str, list[Line]]] = []
    began = False
    for place, line in enumerate(lines):
        if line.is_head:
            began = True
            continue
        if line.loose and not (began and _SECTION.match(tidy(line.loose))):
            _take_loose(reading, line, began)
            continue
        if not began:
            continue
        if (heading := is_heading(line)) is not None:
            section = heading
            groups.append((section, []))
        elif _is_note(line):
            reading.notes.append(line.everything)
        elif _is_noise(line, lines[place - 1], lines[place + 1] if place + 1 < len(lines) else None):
            reading.skipped.append((line.line, line.everything))
        elif not groups or _begins(groups[-1], section, line, numbers_on_top):
            groups.append((section, [line]))
        else:
            groups[-1][1].append(line)
    reading.entries = [_entry(section, rows, wrapped) for section, rows in groups if rows]
    _spread_titles(reading.entries)
    check_again(reading, *reading.entries)
    return reading


def check_again(reading: Reading, *changed: Entry) -> None:
    """The rows that were put right by themselves, and all of them beside each other."""
    for entry in changed:
        _check(entry)
    _check_numbers(reading.entries)


def _take_loose(reading: Reading, line: Line, began: bool) -> None:
    text = tidy(line.loose)
    if _NOTE.match(text) and began:
        reading.notes.append(text)
    elif "任务清单" in text and not reading.entries and len(text) <= 120 and not text.startswith("附件:"):
        reading.title = text
    elif began:
        reading.skipped.append((line.line, text))


def is_heading(line: Line) -> str | None:
    """“二、全面梳理问题清单” over the whole width, however the scan cut it into cells."""
    if line.own("deadline") or (line.own("lead") and line.own("measure") and line.own("title")):
        return None
    text = tidy(line.loose) or line.everything
    if _SECTION.match(text) and len(text) <= 60 and not line.own("status"):
        return text
    return None


def stands_between(text: str) -> bool:
    """A line that is no part of a cell: a part's heading, a note, a page number, a title."""
    text = tidy(text)
    return bool(_SECTION.match(text) or _NOTE.match(text) or _PAGE.fullmatch(text)) or "任务清单" in text


def _is_note(line: Line) -> bool:
    return bool(_NOTE.match(line.everything)) and not line.own("deadline")


def _is_noise(line: Line, before: Line, following: Line | None) -> bool:
    """Page numbers, and the specks that a scanner takes for letters, over the header of the next page."""
    if not line.everything:
        return True
    if line.own("number") and not line.own("title") and not line.own("measure") and not line.own("deadline"):
        return True
    if _has_tails(line, before):
        return True
    if line.own("number") or line.own("deadline") or line.own("status"):
        return False
    if _goes_on(line, before):
        return False
    words = re.findall(r"[\u4e00-\u9fff]", line.everything)
    return not words or (len(words) < 3 and (following is None or following.is_head))


def _has_tails(line: Line, before: Line) -> bool:
    """The second half of a header that was broken over two rows."""
    cells = [line.own(key) for key in KEYS if line.own(key)]
    if line.own("number") or not cells:
        return False
    tails = sum(map(is_part_of_head, cells))
    return tails >= 3 or (before.is_head and tails == len(cells))


def _goes_on(line: Line, before: Line) -> bool:
    """The last letters of cells that were broken over rows: “访。” under “……进行回”."""
    cells = [key for key in KEYS if line.own(key)]
    return all(
        before.own(key) and not before.own(key).endswith(_SENTENCE_ENDS) and _LETTERS.fullmatch(line.own(key))
        for key in cells
    )


def _begins(group: tuple[str, list[Line]], section: str, line: Line, numbers_on_top: bool) -> bool:
    """Whether a row begins another task than the one before it."""
    before, rows = group
    if before != section or not rows:
        return before != section
    has_number = any(row.own("number") for row in rows)
    if line.own("number"):
        return has_number
    if numbers_on_top or not has_number:
        return False
    point = _POINT.match(line.own("measure"))
    if point:
        return point[1] == "1"
    if line.own("deadline"):
        return False
    return joined(row.own("measure") for row in rows).endswith(_SENTENCE_ENDS) and bool(line.own("measure"))


def _entry(section: str, rows: Sequence[Line], wrapped: bool) -> Entry:
    entry = Entry(line=rows[0].line, section=section, page=rows[0].page)
    for key in KEYS:
        setattr(entry, key, joined(_pieces(rows, key)))
    pieces = _pieces(rows, "title")
    if rubbish := [
        piece for piece in pieces if piece and not _LETTERS.fullmatch(piece) and not READABLE.search(piece)
    ]:
        entry.problems.append(Problem("title", f"“{''.join(rubbish)}”认不出是什么字，已略去"))
        entry.title = joined(piece for piece in pieces if piece not in rubbish)
    entry.problems += [Problem(key, text, True) for row in rows for key, text in row.problems.items()]
    entry.items = _items(rows, entry, wrapped)
    return entry


def _pieces(rows: Sequence[Line], key: str) -> list[str]:
    """What the rows of a task hold of a column; a merged cell counts once."""
    own = [row.own(key) for row in rows]
    if any(own):
        return own
    return [next((row.text(key) for row in rows if row.text(key)), "")]


def _items(rows: Sequence[Line], entry: Entry, wrapped: bool) -> list[Item]:
    """Measures with deadlines of their own: one in each row, numbered in one cell, or told by the deadline alone."""
    items = _parts(rows, wrapped)
    if wrapped and deadlines.numbered("".join(row.own("deadline") for row in rows)):
        items = []
    if len(items) > 1:
        found = [
            Item(
                text=joined(row.own("measure") for row in part),
                deadline=joined(row.own("deadline") for row in part),
                status=joined(row.own("status") for row in part),
                assisting=joined(row.own("assisting") for row in part),
            )
            for part in items
        ]
        entry.measure = "\n".join(item.text for item in found if item.text)
        entry.deadline = "\n".join(item.deadline for item in found)
        if len({item.assisting for item in found if item.assisting}) < sum(bool(i.assisting) for i in found):
            entry.assisting = next(item.assisting for item in found if item.assisting)
        else:
            for item in found:
                item.assisting = ""
        if sum(bool(item.status) for item in found) > 1:
            entry.status = "\n".join(item.status for item in found if item.status)
        return found
    raw = " ".join(row.own("deadline") for row in rows)
    points = deadlines.numbered(" ".join(row.own("measure") for row in rows))
    parts = raw.split()
    each_is_one = len(points) > 1 and len(parts) == len(points) and not deadlines.numbered(raw)
    if each_is_one and all(not _is_unclear(part) for part in parts):
        entry.deadline = "\n".join(tidy(part) for part in parts)
        return [Item(tidy(text), tidy(part)) for text, part in zip(points, parts, strict=True)]
    return [Item(tidy(clause), tidy(clause)) for clause in deadlines.numbered(raw)]


def _parts(rows: Sequence[Line], wrapped: bool) -> list[list[Line]]:
    """The rows of each measure that has a deadline; where cells are broken over rows, a measure begins a new line."""
    parts: list[list[Line]] = []
    for row in rows:
        if not parts or (row.own("deadline") and (not wrapped or _begins_a_part(row, parts[-1]))):
            parts.append([row])
        else:
            parts[-1].append(row)
    if sum(any(row.own("deadline") for row in part) for part in parts) < 2:
        return []
    return parts


def _begins_a_part(row: Line, part: Sequence[Line]) -> bool:
    if not any(line.own("deadline") for line in part) and part[0] is not row:
        return not part[0].own("measure")
    if _is_unclear(row.own("deadline")):
        return False
    measure = joined(line.own("measure") for line in part)
    return bool(_POINT.match(row.own("measure"))) or measure.endswith(_SENTENCE_ENDS)


def _spread_titles(entries: Sequence[Entry]) -> None:
    """A title that is written once for several numbers.

    It stands somewhere in the middle of its rows: a row without one belongs to the neighbour with the same leading
    unit, else to the one on the same page, else to the nearer one.
    """
    titled = [place for place, entry in enumerate(entries) if entry.title]
    for place, entry in enumerate(entries):
        if entry.title or not titled:
            continue
        before = max((other for other in titled if other < place), default=None)
        after = min((other for other in titled if other > place), default=None)
        near = [other for other in (before, after) if other is not None]

        def fits(other: int, place: int = place, entry: Entry = entry) -> tuple[bool, bool, bool, int]:
            like = entries[other]
            same_lead = bool(entry.lead) and like.lead.split("、")[0] == entry.lead.split("、")[0]
            return same_lead, like.page == entry.page, like.section == entry.section, -abs(other - place)

        chosen = entries[max(near, key=fits)]
        entry.problems.append(Problem("title", f"没有写工作任务，按合并单元格理解为“{chosen.title}”，请核对"))
        entry.title = chosen.title
        titled = [other for other in titled if other != place]


def _check(entry: Entry) -> None:
    for key, _, most in COLUMNS:
        text = getattr(entry, key)
        if len(text) > most:
            entry.problems.append(Problem(key, f"有{len(text)}字，最多{most}字", True))
    if not entry.title:
        entry.problems.append(Problem("title", "必填", True))
    if not entry.number:
        entry.problems.append(Problem("number", "没有序号"))
    elif not _NUMBER.fullmatch(entry.number):
        entry.problems.append(Problem("number", f"“{entry.number[:20]}”不像序号，请核对"))
    if not entry.measure:
        entry.problems.append(Problem("measure", "没有写具体举措"))
    if not entry.lead:
        entry.problems.append(Problem("lead", "没有写牵头责任单位"))
    if not entry.deadline:
        entry.problems.append(Problem("deadline", "没有写完成时限，须人工确定"))
    elif any(_is_unclear(text) for text in [item.deadline for item in entry.items] or [entry.deadline]):
        entry.problems.append(Problem("deadline", "看不出日期，导入后须人工确定"))
    if _NAME.fullmatch(entry.leader) and not _POST_WORD.search(entry.leader):
        entry.problems.append(Problem("leader", f"“{entry.leader}”像是姓名，建议写职务"))


def _is_unclear(deadline: str) -> bool:
    return deadlines.understand_one(deadline, 2000).kind == "unclear"


def _check_numbers(entries: Sequence[Entry]) -> None:
    seen: dict[str, int] = {}
    for entry in entries:
        entry.problems = [problem for problem in entry.problems if not problem.about_another]
        if entry.number and (first := seen.setdefault(entry.number, entry.line)) != entry.line:
            entry.problems.append(Problem("number", f"与第{first}行重复", about_another=True))
