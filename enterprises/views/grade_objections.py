"""异议: registered on the firm's behalf, listed until somebody else than the grader has ruled."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core import clock, tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from enterprises.grade_querysets import rules_for
from enterprises.grades import objections as services
from enterprises.grades.forms import ObjectionForm, RulingForm
from enterprises.grades.permissions import WHO_OBJECTS, WHO_RULES, may_register_objection, may_rule
from enterprises.models import GradeObjection, GradeRecord
from enterprises.views.grades import grade_tabs, posted, rules_or_404

PER_PAGE = 25


@require_safe
def grade_objections(request: HttpRequest) -> HttpResponse:
    """What waits for a ruling first, the earliest end first; ``?state=all`` with those ruled on."""
    rules = rules_or_404(request, district=True)
    everything = request.GET.get("state") == "all"
    rows = GradeObjection.objects.visible_to(request.user).select_related(
        "record__enterprise", "unit", "ruled_by"
    )
    rows = rows.order_by("-pk") if everything else rows.open().order_by("due_on", "pk")
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for objection in page:
        objection.field_label = rules.grades.field_label(objection.record.field)
        objection.grade = rules.grades.grade(objection.record.grade)
    url = reverse("enterprises:grade_objections")
    context = {
        "page": page,
        "today": clock.today(),
        "tabs": grade_tabs(request, rules, "objections"),
        "states": [
            {"label": "待裁定", "url": url, "current": not everything},
            {"label": "全部", "url": f"{url}?state=all", "current": everything},
        ],
    }
    return render(request, "enterprises/grades/objections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def object_to_grade(request: HttpRequest, pk: int) -> HttpResponse:
    rules = rules_for(request.user)
    rows = GradeRecord.objects.visible_to(request.user).select_related("enterprise", "unit")
    record = get_object_or_404(rows, pk=pk)
    if rules is None or not may_register_objection(request.user, rules, record):
        raise PermissionDenied(WHO_OBJECTS)
    form = ObjectionForm(posted(request), initial={"token": tokens.new_token()})
    draft = f"objection-{record.pk}"
    if request.method == "POST" and form.is_valid() and (found := _registered(request, form, record)):
        drop_draft(request, draft)
        messages.success(request, "异议已登记，已通知裁定单位。")
        return redirect("enterprises:grade_objection", int(found))
    context = {
        "form": form,
        "record": record,
        "grade": rules.grades.grade(record.grade),
        "field": rules.grades.field_label(record.field),
        "last_day": services.last_day_to_object(record, rules),
        "rules": rules,
        "draft": draft,
    }
    return render(request, "enterprises/grades/object.html", context, status=422 if form.is_bound else 200)


def _registered(request: HttpRequest, form: ObjectionForm, record: GradeRecord) -> str:
    """The objection's id; "" if it was refused."""
    data = form.cleaned_data

    def do() -> int:
        return services.register_objection(
            by=request.user,
            record=record,
            content=data["content"],
            how=data["how"],
            received_on=data["received_on"],
        ).pk

    try:
        return tokens.once(f"objection:{request.user.pk}:{data['token'] or tokens.new_token()}", do)
    except ValidationError as error:
        form.take_errors(error)
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
def grade_objection(request: HttpRequest, pk: int) -> HttpResponse:
    rules = rules_for(request.user)
    rows = GradeObjection.objects.visible_to(request.user).select_related(
        "record__enterprise", "record__unit", "record__graded_by", "unit", "registered_by", "ruled_by", "changed_to",
    )  # fmt: skip
    objection = get_object_or_404(rows, pk=pk)
    if rules is None:
        raise Http404
    rules_here = may_rule(request.user, rules, objection)
    if request.method == "POST" and not rules_here and not objection.ruled_at:
        raise PermissionDenied(WHO_RULES)
    form = RulingForm(posted(request), rules=rules, record=objection.record)
    if request.method == "POST" and form.is_valid() and _ruled(request, form, objection):
        messages.success(request, "已裁定，请告知企业。")
        return redirect("enterprises:grade_objection", pk)
    context = {
        "objection": objection,
        "form": form if rules_here or form.is_bound else None,
        "stands_aside": request.user.pk in {objection.record.graded_by_id, objection.record.confirmed_by_id},
        "grade": rules.grades.grade(objection.record.grade),
        "changed": rules.grades.grade(objection.changed_to.grade) if objection.changed_to else None,
        "field": rules.grades.field_label(objection.record.field),
        "today": clock.today(),
    }
    return render(request, "enterprises/grades/objection.html", context, status=422 if form.is_bound else 200)


def _ruled(request: HttpRequest, form: RulingForm, objection: GradeObjection) -> bool:
    try:
        services.rule(by=request.user, objection=objection, **form.cleaned_data)
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True
