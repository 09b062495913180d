"""The enterprise's own page behind the code on its plaque: its officer, and three things to ask for.

Anyone may scan a plaque, so nothing here shows what the roster stores of the firm beside its name, nor its appeals.
A code that was revoked, never existed or was misread leads to one and the same page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_ratelimit.core import is_ratelimited

from appeals.views.access import district_or_404
from appeals.views.posted import form_token
from appeals.views.public import HONEYPOT
from core import tokens
from core.http import client_ip, drop_draft
from core.wording import speak
from districts.models import Region
from districts.profile import Rules
from enterprises.change_reports import CLOSED, report, reportable
from enterprises.forms import TakesErrors
from liaisons.forms.plaques import PublicChangeForm, VisitRequestForm
from liaisons.models import Plaque
from liaisons.plaques import Entry, entry_behind, find, leads_of, officer_of
from liaisons.services.requests import request_visit
from policies.selectors import all_fits, open_policies

POSTS_PER_HOUR = "60/h"


@dataclass(frozen=True)
class Scanned:
    """What a visitor's code leads to."""

    district: Region
    rules: Rules
    plaque: Plaque
    entry: Entry

    @property
    def context(self) -> dict[str, Any]:
        return {
            "district": self.district,
            "rules": self.rules,
            "plaque": self.plaque,
            "entry": self.entry,
            "is_project": self.plaque.project_id is not None,
        }


def scanned(request: HttpRequest, code: str, token: str) -> Scanned | HttpResponse:
    """The firm behind the code, or the answer to a code that leads nowhere."""
    district, profile = district_or_404(code)
    plaque = find(token, district)
    if plaque is None:
        context = {"district": district, "rules": profile.rules}
        return render(request, "public/plaque_unknown.html", context, status=404)
    return Scanned(district, profile.rules, plaque, entry_behind(plaque))


@login_not_required
@never_cache
@require_safe
def firm_page(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """The officer of today, also behind an old plate."""
    found = scanned(request, code, token)
    if isinstance(found, HttpResponse):
        return found
    lead = leads_of([found.entry]).get(found.entry)
    context = found.context | {"officer": officer_of(lead.official) if lead else None}
    return render(request, "public/plaque.html", context)


@login_not_required
@never_cache
@require_safe
def firm_policies(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """适合我的政策: public policies alone, and nothing compared that a passer-by should not learn of the firm."""
    found = scanned(request, code, token)
    if isinstance(found, HttpResponse):
        return found
    policies = [policy for policy in open_policies(found.district) if policy.public]
    fits = all_fits(found.entry, policies, in_public=True, rules=found.rules)
    context = found.context | {"fits": [fit for fit in fits if fit.state != "failed"]}
    return render(request, "public/firm_policies.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_a_visit(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """请联企干部来一趟."""
    found = scanned(request, code, token)
    if isinstance(found, HttpResponse):
        return found
    form = VisitRequestForm(
        request.POST if request.method == "POST" else None, initial={"token": tokens.new_token()}
    )

    def ask(data: dict[str, Any]) -> int:
        names = ("contact_name", "contact_phone", "wish")
        return request_visit(entry=found.entry, **{name: data[name] for name in names}).pk

    said = speak("已收到，联企干部会先打电话与您联系。")
    draft = f"plaque-visit-{found.plaque.pk}"
    context = found.context | {"form": form, "draft": draft}
    return answered(request, found, form, ask, said, draft) or render(
        request, "public/plaque_visit.html", context, status=422 if form.errors else 200
    )


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_a_change(request: HttpRequest, code: str, token: str) -> HttpResponse:
    """信息有变化: to the bureau's desk. The answer never tells whether what was typed is what stands there."""
    found = scanned(request, code, token)
    if isinstance(found, HttpResponse):
        return found
    form = PublicChangeForm(
        request.POST if request.method == "POST" else None,
        entry=found.entry,
        initial={"token": tokens.new_token()},
    )

    def tell(data: dict[str, Any]) -> int:
        try:
            with transaction.atomic():
                return report(
                    entry=found.entry,
                    changes=form.changes(),
                    note=data["note"],
                    contact_name=data["reporter_name"],
                    contact_phone=data["reporter_phone"],
                ).pk
        except ValidationError as error:
            if hasattr(error, "error_dict"):
                raise
            # Nothing differs, or the same waits already: a stranger is not told which.
            return 0

    said = speak("已收到。与登记不同的，由牵头局核实后更新。")
    draft = f"plaque-change-{found.plaque.pk}"
    rows = [form[name] for name in reportable(found.entry) if name != CLOSED]
    context = found.context | {"form": form, "draft": draft, "rows": rows}
    return answered(request, found, form, tell, said, draft) or render(
        request, "public/plaque_change.html", context, status=422 if form.errors else 200
    )


def answered(
    request: HttpRequest,
    found: Scanned,
    form: TakesErrors,
    do: Callable[[dict[str, Any]], int],
    said: str,
    draft: str,
    limit: str = "plaque",
) -> HttpResponse | None:
    """What a sent form leads to; None where the form is to be shown (again)."""
    if request.method != "POST":
        return None
    page = redirect("public:plaque", found.district.code, found.plaque.token)
    if request.POST.get(HONEYPOT):
        # A robot filled in what no person sees: let it believe it was heard.
        return page
    key = f"{draft}:{form_token(request) or tokens.new_token()}"
    if tokens.earlier_result(key) is None:
        if _is_too_often(request, found, limit):
            context = {"district": found.district, "rules": found.rules}
            message = "操作太频繁了。请过一会儿再试，或拨打为企服务热线。"
            return render(request, "429.html", context | {"message": message}, status=429)
        if not form.is_valid() or not _done_once(form, do, key):
            return None
    drop_draft(request, draft)
    messages.success(request, said)
    return page


def _is_too_often(request: HttpRequest, found: Scanned, limit: str) -> bool:
    """By one visitor, or by anybody with one plaque."""
    by_plaque = f"{found.plaque.pk}"
    limits = [(limit, client_ip), (f"{limit}-code", lambda group, request: by_plaque)]
    return any(
        [
            is_ratelimited(request, group=group, key=key, rate=POSTS_PER_HOUR, method="POST", increment=True)
            for group, key in limits
        ]
    )


def _done_once(form: TakesErrors, do: Callable[[dict[str, Any]], int], key: str) -> bool:
    try:
        tokens.once(key, lambda: do(form.cleaned_data))
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True
