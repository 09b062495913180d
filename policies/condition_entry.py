"""Entering what a policy asks of a firm: one condition at a time, by whoever keeps the policy."""

from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import User
from districts.models import DistrictProfile
from policies.conditions import BY_HAND, FIELDS, Operator, sentence
from policies.library import NOT_YOURS
from policies.models import Policy, PolicyCondition
from policies.permissions import may_change

MOST_CONDITIONS = 20
MOST_TEXT = 200
MOST_FIGURE = Decimal("99999999999")
SAME = "已经有一条相同的条件。"


@transaction.atomic
def add_condition(
    *,
    by: User,
    policy: Policy,
    field: str,
    values: Sequence[str] = (),
    none_of: bool = False,
    low: Decimal | None = None,
    high: Decimal | None = None,
    text: str = "",
) -> PolicyCondition:
    """One more condition; all of a policy's conditions must hold. Raises ``ValidationError`` by field."""
    policy = _locked(by, policy)
    rules = DistrictProfile.objects.in_force(policy.district).rules
    condition = PolicyCondition(policy=policy, field=field)
    if field == BY_HAND:
        _by_hand(condition, text)
    elif field not in FIELDS:
        raise ValidationError({"field": ["请选择比对项。"]})
    elif FIELDS[field].kind == "choice":
        known = [code for code, _ in FIELDS[field].choices(policy.district, rules)]
        chosen = [code for code in known if code in set(values)]
        if not chosen or set(values) - set(known):
            raise ValidationError({"values": ["请从列出的选项中至少选择一项。"]})
        condition.operator = Operator.NONE_OF if none_of else Operator.ONE_OF
        condition.values = chosen
    else:
        _range(condition, low, high)
    condition.sentence = sentence(condition, policy.district, rules)
    if policy.conditions.filter(sentence=condition.sentence).exists():
        raise ValidationError(SAME)
    _refuse_contradiction(condition, list(policy.conditions.filter(field=field)))
    if policy.conditions.count() >= MOST_CONDITIONS:
        raise ValidationError(f"一项政策最多 {MOST_CONDITIONS} 条条件。")
    condition.save()
    record(by, "policy.condition.add", policy, condition=condition.pk, field=field)
    return condition


def _refuse_contradiction(condition: PolicyCondition, others: Sequence[PolicyCondition]) -> None:
    """All of them hold at once or none does: what no firm can meet is a slip."""
    if condition.operator == Operator.BY_HAND or not others:
        return
    every = [condition, *others]
    field = FIELDS[condition.field]
    if field.kind == "range":
        lows = [one.low for one in every if one.low is not None]
        highs = [one.high for one in every if one.high is not None]
        is_possible = not lows or not highs or max(lows) <= min(highs)
    else:
        wanted = [set(one.values) for one in every if one.operator == Operator.ONE_OF]
        barred = {value for one in every if one.operator == Operator.NONE_OF for value in one.values}
        # A firm has several titles at once, but lies in one place.
        chosen = wanted if field.several else [set.intersection(*wanted)] if wanted else []
        is_possible = all(values - barred for values in chosen)
    if not is_possible:
        had = "；".join(one.sentence for one in others)
        raise ValidationError(f"与已有的条件矛盾（{had}），没有企业能同时符合。请先删除原来的条件。")


def _by_hand(condition: PolicyCondition, text: str) -> None:
    text = " ".join(text.split())
    if not text:
        raise ValidationError({"text": ["请写明要人工核对什么。"]})
    if len(text) > MOST_TEXT:
        raise ValidationError({"text": [f"最多{MOST_TEXT}字。"]})
    condition.operator, condition.text = Operator.BY_HAND, text


def _range(condition: PolicyCondition, low: Decimal | None, high: Decimal | None) -> None:
    wrong: dict[str, list[str]] = {}
    if low is None and high is None:
        wrong["low"] = ["下限和上限至少填一个。"]
    for name, value in (("low", low), ("high", high)):
        if value is not None and not 0 <= value <= MOST_FIGURE:
            wrong[name] = ["请填 0 以上、合理的数字。"]
        elif value is not None and value != round(value, 2):
            wrong[name] = ["最多两位小数。"]
    if not wrong and low is not None and high is not None and low > high:
        wrong["high"] = ["上限不能小于下限。"]
    if wrong:
        raise ValidationError(wrong)
    both = low is not None and high is not None
    condition.operator = (
        Operator.BETWEEN if both else Operator.AT_LEAST if low is not None else Operator.AT_MOST
    )
    condition.low, condition.high = low, high


@transaction.atomic
def remove_condition(*, by: User, condition: PolicyCondition) -> None:
    policy = _locked(by, condition.policy)
    found = policy.conditions.filter(pk=condition.pk).first()
    if found is None:
        raise ValidationError("这条条件已经删除。")
    record(by, "policy.condition.remove", policy, field=found.field, sentence=found.sentence)
    found.delete()


def _locked(by: User, policy: Policy) -> Policy:
    locked = Policy.objects.select_for_update(of=("self",)).select_related("unit", "district")
    policy = locked.get(pk=policy.pk)
    if not may_change(by, policy):
        raise PermissionDenied(NOT_YOURS)
    return policy
