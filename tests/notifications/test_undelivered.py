"""What did not arrive: the administrator sees why, sends it again or sets it aside."""

import pytest
from django.core import mail
from django.test import Client

from accounts.models import AuditEntry, Role
from core import clock
from notifications.delivery import deliver_queued
from notifications.models import Notice
from tests import factories

URL = "/inbox/channels/undelivered/"


@pytest.fixture
def browser(district) -> Client:
    client = Client()
    client.force_login(factories.user(factories.unit(district), Role.ADMIN))
    return client


def page(answer) -> str:
    return answer.content.decode()


def undelivered(recipient, state: str = "failed", **more) -> Notice:
    defaults = {
        "key": f"k{Notice.objects.count()}",
        "recipient": recipient,
        "channel": "email",
        "title": "时限提醒",
        "body": "赵敏 13900001111",
        "state": state,
        "reason": "邮件服务器拒收（554）",
        "attempts": 3,
        "created_at": clock.now(),
        "claimed_at": clock.now(),
    }
    return Notice.objects.create(**defaults | more)


def test_it_says_what_did_not_arrive_where_and_why_but_not_the_text(browser, officer):
    undelivered(officer)
    undelivered(None, "unknown", robot=factories.robot(officer.unit), channel="robot", reason="没有回应")
    text = page(browser.get(URL))
    assert "邮件服务器拒收（554）" in text and "3 次" in text and "没有回应" in text and "诉求办理群" in text
    assert "赵敏" not in text and "13900001111" not in text
    assert browser.get("/inbox/channels/").context["undelivered"] == 2


def test_what_is_sent_waits_or_is_set_aside_is_not_listed(browser, officer):
    for state in ("sent", "queued", "claimed", "set_aside"):
        undelivered(officer, state)
    assert "没有未送达的通知" in page(browser.get(URL))


def test_chosen_ones_are_sent_again(browser, officer):
    chosen, other = undelivered(officer, digest_of=7), undelivered(officer)
    assert browser.post(URL, {"action": "resend", "chosen": [chosen.pk]})["Location"] == URL
    assert deliver_queued() == 1 and len(mail.outbox) == 1
    chosen.refresh_from_db()
    other.refresh_from_db()
    assert (chosen.state, chosen.attempts, chosen.digest_of, other.state) == ("sent", 1, None, "failed")
    entry = AuditEntry.objects.get(action="notice.resend")
    assert entry.data == {"count": 1, "notices": [chosen.pk]}


def test_a_second_click_sends_nothing_more(browser, officer):
    notice = undelivered(officer, "unknown")
    browser.post(URL, {"action": "resend", "chosen": [notice.pk]})
    assert deliver_queued() == 1
    assert browser.post(URL, {"action": "resend", "chosen": [notice.pk]}).status_code == 422
    assert deliver_queued() == 0 and len(mail.outbox) == 1


def test_all_that_the_filter_shows_are_acted_on_and_no_others(browser, officer):
    failed, unknown = undelivered(officer), undelivered(officer, "unknown")
    browser.post(f"{URL}?state=failed", {"action": "set_aside", "everything": "on"})
    failed.refresh_from_db()
    unknown.refresh_from_db()
    assert (failed.state, unknown.state) == ("set_aside", "unknown") and failed.reason


def test_people_of_another_district_are_none_of_their_business(browser, district):
    theirs = factories.user(factories.unit(factories.another_district(district)), "dispatcher")
    notice = undelivered(theirs, title="外区的")
    assert "外区的" not in page(browser.get(URL))
    assert browser.post(URL, {"action": "resend", "chosen": [notice.pk]}).status_code == 422
    browser.post(URL, {"action": "resend", "everything": "on"})
    notice.refresh_from_db()
    assert notice.state == "failed"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"action": "resend"},
        {"action": "delete", "everything": "on"},
        {"action": "resend", "chosen": ["x", "\0", "9" * 30]},
    ],
)
def test_nonsense_changes_nothing(browser, officer, sent):
    notice = undelivered(officer)
    assert browser.post(f"{URL}?state=x&page=x&kind=%00", sent).status_code == 422
    notice.refresh_from_db()
    assert notice.state == "failed"


def test_the_list_costs_the_same_for_one_and_for_many(browser, officer, django_assert_max_num_queries):
    for _ in range(60):
        undelivered(officer)
    with django_assert_max_num_queries(10):
        text = page(browser.get(URL))
    assert "共 60 条" in text and text.count('name="chosen"') == 50
