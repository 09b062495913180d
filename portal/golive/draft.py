"""A setup as far as it has come: the texts that were given, or what the template has, and what they mean."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from portal.golive.fields import Fields, as_text
from portal.golive.tables import Problem, RowOfTexts, Table, judge

if TYPE_CHECKING:
    from portal.golive.step import Step

Part = Fields | Table


@dataclass
class Result:
    """What a step's texts mean, and what is wrong with them."""

    values: dict[str, Any] = field(default_factory=dict)
    """By part: a dict of fields, or a list of rows."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.warning]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.warning]


@dataclass(frozen=True)
class Template:
    """What a setup starts from: the rules of a district or the usual ones, and how its units are called."""

    rules: Mapping[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)
    """Code of a unit -> the short names it goes by, 、 between."""
    lead: str = ""
    """What its texts call the lead bureau."""
    own: str = ""
    """The template district's own name; empty for the usual rules."""


class Draft:
    def __init__(
        self,
        data: Mapping[str, Any],
        template: Template,
        *,
        files: Mapping[str, Any] | None = None,
        units: Sequence[tuple[str, str]] | None = None,
        district: Any = None,
    ) -> None:
        self.data = data
        self.template = template
        self.files = files or {}
        self.district = district
        """The live district whose rules are being changed, else None."""
        self.loading_into = ""
        """The code of a district that is loaded (again) from a folder: its own accounts are no strangers."""
        self._units = units
        self._results: dict[str, Result] = {}
        self._base: dict[str, Any] | None = None

    # --- Texts ------------------------------------------------------------------------------------

    def touched(self, step: str) -> bool:
        return bool(self.data.get(step))

    def rows(self, step: str, table: Table) -> list[RowOfTexts]:
        kept = self.data.get(step, {}).get(table.code)
        if kept is not None:
            return list(kept)
        return table.initial(self) if table.initial else []

    def texts(self, step: str, part: Fields) -> dict[str, Any]:
        kept = self.data.get(step, {}).get(part.code, {})
        texts: dict[str, Any] = {}
        for one in part.fields:
            if one.name in kept:
                texts[one.name] = kept[one.name]
            elif one.path:
                labels = dict(one.options(self)) if one.options else {}
                texts[one.name] = as_text(one, at(self.base, one.path), labels)
            elif part.initial is not None:
                texts[one.name] = part.initial(self).get(one.name, "")
        return texts

    # --- Meanings ---------------------------------------------------------------------------------

    def result(self, step: Step) -> Result:
        if step.code not in self._results:
            self._results[step.code] = Result()  # a step that asks for itself finds nothing rather than loops
            self._results[step.code] = self._judged(step)
        return self._results[step.code]

    def _judged(self, step: Step) -> Result:
        result = Result()
        for part in step.parts:
            if isinstance(part, Table):
                result.values[part.code], problems = judge(part, self.rows(step.code, part), self)
            else:
                result.values[part.code], problems = part.judge(self, self.texts(step.code, part))
            result.problems += problems
        step.look_at(self, result)
        return result

    def settle(self, step_code: str, result: Result) -> None:
        """What a step means where it comes from elsewhere than texts."""
        self._results[step_code] = result

    def of(self, step_code: str) -> Result:
        from portal.golive.steps import step_of

        return self.result(step_of(step_code))

    # --- What other steps offer -------------------------------------------------------------------

    @property
    def base(self) -> dict[str, Any]:
        """The template's rules, with the lead bureau's new name in their texts."""
        if self._base is None:
            lead = self.lead_name()
            rules = copy.deepcopy(dict(self.template.rules))
            replaced = bool(self.template.lead and lead and self.district is None)
            self._base = _renamed(rules, self.template.lead, lead) if replaced else rules
        return self._base

    def lead_name(self) -> str:
        """What was chosen as the lead bureau: a short name."""
        return str(self.data.get("units", {}).get("parts", {}).get("lead_bureau", ""))

    def unit_options(self) -> list[tuple[str, str]]:
        """(code, short name) of the district's units."""
        if self._units is not None:
            return list(self._units)
        return [(unit["code"], unit["short_name"]) for unit in self.of("units").values.get("specs", [])]

    def options(self, path: str) -> list[tuple[str, str]]:
        """(code, label) of a list of the rules, as the words step leaves it."""
        from portal.golive.words import WORDS_OF

        if path in WORDS_OF:
            made = self.of("words").values.get(f"rules:{path}")
            if made is not None:
                return [(item["code"], item["label"]) for item in made]
        return [(item["code"], item["label"]) for item in at(self.base, path) or ()]

    def unit_like(self, code: str) -> str:
        """The short name here of what the template calls by this code; "" if there is none."""
        names = tuple(_bare(name) for name in self.template.names.get(code, "").split("、") if name)
        for unit in self.of("units").values.get("specs", []):
            if names and (_bare(unit["short_name"]) in names or unit["name"].endswith(names)):
                return str(unit["short_name"])
        return ""


def at(data: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, or None."""
    found: Any = data
    for step in path.split("."):
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def put(data: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        data = data.setdefault(step, {})
    data[last] = value


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, Mapping):
        return {key: _renamed(one, old, new) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(one, old, new) for one in value]
    return value


def _bare(name: str) -> str:
    """区人社局, 县人社局 and 人社局 are the same bureau."""
    return re.sub(r"^(区|县|市|旗)(?=..)", "", name.strip())
