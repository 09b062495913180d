"""The sheet a roster travels in: its columns, the template to fill in, and the bad rows handed back."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.search import normalise
from core.xlsx import TEXT, Book, Row, SheetError, saved, style_head, text_workbook
from enterprises.models import Industry, RosterImport, SizeClass, Tier

MAX_ROWS = 20_000
HEADER_WITHIN = 20
PROBLEM_TITLE = "问题"


@dataclass(frozen=True)
class Column:
    key: str
    title: str
    max_length: int
    hint: str
    width: int = 16
    needed: bool = False
    """Must stand in the sheet and be filled in every row."""
    expected: bool = False
    """Must stand in the sheet; a row may leave it empty."""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()

    def is_called(self, title: str) -> bool:
        return title in {_plain(name) for name in (self.title, *self.aliases)}


_PLACE = Column(
    "region", "所在乡镇办（园区）", 60, "从下拉框选择", 22, needed=True,
    aliases=("所在乡镇办", "所在乡镇", "乡镇办", "乡镇", "所在乡镇（街道）", "所属乡镇", "园区", "所在地区"),
)  # fmt: skip
_INDUSTRY = Column(
    "industry", "行业门类", 30, "国民经济行业 20 个门类，从下拉框选择", 22,
    aliases=("行业", "所属行业"), choices=tuple(Industry.labels),
)  # fmt: skip
_ADDRESS = Column("address", "地址", 200, "", 32, aliases=("企业地址", "注册地址", "经营地址", "建设地址"))
_CONTACT = (
    Column("contact_name", "联系人", 50, "", 12, aliases=("联系人姓名",)),
    Column("contact_post", "联系人职务", 50, "", 14, aliases=("职务",)),
    Column(
        "contact_phone", "联系电话", 30, "11位手机号，或“区号-号码”的座机号", 18,
        aliases=("电话", "手机", "手机号", "手机号码", "联系方式", "联系人电话"),
    ),
)  # fmt: skip

COLUMNS: dict[str, tuple[Column, ...]] = {
    RosterImport.Kind.ENTERPRISES: (
        Column("name", "企业名称", 120, "与营业执照一致", 36, needed=True, aliases=("名称", "单位名称", "单位详细名称")),
        Column(
            "credit_code", "统一社会信用代码", 18, "18位；没有的留空，并填注册号或代码暂缺原因", 24,
            expected=True, aliases=("信用代码", "社会信用代码", "统一信用代码"),
        ),
        Column("registration_number", "注册号", 15, "15位工商注册号", 20, aliases=("工商注册号", "营业执照注册号")),
        Column("no_code_reason", "代码暂缺原因", 100, "前两栏都没有时必填，如：正在办理营业执照", 20, aliases=("暂缺原因",)),
        Column(
            "tier", "层级", 20, "从下拉框选择", 14, needed=True,
            aliases=("企业层级", "企业类型", "类别"), choices=tuple(Tier.labels),
        ),
        _PLACE,
        _INDUSTRY,
        Column(
            "size_class", "规模", 10, "大型、中型、小型或微型", 10,
            aliases=("企业规模",), choices=tuple(SizeClass.labels),
        ),
        _ADDRESS,
        Column("legal_person", "法定代表人", 50, "", 14, aliases=("法人", "法人代表", "负责人", "法定代表人（负责人）")),
        Column("main_products", "主营业务", 200, "主要产品或服务", 28, aliases=("主要产品", "主要业务活动", "经营范围")),
        *_CONTACT,
    ),
    RosterImport.Kind.PROJECTS: (
        Column("name", "项目名称", 120, "同一区县内不重名", 36, needed=True, aliases=("名称", "重点项目名称")),
        _PLACE,
        Column("owner_name", "建设单位", 120, "与企业底册同名的自动关联", 32, aliases=("建设单位名称", "项目单位", "业主单位")),
        Column("investment", "总投资（万元）", 20, "只填数字，单位万元", 16, aliases=("总投资", "投资额（万元）")),
        Column("stage", "建设阶段", 30, "如：前期、在建、投产", 14, aliases=("项目阶段", "项目进展")),
        _INDUSTRY,
        _ADDRESS,
        *_CONTACT,
    ),
}  # fmt: skip


def _plain(title: str) -> str:
    """A head without blanks, line breaks, stars and colons: how people decorate them."""
    return re.sub(r"[\s*:]", "", normalise(title))


# --- Reading --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """Where the known columns stand in somebody's sheet."""

    sheet: str
    header_line: int
    headers: list[str]
    places: dict[str, int] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """What stands further right than the last head is nobody's column."""
        return len(self.headers)


@dataclass(frozen=True)
class RosterSheet:
    layout: Layout
    book: Book

    def rows(self) -> Iterator[Row]:
        """The rows below the header that say anything, cut or filled up to the header's width."""
        found = 0
        for row in self.book.rows(self.layout.sheet, self.layout.width):
            if row.line <= self.layout.header_line or row.is_blank:
                continue
            found += 1
            if found > MAX_ROWS:
                raise SheetError(f"超过{MAX_ROWS:,}行：请分成几个文件上传。")
            yield row


def open_sheet(file: IO[bytes] | Any, kind: str) -> RosterSheet:
    """The first visible sheet whose header is known; a title above it and another order do no harm."""
    book = Book(file)
    best: Layout | None = None
    for name in book.sheet_names():
        layout = _find_header(book, name, kind)
        if layout and not _missing(layout, kind):
            _refuse_double_columns(layout, kind)
            return RosterSheet(layout, book)
        if layout and (best is None or len(layout.places) > len(best.places)):
            best = layout
    wanted = "、".join(column.title for column in COLUMNS[kind] if column.needed or column.expected)
    if best is None:
        raise SheetError(f"没有找到表头：前{HEADER_WITHIN}行中应有一行写明{wanted}。请使用下载的模板填写。")
    missing = "、".join(f"“{title}”" for title in _missing(best, kind))
    raise SheetError(f"第{best.header_line}行的表头缺少{missing}列。请对照模板补上后再上传。")


def _find_header(book: Book, name: str, kind: str) -> Layout | None:
    """The row, among the first ones, with the most known heads; one known word alone is no header."""
    best: Layout | None = None
    for row in book.rows(name):
        if row.line > HEADER_WITHIN:
            break
        titles = [_plain(text) for text in row.texts()]
        places = {
            column.key: place
            for column in COLUMNS[kind]
            for place, title in reversed(list(enumerate(titles)))
            if title and column.is_called(title)
        }
        if len(places) >= 2 and (best is None or len(places) > len(best.places)):
            headers = row.texts()
            while headers and not headers[-1]:
                headers.pop()
            best = Layout(name, row.line, headers, places)
    return best


def _missing(layout: Layout, kind: str) -> list[str]:
    return [
        column.title
        for column in COLUMNS[kind]
        if (column.needed or column.expected) and column.key not in layout.places
    ]


def _refuse_double_columns(layout: Layout, kind: str) -> None:
    titles = [_plain(title) for title in layout.headers]
    for column in COLUMNS[kind]:
        if sum(1 for title in titles if title and column.is_called(title)) > 1:
            raise SheetError(f"表头中“{column.title}”出现了不止一次，请只保留一列。")


def keys_of(headers: Iterable[str], kind: str) -> list[str]:
    """Which column each head of a sheet stands for; "" for those we do not read."""
    titles = [_plain(header) for header in headers]
    return [
        next((column.key for column in COLUMNS[kind] if title and column.is_called(title)), "")
        for title in titles
    ]


# --- Writing --------------------------------------------------------------------------------------


def template(kind: str, places: Iterable[str]) -> bytes:
    """An empty sheet to fill in: all text, with lists to choose from, and a page that explains."""
    columns = COLUMNS[kind]
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = RosterImport.Kind(kind).label
    lists = book.create_sheet("选项")
    lists.sheet_state = "hidden"
    sheet.freeze_panes = "B2"
    sheet.row_dimensions[1].height = 30
    for number, column in enumerate(columns, start=1):
        letter = get_column_letter(number)
        head = sheet.cell(row=1, column=number, value=column.title + ("*" if column.needed else ""))
        style_head(head)
        if column.hint:
            head.comment = Comment(column.hint, "亲清通", width=220, height=70)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = TEXT
        choices = tuple(places) if column.key == "region" else column.choices
        if choices:
            _offer(sheet, lists, letter, column, choices)
    _explain(book, columns)
    return saved(book)


def _offer(sheet: Worksheet, lists: Worksheet, letter: str, column: Column, choices: tuple[str, ...]) -> None:
    for line, choice in enumerate(choices, start=1):
        lists[f"{letter}{line}"] = choice
    where = f"{quote_sheetname(lists.title)}!${letter}$1:${letter}${len(choices)}"
    rule = DataValidation("list", formula1=where, allow_blank=not column.needed, showErrorMessage=True)
    rule.errorTitle, rule.error = column.title, "请从下拉框中选择。"
    rule.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
    sheet.add_data_validation(rule)


def _explain(book: Workbook, columns: Iterable[Column]) -> None:
    sheet = book.create_sheet("填写说明")
    sheet.append(["栏目", "是否必填", "怎样填"])
    for cell in sheet[1]:
        style_head(cell)
    for column in columns:
        needed = "必填" if column.needed else "选填"
        sheet.append(
            [column.title, needed, "；".join(filter(None, [column.hint, f"不超过{column.max_length}字"]))]
        )
    notes = [
        "每行一家，不合并单元格，不用公式；代码和电话按文本填写。",
        "列的顺序可以调整，表头上方可以有标题行。",
        "已在底册中的按代码识别并更新；留空的栏目不改动原有内容。导入不会删除任何企业或项目。",
    ]
    for note in notes:
        sheet.append([])
        sheet.append([note])
        sheet.cell(row=sheet.max_row, column=1).font = Font(italic=True)
    for letter, width in (("A", 24), ("B", 12), ("C", 60)):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2, min_col=3, max_col=3):
        row[0].alignment = Alignment(wrap_text=True)


def rejects(roster_import: RosterImport) -> bytes:
    """The bad rows as they were in the sheet, with a last column that says what is wrong."""
    headers = roster_import.headers
    # A sheet that was handed back before carries that column already.
    old = [place for place, title in enumerate(headers) if _plain(title) == PROBLEM_TITLE]

    def as_uploaded(cells: list[str]) -> list[str]:
        return [cell for place, cell in enumerate(cells) if place not in old]

    bad = roster_import.rows.filter(outcome="bad").values_list("cells", "errors")
    return text_workbook(
        title=RosterImport.Kind(roster_import.kind).label,
        headers=[*as_uploaded(headers), PROBLEM_TITLE],
        rows=([*as_uploaded(cells), problem_text(errors)] for cells, errors in bad.iterator()),
        widths=[*([18] * len(as_uploaded(headers))), 60],
    )


def problem_text(errors: list[dict]) -> str:
    return "；".join(
        f"{error['title']}：{error['text']}" if error["title"] else error["text"] for error in errors
    )
