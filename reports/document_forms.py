"""Forms of the documents: what must be asked first, why one is withdrawn, and a district's own words."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Unit
from appeals.forms.base import day_field
from core import clock
from districts.documents import LABELS, DocumentText
from districts.models import Region
from districts.profile import Rules
from reports.documents import templates
from reports.documents.filling import Values
from reports.documents.issuing import MOST_REASON
from reports.documents.kinds import DocumentKind
from reports.documents.paper import written_date
from reports.models import Document

LAYOUTS = [
    ("form", "表格式（标题下是一张表）"),
    ("letter", "信函格式（红色发文机关、双红线）"),
    ("document", "文件格式（红头、发文字号、红色分隔线）"),
]


class AskForm(forms.Form):
    """What the portal does not know; a field for each, named by its place."""

    token = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, data: Any = None, *, kind: DocumentKind, values: Values, token: str) -> None:
        self.kind = kind
        super().__init__(data, initial=self._suggested(kind, values) | {"token": token})
        for at, ask in enumerate(kind.asks):
            self.fields[f"ask_{at}"] = self._field(ask)

    @staticmethod
    def _suggested(kind: DocumentKind, values: Values) -> dict[str, Any]:
        suggested: dict[str, Any] = {}
        for at, ask in enumerate(kind.asks):
            suggested[f"ask_{at}"] = clock.today() if ask.is_day else values.get(ask.placeholder, "")
        return suggested

    @staticmethod
    def _field(ask: Any) -> forms.Field:
        if ask.is_day:
            return day_field(ask.placeholder, required=ask.required)
        widget = forms.Textarea(attrs={"rows": 3}) if ask.long else forms.TextInput()
        return forms.CharField(
            label=ask.placeholder,
            required=ask.required,
            max_length=500 if ask.long else 80,
            widget=widget,
            help_text=ask.help_text,
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for at, ask in enumerate(self.kind.asks):
            day = data.get(f"ask_{at}")
            if ask.is_day and day and day > clock.today():
                self.add_error(f"ask_{at}", ValidationError("日期不能晚于今天。", code="future"))
        return data

    def asked(self) -> dict[str, str]:
        """By placeholder, as it will be written."""
        found = {}
        for at, ask in enumerate(self.kind.asks):
            value = self.cleaned_data.get(f"ask_{at}")
            found[ask.placeholder] = written_date(value) if ask.is_day and value else str(value or "")
        return found


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="作废原因",
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明作废原因。"},
    )


class TemplateForm(forms.Form):
    """The words of one kind; placeholders are checked when they are saved."""

    layout = forms.ChoiceField(label="版式", choices=LAYOUTS)
    title = forms.CharField(label="标题", max_length=120)
    number = forms.CharField(
        label="文号格式",
        max_length=40,
        required=False,
        help_text="须含 {年} 和 {号}，如：郊科经交〔{年}〕{号}号。",
    )
    head = forms.CharField(
        label="红头", max_length=60, required=False, help_text="信函、文件格式用；{发文单位} 即出具单位全称。"
    )
    addressee = forms.CharField(label="主送", max_length=200, required=False)
    boxes = forms.CharField(
        label="表格",
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一栏，写“栏目：内容”；一行两栏用“｜”隔开；留空手写的栏目末尾写“（高20毫米）”。",
    )
    body = forms.CharField(
        label="正文",
        max_length=6000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="一行一段。以“一、”“（一）”开头、没有句号的短行按标题排。",
    )
    note = forms.CharField(
        label="表下说明", max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    issuer = forms.CharField(
        label="署名", max_length=60, required=False, help_text="留空则不署名、不写日期。"
    )
    change = forms.CharField(
        label="改动说明", max_length=200, required=False, help_text="改了什么、为什么；会留在版本记录里。"
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, kind: str, district: Region, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.district, self.rules = kind, district, rules
        if kind in ("slip", "supervision", "visits"):
            del self.fields["number"]

    @staticmethod
    def of(words: DocumentText) -> dict[str, Any]:
        return words.model_dump()

    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name, "") for name in templates.FIELDS}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            words = {name: data.get(name, "") for name in templates.FIELDS}
            templates.checked(self.kind, words, district=self.district, rules=self.rules)
        return data


def _units(request: Any) -> QuerySet[Unit]:
    if request is None or request.user.unit is None:
        return Unit.objects.none()
    return Unit.objects.visible_to(request.user)


class DocumentFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(label="文号、标题、企业", method="search", max_length=60)
    kind = django_filters.ChoiceFilter(label="文种", choices=list(LABELS.items()), empty_label="全部")
    year = django_filters.ChoiceFilter(label="年份", empty_label="全部")
    unit = django_filters.ModelChoiceFilter(label="发文单位", queryset=_units, empty_label="全部单位")
    state = django_filters.ChoiceFilter(
        label="状态",
        method="by_state",
        choices=[("in_force", "有效"), ("withdrawn", "已作废")],
        empty_label="全部",
    )

    class Meta:
        model = Document
        fields = ["q", "kind", "year", "unit", "state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this_year = clock.today().year
        years = [(str(year), f"{year}年") for year in range(this_year, this_year - 6, -1)]
        self.filters["year"].extra["choices"] = years

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def by_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(withdrawn_at__isnull=value == "in_force")
