"""Which of the kinds of problems known already each new group is, so that a kind stays the same over the nights. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from appeals.clusters.grouping import Group

SAME = 0.5
"""A group is a known cluster if so large a share of the smaller of the two is in both."""


@dataclass(frozen=True)
class Standing:
    """What is known before a run, of the appeals that take part in it."""

    member_of: Mapping[int, int]
    """Appeal → its cluster."""
    kept: AbstractSet[int] = frozenset()
    """Appeals that stay where they are: put there by hand, or in a cluster that people worked with."""
    settled: AbstractSet[int] = frozenset()
    """Clusters that people worked with."""
    excluded: AbstractSet[tuple[int, int]] = frozenset()
    """(cluster, appeal): people said that it does not belong there."""


@dataclass
class Matched:
    joins: dict[int, int] = field(default_factory=dict)
    """Appeal → the known cluster it belongs to from now on; of those that are not kept."""
    scores: dict[int, float] = field(default_factory=dict)
    """Of every appeal of a group."""
    groups: dict[int, Group] = field(default_factory=dict)
    """Cluster → its largest group, which names it."""
    new: list[tuple[Group, list[int]]] = field(default_factory=list)
    """Groups that are a new kind of problem, with their appeals."""


def match(groups: Sequence[Group], standing: Standing, *, least: int) -> Matched:
    """Each group to the cluster with which it shares most; what is left of the others is new if large enough.

    A cluster that nobody touched follows one group alone. One that people settled may take up several: they
    may have merged what the sorting keeps apart.
    """
    sizes = Counter(standing.member_of.values())
    shared: list[tuple[int, int, int]] = []
    for place, group in enumerate(groups):
        common = Counter(standing.member_of[pk] for pk in group.scores if pk in standing.member_of)
        for cluster, number in common.items():
            if number >= SAME * min(len(group.scores), sizes[cluster]):
                shared.append((-number, cluster, place))
    target: dict[int, int] = {}
    followed: dict[int, list[int]] = defaultdict(list)
    for _, cluster, place in sorted(shared):
        if place not in target and (cluster in standing.settled or not followed[cluster]):
            target[place] = cluster
            followed[cluster].append(place)
    found = Matched()
    for cluster, places in followed.items():
        if places:
            found.groups[cluster] = groups[places[0]]
    for place, group in enumerate(groups):
        found.scores.update(group.scores)
        free = [pk for pk in group.scores if pk not in standing.kept]
        cluster_of_group = target.get(place)
        if cluster_of_group is not None:
            found.joins.update(
                {pk: cluster_of_group for pk in free if (cluster_of_group, pk) not in standing.excluded}
            )
        elif len(free) >= least:
            found.new.append((group, free))
    return found
