from allauth.account.adapter import DefaultAccountAdapter


class OfficialsOnlyAdapter(DefaultAccountAdapter):
    """Accounts are given out by the administrator; nobody signs up."""

    def is_open_for_signup(self, request) -> bool:
        return False
