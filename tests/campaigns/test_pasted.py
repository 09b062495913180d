"""The ten lists of the plan, copied out of Word, WPS, Excel, a PDF, a chat: always the same tasks."""

import re

import pytest

from campaigns.task_lists.columns import KEYS, TITLES
from campaigns.task_lists.pasted import read_text
from core.width import display_width
from districts.loading import read_profile

HEAD = [TITLES[key] for key in KEYS]
WIDTHS = (4, 7, 22, 8, 8, 10, 8, 10)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
PAGES = ("— 9 —", "-35 -", "第 3 页 共 10 页", "12", "3/10")


@pytest.fixture(scope="module")
def plan(request):
    return read_profile(request.config.rootpath / "profiles" / "341504").campaigns


def own_items(task):
    return [item for item in task.items if item.text != item.deadline]


def rows_of(campaign):
    """The printed table: headings as texts, rows as cells; below a merged cell nothing stands."""
    section = ""
    for task in campaign.tasks:
        if task.section != section:
            section = task.section
            yield section
        whole = [
            task.number,
            task.title,
            task.measure,
            task.leader,
            task.lead,
            task.assisting,
            task.deadline,
            task.status,
        ]
        items = own_items(task)
        if not items:
            yield whole
        for place, item in enumerate(items):
            number, title, _, leader, lead, assisting, _, _ = whole if not place else [""] * 8
            yield [
                number,
                title,
                item.text,
                leader,
                lead,
                item.assisting or assisting,
                item.deadline,
                item.status,
            ]


def paragraphs(cell):
    return re.sub(r"(?<=[。;；])\s*(?=(?:\d[.、]|[(（]\d[)）]))", "\n", cell)


def pieces(row):
    """The lines of a row whose cells are broken where they are full."""
    cells = [cell.replace("\n", "") for cell in row]
    broken = [
        [cell[at : at + width] for at in range(0, len(cell), width)]
        for cell, width in zip(cells, WIDTHS, strict=True)
    ]
    for line in range(max(map(len, broken))):
        yield [cell[line] if line < len(cell) else "" for cell in broken]


def text_of(campaign, *, row, heading=lambda text: f"\t{text}" + "\t" * 6, head=HEAD, end="\n"):
    lines = [campaign.list_title, "", row(head)]
    lines += [heading(part) if isinstance(part, str) else row(part) for part in rows_of(campaign)]
    return end.join([*lines, *campaign.notes])


def word(campaign):
    """Paragraphs of a cell are lines of the text; a heading over the whole width is one cell."""
    return text_of(campaign, row=lambda cells: "\t".join(map(paragraphs, cells)), heading=str)


def wps(campaign):
    """Full-width blanks, soft line breaks, and a tab too many."""
    cell = "\u3000{}\u00a0\t".format
    return text_of(
        campaign,
        row=lambda cells: "".join(cell(each.replace(",", ",\x0b", 1)) for each in cells),
        end="\r\n",
    )


def excel(campaign):
    def quoted(cell):
        cell = paragraphs(cell)
        return '"' + cell.replace('"', '""') + '"' if '"' in cell or "\n" in cell else cell

    return text_of(campaign, row=lambda cells: "\t".join(map(quoted, cells)))


def with_pages(campaign):
    head, lines = "\t".join(HEAD), [campaign.list_title]
    for place, part in enumerate(rows_of(campaign)):
        if place % 3 == 0:
            lines += [PAGES[place % len(PAGES)], "", head]
        lines.append(part if isinstance(part, str) else "\t".join(part))
    return "\n".join([*lines, *campaign.notes])


def wrapped(campaign):
    return text_of(campaign, row=lambda cells: "\n".join(map("\t".join, pieces(cells))), heading=str)


def bars(campaign):
    def row(cells):
        return "| " + " | ".join(cell.replace("\n", "<br>") for cell in cells) + " |"

    head, rule = row(HEAD), "|" + "---|" * 8
    return text_of(campaign, row=row, heading=lambda text: row([text, *[""] * 7])).replace(
        head, f"{head}\n{rule}"
    )


def spaced(campaign):
    def row(cells):
        return "\t".join(
            [f"  {cells[0].translate(FULL_WIDTH)} ", *(" ".join(re.findall(".{1,9}", c)) for c in cells[1:])]
        )

    return text_of(campaign, row=row, end="\n\n")


def pdf(campaign):
    """Columns stand where blanks put them; the head has a second line, and pages their numbers."""

    def row(cells):
        lines = []
        for line in pieces(cells):
            drawn, place = "", 0
            for cell, wide in zip(line, WIDTHS, strict=True):
                if cell:
                    drawn += " " * (place - display_width(drawn)) + cell
                place += 2 * wide + 3
            lines.append(drawn)
        return "\n".join(lines)

    head = row([*HEAD[:4], "牵头责任", "协同责任", *HEAD[6:]])
    tail = row(["", "", "", "", "单位", "单位", "", ""])
    text = text_of(campaign, row=row, heading=lambda text: f"{' ' * 30}{text}\n\n{' ' * 40}— 7 —\n")
    return text.replace(row(HEAD), f"{head}\n{tail}")


def pdf_with_a_tab(campaign):
    """A stray one, in the title."""
    return "\t" + pdf(campaign)


def other_heads(campaign):
    heads = [
        "编号",
        "重点任务",
        "主要举措",
        "责任领导",
        "牵头单位",
        "配合单位",
        "时间节点",
        "进展情况",
        "备注",
    ]
    return text_of(campaign, row="\t".join, head=heads)


def plain(campaign):
    return text_of(campaign, row="\t".join)


def bare(text):
    return re.sub(r"\s", "", text).translate({full: digit for digit, full in FULL_WIDTH.items()})


@pytest.mark.parametrize(
    "copied", [plain, word, wps, excel, with_pages, wrapped, bars, spaced, pdf, pdf_with_a_tab, other_heads]
)
def test_however_it_was_copied_every_list_reads_the_same(plan, copied):
    for campaign in plan:
        reading = read_text(copied(campaign))
        assert bare(reading.title) == bare(campaign.list_title)
        assert list(map(bare, reading.notes)) == list(map(bare, campaign.notes))
        assert len(reading.entries) == len(campaign.tasks), campaign.name
        for entry, task in zip(reading.entries, campaign.tasks, strict=True):
            if copied in (pdf, pdf_with_a_tab):  # figures under the last column of a page are its number
                entry.status, task = (
                    entry.status.removesuffix("/"),
                    task.model_copy(update={"status": task.status.removesuffix("/35")}),
                )
            for key in ("section", *KEYS):
                assert bare(getattr(entry, key)) == bare(getattr(task, key)), (
                    campaign.name,
                    task.number,
                    key,
                )
            items = [item for item in entry.items if item.text != item.deadline]
            assert [bare(item.deadline) for item in items] == [
                bare(item.deadline) for item in own_items(task)
            ]
            assert not entry.is_wrong


def test_blanks_that_keep_no_columns_are_no_table():
    """Rather nothing than cells in the wrong columns."""
    text = (
        "    ".join(HEAD)
        + "\n1    任务    举措一二三四五六    区人社局    3月底\n2    别的    举措    区人社局    4月底"
    )
    assert not read_text(text).entries
