"""A real Chromium before a real server: what a person sees and does."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

from accounts.models import User
from demo.chromium import chromium, chromium_options, signed_in
from districts.models import Region
from tests.appeals.lives import Cast

PHONE = {"width": 375, "height": 812}
DESKTOP = {"width": 1366, "height": 768}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=chromium_options())
        yield running
        running.close()


@pytest.fixture
def cast(transactional_db: None, district: Region) -> Cast:
    return Cast(district)


@pytest.fixture
def visit(browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """Open a page as an anonymous visitor or, without the sign-in form, as a user; on a phone or a desktop.

    A JavaScript error or a blocked resource on any page fails the test.
    """
    contexts, complaints = [], []

    def open_page(path: str, *, user: User | None = None, size: dict[str, int] = DESKTOP) -> Page:
        context = browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=live_server.url
        )
        contexts.append(context)
        if user is not None:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": signed_in(user), "url": live_server.url}]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: _listen(message, complaints))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _listen(message, complaints: list[str]) -> None:
    # 4xx answers and a network that was cut are part of what is tested here; Chromium reports them.
    expected = ("the server responded with a status of 4", "net::ERR_INTERNET_DISCONNECTED")
    if message.type == "error" and not any(words in message.text for words in expected):
        complaints.append(message.text)
