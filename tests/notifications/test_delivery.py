"""The outbox: once written, once claimed, never sent again when in doubt."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from core import clock
from notifications import services
from notifications.models import Notice
from notifications.services import deliver_queued, mark_read, notify
from tests import factories


@pytest.fixture
def officer(district):
    user = factories.user(factories.unit(district), "dispatcher")
    user.email = "kjj@example.com"
    user.save()
    return user


def write(*people, key: str = "a-key") -> None:
    notify(
        people, key=key, title="签收：JQ20261119-0001", body="请及时办理。", url="/appeals/JQ20261119-0001/"
    )


def email() -> Notice:
    return Notice.objects.get(channel="email")


def test_a_notice_lies_in_the_inbox_at_once_and_waits_for_the_post(officer):
    write(officer)
    assert {notice.channel: notice.state for notice in Notice.objects.all()} == {
        "inbox": "sent",
        "email": "queued",
    }
    assert mail.outbox == []


def test_who_has_no_address_gets_no_mail(district):
    write(factories.user(factories.unit(district), "dispatcher"))
    assert [notice.channel for notice in Notice.objects.all()] == ["inbox"]


def test_the_same_key_is_told_once(officer):
    write(officer)
    write(officer)
    write(officer, key="another")
    assert Notice.objects.count() == 4


def test_a_mail_is_sent_once(officer, settings):
    write(officer)
    assert (deliver_queued(), deliver_queued()) == (1, 0)
    sent = mail.outbox[0]
    assert len(mail.outbox) == 1 and sent.to == ["kjj@example.com"]
    assert f"{settings.SITE_URL}/appeals/JQ20261119-0001/" in sent.body
    assert email().state == "sent" and email().sent_at is not None


def test_two_ticks_that_picked_the_same_mail_send_it_once(officer, monkeypatch):
    """The second tick runs in the very moment between picking and claiming."""
    write(officer)
    mark_unknown = services.mark_unknown

    def and_another_tick() -> int:
        monkeypatch.setattr(services, "mark_unknown", mark_unknown)
        deliver_queued()
        return mark_unknown()

    monkeypatch.setattr(services, "mark_unknown", and_another_tick)
    deliver_queued()
    assert len(mail.outbox) == 1


def test_a_mail_that_cannot_be_sent_is_marked_and_does_not_hold_up_the_others(officer, monkeypatch):
    write(officer, key="first")
    write(officer, key="second")
    send = EmailBackend.send_messages

    def out_of_order_once(self, messages):
        monkeypatch.setattr(EmailBackend, "send_messages", send)
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr(EmailBackend, "send_messages", out_of_order_once)
    assert deliver_queued() == 1
    states = Notice.objects.filter(channel="email").order_by("id").values_list("state", flat=True)
    assert list(states) == ["failed", "sent"]
    assert deliver_queued() == 0


def test_a_process_that_dies_while_sending_leaves_an_unknown_outcome_that_is_never_sent_again(
    officer, monkeypatch
):
    write(officer)

    def dies(notice: Notice) -> int:
        raise SystemExit

    monkeypatch.setattr(services, "_send", dies)
    with pytest.raises(SystemExit):
        deliver_queued()
    monkeypatch.undo()
    assert email().state == "claimed"
    with clock.at(clock.now() + timedelta(minutes=9)):
        assert deliver_queued() == 0 and email().state == "claimed"
    with clock.at(clock.now() + timedelta(minutes=11)):
        assert deliver_queued() == 0 and email().state == "unknown"
        assert deliver_queued() == 0
    assert email().get_state_display() == "不确定" and mail.outbox == []


def test_a_notice_is_read_and_seen_by_its_recipient_alone(officer, district):
    somebody = factories.user(factories.unit(district), "dispatcher")
    write(officer, somebody)
    mine = Notice.objects.visible_to(officer).inbox().get()
    assert mark_read(somebody, pk=mine.pk) == 0
    assert mark_read(officer, pk=mine.pk) == 1
    assert not Notice.objects.visible_to(officer).unread().exists()
    assert Notice.objects.visible_to(somebody).unread().count() == 1
