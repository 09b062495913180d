"""`make demo`: the whole portal on this machine, with demo data, until Ctrl-C."""

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import time
import unicodedata
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from demo.processes import Keyboard, ProcessEnded, Processes

DISTRICTS = ("340711", "341504")
"""The demo shows two side by side: each sees its own."""
HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Starts web and scheduler on this machine with demo data, and stops both on Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, port: int, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        processes = Processes(
            folder=settings.BASE_DIR,
            logs=settings.VAR_DIR / "log",
            environment=os.environ | {"PORT": str(port)},
        )
        with Keyboard(), _only_one_here():
            _refuse_a_taken_port(port)
            try:
                _prepare_data(processes)
                _start(processes)
                wait_until_healthy(processes, port)
                self.stdout.write(_accounts())
                self.stdout.write(f"READY http://{HOST}:{port}")
                self.stdout.write(f"Logs: {processes.logs}    Stop: Ctrl-C")
                self.stdout.flush()
                while True:
                    processes.check()
                    time.sleep(0.3)
            except KeyboardInterrupt:
                self.stdout.write("\nStopping …")
            except ProcessEnded as error:
                raise CommandError(str(error)) from None
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                processes.stop()
            kept = (
                "The data stays in var/"
                if _has_accounts()
                else "Without data yet; the next start fills it anew"
            )
            self.stdout.write(f"Stopped. {kept}.")


def _stop(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


@contextmanager
def _only_one_here() -> Iterator[None]:
    """Two schedulers on one database are one too many."""
    with (settings.VAR_DIR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError("The demo is already running from this folder: stop it first.") from None
        yield


def _refuse_a_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"Port {port} on {HOST} cannot be used ({error}). Choose another one: make demo PORT=8001"
            ) from None


# --- Data -----------------------------------------------------------------------------------------


def _prepare_data(processes: Processes) -> None:
    if _half_filled().exists():
        raise CommandError(
            "An earlier start was stopped while it filled the database in DATABASE_URL. "
            f"Empty that database, remove {_half_filled()}, and start again."
        )
    if _has_accounts():
        processes.run("manage.py", "migrate", "--verbosity", "0")
    elif connection.vendor == "sqlite":
        _fill_a_new_file(processes)
    else:
        _fill_a_given_database(processes)
    connection.close()


def _has_accounts() -> bool:
    """Whether people can sign in already; then the data is somebody's and stays."""
    if connection.vendor == "sqlite" and not Path(settings.DATABASES["default"]["NAME"]).exists():
        return False
    try:
        return get_user_model().objects.filter(is_system=False).exists()
    except DatabaseError:
        return False


def _fill_a_new_file(processes: Processes) -> None:
    """Fills a database beside the real one and moves it there when it is complete.

    Stopped at any moment, the next start finds no database and begins anew.
    """
    workshop, target = settings.VAR_DIR / "filling", Path(settings.DATABASES["default"]["NAME"])
    shutil.rmtree(workshop, ignore_errors=True)
    workshop.mkdir(parents=True)
    database, media = workshop / "db.sqlite3", workshop / "media"
    _fill(
        processes,
        DATABASE_URL=f"sqlite:///{database}",
        MEDIA_ROOT=str(media),
        EMAIL_URL="dummymail://",
    )
    with closing(sqlite3.connect(database)) as finished:
        # Leaves no -wal file behind, so that one file is the whole database.
        finished.execute("PRAGMA journal_mode=DELETE")
    if media.exists():
        shutil.copytree(media, settings.MEDIA_ROOT, dirs_exist_ok=True)
    connection.close()
    for leftover in ("-wal", "-shm"):
        target.with_name(target.name + leftover).unlink(missing_ok=True)
    database.replace(target)
    shutil.rmtree(workshop)


def _fill_a_given_database(processes: Processes) -> None:
    """A server's database cannot be swapped for a finished one, so a half-filled one is remembered."""
    _half_filled().touch()
    _fill(processes, EMAIL_URL="dummymail://")
    _half_filled().unlink()


def _half_filled() -> Path:
    return settings.VAR_DIR / "half-filled"


def _fill(processes: Processes, **environment: str) -> None:
    print("Filling the database with the demo districts; this takes a minute or two, only once …", flush=True)
    profiles = (["load_profile", code] for code in DISTRICTS)
    for command in (["migrate"], ["import_calendar"], *profiles, ["seed_demo"]):
        processes.run("manage.py", *command, "--verbosity", "0", **environment)


# --- Processes ------------------------------------------------------------------------------------


def _start(processes: Processes) -> None:
    port = processes.environment["PORT"]
    processes.start(
        "web", "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "--bind", f"{HOST}:{port}",
        "--graceful-timeout", "3", "config.wsgi",
    )  # fmt: skip
    if settings.REDIS_URL:
        processes.start("worker", "-m", "celery", "-A", "config", "worker", "--concurrency", "2")
    processes.start("beat", "-m", "celery", "-A", "config", "beat", "--pidfile", "")


def wait_until_healthy(processes: Processes, port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        processes.check()
        try:
            with opener.open(f"http://{HOST}:{port}/healthz", timeout=10):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise ProcessEnded(f"The portal did not answer within a minute. See {processes.log('web')}")


def _accounts() -> str:
    """The demo's accounts by role, in columns that line up though Chinese letters are twice as wide."""
    from demo.accounts import ACCOUNTS, PASSWORD

    rows = [("角色", "用户名", "姓名"), *ACCOUNTS]
    widths = [max(_width(row[column]) for row in rows) for column in range(2)]
    lines = [
        f"  {_padded(role, widths[0])}  {_padded(username, widths[1])}  {name}"
        for role, username, name in rows
    ]
    return "\n".join(["", *lines, f"  密码都是 {PASSWORD}（仅用于演示）", ""])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
