"""A cadre at a firm, on a phone, where the network goes away in the middle of the form."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core import clock
from liaisons.models import Assignment, Visit
from tests import factories as make
from tests.appeals.lives import Cast
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser


def test_nothing_typed_is_lost_and_the_visit_is_saved_once(cast: Cast, visit: Callable[..., Page]):
    firm = make.enterprise(cast.cadre.unit.district, name="铜陵山里机械有限公司", tier="above_scale")
    Assignment.objects.create(
        district=firm.district, region=firm.region, official=cast.cadre.official, unit=cast.cadre.unit,
        enterprise=firm, started=clock.today(), recorded_by=cast.cadre, recorded_at=clock.now(),
    )  # fmt: skip
    page = visit("/liaisons/mine/", user=cast.cadre, size=PHONE)
    page.locator(f"main a[href='/visits/new/?enterprise={firm.pk}']").click()
    page.get_by_label("走访了解的情况").fill("订单饱满，缺一线操作工。")
    page.get_by_label("联系方式").select_option("visit")

    page.context.set_offline(True)
    page.get_by_role("button", name="保存走访").click()
    expect(page.get_by_text("网络不通，还没有保存")).to_be_visible()
    expect(page.get_by_label("走访了解的情况")).to_have_value("订单饱满，缺一线操作工。")
    assert not Visit.objects.exists()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    # The page is closed in the car, and opened again in the office.
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_text("已恢复您上次没有提交的内容")).to_be_visible()
    expect(page.get_by_label("走访了解的情况")).to_have_value("订单饱满，缺一线操作工。")
    page.get_by_role("button", name="保存走访").dblclick()
    expect(page.get_by_role("heading", name="走访已保存")).to_be_visible()
    assert Visit.objects.get().findings == "订单饱满，缺一线操作工。"
    page.goto("/visits/new/")
    expect(page.get_by_text("已恢复您上次没有提交的内容")).to_have_count(0)
