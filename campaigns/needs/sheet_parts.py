"""What the sheets of openings, seekers and financing needs share: cleaners, firms by name, refusals beside the cells."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.dateparse import parse_date

from accounts.models import User
from core.search import normalise
from core.sheets import Column
from core.wording import speak, spoken
from districts.models import DistrictProfile, Region
from districts.profile import Rules
from enterprises.models import Enterprise, Project
from enterprises.named import NamedFirms
from enterprises.uscc import clean_code
from imports.kinds import Draft, Job, Values
from imports.models import SheetImport

FIRM = Column(
    "firm",
    "企业名称",
    120,
    spoken("与底册一致的全称"),
    30,
    needed=True,
    aliases=("企业", "单位名称", "企业全称"),
)
CODE = Column("code", "统一社会信用代码", 18, "同名企业须填", 24, aliases=("信用代码",), clean=clean_code)


def clean_number(text: str) -> Any:
    """A whole number, with or without 人, 元 and separators."""
    plain = normalise(text).replace(",", "").replace(" ", "")
    for unit in ("元/月", "元", "人", "名"):
        plain = plain.removesuffix(unit)
    if not plain.isascii() or not plain.isdigit() or len(plain) > 7:
        raise ValidationError("不是整数，请只写数字")
    return int(plain)


def choice_of(rules: Rules, kind: str) -> Callable[[str], str]:
    """The code behind a label, or behind one of its words (“钳工” of “钳工、机修工”)."""
    known = {normalise(item.label): item.code for item in rules.items(kind)}
    for item in rules.items(kind):
        for word in item.label.split("、"):
            known.setdefault(normalise(word), item.code)

    def clean(text: str) -> str:
        code = known.get(normalise(text))
        if code is None:
            raise ValidationError(f"没有“{text[:20]}”这一项，请从下拉框中选择")
        return code

    return clean


def labels_of(user: User, columns: Mapping[str, str]) -> dict[str, list[str]]:
    """Words for the drop-downs: column -> kind of choice in the district's rules."""
    if user.unit is None:
        return {}
    rules = DistrictProfile.objects.in_force(user.unit.district).rules
    return {column: [item.label for item in rules.items(kind)] for column, kind in columns.items()}


def day_of(value: Any) -> date | None:
    return parse_date(value) if isinstance(value, str) else value


def of_firms(firms: Iterable[Enterprise | Project | None]) -> Q:
    """Rows of these firms and projects."""
    kept = [firm for firm in firms if firm]
    enterprises = [firm.pk for firm in kept if isinstance(firm, Enterprise)]
    projects = [firm.pk for firm in kept if isinstance(firm, Project)]
    return Q(enterprise__in=enterprises) | Q(project__in=projects)


class NeedsJob(Job):
    """One transaction a row would be slow; each row is tried within the chunk's, and refused rows are said."""

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        self.by: User = sheet_import.confirmed_by or sheet_import.uploaded_by
        self.district: Region = sheet_import.district
        self.rules = DistrictProfile.objects.in_force(sheet_import.district).rules
        self._seen: dict[tuple[Any, ...], int] = {}

    def refuse(self, draft: Draft, error: ValidationError) -> None:
        """What the service would refuse, beside the cells it is about."""
        if not hasattr(error, "error_dict"):
            draft.refuse(self.columns[0], "".join(error.messages))
            return
        keys = {column.key for column in self.columns}
        for name, texts in error.message_dict.items():
            column = self.column(name) if name in keys else self.columns[0]
            draft.refuse(column, "".join(texts))

    def once(self, draft: Draft, *key: Any) -> bool:
        earlier = self._seen.setdefault(key, draft.line)
        if earlier != draft.line:
            draft.refuse(self.columns[0], f"与第{earlier}行重复")
        return earlier == draft.line

    def firms(self, drafts: Sequence[Draft]) -> NamedFirms:
        codes: Collection[str] = {draft.text("code") for draft in drafts} - {""}
        return NamedFirms(self.by, names={draft.text("firm") for draft in drafts}, codes=codes)

    def firm_of(self, draft: Draft, firms: NamedFirms) -> Enterprise | Project | None:
        """The firm the row is about; refused where the roster has none, or several of that name."""
        if not draft.text("firm"):
            return None
        try:
            found = firms.find(draft.text("firm"), draft.text("code"))
        except ValidationError as error:
            for name, texts in error.message_dict.items():
                draft.refuse(self.column("firm" if name == "name" else name), "".join(texts))
            return None
        if found is None:
            draft.refuse(self.column("firm"), speak("底册里没有这家企业（或不在您的辖区），请核对全称"))
        return found

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        return {}
