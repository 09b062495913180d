"""Each channel against a real listener on loopback: what goes over the wire, and what its answer means."""

import logging
import threading
from email import message_from_bytes
from email.policy import default as email_policy
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from accounts.models import User
from core import clock
from notifications.channels import TRANSPORTS, Message, Permanent, Temporary, Unknown, Unreachable
from notifications.channels import web as sender
from notifications.models import Notice, SmsTemplate
from tests import factories

PHONE = "13800001234"


def message(title: str = "签收：JQ20261119-0001", body: str = "请及时办理。", **notice) -> Message:
    row = Notice(title=title, body=body, kind="deadline", created_at=clock.now(), **notice)
    return Message(row, title, body, "/appeals/JQ20261119-0001/")


def send(channel: str, **notice) -> None:
    TRANSPORTS[channel].send(message(channel=channel, **notice))


# --- E-mail ---------------------------------------------------------------------------------------


def test_a_mail_carries_title_text_and_link(officer, mail_server, settings):
    send("email", recipient=officer)
    [text] = mail_server.messages
    mail = message_from_bytes(text.encode(), policy=email_policy)
    body = mail.get_content()
    assert mail["Subject"] == "签收：JQ20261119-0001" and mail["To"] == "kjj@example.com"
    assert "请及时办理。" in body and f"{settings.SITE_URL}/appeals/JQ20261119-0001/" in body


def test_a_line_break_in_a_title_adds_no_header(officer, mail_server):
    TRANSPORTS["email"].send(message("标题\nBcc: x@example.com", channel="email", recipient=officer))
    assert "\nBcc" not in mail_server.messages[0].split("\n\n")[0]


@pytest.mark.parametrize(
    ("code", "outcome"), [("450 busy", Temporary), ("550 nobody here", Permanent)], ids=["4xx", "5xx"]
)
def test_what_a_mail_server_says_of_a_recipient(officer, mail_server, code, outcome):
    mail_server.to_recipient = lambda line: code
    with pytest.raises(outcome) as refused:
        send("email", recipient=officer)
    assert code[:3] in refused.value.reason and "收件地址" in refused.value.reason
    assert not mail_server.messages


@pytest.mark.parametrize(
    ("code", "outcome"), [("452 full", Temporary), ("554 spam", Permanent)], ids=["4xx", "5xx"]
)
def test_what_a_mail_server_says_of_a_message(officer, mail_server, code, outcome):
    mail_server.to_message = lambda text: code
    with pytest.raises(outcome) as refused:
        send("email", recipient=officer)
    assert code[:3] in refused.value.reason


def test_a_mail_server_that_takes_the_mail_and_says_nothing_leaves_it_unknown(officer, mail_server):
    mail_server.to_message = lambda text: None
    with pytest.raises(Unknown):
        send("email", recipient=officer)
    assert len(mail_server.messages) == 1


def test_no_mail_server_is_worth_another_try(officer, mail_server, settings):
    settings.EMAIL_PORT = 1
    with pytest.raises(Unreachable):
        send("email", recipient=officer)


# --- Robots ---------------------------------------------------------------------------------------


@pytest.fixture
def unit(district):
    return factories.unit(district)


def test_a_wecom_robot_gets_title_and_link_and_no_more(unit, robots, settings):
    send("robot", robot=factories.robot(unit, key="abcd-1234-efgh"))
    [request] = robots.requests
    assert (request.path, request.query) == ("/cgi-bin/webhook/send", {"key": ["abcd-1234-efgh"]})
    text = request.json["text"]["content"]
    assert text == f"【亲清通】签收：JQ20261119-0001\n{settings.SITE_URL}/appeals/JQ20261119-0001/"


def test_a_dingtalk_robot_is_signed_for(unit, robots):
    send("robot", robot=factories.robot(unit, "dingtalk", key="abcd1234", secret="SECabc123"))
    [request] = robots.requests
    assert request.path == "/robot/send" and request.query["access_token"] == ["abcd1234"]
    assert request.query["sign"] and request.query["timestamp"]
    assert "签收：JQ20261119-0001" in request.json["text"]["content"]


def test_a_feishu_robot_gets_it_in_its_own_form(unit, robots):
    send("robot", robot=factories.robot(unit, "feishu", key="abcd-1234"))
    [request] = robots.requests
    assert request.path == "/open-apis/bot/v2/hook/abcd-1234"
    assert request.json["msg_type"] == "text" and "签收" in request.json["content"]["text"]


@pytest.mark.parametrize(
    ("maker", "answer", "outcome", "words"),
    [
        ("wecom", '{"errcode": 45009, "errmsg": "freq"}', Temporary, "45009"),
        ("wecom", '{"errcode": 93000, "errmsg": "invalid"}', Permanent, "已从群里移除"),
        ("dingtalk", '{"errcode": 130101, "errmsg": "too fast"}', Temporary, "130101"),
        ("dingtalk", '{"errcode": 310000, "errmsg": "keywords"}', Permanent, "安全设置"),
        ("feishu", '{"code": 11232, "msg": "limited"}', Temporary, "11232"),
        ("feishu", '{"code": 19024, "msg": "keyword"}', Permanent, "关键词"),
        ("feishu", '{"code": 77777, "msg": "?"}', Permanent, "77777"),
        ("wecom", "<html>portal of the hotel</html>", Unknown, "看不懂"),
    ],
)
def test_a_robot_that_answers_200_and_no_has_not_sent_it(unit, robots, maker, answer, outcome, words):
    robots.answers = [(200, answer)]
    with pytest.raises(outcome) as refused:
        send("robot", robot=factories.robot(unit, maker))
    assert words in refused.value.reason and len(robots.requests) == 1


def test_a_robot_that_is_off_is_not_spoken_to(unit, robots):
    with pytest.raises(Permanent):
        send("robot", robot=factories.robot(unit, active=False))
    assert not robots.requests


# --- SMS ------------------------------------------------------------------------------------------


@pytest.fixture
def reached(officer) -> User:
    officer.official = factories.official(officer.unit)
    officer.official.phone = PHONE
    officer.official.save()
    officer.save()
    return officer


def test_an_sms_says_what_was_approved_to_the_number_of_the_official(reached, gateway):
    gateway.answers = [(200, '{"code": 0}')]
    send("sms", recipient=reached)
    [request] = gateway.requests
    assert request.method == "POST" and request.path == "/send"
    assert request.json == {
        "phone": PHONE,
        "template": "SMS_1001",
        "content": "您有新的提醒：签收：JQ20261119-0001，请登录查看。",
    }


def test_a_gateway_of_the_old_kind_is_a_matter_of_configuration(reached, gateway, settings):
    settings.SMS_METHOD, settings.SMS_BODY = "GET", ""
    settings.SMS_URL = f"{gateway.url}/sms?to={{phone}}&msg={{text}}&sig={{sign}}&key=s3cret"
    settings.SMS_HEADERS, settings.SMS_SUCCESS = {"X-App": "qqt"}, "^OK"
    gateway.answers = [(200, "OK 1")]
    send("sms", recipient=reached)
    [request] = gateway.requests
    assert request.method == "GET" and request.headers["X-App"] == "qqt"
    assert request.query["to"] == [PHONE] and request.query["sig"] == ["郊区亲清通"]
    assert request.query["msg"] == ["您有新的提醒：签收：JQ20261119-0001，请登录查看。"]


def test_a_title_cannot_break_out_of_the_body(reached, gateway, settings):
    gateway.answers = [(200, '{"code": 0}')]
    TRANSPORTS["sms"].send(message('"}\\ {phone} &x=1\n二', channel="sms", recipient=reached))
    assert gateway.requests[0].json["content"] == '您有新的提醒："}\\ {phone} &x=1 二，请登录查看。'
    settings.SMS_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}
    settings.SMS_BODY = "to={phone}&text={text}"
    TRANSPORTS["sms"].send(message("a&to=13900000000", channel="sms", recipient=reached))
    assert parse_qs(gateway.requests[1].body)["to"] == [PHONE]


def test_a_long_title_is_shortened_to_what_was_approved(reached, gateway):
    SmsTemplate.objects.update(longest_title=10)
    gateway.answers = [(200, '{"code": 0}')]
    TRANSPORTS["sms"].send(message("一二三四五六七八九十十一", channel="sms", recipient=reached))
    assert "：一二三四五六七八九…，" in gateway.requests[0].json["content"]


def test_a_gateway_that_does_not_confirm_has_refused_and_numbers_are_hidden(reached, gateway):
    gateway.answers = [(200, f'{{"code": 7, "msg": "{PHONE} in blacklist"}}')]
    with pytest.raises(Permanent) as refused:
        send("sms", recipient=reached)
    assert "blacklist" in refused.value.reason and PHONE not in refused.value.reason


def test_without_an_approved_template_nothing_goes_by_sms(reached, gateway):
    SmsTemplate.objects.all().delete()
    with pytest.raises(Permanent) as refused:
        send("sms", recipient=reached)
    assert "模板" in refused.value.reason and not gateway.requests


def test_a_landline_gets_no_sms(reached):
    reached.official.phone = "0562-5861234"
    assert TRANSPORTS["sms"].lacks(reached)


# --- What an outcome on the web means -------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Permanent), (401, Permanent), (404, Permanent), (429, Temporary), (500, Temporary),
     (502, Temporary), (503, Temporary), (504, Unknown)],
)  # fmt: skip
def test_statuses(web, status, outcome):
    web.answers = [(status, "")]
    with pytest.raises(outcome) as refused:
        sender.request("POST", web.url, data="x")
    assert type(refused.value) is outcome and str(status) in refused.value.reason


def test_a_redirect_is_not_followed(web):
    web.answers = [(302, "")]
    web.headers = {"Location": f"{web.url}/elsewhere"}
    with pytest.raises(Permanent):
        sender.request("POST", web.url, data="x")
    assert len(web.requests) == 1


def test_nobody_there_is_unreachable_and_the_reason_names_no_key():
    with pytest.raises(Unreachable) as refused:
        sender.request("POST", "http://127.0.0.1:1/send?key=s3cret")
    assert "s3cret" not in refused.value.reason and refused.value.__cause__ is None


@pytest.mark.parametrize("release", [False, True], ids=["no answer", "connection cut"])
def test_a_request_that_was_taken_and_not_answered_is_unknown(web, monkeypatch, release):
    web.hold = threading.Event()
    if release:
        web.hold.set()
    monkeypatch.setattr(sender, "TIMEOUT", (1, 0.3))
    with pytest.raises(Unknown):
        sender.request("POST", web.url, data="x")
    web.hold.set()
    assert len(web.requests) == 1


def test_in_production_only_https_goes_out(web, settings):
    settings.PRODUCTION = True
    with pytest.raises(Permanent):
        sender.request("POST", web.url, data="x")
    assert not web.requests


def test_a_broken_address_is_a_matter_for_the_operator():
    with pytest.raises(Permanent):
        sender.request("POST", "nonsense://x")


def test_no_key_and_no_phone_gets_into_the_log(unit, reached, gateway, robots, caplog):
    with caplog.at_level(logging.DEBUG):
        # As in config/settings.py: root at DEBUG does not open these two.
        send("robot", robot=factories.robot(unit, key="abcd-1234-efgh"))
        gateway.answers = [(200, '{"code": 0}')]
        send("sms", recipient=reached)
    assert urlsplit(gateway.url).port and len(robots.requests) == 2
    assert "abcd-1234-efgh" not in caplog.text and PHONE not in caplog.text


def test_apprise_still_speaks_through_our_own_sender():
    """Else an answer of HTTP 200 that says no would count as sent."""
    from apprise.plugins import dingtalk, feishu, wecombot

    for module in (dingtalk, feishu, wecombot):
        assert module.requests is not requests and module.requests.post
