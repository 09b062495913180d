"""A low rating's way: the unit puts it right and says so, or appeals it as mistaken and somebody else rules."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import Official, Role, Unit, User
from accounts.selectors import accounts_of, unit_of
from appeals.models import Event, Rating, Status
from campaigns.models import LowRating, LowRatingEvidence, ServiceRating, SurveyAnswer
from campaigns.satisfaction.permissions import is_about_bureau, may_answer, may_rule
from campaigns.satisfaction.querysets import MANAGERS
from campaigns.satisfaction.scrubbing import scrub
from core import clock
from core.wording import spoken
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from liaisons.address_book import UNIT_DESK, recipients
from notifications.services import notify

State = LowRating.State
MOST_TEXT = 2000
NEWS = timedelta(days=60)
"""How far back the ratings of appeals are looked at: a missed tick is made up for."""
WHO_ANSWERS = "低分评价由被评价单位的联络员或负责人答复。"
WHO_RULES = spoken("误评申诉由牵头局裁定，涉及牵头局自己的由督查裁定；申诉人和被评价的干部不能裁定。")
SETTLED = "这条低分评价已经有人处理过了，请刷新后再看。"


# --- Opening --------------------------------------------------------------------------------------


def open_case(
    *, district: Region, rules: Rules, unit: Unit, level: str, about: str, words: str,
    official: Official | None = None, service_rating: ServiceRating | None = None,
    appeal_rating: Rating | None = None, survey_answer: SurveyAnswer | None = None,
) -> LowRating:  # fmt: skip
    """Within the transaction that brought the rating. The unit is told that there is one, not what it says."""
    now = clock.now()
    case = LowRating.objects.create(
        district=district,
        unit=unit,
        official=official,
        service_rating=service_rating,
        appeal_rating=appeal_rating,
        survey_answer=survey_answer,
        about=about[:120],
        level=level,
        words=words,
        opened_at=now,
        due_at=work_calendar(rules).due_at(now, rules.ratings.answer_days),
    )
    notify(
        desk_of(unit),
        key=f"low-rating:{case.pk}",
        title=f"低分评价待答复：{case.about}"[:120],
        body=f"请在{_when(case.due_at)}前写明整改情况；认为是误评的，可以在此之前申诉。",
        url=reverse("campaigns:low_rating", args=[case.pk]),
    )
    return case


def desk_of(unit: Unit) -> list[User]:
    """Who of the unit deals with it; where there is nobody, as in a window, those above it."""
    own = recipients(unit, *UNIT_DESK)
    return recipients(unit.parent, *UNIT_DESK) if not own and unit.parent else own


@transaction.atomic
def open_cases_of_appeals(district: Region, rules: Rules) -> int:
    """Appeals that were closed although the firm's own last word was a low rating.

    As long as an appeal is open its dissatisfaction is the workflow's: the bureau rules within a day, and it is
    done again. What is closed all the same is put right here, or was mistaken.
    """
    closed = Event.objects.filter(
        appeal__district=district,
        appeal__status=Status.CLOSED,
        to_status=Status.CLOSED,
        occurred_at__gte=clock.now() - NEWS,
    ).order_by()
    last: dict[int, Rating] = {}
    ratings = Rating.objects.filter(appeal__in=closed.values("appeal"), appeal__lead_unit__isnull=False)
    for rating in ratings.select_related("appeal__lead_unit__parent").order_by("event_seq", "pk"):
        last[rating.appeal_id] = rating
    known = set(
        LowRating.objects.filter(appeal_rating__in=list(last.values())).values_list(
            "appeal_rating", flat=True
        )
    )
    opened = 0
    for rating in last.values():
        if rating.pk in known or rating.satisfaction in rules.satisfied_levels:
            continue
        appeal = rating.appeal
        assert appeal.lead_unit is not None
        open_case(
            district=district,
            rules=rules,
            unit=appeal.lead_unit,
            level=rating.satisfaction,
            about=f"诉求 {appeal.number} {appeal.title}",
            words=scrub(rating.comment),
            appeal_rating=rating,
        )
        opened += 1
    return opened


# --- Answering, appealing, ruling -----------------------------------------------------------------


@transaction.atomic
def answer(*, by: User, case: LowRating, answer: str) -> LowRating:
    """What was put right."""
    case, _ = _locked(case)
    if not may_answer(by, case):
        raise PermissionDenied(WHO_ANSWERS)
    if case.state != State.OPEN:
        raise ValidationError(SETTLED)
    case.answer = _text(answer, "answer", "请写明查明的原因和整改情况。")
    case.answered_by, case.answered_at = by, clock.now()
    case.late, case.state = case.answered_at > case.due_at, State.ANSWERED
    case.save(update_fields=["answer", "answered_by", "answered_at", "late", "state"])
    audit.record(by, "low_rating.answered", case, late=case.late)
    return case


@transaction.atomic
def dispute(
    *, by: User, case: LowRating, reason: str, evidence: str, files: Iterable[File] = ()
) -> LowRating:
    """误评申诉, once, before the answer is due; the clock stands still until it is ruled on."""
    case, rules = _locked(case)
    if not may_answer(by, case):
        raise PermissionDenied(WHO_ANSWERS)
    if case.state != State.OPEN:
        raise ValidationError(SETTLED)
    if case.disputed_at is not None:
        raise ValidationError("误评申诉只能提出一次，已裁定不成立的，请写明整改情况。")
    if case.due_at < clock.now():
        raise ValidationError("答复时限已过，不能再申诉，请写明整改情况。")
    reason = _text(reason, "reason", "请写明为什么是误评。")
    evidence = _text(evidence, "evidence", "请写明依据：哪天谁办了什么，凭哪些记录能够核实。")
    now = clock.now()
    case.reason, case.evidence, case.disputed_by, case.disputed_at = reason, evidence, by, now
    case.ruling_due_at = work_calendar(rules).due_at(now, rules.ratings.ruling_days)
    case.state = State.DISPUTED
    case.save(update_fields=["reason", "evidence", "disputed_by", "disputed_at", "ruling_due_at", "state"])
    for upload in files:
        LowRatingEvidence.objects.create(case=case, **LowRatingEvidence.fields_of(upload))
    audit.record(by, "low_rating.disputed", case)
    notify(
        [user for user in rulers(case, rules) if user != by],
        key=f"low-rating:{case.pk}:disputed",
        title=f"误评申诉待裁定：{case.unit} {case.about}"[:120],
        body=f"请在{_when(case.ruling_due_at)}前裁定。",
        url=reverse("campaigns:low_rating", args=[case.pk]),
    )
    return case


@transaction.atomic
def rule(*, by: User, case: LowRating, uphold: bool, ruling: str) -> LowRating:
    """Upheld: kept, marked, and counted no more. Refused: it stands, and the unit has its time again."""
    case, rules = _locked(case)
    if not may_rule(by, case, rules):
        raise PermissionDenied(WHO_RULES)
    if case.state != State.DISPUTED:
        raise ValidationError(SETTLED)
    case.ruling = _text(ruling, "ruling", "请写明裁定的理由。")
    case.ruled_by, case.ruled_at = by, clock.now()
    case.state = State.UPHELD if uphold else State.OPEN
    if not uphold:
        case.due_at = work_calendar(rules).due_at(case.ruled_at, rules.ratings.answer_days)
    case.save(update_fields=["ruling", "ruled_by", "ruled_at", "state", "due_at"])
    audit.record(by, "low_rating.ruled", case, upheld=uphold)
    notify(
        desk_of(case.unit),
        key=f"low-rating:{case.pk}:ruled",
        title=f"误评申诉{'成立' if uphold else '不成立'}：{case.about}"[:120],
        body="不计入满意度统计，记录保留。" if uphold else f"请在{_when(case.due_at)}前写明整改情况。",
        url=reverse("campaigns:low_rating", args=[case.pk]),
    )
    return case


def ruling_unit(case: LowRating, rules: Rules) -> Unit:
    """The lead bureau; about the bureau itself 督查."""
    return unit_of(case.district_id, rules.supervisor if is_about_bureau(case, rules) else rules.lead_bureau)


def rulers(case: LowRating, rules: Rules) -> list[User]:
    """Whoever may rule on it, in the unit that does."""
    roles = (Role.SUPERVISOR,) if is_about_bureau(case, rules) else MANAGERS
    people = accounts_of(ruling_unit(case, rules), *roles)
    return [user for user in people if may_rule(user, case, rules)]


def _when(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m月%d日 %H:%M}"


def _locked(case: LowRating) -> tuple[LowRating, Rules]:
    rows = LowRating.objects.select_for_update(of=("self",)).select_related("district", "unit__parent")
    found = rows.get(pk=case.pk)
    return found, DistrictProfile.objects.in_force(found.district).rules


def _text(text: str, field: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise ValidationError({field: [missing]})
    if len(text) > MOST_TEXT:
        raise ValidationError({field: [f"最多{MOST_TEXT}字。"]})
    return text
