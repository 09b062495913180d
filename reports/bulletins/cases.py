"""The good and bad cases that stand in a bulletin."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from districts.models import Region
from reports.bulletins.counted import Month
from reports.cases import mark_published
from reports.models import Case
from reports.services import Refused


def approved_in(district: Region, month: Month, told_in: str = "") -> list[dict[str, Any]]:
    """As they may be told: approved within the month, the good ones first.

    One that has been told already is not told again, but for a correction of the bulletin it was ``told_in``.
    """
    news = Q(state=Case.State.APPROVED)
    if told_in:
        news |= Q(state=Case.State.PUBLISHED, published_in=told_in)
    found = Case.objects.filter(
        news, district=district, approved_at__gte=month.start, approved_at__lt=month.end
    )
    return [
        {
            "ref": case.pk,
            "kind": case.get_kind_display(),
            "title": case.title,
            "sections": [list(section) for section in case.sections],
        }
        for case in sorted(found, key=lambda case: (case.kind != Case.Kind.GOOD, case.pk))
    ]


def still_approved(told: Collection[dict[str, Any]]) -> None:
    """Refuses what has been withdrawn since it was taken into the bulletin."""
    refs = {case["ref"] for case in told}
    kept = set(Case.objects.approved().filter(pk__in=refs).values_list("pk", flat=True))
    gone = "、".join(f"“{case['title']}”" for case in told if case["ref"] not in kept)
    if gone:
        raise Refused(f"案例{gone}已撤回，请从通报中去掉。")


def published(told: Collection[dict[str, Any]], number: str, by: User) -> None:
    """They stand in a bulletin that was sent; one told before stays with the bulletin that told it first."""
    refs = [case["ref"] for case in told]
    for case in Case.objects.filter(pk__in=refs, state=Case.State.APPROVED).order_by("pk"):
        try:
            mark_published(by=by, case=case, bulletin=number)
        except ValidationError as error:
            raise Refused(f"案例“{case.title}”：{''.join(error.messages)}") from error
