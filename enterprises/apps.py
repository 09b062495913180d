from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    name = "enterprises"
    verbose_name = "企业与项目"

    def ready(self) -> None:
        from enterprises.grades import merging  # noqa: F401 (registers what a merge of firms does to grades)
        from enterprises.grades.sheets import GradeSheet
        from enterprises.roster_sheets import EnterpriseSheet, ProjectSheet
        from imports.kinds import register

        register(EnterpriseSheet())
        register(ProjectSheet())
        register(GradeSheet())
