from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from core.http import DRAFT
from notifications.models import Notice
from portal.help import help_url
from portal.navigation import navigation


def portal(request: HttpRequest) -> dict[str, Any]:
    """What the layouts show around every page; costs nothing on pages that do not show it."""
    user = getattr(request, "user", None)
    if user is None:
        return {}
    context: dict[str, Any] = {"draft_clear": SimpleLazyObject(lambda: request.session.pop(DRAFT, ""))}
    if not user.is_authenticated:
        return context
    return context | {
        "help_url": SimpleLazyObject(lambda: help_url(_page_name(request))),
        "navigation": SimpleLazyObject(lambda: navigation(user, request.path)),
        "unread_count": SimpleLazyObject(lambda: Notice.objects.visible_to(user).unread()[:100].count()),
    }


def _page_name(request: HttpRequest) -> str:
    """Of an address that leads nowhere: none."""
    return request.resolver_match.view_name if request.resolver_match else ""
