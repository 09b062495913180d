"""企业分级: the firms with their grades, one firm's history, the figures, and the criteria of the organs.

Whoever is not entitled finds nothing at any of these addresses: a 403 would say that there is something.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.audit import record as audit
from core import clock, tokens
from core.http import drop_draft
from core.paging import WindowPaginator
from core.wording import speak
from core.xlsx import download, text_workbook
from districts.profile import Rules
from enterprises.grade_querysets import entitled, reads_the_district, rules_for
from enterprises.grades import figures as counting
from enterprises.grades.forms import UNGRADED, CriteriaForm, GradeFilter, SampleForm
from enterprises.grades.permissions import (
    WHO_GRADES,
    WHO_KEEPS_SAMPLES,
    fields_to_grade,
    may_enter,
    may_grade,
    may_keep_samples,
    may_plan_inspections,
    may_register_objection,
    may_tell,
)
from enterprises.grades.reading import held_by, may_read, overall, standing_of
from enterprises.grades.scoring import criteria_of, set_criteria
from enterprises.grades.subjects import end_sample, name_sample, subjects
from enterprises.models import Enterprise, GradeCriteria, GradeObjection, GradeRecord
from enterprises.querysets import RosterQuerySet

PER_PAGE = 25
MOST_EXPORTED = 10_000
MOST_SHOWN = 100


def rules_or_404(request: HttpRequest, *, district: bool = False) -> Rules:
    """The rules for somebody who may be here at all; ``district``: who reads the whole district."""
    rules = rules_for(request.user)
    if rules is None or not rules.grades.enabled or not may_enter(request.user, rules):
        raise Http404
    if district and not reads_the_district(request.user, rules):
        raise Http404
    return rules


def firm_or_404(request: HttpRequest, pk: int, rules: Rules | None) -> Enterprise:
    firms = Enterprise.objects.unmerged().select_related("region", "district")
    firm = get_object_or_404(firms, pk=pk)
    if not may_read(request.user, firm, rules):
        raise Http404
    return firm


def posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def grade_tabs(request: HttpRequest, rules: Rules, current: str) -> list[dict[str, Any]]:
    """What of it this reader opens: the area's township sees firms and inspections alone."""
    user = request.user
    items = [("grades", "企业等级", reverse("enterprises:grades"))]
    mine = fields_to_grade(user, rules)
    for field in mine or (rules.grades.fields[:1] if reads_the_district(user, rules) else ()):
        label = f"{field.label}评定" if mine else "年度评定"
        items.append((f"season:{field.code}", label, reverse("enterprises:grade_season", args=[field.code])))
    if mine:
        items.append(("confirmations", "待审定", reverse("enterprises:grade_confirmations")))
    if reads_the_district(user, rules):
        items += [
            ("objections", "异议", reverse("enterprises:grade_objections")),
            ("criteria", "分级标准", reverse("enterprises:grade_criteria")),
        ]
    items.append(("inspections", "检查计划", reverse("enterprises:inspections")))
    if reads_the_district(user, rules):
        items.append(("figures", "统计", reverse("enterprises:grade_figures")))
    shown = [{"label": label, "url": url, "current": code == current} for code, label, url in items]
    if current.startswith("season:") and not any(item["current"] for item in shown):
        shown[1]["current"] = True
    return shown


# --- The firms ------------------------------------------------------------------------------------


@require_safe
def grades(request: HttpRequest) -> HttpResponse:
    """A district that does not grade says so to those who would read it; everybody else finds nothing."""
    rules = rules_for(request.user)
    if rules is not None and not rules.grades.enabled and may_enter(request.user, rules):
        return render(request, "enterprises/grades/off.html")
    rules = rules_or_404(request)
    form, firms = _filtered(request, rules)
    page = WindowPaginator(firms, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = _with_grades(page.object_list, rules)
    context = {
        "form": form,
        "page": page,
        "rules": rules,
        "tabs": grade_tabs(request, rules, "grades"),
        "progress": counting.progress(request.user.unit.district, rules, clock.today().year)
        if reads_the_district(request.user, rules)
        else [],
        "year": clock.today().year,
        "may_import": bool(fields_to_grade(request.user, rules)),
    }
    return render(request, "enterprises/grades/list.html", context)


@require_safe
def grades_download(request: HttpRequest) -> HttpResponse:
    """The same firms in Excel; who took them is on record."""
    rules = rules_or_404(request)
    _, firms = _filtered(request, rules)
    rows = _with_grades(firms[:MOST_EXPORTED], rules)
    audit(request.user, "grade.exported", request.user.unit, rows=len(rows))
    content = text_workbook(
        title="企业分级",
        headers=["企业", "统一社会信用代码", speak("乡镇办、园区"), "综合", *(field.label for field in rules.grades.fields)],
        rows=(
            [
                firm.name, firm.credit_code or "", firm.region.name,
                firm.overall.label if firm.overall else "未评定",
                *(cell["grade"].label if cell["grade"] else "未评定" for cell in firm.cells),
            ]
            for firm in rows
        ),
        widths=[34, 22, 16, 10, *[12] * len(rules.grades.fields)],
    )  # fmt: skip
    return download(content, f"企业分级（仅供内部使用）-{clock.today():%Y%m%d}.xlsx")


def _filtered(request: HttpRequest, rules: Rules) -> tuple[GradeFilter, RosterQuerySet]:
    user = request.user
    region = user.unit.district if reads_the_district(user, rules) else user.unit.region
    form = GradeFilter(request.GET, rules=rules, region=region)
    firms: Any = subjects(user.unit.district, rules).filter(pk__in=_entitled(user, rules))
    if form.is_valid():
        data = form.cleaned_data
        firms = firms.search(data["q"]) if data["q"] else firms
        if data["region"]:
            firms = firms.filter(region__path__startswith=data["region"].path)
        firms = _by_grade(firms, data["field"], data["grade"])
    return form, firms.select_related("region").order_by("name", "pk")


def _entitled(user: Any, rules: Rules) -> Any:
    return Enterprise.objects.filter(entitled(user, rules, "")).order_by().values("pk")


def _by_grade(firms: RosterQuerySet, field: str, grade: str) -> RosterQuerySet:
    if not grade:
        return firms
    holding = GradeRecord.objects.holding().filter(enterprise=OuterRef("pk"))
    if field:
        holding = holding.filter(field=field)
    if grade == UNGRADED:
        return firms.filter(~Exists(holding))
    return firms.filter(Exists(holding.filter(grade=grade)))


def _with_grades(firms: Any, rules: Rules) -> list[Any]:
    found = list(firms)
    held = held_by([firm.pk for firm in found])
    for firm in found:
        mine = held.get(firm.pk, {})
        firm.overall = overall(mine, rules)
        firm.cells = [
            {
                "field": field,
                "grade": rules.grades.grade(mine[field.code].grade) if field.code in mine else None,
            }
            for field in rules.grades.fields
        ]
    return found


# --- One firm -------------------------------------------------------------------------------------


@require_safe
def firm_grades(request: HttpRequest, pk: int) -> HttpResponse:
    return _firm_page(request, pk)


def _firm_page(request: HttpRequest, pk: int, form: SampleForm | None = None) -> HttpResponse:
    user, rules = request.user, rules_for(request.user)
    firm = firm_or_404(request, pk, rules)
    standing = standing_of(user, firm)
    if standing is None or rules is None:
        raise Http404
    records = (
        GradeRecord.objects.visible_to(user)
        .filter(enterprise=firm)
        .select_related("unit", "graded_by", "confirmed_by", "told_by", "criteria")
        .order_by("-effective_from", "-pk")[:MOST_SHOWN]
    )
    objections = GradeObjection.objects.visible_to(user).filter(record__enterprise=firm)
    mine = {field.code for field in fields_to_grade(user, rules)}
    context = {
        "firm": firm,
        "standing": standing,
        "rules": rules,
        "records": [_shown(record, rules) for record in records],
        "objections": objections.select_related("record", "unit")[:MOST_SHOWN],
        "mine": mine if standing.is_subject else set(),
        "tellable": {row.record.pk for row in standing.fields if row.record and may_tell(user, rules, row.record)
                     and not row.record.told_at},
        "objectable": {row.record.pk for row in standing.fields
                       if row.record and may_register_objection(user, rules, row.record)},
        "may_plan": may_plan_inspections(user, rules) and firm.active,
        "may_list": may_enter(user, rules),
        "sample_form": (form or SampleForm()) if standing.may_name and not standing.sample and firm.active else None,
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return render(request, "enterprises/grades/firm.html", context, status=status)


def _shown(record: GradeRecord, rules: Rules) -> dict[str, Any]:
    return {
        "record": record,
        "field": rules.grades.field_label(record.field),
        "grade": rules.grades.grade(record.grade),
        "before": rules.grades.grade_label(record.before) if record.before else "",
    }


@require_safe
def firm_grades_print(request: HttpRequest, pk: int) -> HttpResponse:
    """One A4, for the file; who printed it is on record."""
    rules = rules_for(request.user)
    firm = firm_or_404(request, pk, rules)
    standing = standing_of(request.user, firm)
    if standing is None:
        raise Http404
    audit(request.user, "grade.printed", firm)
    context = {"firm": firm, "standing": standing, "rules": rules, "printed_at": clock.now()}
    return render(request, "enterprises/grades/firm_print.html", context)


@require_POST
def grade_sample(request: HttpRequest, pk: int) -> HttpResponse:
    """样本点企业: named with a reason, or taken off the list again."""
    rules = rules_for(request.user)
    firm = firm_or_404(request, pk, rules)
    if not may_keep_samples(request.user, rules):
        raise PermissionDenied(WHO_KEEPS_SAMPLES)
    form = SampleForm(request.POST)
    try:
        if request.POST.get("end"):
            end_sample(by=request.user, enterprise=firm)
            messages.success(request, f"“{firm}”已移出样本点企业，原来的等级保留。")
            return redirect("enterprises:grades")
        if form.is_valid():
            name_sample(by=request.user, enterprise=firm, reason=form.cleaned_data["reason"])
            messages.success(request, f"“{firm}”已列为样本点企业。")
            return redirect("enterprises:firm_grades", firm.pk)
    except ValidationError as error:
        if request.POST.get("end"):
            messages.error(request, "".join(error.messages))
            return redirect("enterprises:firm_grades", firm.pk)
        form.take_errors(error)
    return _firm_page(request, pk, form)


# --- Figures --------------------------------------------------------------------------------------


@require_safe
def grade_figures(request: HttpRequest) -> HttpResponse:
    rules = rules_or_404(request, district=True)
    district = request.user.unit.district
    found = counting.figures(district, rules)
    strictest = counting.strictest(district, rules)
    page = WindowPaginator(strictest, PER_PAGE).get_page(request.GET.get("page"))
    for record in page:
        record.field_label = rules.grades.field_label(record.field)
    context = {
        "figures": found,
        "rows": [{"row": row, "ungraded": found.ungraded(row)} for row in found.rows],
        "page": page,
        "strictest": rules.grades.ordered[-1],
        "rules": rules,
        "tabs": grade_tabs(request, rules, "figures"),
    }
    return render(request, "enterprises/grades/figures.html", context)


@require_safe
def grade_figures_download(request: HttpRequest) -> HttpResponse:
    rules = rules_or_404(request, district=True)
    found = counting.figures(request.user.unit.district, rules)
    audit(request.user, "grade.figures_exported", request.user.unit, year=found.year)
    content = text_workbook(
        title="企业分级统计",
        headers=["年份", "领域", *(grade.label for grade in found.grades), "合计", "未评定"],
        rows=[
            *counting.sheet_rows(found),
            [],
            ["与上年末相比"],
            *(
                [move.field.label, "变好", move.up, "变差", move.down, "不变", move.same]
                for move in found.moves
            ),
        ],
        widths=[14, 14, *[10] * 6],
    )
    return download(content, f"企业分级统计-{clock.today():%Y%m%d}.xlsx")


# --- Criteria -------------------------------------------------------------------------------------


@require_safe
def grade_criteria(request: HttpRequest) -> HttpResponse:
    """Of all fields, the newest year first, each in its latest version; earlier ones below."""
    rules = rules_or_404(request, district=True)
    found = GradeCriteria.objects.visible_to(request.user).select_related("unit", "recorded_by")
    rows = list(found.order_by("-year", "field", "-version")[:MOST_SHOWN])
    latest: set[tuple[str, int]] = set()
    for row in rows:
        row.field_label = rules.grades.field_label(row.field)
        row.is_latest = (row.field, row.year) not in latest
        latest.add((row.field, row.year))
        row.lines = [
            (grade, row.thresholds[grade.code])
            for grade in rules.grades.ordered
            if grade.code in row.thresholds
        ]
    context = {
        "rows": rows,
        "rules": rules,
        "mine": fields_to_grade(request.user, rules),
        "tabs": grade_tabs(request, rules, "criteria"),
    }
    return render(request, "enterprises/grades/criteria.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def set_grade_criteria(request: HttpRequest, field: str) -> HttpResponse:
    rules = rules_or_404(request, district=True)
    wanted = rules.grades.field(field)
    if wanted is None:
        raise Http404
    if not may_grade(request.user, rules, field):
        raise PermissionDenied(WHO_GRADES)
    year = clock.today().year
    district = request.user.unit.district
    known = criteria_of(district, field, year) or criteria_of(district, field, year - 1)
    form = CriteriaForm(
        posted(request), rules=rules, criteria=known, initial={"token": tokens.new_token(), "year": year}
    )
    if request.method == "POST" and form.is_valid() and _criteria_set(request, form, field):
        drop_draft(request, f"criteria-{field}")
        messages.success(request, f"{wanted.label}的分级标准已保存。")
        return redirect("enterprises:grade_criteria")
    context = {"form": form, "field": wanted, "rules": rules, "known": known}
    status = 422 if form.is_bound else 200
    return render(request, "enterprises/grades/criteria_form.html", context, status=status)


def _criteria_set(request: HttpRequest, form: CriteriaForm, field: str) -> bool:
    data = form.cleaned_data

    def do() -> int:
        return set_criteria(
            by=request.user, field=field, year=data["year"], text=data["text"], items=data["items"],
            thresholds=data["thresholds"],
        ).pk  # fmt: skip

    try:
        tokens.once(f"criteria:{request.user.pk}:{data['token'] or tokens.new_token()}", do)
    except ValidationError as error:
        form.take_errors(error)
        return False
    return True
