"""Saved filters: kept from the register or a desk, renamed and deleted by their owner."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from appeals.models import SavedFilter
from appeals.saved_filters import rename_filter, save_filter, tidy
from core.http import forbidden

PAGES = {"list": "appeals:list", "desk": "appeals:desk", "queue": "appeals:queue"}


@never_cache
@require_http_methods(["GET", "POST"])
def filters(request: HttpRequest) -> HttpResponse:
    """One's own filters, and keeping a new one under a name."""
    if request.user.unit is None:
        return forbidden(request, "您的账号还没有所属单位，请联系系统管理员。")
    if request.method == "GET":
        return _page(request)
    name, query = (request.POST.get(field, "").replace("\0", "") for field in ("name", "query"))
    try:
        saved = save_filter(by=request.user, name=name, query=query)
    except ValidationError as error:
        return _page(request, status=422, errors=error.messages, name=name, query=tidy(query))
    messages.success(request, f"已保存筛选“{saved.name}”。")
    page = PAGES.get(request.POST.get("page", ""), PAGES["list"])
    heap = request.POST.get("queue", "")
    lead = f"queue={heap}&" if heap.isascii() and heap.isidentifier() else ""
    return redirect(f"{reverse(page)}?{lead}{saved.query}")


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    saved = _own_or_404(request, pk)
    try:
        rename_filter(saved=saved, name=request.POST.get("name", "").replace("\0", ""))
    except ValidationError as error:
        return _page(request, status=422, errors=error.messages)
    messages.success(request, f"已改名为“{saved.name}”。")
    return redirect("appeals:filters")


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    saved = _own_or_404(request, pk)
    audit.record(request.user, "saved_filter.delete", saved)
    saved.delete()
    messages.success(request, f"已删除筛选“{saved.name}”。")
    return redirect("appeals:filters")


def _own_or_404(request: HttpRequest, pk: int) -> SavedFilter:
    saved = SavedFilter.objects.visible_to(request.user).filter(pk=pk).first()
    if saved is None:
        raise Http404
    return saved


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {"saved": SavedFilter.objects.visible_to(request.user)}
    return render(request, "appeals/filters.html", context | more, status=status)
