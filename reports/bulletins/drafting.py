"""Drafting a bulletin from the figures and cases of its month, and counting the figures of a draft anew."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Role, User
from accounts.selectors import unit_of
from appeals.models import Appeal
from core import clock
from core.wording import speak
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from districts.reporting import BulletinSection
from notifications.services import notify
from reports.bulletins import cases, wording
from reports.bulletins.counted import Counted, Figures, Month, count_month, unknown_names
from reports.bulletins.permissions import may_write, works_for_bureau
from reports.models import Bulletin, BulletinEvidence, BulletinStep
from reports.services import Refused

log = logging.getLogger(__name__)
Step = BulletinStep.Kind
State = Bulletin.State


def draft_due(district: Region) -> Bulletin | None:
    """Last month's bulletin, from the first working day of the month; at most one, however often this runs."""
    today = clock.today()
    try:
        profile = DistrictProfile.objects.in_force(district, on=today)
    except DistrictProfile.DoesNotExist:
        return None
    if today < work_calendar(profile.rules).next_workday(today.replace(day=1)):
        return None
    month = Month.of(today).previous
    known = Bulletin.objects.filter(
        district=district, kind=Bulletin.Kind.MONTHLY, year=month.year, month=month.month
    )
    if known.exists() or not Appeal.objects.filter(district=district, submitted_at__lt=month.end).exists():
        return None
    try:
        bulletin = draft(district=district, month=month, by=None)
    except Refused as reason:
        log.warning("%s: %s", district, reason)
        return None
    notify(
        User.objects.filter(unit=unit_of(district, profile.rules.lead_bureau)).with_role(Role.DISPATCHER),
        key=f"bulletin-drafted:{bulletin.pk}",
        title=f"{month}的通报已起草",
        body="数字已按登记的工作取好，请核对，补写“存在问题”“下步工作”等部分后送审签。",
        url=reverse("reports:bulletin", args=[bulletin.pk]),
    )
    return bulletin


def draft(
    *, district: Region, month: Month, by: User | None, kind: str = Bulletin.Kind.MONTHLY,
    replaces: Bulletin | None = None,
) -> Bulletin:  # fmt: skip
    """A new draft; of a month that is over, and for the monthly kind once."""
    try:
        profile = DistrictProfile.objects.in_force(district)
    except DistrictProfile.DoesNotExist as error:
        raise Refused(f"{district}还没有载入区县配置。") from error
    rules = profile.rules
    if by is not None and not works_for_bureau(by, district, rules):
        raise PermissionDenied(speak("通报由牵头局的调度员和负责人起草。"))
    if unknown := unknown_names(rules):
        raise Refused("区县配置有误：" + "；".join(unknown) + "。")
    if kind == Bulletin.Kind.MONTHLY and month.end > clock.now():
        raise Refused(f"{month}还没有结束，月度通报在次月起草。")
    if month.start > clock.now():
        raise Refused(f"{month}还没有开始。")
    words = words_for(rules, month)
    title = rules.bulletin.monthly_title if kind == Bulletin.Kind.MONTHLY else rules.bulletin.cases_title
    try:
        with transaction.atomic():
            sections = sections_for(rules, kind)
            counted = count_month(district, rules, month, sections)
            told = cases.approved_in(district, month, replaces.number if replaces else "")
            bulletin = Bulletin.objects.create(
                district=district,
                profile=profile,
                kind=kind,
                year=month.year,
                month=month.month,
                title=title.format(**words)[:100],
                figures=counted.figures,
                sections=[_written(section, counted, words, told) for section in sections],
                counted_at=clock.now(),
                replaces=replaces,
                drafted_at=clock.now(),
                drafted_by=by,
            )
            _keep_evidence(bulletin, counted)
            BulletinStep.objects.create(bulletin=bulletin, kind=Step.DRAFTED, by=by, at=clock.now())
    except IntegrityError as error:
        what = "更正" if replaces else "通报"
        raise Refused(f"{month}的{what}已经在起草或已经印发，同一个月不起草两份。") from error
    return bulletin


def correction_of(bulletin: Bulletin, by: User) -> Bulletin:
    """A new bulletin that names the one it replaces; that one stays as it is."""
    with transaction.atomic():
        bulletin = locked(bulletin)
        if bulletin.state != State.SENT or bulletin.superseded:
            raise Refused("只有已印发、没有被更正过的通报才能更正。")
        month = Month(bulletin.year, bulletin.month)
        return draft(district=bulletin.district, month=month, by=by, kind=bulletin.kind, replaces=bulletin)


def refresh(*, bulletin: Bulletin, by: User) -> list[str]:
    """Count a draft's figures anew. What people wrote stays; returns what changed, in words."""
    if not may_write(by, bulletin):
        raise PermissionDenied(speak("通报由牵头局的调度员和负责人起草。"))
    with transaction.atomic():
        bulletin = locked(bulletin)
        if not bulletin.is_draft:
            raise Refused(f"通报现在是“{bulletin.get_state_display()}”，数字不再变动。")
        month = Month(bulletin.year, bulletin.month)
        words = words_for(bulletin.rules, month)
        specs = {section.code: section for section in sections_for(bulletin.rules, bulletin.kind)}
        counted = count_month(bulletin.district, bulletin.rules, month, tuple(specs.values()))
        replaced = bulletin.replaces.number if bulletin.replaces else ""
        told = cases.approved_in(bulletin.district, month, replaced)
        changes = differences(bulletin.figures, counted.figures)
        bulletin.sections = [
            _renewed(section, specs[section["code"]], bulletin.figures, counted, words, told)
            for section in bulletin.sections
        ]
        bulletin.figures, bulletin.counted_at = counted.figures, clock.now()
        bulletin.save(update_fields=["sections", "figures", "counted_at"])
        bulletin.evidence.all().delete()
        _keep_evidence(bulletin, counted)
        note = "；".join(changes) if changes else "数字没有变化"
        BulletinStep.objects.create(bulletin=bulletin, kind=Step.REFRESHED, by=by, at=clock.now(), note=note)
    return changes


def differences(old: Figures, new: Figures) -> list[str]:
    """In the order of the text; figures of units are left to the table."""
    return list(
        dict.fromkeys(
            f"{figure['label']} {old[key]['text']} → {figure['text']}"
            for key, figure in new.items()
            if "@" not in key and key in old and old[key]["text"] != figure["text"]
        )
    )


def locked(bulletin: Bulletin) -> Bulletin:
    rows = Bulletin.objects.select_for_update(of=("self",))
    return rows.select_related("profile", "district").get(pk=bulletin.pk)


def words_for(rules: Rules, month: Month) -> dict[str, Any]:
    return {
        "district": rules.name,
        "action": rules.action_name,
        "year": month.year,
        "month": month.month,
        "previous_month": month.previous.month,
    }


def sections_for(rules: Rules, kind: str) -> tuple[BulletinSection, ...]:
    return rules.bulletin.monthly if kind == Bulletin.Kind.MONTHLY else rules.bulletin.cases


def _written(
    section: BulletinSection, counted: Counted, words: dict[str, Any], told: list[dict[str, Any]]
) -> dict[str, Any]:
    """What stands in a section before anybody has touched it."""
    written: dict[str, Any] = {
        "code": section.code,
        "heading": speak(section.heading),
        "name": section.name,
        "kind": section.kind,
        "by_hand": section.by_hand,
        "version": 1,
        "removed": False,
        "edited": False,
        "runs": wording.from_template(speak(section.text), counted.figures, words),
    }
    if section.kind == "table":
        written["table"] = counted.tables[section.code]
    if section.kind == "cases":
        written["cases"] = list(told)
        written["left_out"] = []
        written["removed"] = section.optional and not written["cases"]
    return written


def _renewed(
    section: dict[str, Any], spec: BulletinSection, old: Figures, counted: Counted, words: dict[str, Any],
    told: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    fresh = _written(spec, counted, words, told)
    renewed = dict(section, version=section["version"] + 1)
    if not section["by_hand"]:
        edited = wording.refreshed(section["runs"], old, counted.figures)
        renewed["runs"] = edited if section["edited"] else fresh["runs"]
    if spec.kind == "table":
        renewed["table"] = fresh["table"]
    if spec.kind == "cases":
        renewed["cases"] = [case for case in fresh["cases"] if case["ref"] not in section["left_out"]]
        if fresh["cases"] and not section["cases"] and not section["left_out"]:
            renewed["removed"] = False
    return renewed


def _keep_evidence(bulletin: Bulletin, counted: Counted) -> None:
    BulletinEvidence.objects.bulk_create(
        BulletinEvidence(bulletin=bulletin, indicator=name, records=records)
        for name, records in counted.evidence.items()
    )
