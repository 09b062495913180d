"""Phone numbers as officials write them."""

import re

from django.core.exceptions import ValidationError

from core.search import normalise

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?", re.ASCII)
SERVICE = re.compile(r"(9\d{4,5}|1\d{4})(-\d{1,2})?", re.ASCII)


def clean_phone(value: str) -> str:
    """Drop spaces and full-width forms; raise a Chinese ``ValidationError`` if it is no phone number."""
    number = normalise(value).replace(" ", "").replace("—", "-").removeprefix("+86")
    if MOBILE.fullmatch(number) or LANDLINE.fullmatch(number) or SERVICE.fullmatch(number):
        return number
    raise ValidationError("电话号码不正确：请填11位手机号，或“区号-号码”的座机号。", code="phone")


def dialled(number: str) -> str:
    """What a telephone dials: the choice behind a service number (12345-0) is made when somebody answers."""
    return number.split("-")[0] if SERVICE.fullmatch(number) else number


def clean_contact_phone(value: str) -> str:
    """A phone somebody can be called on: a mobile or a landline, no service number."""
    number = clean_phone(value)
    if SERVICE.fullmatch(number):
        raise ValidationError("请填能找到联系人的号码：11位手机号，或“区号-号码”的座机号。", code="phone")
    return number


def validate_phone(value: str) -> None:
    """The same check, as a validator of model and form fields."""
    clean_phone(value)
