"""政策专员 and 业务知识库: who is one, who owes the month's entries, searching, handing in, reviewing."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.models import KnowledgeEntry, PolicyOfficer
from campaigns.rotas.filters import KnowledgeFilter
from campaigns.rotas.forms.records import EndOfficerForm, KnowledgeForm, OfficerForm, ReviewForm
from campaigns.rotas.knowledge_figures import knowledge_standings
from campaigns.rotas.people import acts_for, rules_in_force, units_acted_for
from campaigns.rotas.services import knowledge as services
from campaigns.rotas.views.pages import Month, carried_out, form_page, fresh, go
from core.http import posted
from core.paging import WindowPaginator
from districts.models import DistrictProfile

PER_PAGE = 20
State = KnowledgeEntry.State


@require_safe
def knowledge(request: HttpRequest) -> HttpResponse:
    rows = KnowledgeEntry.objects.visible_to(request.user).select_related("unit")
    filterset = KnowledgeFilter(request.GET, queryset=rows.order_by("-recorded_at", "-pk"), request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    rules = rules_in_force(request.user)
    for entry in page:
        entry.category_label = rules.label("knowledge_categories", entry.category) if rules else ""
    context = {"filterset": filterset, "page": page, "may_hand_in": _may_hand_in(request)}
    return render(request, "campaigns/rotas/knowledge.html", context)


def _may_hand_in(request: HttpRequest) -> bool:
    if units_acted_for(request.user).exists():
        return True
    official = request.user.official_id
    return bool(official) and PolicyOfficer.objects.in_force().filter(official=official).exists()


@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    """政策专员 in office, and who owes entries in the month of ``?month=``."""
    rules = rules_in_force(request.user)
    if rules is None:
        raise Http404
    month = Month(request.GET.get("month", ""))
    found = PolicyOfficer.objects.visible_to(request.user).in_force().select_related("unit", "official")
    page = WindowPaginator(found.order_by("unit__order", "unit_id", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    for officer in page:
        officer.may_end = acts_for(request.user, officer.unit)
    standings = knowledge_standings(request.user.unit.district, rules, month.first)
    context = {
        "month": month,
        "page": page,
        "standings": standings,
        "minimum": rules.rotas.knowledge.minimum,
        "owing": sum(1 for one in standings if one.missing),
        "may_appoint": units_acted_for(request.user).exists(),
    }
    return render(request, "campaigns/rotas/policy_officers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def appoint_officer(request: HttpRequest) -> HttpResponse:
    if not units_acted_for(request.user).exists():
        raise PermissionDenied(services.NOT_YOURS)
    form = OfficerForm(posted(request), user=request.user, initial=fresh({"unit": request.user.unit_id}))
    if request.method == "POST" and form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "token"}
        if carried_out(request, form, "policy-officer", lambda: services.appoint(by=request.user, **data).pk):
            messages.success(request, "政策专员已登记。")
            return go("policy_officers")
    return form_page(
        request,
        form,
        title="登记政策专员",
        lead="涉企部门政务服务窗口首席代表为政策专员，解答企业的咨询、投诉、求助、建议。",
        submit="登记",
        back=reverse("campaigns:policy_officers"),
        back_label="政策专员",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def end_officer(request: HttpRequest, pk: int) -> HttpResponse:
    rows = PolicyOfficer.objects.visible_to(request.user).select_related("unit")
    officer = get_object_or_404(rows, pk=pk)
    if not acts_for(request.user, officer.unit):
        raise PermissionDenied(services.NOT_YOURS)
    form = EndOfficerForm(posted(request), user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():
        ended = form.cleaned_data["ended"]
        if carried_out(
            request,
            form,
            f"policy-officer-end-{pk}",
            lambda: services.end(by=request.user, officer=officer, ended=ended).pk,
        ):
            messages.success(request, "已结束。")
            return go("policy_officers")
    return form_page(
        request,
        form,
        title="结束政策专员",
        lead=f"{officer.unit}　{officer.name}　{officer.title}",
        submit="结束",
        danger=True,
        back=reverse("campaigns:policy_officers"),
        back_label="政策专员",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def hand_in_knowledge(request: HttpRequest) -> HttpResponse:
    rules = rules_in_force(request.user)
    if rules is None or not _may_hand_in(request):
        raise PermissionDenied(services.WHO_HANDS_IN)
    form = KnowledgeForm(posted(request), user=request.user, rules=rules, initial=fresh())
    return _handed_in(request, form, None)


def _found(request: HttpRequest, pk: int) -> KnowledgeEntry:
    rows = KnowledgeEntry.objects.visible_to(request.user).select_related(
        "unit", "district", "recorded_by", "reviewed_by"
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def change_knowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Reviewed again before everybody reads it."""
    found = _found(request, pk)
    if not services.hands_in_for(request.user, found.unit):
        raise PermissionDenied(services.WHO_HANDS_IN)
    rules = DistrictProfile.objects.in_force(found.district).rules
    names = ("category", "question", "answer", "basis", "valid_from", "valid_to")
    initial = fresh({name: getattr(found, name) for name in names})
    form = KnowledgeForm(posted(request), user=request.user, rules=rules, changes=True, initial=initial)
    return _handed_in(request, form, found)


def _handed_in(request: HttpRequest, form: KnowledgeForm, entry: KnowledgeEntry | None) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "token"}
        if entry is not None:
            data |= {"unit": entry.unit, "entry": entry}
        if pk := carried_out(
            request, form, "knowledge", lambda: services.hand_in(by=request.user, **data).pk
        ):
            messages.success(request, "已报送，审核后入库。")
            return go("knowledge_entry", int(pk))
    return form_page(
        request,
        form,
        title="修改业务知识" if entry else "报送业务知识",
        lead="企业常问的问题和准确的解答，审核后全区工作人员都能查到。",
        submit="报送",
        back=reverse("campaigns:knowledge"),
        back_label="业务知识库",
        draft=f"knowledge-{entry.pk}" if entry else "knowledge",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def knowledge_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry; the reviewer decides here."""
    found = _found(request, pk)
    rules = DistrictProfile.objects.in_force(found.district).rules
    reviews = services.reviews(request.user)
    if request.method == "POST" and not reviews:
        raise PermissionDenied(services.WHO_REVIEWS)
    form = None
    if reviews and found.state == State.HANDED_IN:
        form = ReviewForm(posted(request), user=request.user, initial=fresh())
        if request.method == "POST" and form.is_valid():
            try:
                services.review(
                    by=request.user,
                    entry=found,
                    accepted=form.cleaned_data["accepted"],
                    note=form.cleaned_data["note"],
                )
            except ValidationError as error:
                form.take_errors(error)
            else:
                messages.success(request, "已审核。")
                return go("knowledge_entry", pk)
    hands_in = services.hands_in_for(request.user, found.unit)
    context = {
        "entry": found,
        "category_label": rules.label("knowledge_categories", found.category),
        "form": form,
        "may_change": hands_in and found.state != State.WITHDRAWN,
        "may_withdraw": (hands_in or reviews) and found.state != State.WITHDRAWN,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "campaigns/rotas/knowledge_entry.html", context, status=status)


@require_POST
def withdraw_knowledge(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    try:
        services.withdraw(by=request.user, entry=found)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    else:
        messages.success(request, "已下架。")
    return go("knowledge_entry", pk)
