"""Parts that the forms of openings, seekers and financing needs share."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import User
from core.fields import TakesErrors, text_field, token_field
from core.wording import speak, spoken
from districts.models import Region
from enterprises.models import Enterprise, Project
from enterprises.policies import TERRITORIAL
from enterprises.subjects import SubjectField, subject_on_roster

OTHER = "其他（请写明）"


class OfAFirm(TakesErrors, forms.Form):
    """Of a firm of the roster, or one that is only claimed."""

    token = token_field()
    subject = SubjectField(
        label="企业或重点项目", required=False, help_text="输入名称中的几个字，或统一社会信用代码"
    )
    claimed_name = text_field(
        spoken("不在底册的企业名称"), 120, required=False, hint=spoken("底册里没有的才填")
    )

    def __init__(self, *args: Any, user: User, on_roster: bool = False, **kwargs: Any) -> None:
        """``on_roster``: no firm that is only claimed."""
        super().__init__(*args, **kwargs)
        self.user = user
        if on_roster:
            del self.fields["claimed_name"]
        self.fields["subject"].user = user  # type: ignore[attr-defined]

    def clean_subject(self) -> Enterprise | Project | None:
        return subject_on_roster(self, "subject", self.user)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("subject"):
            data["claimed_name"] = ""
        elif "subject" not in self.errors and not data.get("claimed_name"):
            self.add_error(
                "subject",
                ValidationError(
                    speak("请选择企业；不在底册的，填写企业名称。")
                    if "claimed_name" in self.fields
                    else "请选择企业。",
                    code="required",
                ),
            )
        return data


def places_of(user: User, *, whole: bool) -> Any:
    """The townships and parks a record may lie in: the district's, or those of the own region."""
    if user.unit is None:
        return Region.objects.none()
    region = user.unit.district if whole else user.unit.region
    return Region.objects.subtree(region).filter(level__in=TERRITORIAL).order_by("path")
