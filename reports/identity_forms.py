"""In which forms an identity may stand in a text: a firm by its short names, a person by a title, a place by its stem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.masking import mask_name
from reports.identity_words import (
    EVERYDAY,
    FIRM_ENDINGS,
    INDUSTRIES,
    OTHER_FIRM,
    OTHER_PLACE,
    PLACE_ENDINGS,
    SHORTENED,
    SPOKEN_ENDINGS,
    TITLES,
)

Named = str | tuple[str, ...]
"""A name, or the several names of the same one."""


class Kind(StrEnum):
    FIRM = "企业"
    PROJECT = "项目"
    PERSON = "姓名"
    PLACE = "地名"
    HOME = "本地地名"
    UNIT = "单位"
    PHONE = "电话"
    CODE = "证件代码"
    NUMBER = "编号文号"
    OTHER = "其他"


class Style(StrEnum):
    """How the word in its place is made."""

    ORDINAL = "ordinal"
    """甲公司, 乙公司, …"""
    SOME = "some"
    """某镇; several: 甲镇, 乙镇."""
    PERSON = "person"
    """王某; several of that surname: 王某甲, 王某乙."""
    FIXED = "fixed"
    """〔电话〕, 我区."""


class Guard(StrEnum):
    """What must stand around it, so that a part of another word is not taken for it."""

    NONE = ""
    ALONE = "alone"
    """No Chinese character beside it: a name of one character."""
    LED = "led"
    """At a beginning, or after a word that leads to a person: 与王总, not 提高总量."""


@dataclass(frozen=True)
class Thing:
    """What hides behind one replacement, in whichever form it is named."""

    key: str
    kind: Kind
    style: Style
    stem: str


@dataclass(frozen=True)
class Form:
    thing: Thing
    text: str
    sure: bool = True
    """Not sure: may be an everyday word; shown to the human, not replaced."""
    guard: Guard = Guard.NONE
    alnum: bool = False
    """Compared by its letters and digits alone, whatever separates them."""


@dataclass(frozen=True)
class Known:
    """What is known of those who must not be recognised."""

    firms: tuple[Named, ...] = ()
    projects: tuple[Named, ...] = ()
    people: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    """Credit codes, registration, identity and account numbers."""
    numbers: tuple[str, ...] = ()
    """Numbers of cases, letters and documents."""
    places: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    home: tuple[tuple[str, Named], ...] = ()
    """The own district, city, province: what it becomes (我区), its names."""
    units: tuple[Named, ...] = ()
    """Units that must not be named."""


MIN_ALNUM = 5
_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"


def names_of(named: Named) -> tuple[str, ...]:
    names = (named,) if isinstance(named, str) else named
    return tuple(dict.fromkeys(name.strip() for name in names if name and name.strip()))


def forms_of(known: Known) -> list[Form]:
    """Every form of everything known; names as they are known come before what is made out of them."""
    exact: list[Form] = []
    derived: list[Form] = []
    for forms in (
        _firms(known),
        _projects(known),
        _units(known),
        _places(known),
        _home(known),
        _people(known.people),
        _numbers(known),
    ):
        for is_exact, form in forms:
            (exact if is_exact else derived).append(form)
    return exact + derived


Forms = Iterator[tuple[bool, Form]]


# --- Firms and projects ---------------------------------------------------------------------------


@dataclass(frozen=True)
class NameParts:
    """铜陵市大通镇宏达机械有限公司: core 宏达机械, brand 宏达, called 公司."""

    core: str
    brand: str
    called: str


def take_apart(name: str, prefixes: Iterable[str] = ()) -> NameParts:
    name = re.sub(r"[\s（）()]", "", name)
    ending = next((ending for ending in FIRM_ENDINGS if name.endswith(ending)), "")
    called = FIRM_ENDINGS.get(ending, OTHER_FIRM)
    core = _without_places(name, prefixes)
    # 某某有限公司铜陵分公司: the ending of the branch, the town, then the firm's own ending.
    for _ in range(3):
        shorter = _without_ending(core, FIRM_ENDINGS)
        town = next((place for place in prefixes if len(place) > 1 and shorter.endswith(place)), "")
        if town and len(shorter) - len(town) >= 4:
            shorter = shorter.removesuffix(town)
        if shorter == core:
            break
        core = shorter
    brand = core
    while (shorter := _without_ending(brand, INDUSTRIES)) != brand:
        brand = shorter
    return NameParts(core, brand, called)


def _without_ending(text: str, endings: Iterable[str]) -> str:
    found = next((ending for ending in endings if text.endswith(ending) and len(text) - len(ending) >= 2), "")
    return text.removesuffix(found)


_ADMINISTRATIVE = re.compile(
    r"^[\u4e00-\u9fff]{2,3}?(?:自治区|省|市|县|区|镇|乡|街道|办事处|经济开发区|开发区|经开区)"
)


def _without_places(name: str, prefixes: Iterable[str]) -> str:
    longest_first = sorted(prefixes, key=len, reverse=True)
    while True:
        found = next((place for place in longest_first if place and name.startswith(place)), "")
        if not found and (match := _ADMINISTRATIVE.match(name)):
            found = match[0]
        if not found or len(name) - len(found) < 2:
            return name
        name = name.removeprefix(found)


def _firms(known: Known) -> Forms:
    prefixes = _spoken_places(known)
    for n, named in enumerate(known.firms):
        names = names_of(named)
        if not names:
            continue
        thing = Thing(f"firm:{n}", Kind.FIRM, Style.ORDINAL, take_apart(names[0], prefixes).called)
        for name in names:
            yield True, Form(thing, name)
            yield from _firm_forms(thing, name, prefixes)


def _firm_forms(thing: Thing, name: str, prefixes: list[str]) -> Forms:
    parts = take_apart(name, prefixes)
    own = next((ending for ending in FIRM_ENDINGS if name.endswith(ending)), "")
    place, _, _ = name.partition(parts.core)
    prefixes = [*prefixes, place] if place and place not in prefixes else prefixes
    for base in dict.fromkeys((parts.core, parts.brand)):
        if len(base) < 2:
            continue
        for ending in dict.fromkeys((own, *SPOKEN_ENDINGS)):
            is_sure = bool(ending) or base not in EVERYDAY
            yield False, Form(thing, base + ending, sure=is_sure)
            if is_sure:
                for prefix in prefixes:
                    yield False, Form(thing, prefix + base + ending)
    if parts.brand == parts.core and len(parts.core) >= 4:
        # No word for its trade at the end: the trade name may be the first two characters.
        yield False, Form(thing, parts.core[:2], sure=False)


def _projects(known: Known) -> Forms:
    prefixes = _spoken_places(known)
    for n, named in enumerate(known.projects):
        thing = Thing(f"project:{n}", Kind.PROJECT, Style.ORDINAL, "项目")
        for name in names_of(named):
            yield True, Form(thing, name)
            short = re.sub(r"(?:建设)?(?:项目|工程)?[（(]?(?:[一二三四五六七八九十\d]+期)?[)）]?$", "", name)
            for base in dict.fromkeys((short, _without_places(short, prefixes))):
                if len(base) >= 4:
                    yield False, Form(thing, base)
                    yield False, Form(thing, base + "项目")


# --- Places ---------------------------------------------------------------------------------------


def _spoken_places(known: Known) -> list[str]:
    """What may stand before a firm's short name: 铜陵宏达, 大通镇宏达."""
    found: list[str] = []
    for _, named in known.home:
        for name in names_of(named):
            found += [name, _stem(name)]
    for name in known.places:
        found += [name, _stem(name)]
    return [name for name in dict.fromkeys(found) if len(name) >= 2]


def _place_word(name: str) -> str:
    return next((word for ending, word in PLACE_ENDINGS.items() if name.endswith(ending)), OTHER_PLACE)


def _stem(name: str) -> str:
    """大通 of 大通镇; empty where people would not say it so."""
    ending = next((ending for ending in PLACE_ENDINGS if name.endswith(ending)), "")
    stem = name.removesuffix(ending)
    return stem if ending and PLACE_ENDINGS[ending] in SHORTENED and len(stem) >= 2 else ""


GENERIC_PARKS = ("经济开发区", "经济技术开发区", "高新技术产业开发区", "经开区", "高新区", "开发区")


def _places(known: Known) -> Forms:
    home = [name for _, named in known.home for name in names_of(named)]
    parts = [part for address in known.addresses for part in parts_of_address(address, home)]
    own = {name for name in home} | {_stem(name) for name in home}
    for name in dict.fromkeys((*known.places, *parts)):
        if len(name) < 2 or name in own:
            continue
        thing = Thing(f"place:{name}", Kind.PLACE, Style.SOME, _place_word(name))
        yield True, Form(thing, name, sure=name not in EVERYDAY)
        local = name
        for place in sorted(home, key=len, reverse=True):
            local = local.removeprefix(place)
        shorts = [local, _stem(name), _stem(local)]
        if local in GENERIC_PARKS:
            # The park has no name of its own: 区经开区.
            shorts += [*(f"区{park}" for park in GENERIC_PARKS), *GENERIC_PARKS]
        for shorter in dict.fromkeys(shorts):
            if len(shorter) >= 2 and shorter != name and shorter not in own:
                yield False, Form(thing, shorter, sure=shorter not in EVERYDAY)
    for address in known.addresses:
        if len(address) >= 4:
            thing = Thing(f"address:{address}", Kind.PLACE, Style.SOME, OTHER_PLACE)
            yield True, Form(thing, address)


_TOKEN = re.compile(rf"([{_HAN}]{{1,10}}?)({'|'.join(PLACE_ENDINGS)})")


def parts_of_address(address: str, home: Iterable[str] = ()) -> list[str]:
    """大通镇, 新建村 and 滨江路 of 铜陵市郊区大通镇新建村滨江路18号; what has no ending (和悦洲) counts too."""
    rest = re.sub(r"\s", "", address)
    for place in sorted(home, key=len, reverse=True):
        rest = rest.removeprefix(place)
    found = []
    while match := _TOKEN.match(rest):
        found.append(match[0])
        rest = rest[match.end() :]
    if match := re.match(rf"[{_HAN}]{{2,8}}(?=[\d０-９]|$)", rest):
        found.append(match[0])
    return [part for part in found if len(part) >= 2]


def _home(known: Known) -> Forms:
    for label, named in known.home:
        thing = Thing(f"home:{label}", Kind.HOME, Style.FIXED, label)
        for name in names_of(named):
            # 郊区 alone is an everyday word, and the district that publishes is no secret.
            if name not in EVERYDAY:
                yield True, Form(thing, name)
            stem = _stem(name)
            if stem and stem not in EVERYDAY:
                yield False, Form(thing, stem)


# --- Units and persons ----------------------------------------------------------------------------


def _units(known: Known) -> Forms:
    for n, named in enumerate(known.units):
        names = names_of(named)
        if not names:
            continue
        word = "局" if any(name.endswith("局") for name in names) else "部门"
        thing = Thing(f"unit:{n}", Kind.UNIT, Style.SOME, word)
        for name in names:
            yield True, Form(thing, name)
            plain = re.sub(r"^[区县市]", "", name)
            if plain != name and len(plain) >= 3:
                yield False, Form(thing, plain)


def surname(name: str) -> str:
    """王 of 王小明, 欧阳 of 欧阳锋."""
    return mask_name(name).removesuffix("**")


def _people(people: Iterable[str]) -> Forms:
    names = [name for name in dict.fromkeys(person.strip() for person in people) if name]
    things: dict[str, list[Thing]] = {}
    for name in names:
        thing = Thing(f"person:{name}", Kind.PERSON, Style.PERSON, surname(name))
        things.setdefault(surname(name), []).append(thing)
        yield True, Form(thing, name, guard=Guard.NONE if len(name) > 1 else Guard.ALONE)
        given = name.removeprefix(surname(name))
        if len(given) >= 2:
            yield False, Form(thing, given, sure=False)
    for family, of_family in things.items():
        # 王经理 is the only 王 there is; among several nobody can tell which.
        several = Thing(f"family:{family}", Kind.PERSON, Style.FIXED, f"{family}某")
        thing = of_family[0] if len(of_family) == 1 else several
        for title in TITLES:
            yield False, Form(thing, family + title, guard=Guard.LED)
        for familiar in ("老", "小"):
            yield False, Form(thing, familiar + family, sure=False)


# --- Numbers --------------------------------------------------------------------------------------


def alnum(text: str) -> str:
    """Letters and digits of a code as typed in the roster."""
    return re.sub(r"[^0-9A-Za-z]", "", text)


def _numbers(known: Known) -> Forms:
    phone = Thing("phone", Kind.PHONE, Style.FIXED, "〔电话〕")
    for number in known.phones:
        digits = alnum(number)
        local = re.match(r"0\d{2,3}-?(\d{7,8})", number)
        for form in (f"0086{digits}", f"86{digits}", digits, local[1] if local else ""):
            if len(form) >= MIN_ALNUM:
                yield form == digits, Form(phone, form, alnum=True)
    code = Thing("code", Kind.CODE, Style.FIXED, "〔证件号〕")
    case = Thing("number", Kind.NUMBER, Style.FIXED, "〔编号〕")
    for thing, texts in ((code, known.codes), (case, known.numbers)):
        for text in texts:
            if len(text.strip()) < MIN_ALNUM:
                continue
            yield True, Form(thing, text.strip())
            if len(alnum(text)) >= 8:
                yield True, Form(thing, alnum(text), alnum=True)
