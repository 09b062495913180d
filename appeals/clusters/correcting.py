"""What people put right about the sorting: it is remembered, and the next run keeps to it.

Each service settles the cluster (see ``appeals.models.Cluster``) and holds the district's lock, so that a run
of the same moment waits for it.
"""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from appeals.clusters.permissions import may_correct, may_manage
from appeals.clusters.running import NOT_SORTED, lock
from appeals.models import Appeal, Cluster, ClusterMember, Improvement
from core import clock
from core.wording import speak, spoken

How, State = ClusterMember.How, Cluster.State
MOST_TITLE = 60
MOST_REASON = 300
WHO_CORRECTS = spoken("归类由牵头局和已认领的责任单位调整。")
WHO_MANAGES = spoken("合并、不作专题由牵头局办理。")
MERGED = "这类问题已并入“{title}”，请到那里操作。"


def locked(cluster: Cluster) -> Cluster:
    """The cluster as it is now, with the district's lock held."""
    lock(cluster.district)
    return (
        Cluster.objects.select_for_update(of=("self",))
        .select_related("district", "merged_into")
        .get(pk=cluster.pk)
    )


def settle(cluster: Cluster, *also: str) -> None:
    cluster.settled = True
    cluster.save(update_fields=["settled", *also])


def _to_correct(by: User, cluster: Cluster) -> Cluster:
    cluster = locked(cluster)
    refuse_merged(cluster)
    if not may_correct(by, cluster):
        raise PermissionDenied(WHO_CORRECTS)
    return cluster


def _to_manage(by: User, cluster: Cluster) -> Cluster:
    cluster = locked(cluster)
    refuse_merged(cluster)
    if not may_manage(by, cluster):
        raise PermissionDenied(WHO_MANAGES)
    return cluster


def refuse_merged(cluster: Cluster) -> None:
    if cluster.merged_into:
        raise ValidationError(MERGED.format(title=cluster.merged_into.title))


@transaction.atomic
def rename(*, by: User, cluster: Cluster, title: str) -> Cluster:
    cluster = _to_correct(by, cluster)
    cluster.title = _told(title, "title", MOST_TITLE, "请填写名称。")
    settle(cluster, "title")
    audit.record(by, "cluster.renamed", cluster)
    return cluster


@transaction.atomic
def put_out(*, by: User, cluster: Cluster, appeal: Appeal) -> Cluster:
    """不属此类: the sorting does not put it in again."""
    cluster = _to_correct(by, cluster)
    row = ClusterMember.objects.inside().filter(cluster=cluster, appeal=appeal).first()
    if row is None:
        raise ValidationError("这件诉求已不在这类问题中，请刷新后再看。")
    row.how, row.by, row.at = How.EXCLUDED, by, clock.now()
    row.save(update_fields=["how", "by", "at"])
    settle(cluster)
    audit.record(by, "cluster.put_out", cluster, appeal=appeal.pk)
    return cluster


@transaction.atomic
def put_in(*, by: User, cluster: Cluster, appeal: Appeal | None) -> Cluster:
    """An appeal that the sorting did not find, or one that was put out by mistake; it leaves any other cluster."""
    cluster = _to_correct(by, cluster)
    if appeal is None or appeal.district_id != cluster.district_id:
        raise ValidationError({"number": ["没有找到这个编号的诉求。"]})
    if appeal.status in NOT_SORTED:
        raise ValidationError({"number": [f"这件诉求{appeal.get_status_display()}，不参加归类。"]})
    row = ClusterMember.objects.inside().filter(appeal=appeal).select_related("cluster").first()
    if row is not None and row.cluster_id == cluster.pk:
        raise ValidationError({"number": ["这件诉求已经在这类问题中。"]})
    if row is not None:
        if row.cluster.settled and not may_correct(by, row.cluster):
            raise ValidationError(
                {"number": [f"这件诉求已归入“{row.cluster.title}”，请{speak('牵头局')}调整。"]}
            )
        # What people moved away does not come back there.
        row.how, row.by, row.at = How.EXCLUDED, by, clock.now()
        row.save(update_fields=["how", "by", "at"])
        settle(row.cluster)
    ClusterMember.objects.update_or_create(
        cluster=cluster, appeal=appeal, defaults={"how": How.BY_HAND, "by": by, "at": clock.now()}
    )
    settle(cluster)
    audit.record(by, "cluster.put_in", cluster, appeal=appeal.pk)
    return cluster


@transaction.atomic
def merge(*, by: User, cluster: Cluster, into: Cluster | None) -> Cluster:
    """Two kinds that are one: appeals, corrections and improvements go over; the address of the old one leads on."""
    cluster = _to_manage(by, cluster)
    if into is None or into.district_id != cluster.district_id or into.pk == cluster.pk:
        raise ValidationError({"into": ["请选择另一类共性问题。"]})
    into = Cluster.objects.select_for_update(of=("self",)).get(pk=into.pk)
    if not into.is_active:
        raise ValidationError({"into": [f"“{into.title}”{into.get_state_display()}，不能并入。"]})
    if all(one.improvements.live().exists() for one in (cluster, into)):
        raise ValidationError({"into": ["两类问题都有单位正在推进改进，先办结其中一项再合并。"]})
    there = set(into.members.values_list("appeal", flat=True))
    clash = cluster.members.filter(appeal__in=there)
    # An appeal that one of the two holds is in, whatever was said about the other.
    inside = set(clash.inside().values_list("appeal", flat=True))
    into.members.filter(appeal__in=inside, how=How.EXCLUDED).delete()
    cluster.members.filter(appeal__in=there - inside).delete()
    cluster.members.update(cluster=into)
    Improvement.objects.filter(cluster=cluster).update(cluster=into)
    topics = set(into.topics.values_list("event", flat=True))
    cluster.topics.filter(event__in=topics).delete()
    cluster.topics.update(cluster=into)
    cluster.merged.update(merged_into=into)
    cluster.state, cluster.merged_into = State.MERGED, into
    settle(cluster, "state", "merged_into")
    settle(into)
    audit.record(by, "cluster.merged", cluster, into=into.pk)
    return into


@transaction.atomic
def dismiss(*, by: User, cluster: Cluster, reason: str) -> Cluster:
    """No kind of problem to work on, as it turned out; the sorting does not bring it up again."""
    cluster = _to_manage(by, cluster)
    if not cluster.is_active:
        raise ValidationError("这类问题已经不作专题。")
    reason = _told(reason, "reason", MOST_REASON, "请写明原因。")
    if cluster.improvements.live().exists():
        raise ValidationError({"reason": ["已有单位认领并在推进，不能不作专题。"]})
    cluster.state, cluster.reason = State.DISMISSED, reason
    settle(cluster, "state", "reason")
    audit.record(by, "cluster.dismissed", cluster)
    return cluster


@transaction.atomic
def restore(*, by: User, cluster: Cluster) -> Cluster:
    cluster = _to_manage(by, cluster)
    if cluster.is_active:
        raise ValidationError("这类问题在列，不用恢复。")
    cluster.state, cluster.reason = State.ACTIVE, ""
    settle(cluster, "state", "reason")
    audit.record(by, "cluster.restored", cluster)
    return cluster


def _told(text: str, field: str, most: int, missing: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise ValidationError({field: [missing]})
    if len(text) > most:
        raise ValidationError({field: [f"最多{most}字。"]})
    return text
