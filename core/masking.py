"""Hiding what a reader need not see: phone numbers and names of persons."""

import re
import unicodedata

_SEPARATORS = re.compile(r"[\s\-()—–]+")
_LANDLINE = re.compile(r"^(0\d{2,3})[\s\-()]*(\d{7,8})(?:\s*(?:-|转|ext\.?)\s*\d{1,6})?$")
COMPOUND_SURNAMES = frozenset(
    [
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "申屠",
        "公孙",
        "慕容",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "闾丘",
        "司寇",
        "拓跋",
        "轩辕",
        "令狐",
        "呼延",
        "东郭",
        "南门",
        "羊舌",
        "左丘",
        "西门",
        "即墨",
        "达奚",
        "纳兰",
    ]
)


def mask_phone(number: str | None) -> str:
    """A mobile number keeps its first three and last four digits, a landline hides its last four."""
    text = unicodedata.normalize("NFKC", number or "").strip()
    if not text:
        return ""
    mobile = re.sub(r"^(\+|00)?86(?=1\d{10}$)", "", _SEPARATORS.sub("", text))
    if re.fullmatch(r"1\d{10}", mobile):
        return f"{mobile[:3]}****{mobile[-4:]}"
    if landline := _LANDLINE.match(text):
        area, local = landline.groups()
        return f"{area}-{local[:-4]}****"
    return _hide_last_digits(text, 4)


def mask_name(name: str | None) -> str:
    """王** for 王小明: the surname stays, compound surnames whole; the length of the given name is hidden."""
    text = (name or "").strip()
    if not text:
        return ""
    if text[:2] in COMPOUND_SURNAMES and len(text) > 2:
        return text[:2] + "**"
    # A character written with a variation selector or a combining mark is one character to its reader.
    end = 1
    while end < len(text) and (unicodedata.combining(text[end]) or _is_variation_selector(text[end])):
        end += 1
    return text[:end] + "**"


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _hide_last_digits(text: str, count: int) -> str:
    hidden = list(text)
    for position in range(len(hidden) - 1, -1, -1):
        if count == 0:
            break
        if hidden[position].isdigit():
            hidden[position] = "*"
            count -= 1
    return "".join(hidden)
