"""Opening weeks, filling tables by hand, handing them in, and the bureau's answer to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Role, Unit, User
from core import clock
from core.wording import speak
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import FormRow
from liaisons.address_book import UNIT_DESK, recipients
from notifications.services import notify
from reports import figures, periods
from reports.indicators import REGISTRY
from reports.models import (
    FrozenFigure,
    HandEntry,
    ReportingPeriod,
    SituationTable,
    SummaryFigure,
    TableStep,
)
from reports.spans import COUNTED_FOR


class Refused(Exception):
    """It cannot be done as things stand; the message says why, in Chinese."""


# --- Opening --------------------------------------------------------------------------------------


@transaction.atomic
def open_period(*, district: Region, ending: date) -> ReportingPeriod:
    """The week of a district that ends on that day, with a table for every reporting unit.

    Doing it again changes nothing but for units that have come since.
    """
    try:
        profile = DistrictProfile.objects.in_force(district, on=ending)
    except DistrictProfile.DoesNotExist as error:
        raise Refused(f"{district}还没有载入区县配置。") from error
    rules = profile.rules
    calendar = work_calendar(rules)
    if not periods.is_cut_off_day(ending, rules.week):
        nearest = periods.nearest_cut_off_day(ending, rules.week)
        raise Refused(f"{ending:%Y-%m-%d} 不是报送截止日，最近的截止日是 {nearest:%Y-%m-%d}。")
    if not periods.is_on_duty(ending, rules.week):
        raise Refused(f"{ending:%Y-%m-%d} 不在需要报送的期间内。")
    week = periods.week_ending(ending, rules.week, calendar)
    before = periods.week_ending(periods.previous(ending, rules.week), rules.week, calendar)
    if week.start > clock.now():
        raise Refused(f"截止 {ending:%Y-%m-%d} 的一周还没有开始。")
    unknown = [row.no for row in rules.form.rows if row.indicator and row.indicator not in REGISTRY]
    if unknown:
        raise Refused(f"表样第 {'、'.join(map(str, unknown))} 行写的指标，系统中没有。")
    period, _ = ReportingPeriod.objects.get_or_create(
        district=district,
        ending=ending,
        defaults={
            "profile": profile,
            "start": _start_after_the_last(district, week, before.start),
            "end": week.end,
            "due_at": week.due_at,
        },
    )
    units = Unit.objects.of_district(district).active().filter(kind__in=period.rules.reporting_unit_kinds)
    reporting = set(period.tables.in_force().values_list("unit", flat=True))
    SituationTable.objects.bulk_create(
        [SituationTable(period=period, unit=unit) for unit in units if unit.pk not in reporting],
        ignore_conflicts=True,
    )
    return period


def _start_after_the_last(district: Region, week: periods.ReportingWeek, before: datetime) -> datetime:
    """Where a new version of the rules moves the cut-off, the week between is shorter or longer: no gap.

    ``before``: where the week before it begins.
    """
    recent = ReportingPeriod.objects.filter(district=district, end__gt=before, end__lt=week.end)
    last = recent.order_by("-end").first()
    return last.end if last else week.start


def open_due_weeks(district: Region) -> ReportingPeriod | None:
    """The current week, and those a standing tick has missed since the last one. None without a duty."""
    now = clock.now()
    try:
        rules = DistrictProfile.objects.in_force(district, on=clock.today()).rules
    except DistrictProfile.DoesNotExist:
        return None
    current = periods.week_of(now, rules.week, work_calendar(rules)).ending
    last = ReportingPeriod.objects.filter(district=district).order_by("-ending").first()
    ending = periods.nearest_cut_off_day(last.ending, rules.week) if last else current
    opened = None
    while ending <= current:
        if periods.is_on_duty(ending, rules.week) and (last is None or ending >= last.ending):
            opened = open_period(district=district, ending=ending)
        ending = periods.following(ending, rules.week)
    return opened if opened and opened.ending == current else None


# --- Who may --------------------------------------------------------------------------------------


def may_fill(user: User, table: SituationTable) -> bool:
    """The unit's liaison and leader; after a merger those of the unit that took over."""
    own = user.unit_id in {table.unit_id, table.unit.successor.pk}
    return own and user.has_role(Role.LIAISON, Role.UNIT_LEADER)


def may_judge(user: User, period: ReportingPeriod) -> bool:
    """The lead bureau collects the tables."""
    return (
        user.unit is not None
        and user.unit.district_id == period.district_id
        and user.unit.code == period.rules.lead_bureau
        and user.has_role(Role.DISPATCHER, Role.BUREAU_LEADER)
    )


# --- Filling --------------------------------------------------------------------------------------


@transaction.atomic
def enter_by_hand(
    *, table: SituationTable, row: FormRow, value: Decimal | None, reason: str, by: User
) -> HandEntry:
    """A figure with its reason; without a value the row goes back to what the system counts."""
    if not may_fill(by, table):
        raise PermissionDenied("只有填报单位的联络员和负责人可以填写本表。")
    table = _locked(table)
    if not table.is_open:
        raise Refused("本表已报送，数字已固定，不能再改。")
    if row.source == "formula":
        raise Refused(f"第 {row.no} 行由其他行相加得出，不能填写。")
    counted = None
    if row.indicator:
        counted = figures.computed(table.period, [table])[table.unit_id][row.no].counted
    return HandEntry.objects.create(
        table=table, row=row.no, value=value, counted=counted, reason=reason, by=by, at=clock.now()
    )


@transaction.atomic
def submit(*, table: SituationTable, by: User) -> SituationTable:
    """Hand in: every figure is frozen, with the ids of the records behind it."""
    return submit_together([(table, by)])[0]


@transaction.atomic
def submit_together(tables: Iterable[tuple[SituationTable, User]]) -> list[SituationTable]:
    """Hand in several units' tables of one week at the same moment: their figures are counted once."""
    tables = list(tables)
    _lock_units(table.unit for table, _ in tables)
    now = clock.now()
    submitted = [_submitted(table, by, now) for table, by in tables]
    _freeze(submitted)
    TableStep.objects.bulk_create(
        TableStep(table=table, kind=TableStep.Kind.SUBMITTED, by=table.submitted_by, at=now)
        for table in submitted
    )
    return submitted


def _submitted(table: SituationTable, by: User, now: datetime) -> SituationTable:
    if not may_fill(by, table):
        raise PermissionDenied("只有填报单位的联络员和负责人可以报送本表。")
    table = _locked(table)
    if not table.is_open:
        raise Refused("本表已经报送过了。")
    first_time = not table.steps.filter(kind=TableStep.Kind.SUBMITTED).exists()
    # A correction counts what the first version counted: what was recorded since is in later tables.
    table.frozen_at = table.frozen_at or now
    table.state = SituationTable.State.SUBMITTED
    table.submitted_at, table.submitted_by = now, by
    if first_time and table.version == 1:
        table.late = now > table.period.due_at
    table.save()
    return table


def _freeze(tables: list[SituationTable]) -> None:
    period = tables[0].period
    context = figures.context_of(period).for_units(*(table.unit_id for table in tables))
    filled = figures.computed(period, tables)
    frozen = []
    for row in period.rules.form.rows:
        ids: dict[int, list[int]] = {}
        if indicator := figures.indicator_of(row):
            evidence = indicator.evidence(context.with_params(row.params))
            for pk, unit in evidence.order_by("pk").values_list("pk", COUNTED_FOR):
                ids.setdefault(unit, []).append(pk)
        for table in tables:
            figure = filled[table.unit_id][row.no]
            frozen.append(
                FrozenFigure(
                    table=table,
                    row=row.no,
                    week=figure.week,
                    cumulative=figure.cumulative,
                    counted=figure.counted,
                    carried=figure.carried,
                    evidence=ids.get(table.unit_id, []),
                )
            )
    FrozenFigure.objects.bulk_create(frozen)


# --- The bureau -----------------------------------------------------------------------------------


@transaction.atomic
def accept(*, table: SituationTable, by: User) -> SituationTable:
    if not may_judge(by, table.period):
        raise PermissionDenied(speak("只有牵头局的调度员和负责人可以审核。"))
    table = _locked(table)
    if table.state != SituationTable.State.SUBMITTED:
        raise Refused(f"本表现在是“{table.get_state_display()}”，不能审核。")
    table.state = SituationTable.State.ACCEPTED
    table.save(update_fields=["state"])
    TableStep.objects.create(table=table, kind=TableStep.Kind.ACCEPTED, by=by, at=clock.now())
    _keep_summary(table.period)
    return table


def _keep_summary(period: ReportingPeriod) -> None:
    """Once the last table is accepted, the district's figures are kept as they are."""
    tables = list(period.tables.in_force().select_related("unit"))
    if all(table.state == SituationTable.State.ACCEPTED for table in tables):
        period.summary.all().delete()
        SummaryFigure.objects.bulk_create(
            SummaryFigure(
                period=period,
                row=line.row.no,
                week=line.once.week,
                cumulative=line.once.cumulative,
                counted=line.once.counted,
                carried=line.once.carried,
            )
            for line in figures.summary(period, tables)
        )


@transaction.atomic
def send_back(*, table: SituationTable, reason: str, by: User) -> SituationTable:
    """Back to the unit: the table is open again, its figures move again until it is handed in anew."""
    if not may_judge(by, table.period):
        raise PermissionDenied(speak("只有牵头局的调度员和负责人可以退回。"))
    table = _locked(table)
    if table.state != SituationTable.State.SUBMITTED:
        raise Refused(f"本表现在是“{table.get_state_display()}”，不能退回。")
    if table.version == 1:
        _check_no_later_table(table)
        table.frozen_at = None
    now = clock.now()
    table.state = SituationTable.State.SENT_BACK
    table.save(update_fields=["state", "frozen_at"])
    table.figures.all().delete()
    step = TableStep.objects.create(table=table, kind=TableStep.Kind.SENT_BACK, by=by, at=now, reason=reason)
    notify(
        recipients(table.unit.successor, *UNIT_DESK),
        key=f"table-sent-back:{step.pk}",
        title=f"工作情况表（截止 {table.period.ending:%m月%d日}）被退回",
        body=f"退回理由：{reason}\n请修改后重新报送。",
        url=f"/reports/tables/{table.pk}/",
    )
    return table


def _check_no_later_table(table: SituationTable) -> None:
    # What a merged unit's table lacks, the one that took over counts.
    chain = {table.unit_id, table.unit.merged_into_id, table.unit.successor.pk} - {None}
    later = SituationTable.objects.in_force().filter(
        unit__in=chain, period__end__gt=table.period.end, frozen_at__isnull=False
    )
    if later.exists():
        # What was recorded since has been counted in that one; counting it here too would double it.
        raise Refused("该单位以后一周的表已经报送，本表不能再退回。")


@transaction.atomic
def correct(*, table: SituationTable, reason: str, by: User) -> SituationTable:
    """A new version of an accepted table, for the unit to correct by hand; the old one stays as it was.

    It counts the records the first version counted. What was entered by hand is taken over.
    """
    if not may_judge(by, table.period):
        raise PermissionDenied(speak("只有牵头局的调度员和负责人可以发起更正。"))
    table = _locked(table)
    if table.superseded or table.state != SituationTable.State.ACCEPTED:
        raise Refused("只有现行的、已审核的表可以更正。")
    now = clock.now()
    table.superseded = True
    table.save(update_fields=["superseded"])
    table.period.summary.all().delete()
    new = SituationTable.objects.create(
        period=table.period,
        unit=table.unit,
        version=table.version + 1,
        frozen_at=table.frozen_at,
        late=table.late,
        submitted_at=table.submitted_at,
        submitted_by=table.submitted_by,
    )
    entries = figures.latest_entries([table]).get(table.pk, {}).values()
    HandEntry.objects.bulk_create(
        HandEntry(
            table=new,
            row=entry.row,
            value=entry.value,
            counted=entry.counted,
            reason=entry.reason,
            by=entry.by,
            at=entry.at,
        )
        for entry in entries
        if entry.value is not None
    )
    TableStep.objects.create(table=new, kind=TableStep.Kind.CORRECTED, by=by, at=now, reason=reason)
    notify(
        recipients(table.unit.successor, *UNIT_DESK),
        key=f"table-correct:{new.pk}",
        title=f"请更正工作情况表（截止 {table.period.ending:%m月%d日}）",
        body=f"更正事由：{reason}\n原表保留；请用手工填写更正有误的行，写明理由后重新报送。",
        url=f"/reports/tables/{new.pk}/",
    )
    return new


def _lock_units(units: Iterable[Unit]) -> None:
    """What one table counts depends on the unit's others: nobody hands one in while another is sent back.

    Whoever took over a unit is the same in this. Sorted, so that two who lock several wait for each other once.
    """
    pks = sorted({unit.successor.pk for unit in units})
    list(Unit.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks).order_by("pk"))


def _locked(table: SituationTable) -> SituationTable:
    _lock_units([table.unit])
    locked = SituationTable.objects.select_for_update(of=("self",))
    return locked.select_related("period__profile", "unit").get(pk=table.pk)
