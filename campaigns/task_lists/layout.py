"""Tables in text that has no tabs: drawn with bars (| 1 | 任务 |), or with blanks, as a PDF is copied. Made tabs of.

Columns drawn with blanks stand where no row has a letter. A Chinese letter is as wide as two others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from campaigns.task_lists.columns import is_header
from campaigns.task_lists.reading import stands_between
from core.width import display_width

_RULE = re.compile(r"^[\s|:+─-]*$")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_WORDS = re.compile(r"\S+(?: \S+)*")
"""Two blanks or more stand between columns; one may stand within a cell."""
_FEWEST = 4
"""Columns of a table."""


@dataclass(frozen=True)
class Words:
    text: str
    start: int
    end: int


def with_tabs(text: str) -> str:
    """The text with a tab between the cells of its table; as it is where the head has tabs, or where no table is."""
    lines = text.split("\n")
    if any("\t" in line and is_header(line.split("\t")) for line in lines):
        return text
    lines = [line.replace("\t", "    ") for line in lines]
    if sum(line.count("|") >= _FEWEST for line in lines) >= 2:
        return "\n".join(_without_bars(line) for line in lines if not ("|" in line and _RULE.match(line)))
    return "\n".join(_without_blanks(lines))


def _without_bars(line: str) -> str:
    if "|" not in line:
        return line
    inside = line.strip().removeprefix("|").removesuffix("|")
    return "\t".join(_BREAK.sub(" ", cell).strip() for cell in inside.split("|"))


def _without_blanks(lines: list[str]) -> list[str]:
    rows = [_words_of(line) for line in lines]
    heads = [place for place, row in enumerate(rows) if is_header([words.text for words in row])]
    if not heads:
        return lines
    table = rows[heads[0] :]
    gutters = _gutters([row for row in table if len(row) >= _FEWEST])
    columns = len(rows[heads[0]])
    if len(gutters) + 1 != columns:
        return lines
    found = lines[: heads[0]]
    for line, row in zip(lines[heads[0] :], table, strict=True):
        if len(row) == columns:
            found.append("\t".join(words.text for words in row))
        elif _stands_alone(row):
            found.append(line.strip())
        else:
            found.append("\t".join(_cut(row, gutters)))
    return found


def _words_of(line: str) -> list[Words]:
    """What a line holds between wide blanks, with its place."""
    line = line.replace("\u3000", "  ").replace("\u00a0", " ")
    found = []
    for match in _WORDS.finditer(line):
        start = display_width(line[: match.start()])
        found.append(Words(match[0], start, start + display_width(match[0])))
    return found


def _gutters(rows: list[list[Words]]) -> list[int]:
    """Where no row has a letter: the middle of each such stripe."""
    taken = sorted({place for row in rows for words in row for place in range(words.start, words.end)})
    return [(left + right + 1) // 2 for left, right in pairwise(taken) if right - left > 1]


def _stands_alone(row: list[Words]) -> bool:
    """A title, a page number or a heading over the whole width."""
    return len(row) == 1 and row[0].start > 0 and stands_between(row[0].text)


def _cut(row: list[Words], gutters: list[int]) -> list[str]:
    cells: list[list[str]] = [[] for _ in range(len(gutters) + 1)]
    for words in row:
        cells[sum(gutter <= words.start for gutter in gutters)].append(words.text)
    return ["".join(pieces) for pieces in cells]
