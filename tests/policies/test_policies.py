from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from core import clock
from districts.models import Region
from policies.models import HandOut, Policy
from policies.services import hand_out
from tests import factories as make


@pytest.fixture
def unit(district):
    return make.unit(district, "datong")


@pytest.fixture
def policy(district, unit):
    return Policy.objects.create(
        district=district, title="稳岗补贴", document_number="郊政〔2026〕3号", unit=unit
    )


@pytest.fixture
def give(district, unit, policy):
    firm = make.enterprise(district)
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
    yesterday = clock.now() - timedelta(days=1)
    given = give(occurred_at=yesterday)
    assert (given.copies, given.unit, given.occurred_at) == (2, unit, yesterday)
    assert given.recorded_at > yesterday


def test_a_claimed_firm_can_be_given_one(give):
    assert give(enterprise=None, claimed_name="老街面馆").subject_name == "老街面馆"


@pytest.mark.parametrize("copies", [0, -1, 10_000])
def test_a_senseless_number_of_copies_is_refused(give, copies):
    with pytest.raises(ValidationError):
        give(copies=copies)
    assert HandOut.objects.count() == 0


def test_nothing_is_given_tomorrow(give):
    with pytest.raises(ValidationError):
        give(occurred_at=clock.now() + timedelta(minutes=1))


def test_another_districts_policy_is_refused(give, district, unit):
    elsewhere = Region.objects.create(name="别处区", level="district", parent=district.parent)
    with pytest.raises(ValidationError):
        give(policy=Policy.objects.create(district=elsewhere, title="别处补贴", unit=unit))


def test_the_list_finds_policies_and_counts_copies(
    client, give, unit, district, django_assert_max_num_queries
):
    give()
    give(copies=5)
    Policy.objects.create(district=district, title="旧办法", unit=unit, active=False)
    client.force_login(make.user(unit, "cadre"))
    client.get("/policies/")
    with django_assert_max_num_queries(14):
        page = client.get("/policies/").content.decode()
    assert "稳岗补贴" in page and '<td data-label="已发放（份）" class="num">7</td>' in page
    assert "旧办法" not in page
    assert "旧办法" in client.get("/policies/", {"ended": "yes"}).content.decode()
    assert "稳岗补贴" in client.get("/policies/", {"q": "〔2026〕3"}).content.decode()
    Policy.objects.create(district=district, title="技改补助", unit=make.unit(district))
    assert "稳岗补贴" not in client.get("/policies/", {"unit": make.unit(district).pk}).content.decode()
