"""A department takes a kind of problem on, works on it, reports it; the bureau confirms; the effect is measured."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import Role
from appeals.clusters import improving, reminding, topics
from appeals.clusters.correcting import merge
from appeals.clusters.figures import by_month, effect_of, figures
from appeals.clusters.improving import Result, Task
from appeals.models import Cluster, ClusterTopic, Improvement, ImprovementStep
from core import clock
from districts.models import DistrictProfile
from liaisons.models import ServiceEvent
from notifications.models import Notice
from tests import factories
from tests.appeals.cluster_cast import ClusterCast


@pytest.fixture
def cast(district) -> ClusterCast:
    return ClusterCast(district)


def task(cast: ClusterCast, **fields) -> Task:
    plain = Task(
        unit=cast.liaison.unit,
        kind="procedure",
        goal="社保补贴一次性告知材料清单，网上申报自动校验。",
        due_on=clock.today() + timedelta(days=30),
    )
    return replace(plain, **fields)


@pytest.fixture
def improvement(cast) -> Improvement:
    return improving.take_on(by=cast.liaison, cluster=cast.cluster("insurance"), task=task(cast))


def result(**fields) -> Result:
    return replace(Result("材料由九项减为四项。"), **fields)


def test_from_taking_on_to_confirmation(cast, improvement):
    assert improvement.state == "adopted" and improvement.cluster.settled
    improvement = improving.add_progress(by=cast.unit_leader, improvement=improvement, text="已梳理清单。")
    assert improvement.state == "under_way"
    improvement = improving.report_done(by=cast.liaison, improvement=improvement, result=result())
    assert improvement.state == "reported" and improvement.effective_on == clock.today()
    improvement = improving.confirm(by=cast.dispatcher, improvement=improvement, note="已看到文件。")
    assert improvement.state == "done" and improvement.ended_at
    kinds = list(ImprovementStep.objects.values_list("kind", flat=True))
    assert kinds == ["adopted", "progress", "reported", "confirmed"]
    with pytest.raises(ValidationError, match="已完成"):
        improving.add_progress(by=cast.liaison, improvement=improvement, text="再写一条")


def test_it_is_sent_back_given_up_and_taken_on_again(cast, improvement):
    improvement = improving.report_done(by=cast.liaison, improvement=improvement, result=result())
    improvement = improving.send_back(by=cast.dispatcher, improvement=improvement, reason="没有印发")
    assert (improvement.state, improvement.reported_at) == ("under_way", None)
    improving.give_up(by=cast.dispatcher, improvement=improvement, reason="上级已统一规定")
    again = improving.take_on(by=cast.liaison, cluster=improvement.cluster, task=task(cast))
    assert again.pk != improvement.pk


def test_one_department_at_a_time(cast, improvement):
    with pytest.raises(ValidationError, match="已有单位认领"):
        improving.take_on(by=cast.dispatcher, cluster=improvement.cluster, task=task(cast))


def test_a_department_takes_on_for_itself_and_the_bureau_for_any(cast):
    cluster = cast.cluster("insurance")
    other = factories.unit(cast.district, "czj")
    with pytest.raises(ValidationError) as refused:
        improving.take_on(by=cast.liaison, cluster=cluster, task=task(cast, unit=other))
    assert "只能由本单位认领" in refused.value.message_dict["unit"][0]
    for nobody in (cast.window, cast.supervisor, cast.cadre, cast.district_leader):
        with pytest.raises(PermissionDenied):
            improving.take_on(by=nobody, cluster=cluster, task=task(cast))
    cast.other_liaison  # noqa: B018 - has to be there to be told
    given = improving.take_on(by=cast.dispatcher, cluster=cluster, task=task(cast, unit=other))
    assert given.steps.get().kind == "assigned"
    assert Notice.objects.filter(recipient=cast.other_liaison, title__contains="共性问题交由本单位").exists()


def test_nobody_confirms_what_they_reported_themselves_nor_works_for_others(cast):
    cluster = cast.cluster("insurance")
    own = task(cast, unit=cast.dispatcher.unit)
    improvement = improving.take_on(by=cast.dispatcher, cluster=cluster, task=own)
    with pytest.raises(PermissionDenied):
        improving.report_done(by=cast.liaison, improvement=improvement, result=result())
    with pytest.raises(PermissionDenied):
        improving.add_progress(by=cast.liaison, improvement=improvement, text="代为填报")
    improvement = improving.report_done(by=cast.dispatcher, improvement=improvement, result=result())
    with pytest.raises(PermissionDenied):
        improving.confirm(by=cast.dispatcher, improvement=improvement)
    assert improving.confirm(by=cast.second_dispatcher, improvement=improvement).state == "done"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"goal": " "}, "goal"),
        ({"goal": "长" * 3001}, "goal"),
        ({"kind": "magic"}, "kind"),
        ({"due_on": timedelta(days=-1)}, "due_on"),
        ({"due_on": timedelta(days=9999)}, "due_on"),
    ],
)
def test_what_is_wrong_with_a_task_is_said_beside_the_field(cast, fields, field):
    if "due_on" in fields:
        fields = {"due_on": clock.today() + fields["due_on"]}
    with pytest.raises(ValidationError) as refused:
        improving.take_on(by=cast.liaison, cluster=cast.cluster("insurance", 3), task=task(cast, **fields))
    assert set(refused.value.message_dict) == {field}


def test_a_result_lies_in_the_past_and_has_words(cast, improvement):
    wrong = result(text=" ", effective_on=clock.today() + timedelta(days=1), document="长" * 121)
    with pytest.raises(ValidationError) as refused:
        improving.report_done(by=cast.liaison, improvement=improvement, result=wrong)
    assert set(refused.value.message_dict) == {"result", "effective_on", "document"}


def test_the_bureau_changes_unit_and_day_with_a_reason(cast, improvement):
    later = task(cast, due_on=clock.today() + timedelta(days=60))
    with pytest.raises(PermissionDenied):
        improving.change(by=cast.liaison, improvement=improvement, task=later, reason="来不及")
    with pytest.raises(ValidationError):
        improving.change(by=cast.dispatcher, improvement=improvement, task=later, reason="")
    improvement = improving.change(
        by=cast.dispatcher, improvement=improvement, task=later, reason="待省里文件"
    )
    assert improvement.due_on == later.due_on and "完成时限" in improvement.steps.last().text


def test_reminders_come_once_a_stage(cast, improvement):
    office = timezone.localtime(clock.now()).replace(hour=10, minute=0)

    def told() -> int:
        return Notice.objects.filter(recipient=cast.liaison, title__startswith="政策改进").count()

    at = {"soon": 24, "same": 25, "tomorrow": 29, "day": 30, "over": 31}
    counts = []
    for days in at.values():
        with clock.at(office + timedelta(days=days)):
            reminding.remind(cast.district)
            reminding.remind(cast.district)
        counts.append(told())
    assert counts == [1, 1, 2, 3, 4]


def test_the_desk_holds_what_is_due_and_what_waits_for_confirmation(cast, improvement):
    def desk(user) -> bool:
        return Improvement.objects.on_desk_of(user, until=clock.today() + timedelta(days=3)).exists()

    assert not desk(cast.liaison) and not desk(cast.dispatcher)
    with clock.at(clock.now() + timedelta(days=28)):
        assert desk(cast.liaison) and not desk(cast.dispatcher)
    with clock.at(clock.now() + timedelta(days=31)):
        assert desk(cast.liaison) and desk(cast.dispatcher)
    improving.report_done(by=cast.liaison, improvement=improvement, result=result())
    assert desk(cast.dispatcher) and not desk(cast.liaison)


def test_the_effect_compares_months_before_and_after(cast):
    now = clock.now()
    with clock.at(now - timedelta(days=120)):
        cast.bring("insurance")
    with clock.at(now - timedelta(days=20)):
        cast.bring("insurance", 1, firm="铜陵后来{n}号厂")
    cast.sort()
    cluster = Cluster.objects.select_related("district").get()
    improvement = improving.take_on(by=cast.liaison, cluster=cluster, task=task(cast))
    assert effect_of(improvement) is None
    changed = clock.today() - timedelta(days=60)
    improvement = improving.report_done(
        by=cast.liaison, improvement=improvement, result=result(effective_on=changed)
    )
    effect = effect_of(improvement)
    assert (effect.before, effect.days_before, effect.after, effect.days_after) == (5, 60, 1, 61)
    assert (effect.monthly_before, effect.monthly_after) == (2.5, 0.5)
    assert "减少2.0件，80%" in effect.said
    # Put into effect today, it says nothing yet.
    improvement.effective_on = clock.today()
    assert effect_of(improvement).too_early


def test_figures_count_firms_outcomes_and_months_without_gaps(cast):
    now = clock.now()
    with clock.at(now - timedelta(days=70)):
        cast.bring("insurance", 2)
    appeals = cast.bring("insurance", firm="铜陵近来{n}号厂")
    cast.walk(appeals[0], "close")
    cast.sort()
    cluster = cast.cluster_of(appeals[0])
    found = figures(cluster)
    assert (found.size, found.firms, found.open, found.solved) == (7, 7, 6, 1)
    assert sum(one.number for one in found.outcomes) == found.size
    months = by_month(cluster)
    assert sum(month.number for month in months) == 7 and len(months) >= 3


def test_merged_clusters_cannot_both_be_worked_on(cast, improvement):
    gas = cast.bring("gas")
    cast.sort()
    other = cast.cluster_of(gas[0])
    improving.take_on(by=cast.dispatcher, cluster=other, task=task(cast))
    with pytest.raises(ValidationError, match="都有单位正在推进"):
        merge(by=cast.dispatcher, cluster=other, into=improvement.cluster)


# --- Topics ---------------------------------------------------------------------------------------


def event(cast: ClusterCast) -> ServiceEvent:
    start = clock.now() + timedelta(days=7)
    return ServiceEvent.objects.create(
        district=cast.district, region=cast.district, kind="talk", title="企业恳谈会", starts_at=start,
        ends_at=start + timedelta(hours=2), organiser=cast.dispatcher.unit, recorded_by=cast.dispatcher,
        recorded_at=clock.now(),
    )  # fmt: skip


def test_topics_are_what_grows_and_what_has_been_open_for_long(cast):
    with clock.at(clock.now() - timedelta(days=90)):
        old = cast.bring("gas")
    new = cast.bring("road")
    cast.sort()
    rules = DistrictProfile.objects.in_force(cast.district).rules
    found = {one.cluster: one.reasons for one in topics.suggestions(cast.dispatcher, rules)}
    gas, road = cast.cluster_of(old[0]), cast.cluster_of(new[0])
    assert set(found) == {gas, road}
    assert "5件久拖未决，最久的已提交90天" in found[gas] and "还没有单位认领" in found[gas]
    assert found[road][0] == "近30天新增6件，前30天没有"
    stranger = factories.user(factories.unit(factories.another_district(cast.district)), Role.DISPATCHER)
    assert topics.suggestions(stranger, rules) == []


def test_an_event_is_about_chosen_kinds_until_they_are_taken_off(cast):
    cluster, talk = cast.cluster("road"), event(cast)
    topics.choose(by=cast.dispatcher, event=talk, clusters=[cluster])
    topics.choose(by=cast.dispatcher, event=talk, clusters=[cluster])
    assert ClusterTopic.objects.get().cluster == cluster
    cluster.refresh_from_db()
    assert cluster.settled
    with pytest.raises(PermissionDenied):
        topics.choose(by=cast.other_liaison, event=talk, clusters=[])
    topics.choose(by=cast.dispatcher, event=talk, clusters=[])
    assert not ClusterTopic.objects.exists()
