"""The manual: its workflow is the table that the portal runs on, and it has a chapter for everything."""

from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Role
from appeals.workflow import TRANSITIONS
from portal.manual import CHAPTERS, PARTS, ROLES
from tests import factories


@pytest.fixture
def reader(client, district):
    client.force_login(factories.user(factories.unit(district), Role.DISPATCHER))
    return client


def test_it_shows_every_transition_with_who_and_whither(reader):
    text = reader.get("/manual/workflow/").content.decode()
    rows = text.split('id="workflow"')[1].split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    assert len(rows) == len(TRANSITIONS)
    for row, transition in zip(rows, TRANSITIONS.values(), strict=True):
        assert f">{transition.label}</td>" in row and transition.who_label in row
        assert all(source in row for source in transition.source_labels)
        assert (str(transition.target.label) if transition.target else "不变") in row


def test_it_speaks_to_every_role(reader):
    text = reader.get("/manual/").content.decode()
    for role in ("联企干部", "服务窗口", "单位联络员", "调度员", "牵头局负责人", "区领导", "督查"):
        assert role in text


def test_every_chapter_is_a_page_with_a_way_to_its_neighbours(reader):
    codes = list(CHAPTERS)
    for before, code, after in zip([None, *codes], codes, [*codes[1:], None], strict=False):
        page = reader.get(f"/manual/{code}/").content.decode()
        assert f"<h1>{CHAPTERS[code].title}</h1>" in page
        neighbours = page.split('aria-label="前后各章"')[1].split("</nav>")[0]
        for neighbour in filter(None, (before, after)):
            assert f'href="/manual/{neighbour}/"' in neighbours
    assert reader.get("/manual/nothing/").status_code == 404


def test_the_whole_holds_every_chapter_once(reader):
    page = reader.get("/manual/whole/").content.decode()
    for chapter in (ROLES, *CHAPTERS.values()):
        assert page.count(f' id="{chapter.code}"') == 1


def test_no_chapter_lies_about_unlisted():
    folder = Path(settings.BASE_DIR) / "templates/portal/manual"
    assert {file.stem for file in folder.glob("*.html")} == {*CHAPTERS, ROLES.code}
    assert sum(len(part.chapters) for part in PARTS) == len(CHAPTERS)
