"""Kinds of problems in figures: found, taken on, improved, late; each opens to its records."""

from datetime import timedelta

import pytest
from django.urls import reverse

from appeals.clusters import correcting, improving
from appeals.clusters.improving import Result, Task
from appeals.models import Cluster, Improvement
from core import clock
from districts.models import DistrictProfile
from reports import evidence
from reports.indicators import REGISTRY
from reports.indicators.clusters import CLUSTERS
from reports.indicators.counting import context_for, count, rates
from reports.research import writing
from tests.appeals.cluster_cast import ClusterCast

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast(district) -> ClusterCast:
    return ClusterCast(district)


def context(cast, start=None, end=None):
    rules = DistrictProfile.objects.in_force(cast.district).rules
    now = clock.now()
    return context_for(cast.district, rules, start or now - 30 * DAY, end or now + DAY)


def figures(cast, start=None, end=None) -> dict[str, int]:
    found = count([one.name for one in CLUSTERS], context(cast, start, end)).get(None, {})
    return {one.name: int(found.get(one.name, 0)) for one in CLUSTERS}


def take_on(cast, cluster: Cluster, days: int = 5) -> Improvement:
    task = Task(cast.liaison.unit, "procedure", "一次性告知材料。", clock.today() + days * DAY)
    return improving.take_on(by=cast.liaison, cluster=cluster, task=task)


def improved(cast, task: Improvement) -> Improvement:
    improving.report_done(by=cast.liaison, improvement=task, result=Result("清单已公布。"))
    return improving.confirm(by=cast.dispatcher, improvement=task)


def test_kinds_are_counted_when_found_taken_on_and_improved(cast):
    cast.bring("road"), cast.bring("gas"), cast.bring("bus")
    cast.sort()
    road, gas, bus = Cluster.objects.order_by("pk")
    correcting.dismiss(by=cast.dispatcher, cluster=bus, reason="日常咨询")
    improved(cast, take_on(cast, road))
    take_on(cast, gas)
    assert figures(cast) == {
        "kinds_found": 2, "kinds_taken_on": 2, "kinds_improved": 1, "improvements_done": 1,
        "improvements_in_time": 1, "improvements_overdue": 0, "research_reports": 0,
    }  # fmt: skip
    assert not any(figures(cast, clock.now() - 60 * DAY, clock.now() - 30 * DAY).values())


def test_a_kind_improved_twice_is_one_kind_and_two_improvements(cast):
    cluster = cast.cluster("road")
    for _ in range(2):
        improved(cast, take_on(cast, cluster))
    found = figures(cast)
    assert (found["kinds_taken_on"], found["kinds_improved"], found["improvements_done"]) == (1, 1, 2)


def test_what_is_late_is_so_until_the_unit_has_reported(cast):
    task = take_on(cast, cast.cluster("road"), days=2)
    assert figures(cast, end=clock.now() + 20 * DAY)["improvements_overdue"] == 0, (
        "not before its day is over"
    )
    with clock.at(clock.now() + 4 * DAY):
        assert figures(cast)["improvements_overdue"] == 1
        improved(cast, task)
        found = figures(cast)
        assert (found["improvements_overdue"], found["improvements_in_time"]) == (0, 0)
        rate = rates(["improvements_rate"], context(cast))[None]["improvements_rate"]
        assert (rate.part, rate.whole) == (0, 1)
        # At the end of the day before it still was.
        assert figures(cast, end=clock.now() - DAY)["improvements_overdue"] == 1


def test_found_counts_for_the_bureau_and_the_rest_for_the_department(cast):
    cluster = cast.cluster("road")
    take_on(cast, cluster)
    by_unit = count(["kinds_found", "kinds_taken_on"], context(cast), "unit")
    assert by_unit[cast.dispatcher.unit_id]["kinds_found"] == 1
    assert by_unit[cast.liaison.unit_id]["kinds_taken_on"] == 1


def test_each_figure_opens_to_its_records(cast, client):
    cluster = cast.cluster("road")
    task = improved(cast, take_on(cast, cluster))
    report = writing.draft(by=cast.dispatcher, cluster=cluster)
    texts = report.written | {"causes": "清单没有公布。", "advice": "公布清单。"}
    report = writing.save(
        by=cast.dispatcher, report=report, title=report.title, texts=texts, version=report.version
    )
    report = writing.submit(by=cast.dispatcher, report=report, version=report.version)
    asked = context(cast)
    urls = {
        "kinds_found": reverse("appeals:cluster", args=[cluster.pk]),
        "kinds_improved": reverse("appeals:improvement", args=[task.pk]),
        "research_reports": reverse("reports:cluster_report", args=[report.pk]),
    }
    for name, url in urls.items():
        records = evidence.visible(REGISTRY[name].evidence(asked), cast.dispatcher)
        (line,) = evidence.lines(records, asked.rules)
        assert line.url == url and line.text
        client.force_login(cast.dispatcher)
        assert client.get(url).status_code == 200
