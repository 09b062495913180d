"""Alike appeals become one kind of problem, night after night the same one, and what people put right stays."""

from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Role
from appeals.clusters import correcting, running
from appeals.clusters.grouping import Group, Text, groups_of
from appeals.clusters.matching import Standing, match
from appeals.clusters.texts import names_in, telling_runs
from appeals.models import Cluster, ClusterMember, ClusterRun
from core import clock
from tests import factories
from tests.appeals.cluster_cast import ClusterCast
from tests.appeals.cluster_texts import ALONE, GROUPS


@pytest.fixture
def cast(district) -> ClusterCast:
    return ClusterCast(district)


def invented() -> tuple[list[Text], dict[int, str]]:
    texts, group_of = [], {}
    for name, (category, of_group) in GROUPS.items():
        for text in of_group:
            group_of[len(texts)] = name
            texts.append(Text(len(texts), category, text))
    for n, (category, text) in enumerate(ALONE):
        group_of[len(texts)] = f"alone {n}"
        texts.append(Text(len(texts), category, text))
    return texts, group_of


def state() -> dict[int, tuple[str, frozenset[int]]]:
    """Every cluster with its name and its appeals."""
    found: dict[int, set[int]] = {}
    for cluster, appeal in ClusterMember.objects.inside().values_list("cluster", "appeal"):
        found.setdefault(cluster, set()).add(appeal)
    return {one.pk: (one.title, frozenset(found.get(one.pk, ()))) for one in Cluster.objects.all()}


# --- Texts and groups -----------------------------------------------------------------------------


def test_it_finds_the_groups_a_human_would_make():
    texts, group_of = invented()
    assert len(texts) == 60
    groups = groups_of(texts, likeness=0.12, least=3)
    assert len(groups) == len(GROUPS)
    for group in groups:
        names = Counter(group_of[pk] for pk in group.scores)
        name, number = names.most_common(1)[0]
        assert len(names) == 1, "nothing foreign is in it"
        assert number >= 0.8 * len(GROUPS[name][1]), "nearly all of it was found"
        assert group.category == GROUPS[name][0]
    words = {group_of[next(iter(group.scores))]: group.words for group in groups}
    assert "变压器" in words["power"] and "消防" in words["fire"]
    assert "社保补贴" in words["insurance"], "neighbours that belong together are one term"


def test_the_same_texts_give_the_same_groups_in_whatever_order():
    texts, _ = invented()
    there = {frozenset(group.scores) for group in groups_of(texts, likeness=0.12, least=3)}
    back = {frozenset(group.scores) for group in groups_of(texts[::-1], likeness=0.12, least=3)}
    assert there == back


def test_texts_that_say_nothing_and_too_few_texts_are_no_group():
    assert groups_of([], likeness=0.12, least=3) == []
    nothing = [Text(n, "other", "请协调解决。") for n in range(5)]
    assert groups_of(nothing, likeness=0.12, least=3) == []
    pair = [Text(n, "other", "公交站取消后员工上下班不便。") for n in range(2)]
    assert groups_of(pair, likeness=0.12, least=3) == []


def test_more_texts_than_fit_at_once_are_parted_first(monkeypatch):
    monkeypatch.setattr("appeals.clusters.grouping.AT_ONCE", 6)
    texts, group_of = invented()
    texts = [Text(one.pk, "other", one.text) for one in texts]
    groups = groups_of(texts, likeness=0.12, least=3)
    assert groups and all(len({group_of[pk] for pk in group.scores}) == 1 for group in groups)


def test_names_of_firms_and_stock_phrases_do_not_make_texts_alike():
    names = names_in("铜陵市宏达机械制造有限公司")
    assert {"铜陵市宏达机械制造有限公司", "宏达机械制造"} <= names
    assert telling_runs("我公司宏达机械制造门口道路破损，请予协调。", names) == ["门口道路破损", "予"]
    with_name = [Text(n, "other", text, frozenset(names)) for n, text in enumerate((
        "宏达机械制造反映屋顶漏水。", "宏达机械制造咨询职称评审。", "宏达机械制造想租赁仓库堆场。"))]  # fmt: skip
    assert groups_of(with_name, likeness=0.12, least=3) == []


# --- Finding clusters again -----------------------------------------------------------------------


def group(*pks: int) -> Group:
    return Group("other", dict.fromkeys(pks, 0.5), ("词",))


def test_a_group_that_shares_half_is_the_same_cluster():
    found = match([group(1, 2, 3, 4)], Standing(member_of={1: 9, 2: 9, 7: 9}), least=3)
    assert found.joins == dict.fromkeys((1, 2, 3, 4), 9) and not found.new


def test_a_cluster_that_falls_apart_stays_with_its_larger_part():
    standing = Standing(member_of=dict.fromkeys(range(1, 8), 9))
    found = match([group(1, 2, 3), group(4, 5, 6, 7)], standing, least=3)
    assert {pk for pk in found.joins} == {4, 5, 6, 7}
    assert [sorted(pks) for _, pks in found.new] == [[1, 2, 3]]


def test_a_settled_cluster_keeps_its_appeals_and_takes_up_several_groups():
    standing = Standing(
        member_of=dict.fromkeys(range(1, 7), 9), kept=frozenset(range(1, 7)), settled=frozenset({9}),
        excluded=frozenset({(9, 20)}),
    )  # fmt: skip
    found = match([group(1, 2, 3, 10), group(4, 5, 6, 11, 20)], standing, least=3)
    assert found.joins == {10: 9, 11: 9} and not found.new


# --- A district's run -----------------------------------------------------------------------------


def test_a_run_finds_the_kinds_and_the_next_one_changes_nothing(cast):
    road, power = cast.bring("road"), cast.bring("power")
    cast.bring_alone()
    done = cast.sort()
    assert (done.appeals, done.grouped, done.clusters, done.new) == (24, 12, 2, 2)
    assert {cast.cluster_of(one).pk for one in road} != {cast.cluster_of(one).pk for one in power}
    assert "道路" in cast.cluster_of(road[0]).words
    before, rows = state(), set(ClusterMember.objects.values_list("pk", "at"))
    again = cast.sort()
    assert (again.new, again.grouped) == (0, 12)
    assert state() == before and set(ClusterMember.objects.values_list("pk", "at")) == rows


def test_new_appeals_join_the_cluster_that_is_there(cast):
    road = cast.bring("road", 4)
    cast.sort()
    cluster = cast.cluster_of(road[0])
    later = [one for one in cast.bring("road", firm="铜陵后来{n}号厂")[4:]]
    cast.bring("gas")
    cast.sort()
    assert {cast.cluster_of(one) for one in later} == {cluster}
    assert Cluster.objects.count() == 2


def test_withdrawn_and_merged_appeals_and_those_of_long_ago_are_left_out(cast):
    with clock.at(clock.now() - timedelta(days=500)):
        old = cast.bring("road", 2)
    road = cast.bring("road", 5)
    cast.main = road[4]
    merged = cast.do(cast.do(road[0], "accept"), "merge")
    assert merged.status == "merged"
    cast.sort()
    assert all(cast.cluster_of(one) is None for one in (*old, merged))
    assert cast.cluster_of(road[1]).members.inside().count() == 4


def test_what_is_merged_later_leaves_its_cluster(cast):
    cluster = cast.cluster("road")
    first, second = (row.appeal for row in cluster.members.all()[:2])
    cast.main = second
    cast.do(cast.do(first, "accept"), "merge")
    cast.sort()
    assert cast.cluster_of(first) is None and cluster.members.count() == 5


def test_another_districts_texts_are_never_in_the_same_cluster(cast):
    road = cast.bring("road")
    other = ClusterCast(factories.another_district(cast.district))
    theirs = other.bring("road")
    cast.sort()
    other.sort()
    here, there = cast.cluster_of(road[0]), other.cluster_of(theirs[0])
    assert here.district == cast.district and there.district == other.district
    assert set(here.members.values_list("appeal__district", flat=True)) == {cast.district.pk}
    assert set(there.members.values_list("appeal__district", flat=True)) == {other.district.pk}


def test_a_cluster_nobody_touched_goes_when_its_appeals_are_no_longer_alike(cast):
    road = cast.bring("road", 3)
    cast.sort()
    for appeal, (category, text) in zip(road, ALONE, strict=False):
        appeal.content, appeal.title, appeal.category = text, text[:20], category
        appeal.save(update_fields=["content", "title", "category"])
    cast.sort()
    assert not Cluster.objects.exists()


def test_the_tick_sorts_each_district_once_a_day(cast, monkeypatch):
    cast.bring("road")
    running.run_due()
    assert ClusterRun.objects.get().grouped == 6
    monkeypatch.setattr(running, "cluster_district", lambda district: pytest.fail("not again today"))
    running.run_due()


def test_one_district_that_fails_does_not_keep_the_others_waiting(cast, monkeypatch):
    other = factories.another_district(cast.district)
    seen = []

    def fails(district):
        seen.append(district.pk)
        raise RuntimeError("broken")

    monkeypatch.setattr(running, "cluster_district", fails)
    running.run_due()
    assert set(seen) == {cast.district.pk, other.pk}


def test_the_command_says_what_it_did(cast):
    cast.bring("road")
    said = StringIO()
    call_command("cluster_appeals", district=cast.district.code, stdout=said)
    assert "6 件诉求，6 件归入 1 类共性问题，新发现 1 类" in said.getvalue()
    with pytest.raises(CommandError, match="没有区县 999999"):
        call_command("cluster_appeals", district="999999")


# --- What people put right ------------------------------------------------------------------------


def test_an_appeal_put_out_stays_out(cast):
    cluster = cast.cluster("road")
    appeal = cluster.members.first().appeal
    correcting.put_out(by=cast.dispatcher, cluster=cluster, appeal=appeal)
    cast.sort()
    assert cast.cluster_of(appeal) is None
    assert cluster.members.get(appeal=appeal).how == "excluded"


def test_an_appeal_put_in_by_hand_stays_in_and_leaves_the_other_cluster(cast):
    cluster = cast.cluster("road")
    gas = cast.bring("gas")
    cast.sort()
    correcting.put_in(by=cast.dispatcher, cluster=cluster, appeal=gas[0])
    cast.sort()
    assert cast.cluster_of(gas[0]) == cluster and cast.cluster_of(gas[1]) != cluster
    with pytest.raises(ValidationError, match="已经在这类问题中"):
        correcting.put_in(by=cast.dispatcher, cluster=cluster, appeal=gas[0])


def test_one_put_out_by_mistake_can_be_put_in_again(cast):
    cluster = cast.cluster("road")
    appeal = cluster.members.first().appeal
    correcting.put_out(by=cast.dispatcher, cluster=cluster, appeal=appeal)
    correcting.put_in(by=cast.dispatcher, cluster=cluster, appeal=appeal)
    cast.sort()
    assert cast.cluster_of(appeal) == cluster


def test_a_name_given_by_hand_is_kept(cast):
    cluster = correcting.rename(by=cast.dispatcher, cluster=cast.cluster("road"), title=" 园区道路  破损 ")
    cast.bring("road", firm="铜陵又来{n}号厂")
    cast.sort()
    cluster.refresh_from_db()
    assert cluster.title == "园区道路 破损" and cluster.members.inside().count() == 12


def test_two_merged_clusters_stay_one(cast):
    road, power = cast.bring("road"), cast.bring("power")
    cast.sort()
    into = cast.cluster_of(road[0])
    gone = cast.cluster_of(power[0])
    correcting.merge(by=cast.dispatcher, cluster=gone, into=into)
    late = cast.bring("power", firm="铜陵再来{n}号厂")
    cast.sort()
    assert {cast.cluster_of(one) for one in (*road, *power, *late)} == {into}
    gone.refresh_from_db()
    assert (gone.state, gone.merged_into) == ("merged", into)
    with pytest.raises(ValidationError, match="已并入"):
        correcting.rename(by=cast.dispatcher, cluster=gone, title="别的")


def test_corrections_go_over_when_clusters_are_merged(cast):
    road, power = cast.bring("road"), cast.bring("power")
    cast.sort()
    into, gone = cast.cluster_of(road[0]), cast.cluster_of(power[0])
    correcting.put_out(by=cast.dispatcher, cluster=gone, appeal=power[0])
    correcting.put_in(by=cast.dispatcher, cluster=gone, appeal=road[0])
    correcting.merge(by=cast.dispatcher, cluster=gone, into=into)
    assert cast.cluster_of(road[0]) == into and cast.cluster_of(power[0]) is None
    cast.sort()
    assert cast.cluster_of(power[0]) is None


def test_a_dismissed_cluster_does_not_come_up_again(cast):
    cluster = correcting.dismiss(
        by=cast.dispatcher, cluster=cast.cluster("road"), reason="已纳入道路改造计划"
    )
    cast.bring("road", firm="铜陵又来{n}号厂")
    done = cast.sort()
    assert (done.clusters, done.new) == (0, 0) and cluster.members.count() == 12
    correcting.restore(by=cast.bureau_leader, cluster=cluster)
    cluster.refresh_from_db()
    assert cluster.is_active and cluster.reason == ""


@pytest.mark.parametrize(
    ("service", "data", "field"),
    [
        ("rename", {"title": "  "}, "title"),
        ("rename", {"title": "长" * 61}, "title"),
        ("dismiss", {"reason": ""}, "reason"),
        ("dismiss", {"reason": "长" * 301}, "reason"),
        ("put_in", {"appeal": None}, "number"),
        ("merge", {"into": None}, "into"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(cast, service, data, field):
    cluster = cast.cluster("road", 3)
    with pytest.raises(ValidationError) as refused:
        getattr(correcting, service)(by=cast.dispatcher, cluster=cluster, **data)
    assert field in refused.value.message_dict


def test_only_the_bureau_puts_right_what_nobody_has_taken_on(cast):
    cluster = cast.cluster("hiring")
    appeal = cluster.members.first().appeal
    for user in (cast.liaison, cast.supervisor, cast.district_leader, cast.window):
        with pytest.raises(PermissionDenied):
            correcting.put_out(by=user, cluster=cluster, appeal=appeal)
        with pytest.raises(PermissionDenied):
            correcting.dismiss(by=user, cluster=cluster, reason="不需要")
    stranger = factories.another_district(cast.district)
    with pytest.raises(PermissionDenied):
        correcting.rename(
            by=factories.user(factories.unit(stranger), Role.DISPATCHER), cluster=cluster, title="别的"
        )


# --- Who sees what --------------------------------------------------------------------------------


def test_a_unit_sees_the_kinds_it_has_a_part_in_or_that_fall_to_it(cast):
    hiring, gas = cast.bring("hiring"), cast.bring("gas")
    cast.sort()
    labour, supply = cast.cluster_of(hiring[0]), cast.cluster_of(gas[0])
    everybody = (cast.dispatcher, cast.bureau_leader, cast.supervisor, cast.district_leader)
    for user in everybody:
        assert set(Cluster.objects.visible_to(user)) == {labour, supply}
    # 区人社局 by its category; it has no part in any appeal yet.
    assert list(Cluster.objects.visible_to(cast.liaison)) == [labour]
    assert not ClusterMember.objects.visible_to(cast.liaison).exists()
    cast.walk(gas[0], "dispatch")
    assert set(Cluster.objects.visible_to(cast.liaison)) == {labour, supply}
    assert [row.appeal for row in ClusterMember.objects.visible_to(cast.liaison)] == [gas[0]]
    for user in (cast.window, cast.cadre, cast.admin):
        assert not Cluster.objects.visible_to(user).exists()
    stranger = factories.another_district(cast.district)
    for role in (Role.DISPATCHER, Role.LIAISON):
        user = factories.user(factories.unit(stranger, "rsj"), role)
        assert not Cluster.objects.visible_to(user).exists()


def test_figures_of_a_list_say_how_it_grows(cast):
    with clock.at(clock.now() - timedelta(days=45)):
        cast.bring("road", 2)
    road = cast.bring("road", firm="铜陵新近{n}号厂")
    cast.sort()
    found = Cluster.objects.with_figures(30).get(pk=cast.cluster_of(road[0]).pk)
    assert (found.size, found.open, found.recent, found.before, found.growth) == (8, 8, 6, 2, 4)
