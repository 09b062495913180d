"""The pages of kinds of problems and improvements: what each shows, to whom, and what its forms do."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from appeals.clusters import improving
from appeals.clusters.improving import Task
from appeals.models import Cluster, ClusterTopic, Improvement, Status
from core import clock, tokens
from liaisons.models import ServiceEvent
from reports.research import writing
from tests.appeals.cluster_cast import ClusterCast
from tests.appeals.cluster_texts import GROUPS


@pytest.fixture
def cast(district) -> ClusterCast:
    return ClusterCast(district)


def page(client, user, name: str, *args, **query) -> str:
    client.force_login(user)
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def post(client, user, name: str, *args, **data):
    client.force_login(user)
    return client.post(reverse(name, args=args), {"token": tokens.new_token()} | data)


def take_on(cast: ClusterCast, cluster: Cluster) -> Improvement:
    due = clock.today() + timedelta(days=30)
    return improving.take_on(
        by=cast.liaison, cluster=cluster, task=Task(cast.liaison.unit, "procedure", "一次性告知材料。", due)
    )


def test_the_list_filters_sorts_and_goes_to_excel(client, cast):
    with clock.at(clock.now() - timedelta(days=45)):
        cast.bring("gas")
    cast.bring("road")
    cast.sort()
    road, gas = (Cluster.objects.get(category=one) for one in ("construction", "utilities"))
    said = page(client, cast.dispatcher, "appeals:clusters")
    assert road.title in said and gas.title in said and "新出现" in said and "下降" in said
    said = page(client, cast.dispatcher, "appeals:clusters", trend="new", sort="growth")
    assert road.title in said and gas.title not in said
    assert "没有符合条件" in page(client, cast.dispatcher, "appeals:clusters", state="dismissed")
    said = page(client, cast.dispatcher, "appeals:clusters", q="天然气", taken="none", period="90")
    assert gas.title in said and road.title not in said
    client.force_login(cast.dispatcher)
    sheet = load_workbook(io.BytesIO(client.get(reverse("appeals:clusters_export")).content)).active
    assert {row[0].value for row in sheet.iter_rows()} >= {road.title, gas.title}


def test_the_filter_calls_new_and_rising_what_the_list_calls_so(client, cast):
    with clock.at(clock.now() - timedelta(days=90)):
        cast.bring("gas", 3)
    cast.bring("gas", firm="铜陵再来{n}号厂")
    cast.bring("road")
    cast.sort()
    road, gas = (Cluster.objects.get(category=one) for one in ("construction", "utilities"))
    rising = page(client, cast.dispatcher, "appeals:clusters", trend="up")
    assert gas.title in rising and road.title not in rising and ">上升</span>" in rising
    new = page(client, cast.dispatcher, "appeals:clusters", trend="new")
    assert road.title in new and gas.title not in new and ">新出现</span>" in new


def test_the_list_says_what_one_of_the_firms_said_to_whoever_may_read_it(client, cast):
    cluster = cast.cluster("hiring")
    titles = [row.appeal.title for row in cluster.members.select_related("appeal")]
    said = page(client, cast.dispatcher, "appeals:clusters")
    assert any(f"如：{title}" in said for title in titles)
    own = cluster.members.last().appeal
    cast.walk(own, "dispatch")
    assert f"如：{own.title}" in page(client, cast.liaison, "appeals:clusters")


def test_what_was_taken_back_since_the_sorting_is_no_example(client, cast):
    cluster = cast.cluster("road")
    typical = cluster.members.examples().first().appeal
    assert typical.number in page(client, cast.dispatcher, "appeals:cluster", cluster.pk)
    typical = cast.through(typical, "withdraw", "confirm_withdrawal")
    assert typical.status == Status.WITHDRAWN
    assert typical.number not in page(client, cast.dispatcher, "appeals:cluster", cluster.pk)
    assert f"如：{typical.title}" not in page(client, cast.dispatcher, "appeals:clusters")
    report = writing.draft(by=cast.dispatcher, cluster=cluster)
    assert typical.content[:12] not in report.written["problems"]


def test_the_list_costs_the_same_for_more_kinds(client, cast):
    def cost() -> int:
        client.force_login(cast.dispatcher)
        client.get(reverse("appeals:clusters"))
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("appeals:clusters"))
        return len(asked)

    cast.cluster("road")
    few = cost()
    for group in GROUPS:
        cast.bring(group, firm="铜陵更多{n}号厂")
    cast.sort()
    assert cost() == few <= 12


def test_a_unit_reads_its_own_appeals_and_a_number_for_the_rest(client, cast):
    cluster = cast.cluster("hiring")
    own = cluster.members.first().appeal
    cast.walk(own, "dispatch")
    hidden = cluster.members.exclude(appeal=own).first().appeal
    said = page(client, cast.liaison, "appeals:cluster", cluster.pk)
    assert own.number in said and hidden.number not in said and hidden.subject_name not in said
    assert "共 6 件，其余由其他单位办理" in said
    said = page(client, cast.liaison, "appeals:cluster_members", cluster.pk)
    assert own.number in said and "另有 5 件由其他单位办理" in said and hidden.subject_name not in said
    client.force_login(cast.other_liaison)
    assert client.get(reverse("appeals:cluster", args=[cluster.pk])).status_code == 404


def test_an_appeal_is_put_out_and_taken_back_with_a_click(client, cast):
    cluster = cast.cluster("road")
    number = cluster.members.first().appeal.number
    for back, tab, there in (("", {"out": "1"}, True), ("1", {"out": "1"}, False)):
        post(client, cast.dispatcher, "appeals:cluster_put_out", cluster.pk, number=number, back=back)
        said = page(client, cast.dispatcher, "appeals:cluster_members", cluster.pk, **tab)
        assert (f">{number}<" in said.split("<tbody>")[-1] and "<tbody>" in said) == there


def test_corrections_on_the_page_of_the_kind(client, cast):
    road, gas = cast.bring("road"), cast.bring("gas")
    cast.sort()
    one, other = cast.cluster_of(road[0]), cast.cluster_of(gas[0])
    name, by = "appeals:cluster_act", cast.dispatcher
    assert post(client, by, name, one.pk, "rename", title="园区道路").status_code == 302
    refused = post(client, by, name, one.pk, "rename", title="")
    assert refused.status_code == 422 and 'aria-invalid="true"' in refused.content.decode()
    refused = post(client, by, name, one.pk, "put_in", number="JQ\0x")
    assert refused.status_code == 422
    assert post(client, by, name, one.pk, "put_in", number=gas[0].number).status_code == 302
    assert post(client, by, name, other.pk, "merge", into=one.pk).status_code == 302
    client.force_login(by)
    gone = client.get(reverse("appeals:cluster", args=[other.pk]))
    assert gone.status_code == 302 and gone.url == reverse("appeals:cluster", args=[one.pk])
    assert post(client, by, name, one.pk, "dismiss", reason="已有专项方案").status_code == 302
    assert post(client, by, name, one.pk, "restore").status_code == 302
    assert post(client, by, name, one.pk, "explode").status_code == 404
    assert Cluster.objects.get(pk=one.pk).title == "园区道路"


def test_taking_on_twice_with_the_same_form_is_one_improvement(client, cast):
    cluster = cast.cluster("insurance")
    data = {
        "token": tokens.new_token(), "unit": cast.liaison.unit_id, "kind": "guidance", "goal": "编印申报指南。",
        "due_on": clock.today() + timedelta(days=10),
    }  # fmt: skip
    for _ in range(2):
        assert post(client, cast.liaison, "appeals:take_on", cluster.pk, **data).status_code == 302
    improvement = Improvement.objects.get()
    said = page(client, cast.liaison, "appeals:improvement", improvement.pk)
    assert "编印申报指南" in said and "报送已完成" in said
    wrong = post(client, cast.liaison, "appeals:take_on", cluster.pk, goal="", due_on="2026-02-30")
    assert wrong.status_code == 422


def test_the_steps_of_an_improvement_on_its_page(client, cast):
    improvement = take_on(cast, cast.cluster("insurance"))
    name, pk = "appeals:improvement_act", improvement.pk
    assert post(client, cast.liaison, name, pk, "progress", text="已梳理。").status_code == 302
    refused = post(client, cast.liaison, name, pk, "report", result="已改。", effective_on="2199-01-01")
    assert refused.status_code == 422
    done = post(client, cast.liaison, name, pk, "report", result="已改。", effective_on=clock.today())
    assert done.status_code == 302
    assert post(client, cast.liaison, name, pk, "confirm").status_code == 403
    assert post(client, cast.dispatcher, name, pk, "send_back", reason="缺文件").status_code == 302
    assert post(client, cast.dispatcher, name, pk, "give_up", reason="").status_code == 422
    said = page(client, cast.dispatcher, "appeals:improvement", pk)
    assert "退回继续推进" in said and "不再推进" in said
    said = page(client, cast.dispatcher, "appeals:improvements")
    assert "一次性告知材料" in said


def test_the_workbench_shows_what_is_due(client, cast):
    improvement = take_on(cast, cast.cluster("insurance"))
    with clock.at(clock.now() + timedelta(days=29)):
        said = page(client, cast.liaison, "portal:workbench")
    assert reverse("appeals:improvement", args=[improvement.pk]) in said


def test_a_topic_opens_the_form_of_an_event_filled_in_and_stays_linked(client, cast):
    cluster = cast.cluster("road")
    said = page(client, cast.dispatcher, "appeals:cluster_topics")
    assert cluster.title in said and "近30天新增6件" in said and f"?cluster={cluster.pk}" in said
    form = page(client, cast.dispatcher, "portal:plan_event", cluster=cluster.pk, kind=cast.kind())
    assert f"“{cluster.title}”" in form and f'value="{cluster.pk}"' in form and "要谈的共性问题" in form
    data = {
        "kind": cast.kind(), "title": "恳谈会", "topic": cluster.title, "day": clock.today() + timedelta(days=9),
        "starts": "09:00", "ends": "11:00", "organiser": cast.dispatcher.unit_id, "clusters": [cluster.pk],
    }  # fmt: skip
    assert post(client, cast.dispatcher, "portal:plan_event", **data).status_code == 302
    event = ServiceEvent.objects.get()
    assert ClusterTopic.objects.get().cluster == cluster
    assert cluster.title in page(client, cast.dispatcher, "portal:event", event.pk)
    assert event.title in page(client, cast.dispatcher, "appeals:cluster", cluster.pk)
    assert (
        post(client, cast.dispatcher, "portal:change_event", event.pk, **data | {"clusters": []}).status_code
        == 302
    )
    assert not ClusterTopic.objects.exists()


def test_addresses_that_make_no_sense_are_answered_in_peace(client, cast):
    cast.cluster("road", 3)
    client.force_login(cast.dispatcher)
    huge = "9" * 30
    paths = [
        "/appeals/clusters/?q=%00&category=x&sort=x&page=x",
        f"/appeals/improvements/?unit={huge}",
        f"{reverse('portal:plan_event')}?cluster={huge}&cluster=x&cluster=%00",
        f"{reverse('reports:cluster_reports')}?cluster={huge}",
    ]
    assert {client.get(path).status_code for path in paths} == {200}
