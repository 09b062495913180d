"""Taking out of a comment what tells who wrote it, before the unit it is about reads it.

Not the redaction of bulletins (``reports.redaction``), where a person checks every word: here the names are known
beforehand, those of the one firm that spoke, and what cannot be known stays out by being withheld.
"""

import re
import unicodedata
from collections.abc import Iterable

FIRM, PERSON, NUMBER = "某企业", "某人", "（号码略）"
_ENDINGS = re.compile(
    r"(?:有限责任公司|股份有限公司|有限公司|分公司|集团公司|集团|公司|合作社|经营部|加工厂|厂|店|中心|（[^）]*）|\([^)]*\))+$"
)
_CALLED = "(?:总经理|董事长|经理|厂长|老板|董事|主任|总|董|厂)"
_NUMBERS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII),
    re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{15}(?:[0-9A-HJ-NPQRTUWXY]{3})?(?![0-9A-Za-z])"),
    re.compile(r"(?:\+?86[\s-]*)?(?<!\d)1[3-9]\d(?:[\s-]*\d){8}(?!\d)"),
    re.compile(r"(?<!\d)0\d{2,3}[\s-]*\d{7,8}(?!\d)"),
    re.compile(r"(?<!\d)\d{7,8}(?!\d)"),
    re.compile(r"(?:微信|QQ|qq|Q Q)号?[码是:：\s]*[A-Za-z0-9_-]{5,20}"),
)
SHORTEST = 2


def scrub(
    text: str, *, firms: Iterable[str] = (), persons: Iterable[str] = (), places: Iterable[str] = ()
) -> str:
    """``text`` without the firms' names, also as people shorten them, without the persons, and without numbers.

    ``places``: names of regions, which firms bear at the front and people leave out (铜陵示例机械: 示例机械).
    """
    found = unicodedata.normalize("NFC", text)
    fronts = sorted({place.rstrip("省市区县") for place in places} - {""}, key=len, reverse=True)
    for name in sorted(
        {short for firm in firms for short in _shortened(firm, fronts)}, key=len, reverse=True
    ):
        found = found.replace(name, FIRM)
    for person in sorted({person.strip() for person in persons} - {""}, key=len, reverse=True):
        if len(person) >= SHORTEST:
            found = found.replace(person, PERSON)
        found = re.sub(f"{re.escape(person[0])}{_CALLED}", PERSON, found)
    for pattern in _NUMBERS:
        found = pattern.sub(NUMBER, found)
    return found


def _shortened(firm: str, fronts: list[str]) -> set[str]:
    """铜陵示例机械有限公司 is also called 铜陵示例机械 and 示例机械."""
    whole = firm.strip()
    if not whole:
        return set()
    core = _ENDINGS.sub("", whole)
    local = core
    for front in fronts:
        local = re.sub(f"^{re.escape(front)}[省市区县]?", "", local)
    return {name for name in (whole, core, local) if len(name) > SHORTEST}
