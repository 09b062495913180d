"""The bureau's desk: accept, decline, merge, instruct, dispatch."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import Role, Unit, User
from appeals.forms.base import OpinionForm, TransitionForm, day_field, handling_units, text
from appeals.models import Appeal, Status, Urgency
from appeals.provincial import clean_provincial_number, refuse_taken_number
from core.fields import SeveralField
from core.search import normalise
from core.uploads import AttachmentsField
from core.wording import speak, spoken
from districts.models import Region
from enterprises.models import Enterprise, Industry, Tier
from enterprises.subjects import SubjectField, subject_key


class AcceptForm(TransitionForm):
    """Category, urgency, and the firm matched to the roster: found there, or added to it."""

    category = forms.ChoiceField(label="类别")
    urgency = forms.ChoiceField(label="紧急程度", choices=Urgency.choices)
    subject = SubjectField(label=spoken("底册中的企业或项目"), required=False)
    add_to_roster = forms.BooleanField(label=spoken("底册中没有，按自报名称新增到企业底册"), required=False)
    region = forms.ModelChoiceField(
        label=spoken("所在乡镇办、园区"), queryset=Region.objects.none(), required=False
    )
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
                speak("请从底册中选定企业或项目，或勾选“新增到企业底册”，二者选一。"), code="subject"
            )
        if data.get("add_to_roster"):
            self.require("region", speak("新增企业须选定所在乡镇办、园区。"))
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
    assisting_units = SeveralField(label="协办单位", queryset=Unit.objects.none(), required=False)
    due_on = day_field("办结期限", required=False, help_text="不填即按规定时限。")
    assist_due_on = day_field("协办意见期限", required=False, help_text="不填即按规定时限。")
    requirements = text("办理要求", required=False, help_text="随交办单送达主办、协办单位。")

    def prepare(self) -> None:
        units = handling_units(self.district, self.rules)
        self.fields["lead_unit"].queryset = units
        self.fields["assisting_units"].queryset = units

    def clean_due_on(self) -> date | None:
        return self.workday_ahead("due_on")

    def clean_assist_due_on(self) -> date | None:
        return self.workday_ahead("assist_due_on")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("lead_unit") in (data.get("assisting_units") or []):
            self.add_error(
                "assisting_units", ValidationError("主办单位不能同时是协办单位。", code="same_unit")
            )
        return data


class RecordProvincialForm(TransitionForm):
    provincial_number = forms.CharField(label="省平台编号", max_length=40)

    def clean_provincial_number(self) -> str:
        number = clean_provincial_number(self.cleaned_data["provincial_number"], self.rules)
        refuse_taken_number(number, district=self.district, by=self.actor.user, apart_from=self.appeal)
        return number


class ObjectionRulingForm(OpinionForm):
    """The bureau's leader rules on the firm's objection; the firm reads why."""

    opinion = text("复核意见", help_text="写给企业看。")


class MergeForm(TransitionForm):
    """The main appeal, which this one follows from now on: of the same district, and not itself merged."""

    from_address = ("main",)

    main = forms.CharField(label="主件编号", max_length=30, help_text="并入后随主件办理，各企业分别回访。")
    reason = text("并单说明", required=False, rows=2, help_text="写给企业看：为什么一并办理。")

    def clean_main(self) -> Appeal:
        number = normalise(self.cleaned_data["main"]).upper()
        user = self.actor.user
        main = Appeal.objects.visible_to(user).filter(number=number).first() if user else None
        if main is None or self.appeal is None or main.district_id != self.appeal.district_id:
            raise ValidationError("没有找到这个编号的诉求。", code="unknown")
        if main.pk == self.appeal.pk:
            raise ValidationError("不能并入自己。", code="itself")
        if main.status == Status.MERGED:
            raise ValidationError("主件本身已并入别的诉求，请填写最终的主件。", code="merged")
        if main.is_final:
            raise ValidationError(f"主件已{main.get_status_display()}，不能再并入。", code="final")
        return main


class AskInstructionForm(TransitionForm):
    leader = forms.ModelChoiceField(label="呈请", queryset=User.objects.none(), empty_label="请选择")
    text = text("呈批意见", help_text="情况、建议由谁主办、请领导明确的事项。")

    def prepare(self) -> None:
        leaders = User.objects.with_role(Role.DISTRICT_LEADER, Role.BUREAU_LEADER)
        self.fields["leader"].queryset = leaders.filter(unit__district=self.district).select_related("unit")
        self.fields["leader"].label_from_instance = lambda user: f"{user.unit} {user}"


class InstructForm(TransitionForm):
    text = text("批示")


class ReassignForm(TransitionForm):
    lead_unit = forms.ModelChoiceField(label="新主办单位", queryset=Unit.objects.none(), empty_label="请选择")
    reason = text("改派理由", rows=3)

    def prepare(self) -> None:
        units = handling_units(self.district, self.rules)
        if self.appeal is not None:
            units = units.exclude(pk=self.appeal.lead_unit_id)
        self.fields["lead_unit"].queryset = units


class AskFirmForm(TransitionForm):
    question = text("需要企业补充什么", help_text="写给企业看：缺什么材料、怎样提交。")
    until = day_field("请企业在此之前补充", required=False)

    def prepare(self) -> None:
        limit = self.rules.limits.waiting
        self.fields["until"].help_text = f"不填即{limit}个工作日，也是最长期限；期间办理时限暂停。"

    def clean_until(self) -> date | None:
        return self.workday_ahead("until", within=self.rules.limits.waiting)


# --- The city -------------------------------------------------------------------------------------


class ReportUpForm(TransitionForm):
    city_letter = forms.CharField(label="上报文号", max_length=60)
    reason = text("上报事由", help_text="区内为什么解决不了、请市里协调什么。")


class FollowUpForm(TransitionForm):
    note = text("跟进情况", rows=3)


class CityAnswerForm(TransitionForm):
    answer = text("市级回复")
    lead_unit = forms.ModelChoiceField(
        label="由谁继续办理", queryset=Unit.objects.none(), empty_label="请选择"
    )

    def prepare(self) -> None:
        self.fields["lead_unit"].queryset = handling_units(self.district, self.rules)
        if self.appeal is not None:
            self.initial["lead_unit"] = self.appeal.lead_unit_id


# --- Consultation ---------------------------------------------------------------------------------


class MinutesForm(TransitionForm):
    """What every consultation leaves behind."""

    attendees = text("参加单位和人员", rows=2, limit=500)
    minutes = text("会商纪要", rows=6)
    attachments = AttachmentsField(label="附件", required=False)


class UnreasonableForm(MinutesForm):
    legal_basis = text("法律政策依据", rows=3, help_text="办理单位据此向企业解释。")
    field_order = ("attendees", "minutes", "legal_basis", "attachments")


class ReasonableForm(MinutesForm):
    direction = text("办理方向", rows=3, help_text="怎样办、由谁办，供重新交办时使用。")
    field_order = ("attendees", "minutes", "direction", "attachments")
