"""说“不”情况: how many proposals there were, where they stand or stopped, how many were turned to “办”."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import Unit, User
from appeals import refusal_figures, signing
from appeals.models import Refusal
from appeals.refusal_figures import READERS, Period
from core import clock
from core.fields import SENSIBLE_DAYS, DayInput
from core.http import forbidden
from core.paging import WindowPaginator
from core.wording import speak
from districts.models import DistrictProfile
from enterprises.querysets import DISTRICT_WIDE

PER_PAGE = 30
OPEN = "open"


class RefusalFilter(forms.Form):
    since = forms.DateField(label="提出日期从", required=False, widget=DayInput, validators=SENSIBLE_DAYS)
    until = forms.DateField(label="到", required=False, widget=DayInput, validators=SENSIBLE_DAYS)
    unit = forms.ModelChoiceField(
        label="单位", queryset=Unit.objects.none(), required=False, empty_label="全部"
    )
    outcome = forms.ChoiceField(
        label="名单只看",
        required=False,
        choices=[("", "全部"), (OPEN, "正在签字、会商"), *Refusal.Outcome.choices],
    )

    def __init__(self, *args, user: User, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if sees_all_units(user):
            self.fields["unit"].queryset = Unit.objects.visible_to(user).active()
        else:
            del self.fields["unit"]

    def clean(self) -> dict:
        data = super().clean()
        if data.get("since") and data.get("until") and data["since"] > data["until"]:
            self.add_error("until", ValidationError("结束日期早于开始日期。", code="order"))
        return data

    @property
    def period(self) -> Period:
        """This year up to today, where nothing else is said, or nothing that makes sense."""
        until = self.cleaned_data.get("until") or clock.today()
        since = self.cleaned_data.get("since") or date(until.year, 1, 1)
        return Period(min(since, until), until)


def sees_all_units(user: User) -> bool:
    return user.has_role(*DISTRICT_WIDE)


@never_cache
@require_GET
def refusals(request: HttpRequest) -> HttpResponse:
    """Figures of a period, the whole district or one unit; the cases behind them, as far as they may be seen."""
    user = request.user
    if user.unit is None or not user.has_role(*READERS):
        return forbidden(request, speak("说“不”情况由牵头局、区领导、督查、各单位负责人和联络员查看。"))
    form = RefusalFilter(request.GET, user=user)
    form.is_valid()
    unit = form.cleaned_data.get("unit") if sees_all_units(user) else user.unit
    labels = [
        level.label for level in signing.levels(DistrictProfile.objects.in_force(user.unit.district).rules)
    ]
    report = refusal_figures.report(user, form.period, unit, labels)
    cases = refusal_figures.refusals_of(user, form.period, unit)
    if outcome := form.cleaned_data.get("outcome"):
        cases = cases.filter(outcome="" if outcome == OPEN else outcome)
    cases = (
        cases.select_related("unit", "appeal__enterprise", "appeal__project")
        .defer("appeal__content", "appeal__search_text")
        .order_by("-at", "-pk")
    )
    page = WindowPaginator(cases, PER_PAGE).get_page(request.GET.get("page"))
    for case in page:
        case.is_signed_by_all = case.level >= case.levels
        case.standing = _standing(case, labels)
    context = {
        "form": form,
        "period": form.period,
        "unit": unit,
        "report": report,
        "figures": report.figures,
        "share_note": f"本期交办 {report.share.dispatched} 件次，其中 {report.share.refused} 件次",
        "funnel": refusal_figures.funnel(report.figures),
        "funnel_height": len(report.figures.stages) * (refusal_figures.BAND + refusal_figures.GAP),
        "ranked_from": refusal_figures.RANKED_FROM,
        "page": page,
    }
    return render(request, "appeals/refusals.html", context)


def _standing(case: Refusal, labels: list[str]) -> str:
    """At which level it stands or stopped."""
    if case.level >= case.levels:
        return "会商"
    return labels[case.level] if case.level < len(labels) else f"第{case.level + 1}级"
