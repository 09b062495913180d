"""一企一档: everything about one firm or project that a visitor is to know, as far as the reader may see it.

行业清 (its industry), 企业清 (itself), 政策清 (what it may apply for): the toolkit of a visit, on screen and on paper.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Q, Sum, When, prefetch_related_objects

from accounts.models import User
from appeals.models import Appeal, Effect
from campaigns.models import FinancingNeed, JobOpening
from campaigns.needs.permissions import may_collect, may_record_financing, may_record_opening
from campaigns.needs.services.openings import label_of
from core import clock
from districts.models import DistrictProfile
from districts.profile import Rules
from enterprises import history
from enterprises.change_reports import may_report
from enterprises.models import ChangeReport, Enterprise, Industry, Project, Tier
from enterprises.policies import may_edit
from enterprises.querysets import DISTRICT_WIDE
from enterprises.selectors import years_of
from enterprises.titles import titles_in_words
from enterprises.yearly import may_keep_years
from liaisons.models import Assignment, Attendance, Plaque, Visit
from liaisons.permissions import may_assign, may_record_visit
from policies.models import HandOut, Payment
from policies.selectors import names_industry, open_policies, policies_for

SHOWN = 6
SHOWN_HISTORY = 8
SHOWN_CATEGORIES = 8
# Papers, payments and effects of one firm are added up here; no firm has more.
MOST_ADDED_UP = 200
A_YEAR = timedelta(days=365)


@dataclass
class Bar:
    """A figure with the length of its bar, of 100."""

    label: str
    value: int
    share: int = 0
    note: str = ""


def firm_file(user: User, entry: Enterprise | Project) -> dict[str, Any]:
    """The context of the firm's page and of its print; the number of queries does not depend on what happened."""
    about = {"enterprise" if isinstance(entry, Enterprise) else "project": entry}
    rules = DistrictProfile.objects.in_force(entry.district, clock.today()).rules
    return (
        _people(user, entry, about, rules)
        | _happened(user, about, rules)
        | _needs(user, about, rules)
        | _given(user, entry, about, rules)
        | _industry(user, entry, rules)
        | _may(user, entry)
        | {
            "entry": entry,
            "shown": SHOWN,
            "is_project": isinstance(entry, Project),
            "years": years_of(entry) if isinstance(entry, Enterprise) else [],
            "titles": titles_in_words(entry, rules) if isinstance(entry, Enterprise) else [],
            "history": history.of(entry, most=SHOWN_HISTORY),
            "rules": rules,
        }
    )


# --- 企业清 ---------------------------------------------------------------------------------------


def _people(user: User, entry: Enterprise | Project, about: dict[str, Any], rules: Rules) -> dict[str, Any]:
    assignments = Assignment.objects.visible_to(user).in_force().filter(**about)
    others = Assignment.objects.none()
    if rules.assignment_kinds:
        others = Assignment.every_kind.visible_to(user).in_force().of_other_kinds().filter(**about)
    plaques = Plaque.objects.visible_to(user).in_force().filter(**about)
    projects = Project.objects.visible_to(user).active().filter(owner=entry.pk)
    return {
        "assignments": assignments.select_related("official", "unit").order_by("part", "started", "id")[
            :SHOWN
        ],
        "other_assignments": [
            {"assignment": one, "kind": rules.label("assignment_kinds", one.kind)}
            for one in others.select_related("official", "unit").order_by("kind", "part", "started", "id")[
                :SHOWN
            ]
        ],
        "plaque": plaques.with_reasons().first(),
        "projects": [] if isinstance(entry, Project) else projects[:SHOWN],
        "open_reports": ChangeReport.objects.visible_to(user).open().filter(**about).count(),
    }


def _happened(user: User, about: dict[str, Any], rules: Rules) -> dict[str, Any]:
    visits = Visit.objects.visible_to(user).filter(**about)
    appeals = Appeal.objects.visible_to(user).filter(**about)
    attendances = Attendance.objects.visible_to(user).filter(**about)
    still_open = Case(When(status__in=Appeal.FINAL, then=1), default=0)
    return {
        "visits": [
            {"visit": visit, "kind": rules.label("visit_kinds", visit.kind)}
            for visit in visits.select_related("reporting_unit")[:SHOWN]
        ],
        "appeals": [
            {"appeal": appeal, "category": rules.label("categories", appeal.category)}
            for appeal in appeals.select_related("lead_unit").order_by(still_open, "-submitted_at")[:SHOWN]
        ],
        "appeals_open": appeals.open().count(),
        "effects": _effects(user, about, rules),
        "attendances": [
            {"event": row.event, "kind": rules.label("event_kinds", row.event.kind), "attendee": row.attendee}
            for row in attendances.select_related("event").order_by("-event__starts_at")[:SHOWN]
        ],
    }


def _needs(user: User, about: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """What it looks for: people, and money; what is over comes last."""
    openings = JobOpening.objects.visible_to(user).filter(**about).select_related("unit")
    is_over = Case(When(state__in=JobOpening.CURRENT, then=0), default=1)
    money = FinancingNeed.objects.visible_to(user).filter(**about).select_related("unit")
    return {
        "openings": [
            {"opening": found, "work": label_of(found, rules)}
            for found in openings.order_by(is_over, "-recorded_at", "-pk")[:SHOWN]
        ],
        "financing": money.order_by("-recorded_at", "-pk")[:SHOWN],
        "may_record_opening": may_record_opening(user) or may_collect(user),
        "may_record_financing": may_record_financing(user) or may_collect(user),
    }


def _effects(user: User, about: dict[str, Any], rules: Rules) -> list[dict[str, Any]]:
    """What answers achieved, by kind, each with the appeals it comes from."""
    of_firm = Effect.objects.visible_to(user).filter(**{f"appeal__{name}": it for name, it in about.items()})
    sums = of_firm.order_by().values("kind", "appeal__number").annotate(total=Sum("change"))
    found: dict[str, dict[str, Any]] = {}
    for row in sums.order_by("kind", "appeal__number")[:MOST_ADDED_UP]:
        kind = rules.find("effects", row["kind"])
        one = found.setdefault(
            row["kind"],
            {
                "label": rules.label("effects", row["kind"]),
                "unit": getattr(kind, "unit", ""),
                "total": Decimal(0),
                "numbers": [],
            },
        )
        if row["total"]:
            one["total"] += row["total"]
            one["numbers"].append(row["appeal__number"])
    return [one for one in found.values() if one["total"]]


# --- 政策清 ---------------------------------------------------------------------------------------


def _given(user: User, entry: Enterprise | Project, about: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """Papers handed out, money paid, and what else the firm may apply for."""
    hand_outs = (
        HandOut.objects.visible_to(user).filter(**about).select_related("policy", "policy_list", "unit")
    )
    papers = list(hand_outs[:MOST_ADDED_UP])
    payments = list(
        Payment.objects.visible_to(user)
        .standing()
        .filter(**about)
        .select_related("policy", "unit")[:MOST_ADDED_UP]
    )
    policies = open_policies(entry.district)
    given: dict[int, datetime] = {}
    prefetch_related_objects([paper for paper in papers if paper.policy_list_id], "policy_list__policies")
    for paper in reversed(papers):
        listed = paper.policy_list.policies.all() if paper.policy_list else []
        for pk in (paper.policy_id, *(policy.pk for policy in listed)):
            if pk:
                given[pk] = paper.occurred_at
    paid = {payment.policy_id for payment in payments}
    fits: list[dict[str, Any]] = [
        {"fit": fit, "given": given.get(fit.policy.pk), "paid": fit.policy.pk in paid}
        for fit in policies_for(entry, policies, rules)
    ]
    return {
        "hand_outs": papers[:SHOWN],
        "hand_outs_total": len(papers),
        "payments": payments[:SHOWN],
        "payments_total": sum((payment.amount for payment in payments), Decimal(0)),
        "policies": fits,
        "policies_special": [
            item for item in fits if not item["fit"].is_general and item["fit"].state == "met"
        ],
        "policies_open": [item for item in fits if item["fit"].state == "open"],
        "policies_general": [item for item in fits if item["fit"].is_general],
        "industry_policies": [policy for policy in policies if names_industry(policy, entry.industry)],
    }


# --- 行业清 ---------------------------------------------------------------------------------------


def _industry(user: User, entry: Enterprise | Project, rules: Rules) -> dict[str, Any]:
    if not entry.industry:
        return {"industry": "", "industry_tiers": [], "industry_appeals": []}
    firms = Enterprise.objects.visible_to(user).active().filter(industry=entry.industry)
    here = Q(region=entry.region_id)
    counted = {
        row["tier"]: row
        for row in firms.order_by().values("tier").annotate(all=Count("pk"), here=Count("pk", filter=here))
    }
    tiers = [
        Bar(label, counted.get(tier, {}).get("all", 0), note=str(counted.get(tier, {}).get("here", 0)))
        for tier, label in Tier.choices
    ]
    since = clock.now() - A_YEAR
    appeals = Appeal.objects.visible_to(user).filter(submitted_at__gte=since)
    in_industry = Q(enterprise__industry=entry.industry) | Q(project__industry=entry.industry)
    categories = appeals.filter(in_industry).order_by().values_list("category").annotate(number=Count("pk"))
    asked = [
        Bar(rules.label("categories", category), number)
        for category, number in categories.order_by("-number", "category")[:SHOWN_CATEGORIES]
    ]
    return {
        "industry": Industry(entry.industry).label,
        "industry_scope": (scope := _scope_name(user, entry)),
        "industry_here": scope != entry.region.name,
        "industry_tiers": _with_shares(tiers),
        "industry_appeals": _with_shares(asked),
    }


def _scope_name(user: User, entry: Enterprise | Project) -> str:
    """Whose firms the reader's figures cover."""
    if user.unit is None:
        return ""
    near = user.unit.widest_region if user.has_role(*DISTRICT_WIDE) else user.unit.region
    return near.name if near.contains(entry.region) else "您能看到的范围"


def _with_shares(bars: Iterable[Bar]) -> list[Bar]:
    bars = list(bars)
    most = max((bar.value for bar in bars), default=0)
    for bar in bars:
        bar.share = round(bar.value / most * 100) if most else 0
    return bars


# --- What may be done from here -------------------------------------------------------------------


def _may(user: User, entry: Enterprise | Project) -> dict[str, bool]:
    return {
        "may_edit": may_edit(user, entry),
        "may_visit": entry.active and may_record_visit(user),
        "may_assign": entry.active and may_assign(user),
        "may_report": may_report(user),
        "may_keep_years": isinstance(entry, Enterprise) and may_keep_years(user, entry),
    }


# --- On paper -------------------------------------------------------------------------------------

ON_PAPER = {
    "visits": 3, "appeals": 5, "attendances": 2, "years": 2, "assignments": 3, "policies": 6, "projects": 2,
    "industry_appeals": 4,
}  # fmt: skip


def on_one_page(context: dict[str, Any]) -> dict[str, Any]:
    """The same, cut to what one A4 page holds; what was cut is counted."""
    cut = {name: list(context[name])[:most] for name, most in ON_PAPER.items()}
    return context | cut | {"policies_total": len(context["policies"])}
