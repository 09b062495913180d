"""What the pages of the needs lists share: forms that make something once, steps that refuse in words, the tabs."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from campaigns.needs.permissions import may_record_financing, may_record_seeker
from core import tokens
from core.http import drop_draft
from enterprises.forms import TakesErrors
from enterprises.querysets import DISTRICT_WIDE

PER_PAGE = 25


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def carried_out(
    request: HttpRequest,
    form: TakesErrors,
    what: str,
    make: Callable[[dict[str, Any]], Model],
    draft: str = "",
) -> str:
    """What was made (its id), also when this very form was sent before; "" with the errors beside the fields."""
    if not form.is_valid():
        return ""
    key = f"{what}:{request.user.pk}:{form.cleaned_data.get('token') or tokens.new_token()}"
    try:
        made = tokens.once(key, lambda: make(form.cleaned_data).pk)
    except ValidationError as error:
        form.take_errors(error)
        return ""
    if draft:
        drop_draft(request, draft)
    return made


def done(form: TakesErrors, service: Callable[[dict[str, Any]], object]) -> bool:
    if not form.is_valid():
        return False
    try:
        service(form.cleaned_data)
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True


def may_see_seekers(request: HttpRequest) -> bool:
    return may_record_seeker(request.user)


def may_see_financing(request: HttpRequest) -> bool:
    return may_record_financing(request.user) or request.user.has_role(*DISTRICT_WIDE)


def needs_tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    places = [("needs", "本月清单", True), ("openings", "用工需求", True)]
    places.append(("seekers", "求职人员", may_see_seekers(request)))
    places.append(("financing", "融资需求", may_see_financing(request)))
    return [
        {"label": label, "url": reverse(f"campaigns:{name}"), "current": name == current}
        for name, label, shown in places
        if shown
    ]
