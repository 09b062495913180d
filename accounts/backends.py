from django.contrib.auth.backends import ModelBackend
from django.db.models import Case, Exists, OuterRef, Q, When

from accounts.models import Role, RoleGrant, User


class AccountBackend(ModelBackend):
    """Django's own, with what every page asks of a user fetched in one query."""

    def get_user(self, user_id) -> User | None:
        surveys = Exists(RoleGrant.objects.filter(user=OuterRef("pk"), role=Role.SURVEYOR))
        user = (
            User.objects.select_related("unit__region", "unit__district", "official")
            # Asked on every request (``accounts.outside``), so it comes along.
            .annotate(is_outside=Case(When(Q(engaged_by__isnull=False) | surveys, then=True), default=False))
            .filter(pk=user_id)
            .first()
        )
        return user if user is not None and self.user_can_authenticate(user) else None
