"""A task list out of Excel or out of pasted text is read; what was read waits as a draft."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.forms.imports import ImportForm
from campaigns.models import Campaign, ListDraft
from campaigns.permissions import leads, may_lead_all
from campaigns.selectors import district_of
from campaigns.services import drafts
from campaigns.task_lists import sheets
from campaigns.task_lists.columns import COLUMNS
from campaigns.task_lists.pasted import read_text
from campaigns.task_lists.reading import Reading
from core import tokens
from core.wording import spoken
from core.xlsx import SheetError, download
from districts.models import Region

WHO_IMPORTS = spoken("任务清单由牵头局和专项行动的牵头单位导入。")
MOST_LISTS = 40


@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: HttpRequest) -> HttpResponse:
    district = district_of(request.user)
    new = bool(district and may_lead_all(request.user, district))
    campaigns = own_campaigns(request, district, new) if district else []
    if district is None or not (campaigns or new):
        raise PermissionDenied(WHO_IMPORTS)
    initial = {"token": tokens.new_token(), "into": request.GET.get("into", "")}
    form = ImportForm(
        request.POST or None,
        request.FILES or None,
        campaigns=campaigns,
        new=new,
        initial=initial,
    )
    if request.method == "POST" and form.is_valid() and (made := _read(request, district, form)):
        if len(made) == 1:
            return redirect("campaigns:draft", made[0])
        messages.info(request, f"读出{len(made)}张清单，请逐张核对后导入。")
        return redirect("campaigns:import")
    context = {
        "form": form,
        "drafts": ListDraft.objects.visible_to(request.user).select_related("campaign"),
        "columns": [title for _, title, _ in COLUMNS],
        "help": sheets.HELP,
    }
    return render(request, "campaigns/import.html", context, status=422 if request.method == "POST" else 200)


def own_campaigns(request: HttpRequest, district: Region, every: bool) -> list[Campaign]:
    campaigns = Campaign.objects.visible_to(request.user).filter(district=district)
    return [one for one in campaigns.prefetch_related("lead_units") if every or leads(request.user, one)]


def _read(request: HttpRequest, district: Region, form: ImportForm) -> list[int]:
    """The drafts' ids; empty with the reason on the form."""
    data = form.cleaned_data
    posts = data["posts"]
    try:
        if data["file"]:
            readings = sheets.read_book(data["file"], posts)
            source = data["file"].name
        else:
            readings = [("", read_text(data["text"], posts))]
            source = "粘贴的文字"
    except SheetError as error:
        form.add_error("file", str(error))
        return []
    where = "file" if data["file"] else "text"
    readings = [(name, reading) for name, reading in readings if reading.entries]
    if not readings:
        form.add_error(
            where,
            "没有读出任务：清单要连同表头（序号、工作任务、具体举措……完成时限）整张复制。"
            "从 PDF 复制后各栏挤在一起的，请先在 Excel 或 WPS 表格里分好列，再整张复制或上传。",
        )
        return []
    if len(readings) > MOST_LISTS:
        form.add_error(where, f"一次最多{MOST_LISTS}张清单。")
        return []
    if form.campaign is not None and len(readings) > 1:
        form.add_error("into", "文件里有几张清单，不能都导入到一个行动：请分成几个文件。")
        return []
    key = f"task-list:{request.user.pk}:{data['token']}"
    done = tokens.once(
        key, lambda: ",".join(map(str, _draft_all(request, district, form, readings, source)))[:100]
    )
    return [int(pk) for pk in done.split(",") if pk.isdigit()]


def _draft_all(
    request: HttpRequest, district: Region, form: ImportForm, readings: list[tuple[str, Reading]], source: str
) -> list[int]:
    data, made = form.cleaned_data, []
    for number, (sheet, reading) in enumerate(readings):
        alone = len(readings) == 1
        heading: dict[str, Any] = {"complete": data["complete"]}
        if form.campaign is None:
            name = data["name"] if alone and data["name"] else drafts.name_in(reading.title, sheet)
            heading |= {
                "year": data["year"],
                "no": (data["no"] or 1) + number,
                "name": name or f"专项行动{number + 1}",
            }
        made.append(
            drafts.make_draft(
                by=request.user,
                district=district,
                reading=reading,
                source_name=f"{source} {sheet}".strip(),
                campaign=form.campaign,
                heading=heading,
            ).pk
        )
    return made


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    return download(sheets.template(), "专项行动任务清单模板.xlsx")
