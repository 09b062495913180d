"""Who acts: a user, the system, or the holder of an appeal's secret code."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.models import Unit, User

SYSTEM_USERNAME = "system"


class ActorKind(StrEnum):
    USER = "user"
    SYSTEM = "system"
    HOLDER = "holder"


@dataclass(frozen=True)
class Actor:
    """The one who performs something.

    A holder has proven to know the secret code of ``appeal_id``; an enterprise about to submit holds
    nothing yet (``appeal_id`` is None).
    """

    kind: ActorKind
    user: User | None = None
    appeal_id: int | None = None

    @classmethod
    def of_user(cls, user: User) -> "Actor":
        return cls(ActorKind.USER, user=user)

    @classmethod
    def system(cls) -> "Actor":
        return cls(ActorKind.SYSTEM, user=system_user())

    @classmethod
    def holder(cls, appeal_id: int | None = None) -> "Actor":
        return cls(ActorKind.HOLDER, appeal_id=appeal_id)

    @property
    def unit(self) -> Unit | None:
        return self.user.unit if self.user else None

    @property
    def unit_id(self) -> int | None:
        return self.user.unit_id if self.user else None

    def has_role(self, *roles: str) -> bool:
        return self.kind == ActorKind.USER and self.user is not None and self.user.has_role(*roles)

    def serves(self, unit_id: int | None) -> bool:
        """Is the actor an official of that unit?"""
        return self.kind == ActorKind.USER and unit_id is not None and self.unit_id == unit_id


def system_user() -> User:
    """The account Celery and the commands act under: nobody can sign in with it."""
    user, created = User.objects.get_or_create(
        username=SYSTEM_USERNAME, defaults={"last_name": "系统", "is_system": True, "is_active": False}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
