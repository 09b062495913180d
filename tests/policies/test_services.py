"""Handing papers out, and being told about policies: rows 10 and 12 count what comes of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core import clock
from districts.models import Region
from policies.models import HandOut, Outreach, Policy
from policies.services import hand_out, reach_at_meeting
from tests import factories as make


@pytest.fixture
def give(unit, policy, firm):
    user = make.user(unit, "cadre")

    def give(**changes):
        given = {
            "by": user,
            "policy": policy,
            "unit": unit,
            "occurred_at": clock.now(),
            "region": firm.region,
            "enterprise": firm,
            "copies": 2,
        }
        return hand_out(**(given | changes))

    return give


def test_copies_are_given_by_a_unit_at_a_moment(give, unit):
    earlier = clock.now() - timedelta(days=1)
    given = give(occurred_at=earlier)
    assert (given.copies, given.unit, given.occurred_at) == (2, unit, earlier)
    assert given.recorded_at > earlier
    assert given.paper == HandOut.Paper.POLICY


def test_whoever_is_given_a_policy_list_has_been_told_about_policies(give, firm, unit):
    given = give()
    reached = Outreach.objects.get()
    assert (reached.way, reached.hand_out, reached.enterprise) == (Outreach.Way.PAPER, given, firm)
    assert (reached.unit, reached.occurred_at, reached.region) == (unit, given.occurred_at, firm.region)


def test_the_letter_is_given_without_a_policy_and_tells_about_none(give):
    given = give(policy=None)
    assert (given.paper, given.policy) == (HandOut.Paper.LETTER, None)
    assert str(given) == "《一封信》 2份"
    assert not Outreach.objects.exists()


def test_a_claimed_firm_can_be_given_one(give):
    assert give(enterprise=None, claimed_name="老街面馆").subject_name == "老街面馆"


@pytest.mark.parametrize("copies", [0, -1, 10_000])
def test_a_senseless_number_of_copies_is_refused(give, copies):
    with pytest.raises(ValidationError) as error:
        give(copies=copies)
    assert "份数应在 1 到 9999 之间" in str(error.value)
    assert HandOut.objects.count() == Outreach.objects.count() == 0


def test_nothing_is_given_tomorrow(give):
    with pytest.raises(ValidationError):
        give(occurred_at=clock.now() + timedelta(minutes=1))


def test_another_districts_policy_is_refused(give, district, unit):
    elsewhere = Region.objects.create(name="别处区", level="district", parent=district.parent)
    with pytest.raises(ValidationError):
        give(policy=Policy.objects.create(district=elsewhere, title="别处补贴", unit=unit))


def test_a_firm_at_a_meeting_has_been_told_about_policies(firm, unit, dispatcher):
    at = clock.now() - timedelta(hours=1)
    reached = reach_at_meeting(by=dispatcher, unit=unit, region=firm.region, occurred_at=at, enterprise=firm)
    assert (reached.way, reached.hand_out, reached.unit, reached.occurred_at) == ("meeting", None, unit, at)


def test_nobody_is_told_at_a_meeting_that_has_not_begun(firm, unit, dispatcher):
    with pytest.raises(ValidationError) as error:
        reach_at_meeting(
            by=dispatcher,
            unit=unit,
            region=firm.region,
            occurred_at=clock.now() + timedelta(minutes=5),
            enterprise=firm,
        )
    assert "会议开始之后" in str(error.value)


def test_a_paper_is_a_policy_or_the_letter_never_both(give):
    given = give()
    with pytest.raises(IntegrityError), transaction.atomic():
        HandOut.objects.filter(pk=given.pk).update(paper=HandOut.Paper.LETTER)
