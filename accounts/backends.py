from django.contrib.auth.backends import ModelBackend
from django.db.models import Case, Exists, OuterRef, Q, When

from accounts.models import Role, RoleGrant, User

# Put together once: every request asks it.
_surveys = Exists(RoleGrant.objects.filter(user=OuterRef("pk"), role=Role.SURVEYOR))
AT_THE_DOOR = User.objects.select_related("unit__region", "unit__district", "official").annotate(
    # Asked on every request (``accounts.outside``), so it comes along.
    is_outside=Case(When(Q(engaged_by__isnull=False) | _surveys, then=True), default=False)
)


class AccountBackend(ModelBackend):
    """Django's own, with what every page asks of a user fetched in one query."""

    def get_user(self, user_id) -> User | None:
        user = AT_THE_DOOR.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
