"""Identities nobody told us of, by their looks: numbers of a fixed shape are replaced, names are shown to the human."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.masking import COMPOUND_SURNAMES
from reports.identity_forms import Kind
from reports.identity_words import FIRM_ENDINGS, SURNAMES, TITLES

_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"


@dataclass(frozen=True)
class Shape:
    """A number that tells who somebody is, whoever it is."""

    kind: Kind
    label: str
    pattern: re.Pattern[str]


def _shape(kind: Kind, label: str, pattern: str) -> Shape:
    return Shape(kind, label, re.compile(pattern, re.ASCII | re.IGNORECASE))


_GAP = r"[ \-]?"
# Texts are folded first: full-width letters and digits are plain ones, dashes are hyphens.
SHAPES = (
    _shape(Kind.OTHER, "〔网址〕", r"(?:https?://|www\.)[\w\-.~:/?#@$&*+=%]+"),
    _shape(Kind.OTHER, "〔邮箱〕", r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"),
    _shape(
        Kind.CODE,
        "〔证件号〕",
        r"(?<![0-9A-Z])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Z])",
    ),
    _shape(
        Kind.CODE, "〔证件号〕", rf"(?<!\d)\d{{6}}{_GAP}(?:18|19|20)\d{{6}}{_GAP}\d{{3}}[\dX](?![0-9A-Z])"
    ),
    _shape(
        Kind.PHONE,
        "〔电话〕",
        r"(?<!\d)(?:(?:\+|00)?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d|\s*[元万亿吨])",
    ),
    _shape(Kind.PHONE, "〔电话〕", r"(?<!\d)1[3-9]\d?\d?\*{3,}\d{2,4}(?!\d)"),
    _shape(
        Kind.PHONE,
        "〔电话〕",
        r"(?<!\d)(?:\(0\d{2,3}\)[ \-]?|0\d{2,3}[ \-])\d{3,4}[ \-]?\d{4}(?:(?:-|转|分机)\d{1,6})?(?!\d)",
    ),
    _shape(
        Kind.CODE,
        "〔证件号〕",
        r"(?<![0-9A-Z])\d{4}(?: \d{4}){3}(?: \d{1,3})?(?!\d)|(?<![0-9A-Z])\d{15,19}(?!\d)",
    ),
    _shape(
        Kind.CODE,
        "〔车牌〕",
        r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ ·•.\-]?"
        r"(?=[0-9A-HJ-NP-Z]{0,5}\d)[0-9A-HJ-NP-Z]{5,6}(?![0-9A-Z])",
    ),
    _shape(Kind.OTHER, "〔账号〕", r"(?<=微信号)[:： ]*[A-Z][\w\-]{5,19}|(?<=微信)[:： ]*[A-Z][\w\-]{5,19}"),
    _shape(Kind.OTHER, "〔账号〕", r"(?<=QQ)号?[:： ]*[1-9]\d{4,10}(?!\d)"),
)


@dataclass(frozen=True)
class Suspicion:
    """A name by its looks; the group ``it`` is what is shown."""

    why: str
    pattern: re.Pattern[str]


def _any(words: object) -> str:
    return "|".join(re.escape(word) for word in words)  # type: ignore[attr-defined]


_FAMILY = f"(?:{_any(sorted(COMPOUND_SURNAMES))}|[{SURNAMES}])"
# What stands before a name and is no part of it.
_BEFORE = "与和向由对给为被请让找的是在经至到从及或跟同于因该本各某甲乙丙丁依据按照"
_NAME_CHAR = f"(?:(?![{_BEFORE}])[{_HAN}])"
_FIRMS = _any(sorted((ending for ending in FIRM_ENDINGS if len(ending) > 1), key=len, reverse=True))
_PLACES = _any(
    (
        "街道办事处",
        "办事处",
        "街道",
        "工业园",
        "产业园",
        "社区",
        "小区",
        "村",
        "镇",
        "乡",
        "大道",
        "大街",
        "路",
        "街",
        "巷",
        "大厦",
    )
)
_NO_PLACE = (
    r"(?!道路|公路|铁路|线路|电路|网路|管路|思路|出路|马路|销路|套路|门路|回路|走路|乡镇|城镇|园乡|城乡|镇街|街镇|农村|乡村|"
    r"行政村|自然村|村镇|街区|[各全本进出入驻个两多沿修局办司委过交市去所属同区近边动供公快国省内外新老该一])"
)
_CHINESE_DIGITS = "零〇○◯一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_TITLES = _any(title for title in TITLES if title != "总")


def _suspicion(why: str, pattern: str, before: str = "", after: str = "") -> Suspicion:
    return Suspicion(why, re.compile(f"{before}(?P<it>{pattern}){after}"))


SUSPICIONS = (
    _suspicion(
        "像企业名称",
        rf"{_NAME_CHAR}{{2,14}}(?:\({_NAME_CHAR}{{2,6}}\))?{_NAME_CHAR}{{0,8}}(?:{_FIRMS})",
    ),
    _suspicion(
        "像姓名",
        rf"{_FAMILY}(?!某)[{_HAN}]{{0,2}}?(?:{_TITLES})",
        before="(?<!某)",
        after=f"(?![{_HAN}]?某)",
    ),
    _suspicion(
        "像姓名",
        rf"{_FAMILY}(?!某)[{_HAN}]{{1,2}}",
        before=r"(?:联系人|负责人|法定代表人|法人代表|法人|经办人|办事员|厂长|经理|局长|镇长|主任|干部)(?:[:为是]|叫)? ?",
        after=r"(?=[,。;、\s)(,]|电话|手机|联系|$)",
    ),
    _suspicion("像门牌地址", rf"{_NAME_CHAR}{{1,6}}(?:路|街|大道|巷|弄|村|组)\d+号?(?:楼|院|栋|幢|室)?"),
    _suspicion("像地名", rf"{_NO_PLACE}{_NAME_CHAR}(?:{_NO_PLACE}{_NAME_CHAR}){{1,3}}(?:{_PLACES})"),
    _suspicion("像文号", rf"{_NAME_CHAR}{{2,8}}[〔\[(]20\d\d[〕\])]\d{{1,4}}号"),
    _suspicion("像用汉字写的号码", rf"[{_CHINESE_DIGITS}](?:[ \-.·]?[{_CHINESE_DIGITS}]){{6,}}"),
    _suspicion("像编号", r"(?<![0-9A-Za-z])[A-Za-z]{1,6}-?(?:\d{8,}(?:-\d+)*|\d{2,}(?:-\d+)+)"),
)
NO_NAMES = frozenset(
    (
        "公交公司", "供水公司", "自来水公司", "电力公司", "通信公司", "环卫公司", "劳务公司", "代理公司", "中介公司",
        "该公司", "本公司", "我公司", "贵公司", "分公司", "子公司", "母公司", "总公司", "担保公司", "保险公司", "银行",
        "物业公司",         "供电公司",
        "水务公司", "燃气公司", "融资担保公司", "政策性担保公司", "人力资源公司", "第三方公司", "建筑公司",
        "快递公司", "物流公司", "运输公司", "农业合作社", "专业合作社", "街道", "社区", "村镇", "乡镇街道", "城乡社区",
        "相关社区", "有关乡镇", "所在乡镇", "属地乡镇", "全区乡镇", "周边乡镇", "创业园区", "工业园区", "产业园区", "开发园区",
        "包保主任", "股份公司", "有限公司", "上市公司", "有关公司",
    )
)  # fmt: skip
"""Words that look like names and are none."""
