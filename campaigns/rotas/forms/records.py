"""The window ledger, training subsidies, policy officers and their knowledge."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from appeals.intake_forms import RegisterForm
from appeals.models import Appeal
from campaigns.models import PolicyOfficer, WindowEntry
from campaigns.rotas.forms.page import PageForm, WithOfficial, WithSubject, official_field, unit_field
from campaigns.rotas.people import units_acted_for
from campaigns.rotas.services.knowledge import MOST_TEXT as MOST_ANSWER
from campaigns.rotas.services.training import MOST_PEOPLE
from campaigns.rotas.services.window_ledger import MOST_TEXT, Registration, usual_channel
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, FigureField
from core.phones import validate_phone
from core.wording import spoken
from districts.profile import Rules
from enterprises.models import Enterprise
from enterprises.subjects import SubjectField
from liaisons.forms.opinions import MomentInput, departments
from policies.models import Policy


def _area(label: str, most: int, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


def _day(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput, validators=SENSIBLE_DAYS, **more)


# --- Window ledger --------------------------------------------------------------------------------


class RegistrationFields(PageForm):
    """What an appeal needs beyond what the ledger takes down."""

    category = forms.ChoiceField(label="诉求类别", required=False)
    channel = forms.ChoiceField(label="来源渠道", required=False)

    def offer_registration(self, rules: Rules) -> None:
        """The channel is asked for where the user's work does not tell it."""
        self.fields["category"].choices = [("", "请选择"), *rules.choices("categories")]
        if usual_channel(self.user, rules):
            del self.fields["channel"]
        else:
            channels = rules.channels_for(*self.user.roles)
            self.fields["channel"].choices = [("", "请选择"), *((one.code, one.label) for one in channels)]


class EntryForm(WithSubject, RegistrationFields):
    kind = forms.ChoiceField(
        label="类别", choices=WindowEntry.Kind.choices, widget=forms.RadioSelect, initial="enquiry"
    )
    window = forms.ChoiceField(label="受理窗口")
    occurred_at = forms.DateTimeField(label="受理时间", widget=MomentInput)
    subject = SubjectField(
        label="企业或重点项目",
        required=False,
        help_text=spoken("底册里有的从这里选：名称中的几个字，或信用代码"),
    )
    claimed_name = forms.CharField(
        label="其他来访企业", max_length=120, required=False, help_text=spoken("不在底册的企业，可不填")
    )
    person = forms.CharField(label="来访人", max_length=50, required=False)
    phone = forms.CharField(
        label="联系电话",
        max_length=30,
        required=False,
        validators=[validate_phone],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text="列表中只显示前三位和后四位",
    )
    content = _area("内容", MOST_TEXT, 4)
    way = forms.ChoiceField(
        label="怎样办理", choices=WindowEntry.Way.choices, widget=forms.RadioSelect, initial="on_spot"
    )
    answer = _area("答复办理情况", MOST_TEXT, 3, required=False)
    passed_to = forms.ModelChoiceField(
        Unit.objects.none(),
        label="提请协调的部门",
        required=False,
        empty_label="本单位自行听取",
    )
    repeats = forms.CharField(label="是否同一件", max_length=30, required=False)

    def __init__(self, *args: Any, user: User, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["window"].choices = rules.choices("windows")
        self.fields["occurred_at"].initial = clock.now()
        self.fields["passed_to"].queryset = departments(user, rules).exclude(pk=user.unit_id)
        self.offer_registration(rules)

    def clean_repeats(self) -> Appeal | None:
        number = self.cleaned_data["repeats"]
        if number in {"", RegisterForm.NEW_MATTER}:
            return None
        return _appeal_numbered(self.user, number)

    def as_entry(self, key: str) -> dict[str, Any]:
        """What the service takes."""
        data = dict(self.cleaned_data)
        data.pop("token")
        registration = Registration(
            category=data.pop("category"),
            channel=data.pop("channel", ""),
            repeats=data.pop("repeats"),
            key=key,
        )
        return data | {"registration": registration}


class AnswerEntryForm(PageForm):
    answer = _area("答复办理情况", MOST_TEXT, 4)
    wide = ("answer",)


def _appeal_numbered(user: User, number: str) -> Appeal:
    found = Appeal.objects.visible_to(user).filter(number=number.strip().upper()).exclude(number="").first()
    if found is None:
        raise ValidationError("没有找到这件诉求，请核对编号。", code="unknown")
    return found


class BecomeAppealForm(RegistrationFields):
    """A new appeal, or one that the firm has brought already."""

    NEW, OTHER = "new", "other"

    which = forms.ChoiceField(label="登记为", widget=forms.RadioSelect)
    person = forms.CharField(label="联系人", max_length=50, required=False)
    phone = forms.CharField(
        label="联系电话",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    number = forms.CharField(label="诉求编号", max_length=30, required=False)

    def __init__(
        self, *args: Any, user: User, rules: Rules, appeals: Sequence[Appeal], **kwargs: Any
    ) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.offer_registration(rules)
        self.fields["which"].choices = [
            (self.NEW, "一件新诉求"),
            *(
                (one.number, f"企业已有的 {one.number} {one.title}（{one.get_status_display()}）")
                for one in appeals
            ),
            (self.OTHER, "另一件已登记的诉求"),
        ]
        self.initial.setdefault("which", self.NEW)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("which") == self.NEW and not data.get("category"):
            self.add_error("category", ValidationError("请选择诉求类别。", code="required"))
        if data.get("which") == self.OTHER and not data.get("number"):
            self.add_error("number", ValidationError("请填写诉求编号。", code="required"))
        return data

    def is_new(self) -> bool:
        return bool(self.cleaned_data["which"] == self.NEW)

    def chosen(self) -> Appeal:
        """The appeal that is there already. Raises ``ValidationError``."""
        which = self.cleaned_data["which"]
        try:
            return _appeal_numbered(self.user, self.cleaned_data["number"] if which == self.OTHER else which)
        except ValidationError as error:
            raise ValidationError({"number": error.messages}) from None


# --- Training -------------------------------------------------------------------------------------


def _money(label: str, **more: Any) -> FigureField:
    return FigureField(label=label, max_digits=12, decimal_places=2, min_value=Decimal("0.01"), **more)


class FileTrainingForm(WithSubject):
    subject = SubjectField(label="企业", required=False, help_text="输入名称中的几个字，或统一社会信用代码")
    title = forms.CharField(label="培训名称", max_length=120)
    provider = forms.CharField(label="培训机构、师资", max_length=120)
    starts = _day("开始日期", help_text="须在开始前备案")
    ends = _day("结束日期")
    place = forms.CharField(label="地点", max_length=120, required=False)
    participants = forms.IntegerField(label="计划人数", min_value=1, max_value=MOST_PEOPLE)
    fee = _money("预算培训费（元）")

    def clean_subject(self) -> Enterprise:
        subject = super().clean_subject()
        if not isinstance(subject, Enterprise):
            raise ValidationError("请选择企业。", code="required")
        return subject


class DecideForm(PageForm):
    approved = forms.TypedChoiceField(
        label="审批意见",
        choices=[("yes", "同意"), ("no", "不同意")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="不同意的必填")


class HoldTrainingForm(PageForm):
    attended = forms.IntegerField(label="实到人数", min_value=1, max_value=MOST_PEOPLE)
    invoice_number = forms.CharField(label="发票号码", max_length=60)
    invoice_amount = _money("发票金额（元）")
    note = forms.CharField(label="开展情况", max_length=300, required=False)
    wide = ("note",)


class PayForm(PageForm):
    policy = forms.ModelChoiceField(Policy.objects.none(), label="依据的政策", empty_label="请选择")
    day = _day("拨付日期")
    basis = forms.CharField(label="依据", max_length=120, help_text="拨付文件、批次或凭证号")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["policy"].queryset = Policy.objects.visible_to(user).in_force().order_by("id")
        self.fields["day"].initial = clock.today()


# --- Policy officers and knowledge ----------------------------------------------------------------


class OfficerForm(WithOfficial):
    official_needed = False

    unit = unit_field("单位")
    official = official_field("干部", required=False)
    name = forms.CharField(label="或填写姓名", max_length=50, required=False, help_text="不在干部名册的")
    title = forms.CharField(label="职务", max_length=60, required=False, help_text="选了干部的，可不填")
    window = forms.CharField(label="窗口", max_length=80, required=False)
    phone = forms.CharField(label="联系电话", max_length=30, required=False, validators=[validate_phone])
    started = _day("开始日期")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["unit"].queryset = units_acted_for(user)
        self.fields["started"].initial = clock.today()


class EndOfficerForm(PageForm):
    ended = _day("结束日期")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["ended"].initial = clock.today()


class KnowledgeForm(PageForm):
    unit = unit_field("报送单位")
    category = forms.ChoiceField(label="类别")
    question = forms.CharField(label="问题", max_length=200)
    answer = _area("解答", MOST_ANSWER, 8)
    basis = forms.CharField(label="依据", max_length=200, required=False, help_text="文件名称、文号")
    valid_from = _day("有效期起")
    valid_to = _day("有效期止", required=False, help_text="长期有效的不填；过期后会标明")
    wide = ("question", "answer")

    def __init__(self, *args: Any, user: User, rules: Rules, changes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["category"].choices = rules.choices("knowledge_categories")
        self.fields["valid_from"].initial = clock.today()
        if changes:
            del self.fields["unit"]
            return
        units = units_acted_for(user)
        if user.official_id:
            mine = PolicyOfficer.objects.in_force().filter(official=user.official_id)
            pks = {*units.values_list("pk", flat=True), *mine.values_list("unit", flat=True)}
            units = Unit.objects.filter(pk__in=pks)
        self.fields["unit"].queryset = units
        self.fields["unit"].initial = user.unit_id


class ReviewForm(PageForm):
    accepted = forms.TypedChoiceField(
        label="审核意见",
        choices=[("yes", "入库"), ("no", "退回")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="说明", max_length=200, required=False, help_text="退回的必填")
