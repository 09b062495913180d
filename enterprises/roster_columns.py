"""The columns a roster travels in, and what their cells mean. Asks no database."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from core import clock
from core.phones import clean_contact_phone
from core.search import normalise
from core.sheets import Column
from core.wording import speak, spoken
from districts.models import Region
from enterprises.models import AboveScaleKind, Industry, SizeClass, Tier
from enterprises.uscc import clean_credit_code, clean_registration_number

_SCIENTIFIC = re.compile(r"\d(\.\d+)?e\+?\d+")


class Places:
    """The townships and parks by every name that people use for them."""

    def __init__(self, regions: Iterable[Region], other_names: Iterable[tuple[str, int]] = ()) -> None:
        self.regions = {region.pk: region for region in regions}
        self._known: dict[str, set[int]] = {}
        for region in self.regions.values():
            self._learn(region.name, region.pk)
        for name, region_id in other_names:
            if region_id in self.regions:
                self._learn(name, region_id)

    def _learn(self, name: str, region_id: int) -> None:
        self._known.setdefault(normalise(name).replace(" ", ""), set()).add(region_id)

    def find(self, text: str) -> Region | None:
        found = self._known.get(normalise(text).replace(" ", ""), set())
        return self.regions[next(iter(found))] if len(found) == 1 else None

    def clean(self, text: str) -> int:
        """The id of the place a cell means."""
        if region := self.find(text):
            return region.pk
        like = self.like(text)
        hint = f"，是否为{'、'.join(f'“{name}”' for name in like)}" if like else ""
        raise ValidationError(f"没有“{text[:30]}”这个{speak('乡镇办')}或园区{hint}")

    def like(self, text: str) -> list[str]:
        """Up to three names that look or begin like it."""
        wanted = normalise(text).replace(" ", "")
        close = difflib.get_close_matches(wanted, self._known, n=3, cutoff=0.4)
        near = [name for name in self._known if len(wanted) > 1 and (wanted in name or name in wanted)]
        ids = dict.fromkeys(min(self._known[name]) for name in [*near, *close])
        return [self.regions[region_id].name for region_id in ids][:3]


# --- Cells ----------------------------------------------------------------------------------------


def _code(text: str) -> str:
    _refuse_scientific(text)
    return clean_credit_code(text)


def _number(text: str) -> str:
    _refuse_scientific(text)
    return clean_registration_number(text)


def _refuse_scientific(text: str) -> None:
    if _SCIENTIFIC.fullmatch(normalise(text)):
        raise ValidationError("被改成了科学计数，末尾几位已丢失：请把该列设为“文本”格式后重新填写完整")


def _choice(choices: Mapping[str, str], offered: Iterable[str]) -> Callable[[str], str]:
    """A label, its code, or a word people use for it → the code."""
    listed = "、".join(offered)

    def clean(text: str) -> str:
        found = choices.get(_bare(text))
        if found is None:
            close = difflib.get_close_matches(_bare(text), choices, n=1, cutoff=0.5)
            # The word on offer, which comes first, and not another one that people use for it.
            meant = next(word for word, code in choices.items() if code == choices[close[0]]) if close else ""
            raise ValidationError(f"没有“{text[:30]}”这一项，应为{meant or listed}")
        return found

    return clean


def _bare(text: str) -> str:
    return re.sub(r"[\s、,，.]", "", normalise(text))


_TIERS = {
    **{_bare(label): str(code) for code, label in Tier.choices},
    "四上": Tier.ABOVE_SCALE.value,
    "规上": Tier.ABOVE_SCALE.value,
    **dict.fromkeys(
        (
            "规上企业",
            "规上工业",
            "规上工业企业",
            "规模以上",
            "规模以上企业",
            "规模以上工业企业",
            "限上",
            "限上企业",
        ),
        Tier.ABOVE_SCALE.value,
    ),
    **dict.fromkeys(
        ("中小微", "中小企业", "小微", "小微企业", "规下", "规下企业", "个体", "个体户", "个体工商户"),
        Tier.SMALL.value,
    ),
}
_SIZES = {
    **{_bare(label): str(code) for code, label in SizeClass.choices},
    **{_bare(label)[0]: str(code) for code, label in SizeClass.choices},
    **{f"{_bare(label)}企业": str(code) for code, label in SizeClass.choices},
}
_INDUSTRIES = {
    **{_bare(label): str(code) for code, label in Industry.choices},
    **{code.casefold(): str(code) for code in Industry.values},
    **{code.casefold() + _bare(label): str(code) for code, label in Industry.choices},
}

_ABOVE_SCALE = {
    **{_bare(label): str(code) for code, label in AboveScaleKind.choices},
    "规上工业": "industry", "工业": "industry", "资质建筑业": "building", "建筑业": "building",
    "限上批零住餐": "trade", "限上商贸": "trade", "批零住餐": "trade", "房地产": "property", "房地产开发": "property",
    "规上服务业": "services", "服务业": "services",
}  # fmt: skip


def _founded(text: str) -> str:
    """A day, or a bare year or month, which stands for its beginning."""
    words = normalise(text).replace(" ", "")
    if match := re.fullmatch(r"(19\d\d|20\d\d)年?(?:[-/.]?(\d{1,2})月?)?", words):
        words = f"{match[1]}-{match[2] or '1'}-1"
    numbers = re.fullmatch(r"((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:\D.*)?", words)
    try:
        if numbers is None:
            raise ValueError
        day = date(*(int(number) for number in numbers.groups()))
    except ValueError:
        raise ValidationError("不是日期，请写成 2018-06-01 这样") from None
    if day > clock.today():
        raise ValidationError("不能晚于今天")
    return day.isoformat()


def _investment(text: str) -> str:
    try:
        amount = Decimal(normalise(text).replace(",", "").removesuffix("万元").strip()).quantize(
            Decimal("0.01")
        )
        in_range = 0 <= amount < Decimal(10) ** 12
    except InvalidOperation:
        raise ValidationError("应为数字，单位万元") from None
    if not in_range:
        raise ValidationError("金额超出范围")
    return str(amount)


# --- Columns --------------------------------------------------------------------------------------

_PLACE = Column(
    "region", spoken("所在乡镇办（园区）"), 60, "从下拉框选择", 22, needed=True,
    aliases=(
        "所在乡镇办", "所在乡镇", "乡镇办", "乡镇", "所在乡镇（街道）", "所属乡镇", "园区", "所在地区", "所属镇街", "所在镇街",
        "镇街", "乡镇街道", "所在乡镇街道", "所属乡镇街道", "所属乡镇（街道）", "属地", "所属园区",
    ),
)  # fmt: skip
_INDUSTRY = Column(
    "industry", "行业门类", 30, "国民经济行业 20 个门类，从下拉框选择", 22,
    aliases=("行业", "所属行业"),
    choices=tuple(Industry.labels),
    clean=_choice(_INDUSTRIES, ["20 个行业门类之一（见模板下拉框）"]),
)  # fmt: skip
_ADDRESS = Column("address", "地址", 200, "", 32, aliases=("企业地址", "注册地址", "经营地址", "建设地址"))
_CONTACT = (
    Column("contact_name", "联系人", 50, "", 12, aliases=("联系人姓名",)),
    Column("contact_post", "联系人职务", 50, "", 14, aliases=("职务",)),
    Column(
        "contact_phone", "联系电话", 30, "11位手机号，或“区号-号码”的座机号", 18,
        aliases=("电话", "手机", "手机号", "手机号码", "联系方式", "联系人电话"), clean=clean_contact_phone, private=True),
)  # fmt: skip

ENTERPRISE_COLUMNS = (
    Column(
        "name",
        "企业名称",
        120,
        "与营业执照一致",
        36,
        needed=True,
        aliases=("名称", "单位名称", "单位详细名称", "企业全称", "公司名称", "企业（单位）名称", "市场主体名称"),
    ),
    Column(
        "credit_code",
        "统一社会信用代码",
        18,
        "18位；没有的留空，并填注册号或代码暂缺原因",
        24,
        expected=True,
        aliases=("信用代码", "社会信用代码", "统一信用代码"),
        clean=_code,
    ),
    Column(
        "registration_number",
        "注册号",
        15,
        "15位工商注册号",
        20,
        aliases=("工商注册号", "营业执照注册号"),
        clean=_number,
    ),
    Column(
        "no_code_reason",
        "代码暂缺原因",
        100,
        "前两栏都没有时必填，如：正在办理营业执照",
        20,
        aliases=("暂缺原因",),
    ),
    Column(
        "tier",
        "层级",
        20,
        "从下拉框选择",
        14,
        needed=True,
        aliases=("企业层级", "企业类型", "企业类别", "类别"),
        choices=tuple(Tier.labels),
        clean=_choice(_TIERS, Tier.labels),
    ),
    _PLACE,
    _INDUSTRY,
    Column(
        "size_class",
        "规模",
        10,
        "大型、中型、小型或微型",
        10,
        aliases=("企业规模",),
        choices=tuple(SizeClass.labels),
        clean=_choice(_SIZES, SizeClass.labels),
    ),
    Column(
        "above_scale_kind", "四上类别", 20, "四上企业从下拉框选择", 18,
        aliases=("四上企业类别", "四上类型", "统计类别"),
        choices=tuple(AboveScaleKind.labels), clean=_choice(_ABOVE_SCALE, AboveScaleKind.labels),
    ),
    Column(
        "founded_on", "成立日期", 20, "营业执照上的日期，如 2018-06-01", 14,
        aliases=("成立时间", "注册日期", "开业时间", "开业（成立）时间"), clean=_founded,
    ),
    _ADDRESS,
    Column(
        "legal_person",
        "法定代表人",
        50,
        "",
        14,
        aliases=("法人", "法人代表", "负责人", "法定代表人（负责人）"),
    ),
    Column(
        "main_products",
        "主营业务",
        200,
        "主要产品或服务",
        28,
        aliases=("主要产品", "主要业务活动", "经营范围"),
    ),
    *_CONTACT,
)  # fmt: skip

PROJECT_COLUMNS = (
    Column("name", "项目名称", 120, "同一区县内不重名", 36, needed=True, aliases=("名称", "重点项目名称")),
    _PLACE,
    Column(
        "owner_name",
        "建设单位",
        120,
        spoken("与企业底册同名的自动关联"),
        32,
        aliases=("建设单位名称", "项目单位", "业主单位"),
    ),
    Column(
        "investment",
        "总投资（万元）",
        20,
        "只填数字，单位万元",
        16,
        aliases=("总投资", "投资额（万元）"),
        clean=_investment,
    ),
    Column("stage", "建设阶段", 30, "如：前期、在建、投产", 14, aliases=("项目阶段", "项目进展")),
    _INDUSTRY,
    _ADDRESS,
    *_CONTACT,
)
