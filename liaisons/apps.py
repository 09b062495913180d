from django.apps import AppConfig

from core.wording import spoken


class LiaisonsConfig(AppConfig):
    name = "liaisons"
    verbose_name = spoken("包保联系与走访")

    def ready(self) -> None:
        from imports.kinds import register
        from liaisons import merging  # noqa: F401 (registers what a merge of firms does here)
        from liaisons.assignment_sheet import AssignmentSheet
        from liaisons.officer_sheets import OfficerSheet

        register(AssignmentSheet())
        register(OfficerSheet())
