"""How alike two texts are, by the pairs of characters they share. Pure: no database, no models."""

import re
from collections.abc import Collection

from core.search import normalise

LONGEST = 600
"""So many characters of a text are compared; what an appeal is about stands at its beginning."""
FEWEST = 4
"""Below so many telling pairs a text says too little to be compared."""
ENOUGH = 8
"""From so many pairs on, a short text that lies within a long one counts as alike, though not as the same."""
WITHIN = 0.85

# What every appeal says; it tells nothing about what this one is about, and parts what stands around it.
SAID_BY_ALL = """
我单位 本单位 我公司 我企业 我们 我司 公司 企业 单位 希望能 希望 请求 请 望 能否 能不能 帮助 帮忙 协助 协调 解决 处理 问题
申请 领导 有关 相关 部门 政府 目前 现在 尽快 影响 需要 是否 如何 可以 怎么 怎样 什么时候 什么 时候 不知道 办理 支持 反映
情况 由于 因为 导致 已经 没有 一直 以及 进行 得到 给予 这个 一个 个月 去年 今年 还是
"""
PARTS = re.compile("|".join((r"[\W\d_]+", *SAID_BY_ALL.split())))


def pairs(text: str) -> list[str]:
    """The telling pairs of characters in the order of the text, each once."""
    found: dict[str, None] = {}
    for run in PARTS.split(normalise(text[:LONGEST])):
        found |= dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1))
    return list(found)


def likeness(one: Collection[str], other: Collection[str]) -> float:
    """From 0 to 1 for the pairs of two texts: their share in common (Dice), or how far one lies within the other."""
    fewer = min(len(one), len(other))
    if fewer < FEWEST:
        return 0.0
    shared = len(set(one) & set(other))
    dice = 2 * shared / (len(one) + len(other))
    return max(dice, WITHIN * shared / fewer) if fewer >= ENOUGH else dice


def spread(items: list[str], number: int) -> list[str]:
    """At most so many of them, evenly from the whole list."""
    if len(items) <= number:
        return items
    return [items[at * len(items) // number] for at in range(number)]
