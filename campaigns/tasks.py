"""Ticks of rotas and records; each may run twice, late, or after a crash."""

from celery import shared_task

from campaigns import rota_reminders
from districts.models import Region


@shared_task
def remind_of_rotas() -> None:
    """Tell whoever sits tomorrow, and units whose records and sheets are due."""
    for district in Region.objects.districts().filter(profiles__isnull=False).distinct():
        rota_reminders.remind(district)
