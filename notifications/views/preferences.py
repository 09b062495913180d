"""How I want to be told."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from notifications.channels.sms import masked_mobile
from notifications.forms import PreferenceForm, lacking
from notifications.models import Channel
from notifications.preferences import LONGEST_QUIET, preference_of, save_preferences


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user = request.user
    sent = request.POST if request.method == "POST" else None
    form = PreferenceForm(sent, preference=preference_of(user))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            save_preferences(
                user=user,
                wanted=form.wanted(),
                quiet_from=data["quiet_from"],
                quiet_to=data["quiet_to"],
                quiet_days_off=data["quiet_days_off"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "通知设置已保存，以后的通知按新的设置发送。")
            return redirect("notifications:preferences")
    context = {
        "form": form,
        "channels": [Channel(channel).label for channel in form.channels],
        "lacking": lacking(user),
        "mobile": masked_mobile(user) if Channel.SMS in form.channels else "",
        "longest_quiet": LONGEST_QUIET,
    }
    return render(request, "notifications/preferences.html", context, status=422 if form.errors else 200)
