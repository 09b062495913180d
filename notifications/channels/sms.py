"""Any SMS gateway with an HTTP interface: address, headers, body and what counts as success are settings."""

import json
import re
from urllib.parse import quote

from django.conf import settings

from accounts.models import User
from core.masking import mask_phone
from core.phones import MOBILE
from notifications.channels import web
from notifications.channels.base import Message, Permanent, Transport
from notifications.models import Channel, SmsTemplate

PLACEHOLDER = re.compile(r"\{(phone|text|title|template|sign)\}")
_NUMBERS = re.compile(r"\d{7,}")


class Sms(Transport):
    code = Channel.SMS

    @property
    def is_ready(self) -> bool:
        return super().is_ready and bool(settings.SMS_URL)

    def lacks(self, user: User) -> str:
        return "" if _mobile(user) else "没有登记手机号码"

    def send(self, message: Message) -> None:
        recipient = message.notice.recipient
        assert recipient is not None
        if not settings.SMS_URL:
            raise Permanent("没有配置短信网关")
        template = SmsTemplate.objects.filter(kind=message.notice.kind).first()
        if template is None:
            raise Permanent("这类通知没有审核通过的短信模板")
        title = _shortened(message.title, template.longest_title)
        values = {
            "phone": _mobile(recipient),
            "title": title,
            "text": template.text.replace("{title}", title),
            "template": template.code,
            "sign": settings.SMS_SIGN,
        }
        headers = {str(name): str(value) for name, value in settings.SMS_HEADERS.items()}
        is_json = "json" in next((v for k, v in headers.items() if k.lower() == "content-type"), "")
        body = _filled(settings.SMS_BODY, values, escape=_in_json if is_json else _in_address)
        answer = web.request(
            settings.SMS_METHOD,
            _filled(settings.SMS_URL, values, escape=_in_address),
            data=body.encode() if body else None,
            headers=headers,
        )
        if settings.SMS_SUCCESS and not re.search(settings.SMS_SUCCESS, answer.text[: web.MOST_READ]):
            said = _NUMBERS.sub("***", " ".join(answer.text[:60].split()))
            raise Permanent(f"短信网关没有确认成功：{said}")


def _mobile(user: User) -> str:
    """An SMS goes to a mobile number alone."""
    number = user.official.phone if user.official else ""
    return number if MOBILE.fullmatch(number) else ""


def masked_mobile(user: User) -> str:
    return mask_phone(_mobile(user))


def _shortened(title: str, longest: int) -> str:
    title = " ".join(title.split())
    return title if len(title) <= longest else title[: max(longest - 1, 0)] + "…"


def _filled(pattern: str, values: dict[str, str], *, escape) -> str:
    return PLACEHOLDER.sub(lambda found: escape(values[found[1]]), pattern)


def _in_address(value: str) -> str:
    return quote(value, safe="")


def _in_json(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
