"""Ticks of the campaigns; each may run twice, late, or after a crash."""

from celery import shared_task

from campaigns import survey_reminders
from districts.models import Region


@shared_task
def keep_satisfaction() -> None:
    """Close and cut off survey rounds, open low ratings, remind of them."""
    for district in Region.objects.districts().filter(profiles__isnull=False).distinct():
        survey_reminders.keep_satisfaction(district)
