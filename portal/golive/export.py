"""A setup as the files of a profile folder: what ``load_profile`` makes the same district of."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date, time
from typing import Any

import tomli_w

from core.xlsx import text_workbook
from districts.loading import LoadedProfile
from portal.golive.people import PEOPLE
from portal.golive.tables import RowOfTexts

SHEETS = {
    "enterprises": "roster.xlsx",
    "projects": "projects.xlsx",
    "assignments": "assignments.xlsx",
    "officers": "officers.xlsx",
}
"""What the sheets of a setup are called in the folder."""


def folder_files(profile: LoadedProfile) -> dict[str, str]:
    """The texts of the folder's TOML files by their names."""
    rules = _sparing(profile.rules.model_dump(mode="python"))
    form, letter = rules.pop("form"), rules.pop("letter")
    files = {
        "profile.toml": rules,
        "weekly_form.toml": {"form": form},
        "letter.toml": {"letter": letter},
        "regions.toml": {"regions": [_sparing(one.model_dump()) for one in profile.regions]},
        "units.toml": {"units": [_sparing(one.model_dump()) for one in profile.units]},
    }
    if profile.phrases:
        files["phrases.toml"] = {"phrases": [_sparing(one.model_dump()) for one in profile.phrases]}
    return {name: tomli_w.dumps(data, multiline_strings=True) for name, data in files.items()}


def archive(profile: LoadedProfile, people: list[RowOfTexts], sheets: Mapping[str, Any]) -> bytes:
    """All of it as a .zip: the TOML files, the people, and the sheets as they were uploaded."""
    buffer = io.BytesIO()
    code = profile.rules.code
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in folder_files(profile).items():
            packed.writestr(f"{code}/{name}", text)
        if people:
            packed.writestr(f"{code}/people.xlsx", people_sheet(people))
        for kind, name in SHEETS.items():
            if kind in sheets:
                with sheets[kind].file.open("rb") as content:
                    packed.writestr(f"{code}/{name}", content.read())
    return buffer.getvalue()


def people_sheet(people: list[RowOfTexts]) -> bytes:
    return text_workbook(
        title=PEOPLE.title,
        headers=[column.title for column in PEOPLE.columns],
        rows=([row.get(column.key, "") for column in PEOPLE.columns] for row in people),
        widths=[column.width for column in PEOPLE.columns],
    )


def _sparing(value: Any) -> Any:
    """Without what is None, which TOML cannot say; tuples as lists; days and times as they are."""
    if isinstance(value, Mapping):
        return {key: _sparing(one) for key, one in value.items() if one is not None}
    if isinstance(value, tuple | list):
        return [_sparing(one) for one in value]
    if isinstance(value, date | time | str | int | float | bool):
        return value
    return str(value)
