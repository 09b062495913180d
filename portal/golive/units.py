"""Step 2: the units, their kinds, and the three that have a part of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError

from core.search import normalise
from portal.golive.cells import clean_any_phone
from portal.golive.draft import Draft, Result
from portal.golive.fields import Field, Fields
from portal.golive.step import Step
from portal.golive.tables import Col, Problem, RowOfTexts, Table, code_of, judge, plain, where
from portal.golive.unit_kinds import KIND_WORDS, KINDS, template_kinds


def clean_code(text: str) -> str:
    code = normalise(text).replace(" ", "").replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", code):
        raise ValidationError("只能用字母、数字和下划线，并以字母开头；可以留空，由系统生成")
    return code


def _kind_options(draft: Draft) -> list[tuple[str, str]]:
    return [
        (row["code"], row["label"]) for row in draft.of("units").values.get("kind_specs", [])
    ] or template_kinds(draft)


def _place_options(draft: Draft) -> list[tuple[str, str]]:
    return [(spec["key"], spec["name"]) for spec in draft.of("regions").values.get("specs", [])]


UNITS = Table(
    "units",
    "单位",
    (
        Col(
            "name",
            "单位名称",
            80,
            "全称，公文上这样写",
            34,
            needed=True,
            aliases=("单位全称", "名称", "单位", "部门名称", "全称"),
            example="西湖区经济和信息化局",
        ),
        Col(
            "short_name",
            "简称",
            30,
            "页面上这样写；不填按全称生成",
            16,
            aliases=("单位简称", "简写"),
            example="区经信局",
        ),
        Col(
            "kind",
            "类别",
            30,
            "见单位类别；不填按名称判断",
            16,
            aliases=("单位类别", "单位类型", "类型", "单位性质", "性质", "属性", "归类"),
            kind="choice",
            options=_kind_options,
            synonyms={},
            example="县直部门",
        ),
        Col(
            "parent",
            "上级单位",
            80,
            "服务窗口等才填：它收集的诉求计入上级单位",
            22,
            aliases=("上级", "主管单位", "所属单位"),
            example="",
        ),
        Col(
            "region",
            "所在乡镇（园区）",
            60,
            "乡镇、园区单位填；区直单位留空",
            18,
            aliases=(
                "所在乡镇",
                "所在乡镇街道",
                "乡镇",
                "所在地区",
                "所在区划",
                "所属乡镇",
                "所在镇街",
                "镇街",
                "所属镇街",
            ),
            kind="choice",
            options=_place_options,
            example="",
        ),
        Col(
            "public_phone",
            "对外电话",
            30,
            "公示用",
            18,
            aliases=(
                "电话",
                "公开电话",
                "联系电话",
                "办公电话",
                "值班电话",
                "咨询电话",
                "公示电话",
                "办公室电话",
            ),
            clean=clean_any_phone,
            example="0571-12345678",
        ),
        Col(
            "code",
            "代码",
            40,
            "可不填，由简称的拼音首字母生成",
            14,
            aliases=("单位代码", "编码"),
            clean=clean_code,
            example="",
        ),
    ),
    help="每行一个单位，次序即名单次序。",
    examples=(
        ("西湖区经济和信息化局", "区经信局", "直属部门", "", "", "0571-12345678", ""),
        ("城关镇人民政府", "城关镇", "乡镇（办事处）", "", "城关镇", "", ""),
        ("城关镇企业服务窗口", "城关镇窗口", "服务窗口", "城关镇", "城关镇", "", ""),
    ),
    needed=True,
    most=500,
)


def _units(draft: Draft) -> list[tuple[str, str]]:
    return draft.unit_options()


PARTS = Fields(
    "parts",
    "三个有专门职责的单位",
    (
        Field(
            "lead_bureau",
            "牵头单位",
            "choice",
            needed=True,
            options=_units,
            help="一口受理、交办、二次回访，如区科经局、区营商办",
        ),
        Field(
            "supervisor",
            "督查单位",
            "choice",
            needed=True,
            options=_units,
            help="逾期提请它督查，如纪委监委督查室、效能办",
        ),
        Field(
            "city_coordination",
            "向市里汇报对接的单位",
            "choice",
            needed=True,
            options=_units,
            help="如区营商环境办；没有专门单位的选牵头单位",
        ),
    ),
)


class Units(Step):
    code, title, minutes = "units", "单位", 8
    lead = "哪些单位报表、办诉求、开窗口。上传一张单位表，再指明牵头、督查和对接市里的单位。"
    parts = (UNITS, KINDS, PARTS)

    def look_at(self, draft: Draft, result: Result) -> None:
        self._kinds(draft, result)
        # Judged again now that the kinds are known: the table and the choice of the three depend on them.
        again, problems = _judged_units(draft, result)
        result.values["units"] = again
        result.problems = [one for one in result.problems if one.part not in {"units", "parts"}] + problems
        result.values["specs"] = self._specs(draft, again, result)
        draft.settle("units", result)
        result.values["parts"], problems = PARTS.judge(draft, draft.texts("units", PARTS))
        result.problems += problems

    def _kinds(self, draft: Draft, result: Result) -> None:
        """Each with its code: the template's for a word it knows, else one of its own."""
        rows = draft.rows(self.code, KINDS)
        labels = {plain(label): code for code, label in template_kinds(draft)}
        words = {plain(word): code for code, known in KIND_WORDS.items() for word in known}
        taken: set[str] = set()
        specs: list[dict[str, Any]] = []
        for row in result.values["kinds"]:
            label = row.get("label", "")
            if not label:
                continue
            code = rows[row["_row"]].get("_code") or labels.get(plain(label)) or words.get(plain(label), "")
            if not code or code in taken:
                code = code_of(label, taken, "k", whole=True)
            taken.add(code)
            if any(plain(spec["label"]) == plain(label) for spec in specs):
                result.problems.append(
                    Problem("类别重复", "kinds", row["_row"], "label", f"第 {row['_row'] + 1} 行 类别")
                )
            specs.append(row | {"code": code, "label": label})
        result.values["kind_specs"] = specs
        for use, words_of_use in (("reports", "报工作情况表"), ("handles", "可作主办")):
            if not any(spec.get(use) for spec in specs):
                result.problems.append(Problem(f"至少要有一类单位“{words_of_use}”", "kinds"))

    def _specs(self, draft: Draft, rows: list[dict[str, Any]], result: Result) -> list[dict[str, Any]]:
        """As they stand in units.toml: parents first, in the order of the table otherwise."""
        texts = draft.rows(self.code, UNITS)
        place = draft.of("regions").values["place"]
        taken = {row["code"] for row in rows if row.get("code")}
        names: dict[str, int] = {}
        codes: dict[str, int] = {}
        specs: list[dict[str, Any]] = []
        for number, row in enumerate(rows):
            name = row.get("name", "")
            if not name:
                continue
            row["short_name"] = row.get("short_name") or _short(name, place)
            self._once(texts, row, names, codes, number, result)
            if "kind" in row and not row["kind"]:
                place = where(texts[row["_row"]], row["_row"], UNITS.column("kind"))
                result.problems.append(Problem("请选择类别", "units", row["_row"], "kind", place))
            specs.append(
                {
                    "code": row.get("code") or code_of(row["short_name"], taken, "u"),
                    "name": name,
                    "short_name": row["short_name"],
                    "kind": row.get("kind", ""),
                    "region": row.get("region") or _home_of(row, draft),
                    "public_phone": row.get("public_phone", ""),
                    "order": len(specs) + 1,
                    "_row": row["_row"],
                    "_parent": row.get("parent", ""),
                }
            )
        known: dict[str, str] = {}
        for spec in specs:
            known.setdefault(plain(spec["name"]), spec["code"])
            known.setdefault(plain(spec["short_name"]), spec["code"])
        for spec in specs:
            self._find_parent(spec, known, texts, result)
        return _parents_first(specs, result)

    def _once(
        self,
        texts: list[RowOfTexts],
        row: dict[str, Any],
        names: dict[str, int],
        codes: dict[str, int],
        number: int,
        result: Result,
    ) -> None:
        checks = [("name", names, plain(row["name"])), ("code", codes, row.get("code", ""))]
        if plain(row["short_name"]) != plain(row["name"]):
            checks.append(("short_name", names, plain(row["short_name"])))
        for key, seen, value in checks:
            if not value:
                continue
            if value in seen and seen[value] != row["_row"]:
                first = seen[value]
                place = where(texts[row["_row"]], row["_row"], UNITS.column(key))
                result.problems.append(
                    Problem(f"与{where(texts[first], first)}重复", "units", row["_row"], key, place)
                )
            seen.setdefault(value, row["_row"])

    def _find_parent(
        self, spec: dict[str, Any], known: dict[str, str], texts: list[RowOfTexts], result: Result
    ) -> None:
        word = spec.pop("_parent")
        if not word:
            return
        parent = known.get(plain(word))
        if parent is None or parent == spec["code"]:
            why = "上级单位不能是自己" if parent else f"单位表里没有“{word[:30]}”"
            place = where(texts[spec["_row"]], spec["_row"], UNITS.column("parent"))
            result.problems.append(Problem(why, "units", spec["_row"], "parent", place))
            return
        spec["parent"] = parent

    def rules(self, draft: Draft) -> dict[str, Any]:
        values = draft.result(self).values
        kinds = values["kind_specs"]
        codes = {short: code for code, short in draft.unit_options()}
        # A choice's value is the unit's code already.
        chosen = {
            name: values["parts"].get(name, "") for name in ("lead_bureau", "supervisor", "city_coordination")
        }
        return chosen | {
            "unit_kinds": [{"code": kind["code"], "label": kind["label"]} for kind in kinds],
            "reporting_unit_kinds": [kind["code"] for kind in kinds if kind.get("reports")],
            "handling_unit_kinds": [kind["code"] for kind in kinds if kind.get("handles")],
            "roster": {
                "unit_kinds": [kind["code"] for kind in kinds if kind.get("roster")],
                "units": [chosen["lead_bureau"]] if chosen["lead_bureau"] in codes.values() else [],
            },
        }

    def summary(self, draft: Draft) -> str:
        values = draft.result(self).values
        specs = values.get("specs", [])
        kinds = len({spec["kind"] for spec in specs})
        lead = draft.lead_name()
        return f"{len(specs)} 个单位，{kinds} 类" + (f"；牵头单位：{lead}" if lead else "")


def _judged_units(draft: Draft, result: Result) -> tuple[list[dict[str, Any]], list[Problem]]:
    known = {spec["code"] for spec in result.values["kind_specs"]}
    synonyms = {word: code for code, words in KIND_WORDS.items() if code in known for word in words}
    draft.settle("units", result)
    columns = tuple(
        replace(column, synonyms=synonyms) if column.key == "kind" else column for column in UNITS.columns
    )
    return judge(replace(UNITS, columns=columns), draft.rows("units", UNITS), draft)


def _home_of(row: dict[str, Any], draft: Draft) -> str:
    """Where a unit lies that does not say it: by its name, a city unit in the city, else the district."""
    has_city = any(spec["key"] == "city" for spec in draft.of("regions").values.get("specs", []))
    if row.get("kind") == "city" and has_city:
        return "city"
    return _region_of(row["name"], draft) or "district"


def _short(name: str, place: dict[str, Any]) -> str:
    """The name without the district's and without 人民政府, as far as something is left."""
    district, city = str(place.get("name", "")), str(place.get("city", ""))
    for prefix in (district, district.removeprefix(city)):
        if prefix and name.startswith(prefix) and len(name) - len(prefix) >= 2:
            rest = name.removeprefix(prefix)
            name = prefix[-1] + rest if prefix[-1] in "区县市旗" else rest
            break
    return (re.sub(r"(?<=..)人民政府$", "", name) or name)[:30]


def _region_of(name: str, draft: Draft) -> str:
    """The township or park that stands in the unit's name."""
    for spec in draft.of("regions").values.get("specs", []):
        if spec["level"] in {"township", "park"} and spec["name"] in name:
            return str(spec["key"])
    return ""


def _parents_first(specs: list[dict[str, Any]], result: Result) -> list[dict[str, Any]]:
    done: dict[str, dict[str, Any]] = {}
    rest = specs
    while rest:
        ready = [spec for spec in rest if not spec.get("parent") or spec["parent"] in done]
        if not ready:
            names = "、".join(spec["short_name"] for spec in rest[:5])
            result.problems.append(Problem(f"上级单位绕成了圈：{names}", "units"))
            for spec in rest:
                spec.pop("parent", None)
            ready = rest
        done |= {spec["code"]: spec for spec in ready}
        rest = [spec for spec in rest if spec["code"] not in done]
    return list(done.values())
