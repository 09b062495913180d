"""Ticks of visits and events; each may run twice, late, or after a crash."""

from celery import shared_task

from districts.models import Region
from liaisons import event_reminders
from liaisons.other_kinds import remind_of_kinds
from liaisons.reminders import remind_visits


@shared_task
def remind_of_events() -> None:
    """Tell everybody on duty, organisers that recorded nothing, and units with a decision to carry out."""
    for district in Region.objects.at_work():
        event_reminders.remind(district)


@shared_task
def remind_of_visits() -> None:
    """Tell cadres what they still owe, and the overseers what a period left unvisited."""
    for district in Region.objects.at_work():
        remind_visits(district)
        remind_of_kinds(district)
