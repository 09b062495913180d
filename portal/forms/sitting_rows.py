"""The lists of the visit sitting: who went, what was asked for, what was heard, what was handed out."""

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseFormSet, formset_factory

from accounts.models import Official, Unit, User
from appeals.intake_forms import SignatureField
from core.fields import found_by_text
from core.phones import clean_contact_phone
from core.uploads import AttachmentsField
from core.wording import spoken
from districts.profile import Rules
from liaisons.forms.opinions import departments
from liaisons.models import Opinion
from liaisons.selectors import with_posts
from policies.models import Policy
from policies.services import MOST_COPIES
from portal.visit_sitting import Problem, Subject

TEXT_LIMIT = 3000


def text(label: str, rows: int = 3, *, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_LIMIT,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class Offers:
    """What every row offers to choose from, read once for the whole page."""

    def __init__(self, user: User, rules: Rules) -> None:
        self.units = departments(user, rules)
        self.policies = Policy.objects.visible_to(user).in_force()

    @cached_property
    def unit_choices(self) -> list[tuple[Any, str]]:
        return [("", "请选择"), *((unit.pk, str(unit)) for unit in self.units)]

    @cached_property
    def policy_choices(self) -> list[tuple[Any, str]]:
        return [(policy.pk, str(policy)) for policy in self.policies]


class RowForm(forms.Form):
    """A row of one of the lists. Rows that were left blank do not count."""

    def __init__(self, *args, user: User, rules: Rules, offers: "Offers", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.rules, self.offers = user, rules, offers
        self.prepare()

    def prepare(self) -> None:
        """Fill in the choices."""

    @property
    def is_blank(self) -> bool:
        return not self.initial and not (self.is_bound and self.has_changed())

    def require(self, field: str, message: str) -> None:
        if field not in self.errors and not self.cleaned_data.get(field):
            self.add_error(field, ValidationError(message, code="required"))


class OfficialRow(RowForm):
    official = forms.ModelChoiceField(
        Official.objects.none(), label="参与干部", required=False, widget=forms.HiddenInput
    )

    def prepare(self) -> None:
        self.fields["official"].queryset = with_posts(Official.objects.visible_to(self.user))

    @property
    def chosen_text(self) -> str:
        """The name of an official filled in beforehand; what was typed comes back by itself."""
        pk = None if self.is_bound else self.initial.get("official")
        return self.fields["official"].queryset.get(pk=pk).name if pk else ""

    def has_changed(self) -> bool:
        """Also words that were typed without choosing; a row filled in beforehand always counts."""
        typed = self.data.get(f"{self.add_prefix('official')}_text", "") if self.is_bound else ""
        return bool(typed.strip()) or bool(self.is_bound and self["official"].data)

    def clean_official(self) -> Official | None:
        return found_by_text(self, "official", self.fields["official"].queryset)


class GuestRow(RowForm):
    name = forms.CharField(label="姓名", max_length=50)
    unit_name = forms.CharField(label="单位", max_length=80)
    title = forms.CharField(label="职务", max_length=60, required=False)
    rank_group = forms.ChoiceField(label="领导班子类别")

    def prepare(self) -> None:
        self.fields["rank_group"].choices = [("", "请选择"), *self.rules.choices("rank_groups")]


class ProblemRow(RowForm):
    OUTCOMES = [("solved", "当场解决"), ("register", "提交诉求")]

    content = text("问题", 3, help_text="遇到了什么问题、希望怎样解决。")
    category = forms.ChoiceField(label="类别")
    contact_name = forms.CharField(
        label="企业联系人", max_length=50, required=False, help_text=spoken("不填即底册登记的联系人")
    )
    contact_phone = forms.CharField(
        label="联系电话",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
        help_text=spoken("不填即底册登记的电话"),
    )
    outcome = forms.ChoiceField(label="怎样处理", choices=OUTCOMES, widget=forms.RadioSelect)
    answer = text("当场答复", 3, required=False, help_text="怎样解决的。")
    basis = text("政策或法律依据", 2, required=False)
    signature = SignatureField(
        label="企业签名确认", required=False, help_text="请企业人员在框内签名，确认问题已解决。"
    )
    attachments = AttachmentsField(label="照片、材料", required=False)

    def prepare(self) -> None:
        self.fields["category"].choices = [("", "请选择"), *self.rules.choices("categories")]

    def clean_contact_phone(self) -> str:
        number = self.cleaned_data["contact_phone"]
        return clean_contact_phone(number) if number else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("outcome") == "solved":
            self.require("answer", "请写明怎样解决的。")
            self.require("signature", "请企业人员签名确认，或改为“提交诉求”。")
        return data

    def complete_contact(self, subject: Subject) -> None:
        """Whom to call: what was typed, else what the roster knows."""
        firm = subject.enterprise or subject.project
        for field, message in (("contact_name", "请填写企业联系人。"), ("contact_phone", "请填写联系电话。")):
            self.cleaned_data[field] = self.cleaned_data.get(field) or getattr(firm, field, "")
            self.require(field, message)

    def as_problem(self) -> Problem:
        data = self.cleaned_data
        solved = data["outcome"] == "solved"
        return Problem(
            solved=solved,
            category=data["category"],
            content=data["content"],
            contact_name=data["contact_name"],
            contact_phone=data["contact_phone"],
            answer=data["answer"],
            basis=data["basis"],
            signature=self["signature"].data if solved else "",
            attachments=data["attachments"],
        )


class OpinionRow(RowForm):
    content = text("意见建议", 3)
    handling = forms.ChoiceField(label="怎样处理", choices=Opinion.Handling.choices, widget=forms.RadioSelect)
    passed_to = forms.ModelChoiceField(
        Unit.objects.none(), label="主管部门", required=False, empty_label="请选择"
    )

    def prepare(self) -> None:
        self.fields["passed_to"].queryset = self.offers.units
        self.fields["passed_to"].choices = self.offers.unit_choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("handling") == Opinion.Handling.PASSED_ON:
            self.require("passed_to", "请选择提请协调的主管部门。")
        return data


class HandOutRow(RowForm):
    LETTER = "letter"

    policy = forms.ChoiceField(label="材料")
    copies = forms.IntegerField(
        label="份数",
        min_value=1,
        max_value=MOST_COPIES,
        initial=1,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def prepare(self) -> None:
        letter = (self.LETTER, f"《{self.rules.letter.title}》")
        self.fields["policy"].choices = [("", "请选择"), letter, *self.offers.policy_choices]

    def clean_policy(self) -> Policy | None:
        """None stands for the letter."""
        chosen = self.cleaned_data["policy"]
        return None if chosen == self.LETTER else self.offers.policies.get(pk=chosen)

    def has_changed(self) -> bool:
        """One copy of nothing is what a row shows before anybody touched it."""
        return bool(self["policy"].data) or self["copies"].data not in (None, "", "1")


class Rows(BaseFormSet):
    """Rows that are filled in, apart from blank ones that only a browser without scripts shows."""

    def full_clean(self) -> None:
        """What is wrong with a row that was taken away does not matter."""
        super().full_clean()
        for index, form in enumerate(self.forms if self.is_bound else []):
            if index < len(self._errors) and self._should_delete_form(form):
                form.errors.clear()
                self._errors[index] = form.errors

    def shown(self) -> list[RowForm]:
        return [form for form in self.forms if not form.is_blank and not self._is_taken_away(form)]

    def _is_taken_away(self, form: RowForm) -> bool:
        return self.is_bound and bool(self._should_delete_form(form))

    def blank(self) -> list[RowForm]:
        return [form for form in self.forms if form.is_blank]

    def filled(self) -> list[RowForm]:
        """Of a valid list."""
        return [form for form in self.forms if form.has_changed() and not self._is_taken_away(form)]


def rows_of(form: type[RowForm], blank: int, most: int) -> type[Rows]:
    """A list of such rows: ``blank`` ones where no script adds them, ``most`` in all."""
    return formset_factory(
        form,
        formset=Rows,
        extra=blank,
        max_num=most,
        absolute_max=most,
        can_delete=True,
        can_delete_extra=True,
    )


OFFICIALS = rows_of(OfficialRow, 3, 20)
GUESTS = rows_of(GuestRow, 2, 10)
PROBLEMS = rows_of(ProblemRow, 2, 10)
OPINIONS = rows_of(OpinionRow, 2, 10)
HAND_OUTS = rows_of(HandOutRow, 2, 20)
