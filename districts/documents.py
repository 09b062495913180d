"""The words of official documents (公文): what a district writes differently. A part of its rules.

A text may hold placeholders in braces, named as officials name them: {企业}, {事项}. A line whose placeholders
are all empty is left out. Boxes of a form are lines “栏目：内容”, two in a line parted by ｜, a box that is to be
written in by hand ending with （高20毫米）.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from .schema import Frozen, Text

Kind = Literal["slip", "dispatch", "supervision", "visits", "reply", "explain", "decline", "minutes"]

LABELS: dict[str, str] = {
    "slip": "受理登记单",
    "dispatch": "交办单",
    "supervision": "督办单",
    "visits": "走访督办单",
    "reply": "答复函",
    "explain": "情况说明",
    "decline": "不予受理告知书",
    "minutes": "会商研判纪要",
}

_DISTRICT = ("发文单位", "牵头单位", "区县", "行动名称", "监督电话", "日期")
_APPEAL = (
    *("编号", "省平台编号", "企业", "联系人", "联系电话", "所在地", "事项", "内容", "类别", "渠道"),
    *("紧急程度", "提交日期", "提交时间", "收集单位", "登记人", "主办单位", "协办单位"),
)
_LETTER = ("被督办单位", "督办内容", "发出日期", "回复期限")
PLACEHOLDERS: dict[str, tuple[str, ...]] = {
    "slip": (*_APPEAL, *_DISTRICT),
    "dispatch": (
        *_APPEAL,
        "交办日期",
        "办结期限",
        "协办期限",
        "领导批示",
        "办理要求",
        "交办联系",
        *_DISTRICT,
    ),
    "supervision": (*_LETTER, "超期情况", *_APPEAL, *_DISTRICT),
    "visits": (*_LETTER, *_DISTRICT),
    "reply": (*_APPEAL, "办理结果", "依据", "解决情况", "答复日期", "经办联系", *_DISTRICT),
    "explain": (*_APPEAL, "说明", "依据", "解释日期", "解释人", "经办联系", *_DISTRICT),
    "decline": (*_APPEAL, "情形", "说明", "受理部门", *_DISTRICT),
    "minutes": (
        *_APPEAL,
        *("会商日期", "地点", "主持人", "参加人员", "记录人", "会商纪要", "结论", "依据", "办理方向"),
        *_DISTRICT,
    ),
}
IN_NUMBERS = ("前缀", "年", "号")
WITH_PLACEHOLDERS = {
    "head": "红头",
    "number": "文号格式",
    "title": "标题",
    "addressee": "主送",
    "boxes": "表格",
    "body": "正文",
    "note": "表下说明",
    "issuer": "署名",
}
"""The texts of a document in which placeholders are filled, as the form calls them."""
NUMBERED_ELSEWHERE = ("slip", "supervision", "visits")
"""A slip bears the appeal's own number, a 督办单 the one it was sent under."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_HEIGHT = re.compile(r"（高(\d{1,3})毫米）$")


def placeholders_in(text: str) -> list[str]:
    return _PLACEHOLDER.findall(text)


def stray_braces(text: str) -> list[str]:
    """The lines with braces around no placeholder: they would be printed. Those of a Chinese keyboard too."""
    return [line.strip() for line in text.splitlines() if re.search(r"[{}｛｝]", _PLACEHOLDER.sub("", line))]


def series(number: str, prefix: str) -> str:
    """What tells the numbers of one kind from those of another: the pattern with its prefix, without blanks."""
    return "".join(number.replace("{前缀}", prefix).split())


def fill(text: str, values: dict[str, str]) -> str:
    """With what the placeholders stand for, line by line; a line left with none of its values goes."""
    lines = []
    for line in text.splitlines():
        names = placeholders_in(line)
        if not names or any(values.get(name) for name in names):
            lines.append(_PLACEHOLDER.sub(lambda found: values.get(found[1], ""), line))
    return "\n".join(lines).strip()


class Box(Frozen):
    label: Text
    text: str = ""
    height: int = Field(default=0, le=200)


def boxes_in(text: str) -> list[list[Box]]:
    """The rows of a form. Raises ``ValueError`` with what is wrong, in Chinese."""
    rows = []
    for line in filter(None, map(str.strip, text.splitlines())):
        boxes = [_box(part.strip()) for part in re.split(r"[｜|]", line)]
        if len(boxes) > 2:
            raise ValueError(f"表格一行至多两栏：{line}")
        rows.append(boxes)
    return rows


def _box(part: str) -> Box:
    height = _HEIGHT.search(part)
    label, colon, text = _HEIGHT.sub("", part).partition("：")
    if not colon or not label.strip():
        raise ValueError(f"表格每栏应写成“栏目：内容”：{part or '（空）'}")
    millimetres = int(height[1]) if height else 0
    if millimetres > 200:
        raise ValueError(f"栏高至多200毫米：{part}")
    return Box(label=label.strip(), text=text.strip(), height=millimetres)


class DocumentText(Frozen):
    """The words of one kind of document."""

    layout: Literal["form", "letter", "document"]
    """A table form; a letter (信函格式) with a red head and double rules; a document (文件) with a red head."""
    head: str = Field(default="{发文单位}", max_length=60)
    number: str = Field(default="", max_length=40)
    title: Text = Field(max_length=120)
    addressee: str = Field(default="", max_length=200)
    boxes: str = Field(default="", max_length=3000)
    body: str = Field(default="", max_length=6000)
    """A line beginning with 一、 or （一） and without a full stop is a heading."""
    note: str = Field(default="", max_length=600)
    issuer: str = Field(default="{发文单位}", max_length=60)
    """Who signs; empty where nobody does."""

    @field_validator("boxes")
    @classmethod
    def boxes_can_be_read(cls, boxes: str) -> str:
        boxes_in(boxes)
        return boxes

    @model_validator(mode="after")
    def it_says_something(self) -> DocumentText:
        if not self.body.strip() and not self.boxes.strip():
            raise ValueError("正文和表格至少要写一样")
        return self

    @model_validator(mode="after")
    def a_number_counts_by_year(self) -> DocumentText:
        if self.number:
            names = placeholders_in(self.number)
            if any(name not in IN_NUMBERS for name in names) or not {"年", "号"} <= set(names):
                raise ValueError("文号须含 {年} 和 {号}，另外只能用 {前缀}")
        return self

    def unknown_placeholders(self, kind: str) -> list[str]:
        texts = (getattr(self, field) for field in WITH_PLACEHOLDERS if field != "number")
        used = dict.fromkeys(name for text in texts for name in placeholders_in(text))
        return [name for name in used if name not in PLACEHOLDERS[kind]]

    def problems(self, kind: str) -> list[str]:
        """Why these words do not do for this kind, in Chinese."""
        found = [
            f"不认识的占位 {{{name}}}，可用：{'、'.join(PLACEHOLDERS[kind])}"
            for name in self.unknown_placeholders(kind)
        ]
        found += [
            f"{label}中有多余、不成对或全角的花括号：{line}（占位写成 {{日期}}，前后各一个半角花括号）"
            for field, label in WITH_PLACEHOLDERS.items()
            for line in stray_braces(getattr(self, field))
        ]
        found += [
            f"表格的栏目名称不能用占位：{box.label}"
            for row in boxes_in(self.boxes)
            for box in row
            if placeholders_in(box.label)
        ]
        if kind not in NUMBERED_ELSEWHERE and not self.number:
            found.append("缺少文号格式，如“{前缀}交〔{年}〕{号}号”")
        return found


RECEIVED = "你单位于{提交日期}反映的“{事项}”（编号{编号}）收悉。"

DEFAULTS: dict[str, DocumentText] = {
    "slip": DocumentText(
        layout="form",
        title="企业诉求受理登记单",
        boxes=(
            "登记编号：{编号}｜登记时间：{提交时间}\n"
            "企业名称：{企业}\n"
            "联系人：{联系人}｜联系电话：{联系电话}\n"
            "诉求类别：{类别}｜来源渠道：{渠道}\n"
            "诉求事项：{事项}\n"
            "诉求内容：{内容}（高40毫米）\n"
            "首问单位：{收集单位}｜登记人：{登记人}\n"
            "企业签名：（高18毫米）"
        ),
        note="凭登记编号和查询码可随时查询办理进度、补充说明、评价结果。监督电话：{监督电话}。",
    ),
    "dispatch": DocumentText(
        layout="form",
        number="{前缀}交〔{年}〕{号}号",
        title="企业诉求交办单",
        boxes=(
            "诉求编号：{编号}｜交办日期：{交办日期}\n"
            "企业名称：{企业}\n"
            "联系人：{联系人}｜联系电话：{联系电话}\n"
            "诉求类别：{类别}｜紧急程度：{紧急程度}\n"
            "诉求事项：{事项}\n"
            "诉求内容：{内容}（高30毫米）\n"
            "主办单位：{主办单位}｜办结期限：{办结期限}\n"
            "协办单位：{协办单位}｜协办期限：{协办期限}\n"
            "领导批示：{领导批示}（高15毫米）\n"
            "办理要求：{办理要求}（高15毫米）"
        ),
        note=(
            "请主办单位按期办理，办结后答复并回访企业，在平台反馈结果。不属于本单位职责的，请在签收期限内提出。\n"
            "交办联系人及电话：{交办联系}"
        ),
    ),
    "supervision": DocumentText(
        layout="form",
        title="督办单",
        boxes=(
            "被督办单位：{被督办单位}｜发出日期：{发出日期}\n"
            "诉求编号：{编号}｜企业名称：{企业}\n"
            "诉求事项：{事项}\n"
            "超期情况：{超期情况}\n"
            "督办内容：{督办内容}（高35毫米）\n"
            "回复期限：{回复期限}\n"
            "单位回复：（高45毫米）"
        ),
        note="请按期书面回复落实情况。",
    ),
    "visits": DocumentText(
        layout="form",
        title="走访督办单",
        boxes=(
            "被督办单位：{被督办单位}｜发出日期：{发出日期}\n"
            "督办内容：{督办内容}（高50毫米）\n"
            "回复期限：{回复期限}\n"
            "单位回复：（高55毫米）"
        ),
        note="请按期书面回复落实情况。",
    ),
    "reply": DocumentText(
        layout="letter",
        number="{前缀}复〔{年}〕{号}号",
        title="关于{企业}反映事项的答复函",
        addressee="{企业}",
        body=(
            f"{RECEIVED}经研究办理，现答复如下：\n"
            "{办理结果}\n"
            "政策依据：{依据}\n"
            "办理结论：{解决情况}。\n"
            "感谢你单位对我们工作的支持。如对本答复有意见，可凭编号和查询码评价、再次反映。\n"
            "联系人及电话：{经办联系}"
        ),
    ),
    "explain": DocumentText(
        layout="letter",
        number="{前缀}释〔{年}〕{号}号",
        title="关于{企业}反映事项的情况说明",
        addressee="{企业}",
        body=(
            f"{RECEIVED}经逐级研究、会商研判，现将有关情况说明如下：\n"
            "{说明}\n"
            "法律政策依据：{依据}\n"
            "{解释日期}，{解释人}已就上述情况向你单位沟通解释。\n"
            "如有新的情况或其他诉求，欢迎随时反映。\n"
            "联系人及电话：{经办联系}"
        ),
    ),
    "decline": DocumentText(
        layout="letter",
        number="{前缀}告〔{年}〕{号}号",
        title="不予受理告知书",
        addressee="{企业}",
        body=(
            f"{RECEIVED}经审核，该事项属于“{{情形}}”的情形，本平台不予受理。\n"
            "{说明}\n"
            "该事项请向{受理部门}反映。\n"
            "对不予受理有异议的，可凭编号和查询码申请复核一次。\n"
            "特此告知。"
        ),
    ),
    "minutes": DocumentText(
        layout="document",
        head="企业诉求会商研判纪要",
        number="{前缀}会〔{年}〕{号}号",
        title="关于{企业}反映事项的会商研判纪要",
        body=(
            "{会商日期}，{主持人}在{地点}主持会商，就{企业}反映的“{事项}”（编号{编号}）进行研判。现纪要如下：\n"
            "一、诉求基本情况\n"
            "{内容}\n"
            "二、会商意见\n"
            "{会商纪要}\n"
            "法律政策依据：{依据}\n"
            "三、会商结论\n"
            "{结论}\n"
            "{办理方向}\n"
            "参加单位和人员：{参加人员}\n"
            "记录：{记录人}"
        ),
    ),
}


class Documents(Frozen):
    """[documents.<kind>] of the profile; a kind that is not there is written in the usual words."""

    slip: DocumentText = DEFAULTS["slip"]
    dispatch: DocumentText = DEFAULTS["dispatch"]
    supervision: DocumentText = DEFAULTS["supervision"]
    visits: DocumentText = DEFAULTS["visits"]
    reply: DocumentText = DEFAULTS["reply"]
    explain: DocumentText = DEFAULTS["explain"]
    decline: DocumentText = DEFAULTS["decline"]
    minutes: DocumentText = DEFAULTS["minutes"]

    def of(self, kind: str) -> DocumentText:
        found: DocumentText = getattr(self, kind)
        return found

    @model_validator(mode="after")
    def placeholders_are_known(self) -> Documents:
        problems = [f"{LABELS[kind]}：{why}" for kind in LABELS for why in self.of(kind).problems(kind)]
        if problems:
            raise ValueError("；".join(problems))
        return self
