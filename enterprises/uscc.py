"""统一社会信用代码 (GB 32100-2015), and the 15-digit 注册号 that some small traders still have."""

import re

from django.core.exceptions import ValidationError

from core.search import normalise

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
REGISTRATION_NUMBER = re.compile(r"\d{15}", re.ASCII)


def check_character(body: str) -> str:
    """The 18th character for the first 17 of a code."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return ALPHABET[(31 - total % 31) % 31]


def clean_credit_code(value: str) -> str:
    """Upper case without spaces; raises a Chinese ``ValidationError`` that says what is wrong."""
    code = normalise(value).replace(" ", "").upper()
    if REGISTRATION_NUMBER.fullmatch(code):
        raise ValidationError(
            "这是15位工商注册号，不是统一社会信用代码：请填在“注册号”一栏。", code="registration_number"
        )
    if len(code) != 18:
        raise ValidationError(f"统一社会信用代码应为18位，现为{len(code)}位。", code="length")
    foreign = sorted({character for character in code if character not in ALPHABET})
    if foreign:
        raise ValidationError(
            f"统一社会信用代码中不应出现：{'、'.join(foreign)}（不使用字母 I、O、S、V、Z）。", code="alphabet"
        )
    if code[-1] != check_character(code[:17]):
        raise ValidationError("统一社会信用代码的校验位不对，请核对是否抄错。", code="check_digit")
    return code


def validate_credit_code(value: str) -> None:
    """The same check, as a validator of model fields."""
    clean_credit_code(value)


def clean_registration_number(value: str) -> str:
    """15 digits; raises a Chinese ``ValidationError`` otherwise."""
    number = normalise(value).replace(" ", "")
    if not REGISTRATION_NUMBER.fullmatch(number):
        raise ValidationError("工商注册号应为15位数字。", code="registration_number")
    return number


def clean_code(text: str) -> str:
    """The code a sheet names a firm by: its credit code, or the registration number of those that have none."""
    code = normalise(text).replace(" ", "")
    return code if REGISTRATION_NUMBER.fullmatch(code) else clean_credit_code(code)
