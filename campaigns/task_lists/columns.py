"""The eight columns of a task list: their heads, under whatever names plans give them, and the text of a cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("number", "序号", 20),
    ("title", "工作任务", 200),
    ("measure", "具体举措", 3000),
    ("leader", "牵头领导", 200),
    ("lead", "牵头责任单位", 500),
    ("assisting", "协同责任单位", 1000),
    ("deadline", "完成时限", 1000),
    ("status", "完成情况", 2000),
)
"""Key, head as it is printed, and what fits."""
KEYS = tuple(key for key, _, _ in COLUMNS)
TITLES = {key: title for key, title, _ in COLUMNS}
NEEDED = ("title", "measure", "lead", "deadline")
"""Heads without which a sheet is no task list."""
_ALIASES = {
    "number": ("编号", "序列", "项次"),
    "title": ("任务", "重点任务", "工作内容", "任务名称", "工作事项"),
    "measure": ("举措", "工作举措", "主要举措", "具体措施", "工作措施", "主要措施"),
    "leader": ("领导", "责任领导", "分管领导", "牵头区领导", "牵头县领导", "牵头"),
    "lead": ("牵头单位", "责任单位", "主办单位", "牵头部门", "牵头责任", "牵头责任部门"),
    "assisting": ("协同单位", "配合单位", "协办单位", "协同责任", "配合责任单位", "协同部门", "责任配合单位"),
    "deadline": ("时限", "完成时间", "时间节点", "时间安排", "办理时限"),
    "status": ("进展情况", "工作进展", "进展", "落实情况", "备注"),
}
_HEADS = {name: key for key, title, _ in COLUMNS for name in (title, *_ALIASES[key])}
_TAILS = {"领导", "单位", "责任单位", "部门", "任务", "时限", "情况"}


def tidy(text: str) -> str:
    """A cell without the blanks that wrapping put into it; those between two words of letters or figures stay."""
    text = text.replace("\0", "").replace("\u200b", "").replace("\ufeff", "")
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r"(?<![0-9A-Za-z]) | (?![0-9A-Za-z])", "", text)


def joined(pieces: Iterable[str]) -> str:
    return tidy("".join(pieces))


def head_key(text: str) -> str:
    """Which column a head names; "" for other words."""
    return _HEADS.get(_bare(text), "")


def is_part_of_head(text: str) -> bool:
    """A head, or what is left of one that was broken over two rows."""
    return _bare(text) in _HEADS or _bare(text) in _TAILS


def _bare(text: str) -> str:
    return re.sub(r"[\s*:：]", "", unicodedata.normalize("NFKC", text))


def is_header(cells: Sequence[str]) -> bool:
    return len({key for cell in cells if (key := head_key(cell))}) >= 4


def places_of(header: Sequence[str]) -> list[str]:
    """The column of each place in a header; a damaged head between two known ones is what is missing there."""
    found = [head_key(cell) for cell in header]
    for place, key in enumerate(found):
        if key and key in found[:place]:
            found[place] = ""
    for number, key in enumerate(KEYS):
        if key in found or number == 0 or number == len(KEYS) - 1:
            continue
        before, after = KEYS[number - 1], KEYS[number + 1]
        if before not in found or after not in found:
            continue
        for place in range(found.index(before) + 1, found.index(after)):
            found[place] = key
    return found
