"""Pictures of every page, as each demo account sees it at each size: for the manual, and for whoever looks.

Nothing lists the pages: whatever can be reached from the start page by links is visited, one example of each
kind of page (of each name in the URL configuration), so that a new page is in the pictures by itself.
"""

import html
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, BrowserContext, Error, Page

SIZES = {"desktop": (1366, 768), "wide": (1920, 1080), "phone": (375, 812)}
TALLEST = 6000
"""Of a picture, in pixels: what is longer is cut."""
LEFT_OUT = {"account_logout", "healthz"}
ROOMS_LEFT_OUT = {"admin"}
"""Django's own pages are not ours to show."""
STILL = ".button-bar { position: static !important }"
"""What keeps to the edge of the screen would lie in the middle of a picture that is longer than the screen."""
PATIENCE = 15_000
"""Milliseconds until a page is given up."""


@dataclass(frozen=True)
class Shot:
    who: str
    page: str
    """The name of the page in the URL configuration, with dots."""
    title: str
    files: dict[str, Path]
    """One a size, below the folder."""


def shoot(
    browser: Browser,
    *,
    base: str,
    who: str,
    start: str,
    session: str,
    folder: Path,
    sizes: Iterable[str] = SIZES,
    most: int | None = None,
    told: Callable[[str], None] = lambda words: None,
) -> list[Shot]:
    """Visit what `who` can reach from `start`, save a picture at each size, and say what was seen.

    `session` is the key of a session in which `who` is signed in; empty for a visitor.
    """
    context = browser.new_context(base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai")
    if session:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": base}])
    try:
        return _walk(context, base, who, start, folder, list(sizes), most, told)
    finally:
        context.close()


def _walk(
    context: BrowserContext,
    base: str,
    who: str,
    start: str,
    folder: Path,
    sizes: list[str],
    most: int | None,
    told: Callable[[str], None],
) -> list[Shot]:
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    shots: list[Shot] = []
    ahead, known = deque([start]), {page_name(start)}
    while ahead and (most is None or len(shots) < most):
        path = ahead.popleft()
        name = page_name(path) or ""
        if not _open(page, path):
            continue
        told(f"{who}: {path}")
        files = {size: _save(page, size, folder / size / who / f"{name}.png") for size in sizes}
        shots.append(Shot(who, name, page.title(), files))
        for link in page.eval_on_selector_all("main a[href], nav a[href], header a[href]", HREFS):
            target = urlsplit(urljoin(base + path, link))
            found = page_name(target.path) if target.netloc == urlsplit(base).netloc else None
            if found and found not in known:
                known.add(found)
                ahead.append(target.path + (f"?{target.query}" if target.query else ""))
    return shots


HREFS = "links => links.filter(link => !link.hasAttribute('download')).map(link => link.href)"


def page_name(path: str) -> str | None:
    """Of which kind the page is; None for what is no page of the portal or is not to be opened by a link."""
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    if match.view_name in LEFT_OUT or ROOMS_LEFT_OUT & set(match.app_names):
        return None
    return match.view_name.replace(":", ".")


def _open(page: Page, path: str) -> bool:
    """Whether there is a page at the address: a file to download is none, nor is a refusal."""
    try:
        answer = page.goto(path, wait_until="networkidle")
    except Error:
        return False
    kind = answer.headers.get("content-type", "") if answer else ""
    return bool(answer and answer.ok and kind.startswith("text/html"))


def _save(page: Page, size: str, file: Path) -> Path:
    width, height = SIZES[size]
    if page.viewport_size != {"width": width, "height": height}:
        # Anew, since what folds on a phone folds when the page is opened.
        page.set_viewport_size({"width": width, "height": height})
        page.reload(wait_until="networkidle")
    file.parent.mkdir(parents=True, exist_ok=True)
    tall = page.evaluate("document.documentElement.scrollHeight")
    page.screenshot(
        path=file,
        full_page=True,
        style=STILL,
        animations="disabled",
        clip={"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST)},
    )
    return file


def contact_sheet(shots: Iterable[Shot], folder: Path) -> Path:
    """A page that shows all pictures beside each other, role by role."""
    parts = ["<!doctype html><meta charset=utf-8><title>亲清通页面</title>"]
    parts.append(
        "<style>body{font-family:sans-serif}img{height:240px;border:1px solid #ccc}figure{margin:8px}"
    )
    parts.append("section{display:flex;flex-wrap:wrap}</style>")
    who = None
    for shot in shots:
        if shot.who != who:
            parts.append(f"{'</section>' if who else ''}<h2>{html.escape(shot.who)}</h2><section>")
            who = shot.who
        pictures = "".join(
            f'<a href="{file.relative_to(folder)}"><img loading="lazy" alt="" src="{file.relative_to(folder)}"></a>'
            for file in shot.files.values()
        )
        parts.append(f"<figure>{pictures}<figcaption>{html.escape(shot.title)}</figcaption></figure>")
    sheet = folder / "index.html"
    sheet.write_text("".join(parts), encoding="utf-8")
    return sheet
