"""Ticks of the campaigns; each may run twice, late, or after a crash."""

from celery import shared_task

from campaigns import reminders
from districts.models import Region


@shared_task
def remind_of_progress() -> None:
    """Keep the months' inspection lists up to date, and tell units what progress they owe."""
    for district in Region.objects.districts().filter(profiles__isnull=False).distinct():
        reminders.remind(district)
