from accounts.models import User
from notifications.channels.base import Message, Transport
from notifications.models import Channel


class Inbox(Transport):
    """A notice lies in the inbox by being written; there is nothing to send."""

    code = Channel.INBOX

    @property
    def is_ready(self) -> bool:
        """Always: an office without an outside line has nothing else."""
        return True

    def lacks(self, user: User) -> str:
        return ""

    def send(self, message: Message) -> None:
        return None
