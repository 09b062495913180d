from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "专项行动"

    def ready(self) -> None:
        from campaigns import survey_merging  # noqa: F401 (registers what a merge of firms does here)
        from campaigns.needs.financing_sheet import FinancingSheet
        from campaigns.needs.sheets import OpeningSheet, SeekerSheet
        from campaigns.services.commitment_sheet import CommitmentSheet
        from imports.kinds import register

        register(OpeningSheet())
        register(SeekerSheet())
        register(FinancingSheet())
        register(CommitmentSheet())
