from collections.abc import Iterator
from datetime import datetime

import pytest

from accounts.models import User
from core import clock
from districts.models import Region
from districts.workdays import SHANGHAI
from notifications.models import Robot, SmsTemplate
from tests import factories
from tests.notifications.listeners import Mail, Web, mail_listener, web_listener

# A Thursday morning: nobody's quiet hours, and no minute in which robots hold their tongue.
NOW = datetime(2026, 11, 19, 10, 5, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def thursday_morning() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is reached directly, whatever the machine says."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def web() -> Iterator[Web]:
    with web_listener() as listener:
        yield listener


@pytest.fixture
def mail_server(settings) -> Iterator[Mail]:
    with mail_listener() as listener:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listener.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_TIMEOUT = 2
        yield listener


@pytest.fixture
def robots(web: Web, settings) -> Web:
    """All three makers' robots, at a listener of our own."""
    settings.ROBOT_HOSTS = {maker: web.url for maker in Robot.Maker.values}
    return web


@pytest.fixture
def gateway(web: Web, settings, db) -> Web:
    settings.SMS_URL = f"{web.url}/send"
    settings.SMS_SUCCESS = '"code": ?0'
    settings.SMS_SIGN = "郊区亲清通"
    SmsTemplate.objects.create(kind="deadline", code="SMS_1001", text="您有新的提醒：{title}，请登录查看。")
    return web


@pytest.fixture
def officer(district: Region) -> User:
    user = factories.user(factories.unit(district), "dispatcher")
    user.email = "kjj@example.com"
    user.save()
    return user
