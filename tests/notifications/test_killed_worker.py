"""A worker killed in the middle of a thousand reminders: none is sent twice, none is lost from sight."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as email_policy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from core import clock
from notifications.delivery import DIED, mark_unknown
from notifications.models import Notice
from notifications.services import notify
from tests import factories
from tests.notifications.listeners import Mail

PEOPLE, REMINDERS = 100, 10
KILLED_AT = 300


@pytest.fixture
def a_thousand(transactional_db: None, district) -> None:
    """Ten each: as many as go one by one."""
    unit = factories.unit(district)
    people = User.objects.bulk_create(
        User(username=f"p{number}", email=f"p{number}@example.com", unit=unit) for number in range(PEOPLE)
    )
    with clock.at(timezone.now()):
        for number in range(REMINDERS):
            notify(people, key=f"deadline:{number}:1", title=f"提醒{number}", urgent=True)


def worker(mail_server: Mail, folder: Path) -> subprocess.Popen:
    """A process of its own on the same database, sending until there is nothing left."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        database = f"sqlite:///{name}"
    else:
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    code = (
        "import django; django.setup()\n"
        "from notifications.delivery import deliver_queued\n"
        "while deliver_queued(): pass\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database,
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_server.port}",
            "VAR_DIR": str(folder),
        },
    )


def states() -> Counter:
    return Counter(Notice.objects.filter(channel="email").values_list("state", flat=True))


def test_none_is_sent_twice_and_all_are_accounted_for(a_thousand, mail_server, tmp_path):
    processes: list[subprocess.Popen] = []

    def killed_with_a_message_under_way(text: str) -> str:
        if len(mail_server.messages) == KILLED_AT:
            processes[0].kill()
            processes[0].wait()
        return "250 ok"

    mail_server.to_message = killed_with_a_message_under_way
    processes.append(worker(mail_server, tmp_path))
    assert processes[0].wait(timeout=300) == -9
    assert states() == {"sent": KILLED_AT - 1, "claimed": 1, "queued": 1000 - KILLED_AT}

    assert worker(mail_server, tmp_path).wait(timeout=300) == 0
    assert states() == {"sent": 999, "claimed": 1}

    with clock.at(timezone.now() + timedelta(minutes=11)):
        mark_unknown()
        assert worker(mail_server, tmp_path).wait(timeout=300) == 0
    assert states() == {"sent": 999, "unknown": 1}
    assert Notice.objects.get(state="unknown").reason == DIED
    mails = [message_from_bytes(text.encode(), policy=email_policy) for text in mail_server.messages]
    received = Counter((mail["To"], mail["Subject"]) for mail in mails)
    assert len(received) == 1000 and set(received.values()) == {1}
