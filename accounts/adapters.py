from allauth.account.adapter import DefaultAccountAdapter


class OfficialsOnlyAdapter(DefaultAccountAdapter):
    """Accounts are given out by the administrator; nobody signs up."""

    def is_open_for_signup(self, request) -> bool:
        return False

    def send_mail(self, template_prefix, email, context) -> None:
        """Nothing of a rehearsal leaves the house."""
        unit = getattr(context.get("user"), "unit", None)
        if unit is None or not unit.district.is_rehearsal:
            super().send_mail(template_prefix, email, context)
