"""The counted paragraphs of a research report: sentences with figures from the register, and nothing else.

Why things are as they are, and what should be done, is for people to write: no sentence here says more than
what was counted or what somebody recorded.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Avg, Count, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.db.models.fields import DurationField

from appeals.clusters.figures import (
    NOBODY,
    Figures,
    appeals_of,
    by_month,
    by_region,
    by_unit,
    effect_of,
    figures,
    handled_by,
)
from appeals.models import FINAL, Answer, Cluster, ClusterTopic, Event, Improvement, Solved, Status
from appeals.signing import REDOS
from core import clock
from districts.models import DistrictProfile
from reports.documents.paper import written_date

MOST_NAMED = 5
MOST_BASES = 3
LONGEST_BASIS = 40


@dataclass(frozen=True)
class Counted:
    """What one count gives: paragraphs by section, and the rows of the attachment."""

    paragraphs: dict[str, str]
    table: list[list[str]]


def count(cluster: Cluster) -> Counted:
    found = figures(cluster)
    return Counted(
        {
            "situation": "\n".join(_situation(cluster, found)),
            "problems": "",
            "causes": "\n".join(_causes(cluster, found)),
            "done": "\n".join(_done(cluster, found)),
            "advice": "",
        },
        _table(cluster),
    )


def _situation(cluster: Cluster, found: Figures) -> Iterable[str]:
    rules = DistrictProfile.objects.in_force(cluster.district).rules
    category = rules.label("categories", cluster.category)
    if not found.size or found.first_on is None or found.last_on is None:
        yield f"截至{written_date(clock.today())}，没有收到这类诉求。"
        return
    yield (
        f"{written_date(found.first_on)}至{written_date(clock.today())}，共收到“{cluster.title}”方面的诉求"
        f"{found.size}件，涉及企业（项目）{found.firms}家，类别为{category}；"
        f"最近一件于{written_date(found.last_on)}收到。"
    )
    months = by_month(cluster)
    if len(months) > 1:
        most = max(months, key=lambda month: (month.number, month.first))
        recent = "、".join(f"{month.first.month}月{month.number}件" for month in months[-MOST_NAMED:])
        yield f"分月看，{recent}，最多的是{most.first.year}年{most.first.month}月，{most.number}件。"
    yield f"从所在地看，{_listed(by_region(cluster))}。从主办单位看，{_listed(by_unit(cluster))}。"


def _listed(rows: list[tuple[str, int]]) -> str:
    named = "、".join(f"{name}{number}件" for name, number in rows[:MOST_NAMED])
    rest = sum(number for _, number in rows[MOST_NAMED:])
    return f"{named}，其余{rest}件" if rest else named


def _causes(cluster: Cluster, found: Figures) -> Iterable[str]:
    """What the record shows of where it is stuck; the analysis itself is people's."""
    if not found.size:
        return
    numbers = {one.label: one.number for one in found.outcomes}
    partly, unsolved = numbers["办结，部分解决"], numbers["办结，未解决或作了解释"]
    told = [
        f"{words}{number}件"
        for words, number in (("部分解决", partly), ("未解决或作了解释", unsolved))
        if number
    ]
    if found.refused:
        told.append(f"经说“不”提级会商认定不合理{found.refused}件")
    if found.on_file:
        told.append(f"因条件暂不具备挂账{found.on_file}件")
    redone = (
        Event.objects.filter(appeal__in=appeals_of(cluster).order_by().values("pk"), transition__in=REDOS)
        .values("appeal").distinct().count()
    )  # fmt: skip
    if redone:
        told.append(f"重办{redone}件")
    if told:
        yield f"从办理记录看，{'、'.join(told)}。"
    bases = _bases(cluster)
    if bases:
        named = "、".join(f"“{text}”（{number}次）" for text, number in bases)
        yield f"答复中引用较多的政策和法律依据：{named}。"


def _bases(cluster: Cluster) -> list[tuple[str, int]]:
    rows = Answer.objects.filter(appeal__in=appeals_of(cluster).order_by().values("pk")).exclude(basis="")
    texts = Counter(" ".join(text.split())[:LONGEST_BASIS] for text in rows.values_list("basis", flat=True))
    return sorted(texts.items(), key=lambda row: (-row[1], row[0]))[:MOST_BASES]


def _done(cluster: Cluster, found: Figures) -> Iterable[str]:
    ended = found.size - found.open
    took = ExpressionWrapper(F("ended_at") - F("submitted_at"), output_field=DurationField())
    closed = appeals_of(cluster).filter(status__in=(Status.CLOSED, Status.SOLVED_ON_SPOT))
    average: timedelta | None = closed.order_by().aggregate(took=Avg(took))["took"]
    days = f"，平均用时{max(average.total_seconds() / 86_400, 0.1):.1f}天" if average is not None else ""
    yield f"已办结{ended}件，其中解决{found.solved}件{days}；仍未办结{found.open}件。"
    talks = list(
        ClusterTopic.objects.filter(cluster=cluster, event__state="held")
        .select_related("event")
        .order_by("event__starts_at")
    )
    for talk in talks:
        day = written_date(clock.local_date(talk.event.starts_at))
        yield f"{day}，列为“{talk.event.title}”议题研究。"
    for task in cluster.improvements.exclude(state="given_up").select_related("unit").order_by("pk"):
        yield from _task(task)


def _task(task: Improvement) -> Iterable[str]:
    day = written_date(clock.local_date(task.adopted_at))
    goal = task.goal.split("\n")[0].rstrip("。；")
    yield (
        f"{day}，{task.unit.name}牵头，以“{task.get_kind_display()}”方式改进：{goal}；"
        f"完成时限{written_date(task.due_on)}，目前{task.get_state_display()}。"
    )
    effect = effect_of(task)
    if effect is None:
        return
    since = f"改进措施于{written_date(effect.changed_on)}实施"
    if effect.too_early:
        yield f"{since}，{effect.said}"
    else:
        yield f"{since}。实施前每月新增{effect.monthly_before}件，实施后每月新增{effect.monthly_after}件。"


def _table(cluster: Cluster) -> list[list[str]]:
    """Appeals by unit: how many, ended, of these solved, and still open. One query."""
    last = Answer.objects.filter(appeal=OuterRef("pk")).order_by("-event_seq", "-pk").values("solved")[:1]
    counted = (
        appeals_of(cluster).order_by().annotate(answered=Subquery(last), who=handled_by("name")).values_list("who")
        .annotate(
            number=Count("pk"),
            ended=Count("pk", filter=Q(status__in=FINAL)),
            solved=Count("pk", filter=Q(status__in=FINAL, answered=Solved.YES) & ~Q(status=Status.DECLINED)),
        )
    )  # fmt: skip
    table = [
        [name or NOBODY, str(number), str(ended), str(solved), str(number - ended)]
        for name, number, ended, solved in sorted(counted, key=lambda row: (-row[1], row[0] or ""))
    ]
    if table:
        table.append(["合计", *(str(sum(int(row[at]) for row in table)) for at in range(1, 5))])
    return table
