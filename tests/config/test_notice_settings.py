"""What leaves the house is checked at the start, not at three in the morning."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "PORTAL_MODE": "production",
    "SECRET_KEY": "x7-a-key-of-fifty-letters-and-more-for-this-one-test-only-9Q",
    "SITE_URL": "https://portal.example.cn",
    "ALLOWED_HOSTS": "portal.example.cn",
    "DATABASE_URL": "sqlite:///:memory:",
}


def start(tmp_path, **environment: str) -> str:
    code = (
        "from config import settings as s\n"
        "print(s.NOTICE_CHANNELS, s.SMS_METHOD, s.SMS_HEADERS, '{phone}' in s.SMS_BODY)"
    )
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=kept | {"VAR_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_an_empty_variable_means_the_default(tmp_path):
    """docker-compose.yml hands over every variable, set or not."""
    said = start(tmp_path, SMS_METHOD="", SMS_HEADERS="", SMS_BODY="", NOTICE_CHANNELS="inbox")
    assert said == "['inbox'] POST {'Content-Type': 'application/json'} True\n"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"NOTICE_CHANNELS": "inbox,fax"}, "NOTICE_CHANNELS knows inbox, email, robot and sms, not fax"),
        (PRODUCTION | {"SMS_URL": "http://sms.example.cn"}, "SMS_URL that starts with https://"),
    ],
)
def test_a_wrong_one_is_refused_in_words(tmp_path, environment, words):
    assert words in start(tmp_path, **environment)
