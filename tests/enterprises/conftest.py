import pytest

from tests import factories


@pytest.fixture
def dispatcher(district):
    return factories.user(factories.unit(district), "dispatcher")


@pytest.fixture
def township_unit(district):
    """The office of 大通镇."""
    return (
        type(factories.unit(district))
        .objects.filter(district=district, region=factories.township(district), kind="township")
        .first()
    )


@pytest.fixture
def township_liaison(township_unit):
    return factories.user(township_unit, "liaison")
