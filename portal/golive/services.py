"""What is done with a setup: started, filled step by step, rehearsed, brought live or given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from districts.loading import LoadedProfile, load_rules
from districts.models import Region
from districts.schema import ProfileError
from portal.golive import files as sheets
from portal.golive import templates
from portal.golive.bringing_in import bring_in
from portal.golive.clearing import clear_district
from portal.golive.compose import Composed, compose
from portal.golive.draft import Draft
from portal.golive.launch import Launched, make_district
from portal.golive.rehearsal import rehearse
from portal.golive.steps import step_of, steps_for
from portal.models import Setup, SetupFile
from portal.querysets import ABOVE, is_operator, is_own_admin

WHO_SETS_UP = "新区县上线由平台管理员操作：没有单位的系统管理员，或市、省一级单位的系统管理员。"
WHO_CHANGES = "规则调整由本县区的系统管理员操作。"
LIVE = "已经上线，不能再改；要改规则，请由县区的系统管理员在“规则调整”中操作。"
TRIAL = "正在演练，内容先不能改；要改或要正式启用，请先清除演练。"
MOVED = "这份设置刚才在别处改过，这次没有保存。下面是最新内容，请再改一次。"


# --- Starting -------------------------------------------------------------------------------------


@transaction.atomic
def start(*, by: User, name: str, template: str) -> Setup:
    if not is_operator(by):
        raise PermissionDenied(WHO_SETS_UP)
    try:
        templates.template(template)
    except KeyError:
        raise ValidationError({"template": "请选择从哪套规则开始。"}) from None
    now = clock.now()
    setup = Setup(owner=by, name=name, template=template, created_at=now, changed_at=now)
    setup.save()
    record(by, "setup.start", setup, template=template)
    return setup


@transaction.atomic
def start_change(*, by: User) -> Setup:
    """The running change of the own district's rules, or a new one."""
    if by.unit is None or not is_own_admin(by, by.unit.district_id):
        raise PermissionDenied(WHO_CHANGES)
    district = by.unit.district
    Region.objects.select_for_update().get(pk=district.pk)
    running = Setup.objects.filter(kind=Setup.Kind.CHANGE, district=district, live_at__isnull=True).first()
    if running is not None:
        return running
    now = clock.now()
    setup = Setup(
        kind=Setup.Kind.CHANGE,
        owner=by,
        district=district,
        name=f"{district.name}规则调整",
        template=f"district:{district.code}",
        created_at=now,
        changed_at=now,
    )
    setup.save()
    record(by, "setup.start_change", setup)
    return setup


# --- Reading --------------------------------------------------------------------------------------


def draft_of(setup: Setup) -> Draft:
    """What the setup says, over its template. A template that is gone is the usual one."""
    try:
        template = templates.template(setup.template)
    except KeyError:
        template = templates.template(templates.USUAL)
    if not setup.is_change:
        return Draft(setup.data, template, files=setup.files_by_kind)
    assert setup.district is not None
    units = Unit.objects.of_district(setup.district).active().values_list("code", "short_name")
    return Draft(setup.data, template, units=list(units), district=setup.district)


# --- Filling --------------------------------------------------------------------------------------


def save(*, setup: Setup, by: User, step: str, parts: dict[str, Any], seen: int | None = None) -> Setup:
    """Keep what was typed, right or wrong. With ``seen``, only if nobody has changed the setup since."""
    with transaction.atomic():
        locked = _to_edit(setup, by)
        if seen is not None and locked.version != seen:
            raise ValidationError(MOVED, code="moved")
        before = draft_of(locked)
        locked.data = {**locked.data, step: {**locked.data.get(step, {}), **parts}}
        if step == "words":
            locked.data = _following(before, draft_of(locked), locked.data)
        _changed(locked)
    return locked


FOLLOWERS = (("weekly", "rows", "source"), ("people", "people", "rank"))
"""Step, table and column whose words are labels of the lists of the words step."""


def _following(before: Draft, after: Draft, data: dict[str, Any]) -> dict[str, Any]:
    """A label that was changed is changed wherever it was chosen."""
    for step, part, key in FOLLOWERS:
        rows = data.get(step, {}).get(part)
        column = step_of(step).table(part).column(key)
        if not rows or column.options is None:
            continue
        codes = {label: code for code, label in column.options(before)}
        labels = dict(column.options(after))
        changed = [
            {**row, key: labels.get(codes.get(row.get(key, ""), ""), row.get(key, ""))} for row in rows
        ]
        data = {**data, step: {**data[step], part: changed}}
    return data


def forget(*, setup: Setup, by: User, step: str) -> Setup:
    """Back to what the template has."""
    with transaction.atomic():
        locked = _to_edit(setup, by)
        locked.data = {code: texts for code, texts in locked.data.items() if code != step}
        _changed(locked)
    return locked


def keep_file(*, setup: Setup, by: User, kind: str, upload: UploadedFile) -> SetupFile:
    """A sheet for later, examined as far as it can be. Raises ``SheetError``."""
    found = sheets.examine(kind, upload, draft_of(setup))  # type: ignore[arg-type]
    upload.seek(0)
    with transaction.atomic():
        locked = _to_edit(setup, by)
        drop_file(setup=locked, by=by, kind=kind)
        file = SetupFile(
            setup=locked,
            kind=kind,
            name=(upload.name or "表格.xlsx")[-200:],
            uploaded_at=clock.now(),
            **found,
        )
        file.file.save(f"{locked.pk}-{kind}.xlsx", upload, save=False)
        file.save()
        _changed(locked)
    return file


def drop_file(*, setup: Setup, by: User, kind: str) -> None:
    with transaction.atomic():
        locked = _to_edit(setup, by)
        for file in locked.files.filter(kind=kind):
            transaction.on_commit(partial(file.file.storage.delete, str(file.file.name)))
            file.delete()
            _changed(locked)


def _to_edit(setup: Setup, by: User) -> Setup:
    locked = Setup.objects.select_for_update(of=("self",)).select_related("district").get(pk=setup.pk)
    if not Setup.objects.visible_to(by).filter(pk=setup.pk).exists():
        raise PermissionDenied(WHO_CHANGES if setup.is_change else WHO_SETS_UP)
    if locked.is_fixed:
        raise ValidationError(LIVE if locked.is_live else TRIAL, code="live")
    return locked


def _changed(setup: Setup) -> None:
    setup.version += 1
    setup.changed_at = clock.now()
    setup.save(update_fields=["data", "version", "changed_at"])


def keep_raw(*, setup: Setup, by: User, kind: str, upload: UploadedFile, heads: Sequence[str] = ()) -> None:
    """A sheet whose heads somebody has to explain first, or may; these are kept with it."""
    upload.seek(0)
    with transaction.atomic():
        locked = _to_edit(setup, by)
        drop_file(setup=locked, by=by, kind=kind)
        name = (upload.name or "表格.xlsx")[-200:]
        file = SetupFile(setup=locked, kind=kind, name=name, problems=list(heads), uploaded_at=clock.now())
        file.file.save(f"{locked.pk}-{kind}.xlsx", upload, save=False)
        file.save()


# --- Ends -----------------------------------------------------------------------------------------


def whole(setup: Setup) -> tuple[Draft, Composed]:
    draft = draft_of(setup)
    return draft, compose(draft)


def not_ready(draft: Draft, composed: Composed) -> list[str]:
    """Why it cannot go live, a line for each step or problem."""
    reasons = []
    for step in steps_for(for_change=draft.district is not None):
        errors = draft.result(step).errors
        if step.needed and draft.district is None and not draft.touched(step.code):
            reasons.append(f"“{step.title}”还没有填")
        elif errors:
            reasons.append(f"“{step.title}”有 {len(errors)} 处问题")
    return reasons + [problem.words for problem in composed.problems if not problem.warning]


def run_rehearsal(*, setup: Setup, by: User) -> Setup:
    """Does everything and takes it back; keeps what happened."""
    if setup.is_change:
        raise ValidationError("规则调整不用检验：发布前会列出改了哪些地方。")
    draft, composed = whole(setup)
    if reasons := not_ready(draft, composed):
        raise ValidationError(reasons)
    told = rehearse(composed, setup.files_by_kind)
    with transaction.atomic():
        locked = _to_edit(setup, by)
        locked.rehearsal, locked.rehearsed_at, locked.rehearsed_version = told, clock.now(), setup.version
        locked.save(update_fields=["rehearsal", "rehearsed_at", "rehearsed_version"])
        record(by, "setup.rehearse", locked, problems=len(told["problems"]))
    return locked


def go_live(*, setup: Setup, by: User, name: str) -> Launched:
    """The district, all of it or nothing. ``name`` is its name typed by whoever does it."""
    with transaction.atomic():
        locked = _to_edit(setup, by)
        if locked.is_change:
            raise ValidationError("这是规则调整，不是上线。")
        draft, composed = whole(locked)
        if reasons := not_ready(draft, composed):
            raise ValidationError(reasons)
        assert composed.profile is not None
        if name.strip() != composed.profile.rules.name:
            raise ValidationError({"name": f"请照样输入县区名称：{composed.profile.rules.name}"})
        _within_reach(by, composed)
        made = make_district(composed.profile, composed.people)
        locked.district, locked.live_at, locked.live_by = made.district, clock.now(), by
        locked.name = made.district.name
        locked.save(update_fields=["district", "live_at", "live_by", "name"])
        record(
            by, "setup.go_live", locked, district=made.district.code, units=len(made.units),
            officials=made.officials, accounts=len(made.accounts),
        )  # fmt: skip
    bring_in(locked)
    return made


def open_trial(*, setup: Setup, by: User) -> Launched:
    """The district as a rehearsal: people sign in and try everything, marked everywhere, told to nobody outside.

    It hangs below no city and makes no region outside itself, so that it counts in nobody's figures.
    """
    with transaction.atomic():
        locked = _to_edit(setup, by)
        if locked.is_change:
            raise ValidationError("规则调整不用演练。")
        draft, composed = whole(locked)
        if reasons := not_ready(draft, composed):
            raise ValidationError(reasons)
        assert composed.profile is not None
        _within_reach(by, composed)
        profile = _on_its_own(composed.profile)
        known = Q(code=profile.rules.code) | Q(parent=None, name=profile.rules.name)
        if Region.objects.filter(known).exists():
            raise ValidationError(
                f"{profile.rules.name}（{profile.rules.code}）已在区划里，不能演练，请直接上线。"
            )
        made = make_district(profile, composed.people)
        made.district.is_rehearsal = True
        made.district.save(update_fields=["is_rehearsal"])
        locked.district, locked.trial_at = made.district, clock.now()
        locked.save(update_fields=["district", "trial_at"])
        record(by, "setup.open_trial", locked, district=made.district.code, accounts=len(made.accounts))
    bring_in(locked)
    return made


def _on_its_own(profile: LoadedProfile) -> LoadedProfile:
    """Without the regions above the district; whoever belongs there sits in the district for once."""
    above = {spec.key for spec in profile.regions if spec.level in ABOVE}
    home = next(spec.key for spec in profile.regions if spec.level == Region.Level.DISTRICT)
    return replace(
        profile,
        regions=tuple(
            spec.model_copy(update={"parent": ""}) if spec.key == home else spec
            for spec in profile.regions
            if spec.key not in above
        ),
        units=tuple(
            unit.model_copy(update={"region": home}) if unit.region in above else unit
            for unit in profile.units
        ),
    )


def close_trial(*, setup: Setup, by: User, name: str) -> dict[str, int]:
    """Everything of the rehearsal is cleared; what was entered is there again, to be changed or to go live."""
    with transaction.atomic():
        locked = Setup.objects.select_for_update(of=("self",)).select_related("district").get(pk=setup.pk)
        if not is_operator(by) or not Setup.objects.visible_to(by).filter(pk=setup.pk).exists():
            raise PermissionDenied(WHO_SETS_UP)
        district = locked.district
        if not locked.is_trial or locked.is_live or district is None:
            raise ValidationError("没有在演练。")
        if name.strip() != district.name:
            raise ValidationError({"name": f"请照样输入县区名称：{district.name}"})
        locked.district, locked.trial_at = None, None
        locked.save(update_fields=["district", "trial_at"])
        cleared = clear_district(district)
        locked.files.update(refused=False)
        record(by, "setup.close_trial", locked, district=district.code, rows=sum(cleared.values()))
    return cleared


def _within_reach(by: User, composed: Composed) -> None:
    """An administrator of a city sets up districts of that city only."""
    assert composed.profile is not None
    if by.unit is None:
        return
    above = {
        region.code for region in composed.profile.regions if region.level in {"country", "province", "city"}
    }
    if by.unit.district.code not in above:
        raise ValidationError(f"您是{by.unit.district}的管理员，只能为{by.unit.district}的县区上线。")


def publish(*, setup: Setup, by: User, effective_from: date, note: str = "") -> bool:
    """The changed rules as a new version from a day on. False if they are the same as before."""
    with transaction.atomic():
        locked = _to_edit(setup, by)
        if not locked.is_change or locked.district is None:
            raise ValidationError("这不是规则调整。")
        if effective_from <= clock.today():
            raise ValidationError({"effective_from": "最早从明天起生效：今天的事按今天的规则办。"})
        draft, composed = whole(locked)
        if reasons := not_ready(draft, composed):
            raise ValidationError(reasons)
        assert composed.profile is not None
        try:
            version, is_new = load_rules(
                district=locked.district,
                rules=composed.profile.rules,
                effective_from=effective_from,
                note=note[:200],
            )
        except ProfileError as error:
            raise ValidationError({"effective_from": error.messages}) from None
        if not is_new:
            return False
        locked.live_at, locked.live_by = clock.now(), by
        locked.save(update_fields=["live_at", "live_by"])
        record(by, "setup.publish", locked, version=version.pk, effective_from=effective_from.isoformat())
    return True


def give_up(*, setup: Setup, by: User) -> None:
    """Delete a setup that never went live, with its sheets."""
    with transaction.atomic():
        locked = _to_edit(setup, by)
        for file in locked.files.all():
            drop_file(setup=locked, by=by, kind=file.kind)
        record(by, "setup.give_up", locked)
        locked.delete()


# --- Accounts without a password ------------------------------------------------------------------


def counted(draft: Draft, setup: Setup) -> list[tuple[str, str]]:
    """What going live makes, a line for each step."""
    return [(step.title, step.summary(draft)) for step in steps_for(for_change=setup.is_change)]


def without_password(district: Region) -> list[User]:
    """The accounts of the district nobody can sign in with yet."""
    users = User.objects.filter(unit__district=district, is_active=True, is_system=False)
    found = users.select_related("unit").prefetch_related("grants").order_by("unit__order", "unit_id", "pk")
    return [user for user in found if not user.has_usable_password()]
