"""哪些政策适合这家企业: for each policy whether it fits, what is missing, and why."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from enterprises.models import Enterprise, Project
from enterprises.policies import may_edit
from enterprises.subjects import SubjectField, subject_key
from enterprises.yearly import may_keep_years
from policies.models import HandOut, Payment
from policies.permissions import may_hand_out
from policies.selectors import all_fits


class FindForm(forms.Form):
    subject = SubjectField(label="企业或重点项目", required=False)


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Which firm? ``?subject=`` leads on to its page; typed words alone are a search of the roster."""
    form = FindForm(request.GET or None)
    form.fields["subject"].user = request.user
    typed = request.GET.get("subject_text", "").replace("\0", " ").strip()[:60]
    found: list[Any] = []
    if form.is_bound and form.is_valid() and form.cleaned_data["subject"]:
        return _to(form.cleaned_data["subject"])
    if typed:
        firms = Enterprise.objects.visible_to(request.user).active().unmerged().search(typed)
        projects = Project.objects.visible_to(request.user).active().search(typed)
        found = [*firms.select_related("region")[:20], *projects.select_related("region")[:10]]
        if len(found) == 1:
            return _to(found[0])
    for entry in found:
        entry.key = subject_key(entry)
    context = {"form": form, "typed": typed, "found": found}
    return render(request, "policies/fits_find.html", context)


def _to(entry: Enterprise | Project) -> HttpResponse:
    return redirect(f"policies:{entry._meta.model_name}_fits", entry.pk)


@require_safe
def enterprise_fits(request: HttpRequest, pk: int) -> HttpResponse:
    firms = Enterprise.objects.visible_to(request.user).unmerged().select_related("region", "district")
    return _page(request, get_object_or_404(firms, pk=pk))


@require_safe
def project_fits(request: HttpRequest, pk: int) -> HttpResponse:
    projects = Project.objects.visible_to(request.user).select_related("region", "district")
    return _page(request, get_object_or_404(projects, pk=pk))


def _page(request: HttpRequest, entry: Enterprise | Project) -> HttpResponse:
    user = request.user
    about = {entry._meta.model_name: entry}
    fits = all_fits(entry)
    told, listed = _given(request, about), _paid(request, about)
    rows = [{"fit": fit, "given": told.get(fit.policy.pk), "paid": fit.policy.pk in listed} for fit in fits]
    groups = [
        (state, label, [row for row in rows if row["fit"].state == state])
        for state, label in (("met", "适用"), ("open", "可能适用，还要补充或核对"), ("failed", "不适用"))
    ]
    is_firm = isinstance(entry, Enterprise)
    context = {
        "entry": entry,
        "is_project": not is_firm,
        "key": subject_key(entry),
        "groups": groups,
        "total": len(fits),
        "may_edit": may_edit(user, entry),
        "may_keep_years": isinstance(entry, Enterprise) and may_keep_years(user, entry),
        "may_list": may_hand_out(user),
    }
    return render(request, "policies/fits.html", context)


def _given(request: HttpRequest, about: dict) -> dict[int, object]:
    """When each policy was handed to the firm last, alone or on a list. Two queries."""
    given = HandOut.objects.visible_to(request.user).filter(**about)
    alone = given.filter(policy__isnull=False).order_by("occurred_at").values_list("policy", "occurred_at")
    on_lists = given.filter(policy_list__isnull=False).order_by("occurred_at")
    return {**dict(on_lists.values_list("policy_list__policies", "occurred_at")), **dict(alone)}


def _paid(request: HttpRequest, about: dict) -> set[int]:
    paid = Payment.objects.visible_to(request.user).standing().filter(**about)
    return set(paid.order_by().values_list("policy", flat=True))
