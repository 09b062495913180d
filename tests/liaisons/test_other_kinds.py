"""警企包保 beside 包保联系: a lead and a cadence of its own, and nothing of the main kind comes out differently."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from appeals.models import Appeal
from core import clock
from districts.models import DistrictProfile
from districts.profile import Rules
from districts.schema import ProfileError, validated
from enterprises.merging import merge
from enterprises.models import Enterprise
from liaisons.coverage import coverage
from liaisons.models import Assignment
from liaisons.other_kinds import remind_of_kinds, with_duty
from liaisons.selectors import my_assignments, my_counts, owed_visits
from liaisons.services.assignments import assign, end_assignment
from notifications.models import Notice
from reports.indicators import REGISTRY
from reports.indicators.counting import context_for
from tests import factories as make

STARTED = date(2026, 9, 1)
POLICE = {"code": "police", "label": "警企包保", "cadence": "monthly", "public": True}


@pytest.fixture(autouse=True)
def a_friday_in_november():
    with time_machine.travel("2026-11-20 10:00+08:00"):
        yield


@pytest.fixture
def police(network, district):
    """The network with a kind for the police; its officer is bob, of another unit."""
    make.with_rules(district, assignment_kinds=[POLICE])
    network.station = make.unit(district, "sfj")
    network.bob = make.official(network.station, name="安宁", title="社区民警")
    network.firm_ = network.firm()
    return network


def guarded(network, firm: Enterprise | None = None, **fields) -> Assignment:
    return assign(
        by=network.dispatcher,
        official=network.bob,
        subject=firm or network.firm_,
        **({"started": STARTED, "kind": "police"} | fields),
    )


def kind_of(district):
    return DistrictProfile.objects.in_force(district).rules.find("assignment_kinds", "police")


def test_each_kind_has_a_lead_of_its_own(police):
    main = police.assigned(police.firm_, started=STARTED)
    other = guarded(police)
    assert (main.kind, other.kind) == ("main", "police")
    with pytest.raises(ValidationError) as error:
        guarded(police, started=date(2026, 10, 1))
    assert "已在联系" in "".join(error.value.messages)
    second = make.official(police.station, name="程立", title="民警")
    with pytest.raises(ValidationError):
        assign(by=police.dispatcher, official=second, subject=police.firm_, started=STARTED, kind="police")


def test_the_database_holds_it_too(police):
    one = guarded(police)
    one.pk = None
    one.official = police.ann
    one._state.adding = True
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save()
    one.kind = "main"
    one.save()


def test_the_main_kind_comes_out_as_if_the_other_were_not_there(police, district):
    led = police.firm()
    police.assigned(led, started=STARTED)
    before = coverage(police.dispatcher).all
    guarded(police)
    after = coverage(police.dispatcher).all
    assert (before.covered, before.total) == (after.covered, after.total)
    assert Assignment.objects.filter(enterprise=police.firm_).count() == 0
    assert list(police.firm_.assignments.all()) == []
    assert Enterprise.objects.uncovered().filter(pk=police.firm_.pk).exists()
    assert not owed_visits(police.dispatcher).filter(enterprise=police.firm_).exists()
    officer = make.user(police.station, "cadre", official=police.bob)
    assert my_assignments(officer) == [] and my_counts(officer) == (0, 0, 0)


def test_a_visit_of_the_police_is_none_of_the_cadre(police):
    """Nor the other way round: each kind is visited by its own people."""
    police.assigned(police.firm_, started=STARTED)
    guarded(police)
    police.visit(police.firm_, date(2026, 11, 10), who=police.bob)
    rows = with_duty(Assignment.every_kind.filter(kind="police"), kind_of(police.district))
    assert rows.get().is_visited
    cadre = make.user(police.datong, "cadre", official=police.ann)
    assert my_assignments(cadre)[0].is_visited is False
    police.visit(police.firm_, date(2026, 11, 11))
    assert my_assignments(cadre)[0].is_visited is True


def test_who_was_not_there_last_month_is_behind(police):
    guarded(police)
    rows = with_duty(Assignment.every_kind.filter(kind="police"), kind_of(police.district))
    assert (rows.get().is_visited, rows.get().is_behind) == (False, True)
    police.visit(police.firm_, date(2026, 10, 10), who=police.bob)
    assert (rows.get().is_visited, rows.get().is_behind) == (False, False)


def test_the_police_see_the_firm_and_not_its_appeals(police, district):
    firm = police.firm(region=make.township(district, "灰河乡"))
    guarded(police, firm)
    officer = make.user(police.datong, "cadre", official=police.bob)
    assert Enterprise.objects.visible_to(officer).filter(pk=firm.pk).exists()
    assert not Appeal.objects.visible_to(officer).filter(enterprise=firm).exists()
    assert '"kind" = main' in str(Appeal.objects.visible_to(officer).query)


def test_the_weekly_table_counts_it_only_where_the_profile_says_so(police, district):
    guarded(police)

    def counted() -> int:
        rules = DistrictProfile.objects.in_force(district).rules
        context = context_for(district, rules, clock.now().replace(day=1), clock.now())
        return int(REGISTRY["liaison_enterprises"].value(context))

    Assignment.every_kind.update(recorded_at=clock.now().replace(day=2))
    assert counted() == 0
    make.with_rules(district, assignment_kinds=[POLICE | {"counted": True}])
    assert counted() == 1


def test_an_unknown_kind_and_a_unit_that_has_no_part_are_refused(police, district):
    with pytest.raises(ValidationError) as error:
        guarded(police, kind="fire")
    assert error.value.message_dict["kind"]
    make.with_rules(district, assignment_kinds=[POLICE | {"units": ["kjj"]}])
    with pytest.raises(ValidationError) as error:
        guarded(police)
    assert "不承担警企包保" in "".join(error.value.messages)


def test_one_ends_and_the_other_goes_on(police):
    main = police.assigned(police.firm_, started=STARTED)
    end_assignment(by=police.dispatcher, assignment=guarded(police), ended=date(2026, 11, 20))
    main.refresh_from_db()
    assert main.ended is None
    assert not Assignment.every_kind.in_force().filter(kind="police").exists()


def test_two_firms_that_are_one_keep_a_lead_of_each_kind(police):
    other = police.firm(credit_code="")
    police.assigned(police.firm_, started=STARTED)
    guarded(police, other)
    merge(by=police.dispatcher, kept=police.firm_, duplicate=other)
    leads = Assignment.every_kind.in_force().filter(enterprise=police.firm_, part="lead")
    assert sorted(leads.values_list("kind", flat=True)) == ["main", "police"]


def test_the_police_are_reminded_once_before_the_month_ends(police, district):
    guarded(police)
    officer = make.user(police.station, "cadre", official=police.bob)
    with time_machine.travel("2026-11-28 10:00+08:00"):
        remind_of_kinds(district)
        remind_of_kinds(district)
    notices = Notice.objects.filter(recipient=officer, channel="inbox")
    assert [notice.title for notice in notices] == ["警企包保：本月还有 1 家企业待走访"]


def test_the_pages(client, police):
    guarded(police)
    officer = make.user(police.station, "cadre", official=police.bob)
    client.force_login(officer)
    page = client.get(reverse("liaisons:kind", args=["police"]))
    assert police.firm_.name in page.content.decode() and "待走访" in page.content.decode()
    assert client.get(reverse("liaisons:kind", args=["fire"])).status_code == 404
    assert "我的警企包保" in client.get(reverse("liaisons:mine")).content.decode()
    firm = client.get(reverse("portal:enterprise", args=[police.firm_.pk])).content.decode()
    assert "警企包保" in firm
    client.force_login(police.dispatcher)
    assert police.firm_.name not in client.get(reverse("liaisons:assignments")).content.decode()
    listed = client.get(reverse("liaisons:assignments"), {"kind": "police"}).content.decode()
    assert police.firm_.name in listed


def test_the_public_reads_unit_and_title_but_no_name(client, police, district):
    guarded(police)
    address = reverse("public:assignments", args=[district.code, "police"])
    text = client.get(address).content.decode()
    assert police.firm_.name in text and "社区民警" in text and police.station.name in text
    assert "安宁" not in text
    make.with_rules(district, assignment_kinds=[POLICE | {"public": False}])
    assert client.get(address).status_code == 404


def test_assigned_through_the_form(client, police):
    client.force_login(police.dispatcher)
    data = {
        "token": "t1", "official": police.bob.pk, "subject": f"enterprise-{police.firm_.pk}", "kind": "police",
        "part": "lead", "started": "2026-11-01",
    }  # fmt: skip
    assert client.post(reverse("liaisons:assign"), data).status_code == 302
    assert Assignment.every_kind.get().kind == "police"
    assert client.post(reverse("liaisons:assign"), data | {"token": "t2", "kind": "fire"}).status_code == 422


def test_main_is_no_name_for_another_kind(district):
    data = DistrictProfile.objects.in_force(district).rules.model_dump(mode="json")
    with pytest.raises(ProfileError) as error:
        validated(Rules, data | {"assignment_kinds": [POLICE | {"code": "main"}]})
    assert "包保联系" in str(error.value)
