"""An official document, written from its head to its date; made into Word, or shown on a page.

    paper = Paper()
    paper.red_head("铜陵市郊区科技和经济信息化局文件")
    paper.number("郊科经〔2026〕12号")
    paper.title("关于……的通报")
    paper.addressee("各乡镇人民政府、办事处，区直有关单位")
    paper.paragraph("……")
    paper.heading(1, "一、总体情况")
    paper.table(["单位", "办结"], [["经信局", "12"]], [100, 56])
    paper.attachments(["按时办结情况表"])
    paper.signature("铜陵市郊区科技和经济信息化局", date(2026, 11, 19))
    content = paper.as_docx()

What was written is a list of blocks of plain data: ``paper.blocks`` can be kept as JSON, and
``Paper(blocks)`` is the same document again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from reports.documents.word import Block, docx_of

# XML has no place for these; text pasted from elsewhere brings them along.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def clean(text: str) -> str:
    return _UNPRINTABLE.sub("", str(text)).replace("\r\n", "\n").replace("\r", "\n").strip()


def written_date(day: date) -> str:
    """As documents write it: no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


class Field(NamedTuple):
    """A box of a form: its name and what stands in it, at least so many millimetres high."""

    label: str
    text: str = ""
    height: float = 0


class Paper:
    """The methods follow the order in which a document is read."""

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        self.blocks: list[Block] = list(blocks)

    def _add(self, kind: str, **content: Any) -> None:
        self.blocks.append({"kind": kind, **content})

    # --- Head ---------------------------------------------------------------------------------------

    def red_head(self, issuer: str) -> None:
        """The red head of a document (文件): the issuer, and a red rule below the number."""
        self._add("red_head", text=clean(issuer))

    def letter_head(self, issuer: str) -> None:
        """The red head of a letter (信函格式): the issuer above a double rule, the number to the right."""
        self._add("letter_head", text=clean(issuer))

    def number(self, text: str) -> None:
        """发文字号, the year in 〔〕."""
        self._add("number", text=clean(text))

    def title(self, text: str) -> None:
        """A line break where the title is to be broken."""
        self._add("title", text=clean(text))

    def addressee(self, text: str) -> None:
        """主送机关; the colon is added."""
        self._add("addressee", text=clean(text).rstrip("：:") + "：")

    # --- Body ---------------------------------------------------------------------------------------

    def heading(self, level: int, text: str) -> None:
        """1: 一、 in 黑体; 2: （一） in 楷体; 3: 1. bold; 4: （1）. The text brings its own numeral."""
        if not 1 <= level <= 4:
            raise ValueError("headings have four levels")
        self._add("heading", level=level, text=clean(text))

    def paragraph(self, text: str) -> None:
        """Every line of the text is a paragraph of its own, its first line two characters in."""
        for line in clean(text).split("\n"):
            if line.strip():
                self._add("paragraph", text=line.strip())

    def table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[Any]],
        widths: Sequence[float] = (),
        align: str = "",
    ) -> None:
        """A table as wide as the text. Widths are shares; align has a letter a column: l, c or r."""
        count = len(headers)
        cells = [[clean("" if value is None else value) for value in row] for row in rows]
        if any(len(row) != count for row in cells) or (widths and len(widths) != count):
            raise ValueError("every row has a cell, and every column a width, for each header")
        self._add(
            "table",
            headers=[clean(header) for header in headers],
            rows=cells,
            widths=list(widths) or [1] * count,
            align=align or "l" * count,
        )

    def form(self, rows: Iterable[Sequence[Field]]) -> None:
        """A document as a table form (交办单、督办单): one or two boxes a row."""
        boxes = [[[clean(box.label), clean(box.text), box.height] for box in row] for row in rows]
        if not all(1 <= len(row) <= 2 for row in boxes):
            raise ValueError("a row of a form has one or two boxes")
        self._add("form", rows=boxes)

    def note(self, text: str) -> None:
        """Small print below a table or form."""
        self._add("note", text=clean(text))

    def page_break(self) -> None:
        self._add("page_break")

    # --- Foot ---------------------------------------------------------------------------------------

    def attachments(self, names: Sequence[str]) -> None:
        """附件说明, below the text."""
        self._add("attachments", names=[clean(name) for name in names])

    def signature(self, issuer: str, day: date) -> None:
        """The issuer, centred over the date that stands four characters in from the right."""
        self.signed(issuer, written_date(day))

    def signed(self, issuer: str, day: str) -> None:
        """The same, with the date as it is written already."""
        self._add("signature", text=clean(issuer), date=clean(day))

    def imprint(self, *, copies_to: str = "", issuer: str = "", day: date | None = None) -> None:
        """版记: who gets a copy, who printed it and when; at the foot of the last page."""
        self._add(
            "imprint",
            copies_to=clean(copies_to),
            text=clean(issuer),
            date=f"{written_date(day)}印发" if day else "",
        )

    # --- What it becomes ----------------------------------------------------------------------------

    @property
    def plain_title(self) -> str:
        """The title on one line; empty before there is one."""
        titles = (block["text"] for block in self.blocks if block["kind"] == "title")
        return next(titles, "").replace("\n", "")

    def as_text(self) -> str:
        """All its words, a line a block: for searching, and for tests."""
        return "\n".join(word for block in self.blocks for word in _words(block) if word)

    def as_docx(self) -> bytes:
        return docx_of(self.blocks)


def _words(content: Any) -> Iterable[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        for key, value in content.items():
            if key not in {"kind", "align"}:
                yield from _words(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _words(value)
