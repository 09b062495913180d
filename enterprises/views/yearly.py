"""A firm's years: production, sales, tax and aims in one table, and the form for one of them."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from core.http import drop_draft
from enterprises.forms import YearlyFactsForm
from enterprises.models import Enterprise, YearlyFacts
from enterprises.selectors import years_of
from enterprises.yearly import NOT_YOURS, may_keep_years, record_year


@require_safe
def years(request: HttpRequest, pk: int) -> HttpResponse:
    firm = _firm(request, pk)
    context = {"firm": firm, "years": years_of(firm), "may_keep": may_keep_years(request.user, firm)}
    return render(request, "enterprises/yearly.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_year(request: HttpRequest, pk: int) -> HttpResponse:
    firm = _firm(request, pk)
    last = clock.today().year - 1
    form = YearlyFactsForm(_posted(request), initial={"year": last})
    return _form_page(request, firm, form, year=None)


@require_http_methods(["GET", "HEAD", "POST"])
def change_year(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    firm = _firm(request, pk)
    facts = YearlyFacts.objects.filter(enterprise=firm, year=year).first()
    if facts is None:
        raise Http404
    return _form_page(request, firm, YearlyFactsForm(_posted(request), instance=facts), year=year)


def _firm(request: HttpRequest, pk: int) -> Enterprise:
    firms = Enterprise.objects.visible_to(request.user).unmerged().select_related("region")
    return get_object_or_404(firms, pk=pk)


def _form_page(
    request: HttpRequest, firm: Enterprise, form: YearlyFactsForm, *, year: int | None
) -> HttpResponse:
    if not may_keep_years(request.user, firm):
        raise PermissionDenied(NOT_YOURS)
    if request.method == "POST" and form.is_valid() and _saved(request, firm, form, year):
        return redirect("enterprises:yearly", firm.pk)
    context = {"form": form, "firm": firm, "year": year}
    return render(request, "enterprises/year_form.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, firm: Enterprise, form: YearlyFactsForm, year: int | None) -> bool:
    facts = {name: value for name, value in form.cleaned_data.items() if name != "year"}
    try:
        saved = record_year(
            by=request.user,
            enterprise=firm,
            year=year or form.cleaned_data["year"],
            facts=facts,
            is_new=year is None,
        )
    except ValidationError as error:
        form.take_errors(error)
        return False
    drop_draft(request, f"year-{firm.pk}")
    messages.success(request, f"已保存{saved.year}年的信息。")
    return True


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
