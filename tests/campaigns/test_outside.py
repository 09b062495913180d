"""An account of a third party sees its survey rounds and nothing else, whatever page is added."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import IN_OFFICE, Official, Role, Unit, User
from accounts.outside import CLOSED
from accounts.services import SURVEYOR_ALONE
from appeals.models import Appeal
from campaigns.models import LowRating, ServiceRating, SurveyAnswer, SurveyRound, SurveySample
from districts.models import Region
from enterprises.models import Enterprise
from liaisons.models import Opinion, ServiceEvent, Visit
from notifications.models import Notice
from policies.models import Policy
from reports.models import Bulletin, Document, SituationTable
from tests import factories as make
from tests.campaigns.survey_cast import SurveyCast

OWN = {
    "campaigns:survey_desk", "campaigns:survey_list", "campaigns:survey_sample", "campaigns:survey_phone",
    "campaigns:survey_attempt",
}  # fmt: skip
# What anybody may see without an account.
PUBLIC = {"healthz", "portal:home", "campaigns:duty_feed", "portal:first_password"}
SAMPLE_ARGUMENTS = {
    "int": 1,
    "uuid": "00000000-0000-0000-0000-000000000000",
    "slug": "x",
    "str": "x",
    "district": "340711",
}


@pytest.fixture
def cast(district: Region) -> SurveyCast:
    return SurveyCast(district)


@pytest.fixture
def outside(cast: SurveyCast) -> Client:
    client = Client()
    client.force_login(cast.surveyor)
    return client


def addresses():
    """Every address of the resolver, administration and library included, with something in each place."""

    def walk(patterns, prefix: str, space: str, converters: dict):
        for pattern in patterns:
            known = converters | pattern.pattern.converters
            if isinstance(pattern, URLResolver):
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, prefix + str(pattern.pattern), inner, known)
            elif isinstance(pattern, URLPattern) and pattern.name:
                yield f"{space}{pattern.name}", known

    return list(walk(get_resolver().url_patterns, "", "", {}))


def filled(converters: dict) -> dict:
    words = {"IntConverter": 1, "UUIDConverter": SAMPLE_ARGUMENTS["uuid"], "DistrictCode": "340711"}
    return {name: words.get(type(converter).__name__, "x") for name, converter in converters.items()}


def test_every_address_is_closed_to_it_but_its_own(cast, outside):
    looked_at, open_to_it = 0, set()
    for name, converters in addresses():
        if name.startswith(("public:", "account_", "mfa_")) or name in PUBLIC:
            continue
        try:
            url = reverse(name, kwargs=filled(converters))
        except Exception:  # the administration's own odd patterns
            url = "/admin/" if name.startswith("admin:") else ""
        if not url:
            continue
        looked_at += 1
        for method in ("get", "post"):
            answer = getattr(outside, method)(url)
            if name == "portal:workbench":
                assert answer.status_code == 302 and answer["Location"] == reverse("campaigns:survey_desk")
            elif name in OWN:
                open_to_it.add(name)
                assert answer.status_code in {200, 404, 405}, (name, method, answer.status_code)
            else:
                assert answer.status_code == 403 and CLOSED in answer.content.decode(), (name, method)
    assert looked_at > 250 and open_to_it == OWN


def test_even_without_the_wall_nothing_is_visible_to_it(cast):
    """The second wall: an account without a unit sees nothing of anything."""
    cast.rating("unsatisfied")
    user = User.objects.get(pk=cast.surveyor.pk)
    models = (
        Appeal, Enterprise, Visit, Opinion, ServiceEvent, Policy, Bulletin, Document, SituationTable, Unit, Official,
        User, ServiceRating, LowRating, SurveyAnswer, SurveyRound, SurveySample,
    )  # fmt: skip
    for model in models:
        assert not model.objects.visible_to(user).exists(), model
    assert Enterprise.objects.exists() and LowRating.objects.exists() and Unit.objects.exists()


def test_it_signs_in_and_lands_at_its_desk(cast):
    client = Client()
    answer = client.post("/accounts/login/", {"login": "surveyor", "password": make.PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/campaigns/survey-desk/" and answer.status_code == 200
    page = answer.content.decode()
    assert "通知设置" not in page and "topbar-search" not in page and "使用手册" not in page
    assert client.get("/accounts/password/change/").status_code == 200


def test_it_is_in_no_set_of_all_roles():
    from appeals.views.provincial import READERS as provincial
    from portal.navigation import GROUPS, STAFF
    from reports.ledgers.base import READERS as ledgers

    assert Role.SURVEYOR not in IN_OFFICE
    assert Role.SURVEYOR not in STAFF | provincial | ledgers
    places = [place.url_name for group in GROUPS for place in group.places if Role.SURVEYOR in place.roles]
    assert places == ["campaigns:survey_desk"]


def test_it_has_no_unit_and_no_other_role(cast, client):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cast.surveyor.pk).update(unit=cast.unit)
    client.force_login(cast.admin)
    url = f"/admin/accounts/user/{cast.surveyor.pk}/change/"
    data = {
        "username": "surveyor", "last_name": "调", "first_name": "查员", "engaged_by": cast.bureau.pk, "is_active": "on",
        "grants-TOTAL_FORMS": 2, "grants-INITIAL_FORMS": 1, "grants-MIN_NUM_FORMS": 0, "grants-MAX_NUM_FORMS": 1000,
        "grants-0-id": cast.surveyor.grants.get().pk, "grants-0-user": cast.surveyor.pk, "grants-0-role": "surveyor",
        "grants-1-user": cast.surveyor.pk, "grants-1-role": "liaison",
    }  # fmt: skip
    refused = client.post(url, data)
    assert refused.status_code == 200 and SURVEYOR_ALONE in refused.content.decode()
    assert User.objects.get(pk=cast.surveyor.pk).roles == {Role.SURVEYOR}


def test_another_districts_surveyor_finds_nothing_here(cast, district):
    from accounts.services import create_surveyor

    cast.firms(3)
    round = cast.running()
    there = make.unit(make.another_district(district), "kjj")
    stranger = create_surveyor(username="s2", family_name="外", given_name="区", engaged_by=there)
    with pytest.raises(ValidationError):
        from campaigns.satisfaction.services import surveys

        surveys.set_team(
            by=cast.dispatcher, round=round, surveyors=[stranger], last_day=round.last_day, agency=""
        )
    client = Client()
    client.force_login(stranger)
    assert client.get(f"/campaigns/survey-desk/{round.pk}/").status_code == 404
    assert client.get(f"/campaigns/survey-desk/samples/{round.samples.first().pk}/").status_code == 404


def test_who_has_a_notice_only_has_its_own(cast):
    assert not Notice.objects.visible_to(cast.surveyor).exists()


def test_the_administrator_opens_an_account_of_a_third_party(cast, client):
    client.force_login(cast.admin)
    made = client.post(
        "/admin/accounts/user/add/",
        {"username": "survey2", "usable_password": "true", "password1": make.PASSWORD, "password2": make.PASSWORD,
         "grants-TOTAL_FORMS": 0, "grants-INITIAL_FORMS": 0, "grants-MIN_NUM_FORMS": 0, "grants-MAX_NUM_FORMS": 1000},
    )  # fmt: skip
    assert made.status_code == 302
    user = User.objects.get(username="survey2")
    data = {
        "username": "survey2", "last_name": "调", "first_name": "查二", "engaged_by": cast.bureau.pk, "is_active": "on",
        "grants-TOTAL_FORMS": 1, "grants-INITIAL_FORMS": 0, "grants-MIN_NUM_FORMS": 0, "grants-MAX_NUM_FORMS": 1000,
        "grants-0-user": user.pk, "grants-0-role": "surveyor",
    }  # fmt: skip
    assert client.post(f"/admin/accounts/user/{user.pk}/change/", data).status_code == 302
    user = User.objects.get(pk=user.pk)
    assert user.is_outside and user.roles == {Role.SURVEYOR} and not user.is_staff and user.unit is None
