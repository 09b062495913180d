"""包保名单 from Excel: which cadre looks after which firm, many rows at once, previewed and undone as one.

A firm is known by its code, else by its exact name; a cadre by name within a unit. Who is on the sheet already
stays as it is. A row cannot take a firm from its lead cadre: that is a handover.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.dateparse import parse_date

from accounts.models import Official, Post, Unit, User
from core import clock
from core.search import normalise
from core.sheets import Column, clean_day
from core.wording import speak, spoken
from enterprises.models import Enterprise, Project, RosterChange
from enterprises.uscc import REGISTRATION_NUMBER, clean_credit_code
from imports.kinds import Draft, Job, Kind, Values, Verdict
from imports.models import SheetImport, SheetRow
from liaisons.models import Assignment, Plaque, Visit, VisitPlan
from liaisons.permissions import may_assign, units_to_assign
from liaisons.services.assignments import PLANNED_AHEAD

Part = Assignment.Part
Outcome = SheetRow.Outcome
Firm = tuple[str, int]
"""("enterprise" or "project", id)"""


def _code(text: str) -> str:
    code = normalise(text).replace(" ", "")
    return code if REGISTRATION_NUMBER.fullmatch(code) else clean_credit_code(code)


def _since(text: str) -> str:
    """A day; “2026年11月起” is its first one."""
    words = re.sub(r"(起|开始|以来)$", "", normalise(text))
    if month := re.fullmatch(r"(\d{4})[-/.年](\d{1,2})月?", words):
        words = f"{month[1]}-{month[2]}-1"
    return clean_day(words)


def _part(text: str) -> str:
    word = normalise(text)
    for part in Part:
        if word in {part.label, f"{part.label}干部", f"{part.label}人"}:
            return part.value
    raise ValidationError("应为“牵头”或“协助”")


COLUMNS = (
    Column(
        "subject", "企业（项目）名称", 120, spoken("与底册一致"), 36, needed=True,
        aliases=(
            "企业名称", "项目名称", "企业、项目", "联系企业", "包保企业", "名称", "企业", "企业（项目）", "挂钩企业", "包联企业",
            "结对企业", "服务企业", "联系企业名称", "企业全称",
        ),
    ),
    Column(
        "code", "统一社会信用代码", 18, "同名企业须填；重点项目不填", 24,
        aliases=("信用代码", "社会信用代码", "代码"), clean=_code,
    ),
    Column(
        "official", spoken("联企干部"), 50, "干部姓名", 14, needed=True,
        aliases=(
            "姓名", "联系干部", "包保干部", "干部姓名", "挂钩干部", "包联干部", "结对干部", "服务专员", "帮扶干部", "包保责任人",
            "责任人", "挂钩领导", "联系领导", "包联领导", "包保领导",
        ),
    ),
    Column("unit", "单位", 80, "干部所在单位的全称或简称；不重名的可以不填", 22, aliases=("干部单位", "所在单位", "工作单位")),
    Column("part", "分工", 10, "牵头或协助，不填为牵头", 10, choices=tuple(Part.labels), clean=_part),
    Column(
        "started", "开始日期", 20, "如 2026-03-01，不填为今天", 14,
        aliases=("起始日期", "联系开始日期", "起始时间", "开始时间", "联系时间"), clean=_since,
    ),
)  # fmt: skip


class AssignmentJob(Job):
    columns = COLUMNS

    def __init__(self, sheet_import: SheetImport) -> None:
        super().__init__(sheet_import)
        self.user = sheet_import.uploaded_by
        self._units = _by_names(Unit.objects.of_district(sheet_import.district))
        self._mine = set(units_to_assign(self.user).values_list("pk", flat=True))
        self._leads: dict[Firm, int] = {}
        self._pairs: dict[tuple[Firm, int], int] = {}

    def judge(self, drafts: Sequence[Draft]) -> list[Verdict]:
        self._load(drafts)
        return [self._judge_one(draft) for draft in drafts]

    # --- What a chunk needs, in a bounded number of queries -------------------------------------------

    def _load(self, drafts: Sequence[Draft]) -> None:
        names = {" ".join(draft.text("subject").split()) for draft in drafts}
        codes = {draft.text("code") for draft in drafts} - {""}
        firms = Enterprise.objects.visible_to(self.user).active().select_related("region")
        self._by_code: dict[str, Enterprise] = {}
        self._by_name: dict[str, list[Enterprise | Project]] = {}
        wanted = Q(name__in=names) | Q(credit_code__in=codes) | Q(registration_number__in=codes)
        for firm in firms.filter(wanted):
            for code in filter(None, (firm.credit_code, firm.registration_number)):
                self._by_code[code] = firm
            self._by_name.setdefault(normalise(firm.name), []).append(firm)
        projects = Project.objects.visible_to(self.user).active().select_related("region")
        for project in projects.filter(name__in=names):
            self._by_name.setdefault(normalise(project.name), []).append(project)
        self._officials: dict[str, list[Official]] = {}
        cadres = Official.objects.filter(
            district=self.sheet_import.district, name__in={draft.text("official") for draft in drafts}
        )
        for official in cadres.prefetch_related("posts__unit"):
            self._officials.setdefault(official.name, []).append(official)
        self._held: dict[Firm, list[Assignment]] = {}
        found = [firm for firms_of in self._by_name.values() for firm in firms_of]
        on_these = Q(enterprise__in=[one.pk for one in found if isinstance(one, Enterprise)]) | Q(
            project__in=[one.pk for one in found if isinstance(one, Project)]
        )
        if self.sheet_import.state == SheetImport.State.APPLYING:
            _lock(found)  # whoever assigns one of them by the form waits for us
        days = [parse_date(draft.text("started")) or clock.today() for draft in drafts]
        open_ones = Assignment.objects.filter(
            on_these, Q(ended__isnull=True) | Q(ended__gt=min([*days, clock.today()]))
        )
        for held in open_ones.select_related("official", "enterprise", "project"):
            self._held.setdefault(_firm(held.subject), []).append(held)

    # --- One row --------------------------------------------------------------------------------------

    def _judge_one(self, draft: Draft) -> Verdict:
        verdict = Verdict(draft)
        subject = self._subject(draft) if "subject" in draft.values else None
        started = parse_date(draft.text("started")) or clock.today()
        if started > clock.today() + PLANNED_AHEAD:
            draft.refuse(self.column("started"), "最多提前一年安排")
        post = self._post(draft, started) if "official" in draft.values else None
        if draft.errors or subject is None or post is None:
            return verdict
        part = draft.text("part") or Part.LEAD
        same = self._same(draft, subject, post.official_id, started)
        if draft.errors:
            return verdict
        if same is not None:
            verdict.outcome, verdict.entry_id = Outcome.SAME, same.pk
            return verdict
        self._refuse_second_lead(draft, subject, post.official, started, part)
        if draft.errors:
            return verdict
        verdict.outcome = Outcome.NEW
        verdict.entry = Assignment(
            district=self.sheet_import.district,
            region=subject.region,
            official=post.official,
            unit=post.unit,
            part=part,
            started=started,
            sheet_import=self.sheet_import,
            **{"enterprise" if isinstance(subject, Enterprise) else "project": subject},
        )
        return verdict

    def _subject(self, draft: Draft) -> Enterprise | Project | None:
        column, code = self.column("subject"), draft.text("code")
        if code:
            firm = self._by_code.get(code)
            if firm is None:
                draft.refuse(self.column("code"), speak("底册里没有这个代码，或不在您可以安排的范围内"))
            elif normalise(firm.name) != normalise(draft.text("subject")):
                draft.refuse(column, f"{speak('底册')}中这个代码属于“{firm.name}”，请核对")
            return firm
        found = self._by_name.get(normalise(" ".join(draft.text("subject").split())), [])
        if len(found) > 1:
            draft.refuse(column, f"{speak('底册')}里有 {len(found)} 家同名，请填统一社会信用代码")
        elif not found:
            draft.refuse(column, speak("底册里没有，或不在您可以安排的范围内"))
        return found[0] if len(found) == 1 else None

    def _post(self, draft: Draft, day: date) -> Post | None:
        """The post the row's cadre holds on the first day, of a unit the uploader assigns."""
        column = self.column("official")
        unit = self._unit(draft)
        known = self._officials.get(draft.text("official"), [])
        if not known:
            draft.refuse(column, "干部名册里没有这个人，请先登记")
            return None
        posts = [post for official in known if (post := _post_in(official, day, unit))]
        if not posts:
            place = f"在{unit.short_name}" if unit else ""
            draft.refuse(column, f"开始日期没有{place}任职（可能已离任或写错单位）")
            return None
        own = [post for post in posts if post.unit_id in self._mine]
        if not own:
            draft.refuse(column, "不是您可以安排的单位的干部")
            return None
        if len({post.official_id for post in own}) > 1:
            draft.refuse(column, "有同名干部，请填写单位")
            return None
        return own[0]

    def _unit(self, draft: Draft) -> Unit | None:
        if not draft.text("unit"):
            return None
        unit = self._units.get(normalise(draft.text("unit")))
        if unit is None:
            draft.refuse(self.column("unit"), "没有这个单位，请写全称或简称")
        return unit

    def _same(
        self, draft: Draft, subject: Enterprise | Project, official_id: int, started: date
    ) -> Assignment | None:
        """The running assignment of the same pair; twice in one sheet is refused."""
        firm = _firm(subject)
        earlier = self._pairs.setdefault((firm, official_id), draft.line)
        if earlier != draft.line:
            draft.refuse(self.column("official"), f"与第{earlier}行重复")
            return None
        for held in self._held.get(firm, []):
            if held.official_id == official_id and held.started <= clock.today() and held.ended is None:
                return held
            if held.official_id == official_id and (held.ended is None or held.ended > started):
                draft.refuse(self.column("started"), f"与 {held.started:%Y-%m-%d} 起的联系时间重叠")
                return None
        return None

    def _refuse_second_lead(
        self, draft: Draft, subject: Enterprise | Project, official: Official, started: date, part: str
    ) -> None:
        if part != Part.LEAD:
            return
        firm = _firm(subject)
        for held in self._held.get(firm, []):
            if held.part == Part.LEAD and (held.ended is None or held.ended > started):
                draft.refuse(
                    self.column("subject"), f"已由{held.official.name}牵头联系：请改为协助，或先办理移交"
                )
                return
        earlier = self._leads.setdefault(firm, draft.line)
        if earlier != draft.line:
            draft.refuse(self.column("part"), f"第{earlier}行已安排了牵头干部，请改为协助")

    # --- Writing and taking back ----------------------------------------------------------------------

    def write(self, verdicts: Sequence[Verdict]) -> None:
        made: list[Assignment] = [verdict.entry for verdict in verdicts]
        for assignment in made:
            assignment.recorded_by = self.sheet_import.confirmed_by or self.user
            assignment.recorded_at = clock.now()
        Assignment.objects.bulk_create(made)
        for verdict in verdicts:
            verdict.entry_id = verdict.entry.pk

    def remove(self, entry_ids: Sequence[int]) -> dict[int, Values]:
        raise NotImplementedError("Assignments have no complete versions.")

    def undo(self, rows: Sequence[SheetRow]) -> dict[int, str]:
        written = [row.entry for row in rows if row.entry]
        made = Assignment.objects.select_for_update(of=("self",)).in_bulk(written)
        used = _used_since(list(made.values()))
        reasons: dict[int, str] = {}
        for row in rows:
            assignment = made.get(row.entry or 0)
            if assignment is None:
                reasons[row.line] = "已被删除"
            elif assignment.ended is not None:
                reasons[row.line] = "已经结束或移交，保留记录"
            elif assignment.pk in used:
                reasons[row.line] = f"安排后已有{used[assignment.pk]}，请用“结束”或“移交”办理"
        going = [row.entry for row in rows if row.entry and row.line not in reasons]
        Assignment.objects.filter(pk__in=going).delete()
        return reasons


def _lock(firms: Iterable[Enterprise | Project]) -> None:
    for model in (Enterprise, Project):
        wanted = [firm.pk for firm in firms if isinstance(firm, model)]
        list(
            model._default_manager.select_for_update().filter(pk__in=wanted).order_by("pk").values_list("pk")
        )


def _used_since(assignments: Sequence[Assignment]) -> dict[int, str]:
    """What has come to rest on assignments since they were written, in words; a bounded number of queries."""
    if not assignments:
        return {}
    since = min(assignment.recorded_at for assignment in assignments)
    officials = {assignment.official_id for assignment in assignments}
    enterprises = {assignment.enterprise_id for assignment in assignments if assignment.enterprise_id}
    projects = {assignment.project_id for assignment in assignments if assignment.project_id}
    of_firms = Q(enterprise__in=enterprises) | Q(project__in=projects)
    found: dict[tuple[int | None, int | None, int | None], str] = {}

    def note(words: str, keys: Iterable[tuple[int | None, int | None, int | None]]) -> None:
        for key in keys:
            found.setdefault(key, words)

    visits = Visit.objects.filter(of_firms, recorded_at__gte=since, participants__official__in=officials)
    note("走访", visits.values_list("participants__official", "enterprise", "project"))
    plans = VisitPlan.objects.open().filter(of_firms, official__in=officials)
    note("走访计划", plans.values_list("official", "enterprise", "project"))
    plaques = Plaque.objects.filter(of_firms, official__in=officials, ordered_at__gte=since)
    note(speak("公示牌"), plaques.values_list("official", "enterprise", "project"))
    handed = Assignment.objects.filter(of_firms, ended_by_handover__recorded_at__gte=since)
    firms_handed = set(handed.values_list("enterprise", "project"))
    merged = set(
        Enterprise.objects.filter(
            rosterchanges__source=RosterChange.Source.MERGE,
            rosterchanges__recorded_at__gte=since,
            pk__in=enterprises,
        ).values_list("pk", flat=True)
    )
    used: dict[int, str] = {}
    for assignment in assignments:
        firm = (assignment.enterprise_id, assignment.project_id)
        if words := found.get((assignment.official_id, *firm)):
            used[assignment.pk] = words
        elif firm in firms_handed:
            used[assignment.pk] = "移交"
        elif assignment.enterprise_id in merged:
            used[assignment.pk] = "企业合并"
    return used


def _firm(subject: Enterprise | Project | None) -> Firm:
    assert subject is not None
    return str(subject._meta.model_name), subject.pk


def _by_names(units: Iterable[Unit]) -> dict[str, Unit]:
    return {normalise(name): unit for unit in units for name in (unit.name, unit.short_name)}


def _post_in(official: Official, day: date, unit: Unit | None) -> Post | None:
    """The main post of the day, in ``unit`` where one is named."""
    held = [
        post
        for post in official.posts.all()
        if post.started <= day
        and (post.ended is None or post.ended > day)
        and (unit is None or post.unit_id == unit.pk)
    ]
    return min(held, key=lambda post: (post.order, post.pk), default=None)


class AssignmentSheet(Kind):
    code, label = "assignments", spoken("包保名单")
    columns = COLUMNS
    back, back_label = "liaisons:assignments", spoken("包保名单")
    shown = ("subject", "official", "unit", "part", "started")
    notes = (
        "每行一名干部联系一家企业（项目）；一家企业有一名牵头干部，协助的另起一行。",
        spoken("企业须已在底册，干部须已登记任职；已在联系的不重复安排。"),
    )

    def may_upload(self, user: User) -> bool:
        return may_assign(user)

    def choices(self, user: User) -> Mapping[str, Sequence[str]]:
        return {"unit": [unit.short_name for unit in units_to_assign(user).order_by("order", "pk")]}

    def job(self, sheet_import: SheetImport) -> Job:
        return AssignmentJob(sheet_import)
