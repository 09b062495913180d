"""From each page to its place in the manual."""

import pytest

from accounts.models import Role
from portal.help import CHAPTERS_OF, INDEX, chapter_for
from portal.manual import CHAPTERS
from tests import factories
from tests.test_access import names


def test_every_page_leads_to_a_chapter_that_is_there():
    own = [name for name in names() if not name.startswith(("public:", "admin:"))]
    assert len(own) > 300
    assert {chapter_for(name) for name in own} <= {*CHAPTERS, INDEX}
    assert {chapter for rules in CHAPTERS_OF.values() for _, chapter in rules} <= {*CHAPTERS, INDEX}


def test_every_chapter_about_pages_is_led_to():
    told = {chapter for rules in CHAPTERS_OF.values() for _, chapter in rules}
    assert CHAPTERS.keys() - told == {"colours", "workflow"}


def test_no_word_stands_behind_one_that_takes_its_pages():
    pages = {name.rpartition(":")[2] for name in names()}
    for rules in CHAPTERS_OF.values():
        for place, (word, chapter) in enumerate(rules):
            taken = [
                other for other, whither in rules[:place] if other and other in word and whither != chapter
            ]
            assert taken == [], word
            assert any(word in page for page in pages), f"no page is called like {word}"


@pytest.mark.parametrize(
    ("name", "chapter"),
    [
        ("appeals:desk", "flow"),
        ("appeals:supervise_visits", "supervision"),
        ("campaigns:visit_sheets", "rotas"),
        ("campaigns:new_financing_need", "needs"),
        ("liaisons:hand_over", "assignments"),
        ("portal:setup_step", "golive"),
        ("portal:workbench", INDEX),
        ("account_change_password", "trouble"),
    ],
)
def test_where_some_lead(name, chapter):
    assert chapter_for(name) == chapter


def test_the_link_stands_on_the_page(client, district):
    client.force_login(factories.user(factories.unit(district), Role.DISPATCHER))
    assert 'href="/manual/supervision/"' in client.get("/appeals/supervision/").content.decode()
    assert 'href="/manual/notices/"' in client.get("/inbox/").content.decode()
    assert 'href="/manual/"' in client.get("/workbench/").content.decode()
