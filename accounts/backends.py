from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class AccountBackend(ModelBackend):
    """Django's own, with what every page asks of a user fetched in one query."""

    def get_user(self, user_id) -> User | None:
        user = (
            User.objects.select_related("unit__region", "unit__district", "official")
            .filter(pk=user_id)
            .first()
        )
        return user if user is not None and self.user_can_authenticate(user) else None
