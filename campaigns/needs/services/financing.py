"""融资需求: collected, handed to banks, answered, followed to the loan, or let go."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Unit, User
from appeals.models import Appeal
from campaigns.models import FinancingDispatch, FinancingEntry, FinancingNeed, FinancingRound
from campaigns.needs.permissions import (
    WHO_ANSWERS,
    WHO_KEEPS,
    WHO_LEADS_FINANCE,
    WHO_RECORDS,
    banks_of,
    leads_finance,
    may_answer,
    may_collect,
    may_keep_need,
    may_record_financing,
)
from campaigns.needs.services.openings import Firm, claimed_firm, keeper_of, told_by
from campaigns.needs.services.rounds import round_of_today
from campaigns.needs.words import Errors
from core import clock
from core.phones import clean_contact_phone
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from liaisons.address_book import UNIT_DESK, recipients
from notifications.services import notify

State = FinancingNeed.State
Answer = FinancingDispatch.Answer
MOST_AMOUNT = Decimal(1_000_000)
"""In 万元: ten billion."""
MOST_BANKS = 10
OUTDATED = "这条融资需求的状态已有变化，请刷新后再办。"


# --- Needs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NeedFacts:
    """What a firm needs, as it is typed."""

    amount: Decimal | None = None
    purpose: str = ""
    term_months: int | None = None
    guarantee: str = ""
    current_bank: str = ""
    contact_name: str = ""
    contact_phone: str = ""


FIELDS = tuple(NeedFacts.__dataclass_fields__)


def checked(facts: NeedFacts, rules: Rules, *, by_firm: bool = False) -> dict[str, Any]:
    """The fields as they are stored. Raises ``ValidationError`` by field."""
    errors = Errors()
    _money(errors, "amount", facts.amount, "请填写需求金额。")
    purpose = errors.text("purpose", facts.purpose, 200, needed="请写明用途。")
    errors.whole("term_months", facts.term_months, 1, 360, needed="请填写期限。")
    if rules.find("guarantees", facts.guarantee) is None:
        errors.add("guarantee", "请选择可提供的担保。")
    bank = errors.text("current_bank", facts.current_bank, 60)
    name = errors.text("contact_name", facts.contact_name, 50, needed="请填写联系人。" if by_firm else "")
    phone = ""
    if facts.contact_phone.strip() or by_firm:
        try:
            phone = clean_contact_phone(facts.contact_phone)
        except ValidationError as error:
            errors.add("contact_phone", error.messages[0])
    errors.stop()
    return {
        "amount": facts.amount, "purpose": purpose, "term_months": facts.term_months, "guarantee": facts.guarantee,
        "current_bank": bank, "contact_name": name, "contact_phone": phone,
    }  # fmt: skip


def _money(errors: Errors, field: str, amount: Decimal | None, needed: str = "") -> None:
    if amount is None:
        if needed:
            errors.add(field, needed)
    elif not amount.is_finite() or not 0 < amount <= MOST_AMOUNT:
        errors.add(field, f"金额应大于 0，不超过 {MOST_AMOUNT:,.0f} 万元。")
    elif amount != round(amount, 2):
        errors.add(field, "最多两位小数（精确到百元）。")


@transaction.atomic
def record_need(
    *,
    by: User,
    facts: NeedFacts,
    subject: Firm | None = None,
    claimed_name: str = "",
    region: Region | None = None,
) -> FinancingNeed:
    """Collected by an official; it comes up in the round of today."""
    if not may_record_financing(by):
        raise PermissionDenied(WHO_RECORDS)
    assert by.unit is not None
    rules = DistrictProfile.objects.in_force(by.unit.district).rules
    claimed = claimed_firm(by.unit, subject, claimed_name)
    found, _ = round_of_today(by.unit.district, rules)
    need = FinancingNeed.objects.create(
        district=by.unit.district,
        region=subject.region if subject else (region or by.unit.region),
        enterprise=subject if isinstance(subject, Enterprise) else None,
        project=subject if isinstance(subject, Project) else None,
        claimed_name=claimed,
        unit=by.unit,
        recorded_at=clock.now(),
        recorded_by=by,
        **checked(facts, rules),
    )
    _enter(need, found)
    audit.record(by, "financing.recorded", need)
    return need


@transaction.atomic
def report_need(*, entry: Firm, facts: NeedFacts, by: User | None = None) -> FinancingNeed:
    """By the firm itself, without an account, or by a cadre who heard of it at a visit: waits until it was checked."""
    if by is not None and not may_collect(by):
        raise PermissionDenied(WHO_RECORDS)
    rules = DistrictProfile.objects.in_force(entry.district).rules
    values = checked(facts, rules, by_firm=by is None)
    entry = type(entry)._default_manager.select_for_update(of=("self",)).get(pk=entry.pk)
    if entry.financingneeds.filter(state=State.PENDING).exists():
        raise ValidationError(f"{'这家' if by else '贵'}企业的融资需求已经收到，正在核实，不用再提。")
    unit = keeper_of(entry, rules.finance_unit, rules)
    need = FinancingNeed.objects.create(
        district=entry.district,
        region=entry.region,
        enterprise=entry if isinstance(entry, Enterprise) else None,
        project=entry if isinstance(entry, Project) else None,
        unit=unit,
        by_firm=by is None,
        state=State.PENDING,
        recorded_at=clock.now(),
        recorded_by=by,
        **values,
    )
    audit.record(by, "financing.reported", need)
    notify(
        recipients(unit, *UNIT_DESK),
        key=f"needs-financing:{need.pk}",
        title=f"{told_by(by)}融资需求：{entry.name}",
        body="请与企业核实后列入本轮摸排。",
        url=reverse("campaigns:financing_need", args=[need.pk]),
    )
    return need


def _enter(need: FinancingNeed, found: FinancingRound) -> None:
    """Into a round that was there before the need was running, else it would be carried into it."""
    FinancingEntry.objects.get_or_create(round=found, need=need, defaults={"added_at": clock.now()})


@transaction.atomic
def change_need(*, by: User, need: FinancingNeed, facts: NeedFacts) -> FinancingNeed:
    need = _locked(by, need)
    if need.state not in {State.PENDING, State.OPEN}:
        raise ValidationError("已经交办的不能再改，请在办理中说明。")
    rules = DistrictProfile.objects.in_force(need.district).rules
    for name, value in checked(facts, rules).items():
        setattr(need, name, value)
    need.save()
    audit.record(by, "financing.changed", need)
    return need


@transaction.atomic
def check_need(*, by: User, need: FinancingNeed) -> FinancingNeed:
    """What the firm reported is right: it comes up in the round of today."""
    need = _locked(by, need)
    if need.state != State.PENDING:
        raise ValidationError(OUTDATED)
    found, _ = round_of_today(need.district, DistrictProfile.objects.in_force(need.district).rules)
    need.state = State.OPEN
    need.save(update_fields=["state"])
    _enter(need, found)
    audit.record(by, "financing.checked", need)
    return need


@transaction.atomic
def close_need(*, by: User, need: FinancingNeed, state: str, reason: str, appeal: str = "") -> FinancingNeed:
    """Withdrawn by the firm, or left unsolved: then, if it was handed in as an appeal, under which number."""
    need = _locked(by, need)
    if state not in {State.WITHDRAWN, State.UNSOLVED} or need.state not in {
        State.PENDING,
        *FinancingNeed.RUNNING,
    }:
        raise ValidationError(OUTDATED)
    errors = Errors()
    reason = errors.text("reason", reason, 300, needed="请写明原因。")
    found = None
    if appeal.strip():
        found = Appeal.objects.visible_to(by).filter(number=appeal.strip()[:40].replace("\0", "")).first()
        if found is None:
            errors.add("appeal", "没有找到这个编号的诉求。")
    errors.stop()
    need.state, need.closing, need.appeal, need.closed_at = state, reason, found, clock.now()
    need.save(update_fields=["state", "closing", "appeal", "closed_at"])
    audit.record(by, f"financing.{state}", need, appeal=found.pk if found else None)
    return need


@transaction.atomic
def reopen_need(*, by: User, need: FinancingNeed) -> FinancingNeed:
    """It came up again: in the round of today."""
    need = _locked(by, need)
    if need.state not in {State.WITHDRAWN, State.UNSOLVED}:
        raise ValidationError(OUTDATED)
    found, _ = round_of_today(need.district, DistrictProfile.objects.in_force(need.district).rules)
    need.state, need.closing, need.closed_at = State.OPEN, "", None
    _settle(need)
    need.save(update_fields=["state", "closing", "closed_at"])
    _enter(need, found)
    audit.record(by, "financing.reopened", need)
    return need


# --- Banks ----------------------------------------------------------------------------------------


@transaction.atomic
def dispatch_need(
    *, by: User, need: FinancingNeed, units: list[Unit], names: list[str]
) -> list[FinancingDispatch]:
    """Hand it to one or several banks; those that have an account are told. Due in working days of the profile."""
    rows = FinancingNeed.objects.select_for_update(of=("self",)).select_related("district", "unit", "region")
    need = rows.get(pk=need.pk)
    if not leads_finance(by) or by.unit is None or by.unit.district_id != need.district_id:
        raise PermissionDenied(WHO_LEADS_FINANCE)
    if need.state not in FinancingNeed.RUNNING:
        raise ValidationError(OUTDATED)
    rules = DistrictProfile.objects.in_force(need.district).rules
    errors = Errors()
    cleaned = [errors.text("others", name, 60) for name in names]
    names = list(dict.fromkeys(name for name in cleaned if name))
    known = set(banks_of(need.district, rules).values_list("pk", flat=True))
    if any(unit.pk not in known for unit in units):
        errors.add("units", "请从列出的金融机构中选择。")
    if not units and not names:
        errors.add("units", "请至少选择一家金融机构，或填写名称。")
    if len(units) + len(names) > MOST_BANKS:
        errors.add("others", f"一次最多交办 {MOST_BANKS} 家。")
    chosen = {unit.name for unit in units} | set(names)
    waiting = set(need.dispatches.waiting().filter(bank_name__in=chosen).values_list("bank_name", flat=True))
    if waiting:
        errors.add(
            "others" if waiting & set(names) else "units",
            f"{'、'.join(sorted(waiting))}还没有答复，不用重复交办。",
        )
    errors.stop()
    found, _ = round_of_today(need.district, rules)
    due = work_calendar(rules).add(clock.today(), rules.needs.answer_days)
    made = [
        FinancingDispatch(
            need=need, round=found, unit=unit, bank_name=unit.name if unit else name,
            dispatched_at=clock.now(), dispatched_by=by, due=due,
        )
        for unit, name in [*((unit, "") for unit in units), *((None, name) for name in names)]
    ]  # fmt: skip
    for dispatch in made:
        dispatch.save()
        if dispatch.unit:
            notify(
                recipients(dispatch.unit, *UNIT_DESK),
                key=f"financing-dispatch:{dispatch.pk}",
                title=f"融资需求交办：{need.subject_name}",
                body=f"{need.amount.normalize():f}万元，请于{due:%m月%d日}前答复。",
                url=reverse("campaigns:financing_need", args=[need.pk]),
            )
    _enter(need, found)
    _settle(need)
    need.save(update_fields=["state"])
    audit.record(by, "financing.dispatched", need, banks=len(made))
    return made


@dataclass(frozen=True)
class BankAnswer:
    answer: str
    credit: Decimal | None = None
    lent: Decimal | None = None
    product: str = ""
    reason: str = ""


@transaction.atomic
def answer_dispatch(*, by: User, dispatch: FinancingDispatch, given: BankAnswer) -> FinancingDispatch:
    """授信 with its amount, later 放款; or 不予支持 with the reason. A yes may be completed until the need is closed."""
    need = (
        FinancingNeed.objects.select_for_update(of=("self",))
        .select_related("district")
        .get(pk=dispatch.need_id)
    )
    found = (
        FinancingDispatch.objects.select_for_update(of=("self",)).select_related("unit").get(pk=dispatch.pk)
    )
    found.need = need
    if not may_answer(by, found):
        raise PermissionDenied(WHO_ANSWERS)
    if need.state in {State.WITHDRAWN, State.UNSOLVED}:
        raise ValidationError("这条融资需求已经结束，不能再登记答复。")
    errors = Errors()
    reason = errors.text("reason", given.reason, 300)
    product = errors.text("product", given.product, 60)
    credit, lent = given.credit or Decimal(0), given.lent or Decimal(0)
    if given.answer == Answer.CREDIT:
        _money(errors, "credit", given.credit, "请填写授信额。")
        if lent:
            _money(errors, "lent", lent)
        if lent > credit:
            errors.add("lent", "放款额不能大于授信额。")
    elif given.answer == Answer.REFUSED:
        credit = lent = Decimal(0)
        if not reason and "reason" not in errors.found:
            errors.add("reason", "请写明不予支持的原因。")
    else:
        errors.add("answer", "请选择答复。")
    errors.stop()
    now = clock.now()
    found.answer, found.credit, found.lent = given.answer, credit, lent
    found.product, found.reason = product, reason
    found.answered_at, found.answered_by = found.answered_at or now, by
    found.lent_at = (found.lent_at or now) if lent else None
    found.save()
    _settle(need)
    need.closed_at = now if need.state == State.LENT else None
    need.save(update_fields=["state", "closed_at"])
    audit.record(by, f"financing.{given.answer}", found)
    return found


def _settle(need: FinancingNeed) -> None:
    """The state that follows from what the banks have answered. Lent: all that was asked for, or all that was granted
    and no bank is still to answer."""
    answers = list(need.dispatches.all())
    credit = sum((one.credit for one in answers), Decimal(0))
    lent = sum((one.lent for one in answers), Decimal(0))
    waiting = any(one.is_waiting for one in answers)
    if lent and (lent >= need.amount or (lent >= credit and not waiting)):
        need.state = State.LENT
    elif credit:
        need.state = State.CREDITED
    elif waiting:
        need.state = State.DISPATCHED
    else:
        need.state = State.OPEN


def _locked(by: User, need: FinancingNeed) -> FinancingNeed:
    rows = FinancingNeed.objects.select_for_update(of=("self",)).select_related(
        "district", "region", "unit", "enterprise", "project"
    )
    need = rows.get(pk=need.pk)
    if not may_keep_need(by, need):
        raise PermissionDenied(WHO_KEEPS)
    return need
