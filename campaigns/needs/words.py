"""What may stand in the free texts of the lists: no identity numbers, no phones. Texts become public, or are passed on."""

import re

from django.core.exceptions import ValidationError

from core.search import normalise

_GAPS = re.compile(r"(?<=\d)[\s\-.·]+(?=[\dxX])")
_IDENTITY = re.compile(r"(?<!\d)(\d{17}[\dxX]|\d{15})(?!\d)")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}\d{7,8}(?!\d)")
_CALLED = re.compile(r"[\u3400-\u9fff]{1,2}(先生|女士|师傅|同学|老师|大哥|大姐)|[小老阿][\u3400-\u9fff]{1,2}")

HAS_IDENTITY = "不能写身份证号码。登记求职、用工不需要身份证号，请删去。"
HAS_PHONE = "这里不能写电话号码，请填在“联系电话”一栏。"
NOT_CALLED = "请填称呼，如“王先生”“李女士”“小张”；不登记全名。"


def refuse_identity(text: str) -> str:
    """The text without NULs and outer blanks; raises where an identity number or a phone stands in it."""
    text = text.replace("\0", "").strip()
    plain = _GAPS.sub("", normalise(text))
    if _IDENTITY.search(plain):
        raise ValidationError(HAS_IDENTITY, code="identity")
    if _MOBILE.search(plain) or _LANDLINE.search(plain):
        raise ValidationError(HAS_PHONE, code="phone")
    return text


def clean_called(text: str) -> str:
    """A 称呼, never a full name: the list needs none."""
    text = refuse_identity(text).replace(" ", "")
    if not _CALLED.fullmatch(text):
        raise ValidationError(NOT_CALLED, code="called")
    return text


def wage_words(low: int | None, high: int | None) -> str:
    """4000～6000元/月, 4000元/月以上, 面议."""
    if low and high:
        return f"{low}元/月" if low == high else f"{low}～{high}元/月"
    if low:
        return f"{low}元/月以上"
    return f"{high}元/月以内" if high else "面议"


class Errors:
    """What is wrong, field by field, said all at once."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, field: str, text: str) -> None:
        self.found.setdefault(field, []).append(text)

    def text(self, field: str, value: str, most: int, *, needed: str = "", identity: bool = True) -> str:
        """The cleaned text; ``needed``: what to say where it is empty."""
        value = str(value or "")
        try:
            value = refuse_identity(value) if identity else value.replace("\0", "").strip()
        except ValidationError as error:
            self.add(field, error.messages[0])
            return ""
        if not value and needed:
            self.add(field, needed)
        elif len(value) > most:
            self.add(field, f"最多{most}字。")
        return value

    def whole(self, field: str, value: int | None, least: int, most: int, *, needed: str = "") -> int | None:
        if value is None:
            if needed:
                self.add(field, needed)
            return None
        if not least <= value <= most:
            self.add(field, f"请填 {least} 至 {most} 之间的整数。")
        return value

    def stop(self) -> None:
        """Raise what was found, if anything was."""
        if self.found:
            raise ValidationError({field: list(texts) for field, texts in self.found.items()})
