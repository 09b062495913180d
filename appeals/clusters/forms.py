"""Forms of clusters and improvements: what is put right, what is taken on, and each step of the way."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from appeals.clusters import correcting, improving
from appeals.clusters.improving import Result, Task, handling_units
from appeals.clusters.permissions import may_manage
from appeals.models import Appeal, Cluster, Improvement
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, SeveralField
from enterprises.forms import TakesErrors
from policies.models import Policy


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


def _reason(label: str = "原因") -> forms.CharField:
    return forms.CharField(label=label, max_length=correcting.MOST_REASON)


class TokenForm(TakesErrors, forms.Form):
    token = _token()


class TitleForm(TokenForm):
    title = forms.CharField(label="名称", max_length=correcting.MOST_TITLE)


class ReasonForm(TokenForm):
    reason = _reason()


class NumberForm(TokenForm):
    """An appeal by its number, as far as the user may see it."""

    number = forms.CharField(label="诉求编号", max_length=30, help_text="登记回执上的编号")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def appeal(self) -> Appeal | None:
        rows = Appeal.objects.visible_to(self.user).filter(number=self.cleaned_data["number"].strip())
        return rows.select_related("district").first()


class MergeForm(TokenForm):
    into = forms.ModelChoiceField(
        Cluster.objects.none(),
        label="并入",
        empty_label="请选择",
        error_messages={"required": "请选择并入哪一类。"},
    )

    def __init__(self, *args: Any, user: User, cluster: Cluster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Cluster.objects.visible_to(user).active().filter(district=cluster.district_id)
        self.fields["into"].queryset = others.exclude(pk=cluster.pk).order_by("category", "title")  # type: ignore[attr-defined]


class TaskForm(TokenForm):
    """What is to be improved. A department takes it on for itself; the bureau chooses who."""

    unit = forms.ModelChoiceField(
        Unit.objects.none(),
        label="牵头责任单位",
        empty_label="请选择",
        error_messages={"required": "请选择牵头责任单位。"},
    )
    assisting = SeveralField(Unit.objects.none(), label="协同责任单位", required=False)
    kind = forms.ChoiceField(
        label="改进方式", choices=Improvement.Kind.choices, widget=forms.RadioSelect,
        error_messages={"required": "请选择改进方式。"},
    )  # fmt: skip
    goal = _text(
        "要改进什么", improving.MOST_TEXT, hint="哪项政策、程序或服务怎样改，改到什么程度，使同类问题不再发生"
    )
    due_on = _day("完成时限")

    def __init__(self, *args: Any, user: User, cluster: Cluster, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = handling_units(cluster.district)
        chooses = may_manage(user, cluster)
        self.fields["assisting"].queryset = units  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units if chooses else Unit.objects.filter(pk=user.unit_id)  # type: ignore[attr-defined]
        if not chooses:
            self.fields["unit"].empty_label = None  # type: ignore[attr-defined]
            self.initial.setdefault("unit", user.unit_id)

    def task(self) -> Task:
        data = self.cleaned_data
        return Task(
            unit=data["unit"],
            kind=data["kind"],
            goal=data["goal"],
            due_on=data["due_on"],
            assisting=tuple(data["assisting"]),
        )

    @property
    def chosen_units(self) -> int:
        return len(self["assisting"].value() or [])


class ChangeForm(TaskForm):
    reason = _reason("调整原因")

    def __init__(self, *args: Any, improvement: Improvement, **kwargs: Any) -> None:
        initial = {
            "unit": improvement.unit_id,
            "assisting": [unit.pk for unit in improvement.assisting.all()],
            "kind": improvement.kind,
            "goal": improvement.goal,
            "due_on": improvement.due_on,
        }
        super().__init__(
            *args, cluster=improvement.cluster, initial=initial | kwargs.pop("initial", {}), **kwargs
        )
        # A unit that no longer handles appeals may stay where it is.
        for name, kept in (("unit", [improvement.unit_id]), ("assisting", initial["assisting"])):
            field: Any = self.fields[name]
            field.queryset = field.queryset | Unit.objects.filter(
                pk__in=kept, district=improvement.district_id
            )


class ProgressForm(TokenForm):
    text = _text("工作进展", improving.MOST_TEXT, hint="做了什么、卡在哪里、下一步怎么办")


class ReportForm(TokenForm):
    result = _text("完成情况", improving.MOST_TEXT, hint="怎样改的、惠及多少企业、依据什么")
    effective_on = _day("改进措施实施日期", "成效从这一天起前后对比")
    policy = forms.ModelChoiceField(
        Policy.objects.none(),
        label="形成的政策",
        required=False,
        empty_label="没有，或尚未录入政策库",
        help_text="选择政策库中的政策；还没有的，可先在“惠企政策”中录入",
    )
    document = forms.CharField(
        label="形成的文件",
        max_length=improving.MOST_DOCUMENT,
        required=False,
        help_text="不在政策库中的，写明名称、文号",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["policy"].queryset = Policy.objects.visible_to(user).order_by("-pk")  # type: ignore[attr-defined]
        self.initial.setdefault("effective_on", clock.today())

    def result_(self) -> Result:
        data = self.cleaned_data
        return Result(data["result"], data["effective_on"], data["policy"], data["document"])


class ConfirmForm(TokenForm):
    note = forms.CharField(
        label="核实情况",
        max_length=improving.MOST_REASON,
        required=False,
        help_text="如：已看到文件，新办法已执行",
    )
