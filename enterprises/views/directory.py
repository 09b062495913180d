"""The directory of firms and projects, and the forms that keep it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from core import tokens
from core.http import drop_draft, in_passing
from core.paging import WindowPaginator
from core.wording import speak, spoken
from enterprises import selectors, services
from enterprises.filters import EnterpriseFilter, ProjectFilter, RosterFilter
from enterprises.forms import EnterpriseForm, ProjectForm, RosterEntryForm
from enterprises.merging import may_merge
from enterprises.models import Enterprise, Project, Tier
from enterprises.policies import editable_region, importable_region, may_edit
from enterprises.subjects import subject_key

PER_PAGE = 25
NOT_YOURS = spoken("只有牵头局调度员和所在乡镇办、园区的联络员可以维护底册。")


@require_safe
def enterprises(request: HttpRequest) -> HttpResponse:
    filterset = EnterpriseFilter(
        request.GET, user=request.user, queryset=Enterprise.objects.visible_to(request.user)
    )
    return _directory(request, filterset, is_projects=False)


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    rows = Project.objects.visible_to(request.user).select_related("owner")
    return _directory(request, ProjectFilter(request.GET, user=request.user, queryset=rows), is_projects=True)


def _directory(request: HttpRequest, filterset: RosterFilter, *, is_projects: bool) -> HttpResponse:
    rows = filterset.qs.select_related("region").order_by("id")
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)
    cadres = selectors.cadres_of(page.object_list, request.user)
    for entry in page.object_list:
        entry.cadres = cadres.get(entry.pk, [])
    shown = filterset.qs.model._default_manager.filter(pk__in=[entry.pk for entry in page.object_list])
    context = {
        "filterset": filterset,
        "page": page,
        "covered": set(shown.covered().values_list("pk", flat=True)),
        "is_projects": is_projects,
        "tabs": _tabs(request, is_projects),
        "may_add": editable_region(request.user) is not None,
        "may_import": importable_region(request.user) is not None,
        "may_merge": may_merge(request.user),
    }
    return render(request, "enterprises/directory.html", context)


def _tabs(request: HttpRequest, is_projects: bool) -> list[dict[str, Any]]:
    """全部 / 四上 / 中小微 / 重点项目; what else is filtered goes along."""
    query = request.GET.copy()
    query.pop("page", None)
    tier = query.get("tier", "")

    def link(name: str, wanted: str = "") -> str:
        own = query.copy()
        own.pop("tier", None)
        if wanted:
            own["tier"] = wanted
        return reverse(f"enterprises:{name}") + (f"?{own.urlencode()}" if own else "")

    tiers = [("", "全部企业"), *Tier.choices]
    return [
        *(
            {"label": label, "url": link("list", code), "current": not is_projects and tier == code}
            for code, label in tiers
        ),
        {"label": "重点项目", "url": link("projects"), "current": is_projects},
    ]


@require_safe
@in_passing
def lookup(request: HttpRequest) -> HttpResponse:
    """List items for the combobox of forms with a ``SubjectField``; ``?kind=`` narrows to one of the two."""
    kind = request.GET.get("kind", "")
    found = selectors.lookup(
        user=request.user,
        query=request.GET.get("q", ""),
        enterprises=kind != "project",
        projects=kind != "enterprise",
    )
    items = [(subject_key(entry), entry) for entry in found]
    return render(request, "enterprises/_lookup.html", {"items": items})


# --- Keeping the roster ---------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def new_enterprise(request: HttpRequest) -> HttpResponse:
    return _new(request, EnterpriseForm, services.create_enterprise, "portal:enterprise")


@require_http_methods(["GET", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    return _new(request, ProjectForm, services.create_project, "portal:project")


@require_http_methods(["GET", "POST"])
def edit_enterprise(request: HttpRequest, pk: int) -> HttpResponse:
    firms = Enterprise.objects.visible_to(request.user).unmerged()
    entry = get_object_or_404(firms.select_related("region"), pk=pk)

    def change(form: RosterEntryForm) -> list[str]:
        seen = form.cleaned_data["seen"]
        changes = form.changes()
        return services.change_enterprise(by=request.user, enterprise=entry, changes=changes, seen=seen)

    return _edit(request, entry, EnterpriseForm, change, "portal:enterprise")


@require_http_methods(["GET", "POST"])
def edit_project(request: HttpRequest, pk: int) -> HttpResponse:
    entry = get_object_or_404(
        Project.objects.visible_to(request.user).select_related("region", "owner"), pk=pk
    )

    def change(form: RosterEntryForm) -> list[str]:
        seen = form.cleaned_data["seen"]
        return services.change_project(by=request.user, project=entry, changes=form.changes(), seen=seen)

    return _edit(request, entry, ProjectForm, change, "portal:project")


def _new(
    request: HttpRequest,
    form_class: type[RosterEntryForm],
    create: Callable[..., Enterprise | Project],
    page: str,
) -> HttpResponse:
    if editable_region(request.user) is None:
        raise PermissionDenied(NOT_YOURS)
    form = form_class(request.POST or None, user=request.user, initial=_first_values(request))
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["token"] or tokens.new_token()
        key = f"{form_class.__name__}:{request.user.pk}:{token}"
        try:
            pk = tokens.once(key, lambda: _created(request, create, form))
        except ValidationError as error:
            form.take_errors(error)
        else:
            return redirect(page, pk=int(pk))
    return _form_page(request, form, None)


def _created(request: HttpRequest, create: Callable[..., Enterprise | Project], form: RosterEntryForm) -> int:
    entry = create(by=request.user, **form.values())
    drop_draft(request, f"{entry._meta.model_name}-new")
    messages.success(request, f"已将“{entry.name}”加入{speak('底册')}。")
    return entry.pk


def _first_values(request: HttpRequest) -> dict[str, Any]:
    """A fresh token; the name that somebody looked for in vain; the only place of a township's liaison."""
    region = editable_region(request.user)
    return {
        "token": tokens.new_token(),
        "name": request.GET.get("name", "")[:120],
        "region": region.pk if region and region.level in {"township", "park"} else None,
    }


def _edit(
    request: HttpRequest,
    entry: Enterprise | Project,
    form_class: type[RosterEntryForm],
    change: Callable[[RosterEntryForm], list[str]],
    page: str,
) -> HttpResponse:
    if not may_edit(request.user, entry):
        raise PermissionDenied(NOT_YOURS)
    form = form_class(request.POST or None, instance=entry, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            changed = change(form)
        except services.ChangedMeanwhile as error:
            form.show_what_changed(error)
            entry = error.entry
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已保存。" if changed else "没有改动。")
            return redirect(page, pk=entry.pk)
    return _form_page(request, form, entry)


def _form_page(
    request: HttpRequest, form: RosterEntryForm, entry: Enterprise | Project | None
) -> HttpResponse:
    context = {
        "form": form,
        "entry": entry,
        "is_project": isinstance(form, ProjectForm),
        "owner_text": entry.owner.name if isinstance(entry, Project) and entry.owner else "",
        "lookup_url": reverse("enterprises:lookup") + "?kind=enterprise",
    }
    return render(request, "enterprises/form.html", context, status=422 if form.errors else 200)
