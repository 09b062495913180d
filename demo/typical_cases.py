"""Typical cases of the demo: chosen from what the candidates' page puts up, in every state a case can be in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from accounts.models import User
from appeals.models import Appeal
from core import clock
from demo.world import WEEKS, Story, World
from reports import cases
from reports.case_candidates import Days, candidates
from reports.identity_forms import take_apart
from reports.models import Case

PLACES = ("铜陵市郊区", "铜陵市", "铜陵", "安徽")


@dataclass(frozen=True)
class Plan:
    """How a case begins, and how far it comes."""

    week: int
    kind: str
    ends: str
    lesson: str
    proposal: str = ""
    """Why 督查 proposed it; empty where the bureau drafts by itself."""
    words: str = ""
    """The opinion with which it is sent back, why it is withdrawn, or the bulletin it stands in."""


PLANS = (
    Plan(
        7,
        "good",
        "published",
        "遇到暂时办不了的事，先不说“不”，由负责人把关、换个办法再试一次，往往就有转机。要把这样的做法固定下来，"
        "变成提级审签中必须回答的一问：还有没有别的办法。",
        words="2026年第9期",
    ),
    Plan(
        8,
        "bad",
        "published",
        "办理单位重答复、轻办理，没有到现场核实就反馈“已解决”，企业评价不满意后才重新办理。各单位要引以为戒：反馈前先问企业，"
        "企业不认可的不得上报解决；分管负责人对反馈的真实性负责。",
        proposal="回访发现反馈情况与企业说法不一，建议剖析通报。",
        words="2026年第9期",
    ),
    Plan(
        10,
        "good",
        "approved",
        "一件诉求办得好不好，关键看第一责任单位是不是把企业的事当成自己的事。主办单位没有停留在解释政策上，而是带着问题到现场，"
        "把部门之间的事放在内部协调，让企业只跑一次。各单位要学习这种主动上前、办就办成的作风。",
    ),
    Plan(
        10,
        "bad",
        "sent_back",
        "办理超过时限，既不申请延期，也不告知企业。",
        words="问题剖析要写到岗位和环节，整改措施再具体一些。",
    ),
    Plan(
        11,
        "bad",
        "submitted",
        "同一件事办了两遍，说明第一遍没有办到位。要求各单位收到重办件后，由上一级负责人签字反馈，并在三个工作日内回访企业。",
    ),
    Plan(
        11,
        "good",
        "draft",
        "{brand}负责人{contact}说：“原以为要跑好几趟，没想到一个电话就有人上门。”这句话点出了首问负责的分量。",
    ),
    Plan(11, "good", "withdrawn", "", words="与已通报的案例做法相近，不再使用。"),
    Plan(11, "bad", "proposed", "", proposal="督办后仍进展缓慢，企业多次询问，建议作为反面典型剖析。"),
)


class TypicalCases:
    def __init__(self, world: World) -> None:
        self.world = world

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        for n, plan in enumerate(PLANS):
            rng = self.world.rng("typical case", n)
            day = days[min(len(days) - 1, plan.week * len(days) // WEEKS + n % 3)]
            yield self.world.in_office(rng, day), self._life(rng, plan)

    def _life(self, rng: Random, plan: Plan) -> Story:
        world = self.world
        writer, second = world.people["dispatcher"], world.people["dispatcher2"]
        appeal = self._chosen(writer, plan.kind)
        if appeal is None:
            return
        if plan.proposal:
            proposer = world.people["supervisor"]
            cases.propose(by=proposer, appeal=appeal, kind=plan.kind, reason=plan.proposal)
            if plan.ends == "proposed":
                return
            yield world.later(rng, 0, 1)
        case = cases.draft(by=writer, appeal=appeal, kind=plan.kind)
        yield world.shortly(rng)
        if plan.ends == "withdrawn":
            cases.withdraw(by=writer, case=case, reason=plan.words)
            return
        case = self._edited(writer, case, plan)
        if plan.ends == "draft":
            return
        case = cases.submit(by=writer, case=case)
        if plan.ends == "submitted":
            return
        yield world.later(rng, 0, 1)
        if plan.ends == "sent_back":
            cases.send_back(by=world.people["leader"], case=case, opinion=plan.words)
            return
        ticked = [found.text for found in cases.findings_of(case).suspects]
        case = cases.approve(by=second, case=case, ticked=ticked)
        if plan.ends == "published":
            yield world.later(rng, 1, 3)
            cases.mark_published(by=writer, case=case, bulletin=plan.words)

    def _chosen(self, by: User, kind: str) -> Appeal | None:
        """The weightiest there is at that moment that nobody has proposed either."""
        today = clock.today()
        days = Days(today - timedelta(days=45), today)
        taken = set(Case.objects.live().values_list("appeal", flat=True))
        found = (one.appeal for one in candidates(by, kind, days) if one.appeal.pk not in taken)
        return next(found, None)

    def _edited(self, by: User, case: Case, plan: Plan) -> Case:
        """With a lesson in somebody's own words; in a hurry, a name slips in again."""
        subject = case.appeal.subject
        brand = take_apart(subject.name, PLACES).brand if subject else ""
        lesson = plan.lesson.format(
            brand=f"{brand}公司" if brand else "企业", contact=case.appeal.contact_name
        )
        texts = {field: getattr(case, field) for field in Case.TEXTS}
        return cases.edit(by=by, case=case, texts=texts | {"lesson": lesson})
