"""Codes to rate by: for the counters, printed; for a visit, a link to send."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.models import Unit
from campaigns.satisfaction import links as rating_links
from campaigns.satisfaction.permissions import may_read, rules_in
from campaigns.satisfaction.querysets import MANAGERS
from core.http import forbidden, render_page
from core.qr import qr_svg
from core.wording import speak
from enterprises.querysets import DISTRICT_WIDE
from liaisons.models import Visit
from liaisons.permissions import VISITING

MOST = 60


@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Of the own window, of those below the own unit, or of the whole district."""
    user = request.user
    if not may_read(user):
        raise PermissionDenied(speak("评价码由服务窗口、所属单位和牵头局打印。"))
    rules = rules_in(user.unit)
    windows = Unit.objects.of_district(user.unit.district).active()
    windows = windows.filter(kind__in=rules.ratings.window_kinds).order_by("order", "pk")
    if not user.has_role(*DISTRICT_WIDE):
        windows = windows.filter(pk=user.unit_id) | windows.filter(parent=user.unit_id)
    sheets = []
    for window in windows[:MOST]:
        url = rating_links.address(user.unit.district, rating_links.window_token(window))
        sheets.append({"window": window, "url": url, "qr": qr_svg(url, quiet=4)})
    return render(request, "campaigns/satisfaction/rating_codes.html", {"sheets": sheets, "rules": rules})


@never_cache
@require_POST
def visit_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link to send to the firm, with the words to send it with; who made one is logged."""
    related = ("enterprise", "project", "district", "reporting_unit")
    visit = get_object_or_404(Visit.objects.visible_to(request.user).select_related(*related), pk=pk)
    if not request.user.has_role(*VISITING, *MANAGERS):
        return forbidden(request, speak("评价链接由走访的单位和牵头局发送。"))
    # Whether the firm has rated it is not told: it may have asked not to be named to whoever visited it.
    url = rating_links.address(visit.district, rating_links.visit_token(visit))
    audit.record(request.user, "rating.link", visit)
    context = {
        "visit": visit,
        "text": rating_links.message(visit, url),
        "url": url,
        "qr": qr_svg(url, quiet=4),
        "days": rules_in(request.user.unit).ratings.link_days,
    }
    return render_page(
        request, "campaigns/satisfaction/visit_link.html", "campaigns/satisfaction/_visit_link.html", context
    )
