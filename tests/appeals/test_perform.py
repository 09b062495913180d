"""The one door: whole lives, refusals, stale pages, once-only forms."""

import pytest

from accounts.actors import Actor
from appeals.models import Appeal, Event, Status
from appeals.perform import Invalid, NotAllowed, NotYet, Stale, perform
from notifications.models import Notice
from tests.appeals.lives import INTAKE, Cast


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


def test_an_appeal_lives_from_submission_to_closing(cast):
    appeal = cast.walk(cast.submit(), "close")

    assert appeal.status == Status.CLOSED
    assert list(appeal.events.order_by("seq").values_list("transition", flat=True)) == [
        "submit",
        "accept",
        "dispatch",
        "sign",
        "feedback",
        "revisit",
        "second_revisit",
        "close",
    ]
    assert not appeal.deadlines.running().exists()
    assert appeal.reopen_until is not None
