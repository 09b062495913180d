"""The tick of the grades; it may run twice, late, or after a crash."""

from celery import shared_task

from districts.words import for_each_at_work
from enterprises.grades.reminders import remind_of_grades as remind


@shared_task
def remind_of_grades() -> None:
    """Objections to rule on, seasons that end, what is to be put right."""
    for_each_at_work(remind)
