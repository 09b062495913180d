"""恳谈会议题建议: which kinds of problems the next talk should be about, with the reasons in words.

S1 企业恳谈会: the bureau proposes topics from what has long been unsolved and from what firms care about most at
this stage; the plan sets topics of its own for the months.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from accounts import audit
from accounts.models import User
from appeals.clusters.correcting import settle
from appeals.models import FINAL, Cluster, ClusterTopic, Improvement
from core import clock
from core.wording import spoken
from districts.profile import EventTopic, Rules
from liaisons.event_calendar import next_month, topics_of
from liaisons.models import ServiceEvent
from liaisons.permissions import may_organise

NOT_YOURS = spoken("议题由活动的承办单位和牵头局选定。")
MOST_CHOSEN = 12


@dataclass(frozen=True)
class Suggestion:
    cluster: Cluster
    reasons: tuple[str, ...]
    weight: float


def suggestions(user: User, rules: Rules) -> list[Suggestion]:
    """The most pressing first: what grows, and what has been open for long. Two queries."""
    section = rules.clusters
    now = clock.now()
    old = Q(
        members__appeal__submitted_at__lt=now - timedelta(days=section.unsolved_days)
    ) & ~Q(members__how="excluded") & ~Q(members__appeal__status__in=FINAL)  # fmt: skip
    rows = (
        Cluster.objects.visible_to(user).active().with_figures(section.growth_days)
        .annotate(old=Count("members", filter=old), oldest=Min("members__appeal__submitted_at", filter=old))
        .filter(Q(old__gt=0) | Q(growth__gt=0))
    )  # fmt: skip
    found = list(rows)
    live = {
        one.cluster_id: one
        for one in Improvement.objects.live()
        .filter(cluster__in=[row.pk for row in found])
        .select_related("unit")
    }
    talked = dict(
        ClusterTopic.objects.filter(
            cluster__in=[row.pk for row in found], event__state__in=["planned", "announced", "held"]
        )
        .order_by()
        .values_list("cluster")
        .annotate(last=Max("event__starts_at"))
    )
    suggested = [_suggestion(row, live.get(row.pk), talked.get(row.pk), section.growth_days) for row in found]
    return sorted(suggested, key=lambda one: (-one.weight, one.cluster.pk))[: section.topics]


def _suggestion(cluster, live: Improvement | None, talked, growth_days: int) -> Suggestion:
    reasons = []
    if cluster.growth > 0:
        more = f"，比前{growth_days}天多{cluster.growth}件" if cluster.before else f"，前{growth_days}天没有"
        reasons.append(f"近{growth_days}天新增{cluster.recent}件{more}")
    if cluster.old:
        days = (clock.now() - cluster.oldest).days
        reasons.append(f"{cluster.old}件久拖未决，最久的已提交{days}天")
    reasons.append(f"累计{cluster.size}件，{cluster.open}件未办结")
    if live:
        reasons.append(f"{live.unit}正在推进改进，{live.due_on:%Y-%m-%d}前完成")
    else:
        reasons.append("还没有单位认领")
    weight = 2 * max(cluster.growth, 0) + 1.5 * cluster.old + 0.2 * cluster.open - (2 if live else 0)
    if talked:
        day = timezone.localtime(talked).date()
        reasons.append(f"{day:%Y-%m-%d}{'已列为活动议题' if day >= clock.today() else '的活动谈过'}")
        weight -= 5
    return Suggestion(cluster, tuple(reasons), weight)


def planned_topics(rules: Rules, today: date) -> list[tuple[int, EventTopic]]:
    """What the plan sets for this month and the next, with the month."""
    months = (today.month, next_month(today.replace(day=1)).month)
    return [(month, topic) for month in months for topic in topics_of(rules, month)]


def talk_kind(rules: Rules) -> str:
    """The kind of event at which topics are talked about: the profile's, the one with planned topics, or a meeting."""
    if rules.clusters.talk_kind:
        return rules.clusters.talk_kind
    if rules.events.topics:
        return rules.events.topics[0].kind
    meetings = [kind.code for kind in rules.events.kinds if kind.meeting and kind.weekday is None]
    return meetings[0] if meetings else ""


@transaction.atomic
def choose(*, by: User, event: ServiceEvent, clusters: Collection[Cluster]) -> list[Cluster]:
    """The kinds of problems an event is about; those not named any more are taken off."""
    if not may_organise(by, event):
        raise PermissionDenied(NOT_YOURS)
    if len(clusters) > MOST_CHOSEN:
        raise ValidationError({"clusters": [f"一次活动最多选{MOST_CHOSEN}类共性问题。"]})
    seen = {one.pk for one in Cluster.objects.visible_to(by).filter(pk__in=[one.pk for one in clusters])}
    if any(one.pk not in seen or one.district_id != event.district_id for one in clusters):
        raise ValidationError({"clusters": ["请选择本区县的共性问题。"]})
    chosen = {topic.cluster_id: topic for topic in event.cluster_topics.all()}
    wanted = {one.pk: one for one in clusters}
    # Topics the user does not see were chosen by somebody else and stay.
    visible = set(ClusterTopic.objects.visible_to(by).filter(event=event).values_list("cluster", flat=True))
    off = [topic.pk for pk, topic in chosen.items() if pk not in wanted and pk in visible]
    ClusterTopic.objects.filter(pk__in=off).delete()
    new = [one for pk, one in wanted.items() if pk not in chosen]
    now = clock.now()
    for cluster in new:
        ClusterTopic.objects.create(cluster=cluster, event=event, by=by, at=now)
        settle(cluster)
    if new or off:
        audit.record(by, "event.topics_chosen", event, clusters=sorted(wanted))
    return new


def topic_line(clusters: Iterable[Cluster]) -> str:
    """The topic of an event about these, as its form takes it."""
    return "；".join(one.title for one in clusters)[:200]
