"""Reminding, supervision letters, listed supervision."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from accounts.models import Official, Post, Unit
from accounts.selectors import unit_of
from appeals.forms.base import TransitionForm, day_field, text
from appeals.models import SupervisionLetter
from core import clock
from districts.calendars import work_calendar


class RemindForm(TransitionForm):
    text = text("催办内容", rows=3)


class SuperviseForm(TransitionForm):
    """A letter to one of the units that owe something; what a rung of the ladder drafted stands in it."""

    from_address = ("unit",)

    unit = forms.ModelChoiceField(label="被督办单位", queryset=Unit.objects.none(), empty_label="请选择")
    text = text("督办事项", rows=6, help_text="事实、超期情况、要求办到什么程度。")
    answer_by = day_field("要求回复日期", required=False)

    def prepare(self) -> None:
        limit = self.rules.limits.supervision
        self.fields["answer_by"].help_text = f"不填即{limit}个工作日。"
        if self.appeal is None:
            return
        bureau = unit_of(self.district, self.rules.lead_bureau)
        owing = {clock.owner_id for clock in self.appeal.facts.clocks}
        taking_part = {part.unit_id for part in self.appeal.facts.parts}
        # Nobody supervises the own unit: what the bureau owes, 督查 asks for.
        units = Unit.objects.filter(pk__in=owing | taking_part | {bureau.pk})
        self.fields["unit"].queryset = units.exclude(pk=self.actor.unit_id)
        asked_for = str(self.initial.get("unit", ""))
        fitting = [
            letter
            for letter in self.appeal.facts.letters
            if letter.state == SupervisionLetter.State.DRAFT
            and letter.unit_id != self.actor.unit_id
            and asked_for in {"", str(letter.unit_id)}
        ]
        if fitting:
            self.initial |= {"unit": fitting[-1].unit_id, "text": fitting[-1].text}
        elif self.appeal.lead_unit_id:
            self.initial.setdefault("unit", self.appeal.lead_unit_id)

    def clean_unit(self) -> Unit:
        unit = self.cleaned_data["unit"]
        waiting = {
            letter.unit_id
            for letter in self.appeal.facts.letters
            if letter.state == SupervisionLetter.State.SENT
        }
        if unit.pk in waiting:
            raise ValidationError("该单位还有一份督办单没有回复。", code="waiting")
        return unit

    def clean_answer_by(self) -> date:
        day = self.workday_ahead("answer_by")
        calendar = work_calendar(self.rules)
        return day or calendar.add(calendar.received_on(clock.now()), self.rules.limits.supervision)


class AnswerSupervisionForm(TransitionForm):
    answer = text("督办回复", rows=5, help_text="办到哪一步、为什么慢、什么时候办完。")


class ListForm(TransitionForm):
    leader = forms.ModelChoiceField(label="挂牌领导", queryset=Official.objects.none(), empty_label="请选择")
    target_date = day_field("目标日期")
    condition = text("摘牌条件", rows=3, help_text="办到什么程度可以摘牌。")

    def prepare(self) -> None:
        """Leaders in office: whoever stands in a rank group above the ordinary staff."""
        ranks = [group.code for group in sorted(self.rules.rank_groups, key=lambda group: group.order)][:-1]
        held = Post.objects.held_on(clock.today()).filter(official=OuterRef("pk"), rank_group__in=ranks)
        leaders = Official.objects.filter(Q(district=self.district), Exists(held))
        self.fields["leader"].queryset = leaders.prefetch_related("posts__unit")
        self.fields["leader"].label_from_instance = self._name

    @staticmethod
    def _name(official: Official) -> str:
        post = official.post_on(clock.today())
        return f"{post} {official}" if post else str(official)

    def clean_target_date(self) -> date | None:
        return self.workday_ahead("target_date")


class DelistForm(TransitionForm):
    result = text("摘牌情况", rows=3, help_text="对照摘牌条件，写明办到了什么。")
