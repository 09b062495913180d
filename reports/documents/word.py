"""Blocks into a Word file, laid out after GB/T 9704-2012."""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, Twips
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from core import clock
from core.rehearsing import NOTICE, is_rehearsing
from reports.documents import sheet

Block = dict[str, Any]

MOST_HEAD = 48
"""Points: a short issuer's name need not fill the line."""
LABEL_WIDTH = 30
"""Of a form, in millimetres."""

SHORT = 200
"""A row of a form with no more letters than these stays on one page."""

_W = f'xmlns:w="{sheet.NAMESPACE}"'
_EDGES = ("top", "left", "bottom", "right", "insideH", "insideV")
_ALIGN = {
    "l": WD_ALIGN_PARAGRAPH.LEFT,
    "c": WD_ALIGN_PARAGRAPH.CENTER,
    "r": WD_ALIGN_PARAGRAPH.RIGHT,
}
# What python-docx brings along and no official document needs.
_NOT_NEEDED = ("stylesWithEffects", "customXml", "thumbnail", "numbering", "webSettings", "theme")


def docx_of(blocks: list[Block]) -> bytes:
    return _Writer(blocks).write()


def width_of(text: str) -> float:
    """In characters of the grid: a Latin letter or digit takes half of one."""
    return sum(0.5 if letter.isascii() else 1 for letter in text)


class _Writer:
    def __init__(self, blocks: list[Block]) -> None:
        self.blocks = blocks
        self.document: Document = docx.Document()
        self.section = self.document.sections[0]
        self.is_letter = any(block["kind"] == "letter_head" for block in blocks)
        self.has_red_head = any(block["kind"] == "red_head" for block in blocks)
        self.is_form = any(block["kind"] == "form" for block in blocks)
        self.titled = False

    def write(self) -> bytes:
        self._prepare()
        self._set_page()
        for at, block in enumerate(self.blocks):
            getattr(self, f"_{block['kind']}")(block)
            if at + 1 < len(self.blocks) and self.blocks[at + 1]["kind"] == "signature":
                self._keep_last_with_next()
        stream = io.BytesIO()
        self.document.save(stream)
        return stream.getvalue()

    # --- The file ----------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Our styles and fonts in place of the library's template."""
        part = self.document.part
        for parent in (part, part.package):
            for key, relation in list(parent.rels.items()):
                if any(word in relation.reltype or word in str(relation.target_ref) for word in _NOT_NEEDED):
                    del parent.rels[key]
        styles = self.document.styles.element
        for child in list(styles):
            styles.remove(child)
        for child in parse_xml(sheet.styles()):
            styles.append(child)
        for relation in part.rels.values():
            if relation.reltype.endswith("/fontTable"):
                relation.target_part._blob = sheet.font_table().encode()
        settings = self.document.settings
        for tag in ("savePreviewPicture", "rsids", "docId", "defaultImageDpi", "zoom"):
            for found in settings.element.xpath(f"./*[local-name()='{tag}']"):
                settings.element.remove(found)
        for found in settings.element.xpath(".//w:themeFontLang"):
            found.getparent().remove(found)
        for found in settings.element.xpath(".//w:compatSetting[@w:name='compatibilityMode']"):
            found.set(qn("w:val"), "15")
        settings.odd_and_even_pages_header_footer = True
        titles = [block["text"] for block in self.blocks if block["kind"] == "title"]
        about = self.document.core_properties
        about.title = titles[0].replace("\n", "")[:255] if titles else ""
        about.author = about.last_modified_by = about.comments = ""
        about.language = "zh-CN"
        about.created = about.modified = clock.now().replace(tzinfo=None)

    def _set_page(self) -> None:
        section = self.section
        section.page_width, section.page_height = Mm(sheet.PAGE_WIDTH), Mm(sheet.PAGE_HEIGHT)
        section.top_margin, section.bottom_margin = Mm(sheet.TOP), Mm(sheet.BOTTOM)
        section.left_margin, section.right_margin = Mm(sheet.LEFT), Mm(sheet.RIGHT)
        section.header_distance = Mm(sheet.LETTER_HEAD if self.is_letter else 15)
        section.footer_distance = Mm(sheet.LETTER_FOOT if self.is_letter else sheet.FOOTER)
        for old in section._sectPr.xpath("./w:docGrid"):
            section._sectPr.remove(old)
        section._sectPr.append(
            parse_xml(f'<w:docGrid {_W} w:type="lines" w:linePitch="{sheet.LINE_PITCH}"/>')
        )
        if is_rehearsing():
            for header in (section.header, section.even_page_header):
                header.paragraphs[0].text = NOTICE
                header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._page_number(section.footer.paragraphs[0], odd=True)
        self._page_number(section.even_page_footer.paragraphs[0], odd=False)

    def _page_number(self, paragraph: Paragraph, *, odd: bool) -> None:
        """“— 1 —”, one character in from the outer edge."""
        paragraph.style = "页码"
        layout = paragraph.paragraph_format
        layout.alignment = WD_ALIGN_PARAGRAPH.RIGHT if odd else WD_ALIGN_PARAGRAPH.LEFT
        if odd:
            layout.right_indent = Pt(14)
        else:
            layout.left_indent = Pt(14)
        if self.is_letter:
            layout.space_after = Mm(sheet.FOOTER - sheet.LETTER_FOOT)
        letters = f"<w:rPr>{sheet.fonts(sheet.SONG, sheet.SONG)}</w:rPr>"
        for xml in (
            f'<w:r {_W}>{letters}<w:t xml:space="preserve">— </w:t></w:r>',
            f'<w:fldSimple {_W} w:instr=" PAGE "><w:r>{letters}<w:t>1</w:t></w:r></w:fldSimple>',
            f'<w:r {_W}>{letters}<w:t xml:space="preserve"> —</w:t></w:r>',
        ):
            paragraph._p.append(parse_xml(xml))

    # --- Paragraphs ----------------------------------------------------------------------------------

    def _write(self, text: str, style: str, where: Any = None) -> Paragraph:
        return self._fill((where or self.document).add_paragraph(style=style), text)

    @staticmethod
    def _fill(paragraph: Paragraph, text: str, style: str = "") -> Paragraph:
        if style:
            paragraph.style = style
        for at, line in enumerate(text.split("\n")):
            line_break = "<w:br/>" if at else ""
            words = "<w:tab/>".join(
                f'<w:t xml:space="preserve">{escape(part)}</w:t>' for part in line.split("\t")
            )
            letters = '<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>'
            paragraph._p.append(parse_xml(f"<w:r {_W}>{letters}{line_break}{words}</w:r>"))
        return paragraph

    def _blank(self, lines: int = 1) -> None:
        for _ in range(lines):
            self.document.add_paragraph().paragraph_format.keep_with_next = True

    @staticmethod
    def _border(paragraph: Paragraph, **sides: tuple[str, int, int, str]) -> None:
        """Each side: kind of line, its weight in eighths of a point, its distance in points, its colour."""
        lines = "".join(
            f'<w:{side} w:val="{kind}" w:sz="{size}" w:space="{space}" w:color="{colour}"/>'
            for side, (kind, size, space, colour) in sides.items()
        )
        layout: Any = paragraph._p.get_or_add_pPr()
        layout.insert_element_before(
            parse_xml(f"<w:pBdr {_W}>{lines}</w:pBdr>"),
            *("w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr"),
        )

    def _keep_last_with_next(self) -> None:
        """A signature does not stand alone on a page. (A long paragraph would be taken along as a whole.)"""
        last = self.document.paragraphs[-1:]
        if last and len(last[0].text) <= 4 * sheet.CHARACTERS:
            last[0].paragraph_format.keep_with_next = True

    # --- Head ----------------------------------------------------------------------------------------

    def _red_head(self, block: Block) -> None:
        head = self._write(block["text"], "发文机关标志")
        head.paragraph_format.space_before = Mm(35)
        self._set_size(head, block["text"])
        self._blank(2)

    def _letter_head(self, block: Block) -> None:
        """In the head of the first page; a second rule stands at its foot, where no number is shown."""
        self.section.different_first_page_header_footer = True
        over = Mm((sheet.LETTER_RULE - sheet.TEXT_WIDTH) / 2)
        head = self._fill(self.section.first_page_header.paragraphs[0], block["text"], "发文机关标志")
        self._set_size(head, block["text"])
        foot = self.section.first_page_footer.paragraphs[0]
        foot.style = "红色分隔线"
        for paragraph in (head, foot):
            paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = -over
        self._border(head, bottom=("thickThinSmallGap", 24, 6, sheet.RED))
        self._border(foot, bottom=("thinThickSmallGap", 24, 0, sheet.RED))

    @staticmethod
    def _set_size(head: Paragraph, text: str) -> None:
        """As large as fits on one line."""
        size = min(MOST_HEAD, int(sheet.twips(sheet.TEXT_WIDTH) / 20 / max(width_of(text), 1)))
        for run in head.runs:
            run.font.size = Pt(size)
        head.paragraph_format.line_spacing = Pt(size * 1.1)

    def _number(self, block: Block) -> None:
        aside = self.is_letter or self.titled
        number = self._write(block["text"], "发文字号（右）" if aside else "发文字号")
        if self.has_red_head and not self.titled:
            self._border(number, bottom=("single", 12, 11, sheet.RED))

    def _title(self, block: Block) -> None:
        if self.is_letter or self.has_red_head:
            self._blank(2)
        self._write(block["text"], "公文标题")
        self._blank()
        self.titled = True

    def _addressee(self, block: Block) -> None:
        self._write(block["text"], "主送机关")

    # --- Body ----------------------------------------------------------------------------------------

    def _heading(self, block: Block) -> None:
        self._write(block["text"], ("一级标题", "二级标题", "三级标题", "四级标题")[block["level"] - 1])

    def _paragraph(self, block: Block) -> None:
        self._write(block["text"], "公文正文")

    def _note(self, block: Block) -> None:
        self._write(block["text"], "表下说明")

    def _page_break(self, block: Block) -> None:
        self.document.add_page_break()

    def _table(self, block: Block) -> None:
        widths = self._shares(block["widths"])
        table = self._grid(1 + len(block["rows"]), widths)
        for cell, header in zip(table.rows[0].cells, block["headers"], strict=True):
            self._fill(cell.paragraphs[0], header, "表头")
        table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {_W}/>"))
        for row, texts in zip(list(table.rows)[1:], block["rows"], strict=True):
            for cell, text, align in zip(row.cells, texts, block["align"], strict=True):
                self._fill(cell.paragraphs[0], text, "表内文字").alignment = _ALIGN[align]
        self._after_table()

    def _form(self, block: Block) -> None:
        total, label = sheet.twips(sheet.TEXT_WIDTH), sheet.twips(LABEL_WIDTH)
        half = total // 2 - label
        table = self._grid(len(block["rows"]), [label, half, label, total - 2 * label - half])
        for row, boxes in zip(table.rows, block["rows"], strict=True):
            cells = row.cells
            if len(boxes) == 1:
                cells[1].merge(cells[3])
            row.height = Mm(max(10, *(box[2] for box in boxes), 0))
            for at, (name, text, _height) in enumerate(boxes):
                self._fill(cells[2 * at].paragraphs[0], name, "表格栏目")
                self._fill_box(row.cells[2 * at + 1], text)
            if sum(len(box[1]) for box in boxes) <= SHORT:
                row._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {_W}/>"))
        self._after_table()

    def _fill_box(self, cell: _Cell, text: str) -> None:
        first, *others = text.split("\n")
        self._fill(cell.paragraphs[0], first, "表格内容")
        for line in others:
            self._write(line, "表格内容", cell)

    @staticmethod
    def _shares(widths: list[float]) -> list[int]:
        total, parts = sheet.twips(sheet.TEXT_WIDTH), sum(widths)
        shares = [int(total * width / parts) for width in widths]
        shares[-1] += total - sum(shares)
        return shares

    def _grid(self, rows: int, widths: list[int]) -> Table:
        table = self.document.add_table(rows, len(widths))
        table.autofit = False
        lines = "".join(
            f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>' for side in _EDGES
        )
        properties: Any = table._tblPr
        properties.insert_element_before(
            parse_xml(f"<w:tblBorders {_W}>{lines}</w:tblBorders>"),
            "w:tblLayout",
            "w:tblCellMar",
            "w:tblLook",
        )
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Twips(width)
        for row in table.rows:
            for cell, width in zip(row.cells, widths, strict=True):
                cell.width = Twips(width)
                cell.vertical_alignment = 1
        return table

    def _after_table(self) -> None:
        """Word needs a paragraph between two tables, and after the last one."""
        paragraph = self.document.add_paragraph(style="红色分隔线")
        paragraph.paragraph_format.keep_with_next = True

    # --- Foot ----------------------------------------------------------------------------------------

    def _attachments(self, block: Block) -> None:
        names = block["names"]
        if not names:
            return
        self._blank()
        for at, name in enumerate(names, start=1):
            number = f"{at}. " if len(names) > 1 else ""
            text = f"附件：{number}{name}" if at == 1 else f"{number}{name}"
            note = self._write(text, "附件说明")
            hang = width_of(f"附件：{number}")
            first = 2 if at == 1 else 5
            note.paragraph_format.left_indent = Twips(round((2 + hang) * sheet.INDENT))
            note.paragraph_format.first_line_indent = Twips(-round((2 + hang - first) * sheet.INDENT))

    def _signature(self, block: Block) -> None:
        """The date four characters in, the issuer centred over it; a long issuer pushes the date further in."""
        issuer, day = width_of(block["text"]), width_of(block["date"])
        overhang = (issuer - day) / 2
        of_date = max(4.0, overhang)
        if not self.is_form:
            self._blank(2)
        for text, indent in ((block["text"], of_date - overhang), (block["date"], of_date)):
            line = self._write(text, "署名与日期")
            line.paragraph_format.right_indent = Twips(round(indent * sheet.INDENT))
            line.paragraph_format.keep_with_next = text == block["text"]
            if self.is_form:
                line.style = "表下署名"

    def _imprint(self, block: Block) -> None:
        rows = [f"抄送：{block['copies_to']}。"] if block["copies_to"] else []
        printed = [block["text"], block["date"]]
        self._blank()
        for at, text in enumerate([*rows, "\t".join(printed)] if any(printed) else rows):
            line = self._write(text, "版记")
            rule = ("single", 8, 1, "000000")
            self._border(line, **({"top": rule} if at == 0 else {}), bottom=rule)
            line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
            if "\t" in text:
                right = Twips(sheet.twips(sheet.TEXT_WIDTH)) - Pt(14)
                line.paragraph_format.tab_stops.add_tab_stop(right, WD_TAB_ALIGNMENT.RIGHT)
