"""Events in a real browser: the notice on one sheet, and a record that survives a closed page."""

import re
from datetime import timedelta

import pytest

from core import clock
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.liaisons.happenings import announced, coming_and_held

pytestmark = pytest.mark.browser


def test_the_notice_fits_on_one_sheet_of_a4(visit, cast):
    district = cast.district
    leader = make.official(
        make.unit(district, "qzfb"), name="常思远", title="区委常委、副区长", rank_group="district_leaders"
    )
    units = [make.unit(district, code) for code in ("rsj", "czj", "kjj", "fgw", "nyj", "datong", "huihe")]
    start = clock.now() + timedelta(days=3)
    event = announced(
        cast.dispatcher, leader=leader, units=units, topic="议" * 100, place="址" * 60, starts_at=start
    )
    page = visit(f"/liaisons/events/{event.pk}/notice/", user=cast.dispatcher)
    sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
    assert sheets == 1


def test_a_record_goes_on_where_the_phone_lost_it(visit, cast):
    _, held = coming_and_held(cast.township_liaison, cast.liaison.unit, make.enterprise(cast.district))
    address = f"/liaisons/events/{held.pk}/record/"
    page = visit(address, user=cast.township_liaison, size=PHONE)
    page.get_by_role("button", name="加一件议定事项").click()
    content = page.locator("[name^=decisions-][name$=-content]")
    content.fill("联系银行上门对接")
    page.wait_for_timeout(600)  # the draft is kept a moment after the last key
    page.reload()
    assert content.input_value() == "联系银行上门对接"
    assert page.get_by_text("已恢复您上次没有提交的内容").is_visible()
    page.locator("[name^=decisions-][name$=-unit]").select_option(str(cast.liaison.unit_id))
    page.locator("[name^=decisions-][name$=-due]").fill(f"{clock.today():%Y-%m-%d}")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(f"**/liaisons/events/{held.pk}/")
    assert page.get_by_text("联系银行上门对接").first.is_visible()
    page.goto(address)
    assert content.count() == 0
