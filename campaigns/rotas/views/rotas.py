"""Rotas to look at: the months of each kind, one month's table on screen, on paper and in Excel, and one's own."""

from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns.models import Duty, Rota
from campaigns.rotas.feed import FEED_BACK, feed_key, feed_of, owner_of
from campaigns.rotas.people import acts_for, is_gone, rules_in_force, runs_hall
from campaigns.rotas.planning import days_of
from campaigns.rotas.services import rotas as services
from campaigns.rotas.sheets import rota_workbook
from campaigns.rotas.views.pages import Month
from core import clock
from core.xlsx import download
from districts.models import DistrictProfile
from districts.profile import Rules
from districts.rotas import RotaKind
from districts.words import speaking_for
from liaisons.event_calendar import first_of, warning_for
from liaisons.event_feed import CONTENT_TYPE

MOST_MINE = 60
MOST_IN_FEED = 200


def rules_of(request: HttpRequest) -> Rules:
    rules = rules_in_force(request.user)
    if rules is None:
        raise PermissionDenied(services.NOT_THE_HALL)
    return rules


def kind_of(rules: Rules, code: str) -> RotaKind:
    found: RotaKind | None = rules.find("rota_kinds", code)
    if found is None:
        raise Http404
    return found


def month_of(text: str) -> date:
    first = first_of(text)
    if first is None:
        raise Http404
    return first


@require_safe
def rota_list(request: HttpRequest) -> HttpResponse:
    """Every kind in the month of ``?month=``, and the reader's own turns."""
    rules = rules_of(request)
    month = Month(request.GET.get("month", ""))
    found = {
        rota.kind: rota
        for rota in Rota.objects.visible_to(request.user)
        .filter(month=month.first)
        .annotate(
            number=Count("duties"),
            held=Count("duties", filter=Q(duties__came=True)),
            unrecorded=Count("duties", filter=Q(duties__came__isnull=True, duties__day__lt=clock.today())),
        )
    }
    mine = []
    if request.user.official_id:
        rows = Duty.objects.visible_to(request.user).of(request.user.official_id)
        since = clock.today().replace(day=1)
        listed = rows.filter(day__gte=since).select_related("rota", "unit", "official", "substitute")
        mine = list(listed.order_by("day", "begins")[:MOST_MINE])
        for duty in mine:
            duty.kind_label = rules.label("rota_kinds", duty.rota.kind)
    context = {
        "month": month,
        "lines": [(kind, found.get(kind.code)) for kind in rules.rotas.kinds],
        "mine": mine,
        "feed_url": request.build_absolute_uri(reverse("campaigns:duty_feed", args=[feed_key(request.user)])),
        "may_plan": runs_hall(request.user, rules),
        "today": clock.today(),
        "district": request.user.unit.district,
    }
    return render(request, "campaigns/rotas/rotas.html", context)


def _duties(rota: Rota | None) -> list[Duty]:
    if rota is None:
        return []
    rows = rota.duties.select_related("unit__parent", "official", "substitute", "rota")
    people = ("official__posts__unit", "substitute__posts__unit")
    return list(rows.prefetch_related("appeals", "swaps", *people).order_by("day", "begins", "pk"))


def find(request: HttpRequest, kind: str, month: date) -> Rota | None:
    rows = Rota.objects.visible_to(request.user).filter(kind=kind, month=month)
    return rows.filter(district=request.user.unit.district).select_related("published_by").first()


@require_safe
def rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    rules = rules_of(request)
    kind, first = kind_of(rules, code), month_of(month)
    found = find(request, code, first)
    plans = runs_hall(request.user, rules)
    duties = _duties(found)
    for duty in duties:
        duty.warning = warning_for(duty.day, rules) if duty.day >= clock.today() else ""
        duty.is_gone = duty.came is None and duty.day >= clock.today() and is_gone(duty)
        swaps = plans or acts_for(request.user, duty.unit)
        own = (
            request.user.official_id is not None
            and duty.person
            and duty.person.pk == request.user.official_id
        )
        duty.may_swap = bool(swaps or own) and duty.came is None and duty.day >= clock.today()
        duty.may_record = bool(swaps or own) and duty.day <= clock.today()
    context = {
        "kind": kind,
        "month": Month(month),
        "rota": found,
        "duties": duties,
        "free": [
            one
            for one in days_of(kind, first, rules)
            if not one.is_off and one.day not in {duty.day for duty in duties}
        ],
        "may_plan": plans,
        "today": clock.today(),
        "received": sum(duty.received for duty in duties),
        "solved": sum(duty.solved for duty in duties),
    }
    return render(request, "campaigns/rotas/rota.html", context)


@require_safe
def rota_print(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """The 排班表 on one A4."""
    rules = rules_of(request)
    kind, first = kind_of(rules, code), month_of(month)
    found = find(request, code, first)
    context = {"kind": kind, "month": Month(month), "rota": found, "duties": _duties(found), "rules": rules}
    return render(request, "campaigns/rotas/rota_print.html", context)


@require_safe
def download_rota(request: HttpRequest, code: str, month: str) -> HttpResponse:
    rules = rules_of(request)
    kind, first = kind_of(rules, code), month_of(month)
    found = find(request, code, first)
    title = f"{kind.label}排班表（{first.year}年{first.month}月）"
    below = f"{rules.name}　　{kind.who}" + (
        f"　　{clock.local_date(found.published_at):%Y-%m-%d}公布" if found and found.published_at else ""
    )
    return download(rota_workbook(title, below, _duties(found)), f"{title}.xlsx")


@login_not_required
@require_safe
def duty_feed(request: HttpRequest, key: str) -> HttpResponse:
    """One's own duties for the calendar of a phone, which cannot sign in; the address is signed."""
    user = owner_of(key)
    if user is None or user.unit is None:
        raise Http404
    rules = DistrictProfile.objects.in_force(user.unit.district).rules
    duties = Duty.objects.none()
    if user.official_id:
        rows = Duty.objects.visible_to(user).of(user.official_id)
        duties = rows.filter(rota__published_at__isnull=False, day__gte=clock.today() - FEED_BACK)
    listed = duties.select_related("rota").order_by("day", "pk")[:MOST_IN_FEED]
    with speaking_for(user.unit.district_id):
        content = feed_of(listed, rules, user.unit.district.code)
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "private, no-store"
    return response
