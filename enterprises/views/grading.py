"""An organ's list of the year: opened, graded one by one or several at once, confirmed, and the firm told."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, F, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record as audit
from core import clock, tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from districts.grades import GradeField
from districts.profile import Rules
from enterprises.grade_querysets import rules_for
from enterprises.grades import grading
from enterprises.grades.forms import BatchForm, ConfirmForm, GradeForm, SeasonFilter, ToldForm
from enterprises.grades.objections import last_day_to_object
from enterprises.grades.permissions import (
    WHO_CONFIRMS,
    WHO_GRADES,
    fields_to_grade,
    may_confirm,
    may_grade,
    may_tell,
)
from enterprises.grades.reading import held_by
from enterprises.grades.scoring import criteria_of, suggestion
from enterprises.grades.subjects import open_season, why_not
from enterprises.models import Enterprise, GradeDuty, GradeRecord
from enterprises.views.grades import firm_or_404, grade_tabs, posted, rules_or_404

PER_PAGE = 50


def _field_or_404(request: HttpRequest, field: str) -> tuple[Rules, GradeField]:
    rules = rules_or_404(request, district=True)
    wanted = rules.grades.field(field)
    if wanted is None:
        raise Http404
    return rules, wanted


# --- The season -----------------------------------------------------------------------------------


@require_safe
def grade_season(request: HttpRequest, field: str) -> HttpResponse:
    return _season_page(request, field)


def _season_page(
    request: HttpRequest, field: str, form: BatchForm | None = None, ticked: set[str] | None = None
) -> HttpResponse:
    """Not yet graded first. The other organs and the gathering unit read along."""
    rules, wanted = _field_or_404(request, field)
    year = clock.today().year
    duties = GradeDuty.objects.of_season(request.user.unit.district, field, year)
    filters = SeasonFilter(request.GET, region=request.user.unit.district)
    total, done = duties.count(), duties.filter(record__isnull=False).count()
    page = WindowPaginator(_narrowed(duties, filters), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = _with_last(page.object_list, field, rules)
    grades_here = may_grade(request.user, rules, field)
    context = {
        "field": wanted,
        "year": year,
        "season": rules.grades.season(year),
        "today": clock.today(),
        "filters": filters,
        "page": page,
        "total": total,
        "done": done,
        "rules": rules,
        "may_grade": grades_here,
        "form": form
        or (BatchForm(rules=rules, initial={"token": tokens.new_token()}) if grades_here else None),
        "ticked": ticked or set(),
        "has_open": any(duty.record_id is None and not duty.is_pending for duty in page.object_list),
        "fields": rules.grades.fields,
        "tabs": grade_tabs(request, rules, f"season:{field}"),
        "criteria": criteria_of(request.user.unit.district, field, year),
    }
    status = 422 if form is not None else 200
    return render(request, "enterprises/grades/season.html", context, status=status)


def _narrowed(duties: Any, filters: SeasonFilter) -> Any:
    pending = GradeRecord.objects.pending().filter(enterprise=OuterRef("enterprise"), field=OuterRef("field"))
    rows = duties.annotate(is_pending=Exists(pending))
    if filters.is_valid():
        data = filters.cleaned_data
        if data["q"]:
            rows = rows.filter(enterprise__in=Enterprise.objects.search(data["q"]).order_by().values("pk"))
        if data["region"]:
            rows = rows.filter(enterprise__region__path__startswith=data["region"].path)
        if data["state"]:
            rows = rows.filter(record__isnull=data["state"] == "open")
    rows = rows.select_related("enterprise__region", "record__graded_by")
    return rows.order_by(F("record").desc(nulls_first=True), "is_pending", "enterprise__name", "pk")


def _with_last(duties: Any, field: str, rules: Rules) -> list[GradeDuty]:
    """Beside each firm the grade that holds now, last year's as long as this year has none."""
    found = list(duties)
    held = held_by([duty.enterprise_id for duty in found])
    for duty in found:
        record = held.get(duty.enterprise_id, {}).get(field)
        duty.now = rules.grades.grade(record.grade) if record else None
        duty.given = rules.grades.grade(duty.record.grade) if duty.record else None
    return found


@require_POST
def open_grade_season(request: HttpRequest, field: str) -> HttpResponse:
    rules, wanted = _field_or_404(request, field)
    if not may_grade(request.user, rules, field):
        raise PermissionDenied(WHO_GRADES)
    opened = open_season(by=request.user, field=field)
    said = f"已列入 {opened.added} 家" + (f"，移出 {opened.removed} 家" if opened.removed else "")
    messages.success(request, f"{wanted.label}应评企业名单：{said}。")
    return redirect("enterprises:grade_season", field)


@require_POST
def grade_many(request: HttpRequest, field: str) -> HttpResponse:
    """The ticked firms, one grade and one reason."""
    rules, _ = _field_or_404(request, field)
    if not may_grade(request.user, rules, field):
        raise PermissionDenied(WHO_GRADES)
    form = BatchForm(request.POST, rules=rules)
    sent = request.POST.getlist("firm")
    pks = [int(text) for text in sent if text.isascii() and text.isdigit() and len(text) < 19]
    if form.is_valid():
        data = form.cleaned_data
        firms = list(
            Enterprise.objects.visible_to(request.user).filter(pk__in=pks[: grading.MOST_AT_ONCE + 1])
        )
        said: list[str] = []

        def do() -> int:
            batch = grading.grade_many(
                by=request.user, enterprises=firms, field=field, grade=data["grade"], reason=data["reason"],
                basis=data["basis"],
            )  # fmt: skip
            waiting = sum(record.state == GradeRecord.State.PENDING for record in batch.graded)
            said.append(
                f"已评定 {len(batch.graded)} 家" + (f"，其中 {waiting} 家待负责人审定" if waiting else "")
            )
            if batch.skipped:
                said.append(f"{len(batch.skipped)} 家已评定或不在名单，没有改动")
            return len(batch.graded)

        try:
            tokens.once(f"grades:{request.user.pk}:{data['token'] or tokens.new_token()}", do)
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "；".join(said) + "。" if said else "这次评定已经提交过了。")
            return redirect("enterprises:grade_season", field)
    return _season_page(request, field, form, set(sent))


# --- One firm -------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def grade_firm(request: HttpRequest, field: str, pk: int) -> HttpResponse:
    rules = rules_for(request.user)
    firm = firm_or_404(request, pk, rules)
    wanted = rules.grades.field(field) if rules else None
    if rules is None or wanted is None:
        raise Http404
    if not may_grade(request.user, rules, field):
        raise PermissionDenied(WHO_GRADES)
    criteria = criteria_of(firm.district_id, field, clock.today().year)
    form = GradeForm(posted(request), rules=rules, criteria=criteria, initial={"token": tokens.new_token()})
    if request.method == "POST" and form.is_valid() and _graded(request, form, firm, field):
        drop_draft(request, f"grade-{field}-{firm.pk}")
        return redirect("enterprises:firm_grades", firm.pk)
    held = held_by([firm.pk]).get(firm.pk, {}).get(field)
    duty = GradeDuty.objects.filter(enterprise=firm, field=field, year=clock.today().year).first()
    context = {
        "form": form,
        "firm": firm,
        "field": wanted,
        "rules": rules,
        "criteria": criteria,
        "held": held,
        "now": rules.grades.grade(held.grade) if held else None,
        "is_annual": duty is None or duty.record_id is None,
        "year": clock.today().year,
        "refused": why_not(firm, rules),
    }
    return render(request, "enterprises/grades/grade.html", context, status=422 if form.is_bound else 200)


def _graded(request: HttpRequest, form: GradeForm, firm: Enterprise, field: str) -> bool:
    data = form.cleaned_data

    def do() -> int:
        record = grading.grade_firm(
            by=request.user, enterprise=firm, field=field, grade=data["grade"], reason=data["reason"],
            basis=data["basis"], effective_from=data["effective_from"], entered=form.entered(),
        )  # fmt: skip
        messages.success(request, _said(record, rules_for(request.user)))
        return record.pk

    try:
        tokens.once(f"grade:{request.user.pk}:{data['token'] or tokens.new_token()}", do)
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True


def _said(record: GradeRecord, rules: Rules | None) -> str:
    assert rules is not None
    label = rules.grades.grade_label(record.grade)
    said = (
        f"已评为{label}，审定后生效。"
        if record.state == GradeRecord.State.PENDING
        else f"已评为{label}，请告知企业。"
    )
    if record.criteria and record.score is not None:
        suggested = suggestion(record.criteria, record.score, rules.grades)
        if suggested != record.grade:
            said += (
                f"按得分 {record.score} 对应的是{rules.grades.grade_label(suggested)}，请确认理由中已说明。"
            )
    return said


# --- The second person ----------------------------------------------------------------------------


@require_safe
def grade_confirmations(request: HttpRequest) -> HttpResponse:
    return _confirmations_page(request)


def _confirmations_page(request: HttpRequest, pk: int = 0, form: ConfirmForm | None = None) -> HttpResponse:
    rules = rules_or_404(request, district=True)
    if not fields_to_grade(request.user, rules):
        raise PermissionDenied(WHO_CONFIRMS)
    waiting = GradeRecord.objects.visible_to(request.user).pending().filter(unit=request.user.unit_id)
    rows = waiting.select_related("enterprise__region", "graded_by", "unit").order_by("recorded_at", "pk")
    page = WindowPaginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for record in page:
        record.shown = rules.grades.grade(record.grade)
        record.field_label = rules.grades.field_label(record.field)
        record.before_label = rules.grades.grade_label(record.before) if record.before else ""
        record.may_confirm = may_confirm(request.user, record)
        record.form = form if record.pk == pk else ConfirmForm(prefix=f"r{record.pk}")
    context = {
        "page": page,
        "rules": rules,
        "tabs": grade_tabs(request, rules, "confirmations"),
        "form": form,
    }
    return render(request, "enterprises/grades/confirmations.html", context, status=422 if form else 200)


@require_POST
def confirm_grade(request: HttpRequest, pk: int) -> HttpResponse:
    record = get_object_or_404(GradeRecord.objects.visible_to(request.user), pk=pk)
    if record.state == GradeRecord.State.PENDING and not may_confirm(request.user, record):
        raise PermissionDenied(WHO_CONFIRMS)
    form = ConfirmForm(request.POST, prefix=f"r{record.pk}")
    if form.is_valid():
        agree = form.cleaned_data["agree"] == "yes"
        try:
            grading.confirm(by=request.user, record=record, agree=agree, note=form.cleaned_data["note"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已同意，等级生效，请告知企业。" if agree else "未同意，已退回评定人。")
            return redirect("enterprises:grade_confirmations")
    return _confirmations_page(request, record.pk, form)


# --- Telling the firm -----------------------------------------------------------------------------


@require_safe
def grade_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """告知书 on one A4: the grade, the reason, what follows, and how to object. Who printed it is on record."""
    rules = rules_for(request.user)
    rows = GradeRecord.objects.visible_to(request.user).in_force()
    record = get_object_or_404(rows.select_related("enterprise__region", "unit"), pk=pk)
    if rules is None or not may_grade(request.user, rules, record.field):
        raise PermissionDenied("告知书由评定的执法单位印制。")
    audit(request.user, "grade.notice_printed", record)
    context = {
        "record": record,
        "rules": rules,
        "grade": rules.grades.grade(record.grade),
        "field": rules.grades.field_label(record.field),
        "last_day": last_day_to_object(record, rules),
        "today": clock.today(),
        "may_tell": may_tell(request.user, rules, record) and not record.told_at,
        "form": ToldForm(),
    }
    return render(request, "enterprises/grades/notice.html", context)


@require_POST
def tell_grade(request: HttpRequest, pk: int) -> HttpResponse:
    rules = rules_for(request.user)
    record = get_object_or_404(GradeRecord.objects.visible_to(request.user).in_force(), pk=pk)
    if not may_tell(request.user, rules, record):
        raise PermissionDenied("由评定的执法单位告知企业。")
    form = ToldForm(request.POST)
    try:
        if form.is_valid():
            grading.tell(by=request.user, record=record, how=form.cleaned_data["how"])
            messages.success(request, "已登记告知，异议期从今天起算。")
        else:
            messages.error(request, "请选择告知方式。")
    except ValidationError as error:
        messages.error(request, "".join(error.messages))
    return redirect("enterprises:firm_grades", record.enterprise_id)
