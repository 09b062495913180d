from celery import shared_task

from core import clock, held_uploads, tokens
from core.models import Heartbeat


@shared_task
def heartbeat() -> None:
    """Shows /healthz that ticks are running."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": clock.now()})


@shared_task
def forget_tokens() -> None:
    """Nightly: drop the tokens and held files of forms nobody will send again."""
    tokens.forget_old()
    held_uploads.forget_old()
