"""Text pasted out of Word, a PDF, a web page or Excel: lines with tabs, read as the rows of a task list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from campaigns.task_lists.columns import is_header, places_of
from campaigns.task_lists.posts import with_posts
from campaigns.task_lists.reading import Line, Reading, page_cells, read_lines

LONGEST = 200_000
_OPEN = re.compile(r'(?:^|\t)"(?:[^"\t]|"")*$')


def read_text(text: str, posts: dict[str, str] | None = None) -> Reading:
    """The task list in a text; what stands before its header is no part of it."""
    lines = lines_of(text[:LONGEST])
    return read_lines(with_posts(lines, posts or {}), numbers_on_top=False)


def lines_of(text: str) -> list[Line]:
    found: list[Line] = []
    places: Sequence[str] = ()
    page = 0
    for number, raw in _whole_rows(text):
        cells = [cell.strip() for cell in raw.split("\t")]
        if not any(cells):
            continue
        if "\t" in raw and is_header(cells):
            page += 1
            places = places_of(cells)
            found.append(Line(number, {}, is_head=True, page=page))
        elif "\t" not in raw:
            found.append(Line(number, {}, loose=raw.strip(), page=page))
        else:
            found.append(Line(number, page_cells(cells, places), page=page))
    return found


def _whole_rows(text: str) -> list[tuple[int, str]]:
    """Rows with their line; a cell that Excel put into quotation marks because it has line breaks is one cell."""
    rows: list[tuple[int, str]] = []
    pending: list[str] = []
    began = 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, start=1):
        if pending:
            pending.append(line)
            if re.search(r'"(?:\t|$)', line):
                rows.append((began, _unquoted("\n".join(pending))))
                pending = []
            elif len(pending) > 60:  # no quotation, only a mark that nobody closed
                rows += list(enumerate(pending, start=began))
                pending = []
        elif "\t" in line and _OPEN.search(line) and _closes(lines[number : number + 60]):
            began, pending = number, [line]
        else:
            rows.append((number, line))
    return rows + list(enumerate(pending, start=began))


def _closes(following: Sequence[str]) -> bool:
    """The next lines end the quotation before another row begins."""
    for line in following:
        if re.search(r'"(?:\t|$)', line):
            return True
        if "\t" in line:
            return False
    return False


def _unquoted(row: str) -> str:
    def bare(match: re.Match[str]) -> str:
        return match[1] + re.sub(r"\s*\n\s*", " ", match[2]).replace('""', '"')

    return re.sub(r'(^|\t)"((?:[^"]|"")*)"(?=\t|$)', bare, row).replace("\n", " ")
