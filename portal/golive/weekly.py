"""Step 6: the district's own weekly (or monthly) table, row by row with what counts it."""

from __future__ import annotations

from typing import IO, Any

from portal.golive import sources
from portal.golive.draft import Draft, Result, at
from portal.golive.fields import Field, Fields
from portal.golive.form_sheet import FormSheet, read_form
from portal.golive.step import Step
from portal.golive.tables import Col, Problem, RowOfTexts, Table, where

HEADS = ("head_no", "head_group", "head_item", "head_figure", "head_total")


def _heads(draft: Draft) -> dict[str, str]:
    """The template's heads, as the fields name them."""
    return dict(zip(HEADS, at(draft.base, "form.headers") or (), strict=False))


FORM = Fields(
    "form",
    "表头",
    (
        Field("title", "表名", "long", "form.title", "一行或两行，照原表", True),
        Field("unit_label", "单位栏的写法", path="form.unit_label", needed=True, help="如“填报单位”"),
        Field("note", "表头下的说明", path="form.note", help="如“此表由各有关单位填写，于每周四前反馈至区科经局”"),
        Field("contact", "联系方式", path="form.contact", help="接在说明后面；可以不写"),
        Field("head_no", "第 1 栏", needed=True, most=30),
        Field("head_group", "第 2 栏", needed=True, most=30),
        Field("head_item", "第 3 栏", needed=True, most=30),
        Field("head_figure", "第 4 栏", needed=True, most=30),
        Field("head_total", "第 5 栏（累计）", help="原表没有累计栏的留空", most=30),
    ),
    initial=_heads,
)  # fmt: skip


def _source_options(draft: Draft) -> list[tuple[str, str]]:
    return [(one.code, one.label) for one in sources.choices(draft)]


def _form_rows(draft: Draft) -> list[RowOfTexts]:
    labels = dict(_source_options(draft))
    rows = []
    for row in at(draft.base, "form.rows") or ():
        rows.append(
            {
                "group": row.get("group", ""),
                "item": row["item"],
                "mark": row.get("mark", ""),
                "source": labels.get(sources.code_of_row(row), labels[sources.HAND]),
                "formula": "+".join(map(str, row.get("formula", ()))),
                "state": "是" if row.get("kind") == "state" else "否",
                "decimals": "否" if row.get("whole_number", True) else "是",
            }
        )
    return rows


ROWS = Table(
    "rows",
    "各行",
    (
        Col("group", "分组", 60, "同组相邻的行合并单元格", 22, example="走访情况"),
        Col("item", "工作内容", 80, "照原表，带单位", 34, needed=True, example="走访企业（家）"),
        Col("mark", "标记", 4, "A、B 或 A+B，没有的留空", 8, example=""),
        Col(
            "source",
            "怎样取数",
            60,
            "",
            30,
            needed=True,
            kind="choice",
            options=_source_options,
            example="手工填报",
        ),
        Col("formula", "哪几行相加", 40, "合计才填，如 15+16", 14, example=""),
        Col("state", "期末数", 4, "截止时的状态，不逐期累加", 10, kind="yes", default="否", example="否"),
        Col("decimals", "有小数", 4, "", 10, kind="yes", default="否", example="否"),
    ),
    initial=_form_rows,
    needed=True,
    uploads=False,
    most=200,
)


class Weekly(Step):
    code, title, minutes = "weekly", "工作情况表", 8
    lead = "上传本县区的报表样表（Excel），系统认出各行，并按措辞为每行猜一个取数办法；请逐行核对。"
    parts = (ROWS, FORM)
    needed = False
    for_change = True
    page = "portal/setup_weekly.html"

    def look_at(self, draft: Draft, result: Result) -> None:
        texts = draft.rows(self.code, ROWS)
        place_of = {row["_row"]: number for number, row in enumerate(result.values["rows"], 1)}
        result.values["specs"] = [
            self._spec(row, place_of[row["_row"]], len(place_of), texts, result)
            for row in result.values["rows"]
        ]
        sums = {spec["no"] for spec in result.values["specs"] if spec.get("source") == "formula"}
        for row, spec in zip(result.values["rows"], result.values["specs"], strict=True):
            if sums & set(spec.get("formula", ())):
                self._wrong(result, texts, row["_row"], "formula", "合计不能再由合计相加，请写到最细的各行")

    def _spec(
        self, row: dict[str, Any], no: int, count: int, texts: list[RowOfTexts], result: Result
    ) -> dict[str, Any]:
        spec: dict[str, Any] = {"no": no, "group": row.get("group", ""), "item": row.get("item", "")}
        mark = str(row.get("mark", "")).upper().replace("＋", "+")
        if mark not in {"", "A", "B", "A+B"}:
            self._wrong(result, texts, row["_row"], "mark", "只能是 A、B 或 A+B")
            mark = ""
        spec["mark"] = mark
        spec["whole_number"] = not row.get("decimals")
        if row.get("source"):
            spec |= sources.meaning(row["source"])
        numbers = sources.numbers(str(row.get("formula", "")))
        if row.get("source") == sources.SUM:
            spec["formula"] = list(numbers)
            if not numbers:
                self._wrong(result, texts, row["_row"], "formula", "合计要写明由哪几行相加，如 15+16")
            elif bad := [number for number in numbers if not 1 <= number <= count or number == no]:
                self._wrong(result, texts, row["_row"], "formula", f"没有第 {bad[0]} 行，或指向自己")
        elif numbers and row.get("source"):
            self._wrong(
                result, texts, row["_row"], "formula", "不是合计的行不填；要相加，把取数办法选成“合计”"
            )
        elif row.get("source") == sources.HAND:
            spec["kind"] = "state" if row.get("state") else "flow"
        return spec

    def _wrong(self, result: Result, texts: list[RowOfTexts], number: int, key: str, text: str) -> None:
        place = where(texts[number], number, ROWS.column(key))
        result.problems.append(Problem(text, "rows", number, key, place))

    def rules(self, draft: Draft) -> dict[str, Any]:
        values = draft.result(self).values
        form = values["form"]
        heads = [form.get(name, "") for name in HEADS]
        return {
            "form": {
                "title": form.get("title", ""),
                "unit_label": form.get("unit_label", ""),
                "note": form.get("note", ""),
                "contact": form.get("contact", ""),
                "headers": [head for head in heads if head] if all(heads[:4]) else heads[:4],
                "rows": values["specs"],
            }
        }

    def summary(self, draft: Draft) -> str:
        specs = draft.result(self).values["specs"]
        counted = sum(1 for spec in specs if spec.get("source") == "indicator")
        hand = sum(1 for spec in specs if spec.get("source") == "hand")
        return f"{len(specs)} 行：自动取数 {counted}，合计 {len(specs) - counted - hand}，手工 {hand}"


def take_form(draft: Draft, file: IO[bytes]) -> tuple[dict[str, Any], list[str]]:
    """An uploaded form as the step's texts, every row with a guess and its reason; and the columns left out."""
    form = read_form(file)
    guesser = sources.Guesser(draft)
    labels = dict(_source_options(draft))
    texts = {"rows": [_row_of(line, guesser, labels) for line in form.lines], "form": _head_of(form)}
    return texts, form.left


def _row_of(line: Any, guesser: sources.Guesser, labels: dict[str, str]) -> RowOfTexts:
    summed = sources.Guess(sources.SUM, line.why, "高") if line.formula else None
    guess = summed or guesser.guess(line.item, line.group)
    meaning = sources.meaning(guess.code)
    return {
        "group": line.group[:60],
        "item": line.item[:80],
        "mark": line.mark,
        "source": labels[guess.code],
        "formula": "+".join(map(str, line.formula)),
        "state": "是" if meaning.get("kind") == "state" else "否",
        "decimals": "否" if sources.whole_number(line.item) else "是",
        "_why": guess.why,
        "_sure": guess.sure,
        "_guess": labels[guess.code],
    }


def _head_of(form: FormSheet) -> dict[str, str]:
    heads = dict(zip(HEADS, form.headers, strict=False))
    return {
        "title": form.title,
        "unit_label": form.unit_label,
        "note": form.note,
        "contact": "",
        "head_total": "",
        **heads,
    }
