"""Signing in and out: accounts are given out, wrong passwords lock, nothing happens by a mere link."""

import pytest
from django.conf import settings as real_settings
from django.urls import NoReverseMatch, reverse

from tests import factories

GOOD = {"login": "wangxm", "password": factories.PASSWORD}
WRONG = {"login": "wangxm", "password": "something-else"}


@pytest.fixture
def user(district, settings):
    # The real one is slow by intention.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = factories.user(factories.unit(district), "dispatcher", username="wangxm")
    user.set_password(factories.PASSWORD)
    user.save()
    return user


def sign_in(client, data):
    return client.post(reverse("account_login"), data)


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_leads_to_the_workbench(client, user):
    response = sign_in(client, GOOD)
    assert response.status_code == 302 and response["Location"] == reverse(real_settings.LOGIN_REDIRECT_URL)
    assert is_signed_in(client)


def test_a_wrong_password_is_said_in_chinese_and_the_name_is_kept(client, user):
    response = sign_in(client, WRONG)
    page = response.content.decode()
    assert response.status_code == 200 and not is_signed_in(client)
    assert "密码" in str(response.context["form"].errors) and "wangxm" in page
    assert "something-else" not in page


def test_an_unknown_name_gets_the_same_answer_as_a_wrong_password(client, user):
    known = sign_in(client, WRONG).context["form"].errors
    unknown = sign_in(client, WRONG | {"login": "nobody-here"}).context["form"].errors
    assert known == unknown


def test_five_wrong_passwords_lock_the_account_for_a_while(client, user):
    for _ in range(5):
        sign_in(client, WRONG)
    response = sign_in(client, GOOD)
    assert not is_signed_in(client)
    assert response.status_code in {200, 429}


def test_an_inactive_account_does_not_get_in(client, user):
    user.is_active = False
    user.save()
    sign_in(client, GOOD)
    assert not is_signed_in(client)


def test_nobody_signs_up(client, db):
    try:
        url = reverse("account_signup")
    except NoReverseMatch:
        return
    before = factories.User.objects.count()
    data = {"username": "guest", "password1": factories.PASSWORD, "password2": factories.PASSWORD}
    client.post(url, data)
    assert factories.User.objects.count() == before and not is_signed_in(client)


def test_signing_out_takes_a_click_on_a_button_not_a_link(client, user):
    client.force_login(user)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def test_a_redirect_after_sign_in_stays_in_the_house(client, user):
    response = client.post(f"{reverse('account_login')}?next=https://evil.example.com/", GOOD)
    assert "evil.example.com" not in response["Location"]
