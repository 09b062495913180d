"""The page a cadre fills in at the firm: one form and five lists of rows."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts.models import Unit, User
from appeals.perform import Invalid
from core import clock
from core.pictures import PicturesField
from core.wording import speak, spoken
from districts.models import Region
from districts.profile import Rules
from districts.querysets import scope
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, subject_key, subject_on_roster
from enterprises.uscc import REGISTRATION_NUMBER, clean_credit_code
from liaisons.cadence import start_of
from liaisons.models import Assignment
from liaisons.selectors import firms_of, reporting_units
from liaisons.services.visits import Guest
from portal.forms.sitting_rows import GUESTS, HAND_OUTS, OFFICIALS, OPINIONS, PROBLEMS, Offers, text
from portal.visit_sitting import Copies, HeardOpinion, ProblemRefused, Subject


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class SittingForm(forms.Form):
    """Whom, how, when and for which unit."""

    FIRMS = [
        ("mine", "我联系的"),
        ("roster", "其他在册企业、项目"),
        ("claimed", "未入册企业"),
    ]
    FIELDS_OF = {
        "mine": {"mine"},
        "roster": {"subject"},
        "claimed": {"claimed_name", "claimed_code", "region"},
    }

    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    firm = forms.ChoiceField(label="走访对象", choices=FIRMS, widget=forms.RadioSelect)
    mine = forms.ChoiceField(label="我联系的企业、项目", required=False)
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    claimed_name = forms.CharField(label="企业（个体工商户）名称", max_length=120, required=False)
    claimed_code = forms.CharField(
        label="统一社会信用代码", max_length=30, required=False, help_text="没有可不填"
    )
    region = forms.ModelChoiceField(
        Region.objects.none(), label=spoken("所在乡镇办、园区"), required=False, empty_label="请选择"
    )
    kind = forms.ChoiceField(label="联系方式")
    occurred_at = forms.DateTimeField(label="走访时间", widget=MomentInput)
    reporting_unit = forms.ModelChoiceField(
        Unit.objects.none(), label="填报单位", empty_label=None, help_text="这次走访计入哪个单位的工作情况表"
    )
    findings = text("走访了解的情况", 4, required=False)
    photos = PicturesField(
        label="现场照片",
        required=False,
        help_text="最多 9 张；自动缩小，并去掉拍摄地点等信息。",
    )
    answers_requests = forms.BooleanField(label="这次走访回应了企业的约访", required=False)
    channel = forms.ChoiceField(label="问题的来源渠道", required=False)

    def __init__(self, *args, user: User, rules: Rules, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.rules = user, rules
        self.held = {subject_key(one.subject): one for one in firms_of(user)}
        self.my_firms = {key: one.subject for key, one in self.held.items()}
        self.fields["mine"].choices = [
            ("", "请选择"),
            *((key, firm.name) for key, firm in self.my_firms.items()),
        ]
        if not self.my_firms:
            self.fields["firm"].choices = self.FIRMS[1:]
        self.fields["subject"].user = user
        self.fields["region"].queryset = Region.objects.filter(
            scope(user.unit.district, ""), level__in=[Region.Level.TOWNSHIP, Region.Level.PARK]
        )
        self.fields["kind"].choices = rules.choices("visit_kinds")
        self.fields["reporting_unit"].queryset = reporting_units(user)
        channels = [(channel.code, channel.label) for channel in rules.channels_for(*user.roles)]
        self.fields["channel"].choices = channels
        self.initial = {
            "firm": self.fields["firm"].choices[0][0],
            "occurred_at": clock.now(),
            "reporting_unit": user.unit_id,
            "channel": rules.visits.channel,
        } | self.initial

    @cached_property
    def has_several_units(self) -> bool:
        return len(self.fields["reporting_unit"].choices) > 1

    def clean_occurred_at(self) -> datetime:
        moment = self.cleaned_data["occurred_at"]
        if moment > clock.now():
            raise ValidationError("走访时间不能晚于现在。", code="future")
        if moment < start_of(self.rules.action_started):
            raise ValidationError(
                f"走访时间不能早于专项行动开始的 {self.rules.action_started:%Y-%m-%d}。", code="early"
            )
        return moment

    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)

    def clean_channel(self) -> str:
        return self.cleaned_data["channel"] or next(iter(self.fields["channel"].choices), ("",))[0]

    def clean_claimed_code(self) -> str:
        code = self.cleaned_data["claimed_code"].strip()
        if not code or REGISTRATION_NUMBER.fullmatch(code):
            return code
        return clean_credit_code(code)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for way, fields in self.FIELDS_OF.items():
            if way != data.get("firm"):
                for field in fields & self.errors.keys():
                    del self.errors[field]
        data["visited"] = self._visited(str(data.get("firm", "")))
        return data

    def _visited(self, firm: str) -> Subject | None:
        """What the chosen way leads to; the fields of the other ways do not matter."""
        data = self.cleaned_data
        if firm == "mine" and "mine" in data:
            if found := self.my_firms.get(data["mine"]):
                self._refuse_before_assignment(self.held[data["mine"]])
                return Subject.on_roster(found)
            self.add_error("mine", ValidationError("请选择企业或项目。", code="required"))
        elif firm == "roster" and "subject" in data:
            if data["subject"]:
                return Subject.on_roster(data["subject"])
            message = speak("请选择企业或项目；底册里没有的，选“未入册企业”。")
            self.add_error("subject", ValidationError(message, code="required"))
        elif firm == "claimed":
            for field, message in (
                ("claimed_name", "请填写企业名称。"),
                ("region", speak("请选择所在乡镇办、园区。")),
            ):
                if field not in self.errors and not data.get(field):
                    self.add_error(field, ValidationError(message, code="required"))
            if not self.FIELDS_OF[firm] & self.errors.keys():
                return Subject(
                    region=data["region"],
                    claimed_name=data["claimed_name"].strip(),
                    claimed_code=data["claimed_code"],
                )
        return None

    def _refuse_before_assignment(self, assignment: Assignment) -> None:
        """A visit to one's own firm cannot be older than one's looking after it."""
        moment = self.cleaned_data.get("occurred_at")
        if moment and timezone.localdate(moment) < assignment.started:
            message = (
                f"您从 {assignment.started:%Y-%m-%d} 起联系这家企业，走访时间不能早于这一天；"
                "此前去过的，走访对象请选“其他在册企业、项目”。"
            )
            self.add_error("occurred_at", ValidationError(message, code="before_assignment"))


class SittingForms:
    """The whole page, checked as one."""

    def __init__(
        self,
        *,
        user: User,
        rules: Rules,
        data: MultiValueDict | None = None,
        files: MultiValueDict | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        offers = Offers(user, rules)
        common: dict[str, Any] = {"form_kwargs": {"user": user, "rules": rules, "offers": offers}}
        self.main = SittingForm(data, files, user=user, rules=rules, initial=initial)
        myself = [{"official": user.official_id}] if user.official_id else []
        self.officials = OFFICIALS(data, prefix="officials", initial=myself, **common)
        self.guests = GUESTS(data, prefix="guests", **common)
        self.problems = PROBLEMS(data, files, prefix="problems", **common)
        self.opinions = OPINIONS(data, prefix="opinions", **common)
        self.hand_outs = HAND_OUTS(data, prefix="hand_outs", **common)
        self.sets = [self.officials, self.guests, self.problems, self.opinions, self.hand_outs]

    def is_valid(self) -> bool:
        # Every part is checked, so that all errors are shown at once.
        valid = all([self.main.is_valid(), *(rows.is_valid() for rows in self.sets)])
        return all([self._participants_fit(), self._contacts_are_known()]) and valid

    def _participants_fit(self) -> bool:
        if not (self.officials.is_valid() and self.guests.is_valid()):
            return False
        if not self.officials.filled() and not self.guests.filled():
            self.main.add_error(None, ValidationError("请至少登记一名参与走访的人员。", code="nobody"))
            return False
        moment = self.main.cleaned_data.get("occurred_at")
        for row in self.officials.filled() if moment else []:
            official = row.cleaned_data["official"]
            if official.post_on(timezone.localdate(moment)) is None:
                row.add_error("official", f"{official.name}在走访当天没有任职记录。")
        return not any(row.errors for row in self.officials.filled())

    def _contacts_are_known(self) -> bool:
        subject = self.main.cleaned_data.get("visited")
        if subject is None or not self.problems.is_valid():
            return False
        rows = self.problems.filled()
        for row in rows:
            row.complete_contact(subject)
        return not any(row.errors for row in rows)

    def refuse(self, refusal: ProblemRefused) -> None:
        """Put what ``perform`` had against a problem beside the fields of its row."""
        row = self.problems.filled()[refusal.index]
        if not isinstance(refusal.cause, Invalid):
            row.add_error(None, f"没有提交成功：{refusal.cause.message}走访也没有保存，请改正后再提交。")
            return
        asked = refusal.cause.form
        for field, errors in asked.errors.items():
            for message in errors:
                if field in row.fields:
                    row.add_error(field, message)
                else:
                    label = asked.fields[field].label if field in asked.fields else ""
                    row.add_error(None, f"{label}：{message}" if label else message)

    def as_sitting(self) -> dict[str, Any]:
        """What ``record_sitting`` takes, beside who records it and the token."""
        data = self.main.cleaned_data
        return {
            "subject": data["visited"],
            "reporting_unit": data["reporting_unit"],
            "kind": data["kind"],
            "occurred_at": data["occurred_at"],
            "findings": data["findings"],
            "photos": data["photos"],
            "answers_requests": data["answers_requests"],
            "channel": data["channel"],
            "officials": [row.cleaned_data["official"] for row in self.officials.filled()],
            "guests": [
                Guest(
                    **{name: row.cleaned_data[name] for name in ("name", "unit_name", "title", "rank_group")}
                )
                for row in self.guests.filled()
            ],
            "problems": [row.as_problem() for row in self.problems.filled()],
            "opinions": [
                HeardOpinion(
                    content=row.cleaned_data["content"],
                    handling=row.cleaned_data["handling"],
                    passed_to=row.cleaned_data["passed_to"],
                )
                for row in self.opinions.filled()
            ],
            "hand_outs": [
                Copies(policy=row.cleaned_data["policy"], copies=row.cleaned_data["copies"])
                for row in self.hand_outs.filled()
            ],
        }
