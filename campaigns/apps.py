from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = "专项行动"

    def ready(self) -> None:
        from campaigns.services.commitment_sheet import CommitmentSheet
        from imports.kinds import register

        register(CommitmentSheet())
