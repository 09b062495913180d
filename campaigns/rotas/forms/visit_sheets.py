"""The liaison's remarks on a month's visits, before the sheet is handed in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField

from accounts.models import User
from campaigns.rotas.forms.page import PageForm
from campaigns.rotas.services.visit_sheets import MOST_NOTE
from campaigns.rotas.visit_sheet_rows import Row


class HandInForm(PageForm):
    """A remark for the whole sheet, and one for each visit, named by the visit's number."""

    note = forms.CharField(
        label="单位说明",
        max_length=MOST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="没有走访到的原因、需要区里协调的事项等。",
    )

    def __init__(self, *args: Any, user: User, rows: Sequence[Row], **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        for row in rows:
            self.fields[f"note_{row.number}"] = forms.CharField(
                label=f"{row.firm}的备注", max_length=200, required=False
            )

    def remark(self, row: Row) -> BoundField:
        return self[f"note_{row.number}"]

    def notes(self) -> dict[int, str]:
        found = {name: text for name, text in self.cleaned_data.items() if name.startswith("note_")}
        return {int(name.removeprefix("note_")): text for name, text in found.items()}
