import pytest

from imports import kinds
from tests.enterprises.conftest import dispatcher, township_liaison, township_unit  # noqa: F401
from tests.imports.things import Shelf, ThingSheet


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Where the things of "things" stand; the kind is known for the length of the test."""
    made = Shelf()
    monkeypatch.setitem(kinds._KINDS, "things", ThingSheet(made))
    return made
