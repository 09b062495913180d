"""Ticks of the campaigns; each may run twice, late, or after a crash."""

from celery import shared_task

from campaigns.services.escalation import watch
from districts.models import Region


@shared_task
def watch_commitments() -> None:
    """Remind of commitments that fall due, and escalate those whose day has passed."""
    for district in Region.objects.districts().filter(profiles__isnull=False).distinct():
        watch(district)
