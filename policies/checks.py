"""What the library, payments, papers and news check alike."""

from datetime import date, datetime, time

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from core import clock
from districts.models import DistrictProfile, Region
from districts.workdays import SHANGHAI

_is_web_address = URLValidator(schemes=["http", "https"])
MOST_LETTERS_OF_ADDRESS = 300


def one_line(text: str) -> str:
    """Without line breaks and doubled blanks, as they come along when a title is pasted."""
    return " ".join(text.split())


def web_address(text: str) -> str:
    """An address a browser may be sent to, or nothing."""
    text = text.strip()
    if not text:
        return ""
    try:
        _is_web_address(text)
    except ValidationError:
        raise ValidationError("网址应以 http:// 或 https:// 开头，请从浏览器地址栏整条复制。") from None
    if len(text) > MOST_LETTERS_OF_ADDRESS:
        raise ValidationError(f"网址太长，最多 {MOST_LETTERS_OF_ADDRESS} 个字符。")
    return text


def day_of_the_action(day: date, district: Region, what: str) -> datetime:
    """The moment a day without an hour stands for: its beginning. ``what`` happened then, so not in the future."""
    if day > clock.today():
        raise ValidationError(f"{what}不能晚于今天。")
    started = DistrictProfile.objects.in_force(district).rules.action_started
    if day < started:
        raise ValidationError(f"{what}不能早于专项行动开始的 {started:%Y-%m-%d}。")
    return datetime.combine(day, time.min, tzinfo=SHANGHAI)


class Errors:
    """Gathers what is wrong, field by field, so that all of it is said at once."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, field: str, message: str) -> None:
        self.found.setdefault(field, []).append(message)

    def take(self, field: str, error: ValidationError) -> None:
        self.found.setdefault(field, []).extend(error.messages)

    def raise_any(self) -> None:
        if self.found:
            raise ValidationError(self.found)
