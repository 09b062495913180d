"""Forms of the roster: one firm, one project, a year's facts, a reported change, a merge."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from core.fields import DayInput, TakesErrors
from core.wording import speak, spoken
from districts.models import Region
from enterprises.change_reports import CLOSED, MOST_NOTE, REPORTABLE, reportable
from enterprises.models import ChangeReport, Enterprise, Project, RosterEntry, YearlyFacts
from enterprises.policies import TERRITORIAL, editable_region
from enterprises.selectors import find_exactly
from enterprises.services import ChangedMeanwhile, digest_of, fingerprint
from enterprises.subjects import SubjectField
from enterprises.uscc import clean_credit_code, clean_registration_number


class RosterEntryForm(TakesErrors, forms.ModelForm):
    """The shared half of both forms: places the user looks after, units of the district."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    """The fingerprint of what the form showed when it was opened, so that a stale save is noticed."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        region = editable_region(user)
        places = (
            Region.objects.subtree(region).filter(level__in=TERRITORIAL) if region else Region.objects.none()
        )
        if self.instance.region_id:
            places = places | Region.objects.filter(pk=self.instance.region_id)
        self.fields["region"].queryset = places.order_by("path")  # type: ignore[attr-defined]
        self.fields["region"].empty_label = "请选择"  # type: ignore[attr-defined]
        units = (
            Unit.objects.visible_to(user).active().filter(district=user.unit.district if user.unit else None)
        )
        self.fields["competent_unit"].queryset = units  # type: ignore[attr-defined]
        self.fields["competent_unit"].empty_label = "未指定"  # type: ignore[attr-defined]
        for name in {"tier", "industry", "size_class", "above_scale_kind"} & set(self.fields):
            blank = "请选择" if self.fields[name].required else "未填写"
            choices = self.fields[name].choices  # type: ignore[attr-defined]
            self.fields[name].choices = [(code, label if code else blank) for code, label in choices]  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["seen"] = json.dumps(self._fingerprint())
        else:
            del self.fields["active"], self.fields["seen"]

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def changes(self) -> dict[str, Any]:
        """Every field, for the service to write the ones that differ."""
        return self.values()

    def values(self) -> dict[str, Any]:
        """Everything a new entry is made of."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"token", "seen"}}

    def _fingerprint(self) -> dict[str, str]:
        return fingerprint(self.instance, [name for name in self.fields if name not in {"token", "seen"}])

    def clean_seen(self) -> dict[str, str] | None:
        """None without it, as a script may send; nonsense counts as a form opened long ago."""
        text = self.cleaned_data["seen"]
        if not text:
            return None
        try:
            seen = json.loads(text)
        except ValueError:
            seen = {}
        seen = seen if isinstance(seen, dict) else {}
        return {name: str(seen.get(name, "")) for name in self._fingerprint()}

    def show_what_changed(self, error: ChangedMeanwhile) -> None:
        """Keep what was typed; a field the user left alone shows what stands there now. A second save counts."""
        seen = self.cleaned_data["seen"]
        self.data = self.data.copy()
        self.add_error(None, error.messages)
        for name in error.fields:
            if digest_of(self.cleaned_data.get(name)) != seen[name]:
                self.add_error(
                    name, f"现在{speak('底册')}中是“{self._in_words(name, error.entry)}”，您填的仍留在这里。"
                )
                continue
            now = self.fields[name].prepare_value(getattr(error.entry, name))
            self.data[name] = "" if now is None or now is False else now
            self.add_error(name, "已换成最新内容。")
        self.data["seen"] = json.dumps(fingerprint(error.entry, list(self._fingerprint())))

    def _in_words(self, name: str, entry: RosterEntry) -> str:
        display = getattr(entry, f"get_{name}_display", None)
        value = display() if display else getattr(entry, name)
        if isinstance(value, bool):
            return "在册" if value else "不在册"
        return str(value or "空")

    def _post_clean(self) -> None:
        """The service validates the entry as a whole; here the form only checks its fields."""


class EnterpriseForm(RosterEntryForm):
    # Longer than the code, so that a wrong number is explained and not cut.
    credit_code = forms.CharField(
        label="统一社会信用代码", required=False, max_length=40, help_text="18位；没有的，填注册号或写明原因"
    )
    registration_number = forms.CharField(
        label="注册号", required=False, max_length=40, help_text="15位工商注册号"
    )

    class Meta:
        model = Enterprise
        fields = [
            "name", "tier", "credit_code", "registration_number", "no_code_reason", "region", "industry",
            "size_class", "above_scale_kind", "founded_on", "competent_unit", "address", "legal_person",
            "main_products", "contact_name", "contact_post", "contact_phone", "active",
        ]  # fmt: skip
        help_texts = {
            "no_code_reason": "前两栏都没有时填写，如：正在办理营业执照",
            "active": "不再经营或已迁出的，取消勾选；记录保留",
            "above_scale_kind": "四上企业填写",
            "founded_on": "营业执照上的成立日期，政策按成立年限比对",
        }
        widgets = {"founded_on": DayInput}

    def clean_credit_code(self) -> str | None:
        value = self.cleaned_data["credit_code"]
        return clean_credit_code(value) if value else None

    def clean_registration_number(self) -> str | None:
        value = self.cleaned_data["registration_number"]
        return clean_registration_number(value) if value else None


class ProjectForm(RosterEntryForm):
    owner = SubjectField(
        label=spoken("建设单位（底册内）"),
        required=False,
        help_text=spoken("输入三个字查找；不在底册的填下一栏"),
    )

    class Meta:
        model = Project
        fields = [
            "name", "region", "owner", "owner_name", "investment", "stage", "industry", "competent_unit",
            "address", "contact_name", "contact_post", "contact_phone", "active",
        ]  # fmt: skip
        help_texts = {"stage": "如：前期、在建、投产", "active": "已竣工转企业或已取消的，取消勾选；记录保留"}

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["owner"].user = user  # type: ignore[attr-defined]
        self.initial["owner"] = self.instance.owner

    def clean_owner(self) -> Enterprise | None:
        owner = self.cleaned_data["owner"]
        typed = str(self.data.get("owner_text", "")).strip()
        if owner is None and typed:
            # Without JavaScript nothing was chosen from the list; the whole name or code will do.
            owner = find_exactly(user=self.user, text=typed)
            if owner is None:
                raise ValidationError(
                    f"{speak('底册')}中没有找到“{typed[:30]}”：请填全称，或把名称填在“建设单位名称”一栏。"
                )
        if isinstance(owner, Project):
            raise ValidationError("建设单位应为企业，不能是项目。")
        return owner

    def clean_investment(self) -> Any:
        value = self.cleaned_data["investment"]
        if value is not None and value < 0:
            raise ValidationError("总投资不能为负数。")
        return value


def roster_form(entry: RosterEntry) -> type[RosterEntryForm]:
    return EnterpriseForm if isinstance(entry, Enterprise) else ProjectForm


# --- Reported changes -----------------------------------------------------------------------------


class ChangeReportForm(TakesErrors, forms.Form):
    """What is no longer right: one blank box a field, next to what stands on the roster today."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, entry: Enterprise | Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entry = entry
        for name, label in reportable(entry).items():
            if name != CLOSED:
                longest = entry._meta.get_field(name).max_length
                self.fields[name] = forms.CharField(label=label, required=False, max_length=longest)
        self.fields[CLOSED] = forms.BooleanField(
            label="企业已停业或搬离" if isinstance(entry, Enterprise) else "项目已取消或已建成",
            required=False,
        )
        self.fields["note"] = forms.CharField(
            label="说明",
            required=False,
            max_length=MOST_NOTE,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="怎么得知的、从什么时候起；上面没有的栏目也写在这里",
        )

    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in reportable(self.entry)}


class DecisionForm(TakesErrors, forms.Form):
    """The dispatcher's decision: which of the reported fields to take over, or none, with a word to the reporter."""

    ACCEPT, REFUSE = "accept", "refuse"

    fields_chosen = forms.MultipleChoiceField(
        label="采纳的栏目", required=False, widget=forms.CheckboxSelectMultiple
    )
    decision = forms.ChoiceField(
        choices=[(ACCEPT, "采纳勾选的栏目"), (REFUSE, "不采纳")],
        error_messages={"required": "请选择采纳或不采纳。"},
    )
    answer = forms.CharField(
        label="审核意见",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="反馈的工作人员会收到；企业扫码反馈的，请按留下的电话告知。不采纳的必填",
    )

    def __init__(self, *args: Any, report: ChangeReport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fields_chosen"].choices = [(name, REPORTABLE[name]) for name in report.changes]  # type: ignore[attr-defined]

    def take_errors(self, error: ValidationError) -> None:
        if hasattr(error, "error_dict") and "fields" in error.error_dict:
            error.error_dict["fields_chosen"] = error.error_dict.pop("fields")
        super().take_errors(error)


# --- Year by year ---------------------------------------------------------------------------------


class YearlyFactsForm(TakesErrors, forms.ModelForm):
    """One year of the information base; the year itself is fixed once it is recorded."""

    class Meta:
        model = YearlyFacts
        fields = [
            "year", "products", "capacity", "technology", "market_share", "standing", "sales", "tax",
            "research", "employees", "target", "measures",
        ]  # fmt: skip
        widgets = {
            "target": forms.Textarea(attrs={"rows": 3}),
            "measures": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {"capacity": "如：年产铜带2万吨", "market_share": "如：省内约15%"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["year"]

    def _post_clean(self) -> None:
        """The service validates the year as a whole."""


# --- Merging --------------------------------------------------------------------------------------


class MergeForm(TakesErrors, forms.Form):
    """Which firm stays and which is its double."""

    kept = SubjectField(
        label="保留的企业",
        error_messages={"required": "请选择要保留的企业。"},
        help_text="名称、层级等以它为准",
    )
    duplicate = SubjectField(
        label="重复的企业",
        error_messages={"required": "请选择重复的企业。"},
        help_text=spoken("它的记录全部转到保留的企业，它本身退出底册"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        for name in ("kept", "duplicate"):
            self.fields[name].user = user  # type: ignore[attr-defined]
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Without JavaScript nothing was chosen from the list; the whole name or code will do."""
        for name in ("kept", "duplicate"):
            typed = str(self.data.get(f"{name}_text", "")).strip()
            chosen = self.cleaned_data.get(name)
            if name in self.errors:
                continue
            if chosen is None and typed:
                chosen = find_exactly(user=self.user, text=typed)
            if not isinstance(chosen, Enterprise):
                said = (
                    f"{speak('底册')}中没有找到“{typed[:30]}”，请填企业全称或代码。"
                    if typed
                    else "请选择企业。"
                )
                self.add_error(name, said)
            self.cleaned_data[name] = chosen
        return self.cleaned_data
