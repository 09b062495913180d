"""Every page at both sizes: no axe violation, nothing sticks out, one heading, one main, a skip link.

The addresses come from the resolver; those left out are named here with the reason.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser

from appeals.models import Appeal
from appeals.views.access import HELD, SLIPS
from core import clock
from enterprises import roster_import
from liaisons.models import Assignment, Visit, VisitParticipant
from reports.models import SituationTable
from reports.services import open_due_weeks
from tests import factories
from tests.appeals.lives import Cast
from tests.browser.conftest import DESKTOP, PHONE, signed_in
from tests.enterprises import sheets

pytestmark = pytest.mark.browser

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"

# Not pages of ours, or not pages at all.
LEFT_OUT = {
    "healthz": "JSON",
    "enterprises:import_template": "a download",
    "enterprises:import_rejects": "a download",
    "reports:download": "a download",
    "reports:summary_download": "a download",
    "appeals:file": "a download",
    "public:file": "a download",
    "enterprises:lookup": "a fragment",
    "liaisons:official_lookup": "a fragment",
    "enterprises:import_progress": "a fragment",
    "portal:visit_saved": "shown once, right after saving",
    "portal:home": "leads on to the only district",
    "reports:index": "leads on to the role's own page",
    "reports:mine": "leads on to the unit's table",
}
LEFT_OUT_NAMESPACES = {"admin": "Django's own"}
POST_ONLY = {
    "appeals:reveal_phone",
    "public:act",
    "notifications:read_all",
    "notifications:open",
    "portal:enterprise_phone",
    "portal:project_phone",
    "enterprises:import_confirm",
    "reports:entry",
    "reports:submit",
    "reports:accept",
    "reports:send_back",
}


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            if pattern.namespace not in LEFT_OUT_NAMESPACES:
                yield from names(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and "allauth" not in pattern.lookup_str:
            yield f"{namespace}{pattern.name}"


@pytest.fixture
def arguments(cast: Cast) -> dict[str, list]:
    """A populated district, and what stands in the address of each page that shows one thing of it."""
    district = cast.district
    firm = factories.enterprise(district)
    project = factories.project(district)
    cadre = cast.cadre
    assignment = Assignment.objects.create(
        district=district,
        region=firm.region,
        enterprise=firm,
        official=cadre.official,
        unit=cadre.unit,
        started=clock.today(),
        recorded_by=cast.dispatcher,
        recorded_at=clock.now(),
    )
    visit = Visit.objects.create(
        district=district,
        region=firm.region,
        enterprise=firm,
        reporting_unit=cadre.unit,
        kind="visit",
        findings="生产正常，订单饱满。",
        occurred_at=clock.now(),
        recorded_at=clock.now(),
        recorded_by=cadre,
    )
    VisitParticipant.objects.create(
        visit=visit, official=cadre.official, unit_name=str(cadre.unit), title="科员", rank_group="staff"
    )
    appeal = cast.walk(cast.submit(), "feedback")
    cast.do(appeal, "rate", satisfaction="unsatisfied", comment="还没有修好。")
    cast.submit()
    sheet = sheets.received(cast.dispatcher, sheets.book([sheets.firm(1), sheets.firm(2, phone="123")]))
    roster_import.check(sheet)
    period = open_due_weeks(district)
    table = SituationTable.objects.get(period=period, unit=cast.liaison.unit)
    code = district.code
    return {
        "public:home": [code],
        "public:letter": [code],
        "public:submit": [code],
        "public:slip": [code, appeal.number],
        "public:track": [code],
        "public:appeal": [code, appeal.number],
        "appeals:detail": [appeal.number],
        "appeals:slip": [appeal.number],
        "appeals:act": [appeal.number, "redo"],
        "enterprises:import": [sheet.pk],
        "enterprises:edit": [firm.pk],
        "enterprises:edit_project": [project.pk],
        "portal:enterprise": [firm.pk],
        "portal:project": [project.pk],
        "portal:visit": [visit.pk],
        "liaisons:end": [assignment.pk],
        "reports:table": [table.pk],
        "reports:evidence": [table.pk, 15],
        "reports:check": [table.pk, "unrecorded"],
        "reports:summary_evidence": [2],
    }


USERS = {
    "liaisons:mine": "cadre",
    "appeals:queue": "liaison",
    "reports:table": "liaison",
    "reports:evidence": "liaison",
    "reports:check": "liaison",
}


def test_every_page_is_accessible_and_fits(browser: Browser, live_server, cast: Cast, arguments):
    axe = AXE.read_text(encoding="utf-8")
    anonymous = SessionStore()
    appeal_number = arguments["public:appeal"][1]
    anonymous[HELD] = [Appeal.objects.get(number=appeal_number).pk]
    anonymous[SLIPS] = {appeal_number: "ABCDEFGH"}
    anonymous.save()
    pages = {}
    problems = []
    for name in sorted(set(names(get_resolver())) - POST_ONLY - LEFT_OUT.keys()):
        url = reverse(name, args=arguments.get(name, []))
        who = "" if name.startswith("public:") else USERS.get(name, "dispatcher")
        for size in (PHONE, DESKTOP):
            if (who, size["width"]) not in pages:
                key = signed_in(getattr(cast, who)) if who else anonymous.session_key
                context = browser.new_context(viewport=size, locale="zh-CN", base_url=live_server.url)
                context.add_cookies(
                    [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
                )
                pages[who, size["width"]] = context.new_page()
            page = pages[who, size["width"]]
            answer = page.goto(url)
            where = f"{name} at {size['width']}px"
            if answer.status != 200:
                problems.append(f"{where}: {answer.status}")
            else:
                problems += [f"{where}: {problem}" for problem in defects(page, axe)]
    for page in pages.values():
        page.context.close()
    assert problems == []


def defects(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate(
        """async () => {
            const result = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]});
            return result.violations.map(v => v.id + " " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join("; "));
        }"""
    )
    shape = page.evaluate(
        """() => ({
            headings: document.querySelectorAll("h1").length,
            mains: document.querySelectorAll("main").length,
            skip: document.querySelectorAll(".skip-link").length,
            outside: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        })"""
    )
    if shape != {"headings": 1, "mains": 1, "skip": 1, "outside": 0}:
        found.append(str(shape))
    return found
