"""A research report's way: drafted, written on, counted again, submitted to the district government.

S1 千名干部联万企: the department in charge and the lead bureau write it, the district government decides on it.
What goes out names no firm and no person: cases are drafted without identities, and nothing is submitted while a
text still holds the name, phone or number of one of the appeals.
"""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from accounts import audit
from accounts.models import Role, Unit, User
from appeals.clusters.correcting import locked, refuse_merged, settle
from appeals.clusters.figures import appeals_of
from appeals.clusters.filters import members_of
from appeals.clusters.permissions import TAKING_ON, may_manage
from appeals.likeness import likeness, pairs
from appeals.models import Answer, Appeal, Cluster, Improvement
from core import clock
from core.wording import spoken
from districts.models import DistrictProfile
from notifications.models import Kind
from notifications.services import notify
from reports.case_source import known_of
from reports.documents.composing import broken
from reports.documents.paper import Paper
from reports.models import ClusterReport
from reports.redaction import Known, Scan, redact, scan
from reports.research.counting import count

State = ClusterReport.State
CASES = 3
LOOKED_AT = 60
"""Among so many of the most typical appeals the cases are looked for."""
SAME_WORDS = 0.8
"""From here on two appeals tell the same in the same words: one case is enough."""
MOST_TEXT = 6000
MOST_TITLE = 80
SHORTEST_NAME = 3
"""A person's name of two characters may be an everyday word: it is left to whoever reads the draft."""
NUMERALS = "一二三四五六七八九"
HEADERS = ["主办单位", "诉求（件）", "已办结", "其中已解决", "未办结"]
WIDTHS = [60, 24, 24, 24, 24]
ATTACHMENT = "同类诉求办理情况表"
WHO_WRITES = spoken("调研分析报告由牵头局和已认领的责任单位起草。")
WHO_SUBMITS = spoken("调研分析报告由牵头局报区政府。")
CHANGED = "这份报告刚才有人改过，请看过新的内容再保存。"
SUBMITTED = "这份报告已报区政府，不能再改；需要更新的，另起草一份。"


def may_write(user: User, cluster: Cluster) -> bool:
    """The bureau, and the department that has taken the kind of problem on."""
    if may_manage(user, cluster):
        return True
    if user.unit_id is None or not user.has_role(*TAKING_ON):
        return False
    return cluster.improvements.exclude(state="given_up").filter(unit=user.unit_id).exists()


@transaction.atomic
def draft(*, by: User, cluster: Cluster) -> ClusterReport:
    """The one draft of a kind of problem; whoever asks for it again gets the one that is there."""
    cluster = locked(cluster)
    refuse_merged(cluster)
    if not may_write(by, cluster):
        raise PermissionDenied(WHO_WRITES)
    there = ClusterReport.objects.filter(cluster=cluster, state=State.DRAFT).first()
    if there is not None:
        return there
    counted = count(cluster)
    now = clock.now()
    report = ClusterReport.objects.create(
        district=cluster.district,
        cluster=cluster,
        title=f"关于{cluster.title}问题的调研分析报告"[:MOST_TITLE],
        counted=counted.paragraphs,
        written={
            "situation": "",
            "problems": _cases(by, cluster),
            "causes": "",
            "done": "",
            "advice": _advice(cluster),
        },
        table=counted.table,
        counted_at=now,
        drafted_by=by,
        drafted_at=now,
    )
    settle(cluster)
    audit.record(by, "research.drafted", report, cluster=cluster.pk)
    return report


def _cases(by: User, cluster: Cluster) -> str:
    """The most typical appeals that the drafter may see, no two in the same words, without identities."""
    lines = []
    for numeral, appeal in zip(NUMERALS, _typical(by, cluster), strict=False):
        answer = Answer.objects.filter(appeal=appeal).order_by("-event_seq", "-pk").first()
        texts = [" ".join(appeal.content.split()), " ".join(answer.result.split()) if answer else ""]
        said, done = redact(texts, known_of(appeal)).texts
        outcome = f"办理结果：{done}" if done else "目前正在办理。"
        end = "" if said.endswith(("。", "？", "！")) else "。"
        lines.append(f"案例{numeral}：{said}{end}{outcome}")
    return "\n".join(lines)


def _typical(by: User, cluster: Cluster) -> list[Appeal]:
    related = ("appeal__district", "appeal__profile", "appeal__project__owner", "appeal__visit")
    rows = members_of(cluster).visible_to(by).examples().select_related("appeal__enterprise", *related)
    chosen: list[Appeal] = []
    for row in rows[:LOOKED_AT]:
        words = pairs(row.appeal.content)
        if all(likeness(words, pairs(other.content)) < SAME_WORDS for other in chosen):
            chosen.append(row.appeal)
        if len(chosen) == CASES:
            break
    return chosen


def _advice(cluster: Cluster) -> str:
    """What departments took upon themselves already."""
    tasks = cluster.improvements.exclude(state=Improvement.State.GIVEN_UP).select_related("unit")
    lines = []
    for number, task in enumerate(tasks.prefetch_related("assisting").order_by("pk"), 1):
        helping = "、".join(unit.name for unit in task.assisting.all())
        with_whom = f"，{helping}配合" if helping else ""
        lines.append(f"{number}.{task.goal.strip().rstrip('。')}。由{task.unit.name}牵头{with_whom}。")
    return "\n".join(lines)


@transaction.atomic
def save(
    *, by: User, report: ClusterReport, title: str, texts: Mapping[str, str], version: int
) -> ClusterReport:
    report = _open(by, report, version)
    wrong: dict[str, str] = {}
    title = " ".join(title.split())
    if not title:
        wrong["title"] = "请填写标题。"
    elif len(title) > MOST_TITLE:
        wrong["title"] = f"最多{MOST_TITLE}字。"
    for code in ClusterReport.SECTIONS:
        if len(texts.get(code, "")) > MOST_TEXT:
            wrong[code] = f"最多{MOST_TEXT}字。"
    _refuse(wrong)
    report.title = title
    report.written = {code: texts.get(code, "").strip() for code in ClusterReport.SECTIONS}
    _edited(by, report)
    audit.record(by, "research.edited", report)
    return report


@transaction.atomic
def refresh(*, by: User, report: ClusterReport) -> ClusterReport:
    """Count again; what people wrote stays."""
    report = _open(by, report, None)
    counted = count(report.cluster)
    report.counted, report.table, report.counted_at = counted.paragraphs, counted.table, clock.now()
    _edited(by, report)
    audit.record(by, "research.counted", report)
    return report


@transaction.atomic
def submit(*, by: User, report: ClusterReport, version: int) -> ClusterReport:
    """报区政府: the whole text is frozen as it stands."""
    report = _locked(report)
    if not may_manage(by, report.cluster):
        raise PermissionDenied(WHO_SUBMITS)
    _refuse_stale(report, version)
    for code in ("causes", "advice"):
        if not report.written.get(code, "").strip():
            raise ValidationError(f"请先撰写“{ClusterReport.SECTIONS[code]}”，再报区政府。")
    found = [one.text for one in identities_in(report).known]
    if found:
        raise ValidationError(
            f"还能看出是谁：{'、'.join(found[:10])}。请去掉企业名称、姓名、电话和编号再报送。"
        )
    report.state, report.submitted_by, report.submitted_at = State.SUBMITTED, by, clock.now()
    report.blocks = paper_of(report).blocks
    report.version += 1
    report.save()
    audit.record(by, "research.submitted", report)
    leaders = User.objects.filter(unit__district=report.district, is_active=True)
    notify(
        [user for user in leaders.with_role(Role.DISTRICT_LEADER) if user.pk != by.pk],
        key=f"research:{report.pk}",
        kind=Kind.REPORT,
        title=f"调研分析报告：{report.title}",
        body="已报送，请审阅。",
        url=reverse("reports:cluster_report", args=[report.pk]),
    )
    return report


@transaction.atomic
def discard(*, by: User, report: ClusterReport) -> None:
    """A draft that is not wanted; what was submitted stays for ever."""
    report = _open(by, report, None)
    audit.record(by, "research.discarded", report, cluster=report.cluster_id)
    report.delete()


def identities_in(report: ClusterReport) -> Scan:
    """What the text still tells of the firms and people: known for certain, and what only looks like a name.

    The counted paragraphs name units and places by design: there only what is known counts.
    """
    known = _known(report.cluster)
    written = scan([report.title, *report.written.values()], known)
    counted = scan(list(report.counted.values()), known)
    return Scan(known=tuple(dict.fromkeys((*written.known, *counted.known))), suspects=written.suspects)


def _known(cluster: Cluster) -> Known:
    """Whoever brought one of the appeals: firms, people, phones and numbers."""
    firms, people, phones, numbers = set(), set(), set(), set()
    for appeal in appeals_of(cluster).select_related("enterprise", "project").defer("search_text", "content"):
        firms.add(appeal.subject_name)
        numbers.add(appeal.number)
        phones.add(appeal.contact_phone)
        if len(appeal.contact_name) >= SHORTEST_NAME:
            people.add(appeal.contact_name)
    return Known(
        firms=tuple(sorted(firms - {""})),
        people=tuple(sorted(people)),
        phones=tuple(sorted(phones - {""})),
        numbers=tuple(sorted(numbers)),
    )


# --- The paper ------------------------------------------------------------------------------------


def paper_of(report: ClusterReport) -> Paper:
    """As it was submitted, or as the draft stands now."""
    if not report.is_draft and report.blocks:
        return Paper(report.blocks)
    paper = Paper()
    paper.title(broken(report.title))
    for numeral, (code, heading) in zip(NUMERALS, ClusterReport.SECTIONS.items(), strict=False):
        paper.heading(1, f"{numeral}、{heading}")
        for text in (report.counted.get(code, ""), report.written.get(code, "")):
            paper.paragraph(text)
    paper.attachments([ATTACHMENT])
    rules = DistrictProfile.objects.in_force(report.district).rules
    bureau = Unit.objects.get(district=report.district, code=rules.lead_bureau)
    paper.signature(bureau.name, _day(report))
    if report.is_draft:
        paper.note("（起草中，尚未报送）")
    paper.page_break()
    paper.heading(1, f"附件：{ATTACHMENT}")
    paper.table(HEADERS, report.table, WIDTHS, align="lrrrr")
    paper.note(f"数字截至{clock.local_date(report.counted_at):%Y-%m-%d}。")
    return paper


def _day(report: ClusterReport) -> date:
    return clock.local_date(report.submitted_at) if report.submitted_at else clock.today()


# --- Carrying out ---------------------------------------------------------------------------------


def _locked(report: ClusterReport) -> ClusterReport:
    rows = ClusterReport.objects.select_for_update(of=("self",)).select_related(
        "district", "cluster__district"
    )
    found = rows.filter(pk=report.pk).first()
    if found is None:
        raise ValidationError("这份草稿已经删除。")
    if not found.is_draft:
        raise ValidationError(SUBMITTED)
    return found


def _open(by: User, report: ClusterReport, version: int | None) -> ClusterReport:
    report = _locked(report)
    if not may_write(by, report.cluster):
        raise PermissionDenied(WHO_WRITES)
    if version is not None:
        _refuse_stale(report, version)
    return report


def _refuse_stale(report: ClusterReport, version: int) -> None:
    if report.version != version:
        raise ValidationError(CHANGED)


def _refuse(wrong: dict[str, str]) -> None:
    if wrong:
        raise ValidationError({name: [text] for name, text in wrong.items()})


def _edited(by: User, report: ClusterReport) -> None:
    report.version += 1
    report.edited_by, report.edited_at = by, clock.now()
    report.save()
