"""The link by which a firm answers for itself: made by whoever may revisit, opened by whoever has it."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_ratelimit.core import is_ratelimited

from accounts import audit
from accounts.actors import Actor
from appeals import answer_links
from appeals.revisits import BY_TRANSITION
from appeals.views.access import appeal_or_404, district_or_404, hold, too_many
from appeals.views.public import LOOKUPS_PER_QUARTER
from appeals.workflow import TRANSITIONS, allowed
from core.http import client_ip, forbidden, render_page


@never_cache
@require_POST
def create(request: HttpRequest, number: str) -> HttpResponse:
    """A link to send to the firm, with the words to send it with; who made one is logged."""
    appeal = appeal_or_404(request, number)
    actor = Actor.of_user(request.user)
    may = any(
        appeal.status in TRANSITIONS[name].sources and allowed(TRANSITIONS[name], actor, appeal)
        for name in BY_TRANSITION
    )
    if not may or appeal.status not in answer_links.ANSWERABLE:
        return forbidden(request, "现在不能发回访链接：不在待回访的环节，或不由您回访。")
    url = request.build_absolute_uri(
        reverse("public:answer_link", args=[appeal.district.code, answer_links.make_token(appeal)])
    )
    audit.record(request.user, "appeal.answer_link", appeal, round=appeal.round)
    context = {"appeal": appeal, "text": answer_links.message(appeal, url), "days": answer_links.VALID.days}
    return render_page(request, "appeals/answer_link.html", "appeals/_answer_link.html", context)


@login_not_required
@never_cache
@require_safe
def open_link(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The firm's page of its appeal, to be judged. An official does not answer in the firm's stead."""
    district, profile = district_or_404(code)
    context = {"district": district, "rules": profile.rules}
    if is_ratelimited(request, group="answer-link", key=client_ip, rate=LOOKUPS_PER_QUARTER, increment=True):
        return too_many(request, context)
    appeal = answer_links.appeal_of(token, district)
    if appeal is None:
        return render(request, "public/answer_closed.html", context, status=404)
    if request.user.is_authenticated:
        return forbidden(request, "这是发给企业的回访链接，请由企业打开；工作人员不能代企业评价。")
    hold(request, appeal, by_link=True)
    return redirect(f"{reverse('public:appeal', args=[code, appeal.number])}#rate")
