"""The outbox: once written, once claimed, tried again only if surely not sent, never when in doubt."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from core import clock
from notifications import delivery
from notifications.channels import TRANSPORTS, Permanent, Temporary, Unknown, Unreachable
from notifications.delivery import BACK_OFF, deliver_queued
from notifications.models import Notice
from notifications.services import mark_read, notify
from tests import factories
from tests.notifications.conftest import NOW


def write(*people, key: str = "a-key", **more) -> None:
    facts = {"title": "签收：JQ20261119-0001", "body": "请及时办理。", "url": "/appeals/JQ20261119-0001/"}
    notify(people, key=key, **facts | more)


def email(key: str = "a-key") -> Notice:
    return Notice.objects.get(channel="email", key__startswith=f"{key}:")


def after(**passed):
    return clock.at(NOW + timedelta(**passed))


@pytest.fixture
def answers(monkeypatch):
    """What the mail channel comes to, one after the other; nothing left: sent."""
    laid_out: list[Exception] = []

    def send(message) -> None:
        if laid_out:
            raise laid_out.pop(0)
        mail.outbox.append(message)

    monkeypatch.setattr(TRANSPORTS["email"], "send", send)
    return laid_out


# --- Written --------------------------------------------------------------------------------------


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
    write(officer, officer)
    write(officer)
    write(officer, key="another")
    assert Notice.objects.count() == 4


def test_an_office_without_an_outside_line_has_the_inbox(officer, settings):
    settings.NOTICE_CHANNELS = ["inbox"]
    factories.robot(officer.unit)
    write(officer, key="deadline:1:1", tone="red")
    assert [notice.channel for notice in Notice.objects.all()] == ["inbox"]


def test_the_group_of_a_unit_is_told_once_however_many_of_it_are(officer, district):
    group = factories.robot(officer.unit)
    factories.robot(officer.unit, active=False)
    factories.robot(factories.unit(district, "rsj"))
    write(officer, factories.user(officer.unit, "bureau_leader"), key="deadline:1:1")
    write(factories.user(officer.unit, "dispatcher"), key="deadline:1:1")
    assert [notice.robot for notice in Notice.objects.filter(channel="robot")] == [group]


def test_what_is_one_persons_business_is_not_told_to_the_group(officer):
    factories.robot(officer.unit)
    write(officer, key="handover:1")
    assert not Notice.objects.filter(channel="robot").exists()


def test_what_a_notice_is_about_follows_from_its_key_or_is_said(officer):
    for key in ("appeal:1:2", "deadline:1:1", "event-eve:1", "table-due:1:2", "visits-owed:x", "opinion:1"):
        write(officer, key=key)
    write(officer, key="appeal:9:9", kind="supervision")
    kinds = Notice.objects.filter(channel="inbox").order_by("pk").values_list("kind", "urgent")
    assert list(kinds) == [
        ("dispatch", False), ("deadline", False), ("event", False), ("report", False), ("visit", False),
        ("general", False), ("supervision", True),
    ]  # fmt: skip


def test_only_urgent_notices_go_by_sms_and_only_to_a_mobile(officer, gateway):
    officer.official = factories.official(officer.unit)
    officer.save()
    write(officer, key="deadline:1:1", tone="yellow")
    assert not Notice.objects.filter(channel="sms").exists()
    write(officer, key="deadline:1:2", tone="red")
    write(officer, key="appeal:1:2", urgent=True)
    assert [notice.key for notice in Notice.objects.filter(channel="sms")] == [
        f"deadline:1:2:{officer.pk}:sms"
    ]


# --- Sent once ------------------------------------------------------------------------------------


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
    claim = delivery._claim

    def and_another_tick(batch):
        monkeypatch.setattr(delivery, "_claim", claim)
        deliver_queued()
        return claim(batch)

    monkeypatch.setattr(delivery, "_claim", and_another_tick)
    deliver_queued()
    assert len(mail.outbox) == 1


def test_a_mail_that_is_refused_is_marked_and_does_not_hold_up_the_others(officer, answers):
    write(officer, key="first")
    write(officer, key="second")
    answers.append(Permanent("邮件服务器拒收（554）"))
    assert deliver_queued() == 1
    assert (email("first").state, email("second").state) == ("failed", "sent")
    assert email("first").reason == "邮件服务器拒收（554）"


def test_an_account_that_was_closed_meanwhile_is_written_to_no_more(officer):
    write(officer)
    officer.is_active = False
    officer.save()
    assert deliver_queued() == 0 and email().reason == "账号已停用" and mail.outbox == []


def test_an_address_that_was_taken_away_is_a_reason(officer):
    write(officer)
    officer.email = ""
    officer.save()
    assert deliver_queued() == 0 and (email().state, email().reason) == ("failed", "账号没有填写电子邮箱")


def test_a_channel_that_was_given_up_meanwhile_is_a_reason(officer, settings):
    write(officer)
    settings.NOTICE_CHANNELS = ["inbox"]
    assert deliver_queued() == 0 and (email().state, email().reason) == ("failed", "这个渠道没有启用")


# --- Tried again ----------------------------------------------------------------------------------


def test_a_failure_for_the_time_being_is_tried_again_with_growing_patience(officer, answers):
    write(officer)
    passed = timedelta(0)
    for number, wait in enumerate(BACK_OFF, start=1):
        answers.append(Temporary("邮件服务器拒收（452，暂时）"))
        with clock.at(NOW + passed):
            assert deliver_queued() == 0
            assert (email().state, email().attempts) == ("queued", number)
        with clock.at(NOW + passed + wait - timedelta(seconds=1)):
            assert deliver_queued() == 0 and email().attempts == number
        passed += wait
    answers.append(Temporary("邮件服务器拒收（452，暂时）"))
    with clock.at(NOW + passed):
        assert deliver_queued() == 0
        assert (email().state, email().reason) == ("failed", "邮件服务器拒收（452，暂时），已试 6 次")
    with after(days=3):
        assert deliver_queued() == 0
    assert mail.outbox == []


def test_a_try_that_succeeds_ends_it(officer, answers):
    write(officer)
    answers.append(Temporary("忙"))
    deliver_queued()
    with after(minutes=1):
        assert deliver_queued() == 1
        assert (email().state, email().reason, email().attempts) == ("sent", "", 2)


def test_where_nobody_answers_the_rest_waits_for_the_next_tick_and_loses_no_attempt(officer, answers):
    write(officer, key="first")
    write(officer, key="second")
    answers.append(Unreachable("连接不上邮件服务器"))
    assert deliver_queued() == 0
    assert (email("first").attempts, email("second").attempts) == (1, 0)
    assert deliver_queued() == 1 and email("second").state == "sent"


def test_a_channel_that_does_not_answer_does_not_hold_up_another(officer, answers, robots):
    factories.robot(officer.unit)
    write(officer, key="appeal:1:1")
    answers.append(Unreachable("连接不上邮件服务器"))
    assert deliver_queued() == 1 and len(robots.requests) == 1


# --- In doubt -------------------------------------------------------------------------------------


def test_an_unknown_outcome_is_shown_and_never_sent_again_by_itself(officer, answers):
    write(officer)
    answers.append(Unknown("邮件已发出，但邮件服务器没有回应"))
    deliver_queued()
    with after(days=3):
        assert deliver_queued() == 0
    assert email().get_state_display() == "不确定" and "没有回应" in email().reason


def test_a_fault_of_our_own_while_sending_is_in_doubt_too(officer, answers, caplog):
    write(officer)
    answers.append(KeyError("x"))
    assert deliver_queued() == 0
    assert email().state == "unknown" and "KeyError" in email().reason


def test_a_process_that_dies_while_sending_leaves_an_unknown_outcome_that_is_never_sent_again(
    officer, monkeypatch
):
    write(officer)

    def dies(self, messages):
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(EmailBackend, "send_messages", dies)
        deliver_queued()
    assert email().state == "claimed"
    with after(minutes=9):
        assert deliver_queued() == 0 and email().state == "claimed"
    with after(minutes=11):
        assert deliver_queued() == 0 and email().state == "unknown"
        assert deliver_queued() == 0
    assert email().reason == delivery.DIED and mail.outbox == []


def test_a_process_taken_for_dead_that_was_only_slow_still_says_how_it_went(officer, monkeypatch):
    write(officer)

    def slow(message) -> None:
        with after(minutes=11):
            delivery.mark_unknown()

    monkeypatch.setattr(TRANSPORTS["email"], "send", slow)
    assert deliver_queued() == 1 and email().state == "sent"


def test_who_was_taken_for_dead_does_not_overwrite_what_was_done_since(officer, monkeypatch):
    """An administrator sent it again, and that attempt is under way."""
    write(officer)

    def slow(message) -> None:
        with after(minutes=11):
            delivery.mark_unknown()
            Notice.objects.filter(pk=email().pk).update(state="claimed", claimed_at=clock.now())
        raise Temporary("忙")

    monkeypatch.setattr(TRANSPORTS["email"], "send", slow)
    deliver_queued()
    assert email().state == "claimed"


# --- Digests --------------------------------------------------------------------------------------


def test_ten_go_one_by_one_and_eleven_as_one_message(officer, answers):
    for number in range(10):
        write(officer, key=f"n{number:02}", title=f"通知{number}")
    assert deliver_queued() == 10
    for number in range(10, 21):
        write(officer, key=f"n{number:02}", title=f"通知{number}")
    assert deliver_queued() == 1
    digest = mail.outbox[-1]
    assert digest.title == "您有 11 条通知：通知10等" and digest.url == "/inbox/"
    assert digest.body.splitlines() == [f"通知{number}" for number in range(10, 21)]
    mails = list(Notice.objects.filter(channel="email", key__gt="n10").order_by("key"))
    assert {notice.state for notice in mails} == {"sent"}
    assert [notice.digest_of for notice in mails] == [None] + [mails[0].pk] * 10
    assert Notice.objects.filter(channel="inbox", digest_of__isnull=True).count() == 21


def test_two_people_with_six_each_get_no_digest(officer, district, answers):
    other = factories.user(officer.unit, "dispatcher")
    other.email = "b@example.com"
    other.save()
    for number in range(6):
        write(officer, other, key=f"n{number}")
    assert deliver_queued() == 12


def test_a_digest_that_did_not_go_is_put_together_anew_with_what_came_since(officer, answers):
    for number in range(11):
        write(officer, key=f"n{number:02}", title=f"通知{number}")
    answers.append(Temporary("忙"))
    deliver_queued()
    assert not Notice.objects.filter(digest_of__isnull=False).exists()
    with after(minutes=1):
        write(officer, key="n11", title="后来的")
        assert deliver_queued() == 1
    assert mail.outbox[-1].title.startswith("您有 12 条通知")


def test_a_group_gets_a_digest_too(officer, robots):
    factories.robot(officer.unit)
    officer.email = ""
    for number in range(11):
        write(officer, key=f"appeal:{number}:1", title=f"交办{number}")
    assert deliver_queued() == 1
    assert robots.requests[0].json["text"]["content"].startswith("【亲清通】本单位有 11 条通知：交办0等")


def test_a_digest_in_doubt_leaves_all_of_it_in_doubt(officer, answers):
    for number in range(11):
        write(officer, key=f"n{number}")
    answers.append(Unknown("没有回应"))
    deliver_queued()
    assert Notice.objects.filter(channel="email", state="unknown").count() == 11


# --- Robots wait their turn -----------------------------------------------------------------------


@pytest.fixture
def units(district):
    return [factories.unit(district, code) for code in ("kjj", "rsj")]


def test_a_robot_says_no_more_than_its_limit_in_a_minute(units, robots, settings):
    settings.ROBOT_PER_MINUTE = 3
    group = factories.robot(units[0])
    person = factories.user(units[0], "liaison")
    for number in range(5):
        write(person, key=f"appeal:{number}:1")
    assert deliver_queued() == 3
    with after(seconds=59):
        assert deliver_queued() == 0
    with after(seconds=60):
        assert deliver_queued() == 2
    assert len(robots.requests) == 5 and group.notices.filter(attempts=1, state="sent").count() == 5


def test_another_groups_robot_is_not_kept_waiting(units, robots, settings):
    settings.ROBOT_PER_MINUTE = 1
    for unit in units:
        factories.robot(unit)
    people = [factories.user(unit, "liaison") for unit in units]
    write(*people, key="appeal:1:1")
    write(*people, key="appeal:2:1")
    assert deliver_queued() == 2


@pytest.mark.parametrize("minute", [0, 30])
def test_robots_hold_their_tongue_when_everybodys_schedules_speak(units, robots, minute):
    factories.robot(units[0])
    crowded = NOW.replace(minute=minute, second=20)
    with clock.at(crowded):
        write(factories.user(units[0], "liaison"), key="appeal:1:1")
        assert deliver_queued() == 0
    with clock.at(crowded + timedelta(seconds=40)):
        assert deliver_queued() == 1
    assert Notice.objects.get(channel="robot").attempts == 1


# --- Read -----------------------------------------------------------------------------------------


def test_a_notice_is_read_and_seen_by_its_recipient_alone(officer, district):
    somebody = factories.user(factories.unit(district), "dispatcher")
    write(officer, somebody)
    mine = Notice.objects.visible_to(officer).inbox().get()
    assert mark_read(somebody, pk=mine.pk) == 0
    assert mark_read(officer, pk=mine.pk) == 1
    assert not Notice.objects.visible_to(officer).unread().exists()
    assert Notice.objects.visible_to(somebody).unread().count() == 1
