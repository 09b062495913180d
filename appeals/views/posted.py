"""Reading what a transition's form sent."""

from django.http import Http404, HttpRequest

from appeals.forms import TransitionForm
from appeals.workflow import TRANSITIONS, Transition


def transition_or_404(name: str) -> Transition:
    """A transition of an existing appeal; creating ones have pages of their own."""
    row = TRANSITIONS.get(name)
    if row is None or not row.sources:
        raise Http404
    return row


def seen_version(request: HttpRequest) -> int | None:
    """The version of the appeal the page was drawn with."""
    seen = request.POST.get("seen", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else None


def form_token(request: HttpRequest) -> str | None:
    """The once-only token; without NUL, which PostgreSQL cannot store."""
    return request.POST.get("token", "").replace("\0", "")[:64] or None


def typed_values(form: TransitionForm) -> list[tuple[str, str]]:
    """What was typed, to be shown again where the form itself can no longer be sent."""
    return [
        (str(field.label), str(field.value()))
        for field in form
        if not field.is_hidden and field.name != "attachments" and field.value() not in (None, "", [])
    ]
