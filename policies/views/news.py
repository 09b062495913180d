"""宣传报道: the list, recording one, putting one right."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core import tokens
from core.http import done_once, posted
from core.paging import WindowPaginator
from policies.filters import NewsFilter
from policies.forms import NewsForm
from policies.models import NewsItem
from policies.news import NOT_YOURS, change_news, may_change, record_news
from policies.permissions import may_keep

PER_PAGE = 25


@require_safe
def news_list(request: HttpRequest) -> HttpResponse:
    items = NewsItem.objects.visible_to(request.user).select_related("unit")
    filterset = NewsFilter(request.GET, queryset=items, request=request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    for item in page:
        item.may_change = may_change(request.user, item)
    context = {"filterset": filterset, "page": page, "may_keep": may_keep(request.user)}
    return render(request, "policies/news.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_news(request: HttpRequest) -> HttpResponse:
    if not may_keep(request.user):
        raise PermissionDenied(NOT_YOURS)
    form = NewsForm(posted(request), user=request.user, initial={"token": tokens.new_token()})

    def make(data: dict[str, Any]) -> int:
        given = {name: value for name, value in data.items() if name != "token"}
        return record_news(by=request.user, **given).pk

    if done_once(request, form, "news", make, draft="news-new"):
        messages.success(request, "已登记宣传报道。")
        return redirect("policies:news")
    return render(request, "policies/news_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_news(request: HttpRequest, pk: int) -> HttpResponse:
    item = get_object_or_404(NewsItem.objects.visible_to(request.user).select_related("unit"), pk=pk)
    if not may_change(request.user, item):
        raise PermissionDenied(NOT_YOURS)
    form = NewsForm(posted(request), user=request.user, item=item)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            change_news(
                by=request.user,
                item=item,
                title=data["title"],
                outlet=data["outlet"],
                url=data["url"],
                public=data["public"],
            )
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已保存。")
            return redirect("policies:news")
    context = {"form": form, "item": item}
    return render(request, "policies/news_form.html", context, status=422 if form.errors else 200)
