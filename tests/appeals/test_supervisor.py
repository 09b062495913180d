"""督查 sees everything in its region, and changes nothing but by its own marks."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from appeals.models import Appeal
from appeals.perform import NotAllowed, perform
from appeals.workflow import TRANSITIONS, available
from liaisons.models import Visit
from liaisons.services.opinions import record_opinion
from reports.models import SituationTable
from reports.services import open_period
from tests import factories
from tests.appeals.lives import Cast
from tests.appeals.test_matrix import SITUATIONS, arranged
from tests.appeals.test_staff_pages import detail, page, signed_in, step
from tests.liaisons.conftest import Network

MARKS = {"remind", "supervise", "list_supervision", "delist_supervision"}
OWN = MARKS | {"second_revisit"}


@pytest.fixture(autouse=True)
def thursday_after_the_cut_off():
    with time_machine.travel("2026-11-19 13:00+08:00"):
        yield


@pytest.fixture
def stranger(cast: Cast):
    """督查 of another district."""
    other = factories.another_district(cast.district)
    return factories.user(factories.unit(other, "jwdc"), "supervisor")


def test_in_every_state_it_reads_the_appeal_and_is_offered_its_marks_alone(cast, stranger):
    cast.main = cast.submit()
    client, foreign = signed_in(cast.supervisor), signed_in(stranger)
    for situation in SITUATIONS:
        appeal = arranged(cast, situation)
        appeal.refresh_from_db()
        offered = {row.name for row in available(appeal, cast.actor("supervisor"))}
        assert offered <= MARKS and bool(offered) is not appeal.is_final, situation
        text = page(client.get(detail(appeal)))
        assert appeal.number in text
        links = {name for name in TRANSITIONS if step(appeal, name) in text}
        assert links == offered, situation
        assert foreign.get(detail(appeal)).status_code == 404, situation


def test_no_other_transition_is_accepted_from_it(cast):
    appeal = cast.walk(cast.submit(), "sign")
    for name, row in TRANSITIONS.items():
        if name in OWN or not row.sources:
            continue
        appeal.refresh_from_db()
        with pytest.raises(NotAllowed):
            perform(appeal, name, cast.actor("supervisor"), cast.data_for(name, appeal))
        assert signed_in(cast.supervisor).post(step(appeal, name), {}).status_code == 403, name
    for name in ("register", "solve_on_spot", "submit"):
        with pytest.raises(NotAllowed):
            perform(None, name, cast.actor("supervisor"), {})


def test_where_the_bureau_led_it_alone_revisits_a_second_time(cast):
    bureau = cast.unit("kjj")
    appeal = cast.do(cast.submit(), "accept")
    appeal = cast.do(appeal, "dispatch", lead_unit=bureau)
    appeal = cast.do(appeal, "sign", by="dispatcher")
    appeal = cast.do(appeal, "feedback", by="dispatcher")
    appeal = cast.do(appeal, "revisit", by="second_dispatcher")
    assert "second_revisit" in {row.name for row in available(appeal, cast.actor("supervisor"))}
    for part in ("dispatcher", "second_dispatcher", "bureau_leader"):
        with pytest.raises(NotAllowed):
            cast.do(appeal, "second_revisit", by=part)
    assert step(appeal, "second_revisit") in page(signed_in(cast.supervisor).get(detail(appeal)))
    cast.do(appeal, "second_revisit", by="supervisor")
    led_by_a_unit = cast.walk(cast.submit(), "revisit")
    with pytest.raises(NotAllowed):
        cast.do(led_by_a_unit, "second_revisit", by="supervisor")


def test_visits_firms_opinions_and_tables_of_all_units_are_read_and_another_districts_are_not(cast, stranger):
    network = Network(cast.district)
    firm = network.firm(name="铜陵督查可见有限公司")
    network.assigned(firm, started=date(2026, 1, 5))
    visit: Visit = network.visit(firm, date(2026, 11, 16))
    opinion = record_opinion(
        by=network.liaison, visit=visit, content="希望中午也有人值班。", handling="heard"
    )
    open_period(district=cast.district, ending=date(2026, 11, 19))
    table = SituationTable.objects.get(unit=network.datong)
    one = {
        reverse("portal:enterprise", args=[firm.pk]): firm.name,
        reverse("portal:visit", args=[visit.pk]): firm.name,
        reverse("liaisons:opinion", args=[opinion.pk]): "希望中午也有人值班。",
        reverse("enterprises:yearly", args=[firm.pk]): firm.name,
        reverse("reports:table", args=[table.pk]): network.datong.name,
    }
    lists = {
        reverse("enterprises:list"): firm.name,
        reverse("portal:visits"): firm.name,
        reverse("liaisons:assignments"): firm.name,
        reverse("liaisons:all_opinions"): "希望中午也有人值班。",
        reverse("reports:week"): network.datong.short_name,
        reverse("liaisons:coverage"): network.datong.short_name,
    }
    mine, foreign = signed_in(cast.supervisor), signed_in(stranger)
    for url, words in (one | lists).items():
        answer = mine.get(url, follow=True)
        assert answer.status_code == 200 and words in page(answer), url
    for url in one:
        assert foreign.get(url).status_code == 404, url
    for url, words in lists.items():
        answer = foreign.get(url, follow=True)
        assert answer.status_code == 200 and words not in page(answer), url


def test_the_register_of_another_district_holds_none_of_ours(cast, stranger):
    appeal = cast.walk(cast.submit(), "sign")
    assert appeal.number in page(signed_in(cast.supervisor).get("/appeals/"))
    assert appeal.number not in page(signed_in(stranger).get("/appeals/"))
    assert not Appeal.objects.visible_to(stranger).exists()
    assert signed_in(stranger).post(step(appeal, "remind"), {"text": "x"}).status_code == 404
