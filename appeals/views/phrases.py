"""The page of phrases: the district's, kept by the bureau, and a unit's own."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from appeals.models import Phrase
from appeals.phrase_forms import PhraseForm
from appeals.phrases import NOT_YOURS, may_change, may_keep, save_phrase
from appeals.queues import DESK_ROLES
from core import tokens
from core.http import drop_draft, forbidden
from core.paging import WindowPaginator
from districts.models import DistrictProfile

PER_PAGE = 30


@never_cache
@require_GET
def phrases(request: HttpRequest) -> HttpResponse:
    """Those the user may use, by purpose; those switched off too, for whoever keeps them."""
    if request.user.unit is None or not request.user.has_role(*DESK_ROLES):
        return forbidden(request, "常用语由办理诉求的单位使用。")
    purpose = request.GET.get("purpose", "")
    rows = Phrase.objects.visible_to(request.user).select_related("unit")
    if not may_keep(request.user):
        rows = rows.in_use()
    if purpose in Phrase.Purpose.values:
        rows = rows.filter(purpose=purpose)
    page = WindowPaginator(rows.order_by("purpose", "order", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rules = DistrictProfile.objects.in_force(request.user.unit.district).rules
    for phrase in page:
        phrase.may_change = may_change(request.user, phrase)
        phrase.category_label = rules.label("categories", phrase.category) if phrase.category else ""
    tabs = [
        {"label": label, "url": f"?purpose={code}" if code else "?", "current": code == purpose}
        for code, label in [("", "全部"), *Phrase.Purpose.choices]
    ]
    context = {"page": page, "tabs": tabs, "may_keep": may_keep(request.user)}
    return render(request, "appeals/phrases.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
def new_phrase(request: HttpRequest) -> HttpResponse:
    if not may_keep(request.user):
        return forbidden(request, NOT_YOURS)
    return _form_page(request, Phrase())


@never_cache
@require_http_methods(["GET", "POST"])
def edit_phrase(request: HttpRequest, pk: int) -> HttpResponse:
    phrase = Phrase.objects.visible_to(request.user).filter(pk=pk).first()
    if phrase is None:
        raise Http404
    if not may_change(request.user, phrase):
        return forbidden(request, NOT_YOURS)
    return _form_page(request, phrase)


def _form_page(request: HttpRequest, phrase: Phrase) -> HttpResponse:
    is_new = phrase.pk is None
    data = request.POST if request.method == "POST" else None
    form = PhraseForm(data, user=request.user, phrase=None if is_new else phrase)
    token = request.POST.get("token", "") or tokens.new_token()
    if data is not None and form.is_valid():
        try:
            tokens.once(f"phrase:{token}", lambda: _saved(request.user, phrase, form).pk)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            drop_draft(request, "phrase-new")
            messages.success(request, "已保存常用语。")
            return redirect("appeals:phrases")
    context = {"form": form, "phrase": None if is_new else phrase, "token": token}
    return render(request, "appeals/phrase_form.html", context, status=422 if form.errors else 200)


def _saved(user: User, phrase: Phrase, form: PhraseForm) -> Phrase:
    for name, value in form.cleaned_data.items():
        setattr(phrase, name, value)
    return save_phrase(by=user, phrase=phrase)
