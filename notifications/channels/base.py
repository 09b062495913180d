"""The contract of a channel: it says whom it can reach, and sends, or says in Chinese why it did not."""

from dataclasses import dataclass

from django.conf import settings

from accounts.models import User
from notifications.models import Channel, Notice


class NotSent(Exception):
    """Why a message did not go out, in words for the administrator. Never carries keys, phones or texts."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Temporary(NotSent):
    """Certainly not sent; worth another try later."""


class Unreachable(Temporary):
    """The other side did not even answer: whatever else goes there need not be tried in this tick."""


class Permanent(NotSent):
    """Certainly not sent, and it will not be by trying again."""


class Unknown(NotSent):
    """It went out, and no answer came back: it may have arrived."""


@dataclass(frozen=True)
class Message:
    """What goes out: a notice, or a digest of several."""

    notice: Notice
    title: str
    body: str
    url: str

    @property
    def link(self) -> str:
        """The address to open, whole."""
        return f"{settings.SITE_URL}{self.url}" if self.url else ""


class Transport:
    """One channel. Those that reach persons say who can be reached; the rest reach a unit's group."""

    code: str
    reaches = "本人"

    @property
    def label(self) -> str:
        return str(Channel(self.code).label)

    @property
    def is_ready(self) -> bool:
        """Switched on by the operator, and configured."""
        return self.code in settings.NOTICE_CHANNELS

    def lacks(self, user: User) -> str:
        """Why this person cannot be reached here; "" if they can."""
        raise NotImplementedError

    def send(self, message: Message) -> None:
        """Send it, or raise one of the exceptions above. Anything else raised counts as unknown."""
        raise NotImplementedError
