"""The pages of the bulletins: list, reading, editing, signing, sending, and what is behind each figure."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record
from accounts.models import Role
from appeals.querysets import UNIT_ROLES
from core import tokens
from core.paging import WindowPaginator
from core.uploads import ALLOWED
from core.wording import speak
from districts.models import DistrictProfile
from enterprises.querysets import DISTRICT_WIDE
from reports import evidence
from reports.bulletins import drafting, permissions, services, wording
from reports.bulletins.document import file_name, issuer_of, paper_of
from reports.bulletins.forms import NewBulletinForm, ReasonForm, SectionForm, SendForm, TitleForm
from reports.bulletins.reading import read
from reports.bulletins.records import parts_of
from reports.models import Bulletin
from reports.models.bulletins import BUREAU
from reports.services import Refused

PAGE_SIZE = 20
RECORDS = 50
READERS = frozenset({*DISTRICT_WIDE, *UNIT_ROLES})
form_page = require_http_methods(["GET", "HEAD", "POST"])


def visible(request: HttpRequest, pk: int) -> Bulletin:
    found = Bulletin.objects.visible_to(request.user)
    related = found.select_related(
        "profile", "district", "drafted_by", "submitted_by", "approved_by", "replaces"
    )
    return get_object_or_404(related, pk=pk)


def conflict(request: HttpRequest, bulletin: Bulletin | None, reason: Exception, **more: Any) -> HttpResponse:
    back = reverse("reports:bulletin", args=[bulletin.pk]) if bulletin else reverse("reports:bulletins")
    return render(request, "409.html", {"message": str(reason), "back_url": back, **more}, status=409)


def _writer(request: HttpRequest, bulletin: Bulletin) -> None:
    if not permissions.may_write(request.user, bulletin):
        raise PermissionDenied(services.WRITERS)


# --- Reading --------------------------------------------------------------------------------------


@require_safe
def bulletins(request: HttpRequest) -> HttpResponse:
    if not request.user.has_role(*READERS):
        raise PermissionDenied(speak("通报由牵头局、区领导、督查和主送单位查看。"))
    found = Bulletin.objects.visible_to(request.user).defer("sections", "figures", "profile__data")
    years = list(found.order_by("-year").values_list("year", flat=True).distinct())
    year, state = request.GET.get("year", ""), request.GET.get("state", "")
    if year.isascii() and year.isdecimal() and int(year[:5]) in years:
        found = found.filter(year=int(year[:5]))
    else:
        year = ""
    if state in Bulletin.State.values:
        found = found.filter(state=state)
    else:
        state = ""
    page = WindowPaginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    is_bureau = request.user.has_role(*BUREAU)
    states = [("", "全部"), *(Bulletin.State.choices if is_bureau else [])]
    tabs = [
        {"label": label, "url": "?" + urlencode({"state": code, "year": year}), "current": code == state}
        for code, label in states
    ]
    unread = set()
    if request.user.unit_id:
        waiting = Bulletin.objects.filter(
            pk__in=[bulletin.pk for bulletin in page], recipients__unit=request.user.unit_id,
            recipients__read_at__isnull=True,
        )  # fmt: skip
        unread = set(waiting.values_list("pk", flat=True))
    context = {
        "page": page,
        "tabs": tabs if is_bureau else [],
        "years": years,
        "year": year,
        "state": state,
        "unread": unread,
        "may_draft": _may_draft(request),
    }
    return render(request, "reports/bulletins.html", context)


def _may_draft(request: HttpRequest) -> bool:
    user = request.user
    if user.unit is None or not user.has_role(*BUREAU):
        return False
    try:
        rules = DistrictProfile.objects.in_force(user.unit.district).rules
    except DistrictProfile.DoesNotExist:
        return False
    return permissions.works_for_bureau(user, user.unit.district, rules)


@require_safe
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    return bulletin_page(request, visible(request, pk))


def bulletin_page(
    request: HttpRequest, bulletin: Bulletin, *, reason_form: ReasonForm | None = None, status: int = 200
) -> HttpResponse:
    user, State = request.user, Bulletin.State
    figure_page = reverse("reports:bulletin_figure", args=[bulletin.pk])
    reading = read(bulletin, lambda key: f"{figure_page}?{urlencode({'key': key})}")
    writes, signs = permissions.may_write(user, bulletin), permissions.may_sign(user, bulletin)
    recipients = list(bulletin.recipients.select_related("unit", "read_by"))
    own = next((line for line in recipients if line.unit_id == user.unit_id), None)
    is_reader = own is not None and user.has_role(*UNIT_ROLES, Role.DISPATCHER, Role.BUREAU_LEADER)
    sees_desk = user.has_role(*DISTRICT_WIDE)
    context = {
        "bulletin": bulletin,
        "reading": reading,
        "unwritten": services.unwritten(bulletin) if bulletin.is_draft else [],
        "may_edit": writes and bulletin.is_draft,
        "may_sign": signs and bulletin.state == State.SUBMITTED,
        "signs_own": permissions.has_drafted(user, bulletin),
        "may_send": writes and bulletin.state == State.APPROVED,
        "may_correct": writes and bulletin.state == State.SENT and not bulletin.superseded,
        "may_withdraw": (signs if bulletin.is_frozen else writes) and bulletin.state != State.WITHDRAWN,
        "to_read": is_reader and own is not None and own.read_at is None,
        "own": own,
        "recipients": recipients,
        "read_count": sum(line.read_at is not None for line in recipients),
        "sees_desk": sees_desk,
        "steps": bulletin.steps.select_related("by") if sees_desk else [],
        "withdrawal": _withdrawal(bulletin),
        "correction": bulletin.corrections.in_force().first(),
        "issuer": issuer_of(bulletin),
        "reason_form": reason_form or ReasonForm(),
    }
    return render(request, "reports/bulletin.html", context, status=status)


def _withdrawal(bulletin: Bulletin) -> str:
    if bulletin.state != Bulletin.State.WITHDRAWN:
        return ""
    return bulletin.steps.filter(kind="withdrawn").values_list("note", flat=True).last() or ""


@require_safe
def print_view(request: HttpRequest, pk: int) -> HttpResponse:
    """As it is printed: without links and marks."""
    bulletin = visible(request, pk)
    context = {"bulletin": bulletin, "reading": read(bulletin), "issuer": issuer_of(bulletin)}
    return render(request, "reports/bulletin_print.html", context)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The document in Word; whoever takes it out of the house is written down."""
    bulletin = visible(request, pk)
    record(request.user, "bulletin.download", bulletin)
    content = BytesIO(paper_of(bulletin).as_docx())
    return FileResponse(
        content, as_attachment=True, filename=file_name(bulletin), content_type=ALLOWED[".docx"]
    )


@require_safe
def figure(request: HttpRequest, pk: int) -> HttpResponse:
    """The records a figure counted when it was counted; those the reader may not open are told by their number."""
    bulletin = visible(request, pk)
    key = request.GET.get("key", "")
    found = bulletin.figures.get(key)
    if found is None:
        raise Http404
    parts = parts_of(bulletin, found)
    wanted = request.GET.get("part", "")
    part = next((part for part in parts if part.code == wanted), parts[0] if parts else None)
    if part is None:
        raise Http404
    page = WindowPaginator(evidence.visible(part.records, request.user), RECORDS).get_page(
        request.GET.get("page")
    )
    tabs = [
        {
            "label": each.label,
            "count": len(each.ids),
            "url": "?" + urlencode({"key": key, "part": each.code}),
            "current": each is part,
        }
        for each in parts
    ]
    row = None
    if found["unit"]:
        tables = (section.get("table") for section in bulletin.sections)
        rows = [row for table in tables if table for row in table["rows"]]
        row = next((row for row in rows if row["unit"] == found["unit"]), None)
    context = {
        "bulletin": bulletin,
        "figure": found,
        "unit_name": row["name"] if row else "",
        "tabs": tabs if len(tabs) > 1 else [],
        "page": page,
        "lines": evidence.lines(page, bulletin.rules),
        "hidden": max(0, len(part.ids) - page.paginator.count) if not page.paginator.is_capped else 0,
    }
    return render(request, "reports/bulletin_figure.html", context)


# --- Drafting -------------------------------------------------------------------------------------


@form_page
def new(request: HttpRequest) -> HttpResponse:
    if not _may_draft(request):
        raise PermissionDenied(speak("通报由牵头局的调度员和负责人起草。"))
    form = NewBulletinForm(request.POST or None)
    token = request.POST.get("token") or tokens.new_token()
    if request.method == "POST" and form.is_valid():

        def make() -> int:
            made = drafting.draft(
                district=request.user.unit.district,
                month=form.cleaned_data["month"],
                kind=form.cleaned_data["kind"],
                by=request.user,
            )
            return made.pk

        try:
            pk = tokens.once(f"bulletin:{request.user.pk}:{token}", make)
        except Refused as reason:
            form.add_error("month", str(reason))
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "已按登记的工作取数起草，请核对并补写由人写的部分。")
            return redirect("reports:bulletin", pk)
    context = {"form": form, "token": token}
    return render(request, "reports/bulletin_new.html", context, status=422 if form.is_bound else 200)


@form_page
def section(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Edit one section, leave it out, or take it in again."""
    bulletin = visible(request, pk)
    found = services.section_of(bulletin, code)
    if found is None:
        raise Http404
    _writer(request, bulletin)
    if not bulletin.is_draft:
        return conflict(request, bulletin, Refused("通报已送审签，不能再改；退回修改后才能改。"))
    initial = {
        "version": found["version"],
        "heading": found["heading"],
        "text": wording.text_of(found["runs"]),
        "cases": [case["ref"] for case in found.get("cases", [])],
    }
    form = SectionForm(request.POST if request.method == "POST" else None, section=found, initial=initial)
    action = request.POST.get("action", "")
    if request.method == "POST" and action in ("remove", "restore"):
        return _set_removed(request, bulletin, found, action == "remove")
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.edit(
                bulletin=bulletin, code=code, version=data["version"], by=request.user,
                heading=data.get("heading", ""), text=data["text"], case_refs=data.get("cases"),
            )  # fmt: skip
        except services.Outdated:
            return _outdated(request, bulletin, code, form)
        except Refused as reason:
            return conflict(request, bulletin, reason, submitted=[("正文", data["text"])])
        messages.success(request, f"“{found['name']}”已保存。")
        return redirect(f"{reverse('reports:bulletin', args=[pk])}#section-{code}")
    context = {"bulletin": bulletin, "section": found, "form": form}
    return render(request, "reports/bulletin_section.html", context, status=422 if form.is_bound else 200)


def _outdated(request: HttpRequest, bulletin: Bulletin, code: str, form: SectionForm) -> HttpResponse:
    """Both texts: what was saved meanwhile, and what was typed, ready to be saved over it after a look."""
    bulletin.refresh_from_db(fields=["sections"])
    found = services.section_of(bulletin, code)
    assert found is not None
    typed = SectionForm(initial=form.cleaned_data | {"version": found["version"]}, section=found)
    step = bulletin.steps.select_related("by").last()
    context = {
        "bulletin": bulletin,
        "section": found,
        "form": typed,
        "theirs": wording.text_of(found["runs"]),
        "by": step.by if step else None,
    }
    return render(request, "reports/bulletin_section.html", context, status=409)


def _set_removed(
    request: HttpRequest, bulletin: Bulletin, found: dict[str, Any], removed: bool
) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        services.set_removed(
            bulletin=bulletin, code=found["code"], by=request.user, removed=removed,
            version=int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else -1,
        )  # fmt: skip
    except services.Outdated:
        return conflict(request, bulletin, Refused("这一部分刚刚被别人改过，请看看最新内容再决定。"))
    except Refused as reason:
        return conflict(request, bulletin, reason)
    messages.success(request, f"“{found['name']}”{'已删去，可以恢复' if removed else '已恢复'}。")
    return redirect("reports:bulletin", bulletin.pk)


@form_page
def title(request: HttpRequest, pk: int) -> HttpResponse:
    bulletin = visible(request, pk)
    _writer(request, bulletin)
    if not bulletin.is_draft:
        return conflict(request, bulletin, Refused("通报已送审签，不能再改；退回修改后才能改。"))
    form = TitleForm(request.POST if request.method == "POST" else None, initial={"title": bulletin.title})
    if request.method == "POST" and form.is_valid():
        try:
            services.rename(bulletin=bulletin, title=form.cleaned_data["title"], by=request.user)
        except Refused as reason:
            return conflict(request, bulletin, reason)
        return redirect("reports:bulletin", pk)
    context = {"bulletin": bulletin, "form": form}
    return render(request, "reports/bulletin_title.html", context, status=422 if form.is_bound else 200)


@require_POST
def refresh(request: HttpRequest, pk: int) -> HttpResponse:
    bulletin = visible(request, pk)
    try:
        changes = drafting.refresh(bulletin=bulletin, by=request.user)
    except Refused as reason:
        return conflict(request, bulletin, reason)
    if changes:
        messages.success(request, f"已重新取数，有变化的：{'；'.join(changes)}。写好的文字没有改动。")
    else:
        messages.success(request, "已重新取数，数字没有变化。")
    return redirect("reports:bulletin", pk)


# --- Signing and sending --------------------------------------------------------------------------


def _step(do: Callable[[Bulletin, HttpRequest], str]) -> Callable[..., HttpResponse]:
    """A page that carries out one step, and says so; 409 with the reason where it cannot be done."""

    @require_POST
    def step(request: HttpRequest, pk: int) -> HttpResponse:
        bulletin = visible(request, pk)
        try:
            messages.success(request, do(bulletin, request))
        except Refused as reason:
            return conflict(request, bulletin, reason)
        return redirect("reports:bulletin", pk)

    return step


def _submit(bulletin: Bulletin, request: HttpRequest) -> str:
    services.submit(bulletin=bulletin, by=request.user)
    return speak("已送牵头局负责人审签。")


def _approve(bulletin: Bulletin, request: HttpRequest) -> str:
    signed = services.approve(bulletin=bulletin, by=request.user)
    return f"已签发，文号 {signed.number}，正文和数字已固定。"


def _read(bulletin: Bulletin, request: HttpRequest) -> str:
    services.mark_read(bulletin=bulletin, by=request.user)
    return "已记录阅知。"


submit, approve, mark_read = _step(_submit), _step(_approve), _step(_read)


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    bulletin = visible(request, pk)
    _writer(request, bulletin)
    try:
        made = drafting.correction_of(bulletin, request.user)
    except Refused as reason:
        return conflict(request, bulletin, reason)
    messages.success(request, "更正的通报已起草，印发后原通报标明“已更正”。")
    return redirect("reports:bulletin", made.pk)


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    bulletin = visible(request, pk)
    if not permissions.may_sign(request.user, bulletin):
        raise PermissionDenied(services.SIGNER)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return bulletin_page(request, bulletin, reason_form=form, status=422)
    try:
        services.send_back(bulletin=bulletin, reason=form.cleaned_data["reason"], by=request.user)
    except Refused as reason:
        return conflict(request, bulletin, reason)
    messages.success(request, "已退回修改。")
    return redirect("reports:bulletin", pk)


@form_page
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the units, all of them to begin with, and send."""
    bulletin = visible(request, pk)
    _writer(request, bulletin)
    if bulletin.state == Bulletin.State.SENT:
        messages.success(request, "通报已经印发。")
        return redirect("reports:bulletin", pk)
    if bulletin.state != Bulletin.State.APPROVED:
        return conflict(request, bulletin, Refused("通报签发后才能印发。"))
    form = SendForm(request.POST if request.method == "POST" else None, bulletin=bulletin)
    if request.method == "POST" and form.is_valid():
        try:
            sent = services.send(bulletin=bulletin, units=list(form.cleaned_data["units"]), by=request.user)
        except Refused as reason:
            return conflict(request, bulletin, reason)
        said = "通报已印发，各单位的联络员和负责人会收到通知。" if sent else "通报已经印发。"
        messages.success(request, said)
        return redirect("reports:bulletin", pk)
    context = {"bulletin": bulletin, "form": form}
    return render(request, "reports/bulletin_send.html", context, status=422 if form.is_bound else 200)


@form_page
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    bulletin = visible(request, pk)
    may = permissions.may_sign if bulletin.is_frozen else permissions.may_write
    if not may(request.user, bulletin):
        raise PermissionDenied(speak("签发前由起草的调度员、签发后由牵头局负责人撤回。"))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(bulletin=bulletin, reason=form.cleaned_data["reason"], by=request.user)
        except Refused as reason:
            return conflict(request, bulletin, reason)
        messages.success(request, "通报已撤回。")
        return redirect("reports:bulletin", pk)
    context = {"bulletin": bulletin, "form": form}
    return render(request, "reports/bulletin_withdraw.html", context, status=422 if form.is_bound else 200)
