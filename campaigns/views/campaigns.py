"""The year's campaigns, one campaign with its task list, its sheet, and keeping it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.forms.campaigns import CampaignForm, CopyForm
from campaigns.models import Campaign
from campaigns.permissions import leads, may_lead_all, may_manage
from campaigns.selectors import (
    campaigns_of_year,
    district_of,
    list_rows,
    statuses,
    with_all,
    year_asked,
    years_of,
)
from campaigns.services import list_imports, plans
from campaigns.states import State, shares_of
from campaigns.task_lists.columns import COLUMNS
from campaigns.task_lists.sheets import write_list
from core import clock, tokens
from core.fields import TakesErrors
from core.xlsx import download


def found_campaign(request: HttpRequest, pk: int) -> Campaign:
    campaigns = Campaign.objects.visible_to(request.user).select_related("district", "copied_from")
    return get_object_or_404(campaigns.prefetch_related("lead_units", "assisting_units"), pk=pk)


def once(request: HttpRequest, form: TakesErrors, name: str, do: Callable[[dict[str, Any]], Any]) -> str:
    """Carry out a valid form once; the record's id, or "" with the reason on the form."""
    key = f"{name}:{request.user.pk}:{form.data.get('token', '')}"
    try:
        return tokens.once(key, lambda: do(form.cleaned_data).pk)
    except ValidationError as error:
        form.take_errors(error)
        return ""


def tabs(request: HttpRequest, current: str, year: int) -> list[dict[str, Any]]:
    places = (
        ("list", "行动清单", f"{reverse('campaigns:list')}?year={year}"),
        ("calendar", "行事历", f"{reverse('campaigns:calendar')}?year={year}"),
        ("mine", "本单位任务", reverse("campaigns:mine")),
        ("inspections", "月度督查", reverse("campaigns:inspections")),
    )
    return [{"label": label, "url": url, "current": code == current} for code, label, url in places]


@require_safe
def campaign_list(request: HttpRequest) -> HttpResponse:
    years = years_of(request.user)
    year = year_asked(request.GET.get("year", ""), years)
    listed = campaigns_of_year(request.user, year)
    district = district_of(request.user)
    may_lead = bool(district and may_lead_all(request.user, district))
    total = shares_of([task for entry in listed for task in entry.campaign.tasks.all()], clock.today())
    context = {
        "tabs": tabs(request, "list", year),
        "years": years,
        "year": year,
        "listed": listed,
        "total": total,
        "states": State,
        "may_lead": may_lead,
        "may_import": may_lead or any(leads(request.user, entry.campaign) for entry in listed),
    }
    return render(request, "campaigns/list.html", context)


@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_campaign(request, pk)
    tasks = list(with_all(found.tasks.in_force()).prefetch_related("targets").order_by("order", "pk"))
    reader = plans.reader_for(found.district)
    unknown: list[str] = []
    may_keep = may_manage(request.user, found)
    if may_keep:
        texts = [found.lead_text, found.assisting_text]
        for task in tasks:
            texts += [task.lead_text, task.assisting_text]
        unknown = list(dict.fromkeys(word for text in texts for word in reader.read(text).unknown))
    context = {
        "campaign": found,
        "columns": [title for _, title, _ in COLUMNS],
        "rows": list_rows(tasks),
        "shares": shares_of(tasks, clock.today()),
        "withdrawn": list(found.tasks.filter(withdrawn=True).order_by("order", "pk")),
        "unknown": unknown,
        "unclear": [task for task in tasks if task.needs_a_day and not task.items.all()],
        "may_manage": may_keep,
        "last_import": _last_import(request, found) if may_keep else None,
        "is_print": request.GET.get("print") == "1",
    }
    return render(request, "campaigns/campaign.html", context)


def _last_import(request: HttpRequest, found: Campaign) -> dict[str, Any] | None:
    """Where the list came from, whether the user may take that back, and why it is not taken back any more."""
    last = list_imports.last_import(found)
    if last is None:
        return None
    last.campaign = found
    may_undo, why_kept = list_imports.may_undo(request.user, last), list_imports.why_kept(last)
    return {"draft": last, "may_undo": may_undo and not why_kept, "why_kept": why_kept}


@require_safe
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The list in its eight columns; with ?progress=1 what units reported stands under 完成情况."""
    found = found_campaign(request, pk)
    tasks = list(with_all(found.tasks.in_force()).prefetch_related("targets").order_by("order", "pk"))
    with_progress = request.GET.get("progress") == "1"
    content = write_list(found, tasks, statuses(tasks) if with_progress else {})
    return download(
        content, f"{found.year}年{found.name}任务清单{'（含进展）' if with_progress else ''}.xlsx"
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_campaign(request: HttpRequest) -> HttpResponse:
    district = district_of(request.user)
    if district is None or not may_lead_all(request.user, district):
        raise PermissionDenied(plans.WHO_LEADS)
    form = CampaignForm(request.POST or None, initial={"token": tokens.new_token()})
    if request.method == "POST" and form.is_valid():
        pk = once(
            request, form, "campaign",
            lambda data: plans.save_campaign(by=request.user, district=district, data=form.model_data()),
        )  # fmt: skip
        if pk:
            messages.success(request, "已新建专项行动，请逐项添加任务，或导入任务清单。")
            return redirect("campaigns:campaign", int(pk))
    return render(
        request, "campaigns/edit.html", {"form": form}, status=422 if request.method == "POST" else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit_campaign(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_campaign(request, pk)
    if not may_manage(request.user, found):
        raise PermissionDenied(plans.WHO_MANAGES)
    form = CampaignForm(
        request.POST or None,
        instance=Campaign.objects.get(pk=found.pk),
        initial={"token": tokens.new_token()},
    )
    if request.method == "POST" and form.is_valid():
        saved = once(
            request, form, f"campaign-{pk}",
            lambda data: plans.save_campaign(
                by=request.user, district=found.district, data=form.model_data(), campaign=found
            ),
        )  # fmt: skip
        if saved:
            messages.success(request, "已保存。")
            return redirect("campaigns:campaign", pk)
    context = {"form": form, "campaign": found}
    return render(request, "campaigns/edit.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def copy_year(request: HttpRequest) -> HttpResponse:
    """A year's campaigns as a start for another year."""
    district = district_of(request.user)
    if district is None or not may_lead_all(request.user, district):
        raise PermissionDenied(plans.WHO_LEADS)
    years = years_of(request.user)
    form = CopyForm(request.POST or None, years=years, initial={"token": tokens.new_token()})
    if request.method == "POST" and form.is_valid():
        source, year = form.cleaned_data["source"], form.cleaned_data["year"]
        campaigns = list(Campaign.objects.filter(district=district, year=source).order_by("no", "pk"))
        copies = plans.copy_to_year(campaigns=campaigns, year=year, by=request.user)
        left = len(campaigns) - len(copies)
        if copies:
            also = f"，{left}个行动{year}年已有，没有改动" if left else ""
            messages.success(
                request, f"已复制{len(copies)}个专项行动到{year}年{also}。完成情况和进展没有带过来。"
            )
        else:
            messages.info(request, f"{source}年的专项行动{year}年都已有，没有改动。")
        return redirect(f"{reverse('campaigns:list')}?year={year}")
    return render(
        request, "campaigns/copy.html", {"form": form, "years": years},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip
