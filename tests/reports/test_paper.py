"""The writer of official documents: what Word finds in the file, and what LibreOffice prints."""

import io
import re
import shutil
import subprocess
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from reports.documents import Field, Paper

BUREAU = "铜陵市郊区科技和经济信息化局"
DAY = date(2026, 3, 5)


def opened(paper):
    return docx.Document(io.BytesIO(paper.as_docx()))


def bulletin():
    paper = Paper()
    paper.red_head(f"{BUREAU}文件")
    paper.number("郊科经〔2026〕12号")
    paper.title("关于2月份企业诉求办理情况的通报")
    paper.addressee("各乡镇人民政府、办事处")
    paper.heading(1, "一、总体情况")
    paper.heading(2, "（一）受理")
    paper.heading(3, "1. 渠道")
    paper.paragraph("第一段。\n第二段。")
    paper.table(["单位", "办结"], [["大通镇", 3], ["桥南办", None]], [100, 56], "lr")
    paper.attachments(["情况表", "案例"])
    paper.signature(BUREAU, DAY)
    paper.imprint(copies_to="区政府办", issuer="局办公室", day=DAY)
    return paper


def style(document, name):
    return document.styles[name]


def east_asian(style):
    return style.element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))


def near(value, millimetres):
    return abs(value - Mm(millimetres)) < Mm(0.1)


def test_the_sheet_is_a4_with_a_type_area_of_156_by_225_millimetres():
    section = opened(bulletin()).sections[0]
    assert near(section.page_width, 210) and near(section.page_height, 297)
    assert near(section.top_margin, 37) and near(section.left_margin, 28)
    assert near(section.page_width - section.left_margin - section.right_margin, 156)
    assert near(section.page_height - section.top_margin - section.bottom_margin, 225)


def test_a_page_has_22_lines_of_28_letters_of_fangsong_16():
    document = opened(bulletin())
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    assert defaults.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert defaults.find(qn("w:sz")).get(qn("w:val")) == "32"
    letter = 16 + int(defaults.find(qn("w:spacing")).get(qn("w:val"))) / 20
    width = Mm(210 - 28 - 26).pt
    assert 28 * letter <= width < 29 * letter

    line = style(document, "Normal").paragraph_format.line_spacing
    height = Mm(297 - 37 - 35).pt
    assert 22 * line.pt <= height < 23 * line.pt
    grid = document.sections[0]._sectPr.find(qn("w:docGrid"))
    assert int(grid.get(qn("w:linePitch"))) / 20 == line.pt


@pytest.mark.parametrize(
    ("name", "font", "size"),
    [
        ("公文标题", "方正小标宋简体", 22),
        ("一级标题", "黑体", None),
        ("二级标题", "楷体_GB2312", None),
        ("三级标题", "仿宋_GB2312", None),
        ("页码", "宋体", 14),
    ],
)
def test_every_part_has_its_font(name, font, size):
    found = style(opened(bulletin()), name)
    assert east_asian(found) == font
    assert found.font.size == (Pt(size) if size else None)


def test_a_machine_without_the_licensed_fonts_is_told_what_stands_in_for_them():
    document = opened(bulletin())
    table = next(part for part in document.part.package.iter_parts() if "fontTable" in part.partname)
    alternatives = dict(re.findall(r'w:name="([^"]+)"><w:altName w:val="([^"]+)"', table.blob.decode()))
    assert "SimSun" in alternatives["方正小标宋简体"]
    assert "FangSong" in alternatives["仿宋_GB2312"]


def test_the_red_head_stands_over_number_and_a_red_rule():
    head, *rest = [found for found in opened(bulletin()).paragraphs if found.text]
    assert head.text == f"{BUREAU}文件"
    assert str(head.style.font.color.rgb) == "FF0000"
    width = len(head.text) * head.runs[0].font.size.pt
    assert width <= Mm(156).pt
    assert rest[0].text == "郊科经〔2026〕12号"
    assert rest[0]._p.pPr.find(qn("w:pBdr")).find(qn("w:bottom")).get(qn("w:color")) == "FF0000"


def test_every_line_of_a_text_is_a_paragraph_two_letters_in():
    document = opened(bulletin())
    paragraphs = [found for found in document.paragraphs if found.style.name == "公文正文"]
    assert [found.text for found in paragraphs] == ["第一段。", "第二段。"]
    assert style(document, "公文正文").paragraph_format.first_line_indent == Pt(32)


def test_the_date_stands_four_letters_in_with_the_issuer_centred_over_it():
    paper = Paper()
    paper.signature("区发改委", DAY)
    issuer, day = [found for found in opened(paper).paragraphs if found.text]
    assert (issuer.text, day.text) == ("区发改委", "2026年3月5日")
    assert day.paragraph_format.right_indent == Pt(64)
    middle = [
        found.paragraph_format.right_indent.pt + 16 * width / 2 for found, width in ((issuer, 4), (day, 6))
    ]
    assert middle[0] == middle[1]


def test_a_long_issuer_stays_on_the_sheet():
    paper = Paper()
    paper.signature(BUREAU * 2, DAY)
    issuer, day = [found for found in opened(paper).paragraphs if found.text]
    assert issuer.paragraph_format.right_indent == 0
    assert day.paragraph_format.right_indent > Pt(64)


def test_page_numbers_stand_outside_on_odd_and_even_pages():
    document = opened(bulletin())
    assert document.settings.odd_and_even_pages_header_footer
    section = document.sections[0]
    odd, even = section.footer.paragraphs[0], section.even_page_footer.paragraphs[0]
    assert (odd.alignment, even.alignment) == (2, 0)
    assert odd.paragraph_format.right_indent == even.paragraph_format.left_indent == Pt(14)
    for paragraph in (odd, even):
        assert "".join(paragraph._p.xpath(".//w:t/text()")) == "— 1 —"
        assert paragraph._p.find(qn("w:fldSimple")).get(qn("w:instr")).strip() == "PAGE"


def test_a_letter_has_its_head_and_rules_on_the_first_page_only_and_no_number_there():
    paper = Paper()
    paper.letter_head(BUREAU)
    paper.number("郊科经函〔2026〕7号")
    document = opened(paper)
    section = document.sections[0]
    assert section.different_first_page_header_footer
    assert section.first_page_header.paragraphs[0].text == BUREAU
    assert section.first_page_footer.paragraphs[0]._p.xpath(".//w:t") == []
    assert next(found for found in document.paragraphs if found.text).style.name == "发文字号（右）"


def test_a_table_is_as_wide_as_the_text_and_repeats_its_head():
    table = opened(bulletin()).tables[0]
    assert abs(sum(column.width for column in table.columns) - Mm(156)) < Mm(0.2)
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["单位", "办结"], ["大通镇", "3"], ["桥南办", ""],
    ]  # fmt: skip
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1].cells[1].paragraphs[0].alignment == 2


def test_a_form_has_one_or_two_boxes_a_row():
    paper = Paper()
    paper.form([[Field("编号", "JQ1"), Field("日期", "3月5日")], [Field("内容", "甲\n乙", 40)]])
    rows = opened(paper).tables[0].rows
    assert [cell.text for cell in rows[0].cells] == ["编号", "JQ1", "日期", "3月5日"]
    assert rows[1].cells[1].text == "甲\n乙" == rows[1].cells[3].text
    assert near(rows[1].height, 40)
    with pytest.raises(ValueError):
        paper.form([[Field("一"), Field("二"), Field("三")]])


def test_text_that_xml_has_no_place_for_is_left_out_and_markup_stays_text():
    paper = Paper()
    paper.paragraph("甲\x0b乙<w:p>&丙\ud800")
    assert "甲乙<w:p>&丙" in [found.text for found in opened(paper).paragraphs]


def test_the_kept_blocks_are_the_same_document_again():
    paper = bulletin()
    again = Paper(paper.blocks)
    assert [found.text for found in opened(again).paragraphs] == [
        found.text for found in opened(paper).paragraphs
    ]
    assert again.plain_title == "关于2月份企业诉求办理情况的通报"
    assert "大通镇" in again.as_text()


def as_pdf(paper, folder):
    source = folder / "paper.docx"
    source.write_bytes(paper.as_docx())
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf",
         "--outdir", str(folder), str(source)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    return folder / "paper.pdf"


@pytest.mark.office
@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs pdftotext")
def test_libreoffice_prints_22_lines_of_28_letters_on_a_full_page(tmp_path):
    paper = Paper()
    paper.paragraph("一二三四五六七八九十" * 130)
    pdf = as_pdf(paper, tmp_path)
    text = subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = [page.replace(" ", "").split() for page in text.split("\f")[:-1]]
    assert [len(line) for line in pages[0][:-1]] == [26] + [28] * 21
    assert [page[-1] for page in pages] == ["—1—", "—2—", "—3—"]
