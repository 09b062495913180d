from collections.abc import Iterator
from pathlib import Path

import pytest

from districts import calendars
from districts.loading import LoadedProfile, read_profile

PROFILE = Path(__file__).resolve().parents[2] / "profiles" / "340711"


@pytest.fixture(autouse=True)
def calendar_read_anew() -> Iterator[None]:
    """A rolled-back test leaves no signal, so what the process kept is forgotten by hand."""
    calendars.forget()
    calendars._warned.clear()
    yield
    calendars.forget()


@pytest.fixture(scope="session")
def folder() -> Path:
    return PROFILE


@pytest.fixture(scope="session")
def loaded(folder: Path) -> LoadedProfile:
    return read_profile(folder)
