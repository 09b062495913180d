"""Writing down a phrase."""

from typing import Any

from django import forms

from accounts.models import User
from appeals.models import Phrase
from appeals.phrases import USES, purposes_of
from appeals.workflow import TRANSITIONS
from districts.models import DistrictProfile


class PhraseForm(forms.Form):
    purpose = forms.ChoiceField(label="用途")
    title = forms.CharField(label="名称", max_length=30, help_text="自己看得懂的短名称，如“用工对接”。")
    text = forms.CharField(
        label="内容",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="要填写的地方用“＿＿”标出，插入后再补。",
    )
    category = forms.ChoiceField(label="只用于类别", required=False)
    transition = forms.ChoiceField(label="只用于环节", required=False)
    order = forms.IntegerField(
        label="排序", min_value=0, max_value=999, required=False, help_text="小的在前。"
    )
    active = forms.BooleanField(label="启用", required=False, initial=True)

    def __init__(self, *args: Any, user: User, phrase: Phrase | None = None, **kwargs: Any) -> None:
        if phrase is not None:
            names = ("purpose", "title", "text", "category", "transition", "order", "active")
            kwargs["initial"] = {name: getattr(phrase, name) for name in names}
        super().__init__(*args, **kwargs)
        rules = DistrictProfile.objects.in_force(user.unit.district).rules
        mine = set(purposes_of(user)) | ({phrase.purpose} if phrase else set())
        self.fields["purpose"].choices = [choice for choice in Phrase.Purpose.choices if choice[0] in mine]
        self.fields["category"].choices = [("", "各类通用"), *rules.choices("categories")]
        self.fields["transition"].choices = [
            ("", "各环节通用"),
            *((name, TRANSITIONS[name].label) for name in USES if name in TRANSITIONS),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        name = data.get("transition")
        if name and "purpose" in data and USES[name][0] != data["purpose"]:
            self.add_error("transition", "这个环节不用这种用途的常用语，请另选，或选“各环节通用”。")
        data["order"] = data.get("order") or 0
        return data
