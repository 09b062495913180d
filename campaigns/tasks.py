"""Ticks of the campaigns, by district; each may run twice, late, or after a crash."""

from celery import shared_task

from campaigns import reminders
from campaigns.commitments.services.escalation import watch
from campaigns.needs import reminders as needs_reminders
from campaigns.needs.services.forgetting import erase_due
from campaigns.needs.services.openings import expire_openings
from campaigns.rotas import reminders as rota_reminders
from campaigns.satisfaction import reminders as survey_reminders
from districts.words import for_each_at_work


@shared_task
def remind_of_progress() -> None:
    """Keep the months' inspection lists up to date, and tell units what progress they owe."""
    for_each_at_work(reminders.remind)


@shared_task
def remind_of_needs() -> None:
    """Lists to confirm and publish, financing rounds, answers of banks that are due."""
    for_each_at_work(needs_reminders.remind)


@shared_task
def age_needs() -> None:
    """Openings that ran out, and seekers whose data may no longer be kept."""
    for_each_at_work(expire_openings)
    for_each_at_work(erase_due)


@shared_task
def keep_satisfaction() -> None:
    """Close and cut off survey rounds, open low ratings, remind of them."""
    for_each_at_work(survey_reminders.keep_satisfaction)


@shared_task
def watch_commitments() -> None:
    """Remind of commitments that fall due, and escalate those whose day has passed."""
    for_each_at_work(watch)


@shared_task
def remind_of_rotas() -> None:
    """Tell whoever sits tomorrow, and units whose records and sheets are due."""
    for_each_at_work(rota_reminders.remind)
