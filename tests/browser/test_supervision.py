"""督办台 in a browser: every tab fits and is accessible; a late appeal is reminded, a letter answered."""

from datetime import date, timedelta

import pytest

from appeals.letters import draft_letter
from core import clock
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_every_page import AXE, defects
from tests.liaisons.conftest import Network

pytestmark = pytest.mark.browser


@pytest.fixture
def busy(cast) -> Network:
    """Something on every tab."""

    def begun(days: int):
        with clock.at(clock.now() - timedelta(days=days)):
            return cast.walk(cast.submit(), "sign")

    draft_letter(begun(30).deadlines.get(kind="handle"), "请督办。", clock.now())
    with clock.at(clock.now() - timedelta(days=12)):
        cast.do(begun(25), "supervise", by="supervisor")
    cast.through(begun(20), "supervise", "answer_supervision", "list_supervision")
    network = Network(cast.district)
    network.assigned(network.firm(), started=date(2024, 3, 1))
    return network


def test_every_tab_is_accessible_and_fits(visit, cast, busy):
    axe = AXE.read_text(encoding="utf-8")
    problems = []
    for size in (DESKTOP, PHONE):
        for tab in ("clocks", "drafts", "waiting", "answered", "listed", "visits"):
            page = visit(f"/appeals/supervision/?tab={tab}", user=cast.supervisor, size=size)
            assert page.locator("main tbody tr").count() > 0, tab
            problems += [f"{tab} at {size['width']}px: {problem}" for problem in defects(page, axe)]
    assert problems == []


def test_a_letter_about_visits_is_sent_and_answered(visit, cast, busy):
    page = visit("/appeals/supervision/?tab=visits", user=cast.supervisor)
    page.get_by_role("link", name="发督办单 给大通镇").click()
    assert "四上企业1家" in page.get_by_label("督办事项").input_value()
    page.get_by_role("button", name="发出").click()
    page.get_by_text("已通知大通镇").wait_for()
    address = page.url
    answering = visit(address, user=busy.liaison, size=PHONE)
    answering.get_by_label("督办回复").fill("已补走访。")
    answering.get_by_role("button", name="提交回复").click()
    answering.get_by_role("dialog").get_by_role("button", name="提交回复").click()
    answering.get_by_text("已补走访。").wait_for()
    page.goto("/appeals/supervision/?tab=answered")
    assert page.get_by_role("cell", name="走访欠账").count() == 1


def test_ticked_appeals_are_reminded_together(visit, cast, busy):
    page = visit("/appeals/supervision/?stage=handle", user=cast.dispatcher)
    boxes = page.get_by_role("checkbox")
    for place in range(boxes.count()):
        boxes.nth(place).check()
    page.get_by_label("催办内容").fill("请抓紧办理。")
    page.get_by_role("button", name="催办勾选的诉求").click()
    page.get_by_text("已催办 3 件").wait_for()
