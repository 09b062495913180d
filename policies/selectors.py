"""Which policies a firm may qualify for, and why (政策清)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from accounts.models import User
from districts.models import Region
from enterprises.models import Enterprise, Industry, Project, SizeClass, Tier
from policies.models import Policy

# More policies in force than this no district has; the page stays bounded all the same.
MOST_POLICIES = 500
PROJECT_TIER = "project"
TIERS = {**dict(Tier.choices), PROJECT_TIER: "重点项目"}


@dataclass
class Fit:
    """A policy a firm may apply for. ``unsure`` names what the roster does not tell about the firm."""

    policy: Policy
    reasons: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    days_left: int | None = None

    @property
    def is_general(self) -> bool:
        """For everybody, whatever the firm is."""
        return not self.reasons and not self.unsure

    @property
    def reason(self) -> str:
        if self.is_general:
            return "不限层级、行业和规模"
        return "；".join([*self.reasons, *(f"底册未填写{label}，请核对" for label in self.unsure)])


def open_policies(district: Region) -> list[Policy]:
    """In force, and still to be applied for; the next to close first."""
    policies = Policy.objects.filter(district=district).in_force().still_open()
    return list(policies.select_related("unit").closing_soon_first()[:MOST_POLICIES])


def policies_for(entry: Enterprise | Project, policies: Iterable[Policy] | None = None) -> list[Fit]:
    """What the firm or project may qualify for; ``policies`` saves the query.

    What was made for such a firm comes first, then what is for everybody, then what the roster leaves open;
    within each, the next to close first.
    """
    if policies is None:
        policies = open_policies(entry.district)
    fits = [fit for policy in policies if (fit := _fit(policy, entry))]
    return sorted(fits, key=lambda fit: (bool(fit.unsure), fit.is_general))


def names_industry(policy: Policy, industry: str) -> bool:
    """The policy was made for this industry by name, not for everybody."""
    return bool(industry) and industry in policy.industries


def _fit(policy: Policy, entry: Enterprise | Project) -> Fit | None:
    """None if one of the policy's conditions is not met."""
    fit = Fit(policy, days_left=policy.days_left)
    tier = entry.tier if isinstance(entry, Enterprise) else PROJECT_TIER
    size = entry.size_class if isinstance(entry, Enterprise) else ""
    conditions: tuple[tuple[str, list[str], str, dict[str, str]], ...] = (
        ("层级", policy.tiers, tier, TIERS),
        ("行业", policy.industries, entry.industry, dict(Industry.choices)),
        ("规模", policy.size_classes, size, dict(SizeClass.choices)),
    )
    for label, wanted, own, names in conditions:
        if not wanted:
            continue
        if own in wanted:
            fit.reasons.append(f"适用{label}：{names[own]}")
        elif own:
            return None
        else:
            fit.unsure.append(label)
    return fit


# --- The other way round: which firms a policy is for ---------------------------------------------


def conditions_of(policy: Policy) -> list[tuple[str, str]]:
    """For whom it is, in words: each kind of condition with the names it lists."""
    found = (
        ("层级", policy.tiers, TIERS),
        ("行业", policy.industries, dict(Industry.choices)),
        ("规模", policy.size_classes, dict(SizeClass.choices)),
    )
    return [
        (label, "、".join(names.get(code, code) for code in codes) if codes else "不限")
        for label, codes, names in found
    ]


def firms_for(policy: Policy, user: User) -> QuerySet[Enterprise]:
    """The firms on the user's roster that meet every condition (the same as ``policies_for``, asked backwards)."""
    firms = _firms_near(policy, user)
    if policy.industries:
        firms = firms.filter(industry__in=policy.industries)
    if policy.size_classes:
        firms = firms.filter(size_class__in=policy.size_classes)
    return firms


def firms_unsure(policy: Policy, user: User) -> QuerySet[Enterprise]:
    """Those that may meet them all, but the roster leaves something blank."""
    firms = _firms_near(policy, user)
    blank = Q(pk__in=[])
    if policy.industries:
        firms = firms.filter(industry__in=[*policy.industries, ""])
        blank |= Q(industry="")
    if policy.size_classes:
        firms = firms.filter(size_class__in=[*policy.size_classes, ""])
        blank |= Q(size_class="")
    return firms.filter(blank)


def projects_for(policy: Policy, user: User) -> QuerySet[Project]:
    """The same for 重点项目, which have no size."""
    projects = Project.objects.visible_to(user).active().filter(district=policy.district_id)
    if (policy.tiers and PROJECT_TIER not in policy.tiers) or policy.size_classes:
        return projects.none()
    return projects.filter(industry__in=policy.industries) if policy.industries else projects


def _firms_near(policy: Policy, user: User) -> QuerySet[Enterprise]:
    firms = Enterprise.objects.visible_to(user).active().unmerged().filter(district=policy.district_id)
    return firms.filter(tier__in=policy.tiers) if policy.tiers else firms
