"""What each transition asks for. The page draws these forms, ``perform`` validates with them."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.models import Unit, User
from appeals.models import Appeal, Revisit, Solved, Urgency
from core import clock
from core.uploads import AttachmentsField
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules
from enterprises.models import Enterprise, Industry, Tier
from enterprises.subjects import SubjectField, subject_key

TEXT_LIMIT = 3000


def text(label: str, *, required: bool = True, rows: int = 4, help_text: str = "", limit: int = TEXT_LIMIT):
    """A multi-line text field."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=limit,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class TransitionForm(forms.Form):
    """Knows the appeal (None before it exists), the actor and the district's rules."""

    def __init__(
        self, *args, appeal: Appeal | None, actor: Actor, district: Region, rules: Rules, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.appeal, self.actor, self.district, self.rules = appeal, actor, district, rules
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices that depend on the appeal, the actor or the rules."""

    def of_rules(self, field: str, kind: str) -> None:
        self.fields[field].choices = [("", "请选择"), *self.rules.choices(kind)]

    def require(self, field: str, message: str) -> None:
        """A field that is needed because of what another one says."""
        if field not in self.errors and not self.cleaned_data.get(field):
            self.add_error(field, ValidationError(message, code="required"))


class ReasonForm(TransitionForm):
    reason = text("理由")


# --- The bureau's desk ----------------------------------------------------------------------------


class AcceptForm(TransitionForm):
    """Category, urgency, and the firm matched to the roster: found there, or added to it."""

    category = forms.ChoiceField(label="类别")
    urgency = forms.ChoiceField(label="紧急程度", choices=Urgency.choices)
    subject = SubjectField(label="底册中的企业或项目", required=False)
    add_to_roster = forms.BooleanField(label="底册中没有，按自报名称新增到企业底册", required=False)
    region = forms.ModelChoiceField(label="所在乡镇办、园区", queryset=Region.objects.none(), required=False)
    industry = forms.ChoiceField(
        label="行业门类", choices=[("", "暂不确定"), *Industry.choices], required=False
    )
    tier = forms.ChoiceField(label="层级", choices=Tier.choices, required=False, initial=Tier.SMALL)

    def prepare(self) -> None:
        self.of_rules("category", "categories")
        self.fields["region"].queryset = Region.objects.filter(parent=self.district)
        self.fields["subject"].user = self.actor.user
        self.suggested = self.likely_enterprise()
        if self.suggested is not None:
            self.initial["subject"] = subject_key(self.suggested)
        if self.appeal is not None:
            self.initial |= {
                "category": self.appeal.category,
                "urgency": self.appeal.urgency,
                "region": self.appeal.region_id if self.appeal.region_id != self.district.pk else None,
            }
            if self.appeal.is_matched:
                for field in ("subject", "add_to_roster", "region", "industry", "tier"):
                    del self.fields[field]

    def likely_enterprise(self) -> Enterprise | None:
        """The one enterprise of the roster with the claimed code, or exactly the claimed name."""
        if self.appeal is None or self.appeal.is_matched or self.actor.user is None:
            return None
        roster = Enterprise.objects.visible_to(self.actor.user).active()
        code = self.appeal.claimed_code
        fits = Q(credit_code=code) | Q(registration_number=code) if code else Q(name=self.appeal.claimed_name)
        found = list(roster.filter(fits)[:2])
        return found[0] if len(found) == 1 else None

    def clean(self) -> dict:
        data = super().clean()
        if "subject" not in self.fields or "subject" in self.errors:
            return data
        if bool(data.get("subject")) == bool(data.get("add_to_roster")):
            raise ValidationError(
                "请从底册中选定企业或项目，或勾选“新增到企业底册”，二者选一。", code="subject"
            )
        if data.get("add_to_roster"):
            self.require("region", "新增企业须选定所在乡镇办、园区。")
            data["tier"] = data.get("tier") or Tier.SMALL
        return data


class ProposeDeclineForm(TransitionForm):
    ground = forms.ChoiceField(label="不予受理的情形")
    reason = text("说明", help_text="写给企业看：为什么不属于本平台受理范围，应到哪里反映。")

    def prepare(self) -> None:
        self.of_rules("ground", "decline_grounds")


class DeclineForm(TransitionForm):
    opinion = text("复核意见", rows=2)


class DispatchForm(TransitionForm):
    lead_unit = forms.ModelChoiceField(label="主办单位", queryset=Unit.objects.none(), empty_label="请选择")
    assisting_units = forms.ModelMultipleChoiceField(
        label="协办单位", queryset=Unit.objects.none(), required=False
    )
    due_on = forms.DateField(
        label="办结期限",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="不填即按规定时限。",
    )
    requirements = text("办理要求", required=False, help_text="随交办单送达主办、协办单位。")

    def prepare(self) -> None:
        units = handling_units(self.district, self.rules)
        self.fields["lead_unit"].queryset = units
        self.fields["assisting_units"].queryset = units

    def clean_due_on(self) -> date | None:
        due_on = self.cleaned_data["due_on"]
        if due_on is None:
            return None
        calendar = work_calendar(self.rules)
        if due_on <= clock.today():
            raise ValidationError("办结期限应晚于今天。", code="past")
        if not calendar.is_workday(due_on):
            raise ValidationError("办结期限不是工作日，请另选一天。", code="day_off")
        return due_on

    def clean(self) -> dict:
        data = super().clean()
        if data.get("lead_unit") in (data.get("assisting_units") or []):
            self.add_error(
                "assisting_units", ValidationError("主办单位不能同时是协办单位。", code="same_unit")
            )
        return data


def handling_units(district: Region, rules: Rules) -> QuerySet[Unit]:
    """The units an appeal can be dispatched to."""
    return Unit.objects.of_district(district).active().filter(kind__in=rules.handling_unit_kinds)


class RecordProvincialForm(TransitionForm):
    provincial_number = forms.CharField(label="省平台编号", max_length=40)


# --- The handling unit ----------------------------------------------------------------------------


class SignForm(TransitionForm):
    officer = forms.ModelChoiceField(label="经办人", queryset=User.objects.none(), required=False)

    def prepare(self) -> None:
        colleagues = User.objects.filter(unit=self.actor.unit_id, is_active=True)
        self.fields["officer"].queryset = colleagues
        self.fields["officer"].empty_label = "本人"

    def clean_officer(self) -> User | None:
        return self.cleaned_data["officer"] or self.actor.user


class AssistForm(TransitionForm):
    opinion = text("协办意见")


class FeedbackForm(TransitionForm):
    """The answer to the firm, with the effects that rows 17–20 of the weekly table add up."""

    result = text("办理结果", rows=6, help_text="写给企业看。")
    basis = text("政策或法律依据", required=False, rows=2)
    solved = forms.ChoiceField(label="是否解决", choices=Solved.choices, widget=forms.RadioSelect)
    attachments = AttachmentsField(label="附件", required=False)

    def prepare(self) -> None:
        for effect in self.rules.effects:
            if effect.code != "supply":
                self.fields[self.effect_field(effect.code)] = forms.DecimalField(
                    label=f"{effect.label}（{effect.unit}）",
                    required=False,
                    min_value=0,
                    max_digits=12,
                    decimal_places=0 if effect.unit in {"人", "个"} else 2,
                )

    @staticmethod
    def effect_field(code: str) -> str:
        return f"effect_{code}"


class RevisitForm(TransitionForm):
    method = forms.ChoiceField(label="方式", choices=Revisit.Method.choices)
    reached = forms.TypedChoiceField(
        label="是否接通",
        choices=[("yes", "接通（见到）"), ("no", "未接通")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    solved = forms.ChoiceField(
        label="企业认为是否解决", choices=Solved.choices, required=False, widget=forms.RadioSelect
    )
    satisfaction = forms.ChoiceField(label="满意度", required=False)
    note = text("回访记录", required=False)

    def prepare(self) -> None:
        self.of_rules("satisfaction", "satisfaction")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("reached") is True:
            self.require("solved", "接通的，请记录企业认为是否解决。")
            self.require("satisfaction", "接通的，请记录企业的满意度。")
        elif data.get("reached") is False:
            data["solved"] = data["satisfaction"] = ""
        return data


# --- Judging and closing --------------------------------------------------------------------------


class RateForm(TransitionForm):
    satisfaction = forms.ChoiceField(label="您对办理结果是否满意", widget=forms.RadioSelect)
    solved = forms.ChoiceField(label="问题解决了吗", choices=Solved.choices, widget=forms.RadioSelect)
    comment = text("还想说的话", required=False, limit=1000)

    def prepare(self) -> None:
        self.fields["satisfaction"].choices = self.rules.choices("satisfaction")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("satisfaction") and data["satisfaction"] not in self.rules.satisfied_levels:
            self.require("comment", "请告诉我们哪里不满意，区里将在规定时限内裁定是否重办。")
        return data


class CloseForm(TransitionForm):
    """Where the firm is not satisfied, a leader confirms in writing that all was done and explained."""

    explanation = text("审核意见", required=False, help_text="企业不满意而仍办结的，须写明已作的解释。")

    def clean(self) -> dict:
        data = super().clean()
        if self.appeal is not None and not self.appeal_is_satisfied():
            self.require("explanation", "企业不满意，须写明已作的解释和办结理由。")
        return data

    def appeal_is_satisfied(self) -> bool:
        last = self.appeal.revisits.filter(round=self.appeal.round, concludes=True).last()
        return last is None or not last.reached or last.satisfaction in self.rules.satisfied_levels


class RedoForm(TransitionForm):
    reason = text("哪里还不对", help_text="写给办理单位看：企业还不满意什么，要怎样重办。")
    lead_unit = forms.ModelChoiceField(
        label="主办单位", queryset=Unit.objects.none(), required=False, empty_label="仍由原单位"
    )

    def prepare(self) -> None:
        self.fields["lead_unit"].queryset = handling_units(self.district, self.rules)
