"""Leaders stand in a task list as posts: their names are taken out of every cell before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from campaigns.task_lists.reading import Line


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
