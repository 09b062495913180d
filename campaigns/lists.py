"""A task list as it comes in, rows and cells of a sheet or of pasted text, read as tasks.

Pure: no database. The eight columns are those of every list; a header may be repeated at page breaks and cells may
be broken over lines. What is read is kept as it stands: only blanks and line breaks inside a cell are taken out.

Two shapes of a merged cell are understood. A task whose measures have deadlines of their own is one task with items;
a 工作任务 that is written once for several numbers is the title of each of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from campaigns import deadlines

COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("number", "序号", 20),
    ("title", "工作任务", 200),
    ("measure", "具体举措", 3000),
    ("leader", "牵头领导", 200),
    ("lead", "牵头责任单位", 500),
    ("assisting", "协同责任单位", 1000),
    ("deadline", "完成时限", 1000),
    ("status", "完成情况", 2000),
)
"""Key, head as it is printed, and what fits."""
KEYS = tuple(key for key, _, _ in COLUMNS)
TITLES = {key: title for key, title, _ in COLUMNS}
NEEDED = ("title", "measure", "lead", "deadline")
"""Heads without which a sheet is no task list."""
_ALIASES = {
    "number": ("编号", "序列", "项次"),
    "title": ("任务", "重点任务", "工作内容", "任务名称", "工作事项"),
    "measure": ("举措", "工作举措", "主要举措", "具体措施", "工作措施", "主要措施"),
    "leader": ("领导", "责任领导", "分管领导", "牵头区领导", "牵头县领导", "牵头"),
    "lead": ("牵头单位", "责任单位", "主办单位", "牵头部门", "牵头责任", "牵头责任部门"),
    "assisting": ("协同单位", "配合单位", "协办单位", "协同责任", "配合责任单位", "协同部门", "责任配合单位"),
    "deadline": ("时限", "完成时间", "时间节点", "时间安排", "办理时限"),
    "status": ("进展情况", "工作进展", "进展", "落实情况", "备注"),
}
_HEADS = {name: key for key, title, _ in COLUMNS for name in (title, *_ALIASES[key])}
_TAILS = {"领导", "单位", "责任单位", "部门", "任务", "时限", "情况"}
"""What is left of a head that was broken over two rows."""
_SECTION = re.compile(r"[一二三四五六七八九十]{1,3}[、.．]")
_NOTE = re.compile(r"(?:备?注|说明)[:：]")
_POINT = re.compile(r"\s*[(（]?(\d{1,2})[)）.．、]")
_SENTENCE_ENDS = tuple("。；;！!？?")
_NUMBER = re.compile(r"\d{1,4}|[(（]?\d{1,4}[)）.、]?|[A-Za-z]?\d{1,4}(?:[-.]\d{1,3})?")
_READABLE = re.compile(r"[\u3400-\u9fff0-9A-Za-z]")
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


# --- Words ----------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """A cell without the blanks that wrapping put into it; those between two words of letters or figures stay."""
    text = text.replace("\0", "").replace("\u200b", "").replace("\ufeff", "")
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"(?<![0-9A-Za-z]) | (?![0-9A-Za-z])", "", text)


def joined(pieces: Iterable[str]) -> str:
    return tidy("".join(pieces))


def head_key(text: str) -> str:
    """Which column a head names; "" for other words."""
    return _HEADS.get(_bare(text), "")


def _bare(text: str) -> str:
    return re.sub(r"[\s*:：]", "", unicodedata.normalize("NFKC", text))


def is_header(cells: Sequence[str]) -> bool:
    return len({key for cell in cells if (key := head_key(cell))}) >= 4


def places_of(header: Sequence[str]) -> list[str]:
    """The column of each place in a header; a damaged head between two known ones is what is missing there."""
    found = [head_key(cell) for cell in header]
    for place, key in enumerate(found):
        if key and key in found[:place]:
            found[place] = ""
    for number, key in enumerate(KEYS):
        if key in found or number == 0 or number == len(KEYS) - 1:
            continue
        before, after = KEYS[number - 1], KEYS[number + 1]
        if before not in found or after not in found:
            continue
        for place in range(found.index(before) + 1, found.index(after)):
            found[place] = key
    return found


def page_cells(cells: Sequence[str], places: Sequence[str]) -> dict[str, Piece]:
    """The cells of a row by column; several places of one column are one cell."""
    pieces: dict[str, list[str]] = {}
    for cell, key in zip(cells, places, strict=False):
        if key:
            pieces.setdefault(key, []).append(cell)
    return {key: Piece("".join(parts).strip()) for key, parts in pieces.items()}


# --- Rows to tasks --------------------------------------------------------------------------------


def read_lines(lines: Sequence[Line], *, numbers_on_top: bool) -> Reading:
    """``numbers_on_top``: a merged number stands in its first row, as in a sheet; else anywhere among its rows."""
    reading = Reading()
    section = ""
    groups: list[tuple[str, list[Line]]] = []
    began = False
    for place, line in enumerate(lines):
        if line.is_head:
            began = True
            continue
        if line.loose:
            _take_loose(reading, line, began)
            continue
        if not began:
            continue
        if (heading := _heading(line)) is not None:
            section = heading
            groups.append((section, []))
        elif _is_note(line):
            reading.notes.append(line.everything)
        elif _is_noise(line, lines[place + 1] if place + 1 < len(lines) else None):
            reading.skipped.append((line.line, line.everything))
        elif not groups or _begins(groups[-1], section, line, numbers_on_top):
            groups.append((section, [line]))
        else:
            groups[-1][1].append(line)
    reading.entries = [_entry(section, rows) for section, rows in groups if rows]
    _spread_titles(reading.entries)
    for entry in reading.entries:
        _check(entry)
    _check_numbers(reading.entries)
    return reading


def _take_loose(reading: Reading, line: Line, began: bool) -> None:
    text = tidy(line.loose)
    if _NOTE.match(text) and began:
        reading.notes.append(text)
    elif "任务清单" in text and not reading.entries and len(text) <= 120 and not text.startswith("附件:"):
        reading.title = text
    elif began:
        reading.skipped.append((line.line, text))


def _heading(line: Line) -> str | None:
    """“二、全面梳理问题清单” over the whole width, however the scan cut it into cells."""
    if line.own("deadline") or (line.own("lead") and line.own("measure") and line.own("title")):
        return None
    text = line.everything
    if _SECTION.match(text) and len(text) <= 60 and not line.own("status"):
        return text
    return None


def _is_note(line: Line) -> bool:
    return bool(_NOTE.match(line.everything)) and not line.own("deadline")


def _is_noise(line: Line, following: Line | None) -> bool:
    """Page numbers, and the specks that a scanner takes for letters, over the header of the next page."""
    if not line.everything:
        return True
    if line.own("number") and not line.own("title") and not line.own("measure") and not line.own("deadline"):
        return True
    if _has_tails(line):
        return True
    if line.own("number") or line.own("deadline") or line.own("status"):
        return False
    words = re.findall(r"[\u4e00-\u9fff]", line.everything)
    return len(words) < 3 and (following is None or following.is_head or len(line.everything) <= 2)


def _has_tails(line: Line) -> bool:
    """The second half of a header that was broken over two rows."""
    if line.own("number"):
        return False
    words = [_bare(line.own(key)) for key in KEYS]
    return sum(word in _TAILS or word in _HEADS for word in words) >= 3


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


def _entry(section: str, rows: Sequence[Line]) -> Entry:
    entry = Entry(line=rows[0].line, section=section, page=rows[0].page)
    for key in KEYS:
        setattr(entry, key, joined(_pieces(rows, key)))
    if not _READABLE.search(entry.title) and entry.title:
        entry.problems.append(Problem("title", f"“{entry.title}”认不出是什么字，已略去"))
        entry.title = ""
    elif rubbish := [piece for piece in _pieces(rows, "title") if piece and not _READABLE.search(piece)]:
        entry.problems.append(Problem("title", f"“{''.join(rubbish)}”认不出是什么字，已略去"))
        entry.title = joined(piece for piece in _pieces(rows, "title") if piece not in rubbish)
    entry.problems += [Problem(key, text, True) for row in rows for key, text in row.problems.items()]
    entry.items = _items(rows, entry)
    return entry


def _pieces(rows: Sequence[Line], key: str) -> list[str]:
    """What the rows of a task hold of a column; a merged cell counts once."""
    own = [row.own(key) for row in rows]
    if any(own):
        return own
    return [next((row.text(key) for row in rows if row.text(key)), "")]


def _items(rows: Sequence[Line], entry: Entry) -> list[Item]:
    """Measures with deadlines of their own: one in each row, numbered in one cell, or told by the deadline alone."""
    if sum(bool(row.own("deadline")) for row in rows) > 1:
        items: list[list[Line]] = []
        for row in rows:
            if row.own("deadline") or not items:
                items.append([row])
            else:
                items[-1].append(row)
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
    if each_is_one and all(deadlines.understand_one(part, 2000).kind != "unclear" for part in parts):
        entry.deadline = "\n".join(tidy(part) for part in parts)
        return [Item(tidy(text), tidy(part)) for text, part in zip(points, parts, strict=True)]
    return [Item(tidy(clause), tidy(clause)) for clause in deadlines.numbered(raw)]


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
    if _NAME.fullmatch(entry.leader) and not _POST_WORD.search(entry.leader):
        entry.problems.append(Problem("leader", f"“{entry.leader}”像是姓名，建议写职务"))


def _check_numbers(entries: Sequence[Entry]) -> None:
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.number and (first := seen.setdefault(entry.number, entry.line)) != entry.line:
            entry.problems.append(Problem("number", f"与第{first}行重复"))


# --- Names to posts -------------------------------------------------------------------------------


def with_posts(lines: Iterable[Line], posts: dict[str, str]) -> list[Line]:
    """The lines with every name replaced by its post, in every column, also where the name was spread out.

    Where the post stands before the name already, the name alone goes.
    """
    return [
        replace(
            line,
            loose=post_for(line.loose, posts),
            cells={
                key: replace(piece, text=post_for(piece.text, posts)) for key, piece in line.cells.items()
            },
        )
        for line in lines
    ]


def post_for(text: str, posts: dict[str, str]) -> str:
    for name, post in posts.items():
        written, spread = (r"\s*".join(map(re.escape, words)) for words in (post, name))
        text = re.sub(rf"({written})\s*{spread}", r"\1", text)
        text = re.sub(spread, lambda _, post=post: post, text)  # type: ignore[misc]
    return text
