"""A task list that waits: shown as it is understood, put right row by row, imported, and taken back as one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.forms.imports import HeadingForm, RowForm
from campaigns.models import ListDraft
from campaigns.permissions import may_lead_all, may_manage
from campaigns.services import drafts, list_imports, plans
from campaigns.task_lists import deadlines
from campaigns.task_lists.columns import COLUMNS
from campaigns.task_lists.reading import Reading
from campaigns.views.campaigns import found_campaign
from campaigns.views.imports import own_campaigns


def _found(request: HttpRequest, pk: int) -> ListDraft:
    waiting = ListDraft.objects.visible_to(request.user)
    return get_object_or_404(waiting.select_related("district", "campaign"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What was read, as it is understood; POST imports it. ``?row=`` opens a row to put it right."""
    found = _found(request, pk)
    if request.method != "POST":
        return _page(request, found, row=_place(request.GET.get("row", "")))
    try:
        campaign, loaded = list_imports.take_over(by=request.user, draft=found)
    except ValidationError as error:
        return _page(request, found, wrong=error.messages)
    gone = f"，{loaded.gone}项不在清单中" if loaded.gone else ""
    messages.success(
        request, f"已导入：新增{loaded.new}项，更新{loaded.changed}项，{loaded.same}项没有变化{gone}。"
    )
    return redirect("campaigns:campaign", campaign.pk)


@require_POST
def correct_row(request: HttpRequest, pk: int, place: int) -> HttpResponse:
    """A row put right, or left out; then the next one that is wrong."""
    found = _found(request, pk)
    entries = drafts.reading_of(found).entries
    if place >= len(entries):
        return redirect("campaigns:draft", pk)
    try:
        if "drop" in request.POST:
            drafts.drop_row(by=request.user, draft=found, place=place)
        else:
            form = RowForm(request.POST, entry=entries[place])
            if not form.is_valid():
                return _page(request, found, row=place, row_form=form, status=422)
            drafts.correct_row(by=request.user, draft=found, place=place, **form.row())
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
        return redirect("campaigns:draft", pk)
    messages.success(request, "这一行不导入。" if "drop" in request.POST else "已改正。")
    found.refresh_from_db()
    entries = drafts.reading_of(found).entries
    wrong = [number for number, entry in enumerate(entries) if entry.is_wrong]
    address = reverse("campaigns:draft", args=[pk])
    if wrong:
        following = next((number for number in wrong if number > place), wrong[0])
        return redirect(f"{address}?row={following}#row-{following}")
    return redirect(f"{address}#row-{min(place, len(entries) - 1)}" if entries else address)


@require_POST
def correct_heading(request: HttpRequest, pk: int) -> HttpResponse:
    found = _found(request, pk)
    form = _heading_form(request, found, request.POST)
    if not form.is_valid():
        return _page(request, found, heading_form=form, status=422)
    data = form.cleaned_data
    heading = {"year": data.get("year"), "no": data.get("no") or 0, "name": data.get("name")}
    try:
        drafts.correct_heading(
            by=request.user, draft=found, title=data["title"], campaign=form.campaign,
            heading=heading, complete=data["complete"],
        )  # fmt: skip
    except ValidationError as error:
        form.take_errors(error)
        return _page(request, found, heading_form=form, status=422)
    messages.success(request, "已改正。")
    return redirect("campaigns:draft", pk)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    _found(request, pk).delete()
    messages.success(request, "已放弃，没有导入。")
    return redirect("campaigns:import")


@require_POST
def undo_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Of a campaign, its last import."""
    campaign = found_campaign(request, pk)
    if not may_manage(request.user, campaign):
        raise PermissionDenied(plans.WHO_MANAGES)
    last = list_imports.last_import(campaign)
    if last is None:
        messages.error(request, "这个行动没有可以撤销的导入。")
        return redirect("campaigns:campaign", pk)
    try:
        kept = list_imports.undo(by=request.user, draft=last)
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
        return redirect("campaigns:campaign", pk)
    if last.made_by_id == request.user.pk:
        messages.success(request, "已撤销导入。清单退回到这里，可以改正后重新导入，也可以放弃。")
        return redirect("campaigns:draft", last.pk)
    messages.success(request, f"已撤销导入。清单退回给{last.made_by}，由其改正后重新导入。")
    return redirect("campaigns:campaign", kept.pk) if kept else redirect("campaigns:list")


# --- The page -------------------------------------------------------------------------------------


def _place(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _heading_form(request: HttpRequest, found: ListDraft, data: Any = None) -> HeadingForm:
    new = may_lead_all(request.user, found.district)
    initial = {
        "into": str(found.campaign_id or ""),
        "title": drafts.reading_of(found).title,
        **{key: found.heading.get(key) for key in ("year", "no", "name", "complete") if key in found.heading},
    }
    campaigns = own_campaigns(request, found.district, new)
    # A row of the same page has a title too.
    return HeadingForm(data, campaigns=campaigns, new=new, initial=initial, auto_id="heading_%s")


def _page(
    request: HttpRequest, found: ListDraft, *, status: int = 0, row: int | None = None, wrong: Any = (),
    row_form: RowForm | None = None, heading_form: HeadingForm | None = None,
) -> HttpResponse:  # fmt: skip
    reading = drafts.reading_of(found)
    rows = _rows(found, reading)
    if row is not None and row < len(rows):
        rows[row]["form"] = row_form or RowForm(entry=reading.entries[row])
    context = {
        "draft": found,
        "reading": reading,
        "rows": rows,
        "year": _year(found),
        "errors": sum(problem.is_error for entry in reading.entries for problem in entry.problems),
        "hints": sum(not problem.is_error for entry in reading.entries for problem in entry.problems),
        "items": sum(len(entry.items) for entry in reading.entries),
        "columns": [title for _, title, _ in COLUMNS],
        "wrong": wrong,
        "heading_form": heading_form or _heading_form(request, found),
    }
    return render(request, "campaigns/draft.html", context, status=status or (422 if wrong else 200))


def _year(found: ListDraft) -> int:
    return found.campaign.year if found.campaign else int(found.heading["year"])


def _rows(found: ListDraft, reading: Reading) -> list[dict[str, Any]]:
    year, reader = _year(found), plans.reader_for(found.district)
    known = set()
    if found.campaign:
        known = set(found.campaign.tasks.in_force().values_list("number", flat=True))
    rows: list[dict[str, Any]] = []
    section = ""
    for entry in reading.entries:
        by_column: dict[str, list[Any]] = {}
        for problem in entry.problems:
            by_column.setdefault(problem.column, []).append(problem)
        rows.append(
            {
                "entry": entry,
                "cells": [
                    {
                        "key": key,
                        "title": title,
                        "text": getattr(entry, key),
                        "problems": by_column.get(key, []),
                    }
                    for key, title, _ in COLUMNS
                ],
                "understood": [
                    (item.text, deadlines.understand_one(item.deadline, year).label) for item in entry.items
                ]
                or [("", deadlines.understand(entry.deadline, year).label)],
                "unknown": [*reader.read(entry.lead).unknown, *reader.read(entry.assisting).unknown],
                "heading": entry.section if entry.section != section else "",
                "is_known": entry.number in known,
            }
        )
        section = entry.section
    return rows
