"""From one appeal to one kind of problem: when a district's appeals are taken to be of one kind."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .schema import Code, Frozen


class Clusters(Frozen):
    """回应一个诉求、解决一类问题. Neither plan gives numbers; these are usual for some thousand appeals a year."""

    months: int = Field(default=12, ge=1, le=36)
    """Appeals of so many months back are sorted."""
    least: int = Field(default=3, ge=2, le=50)
    """From so many alike appeals on it is a kind of problem."""
    likeness: float = Field(default=0.12, gt=0, lt=1)
    """How alike the texts of a group are on the average; higher: smaller and closer groups."""
    categories: tuple[Code, ...] = ()
    """Only these categories of appeals; empty: all."""
    growth_days: int = Field(default=30, ge=7, le=183)
    """The newest so many days are compared with as many before them."""
    unsolved_days: int = Field(default=60, ge=7, le=366)
    """What has been open for so long is a topic for the next talk."""
    topics: int = Field(default=8, ge=1, le=30)
    """So many topics are suggested at most."""
    talk_kind: Code | Literal[""] = ""
    """The kind of event at which such problems are talked about; empty: the one the plan sets topics for."""
    remind_days_before: tuple[int, ...] = (7, 1)
    """When a department is reminded of the improvement it took on, in days before it is due."""
