"""What of an appeal's text tells what kind of problem it is: without names of firms and places, and stock phrases. Pure."""

import re
from collections.abc import Iterable

from appeals.likeness import LONGEST, PARTS
from core.search import normalise

SHORTEST_NAME = 3
"""A shorter name is a part of too many words."""

# What stands around the telling part of a firm's name: 铜陵市宏达机械制造有限公司.
_HEAD = re.compile(r"^(?:[\u4e00-\u9fff]{2,4}(?:省|市|区|县))+")
_TAIL = re.compile(
    r"(?:\(.*?\)|股份有限公司|有限责任公司|有限公司|集团公司|集团|分公司|公司|合作社|经营部|商行|工厂|厂|店)+$"
)


def names_in(*names: str) -> set[str]:
    """The names in the forms in which a text may bring them, as texts are compared: whole, and without 市 and 公司."""
    found = set()
    for name in names:
        whole = normalise(name)
        for one in (whole, _HEAD.sub("", whole), _TAIL.sub("", whole), _TAIL.sub("", _HEAD.sub("", whole))):
            if len(one) >= SHORTEST_NAME:
                found.add(one)
    return found


def telling_runs(text: str, names: Iterable[str] = ()) -> list[str]:
    """The stretches between stock phrases, punctuation, digits and the names given (see :func:`names_in`)."""
    text = normalise(text[:LONGEST])
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, " ")
    return [run for run in PARTS.split(text) if run]


def pairs_of(runs: Iterable[str]) -> list[str]:
    """Every pair of neighbouring characters, as often as it comes."""
    return [run[at : at + 2] for run in runs for at in range(len(run) - 1)]
