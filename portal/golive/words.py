"""Step 5: the lists of words. What the template has is shown; a changed label keeps its code and its past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import Role
from core.wording import TERMS
from portal.golive.draft import Draft, Result, at
from portal.golive.fields import Field, Fields
from portal.golive.step import Step
from portal.golive.tables import Col, Problem, RowOfTexts, Table, code_of, plain, where

WORDING_OF = {
    "联企干部": ("联系企业的干部", "如挂钩干部、包联干部、助企专员"),
    "包保联系": ("干部联系企业", "如挂钩联系、包联"),
    "包保": ("干部联系企业的简称", "用在“某某名单”里，如挂钩、包联"),
    "牵头局": ("牵头单位", "通称，如区工信局、区营商办"),
    "乡镇办": ("乡镇、街道", "如镇街、乡镇街道"),
    "底册": ("企业名单", "如企业名录、企业信息库"),
    "公示牌": ("挂在企业的牌子", "如服务牌、连心牌"),
    "助企服务日": ("到企业、到现场服务的日子", "如企业服务日、营商环境会客日"),
}
"""Each term by what it means, since the term itself would be spoken in the district's words; and examples."""


@dataclass(frozen=True)
class Words:
    """A list of the rules as a table: which key of an item each column holds."""

    path: str
    table: Table
    needed: int = 0


def _roles(draft: Draft) -> list[tuple[str, str]]:
    return list(Role.choices)


def _rows(path: str, columns: tuple[Col, ...]) -> Any:
    def rows(draft: Draft) -> list[RowOfTexts]:
        return [_shown(item, columns, draft) for item in at(draft.base, path) or ()]

    return rows


def _shown(item: dict[str, Any], columns: tuple[Col, ...], draft: Draft) -> RowOfTexts:
    row: RowOfTexts = {"_code": item.get("code", "")}
    for column in columns:
        value = item.get(column.key)
        if column.key == "units":
            # In a change of rules these are the district's own units; in a new district, those that are called alike.
            own = dict(draft.unit_options())
            names = [
                own.get(code) if draft.district is not None else draft.unit_like(code) for code in value or ()
            ]
            row[column.key] = "、".join(dict.fromkeys(name for name in names if name))
        elif column.kind == "yes":
            row[column.key] = "是" if value else "否"
        elif column.kind == "choices":
            labels = dict(column.options(draft)) if column.options else {}
            row[column.key] = "、".join(labels.get(code, "") for code in value or ())
        elif column.kind == "choice":
            row[column.key] = dict(column.options(draft) if column.options else ()).get(str(value), "")
        elif column.kind == "words":
            row[column.key] = "、".join(value or ())
        else:
            row[column.key] = "" if value is None else str(value)
    return row


def _table(code: str, title: str, path: str, columns: tuple[Col, ...], help: str = "") -> Table:
    return Table(
        code, title, columns, help=help, initial=_rows(path, columns), needed=True, most=80,
        uploads=code in {"channels", "categories"},
    )  # fmt: skip


LABEL = Col(
    "label", "名称", 40, "", 24, needed=True, example="",
    aliases=("类别", "诉求类别", "类别名称", "渠道", "渠道名称", "分类", "等次"),
)  # fmt: skip
CHANNELS = (
    LABEL,
    Col("source", "来源说明", 60, "", 24, example="热线接听单位登记"),
    Col("public", "企业可用", 4, "企业自己在网上提交的渠道", 10, kind="yes", default="否", example="否"),
    Col("staff", "工作人员登记", 4, "", 12, kind="yes", default="是", example="是"),
    Col(
        "roles",
        "由谁登记",
        120,
        "角色，顿号隔开",
        30,
        kind="choices",
        options=_roles,
        example="单位联络员、调度员",
    ),
    Col("usual_for", "谁默认用它", 60, "须在“由谁登记”里", 20, kind="choices", options=_roles, example=""),
)
CATEGORIES = (
    LABEL,
    Col("hint", "说明", 60, "", 30, example="招工、稳岗"),
    Col(
        "units",
        "通常由谁主办",
        120,
        "单位简称，顿号隔开；只作建议",
        26,
        kind="choices",
        options=lambda draft: draft.unit_options(),
        example="",
    ),
    Col("examples", "例子", 200, "顿号隔开", 30, kind="words", example="一线操作工缺口大"),
    Col("element", "要素问题", 4, "", 10, kind="yes", default="否", example="是"),
    Col(
        "supply",
        "其他生产配套",
        4,
        "计入工作情况表的“其他生产配套服务”",
        12,
        kind="yes",
        default="否",
        example="否",
    ),
)
EFFECTS = (LABEL, Col("unit", "计量单位", 10, "", 12, needed=True, example="人"))
RANKS = (
    LABEL,
    Col(
        "order",
        "次序",
        3,
        "小者在先：一次走访的问题只计入在场的最高一类",
        8,
        needed=True,
        kind="number",
        example="1",
    ),
    Col("title_says_all", "公示只称职务", 4, "如“副区长”", 12, kind="yes", default="否", example="否"),
)
LEVELS = (LABEL, Col("satisfied", "计入满意", 4, "", 10, kind="yes", default="否", example="是"))
GROUNDS = (LABEL, Col("right_door", "应去哪里反映", 60, "", 30, needed=True, example="人民法院"))
VISIT_KINDS = (LABEL,)
EVENT_KINDS = (
    LABEL,
    Col("meeting", "计入座谈会", 4, "", 12, kind="yes", default="否", example="否"),
    Col("public", "提前公示", 4, "", 10, kind="yes", default="是", example="是"),
    Col(
        "weekday",
        "每周固定",
        6,
        "固定在星期几的才填",
        12,
        kind="choice",
        options=lambda draft: [(str(number), f"星期{name}") for number, name in enumerate("一二三四五六日")],
        example="",
    ),
)

ALL: tuple[Words, ...] = (
    Words("channels", _table("channels", "收集渠道", "channels", CHANNELS), 1),
    Words("categories", _table("categories", "诉求类别", "categories", CATEGORIES), 1),
    Words("effects", _table("effects", "办理成效", "effects", EFFECTS, "反馈时填写，工作情况表按它取数。")),
    Words("rank_groups", _table("ranks", "领导班子（职级）类别", "rank_groups", RANKS), 1),
    Words(
        "satisfaction",
        _table("satisfaction", "满意度", "satisfaction", LEVELS, "满意和不满意的等次都要有。"),
        2,
    ),
    Words("decline_grounds", _table("grounds", "不予受理的事由", "decline_grounds", GROUNDS), 1),
    Words("visits.kinds", _table("visit_kinds", "联系走访方式", "visits.kinds", VISIT_KINDS), 1),
    Words("events.kinds", _table("event_kinds", "活动类别", "events.kinds", EVENT_KINDS)),
)
WORDS_OF = {words.path: words for words in ALL}


def _own_wording(draft: Draft) -> dict[str, str]:
    """What a district that works says already; a new one does not take over how another one speaks."""
    own = draft.base.get("words", {}) if draft.district is not None else {}
    return {term: own.get(term, term) for term in TERMS}


WORDING = Fields(
    "wording",
    "页面用语",
    tuple(Field(term, f"{WORDING_OF[term][0]}叫什么", help=WORDING_OF[term][1], most=12) for term in TERMS),
    help="本县区另有说法的改过来，页面、公文、表格、通知里都这样写。",
    initial=_own_wording,
)


class WordsStep(Step):
    code, title, minutes = "words", "渠道、类别等词表", 4
    lead = "页面用语、渠道、类别、成效、职级、满意度……已按模板填好；说法不同的改名称，没有的删去，多的加上。"
    parts = (WORDING, *(words.table for words in ALL))
    needed = False
    for_change = True

    def look_at(self, draft: Draft, result: Result) -> None:
        for words in ALL:
            result.values[f"rules:{words.path}"] = self._items(words, draft, result)
        levels = result.values["rules:satisfaction"]
        if len({level.get("satisfied") for level in levels}) < 2:
            result.problems.append(Problem("满意和不满意的等次都要有", "satisfaction"))
        if not any(channel.get("public") for channel in result.values["rules:channels"]):
            result.problems.append(Problem("至少要有一个企业可用的渠道", "channels"))
        for number, channel in enumerate(result.values["rules:channels"]):
            if not set(channel.get("usual_for", ())) <= set(channel.get("roles", ())):
                result.problems.append(
                    Problem(
                        "须在“由谁登记”里", "channels", number, "usual_for", f"第 {number + 1} 行 谁默认用它"
                    )
                )
        for path in ("effects", "rank_groups"):
            self._still_used(path, draft, result)

    def _items(self, words: Words, draft: Draft, result: Result) -> list[dict[str, Any]]:
        """The template's items under the code they had, whether the row or its label says so, and new ones."""
        base = list(at(draft.base, words.path) or ())
        by_code = {item["code"]: item for item in base}
        by_label = {plain(item["label"]): item for item in base}
        texts = draft.rows(self.code, words.table)
        taken: set[str] = set()
        items = []
        for row in result.values[words.table.code]:
            label = row.get("label", "")
            if not label:
                continue
            number = row["_row"]
            known = by_code.get(str(texts[number].get("_code", ""))) or by_label.get(plain(label)) or {}
            code = str(known.get("code", ""))
            if code in taken:
                result.problems.append(
                    Problem(
                        "与前面一行重复",
                        words.table.code,
                        number,
                        "label",
                        where(texts[number], number, LABEL),
                    )
                )
                continue
            if not code:
                code = code_of(label, taken | set(by_code), "w", whole=True)
            taken.add(code)
            values = {column.key: row[column.key] for column in words.table.columns if column.key in row}
            if "weekday" in values:
                values["weekday"] = int(values["weekday"]) if values["weekday"] else None
            items.append(
                {**known, **{key: _plain_value(value) for key, value in values.items()}, "code": code}
            )
        return items

    def _still_used(self, path: str, draft: Draft, result: Result) -> None:
        """What the rows of the weekly form count by must not go: said here, where it went."""
        codes = {item["code"] for item in result.values[f"rules:{path}"]}
        name = "kind" if path == "effects" else "rank_group"
        for row in at(draft.base, "form.rows") or ():
            code = row.get("params", {}).get(name)
            if code and code not in codes and not draft.touched("weekly"):
                table = WORDS_OF[path].table
                result.problems.append(
                    Problem(
                        f"模板的工作情况表第 {row['no']} 行还要用删去的一项；请先在“工作情况表”一步改好",
                        table.code,
                        warning=True,
                    )
                )
                return

    def rules(self, draft: Draft) -> dict[str, Any]:
        values = draft.result(self).values
        found: dict[str, Any] = {
            "words": {term: own for term, own in values[WORDING.code].items() if own and own != term}
        }
        for words in ALL:
            *steps, last = words.path.split(".")
            place = found
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = values[f"rules:{words.path}"]
        return found

    def summary(self, draft: Draft) -> str:
        values = draft.result(self).values
        lists = [f"{words.table.title} {len(values[f'rules:{words.path}'])} 项" for words in ALL[:5]]
        own = [f"“{term}”写作“{word}”" for term, word in self.rules(draft)["words"].items()]
        return "，".join(lists + own)


def _plain_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
