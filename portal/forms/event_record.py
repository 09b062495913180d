"""What is filled in at, or after, an event: one form and four lists of rows."""

from datetime import date
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from accounts.models import Unit, User
from core.fields import SENSIBLE_DAYS, DayInput, SeveralField
from core.wording import speak, spoken
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, subject_on_roster
from liaisons.models import EventDuty, ServiceEvent
from liaisons.services.event_records import MOST_MINUTES, Came, Decision, Heard, Papers
from liaisons.services.event_tasks import MOST_CONTENT
from portal.forms.events import take_errors
from portal.forms.sitting_rows import OPINIONS, HandOutRow, Offers, RowForm, rows_of


class AttendeeRow(RowForm):
    """A firm that came: found on the roster, or taken down by the name it gives."""

    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    unlisted = forms.BooleanField(label=spoken("底册中没有，按填写的名称登记"), required=False)
    attendee = forms.CharField(label="参加人", max_length=50, required=False)
    title = forms.CharField(label="职务", max_length=50, required=False)

    def prepare(self) -> None:
        self.fields["subject"].user = self.user

    @property
    def typed(self) -> str:
        return " ".join(str(self.data.get(f"{self.add_prefix('subject')}_text", "")).split())

    def has_changed(self) -> bool:
        return super().has_changed() or bool(self.is_bound and self.typed)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "subject" in self.errors:
            return data
        if data.get("unlisted") and not data.get("subject"):
            if not self.typed:
                self.add_error("subject", ValidationError("请填写企业名称。", code="required"))
            elif len(self.typed) > 120:
                self.add_error("subject", ValidationError("名称最多120字。", code="length"))
            return data
        try:
            data["subject"] = subject_on_roster(self, "subject", self.user)
        except ValidationError as error:
            self.add_error(
                "subject", f"{error.messages[0]}{speak('底册')}中没有的，勾选“{speak('底册')}中没有”。"
            )
            return data
        if data["subject"] is None:
            self.add_error("subject", ValidationError("请选择参加的企业或项目。", code="required"))
        return data

    def as_came(self) -> Came:
        data = self.cleaned_data
        found = data["subject"]
        return Came(
            enterprise=found if isinstance(found, Enterprise) else None,
            project=found if isinstance(found, Project) else None,
            claimed_name="" if found else self.typed,
            attendee=data["attendee"].strip(),
            title=data["title"].strip(),
        )


class PaperRow(HandOutRow):
    """Copies given to each firm that came, or taken away by whoever wanted one."""

    TO = [("each", "每家参加企业各发"), ("open", "现场取阅，不记名")]

    to = forms.ChoiceField(label="发给谁", choices=TO, initial="each")

    def as_papers(self) -> Papers:
        data = self.cleaned_data
        return Papers(policy=data["policy"], copies=data["copies"], to_each=data["to"] == "each")


class DecisionRow(RowForm):
    content = forms.CharField(
        label="议定事项", max_length=MOST_CONTENT, widget=forms.Textarea(attrs={"rows": 2})
    )
    unit = forms.ModelChoiceField(Unit.objects.none(), label="责任单位", empty_label="请选择")
    due = forms.DateField(label="完成时限", widget=DayInput, validators=SENSIBLE_DAYS)

    def prepare(self) -> None:
        self.fields["unit"].queryset = self.offers.responsible
        self.fields["unit"].choices = self.offers.responsible_choices

    def clean_due(self) -> date:
        due = self.cleaned_data["due"]
        if due < self.offers.held_on:
            raise ValidationError("完成时限不能早于活动当天。", code="early")
        return due


ATTENDEES = rows_of(AttendeeRow, 5, 200)
PAPERS = rows_of(PaperRow, 2, 20)
DECISIONS = rows_of(DecisionRow, 3, 30)


class EventOffers(Offers):
    """Also who may be given a task, and the day of the event, which no task is due before."""

    def __init__(self, user: User, rules: Rules, held_on: date) -> None:
        super().__init__(user, rules)
        self.held_on = held_on
        self.responsible = Unit.objects.of_district(user.unit.district).active()

    @cached_property
    def responsible_choices(self) -> list[tuple[Any, str]]:
        return [("", "请选择"), *((unit.pk, str(unit)) for unit in self.responsible)]


class RecordForm(forms.Form):
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)
    present = SeveralField(EventDuty.objects.none(), label="到岗人员", required=False)
    minutes = forms.CharField(
        label="纪要",
        max_length=MOST_MINUTES,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="谈了什么、答复了什么。只在内部可见。",
    )

    def __init__(self, *args, event: ServiceEvent, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        duties = list(event.duties.select_related("official", "unit"))
        self.has_duties = bool(duties)
        field = self.fields["present"]
        field.queryset = event.duties.all()
        field.choices = [(duty.pk, f"{duty.official.name}（{duty.unit.short_name}）") for duty in duties]
        # Whoever is on the rota is taken to have come, until somebody says otherwise.
        self.initial.setdefault("present", [duty.pk for duty in duties if duty.present is not False])
        self.initial.setdefault("minutes", event.minutes)


class RecordForms:
    """The whole page, checked as one."""

    def __init__(
        self,
        *,
        user: User,
        rules: Rules,
        event: ServiceEvent,
        held_on: date,
        data: MultiValueDict | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        common: dict[str, Any] = {
            "form_kwargs": {"user": user, "rules": rules, "offers": EventOffers(user, rules, held_on)}
        }
        self.main = RecordForm(data, event=event, initial=initial)
        self.came = ATTENDEES(data, prefix="came", **common)
        self.papers = PAPERS(data, prefix="papers", **common)
        self.opinions = OPINIONS(data, prefix="opinions", **common)
        self.decisions = DECISIONS(data, prefix="decisions", **common)
        self.sets = [self.came, self.papers, self.opinions, self.decisions]

    def is_valid(self) -> bool:
        # Every part is checked, so that all errors are shown at once.
        return all([self.main.is_valid(), *(rows.is_valid() for rows in self.sets)])

    def refuse(self, error: ValidationError) -> None:
        take_errors(self.main, error)

    def as_record(self) -> dict[str, Any]:
        """What ``record_held`` takes, beside who records which event."""
        data = self.main.cleaned_data
        return {
            "minutes": data["minutes"],
            "present": [duty.official for duty in data["present"].select_related("official")],
            "came": [row.as_came() for row in self.came.filled()],
            "papers": [row.as_papers() for row in self.papers.filled()],
            "opinions": [
                Heard(
                    content=row.cleaned_data["content"],
                    handling=row.cleaned_data["handling"],
                    passed_to=row.cleaned_data["passed_to"],
                )
                for row in self.opinions.filled()
            ],
            "decisions": [
                Decision(**{name: row.cleaned_data[name] for name in ("content", "unit", "due")})
                for row in self.decisions.filled()
            ],
        }
