"""The steps of a setup, in their order."""

from __future__ import annotations

from core.wording import spoken
from portal.golive.contact import Contact, LetterStep
from portal.golive.files import CalendarStep, FileStep
from portal.golive.people import People
from portal.golive.regions import Regions
from portal.golive.rules import RulesStep
from portal.golive.step import Step
from portal.golive.units import Units
from portal.golive.weekly import Weekly
from portal.golive.words import WordsStep

STEPS: tuple[Step, ...] = (
    Regions(),
    Units(),
    People(),
    RulesStep(),
    WordsStep(),
    Weekly(),
    FileStep(
        "roster",
        spoken("企业底册"),
        5,
        spoken("企业和重点项目的底册；上线后在后台导入，不用等。"),
        "enterprises",
        "projects",
    ),
    FileStep("assignments", spoken("包保联系"), 3, "哪名干部联系哪家企业。", "assignments"),
    FileStep("officers", "联络员", 2, "各单位联络员情况表。", "officers"),
    CalendarStep(),
    Contact(),
    LetterStep(),
)
_BY_CODE = {step.code: step for step in STEPS}


def step_of(code: str) -> Step:
    return _BY_CODE[code]


def find(code: str, *, for_change: bool) -> Step | None:
    step = _BY_CODE.get(code)
    return step if step and (step.for_change or not for_change) else None


def steps_for(*, for_change: bool) -> tuple[Step, ...]:
    return tuple(step for step in STEPS if step.for_change or not for_change)
