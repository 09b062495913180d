"""What a setup can start from: the usual rules, a district that works, a folder under profiles/."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.models import Unit
from appeals.models import Phrase
from districts.loading import read_profile
from districts.models import DistrictProfile, Region
from districts.schema import ProfileError
from portal.golive.draft import Template

USUAL = "usual"
FOLDER = Path(settings.BASE_DIR) / "profiles"


def offered(user: Any) -> list[tuple[str, str]]:
    """(code, label) of every template, the usual rules first."""
    found = [(USUAL, "通用模板")]
    live = Region.objects.real().order_by("name")
    found += [(f"district:{region.code}", f"{region.name}（已上线的规则）") for region in live]
    known = {region.code for region in live}
    for folder in sorted(FOLDER.iterdir()):
        if folder.is_dir() and folder.name not in known and (name := _name_in(folder)):
            found.append((f"folder:{folder.name}", f"{name}（profiles/{folder.name}）"))
    return found


def template(code: str) -> Template:
    """Raises ``KeyError`` for what is not there (any more)."""
    kind, _, name = code.partition(":")
    if code == USUAL:
        return _usual()
    if kind == "district":
        district = Region.objects.filter(code=name).first()
        if district is not None and DistrictProfile.objects.filter(district=district).exists():
            return of_district(district)
    if kind == "folder" and "/" not in name and _name_in(FOLDER / name):
        profile = read_profile(FOLDER / name)
        names = {unit.code: unit.short_name for unit in profile.units}
        rules = profile.rules.model_dump(mode="json")
        rules["_phrases"] = [phrase.model_dump() for phrase in profile.phrases]
        return Template(rules, names, names[profile.rules.lead_bureau], profile.rules.name)
    raise KeyError(code)


def of_district(district: Region) -> Template:
    # The newest version, also one that is not in force yet: a change goes on from there.
    rules = DistrictProfile.objects.filter(district=district).order_by("-effective_from")[0].rules
    names = dict(Unit.objects.of_district(district).values_list("code", "short_name"))
    data = rules.model_dump(mode="json")
    fields = ("purpose", "title", "text", "category", "transition")
    data["_phrases"] = list(Phrase.objects.filter(district=district, unit=None, active=True).values(*fields))
    return Template(data, names, names.get(rules.lead_bureau, ""), rules.name)


@cache
def _usual() -> Template:
    rules: dict[str, Any] = {}
    for name in ("profile", "weekly_form", "letter"):
        rules |= tomllib.loads((FOLDER / USUAL / f"{name}.toml").read_text(encoding="utf-8"))
    for table, key in (("office_hours", "start"), ("office_hours", "end"), ("week", "cut_off_time")):
        rules[table][key] = rules[table][key].isoformat()
    phrases = tomllib.loads((FOLDER / USUAL / "phrases.toml").read_text(encoding="utf-8"))["phrases"]
    names = tomllib.loads((FOLDER / USUAL / "names.toml").read_text(encoding="utf-8"))["names"]
    rules["_phrases"] = phrases
    return Template(_complete(rules), names, "牵头单位")


def _complete(rules: dict[str, Any]) -> dict[str, Any]:
    """With the defaults of the schema, so that every field of a step has its usual value."""
    from districts.handling import Colours, Gates, Handling, Limits
    from districts.profile import Events, PlaqueText, Week

    for key, model in (("limits", Limits), ("colours", Colours), ("gates", Gates), ("handling", Handling),
                       ("events", Events), ("plaque", PlaqueText)):  # fmt: skip
        rules[key] = model.model_validate(rules.get(key, {})).model_dump(mode="json")
    week = Week.model_validate(rules["week"] | {"starts": "2000-01-01"}).model_dump(mode="json")
    rules["week"] = {key: value for key, value in week.items() if key != "starts"}
    return rules


def _name_in(folder: Path) -> str:
    """The district's name, if the folder is a whole profile."""
    if not (folder / "profile.toml").is_file() or not (folder / "units.toml").is_file():
        return ""
    try:
        return read_profile(folder).rules.name
    except ProfileError:
        return ""
