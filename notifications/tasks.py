from celery import shared_task

from notifications import delivery


@shared_task
def deliver() -> None:
    """Tick: send what waits in the outbox."""
    delivery.deliver_queued()
