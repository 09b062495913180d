"""Accounts of a third party (第三方): everything is closed to them but what says otherwise.

A survey firm enters what the enterprises answered and sees nothing else of the district (S1: 区营商办每季度委托
第三方公司…). Two walls, each enough alone: such an account has no unit, so that every ``visible_to`` gives it
nothing; and this middleware refuses every view that does not carry :func:`open_to_outside`. A page that is
written tomorrow is closed to them without anybody thinking of it.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.http import forbidden

CLOSED = "这个账号只用于满意度调查，看不到其他页面。"
OWN_ACCOUNT = ("account_", "mfa_")
"""Signing in and out, the own password and second factor."""
ADMINISTRATION = "admin"

View = Callable[..., HttpResponse]


def open_to_outside(view: View) -> View:
    """Let accounts of a third party open this view; what they see there is the view's to decide."""
    view.open_to_outside = True  # type: ignore[attr-defined]
    return view


class OutsideAccounts:
    """After the sign-in check: whoever is outside goes nowhere but home."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.user.is_authenticated or not request.user.is_outside or self._may_open(request, view):
            return None
        if request.resolver_match and request.resolver_match.view_name == settings.LOGIN_REDIRECT_URL:
            return redirect(settings.OUTSIDE_HOME)
        return forbidden(request, CLOSED)

    def _may_open(self, request: HttpRequest, view: View) -> bool:
        match = request.resolver_match
        if match is None or ADMINISTRATION in match.namespaces:
            return False
        if getattr(view, "open_to_outside", False):
            return True
        if not match.namespaces and (match.url_name or "").startswith(OWN_ACCOUNT):
            return True
        # What everybody may see without an account.
        return not getattr(view, "login_required", True)
