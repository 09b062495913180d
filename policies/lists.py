"""政策清单: composing one for a firm, an industry or an event, changing it, taking it out of use."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.audit import record
from accounts.models import Unit, User
from core import clock
from core.wording import spoken
from enterprises.models import Enterprise, Industry, Project
from policies.checks import Errors, one_line
from policies.models import Policy, PolicyList
from policies.permissions import acts_for, may_hand_out

NOT_YOURS = spoken("政策清单由联企干部、服务窗口、单位联络员、负责人和调度员制作。")
MOST_ON_A_LIST = 40
Kind = PolicyList.Kind


@dataclass(frozen=True)
class Contents:
    """What a list is made of."""

    title: str
    kind: str
    policies: Sequence[Policy]
    entry: Enterprise | Project | None = None
    industry: str = ""
    occasion: str = ""
    note: str = ""


@transaction.atomic
def make_list(*, by: User, unit: Unit, contents: Contents) -> PolicyList:
    """A list of ``unit``; the code on its paper leads to the public page of it."""
    if not may_hand_out(by) or not acts_for(by, unit):
        raise PermissionDenied(NOT_YOURS)
    made = PolicyList(
        district=unit.district,
        unit=unit,
        token=secrets.token_urlsafe(9),
        created_at=clock.now(),
        created_by=by,
    )
    _write(by, made, contents)
    record(by, "policy_list.make", made, policies=[policy.pk for policy in contents.policies])
    return made


@transaction.atomic
def change_list(*, by: User, policy_list: PolicyList, contents: Contents) -> PolicyList:
    """Another title or other policies; what was handed out before stays counted."""
    policy_list = _locked(by, policy_list)
    _write(by, policy_list, contents)
    record(by, "policy_list.change", policy_list, policies=[policy.pk for policy in contents.policies])
    return policy_list


@transaction.atomic
def switch_list(*, by: User, policy_list: PolicyList, active: bool) -> PolicyList:
    """Out of use, its public page says so; back in use again."""
    policy_list = _locked(by, policy_list)
    if policy_list.active != active:
        policy_list.active = active
        policy_list.save(update_fields=["active"])
        record(by, "policy_list.switch", policy_list, active=active)
    return policy_list


def may_change_list(user: User, policy_list: PolicyList) -> bool:
    """For a list the user sees, with its unit loaded."""
    return may_hand_out(user) and acts_for(user, policy_list.unit)


def _write(by: User, policy_list: PolicyList, contents: Contents) -> None:
    errors, kind = Errors(), contents.kind
    policy_list.title, policy_list.note = one_line(contents.title), contents.note.strip()
    policy_list.kind = kind
    entry = contents.entry if kind == Kind.FIRM else None
    policy_list.enterprise = entry if isinstance(entry, Enterprise) else None
    policy_list.project = entry if isinstance(entry, Project) else None
    policy_list.industry = contents.industry if kind == Kind.INDUSTRY else ""
    policy_list.occasion = one_line(contents.occasion) if kind == Kind.EVENT else ""
    if kind not in Kind.values:
        errors.add("kind", "请选择用途。")
    if not policy_list.title:
        errors.add("title", "请填写清单名称。")
    if kind == Kind.FIRM and (
        entry is None or not type(entry)._default_manager.visible_to(by).filter(pk=entry.pk).exists()
    ):
        errors.add("subject", "请选择企业或重点项目。")
    if kind == Kind.INDUSTRY and policy_list.industry not in Industry.values:
        errors.add("industry", "请选择行业门类。")
    if kind == Kind.EVENT and not policy_list.occasion:
        errors.add("occasion", "请填写活动名称。")
    for name, most in (("title", 100), ("occasion", 100), ("note", 300)):
        if len(getattr(policy_list, name)) > most:
            errors.add(name, f"最多 {most} 字。")
    chosen = list(dict.fromkeys(contents.policies))
    if not chosen:
        errors.add("policies", "请至少选择一项政策。")
    elif len(chosen) > MOST_ON_A_LIST:
        errors.add("policies", f"一张清单最多 {MOST_ON_A_LIST} 项。")
    elif any(policy.district_id != policy_list.district_id or not policy.public for policy in chosen):
        errors.add("policies", "只能选本区县对外公开的政策。")
    errors.raise_any()
    policy_list.save()
    policy_list.policies.set(chosen)


def _locked(by: User, policy_list: PolicyList) -> PolicyList:
    locked = PolicyList.objects.select_for_update(of=("self",)).select_related(
        "unit", "district", "enterprise", "project"
    )
    policy_list = locked.get(pk=policy_list.pk)
    if not may_change_list(by, policy_list):
        raise PermissionDenied(NOT_YOURS)
    return policy_list
