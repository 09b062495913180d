"""Papers given where nobody visits and nothing is held: at a window, by post, in a WeChat group to many firms.

“采取走访调研、召开恳谈会、现场办公，或微信、电话等行之有效的方式 …… 发放《致全市企业家的一封信》”.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.audit import record
from accounts.models import Unit, User
from core.wording import spoken
from enterprises.models import Enterprise, Project
from policies.checks import Errors, day_of_the_action
from policies.models import HandOut, Policy, PolicyList
from policies.permissions import acts_for, may_hand_out
from policies.services import MOST_COPIES, hand_out

NOT_YOURS = spoken("材料发放由联企干部、服务窗口、单位联络员、负责人和调度员登记。")
MOST_FIRMS = 200
MOST_NAME = 120
# How a 接龙 numbers its lines: “3. ”, “3、”, “(3)”.
_NUMBERED = re.compile(r"^[(（]?\d{1,3}\s*[.．、)）:：]\s*(?=\D|\w{15})")


@dataclass
class Recipients:
    """Who is meant by the pasted lines; of what was not found, the line's number and words."""

    entries: list[Enterprise | Project] = field(default_factory=list)
    unknown: list[tuple[int, str]] = field(default_factory=list)


def recipients(*, user: User, text: str) -> Recipients:
    """One firm or project a line, by its whole name or code; in two queries, whoever is named twice once."""
    lines = [
        (number, words)
        for number, line in enumerate(text.splitlines(), start=1)
        if (words := " ".join(_NUMBERED.sub("", line.strip()).split()))
    ]
    spellings = {spelling for _, words in lines for spelling in _spellings(words)}
    by_words: dict[str, set[Enterprise | Project]] = {}
    named = Q(name__in=spellings) | Q(credit_code__in=spellings) | Q(registration_number__in=spellings)
    firms = Enterprise.objects.visible_to(user).unmerged().active().select_related("region").filter(named)
    projects = Project.objects.visible_to(user).active().select_related("region").filter(name__in=spellings)
    for firm in firms:
        for words in (firm.name, firm.credit_code, firm.registration_number):
            if words:
                by_words.setdefault(words, set()).add(firm)
    for project in projects:
        by_words.setdefault(project.name, set()).add(project)
    found = Recipients()
    for number, words in lines:
        meant = set().union(*(by_words.get(spelling, set()) for spelling in _spellings(words)))
        if len(meant) != 1:
            found.unknown.append((number, words))
        elif (entry := meant.pop()) not in found.entries:
            found.entries.append(entry)
    return found


def _spellings(words: str) -> set[str]:
    """The words with brackets of either width, and in capitals for a code."""
    wide = words.replace("(", "（").replace(")", "）")
    narrow = words.replace("（", "(").replace("）", ")")
    return {words, wide, narrow, words.upper()}


@transaction.atomic
def give(
    *,
    by: User,
    unit: Unit,
    policies: Sequence[Policy],
    letter: bool,
    copies: int,
    day: date,
    way: str,
    entries: Sequence[Enterprise | Project],
    claimed_names: Sequence[str] = (),
    lists: Sequence[PolicyList] = (),
) -> list[HandOut]:
    """Each firm gets ``copies`` of each paper; all of it is recorded or nothing.

    A firm that stands on no roster (``claimed_names``) counts with its copies, but not among the enterprises
    reached, and as lying where the unit does.
    """
    if not may_hand_out(by) or not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    errors = Errors()
    if not policies and not letter and not lists:
        errors.add("papers", "请至少选择一种材料。")
    if not entries and not claimed_names:
        errors.add("firms", "请填写企业，每行一家。")
    if len(entries) + len(claimed_names) > MOST_FIRMS:
        errors.add("firms", f"一次最多登记 {MOST_FIRMS} 家，请分几次登记。")
    if any(len(name) > MOST_NAME for name in claimed_names):
        errors.add("firms", f"企业名称最多 {MOST_NAME} 字。")
    if way not in HandOut.Way.values:
        errors.add("way", "请选择发放方式。")
    if not 1 <= copies <= MOST_COPIES:
        errors.add("copies", f"份数应在 1 到 {MOST_COPIES} 之间。")
    occurred_at = None
    try:
        occurred_at = day_of_the_action(day, unit.district, "发放日期")
    except ValidationError as error:
        errors.take("day", error)
    errors.raise_any()
    assert occurred_at is not None
    given = []
    papers: list[dict[str, Any]] = [
        *({"policy": policy} for policy in policies),
        *({"policy": None, "policy_list": one} for one in lists),
        *([{"policy": None}] if letter else []),
    ]
    for subject in (*map(_of_entry, entries), *(_of_name(name, unit) for name in claimed_names)):
        for paper in papers:
            given.append(
                hand_out(
                    by=by,
                    unit=unit,
                    occurred_at=occurred_at,
                    copies=copies,
                    way=way,
                    **paper,
                    **subject,
                )
            )
    record(
        by,
        "papers.give",
        unit,
        policies=[policy.pk for policy in policies],
        letter=letter,
        firms=len(entries) + len(claimed_names),
        **({"lists": [one.pk for one in lists]} if lists else {}),
    )
    return given


def _of_entry(entry: Enterprise | Project) -> dict[str, Any]:
    kind = "enterprise" if isinstance(entry, Enterprise) else "project"
    return {kind: entry, "region": entry.region}


def _of_name(name: str, unit: Unit) -> dict[str, Any]:
    return {"claimed_name": name, "region": unit.region}
