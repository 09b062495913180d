from celery import shared_task

from appeals import reminders


@shared_task
def remind() -> None:
    """Tick: climb the reminder ladder of the deadlines that are due."""
    reminders.remind_due()
