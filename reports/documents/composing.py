"""Words with placeholders, and what stands for them, put together to a document."""

from __future__ import annotations

import re

from districts.documents import DocumentText, boxes_in, fill
from reports.documents.filling import Values
from reports.documents.paper import Field, Paper

_HEADINGS = (
    (1, re.compile(r"^[一二三四五六七八九十]{1,3}、")),
    (2, re.compile(r"^（[一二三四五六七八九十]{1,3}）")),
)
LONGEST_HEADING = 40
LETTERS_OF_TITLE = 20
"""On a line, in 二号."""


def compose(words: DocumentText, values: Values, number: str) -> Paper:
    paper = Paper()
    if words.layout == "letter":
        paper.letter_head(fill(words.head, values))
    elif words.layout == "document":
        paper.red_head(fill(words.head, values))
    if words.layout != "form" and number:
        paper.number(number)
    paper.title(broken(fill(words.title, values)))
    if words.layout == "form" and number:
        paper.number(number)
    if addressee := fill(words.addressee, values):
        paper.addressee(addressee)
    if words.boxes.strip():
        paper.form(
            [Field(box.label, fill(box.text, values), box.height) for box in row]
            for row in boxes_in(words.boxes)
        )
    for line in fill(words.body, values).splitlines():
        if line.strip():
            _write_line(paper, line.strip())
    if note := fill(words.note, values):
        paper.note(note)
    if issuer := fill(words.issuer, values):
        paper.signed(issuer, values["日期"])
    return paper


def broken(title: str) -> str:
    """A title of two lines breaks before what the document is, not in the middle of a word."""
    at = title.rfind("的") + 1
    fits = 0 < at <= LETTERS_OF_TITLE and len(title) - at <= LETTERS_OF_TITLE
    return f"{title[:at]}\n{title[at:]}" if len(title) > LETTERS_OF_TITLE and fits else title


def _write_line(paper: Paper, line: str) -> None:
    """What looks like a heading is one: a numeral in front, short, no full stop."""
    for level, numeral in _HEADINGS:
        if numeral.match(line) and len(line) <= LONGEST_HEADING and not line.endswith(("。", "；", "：")):
            paper.heading(level, line)
            return
    paper.paragraph(line)
