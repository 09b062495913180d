"""A folder under profiles/ with Excel files in it: the same readers as the setup in the browser.

units.xlsx        instead of units.toml        weekly_form.xlsx  instead of weekly_form.toml (sources are guessed)
people.xlsx       officials and accounts       roster.xlsx, projects.xlsx, assignments.xlsx, officers.xlsx
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.xlsx import SheetError
from districts.loading import (
    LoadedProfile,
    RegionSpec,
    UnitSpec,
    campaign_specs,
    phrase_specs,
    region_specs,
    rules_data,
    unit_specs,
    whole_profile,
)
from districts.profile import Rules
from districts.schema import ProfileError, validated
from portal.golive.draft import Draft, Result, Template
from portal.golive.export import SHEETS
from portal.golive.people import PEOPLE
from portal.golive.steps import step_of
from portal.golive.tables import Table, read_sheet
from portal.golive.unit_kinds import with_kinds
from portal.golive.units import UNITS
from portal.golive.weekly import take_form

UNITS_FILE, PEOPLE_FILE, FORM_FILE = "units.xlsx", "people.xlsx", "weekly_form.xlsx"


@dataclass
class Folder:
    profile: LoadedProfile
    people: list[dict[str, Any]] = field(default_factory=list)
    sheets: dict[str, Path] = field(default_factory=dict)
    """Kind of import -> file, in the order they are brought in."""
    guesses: list[str] = field(default_factory=list)
    """How the rows of weekly_form.xlsx were understood."""


def read_folder(folder: Path) -> Folder:
    """Everything in the folder, checked. Raises ``ProfileError`` with every reason it finds."""
    has_form = (folder / FORM_FILE).exists()
    data = rules_data(folder, without=("weekly_form.toml",) if has_form else ())
    regions = region_specs(folder)
    draft = _draft(data, regions)
    found: list[str] = []
    units = _units(folder, draft) if (folder / UNITS_FILE).exists() else unit_specs(folder)
    if has_form:
        data["form"], found = _form(folder / FORM_FILE, draft)
    rules = validated(Rules, data, "profile")
    profile = whole_profile(rules, regions, units, phrase_specs(folder), campaign_specs(folder))
    draft.settle("units", _units_result(profile))
    people = _people(folder, draft) if (folder / PEOPLE_FILE).exists() else []
    sheets = {kind: folder / name for kind, name in SHEETS.items() if (folder / name).exists()}
    return Folder(profile, people, sheets, found)


def _draft(data: dict[str, Any], regions: tuple[RegionSpec, ...]) -> Draft:
    draft = Draft({}, Template(data))
    draft.loading_into = str(data.get("code", ""))
    specs = [region.model_dump() for region in regions]
    district = next((one for one in specs if one["level"] == "district"), {"name": ""})
    city = next((one for one in specs if one["level"] == "city"), {"name": ""})
    place = {"code": draft.loading_into, "name": district["name"], "city": city["name"]}
    draft.settle("regions", Result({"specs": specs, "place": place, "townships": []}))
    return draft


def _rows(path: Path, table: Table) -> list[dict[str, Any]]:
    try:
        with path.open("rb") as file:
            return read_sheet(table, file).rows
    except SheetError as error:
        raise ProfileError([f"{path.name}：{error}"]) from None


def _units(folder: Path, draft: Draft) -> tuple[UnitSpec, ...]:
    draft.data = {"units": {"units": with_kinds(draft, _rows(folder / UNITS_FILE, UNITS))}}
    result = draft.of("units")
    wrong = [problem for problem in result.errors if problem.part == "units"]
    if wrong:
        raise ProfileError([f"{UNITS_FILE} {problem.words}" for problem in wrong])
    keys = {spec["level"]: spec["key"] for spec in draft.of("regions").values["specs"]}
    # The step's own names of the city and the district, as the folder calls them.
    names = {"district": keys.get("district", "district"), "city": keys.get("city", "city")}
    return tuple(
        UnitSpec(
            **{key: value for key, value in spec.items() if not key.startswith("_")}
            | {"region": names.get(spec["region"], spec["region"])}
        )
        for spec in result.values["specs"]
    )


def _units_result(profile: LoadedProfile) -> Result:
    rules = profile.rules
    kinds = [
        {"code": kind.code, "label": kind.label, "handles": kind.code in rules.handling_unit_kinds}
        for kind in rules.unit_kinds
    ]
    specs = [unit.model_dump() for unit in profile.units]
    return Result({"specs": specs, "kind_specs": kinds, "parts": {"lead_bureau": rules.lead_bureau}})


def _form(path: Path, draft: Draft) -> tuple[dict[str, Any], list[str]]:
    step = step_of("weekly")
    try:
        with path.open("rb") as file:
            texts, _ = take_form(draft, file)
    except SheetError as error:
        raise ProfileError([f"{path.name}：{error}"]) from None
    draft.data = {**draft.data, "weekly": texts}
    if errors := draft.result(step).errors:
        raise ProfileError([f"{path.name} {problem.words}" for problem in errors])
    guesses = [
        f"{number}. {row['item']} ← {row['source']} {row['formula']}（{row['_why']}）"
        for number, row in enumerate(texts["rows"], 1)
    ]
    return step.rules(draft)["form"], guesses


def _people(folder: Path, draft: Draft) -> list[dict[str, Any]]:
    draft.data = {**draft.data, "people": {"people": _rows(folder / PEOPLE_FILE, PEOPLE)}}
    result = draft.of("people")
    if result.errors:
        raise ProfileError([f"{PEOPLE_FILE} {problem.words}" for problem in result.errors])
    return list(result.values["specs"])
