"""Forms of the list of 存量问题: what the problem is, how it is to be solved, and each step of the way."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.models import Unit, User
from appeals.backlog import MOST_AT_ONCE
from appeals.backlog_rules import (
    MOST_REASON,
    MOST_TEXT,
    Course,
    Matter,
    course_of,
    matter_of,
    may_manage_item,
)
from appeals.forms import handling_units
from appeals.models import Appeal, BacklogItem
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, FigureField, SeveralField
from core.search import normalise
from core.wording import spoken
from districts.profile import Rules
from enterprises.forms import TakesErrors
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, subject_on_roster

Source, Classification = BacklogItem.Source, BacklogItem.Classification


def _token() -> forms.CharField:
    return forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


def _day(label: str, hint: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text=hint,
        error_messages={"required": f"请填写{label}。", "invalid": "请填写日期，如 2026-11-30。"},
    )


def _text(label: str, most: int, *, required: bool = True, rows: int = 4, hint: str = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=most, widget=area, help_text=hint)


class CourseForm(TakesErrors, forms.Form):
    """How it is to be solved. Alone for candidates put on the list together; with the rest for one problem."""

    token = _token()
    classification = forms.ChoiceField(
        label="分类",
        choices=Classification.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择分类。"},
    )
    due_on = _day("完成时限", "争议类填下次跟进日期")
    plan = _text("化解方案", MOST_TEXT, required=False, hint="限期类必填：怎样化解、分几步、谁来办")
    route = forms.ChoiceField(
        label="法律途径", choices=[("", "请选择"), *BacklogItem.Route.choices], required=False
    )
    next_step = forms.CharField(
        label="下一步",
        max_length=MOST_REASON,
        required=False,
        help_text="如：5月底前组织调解，调解不成引导诉讼",
    )

    def explain(self, rules: Rules) -> None:
        """Say what each class means here."""
        days = rules.backlog.immediate_days
        self.fields["classification"].help_text = (
            f"立即类：权利义务明晰、具备条件的，{days}个工作日内化解；限期类：暂不具备条件的，定方案、定时限；"
            "争议类：权利义务有争议的，引导通过调解、行政复议、行政裁决、诉讼等方式解决。"
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("classification") != Classification.DISPUTED:
            # What was chosen before the class was changed back is not meant.
            data["route"] = data["next_step"] = ""
        return data

    def course(self) -> Course:
        names = ("classification", "due_on", "plan", "route", "next_step")
        return Course(**{name: self.cleaned_data[name] for name in names})


class MatterForm(TakesErrors, forms.Form):
    """What the problem is and who is to solve it."""

    source = forms.ChoiceField(
        label="来源", choices=[("", "请选择"), *Source.choices], error_messages={"required": "请选择来源。"}
    )
    reference = forms.CharField(
        label="文号、案号或编号",
        max_length=80,
        required=False,
        help_text="政策文号、合同编号、案号、平台编号；未办结诉求填诉求编号（必填）",
    )
    title = forms.CharField(
        label="问题", max_length=80, required=False, help_text="一句话；未办结诉求不用填，取诉求的标题"
    )
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    claimed_name = forms.CharField(
        label=spoken("不在底册的企业名称"),
        max_length=120,
        required=False,
        help_text=spoken("底册中找不到时填写"),
    )
    facts = _text("具体情况", MOST_TEXT, required=False, rows=5)
    amount = FigureField(label="涉及金额（万元）", required=False, max_digits=12, decimal_places=2)
    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label="牵头责任单位",
        empty_label="请选择",
        error_messages={"required": "请选择牵头责任单位。"},
    )
    assisting = SeveralField(Unit.objects.none(), label="协同责任单位", required=False)
    found_on = _day("发现日期")

    def __init__(
        self, *args: Any, user: User, rules: Rules, item: BacklogItem | None = None, **kwargs: Any
    ) -> None:
        self.user, self.item = user, item
        super().__init__(*args, **kwargs)
        self.fields["subject"].user = user
        units = handling_units(user.unit.district, rules).order_by("order", "pk")
        self.fields["unit"].queryset = self.fields["assisting"].queryset = units
        if item is not None and item.appeal:
            for name in ("source", "reference", "title", "subject", "claimed_name"):
                del self.fields[name]
        elif item is not None:
            self.fields["source"].choices = [one for one in Source.choices if one[0] != Source.APPEAL]

    def clean_reference(self) -> str:
        return " ".join(self.cleaned_data["reference"].split())

    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["appeal"] = self.item.appeal if self.item else None
        if data.get("source") == Source.APPEAL and data.get("reference"):
            data["appeal"] = self.appeal_called(data["reference"])
        if data["appeal"] or data.get("subject"):
            data["claimed_name"] = ""
        return data

    def appeal_called(self, number: str) -> Appeal | None:
        found = Appeal.objects.visible_to(self.user).select_related(
            "region", "enterprise__region", "project__region", "lead_unit", "collecting_unit"
        )  # fmt: skip
        appeal = found.filter(number=normalise(number).upper()).first()
        if appeal is None:
            self.add_error("reference", ValidationError("没有这个编号的诉求。", code="unknown"))
        return appeal

    def matter(self) -> Matter:
        data = self.cleaned_data
        return Matter(
            source=data.get("source") or Source.APPEAL,
            unit=data["unit"],
            title="" if data["appeal"] else data["title"],
            subject=data.get("subject"),
            claimed_name=data.get("claimed_name", ""),
            appeal=data["appeal"],
            reference=data.get("reference", ""),
            facts=data["facts"],
            amount=data["amount"],
            assisting=tuple(data["assisting"]),
            found_on=data["found_on"],
        )


class NewItemForm(MatterForm, CourseForm):
    """One problem and how it is to be solved."""

    def __init__(self, *args: Any, user: User, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, user=user, rules=rules, **kwargs)
        self.explain(rules)


class ChangeForm(MatterForm):
    token = _token()

    def __init__(self, *args: Any, item: BacklogItem, **kwargs: Any) -> None:
        matter = matter_of(item)
        names = (
            "source",
            "reference",
            "title",
            "subject",
            "claimed_name",
            "facts",
            "amount",
            "unit",
            "found_on",
        )
        initial = {name: getattr(matter, name) for name in names}
        initial["assisting"] = [unit.pk for unit in matter.assisting]
        super().__init__(*args, item=item, initial=initial | kwargs.pop("initial", {}), **kwargs)
        # Units that no longer handle anything may stay where they are.
        kept = Unit.objects.filter(pk__in=[item.unit_id, *initial["assisting"]])
        for name in ("unit", "assisting"):
            self.fields[name].queryset = (self.fields[name].queryset | kept).distinct()


class CourseOfItemForm(CourseForm):
    """The bureau adjusts everything; the unit writes the plan, and the legal way of what is disputed."""

    reason = forms.CharField(
        label="理由", max_length=MOST_REASON, required=False, help_text="调整分类或完成时限的，须写明为什么"
    )

    def __init__(self, *args: Any, item: BacklogItem, user: User, rules: Rules, **kwargs: Any) -> None:
        course = course_of(item)
        names = ("classification", "due_on", "plan", "route", "next_step")
        initial = {name: getattr(course, name) for name in names} | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)
        self.was = course
        self.explain(rules)
        if not may_manage_item(user, item):
            del self.fields["classification"], self.fields["reason"]
            if item.is_disputed:
                self.fields["due_on"].label = "下次跟进日期"
                self.fields["due_on"].help_text = ""
            else:
                for name in ("due_on", "route", "next_step"):
                    del self.fields[name]

    def clean(self) -> dict[str, Any]:
        # What is not the user's to change stays as it was.
        for name in ("classification", "due_on", "route", "next_step"):
            if name not in self.fields:
                self.cleaned_data[name] = getattr(self.was, name)
        return super().clean()


class ProgressForm(TakesErrors, forms.Form):
    token = _token()
    day = _day("日期")
    text = _text("工作进展", MOST_TEXT, hint="做了什么、卡在哪里、下一步怎么办")

    def clean_day(self) -> date:
        if self.cleaned_data["day"] > clock.today():
            raise ValidationError("日期不能晚于今天。", code="future")
        return self.cleaned_data["day"]


class ReportForm(TakesErrors, forms.Form):
    token = _token()
    result = _text("化解情况", MOST_TEXT, hint="怎样化解的、兑现多少、企业是否认可、依据什么")


class ConfirmForm(TakesErrors, forms.Form):
    token = _token()
    note = forms.CharField(
        label="核实情况", max_length=MOST_REASON, required=False, help_text="如：已电话核实，企业认可"
    )


class ReasonForm(TakesErrors, forms.Form):
    token = _token()
    reason = forms.CharField(label="原因", max_length=MOST_REASON)


class CandidatesForm(CourseForm):
    """The appeals that were ticked, or all that are put up."""

    everything = forms.BooleanField(label="列出的全部，不只勾选的", required=False)
    chosen = SeveralField(Appeal.objects.none(), required=False)

    def __init__(self, *args: Any, found: QuerySet, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.explain(rules)
        self.found = found
        self.fields["chosen"].queryset = found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "chosen" in self.errors:
            del self.errors["chosen"]
            raise ValidationError("勾选的诉求已有变化，请刷新后再选。")
        rows = self.found if data.get("everything") else data["chosen"]
        data["appeals"] = appeals = list(rows[: MOST_AT_ONCE + 1])
        if not appeals:
            raise ValidationError("请先勾选诉求。")
        if len(appeals) > MOST_AT_ONCE:
            raise ValidationError(f"一次最多列入{MOST_AT_ONCE}件，请分批勾选。")
        return data
