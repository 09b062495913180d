"""The form of a research report: one box a section."""

from typing import Any

from django import forms

from enterprises.forms import TakesErrors
from reports.models import ClusterReport
from reports.research.writing import MOST_TEXT, MOST_TITLE

HINTS = {
    "situation": "数字之外需要说明的情况。",
    "problems": "典型案例已去标识，请核对、删改。",
    "causes": "由责任单位分析：政策是否缺失、程序是否繁琐、宣传是否到位、要素是否有保障、责任是否落实。",
    "done": "记录之外已经做的工作。",
    "advice": "建议出台或修订什么政策、简化什么程序，由谁牵头、何时完成。",
}


class ReportForm(TakesErrors, forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)
    title = forms.CharField(label="标题", max_length=MOST_TITLE)

    def __init__(self, *args: Any, report: ClusterReport, **kwargs: Any) -> None:
        initial = {"version": report.version, "title": report.title} | report.written
        super().__init__(*args, initial=initial, **kwargs)
        for code, heading in ClusterReport.SECTIONS.items():
            rows = 8 if code in {"problems", "causes", "advice"} else 4
            self.fields[code] = forms.CharField(
                label=heading,
                required=False,
                max_length=MOST_TEXT,
                widget=forms.Textarea(attrs={"rows": rows}),
                help_text=HINTS[code],
            )

    @property
    def texts(self) -> dict[str, str]:
        return {code: self.cleaned_data.get(code, "") for code in ClusterReport.SECTIONS}


class VersionForm(TakesErrors, forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2_000_000_000)
