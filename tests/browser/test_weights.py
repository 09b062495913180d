"""How much a page brings and how little it moves, in figures (5-quality.md, Usability)."""

import gzip
from itertools import product

import pytest
from playwright.sync_api import Response

from tests import factories
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser

KB = 1000
A_PAGE_FULL = 30
CLS = """() => { window.shift = 0; new PerformanceObserver(list => {
    for (const entry of list.getEntries()) { if (!entry.hadRecentInput) { window.shift += entry.value; } }
}).observe({type: "layout-shift", buffered: true}); }"""

PUBLIC = (
    "",
    "submit/",
    "track/",
    "events/",
    "policies/",
    "letter/",
    "figures/",
    "flow/",
    "jobs/",
    "commitments/",
)
LISTS = (
    "/workbench/", "/appeals/", "/appeals/desk/", "/appeals/supervision/", "/appeals/revisits/", "/enterprises/",
    "/liaisons/visits/", "/liaisons/coverage/", "/reports/statistics/", "/campaigns/calendar/",
)  # fmt: skip


@pytest.fixture
def busy(cast):
    """A page full of appeals and of firms."""
    for number in range(A_PAGE_FULL):
        factories.enterprise(cast.district, name=f"铜陵第{number}机械制造有限责任公司")
        cast.submit(content=f"第{number}件：一线操作工缺口约20人，希望帮助对接招聘。" * 5)
    return cast


def weigh(page, url: str) -> tuple[int, int, float]:
    """Requests, kilobytes as a proxy compresses them, and the layout shift, of a first visit."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.add_init_script(f"({CLS})()")
    page.goto(url, wait_until="networkidle")
    weight = sum(len(gzip.compress(answer.body(), 6)) for answer in answers if answer.ok)
    return len(answers), round(weight / KB), round(page.evaluate("window.shift"), 3)


def test_public_pages_are_light_and_stand_still(visit, busy, live_server):
    heavy = {}
    for path in PUBLIC:
        page = visit("about:blank", size=PHONE)
        requests, weight, shift = weigh(page, f"{live_server.url}/{busy.district.code}/{path}")
        if requests > 8 or weight > 100 or shift >= 0.1:
            heavy[path] = (requests, weight, shift)
    assert heavy == {}


def test_lists_of_the_staff_are_light_and_stand_still(visit, busy, live_server):
    heavy = {}
    for path, size in product(LISTS, (PHONE, DESKTOP)):
        page = visit("about:blank", user=busy.dispatcher, size=size)
        _, weight, shift = weigh(page, live_server.url + path)
        if weight > 150 or shift >= 0.1:
            heavy[path, size["width"]] = (weight, shift)
    assert heavy == {}
