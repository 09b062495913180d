"""The desk on a phone: a long list shows its first rows, the rest at a touch."""

from datetime import timedelta

import pytest

from core import clock
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

ROWS = "section:has(h2:text('到期和临期')) tbody tr"


def test_a_long_list_shows_its_first_rows_on_a_phone(visit, cast):
    with clock.at(clock.now() - timedelta(days=12)):
        for number in range(9):
            cast.submit(content=f"第{number}件：一线操作工缺口约20人，希望帮助对接招聘。")
    page = visit("/workbench/", user=cast.dispatcher, size=PHONE)
    assert page.locator(ROWS).filter(visible=True).count() == 6
    page.click("text=展开其余 3 项")
    assert page.locator(ROWS).filter(visible=True).count() == 9
    assert page.locator(".few-more").count() == 0
    wide = visit("/workbench/", user=cast.dispatcher, size=DESKTOP)
    assert wide.locator(ROWS).filter(visible=True).count() == 9
