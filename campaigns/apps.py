from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "专项行动"

    def ready(self) -> None:
        from campaigns.commitments.sheets import CommitmentSheet
        from campaigns.needs.financing_sheet import FinancingSheet
        from campaigns.needs.sheets import OpeningSheet, SeekerSheet
        from campaigns.satisfaction import merging  # noqa: F401 (registers what a merge of firms does here)
        from imports.kinds import register

        register(OpeningSheet())
        register(SeekerSheet())
        register(FinancingSheet())
        register(CommitmentSheet())
