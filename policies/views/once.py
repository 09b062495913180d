"""Forms that make something: carried out once, however often they are sent."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, QueryDict

from core import tokens
from core.http import drop_draft
from policies.forms import OfAUnit


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def carried_out(request: HttpRequest, form: OfAUnit, what: str, make: Callable[[], Model]) -> bool:
    """True also when this very form was sent before; what the service refuses stands beside the fields."""
    key = f"{what}:{request.user.pk}:{form.cleaned_data['token'] or tokens.new_token()}"
    try:
        tokens.once(key, lambda: make().pk)
    except ValidationError as error:
        form.take_errors(error)
        return False
    drop_draft(request, f"{what}-new")
    return True
