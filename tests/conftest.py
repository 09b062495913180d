"""What every test stands on: a database and a cache of its own, and loud words about what was left out."""

import io
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from accounts.models import Unit
from appeals.models import Phrase
from districts import calendars
from districts.models import CalendarDay, CalendarYear, DistrictProfile, Region
from notifications import robots

# Threads of a live server and of Playwright's sync API share the test's process with an event loop.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A busy machine is no failure: speed is the business of `make bench`.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

DISTRICT_MODELS = (CalendarYear, CalendarDay, Region, DistrictProfile, Unit, Phrase)
Insert = tuple[str, tuple[Any, ...]]
"""A statement and its values."""

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid():x}")[:8]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_numbers = itertools.count(1)
_district_inserts: list[Insert] = []


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Runs that share one PostgreSQL must not share a test database; SQLite's is a file, as in real life.

    In memory its threads would share one connection, or get errors where a file lets them wait.
    """
    for database in settings.DATABASES.values():
        test = database.setdefault("TEST", {})
        if database["ENGINE"].endswith("postgresql"):
            name = test.get("NAME") or f"test_{database['NAME']}"
            test["NAME"] = f"{name}_{RUN}"
            # Nothing of a test must outlive a power cut, so none waits for the disk; nor is a table ever so large that
            # a compiled query would pay.
            database.setdefault("OPTIONS", {}).setdefault("options", "-c synchronous_commit=off -c jit=off")
        else:
            test["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def folders_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Uploads and mail of a test go to a temporary folder, never to var/; pages need no collectstatic."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Each test looks into a part of the cache that nobody used before.

    Not `cache.clear()`: on Redis that empties the database under the tests that run beside this one.
    """
    prefix = f"test:{RUN}:{WORKER}:{next(_numbers)}"
    caches.settings["default"]["KEY_PREFIX"] = prefix
    for cache in caches.all(initialized_only=True):
        cache.key_prefix = prefix


@pytest.fixture(scope="session", autouse=True)
def emptied_quickly() -> Iterator[None]:
    """After a test that commits, what it wrote is deleted.

    Django would truncate each of two hundred tables, which PostgreSQL does on the disk, however empty they are. Content
    types and permissions, which Django makes anew then, stay.
    """
    kept = {ContentType._meta.db_table, Permission._meta.db_table}
    tables = sorted(
        {model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed}
        - kept
    )
    holding = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables)

    def delete_all(test: TransactionTestCase) -> None:
        # Whatever points to what is checked at the end of the transaction, when all is gone.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(holding)
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {table}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_all)
        yield


# --- A district to work in ------------------------------------------------------------------------


@pytest.fixture
def yeji(district: Region) -> Region:
    """六安市叶集区 beside it, from its own profile: by the month, led by 区营商办."""
    return put_in_yeji()


def put_in_yeji() -> Region:
    call_command("load_profile", "341504", stdout=io.StringIO())
    return Region.objects.get(code="341504")


@pytest.fixture
def district(db: None) -> Region:
    """铜陵市郊区 with its regions, rules, units and working-day calendar, as `load_profile` makes it.

    Loaded by the commands once a process; each test gets the same rows by the statements that insert them, which is
    some hundred times quicker.
    """
    return put_in_district()


def put_in_district() -> Region:
    if not _district_inserts:
        _district_inserts.extend(inserts_of_a_district())
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, values in _district_inserts:
            cursor.execute(statement, values)
    calendars.forget()
    robots.forget()
    return Region.objects.get(code="340711")


def one_on_either_database(people: Iterable[str], one: str) -> list[Any]:
    """Everybody of a walk over all addresses; of them only one walks on SQLite, too (see the marker "once")."""
    return [pytest.param(who, marks=[] if who == one else pytest.mark.once) for who in people]


@contextmanager
def taken_back(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What the tests of a whole module look at: written once, and taken back after the last of them.

    Each test's own changes lie in a transaction within, so that they end with it as ever.
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def inserts_of_a_district() -> list[Insert]:
    """What would write the rows that the commands make. Nothing is left behind, neither by them nor by trying it."""
    with transaction.atomic():
        call_command("import_calendar", verbosity=0, stdout=io.StringIO())
        call_command("load_profile", "340711", stdout=io.StringIO())
        rows = [list(model.objects.order_by("pk")) for model in DISTRICT_MODELS]
        transaction.set_rollback(True)
    inserts: list[Insert] = []

    def noted(execute: Callable, statement: str, values: tuple, many: bool, context: dict) -> Any:
        inserts.append((statement, values))
        return execute(statement, values, many, context)

    with transaction.atomic():
        for rows_of_a_model in rows:
            with connection.execute_wrapper(noted):
                rows_of_a_model[0]._meta.default_manager.bulk_create(rows_of_a_model)
        transaction.set_rollback(True)
    return inserts


# --- What this machine lacks ----------------------------------------------------------------------


def _has_chinese_font() -> bool:
    if shutil.which("fc-list") is None:
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
    return bool(listed.stdout.strip())


def chromium() -> str | None:
    """The system's Chromium; CHROMIUM names another one."""
    for name in filter(None, [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]):
        if found := shutil.which(name):
            return found
    return None


def _lacking(marker: str) -> str | None:
    if marker == "browser":
        if chromium() is None:
            return "no Chromium (Debian: apt-get install chromium fonts-noto-cjk)"
        if not _has_chinese_font():
            return "no Chinese font (Debian: apt-get install fonts-noto-cjk)"
        if not (Path(settings.BASE_DIR) / "static/vendor").is_dir():
            return "no front-end libraries in static/vendor (make assets)"
    elif marker == "office" and not _has_office():
        return "no LibreOffice (Debian: apt-get install libreoffice-calc libreoffice-writer poppler-utils)"
    return None


def _has_office() -> bool:
    """Sheets and texts both: Debian packs them apart, and whoever has one need not have the other."""
    found = shutil.which("soffice")
    parts = ("libsclo.so", "libswlo.so")
    return bool(found and shutil.which("libreoffice") and shutil.which("pdftotext")) and all(
        (Path(found).resolve().parent / part).exists() for part in parts
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for marker in ("browser", "office"):
        marked = [item for item in items if item.get_closest_marker(marker)]
        if marked and (reason := _lacking(marker)):
            if os.environ.get("CI"):
                raise pytest.UsageError(f"CI leaves nothing out, but here is {reason}")
            for item in marked:
                item.add_marker(pytest.mark.skip(reason=f"NOT RUN, {reason}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A test that was left out is said at the end, where it is read, and not only as an "s"."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("LEFT OUT", sep="!", red=True, bold=True)
        for reason, number in sorted(reasons.items()):
            terminalreporter.line(f"{number} tests: {reason}", red=True)
