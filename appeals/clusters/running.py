"""The nightly sorting of a district's appeals into kinds of problems.

Reads the texts, groups them (``grouping``), finds the known clusters again (``matching``) and writes what
changed. Texts are compared outside any transaction; what people did meanwhile is read again behind the lock,
so that a correction made during the run is not lost, and two runs at once end in the same state.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Q

from appeals.clusters.grouping import Group, Text, groups_of
from appeals.clusters.matching import Matched, Standing, match
from appeals.clusters.texts import names_in
from appeals.models import Appeal, Cluster, ClusterMember, ClusterRun
from core import clock
from districts.clusters import Clusters
from districts.models import DistrictProfile, Region
from liaisons.cadence import start_of

log = logging.getLogger(__name__)
How, State = ClusterMember.How, Cluster.State
NOT_SORTED = ClusterMember.NOT_SORTED
BATCH = 500


@dataclass(frozen=True)
class Outcome:
    """What a run did, in figures."""

    appeals: int
    grouped: int
    clusters: int
    new: int


def run_due() -> None:
    """Tick: every district whose appeals were not sorted today. One that fails does not keep the others waiting."""
    today = clock.today()
    sorted_today = ClusterRun.objects.filter(ran_on=today).values("district")
    due = Region.objects.districts().filter(profiles__isnull=False).exclude(pk__in=sorted_today)
    for district in due.distinct():
        try:
            cluster_district(district)
        except Exception:
            log.exception("The appeals of %s could not be sorted", district)


def cluster_district(district: Region) -> Outcome:
    section = DistrictProfile.objects.in_force(district).rules.clusters
    since = months_back(clock.today(), section.months)
    texts = texts_of(district, section, since)
    groups = groups_of(texts, likeness=section.likeness, least=section.least)
    return _write(district, groups, [one.pk for one in texts], section.least)


def months_back(day: date, months: int) -> date:
    """The first of the month, so many months before that of ``day``."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def texts_of(district: Region, section: Clusters, since: date) -> list[Text]:
    """The appeals to be sorted, without what names firms and places."""
    rows = Appeal.objects.filter(district=district, submitted_at__gte=start_of(since))
    rows = rows.exclude(status__in=NOT_SORTED)
    if section.categories:
        rows = rows.filter(category__in=section.categories)
    places = names_in(*Region.objects.subtree(district).values_list("name", flat=True))
    fields = ("pk", "category", "title", "content", "claimed_name", "enterprise__name", "project__name")
    found = []
    for pk, category, title, content, *names in rows.order_by("submitted_at", "pk").values_list(*fields):
        # A title that is the beginning of the text says nothing twice.
        said = content if content.startswith(title.rstrip("…")) else f"{title}。{content}"
        found.append(
            Text(pk, category, said, frozenset(places | names_in(*(name for name in names if name))))
        )
    return found


def lock(district: Region) -> ClusterRun:
    """Nobody else changes the district's clusters until the transaction ends."""
    ClusterRun.objects.get_or_create(district=district)
    return ClusterRun.objects.select_for_update().get(district=district)


# --- Writing --------------------------------------------------------------------------------------


@transaction.atomic
def _write(district: Region, groups: list[Group], sorted_ones: list[int], least: int) -> Outcome:
    run = lock(district)
    _drop_what_is_no_appeal(district)
    rows = list(ClusterMember.objects.filter(cluster__district=district).select_related("cluster"))
    took_part = set(sorted_ones)
    matched = match(groups, _standing(rows, took_part), least=least)
    _create_new(district, matched)
    _regroup(rows, took_part, matched)
    _name(matched)
    _drop_what_is_none_any_more(district, least)
    inside = ClusterMember.objects.inside().filter(cluster__district=district, cluster__state=State.ACTIVE)
    run.ran_on, run.ran_at, run.appeals = clock.today(), clock.now(), len(sorted_ones)
    run.grouped = len(took_part & set(inside.values_list("appeal", flat=True)))
    run.save()
    return Outcome(
        appeals=run.appeals,
        grouped=run.grouped,
        clusters=Cluster.objects.filter(district=district).active().count(),
        new=len(matched.new),
    )


def _drop_what_is_no_appeal(district: Region) -> None:
    gone = ClusterMember.objects.inside().filter(cluster__district=district, appeal__status__in=NOT_SORTED)
    gone.delete()


def _standing(rows: Iterable[ClusterMember], took_part: set[int]) -> Standing:
    inside = [row for row in rows if row.how != How.EXCLUDED]
    return Standing(
        member_of={row.appeal_id: row.cluster_id for row in inside},
        kept={
            row.appeal_id
            for row in inside
            if row.cluster.settled or row.how == How.BY_HAND or row.appeal_id not in took_part
        },
        settled={row.cluster_id for row in rows if row.cluster.settled},
        excluded={(row.cluster_id, row.appeal_id) for row in rows if row.how == How.EXCLUDED},
    )


def _create_new(district: Region, matched: Matched) -> None:
    now = clock.now()
    for group, appeals in matched.new:
        cluster = Cluster.objects.create(
            district=district,
            category=group.category,
            title=title_of(group),
            words=list(group.words),
            found_at=now,
        )
        matched.joins.update(dict.fromkeys(appeals, cluster.pk))


def title_of(group: Group) -> str:
    return group.title[:60] or "未命名"


def _regroup(rows: list[ClusterMember], took_part: set[int], matched: Matched) -> None:
    """Everybody where they belong from now on; rows that stay keep their day."""
    kept, gone, moved = set(), [], []
    for row in rows:
        if row.how == How.EXCLUDED or row.appeal_id not in took_part:
            continue
        if (
            row.how == How.BY_HAND
            or row.cluster.settled
            or matched.joins.get(row.appeal_id) == row.cluster_id
        ):
            kept.add(row.appeal_id)
        else:
            gone.append(row.pk)
            continue
        score = matched.scores.get(row.appeal_id, 0.0)
        if abs(score - row.score) >= 0.001:
            row.score = score
            moved.append(row)
    for at in range(0, len(gone), BATCH):
        ClusterMember.objects.filter(pk__in=gone[at : at + BATCH]).delete()
    ClusterMember.objects.bulk_update(moved, ["score"], batch_size=BATCH)
    now = clock.now()
    ClusterMember.objects.bulk_create(
        [
            ClusterMember(cluster_id=cluster, appeal_id=pk, score=matched.scores[pk], at=now)
            for pk, cluster in sorted(matched.joins.items())
            if pk not in kept
        ],
        batch_size=BATCH,
    )


def _name(matched: Matched) -> None:
    """The words of a cluster follow its texts; its title, too, until somebody has worked with it."""
    known = {one.pk: one for one in Cluster.objects.filter(pk__in=matched.groups)}
    changed = []
    for pk, group in matched.groups.items():
        cluster = known[pk]
        title = cluster.title if cluster.settled else title_of(group)
        if (cluster.words, cluster.title) != (list(group.words), title):
            cluster.words, cluster.title = list(group.words), title
            changed.append(cluster)
    Cluster.objects.bulk_update(changed, ["words", "title"], batch_size=BATCH)


def _drop_what_is_none_any_more(district: Region, least: int) -> None:
    """Of clusters that nobody touched, those that have become too small."""
    untouched = Cluster.objects.filter(district=district, settled=False)
    small = untouched.annotate(size=Count("members", filter=~Q(members__how=How.EXCLUDED)))
    Cluster.objects.filter(pk__in=list(small.filter(size__lt=least).values_list("pk", flat=True))).delete()
