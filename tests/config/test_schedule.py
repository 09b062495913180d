import pytest
from django.conf import settings

from config.celery import app


@pytest.mark.parametrize("name", settings.CELERY_BEAT_SCHEDULE)
def test_a_scheduled_task_exists(name: str) -> None:
    """A name that nothing answers to would be sent to nowhere, in silence."""
    app.loader.import_default_modules()
    assert settings.CELERY_BEAT_SCHEDULE[name]["task"] in app.tasks
