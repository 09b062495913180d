"""Django's administration pages: an administrator keeps the own district, and cannot become the platform's."""

import pytest

from accounts.models import Role, Unit, User
from accounts.services import create_account
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
