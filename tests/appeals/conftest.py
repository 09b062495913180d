import pytest

from districts.models import Region
from tests.appeals.lives import Cast


@pytest.fixture
def cast(district: Region) -> Cast:
    return Cast(district)
