"""A figure as a page shows it: with the way to its records, and for a rate what is divided by what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from core.charts import BarChart, LineChart, Shade
from reports.indicators import RATES, REGISTRY, Indicator, Rate, Ratio

FEW = "件数少，不排名"
Entry = TypeVar("Entry")
Address = Callable[[Indicator], str]
"""Where the records behind an indicator are listed."""


@dataclass(frozen=True)
class ShownRate:
    rate: Rate
    ratio: Ratio
    part_url: str = ""
    whole_url: str = ""

    @property
    def text(self) -> str:
        return self.ratio.text

    @property
    def fraction(self) -> str:
        return f"{whole(self.ratio.part)}/{whole(self.ratio.whole)}"

    @property
    def part(self) -> str:
        return whole(self.ratio.part)

    @property
    def whole(self) -> str:
        return whole(self.ratio.whole)


def shown_rate(name: str, values: Mapping[str, Decimal], address: Address | None = None) -> ShownRate:
    rate = RATES[name]
    ratio = rate.of(values)
    if address is None:
        return ShownRate(rate, ratio)
    single = len(rate.denominator) == 1
    return ShownRate(
        rate,
        ratio,
        address(rate.numerator) if ratio.part else "",
        address(rate.denominator[0]) if single and ratio.whole else "",
    )


@dataclass(frozen=True)
class Cell:
    text: str
    url: str = ""
    rate: ShownRate | None = None
    muted: bool = False
    number: bool = False
    links: tuple[tuple[str, str], ...] = ()
    """Several figures in one cell: text and address of each, joined by “、”; ``rest`` follows them."""
    rest: str = ""


def said(text: str, url: str = "") -> Cell:
    return Cell(text, url)


def several(links: Sequence[tuple[str, str]], rest: str = "") -> Cell:
    return Cell("、".join(text for text, _ in links) + rest, links=tuple(links), rest=rest)


def muted(text: str) -> Cell:
    return Cell(text, muted=True)


def figure(name: str, values: Mapping[str, Decimal], address: Address | None = None) -> Cell:
    """A counted indicator; nought needs no list of records."""
    value = values.get(name, Decimal(0))
    return Cell(whole(value), address(REGISTRY[name]) if value and address else "", number=True)


def rate(name: str, values: Mapping[str, Decimal], address: Address | None = None) -> Cell:
    shown = shown_rate(name, values, address)
    return Cell(shown.text, rate=shown, number=True)


@dataclass(frozen=True)
class Part:
    """One question of the page: a drawing, its table, its sheet."""

    slug: str
    title: str
    headers: tuple[str, ...]
    rows: list[list[Cell]]
    note: str = ""
    bars: BarChart | None = None
    lines: LineChart | None = None
    shades: list[Shade] = field(default_factory=list)
    uses: tuple[str, ...] = ()
    """The names of the indicators and rates it shows."""

    @property
    def definitions(self) -> list[tuple[str, str, str]]:
        """Name, label and definition of all that it shows, as printed under the table."""
        return definitions(self.uses)

    @property
    def is_wide(self) -> bool:
        """Its table takes the whole width, below the drawing."""
        return len(self.headers) > 6

    @property
    def lined(self) -> list[list[tuple[str, Cell]]]:
        """The cells with their headers, as a table needs them that becomes cards on a phone."""
        return [list(zip(self.headers, row, strict=True)) for row in self.rows]

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """The headers, and whether numbers stand below."""
        first = self.rows[0] if self.rows else []
        return [
            (header, place < len(first) and first[place].number) for place, header in enumerate(self.headers)
        ]

    def sheet(self) -> Iterable[list[str]]:
        for row in self.rows:
            yield [f"{cell.text}（{cell.rate.fraction}）" if cell.rate else cell.text for cell in row]


def definitions(names: Iterable[str]) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for name in names:
        if name in RATES:
            found.append((name, RATES[name].label, RATES[name].full_definition))
        else:
            found.append((name, REGISTRY[name].label, REGISTRY[name].definition))
    return found


def ranked(
    entries: Iterable[Entry], ratio: Callable[[Entry], Ratio], better: str = "high"
) -> list[tuple[int | None, Entry]]:
    """The best share first, equal ones side by side; too few cases are not ranked and come after, as they stood."""
    entries = list(entries)
    many = [entry for entry in entries if not ratio(entry).is_small]
    few = [entry for entry in entries if ratio(entry).is_small]

    def share(entry: Any) -> Decimal:
        found = ratio(entry).share or Decimal(0)
        return -found if better == "high" else found

    many.sort(key=share)
    shares = [share(entry) for entry in many]
    return [
        *((1 + shares.index(one), entry) for one, entry in zip(shares, many, strict=True)),
        *((None, entry) for entry in few),
    ]


def whole(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"
