"""履约践诺: what a commitment is, what it must be like, and who may do what with it.

Classes, legal ways and their rules are the backlog's (``appeals.backlog_rules``): 立即类、限期类、争议类.
"""

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from accounts.models import Unit, User
from appeals.backlog_rules import (
    BUREAU,
    FURTHEST,
    MOST_AMOUNT,
    MOST_TEXT,
    Classification,
    Course,
    Route,
    Rulebook,
)
from appeals.models import Appeal, BacklogItem
from appeals.querysets import UNIT_ROLES
from campaigns.commitments.querysets import keeps_the_list
from campaigns.models import Commitment
from core import clock
from core.wording import speak
from districts.models import Region
from enterprises.models import Enterprise, Project
from enterprises.querysets import DISTRICT_WIDE
from policies.models import Claim

Kind, Contract, Debtor, State = Commitment.Kind, Commitment.Contract, Commitment.Debtor, Commitment.State
OLDEST = date(1990, 1, 1)
MOST = {"title": 100, "debtor_name": 120, "claimed_name": 120, "basis": 200, "content": MOST_TEXT}


@dataclass(frozen=True)
class Promise:
    """What was promised or is owed, by whom and to whom. Without a subject or a name: to the public."""

    kind: str
    title: str
    unit: Unit
    made_on: date
    content: str = ""
    contract: str = ""
    subject: Enterprise | Project | None = None
    claimed_name: str = ""
    debtor: str = ""
    debtor_unit: Unit | None = None
    debtor_name: str = ""
    amount: Decimal | None = None
    acknowledged: Decimal | None = None
    basis: str = ""
    contract_due_on: date | None = None
    appeal: Appeal | None = None
    backlog_item: BacklogItem | None = None
    claim: Claim | None = None


COLUMNS = {
    "kind": "类别", "contract": "合同类别", "title": "承诺事项", "content": "具体内容", "subject": "对象",
    "unit": "责任单位", "debtor": "欠款方类别", "debtor_unit": "欠款单位", "debtor_name": "欠款企业",
    "amount": "金额（万元）", "acknowledged": "确认金额（万元）", "basis": "依据", "made_on": "承诺（签订）日期",
    "contract_due_on": "合同约定日期", "appeal": "诉求", "backlog_item": "存量问题", "claim": "兑现申请",
    "classification": "分类", "due_on": "兑现时限", "plan": "兑现方案", "route": "法律途径", "next_step": "下一步",
}  # fmt: skip
"""What people call each part of a promise and a course."""
CHOICES: dict[str, Any] = {
    "kind": Kind, "contract": Contract, "debtor": Debtor, "classification": Classification, "route": Route,
}  # fmt: skip


def promise_of(commitment: Commitment) -> Promise:
    """As it stands now, with its units and subject loaded."""
    plain = {one.name for one in fields(Promise)}
    return Promise(**{name: getattr(commitment, name) for name in plain})


def course_of(commitment: Commitment) -> Course:
    return Course(**{one.name: getattr(commitment, one.name) for one in fields(Course)})


def tidy(promise: Promise) -> Promise:
    """Single blanks; and without what does not belong to its kind."""
    words: dict[str, Any] = {
        name: " ".join(getattr(promise, name).split())
        for name in ("title", "claimed_name", "debtor_name", "basis")
    }
    words["content"] = promise.content.strip()
    if promise.subject:
        words["claimed_name"] = ""
    if promise.kind != Kind.DEBT:
        words |= {"debtor": "", "debtor_unit": None, "debtor_name": "", "acknowledged": None}
    elif promise.debtor == Debtor.UNIT:
        words["debtor_name"] = ""
    else:
        words["debtor_unit"] = None
    if promise.kind not in (Kind.CONTRACT, Kind.DEBT):
        words |= {"contract": "", "contract_due_on": None}
    return replace(promise, **words)


def differences(was: Promise, promise: Promise, was_course: Course, course: Course) -> list[dict[str, str]]:
    """What is no longer the same, in words."""
    changes = []
    for name, title in COLUMNS.items():
        old, new = (was, promise) if hasattr(was, name) else (was_course, course)
        before, after = in_words(old, name), in_words(new, name)
        if before != after:
            changes.append({"title": title, "before": before, "after": after})
    return changes


def in_words(of: Any, name: str) -> str:
    value = getattr(of, name)
    if name == "subject":
        return value.name if value else of.claimed_name or "社会公众"
    if name in CHOICES:
        return str(CHOICES[name](value).label) if value else ""
    return "" if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


# --- Who ------------------------------------------------------------------------------------------


def may_manage(user: User) -> bool:
    """Keeps the list: records for every unit, classifies, ends, publishes. The lead bureau, and the units named."""
    return user.unit_id is not None and (user.has_role(*BUREAU) or keeps_the_list(user))


def has_a_part(user: User) -> bool:
    """Whose work has to do with the list at all."""
    return user.unit_id is not None and user.has_role(*DISTRICT_WIDE, *UNIT_ROLES)


def may_record(user: User) -> bool:
    """A unit enters its own promises; for others, those who keep the list."""
    return user.unit_id is not None and user.has_role(*UNIT_ROLES, *BUREAU)


def may_manage_one(user: User, commitment: Commitment) -> bool:
    return user.unit is not None and user.unit.district_id == commitment.district_id and may_manage(user)


def answers_for(user: User, commitment: Commitment) -> bool:
    return user.unit_id == commitment.unit_id and user.has_role(*UNIT_ROLES, *BUREAU)


def may_work(user: User, commitment: Commitment) -> bool:
    """Plan, progress, payments: the responsible unit, and those who keep the list."""
    return answers_for(user, commitment) or may_manage_one(user, commitment)


def may_report(user: User, commitment: Commitment) -> bool:
    return commitment.is_running and not commitment.reported_at and answers_for(user, commitment)


def may_confirm(user: User, commitment: Commitment) -> bool:
    """Nobody confirms what they reported themselves; where the profile names confirming units, these and the bureau."""
    return (
        commitment.awaits_confirmation
        and commitment.reported_by_id != user.pk
        and may_manage_one(user, commitment)
    )


# --- The rules of an entry ------------------------------------------------------------------------


class Register(Rulebook):
    """What a promise and a course must be like in a district; for many rows of a sheet as for one form."""

    def __init__(self, district: Region) -> None:
        super().__init__(district)
        self.own = self.rules.commitments

    @cached_property
    def debtors(self) -> dict[int, Unit]:
        """Every unit of the district can owe something, also one that handles no appeals."""
        units = Unit.objects.of_district(self.district).active()
        return {unit.pk: unit for unit in units.order_by("order", "pk")}

    def of_promise(self, promise: Promise, was: Promise | None = None) -> dict[str, str]:
        """What is wrong, by field. What stood there before may stay."""
        wrong: dict[str, str] = {}
        if promise.kind not in Kind.values:
            return {"kind": "请选择类别。"}
        if not promise.title:
            wrong["title"] = "请写明承诺了什么、欠什么款。"
        if not promise.basis:
            wrong["basis"] = "请写明依据的文件、合同或凭证。"
        for name, most in MOST.items():
            if len(getattr(promise, name)) > most:
                wrong[name] = f"最多{most}字。"
        if promise.kind != Kind.PROMISE and promise.subject is None and not promise.claimed_name:
            wrong["subject"] = speak("请选择企业、项目，不在底册的填写名称。")
        if promise.unit.pk not in self.units and (was is None or was.unit != promise.unit):
            wrong["unit"] = "请选择本区县的责任单位。"
        if promise.kind == Kind.CONTRACT and promise.contract not in Contract.values:
            wrong["contract"] = "请选择合同类别。"
        today = clock.today()
        if not OLDEST <= promise.made_on <= today:
            wrong["made_on"] = "日期不能晚于今天，请核对年份。"
        due = promise.contract_due_on
        if due is not None and not promise.made_on <= due <= today + FURTHEST:
            wrong["contract_due_on"] = "约定日期不能早于签订日期，请核对年份。"
        wrong |= self._of_money(promise)
        wrong |= self._of_links(promise, was)
        return wrong

    def _of_money(self, promise: Promise) -> dict[str, str]:
        wrong: dict[str, str] = {}
        for name in ("amount", "acknowledged"):
            value = getattr(promise, name)
            if value is not None and not 0 < value <= MOST_AMOUNT:
                wrong[name] = "金额应大于 0，以万元为单位。"
            elif value is not None and value != round(value, 2):
                wrong[name] = "最多两位小数（精确到百元）。"
        if promise.kind != Kind.DEBT:
            return wrong
        if promise.amount is None:
            wrong["amount"] = "请填写拖欠的金额。"
        if promise.debtor not in Debtor.values:
            wrong["debtor"] = "请选择欠款方类别。"
        elif promise.debtor == Debtor.UNIT and (
            promise.debtor_unit is None or promise.debtor_unit.pk not in self.debtors
        ):
            wrong["debtor_unit"] = "请选择欠款的单位。"
        elif promise.debtor != Debtor.UNIT and not promise.debtor_name:
            wrong["debtor_name"] = "请填写欠款企业的名称。"
        if promise.claimed_name and promise.claimed_name == promise.debtor_name:
            wrong["debtor_name"] = "欠款方和被拖欠的企业不能是同一家。"
        return wrong

    def _of_links(self, promise: Promise, was: Promise | None) -> dict[str, str]:
        wrong: dict[str, str] = {}
        appeal = promise.appeal
        if appeal is not None and (was is None or was.appeal != appeal):
            if appeal.district_id != self.district.pk:
                wrong["appeal"] = "这件诉求不是本区县的。"
            elif Commitment.objects.running().filter(appeal=appeal).exists():
                wrong["appeal"] = "这件诉求已经在履约清单上。"
        item = promise.backlog_item
        if item is not None and item.district_id != self.district.pk:
            wrong["backlog_item"] = "这件存量问题不是本区县的。"
        claim = promise.claim
        if claim is not None and (was is None or was.claim != claim):
            if claim.district_id != self.district.pk:
                wrong["claim"] = "这笔兑现申请不是本区县的。"
            elif Commitment.objects.running().filter(claim=claim).exists():
                wrong["claim"] = "这笔兑现申请已经在履约清单上。"
        return wrong

    def of_course(
        self, course: Course, was: Course | None = None, since: date | None = None
    ) -> dict[str, str]:
        """Like the backlog's; but what fell due before it was recorded is recorded as overdue."""
        long_due = was is None and course.due_on < clock.today()
        wrong = super().of_course(course, course if long_due else was, since)
        if long_due and course.due_on < OLDEST:
            wrong["due_on"] = "日期过早，请核对年份。"
        return wrong
