"""Each person's own settings: what can be switched off, what cannot, and the quiet hours."""

from datetime import time

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from notifications.kinds import DUTIES, switchable
from notifications.models import Notice, Preference
from notifications.preferences import preference_of, save_preferences
from notifications.services import notify
from tests import factories

URL = "/inbox/preferences/"


@pytest.fixture
def browser(officer) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def ticked(but: tuple[str, ...] = (), **more) -> dict[str, str]:
    boxes = {f"{kind}_{channel}": "on" for kind in DUTIES for channel in switchable(kind)}
    quiet = {"quiet_from": "21:00", "quiet_to": "07:30"}
    return {name: value for name, value in (boxes | quiet | more).items() if name not in but}


def channels_of(key: str) -> set[str]:
    return set(Notice.objects.filter(key__startswith=f"{key}:").values_list("channel", flat=True))


def test_what_is_switched_off_comes_no_more_and_the_inbox_always(browser, officer):
    assert browser.post(URL, ticked(but=("event_email",)))["Location"] == URL
    notify([officer], key="event-eve:1", title="活动")
    notify([officer], key="table-due:1", title="报表")
    assert channels_of("event-eve:1") == {"inbox"} and channels_of("table-due:1") == {"inbox", "email"}


def test_one_persons_settings_are_nobody_elses(browser, officer):
    other = factories.user(officer.unit, "dispatcher")
    other.email = "b@example.com"
    other.save()
    browser.post(URL, {})
    notify([officer, other], key="event-eve:1", title="活动")
    assert Notice.objects.get(channel="email").recipient == other


def test_duties_cannot_be_switched_off(browser, officer):
    """Neither by leaving out every box nor by writing it into the row."""
    assert browser.post(URL, {}).status_code == 302
    assert not any(
        "deadline:email" in pair or ":inbox" in pair for pair in preference_of(officer).switched_off
    )
    Preference.objects.update(switched_off=["deadline:email", "deadline:inbox", "nonsense", "general:email"])
    notify([officer], key="deadline:1:1", title="将到期")
    notify([officer], key="appeal:1:1", kind="supervision", title="督办")
    notify([officer], key="opinion:1", title="意见")
    assert channels_of("deadline:1:1") == channels_of("appeal:1:1") == {"inbox", "email"}
    assert channels_of("opinion:1") == {"inbox"}


def test_the_page_shows_what_is_locked_and_what_is_lacking(browser, officer):
    officer.email = ""
    officer.save()
    text = browser.get(URL).content.decode()
    assert "短信</th>" not in text and "手机" not in text, "no gateway, no question"
    assert text.count("必收") == len(DUTIES) + 2 and "账号没有填写电子邮箱" in text
    assert 'name="event_email"' in text and 'name="deadline_email"' not in text and "_inbox" not in text


def test_with_a_gateway_sms_can_be_chosen_and_a_choice_survives_without(browser, officer, settings):
    settings.SMS_URL = "https://sms.example.cn"
    text = browser.get(URL).content.decode()
    assert "短信</th>" in text and "没有登记手机号码" in text
    browser.post(URL, ticked(but=("deadline_sms",)))
    assert preference_of(officer).switched_off == ["deadline:sms"]
    settings.SMS_URL = ""
    browser.post(URL, ticked(but=("approval_sms", "supervision_sms", "event_email")))
    assert preference_of(officer).switched_off == ["deadline:sms", "event:email"]


def test_quiet_hours_are_kept_and_shown_again(browser, officer):
    browser.post(URL, ticked(quiet_from="22:15", quiet_to="06:00", quiet_days_off="on"))
    saved = preference_of(officer)
    assert (saved.quiet_from, saved.quiet_to, saved.quiet_days_off) == (time(22, 15), time(6), True)
    assert 'value="22:15"' in browser.get(URL).content.decode()
    browser.post(URL, ticked(quiet_from="", quiet_to=""))
    assert preference_of(officer).quiet_from is None


@pytest.mark.parametrize(
    ("quiet_from", "quiet_to", "words"),
    [
        ("21:00", "", "要么都填"),
        ("00:00", "23:59", "最长 12 小时"),
        ("08:00", "08:00", "最长 12 小时"),
        ("25:00", "\0", "输入"),
    ],
)
def test_a_wrong_time_is_told_and_nothing_is_lost(browser, officer, quiet_from, quiet_to, words):
    answer = browser.post(URL, ticked(but=("event_email",), quiet_from=quiet_from, quiet_to=quiet_to))
    text = answer.content.decode()
    assert answer.status_code == 422 and words in text and f'value="{quiet_from}"' in text
    assert 'name="event_email" aria-label="活动：电子邮件" id="id_event_email">' in text
    assert not Preference.objects.exists()


def test_quiet_hours_of_exactly_twelve_hours_are_allowed(officer):
    rest = {"user": officer, "wanted": set(), "quiet_days_off": False}
    save_preferences(quiet_from=time(20), quiet_to=time(8), **rest)
    with pytest.raises(ValidationError):
        save_preferences(quiet_from=time(20), quiet_to=time(8, 1), **rest)


def test_telling_many_costs_no_more_than_telling_one(officer, gateway, django_assert_num_queries):
    factories.robot(officer.unit)
    people = [factories.user(officer.unit, "liaison") for _ in range(5)]
    for person in people:
        person.email = f"{person.username}@example.com"
        person.official = factories.official(officer.unit)
        person.save()
    # Robots, which are remembered, templates, preferences and the rows; then the officials.
    with django_assert_num_queries(4):
        notify([officer], key="deadline:1:1", title="超期", tone="red")
    fresh = [type(person).objects.get(pk=person.pk) for person in people]
    with django_assert_num_queries(4):
        notify(fresh, key="deadline:2:1", title="超期", tone="red")
