import pytest

from tests.appeals.lives import Cast
from tests.reports.work import Work


@pytest.fixture
def work(district) -> Work:
    return Work(district, Cast(district))
