"""Two people give out documents at the same moment: no number twice, none left out."""

import pytest

from reports.documents.issuing import issue
from reports.models import Document
from tests.appeals.lives import Cast
from tests.appeals.test_races import at_once
from tests.reports.test_documents import dispatched

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(district):
    return Cast(district)


def test_eight_at_once_take_eight_numbers_in_a_row(cast):
    by = cast.dispatcher
    appeals = [dispatched(cast) for _ in range(8)]
    calls = [lambda appeal=appeal: issue(by=by, kind="dispatch", appeal=appeal) for appeal in appeals]
    results = at_once(*calls)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(Document.objects.values_list("number", flat=True)) == list(range(1, 9))


def test_of_the_same_one_pressed_at_once_there_is_one(cast):
    by, appeal = cast.dispatcher, dispatched(cast)
    results = at_once(*[lambda: issue(by=by, kind="dispatch", appeal=appeal)] * 6)
    assert {result.pk for result in results} == {Document.objects.get().pk}
    assert Document.objects.get().number == 1
