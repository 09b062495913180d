"""Steps 11 and 12: hotlines, policy sites, the footer of the site; the letter."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError

from core.search import normalise
from core.wording import spoken
from portal.golive.draft import Draft, Result, at
from portal.golive.fields import Field, Fields
from portal.golive.step import Step
from portal.golive.tables import Col, Problem, Table
from portal.golive.words import _rows


def clean_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s]+", text):
        raise ValidationError("网址应以 http:// 或 https:// 开头")
    return text


def clean_hotline(text: str) -> str:
    """Anything that can be dialled: also 400 and 12345-0."""
    number = re.sub(r"[\s－—–]", "-", normalise(text)).replace(" ", "")
    if not re.fullmatch(r"[0-9][0-9-]{2,19}(转[0-9]{1,6})?", number):
        raise ValidationError("号码只能有数字和短横线")
    return number


HOTLINE_COLUMNS = (
    Col(
        "label",
        "名称",
        40,
        "",
        28,
        needed=True,
        aliases=("热线名称", "热线", "渠道"),
        example="区为企业服务热线",
    ),
    Col(
        "number",
        "号码",
        30,
        "座机写区号",
        20,
        needed=True,
        aliases=("电话", "电话号码", "热线号码"),
        clean=clean_hotline,
        example="0571-12345678",
    ),
    Col("note", "用途", 20, "“反映诉求”或“监督”", 14, aliases=("备注", "说明"), example="反映诉求"),
)
SITE_COLUMNS = (
    Col("title", "网站名称", 60, "", 34, needed=True, aliases=("名称", "渠道"), example="区政府门户网站"),
    Col(
        "url",
        "网址",
        300,
        "以 http:// 或 https:// 开头",
        40,
        needed=True,
        aliases=("地址", "链接"),
        clean=clean_url,
        example="https://www.example.gov.cn/",
    ),
)
HOTLINES = Table(
    "hotlines", "热线和监督电话", HOTLINE_COLUMNS, initial=_rows("hotlines", HOTLINE_COLUMNS), most=30
)
SITES = Table(
    "policy_channels", "政策发布网站", SITE_COLUMNS, initial=_rows("policy_channels", SITE_COLUMNS), most=30
)
FOOTER = Fields(
    "site",
    "网站页脚",
    (
        Field("sponsor", "主办单位", path="site.sponsor"),
        Field("contact", "联系方式", path="site.contact"),
        Field("icp", "ICP 备案号", path="site.icp"),
        Field("police", "公安备案号", path="site.police"),
        Field("identifier", "网站标识码", path="site.identifier"),
    ),
    help="没有的留空，页脚上不显示。",
)
PLAQUE = Fields(
    "plaque",
    "公示牌",
    (
        Field("title", "公示牌标题", path="plaque.title", needed=True, help="如“领导干部联系企业公示牌”"),
        Field("promise", "公示牌上的承诺", path="plaque.promise", help="如“有呼必应，无事不扰”；可以不写"),
    ),
)


class Contact(Step):
    code, title, minutes = "contact", spoken("热线、网站和公示牌"), 4
    lead = spoken("企业能打的热线、监督电话、看政策的网址，网站页脚和公示牌上的字。")
    parts = (HOTLINES, SITES, PLAQUE, FOOTER)
    needed = False
    for_change = True

    def look_at(self, draft: Draft, result: Result) -> None:
        if not result.values["hotlines"]:
            result.problems.append(Problem("没有热线：企业只能在网上反映", "hotlines", warning=True))

    def rules(self, draft: Draft) -> dict[str, Any]:
        values = draft.result(self).values
        found = super().rules(draft)
        for table in (HOTLINES, SITES):
            found[table.code] = [
                {column.key: row.get(column.key, "") for column in table.columns}
                for row in values[table.code]
            ]
        return found

    def summary(self, draft: Draft) -> str:
        values = draft.result(self).values
        return f"{len(values['hotlines'])} 条热线，{len(values['policy_channels'])} 个网站"


LETTER = Fields(
    "letter",
    "公开信",
    (
        Field(
            "text",
            "全文",
            "long",
            help="从 Word 里整篇复制过来：第一行是标题，以冒号结尾的一行是称呼，最后一行写日期",
            needed=True,
        ),
    ),
)
DATE = re.compile(
    r"[0-9０-９〇○零一二三四五六七八九十]{2,4}\s*年\s*[0-9０-９一二三四五六七八九十]{1,2}\s*月.*"
)


def read_letter(text: str) -> dict[str, Any]:
    """Title, greeting, paragraphs, closing and date, as a letter is written."""
    lines = [re.sub(r"[ \t　]+", " ", line).strip() for line in text.replace("\0", " ").splitlines()]
    lines = [line for line in lines if line]
    found: dict[str, Any] = {"title": "", "greeting": "", "paragraphs": [], "closing": [], "date": ""}
    if lines:
        found["title"] = lines.pop(0)
    if lines and lines[0].endswith(("：", ":")) and len(lines[0]) <= 40:
        found["greeting"] = lines.pop(0)
    if lines and DATE.fullmatch(lines[-1]):
        found["date"] = lines.pop()
    # The signature: short lines without a full stop at the end.
    while len(lines) > 1 and len(lines[-1]) <= 30 and not lines[-1].endswith(("。", "！", "；", "：", "？")):
        found["closing"].insert(0, lines.pop())
    if len(lines) > 1 and re.match(r"(此致|敬礼|衷心|祝|顺祝|最后)", lines[-1]):
        found["closing"].insert(0, lines.pop())
    found["paragraphs"] = lines
    return found


class LetterStep(Step):
    code, title, minutes = "letter", "公开信", 2
    lead = "致企业家的一封信，在公开页面上，走访时发放。"
    parts = (LETTER,)
    needed = False
    for_change = True

    def look_at(self, draft: Draft, result: Result) -> None:
        if not draft.touched(self.code):
            result.problems = []
            result.values["read"] = at(draft.base, "letter")
            return
        text = str(result.values["letter"].get("text", ""))
        found = result.values["read"] = read_letter(text)
        if text and not found["paragraphs"]:
            result.problems.append(
                Problem("只认出了标题，没有正文：请整篇粘贴，段落之间换行", "letter", None, "text", "全文")
            )

    def rules(self, draft: Draft) -> dict[str, Any]:
        return {"letter": draft.result(self).values["read"]}

    def summary(self, draft: Draft) -> str:
        read = draft.result(self).values["read"] or {}
        return f"《{read.get('title', '')}》，正文 {len(read.get('paragraphs', ()))} 段"
