"""公示牌台账: the register by state, and one plate's life."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import tokens
from core.masking import mask_name
from core.paging import WindowPaginator
from core.wording import speak, spoken
from enterprises.forms import TakesErrors
from enterprises.subjects import page_of
from liaisons.filters import PlaqueFilter, WithoutPlaqueFilter
from liaisons.forms.plaques import (
    BatchForm,
    ChosenForm,
    CollectForm,
    PrintedForm,
    ReplaceForm,
    RevokeForm,
    SignForm,
)
from liaisons.models import Assignment, Plaque
from liaisons.permissions import may_keep_plaques, may_sign_plaque
from liaisons.plaques import address_of, leads_of, officer_of, without_plaque
from liaisons.querysets import AssignmentQuerySet, PlaqueQuerySet
from liaisons.services import plaques as services
from liaisons.services.plaques import KEEPERS_ONLY, Batch

State = Plaque.State
PER_PAGE = 50
SAID_AT_MOST = 5
IN_FORCE, TO_REPLACE, MISSING = "in_force", "to_replace", "missing"
TABS = {
    IN_FORCE: "全部在用",
    State.TO_PRINT: State.TO_PRINT.label,
    State.PRINTED: State.PRINTED.label,
    State.COLLECTED: State.COLLECTED.label,
    State.SIGNED: State.SIGNED.label,
    TO_REPLACE: "待更换",
    MISSING: spoken("尚无公示牌"),
    State.REPLACED: State.REPLACED.label,
    State.REVOKED: State.REVOKED.label,
}
# What may be done with many at once on each tab.
ACTIONS = {
    IN_FORCE: ("print",),
    State.TO_PRINT: ("print", "mark_printed"),
    State.PRINTED: ("print", "collect"),
    State.COLLECTED: ("print",),
    State.SIGNED: ("print",),
    TO_REPLACE: ("replace",),
}
ABOUT = (
    "official", "region", "enterprise__region", "enterprise__district", "enterprise__merged_into",
    "project__region", "project__district", "district",
)  # fmt: skip


# --- The register ---------------------------------------------------------------------------------


def filtered(request: HttpRequest) -> PlaqueFilter:
    visible = Plaque.objects.visible_to(request.user)
    return PlaqueFilter(request.GET, queryset=visible, request=request)


def _missing(request: HttpRequest) -> WithoutPlaqueFilter:
    visible = without_plaque(Assignment.objects.visible_to(request.user))
    return WithoutPlaqueFilter(request.GET, queryset=visible, request=request)


def on_tab(plaques: PlaqueQuerySet, tab: str) -> PlaqueQuerySet:
    if tab == TO_REPLACE:
        return plaques.to_replace()
    plaques = plaques.with_reasons()
    return plaques.in_force() if tab == IN_FORCE else plaques.filter(state=tab)


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, tab: str = IN_FORCE) -> HttpResponse:
    """One tab of the register; a POST does something with the chosen ones and needs to be the bureau's."""
    if tab not in TABS or tab == MISSING:
        raise Http404
    keeps = may_keep_plaques(request.user)
    if request.method == "POST" and not keeps:
        raise PermissionDenied(KEEPERS_ONLY)
    filterset = filtered(request)
    rows = on_tab(filterset.qs, tab).select_related(*ABOUT).order_by("-ordered_at", "-pk")
    form = BatchForm(
        _posted(request),
        visible=Plaque.objects.visible_to(request.user).select_related(*ABOUT),
        shown=rows,
        initial={"token": tokens.new_token()},
    )
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["action"] == "print":
            return redirect(_print_address(request, tab, form))
        if _carried_out(request, form, _batch_action(request, form)):
            return redirect(request.get_full_path())
    context = _register_context(request, tab, filterset, rows, form) | {
        "actions": ACTIONS.get(tab, ()) if keeps else (),
        "handover": filterset.form.cleaned_data.get("handover"),
    }
    return render(request, "liaisons/plaques.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def missing(request: HttpRequest) -> HttpResponse:
    """Covered firms with nothing on the wall; a POST orders plaques for them."""
    keeps = may_keep_plaques(request.user)
    if request.method == "POST" and not keeps:
        raise PermissionDenied(KEEPERS_ONLY)
    filterset = _missing(request)
    about = ("official", "unit", "region", "enterprise__region", "enterprise__district",
             "project__region", "project__district")  # fmt: skip
    rows: AssignmentQuerySet = filterset.qs.select_related(*about).order_by("region", "pk")
    visible = Assignment.objects.visible_to(request.user).select_related(*about)
    form = ChosenForm(_posted(request), visible=visible, shown=rows, initial={"token": tokens.new_token()})
    if request.method == "POST" and form.is_valid():

        def ordered() -> Batch:
            entries = [row.subject for row in form.cleaned_data["rows"] if row.subject]
            return services.order_many(by=request.user, entries=entries)

        if _carried_out(request, form, Action("已登记制作", ordered)):
            return redirect(request.get_full_path())
    context = _register_context(request, MISSING, filterset, rows, form) | {"may_order": keeps}
    return render(request, "liaisons/plaques_missing.html", context, status=422 if form.errors else 200)


def _register_context(
    request: HttpRequest, tab: str, filterset: Any, rows: Any, form: ChosenForm
) -> dict[str, Any]:
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "filterset": filterset,
        "page": page,
        "form": form,
        "ticked": set(form.data.getlist("chosen")) if form.is_bound else set(),
        "tab": tab,
        "tab_label": TABS[tab],
        "tabs": _tabs(request, tab),
    }


def _tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """Every tab with its number; what is filtered goes along."""
    plaques = filtered(request).qs.order_by()
    counts: dict[str, int] = dict(plaques.values_list("state").annotate(Count("pk")))
    counts[IN_FORCE] = sum(counts.get(state, 0) for state in Plaque.IN_FORCE)
    counts[TO_REPLACE] = plaques.to_replace().count()
    counts[MISSING] = _missing(request).qs.order_by().count()
    query = _query(request)
    return [
        {
            "label": label,
            "url": _address(tab) + (f"?{query}" if query else ""),
            "current": tab == current,
            "count": counts.get(tab, 0),
        }
        for tab, label in TABS.items()
    ]


def _address(tab: str) -> str:
    if tab == MISSING:
        return reverse("liaisons:plaques_missing")
    return reverse("liaisons:plaques") if tab == IN_FORCE else reverse("liaisons:plaques_on", args=[tab])


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def _print_address(request: HttpRequest, tab: str, form: BatchForm) -> str:
    if form.cleaned_data["everything"]:
        query = f"tab={tab}&{_query(request)}"
    else:
        query = "ids=" + ",".join(str(found.pk) for found in form.cleaned_data["rows"])
    return f"{reverse('liaisons:plaques_print')}?{query}"


# --- Doing it -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    done: str
    do: Callable[[], Batch]


def _batch_action(request: HttpRequest, form: BatchForm) -> Action:
    by, data = request.user, form.cleaned_data
    match data["action"]:
        case "mark_printed":
            return Action("已标记制作完成", lambda: services.mark_printed(by=by, plaques=data["rows"]))
        case "collect":
            return Action(
                "已登记领取",
                lambda: services.collect(by=by, plaques=data["rows"], collected_by=data["collected_by"]),
            )
        case "replace":
            return Action(
                "已登记更换，新牌待制作",
                lambda: services.replace_many(by=by, plaques=data["rows"], reason=data["reason"]),
            )
    raise Http404


def _carried_out(request: HttpRequest, form: ChosenForm, action: Action) -> bool:
    """Says how many were done and which were not, and why; nothing done at all is an error of the form.

    True also when this very form was already sent.
    """
    key = f"plaques:{request.user.pk}:{form.cleaned_data['token'] or tokens.new_token()}"
    if tokens.earlier_result(key) is not None:
        return True
    try:
        with transaction.atomic():
            batch = action.do()
            if batch.done:
                tokens.claim(key, str(len(batch.done)))
    except ValidationError as error:
        form.take_errors(error)
        return False
    except IntegrityError:
        # The same form, sent twice at once: the other one has done it.
        return tokens.earlier_result(key) is not None
    if not batch.done:
        form.add_error(None, _first(batch.refused))
        return False
    messages.success(request, f"{action.done}：{len(batch.done)}块。")
    if batch.refused:
        messages.warning(request, f"{len(batch.refused)}块没有办理：{''.join(_first(batch.refused))}")
    return True


def _first(refused: list[str]) -> list[str]:
    more = len(refused) - SAID_AT_MOST
    return [*refused[:SAID_AT_MOST], *([f"另有{more}块。"] if more > 0 else [])]


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


# --- One plaque -----------------------------------------------------------------------------------

FORMS: dict[str, type[TakesErrors]] = {
    "mark_printed": PrintedForm,
    "collect": CollectForm,
    "sign": SignForm,
    "replace": ReplaceForm,
    "revoke": RevokeForm,
}


@require_safe
def plaque(request: HttpRequest, pk: int) -> HttpResponse:
    return _plaque_page(request, _plaque_or_404(request, pk))


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """One step in the life of one plaque."""
    found = _plaque_or_404(request, pk)
    if action not in FORMS:
        raise Http404
    allowed = may_sign_plaque(request.user, found) if action == "sign" else may_keep_plaques(request.user)
    if not allowed:
        raise PermissionDenied(KEEPERS_ONLY)
    form = FORMS[action](request.POST)
    if form.is_valid():
        try:
            return redirect("liaisons:plaque", _done(request, found, action, form.cleaned_data))
        except ValidationError as error:
            form.take_errors(error)
    return _plaque_page(request, found, {action: form}, status=422)


def _done(request: HttpRequest, found: Plaque, action: str, data: dict[str, Any]) -> int:
    """Carries it out; the key of the plaque to look at afterwards."""
    by = request.user
    match action:
        case "mark_printed" | "collect":
            if action == "collect":
                batch = services.collect(by=by, plaques=[found], **data)
            else:
                batch = services.mark_printed(by=by, plaques=[found])
            if batch.refused:
                raise ValidationError(batch.refused)
            messages.success(
                request, f"“{found.entry}”的{speak('公示牌')}{batch.done[0].get_state_display()}。"
            )
        case "sign":
            services.sign(by=by, plaque=found, **data)
            messages.success(request, f"已登记“{found.entry}”签收。")
        case "replace":
            return _replaced(request, found, data)
        case "revoke":
            services.revoke(by=by, plaque=found, **data)
            messages.success(request, f"“{found.entry}”的这块{speak('公示牌')}已作废，二维码不再有效。")
    return found.pk


def _replaced(request: HttpRequest, found: Plaque, data: dict[str, Any]) -> int:
    """Sent twice, it is replaced once, and both lead to the new one."""
    replacement = Plaque.objects.filter(replaces=found).first()
    key = f"plaque:{found.pk}:{request.user.pk}:{data['token'] or tokens.new_token()}"
    if replacement is not None and tokens.earlier_result(key) == str(found.pk):
        return replacement.pk
    with transaction.atomic():
        replacement = services.replace(by=request.user, plaque=found, reason=data["reason"])
        tokens.claim(key, str(found.pk))
    messages.success(request, f"“{found.entry}”的新{speak('公示牌')}已登记，待制作。旧牌请收回。")
    return replacement.pk


def _plaque_or_404(request: HttpRequest, pk: int) -> Plaque:
    rows = Plaque.objects.visible_to(request.user).with_reasons()
    return get_object_or_404(rows.select_related(*ABOUT, "ordered_by", "replaces", "replacement"), pk=pk)


def _plaque_page(
    request: HttpRequest, found: Plaque, bound: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    keeps, entry = may_keep_plaques(request.user), found.entry
    offered = []
    if keeps and found.state == State.TO_PRINT:
        offered.append("mark_printed")
    if keeps and found.state == State.PRINTED:
        offered.append("collect")
    signs = may_sign_plaque(request.user, found)
    if found.state == State.COLLECTED and signs:
        offered.append("sign")
    if keeps and found.is_in_force:
        offered.append("replace")
    if keeps and found.state != State.REVOKED:
        offered.append("revoke")
    forms: dict[str, Any] = {
        name: FORMS[name](initial={"token": tokens.new_token()}, auto_id=f"id_{name}_%s") for name in offered
    }
    # What was sent stays on the page, even where the step is no longer offered.
    forms |= bound or {}
    for name, form in forms.items():
        form.auto_id = f"id_{name}_%s"
    lead = leads_of([entry]).get(entry)
    others = Plaque.objects.visible_to(request.user).filter(
        enterprise=found.enterprise_id, project=found.project_id
    )
    context = {
        "plaque": found,
        "entry": entry,
        "entry_page": page_of(entry, request.user),
        "forms": forms,
        "may_print": keeps and found.is_in_force,
        "officer": officer_of(lead.official) if lead else None,
        "life": _life(found, full=signs),
        "others": others.exclude(pk=found.pk).select_related("official").order_by("-pk"),
        "address": address_of(found) if keeps and found.state != State.REVOKED else "",
    }
    return render(request, "liaisons/plaque.html", context, status=status)


def _life(found: Plaque, *, full: bool) -> list[dict[str, Any]]:
    """When, and by whom; the firm's own person in full only for who deals with it there."""
    steps = [
        ("登记制作", found.ordered_at, str(found.ordered_by), ""),
        ("制作完成", found.printed_at, "", ""),
        ("领取", found.collected_at, found.collected_by, ""),
        ("企业签收", found.signed_at, found.signed_by if full else mask_name(found.signed_by), ""),
        (found.get_state_display(), found.ended_at, "", found.end_reason),
    ]
    return [
        {"label": label, "at": at, "by": who, "text": text, "tone": "done"}
        for label, at, who, text in steps
        if at
    ]
