"""Group robots of WeCom, DingTalk and Feishu, by apprise, which knows how each wants to be spoken to.

apprise sends through the name `requests` of its modules. There stands our own sender instead, since apprise
calls every answer of HTTP 200 sent (the robots say no with one) and every error failed (a time-out is not).
"""

from typing import Any

import requests
from apprise.plugins import dingtalk, feishu, wecombot
from django.conf import settings

from accounts.models import User
from notifications.channels import web
from notifications.channels.base import Message, Permanent, Temporary, Transport, Unknown
from notifications.models import Channel, Robot

# Too many at once, or busy: WeCom 45009 and -1, DingTalk 130101 and 410100, Feishu 11232.
COME_AGAIN = {-1, 45009, 130101, 410100, 11232}
REASONS = {
    93000: "机器人地址已失效，可能已从群里移除",
    300001: "机器人地址已失效，可能已从群里移除",
    310000: "机器人的安全设置不允许：请核对关键词、加签密钥或IP白名单",
    19001: "机器人地址已失效，可能已从群里移除",
    19021: "机器人设置了签名校验，请改用关键词或IP白名单",
    19022: "机器人的IP白名单里没有本服务器",
    19024: "消息里没有机器人设置的关键词，请把关键词设为“亲清通”",
}
# Groups with a keyword let through only what carries it.
SIGNATURE = "【亲清通】"


class _Sender:
    """What apprise's plugins use of `requests`."""

    codes = requests.codes
    RequestException = requests.RequestException

    @staticmethod
    def post(url: str, **options: Any) -> requests.Response:
        answer = web.request("POST", url, **options)
        try:
            said = answer.json()
            code = int(said.get("errcode", said.get("code", said.get("StatusCode"))))
        except (ValueError, TypeError, AttributeError):
            raise Unknown("对方的回应看不懂，不知道是否已发出") from None
        if code in COME_AGAIN:
            raise Temporary(f"对方要求稍后再发（{code}）")
        if code:
            raise Permanent(f"{REASONS.get(code, '机器人拒绝了消息')}（{code}）")
        return answer


for _module in (dingtalk, feishu, wecombot):
    vars(_module)["requests"] = _Sender


def _plugin(robot: Robot) -> Any:
    """apprise's object for the robot, at the address the settings give the platform."""
    plugin: Any
    if robot.maker == Robot.Maker.WECOM:
        plugin = wecombot.NotifyWeComBot(key=robot.key)
        plugin.api_url = f"{settings.ROBOT_HOSTS[robot.maker]}/cgi-bin/webhook/send?key={robot.key}"
    elif robot.maker == Robot.Maker.DINGTALK:
        plugin = dingtalk.NotifyDingTalk(token=robot.key, secret=robot.secret or None)
        plugin.notify_url = f"{settings.ROBOT_HOSTS[robot.maker]}/robot/send?access_token={robot.key}"
    else:
        plugin = feishu.NotifyFeishu(token=robot.key)
        plugin.notify_url = f"{settings.ROBOT_HOSTS[robot.maker]}/open-apis/bot/v2/hook/{robot.key}"
    return plugin


class Robots(Transport):
    code = Channel.ROBOT
    reaches = "单位工作群"

    def lacks(self, user: User) -> str:
        return "群机器人发给单位的工作群，不发给个人"

    def send(self, message: Message) -> None:
        """Title and link alone: a group has more members than the notice has recipients."""
        robot = message.notice.robot
        assert robot is not None
        if not robot.active:
            raise Permanent("机器人已停用")
        text = "\n".join(part for part in (f"{SIGNATURE}{message.title}", message.link) if part)
        if not _plugin(robot).send(body=text):
            raise Unknown("发送程序没有得到结果")
