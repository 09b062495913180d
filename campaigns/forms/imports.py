"""A task list on its way in: what is read, where it goes, and its rows put right before it is imported."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from campaigns.forms.campaigns import TaskForm
from campaigns.models import Campaign
from campaigns.task_lists import deadlines
from campaigns.task_lists.columns import KEYS
from campaigns.task_lists.pasted import LONGEST
from campaigns.task_lists.reading import Entry, Item
from core import clock
from core.fields import TakesErrors
from core.uploads import OLE

MAX_BYTES = 5 * 1024 * 1024
_POST = re.compile(r"\s*([\u4e00-\u9fff·]{2,8})\s*[=＝:：]\s*(.{2,100})")


class DestinationForm(TakesErrors, forms.Form):
    """Into which campaign a list goes. ``new``: it may be one that does not exist yet."""

    into = forms.ChoiceField(label="导入到", required=False)
    year = forms.IntegerField(label="年度", required=False, min_value=2000, max_value=2100)
    no = forms.IntegerField(label="序号", required=False, min_value=1, max_value=99)
    name = forms.CharField(
        label="行动名称", required=False, max_length=60, help_text="不填的，取清单标题引号中的名称"
    )
    complete = forms.BooleanField(
        label="这是完整清单：已有行动中多出来的任务标为“已不在清单中”", required=False
    )

    def __init__(self, *args, campaigns: list[Campaign], new: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.campaigns = {str(campaign.pk): campaign for campaign in campaigns}
        choices = [(pk, f"{campaign.year}年{campaign}") for pk, campaign in self.campaigns.items()]
        self.fields["into"].choices = ([("", "新的专项行动")] if new else [("", "请选择")]) + choices
        self.may_make_new = new
        if not new:
            for name in ("year", "no", "name"):
                del self.fields[name]
        elif not self.initial.get("year"):
            self.initial["year"] = clock.today().year

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("into"):
            if not self.may_make_new:
                self.add_error("into", ValidationError("请选择导入到哪个专项行动。", code="required"))
            elif not data.get("year") and "year" not in self.errors:
                self.add_error("year", ValidationError("请填写年度。", code="required"))
        return data

    @property
    def campaign(self) -> Campaign | None:
        return self.campaigns.get(self.cleaned_data.get("into", ""))


class ImportForm(DestinationForm):
    token = forms.CharField(widget=forms.HiddenInput, max_length=64)
    file = forms.FileField(
        label="Excel 文件",
        required=False,
        help_text=".xlsx，不超过 5 MB；一个文件可以有几张清单，每张工作表一个行动",
        widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-mb": "5", "data-max-files": "1"}),
        error_messages={"empty": "这是空文件，请重新选择。"},
    )
    text = forms.CharField(
        label="或粘贴清单文字",
        required=False,
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="从 Word、WPS、PDF 或网页的表格中整张复制，连同表头；换页重复的表头、断开的单元格都认得",
    )
    posts = forms.CharField(
        label="领导姓名换成职务",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "某某某=区政府副区长"}),
        help_text="一行一人：姓名=职务。各栏中的姓名都换成职务，姓名不保存",
    )

    def clean_file(self) -> UploadedFile | None:
        upload = self.cleaned_data["file"]
        if upload is None:
            return None
        if upload.size and upload.size > MAX_BYTES:
            raise ValidationError("文件超过 5 MB。", code="size")
        head = upload.read(8)
        upload.seek(0)
        if head.startswith(OLE):
            raise ValidationError("这是旧的 .xls 格式：请用 Excel 或 WPS 另存为 .xlsx 后再上传。", code="xls")
        return upload

    def clean_posts(self) -> dict[str, str]:
        posts = {}
        for line in filter(None, map(str.strip, self.cleaned_data["posts"].splitlines())):
            match = _POST.fullmatch(line)
            if match is None:
                raise ValidationError(f"“{line[:20]}”请写成“姓名=职务”。", code="format")
            posts[match[1]] = match[2].strip()
        return posts

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("file") and not (data.get("text") or "").strip() and "file" not in self.errors:
            self.add_error("file", ValidationError("请选择文件，或在下面粘贴清单文字。", code="required"))
        if data.get("file") and (data.get("text") or "").strip():
            self.add_error("text", ValidationError("文件和文字只能选一样。", code="both"))
        return data


class HeadingForm(DestinationForm):
    """What a draft was taken for, put right."""

    title = forms.CharField(label="清单标题", max_length=150, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.may_make_new and not data.get("into") and not data.get("name") and "name" not in self.errors:
            self.add_error("name", ValidationError("请填写行动名称。", code="required"))
        return data


class RowForm(TaskForm):
    """A row of a draft. One with items of its own is told by these; what is missing is asked for later."""

    def __init__(self, *args, entry: Entry, **kwargs) -> None:
        super().__init__(*args, initial=self._initial_of(entry), **kwargs)
        self.entry = entry
        del self.fields["token"]
        self.fields["lead"].required = self.fields["deadline"].required = False
        if any(item.text != item.deadline for item in entry.items):
            del self.fields["measure"], self.fields["deadline"]
            self.fields["items"].help_text += "。这项任务的具体举措和完成时限由分项组成"

    @staticmethod
    def _initial_of(entry: Entry) -> dict[str, str]:
        own = [item for item in entry.items if item.text != item.deadline]
        lines = ["｜".join(filter(None, (item.text, item.deadline, item.status))) for item in own]
        return {key: getattr(entry, key) for key in (*KEYS, "section")} | {"items": "\n".join(lines)}

    def row(self) -> dict[str, Any]:
        """As ``drafts.correct_row`` takes it."""
        data = {"measure": self.entry.measure, "deadline": self.entry.deadline} | self.cleaned_data
        cells = {key: data[key].replace("\r\n", "\n").strip() for key in KEYS}
        assisting = {item.text: item.assisting for item in self.entry.items}
        items = [
            Item(item.text, item.deadline, item.status, assisting.get(item.text, ""))
            for item in self.cleaned_data["items"]
        ]
        return {
            "cells": cells,
            "section": data["section"],
            "items": items or [Item(clause, clause) for clause in deadlines.numbered(cells["deadline"])],
        }
