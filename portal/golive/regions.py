"""Step 1: where the district lies, and its townships and parks."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from core.search import normalise
from districts.models import DistrictProfile, Region
from portal.golive.draft import Draft, Result
from portal.golive.fields import Field, Fields
from portal.golive.step import Step
from portal.golive.tables import Col, Problem, Table, code_of, plain, where

LEVELS = {
    "township": (
        "乡镇（街道）",
        (
            "乡",
            "镇",
            "街道",
            "乡镇",
            "街道办",
            "办事处",
            "乡镇街道",
            "乡镇办",
            "乡镇（办事处）",
            "苏木",
            "建制镇",
            "集镇",
            "街道办事处",
            "乡级",
            "township",
        ),
    ),
    "park": ("开发园区", ("园区", "开发区", "经开区", "高新区", "工业园", "产业园", "park")),
}


def clean_region_code(text: str) -> str:
    code = normalise(text).replace(" ", "")
    if not code.isdecimal() or not code.isascii() or len(code) not in {6, 9, 12}:
        raise ValidationError("区划代码应为 6、9 或 12 位数字，没有的留空")
    return code


PLACE = Fields(
    "place",
    "县区",
    (
        Field(
            "code",
            "县区代码",
            help="6 位行政区划代码，如 330106；公众网址用它",
            needed=True,
            pattern=r"^\d{6}$",
            wrong="应为 6 位数字，如 330106。",
            clean=lambda text: normalise(text).replace(" ", ""),
            most=20,
        ),
        Field("name", "县区名称", help="全称，如“杭州市西湖区”；页面和公文上这样写", needed=True, most=60),
        Field("city", "所在设区市", help="如“杭州市”；直辖市、省直辖县的留空", most=60),
        Field("province", "所在省（自治区、直辖市）", help="如“浙江省”", needed=True, most=60),
    ),
)
PLACE_LABELS = {field.name: field.label for field in PLACE.fields}
PLACES = Table(
    "townships",
    "乡镇（街道）和园区",
    (
        Col(
            "name",
            "名称",
            60,
            "如“城关镇”",
            24,
            needed=True,
            aliases=("乡镇", "乡镇街道", "区划名称", "乡镇名称", "园区", "单位名称"),
            example="城关镇",
        ),
        Col(
            "level",
            "类型",
            20,
            "乡镇（街道）或开发园区；不填按名称判断",
            18,
            aliases=("类别", "层级", "级别"),
            kind="choice",
            options=lambda draft: [(code, label) for code, (label, _) in LEVELS.items()],
            synonyms={word: code for code, (_, words) in LEVELS.items() for word in words},
            example="乡镇（街道）",
        ),
        Col(
            "code",
            "区划代码",
            12,
            "9 位或 12 位，没有的留空；园区一般没有",
            18,
            aliases=("代码", "行政区划代码", "区划码"),
            clean=clean_region_code,
            example="",
        ),
    ),
    help="每行一个。企业按乡镇、园区归属；没有的类型可以不填。",
    examples=(("城关镇", "乡镇（街道）", ""), ("县经济开发区", "开发园区", "")),
    most=200,
)


class Regions(Step):
    code, title, minutes = "regions", "区划", 3
    lead = "县区叫什么、在哪个市、有哪些乡镇街道和园区。"
    parts = (PLACE, PLACES)

    def look_at(self, draft: Draft, result: Result) -> None:
        place = result.values["place"]
        code = place.setdefault("code", "")
        result.values["specs"] = self._specs(draft, place, result)
        if code and "name" in place:
            result.problems += _clashes(result.values["specs"], code)

    def _specs(self, draft: Draft, place: dict[str, Any], result: Result) -> list[dict[str, Any]]:
        """As they stand in regions.toml: parents first, each with a key of its own."""
        code = place.get("code", "")
        specs: list[dict[str, Any]] = []
        parent = None
        if place.get("province"):
            specs.append(
                {"key": "province", "name": place["province"], "level": "province", "code": code[:2] + "0000"}
            )
            parent = "province"
        if place.get("city"):
            specs.append(
                {
                    "key": "city",
                    "name": place["city"],
                    "level": "city",
                    "code": code[:4] + "00",
                    "parent": parent,
                }
            )
            parent = "city"
        if place.get("name"):
            specs.append(
                {
                    "key": "district",
                    "name": place["name"],
                    "level": "district",
                    "code": code,
                    "parent": parent,
                }
            )
        taken = {"province", "city", "district"}
        seen: dict[str, int] = {}
        codes: dict[str, int] = {}
        texts = draft.rows(self.code, PLACES)
        for row in result.values["townships"]:
            number, name = row["_row"], row.get("name", "")
            if not name:
                continue
            for kept, value, key in ((seen, plain(name), "name"), (codes, row.get("code", ""), "code")):
                if value and value in kept:
                    first = kept[value]
                    cell = where(texts[number], number, PLACES.column(key))
                    result.problems.append(
                        Problem(f"与{where(texts[first], first)}重复", "townships", number, key, cell)
                    )
                elif value:
                    kept[value] = number
            level = row.get("level") or (
                "park"
                if any(
                    word in name
                    for word in ("园", "开发区", "高新区", "集中区", "工业区", "产业", "示范区", "新区")
                )
                else "township"
            )
            spec = {
                "key": code_of(name, taken, "r", whole=True),
                "name": name,
                "level": level,
                "parent": "district",
            }
            if row.get("code"):
                spec["code"] = row["code"]
            specs.append(spec)
        return specs

    def summary(self, draft: Draft) -> str:
        values = draft.result(self).values
        place = values["place"]
        specs = values.get("specs", [])
        parks = sum(1 for spec in specs if spec["level"] == "park")
        towns = sum(1 for spec in specs if spec["level"] == "township")
        return f"{place.get('name', '')}（{place.get('code', '')}），{towns} 个乡镇街道，{parks} 个园区"


def _advice(region: Region, spec: dict[str, Any]) -> str:
    """What to write instead; another place altogether means another code."""
    if region.level == spec["level"] and spec["name"] in region.name:
        return f"请把“{spec['name']}”写成“{region.name}”"
    return f"不是“{spec['name']}”：请核对县区代码的前几位，或改名称"


def _clashes(specs: list[dict[str, Any]], code: str) -> list[Problem]:
    """What the installation knows already must not be renamed or moved by a newcomer."""
    problems: list[Problem] = []
    wanted = {spec["code"]: spec for spec in specs if spec.get("code")}
    known = {
        region.code: region for region in Region.objects.filter(code__in=wanted).select_related("parent")
    }
    own = known.get(code)
    if own is not None and DistrictProfile.objects.filter(district=own).exists():
        problems.append(
            Problem(f"{own.name}（{code}）已经上线，不能再建一次", "place", None, "code", "县区代码")
        )
    for region_code, region in known.items():
        spec = wanted[region_code]
        level = spec["level"]
        field = {"province": "province", "city": "city", "district": "name"}.get(level, "")
        if region.level != level or (field and region.name != spec["name"]):
            problems.append(
                Problem(
                    f"代码 {region_code} 已登记为“{region.name}”，{_advice(region, spec)}",
                    "place",
                    None,
                    field or "code",
                    PLACE_LABELS[field or "code"],
                )
            )
        elif not field and (own is None or region.parent_id != own.pk):
            problems.append(
                Problem(
                    f"代码 {region_code} 已登记为{region.parent}的“{region.name}”",
                    "townships",
                    None,
                    "code",
                    f"{spec['name']} 区划代码",
                )
            )
    return problems
