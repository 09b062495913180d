"""Robots of group chats: which units have one, adding one by its group's address, switching it, trying it out."""

import re
import time
from collections import defaultdict
from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import Unit, User
from core import clock
from notifications.models import Channel, Kind, Notice, NoticeState, Robot

NOT_A_ROBOT = (
    "认不出这个地址。请在群里点机器人，复制它的完整 Webhook 地址粘贴到这里（企业微信、钉钉或飞书）。"
)
KNOWN = "这个机器人已经添加过了。"
_KEY = re.compile(r"[A-Za-z0-9_-]{8,100}", re.ASCII)
_PLAIN_KEY = re.compile(r"[A-Za-z0-9]{8,100}", re.ASCII)


# Seconds after which this process notices a robot that another one has added or switched.
LOOK_AGAIN_AFTER = 30

_kept: tuple[float, dict[int, list[int]]] | None = None


def robots_of(units: Collection[int]) -> list[int]:
    """The robots in use of these units. Asked with every notice, so read once for many of them."""
    global _kept
    kept = _kept  # one look: another thread may forget it meanwhile
    if kept is None or time.monotonic() - kept[0] > LOOK_AGAIN_AFTER:
        by_unit: dict[int, list[int]] = defaultdict(list)
        for pk, unit in Robot.objects.active().order_by("pk").values_list("pk", "unit_id"):
            by_unit[unit].append(pk)
        _kept = kept = (time.monotonic(), dict(by_unit))
    return [robot for unit in units for robot in kept[1].get(unit, [])]


def forget() -> None:
    """Read the robots anew at the next question."""
    global _kept
    _kept = None


def read_address(address: str) -> tuple[str, str]:
    """Maker and key of a robot's address. Only the three makers' own hosts are addresses of robots."""
    try:
        parts = urlsplit(address.strip())
        query = parse_qs(parts.query)
        host = parts.hostname
    except ValueError:
        raise ValidationError(NOT_A_ROBOT) from None
    if host == "qyapi.weixin.qq.com":
        maker, key = Robot.Maker.WECOM, query.get("key", [""])[0]
    elif host == "oapi.dingtalk.com":
        maker, key = Robot.Maker.DINGTALK, query.get("access_token", [""])[0]
    elif host == "open.feishu.cn" and parts.path.startswith("/open-apis/bot/v2/hook/"):
        maker, key = Robot.Maker.FEISHU, parts.path.removeprefix("/open-apis/bot/v2/hook/").strip("/")
    else:
        raise ValidationError(NOT_A_ROBOT)
    if not (_PLAIN_KEY if maker == Robot.Maker.DINGTALK else _KEY).fullmatch(key):
        raise ValidationError(NOT_A_ROBOT)
    return maker, key


@transaction.atomic
def add_robot(*, by: User, unit: Unit, name: str, address: str, secret: str = "") -> Robot:
    maker, key = read_address(address)
    if secret and maker != Robot.Maker.DINGTALK:
        raise ValidationError(
            {"secret": "加签密钥只用于钉钉；企业微信、飞书请留空（飞书用关键词或IP白名单）。"}
        )
    if secret and not _PLAIN_KEY.fullmatch(secret):
        raise ValidationError({"secret": "加签密钥由字母和数字组成，以 SEC 开头，请完整复制。"})
    if Robot.objects.filter(maker=maker, key=key).exists():
        raise ValidationError({"address": KNOWN})
    robot = Robot.objects.create(
        unit=unit, name=name, maker=maker, key=key, secret=secret, created_at=clock.now()
    )
    audit.record(by, "robot.add", robot, unit=unit.pk, maker=str(maker))
    forget()
    return robot


@transaction.atomic
def switch_robot(*, by: User, robot: Robot, active: bool) -> None:
    """A robot that is off gets nothing new, and what waited for it is not sent."""
    if Robot.objects.filter(pk=robot.pk, active=not active).update(active=active):
        audit.record(by, "robot.on" if active else "robot.off", robot)
        forget()


@transaction.atomic
def try_robot(*, by: User, robot: Robot, token: str) -> Notice:
    """A message through the outbox, like every other: what it comes to is what real ones would."""
    now = clock.now()
    notice = Notice.objects.create(
        key=f"robot-test:{robot.pk}:{token}"[:160],
        robot=robot,
        channel=Channel.ROBOT,
        kind=Kind.GENERAL,
        urgent=True,
        title=f"测试消息：{robot.unit}的通知会发到这个群",
        state=NoticeState.QUEUED,
        created_at=now,
        next_try_at=now,
    )
    audit.record(by, "robot.test", robot)
    return notice
