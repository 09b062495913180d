"""A visit and everything that came of it, recorded in one transaction.

It spans three rooms (visits and opinions, policies handed out, appeals), which is why it lives up here. If
any part is refused, nothing of it is recorded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.datastructures import MultiValueDict

from accounts.actors import Actor
from accounts.models import Official, Unit, User
from appeals.models import Appeal
from appeals.perform import Refused, earlier_appeal, perform
from core import tokens
from districts.models import Region
from enterprises.models import Enterprise, Project
from enterprises.subjects import subject_key
from liaisons.models import Visit, VisitPhoto, VisitRequest
from liaisons.services.opinions import record_opinion
from liaisons.services.requests import settle_request
from liaisons.services.visits import Guest, record_visit
from policies.models import Policy
from policies.services import hand_out

CLAIM = "visit:"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom the visit was paid to: an enterprise, a project, or a firm that is not on the roster yet."""

    region: Region
    enterprise: Enterprise | None = None
    project: Project | None = None
    claimed_name: str = ""
    claimed_code: str = ""

    @classmethod
    def on_roster(cls, found: Enterprise | Project) -> "Subject":
        if isinstance(found, Enterprise):
            return cls(region=found.region, enterprise=found)
        return cls(region=found.region, project=found)

    def as_fields(self) -> dict[str, Any]:
        return {
            "enterprise": self.enterprise,
            "project": self.project,
            "claimed_name": self.claimed_name,
            "claimed_code": self.claimed_code,
        }

    def as_form_data(self) -> dict[str, Any]:
        """The same, as the forms of ``perform`` take it."""
        if found := self.enterprise or self.project:
            return {"subject": subject_key(found)}
        return {
            "claimed_name": self.claimed_name,
            "claimed_code": self.claimed_code,
            "region": self.region.pk,
        }


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Solved there and then, with the firm's signature (首问负责), or handed in as an appeal."""

    solved: bool
    category: str
    content: str
    contact_name: str
    contact_phone: str
    answer: str = ""
    basis: str = ""
    signature: str = ""
    attachments: Sequence[UploadedFile] = ()


@dataclass(frozen=True, kw_only=True)
class HeardOpinion:
    content: str
    handling: str
    passed_to: Unit | None = None


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Copies of a policy list; without a policy, of the letter."""

    policy: Policy | None
    copies: int


class ProblemRefused(Exception):
    """``perform`` refused the problem at ``index``, and with it the whole sitting was undone."""

    def __init__(self, index: int, cause: Refused) -> None:
        super().__init__(cause.message)
        self.index, self.cause = index, cause


@dataclass(frozen=True)
class Sitting:
    """The visit, and its appeals in the order of the problems, each with its ``secret_code``."""

    visit: Visit
    appeals: list[Appeal]


@transaction.atomic
def record_sitting(
    *,
    by: User,
    subject: Subject,
    reporting_unit: Unit,
    kind: str,
    occurred_at: datetime,
    officials: Iterable[Official],
    guests: Iterable[Guest] = (),
    findings: str = "",
    channel: str = "",
    problems: Sequence[Problem] = (),
    opinions: Iterable[HeardOpinion] = (),
    hand_outs: Iterable[Copies] = (),
    photos: Iterable[ContentFile] = (),
    answers_requests: bool = False,
    key: str | None = None,
) -> Sitting:
    """All or nothing. ``key`` is the once-only token: ``IntegrityError`` if the form was carried out already."""
    visit = record_visit(
        by=by,
        reporting_unit=reporting_unit,
        kind=kind,
        occurred_at=occurred_at,
        region=subject.region,
        officials=officials,
        guests=guests,
        findings=findings,
        **subject.as_fields(),
    )
    if key:
        tokens.claim(key, f"{CLAIM}{visit.pk}")
    for opinion in opinions:
        record_opinion(
            by=by,
            visit=visit,
            content=opinion.content,
            handling=opinion.handling,
            passed_to=opinion.passed_to,
        )
    for paper in hand_outs:
        given = hand_out(
            by=by,
            policy=paper.policy,
            copies=paper.copies,
            unit=reporting_unit,
            occurred_at=occurred_at,
            region=subject.region,
            **subject.as_fields(),
        )
        visit.hand_outs.add(given)
    for photo in photos:
        VisitPhoto.objects.create(visit=visit, file=photo, recorded_at=visit.recorded_at)
    if answers_requests:
        _settle_requests(by, visit)
    appeals = []
    for index, problem in enumerate(problems):
        try:
            token = f"{key}:{index}" if key else None
            appeals.append(_hand_in(by, subject, visit, channel, problem, token))
        except Refused as cause:
            raise ProblemRefused(index, cause) from cause
    return Sitting(visit=visit, appeals=appeals)


def earlier_sitting(key: str) -> Sitting | None:
    """What a copy of the same form recorded already; its tokens lead to the same secret codes again."""
    done = tokens.earlier_result(key)
    if done is None or not done.startswith(CLAIM):
        return None
    appeals: list[Appeal] = []
    while appeal := earlier_appeal(f"{key}:{len(appeals)}"):
        appeals.append(appeal)
    return Sitting(visit=Visit.objects.get(pk=int(done.removeprefix(CLAIM))), appeals=appeals)


def _settle_requests(by: User, visit: Visit) -> None:
    """The firm asked for this visit on the page behind its plaque."""
    if not visit.is_matched:
        return
    asked = VisitRequest.objects.visible_to(by).open()
    for request in asked.filter(
        enterprise=visit.enterprise_id, project=visit.project_id, recorded_at__lte=visit.occurred_at
    ):
        settle_request(by=by, request=request, outcome="已走访", visit=visit)


def _hand_in(
    by: User, subject: Subject, visit: Visit, channel: str, problem: Problem, key: str | None
) -> Appeal:
    data = subject.as_form_data() | {
        "visit": visit.pk,
        "channel": channel,
        "category": problem.category,
        "content": problem.content,
        "contact_name": problem.contact_name,
        "contact_phone": problem.contact_phone,
    }
    if problem.solved:
        data |= {
            "answer": problem.answer,
            "basis": problem.basis,
            "confirmation": "signature",
            "signature": problem.signature,
        }
    return perform(
        None,
        "solve_on_spot" if problem.solved else "register",
        Actor.of_user(by),
        data,
        files=MultiValueDict({"attachments": list(problem.attachments)}),
        key=key,
        district=visit.district,
    )
