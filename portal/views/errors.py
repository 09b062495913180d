"""What a visitor sees when something is refused or went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A lost cookie or an expired page: say what to do, and hand the typed text back.

    ``submitted`` lets the page offer the same form again with what was typed, so that nothing is lost.
    """
    submitted = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {"csrfmiddlewaretoken", "password", "password1", "password2", "oldpassword"}
    ]
    return render(request, "403_csrf.html", {"submitted": submitted}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's own view looks for a CSRF token in the body that could not be read, and fails once more."""
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    return HttpResponse(render_to_string("500.html"), status=500)
