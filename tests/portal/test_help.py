"""From each page to its place in the manual."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Role
from portal.help import SECTIONS, section_for
from tests import factories
from tests.test_access import names


@pytest.fixture(scope="module")
def sections() -> set[str]:
    """The ids that stand in the manual."""
    folder = Path(settings.BASE_DIR) / "templates/portal"
    text = "".join(
        (folder / file).read_text(encoding="utf-8") for file in ("manual.html", "_manual_golive.html")
    )
    return set(re.findall(r'id="([\w-]+)"', text))


def test_every_page_leads_to_a_section_that_is_there(sections):
    own = [name for name in names() if not name.startswith(("public:", "admin:"))]
    assert len(own) > 300
    assert {section_for(name) for name in own} <= sections
    assert {section for rules in SECTIONS.values() for _, section in rules} <= sections


def test_every_section_about_pages_is_led_to(sections):
    told = {section for rules in SECTIONS.values() for _, section in rules}
    assert sections - told == {"colours", "workflow"}


def test_no_word_stands_behind_one_that_takes_its_pages():
    pages = {name.rpartition(":")[2] for name in names()}
    for rules in SECTIONS.values():
        for place, (word, section) in enumerate(rules):
            taken = [
                other for other, whither in rules[:place] if other and other in word and whither != section
            ]
            assert taken == [], word
            assert any(word in page for page in pages), f"no page is called like {word}"


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("appeals:desk", "flow"),
        ("appeals:supervise_visits", "supervision"),
        ("campaigns:visit_sheets", "rotas"),
        ("campaigns:new_financing_need", "needs"),
        ("liaisons:hand_over", "assignments"),
        ("portal:setup_step", "golive"),
        ("account_change_password", "trouble"),
    ],
)
def test_where_some_lead(name, section):
    assert section_for(name) == section


def test_the_link_stands_on_the_page(client, district):
    client.force_login(factories.user(factories.unit(district), Role.DISPATCHER))
    assert 'href="/manual/#supervision"' in client.get("/appeals/supervision/").content.decode()
    assert 'href="/manual/#notices"' in client.get("/inbox/").content.decode()
