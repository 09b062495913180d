"""公文: made from an appeal or a 督办单, kept in the register, withdrawn; the words a district gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.models import Role
from appeals.models import Appeal, SupervisionLetter
from appeals.views.access import appeal_or_404
from core import clock, tokens
from core.http import drop_draft, forbidden
from core.paging import WindowPaginator
from core.uploads import ALLOWED
from core.wording import spoken
from core.xlsx import download as as_download
from core.xlsx import text_workbook
from districts.documents import LABELS
from liaisons.selectors import rules_of
from reports.document_forms import AskForm, DocumentFilter, WithdrawForm
from reports.documents import issuing, templates
from reports.documents.kinds import KINDS
from reports.models import Document

PER_PAGE = 30
MOST_EXPORTED = 20_000
WHO_READS = spoken("发文登记由办理诉求的单位、牵头局、督查和区领导使用。")
REGISTER = ("文号", "文种", "标题", "诉求编号", "企业", "发文单位", "经办人", "出具日期", "状态", "作废原因")


def _may_read(request: HttpRequest) -> bool:
    return request.user.unit_id is not None and bool(request.user.roles - {Role.ADMIN})


def _register(request: HttpRequest) -> DocumentFilter:
    rows = Document.objects.visible_to(request.user).select_related("unit", "made_by", "appeal")
    rows = rows.defer("words", "search_text", "appeal__content", "appeal__search_text")
    return DocumentFilter(request.GET, rows, request=request)


@never_cache
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """发文登记簿: what was given out, by whom, when, under which number."""
    if not _may_read(request):
        return forbidden(request, WHO_READS)
    filterset = _register(request)
    page = WindowPaginator(filterset.qs, PER_PAGE).get_page(request.GET.get("page"))
    rules = rules_of(request.user)
    context = {
        "filterset": filterset,
        "page": page,
        "may_change_words": rules is not None and templates.may_change(request.user, rules),
    }
    return render(request, "reports/documents.html", context)


@require_safe
def register_download(request: HttpRequest) -> HttpResponse:
    if not _may_read(request):
        return forbidden(request, WHO_READS)
    found = _register(request).qs[:MOST_EXPORTED]
    rows = [
        (
            document.number_text,
            document.get_kind_display(),
            document.title,
            document.values.get("编号", ""),
            document.values.get("企业", ""),
            document.unit.name,
            str(document.made_by),
            f"{clock.local_date(document.made_at):%Y-%m-%d}",
            "已作废" if document.withdrawn_at else "有效",
            document.withdrawn_reason,
        )
        for document in found
    ]
    audit.record(request.user, "document.register_download", count=len(rows))
    content = text_workbook(
        title="发文登记", headers=REGISTER, rows=rows, widths=(24, 16, 44, 20, 30, 30, 12, 14, 10, 30)
    )
    return as_download(content, "发文登记.xlsx")


# --- One document ---------------------------------------------------------------------------------


def _document_or_404(request: HttpRequest, pk: int) -> Document:
    rows = Document.objects.visible_to(request.user).select_related(
        "unit", "district", "made_by", "withdrawn_by", "letter", "appeal__profile", "appeal__district",
        "appeal__lead_unit", "appeal__collecting_unit",
    ).defer("appeal__profile__data")  # fmt: skip
    return get_object_or_404(rows, pk=pk)


@never_cache
@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    return _document_page(request, _document_or_404(request, pk))


def _document_page(
    request: HttpRequest, found: Document, form: WithdrawForm | None = None, status: int = 200
) -> HttpResponse:
    may_withdraw = found.withdrawn_at is None and issuing.may_withdraw(request.user, found)
    context = {
        "document": found,
        "paper": issuing.paper_of(found).blocks,
        "form": (form or WithdrawForm()) if may_withdraw else None,
        "may_see_appeal": found.appeal_id is not None
        and Appeal.objects.visible_to(request.user).filter(pk=found.appeal_id).exists(),
    }
    return render(request, "reports/document.html", context, status=status)


@require_safe
def document_download(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was given out, a withdrawn one marked in its name; who took it is logged."""
    found = _document_or_404(request, pk)
    try:
        stored = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    audit.record(request.user, "document.download", found)
    response = FileResponse(
        stored, as_attachment=True, filename=found.file_name, content_type=ALLOWED[".docx"]
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    found = _document_or_404(request, pk)
    if not issuing.may_withdraw(request.user, found):
        return forbidden(request, "公文由出具它的单位作废。")
    form = WithdrawForm(request.POST)
    if not _done(
        form, lambda: issuing.withdraw(by=request.user, document=found, reason=form.cleaned_data["reason"])
    ):
        return _document_page(request, _document_or_404(request, pk), form, status=422)
    messages.success(request, f"{found.number_text} 已作废，文号不再使用。")
    return redirect("reports:document", pk)


def _done(form: Any, service: Callable[[], object]) -> bool:
    if not form.is_valid():
        return False
    try:
        service()
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


# --- Making one -----------------------------------------------------------------------------------


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """How it will look, with what has to be asked first; posted, it is given out under its number."""
    appeal = appeal_or_404(request, number)
    if kind not in KINDS:
        raise Http404
    spec = KINDS[kind]
    try:
        draft = issuing.draft_of_appeal(by=request.user, kind=kind, appeal=appeal)
    except PermissionDenied as error:
        return forbidden(request, str(error))
    except ValidationError as error:
        return forbidden(request, error.messages[0])
    if made := issuing.in_force(draft, appeal):
        messages.info(request, "这份公文已经出具；要改，请先作废再重新出具。")
        return redirect("reports:document", made.pk)
    posted = request.POST if request.method == "POST" else None
    form = AskForm(posted, kind=spec, values=draft.values, token=tokens.new_token())
    context = {"appeal": appeal, "kind": spec, "form": form, "asks": bool(spec.asks)}
    status = 200
    if posted is not None and form.is_valid():
        asked = form.asked()
        if "preview" not in posted:
            token = form.cleaned_data["token"] or tokens.new_token()

            def give_out() -> int:
                return issuing.issue(by=request.user, kind=kind, appeal=appeal, asked=asked).pk

            try:
                pk = tokens.once(f"document:{request.user.pk}:{token}", give_out)
            except ValidationError as error:
                form.add_error(None, error)
                status = 422
            else:
                drop_draft(request, f"document-{number}-{kind}")
                return _given_out(request, int(pk))
        draft = issuing.draft_of_appeal(by=request.user, kind=kind, appeal=appeal, asked=asked)
    elif posted is not None:
        status = 422
    context["paper"] = draft.paper(hidden=True).blocks
    return render(request, "reports/document_new.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make_of_letter(request: HttpRequest, pk: int) -> HttpResponse:
    rows = SupervisionLetter.objects.visible_to(request.user).select_related(
        "unit", "district", "sender", "appeal__profile", "appeal__district"
    )
    letter = get_object_or_404(rows, pk=pk)
    try:
        draft = issuing.draft_of_letter(by=request.user, letter=letter)
        if request.method == "POST":
            return _given_out(request, issuing.issue_letter(by=request.user, letter=letter).pk)
    except PermissionDenied as error:
        return forbidden(request, str(error))
    except ValidationError as error:
        return forbidden(request, error.messages[0])
    context = {"letter": letter, "label": LABELS[draft.kind], "paper": draft.paper(hidden=True).blocks}
    return render(request, "reports/document_new.html", context)


def _given_out(request: HttpRequest, pk: int) -> HttpResponse:
    found = Document.objects.get(pk=pk)
    messages.success(request, f"已出具{found.get_kind_display()} {found.number_text}，可下载 Word 文件盖章。")
    return redirect("reports:document", pk)
