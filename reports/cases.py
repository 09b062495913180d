"""典型案例: proposed, drafted from an appeal, worked on, approved by a second person, published, withdrawn.

Nothing is approved while a text still holds an identity that the file of the appeal knows; what only looks
like one is ticked off by whoever approves, one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Role, Unit, User
from accounts.selectors import accounts_of
from appeals.models import Appeal
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile
from notifications.models import Kind
from notifications.services import notify
from reports.case_source import known_of
from reports.case_story import original_of
from reports.models import Case
from reports.redaction import Kind as Identity
from reports.redaction import Replacement, Scan, redact, scan

State = Case.State
BUREAU = (Role.DISPATCHER, Role.BUREAU_LEADER)

WHO_WRITES = spoken("典型案例由牵头局调度员和负责人起草、修改。")
WHO_PROPOSES = spoken("提名典型案例由督查办理；牵头局直接起草。")
WHO_APPROVES = spoken("典型案例由牵头局另一名工作人员审核，起草和改过稿子的人不能审核自己的稿子。")
CHANGED = "这份案例刚才有人改过，请看过新的内容再操作。"
TITLE_MISSING = "请填写标题。"
TEXT_MISSING = "请填写基本情况。"
TOO_LONG = "最多{most}个字，现在有{now}个字。"
ALREADY = "这件诉求已有同类案例。"
STILL_KNOWN = "还能看出是谁：{found}。请先去标识再{doing}。"
BULLETIN_TELLS = "刊登的通报里能看出是谁：{found}。请只填写通报的名称、期号。"
NOT_TICKED = "还有疑似标识没有核对：{found}。请逐条勾选，确认不会暴露企业和个人。"

MOST = {"title": 120, "background": 4000, "course": 6000, "outcome": 4000, "lesson": 4000}


# --- Who may --------------------------------------------------------------------------------------


def _of_the_bureau(user: User, district_id: int) -> bool:
    """A dispatcher or the leader of the district's lead bureau."""
    unit = user.unit
    if unit is None or unit.district_id != district_id or not user.has_role(*BUREAU):
        return False
    return unit.code == DistrictProfile.objects.in_force(unit.district).rules.lead_bureau


def may_write(user: User, case: Case | None = None) -> bool:
    """Drafts and edits; without a case, in the own district."""
    return user.unit is not None and _of_the_bureau(user, case.district_id if case else user.unit.district_id)


def may_propose(user: User) -> bool:
    return user.unit is not None and user.has_role(Role.SUPERVISOR)


def may_approve(user: User, case: Case) -> bool:
    """Somebody who wrote none of it, however long ago and whoever wrote after them."""
    return may_write(user, case) and user.pk not in _authors(case)


def _authors(case: Case) -> set[int | None]:
    return {case.drafted_by_id, case.edited_by_id, *case.editors}


def may_see_original(user: User, case: Case) -> bool:
    """What was replaced, and the text with the names: the bureau that writes it."""
    return may_write(user, case)


def _refuse_stranger(user: User, case: Case) -> None:
    if not may_write(user, case):
        raise PermissionDenied(WHO_WRITES)


# --- Proposed and drafted -------------------------------------------------------------------------


@transaction.atomic
def propose(*, by: User, appeal: Appeal, kind: str, reason: str) -> Case:
    """督查 names an appeal; the bureau drafts."""
    if not may_propose(by) or by.unit is None or by.unit.district_id != appeal.district_id:
        raise PermissionDenied(WHO_PROPOSES)
    reason = _reason(reason)
    case = Case(
        district=appeal.district,
        appeal=appeal,
        kind=kind,
        state=State.PROPOSED,
        proposed_by=by,
        proposed_at=clock.now(),
        proposal=reason,
    )
    _insert(case)
    audit.record(by, "case.proposed", case)
    _tell(
        _desk(case, but=by),
        case,
        "proposed",
        f"督查提名一件{case.get_kind_display()}案例",
        "请研究起草，或说明理由撤回。",
    )
    return case


@transaction.atomic
def draft(*, by: User, appeal: Appeal, kind: str, hides_units: bool | None = None) -> Case:
    """Write the first version from the register and take the identities out of it.

    A bad case hides the unit's name too unless told otherwise; a good one praises it by name.
    """
    if not _of_the_bureau(by, appeal.district_id):
        raise PermissionDenied(WHO_WRITES)
    hides = kind == Case.Kind.BAD if hides_units is None else hides_units
    case = Case.objects.select_for_update().filter(appeal=appeal, kind=kind, state=State.PROPOSED).first()
    case = case or Case(district=appeal.district, appeal=appeal, kind=kind)
    redaction = redact(original_of(appeal, kind).texts, known_of(appeal, hides_units=hides))
    case.hides_units = hides
    case.state = State.DRAFT
    case.drafted_by, case.drafted_at = by, clock.now()
    case.editors = []
    _put(case, redaction.texts, redaction.replacements)
    case.title = case.title[: MOST["title"]]
    if case.pk:
        case.version += 1
        case.save()
    else:
        _insert(case)
    audit.record(by, "case.drafted", case)
    return case


def _insert(case: Case) -> None:
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(ALREADY) from error


def _put(case: Case, texts: Iterable[str], replacements: Iterable[Replacement]) -> None:
    for field, text in zip(Case.TEXTS, texts, strict=True):
        setattr(case, field, text)
    case.replacements = [asdict(one) for one in replacements]


def replacements_of(case: Case) -> list[Replacement]:
    return [Replacement(**one) for one in case.replacements]


# --- Worked on ------------------------------------------------------------------------------------


@transaction.atomic
def edit(*, by: User, case: Case, texts: dict[str, str], version: int | None = None) -> Case:
    """A human's words. Whoever edits what was submitted takes it back into their hands.

    Saving it as it was is no edit: it takes nothing back and makes nobody its author.
    """
    case = _locked(case, version)
    _refuse_stranger(by, case)
    _must_be(case, State.DRAFT, State.SUBMITTED)
    wrong = {}
    cleaned = {field: texts.get(field, "").replace("\r\n", "\n").strip() for field in Case.TEXTS}
    for field, most in MOST.items():
        if len(cleaned[field]) > most:
            wrong[field] = TOO_LONG.format(most=most, now=len(cleaned[field]))
    if not cleaned["title"]:
        wrong["title"] = TITLE_MISSING
    if not cleaned["background"]:
        wrong["background"] = TEXT_MISSING
    if wrong:
        raise ValidationError(wrong)
    if all(text == getattr(case, field).strip() for field, text in cleaned.items()):
        return case
    for field, text in cleaned.items():
        setattr(case, field, text)
    case.state = State.DRAFT
    _changed(case, by)
    return case


@transaction.atomic
def redact_again(*, by: User, case: Case, version: int | None = None) -> tuple[Case, list[Replacement]]:
    """Take out what crept in again, by the same words as before; returns what was replaced now."""
    case = _locked(case, version)
    _refuse_stranger(by, case)
    _must_be(case, State.DRAFT, State.SUBMITTED)
    before = replacements_of(case)
    redaction = redact(case.texts, known_of(case.appeal, hides_units=case.hides_units), before)
    if not redaction.replacements:
        return case, []
    merged = {(one.kind, one.original, one.label): one for one in before}
    for one in redaction.replacements:
        merged.setdefault((one.kind, one.original, one.label), one)
    _put(case, redaction.texts, merged.values())
    case.state = State.DRAFT
    _changed(case, by)
    return case, redaction.replacements


def _changed(case: Case, by: User) -> None:
    case.edited_by, case.edited_at = by, clock.now()
    # No way leads back from an approval, so these are all since the last one.
    case.editors = sorted({*case.editors, by.pk})
    case.version += 1
    case.save()
    audit.record(by, "case.edited", case)


def findings_of(case: Case) -> Scan:
    """What the texts still tell, measured against the appeal's file as it is now."""
    return scan(case.texts, known_of(case.appeal, hides_units=case.hides_units))


@transaction.atomic
def submit(*, by: User, case: Case, version: int | None = None) -> Case:
    """To somebody else of the bureau."""
    case = _locked(case, version)
    _refuse_stranger(by, case)
    _must_be(case, State.DRAFT)
    _refuse_known(findings_of(case), "送审")
    case.state, case.submitted_by, case.submitted_at = State.SUBMITTED, by, clock.now()
    case.sent_back = ""
    case.version += 1
    case.save()
    audit.record(by, "case.submitted", case)
    readers = [user for user in _desk(case, but=by) if user.pk not in _authors(case)]
    _tell(
        readers,
        case,
        "submitted",
        f"典型案例待审核：{case.title}",
        "请对照核对去标识情况后审核。",
        Kind.APPROVAL,
    )
    return case


@transaction.atomic
def send_back(*, by: User, case: Case, opinion: str, version: int | None = None) -> Case:
    case = _locked(case, version)
    _refuse_stranger(by, case)
    _must_be(case, State.SUBMITTED)
    case.sent_back, case.state = _reason(opinion), State.DRAFT
    case.version += 1
    case.save()
    audit.record(by, "case.sent_back", case)
    _tell(_writers(case, but=by), case, "sent-back", f"典型案例退回修改：{case.title}", case.sent_back)
    return case


@transaction.atomic
def approve(*, by: User, case: Case, ticked: Collection[str] = (), version: int | None = None) -> Case:
    """Refused while a known identity is found; each suspected one must be among ``ticked``."""
    case = _locked(case, version)
    if not may_approve(by, case):
        raise PermissionDenied(WHO_APPROVES)
    _must_be(case, State.SUBMITTED)
    found = findings_of(case)
    _refuse_known(found, "审核")
    # A browser sends the line breaks of a suspect that has some in its own way.
    ticked = {one.replace("\r\n", "\n") for one in ticked}
    open_ones = [one.text for one in found.suspects if one.text not in ticked]
    if open_ones:
        raise ValidationError({"ticked": [NOT_TICKED.format(found="、".join(open_ones))]})
    case.findings = [asdict(one) for one in found.suspects]
    case.state, case.approved_by, case.approved_at = State.APPROVED, by, clock.now()
    case.version += 1
    case.save()
    audit.record(by, "case.approved", case, ticked=len(found.suspects))
    _tell(_writers(case, but=by), case, "approved", f"典型案例已审核通过：{case.title}", "可以编入通报。")
    return case


def _refuse_known(found: Scan, doing: str) -> None:
    if found.known:
        names = "、".join(f"“{one.text}”（{one.why}）" for one in found.known)
        raise ValidationError(STILL_KNOWN.format(found=names, doing=doing))


def _refuse_telling(case: Case, bulletin: str) -> None:
    """The name of the bulletin is shown beside the case; the district that publishes may stand in it."""
    found = scan([bulletin], known_of(case.appeal, hides_units=case.hides_units)).known
    telling = [one for one in found if one.why != Identity.HOME]
    if telling:
        names = "、".join(f"“{one.text}”（{one.why}）" for one in telling)
        raise ValidationError({"bulletin": [BULLETIN_TELLS.format(found=names)]})


@transaction.atomic
def mark_published(*, by: User, case: Case, bulletin: str, version: int | None = None) -> Case:
    """It stands in a bulletin; ``bulletin`` says in which."""
    case = _locked(case, version)
    _refuse_stranger(by, case)
    _must_be(case, State.APPROVED)
    bulletin = " ".join(bulletin.split())
    if not bulletin:
        raise ValidationError({"bulletin": ["请填写刊登在哪一期通报。"]})
    if len(bulletin) > 60:
        raise ValidationError({"bulletin": [TOO_LONG.format(most=60, now=len(bulletin))]})
    # The file of the appeal may have learned another name since the case was approved.
    _refuse_known(findings_of(case), "通报")
    _refuse_telling(case, bulletin)
    case.state, case.published_in, case.published_at = State.PUBLISHED, bulletin, clock.now()
    case.version += 1
    case.save()
    audit.record(by, "case.published", case)
    return case


@transaction.atomic
def withdraw(*, by: User, case: Case, reason: str, version: int | None = None) -> Case:
    """For good; another case may be made of the same appeal."""
    case = _locked(case, version)
    proposer = case.state == State.PROPOSED and case.proposed_by_id == by.pk
    if not proposer:
        _refuse_stranger(by, case)
    if case.state == State.WITHDRAWN:
        raise ValidationError("这份案例已经撤回。")
    reason = _reason(reason)
    case.state, case.withdrawn_by, case.withdrawn_at = State.WITHDRAWN, by, clock.now()
    case.withdrawn_for = reason
    case.version += 1
    case.save()
    audit.record(by, "case.withdrawn", case)
    told = [user for user in (case.proposed_by, *_writers(case, but=by)) if user and user.pk != by.pk]
    _tell(told, case, "withdrawn", f"典型案例已撤回：{case}", reason)
    return case


# --- Small parts ----------------------------------------------------------------------------------


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError({"reason": ["请写明理由。"]})
    if len(text) > 300:
        raise ValidationError({"reason": [TOO_LONG.format(most=300, now=len(text))]})
    return text


def _locked(case: Case, version: int | None) -> Case:
    found = (
        Case.objects.select_for_update(of=("self",))
        .select_related(
            "appeal__district", "appeal__profile", "appeal__enterprise", "appeal__project", "district"
        )
        .get(pk=case.pk)
    )
    if version is not None and found.version != version:
        raise ValidationError(CHANGED)
    return found


def _must_be(case: Case, *states: State) -> None:
    if case.state not in states:
        raise ValidationError(f"这份案例现在是“{case.get_state_display()}”，不能这样操作。")


def _desk(case: Case, but: User) -> list[User]:
    """The lead bureau's people, without whoever does it."""
    lead = DistrictProfile.objects.in_force(case.district).rules.lead_bureau
    unit = Unit.objects.filter(district=case.district, code=lead).first()
    return [user for user in accounts_of(unit, *BUREAU) if user.pk != but.pk] if unit else []


def _writers(case: Case, but: User) -> list[User]:
    people = {user.pk: user for user in (case.drafted_by, case.edited_by) if user}
    return [user for pk, user in people.items() if pk != but.pk]


def _tell(
    people: Iterable[User], case: Case, what: str, title: str, body: str, kind: str = Kind.GENERAL
) -> None:
    notify(
        [user for user in people if user.is_active],
        key=f"case-{what}:{case.pk}:{case.version}",
        title=title,
        body=body,
        url=reverse("reports:case", args=[case.pk]),
        kind=kind,
    )
