"""What a profile asks the reports for and they do not know: said when it is loaded, not when it is needed."""

from __future__ import annotations

from districts.profile import Rules
from reports import public_figures
from reports.bulletins import counted
from reports.indicators import REGISTRY, Workdays


def unknown_in(rules: Rules) -> list[str]:
    """Every name that stands for nothing, with the place it is written in, in Chinese."""
    rows = [
        f"form 第 {row.no} 行：没有指标 {row.indicator}"
        for row in rules.form.rows
        if row.indicator and (row.indicator not in REGISTRY or isinstance(REGISTRY[row.indicator], Workdays))
    ]
    published = [f"public_figures：没有可公布的指标 {name}" for name in public_figures.unknown_names(rules)]
    return [*rows, *counted.unknown_names(rules), *published]
