"""What every transition's form knows, and the fields many of them share."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import Unit
from appeals.models import Appeal
from core import clock
from core.fields import DayInput
from districts.calendars import work_calendar
from districts.models import Region
from districts.profile import Rules

TEXT_LIMIT = 3000
FURTHEST = timedelta(days=731)
"""No clock runs longer than two years."""


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

    from_address: tuple[str, ...] = ()
    """Fields that the address of the page may fill in."""

    def prepare(self) -> None:
        """Fill in choices that depend on the appeal, the actor or the rules."""

    def of_rules(self, field: str, kind: str) -> None:
        self.fields[field].choices = [("", "请选择"), *self.rules.choices(kind)]

    def workday_ahead(self, field: str, *, within: int | None = None) -> date | None:
        """A chosen day must be a working day after today, at most ``within`` working days away."""
        day = self.cleaned_data[field]
        if day is None:
            return None
        calendar, label = work_calendar(self.rules), self.fields[field].label
        if day <= clock.today():
            raise ValidationError(f"{label}应晚于今天。", code="past")
        if not calendar.is_workday(day):
            raise ValidationError(f"{label}不是工作日，请另选一天。", code="day_off")
        if day > clock.today() + FURTHEST:
            raise ValidationError(f"{label}太远了，请选两年以内的日期。", code="far")
        if within is not None and calendar.count(clock.today(), day) > within:
            raise ValidationError(f"最长{within}个工作日，请选近一些的日期。", code="far")
        return day

    def require(self, field: str, message: str) -> None:
        """A field that is needed because of what another one says."""
        if field not in self.errors and not self.cleaned_data.get(field):
            self.add_error(field, ValidationError(message, code="required"))


def day_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=DayInput(),
    )


def handling_units(district: Region, rules: Rules) -> QuerySet[Unit]:
    """The units an appeal can be dispatched to."""
    return Unit.objects.of_district(district).active().filter(kind__in=rules.handling_unit_kinds)


class ReasonForm(TransitionForm):
    reason = text("理由")


class OpinionForm(TransitionForm):
    """A ruling and the words it rests on."""

    opinion = text("意见", rows=3)
