"""Text pasted out of Word, a PDF, a web page or Excel: lines with tabs, read as the rows of a task list."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.task_lists.columns import is_header, places_of
from campaigns.task_lists.layout import with_tabs
from campaigns.task_lists.posts import with_posts
from campaigns.task_lists.reading import (
    READABLE,
    Line,
    Reading,
    is_heading,
    page_cells,
    read_lines,
    stands_between,
)

LONGEST = 200_000
_MOST_LINES = 60
"""Of a row: more is no row, but a mark that nobody closed."""


def read_text(text: str, posts: dict[str, str] | None = None) -> Reading:
    """The task list in a text; what stands before its header is no part of it."""
    lines = with_posts(lines_of(text[:LONGEST]), posts or {})
    return read_lines(lines, numbers_on_top=not _begins_without_number(lines), wrapped=True)


def lines_of(text: str) -> list[Line]:
    found: list[Line] = []
    places: Sequence[str] = ()
    page = 0
    for number, row in _whole_rows(with_tabs(_plain_lines(text))):
        cells = [_unquoted(cell.strip()) for cell in row.split("\t")]
        if not any(cells):
            continue
        if "\t" in row and is_header(cells):
            page += 1
            places = places_of(cells)
            found.append(Line(number, {}, is_head=True, page=page))
        elif "\t" not in row:
            found.append(Line(number, {}, loose=row.strip(), page=page))
        else:
            found.append(Line(number, page_cells(cells, places), page=page))
    return found


def _plain_lines(text: str) -> str:
    """Word and WPS break a line inside a cell with a vertical tab."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.replace("\x0b", " ").replace("\x0c", "\n").replace("\x07", "\t")


def _begins_without_number(lines: Sequence[Line]) -> bool:
    """Whether a number stands somewhere in the middle of its rows, as a scan reads merged cells: then the first row
    of a page or a part has none."""
    expected = False
    for line in lines:
        if line.is_head or is_heading(line) is not None:
            expected = True
        elif expected and not line.loose and READABLE.search(line.own("measure") + line.own("deadline")):
            if not line.own("number"):
                return True
            expected = False
    return False


# --- Rows over several lines ----------------------------------------------------------------------


def _whole_rows(text: str) -> list[tuple[int, str]]:
    """Rows with their line; what a cell was broken over is one cell again."""
    rows: list[tuple[int, str]] = []
    lines = text.split("\n")
    place = tabs = 0
    broken = False
    while place < len(lines):
        line, first = lines[place], place
        while (last := _closing(lines, place)) is not None:
            line += " " + " ".join(lines[place + 1 : last + 1])
            place = last
            lines[place] = line
        if "\t" in line and is_header(line.split("\t")):
            tabs = line.count("\t")
        elif 0 < line.count("\t") < tabs and (last := _completed(lines, place, tabs)):
            line = " ".join([line, *lines[place + 1 : last + 1]])
            place, broken = last, True
        elif broken and "\t" not in line and rows and _goes_on(line, rows[-1][1]):
            rows[-1] = (rows[-1][0], f"{rows[-1][1]} {line.strip()}")
            place += 1
            continue
        rows.append((first + 1, line))
        place += 1
    return rows


def _closing(lines: Sequence[str], place: int) -> int | None:
    """Where a cell ends that Excel put into quotation marks because it has line breaks; None if none is open."""
    cell = lines[place].rsplit("\t", 1)[-1]
    if "\t" not in lines[place] or not cell.startswith('"') or cell.count('"') % 2 == 0:
        return None
    for last in range(place + 1, min(len(lines), place + _MOST_LINES)):
        cell += lines[last].split("\t", 1)[0]
        if cell.endswith('"') and cell.count('"') % 2 == 0:
            return last
        if "\t" in lines[last]:
            return None
    return None


def _completed(lines: Sequence[str], place: int, tabs: int) -> int | None:
    """Where a row ends whose cells Word copied paragraph by paragraph: where it has all its tabs."""
    found = lines[place].count("\t")
    for last in range(place + 1, min(len(lines), place + _MOST_LINES)):
        if not lines[last].strip():
            return None
        found += lines[last].count("\t")
        if found >= tabs:
            return last if found == tabs else None
    return None


def _goes_on(line: str, row: str) -> bool:
    """Another paragraph of the last cell, and nothing that stands between rows."""
    return (
        bool(line.strip())
        and "\t" in row
        and bool(row.rsplit("\t", 1)[-1].strip())
        and not stands_between(line)
    )


def _unquoted(cell: str) -> str:
    """Without the quotation marks that a copy put around it; those of the text come in pairs."""
    if not (len(cell) > 2 and cell.startswith('"') and cell.endswith('"')):
        return cell
    inside = cell[1:-1]
    if inside.replace('""', "").count('"'):
        return cell
    bare = inside.replace('""', '"')
    return cell if bare.count('"') % 2 or ('"' not in bare and " " not in bare) else bare
