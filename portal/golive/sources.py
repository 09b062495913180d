"""Where a row of the weekly table gets its figure from: what can be chosen, and a guess by its words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.search import normalise
from portal.golive.draft import at
from reports.indicators import REGISTRY, Workdays
from reports.indicators.base import Longest, StateSource
from reports.indicators.weekly import WEEKLY

if TYPE_CHECKING:
    from portal.golive.draft import Draft

HAND, SUM = "hand", "formula"
HANDLINGS = (("heard", "自行听取"), ("passed_on", "提请协调"))
SURE, LIKELY = 0.7, 0.42
LOOKED_AFTER = "包保|包联|常态联系|结对|挂钩|挂包|挂联|帮扶"
BY_LEADERS = {
    "firms_visited": "visit_enterprises",
    "visit_participants": "visit_participants",
    "visit_problems": "visit_problems",
}
"""A keyword's indicator -> what is counted where the row speaks of a group of leaders."""
KEYWORDS: tuple[tuple[str, str], ...] = (
    (r"率|%|比例|占比", HAND),
    (r"座谈|恳谈|茶叙", "policy_meetings"),
    (r"(当场|现场|立即)(解决|办结|答复)", "solved_on_spot"),
    (r"省(级)?(平台|为企)", "provincial_recorded"),
    (r"(政策|清单|资料|汇编).*(份|册)", "policy_papers"),
    (r"(宣传|惠及|覆盖|知晓).*企业", "policy_reached"),
    (r"兑现|奖补资金", "policy_paid"),
    (r"^(?!.*(收集|收到|反映)).*(用工|招工|招聘)", "effect?kind=jobs"),
    (r"^(?!.*(收集|收到|反映)).*(融资|贷款|授信)", "effect?kind=finance"),
    (r"^(?!.*(收集|收到|反映)).*(土地|用地)", "effect?kind=land"),
    (r"^(?!.*(收集|收到|反映)).*(物流|原材料|用电|用水|用气|水电气|生产配套)", "supply_solved"),
    (r"走访.*(收集|发现|反映|解决).*(问题|诉求|困难)", "visit_problems"),
    (r"(收集|收到|受理|征集|梳理|反映|登记|接收).*(诉求|问题|困难)", "received"),
    (r"(诉求|问题).*(收集|收到|受理|登记)", "received"),
    (r"(逾期|超期|超时)", "open_overdue"),
    (r"(正在|在)办|未办结", "open"),
    (r"办结|(解决|化解).*(诉求|问题|困难)|(诉求|问题|困难).*(解决|化解)", "closed"),
    (r"满意", "satisfied"),
    (r"交办|转办|派发", "dispatched"),
    (r"督办", "supervised"),
    (r"报道|宣传稿|简报|信息.*篇", "news_items"),
    (r"意见建议|建议.*条", "opinions?handling=heard"),
    (rf"^(?!.*走访).*({LOOKED_AFTER}|联系).*(项目)", "liaison_projects"),
    (rf"^(?!.*走访).*({LOOKED_AFTER}).*(企业)", "liaison_enterprises"),
    (rf"^(?!.*走访).*(({LOOKED_AFTER}).*(干部|领导)|联系.*(干部|领导).*(人|名))", "liaison_cadres"),
    (r"(参与|参加|带队).*走访.*(人|名)|走访.*(领导|干部).*(人数|人次)", "visit_participants"),
    (r"(走访|联系|服务|包联).*(企业).*(家|户)|企业.*(家|户)", "firms_visited"),
    (r"走访.*(次|人次)", "visits"),
)  # fmt: skip
"""What words of such tables usually mean; the first that fits counts."""

GUESSED = {indicator.name for indicator in WEEKLY} | {
    "received", "closed", "open", "open_overdue", "satisfied", "visits", "firms_visited", "dispatched", "supervised",
}  # fmt: skip
"""What is guessed by its label; the inner figures of the rates are there to be chosen, not to be guessed."""


@dataclass(frozen=True)
class Choice:
    code: str
    """indicator?name=value"""
    label: str
    definition: str = ""
    words: str = ""
    group: str = ""


@dataclass(frozen=True)
class Guess:
    code: str
    why: str
    sure: str
    """高 · 中 · 低"""


def choices(draft: Draft) -> list[Choice]:
    """Everything a row can be counted by, in the words of this district's lists."""
    found = [Choice(HAND, "手工填报", "由填报单位填写，并注明依据"), Choice(SUM, "合计（由几行相加）")]
    for name, indicator in REGISTRY.items():
        if isinstance(indicator, Workdays | Longest):
            continue
        for code, label, group in _variants(name, indicator.parameter, draft):
            words = indicator.label if not group else f"{indicator.label}{group}"
            found.append(
                Choice(
                    code,
                    f"{indicator.label}" + (f"：{label}" if label else ""),
                    indicator.definition,
                    words,
                    group,
                )
            )
    return found


def _variants(name: str, parameter: str, draft: Draft) -> list[tuple[str, str, str]]:
    """(code, label, the words of the group it stands in)"""
    if parameter == "rank_group":
        return [(f"{name}?rank_group={code}", label, label) for code, label in draft.options("rank_groups")]
    if name == "effect":
        return [(f"{name}?kind={code}", label, "") for code, label in draft.options("effects")]
    if parameter == "handling":
        return [(f"{name}?handling={code}", label, "") for code, label in HANDLINGS]
    return [(name, "", "")]


def code_of_row(row: dict[str, Any]) -> str:
    """The choice a row of a form stands for."""
    if row.get("source") != "indicator":
        return str(row.get("source", HAND))
    params = "&".join(f"{key}={value}" for key, value in sorted(row.get("params", {}).items()))
    return row["indicator"] + (f"?{params}" if params else "")


def meaning(code: str) -> dict[str, Any]:
    """A choice as a row of the form has it."""
    if code in {HAND, SUM}:
        return {"source": code}
    name, _, query = code.partition("?")
    params = dict(part.split("=", 1) for part in query.split("&") if part)
    state = isinstance(REGISTRY[name].source, StateSource)
    return {"source": "indicator", "indicator": name, "params": params, "kind": "state" if state else "flow"}


class Guesser:
    """By the wording of the registry's labels, of the template's rows, and by keywords."""

    def __init__(self, draft: Draft) -> None:
        offered = choices(draft)
        self._labels = {one.code: one.label for one in offered}
        self._ranks = draft.options("rank_groups")
        self._known: list[tuple[str, str, str, str]] = []
        """(code, words, group, what it is compared with)"""
        for row in at(draft.template.rules, "form.rows") or ():
            code = code_of_row(row)
            if code in self._labels and code not in {HAND, SUM}:
                self._known.append((code, row["item"], row.get("group", ""), f"通行表样“{row['item'][:24]}”"))
        for one in offered:
            if one.code.partition("?")[0] not in GUESSED:
                continue
            self._known.append(
                (
                    one.code,
                    one.label.split("：")[0] if one.group else one.label,
                    one.group,
                    f"指标“{one.label[:24]}”",
                )
            )

    def guess(self, item: str, group: str) -> Guess:
        if keyword := self._by_keyword(item, group):
            return keyword
        best = max(self._known, key=lambda known: _likeness(item, group, known[1], known[2]), default=None)
        score = _likeness(item, group, best[1], best[2]) if best else 0.0
        if best is None or score < LIKELY:
            return Guess(HAND, "没有相近的指标，先按手工填报", "低")
        return Guess(best[0], f"与{best[3]}措辞相近（{score:.0%}）", "高" if score >= SURE else "中")

    def _by_keyword(self, item: str, group: str) -> Guess | None:
        exact = max(self._known, key=lambda known: _likeness(item, group, known[1], known[2]), default=None)
        if exact and _likeness(item, group, exact[1], exact[2]) >= SURE:
            return Guess(
                exact[0], f"与{exact[3]}措辞相近（{_likeness(item, group, exact[1], exact[2]):.0%}）", "高"
            )
        for pattern, code in KEYWORDS:
            found = re.search(pattern, normalise(item))
            if found is None:
                continue
            words = f"写有“{found[0][:12]}”"
            if code in BY_LEADERS and (ranked := self._ranked(f"{group} {item}", BY_LEADERS[code])):
                return Guess(ranked, f"{words}和领导班子类别", "中")
            if code in BY_LEADERS and code not in self._labels:
                return Guess(HAND, f"{words}：按领导班子类别取数，没写哪一类，先按手工填报", "低")
            if code == HAND:
                return Guess(HAND, f"{words}：比率不能直接取数，按手工填报", "中")
            if code in self._labels:
                return Guess(code, words, "中")
        return None

    def _ranked(self, words: str, name: str) -> str:
        """The indicator of the leaders that the words speak of."""
        wanted = _whose(words)
        code = next((code for code, label in self._ranks if _whose(label) == wanted), "") if wanted else ""
        return f"{name}?rank_group={code}" if code else ""


def _whose(words: str) -> str:
    """Leaders of the city's bureaus, of the district's units, or of the district itself."""
    if not re.search(r"领导|班子|负责人|两长", words):
        return ""
    if re.search(r"市(直|级|有关|属)", words):
        return "city"
    return "unit" if re.search(r"单位|部门|乡镇|镇街|街道|科级", words) else "district"


def _bare(text: str) -> str:
    """Without the unit in brackets, marks and filler words."""
    text = re.sub(r"[（(][^（()）]{0,8}[）)]", "", normalise(text))
    return re.sub(r"其中|情况|本次活动|数量|[\s、，,。:：“”\"'（）()]|数$", "", text)


def _likeness(item: str, group: str, words: str, group_words: str) -> float:
    found = _dice(_bare(item), _bare(words))
    if not group_words:
        return found
    return 0.55 * found + 0.45 * _dice(_bare(group), _bare(group_words))


def _dice(one: str, other: str) -> float:
    first, second = _pairs(one), _pairs(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)} or ({text} if text else set())


def whole_number(item: str) -> bool:
    """Money, land and shares have decimals."""
    return not re.search(r"万元|亿元|亩|公顷|平方|吨|%|率", item)


def numbers(text: str) -> Sequence[int]:
    """15+16 as [15, 16]."""
    return tuple(dict.fromkeys(int(number) for number in re.findall(r"\d{1,3}", normalise(text))))
