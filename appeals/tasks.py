from celery import shared_task

from appeals import defaults, reminders
from appeals.clusters import reminding, running


@shared_task
def remind() -> None:
    """Tick: climb the reminder ladder of the deadlines that are due."""
    reminders.remind_due()


@shared_task
def apply_defaults() -> None:
    """Tick: what happens by itself when a clock has run out."""
    defaults.apply_due()


@shared_task
def recount() -> None:
    """Tick: count provisional deadlines again once their year's calendar is known."""
    defaults.recount_provisional()


@shared_task
def cluster_appeals() -> None:
    """Tick: sort the appeals of each district into kinds of problems, once a night."""
    running.run_due()


@shared_task
def remind_of_improvements() -> None:
    """Tick: tell departments which improvements they took on are due."""
    reminding.remind_due()
