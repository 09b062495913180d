"""The list as the provincial platform wants it: the profile's columns, in the profile's order."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch

from accounts.models import User
from appeals.models import Answer, Appeal, ProvincialResult, Rating, Revisit
from appeals.provincial_entry import may_enter
from appeals.querysets import AppealQuerySet
from core import clock
from core.masking import mask_name, mask_phone
from core.xlsx import text_workbook
from districts.profile import Rules
from districts.provincial import FIXED

CHUNK = 2_000
WIDE = {"title": 30, "content": 50, "firm": 30, "answer": 50, "provincial_result": 40, "credit_code": 24}


def workbook(appeals: AppealQuerySet, *, rules: Rules, by: User) -> tuple[bytes, int]:
    """The sheet and how many appeals it holds; the appeals are read as they are written."""
    columns = rules.provincial.columns
    written = 0

    def rows() -> Iterator[list[str]]:
        nonlocal written
        for appeal in with_all(appeals).iterator(chunk_size=CHUNK):
            written += 1
            full = may_enter(by, appeal)
            yield [
                column.text if column.field == FIXED else VALUES[column.field](appeal, full)
                for column in columns
            ]

    content = text_workbook(
        title="省平台录入",
        headers=[column.title for column in columns],
        rows=rows(),
        widths=[WIDE.get(column.field, 16) for column in columns],
    )
    return content, written


def with_all(appeals: AppealQuerySet) -> AppealQuerySet:
    """With everything a row may show, in a number of queries that does not grow with the rows of a chunk."""
    return (
        appeals.select_related(
            "enterprise", "project", "region", "district", "profile", "collecting_unit", "lead_unit"
        )
        .defer("profile__data", "search_text", "secret_digest")
        .prefetch_related(
            Prefetch("answers", Answer.objects.order_by("event_seq", "pk"), to_attr="all_answers"),
            Prefetch("ratings", Rating.objects.order_by("event_seq", "pk"), to_attr="all_ratings"),
            Prefetch(
                "revisits",
                Revisit.objects.filter(reached=True).order_by("event_seq", "pk"),
                to_attr="all_revisits",
            ),
            Prefetch(
                "provincial_results", ProvincialResult.objects.order_by("on", "pk"), to_attr="all_results"
            ),
        )
    )


def _day(moment: datetime | date | None) -> str:
    if moment is None:
        return ""
    return (clock.local_date(moment) if isinstance(moment, datetime) else moment).isoformat()


def _last(appeal: Any, of: str) -> Any:
    found = getattr(appeal, of)
    return found[-1] if found else None


def _answered(appeal: Appeal) -> Answer | None:
    """The answer that holds: a redone appeal has none until it is answered again."""
    return _last(appeal, "all_answers") if appeal.answered_at else None


def _satisfaction(appeal: Appeal) -> str:
    """The firm's own last judgement, else what it said when it was revisited."""
    judged = _last(appeal, "all_ratings") or _last(appeal, "all_revisits")
    return appeal.rules.label("satisfaction", judged.satisfaction) if judged else ""


def _credit_code(appeal: Appeal) -> str:
    enterprise = appeal.enterprise
    if enterprise is not None:
        return enterprise.credit_code or enterprise.registration_number or ""
    return appeal.claimed_code


def _result(value: Callable[[ProvincialResult], str]) -> Callable[[Appeal, bool], str]:
    return lambda appeal, full: value(found) if (found := _last(appeal, "all_results")) else ""


# A value for each of districts.provincial.FIELDS; ``full`` shows the contact unmasked.
VALUES: dict[str, Callable[[Appeal, bool], str]] = {
    "number": lambda appeal, full: appeal.number,
    "title": lambda appeal, full: appeal.title,
    "content": lambda appeal, full: appeal.content,
    "category": lambda appeal, full: appeal.category_label,
    "urgency": lambda appeal, full: appeal.get_urgency_display(),
    "channel": lambda appeal, full: appeal.channel_label,
    "firm": lambda appeal, full: appeal.subject_name,
    "credit_code": lambda appeal, full: _credit_code(appeal),
    "region": lambda appeal, full: appeal.region.name,
    "contact_name": lambda appeal, full: appeal.contact_name if full else mask_name(appeal.contact_name),
    "contact_phone": lambda appeal, full: appeal.contact_phone if full else mask_phone(appeal.contact_phone),
    "submitted_on": lambda appeal, full: _day(appeal.submitted_at),
    "collecting_unit": lambda appeal, full: appeal.collecting_unit.name,
    "lead_unit": lambda appeal, full: appeal.lead_unit.name if appeal.lead_unit else "",
    "status": lambda appeal, full: appeal.get_status_display(),
    "answer": lambda appeal, full: answer.result if (answer := _answered(appeal)) else "",
    "answered_on": lambda appeal, full: _day(appeal.answered_at),
    "solved": lambda appeal, full: answer.get_solved_display() if (answer := _answered(appeal)) else "",
    "satisfaction": lambda appeal, full: _satisfaction(appeal),
    "ended_on": lambda appeal, full: _day(appeal.ended_at),
    "provincial_number": lambda appeal, full: appeal.provincial_number,
    "provincial_recorded_on": lambda appeal, full: _day(appeal.provincial_recorded_at),
    "provincial_status": _result(lambda result: result.status),
    "provincial_result": _result(lambda result: result.text),
    "provincial_result_on": _result(lambda result: _day(result.on)),
}
