"""The channels by code. Whoever delivers asks here and knows nothing of any one of them."""

from notifications.channels.base import Message, Permanent, Temporary, Transport, Unknown, Unreachable
from notifications.channels.email import Email
from notifications.channels.inbox import Inbox
from notifications.channels.robots import Robots
from notifications.channels.sms import Sms

TRANSPORTS: dict[str, Transport] = {
    transport.code: transport for transport in (Inbox(), Email(), Robots(), Sms())
}

__all__ = ["TRANSPORTS", "Message", "Permanent", "Temporary", "Transport", "Unknown", "Unreachable"]
