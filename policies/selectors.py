"""Which policies a firm may qualify for, and why (政策清); and the other way round, which firms a policy is for."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from accounts.models import User
from core.wording import speak
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Industry, Project, SizeClass, Tier
from policies.conditions import Asked, Check, Known, State, asked_of_many, check
from policies.models import Policy

# More policies in force than this no district has; the page stays bounded all the same.
MOST_POLICIES = 500
PROJECT_TIER = "project"
TIERS = {**dict(Tier.choices), PROJECT_TIER: "重点项目"}
ORDER: dict[State, int] = {"met": 0, "open": 1, "failed": 2}
STATES: dict[State, str] = {"met": "适用", "open": "可能适用", "failed": "不适用"}


@dataclass
class Fit:
    """A policy held against a firm: each condition with its state and the reason."""

    policy: Policy
    checks: list[Check] = field(default_factory=list)

    @property
    def state(self) -> State:
        """All conditions must hold; one that fails decides, then one that is open."""
        return max((check.state for check in self.checks), key=ORDER.__getitem__, default="met")

    @property
    def label(self) -> str:
        return STATES[self.state]

    @property
    def days_left(self) -> int | None:
        return self.policy.days_left

    @property
    def is_general(self) -> bool:
        """For everybody, whatever the firm is."""
        return not self.checks

    @property
    def reasons(self) -> list[str]:
        return [check.words for check in self.checks if check.state == "met"]

    @property
    def unsure(self) -> list[Check]:
        """What is not known about the firm, each with where it is filled in."""
        return [check for check in self.checks if check.state == "open"]

    @property
    def failures(self) -> list[str]:
        return [check.words for check in self.checks if check.state == "failed"]

    @property
    def reason(self) -> str:
        if self.is_general:
            return "不限层级、行业和规模"
        if self.state == "failed":
            return "；".join(self.failures)
        return "；".join([*self.reasons, *(check.words for check in self.unsure)])


def open_policies(district: Region) -> list[Policy]:
    """In force, and still to be applied for; the next to close first."""
    policies = Policy.objects.filter(district=district).in_force().still_open()
    related = policies.select_related("unit").prefetch_related("conditions")
    return list(related.closing_soon_first()[:MOST_POLICIES])


def all_fits(
    entry: Enterprise | Project,
    policies: Iterable[Policy] | None = None,
    *,
    in_public: bool = False,
    rules: Rules | None = None,
) -> list[Fit]:
    """Every policy with its verdict: what fits, what may fit, what does not; within each, the next to close first.

    What was made for such a firm comes before what is for everybody. ``in_public``: see ``conditions.check``.
    """
    if policies is None:
        policies = open_policies(entry.district)
    known = Known(entry, rules)
    fits = [Fit(policy, _checks(policy, known, in_public)) for policy in policies]
    return sorted(fits, key=lambda fit: (ORDER[fit.state], fit.is_general))


def fit_of(policy: Policy, known: Known) -> Fit:
    """One policy held against one firm."""
    return Fit(policy, _checks(policy, known, in_public=False))


def policies_for(
    entry: Enterprise | Project, policies: Iterable[Policy] | None = None, rules: Rules | None = None
) -> list[Fit]:
    """What the firm or project qualifies for, and last what it may qualify for; ``policies`` saves the query."""
    return [fit for fit in all_fits(entry, policies, rules=rules) if fit.state != "failed"]


def names_industry(policy: Policy, industry: str) -> bool:
    """The policy was made for this industry by name, not for everybody."""
    return bool(industry) and industry in policy.industries


def _checks(policy: Policy, known: Known, in_public: bool) -> list[Check]:
    own = known.entry
    tier = own.tier if isinstance(own, Enterprise) else PROJECT_TIER
    size = own.size_class if isinstance(own, Enterprise) else ""
    listed: tuple[tuple[str, list[str], str, dict[str, str]], ...] = (
        ("层级", policy.tiers, tier, TIERS),
        ("行业", policy.industries, own.industry, dict(Industry.choices)),
        ("规模", policy.size_classes, size, dict(SizeClass.choices)),
    )
    checks = []
    for label, wanted, value, names in listed:
        if not wanted:
            continue
        asked = f"{label}：{'、'.join(names.get(code, code) for code in wanted)}"
        if value in wanted:
            checks.append(Check(label, asked, "met", f"适用{label}：{names[value]}"))
        elif value:
            checks.append(Check(label, asked, "failed", f"{label}是{names[value]}，只适用{asked}"))
        else:
            checks.append(Check(label, asked, "open", f"{speak('底册')}未填写{label}，请核对", "edit"))
    return [*checks, *(check(one, known, in_public=in_public) for one in policy.conditions.all())]


# --- The other way round: which firms a policy is for ---------------------------------------------


def conditions_of(policy: Policy) -> list[tuple[str, str]]:
    """For whom it is, in words: each kind of condition with the names it lists."""
    found = (
        ("层级", policy.tiers, TIERS),
        ("行业", policy.industries, dict(Industry.choices)),
        ("规模", policy.size_classes, dict(SizeClass.choices)),
    )
    said = [
        (label, "、".join(names.get(code, code) for code in codes) if codes else "不限")
        for label, codes, names in found
    ]
    return [*said, *(("其他条件", condition.sentence) for condition in policy.conditions.all())]


def for_whom(policy: Policy) -> str:
    """Its conditions in one line."""
    return "；".join(
        names if label == "其他条件" else f"{label}：{names}"
        for label, names in conditions_of(policy)
        if names != "不限"
    )


def firms_for(policy: Policy, user: User) -> QuerySet[Enterprise]:
    """The firms on the user's roster that meet every condition (the same as ``policies_for``, asked backwards)."""
    firms = _firms_near(policy, user)
    if policy.industries:
        firms = firms.filter(industry__in=policy.industries)
    if policy.size_classes:
        firms = firms.filter(size_class__in=policy.size_classes)
    return _asked(policy).apply(firms)


def firms_unsure(policy: Policy, user: User) -> QuerySet[Enterprise]:
    """Those that may meet them all, but something about them is not known or has to be looked at."""
    firms, known = _firms_near(policy, user), Q()
    if policy.industries:
        firms = firms.filter(industry__in=[*policy.industries, ""])
        known &= ~Q(industry="")
    if policy.size_classes:
        firms = firms.filter(size_class__in=[*policy.size_classes, ""])
        known &= ~Q(size_class="")
    asked = _asked(policy)
    firms = firms.annotate(**asked.annotations).filter(*asked.not_failed)
    if asked.by_hand:
        return firms
    all_met = firms.order_by().filter(known, *asked.met)
    return firms.exclude(pk__in=all_met.values("pk"))


def firms_out(policy: Policy, user: User) -> QuerySet[Enterprise]:
    """Those for which a condition fails."""
    fits = firms_for(policy, user).order_by().values("pk")
    unsure = firms_unsure(policy, user).order_by().values("pk")
    firms = Enterprise.objects.visible_to(user).active().unmerged().filter(district=policy.district_id)
    return firms.exclude(pk__in=fits).exclude(pk__in=unsure)


def projects_for(policy: Policy, user: User) -> QuerySet[Project]:
    """The same for 重点项目, which have no size, no titles and no years."""
    projects = Project.objects.visible_to(user).active().filter(district=policy.district_id)
    conditions = list(policy.conditions.all())
    only_places = all(condition.field == "place" for condition in conditions)
    if (policy.tiers and PROJECT_TIER not in policy.tiers) or policy.size_classes or not only_places:
        return projects.none()
    if policy.industries:
        projects = projects.filter(industry__in=policy.industries)
    return _asked(policy).apply(projects) if conditions else projects


def _asked(policy: Policy) -> Asked:
    rules = DistrictProfile.objects.in_force(policy.district).rules
    return asked_of_many(list(policy.conditions.all()), rules)


def _firms_near(policy: Policy, user: User) -> QuerySet[Enterprise]:
    firms = Enterprise.objects.visible_to(user).active().unmerged().filter(district=policy.district_id)
    return firms.filter(tier__in=policy.tiers) if policy.tiers else firms
