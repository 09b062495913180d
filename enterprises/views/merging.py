"""Merging duplicate firms: choose the two, see what will move, confirm."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from enterprises.forms import MergeForm
from enterprises.merging import NOT_YOURS, may_merge, merge, preview, suspected


@require_http_methods(["GET", "HEAD", "POST"])
def merge_firms(request: HttpRequest) -> HttpResponse:
    """``?kept=`` and ``?duplicate=`` lead to the page that asks first; without them one chooses."""
    if not may_merge(request.user):
        raise PermissionDenied(NOT_YOURS)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = {"kept", "duplicate", "kept_text", "duplicate_text"} & asked.keys()
    form = MergeForm(asked if chosen or request.method == "POST" else None, user=request.user)
    if not form.is_bound or not form.is_valid():
        return _choose(request, form)
    kept, duplicate = form.cleaned_data["kept"], form.cleaned_data["duplicate"]
    if request.method == "POST":
        try:
            merge(by=request.user, kept=kept, duplicate=duplicate)
        except ValidationError as error:
            form.take_errors(error)
            return _choose(request, form)
        messages.success(request, f"已将“{duplicate.name}”并入“{kept.name}”。")
        return redirect("portal:enterprise", kept.pk)
    found = preview(kept, duplicate)
    if found.refusals:
        form.add_error(None, found.refusals)
        return _choose(request, form)
    context = {"form": form, "kept": kept, "duplicate": duplicate, "preview": found}
    return render(request, "enterprises/merge_confirm.html", context)


def _choose(request: HttpRequest, form: MergeForm) -> HttpResponse:
    shown = {}
    for name in ("kept", "duplicate"):
        firm = getattr(form, "cleaned_data", {}).get(name)
        shown[name] = firm.name if firm else ""
    context = {
        "form": form,
        "shown": shown,
        "suspected": suspected(request.user.unit.district) if request.user.unit.district else [],
        "lookup_url": reverse("enterprises:lookup") + "?kind=enterprise",
    }
    return render(request, "enterprises/merge.html", context, status=422 if form.errors else 200)
