"""公文模板: the words of each kind of document, changed on a page, previewed, kept version by version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core.http import drop_draft, forbidden
from districts.documents import LABELS, PLACEHOLDERS, DocumentText
from districts.models import DistrictProfile
from districts.profile import Rules
from reports.document_forms import TemplateForm
from reports.documents import issuing, templates
from reports.models import DocumentTemplate


def _rules(request: HttpRequest) -> Rules | None:
    """Of the user's district, if the words are the user's to change."""
    unit = request.user.unit
    if unit is None:
        return None
    rules = DistrictProfile.objects.in_force(unit.district).rules
    return rules if templates.may_change(request.user, rules) else None


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    rules = _rules(request)
    if rules is None:
        return forbidden(request, templates.WHO_CHANGES)
    changed: dict[str, DocumentTemplate] = {}
    rows = DocumentTemplate.objects.visible_to(request.user).filter(district=request.user.unit.district)
    for row in rows.select_related("changed_by").order_by("kind", "version"):
        changed[row.kind] = row
    kinds = [
        {
            "code": kind,
            "label": label,
            "changed": changed.get(kind),
            "title": (changed[kind].words if kind in changed else rules.documents.of(kind).model_dump())[
                "title"
            ],
        }
        for kind, label in LABELS.items()
    ]
    return render(request, "reports/document_templates.html", {"kinds": kinds})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, kind: str) -> HttpResponse:
    """What is posted with “预览” is shown and not kept; an earlier version can be taken as the beginning."""
    if kind not in LABELS:
        raise Http404
    rules = _rules(request)
    if rules is None:
        return forbidden(request, templates.WHO_CHANGES)
    unit = request.user.unit
    versions = list(
        DocumentTemplate.objects.visible_to(request.user)
        .filter(district=unit.district, kind=kind)
        .select_related("changed_by")
    )
    words = _begin_with(request, versions, rules, kind)
    latest = versions[0].version if versions else 0
    posted = request.POST if request.method == "POST" else None
    initial = TemplateForm.of(words) | {"seen": latest}
    form = TemplateForm(posted, kind=kind, district=unit.district, rules=rules, initial=initial)
    status = 200
    if posted is not None and form.is_valid():
        words = templates.checked(kind, form.words(), district=unit.district, rules=rules)
        if "preview" not in posted:
            try:
                saved = templates.save_words(
                    by=request.user,
                    kind=kind,
                    data=form.words(),
                    note=form.cleaned_data["change"],
                    seen=form.cleaned_data["seen"],
                )
            except ValidationError as error:
                _show(form, error)
                status = 422
            else:
                drop_draft(request, f"template-{kind}")
                messages.success(request, f"{LABELS[kind]}模板已保存为第{saved.version}版，从现在起使用。")
                return redirect("reports:document_template", kind)
    elif posted is not None:
        status = 422
    context = {
        "kind": kind,
        "label": LABELS[kind],
        "form": form,
        "versions": versions,
        "placeholders": PLACEHOLDERS[kind],
        "paper": issuing.sample(words, kind, unit=unit, rules=rules).blocks,
    }
    return render(request, "reports/document_template.html", context, status=status)


def _show(form: TemplateForm, error: ValidationError) -> None:
    if hasattr(error, "error_dict"):
        for field, reasons in error.message_dict.items():
            for reason in reasons:
                form.add_error("change" if field == "note" else field, reason)
    else:
        form.add_error(None, error)


def _begin_with(
    request: HttpRequest, versions: list[DocumentTemplate], rules: Rules, kind: str
) -> DocumentText:
    """The version in force; ?from= an earlier one, 0 the district's profile."""
    asked: Any = request.GET.get("from", "")
    if asked == "0":
        return rules.documents.of(kind)
    chosen = [row for row in versions if str(row.version) == asked] or versions[:1]
    return DocumentText.model_validate(chosen[0].words) if chosen else rules.documents.of(kind)
