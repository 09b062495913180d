"""The measures and styles of an official document (GB/T 9704-2012), as Word wants them.

Fonts are only named: the licensed ones are on the offices' machines, others fall back to what is like them.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

# --- The sheet: A4, 37 mm above, 28 mm to the left of a type area of 156 × 225 mm ---------------------

PAGE_WIDTH, PAGE_HEIGHT = 210, 297
TOP, LEFT = 37, 28
TEXT_WIDTH, TEXT_HEIGHT = 156, 225
RIGHT = PAGE_WIDTH - LEFT - TEXT_WIDTH
BOTTOM = PAGE_HEIGHT - TOP - TEXT_HEIGHT
FOOTER = 22.4
"""From the sheet's edge to the page number, whose upper edge then lies 7 mm below the type area."""
LETTER_HEAD = 30
"""From the sheet's upper edge to the issuer of a letter (信函格式)."""
LETTER_RULE = 170
"""The length of a letter's red double rule, centred on the sheet."""
LETTER_FOOT = 20

LINES, CHARACTERS = 22, 28
BODY = 16
"""三号, in points."""


def twips(millimetres: float) -> int:
    return round(millimetres * 1440 / 25.4)


LINE_PITCH = twips(TEXT_HEIGHT) // LINES
TIGHTER = -5
"""In twips a letter: 28 letters of 三号 are 158 mm, and have to stand on 156.

Set as letter spacing and not as a grid of characters, which LibreOffice draws far too wide.
"""
INDENT = BODY * 20
"""One character of the body, in twips."""

RED = "FF0000"

# --- Fonts --------------------------------------------------------------------------------------------

SONG_TITLE, FANGSONG, HEI, KAI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"

# What stands in for a font that a machine lacks, the nearest first.
ALTERNATIVES = {
    SONG_TITLE: ("FZXiaoBiaoSong-B05S", "小标宋", "SimSun", "宋体"),
    FANGSONG: ("FangSong_GB2312", "FangSong", "仿宋", "FangSong", "华文仿宋"),
    HEI: ("SimHei",),
    KAI: ("KaiTi_GB2312", "KaiTi", "楷体", "华文楷体"),
    SONG: ("SimSun",),
    LATIN: (),
}


def font_table() -> str:
    """Which fonts the document names, with the names of their like."""
    fonts = []
    for name, others in ALTERNATIVES.items():
        others = tuple(dict.fromkeys(others))
        alternatives = f"<w:altName w:val={quoteattr(','.join(others))}/>" if others else ""
        charset = "00" if name == LATIN else "86"
        fonts.append(
            f'<w:font w:name={quoteattr(name)}>{alternatives}<w:charset w:val="{charset}"/>'
            f'<w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>'
        )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:fonts xmlns:w="{NAMESPACE}">{"".join(fonts)}</w:fonts>'
    )


# --- Styles -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Style:
    """A paragraph style; what is None is inherited from the body's."""

    id: str
    name: str
    font: str | None = None
    size: float | None = None
    align: str | None = None
    indent: bool = False
    """The first line begins two characters in."""
    line: str = ""
    """Another line spacing than the grid's: ``<w:spacing …/>``."""
    colour: str = ""
    bold: bool = False
    outline: int | None = None
    keeps: bool = False
    """Stays on the page of what follows."""
    grid: bool = True

    def xml(self) -> str:
        layout = [
            "<w:keepNext/><w:keepLines/>" if self.keeps else "",
            "" if self.grid else '<w:snapToGrid w:val="0"/>',
            self.line,
            f'<w:ind w:firstLineChars="200" w:firstLine="{2 * INDENT}"/>' if self.indent else "",
            f'<w:jc w:val="{self.align}"/>' if self.align else "",
            f'<w:outlineLvl w:val="{self.outline}"/>' if self.outline is not None else "",
        ]
        letters = [
            fonts(self.font) if self.font else "",
            "<w:b/>" if self.bold else "",
            f'<w:color w:val="{self.colour}"/>' if self.colour else "",
            f'<w:sz w:val="{round(self.size * 2)}"/><w:szCs w:val="{round(self.size * 2)}"/>'
            if self.size
            else "",
        ]
        return (
            f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{self.id}">'
            f'<w:name w:val={quoteattr(self.name)}/><w:basedOn w:val="Normal"/><w:qFormat/>'
            f"<w:pPr>{''.join(layout)}</w:pPr><w:rPr>{''.join(letters)}</w:rPr></w:style>"
        )


def fonts(name: str, latin: str = LATIN) -> str:
    """East Asian quotation marks and dashes are set in the Chinese font: the hint says so."""
    chinese = quoteattr(name)
    return f'<w:rFonts w:hint="eastAsia" w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia={chinese} w:cs="{latin}"/>'


def exactly(points: float, before: float = 0, after: float = 0) -> str:
    return (
        f'<w:spacing w:before="{round(before * 20)}" w:after="{round(after * 20)}"'
        f' w:line="{round(points * 20)}" w:lineRule="exact"/>'
    )


def at_least(points: float, before: float = 0, after: float = 0) -> str:
    return exactly(points, before, after).replace('"exact"', '"atLeast"')


LINE = LINE_PITCH / 20

STYLES = (
    Style(id="RedHead", name="发文机关标志", font=SONG_TITLE, size=48, align="center", colour=RED,
          line=at_least(52), keeps=True, grid=False),
    Style(id="RedRule", name="红色分隔线", size=4, line=exactly(4), keeps=True, grid=False),
    Style(id="DocumentNumber", name="发文字号", align="center", keeps=True),
    Style(id="NumberRight", name="发文字号（右）", align="right", keeps=True),
    Style(id="DocumentTitle", name="公文标题", font=SONG_TITLE, size=22, align="center",
          line=exactly(LINE * 1.2), outline=0, keeps=True, grid=False),
    Style(id="Addressee", name="主送机关", align="left", keeps=True),
    Style(id="Heading1", name="一级标题", font=HEI, indent=True, outline=1, keeps=True),
    Style(id="Heading2", name="二级标题", font=KAI, indent=True, outline=2, keeps=True),
    Style(id="Heading3", name="三级标题", font=FANGSONG, bold=True, indent=True, outline=3, keeps=True),
    Style(id="Heading4", name="四级标题", font=FANGSONG, indent=True, outline=4, keeps=True),
    Style(id="BodyText", name="公文正文", indent=True),
    Style(id="AttachmentNote", name="附件说明", align="left"),
    Style(id="Signature", name="署名与日期", align="right"),
    Style(id="FormSignature", name="表下署名", size=14, align="right", line=exactly(24), grid=False),
    Style(id="Imprint", name="版记", size=14, align="left", line=exactly(LINE)),
    Style(id="Note", name="表下说明", size=12, align="left", line=at_least(18), grid=False),
    Style(id="CellHead", name="表头", font=HEI, size=12, align="center", line=at_least(18), grid=False),
    Style(id="Cell", name="表内文字", size=12, align="left", line=at_least(18), grid=False),
    Style(id="FormLabel", name="表格栏目", font=HEI, size=14, align="center", line=at_least(22), grid=False),
    Style(id="FormText", name="表格内容", size=14, align="left", line=at_least(22), grid=False),
    Style(id="PageNumber", name="页码", font=SONG, size=14, line=exactly(16), grid=False),
)  # fmt: skip


def styles() -> str:
    body = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANGSONG)}<w:spacing w:val="{TIGHTER}"/>'
        f'<w:sz w:val="{BODY * 2}"/><w:szCs w:val="{BODY * 2}"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
        f'<w:pPr><w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
        f'{exactly(LINE)}<w:jc w:val="both"/></w:pPr></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/></w:style>'
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar>'
        '<w:top w:w="0" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>'
        '<w:bottom w:w="0" w:type="dxa"/><w:right w:w="85" w:type="dxa"/>'
        "</w:tblCellMar></w:tblPr></w:style>"
    )
    return f'<w:styles xmlns:w="{NAMESPACE}">{body}{"".join(style.xml() for style in STYLES)}</w:styles>'
