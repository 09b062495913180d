"""One row of a sheet: what its cells mean, and what is wrong with them. Asks no database."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from core.phones import clean_phone
from core.search import normalise
from core.xlsx import Cell, Row
from districts.models import Region
from enterprises.models import Industry, RosterImport, SizeClass, Tier
from enterprises.roster_sheet import COLUMNS, Column
from enterprises.uscc import clean_credit_code, clean_registration_number

_SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d+")


@dataclass
class Draft:
    """A row on its way into the roster. Values hold what may be written to the model's fields."""

    line: int
    cells: list[str]
    values: dict[str, str | int] = field(default_factory=dict)
    errors: list[dict[str, str]] = field(default_factory=list)

    def refuse(self, column: Column, text: str) -> None:
        title = "" if text.startswith(column.title) else column.title
        self.errors.append({"key": column.key, "title": title, "text": text})

    def text(self, key: str) -> str:
        return str(self.values.get(key, ""))


class Places:
    """The townships and parks by every name that people use for them."""

    def __init__(self, regions: Iterable[Region], other_names: Iterable[tuple[str, int]] = ()) -> None:
        self.regions = {region.pk: region for region in regions}
        self._known: dict[str, set[int]] = {}
        for region in self.regions.values():
            self._learn(region.name, region.pk)
        for name, region_id in other_names:
            if region_id in self.regions:
                self._learn(name, region_id)

    def _learn(self, name: str, region_id: int) -> None:
        self._known.setdefault(normalise(name).replace(" ", ""), set()).add(region_id)

    def find(self, text: str) -> Region | None:
        found = self._known.get(normalise(text).replace(" ", ""), set())
        return self.regions[next(iter(found))] if len(found) == 1 else None

    def like(self, text: str) -> list[str]:
        """Up to three names that look or begin like it."""
        wanted = normalise(text).replace(" ", "")
        close = difflib.get_close_matches(wanted, self._known, n=3, cutoff=0.4)
        near = [name for name in self._known if len(wanted) > 1 and (wanted in name or name in wanted)]
        ids = dict.fromkeys(min(self._known[name]) for name in [*near, *close])
        return [self.regions[region_id].name for region_id in ids][:3]


def read_row(row: Row, places: Mapping[str, int], kind: str, known: Places, width: int) -> Draft:
    """The row's values, and every error of every cell at once."""
    texts = row.texts()[:width]
    draft = Draft(line=row.line, cells=texts + [""] * (width - len(texts)))
    for column in COLUMNS[kind]:
        place = places.get(column.key)
        if place is None:
            continue
        cell = row.cells[place] if place < len(row.cells) else Cell()
        _take(draft, column, cell, known)
    if kind == RosterImport.Kind.ENTERPRISES:
        _need_a_code(draft)
    return draft


def _take(draft: Draft, column: Column, cell: Cell, known: Places) -> None:
    if cell.problem:
        draft.refuse(column, cell.problem)
        return
    if not cell.text:
        if column.needed:
            draft.refuse(column, "必填")
        return
    if column.key == "region":
        _take_region(draft, column, cell.text, known)
        return
    try:
        value = _CLEANERS.get(column.key, _as_it_is)(cell.text)
    except ValidationError as error:
        draft.refuse(column, "".join(error.messages))
        return
    if len(value) > column.max_length:
        draft.refuse(column, f"有{len(value)}字，最多{column.max_length}字")
        return
    draft.values[column.key] = value


def _take_region(draft: Draft, column: Column, text: str, known: Places) -> None:
    region = known.find(text)
    if region:
        draft.values["region"] = region.pk
        return
    like = known.like(text)
    hint = f"，是否为{'、'.join(f'“{name}”' for name in like)}" if like else ""
    draft.refuse(column, f"没有“{text[:30]}”这个乡镇办或园区{hint}")


def _need_a_code(draft: Draft) -> None:
    wrong = {error["key"] for error in draft.errors}
    codes = {"credit_code", "registration_number", "no_code_reason"}
    if not wrong & codes and not any(draft.text(key) for key in codes):
        column = next(column for column in COLUMNS["enterprises"] if column.key == "credit_code")
        draft.refuse(column, "没有代码的，请填注册号，或写明代码暂缺原因")


# --- Cells ----------------------------------------------------------------------------------------


def _as_it_is(text: str) -> str:
    return text


def _code(text: str) -> str:
    _refuse_scientific(text)
    return clean_credit_code(text)


def _number(text: str) -> str:
    _refuse_scientific(text)
    return clean_registration_number(text)


def _refuse_scientific(text: str) -> None:
    if _SCIENTIFIC.fullmatch(normalise(text)):
        raise ValidationError("被改成了科学计数，末尾几位已丢失：请把该列设为“文本”格式后重新填写完整")


def _choice(choices: Mapping[str, str], offered: Iterable[str]) -> Callable[[str], str]:
    """A label, its code, or a word people use for it → the code."""
    listed = "、".join(offered)

    def clean(text: str) -> str:
        found = choices.get(_bare(text))
        if found is None:
            close = difflib.get_close_matches(_bare(text), choices, n=1, cutoff=0.5)
            raise ValidationError(f"没有“{text[:30]}”这一项，应为{close[0] if close else listed}")
        return found

    return clean


def _bare(text: str) -> str:
    return re.sub(r"[\s、,，.]", "", normalise(text))


_TIERS = {
    **{_bare(label): str(code) for code, label in Tier.choices},
    "四上": Tier.ABOVE_SCALE.value,
    "规上": Tier.ABOVE_SCALE.value,
    "规上企业": Tier.ABOVE_SCALE.value,
    "中小微": Tier.SMALL.value,
    "个体工商户": Tier.SMALL.value,
}
_SIZES = {
    **{_bare(label): str(code) for code, label in SizeClass.choices},
    **{_bare(label)[0]: str(code) for code, label in SizeClass.choices},
    **{f"{_bare(label)}企业": str(code) for code, label in SizeClass.choices},
}
_INDUSTRIES = {
    **{_bare(label): str(code) for code, label in Industry.choices},
    **{code.casefold(): str(code) for code in Industry.values},
    **{code.casefold() + _bare(label): str(code) for code, label in Industry.choices},
}


def _investment(text: str) -> str:
    try:
        amount = Decimal(normalise(text).replace(",", "").removesuffix("万元").strip()).quantize(
            Decimal("0.01")
        )
        in_range = 0 <= amount < Decimal(10) ** 12
    except InvalidOperation:
        raise ValidationError("应为数字，单位万元") from None
    if not in_range:
        raise ValidationError("金额超出范围")
    return str(amount)


_CLEANERS: dict[str, Callable[[str], str]] = {
    "credit_code": _code,
    "registration_number": _number,
    "tier": _choice(_TIERS, Tier.labels),
    "size_class": _choice(_SIZES, SizeClass.labels),
    "industry": _choice(_INDUSTRIES, ["20 个行业门类之一（见模板下拉框）"]),
    "contact_phone": clean_phone,
    "investment": _investment,
}
