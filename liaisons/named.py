"""Units and officials by their names, as they stand in a message or a sheet: “王小明、李文静（区人社局）”."""

import re
from datetime import date

from django.core.exceptions import ValidationError

from accounts.models import Official, Unit, User
from core.search import normalise
from liaisons.selectors import with_posts

_BETWEEN = re.compile(r"[、,;\s]+")
_WITH_UNIT = re.compile(r"(.+?)\((.+)\)")
MOST_NAMES = 40


class Named:
    """The district's units, read once, and its officials by name."""

    def __init__(self, user: User) -> None:
        assert user.unit is not None
        self.user = user
        self.units = list(Unit.objects.of_district(user.unit.district).active())

    def units_named(self, text: str) -> list[Unit]:
        """By their names or short names, each once."""
        by_name: dict[str, Unit] = {}
        for unit in self.units:
            by_name.setdefault(normalise(unit.name), unit)
            by_name.setdefault(normalise(unit.short_name), unit)
        names = split_names(text)
        if unknown := [name for name in names if name not in by_name]:
            raise ValidationError(f"没有找到单位“{unknown[0]}”，请写单位的全称或简称。", code="unknown")
        return list({by_name[name].pk: by_name[name] for name in names}.values())

    def officials_named(self, text: str, day: date) -> list[Official]:
        """By name; of two of the same name, the one of the unit in brackets: 王伟（大通镇）."""
        asked = [(_WITH_UNIT.fullmatch(name), name) for name in split_names(text)]
        wanted = [(found[1], found[2]) if found else (name, "") for found, name in asked]
        people = with_posts(Official.objects.visible_to(self.user))
        by_name: dict[str, list[Official]] = {}
        for person in people.filter(name__in={name for name, _ in wanted}):
            by_name.setdefault(normalise(person.name), []).append(person)
        chosen: dict[int, Official] = {}
        for name, unit in wanted:
            fits = [person for person in by_name.get(name, []) if not unit or _serves(person, day, unit)]
            if not fits:
                raise ValidationError(
                    f"没有找到“{name}{f'（{unit}）' if unit else ''}”，请核对姓名。", code="unknown"
                )
            if len(fits) > 1:
                units = "、".join(_unit_of(person, day) for person in fits)
                raise ValidationError(
                    f"“{name}”不止一位（{units}），请写成“{name}（单位简称）”。", code="ambiguous"
                )
            chosen[fits[0].pk] = fits[0]
        return list(chosen.values())


def split_names(text: str) -> list[str]:
    names = [name for name in _BETWEEN.split(normalise(text)) if name]
    if len(names) > MOST_NAMES:
        raise ValidationError(f"一次最多填{MOST_NAMES}个。", code="many")
    return names


def _unit_of(person: Official, day: date) -> str:
    post = person.post_on(day)
    return post.unit.short_name if post else "没有任职"


def _serves(person: Official, day: date, unit: str) -> bool:
    post = person.post_on(day)
    return post is not None and unit in {normalise(post.unit.short_name), normalise(post.unit.name)}
