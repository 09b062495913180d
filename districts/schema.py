"""What all parts of a profile have in common: frozen pydantic models, and errors an official can read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]

Cadence = Literal["weekly", "fortnightly", "half_monthly", "monthly", "quarterly", "half_yearly", "yearly"]
"""How often firms are to be visited; what each is called and which days its periods have: liaisons.cadence."""

Model = TypeVar("Model", bound=BaseModel)


class Frozen(BaseModel):
    """Unknown keys are refused: a misspelt one would otherwise be a rule silently not in force."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProfileError(ValueError):
    """A profile that cannot be used, with every reason in Chinese."""

    def __init__(self, messages: Iterable[str]) -> None:
        self.messages = list(messages)
        super().__init__("\n".join(self.messages))


def validated(model: type[Model], data: Any, where: str = "") -> Model:
    """`data` as a `model`, or a ProfileError that names every place and reason."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        details = error.errors()
        raise ProfileError(
            _in_chinese(detail, where) for detail in details if not _follows(detail, details)
        ) from None


def _follows(detail: Any, details: list[Any]) -> bool:
    """A list is too short only because its items are wrong; naming those is enough."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in details
    )


_REASONS = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识的项，请检查拼写",
    "string_type": "应为文字",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "只能用小写字母、数字和下划线，并以字母开头",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "tuple_type": "应为列表",
    "dict_type": "应为一组“名称 = 值”",
    "model_type": "应为一组“名称 = 值”",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
    "too_short": "至少要有 {min_length} 项",
    "too_long": "至多 {max_length} 项",
    "value_error": "{error}",
}


def _in_chinese(detail: Any, where: str) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind.startswith(("date", "time")):
        reason = "不是有效的日期" if kind.startswith("date") else "不是有效的时间（如 17:30）"
    elif kind == "literal_error":
        reason = "只能是 " + re.sub(r", | or ", "、", context["expected"].replace("'", "")) + " 之一"
    else:
        reason = _REASONS.get(kind, "格式不对").format(**context)
    place = where
    for step in detail["loc"]:
        if isinstance(step, int):
            place += f" 第 {step + 1} 项"
        else:
            place += f".{step}" if place else str(step)
    return f"{place}：{reason}" if place else reason
