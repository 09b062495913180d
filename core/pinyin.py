"""The initials by which people look a Chinese name up: 铜陵科技 is typed as tlkj."""

import re

from pypinyin import Style, lazy_pinyin

from core.search import normalise

NOT_TYPED = re.compile(r"[^a-z0-9]")


def initials(name: str) -> str:
    """The first letter of each character's usual reading; Latin letters and digits stand for themselves.

    A character without a reading adds nothing, and a name without Chinese characters has no initials: its
    letters lead to it already.
    """
    plain = normalise(name)
    if plain.isascii():
        return ""
    return NOT_TYPED.sub("", "".join(lazy_pinyin(plain, style=Style.FIRST_LETTER)))
