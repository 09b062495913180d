"""行事历: a year's tasks over twelve months, one month by day, and what has no day; on paper and as a sheet."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from campaigns.agenda import MONTHS, Row, entries_of, rows_of
from campaigns.models import Campaign, Task
from campaigns.selectors import with_all, year_asked, years_of
from campaigns.views.campaigns import tabs
from core import clock
from core.xlsx import download, text_workbook


def _asked(request: HttpRequest) -> tuple[int, Campaign | None, list[Campaign], list[int]]:
    years = years_of(request.user)
    year = year_asked(request.GET.get("year", ""), years)
    campaigns = list(Campaign.objects.visible_to(request.user).filter(year=year).order_by("no", "pk"))
    wanted = request.GET.get("campaign", "")
    return year, next((one for one in campaigns if str(one.pk) == wanted), None), campaigns, years


def _rows(request: HttpRequest, year: int, campaign: Campaign | None) -> list[Row]:
    tasks = Task.objects.visible_to(request.user).in_force().filter(campaign__year=year)
    if campaign is not None:
        tasks = tasks.filter(campaign=campaign)
    ordered = with_all(tasks).order_by("campaign__no", "campaign", "order", "pk")
    return rows_of(list(ordered), year, clock.today())


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    year, campaign, campaigns, years = _asked(request)
    rows = _rows(request, year, campaign)
    text = request.GET.get("month", "")
    month = int(text) if text.isascii() and text.isdigit() and len(text) < 3 and int(text) in MONTHS else 0
    asked: dict[str, Any] = {"year": year} | ({"campaign": campaign.pk} if campaign else {})
    months = [
        {
            "number": number,
            "query": urlencode(asked | {"month": number}),
            "count": len(entries_of(rows, number)),
            "current": number == month,
        }
        for number in MONTHS
    ]
    context = {
        "tabs": tabs(request, "calendar", year),
        "year": year,
        "years": years,
        "campaign": campaign,
        "campaigns": campaigns,
        "query": urlencode(asked),
        "months": months,
        "month": month,
        "entries": entries_of(rows, month) if month else [],
        "rows": [row for row in rows if row.has_days],
        "undated": [row for row in rows if not row.has_days],
        "now": clock.today(),
    }
    return render(request, "campaigns/calendar.html", context)


@require_safe
def calendar_sheet(request: HttpRequest) -> HttpResponse:
    year, campaign, _, _ = _asked(request)
    rows = _rows(request, year, campaign)
    name = f"{year}年{campaign.name if campaign else '专项行动'}行事历"
    headers = ["专项行动", "序号", "工作任务", "分项", "牵头责任单位", "完成时限"]
    content = text_workbook(
        title="行事历",
        headers=[*headers, *(f"{month}月" for month in MONTHS), "状态"],
        rows=(
            [
                row.task.campaign.name,
                row.task.number,
                row.task.title,
                row.item.text if row.item else "",
                row.task.lead_text,
                row.work.deadline_text,
                *(mark.text for mark in row.marks),
                row.state.label,
            ]
            for row in rows
        ),
        widths=[16, 6, 28, 28, 18, 18, *([7] * 12), 10],
        wrapped=True,
    )
    return download(content, f"{name}.xlsx")
