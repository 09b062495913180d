"""docker-compose.yml is checked without Docker: its commands, options and environment must be real."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PROGRAMS = Path(sys.executable).parent
GIVEN = {
    "SECRET_KEY": "x7-a-key-of-fifty-letters-and-more-for-this-one-test-only-9Q",
    "SITE_URL": "https://portal.example.cn",
    "ALLOWED_HOSTS": "portal.example.cn",
    "POSTGRES_PASSWORD": "test",
}


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def environment_of(service: dict) -> dict[str, str]:
    """As Compose fills it in from .env; a name that has neither value nor default fails here."""

    def value(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        return GIVEN[name] if default is None else GIVEN.get(name, default)

    pattern = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")
    return {key: pattern.sub(value, str(text)) for key, text in service["environment"].items()}


def run(*command: str, service: dict) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    program = [sys.executable] if command[0] == "python" else [str(PROGRAMS / command[0])]
    return subprocess.run(
        [*program, *command[1:]],
        env=kept | environment_of(service),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_has_all_that_production_needs(services: dict) -> None:
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "redis", "nginx"}


def test_gunicorn_accepts_its_configuration(services: dict) -> None:
    done = run(*services["web"]["command"], "--check-config", service=services["web"])
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["worker", "beat"])
def test_celery_knows_the_options(services: dict, name: str) -> None:
    done = run(*services[name]["command"], "--help", service=services[name])
    assert done.returncode == 0, done.stderr
    wrong = run(*services[name]["command"], "--no-such-option", "--help", service=services[name])
    assert wrong.returncode != 0, "the check above would not notice an unknown option"


def test_django_finds_nothing_to_warn_of_in_production(services: dict) -> None:
    done = run(
        "python", "manage.py", "check", "--deploy", "--fail-level", "WARNING", service=services["migrate"]
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "SITE_URL", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_production_refuses_to_start_without(services: dict, missing: str) -> None:
    environment = dict(services["web"]["environment"])
    del environment[missing]
    done = run("python", "manage.py", "check", service={"environment": environment})
    assert done.returncode != 0
    assert missing in done.stderr


def test_nginx_finds_the_web_process(services: dict) -> None:
    configuration = (ROOT / "deploy/nginx.conf").read_text()
    port = environment_of(services["web"])["BIND"].rpartition(":")[2]
    assert f"http://web:{port}" in configuration
    mounts = services["nginx"]["volumes"]
    assert all((ROOT / mount.split(":")[0]).exists() for mount in mounts if "tls" not in mount)


def test_files_that_the_image_copies_exist() -> None:
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), line
