"""Two who do the same to a problem of the list at the same moment: it is done once."""

import pytest
from django.core.exceptions import ValidationError

from appeals import backlog
from appeals.backlog_rules import matter_of_appeal
from appeals.models import BacklogEvent, BacklogItem
from tests.appeals.backlog_cast import BacklogCast, limited
from tests.appeals.test_races import at_once, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None, district) -> BacklogCast:
    return BacklogCast(district)


def test_of_six_who_confirm_one_does(cast):
    item = backlog.report_cleared(by=cast.liaison, item=cast.item(), result="已兑现。")
    people = [cast.dispatcher, cast.second_dispatcher, cast.bureau_leader] * 2
    results = at_once(*[lambda user=user: backlog.confirm_cleared(by=user, item=item) for user in people])
    assert kinds(results) == {"BacklogItem": 1, "ValidationError": 5}
    assert BacklogEvent.objects.filter(kind="confirmed").count() == 1


def test_confirming_and_sending_back_do_not_both_happen(cast):
    item = backlog.report_cleared(by=cast.liaison, item=cast.item(), result="已兑现。")
    results = at_once(
        lambda: backlog.confirm_cleared(by=cast.dispatcher, item=item),
        lambda: backlog.send_back(by=cast.second_dispatcher, item=item, reason="余款没有到账"),
    )
    assert kinds(results) == {"BacklogItem": 1, "ValidationError": 1}
    item.refresh_from_db()
    assert item.version == item.events.count() == 3


def test_an_appeal_comes_onto_the_list_once_and_numbers_are_given_once(cast):
    appeal = cast.walk(cast.submit(), "sign")
    matter = matter_of_appeal(appeal)
    by, other = cast.dispatcher, cast.matter()
    results = at_once(
        *[lambda: backlog.put_on_list(by=by, matter=matter, course=limited())] * 4,
        *[lambda: backlog.put_on_list(by=by, matter=other, course=limited())] * 4,
    )
    refused = [one for one in results if isinstance(one, ValidationError)]
    assert len(refused) == 3 and kinds(results) == {"BacklogItem": 5, "ValidationError": 3}
    assert sorted(BacklogItem.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
