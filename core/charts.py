"""Lines over time, drawn by the server: the geometry of an SVG, and nothing that a style would need."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

WIDTH, HEIGHT = 720, 280
LEFT, RIGHT, TOP, BOTTOM = 44, 96, 16, 36
MOST_LABELS = 8
STEPS = (1, 2, 5)
NEAREST = 15
"""Names at the ends of lines do not come closer than this."""


@dataclass(frozen=True)
class Line:
    label: str
    points: str
    """As an SVG polyline takes them."""
    last: int
    x: float
    y: float
    label_y: float


@dataclass(frozen=True)
class Tick:
    label: str
    at: float


@dataclass(frozen=True)
class LineChart:
    title: str
    lines: list[Line]
    across: list[Tick]
    up: list[Tick]
    width: int
    height: int
    right: int
    bottom: int
    left: int = LEFT


def line_chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[int]]],
    width: int = WIDTH,
    height: int = HEIGHT,
) -> LineChart:
    """One point a label for each of the series; the scale begins at 0."""
    step, top = _scale(max((value for _, values in series for value in values), default=0))
    span = width - LEFT - RIGHT

    def x(place: int) -> float:
        return round(LEFT + (span * place / (len(labels) - 1) if len(labels) > 1 else span), 1)

    def y(value: float) -> float:
        return round(height - BOTTOM - (height - BOTTOM - TOP) * value / top, 1)

    ends = [y(values[-1]) for _, values in series] if labels else []
    lines = [
        Line(
            label=label,
            points=" ".join(f"{x(place)},{y(value)}" for place, value in enumerate(values)),
            last=values[-1],
            x=x(len(labels) - 1),
            y=y(values[-1]),
            label_y=at,
        )
        for (label, values), at in zip(series, _apart(ends, height - BOTTOM), strict=True)
    ]
    every = -(-len(labels) * WIDTH // (MOST_LABELS * width)) or 1
    shown = range(len(labels) - 1, -1, -every)
    return LineChart(
        title=title,
        lines=lines,
        across=[Tick(labels[place], x(place)) for place in reversed(shown)],
        up=[Tick(str(value), y(value)) for value in range(0, top + 1, step)],
        width=width,
        height=height,
        right=width - RIGHT,
        bottom=height - BOTTOM,
    )


def _scale(most: int) -> tuple[int, int]:
    """A round step, and the lowest multiple of it that holds everything: at most six lines."""
    step = next(digit * 10**power for power in range(10) for digit in STEPS if digit * 10**power * 5 >= most)
    return step, max(step, -(-most // step) * step)


def _apart(ends: Sequence[float], bottom: int) -> list[float]:
    """Where the names stand: beside the ends of their lines, but never one over another."""
    placed: dict[int, float] = {}
    below: float = bottom + NEAREST
    for place in sorted(range(len(ends)), key=lambda one: (-ends[one], -one)):
        below = placed[place] = min(ends[place], below - NEAREST)
    return [placed[place] for place in range(len(ends))]


# --- Small ones -----------------------------------------------------------------------------------

SMALL_WIDTH, SMALL_HEIGHT, SMALL_EDGE = 120, 28, 3


@dataclass(frozen=True)
class Sparkline:
    """A line without scale or names beside a figure; broken where a value is missing."""

    pieces: list[str]
    """As SVG polylines take them."""
    last: tuple[float, float] | None
    """The point of the newest value."""
    width: int = SMALL_WIDTH
    height: int = SMALL_HEIGHT


def sparkline(values: Sequence[Decimal | int | None]) -> Sparkline:
    """From 0 to the largest value, oldest first."""
    most = max((value for value in values if value is not None), default=0) or 1
    across = (SMALL_WIDTH - 2 * SMALL_EDGE) / max(len(values) - 1, 1)
    points = [
        None
        if value is None
        else (
            round(SMALL_EDGE + across * place, 1),
            round(SMALL_HEIGHT - SMALL_EDGE - float(value / most) * (SMALL_HEIGHT - 2 * SMALL_EDGE), 1),
        )
        for place, value in enumerate(values)
    ]
    pieces: list[list[str]] = [[]]
    for point in points:
        if point is None:
            pieces.append([])
        else:
            pieces[-1].append(f"{point[0]},{point[1]}")
    # A lone point would be a line of no length: it is drawn as a short one.
    lines = [" ".join(piece if len(piece) > 1 else [*piece, *piece]) for piece in pieces if piece]
    return Sparkline(lines, points[-1] if points else None)


# --- Bars -----------------------------------------------------------------------------------------

BARS_WIDTH, BAR, BAR_GAP = 360, 18, 10
BARS_LEFT, BARS_RIGHT = 112, 64
MOST_LETTERS = 8


@dataclass(frozen=True)
class Bar:
    """As long as its value; the first stretch of it, ``part`` of the value, is drawn darker."""

    label: str
    text: str
    y: int
    text_y: int
    length: float
    part_length: float
    end: float


@dataclass(frozen=True)
class BarChart:
    title: str
    summary: str
    bars: list[Bar]
    height: int
    width: int = BARS_WIDTH
    left: int = BARS_LEFT
    thickness: int = BAR
    label_x: int = BARS_LEFT - 8

    def first(self, most: int) -> "BarChart":
        """Its uppermost bars alone, where there is room for no more."""
        kept = self.bars[:most]
        return replace(self, bars=kept, height=max(1, len(kept) * (BAR + BAR_GAP)))


def bar_chart(title: str, bars: Sequence[tuple[str, int, int]], *, parts: bool = False) -> BarChart:
    """Label, value and the part of it, one below the other; with ``parts`` both are written beside the bar."""
    most = max((value for _, value, _ in bars), default=0) or 1
    span = BARS_WIDTH - BARS_LEFT - BARS_RIGHT
    drawn = []
    for place, (label, value, part) in enumerate(bars):
        length = round(span * value / most, 1)
        y = place * (BAR + BAR_GAP)
        drawn.append(
            Bar(
                label if len(label) <= MOST_LETTERS else f"{label[: MOST_LETTERS - 1]}…",
                f"{value}（{part}）" if parts else str(value),
                y,
                y + 14,
                length,
                round(span * part / most, 1),
                BARS_LEFT + length + 6,
            )
        )
    summary = "，".join(f"{label}{value}" for label, value, _ in bars)
    return BarChart(title, summary, drawn, max(1, len(bars) * (BAR + BAR_GAP)))


# --- Shades ---------------------------------------------------------------------------------------

SHADES = 4


@dataclass(frozen=True)
class Shade:
    """A place as a tile: the darker, the more; said in words as well."""

    label: str
    text: str
    depth: int
    url: str = ""


def depth(value: int, most: int) -> int:
    """0 for nothing, then in equal steps up to the darkest for the largest."""
    return -(-value * SHADES // most) if value and most else 0
