"""`make demo` from a fresh clone, as a newcomer types it: up, filled, quick the second time, and stopped cleanly.

Run by .ci/run only: it takes minutes, and needs a commit to clone.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
OURS = {"DATABASE_URL", "REDIS_URL", "MAKEFLAGS", "MAKELEVEL", "VIRTUAL_ENV"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OURS}
FETCH = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newcomer") / "portal"
    subprocess.run(["git", "clone", "--quiet", str(HERE), str(folder)], check=True)
    return folder


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def demo(clone: Path, port: int, *, ready_within: int) -> Iterator[None]:
    """The running demo; ended as Ctrl-C ends it, and then checked to have left nothing behind."""
    log = clone.parent / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "demo", f"PORT={port}"],
            cwd=clone, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + ready_within
        while f"READY http://127.0.0.1:{port}" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, f"not ready within {ready_within} s\n{log.read_text()}"
            time.sleep(0.2)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        print(log.read_text())
    assert "Stopped." in log.read_text()
    assert "***" not in log.read_text(), "make complained"
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0, "the port is still served"
    left = subprocess.run(["pgrep", "-f", str(clone)], capture_output=True, text=True, check=False).stdout
    assert not left, f"processes left behind: {left}"


def get(port: int, path: str) -> str:
    with FETCH.open(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        assert answer.status == 200
        return answer.read().decode()


def test_the_first_start_ends_in_a_filled_portal(clone: Path, port: int) -> None:
    with demo(clone, port, ready_within=900):
        health = json.loads(get(port, "/healthz"))
        assert (health["status"], health["migrations"]) == ("ok", "ok")
        assert "亲清" in get(port, "/")


def test_the_second_start_takes_seconds_and_the_scheduler_ticks(clone: Path, port: int) -> None:
    with demo(clone, port, ready_within=30):
        deadline = time.monotonic() + 90
        while json.loads(get(port, "/healthz"))["beat"]["state"] != "ok":
            assert time.monotonic() < deadline, "no tick"
            time.sleep(2)


def test_the_weekly_table_comes_out_as_a_workbook(clone: Path) -> None:
    unit = manage(
        clone,
        "shell", "--no-imports", "-c",
        "from accounts.models import Unit; print(Unit.objects.order_by('order', 'pk').first().code)",
    )  # fmt: skip
    manage(
        clone,
        "situation_table", "--district", "340711", "--unit", unit.splitlines()[-1],
        "--ending", "2026-11-19", "--output", "table.xlsx",
    )  # fmt: skip
    with zipfile.ZipFile(clone / "table.xlsx") as workbook:
        assert "xl/workbook.xml" in workbook.namelist()


def test_nothing_was_made_that_git_would_commit(clone: Path) -> None:
    (clone / "table.xlsx").unlink(missing_ok=True)
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""


def manage(clone: Path, *arguments: str) -> str:
    done = subprocess.run(
        [clone / ".venv/bin/python", "manage.py", *arguments],
        cwd=clone, env=ENVIRONMENT | {"LOG_LEVEL": "WARNING"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
