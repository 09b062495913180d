"""Two at the same moment: the sorting ends in one state, and a kind of problem is taken on once."""

from datetime import timedelta

import pytest

from appeals.clusters import correcting, improving
from appeals.clusters.improving import Task
from appeals.clusters.running import cluster_district
from appeals.models import Cluster, ClusterMember
from core import clock
from tests.appeals.cluster_cast import ClusterCast
from tests.appeals.test_races import at_once, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None, district) -> ClusterCast:
    return ClusterCast(district)


def test_runs_at_once_find_each_kind_once(cast):
    cast.bring("road")
    cast.bring("gas")
    results = at_once(*[lambda: cluster_district(cast.district)] * 4)
    assert kinds(results) == {"Outcome": 4}
    assert Cluster.objects.count() == 2 and ClusterMember.objects.count() == 11


def test_a_correction_made_during_a_run_is_kept(cast):
    cluster = cast.cluster("road")
    appeal, by = cluster.members.first().appeal, cast.dispatcher
    at_once(
        lambda: cluster_district(cast.district),
        lambda: correcting.put_out(by=by, cluster=cluster, appeal=appeal),
        lambda: cluster_district(cast.district),
    )
    assert cast.cluster_of(appeal) is None and cluster.members.inside().count() == 5


def test_of_four_who_take_a_kind_on_one_does(cast):
    cluster = cast.cluster("insurance")
    task = Task(cast.liaison.unit, "procedure", "一次性告知。", clock.today() + timedelta(days=5))
    people = [cast.liaison, cast.unit_leader, cast.dispatcher, cast.bureau_leader]
    results = at_once(*[lambda by=by: improving.take_on(by=by, cluster=cluster, task=task) for by in people])
    assert kinds(results) == {"Improvement": 1, "ValidationError": 3}
