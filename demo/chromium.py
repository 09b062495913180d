"""The system's Chromium and a way in without the sign-in form, for pictures and for the browser tests."""

import os
import shutil

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import User

LACKING = "no Chromium (Debian: apt-get install chromium fonts-noto-cjk)"


def chromium() -> str | None:
    """Where it is, none is downloaded; CHROMIUM names another one."""
    for name in filter(None, [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]):
        if found := shutil.which(name):
            return found
    return None


def chromium_options() -> list[str]:
    """What it is started with; the sandbox cannot be had by root."""
    return [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]  # fmt: skip


def signed_in(user: User) -> str:
    """The key of a session in which the user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)
