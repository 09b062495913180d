"""Who looks after channels: the administrator, of the own district."""

from django.db.models import QuerySet

from accounts.models import Role, Unit, User

NOT_YOURS = "通知渠道由系统管理员管理。"


def may_keep_channels(user: User) -> bool:
    return user.has_role(Role.ADMIN)


def units_with_robots(user: User) -> QuerySet[Unit]:
    """The units for whose groups the administrator may add a robot."""
    if not may_keep_channels(user):
        return Unit.objects.none()
    return Unit.objects.visible_to(user).active()
