"""Forms of the policy library, payments, papers and news."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit, User
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput, FigureField, TakesErrors
from core.wording import speak, spoken
from districts.models import DistrictProfile
from enterprises.models import Enterprise, Project
from enterprises.subjects import SubjectField, subject_on_roster
from policies.library import CONDITIONS, MOST_SUMMARY
from policies.models import Claim, HandOut, NewsItem, Policy, PolicyList
from policies.papers import MOST_FIRMS, Recipients, recipients
from policies.payments import MOST_BASIS
from policies.permissions import units_of

LETTER = "letter"
LIST = "list-"
MOST_LISTS = 12


def web_address_field(label: str, help_text: str) -> forms.CharField:
    """Checked by the service, which says in plain words what is wrong."""
    return forms.CharField(
        label=label,
        required=False,
        max_length=500,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "url", "placeholder": "https://", "autocomplete": "off"}),
    )


class OfAUnit(TakesErrors, forms.Form):
    """Sent once, and recorded in the name of a unit: one's own, unless one acts for the whole district."""

    token = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="单位", empty_label="请选择")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        units = units_of(user).select_related("region", "district")
        self.fields["unit"].queryset = units
        self.initial.setdefault("unit", user.unit_id)
        if not user.unit or not units.exclude(pk=user.unit_id).exists():
            self.fields["unit"].widget = forms.HiddenInput()
            self.fields["unit"].empty_label = None


class PolicyForm(OfAUnit):
    title = forms.CharField(label="政策名称", max_length=150)
    document_number = forms.CharField(
        label="文号", max_length=60, required=False, help_text="如：郊政办〔2026〕12号"
    )
    summary = forms.CharField(
        label="要点",
        required=False,
        max_length=MOST_SUMMARY,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="给谁、给多少、怎么申请，用企业看得懂的话写",
    )
    url = web_address_field("原文链接", "政府信息公开网上的地址；没有可不填")
    published_on = forms.DateField(
        label="发布日期", required=False, widget=DayInput, validators=SENSIBLE_DAYS
    )
    apply_until = forms.DateField(
        label="申报截止",
        required=False,
        widget=DayInput,
        validators=SENSIBLE_DAYS,
        help_text="长期受理的不填；过期后不再推荐给企业",
    )
    tiers = forms.MultipleChoiceField(
        label="适用层级", required=False, widget=forms.CheckboxSelectMultiple, help_text="不勾选表示不限"
    )
    size_classes = forms.MultipleChoiceField(
        label="适用规模", required=False, widget=forms.CheckboxSelectMultiple, help_text="不勾选表示不限"
    )
    industries = forms.MultipleChoiceField(
        label="适用行业门类", required=False, widget=forms.CheckboxSelectMultiple, help_text="不勾选表示不限"
    )
    public = forms.BooleanField(label="在公开页面上展示", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "主管单位"
        self.initial.setdefault("public", True)
        for name, known in CONDITIONS.items():
            self.fields[name].choices = list(known.items())

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "token"}


class PaymentForm(OfAUnit):
    policy = forms.ModelChoiceField(Policy.objects.none(), label="兑现的政策", empty_label="请选择")
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    amount = FigureField(
        label="兑现金额（万元）",
        max_digits=12,
        decimal_places=2,
        help_text="按万元填，最多两位小数：5800 元填 0.58",
        error_messages={
            "max_digits": "数字太大，请核对单位是不是万元。",
            "max_whole_digits": "数字太大，请核对单位是不是万元。",
            "max_decimal_places": "最多两位小数（精确到百元）。",
        },
    )
    day = forms.DateField(label="拨付日期", widget=DayInput, validators=SENSIBLE_DAYS)
    basis = forms.CharField(label="依据", max_length=MOST_BASIS, help_text="拨付文件、批次或凭证号")
    claim = forms.ModelChoiceField(
        Claim.objects.none(), label="兑现申请", required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "兑现单位"
        self.fields["subject"].user = self.user
        self.fields["policy"].queryset = policies_to_choose(self.user)
        self.fields["policy"].label_from_instance = policy_label
        self.fields["claim"].queryset = Claim.objects.visible_to(self.user).select_related(
            "policy", "enterprise", "project"
        )
        self.initial.setdefault("day", clock.today())

    def clean_subject(self) -> Enterprise | Project:
        subject = subject_on_roster(self, "subject", self.user)
        if subject is None:
            raise ValidationError("请选择企业或重点项目。", code="required")
        return subject


class ReverseForm(TakesErrors, forms.Form):
    reason = forms.CharField(
        label="冲销原因",
        max_length=MOST_BASIS,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="如：金额填错，应为 5.8 万元，已另行登记",
        error_messages={"required": "请填写冲销原因。"},
    )


class PapersForm(OfAUnit):
    """Which papers, to which firms: pasted one a line, as they stand in an Excel column or a 接龙."""

    papers = forms.MultipleChoiceField(
        label="发放的材料",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选择一种材料。"},
    )
    way = forms.ChoiceField(label="发放方式", choices=HandOut.Way.choices)
    day = forms.DateField(label="发放日期", widget=DayInput, validators=SENSIBLE_DAYS)
    copies = forms.IntegerField(label="每家每种份数", min_value=1, max_value=9_999, initial=1)
    firms = forms.CharField(
        label="企业",
        max_length=40_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=f"每行一家：企业（项目）全称或统一社会信用代码，可从表格、接龙中粘贴，一次最多 {MOST_FIRMS} 家",
        error_messages={"required": "请填写企业，每行一家。"},
    )
    claim_unknown = forms.BooleanField(
        label=spoken("底册中找不到的，按所填名称登记"),
        required=False,
        help_text="计入份数，不计入政策宣传惠及企业数",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "发放单位"
        offered = policies_to_choose(self.user).in_force().order_by("id")
        self.policies = {str(policy.pk): policy for policy in offered}
        # The latest lists: who hands an old one out chooses it on the list's own page.
        lists = PolicyList.objects.visible_to(self.user).in_use().filter(district=self.user.unit.district)
        asked = [key.removeprefix(LIST) for key in self._asked_for() if key.startswith(LIST)]
        wanted = [int(key) for key in asked if key.isascii() and key.isdigit() and len(key) < 19]
        self.lists = {f"{LIST}{one.pk}": one for one in lists.filter(pk__in=wanted)}
        self.lists |= {f"{LIST}{one.pk}": one for one in lists.order_by("-id")[:MOST_LISTS]}
        labels = [(key, f"清单：{one.title}") for key, one in self.lists.items()]
        labels += [(key, policy.title) for key, policy in self.policies.items()]
        letter = DistrictProfile.objects.in_force(self.user.unit.district).rules.letter
        self.fields["papers"].choices = [(LETTER, f"《{letter.title}》"), *labels]
        self.initial.setdefault("day", clock.today())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        found = recipients(user=self.user, text=data.get("firms", ""))
        data["entries"], data["claimed_names"] = found.entries, []
        if data.get("claim_unknown"):
            data["claimed_names"] = list(dict.fromkeys(words for _, words in found.unknown))
        elif found.unknown:
            self.add_error("firms", ValidationError(self._not_found(found), code="unknown"))
        return data

    @staticmethod
    def _not_found(found: Recipients) -> str:
        named = "；".join(f"第 {number} 行“{words[:30]}”" for number, words in found.unknown[:5])
        more = f"等 {len(found.unknown)} 行" if len(found.unknown) > 5 else ""
        return f"{named}{more}在您能看到的{speak('底册')}中没有找到或不止一家，请改填全称或代码，或勾选“按所填名称登记”。"

    def _asked_for(self) -> list[str]:
        """The papers that the page's address or what was sent names."""
        if self.is_bound:
            return self.data.getlist("papers") if hasattr(self.data, "getlist") else []
        return list(self.initial.get("papers", []))

    def chosen_policies(self) -> list[Policy]:
        return [self.policies[key] for key in self.cleaned_data["papers"] if key in self.policies]

    def chosen_lists(self) -> list[PolicyList]:
        return [self.lists[key] for key in self.cleaned_data["papers"] if key in self.lists]

    @property
    def has_letter(self) -> bool:
        return LETTER in self.cleaned_data["papers"]


class NewsForm(OfAUnit):
    title = forms.CharField(label="标题", max_length=150)
    outlet = forms.CharField(
        label="刊播媒体", max_length=80, help_text="如：市日报、区政府网站、区融媒体中心公众号"
    )
    url = web_address_field("链接", "网络报道的地址；报纸、电视可不填")
    day = forms.DateField(label="刊播日期", widget=DayInput, validators=SENSIBLE_DAYS)
    public = forms.BooleanField(label="在公开页面上展示", required=False)

    def __init__(self, *args: Any, item: NewsItem | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].label = "报送单位"
        self.initial.setdefault("day", clock.today())
        self.initial.setdefault("public", True)
        if item is not None:
            # The weekly tables have counted these.
            del self.fields["unit"], self.fields["day"]
            self.initial |= {name: getattr(item, name) for name in self.fields if name != "token"}


def policies_to_choose(user: User) -> Any:
    """All of the district, those in force first: money is also paid when a policy has run out."""
    return Policy.objects.visible_to(user).filter(district=user.unit.district).order_by("-active", "-id")


def policy_label(policy: Policy) -> str:
    return policy.title if policy.active else f"{policy.title}（已失效）"
