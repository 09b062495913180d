"""资质称号 of a firm, on one form."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from core.fields import SENSIBLE_DAYS, DayInput
from districts.profile import Rules
from enterprises.forms import TakesErrors
from enterprises.models import Enterprise, EnterpriseTitle
from enterprises.policies import may_edit
from enterprises.titles import NOT_YOURS, rules_of, set_titles


class TitlesForm(TakesErrors, forms.Form):
    """A box and a day for each title that the district's policies ask for."""

    def __init__(self, *args: Any, rules: Rules, held: dict[str, date | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [title.code for title in rules.policy_library.titles]
        for title in rules.policy_library.titles:
            self.fields[f"has_{title.code}"] = forms.BooleanField(
                label=title.label, required=False, initial=title.code in held
            )
            self.fields[f"until_{title.code}"] = forms.DateField(
                label=f"{title.label}有效期至",
                required=False,
                widget=DayInput,
                validators=SENSIBLE_DAYS,
                initial=held.get(title.code),
            )

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"has_{code}"], self[f"until_{code}"]) for code in self.codes]

    def titles(self) -> dict[str, date | None]:
        data = self.cleaned_data
        return {code: data[f"until_{code}"] for code in self.codes if data[f"has_{code}"]}


@require_http_methods(["GET", "HEAD", "POST"])
def titles(request: HttpRequest, pk: int) -> HttpResponse:
    firms = Enterprise.objects.visible_to(request.user).unmerged().select_related("region", "district")
    firm = get_object_or_404(firms, pk=pk)
    if not may_edit(request.user, firm):
        raise PermissionDenied(NOT_YOURS)
    held = dict(EnterpriseTitle.objects.filter(enterprise=firm).values_list("code", "valid_until"))
    form = TitlesForm(request.POST if request.method == "POST" else None, rules=rules_of(firm), held=held)
    if request.method == "POST" and form.is_valid():
        try:
            set_titles(by=request.user, enterprise=firm, titles=form.titles())
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "资质称号已核对。")
            return redirect("portal:enterprise", pk)
    context = {"form": form, "firm": firm}
    return render(request, "enterprises/titles.html", context, status=422 if form.errors else 200)
