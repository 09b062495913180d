from celery import shared_task

from notifications import services


@shared_task
def deliver() -> None:
    """Tick: send what waits in the outbox."""
    services.deliver_queued()
