from django.apps import AppConfig
from django.forms import Field


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "公共部件"

    def ready(self) -> None:
        # Django says “该字段是必填项”; nobody in an office calls a box on a form a 字段.
        Field.default_error_messages["required"] = "此项必填。"
