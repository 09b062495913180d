"""Who sees which appeals, and with them their clocks, events, files and words."""

import pytest

from accounts.actors import Actor
from accounts.models import Unit, User
from appeals.models import Appeal, Attachment, Deadline, Event, Participation, Statement
from appeals.perform import perform
from districts.models import Region
from enterprises.subjects import subject_key
from liaisons.services.assignments import assign
from tests import factories
from tests.appeals.lives import INTAKE, Cast

MINE = (Appeal, Deadline, Event, Attachment, Statement)


@pytest.fixture
def appeals(cast) -> dict[str, Appeal]:
    """Four appeals of the district, and one of another district."""
    tongshan = factories.enterprise(cast.district, region=factories.township(cast.district, "铜山镇"))
    in_datong = factories.enterprise(cast.district)
    led = cast.do(cast.register("window", subject=subject_key(in_datong), claimed_name=""), "accept")
    led = cast.do(led, "dispatch", assisting_units=[factories.unit(cast.district, "nyj").pk])
    found = {
        "public": cast.submit(),
        "dispatched": led,
        "elsewhere": cast.do(cast.submit(), "accept", subject=subject_key(tongshan)),
        "on_spot": cast.solve_on_spot("cadre"),
    }
    other = factories.another_district(cast.district)
    found["abroad"] = perform(None, "submit", Actor.holder(), INTAKE, district=other)
    return found


def seen_by(user: User, appeals: dict[str, Appeal]) -> set[str]:
    """The names of what the user sees; what belongs to an appeal must be seen exactly with it."""
    visible = set(Appeal.objects.visible_to(user))
    for model in MINE[1:]:
        rows = set(model.objects.visible_to(user))
        assert rows == set(model.objects.filter(appeal__in=visible)), model
    return {name for name, appeal in appeals.items() if appeal in visible}


DISTRICT = {"public", "dispatched", "elsewhere", "on_spot"}


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("dispatcher", DISTRICT),
        ("bureau_leader", DISTRICT),
        ("district_leader", DISTRICT),
        ("supervisor", DISTRICT),
        ("liaison", {"dispatched"}),  # its unit leads
        ("unit_leader", {"dispatched"}),
        ("lead_cadre", {"dispatched"}),
        ("assistant", {"dispatched"}),  # its unit assists
        ("window", {"dispatched"}),  # it collected
        ("township_liaison", {"dispatched"}),  # it lies in its territory
        ("other_liaison", set()),
        ("cadre", {"on_spot"}),
        ("admin", set()),
    ],
)
def test_everybody_sees_what_the_role_and_the_unit_give(cast, appeals, who, sees):
    assert seen_by(getattr(cast, who), appeals) == sees


def test_a_cadre_sees_the_appeals_of_the_firms_in_the_own_care_as_long_as_it_lasts(cast, appeals):
    firm = appeals["elsewhere"].enterprise
    official = cast.cadre.official
    care = assign(by=cast.dispatcher, official=official, subject=firm, started=firm.created_at.date())
    assert seen_by(cast.cadre, appeals) == {"on_spot", "elsewhere"}
    care.ended = care.started.replace(year=2027)
    care.save()
    assert "elsewhere" in seen_by(cast.cadre, appeals)
    type(care).objects.filter(pk=care.pk).update(started="2026-01-05", ended="2026-02-01")
    assert seen_by(cast.cadre, appeals) == {"on_spot"}


def test_a_unit_that_once_took_part_still_sees_the_appeal(cast, appeals):
    appeal = cast.do(cast.do(appeals["dispatched"], "sign"), "feedback")
    cast.do(appeal, "redo", lead_unit=factories.unit(cast.district, "czj").pk)
    assert seen_by(cast.liaison, appeals) == {"dispatched"}
    assert seen_by(cast.other_liaison, appeals) == {"dispatched"}


def test_an_account_without_a_unit_or_without_a_role_sees_nothing(cast, appeals):
    without_role = factories.user(factories.unit(cast.district))
    without_unit = factories.user(factories.unit(cast.district), "dispatcher")
    without_unit.unit = None
    for user in (without_role, without_unit, Actor.system().user):
        assert seen_by(user, appeals) == set()


def test_no_district_sees_into_another(cast, appeals):
    other = Region.objects.get(code="340705")
    assert {unit.code for unit in Unit.objects.of_district(other)} == {"kjj", "rsj", "jwdc", "fgw"}
    for code, role in (("kjj", "dispatcher"), ("kjj", "bureau_leader"), ("jwdc", "supervisor")):
        user = factories.user(factories.unit(other, code), role)
        assert seen_by(user, appeals) == {"abroad"}
    assert seen_by(factories.user(factories.unit(other, "rsj"), "liaison"), appeals) == set()
    assert Cast(other).district == other


def test_a_unit_of_the_city_sees_the_districts_below_it(cast, appeals):
    city = cast.district.parent
    unit = Unit.objects.create(
        code="shi",
        name="市营商环境办",
        short_name="市营商办",
        kind="city",
        region=city,
        district=cast.district,
    )
    assert seen_by(factories.user(unit, "supervisor"), appeals) == DISTRICT | {"abroad"}


def test_the_files_of_an_appeal_are_seen_with_it_only(cast, appeals):
    signature = Attachment.objects.get(appeal=appeals["on_spot"])
    assert not Attachment.objects.visible_to(cast.other_liaison).exists()
    assert Attachment.objects.visible_to(cast.cadre).get() == signature


def test_what_belongs_to_an_appeal_is_visible_with_it(cast):
    appeal = cast.walk(cast.submit(), "sign")
    for model in (Participation, Deadline):
        assert model.objects.visible_to(cast.liaison).filter(appeal=appeal).exists()
        assert not model.objects.visible_to(cast.other_liaison).filter(appeal=appeal).exists()
