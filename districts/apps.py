from django.apps import AppConfig


class DistrictsConfig(AppConfig):
    name = "districts"
    verbose_name = "区划、配置与工作日历"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from . import calendars, models

        for model in (models.CalendarYear, models.CalendarDay):
            for signal in (post_save, post_delete):
                signal.connect(calendars.forget, sender=model)
