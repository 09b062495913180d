"""A bulletin as an official document in Word: red head, number, title, sections, tables, date, 版记."""

from __future__ import annotations

from accounts.selectors import unit_of
from core import clock
from reports.bulletins.reading import RunView, TableView, numeral, read
from reports.documents import Paper
from reports.models import Bulletin

NO_NUMBER_YET = "（未签发）"


def issuer_of(bulletin: Bulletin) -> str:
    return unit_of(bulletin.district, bulletin.rules.lead_bureau).name


def file_name(bulletin: Bulletin) -> str:
    return f"{bulletin.number or bulletin.get_state_display()} {bulletin.title}.docx"


def paper_of(bulletin: Bulletin) -> Paper:
    """What was signed, word for word; a draft says in place of its number that it is none yet."""
    words, issuer = bulletin.rules.bulletin, issuer_of(bulletin)
    paper = Paper()
    paper.red_head(words.head.format(issuer=issuer))
    paper.number(bulletin.number or NO_NUMBER_YET)
    paper.title(bulletin.title)
    paper.addressee(words.addressees)
    if replaced := bulletin.replaces:
        paper.paragraph(f"本通报更正并代替《{replaced.title}》（{replaced.number}），以本通报为准。")
    for section in read(bulletin).kept:
        if section.heading:
            paper.heading(1, f"{section.numeral}、{section.heading}")
        for paragraph in section.paragraphs:
            paper.paragraph(_text(paragraph))
        if section.table:
            _table(paper, section.table)
        for number, case in enumerate(section.cases, 1):
            paper.heading(2, f"（{numeral(number)}）{case['kind']}：{case['title']}")
            for heading, text in case["sections"]:
                paper.paragraph(f"{heading}。{text}")
    if bulletin.approved_at:
        paper.signature(issuer, clock.local_date(bulletin.approved_at))
    copies = "，".join(line.unit.short_name for line in bulletin.recipients.select_related("unit"))
    if copies and bulletin.sent_at:
        paper.imprint(copies_to=copies, issuer=issuer, day=clock.local_date(bulletin.sent_at))
    return paper


def _text(runs: list[RunView]) -> str:
    return "".join(run.text for run in runs)


def _table(paper: Paper, table: TableView) -> None:
    heads = ["名次"] * table.has_ranks + ["单位", *(column["label"] for column in table.columns)]
    rows = []
    for row in [*table.ranked, *table.others]:
        rank = [str(row.rank or "—")] if table.has_ranks else []
        rows.append([*rank, row.name, *(cell.text for cell in row.cells)])
    total = [""] if table.has_ranks else []
    rows.append([*total, "全区", *(cell.text for cell in table.total)])
    first = len(rows[0]) - len(table.columns)
    needed = (max(_millimetres(row[place]) for row in rows) for place in range(first, len(rows[0])))
    widths = [8.0] * table.has_ranks + [22.0, *(max(12.0, width) for width in needed)]
    align = "c" * table.has_ranks + "l" + "c" * len(table.columns)
    paper.table(heads, rows, widths, align)
    if table.others and table.has_ranks:
        paper.note(f"名次为“—”的单位件数少（{table.ranked_by}的分母不足 {table.ranked_from}），不排名。")
    for column in table.columns:
        paper.note(f"{column['label']}：{column['definition']}")


def _millimetres(text: str) -> float:
    """What a cell takes so that its figure stays on one line: half a character is 2.1 mm wide."""
    return 4 + sum(4.2 if ord(char) > 0x2000 else 2.1 for char in text)
