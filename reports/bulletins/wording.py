"""Text with figures in it, as a list of runs: pure, no database.

A run is ``{"t": words}``, ``{"f": key, "v": what is printed}`` for a counted figure, or ``{"t": …, "hand": true}``
for a number that somebody typed where the system counted none. Whoever edits sees plain text; saved, it is
laid against the text before, so that a figure that was kept keeps its evidence and one that was changed
stands beside what was counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from districts.reporting import WORDS, placeholders
from reports.bulletins.counted import key_of

Run = dict[str, Any]
_TOKENS = re.compile(r"\d+(?:\.\d+)?%?|.", re.DOTALL)
_NUMBER = re.compile(r"\d+(?:\.\d+)?%?")


def from_template(
    template: str, figures: Mapping[str, Mapping[str, Any]], words: Mapping[str, Any]
) -> list[Run]:
    runs: list[Run] = []
    for before, name, part, measure in placeholders(template):
        runs.append({"t": before})
        if name in WORDS:
            runs.append({"t": str(words[name])})
        elif name:
            key = key_of(name, part, measure)
            runs.append({"f": key, "v": figures[key]["text"]})
    return joined(runs)


def joined(runs: Iterable[Run]) -> list[Run]:
    """Neighbouring words as one run, nothing empty."""
    kept: list[Run] = []
    for run in runs:
        if "f" in run:
            if run["v"]:
                kept.append(run)
        elif run["t"]:
            if kept and "t" in kept[-1] and kept[-1].get("hand") == run.get("hand"):
                kept[-1] = kept[-1] | {"t": kept[-1]["t"] + run["t"]}
            else:
                kept.append(dict(run))
    return kept


def words_of(run: Run) -> str:
    return run["v"] if "f" in run else run["t"]


def text_of(runs: Iterable[Run]) -> str:
    return "".join(words_of(run) for run in runs)


def tidy(text: str) -> str:
    """As it is kept: one way to end a line, no space around paragraphs, no empty ones."""
    lines = (line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def edited(old: list[Run], text: str, *, mark_numbers: bool = True) -> list[Run]:
    """The runs of a text that somebody has edited.

    A figure all of whose characters stand where they stood is kept. One that was overwritten keeps its key with
    what was written over it. A number that is neither was typed by hand, and is marked as such.
    """
    pieces = [_TOKENS.findall(words_of(run)) for run in old]
    before = [token for piece in pieces for token in piece]
    after = _TOKENS.findall(text)
    # Characters that often recur (的, 件) must not be thrown out as junk: autojunk off.
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    owner: list[Run | None] = [None] * len(after)
    figures = _spans(old, pieces)
    same = {
        i1 + step: j1 + step for tag, i1, i2, j1, _ in blocks if tag == "equal" for step in range(i2 - i1)
    }
    same |= {-1: -1, len(before): len(after)}
    moved: set[int] = set()
    for run, start, stop in figures:
        first, last = _place(blocks, start, stop, figures, after)
        if "".join(after[first:last]) == run["v"] and not (
            same.get(start - 1) == first - 1 or same.get(stop) == last
        ):
            # The same number, but in other surroundings: nobody can tell that it still means the same.
            moved.update(range(first, last))
            continue
        for place in range(first, last):
            owner[place] = run
    untouched = set(same.values()) - moved
    typed = _typed_before(old, pieces, blocks)
    runs: list[Run] = []
    place = 0
    while place < len(after):
        figure = owner[place]
        if figure is not None:
            stop = place
            while stop < len(after) and owner[stop] is figure:
                stop += 1
            runs.append({"f": figure["f"], "v": "".join(after[place:stop])})
            place = stop
            continue
        is_typed = place in typed or (
            mark_numbers and place not in untouched and bool(_NUMBER.fullmatch(after[place]))
        )
        runs.append({"t": after[place], "hand": True} if is_typed else {"t": after[place]})
        place += 1
    return joined(runs)


def _spans(runs: list[Run], pieces: list[list[str]]) -> list[tuple[Run, int, int]]:
    found, place = [], 0
    for run, piece in zip(runs, pieces, strict=True):
        if "f" in run:
            found.append((run, place, place + len(piece)))
        place += len(piece)
    return found


def _typed_before(runs: list[Run], pieces: list[list[str]], blocks: list[Any]) -> set[int]:
    """Where numbers that had been typed by hand stand now."""
    marked: set[int] = set()
    place = 0
    for run, piece in zip(runs, pieces, strict=True):
        if run.get("hand"):
            marked.update(range(place, place + len(piece)))
        place += len(piece)
    return {
        j1 + (i - i1) for tag, i1, i2, j1, _ in blocks if tag == "equal" for i in range(i1, i2) if i in marked
    }


def _place(
    blocks: list[Any], start: int, stop: int, figures: list[tuple[Run, int, int]], after: list[str]
) -> tuple[int, int]:
    """Where the figure at ``start`` … ``stop`` of the old text stands in the new one; empty if it is gone."""
    first = last = None
    for tag, i1, i2, j1, j2 in blocks:
        if tag == "insert" or i2 <= start or i1 >= stop:
            continue
        if tag == "equal":
            here = (j1 + max(start, i1) - i1, j1 + min(stop, i2) - i1)
        elif tag == "delete":
            continue
        elif start <= i1 and i2 <= stop:
            here = (j1, j2)
        else:
            # More than the figure was rewritten: the numbers in it, in their order, are the new figures.
            numbers = [j for j in range(j1, j2) if _NUMBER.fullmatch(after[j])]
            rank = sum(i1 <= other < start for _, other, _ in figures)
            if rank >= len(numbers):
                continue
            here = (numbers[rank], numbers[rank] + 1)
        first = here[0] if first is None else min(first, here[0])
        last = here[1] if last is None else max(last, here[1])
    return (first, last) if first is not None and last is not None else (0, 0)


def refreshed(
    runs: list[Run], old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> list[Run]:
    """New figures in a text that was edited: what was typed over a figure stays."""
    return [
        run | {"v": new[run["f"]]["text"]}
        if "f" in run and run["f"] in new and run["v"] == old.get(run["f"], {}).get("text")
        else run
        for run in runs
    ]
