"""Forms of the grades: one firm, several firms, criteria, telling, objections; and what the lists are narrowed by."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core import clock
from core.fields import SENSIBLE_DAYS, DayInput
from core.wording import spoken
from districts.models import Region
from districts.profile import Rules
from enterprises.forms import TakesErrors
from enterprises.grades.grading import MOST_BASIS, MOST_REASON
from enterprises.grades.objections import MOST_TEXT
from enterprises.grades.scoring import MOST_ITEMS, MOST_POINTS, Item
from enterprises.grades.scoring import MOST_TEXT as MOST_CRITERIA
from enterprises.models import GradeCriteria, GradeObjection, GradeRecord
from enterprises.policies import TERRITORIAL

UNGRADED = "none"
EMPTY_ROWS = 3
"""Blank lines for more items, on a page that works without JavaScript."""


def _grades(rules: Rules) -> list[tuple[str, str]]:
    return [(grade.code, grade.label) for grade in rules.grades.ordered]


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**({"widget": DayInput(), "validators": SENSIBLE_DAYS} | kwargs))


class GradeFilter(forms.Form):
    """Firms by name, place, field and grade; all of it stands in the address."""

    q = forms.CharField(label="企业", required=False, max_length=60)
    region = forms.ModelChoiceField(
        Region.objects.none(), label=spoken("乡镇办、园区"), required=False, empty_label="全部"
    )
    field = forms.ChoiceField(label="领域", required=False)
    grade = forms.ChoiceField(label="等级", required=False)

    def __init__(self, *args: Any, rules: Rules, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Region.objects.subtree(region).filter(level__in=TERRITORIAL)
        self.fields["region"].queryset = places.order_by("path")
        fields = [(field.code, field.label) for field in rules.grades.fields]
        self.fields["field"].choices = [("", "任一领域"), *fields]
        self.fields["grade"].choices = [("", "全部"), *_grades(rules), (UNGRADED, "未评定")]


class SeasonFilter(forms.Form):
    q = forms.CharField(label="企业", required=False, max_length=60)
    region = forms.ModelChoiceField(
        Region.objects.none(), label=spoken("乡镇办、园区"), required=False, empty_label="全部"
    )
    state = forms.ChoiceField(
        label="评定", required=False, choices=[("", "全部"), ("open", "未评定"), ("done", "已评定")]
    )

    def __init__(self, *args: Any, region: Region, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Region.objects.subtree(region).filter(level__in=TERRITORIAL)
        self.fields["region"].queryset = places.order_by("path")


class _Graded(TakesErrors, forms.Form):
    """What every grading has: grade, reason, document."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    grade = forms.ChoiceField(
        label="等级", widget=forms.RadioSelect, error_messages={"required": "请选择等级。"}
    )
    reason = forms.CharField(
        label="评定理由",
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="上一年度行政处罚次数、处罚后整改情况、整改效果",
        error_messages={"required": "请写明评定理由。"},
    )
    basis = forms.CharField(label="依据文号", required=False, max_length=MOST_BASIS)

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = _grades(rules)


class GradeForm(_Graded):
    effective_from = DayField(label="生效日期", error_messages={"required": "请填写生效日期。"})

    def __init__(self, *args: Any, criteria: GradeCriteria | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effective_from"].initial = clock.today()
        self.items = criteria.items if criteria else []
        for item in self.items:
            self.fields[item["code"]] = forms.IntegerField(
                label=f"{item['label']}（满分 {item['points']}）",
                required=False,
                min_value=0,
                max_value=item["points"],
                help_text=item["hint"],
            )

    @property
    def score_fields(self) -> list[forms.BoundField]:
        return [self[item["code"]] for item in self.items]

    def entered(self) -> dict[str, int | None]:
        return {item["code"]: self.cleaned_data.get(item["code"]) for item in self.items}


class BatchForm(_Graded):
    """The firms themselves are the ticked rows of the list, named ``firm``."""


class ConfirmForm(TakesErrors, forms.Form):
    agree = forms.ChoiceField(
        label="审定",
        choices=[("yes", "同意"), ("no", "不同意")],
        error_messages={"required": "请选择同意或不同意。"},
    )
    note = forms.CharField(label="审定意见", required=False, max_length=300)


class ToldForm(TakesErrors, forms.Form):
    how = forms.ChoiceField(label="怎样告知", choices=GradeRecord.Told.choices)


class ObjectionForm(TakesErrors, forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    received_on = DayField(label="提出日期", error_messages={"required": "请填写提出日期。"})
    how = forms.ChoiceField(label="提出方式", choices=GradeObjection.How.choices, widget=forms.RadioSelect)
    content = forms.CharField(
        label="企业的异议",
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请填写企业的异议。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received_on"].initial = clock.today()


class RulingForm(TakesErrors, forms.Form):
    result = forms.ChoiceField(
        label="裁定结果",
        choices=GradeObjection.Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择裁定结果。"},
    )
    grade = forms.ChoiceField(label="变更为", required=False, help_text="变更等级的才选，须比原等级宽")
    ruling = forms.CharField(
        label="裁定意见",
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写明裁定意见。"},
    )

    def __init__(self, *args: Any, rules: Rules, record: GradeRecord, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = rules.grades.order_of(record.grade)
        milder = [(grade.code, grade.label) for grade in rules.grades.ordered if grade.order < now]
        self.fields["grade"].choices = [("", "不变更"), *milder]


class SampleForm(TakesErrors, forms.Form):
    reason = forms.CharField(
        label="列入理由", max_length=200, error_messages={"required": "请写明列入理由。"}
    )


class CriteriaForm(TakesErrors, forms.Form):
    """The organ's own words, and up to ten items with points; thresholds for all but the strictest grade."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    year = forms.TypedChoiceField(label="年度", coerce=int)
    text = forms.CharField(
        label="分级分类标准",
        max_length=MOST_CRITERIA,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="仅供内部使用，不对外公布",
        error_messages={"required": "请填写分级分类标准。"},
    )

    def __init__(self, *args: Any, rules: Rules, criteria: GradeCriteria | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        year = clock.today().year
        self.fields["year"].choices = [(year, f"{year}年"), (year + 1, f"{year + 1}年")]
        self.rules = rules
        known = criteria.items if criteria else []
        self.rows = min(MOST_ITEMS, max(len(known) + EMPTY_ROWS, self._sent_rows()))
        for number in range(1, self.rows + 1):
            item = known[number - 1] if number <= len(known) else {}
            self.fields[f"label{number}"] = forms.CharField(
                label=f"评分项 {number}", required=False, max_length=60, initial=item.get("label", "")
            )
            self.fields[f"points{number}"] = forms.IntegerField(
                label="满分", required=False, min_value=1, max_value=MOST_POINTS, initial=item.get("points")
            )
            self.fields[f"hint{number}"] = forms.CharField(
                label="怎样评", required=False, max_length=120, initial=item.get("hint", "")
            )
        for grade in rules.grades.ordered[:-1]:
            self.fields[f"line_{grade.code}"] = forms.IntegerField(
                label=f"{grade.label}分数线",
                required=False,
                min_value=1,
                max_value=MOST_ITEMS * MOST_POINTS,
                initial=(criteria.thresholds if criteria else {}).get(grade.code),
            )
        if criteria:
            self.initial.setdefault("text", criteria.text)

    def _sent_rows(self) -> int:
        return sum(1 for name in self.data if str(name).startswith("label"))

    @property
    def item_rows(self) -> list[dict[str, forms.BoundField]]:
        return [
            {name: self[f"{name}{number}"] for name in ("label", "points", "hint")}
            for number in range(1, self.rows + 1)
        ]

    @property
    def lines(self) -> list[forms.BoundField]:
        return [self[f"line_{grade.code}"] for grade in self.rules.grades.ordered[:-1]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        items = []
        for number in range(1, self.rows + 1):
            label, points = data.get(f"label{number}", ""), data.get(f"points{number}")
            if label and points is None and f"points{number}" not in self.errors:
                self.add_error(f"points{number}", ValidationError("请填写满分。"))
            elif not label and (points is not None or data.get(f"hint{number}")):
                self.add_error(f"label{number}", ValidationError("请填写评分项的名称。"))
            elif label and points is not None:
                items.append(Item(label, points, data.get(f"hint{number}", "")))
        data["items"] = items
        data["thresholds"] = {
            grade.code: data[f"line_{grade.code}"]
            for grade in self.rules.grades.ordered[:-1]
            if data.get(f"line_{grade.code}") is not None
        }
        return data
