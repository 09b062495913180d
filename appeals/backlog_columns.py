"""The columns of the 存量问题清单 in Excel: how a cell is read, and how an item fills a row."""

from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError

from appeals.backlog_rules import CHOICES
from appeals.models import BacklogItem
from core import clock
from core.search import normalise
from core.sheets import Column, clean_amount, clean_day
from core.wording import spoken
from core.xlsx import cell_text
from enterprises.models import Enterprise
from enterprises.uscc import clean_code

Source, Classification, Route = BacklogItem.Source, BacklogItem.Classification, BacklogItem.Route


def _number(text: str) -> str:
    digits = normalise(text).removeprefix("第").removesuffix("号").strip()
    if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:12]) < 2**31):
        raise ValidationError("应为清单编号；新的问题请留空")
    return str(int(digits))


def _one_of(choices: Mapping[str, str]) -> Callable[[str], str]:
    def clean(text: str) -> str:
        found = choices.get(normalise(text).replace(" ", ""))
        if found is None:
            raise ValidationError(f"没有“{text[:30]}”这一项，请从下拉框选择")
        return found

    return clean


_SOURCES = {
    **{label: code for code, label in Source.choices},
    **{label.removesuffix("案件"): code for code, label in Source.choices if label.endswith("案件")},
    "诉求": Source.APPEAL.value, "企业诉求": Source.APPEAL.value, "政策": Source.POLICY.value,
    "合同": Source.CONTRACT.value, "协议": Source.CONTRACT.value, "复议": Source.RECONSIDERATION.value,
    "复议案件": Source.RECONSIDERATION.value, "调解": Source.MEDIATION.value, "平台": Source.PLATFORM.value,
    "12345热线": Source.PLATFORM.value, "商会": Source.CHAMBER.value,
}  # fmt: skip
_CLASSES = {
    word: code
    for code, label in Classification.choices
    for word in (
        label,
        label.removesuffix("类"),
        f"{label.removesuffix('类')}化解",
        f"{label.removesuffix('类')}兑现",
    )
}
_ROUTES = {
    **{label: code for code, label in Route.choices},
    **{label.removeprefix("行政"): code for code, label in Route.choices},
}

COLUMNS = (
    Column("number", "清单编号", 12, "系统给的编号；新的问题留空", 10, aliases=("编号",), clean=_number),
    Column(
        "source", "来源", 20, "从下拉框选择", 16, needed=True, aliases=("问题来源", "类别"),
        choices=tuple(str(label) for label in Source.labels), clean=_one_of(_SOURCES),
    ),
    Column(
        "reference", "文号、案号或编号", 80, "政策文号、合同编号、案号、平台编号；未办结诉求填诉求编号", 24,
        aliases=("文号", "案号", "合同编号", "平台编号", "诉求编号", "文号案号编号"),
    ),
    Column(
        "subject", "企业（项目）名称", 120, spoken("与底册一致；不在底册的照写，不填为诉求的企业"), 32,
        aliases=("企业名称", "项目名称", "企业", "市场主体", "企业、项目"),
    ),
    Column("code", "统一社会信用代码", 18, "同名企业须填", 24, aliases=("信用代码",), clean=clean_code),
    Column(
        "title", "问题", 80, "一句话；未办结诉求不填", 36, expected=True, aliases=("存量问题", "主要问题", "问题标题"),
    ),
    Column("facts", "具体情况", 3000, "", 40, aliases=("问题描述", "情况说明", "基本情况")),
    Column(
        "amount", "涉及金额（万元）", 20, "以万元为单位", 16, aliases=("金额", "金额（万元）", "涉及金额"), clean=clean_amount
    ),
    Column(
        "unit", "牵头责任单位", 80, "单位全称或简称", 18, needed=True, aliases=("责任单位", "兑现责任单位", "牵头单位"),
    ),
    Column("assisting", "协同责任单位", 300, "多个用顿号分开", 24, aliases=("协同单位", "协办单位", "配合单位")),
    Column("found_on", "发现日期", 20, "如 2026-03-01，不填为今天", 14, aliases=("发现时间", "收集日期"), clean=clean_day),
    Column(
        "classification", "分类", 20, "立即类、限期类或争议类", 10, needed=True, aliases=("问题分类",),
        choices=tuple(str(label) for label in Classification.labels), clean=_one_of(_CLASSES),
    ),
    Column("plan", "化解方案", 3000, "限期类必填", 40, aliases=("兑现方案", "方案", "化解措施")),
    Column(
        "due_on", "完成时限", 20, "如 2026-06-30；争议类填下次跟进日期", 14, needed=True,
        aliases=("化解时限", "兑现时限", "时限", "下次跟进日期"), clean=clean_day,
    ),
    Column(
        "route", "法律途径", 20, "争议类必填", 12, aliases=("化解途径",),
        choices=tuple(str(label) for label in Route.labels), clean=_one_of(_ROUTES),
    ),
    Column("next_step", "下一步", 300, "争议类必填", 32, aliases=("下步打算", "下一步工作")),
)  # fmt: skip
_LAST = (("状态", 10), ("列入日期", 14), ("化解日期", 14), ("化解情况", 40))
HEADERS = [*(column.title for column in COLUMNS), *(title for title, _ in _LAST)]
WIDTHS = [*(column.width for column in COLUMNS), *(width for _, width in _LAST)]


def cells_of(item: BacklogItem) -> dict[str, str]:
    """An item as the sheet shows it, by column, with its units and subject loaded."""
    subject = item.subject
    code = (
        (subject.credit_code or subject.registration_number or "") if isinstance(subject, Enterprise) else ""
    )
    cells = {column.key: getattr(item, column.key, "") for column in COLUMNS}
    cells |= {
        "subject": item.subject_name,
        "code": code,
        "unit": item.unit.short_name,
        "assisting": "、".join(unit.short_name for unit in item.assisting.all()),
        **{name: CHOICES[name](cells[name]).label if cells[name] else "" for name in CHOICES},
    }
    return {key: cell_text(value) if not isinstance(value, str) else value for key, value in cells.items()}


def as_row(item: BacklogItem) -> list[str]:
    cells = cells_of(item)
    return [
        *(cells[column.key] for column in COLUMNS),
        item.get_state_display(),
        clock.local_date(item.opened_at).isoformat(),
        item.ended_on.isoformat() if item.ended_on and item.state == BacklogItem.State.CLEARED else "",
        item.result,
    ]
