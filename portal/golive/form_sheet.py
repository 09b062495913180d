"""The district's own table, read from an Excel of it: title, note, heads, groups, rows, sums."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from core.search import normalise
from core.xlsx import Book, Merged, SheetError

MOST_ROWS = 200
MOST_LINES = 400
HEADS = (
    ("no", r"序号|编号|行次"),
    ("total", r".*(累计|本年|全年|年度|今年).*"),
    (
        "figure",
        r"(本|当|上)(周|旬|月|季|期).*|.*(数量|数值|数据|完成数|填报数|上报数)|(具体|完成|进展|落实|填报)?情况|完成值|数",
    ),
    ("unit", r"(计量)?单位"),
    ("item", r".*(内容|指标|事项|统计项).*"),
    ("group", r"项目|类别|分类|大项|板块|方面|领域|(工作|重点)?任务|.{1,4}(类别|分类|类型|项目|板块|任务)"),
)
"""What the heads of such tables say, the surest first."""
SECTION = re.compile(
    r"^([一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十]{1,3}[）)])\s*(.+?)[:：]?$"
)
FOOT = re.compile(
    r"^(备?注|说明|填报说明|填表人|填报人|审核人?|(单位)?负责人|联系人|联系电话|填报日期|报送时间)[:：(（]"
)
UNIT_LINE = re.compile(r"^(填报单位|报送单位|单位名称|填表单位|上报单位|单位)\s*([（(].*?[）)])?\s*[:：]")
SUM_IN_WORDS = re.compile(r"[（(=＝]\s*(\d{1,3}(?:\s*[+＋]\s*\d{1,3})+)\s*[）)]?")
MARK = re.compile(r"^[ABab](?:[+＋][ABab])?$")


@dataclass
class FormLine:
    no: int
    group: str
    item: str
    mark: str = ""
    formula: tuple[int, ...] = ()
    why: str = ""


@dataclass
class FormSheet:
    title: str
    unit_label: str
    note: str
    headers: list[str]
    lines: list[FormLine] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    """Heads of columns that our table does not have."""


def read_form(file: IO[bytes]) -> FormSheet:
    """The first visible sheet that looks like such a form. Raises ``SheetError`` in words."""
    book = Book(file)
    names = book.sheet_names()
    for name in names:
        lines = [[cell.text for cell in row.cells] for row in islice(book.rows(name), MOST_LINES)]
        grid = _Grid(lines, book.merged(name))
        header = grid.header()
        if header:
            return _read(grid, *header)
    raise SheetError(
        "没有找到表头：应有一行写着“序号、项目、工作内容、具体情况”（或“类别、指标、数量、累计”等），下面一行一项。"
    )


class _Grid:
    def __init__(self, lines: Sequence[Sequence[str]], merged: Sequence[Merged]) -> None:
        self.lines, self.merged = lines, merged

    def text(self, line: int, column: int) -> str:
        """The text of a cell, or of the merged range it belongs to, lines and columns from 1."""
        area = self.area(line, column)
        if area is not None:
            line, column = area.top, area.left
        row = self.lines[line - 1] if 0 < line <= len(self.lines) else ()
        return row[column - 1].strip() if 0 < column <= len(row) else ""

    def area(self, line: int, column: int) -> Merged | None:
        return next((area for area in self.merged if area.covers(line, column)), None)

    def block(self, line: int) -> tuple[int, int]:
        """The lines of a header whose cells are merged over several."""
        areas = [
            area for area in self.merged if area.top <= line <= area.bottom and area.bottom - area.top < 4
        ]
        return min([line, *(area.top for area in areas)]), max([line, *(area.bottom for area in areas)])

    def section(self, line: int, places: dict[str, int]) -> str | None:
        """The words of a line that only heads those below it: “一、走访情况”, alone in its line."""
        texts = {text.strip() for text in self.lines[line - 1] if text.strip()}
        found = SECTION.match(next(iter(texts))) if len(texts) == 1 else None
        if found is None:
            return None
        area = self.area(line, places["item"])
        whole = area is not None and area.right - area.left >= 2
        return found[2] if whole or "group" not in places else None

    def header(self) -> tuple[int, dict[str, int]] | None:
        """The line with the most known heads; it has an item and a figure."""
        best: tuple[int, dict[str, int]] | None = None
        for line in range(1, min(len(self.lines), 20) + 1):
            places: dict[str, int] = {}
            for column in range(1, len(self.lines[line - 1]) + 1):
                word = re.sub(r"[\s*:：]|[（(].*?[）)]", "", normalise(self.text(line, column)))
                if not 0 < len(word) <= 14:
                    continue
                key = next((key for key, pattern in HEADS if re.fullmatch(pattern, word)), "")
                if key and key not in places:
                    places[key] = column
            if "item" not in places and "group" in places:
                places["item"] = places.pop("group")
            is_header = "item" in places and len(places) >= 2 and {"no", "figure", "total"} & set(places)
            if is_header and (best is None or len(places) > len(best[1])):
                best = (line, places)
        return best


def _read(grid: _Grid, line: int, places: dict[str, int]) -> FormSheet:
    top, bottom = grid.block(line)
    title, unit_label, note = _above(grid, top)
    heads = [grid.text(line, places[key]) if key in places else usual for key, usual in
             (("no", "序号"), ("group", "项目"), ("item", "工作内容"), ("figure", "具体情况"))]  # fmt: skip
    if "total" in places:
        heads.append(grid.text(line, places["total"]))
    form = FormSheet(title or "工作情况表", unit_label or "填报单位", note, [head[:30] for head in heads])
    used = set(places.values())
    over = {
        grid.text(bottom, column)
        for column in range(1, len(grid.lines[bottom - 1]) + 1)
        if column not in used
    }
    form.left = sorted(over - {""})
    lines_of: dict[int, int] = {}
    formulas: dict[int, str] = {}
    group = ""
    for number in range(bottom + 1, len(grid.lines) + 1):
        item = grid.text(number, places["item"])
        words = [text for text in grid.lines[number - 1] if text]
        if words and FOOT.match(normalise(words[0])):
            if not form.note and re.match(r"(备?注|说明|填报说明)", words[0]):
                form.note = re.sub(r"^(备?注|说明|填报说明)\s*[:：]\s*", "", words[0]).strip("。")[:200]
            break
        if not item:
            continue
        if (section := grid.section(number, places)) is not None:
            group = section
            continue
        if len(form.lines) >= MOST_ROWS:
            raise SheetError(f"超过 {MOST_ROWS} 行：请核对是否传错了表。")
        group = _group(grid, number, places, group)
        unit = grid.text(number, places["unit"]) if "unit" in places else ""
        if unit and not re.search(rf"[（(][^（()）]*{re.escape(unit)}", item):
            item += f"（{unit}）"
        lines_of[number] = len(form.lines) + 1
        row = FormLine(len(form.lines) + 1, group if group != item else "", item)
        figure = grid.text(number, places.get("figure", 0)) if "figure" in places else ""
        if figure.startswith("="):
            formulas[number] = figure
        elif MARK.match(normalise(figure).upper().replace(" ", "")):
            row.mark = normalise(figure).upper().replace(" ", "")
        form.lines.append(row)
    if not form.lines:
        raise SheetError("表头下面没有一项内容。")
    _sums(form, lines_of, formulas)
    return form


def _above(grid: _Grid, header: int) -> tuple[str, str, str]:
    """The lines over the header: the title, “填报单位：”, and what is said about handing in."""
    titles: list[str] = []
    notes: list[str] = []
    unit_label = ""
    for line in range(1, header):
        words = list(dict.fromkeys(text.strip() for text in grid.lines[line - 1] if text.strip()))
        for text in words:
            if found := UNIT_LINE.match(text):
                unit_label = found[1]
            elif (len(text) < 12 and text.endswith(("：", ":"))) or (
                re.match(r"^(附件|附表)\s*\d*[:：]?$", text)
                or (FOOT.match(normalise(text)) and len(text) < 12)
            ):
                continue
            elif notes or (
                titles and re.search(r"报|填|注[:：]|截止", text) and (len(text) > 12 or unit_label)
            ):
                notes.append(re.sub(r"^注[:：]", "", text).strip("。，"))
            else:
                titles.append(text)
    return "\n".join(titles[:3]), unit_label, "，".join(notes)[:200]


def _group(grid: _Grid, line: int, places: dict[str, int], before: str) -> str:
    if "group" not in places:
        return before
    area = grid.area(line, places["group"])
    if area is not None and area.covers(line, places["item"]):
        return ""  # the row has both cells for its own words
    # An empty cell below a group that was not merged still belongs to it.
    return grid.text(line, places["group"]) or before


def _sums(form: FormSheet, lines_of: dict[int, int], formulas: dict[int, str]) -> None:
    """Sums, from the sheet's own formulas, from words (“合计（1+2）”), or from the marks A, B and A+B."""
    numbers = {number: line for line, number in lines_of.items()}
    for row in form.lines:
        line = numbers[row.no]
        if line in formulas and (found := _rows_of(formulas[line], lines_of)) and row.no not in found:
            row.formula, row.why = found, f"原表此格是公式 {formulas[line]}"
        elif words := SUM_IN_WORDS.search(row.item):
            found = tuple(int(number) for number in re.findall(r"\d+", words[1]))
            if all(1 <= number <= len(form.lines) and number != row.no for number in found):
                row.formula, row.why = found, "表中写明由这几行相加"
        elif row.mark == "A+B":
            parts = [other.no for other in form.lines[row.no : row.no + 4] if other.mark in {"A", "B"}]
            if len(parts) == 2:
                row.formula, row.why = tuple(parts), "标为 A+B，其后两行标为 A、B"
    sums = {row.no for row in form.lines if row.formula}
    for row in form.lines:
        if sums & set(row.formula):
            # A sum of sums: of what these add up.
            flat = [part for no in row.formula for part in (form.lines[no - 1].formula or (no,))]
            row.formula = tuple(dict.fromkeys(part for part in flat if part not in sums))


def _rows_of(formula: str, lines_of: dict[int, int]) -> tuple[int, ...]:
    """D5+D6 or SUM(D5:D8) as rows of the form; () for what is no plain sum."""
    text = normalise(formula).upper().lstrip("=").replace("$", "").replace(" ", "")
    text = re.sub(r"^SUM\((.*)\)$", r"\1", text)
    if not re.fullmatch(r"[A-Z]{1,2}\d+(:[A-Z]{1,2}\d+)?([+,][A-Z]{1,2}\d+(:[A-Z]{1,2}\d+)?)*", text):
        return ()
    found: list[int] = []
    for part in re.split(r"[+,]", text):
        ends = [int(number) for number in re.findall(r"\d+", part)]
        if ends[-1] - ends[0] > MOST_ROWS:
            return ()
        found += [lines_of[line] for line in range(ends[0], ends[-1] + 1) if line in lines_of]
    return tuple(dict.fromkeys(found))
