"""Step 3: who holds which office, and who gets an account in which role."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Role, User
from core.search import normalise
from core.wording import spoken
from portal.golive.cells import clean_any_phone
from portal.golive.draft import Draft, Result
from portal.golive.step import Step
from portal.golive.tables import Col, Problem, Table, code_of, plain, where

ROLE_WORDS = {
    Role.CADRE: (
        "联企干部",
        "包保干部",
        "挂钩干部",
        "挂包干部",
        "挂联干部",
        "结对干部",
        "帮扶干部",
        "帮企干部",
        "联系干部",
        "包联干部",
        "助企干部",
        "服务专员",
        "干部",
        "联企专员",
        "助企专员",
        "服务企业专员",
        "驻企专员",
        "联络专员",
    ),
    Role.WINDOW: ("服务窗口", "窗口", "窗口人员", "窗口工作人员"),
    Role.LIAISON: ("单位联络员", "联络员", "联络人", "经办人", "承办人", "单位经办"),
    Role.SECTION_HEAD: ("科室负责人", "科长", "股长", "科室主任"),
    Role.DEPUTY_LEADER: ("单位分管负责人", "分管负责人", "分管领导", "分管局长", "副职"),
    Role.UNIT_LEADER: (
        "单位负责人",
        "主要负责人",
        "单位主要负责人",
        "一把手",
        "局长",
        "单位领导",
        "部门负责人",
        "单位主要领导",
        "主要领导",
    ),
    Role.DISPATCHER: (
        "调度员",
        "受理员",
        "交办员",
        "分办员",
        "牵头单位调度员",
        "总调度",
        "专班人员",
        "受理",
        "受理交办",
        "受理人员",
        "交办",
    ),
    Role.BUREAU_LEADER: ("牵头局负责人", "牵头单位负责人", "专班负责人"),
    Role.DISTRICT_LEADER: ("区领导", "县领导", "市领导", "区县领导", "县区领导", "党政领导"),
    Role.SUPERVISOR: ("督查", "督查员", "督查人员", "督办员"),
    Role.ADMIN: ("系统管理员", "管理员", "平台管理员"),
}
SYNONYMS = {word: role.value for role, words in ROLE_WORDS.items() for word in words}
RANKS = {
    "district_leaders": ("区领导", "县领导", "市领导", "县级领导", "区级领导", "四大班子", "县区领导", "四套班子"),
    "unit_leaders": (
        "部门领导", "单位领导", "乡镇领导", "镇街领导", "科级领导", "县级部门领导", "区级部门领导", "部门乡镇领导",
    ),
    "city_leaders": ("市级领导", "市直部门领导", "市直单位领导"),
    "staff": ("一般干部", "干部", "工作人员", "其他", "其他人员", "职工"),
}  # fmt: skip
"""Words for the usual leadership groups, whatever the template calls them."""
USERNAME = re.compile(r"[A-Za-z0-9_.@-]{3,40}", re.ASCII)
COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "司徒",
    "东方",
    "独孤",
    "南宫",
    "长孙",
    "端木",
)


def clean_username(text: str) -> str:
    name = normalise(text).replace(" ", "")
    if not USERNAME.fullmatch(name):
        raise ValidationError("登录名只能用 3 至 40 个字母、数字和 . _ - @；可以留空，由系统按姓名拼音生成")
    return name


def _unit_options(draft: Draft) -> list[tuple[str, str]]:
    """By full and short name: the same code may be offered under both."""
    specs = draft.of("units").values.get("specs", [])
    short = [(spec["code"], spec["short_name"]) for spec in specs]
    known = {plain(name) for _, name in short}
    return short + [(spec["code"], spec["name"]) for spec in specs if plain(spec["name"]) not in known]


PEOPLE = Table(
    "people",
    "人员",
    (
        Col(
            "name",
            "姓名",
            50,
            "",
            12,
            needed=True,
            aliases=("人员姓名", "干部姓名", "领导姓名"),
            example="张某某",
        ),
        Col(
            "unit",
            "单位",
            80,
            "单位表里的全称或简称",
            22,
            needed=True,
            aliases=("所在单位", "工作单位", "单位名称", "部门"),
            kind="choice",
            options=_unit_options,
            example="区经信局",
        ),
        Col(
            "title",
            "职务",
            60,
            "如“副局长”；不填写作“负责人”或“工作人员”",
            20,
            aliases=("职务职级", "现任职务", "岗位"),
            example="副局长",
        ),
        Col(
            "rank",
            "领导班子类别",
            30,
            "走访时按它统计；不填为最后一类",
            24,
            aliases=("职级类别", "班子类别", "领导类别", "类别"),
            kind="choice",
            options=lambda draft: draft.options("rank_groups"),
            synonyms={word: code for code, words in RANKS.items() for word in words},
            example="",
        ),
        Col(
            "mobile",
            "手机",
            30,
            "11 位；公示牌、找人用",
            16,
            aliases=("手机号", "手机号码", "联系电话", "移动电话", "电话", "联系方式"),
            clean=clean_any_phone,
            private=True,
            example="138****1234",
        ),
        Col(
            "office_phone",
            "办公电话",
            30,
            "区号-号码",
            18,
            aliases=("办公号码", "座机", "固定电话"),
            clean=clean_any_phone,
            example="",
        ),
        Col(
            "is_head",
            "是否负责人",
            4,
            "本单位主要负责人填“是”",
            12,
            aliases=("负责人", "主要负责人", "是否主要负责人"),
            kind="yes",
            example="否",
        ),
        Col(
            "roles",
            "角色",
            100,
            "要登录的才填，几个用顿号隔开：联企干部、服务窗口、单位联络员、科室负责人、单位分管负责人、单位负责人、调度员、牵头局负责人、区领导、督查、系统管理员",
            26,
            aliases=("系统角色", "账号角色", "平台角色", "权限"),
            kind="choices",
            options=lambda draft: list(Role.choices),
            synonyms=SYNONYMS,
            example="单位联络员、联企干部",
        ),
        Col(
            "username",
            "登录名",
            40,
            "可不填，由姓名拼音生成；不设初始密码，上线后发一次性链接",
            16,
            aliases=("账号", "用户名", "登录账号"),
            clean=clean_username,
            example="",
        ),
    ),
    help="领导干部、联企干部都写上；要登录的再写角色。同一人兼两处职务，写两行，角色只写在一行。",
    examples=(
        ("张某某", "区经信局", "局长", "", "", "0571-12345678", "是", "牵头局负责人", ""),
        ("李某某", "区经信局", "科员", "", "13800000000", "", "否", "调度员、系统管理员", ""),
        ("王某某", "城关镇", "副镇长", "", "13900000000", "", "否", "单位联络员、联企干部", ""),
    ),
    needed=True,
    most=2000,
)


class People(Step):
    code, title, minutes = "people", "人员和账号", 8
    lead = spoken("领导班子、联企干部、各单位经办人。一张表，写明单位、职务；要登录的写角色。")
    parts = (PEOPLE,)

    def look_at(self, draft: Draft, result: Result) -> None:
        texts = draft.rows(self.code, PEOPLE)
        rows = [row for row in result.values["people"] if row.get("name") and row.get("unit")]
        ranks = draft.options("rank_groups")
        taken: set[str] = set()
        seen: dict[tuple[str, str, str], int] = {}
        asked: dict[str, int] = {}
        specs: list[dict[str, Any]] = []

        def wrong(row: dict[str, Any], key: str, text: str, warning: bool = False) -> None:
            number = row["_row"]
            place = where(texts[number], number, PEOPLE.column(key))
            result.problems.append(Problem(text, "people", number, key, place, warning))

        for row in rows:
            number = row["_row"]
            key = (plain(row["name"]), row["unit"], row.get("title", ""))
            if key in seen:
                wrong(row, "name", f"与{where(texts[seen[key]], seen[key])}重复：同一人、同一单位、同一职务")
            seen.setdefault(key, number)
            if row.get("username"):
                if row["username"] in asked:
                    first = asked[row["username"]]
                    wrong(row, "username", f"与{where(texts[first], first)}的登录名相同")
                asked.setdefault(row["username"], number)
                if not row.get("roles"):
                    wrong(row, "roles", "写了登录名的要写角色")
            specs.append(dict(row))
        others = User.objects.filter(username__in=asked)
        if draft.loading_into:
            others = others.exclude(unit__district__code=draft.loading_into)
        used = set(others.values_list("username", flat=True))
        for row in specs:
            if row.get("username") in used:
                wrong(row, "username", "这个登录名已经有人用，请换一个或留空")
        taken |= set(asked) | set(
            User.objects.filter(username__regex=r"^[a-z]").values_list("username", flat=True)
        )
        for row in specs:
            row["title"] = row.get("title") or ("负责人" if row.get("is_head") else "工作人员")
            row["rank_group"] = row.get("rank") or (ranks[-1][0] if ranks else "")
            if row.get("roles") and not row.get("username"):
                row["username"] = code_of(row["name"], taken, "yh", whole=True)
                if len(row["username"]) < 3:
                    row["username"] = code_of(row["name"] + "yh", taken, "yh", whole=True)
        for own in persons(specs).values():
            for row in [row for row in own if row.get("roles")][1:]:
                wrong(row, "roles", "同一人只开一个账号：角色只写在一行")
        result.values["specs"] = specs
        self._who_is_missing(draft, specs, result, wrong)

    def _who_is_missing(self, draft: Draft, specs: list[dict[str, Any]], result: Result, wrong: Any) -> None:
        if not specs:
            return
        lead = draft.of("units").values.get("parts", {}).get("lead_bureau", "")
        have = {(row["unit"], role) for row in specs for role in row.get("roles", ())}
        roles = {role for _, role in have}
        if Role.ADMIN not in roles:
            result.problems.append(Problem("没有系统管理员：至少一人的角色里要有“系统管理员”", "people"))
        if lead and (lead, Role.DISPATCHER) not in have:
            name = dict(draft.unit_options()).get(lead, "牵头单位")
            result.problems.append(Problem(f"{name}没有调度员：没有人受理和交办诉求", "people"))
        for row in specs:
            bureau_only = {Role.DISPATCHER, Role.BUREAU_LEADER} & set(row.get("roles", ()))
            if lead and bureau_only and row["unit"] != lead:
                wrong(row, "roles", f"“{Role(min(bureau_only)).label}”只能是牵头单位的人")
        handling = {
            kind["code"] for kind in draft.of("units").values.get("kind_specs", []) if kind.get("handles")
        }
        desk = {Role.LIAISON, Role.UNIT_LEADER, Role.DEPUTY_LEADER, Role.DISPATCHER}
        without = [
            unit["short_name"]
            for unit in draft.of("units").values.get("specs", [])
            if unit["kind"] in handling and not any((unit["code"], role) in have for role in desk)
        ]
        if without:
            shown = "、".join(without[:8]) + (f"等 {len(without)} 个" if len(without) > 8 else "")
            result.problems.append(
                Problem(
                    f"这些单位没有联络员、负责人的账号，诉求交办过去没人接：{shown}", "people", warning=True
                )
            )

    def summary(self, draft: Draft) -> str:
        specs = draft.result(self).values.get("specs", [])
        accounts = sum(1 for row in specs if row.get("roles"))
        return f"{len(persons(specs))} 人，{accounts} 个账号"


def persons(specs: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The rows of each person: the same name with the same mobile, or, without one, in the same unit."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in specs:
        key = (plain(row["name"]), row.get("mobile") or row["unit"])
        found.setdefault(key, []).append(row)
    return found


def split_name(name: str) -> tuple[str, str]:
    """Family and given name."""
    bare = name.replace(" ", "").replace("　", "")
    cut = 2 if bare.startswith(COMPOUND) and len(bare) > 2 else 1
    return bare[:cut], bare[cut:]
