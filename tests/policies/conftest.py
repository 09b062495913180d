"""A policy of 区人社局 and the people around it."""

from datetime import timedelta

import pytest

from core import clock
from policies.models import Policy
from tests import factories as make


@pytest.fixture
def unit(district):
    return make.unit(district, "rsj")


@pytest.fixture
def liaison(unit):
    return make.user(unit, "liaison")


@pytest.fixture
def dispatcher(district):
    return make.user(make.unit(district), "dispatcher")


@pytest.fixture
def firm(district):
    return make.enterprise(district, tier="small", industry="C", size_class="micro")


@pytest.fixture
def policy(district, unit):
    return Policy.objects.create(
        district=district, title="稳岗补贴", document_number="郊政〔2026〕3号", unit=unit
    )


@pytest.fixture
def yesterday():
    return clock.today() - timedelta(days=1)


@pytest.fixture
def tomorrow():
    return clock.today() + timedelta(days=1)
