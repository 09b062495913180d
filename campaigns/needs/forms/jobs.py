"""Openings, seekers, and what happens to them."""

from datetime import timedelta
from typing import Any

from django import forms

from accounts.models import User
from campaigns.models import Recommendation
from campaigns.needs.forms.shared import OTHER, OfAFirm, places_of
from campaigns.needs.permissions import leads_jobs
from campaigns.needs.services.openings import FIELDS as OPENING_FIELDS
from campaigns.needs.services.openings import OpeningFacts
from campaigns.needs.services.seekers import FIELDS as SEEKER_FIELDS
from campaigns.needs.services.seekers import SeekerFacts
from core import clock
from core.fields import (
    TakesErrors,
    WholeField,
    choice_field,
    day_field,
    phone_field,
    text_field,
    token_field,
)
from districts.models import Region
from districts.profile import Rules

USUALLY_VALID = timedelta(days=90)


class OpeningFields(TakesErrors, forms.Form):
    """What an opening says."""

    trade = choice_field("工种", required=False)
    post = text_field("岗位名称", 60, required=False, hint="企业自己的叫法；工种选“其他”时必填")
    wanted = WholeField(label="招聘人数", error_messages={"required": "请填写招聘人数。"})
    wage_from = WholeField(label="月薪下限（元）", required=False, help_text="不填为面议")
    wage_to = WholeField(label="月薪上限（元）", required=False)
    requirements = text_field(
        "要求和待遇", 500, required=False, rows=3, hint="学历、技能、班次、食宿、社保等。会公布，不要写电话"
    )
    place = text_field("工作地点", 120, required=False, hint="不填为企业所在乡镇、园区")
    contact_name = text_field("联系人", 50, required=False)
    contact_phone = phone_field(required=False, hint="只给工作人员看，不公布")
    valid_until = day_field("有效期至", hint="到期后不再公布")

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trade"].choices = [*rules.choices("trades"), ("", OTHER)]  # type: ignore[attr-defined]
        self.initial.setdefault("trade", rules.codes("trades")[0])
        self.initial.setdefault("valid_until", clock.today() + USUALLY_VALID)

    def facts(self) -> OpeningFacts:
        return OpeningFacts(**{name: self.cleaned_data[name] for name in OPENING_FIELDS})


class OpeningForm(OpeningFields, OfAFirm):
    """A new one, by an official."""


class FirmOpeningForm(OpeningFields):
    """By the firm, behind its plaque: somebody has to be there who can be called."""

    token = token_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("contact_name", "contact_phone"):
            self.fields[name].required = True


class SeekerForm(TakesErrors, forms.Form):
    """求职人员. Nothing is asked that is not needed to offer work."""

    token = token_field()
    called = text_field("称呼", 10, hint="如“王先生”“李女士”“小张”，不登记全名和身份证号")
    phone = phone_field(hint="平时打码，查看会留下记录")
    region = forms.ModelChoiceField(
        Region.objects.none(),
        label="所在乡镇",
        empty_label="请选择",
        error_messages={"required": "请选择所在乡镇。"},
    )
    age_band = choice_field("年龄段")
    trade = choice_field("意向工种", required=False)
    post = text_field("意向岗位", 60, required=False, hint="意向工种选“其他”时必填")
    wage_hoped = WholeField(label="期望月薪（元）", required=False, help_text="不填为没有要求")
    skills = text_field(
        "技能和经历", 200, required=False, rows=2, hint="会做什么、做过几年；不要写姓名、电话"
    )
    consent_on = day_field("本人同意日期", hint="登记前请向本人说明用途并征得同意")
    agreed = forms.BooleanField(
        label="已向本人说明用途，本人同意登记", error_messages={"required": "没有征得本人同意的，不能登记。"}
    )

    def __init__(self, *args: Any, rules: Rules, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = places_of(user, whole=leads_jobs(user))
        self.fields["region"].queryset = places  # type: ignore[attr-defined]
        self.fields["age_band"].choices = [("", "请选择"), *rules.choices("age_bands")]  # type: ignore[attr-defined]
        self.fields["trade"].choices = [*rules.choices("trades"), ("", OTHER)]  # type: ignore[attr-defined]
        self.initial.setdefault("trade", rules.codes("trades")[0])
        self.initial.setdefault("consent_on", clock.today())
        if user.unit is not None and user.unit.region in places:
            self.initial.setdefault("region", user.unit.region_id)

    def facts(self) -> SeekerFacts:
        return SeekerFacts(**{name: self.cleaned_data[name] for name in SEEKER_FIELDS})


class PlacementForm(TakesErrors, forms.Form):
    """送工进企: so many on a day."""

    token = token_field()
    persons = WholeField(label="上岗人数", error_messages={"required": "请填写上岗人数。"})
    day = day_field("上岗日期")
    note = text_field("说明", 200, required=False, hint="如：第3批送工进企")


class ReasonForm(TakesErrors, forms.Form):
    reason = text_field("原因", 300)


class AdvanceForm(TakesErrors, forms.Form):
    """What came of a recommendation."""

    to = forms.ChoiceField(
        label="进展",
        choices=[(state, label) for state, label in Recommendation.State.choices if state != "recommended"],
        error_messages={"required": "请选择进展。"},
    )
    day = day_field("上岗日期", required=False)
    reason = text_field("未成原因", 200, required=False, hint="未成时必填")
