"""走访联系表: which units handed in a month, one unit's sheet, handing in, giving back, the sheet as .xlsx."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.models import Unit
from campaigns.models import VisitSheet
from campaigns.rotas.forms.sittings import ReasonForm
from campaigns.rotas.forms.visit_sheets import HandInForm
from campaigns.rotas.official_book import official_workbook
from campaigns.rotas.people import acts_for, oversees, rules_in_force, units_acted_for
from campaigns.rotas.services import visit_sheets as services
from campaigns.rotas.views.pages import Month, carried_out, form_page, fresh
from campaigns.rotas.visit_sheet_rows import coverage_of, due_on, is_owed, rows_of, sheet_standings
from core import clock
from core.http import posted
from core.xlsx import download
from districts.profile import Rules
from liaisons.event_calendar import first_of, next_month

HEADERS = (
    "序号", "走访日期", "企业（项目）", "所在地", "走访干部", "联系方式", "了解的情况", "反映的问题诉求",
    "办理情况", "备注",
)  # fmt: skip
WIDTHS = (6, 12, 22, 10, 14, 10, 30, 30, 18, 14)


@require_safe
def sheet_list(request: HttpRequest) -> HttpResponse:
    """Of the month before, unless ``?month=`` says another: overseers see all units, others their own."""
    rules, own = _rules(request), request.user.unit
    assert own is not None
    district = own.district
    month = Month(request.GET.get("month", "") or f"{_month_before():%Y-%m}")
    if oversees(request.user):
        lines = sheet_standings(district, month.first, rules)
    else:
        units = list(units_acted_for(request.user).filter(parent__isnull=True)) or [own]
        lines = sheet_standings(district, month.first, rules, units)
    state = request.GET.get("state", "")
    shown = [one for one in lines if state != "missing" or one.is_missing]
    context = {
        "month": month,
        "lines": shown,
        "total": len(lines),
        "handed_in": sum(1 for one in lines if not one.is_missing),
        "missing": sum(1 for one in lines if one.is_missing),
        "late": sum(1 for one in lines if one.is_late),
        "due": due_on(month.first, rules),
        "is_owed": is_owed(month.first, rules),
        "state": state,
        "district": district,
    }
    return render(request, "campaigns/rotas/visit_sheets.html", context)


def _month_before() -> date:
    first = clock.today().replace(day=1)
    return date.fromordinal(first.toordinal() - 1).replace(day=1)


def _rules(request: HttpRequest) -> Rules:
    rules = rules_in_force(request.user)
    if rules is None:
        raise PermissionDenied(services.NOT_YOURS)
    return rules


def _asked(request: HttpRequest, unit: int, month: str) -> tuple[Unit, date]:
    """The unit and month of an address, as far as the user may read its sheet."""
    first = first_of(month)
    found = get_object_or_404(Unit.objects.visible_to(request.user).select_related("district"), pk=unit)
    mine = request.user.unit_id in {found.pk, found.parent_id}
    if first is None or not (mine or oversees(request.user)):
        raise Http404
    return found, first


@require_http_methods(["GET", "HEAD", "POST"])
def visit_sheet(request: HttpRequest, unit: int, month: str) -> HttpResponse:
    """What was handed in; before that, what the visits say today, with the form to hand it in."""
    found, first = _asked(request, unit, month)
    rules = _rules(request)
    sheet = VisitSheet.objects.filter(unit=found, month=first).select_related(
        "handed_in_by", "given_back_by"
    ).first()  # fmt: skip
    acts = acts_for(request.user, found)
    is_frozen = sheet is not None and sheet.state == VisitSheet.State.HANDED_IN
    if request.method == "POST" and not acts:
        raise PermissionDenied(services.NOT_YOURS)
    rows = list(sheet.lines.all()) if sheet and is_frozen else rows_of(found, first, rules)
    form = None
    status = 200
    if acts and not is_frozen:
        initial = fresh({"note": sheet.note if sheet else ""})
        if sheet:
            initial |= {f"note_{line.number}": line.note for line in sheet.lines.all()}
        form = HandInForm(posted(request), user=request.user, rows=rows, initial=initial)
        if request.method == "POST" and form.is_valid() and _handed_in(request, form, found, first):
            return redirect("campaigns:visit_sheet", found.pk, month)
        status = 422 if form.is_bound else 200
    elif request.method == "POST":
        messages.error(request, "这份走访联系表已经报送，不能再改。")
    owed, visited = (sheet.owed, sheet.visited) if sheet and is_frozen else coverage_of(found, first, rules)
    context = {
        "unit": found,
        "month": Month(month),
        "sheet": sheet,
        "is_frozen": is_frozen,
        "rows": [(row, form.remark(row) if form else None) for row in rows],
        "form": form,
        "owed": owed,
        "visited": visited,
        "due": due_on(first, rules),
        "is_over": clock.today() >= next_month(first),
        "may_give_back": is_frozen and services.may_give_back(request.user),
    }
    return render(request, "campaigns/rotas/visit_sheet.html", context, status=status)


def _handed_in(request: HttpRequest, form: HandInForm, unit: Unit, month: date) -> bool:
    def make() -> int:
        return services.hand_in(
            by=request.user, unit=unit, month=month, note=form.cleaned_data["note"], notes=form.notes()
        ).pk

    if not carried_out(request, form, f"visit-sheet-{unit.pk}-{month:%Y-%m}", make):
        return False
    messages.success(request, f"{month.month}月走访联系表已报送。")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    sheet = get_object_or_404(VisitSheet.objects.visible_to(request.user).select_related("unit"), pk=pk)
    if not services.may_give_back(request.user):
        raise PermissionDenied(services.NOT_THE_BUREAU)
    form = ReasonForm(posted(request), user=request.user, initial=fresh())
    if request.method == "POST" and form.is_valid():
        try:
            services.give_back(by=request.user, sheet=sheet, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.take_errors(error)
        else:
            messages.success(request, "已退回，单位会收到通知。")
            return redirect("campaigns:visit_sheet", sheet.unit_id, f"{sheet.month:%Y-%m}")
    return form_page(
        request,
        form,
        title="退回走访联系表",
        lead=f"{sheet}。退回后由单位修改、重新报送；是否按时以首次报送为准。",
        submit="退回",
        danger=True,
        back=reverse("campaigns:visit_sheet", args=[sheet.unit_id, f"{sheet.month:%Y-%m}"]),
        back_label=str(sheet),
    )


@require_safe
def download_sheet(request: HttpRequest, unit: int, month: str) -> HttpResponse:
    """What was handed in, or a draft of it, in the form offices print."""
    found, first = _asked(request, unit, month)
    rules = _rules(request)
    sheet = VisitSheet.objects.handed_in().filter(unit=found, month=first).first()
    rows = list(sheet.lines.all()) if sheet else rows_of(found, first, rules)
    owed, visited = (sheet.owed, sheet.visited) if sheet else coverage_of(found, first, rules)
    told = (
        f"报送时间：{clock.local_date(sheet.handed_in_at):%Y年%m月%d日}" if sheet else "（未报送，仅供核对）"
    )
    content = official_workbook(
        sheet="走访联系表",
        title=f"{rules.action_name}走访联系表（{first.year}年{first.month}月）",
        below=f"单位：{found.name}　　应走访 {owed} 家，已走访 {visited} 家　　{told}",
        headers=HEADERS,
        widths=WIDTHS,
        rows=[
            (number, f"{row.day:%Y-%m-%d}", row.firm, row.place, row.cadres, row.kind, row.findings, row.asked,
             row.result, getattr(row, "note", ""))
            for number, row in enumerate(rows, 1)
        ],
        foot=f"单位说明：{sheet.note}" if sheet and sheet.note else "",
    )  # fmt: skip
    audit.record(request.user, "visit_sheet.downloaded", sheet, unit=found.pk, rows=len(rows))
    return download(content, f"{found.short_name}{first.year}年{first.month}月走访联系表.xlsx")
