"""Low ratings whose time runs out, and rounds whose time is over. A poll of the database's truth."""

from django.urls import reverse

from accounts.models import Role, User
from accounts.selectors import accounts_of, unit_of
from campaigns.models import LowRating
from campaigns.satisfaction.services import low_ratings, severing, surveys
from core import clock
from districts.calendars import work_calendar
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from notifications.models import Kind
from notifications.services import notify


def keep_satisfaction(district: Region) -> None:
    """Run by a tick as often as it likes: twice changes nothing."""
    rules = DistrictProfile.objects.in_force(district, clock.today()).rules
    surveys.close_due(district)
    severing.sever_due(district)
    low_ratings.open_cases_of_appeals(district, rules)
    remind(district, rules)


def remind(district: Region, rules: Rules) -> None:
    """Before the answer is due, once it is overdue, and when a ruling is overdue."""
    today, calendar = clock.today(), work_calendar(rules)
    cases = LowRating.objects.filter(district=district).select_related("unit__parent")
    for case in cases.open().order_by("pk"):
        left = calendar.count(today, clock.local_date(case.due_at))
        url = reverse("campaigns:low_rating", args=[case.pk])
        due = f"{clock.local_date(case.due_at)}"
        if case.is_overdue:
            watching = accounts_of(unit_of(district, rules.lead_bureau), Role.DISPATCHER)
            people: list[User] = [*low_ratings.desk_of(case.unit), *watching]
            notify(
                people, key=f"low-rating:{case.pk}:{due}:overdue", kind=Kind.DEADLINE, tone="red",
                title=f"低分评价超期未答复：{case.unit} {case.about}"[:120], url=url,
            )  # fmt: skip
        elif reached := [days for days in rules.ratings.remind_days_before if left <= days]:
            notify(
                low_ratings.desk_of(case.unit), key=f"low-rating:{case.pk}:{due}:{min(reached)}",
                kind=Kind.DEADLINE, title=f"低分评价将到期：{case.about}"[:120], url=url,
            )  # fmt: skip
    for case in cases.disputed().filter(ruling_due_at__lt=clock.now()).order_by("pk"):
        notify(
            low_ratings.rulers(case, rules), key=f"low-rating:{case.pk}:ruling-overdue", kind=Kind.DEADLINE,
            tone="red", title=f"误评申诉超期未裁定：{case.unit} {case.about}"[:120],
            url=reverse("campaigns:low_rating", args=[case.pk]),
        )  # fmt: skip
