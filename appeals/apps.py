from django.apps import AppConfig


class AppealsConfig(AppConfig):
    name = "appeals"
    verbose_name = "企业诉求"

    def ready(self) -> None:
        from appeals.backlog_sheet import BacklogSheet
        from appeals.provincial_sheet import ProvincialSheet
        from imports.kinds import register

        register(ProvincialSheet())
        register(BacklogSheet())
