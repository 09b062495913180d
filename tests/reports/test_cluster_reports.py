"""The research report on a kind of problem: figures from the register, cases without identities, frozen at the end."""

import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from docx import Document as Word

from appeals.clusters import improving
from appeals.clusters.improving import Task
from core import clock
from reports.models import ClusterReport
from reports.research import writing
from tests.appeals.cluster_cast import ClusterCast

ANALYSIS = {"causes": "材料清单没有统一公布。", "advice": "由区人社局统一公布材料清单。"}


@pytest.fixture
def cast(district) -> ClusterCast:
    return ClusterCast(district)


@pytest.fixture
def report(cast) -> ClusterReport:
    return writing.draft(by=cast.dispatcher, cluster=cast.cluster("insurance"))


def written(cast, report, **texts) -> ClusterReport:
    texts = report.written | ANALYSIS | texts
    return writing.save(
        by=cast.dispatcher, report=report, title=report.title, texts=texts, version=report.version
    )


def test_a_draft_has_figures_and_cases_without_identities(cast, report):
    assert "共收到" in report.counted["situation"] and "诉求5件" in report.counted["situation"]
    assert "案例一：" in report.written["problems"] and report.written["causes"] == ""
    text = writing.paper_of(report).as_text()
    for row in report.cluster.members.select_related("appeal"):
        for told in (row.appeal.claimed_name, row.appeal.number, row.appeal.contact_phone):
            assert told not in text
    assert report.table[-1] == ["合计", "5", "0", "0", "5"]


def test_asking_again_gives_the_draft_that_is_there(cast, report):
    assert writing.draft(by=cast.bureau_leader, cluster=report.cluster).pk == report.pk


def test_counting_again_leaves_what_people_wrote(cast, report):
    report = written(cast, report)
    cast.bring("insurance", firm="铜陵再来{n}号厂")
    cast.sort()
    report = writing.refresh(by=cast.dispatcher, report=report)
    assert "诉求10件" in report.counted["situation"] and report.written["causes"] == ANALYSIS["causes"]


def test_two_who_write_at_once_do_not_overwrite_each_other(cast, report):
    written(cast, report)
    with pytest.raises(ValidationError, match="刚才有人改过"):
        written(cast, report)


def test_nothing_is_submitted_without_an_analysis_or_with_an_identity(cast, report):
    with pytest.raises(ValidationError, match="原因分析"):
        writing.submit(by=cast.dispatcher, report=report, version=report.version)
    firm = report.cluster.members.first().appeal.claimed_name
    report = written(cast, report, done=f"已走访{firm}。")
    with pytest.raises(ValidationError, match="还能看出是谁"):
        writing.submit(by=cast.dispatcher, report=report, version=report.version)


def test_the_page_says_what_may_still_tell_who_it_is(cast, report, client):
    client.force_login(cast.dispatcher)
    address = reverse("reports:cluster_report", args=[report.pk])
    assert "请核对是否还能看出" not in client.get(address).content.decode()
    firm = report.cluster.members.first().appeal.claimed_name
    written(cast, report, done=f"已走访{firm}，由芮祠村协助。")
    page = client.get(address).content.decode()
    assert f"必须去掉：“{firm}”" in page and "“芮祠村”（像地名）" in page


def test_what_is_submitted_stays_as_it_was(cast, report):
    report = writing.submit(by=cast.bureau_leader, report=(w := written(cast, report)), version=w.version)
    before = writing.paper_of(report).blocks
    cast.bring("insurance", firm="铜陵再来{n}号厂")
    cast.sort()
    report.refresh_from_db()
    assert writing.paper_of(report).blocks == before
    assert "起草中" not in writing.paper_of(report).as_text()
    for step in (
        lambda: written(cast, report),
        lambda: writing.refresh(by=cast.dispatcher, report=report),
        lambda: writing.discard(by=cast.dispatcher, report=report),
    ):
        with pytest.raises(ValidationError, match="已报区政府"):
            step()
    assert writing.draft(by=cast.dispatcher, cluster=report.cluster).pk != report.pk


def test_the_department_writes_what_it_took_on_and_the_bureau_submits(cast):
    cluster = cast.cluster("insurance")
    with pytest.raises(PermissionDenied):
        writing.draft(by=cast.liaison, cluster=cluster)
    task = Task(cast.liaison.unit, "guidance", "编印申报指南", clock.today())
    improving.take_on(by=cast.liaison, cluster=cluster, task=task)
    report = writing.draft(by=cast.liaison, cluster=cluster)
    assert "编印申报指南" in report.written["advice"] and "编印申报指南" in report.counted["done"]
    assert "案例" not in report.written["problems"], "the unit sees none of the appeals"
    with pytest.raises(PermissionDenied):
        writing.submit(by=cast.liaison, report=report, version=report.version)
    for user, sees in (
        (cast.liaison, True), (cast.dispatcher, True), (cast.supervisor, True), (cast.district_leader, False),
        (cast.other_liaison, False), (cast.window, False),
    ):  # fmt: skip
        assert ClusterReport.objects.visible_to(user).exists() == sees


def test_the_pages_write_submit_and_hand_out_the_paper(client, cast, report):
    client.force_login(cast.dispatcher)
    address = reverse("reports:cluster_report", args=[report.pk])
    assert "原因分析" in client.get(address).content.decode()
    data = (
        {"version": report.version, "title": "关于社保补贴申报问题的调研分析报告"} | report.written | ANALYSIS
    )
    assert client.post(address, data | {"title": ""}).status_code == 422
    assert client.post(address, data).status_code == 302
    assert client.post(address, data).status_code == 422
    submit = reverse("reports:submit_cluster_report", args=[report.pk])
    assert client.post(submit, {"version": "x"}).status_code == 422
    assert client.post(submit, {"version": 1}).status_code == 302
    answer = client.get(reverse("reports:cluster_report_download", args=[report.pk]))
    text = "\n".join(paragraph.text for paragraph in Word(io.BytesIO(answer.content)).paragraphs)
    assert "关于社保补贴申报问题的" in text and ANALYSIS["advice"] in text
    client.force_login(cast.district_leader)
    assert client.get(address).status_code == 200
    listed = client.get(reverse("reports:cluster_reports"), {"cluster": report.cluster_id})
    assert "已报区政府" in listed.content.decode()


def test_a_draft_can_be_discarded(client, cast, report):
    client.force_login(cast.dispatcher)
    client.post(reverse("reports:discard_cluster_report", args=[report.pk]), {"version": 0})
    assert not ClusterReport.objects.exists()
