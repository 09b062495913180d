"""Ticks of visits and events; each may run twice, late, or after a crash."""

from celery import shared_task

from districts.words import for_each_at_work
from liaisons import event_reminders
from liaisons.other_kinds import remind_of_kinds
from liaisons.reminders import remind_visits


@shared_task
def remind_of_events() -> None:
    """Tell everybody on duty, organisers that recorded nothing, and units with a decision to carry out."""
    for_each_at_work(event_reminders.remind)


@shared_task
def remind_of_visits() -> None:
    """Tell cadres what they still owe, and the overseers what a period left unvisited."""
    for_each_at_work(remind_visits)
    for_each_at_work(remind_of_kinds)
