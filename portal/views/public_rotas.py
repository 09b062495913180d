"""领导接待日、周末服务 and 走流程坐窗口 for everybody: what was published, from today on and the last weeks."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals.views.access import district_or_404
from campaigns.models import Duty, Sitting
from campaigns.rotas.planning import told_as
from core import clock

MOST_COMING = 60
SITTINGS_BACK = timedelta(days=31)


@login_not_required
@require_safe
def rotas(request: HttpRequest, code: str) -> HttpResponse:
    """No notes, no figures; who sits where and when, and which units take part."""
    district, profile = district_or_404(code)
    rules, today = profile.rules, clock.today()
    public = {kind.code: kind for kind in rules.rotas.kinds if kind.public}
    duties = (
        Duty.objects.filter(
            rota__district=district,
            rota__kind__in=public,
            rota__published_at__isnull=False,
            day__gte=today,
        )
        .select_related("rota", "unit", "official", "substitute")
        .prefetch_related("official__posts__unit", "substitute__posts__unit")
        .order_by("day", "begins", "pk")[:MOST_COMING]
    )
    by_kind: dict[str, list[tuple[Duty, str]]] = {}
    for duty in duties:
        by_kind.setdefault(duty.rota.kind, []).append((duty, told_as(duty, rules)))
    sittings = (
        Sitting.objects.filter(district=district, announced_at__isnull=False, day__gte=today - SITTINGS_BACK)
        .select_related("unit")
        .order_by("-day", "unit__order", "pk")[:MOST_COMING]
    )
    context = {
        "district": district,
        "rules": rules,
        "kinds": [(kind, by_kind.get(code_, [])) for code_, kind in public.items()],
        "sittings": sittings,
        "today": today,
    }
    return render(request, "public/rotas.html", context)
