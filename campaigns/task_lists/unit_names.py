"""Which units of the district the words of a plan mean: 区财政局（区政府国资委）、各乡镇街、区科技经信局等相关单位."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import Unit
from districts.campaign_plans import Campaigns
from districts.models import Region

_BETWEEN = re.compile(r"[、,;\s/]|(?<=[局委办会镇乡司院])(?:和|及|与)")
_TAIL = re.compile(r"(?:等?(?:有关|相关|其他|各)*(?:责任|成员)?(?:单位|部门)?(?:负责同志|负责人)?|等)$")


@dataclass
class Named:
    """Units in the order they are named, and the words that name none."""

    units: list[Unit] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


class UnitReader:
    """Reads many cells with one look at the units."""

    def __init__(self, district: Region, rules: Campaigns) -> None:
        units = list(Unit.objects.of_district(district).active().order_by("order", "pk"))
        prefixes = _prefixes(district)
        self._known: dict[str, Unit] = {}
        for names in (_own_names, lambda unit: _other_names(unit, prefixes)):
            for unit in units:
                for name in names(unit):
                    self._known.setdefault(name, unit)
        by_code = {unit.code: unit for unit in units}
        for alias in rules.aliases:
            if alias.unit in by_code:
                self._known[_plain(alias.name)] = by_code[alias.unit]
        self._groups: dict[str, list[Unit]] = {}
        for group in rules.groups:
            members = [unit for unit in units if unit.kind in group.unit_kinds or unit.code in group.units]
            for words in group.words:
                self._groups[_plain(words)] = members

    def read(self, text: str) -> Named:
        named = Named()
        for part in _parts(text):
            units = self._units(part)
            if not units:
                named.unknown.append(part)
            named.units += [unit for unit in units if unit not in named.units]
        return named

    def _units(self, part: str) -> list[Unit]:
        whole = _TAIL.sub("", part)
        bare = whole[1:] if whole.startswith(("区", "县")) else whole
        for words in (part, whole, bare):
            if words in self._groups:
                return self._groups[words]
            if words in self._known:
                return [self._known[words]]
        return []


def _parts(text: str) -> Iterable[str]:
    """Split at the commas of a list, not at those inside brackets."""
    words = unicodedata.normalize("NFKC", text)
    words = re.sub(r"\([^()]*\)", lambda match: re.sub(r"[、,;\s]", "", match[0]), words)
    return [part for part in (_plain(part) for part in _BETWEEN.split(words)) if part]


def _plain(name: str) -> str:
    return re.sub(r"[\s“”\"'《》]", "", unicodedata.normalize("NFKC", name)).strip(".。:;")


def _own_names(unit: Unit) -> list[str]:
    return [_plain(unit.name), _plain(unit.short_name)]


def _other_names(unit: Unit, prefixes: list[str]) -> list[str]:
    """Without the place in front, without what stands in brackets, without 区, 办 for 办公室."""
    found = []
    for name in _own_names(unit):
        names = [name, *(name.removeprefix(prefix) for prefix in prefixes if name.startswith(prefix))]
        names += [re.sub(r"\([^()]*\)", "", each) for each in names]
        names += [each[1:] for each in names if each.startswith(("区", "县", "市"))]
        names += [each.removesuffix("公室") for each in names if each.endswith("办公室")]
        names += [each + "公室" for each in names if each.endswith("办")]
        found += [each for each in names if len(each) > 2]
    return found


def _prefixes(district: Region) -> list[str]:
    """六安市叶集区, 六安市叶集, 六安市, 叶集区, 叶集 … as names of units begin."""
    above = _plain(district.parent.name) if district.parent else ""
    own = _plain(district.name).removeprefix(above)
    short = own[:-1] if own.endswith(("区", "县", "市")) and len(own) > 2 else own
    return [prefix for prefix in dict.fromkeys((above + own, above + short, above, own, short)) if prefix]
