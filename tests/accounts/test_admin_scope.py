"""Django's administration pages: an administrator keeps the own district, and cannot become the platform's."""

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import AuditEntry, Role, Unit, User
from accounts.services import create_account
from districts.models import DistrictProfile
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(district):
    return factories.user(factories.unit(district, "kjj"), Role.ADMIN)


def test_another_districts_units_people_and_accounts_are_not_there(district, admin, client):
    other = factories.another_district(district)
    theirs = factories.unit(other, "kjj")
    person, user = factories.official(theirs), factories.user(theirs, Role.LIAISON)
    client.force_login(admin)
    for path, pk in (("unit", theirs.pk), ("official", person.pk), ("user", user.pk)):
        assert client.get(f"/admin/accounts/{path}/{pk}/change/").status_code == 302
        assert f"/{pk}/change/" not in client.get(f"/admin/accounts/{path}/").content.decode()
    page = client.get(f"/admin/accounts/user/{admin.pk}/change/").content.decode()
    assert f'<option value="{theirs.pk}"' not in page and f'<option value="{admin.unit_id}"' in page


def test_no_unit_is_moved_up_to_the_city(district, admin, client):
    client.force_login(admin)
    places = client.get("/admin/accounts/unit/add/").context["adminform"].form.fields["region"].queryset
    assert district in places and district.parent not in places
    city = factories.unit(district, "yshj")
    Unit.objects.filter(pk=city.pk).update(region=district.parent)
    page = client.get(f"/admin/accounts/unit/{city.pk}/change/")
    places = page.context["adminform"].form.fields["region"].queryset
    assert district.parent in places


def test_an_account_that_is_given_no_unit_gets_the_administrators(district, admin, client):
    client.force_login(admin)
    client.post(
        "/admin/accounts/user/add/",
        {
            "username": "newcomer", "usable_password": "true", "password1": "yitiao-changmima", "password2": "yitiao-changmima",
            "grants-TOTAL_FORMS": "1", "grants-INITIAL_FORMS": "0", "grants-0-role": "admin",
        },
    )  # fmt: skip
    assert User.objects.get(username="newcomer").unit == admin.unit


def test_the_platforms_administrator_sees_all_districts(district, client):
    other = factories.another_district(district)
    user = create_account(
        username="platform",
        family_name="平",
        given_name="台",
        unit=factories.unit(district),
        roles=[Role.ADMIN],
    )
    User.objects.filter(pk=user.pk).update(unit=None)
    client.force_login(User.objects.get(pk=user.pk))
    theirs = factories.unit(other, "kjj")
    assert client.get(f"/admin/accounts/unit/{theirs.pk}/change/").status_code == 200


@pytest.fixture
def theirs(district):
    """An account of another district, with a second factor."""
    user = factories.user(factories.unit(factories.another_district(district), "kjj"), Role.LIAISON)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DPEHPK3PXP"})
    return user


def test_second_factors_of_another_district_are_neither_seen_nor_taken_away(admin, theirs, client):
    own = factories.user(admin.unit, Role.LIAISON)
    mine = Authenticator.objects.create(user=own, type=Authenticator.Type.TOTP, data={"secret": "MYSECRET"})
    foreign = Authenticator.objects.get(user=theirs)
    client.force_login(admin)
    assert theirs.username not in client.get("/admin/mfa/authenticator/").content.decode()
    client.post(f"/admin/mfa/authenticator/{foreign.pk}/delete/", {"post": "yes"})
    assert Authenticator.objects.filter(pk=foreign.pk).exists()
    # One of the own district's that was lost goes, with an entry in the log; what it holds is not shown.
    assert "MYSECRET" not in client.get(f"/admin/mfa/authenticator/{mine.pk}/change/").content.decode()
    client.post(f"/admin/mfa/authenticator/{mine.pk}/delete/", {"post": "yes"})
    assert not Authenticator.objects.filter(pk=mine.pk).exists()
    assert AuditEntry.objects.filter(action="admin.delete", user_id=admin.pk).exists()


@pytest.mark.parametrize("path", ["account/emailaddress", "auth/group"])
def test_what_would_reach_everybodys_account_is_not_there(admin, client, path):
    client.force_login(admin)
    assert client.get(f"/admin/{path}/").status_code == 404


def test_rules_and_places_of_another_district_are_not_read(admin, theirs, client):
    client.force_login(admin)
    profile = DistrictProfile.objects.get(district=theirs.unit.district)
    assert client.get(f"/admin/districts/districtprofile/{profile.pk}/change/").status_code == 302
    assert client.get(f"/admin/districts/region/{theirs.unit.district_id}/change/").status_code == 302
    own = DistrictProfile.objects.in_force(admin.unit.district)
    assert client.get(f"/admin/districts/districtprofile/{own.pk}/change/").status_code == 200


@pytest.mark.parametrize("path", ["districts/calendarday", "notifications/smstemplate"])
def test_what_districts_share_is_changed_by_the_platform_alone(admin, client, district, path):
    client.force_login(admin)
    assert client.get(f"/admin/{path}/add/").status_code == 200
    factories.another_district(district)
    assert client.get(f"/admin/{path}/add/").status_code == 403
    assert client.get(f"/admin/{path}/").status_code == 200
    User.objects.filter(pk=admin.pk).update(unit=None)
    assert client.get(f"/admin/{path}/add/").status_code == 200
