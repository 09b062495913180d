"""满意度清单: by unit and by cadre, a quarter or a year, as a page and as a sheet."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.models import Unit
from campaigns.models import LowRating
from campaigns.satisfaction.permissions import may_read, rules_in
from campaigns.satisfaction.satisfaction_list import (
    RATINGS,
    SURVEY,
    SatisfactionList,
    all_is_seen,
    comments,
    latest_round,
    ranks,
    satisfaction_list,
)
from campaigns.satisfaction.services.surveys import FIRST_YEAR
from core import clock
from core.paging import WindowPaginator
from core.wording import spoken
from core.xlsx import download, text_workbook
from districts.models import Region
from districts.profile import Rules

WHO_READS = spoken("满意度清单由牵头局、督查、区领导和各单位查看。")
PER_PAGE = 30
LOW_SHOWN = 20
SMALL_NUMBERS = (
    "季度调查不记名：一轮中评价某单位、某干部的答卷不足{}份的，认得出是哪家企业，数字不单列，"
    "匿名化时连同对应关系一并删除，任何人都查不到，也不能由合计推算；只计入合计。"
)
NOT_OF_A_CADRE = "诉求由单位办理，评价不落到干部个人，见“按单位”。"
BY = {"unit": "按单位", "cadre": "按干部"}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; nonsense in it is the running quarter."""

    year: int
    quarter: int
    by: str

    @property
    def label(self) -> str:
        return f"{self.year}年" + (f"第{self.quarter}季度" if self.quarter else "全年")

    @property
    def query(self) -> str:
        return f"year={self.year}&quarter={self.quarter}"


def asked(request: HttpRequest) -> Asked:
    today = clock.today()

    def number(name: str, least: int, most: int, otherwise: int) -> int:
        value = request.GET.get(name, "")
        found = int(value) if value.isascii() and value.isdecimal() and len(value) < 5 else -1
        return found if least <= found <= most else otherwise

    year = number("year", FIRST_YEAR, today.year, today.year)
    quarter = number("quarter", 0, 4, (today.month - 1) // 3 + 1)
    by = request.GET.get("by", "unit")
    return Asked(year, quarter, by if by in BY else "unit")


def _of(request: HttpRequest, what: Asked, **narrowed: Any) -> tuple[Region, Rules, SatisfactionList]:
    if not may_read(request.user):
        raise PermissionDenied(WHO_READS)
    district, rules = request.user.unit.district, rules_in(request.user.unit)
    found = satisfaction_list(
        user=request.user, district=district, rules=rules, year=what.year, quarter=what.quarter, by=what.by,
        **narrowed,
    )  # fmt: skip
    return district, rules, found


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    what = asked(request)
    district, rules, found = _of(request, what)
    page = WindowPaginator(found.lines, PER_PAGE).get_page(request.GET.get("page"))
    placed = {source: ranks(found.lines, source) for source in (RATINGS, SURVEY)} if what.by == "unit" else {}
    sees_all = all_is_seen(request.user, district)
    for line in found.of_the_district:
        line.summed = [(label, line.cells[source]) for source, label in found.sources.items()]
    for line in page:
        line.columns = [
            (
                label,
                line.cells[source],
                placed.get(source, {}).get(line.unit.pk),
                sees_all and source in placed,
            )
            for source, label in found.sources.items()
        ]
    today = clock.today()
    context = {
        "list": found,
        "rules": rules,
        "page": page,
        "asked": what,
        "notes": [SMALL_NUMBERS.format(found.minimum), NOT_OF_A_CADRE if what.by == "cadre" else ""],
        "latest": None if found.rounds else latest_round(district),
        "sees_all": sees_all,
        "years": range(today.year, max(FIRST_YEAR, today.year - 4) - 1, -1),
        "quarters": [(0, "全年"), *((n, f"第{n}季度") for n in range(1, 5))],
        "tabs": [
            {"label": label, "url": f"?{what.query}&by={code}", "current": code == what.by}
            for code, label in BY.items()
        ],
        "download_url": f"{reverse('campaigns:satisfaction_download')}?{what.query}&by={what.by}",
    }
    return render(request, "campaigns/satisfaction/satisfaction.html", context)


@require_safe
def unit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit: how the judgements are spread, what was said, and what became of the low ones."""
    what = asked(request)
    if not may_read(request.user):
        raise PermissionDenied(WHO_READS)
    unit = get_object_or_404(
        Unit.objects.visible_to(request.user).filter(district=request.user.unit.district_id), pk=pk
    )
    _, rules, found = _of(request, what, unit=unit.pk)
    district_wide = all_is_seen(request.user, unit.district)
    if not found.lines and not district_wide and request.user.unit_id not in {unit.pk, unit.parent_id}:
        raise PermissionDenied("只能看本单位的满意度情况。")
    low = LowRating.objects.visible_to(request.user).filter(unit=unit).select_related("unit")
    context = {
        "unit": unit,
        "asked": what,
        "list": found,
        "line": found.lines[0] if found.lines else None,
        "comments": comments(user=request.user, rules=rules, unit=unit, year=what.year, quarter=what.quarter),
        "cases": list(low[:LOW_SHOWN]),
        "rules": rules,
    }
    return render(request, "campaigns/satisfaction/satisfaction_unit.html", context)


@require_safe
def download_list(request: HttpRequest) -> HttpResponse:
    """The list as it is seen, with who took it in the log."""
    what = asked(request)
    _, rules, found = _of(request, what)
    levels = [level.label for level in rules.satisfaction]
    headers = ["序号", "单位" if what.by == "unit" else "干部（单位）"]
    for label in found.sources.values():
        headers += [f"{label}满意率", "满意/有效", *levels, "未接通", "误评不计"]
    headers += ["低分评价", "已答复", "其中超期答复", "待答复", "超期未答复", "申诉中", "误评成立"]
    rows = [_row("", line, len(levels)) for line in found.of_the_district]
    rows += [_row(number, line, len(levels)) for number, line in enumerate(found.lines, start=1)]
    audit.record(request.user, "satisfaction.download", None, period=what.query, by=what.by, rows=len(rows))
    rows.append([])
    rows += [
        ["", note]
        for note in (SMALL_NUMBERS.format(found.minimum), *([NOT_OF_A_CADRE] if what.by == "cadre" else []))
    ]
    content = text_workbook(
        title="满意度清单", headers=headers, rows=rows, widths=[6, 24, *[10] * (len(headers) - 2)]
    )
    return download(content, f"满意度清单_{what.label}_{BY[what.by]}.xlsx")


def _row(number: int | str, line: Any, levels: int) -> list[Any]:
    row: list[Any] = [number, line.name]
    for source in line.tallies:
        tally, cell = line.tallies[source], line.cells[source]
        counts = [count for _, count in cell.distribution] or [""] * levels
        apart = ["", ""] if tally.hidden else [tally.not_reached or "", tally.mistaken or ""]
        row += [cell.text, cell.fraction, *counts, *apart]
    low = line.low
    total = sum(low[state] for state in ("open", "answered", "disputed", "upheld"))
    row += [total, low["answered"], low["late"], low["open"], low["overdue"], low["disputed"], low["upheld"]]
    return row
