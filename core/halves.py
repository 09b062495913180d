"""Half-years, as the roster's versions are counted: 2026-H2 is 2026年下半年."""

from datetime import date


def half_of(day: date) -> str:
    """The half-year a day lies in, as stored: 2026-H2."""
    return f"{day.year}-H{1 if day.month <= 6 else 2}"


def first_day(half: str) -> date:
    year, _, number = half.partition("-H")
    return date(int(year), 1 if number == "1" else 7, 1)


def following(half: str) -> str:
    """The half-year after this one."""
    year, _, number = half.partition("-H")
    return f"{year}-H2" if number == "1" else f"{int(year) + 1}-H1"


def half_label(half: str) -> str:
    """2026-H2 as people say it: 2026年下半年."""
    year, _, number = half.partition("-H")
    return f"{year}年{'上' if number == '1' else '下'}半年"
