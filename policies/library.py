"""The policy library (政策库): publishing, changing, ending.

Kept by the liaison or leader of the competent unit, and by the lead bureau's dispatcher.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.audit import record
from accounts.models import User
from core import clock
from core.wording import spoken
from districts.models import Region
from enterprises.models import Industry, SizeClass
from policies.checks import Errors, one_line, web_address
from policies.models import Policy
from policies.permissions import acts_for, may_change, may_keep
from policies.selectors import TIERS

FIELDS = (
    "title", "document_number", "unit", "summary", "url", "published_on", "apply_until",
    "tiers", "industries", "size_classes", "public",
)  # fmt: skip
CONDITIONS: dict[str, dict[str, str]] = {
    "tiers": TIERS,
    "industries": dict(Industry.choices),
    "size_classes": dict(SizeClass.choices),
}
NOT_YOURS = spoken("政策由主管单位的联络员、负责人和牵头局调度员维护。")
MOST_SUMMARY = 2_000


@transaction.atomic
def publish_policy(*, by: User, facts: Mapping[str, Any]) -> Policy:
    """A new policy of the district. Raises ``ValidationError`` by field."""
    unit = facts.get("unit")
    if not may_keep(by) or (unit is not None and not acts_for(by, unit)):
        raise PermissionDenied(NOT_YOURS)
    assert by.unit is not None
    policy = Policy(district=by.unit.district, **{name: facts[name] for name in FIELDS if name in facts})
    _check(policy)
    policy.save()
    record(by, "policy.publish", policy, unit=policy.unit_id)
    return policy


@transaction.atomic
def change_policy(*, by: User, policy: Policy, facts: Mapping[str, Any]) -> Policy:
    """Write the facts that differ. Neither the old nor the new competent unit may be somebody else's."""
    policy = _locked(by, policy)
    changed = [name for name in FIELDS if name in facts and facts[name] != getattr(policy, name)]
    for name in changed:
        setattr(policy, name, facts[name])
    if not acts_for(by, policy.unit):
        raise PermissionDenied(NOT_YOURS)
    _check(policy)
    if changed:
        policy.save()
        record(by, "policy.change", policy, fields=changed)
    return policy


@transaction.atomic
def end_policy(*, by: User, policy: Policy) -> Policy:
    """No longer in force: not offered any more and off the public page. What was handed out and paid stays."""
    policy = _locked(by, policy)
    if not policy.active:
        raise ValidationError("这项政策已经是失效状态。")
    policy.active = False
    policy.save(update_fields=["active"])
    record(by, "policy.end", policy)
    return policy


@transaction.atomic
def restore_policy(*, by: User, policy: Policy) -> Policy:
    """In force again after all."""
    policy = _locked(by, policy)
    if policy.active:
        raise ValidationError("这项政策本来就有效。")
    policy.active = True
    _check(policy)
    policy.save(update_fields=["active"])
    record(by, "policy.restore", policy)
    return policy


def _locked(by: User, policy: Policy) -> Policy:
    locked = Policy.objects.select_for_update(of=("self",)).select_related("unit", "district")
    policy = locked.get(pk=policy.pk)
    if not may_change(by, policy):
        raise PermissionDenied(NOT_YOURS)
    return policy


def _check(policy: Policy) -> None:
    errors = Errors()
    policy.title, policy.document_number = one_line(policy.title), one_line(policy.document_number)
    policy.summary = policy.summary.strip()
    try:
        policy.url = web_address(policy.url)
    except ValidationError as error:
        errors.take("url", error)
    for field, known in CONDITIONS.items():
        codes = getattr(policy, field)
        if not set(codes) <= known.keys():
            errors.add(field, "请从列出的选项中选择。")
        # In the order of the form, each once; all of them together mean nobody is left out.
        setattr(policy, field, [code for code in known if code in codes] if len(codes) < len(known) else [])
    if len(policy.summary) > MOST_SUMMARY:
        errors.add("summary", f"要点最多 {MOST_SUMMARY} 字，更长的请附原文链接。")
    if policy.published_on and policy.published_on > clock.today():
        errors.add("published_on", "发布日期不能晚于今天。")
    if policy.published_on and policy.apply_until and policy.apply_until < policy.published_on:
        errors.add("apply_until", "申报截止不能早于发布日期。")
    if policy.active and policy.title and _has_twin(policy):
        errors.add("title", "政策库中已有同名的有效政策，请直接修改那一项。")
    try:
        policy.clean_fields(exclude=["url", *CONDITIONS])
    except ValidationError as error:
        for field, messages in error.message_dict.items():
            errors.take(field, ValidationError(messages))
    errors.raise_any()


def _has_twin(policy: Policy) -> bool:
    # The district's row is the lock: two who publish the same title at once are asked one after the other.
    Region.objects.select_for_update(no_key=True).get(pk=policy.district_id)
    same = Policy.objects.filter(district=policy.district_id, title=policy.title).in_force()
    return same.exclude(pk=policy.pk).exists()
