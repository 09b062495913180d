from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    verbose_name = "企业与项目"

    def ready(self) -> None:
        from enterprises.roster_sheets import EnterpriseSheet, ProjectSheet
        from imports.kinds import register

        register(EnterpriseSheet())
        register(ProjectSheet())
