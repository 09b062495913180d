"""The initials of Chinese names."""

import pytest

from core.pinyin import initials


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("铜陵科技有限公司", "tlkjyxgs"),
        # The usual reading of the word, not of the single character.
        ("重庆银行长江支行", "cqyhcjzx"),
        ("ＡＢＣ电子（铜陵）有限公司", "abcdztlyxgs"),
        ("3M中国", "3mzg"),
        # No common reading: nothing, and nothing breaks.
        ("𠮷祥商行", "xsh"),
        ("笑脸😀超市", "xlcs"),
        ("大通百分之100%食品厂", "dtbfz100spc"),
        ("ABC Electronics", ""),
        ("😀", ""),
        ("\0", ""),
        ("", ""),
    ],
)
def test_a_name_is_found_by_its_first_letters(name, letters):
    assert initials(name) == letters
