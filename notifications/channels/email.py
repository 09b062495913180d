import contextlib
import smtplib
from collections.abc import Iterator

from django.core.mail import EmailMessage, get_connection

from accounts.models import User
from notifications.channels.base import Message, Permanent, Temporary, Transport, Unknown, Unreachable
from notifications.models import Channel


class Email(Transport):
    """Django's mail, as EMAIL_URL says."""

    code = Channel.EMAIL

    def lacks(self, user: User) -> str:
        return "" if user.email else "账号没有填写电子邮箱"

    def send(self, message: Message) -> None:
        recipient = message.notice.recipient
        assert recipient is not None
        connection = get_connection()
        try:
            with _before_sending():
                connection.open()
            with _while_sending():
                text = "\n\n".join(part for part in (message.body, message.link) if part)
                EmailMessage(
                    _one_line(message.title), text, to=[recipient.email], connection=connection
                ).send()
        finally:
            # The message is gone, or is not: how the goodbye went changes nothing about it.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.close()


@contextlib.contextmanager
def _before_sending() -> Iterator[None]:
    """No message is on its way yet: whatever happens here is worth another try."""
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise Unreachable("邮件服务器不接受账号或密码") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable("连接不上邮件服务器") from error


@contextlib.contextmanager
def _while_sending() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _refused("邮件服务器不接受收件地址", max(codes, default=550)) from error
    except smtplib.SMTPResponseException as error:
        raise _refused("邮件服务器拒收", error.smtp_code) from error
    except ConnectionRefusedError as error:
        raise Unreachable("连接不上邮件服务器") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unknown("邮件已发出，但邮件服务器没有回应") from error


def _refused(what: str, code: int) -> Temporary | Permanent:
    """RFC 5321: 4xx asks to come again, 5xx says no."""
    return Temporary(f"{what}（{code}，暂时）") if 400 <= code < 500 else Permanent(f"{what}（{code}）")


def _one_line(title: str) -> str:
    """A line break in a subject would be a header of somebody else's making; Django refuses it."""
    return " ".join(title.split())
