"""The administrator's pages: channels, and the robots of group chats."""

import time

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import AuditEntry, Role
from core import clock
from notifications.delivery import deliver_queued
from notifications.models import Notice, Robot, SmsTemplate
from notifications.robots import LOOK_AGAIN_AFTER, read_address, robots_of
from notifications.services import notify
from tests import factories

URL = "/inbox/channels/"
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0b7c1a2e-1111-2222-3333-44445555aaaa"


@pytest.fixture
def admin(district):
    return factories.user(factories.unit(district), Role.ADMIN)


@pytest.fixture
def browser(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def page(answer) -> str:
    return answer.content.decode()


def typed(of, **more) -> dict[str, object]:
    return {"token": "t1", "unit": of.pk, "name": "人社局办理群", "address": f" {WECOM} "} | more


@pytest.mark.parametrize(
    ("address", "maker", "key"),
    [
        (WECOM, "wecom", "0b7c1a2e-1111-2222-3333-44445555aaaa"),
        ("https://oapi.dingtalk.com/robot/send?access_token=abc123def456", "dingtalk", "abc123def456"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/abcd-ef01-2345", "feishu", "abcd-ef01-2345"),
    ],
)
def test_a_pasted_address_says_maker_and_key(address, maker, key):
    assert read_address(address) == (maker, key)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "abc",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com.example.com/cgi-bin/webhook/send?key=0b7c1a2e-1111",
        "http://127.0.0.1/cgi-bin/webhook/send?key=0b7c1a2e-1111",
        "https://qyapi.weixin.qq.com/?key=../../etc/passwd",
        "https://oapi.dingtalk.com/robot/send?access_token=abc-123-def-456",
        "https://open.feishu.cn/open-apis/bot/v2/hook/",
        "https://[half/?key=0b7c1a2e-1111",
        "https://qyapi.weixin.qq.com/?key=0b7c1a2e\0",
    ],
)
def test_another_address_is_no_robot(address):
    with pytest.raises(ValidationError):
        read_address(address)


def test_a_robot_is_added_once_and_its_key_is_not_shown_again(browser, district):
    unit = factories.unit(district, "rsj")
    assert browser.post(f"{URL}robots/new/", typed(unit))["Location"] == URL
    assert browser.post(f"{URL}robots/new/", typed(unit))["Location"] == URL
    robot = Robot.objects.get()
    assert (robot.unit, robot.maker, robot.name) == (unit, "wecom", "人社局办理群")
    text = page(browser.get(URL))
    assert "人社局办理群" in text and "****aaaa" in text and "0b7c1a2e" not in text
    entry = AuditEntry.objects.get(action="robot.add")
    assert entry.object_id == str(robot.pk) and "0b7c1a2e" not in str(entry.data)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"address": "https://example.com/x"}, "认不出这个地址"),
        ({"address": "x" * 400}, "300"),
        ({"name": ""}, "必填"),
        ({"unit": "9" * 30}, "选择"),
        ({"secret": "SECabc123"}, "加签密钥只用于钉钉"),
        ({"address": "https://oapi.dingtalk.com/robot/send?access_token=abc12345", "secret": "SEC-1"}, "SEC 开头"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(browser, district, more, words):
    answer = browser.post(f"{URL}robots/new/", typed(factories.unit(district, "rsj"), **more))
    assert answer.status_code == 422 and words in page(answer)
    assert "name" in more or 'value="人社局办理群"' in page(answer)
    assert not Robot.objects.exists()


def test_the_same_robot_is_not_added_twice(browser, district):
    browser.post(f"{URL}robots/new/", typed(factories.unit(district, "rsj")))
    answer = browser.post(f"{URL}robots/new/", typed(factories.unit(district, "czj"), token="t2"))
    assert answer.status_code == 422 and "已经添加过" in page(answer) and Robot.objects.count() == 1


def test_robots_of_another_district_do_not_exist(browser, district):
    other = factories.another_district(district)
    theirs = factories.robot(factories.unit(other), name="外区的群")
    assert "外区的群" not in page(browser.get(URL))
    assert browser.post(f"{URL}robots/{theirs.pk}/switch/").status_code == 404
    assert browser.post(f"{URL}robots/{theirs.pk}/test/").status_code == 404
    answer = browser.post(f"{URL}robots/new/", typed(factories.unit(other)))
    assert answer.status_code == 422 and Robot.objects.count() == 1


def test_a_robot_is_switched_off_and_on_again(browser, district):
    robot = factories.robot(factories.unit(district, "rsj"))
    for _ in range(2):
        browser.post(f"{URL}robots/{robot.pk}/switch/")
        robot.refresh_from_db()
        assert not robot.active
    browser.post(f"{URL}robots/{robot.pk}/switch/", {"active": "on"})
    robot.refresh_from_db()
    assert robot.active
    actions = AuditEntry.objects.filter(action__startswith="robot.").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["robot.off", "robot.on"]


def test_what_a_robot_is_told_follows_the_switch_at_once(browser, district):
    unit = factories.unit(district, "rsj")
    person = factories.user(unit, Role.LIAISON)

    def told(key: str) -> bool:
        notify([person], key=key, title="交办")
        return Notice.objects.filter(key__startswith=f"{key}:robot").exists()

    assert not told("appeal:1:1")
    browser.post(f"{URL}robots/new/", typed(unit))
    assert told("appeal:1:2")
    browser.post(f"{URL}robots/{Robot.objects.get().pk}/switch/")
    assert not told("appeal:1:3")


def test_a_robot_that_another_process_added_is_noticed_soon(district, monkeypatch):
    unit = factories.unit(district, "rsj")
    assert robots_of([unit.pk]) == []
    robot = Robot.objects.create(unit=unit, name="群", maker="wecom", key="k" * 8, created_at=clock.now())
    assert robots_of([unit.pk]) == []
    later = time.monotonic() + LOOK_AGAIN_AFTER + 1
    monkeypatch.setattr("notifications.robots.time.monotonic", lambda: later)
    assert robots_of([unit.pk]) == [robot.pk]


def test_a_test_message_goes_the_way_of_all_others_and_the_page_says_how_it_went(browser, district, robots):
    robot = factories.robot(factories.unit(district, "rsj"))
    robots.answers = [(200, '{"errcode": 93000, "errmsg": "invalid webhook url"}')]
    for _ in range(2):
        assert browser.post(f"{URL}robots/{robot.pk}/test/", {"token": "t1"})["Location"] == URL
    assert robots.requests == [] and deliver_queued() == 0
    assert len(robots.requests) == 1 and "测试消息" in robots.requests[0].json["text"]["content"]
    assert "机器人地址已失效" in page(browser.get(URL))
    assert Notice.objects.get().robot == robot


def test_the_page_says_which_channels_are_on_and_which_templates_are_missing(browser, settings):
    settings.NOTICE_CHANNELS, settings.SMS_URL = ["inbox", "sms"], "https://sms.example.cn"
    SmsTemplate.objects.create(kind="deadline", code="1", text="{title}")
    text = page(browser.get(URL))
    assert text.count("没有启用") == 2 and text.count("没有模板，不发短信") == 2


def test_the_page_costs_the_same_for_many_robots(browser, district, django_assert_max_num_queries):
    for _ in range(12):
        factories.robot(factories.unit(district, "rsj"))
    with django_assert_max_num_queries(12):
        browser.get(URL)


def test_a_template_is_registered_for_kinds_that_go_by_sms_and_may_be_dropped(browser):
    url = "/admin/notifications/smstemplate/"
    facts = {"code": "SMS_1", "text": "{title}", "longest_title": "20"}
    assert "这类通知不发短信" in page(browser.post(f"{url}add/", facts | {"kind": "general"}))
    assert browser.post(f"{url}add/", facts | {"kind": "deadline"}).status_code == 302
    template = SmsTemplate.objects.get()
    assert browser.post(f"{url}{template.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not SmsTemplate.objects.exists() and AuditEntry.objects.filter(action="admin.delete").exists()
