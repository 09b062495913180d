"""The columns of the 履约清单 in Excel: how a cell is read, and how a commitment fills a row."""

from collections.abc import Callable, Mapping

from django.core.exceptions import ValidationError

from campaigns.commitments.services.rules import CHOICES
from campaigns.models import Commitment
from core.search import normalise
from core.sheets import Column, clean_amount, clean_day
from core.wording import spoken
from core.xlsx import cell_text
from enterprises.models import Enterprise
from enterprises.uscc import clean_code


def _one_of(name: str, also: Mapping[str, str] | None = None) -> Callable[[str], str]:
    choices = {str(label): code for code, label in CHOICES[name].choices} | dict(also or {})

    def clean(text: str) -> str:
        found = choices.get(normalise(text).replace(" ", "")) or choices.get(text.strip())
        if found is None:
            raise ValidationError(f"没有“{text[:30]}”这一项，请从下拉框选择")
        return found

    return clean


def _labels(name: str) -> tuple[str, ...]:
    return tuple(str(label) for label in CHOICES[name].labels)


_CLASSES = {word: code for code, label in Commitment.Classification.choices
            for word in (label.removesuffix("类"), f"{label.removesuffix('类')}兑现")}  # fmt: skip

COLUMNS = (
    Column("kind", "类别", 20, "从下拉框选择", 12, needed=True, choices=_labels("kind"),
           clean=_one_of("kind", {"承诺": "promise", "政策": "policy", "合同": "contract", "欠款": "debt", "账款": "debt"})),
    Column("title", "承诺事项", 100, "一句话：承诺做什么、欠什么款", 36, needed=True, aliases=("事项", "问题", "款项")),
    Column("content", "具体内容", 3000, "", 40, aliases=("情况说明", "具体情况")),
    Column("subject", "企业（项目）名称", 120, spoken("与底册一致；不在底册的照写；面向社会的不填"), 32,
           aliases=("企业名称", "对象", "被拖欠企业", "债权企业", "中小企业名称")),
    Column("code", "统一社会信用代码", 18, "同名企业须填", 24, aliases=("信用代码",), clean=clean_code),
    Column("unit", "责任单位", 80, "单位全称或简称", 18, needed=True, aliases=("牵头责任单位", "承诺单位", "兑现责任单位")),
    Column("contract", "合同类别", 20, "合同协议必填，从下拉框选择", 16, choices=_labels("contract"), clean=_one_of("contract")),
    Column("debtor", "欠款方类别", 20, "拖欠账款必填，从下拉框选择", 16, choices=_labels("debtor"),
           clean=_one_of("debtor", {"机关": "unit", "事业单位": "unit", "国企": "state_firm", "大企业": "large_firm"})),
    Column("debtor_name", "欠款单位（企业）", 120, "机关、事业单位填单位名称，企业填全称", 30,
           aliases=("欠款单位", "欠款方", "欠款企业", "债务人")),
    Column("amount", "金额（万元）", 20, "以万元为单位", 14, aliases=("金额", "拖欠金额（万元）", "拖欠金额"),
           clean=clean_amount),
    Column("acknowledged", "确认金额（万元）", 20, "双方对账确认的", 16, aliases=("确认金额", "认定金额"), clean=clean_amount),
    Column("basis", "依据", 200, "文件及文号、合同及编号、判决书等", 30, needed=True, aliases=("依据文件", "合同编号", "文号")),
    Column("made_on", "承诺（签订）日期", 20, "如 2026-03-01", 16, needed=True,
           aliases=("承诺日期", "签订日期", "合同日期"), clean=clean_day),
    Column("contract_due_on", "合同约定日期", 20, "合同写明的付款、交付日期", 16, aliases=("约定付款日期",), clean=clean_day),
    Column("classification", "分类", 20, "立即类、限期类或争议类", 10, needed=True,
           choices=_labels("classification"), clean=_one_of("classification", _CLASSES)),
    Column("due_on", "兑现时限", 20, "如 2026-06-30；争议类填下次跟进日期", 14, needed=True,
           aliases=("完成时限", "清偿时限", "下次跟进日期"), clean=clean_day),
    Column("plan", "兑现方案", 3000, "限期类必填", 40, aliases=("清偿计划", "方案", "还款计划")),
    Column("route", "法律途径", 20, "争议类必填", 12, choices=_labels("route"), clean=_one_of("route")),
    Column("next_step", "下一步", 300, "争议类必填", 32, aliases=("下步打算",)),
)  # fmt: skip
_LAST = (("编号", 8), ("已付（万元）", 14), ("未付（万元）", 14), ("状态", 10), ("是否逾期", 10), ("公开", 8),
         ("诉求编号", 18), ("结束日期", 14), ("兑现情况", 40), ("兑现依据", 30))  # fmt: skip
HEADERS = [*(column.title for column in COLUMNS), *(title for title, _ in _LAST)]
WIDTHS = [*(column.width for column in COLUMNS), *(width for _, width in _LAST)]


def as_row(commitment: Commitment) -> list[str]:
    """A commitment of ``with_money``, with its units, subject and appeal loaded."""
    subject = commitment.subject
    code = (
        (subject.credit_code or subject.registration_number or "") if isinstance(subject, Enterprise) else ""
    )
    cells = {column.key: getattr(commitment, column.key, "") for column in COLUMNS}
    cells |= {
        "subject": commitment.subject_name,
        "code": code,
        "unit": commitment.unit.short_name,
        "debtor_name": commitment.debtor_label,
        **{name: CHOICES[name](cells[name]).label if cells[name] else "" for name in CHOICES},
    }
    texts = [value if isinstance(value, str) else cell_text(value) for value in cells.values()]
    has_money = commitment.owed is not None
    return [
        *map(str, texts),
        str(commitment.number),
        cell_text(commitment.paid) if has_money else "",  # type: ignore[attr-defined]
        cell_text(commitment.left) if has_money else "",
        commitment.get_state_display(),
        "是" if commitment.is_overdue else "",
        "是" if commitment.published_at else "",
        commitment.appeal.number if commitment.appeal else "",
        commitment.ended_on.isoformat() if commitment.ended_on else "",
        commitment.result,
        commitment.evidence,
    ]
