"""Which seekers fit an opening, which openings a seeker, and why: simple points, each with its words.

Age is never a reason: the age band is asked for the public list alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from accounts.models import User
from campaigns.models import JobOpening, JobSeeker, Recommendation
from core.search import normalise
from districts.profile import Rules

CANDIDATES = 200
"""So many of the newest are looked at."""
SHOWN = 12
CLOSE_ENOUGH = 0.2
"""A hoped-for wage up to so much above the firm's may still be talked about."""


@dataclass
class Fit:
    opening: JobOpening
    seeker: JobSeeker
    points: int = 0
    reasons: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, opening: JobOpening, seeker: JobSeeker, rules: Rules) -> Fit:
        fit = cls(opening, seeker)
        fit._work(rules)
        fit._wage()
        if opening.region_id == seeker.region_id:
            fit._for(2, f"同在{opening.region.name}")
        return fit

    def _for(self, points: int, reason: str) -> None:
        self.points += points
        self.reasons.append(reason)

    def _work(self, rules: Rules) -> None:
        opening, seeker = self.opening, self.seeker
        if opening.trade and opening.trade == seeker.trade:
            self._for(4, f"工种相同：{rules.label('trades', opening.trade)}")
        post = normalise(opening.post)
        if post and post == normalise(seeker.post):
            self._for(4, f"岗位相同：{opening.post}")
        elif post and post in normalise(seeker.skills):
            self._for(2, f"技能里写到“{opening.post}”")
        elif opening.trade != seeker.trade and opening.trade:
            label = rules.label("trades", opening.trade)
            if any(word in normalise(seeker.skills) for word in label.split("、")):
                self._for(2, f"技能里写到“{label}”")

    def _wage(self) -> None:
        hoped, most = self.seeker.wage_hoped, self.opening.wage_to or self.opening.wage_from
        if hoped is None:
            self._for(1, "对工资没有要求")
        elif most is None:
            self.doubts.append(f"期望 {hoped} 元，岗位工资面议")
        elif hoped <= most:
            self._for(2, f"期望 {hoped} 元，岗位 {most} 元以内")
        elif hoped <= most * (1 + CLOSE_ENOUGH):
            self.doubts.append(f"期望比岗位高 {hoped - most} 元，可商量")
        else:
            self.points -= 2
            self.doubts.append(f"期望比岗位高 {hoped - most} 元")


def _works_like(trade: str, post: str) -> Q:
    """Rows about the same work: its trade, or the words of its post."""
    found = Q(trade=trade) if trade else Q(pk__in=[])
    if post:
        found |= Q(post__icontains=post) | Q(search_text__contains=normalise(post))
    return found


def _best(fits: Iterable[Fit]) -> list[Fit]:
    return sorted((fit for fit in fits if fit.points > 0), key=lambda fit: -fit.points)[:SHOWN]


def seekers_for(opening: JobOpening, user: User, rules: Rules) -> list[Fit]:
    """Of those the user may see, the best first. Whoever was put forward there before is left out."""
    label = rules.label("trades", opening.trade) if opening.trade else ""
    like = _works_like(opening.trade, opening.post)
    for word in label.split("、"):
        if word:
            like |= Q(search_text__contains=normalise(word))
    seekers: QuerySet[JobSeeker] = (
        JobSeeker.objects.visible_to(user)
        .looking()
        .filter(like, district=opening.district_id)
        .exclude(pk__in=Recommendation.objects.filter(opening=opening).values("seeker"))
        .select_related("region", "unit")
        .order_by("-consent_on", "-pk")
    )
    return _best(Fit.of(opening, seeker, rules) for seeker in seekers[:CANDIDATES])


def openings_for(seeker: JobSeeker, rules: Rules) -> list[Fit]:
    """The other way round: where somebody could be put forward."""
    like = _works_like(seeker.trade, seeker.post)
    openings = (
        JobOpening.objects.current()
        .filter(like, district=seeker.district_id)
        .exclude(pk__in=Recommendation.objects.filter(seeker=seeker).values("opening"))
        .select_related("region", "unit", "enterprise", "project")
        .order_by("-updated_at", "-pk")
    )
    return _best(Fit.of(opening, seeker, rules) for opening in openings[:CANDIDATES])
