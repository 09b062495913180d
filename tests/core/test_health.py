"""/healthz says what is up, to anybody, and nothing that is secret."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import DatabaseError
from django.test import Client

from core import health
from core.models import Heartbeat
from core.tasks import heartbeat

NOW = datetime(2026, 11, 19, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_it_answers_without_signing_in(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["database"] == "ok"
    assert answer.json()["migrations"] == "ok"
    assert answer.json()["beat"] == {"state": "never", "seconds_ago": None}


@pytest.mark.django_db
def test_it_tells_how_long_ago_the_last_tick_was(client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        heartbeat()
    with time_machine.travel(NOW + timedelta(seconds=40), tick=False):
        assert client.get("/healthz").json()["beat"] == {"state": "ok", "seconds_ago": 40}
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        answer = client.get("/healthz")
    assert answer.json()["beat"] == {"state": "late", "seconds_ago": 600}
    assert answer.status_code == 200, "pages work without the scheduler"


@pytest.mark.django_db
def test_a_second_heartbeat_moves_the_first() -> None:
    heartbeat()
    heartbeat()
    assert Heartbeat.objects.count() == 1


@pytest.mark.django_db
def test_a_silent_database_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise DatabaseError("password=secret host=10.0.0.1")

    monkeypatch.setattr(health.connection, "cursor", fail)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert b"secret" not in answer.content


@pytest.mark.django_db
def test_a_silent_redis_is_said_but_pages_stay_up(client: Client, settings, monkeypatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ConnectionError("refused")

    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(health.cache, "get", fail)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()["redis"]) == (200, "down")
