"""A step of a setup: its page, and everything that is sent from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import IO, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.sheets import keys_of
from core.xlsx import Book, SheetError
from imports.forms import UploadForm
from imports.kinds import kind_of
from portal.golive import files as file_steps
from portal.golive import preview, services, sources, weekly
from portal.golive.draft import Draft
from portal.golive.fields import Fields
from portal.golive.grid import MOST_STRANGERS, Grid, Stranger, grid, take_back
from portal.golive.reheading import ALL, rewritten
from portal.golive.rewording import reworded
from portal.golive.step import Step
from portal.golive.steps import find, steps_for
from portal.golive.tables import (
    ReadSheet,
    Table,
    UnknownHeader,
    likely_header,
    read_paste,
    read_sheet,
    replace_word,
    told_together,
)
from portal.golive.unit_kinds import KINDS, new_kinds, with_kinds
from portal.golive.units import UNITS
from portal.models import Setup, SetupFile
from portal.views.golive import NO_STEP, found


class SheetForm(forms.Form):
    """One .xlsx; checked as every sheet that is uploaded."""

    file = forms.FileField(
        label="表格文件", widget=forms.FileInput(attrs={"accept": ".xlsx", "data-max-mb": "10", "data-max-files": "1"}),
        error_messages={"required": "请选择文件。", "empty": "这是空文件，请重新选择。"},
    )  # fmt: skip
    clean_file = UploadForm.clean_file


# --- A step ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    one = found(request, pk)
    wanted = find(step, for_change=one.is_change)
    if wanted is None:
        raise Http404(NO_STEP)
    if one.is_fixed:
        messages.info(request, services.LIVE if one.is_live else services.TRIAL)
        return redirect("portal:setup", pk)
    if request.method == "POST":
        try:
            return _posted(request, one, wanted)
        except ValidationError as error:
            return _step_page(request, found(request, pk), wanted, refused=error.messages, status=422)
    return _step_page(request, one, wanted)


def _posted(request: HttpRequest, one: Setup, wanted: Step) -> HttpResponse:
    data, action = request.POST, request.POST.get("action", "save")
    seen = int(data["version"]) if data.get("version", "").isdecimal() and len(data["version"]) < 10 else None
    if action == "forget":
        services.forget(setup=one, by=request.user, step=wanted.code)
        messages.success(request, f"“{wanted.title}”已恢复为模板的内容。")
        return redirect("portal:setup_step", one.pk, wanted.code)
    if isinstance(wanted, file_steps.FileStep):
        return _posted_file(request, one, wanted, action)
    if isinstance(wanted, file_steps.CalendarStep):
        raise Http404(NO_STEP)
    if action == "form" and wanted.code == "weekly":
        return _posted_form(request, one, wanted)
    if action == "words":
        return _posted_words(request, one, wanted, seen)
    if action in {"upload", "paste", "map"}:
        return _posted_table(request, one, wanted, action, seen)
    draft = services.draft_of(one)
    parts: dict[str, Any] = {}
    for part in wanted.parts:
        if isinstance(part, Fields) and data.get(f"{part.code}-part"):
            parts[part.code] = _texts(part, data)
        elif isinstance(part, Table) and f"{part.code}-rows" in data:
            parts[part.code] = take_back(part, draft.rows(wanted.code, part), data)
    one = services.save(setup=one, by=request.user, step=wanted.code, parts=parts, seen=seen)
    for part in wanted.parts:
        if isinstance(part, Table) and part.code in parts:
            # Reading the sheet again would undo what was typed.
            services.drop_file(setup=one, by=request.user, kind=_raw(part))
    one = found(request, one.pk)
    return _saved(request, one, wanted, data.get("then", ""))


def _saved(request: HttpRequest, one: Setup, wanted: Step, then: str) -> HttpResponse:
    """On with the next step where nothing is wrong; else the same page with what is."""
    result = services.draft_of(one).result(wanted)
    if result.errors:
        return _step_page(request, one, wanted, checked=True, status=422)
    messages.success(request, f"“{wanted.title}”已保存，检查通过。")
    steps = steps_for(for_change=one.is_change)
    place = [other.code for other in steps].index(wanted.code)
    if then == "next" and place + 1 < len(steps):
        return redirect("portal:setup_step", one.pk, steps[place + 1].code)
    if then == "overview":
        return redirect("portal:setup", one.pk)
    query = request.GET.urlencode()
    return redirect(reverse("portal:setup_step", args=[one.pk, wanted.code]) + (f"?{query}" if query else ""))


def _texts(part: Fields, data: QueryDict) -> dict[str, Any]:
    texts: dict[str, Any] = {}
    for field in part.fields:
        name = f"{part.code}-{field.name}"
        if field.kind == "choices":
            texts[field.name] = data.getlist(name)
        else:
            texts[field.name] = data.get(name, "").replace("\0", " ")[:5000]
    return texts


def _posted_table(
    request: HttpRequest, one: Setup, wanted: Step, action: str, seen: int | None
) -> HttpResponse:
    part = wanted.part(request.POST.get("part", ""))
    if not isinstance(part, Table) or not part.uploads:
        raise Http404(NO_STEP)
    draft = services.draft_of(one)
    raw, unused = _raw(part), []
    if action == "paste":
        rows = read_paste(part, request.POST.get("text", ""))
        if not rows:
            raise ValidationError("没有粘贴内容：请从 Excel 里选中、复制，再粘贴到框里。")
        if request.POST.get("mode") != "replace":
            rows = [*draft.rows(wanted.code, part), *rows]
    else:
        try:
            sheet = _uploaded(request, one, part, action, raw)
        except UnknownHeader as error:
            return _step_page(
                request,
                found(request, one.pk),
                wanted,
                refused=[str(error)],
                heads=(part, error.heads),
                status=422,
            )
        except SheetError as error:
            raise ValidationError(str(error)) from None
        rows, unused = sheet.rows, sheet.unused
    parts: dict[str, Any] = {part.code: rows}
    if wanted.code == "units":
        parts[part.code] = rows = with_kinds(draft, rows)
        parts[KINDS.code] = new_kinds(draft, UNITS, rows)
    one = services.save(setup=one, by=request.user, step=wanted.code, parts=parts, seen=seen)
    if not unused:
        services.drop_file(setup=one, by=request.user, kind=raw)
    messages.success(request, f"已读入 {len(rows)} 行。{_left(unused)}")
    one = found(request, one.pk)
    return _saved(request, one, wanted, "")


def _posted_words(request: HttpRequest, one: Setup, wanted: Step, seen: int | None) -> HttpResponse:
    """What words nobody knew stand for, told once for all rows."""
    part = wanted.part(request.POST.get("part", ""))
    if not isinstance(part, Table):
        raise Http404(NO_STEP)
    rows = services.draft_of(one).rows(wanted.code, part)
    known = {column.key for column in part.columns}
    for key, word, by in _asked_words(request):
        if key in known and by:
            rows = replace_word(part, key, rows, word, by)
    one = services.save(setup=one, by=request.user, step=wanted.code, parts={part.code: rows}, seen=seen)
    return _saved(request, one, wanted, "")


def _uploaded(request: HttpRequest, one: Setup, part: Table, action: str, raw: str) -> ReadSheet:
    if action == "map":
        kept = one.files.filter(kind=raw).first()
        if kept is None:
            raise SheetError("文件已经不在了，请重新上传。")
        mapping = {column.key: request.POST.get(f"head-{column.key}", "") for column in part.columns}
        with kept.file.open("rb") as file:
            return read_sheet(part, file, mapping)
    upload = _sheet(request)
    try:
        sheet = read_sheet(part, upload)
    except UnknownHeader as error:
        services.keep_raw(setup=one, by=request.user, kind=raw, upload=upload, heads=error.heads)
        raise
    if sheet.unused:
        services.keep_raw(setup=one, by=request.user, kind=raw, upload=upload, heads=sheet.heads)
    return sheet


def _raw(part: Table) -> str:
    """Under which name a part's sheet waits to have its heads explained."""
    return f"map-{part.code}"[:20]


def _posted_form(request: HttpRequest, one: Setup, wanted: Step) -> HttpResponse:
    """The district's own table, from an Excel of it."""
    try:
        parts, left = weekly.take_form(services.draft_of(one), _sheet(request))
    except SheetError as error:
        raise ValidationError(str(error)) from None
    one = services.save(setup=one, by=request.user, step=wanted.code, parts=parts)
    doubtful = sum(1 for row in parts["rows"] if row.get("_sure") != "高")
    messages.success(
        request,
        f"认出 {len(parts['rows'])} 行，每行已猜好取数办法；其中 {doubtful} 行把握不大，请逐行核对后保存。"
        + (f"原表的“{'”“'.join(left)}”栏，系统的表里没有，没有读入。" if left else ""),
    )
    return redirect("portal:setup_step", one.pk, wanted.code)


def _posted_file(request: HttpRequest, one: Setup, wanted: file_steps.FileStep, action: str) -> HttpResponse:
    kind = request.POST.get("kind", "")
    if kind not in wanted.kinds:
        raise Http404(NO_STEP)
    raw = f"map-{kind}"
    if action == "drop":
        services.drop_file(setup=one, by=request.user, kind=kind)
        messages.success(request, "已删去。")
        return redirect("portal:setup_step", one.pk, wanted.code)
    if action == "map":
        upload = _told_heads(request, one, kind, raw)
    elif action == "words":
        upload = _told_words(request, one, kind)
    else:
        upload = _sheet(request)
    try:
        file = services.keep_file(setup=one, by=request.user, kind=kind, upload=upload)
    except SheetError as error:
        if "表头" not in str(error):
            raise ValidationError(str(error)) from None
        if action != "map":
            services.keep_raw(setup=one, by=request.user, kind=raw, upload=upload)
        upload.seek(0)
        heads = (kind_of(kind), likely_header(Book(upload)))
        return _step_page(
            request, found(request, one.pk), wanted, refused=[str(error)], heads=heads, status=422
        )
    services.drop_file(setup=one, by=request.user, kind=raw)
    told = f"，其中 {file.bad} 行有误。" if file.bad else "，逐行检查通过。"
    messages.success(request, f"已收下，{file.rows:,} 行{told}{_left(file.unused)}")
    return redirect("portal:setup_step", one.pk, wanted.code)


def _left(unused: Sequence[str]) -> str:
    return f"没有用到的列：{'、'.join(unused[:12])}。要用的，在下面指明是什么。" if unused else ""


def _sheet(request: HttpRequest) -> UploadedFile:
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        raise ValidationError([message for texts in form.errors.values() for message in texts])
    return form.cleaned_data["file"]


def _told_heads(request: HttpRequest, one: Setup, kind: str, raw: str) -> UploadedFile:
    """The kept sheet with the heads as they were told: one whose heads were not understood goes before."""
    columns = kind_of(kind).columns
    told = {column.key: request.POST.get(f"head-{column.key}", "")[:200] for column in columns}
    return _changed(one, (raw, kind), lambda file: rewritten(columns, file, told))


def _told_words(request: HttpRequest, one: Setup, kind: str) -> UploadedFile:
    """The kept sheet with the words nobody knew as they were told."""
    told = {(key, word): by for key, word, by in _asked_words(request) if by}
    return _changed(one, (kind,), lambda file: reworded(kind_of(kind).columns, file, told))


def _asked_words(request: HttpRequest) -> list[tuple[str, str, str]]:
    """(column, word, what it stands for) of the form that asks."""
    return [
        (key, word, by)
        for key, word, by in (
            tuple(request.POST.get(f"{name}-{number}", "")[:200] for name in ("key", "word", "by"))
            for number in range(1, MOST_STRANGERS + 1)
        )
        if key and word
    ]


def _changed(one: Setup, kinds: Sequence[str], change: Callable[[IO[bytes]], bytes]) -> UploadedFile:
    """The first of the kept sheets, changed."""
    kept = next((one.files_by_kind[kind] for kind in kinds if kind in one.files_by_kind), None)
    if kept is None:
        raise ValidationError("文件已经不在了，请重新上传。")
    with kept.file.open("rb") as file:
        try:
            content = change(file)
        except SheetError as error:
            raise ValidationError(str(error)) from None
    return SimpleUploadedFile(kept.name, content)


def _step_page(
    request: HttpRequest,
    one: Setup,
    wanted: Step,
    *,
    refused: list[str] | None = None,
    heads: tuple[Any, list[str]] | None = None,
    checked: bool = False,
    status: int = 200,
) -> HttpResponse:
    draft = services.draft_of(one)
    result = draft.result(wanted)
    show = checked or draft.touched(wanted.code)
    steps = steps_for(for_change=one.is_change)
    place = [other.code for other in steps].index(wanted.code)
    waiting = None
    for part in wanted.parts:
        kept = one.files_by_kind.get(_raw(part)) if isinstance(part, Table) else None
        if kept is not None and heads is None:
            waiting = (part, kept.problems)
    context = {
        "setup": one,
        "step": wanted,
        "number": place + 1,
        "total": len(steps),
        "steps": [
            {
                "code": other.code,
                "title": other.title,
                "current": other is wanted,
                "state": other.state(draft),
            }
            for other in steps
        ],
        "following": steps[place + 1] if place + 1 < len(steps) else None,
        "sections": [_section(wanted, part, draft, request.GET, show) for part in wanted.parts],
        "problems": told_together(result.errors) if show else [],
        "wrong": len(result.errors) if show else 0,
        "warnings": told_together(result.warnings) if show else [],
        "refused": refused or [],
        "heads": _asked_heads(*asked) if (asked := heads or waiting) else None,
        "heads_needed": heads is not None,
        "touched": draft.touched(wanted.code),
        "values": result.values,
        "summary": wanted.summary(draft) if show else "",
        "sheet_form": SheetForm(),
    }
    if wanted.code == "weekly":
        context |= {"choices": sources.choices(draft), "form": preview.form_if_any(draft)}
    if isinstance(wanted, file_steps.FileStep):
        known = file_steps.Known(draft)
        context["file_kinds"] = [_file_section(code, draft.files.get(code), known) for code in wanted.kinds]
        context["warnings"], context["all"] = [], ALL
    return render(request, wanted.page, context, status=status)


def _asked_heads(thing: Any, heads: list[str]) -> dict[str, Any]:
    """The columns to be told, each with the head it was read from, if any."""
    known = dict(zip(keys_of(heads, thing.columns), heads, strict=True))
    columns = [{"column": column, "head": known.get(column.key, "")} for column in thing.columns]
    return {"code": thing.code, "columns": columns, "heads": heads}


def _file_section(code: str, file: SetupFile | None, known: file_steps.Known) -> dict[str, Any]:
    kind = kind_of(code)
    titles = {column.key: column.title for column in kind.columns}
    options = known.options(kind)
    return {
        "code": code,
        "label": kind.label,
        "notes": kind.notes,
        "file": file,
        "strangers": [
            Stranger(key, titles[key], word, rows, options[key])
            for key, word, rows in (file.strangers if file else ())
            if options.get(key)
        ],
        "heads": _asked_heads(kind, file.heads) if file and file.unused else None,
    }


def _section(wanted: Step, part: Any, draft: Draft, query: QueryDict, show: bool) -> dict[str, Any]:
    if isinstance(part, Table):
        made: Grid = grid(wanted.code, part, draft, draft.result(wanted), query)
        if not show:
            made.general = []
        return {"part": part, "grid": made}
    form = part.form(draft, draft.texts(wanted.code, part))
    form.is_valid()
    if not show:
        form._errors = type(form.errors)()  # nobody has typed anything yet
    return {"part": part, "form": form, "open": bool(form.errors)}
