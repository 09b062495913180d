"""The kinds of units: the usual ones by the words people use, and a district's own."""

from __future__ import annotations

import re

from portal.golive.draft import Draft
from portal.golive.tables import Col, RowOfTexts, Table, plain, unknown_words

KIND_WORDS = {
    "leading": ("领导机关", "党政办", "四大班子"),
    "judicial": ("法院、检察院", "法检", "法院", "检察院", "政法"),
    "supervision": ("督查机构", "督查", "纪检监察", "效能"),
    "department": (
        "区直部门",
        "县直部门",
        "市直部门",
        "直属部门",
        "部门",
        "职能部门",
        "区直单位",
        "县直单位",
        "区级部门",
        "县级部门",
        "直属单位",
    ),
    "federation": ("工商联、群团", "群团", "工商联", "人民团体", "群团组织"),
    "park": ("开发园区", "园区", "开发区", "经开区", "高新区"),
    "township": (
        "乡镇（办事处）",
        "乡镇（街道）",
        "乡镇街道",
        "乡镇",
        "街道",
        "乡",
        "镇",
        "街道办",
        "乡镇办",
    ),
    "window": ("服务窗口", "窗口"),
    "city": ("市有关单位", "市直单位", "市级单位", "市级部门"),
}
"""Words people use for the usual kinds, whatever the template calls them."""


def template_kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(item["code"], item["label"]) for item in draft.base.get("unit_kinds", ())]


def _kind_rows(draft: Draft) -> list[RowOfTexts]:
    base = draft.base
    uses = {"reports": "reporting_unit_kinds", "handles": "handling_unit_kinds"}
    rosters = base.get("roster", {}).get("unit_kinds", ())
    rows = []
    for item in base.get("unit_kinds", ()):
        row: RowOfTexts = {"label": item["label"], "_code": item["code"]}
        row |= {key: "是" if item["code"] in base.get(use, ()) else "否" for key, use in uses.items()}
        rows.append(row | {"roster": "是" if item["code"] in rosters else "否"})
    return rows


KINDS = Table(
    "kinds",
    "单位类别",
    (
        Col("label", "类别", 30, "单位表里的类别", 22, needed=True, example="县直部门"),
        Col("reports", "报工作情况表", 4, "每期填报工作情况表", 14, kind="yes", default="是", example="是"),
        Col("handles", "可作主办", 4, "诉求可以交办给这类单位", 12, kind="yes", default="是", example="是"),
        Col(
            "roster",
            "建企业底册",
            4,
            "每半年更新本地企业底册，一般是乡镇和园区",
            12,
            kind="yes",
            default="否",
            example="否",
        ),
    ),
    help="上传单位表时，没见过的类别会自动加在这里；都写了上级单位的类别（如内设科室），先按不报表、不主办。请核对后三列。",
    initial=_kind_rows,
    uploads=False,
    most=30,
)
KIND_BY_NAME = (
    ("window", r"窗口"),
    ("park", r"园区|开发区|高新区|产业园|工业园|集中区|工业区|示范区|管委会|管理委员会"),
    ("judicial", r"法院|检察院"),
    ("supervision", r"督查|督导|监察|纪委|纪律检查|效能"),
    ("federation", r"工商联|工商业联合会|总工会|团区委|团县委|共青团|妇联|妇女联合会|科协|残联"),
    ("leading", r"委员会办公室$|委办$|政府办公室|政府办$|人大|政协"),
    ("township", r"[乡镇](人民政府|政府)?$|街道|办事处"),
    ("department", r"."),
)
"""What kind a unit is by its name, where the sheet does not say it."""


def with_kinds(draft: Draft, rows: list[RowOfTexts]) -> list[RowOfTexts]:
    """The rows of a sheet; a unit without a kind gets the one its name speaks of, to be looked at."""
    labels = {row.get("_code"): str(row["label"]) for row in draft.rows("units", KINDS)}
    found = []
    for row in rows:
        name = str(row.get("name", "")).strip()
        if name and not str(row.get("kind", "")).strip():
            code = next(code for code, pattern in KIND_BY_NAME if re.search(pattern, name))
            row = {**row, "kind": labels.get(code) or KIND_WORDS[code][0]}
        found.append(row)
    return found


def new_kinds(draft: Draft, units: Table, rows: list[RowOfTexts]) -> list[RowOfTexts]:
    """The kinds in the words of the uploaded units: a usual one is called as they call it, others are added."""
    kinds = [dict(row) for row in draft.rows("units", KINDS)]
    usual = {plain(word): code for code, words in KIND_WORDS.items() for word in words}
    words_of: dict[str, list[str]] = {}
    added = []
    for word in unknown_words(units, "kind", rows, draft):
        code = usual.get(plain(word), "")
        if code and any(row.get("_code") == code for row in kinds):
            words_of.setdefault(code, []).append(word)
            continue
        takes_part = "否" if "窗口" in word or _only_below(word, rows) else "是"
        keeps_firms = "是" if takes_part == "是" and re.search(r"[乡镇园]|街道|开发区", word) else "否"
        added.append(
            {"label": word[:30], "reports": takes_part, "handles": takes_part, "roster": keeps_firms}
        )
    for row in kinds:
        # Two words for one kind (乡镇, 街道): the template's own word says both.
        if len(called := words_of.get(str(row.get("_code")), [])) == 1:
            row["label"] = called[0][:30]
    # What the template has and no unit here is: it would only stand in the way.
    words = {plain(str(row.get("kind", ""))) for row in rows}
    used = words | {plain(str(row["label"])) for row in kinds if row.get("_code") in words_of}
    known = {code for word, code in usual.items() if word in words}
    kept = [
        row
        for row in kinds
        if plain(str(row["label"])) in used or row.get("_code") in known or "_code" not in row
    ]
    return [*kept, *added]


def _only_below(word: str, rows: list[RowOfTexts]) -> bool:
    """Whether all units of that kind belong to another one, which reports and handles for them."""
    return all(
        str(row.get("parent", "")).strip() for row in rows if plain(str(row.get("kind", ""))) == plain(word)
    )
