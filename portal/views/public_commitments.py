"""政府承诺公开: what was promised in public and whether it is kept; nothing about debts (“社会监督”)."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from appeals.views.access import district_or_404
from campaigns.models import Commitment
from core import clock
from core.paging import WindowPaginator

PER_PAGE = 20


@login_not_required
@require_safe
def commitments(request: HttpRequest, code: str) -> HttpResponse:
    """The next to fall due first, then those that ended, the latest first."""
    district, profile = district_or_404(code)
    published = Commitment.objects.filter(district=district).public()
    running = Q(state__in=Commitment.RUNNING)
    late = running & Q(due_on__lt=clock.today())
    states = {
        "kept": Q(state="kept"), "broken": Q(state="broken"), "running": running & ~late, "late": late,
    }  # fmt: skip
    counted = published.order_by().aggregate(
        total=Count("pk"), **{name: Count("pk", filter=asked) for name, asked in states.items()}
    )
    found = published.filter(states.get(request.GET.get("state", ""), Q())).select_related("unit")
    ordered = found.order_by(F("ended_at").desc(nulls_first=True), "due_on", "number").defer(
        "plan", "evidence", "search_text"
    )
    page = WindowPaginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    for commitment in page:
        commitment.public_colour, commitment.public_state = _in_words(commitment)
    context = {
        "district": district,
        "rules": profile.rules,
        "words": profile.rules.commitments,
        "counted": counted,
        "page": page,
    }
    return render(request, "public/commitments.html", context)


def _in_words(commitment: Commitment) -> tuple[str, str]:
    """As a citizen reads it; that a unit has reported and somebody checks is no state of its own outside."""
    if not commitment.is_running:
        return ("green" if commitment.state == "kept" else "red"), commitment.get_state_display()
    if commitment.due_on < clock.today():
        return "red", "已过时限"
    return "blue", "正在兑现"
