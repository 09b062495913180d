"""Units report how their tasks go, once a month; targets are confirmed and counted; tasks are linked to what they did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import Unit, User
from appeals.models import Appeal
from campaigns.figures import figure_of
from campaigns.models import Inspection, ProgressReport, ReportFigure, Target, Task, TaskItem, TaskLink
from campaigns.permissions import leading_units, may_manage, reporting_units
from campaigns.services.plans import WHO_MANAGES
from campaigns.states import first_of_month, last_month_of, last_of_month, standing_items
from core import clock
from liaisons.models import ServiceEvent

MOST_TEXT = 2000
WHO_REPORTS = "进展由任务的牵头、协同责任单位填报。"
DONE = ProgressReport.State.DONE
LARGEST = Decimal("9999999999")


@transaction.atomic
def report_progress(
    *,
    by: User,
    task: Task,
    unit: Unit,
    month: date,
    state: str,
    text: str,
    item: TaskItem | None = None,
    done_on: date | None = None,
    figures: Mapping[int, Decimal | None] | None = None,
) -> ProgressReport:
    """A unit's report of a month; a second one of the same month puts the first one right.

    A leading unit's “done” finishes the task (or the item); an assisting unit's says only that its part is done.
    ``figures``: what the month adds, by the target's id. Raises ``ValidationError`` by field.
    """
    task = Task.objects.select_related("campaign__district").get(pk=task.pk)
    if unit not in reporting_units(by, task):
        raise PermissionDenied(WHO_REPORTS)
    month, today = first_of_month(month), clock.today()
    errors: dict[str, str] = {}
    if task.withdrawn or (item is not None and (item.task_id != task.pk or item.withdrawn)):
        errors["item"] = "这一项已不在清单中，不再填报。"
    elif item is None and standing_items(task):
        errors["item"] = "请选择填报哪一个分项。"
    if month > today:
        errors["month"] = "不能填报以后的月份。"
    elif not date(task.campaign.year, 1, 1) <= month <= last_month_of(task):
        errors["month"] = f"这项任务属于{task.campaign.year}年，请填报该年的月份。"
    elif is_closed(task, month):
        errors["month"] = f"{month.year}年{month.month}月的督查已经定稿，不能再补报或更正。"
    if not text.strip():
        errors["text"] = "请填写进展情况。"
    elif len(text) > MOST_TEXT:
        errors["text"] = f"进展情况最多{MOST_TEXT}字。"
    if state not in ProgressReport.State.values:
        errors["state"] = "请选择进展。"
    if state == DONE:
        done_on = done_on or min(today, last_of_month(month))
        if done_on > today:
            errors["done_on"] = "完成日期不能晚于今天。"
        elif done_on < date(task.campaign.year - 1, 1, 1):
            errors["done_on"] = "完成日期早得不合情理，请核对。"
    else:
        done_on = None
    wanted = {target.pk: target for target in task.targets.filter(state=Target.State.CONFIRMED)}
    values = {pk: value for pk, value in (figures or {}).items() if value is not None and pk in wanted}
    if any(not 0 <= value <= LARGEST for value in values.values()):
        errors["figures"] = "本月新增的数字不能为负，也不能大得不合情理。"
    if errors:
        raise ValidationError({field: [message] for field, message in errors.items()})
    report = ProgressReport.objects.filter(task=task, item=item, unit=unit, month=month).first()
    is_new = report is None
    if report is None:
        report = ProgressReport(task=task, item=item, unit=unit, month=month, reported_at=clock.now())
    else:
        report.changed_at = clock.now()
    report.state, report.text, report.done_on, report.reported_by = state, text.strip(), done_on, by
    report.leads = unit in leading_units(task) or unit in task.campaign.lead_units.all()
    report.save()
    report.figures.exclude(target__in=values).delete()
    for pk, value in values.items():
        ReportFigure.objects.update_or_create(report=report, target=wanted[pk], defaults={"value": value})
    settle(item or task)
    if item is not None:
        settle(task)
    audit.record(by, "campaign.reported" if is_new else "campaign.report_changed", report, state=state)
    return report


def is_closed(task: Task, month: date) -> bool:
    """The month's inspection says what was found, and stays true."""
    closed = Inspection.objects.filter(district=task.campaign.district_id, closed_at__isnull=False)
    return closed.filter(month=month).exists()


def settle(work: Task | TaskItem) -> None:
    """Whether it is done, and when it was last reported, from all reports about it."""
    if isinstance(work, TaskItem):
        reports = ProgressReport.objects.filter(item=work)
        last_lead = reports.filter(leads=True).order_by("-month", "-reported_at").first()
        done_on = last_lead.done_on if last_lead else None
    else:
        reports = ProgressReport.objects.filter(task=work)
        items = list(work.items.filter(withdrawn=False))
        if items:
            dates = [item.done_on for item in items]
            done_on = max(day for day in dates if day) if all(dates) else None
        else:
            last_lead = reports.filter(leads=True, item=None).order_by("-month", "-reported_at").first()
            done_on = last_lead.done_on if last_lead else None
    # What comes again is done for a month only.
    work.done_on = None if work.comes_again else done_on
    work.last_report = reports.aggregate(last=Max("month"))["last"]
    work.save(update_fields=["done_on", "last_report"])


# --- Targets --------------------------------------------------------------------------------------


@transaction.atomic
def save_target(
    *,
    by: User,
    task: Task,
    text: str,
    number: Decimal,
    measure: str,
    counts: str,
    target: Target | None = None,
) -> Target:
    """A suggested figure confirmed or put right, or one that nobody recognised."""
    if not may_manage(by, task.campaign):
        raise PermissionDenied(WHO_MANAGES)
    text = text.strip()
    if task.targets.filter(text=text).exclude(pk=target.pk if target else 0).exists():
        raise ValidationError({"text": ["这项任务已有同样的目标。"]})
    target = target or Target(task=task)
    target.text, target.number, target.measure, target.counts = text, number, measure.strip(), counts
    target.state = Target.State.CONFIRMED
    target.save()
    audit.record(by, "campaign.target_confirmed", target, task=task.pk)
    return target


@transaction.atomic
def drop_target(*, by: User, target: Target) -> None:
    """Not counted; it stays known, so that reading the list again does not suggest it again."""
    if not may_manage(by, target.task.campaign):
        raise PermissionDenied(WHO_MANAGES)
    target.state = Target.State.DROPPED
    target.save(update_fields=["state"])
    audit.record(by, "campaign.target_dropped", target, task=target.task_id)


# --- Links ----------------------------------------------------------------------------------------


def may_link(user: User, task: Task) -> bool:
    return bool(reporting_units(user, task)) or may_manage(user, task.campaign)


@transaction.atomic
def add_link(
    *, by: User, task: Task, appeal: Appeal | None = None, event: ServiceEvent | None = None, figure: str = ""
) -> TaskLink:
    """Tie the task to an appeal or event the user sees, or to a figure that the portal counts."""
    if not may_link(by, task):
        raise PermissionDenied(WHO_REPORTS)
    if sum(map(bool, (appeal, event, figure))) != 1:
        raise ValidationError("请选择一条诉求、一个活动或一个指标。")
    if appeal and not Appeal.objects.visible_to(by).filter(pk=appeal.pk).exists():
        raise ValidationError({"appeal": ["没有这条诉求。"]})
    if event and event.district_id != task.campaign.district_id:
        raise ValidationError({"event": ["没有这个活动。"]})
    if figure and figure_of(figure) is None:
        raise ValidationError({"figure": ["没有这个指标。"]})
    link, is_new = TaskLink.objects.get_or_create(
        task=task,
        appeal=appeal,
        event=event,
        figure=figure,
        defaults={"added_by": by, "added_at": clock.now()},
    )
    if is_new:
        audit.record(by, "campaign.linked", link, task=task.pk)
    return link


@transaction.atomic
def remove_link(*, by: User, link: TaskLink) -> None:
    if not may_link(by, link.task):
        raise PermissionDenied(WHO_REPORTS)
    audit.record(by, "campaign.unlinked", link, task=link.task_id)
    link.delete()
