"""Every page at both sizes: no axe violation, nothing sticks out, one heading, one main, a skip link.

The addresses come from the resolver; those left out are named here with the reason.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser

from appeals.backlog import put_on_list, report_cleared
from appeals.backlog_rules import Course, matter_of_appeal
from appeals.clusters import improving
from appeals.letters import send_visit_letter
from appeals.models import Appeal, Cluster, Phrase
from appeals.saved_filters import save_filter
from appeals.views.access import HELD, SLIPS
from core import clock
from core.pictures import cleaned_picture
from enterprises.change_reports import report as report_change
from enterprises.yearly import record_year
from liaisons.models import Assignment, Handover, Visit, VisitParticipant, VisitPhoto
from liaisons.services.event_tasks import add_task, complete_task
from liaisons.services.officers import appoint
from liaisons.services.opinions import record_opinion
from liaisons.services.plaques import order
from liaisons.services.requests import request_visit
from notifications.models import Notice
from policies.library import publish_policy
from policies.news import record_news
from policies.papers import give
from policies.payments import record_payment, reverse_payment
from reports.assessments import services as assessments
from reports.bulletins import drafting
from reports.bulletins.counted import Month
from reports.cases import draft as draft_case
from reports.documents.issuing import issue, withdraw
from reports.exports.engine import order as order_export
from reports.exports.tables import params_of
from reports.models import AssessmentScore, Bulletin, SituationTable
from reports.research import writing
from reports.services import open_due_weeks
from tests import factories
from tests.appeals.lives import Cast
from tests.browser.conftest import DESKTOP, PHONE, signed_in
from tests.core.test_pictures import photo as picture
from tests.enterprises import sheets
from tests.liaisons.happenings import coming_and_held

pytestmark = pytest.mark.browser

AXE = Path(settings.BASE_DIR) / "node_modules/axe-core/axe.min.js"

# Not pages of ours, or not pages at all.
LEFT_OUT = {
    "healthz": "JSON",
    "imports:template": "a download",
    "imports:rejects": "a download",
    "reports:download": "a download",
    "appeals:provincial_export": "a download",
    "reports:summary_download": "a download",
    "reports:matrix_download": "a download",
    "reports:export_file": "a download",
    "reports:statistics_sheet": "a download",
    "reports:document_download": "a download",
    "reports:documents_download": "a download",
    "reports:bulletin_download": "a download",
    "reports:assessment_download": "a download",
    "public:event_calendar": "a calendar file",
    "public:event_file": "a calendar file",
    "appeals:file": "a download",
    "public:file": "a download",
    "enterprises:lookup": "a fragment",
    "liaisons:official_lookup": "a fragment",
    "imports:progress": "a fragment",
    "liaisons:behind_download": "a download",
    "liaisons:officers_export": "a download",
    "appeals:backlog_export": "a download",
    "appeals:clusters_export": "a download",
    "reports:cluster_report_download": "a download",
    "portal:visit_photo": "a picture",
    "portal:visit_saved": "shown once, right after saving",
    "public:answer_link": "leads on to the firm's own page of its appeal",
    "portal:home": "leads on to the only district",
    "reports:case_download": "a download",
    "reports:index": "leads on to the role's own page",
    "reports:mine": "leads on to the unit's table",
}
LEFT_OUT_NAMESPACES = {"admin": "Django's own"}
POST_ONLY = {
    "liaisons:plaque_act",
    "appeals:reveal_phone",
    "appeals:backlog_progress",
    "appeals:backlog_report",
    "appeals:backlog_confirm",
    "appeals:backlog_send_back",
    "appeals:backlog_remove",
    "appeals:backlog_restore",
    "appeals:cluster_put_out",
    "appeals:cluster_act",
    "appeals:improvement_act",
    "reports:new_cluster_report",
    "reports:refresh_cluster_report",
    "reports:submit_cluster_report",
    "reports:discard_cluster_report",
    "appeals:alike",
    "appeals:rename_filter",
    "appeals:delete_filter",
    "appeals:record_revisit",
    "appeals:answer_link",
    "appeals:answer_letter",
    "appeals:set_letter_aside",
    "portal:announce_event",
    "portal:remove_attendance",
    "public:act",
    "notifications:read_all",
    "notifications:open",
    "notifications:switch_robot",
    "notifications:try_robot",
    "portal:enterprise_phone",
    "portal:project_phone",
    "imports:approve",
    "liaisons:drop_plan",
    "liaisons:officer_mobile",
    "liaisons:pass_on_opinion",
    "liaisons:answer_opinion",
    "imports:confirm",
    "policies:end",
    "policies:restore",
    "reports:entry",
    "reports:submit",
    "reports:accept",
    "reports:send_back",
    "reports:correct",
    "reports:accept_many",
    "reports:export_tables",
    "reports:document_withdraw",
    "reports:case_act",
    "reports:refresh_bulletin",
    "reports:submit_bulletin",
    "reports:send_back_bulletin",
    "reports:approve_bulletin",
    "reports:correct_bulletin",
    "reports:read_bulletin",
    "reports:recount_assessment",
    "reports:show_assessment",
    "reports:confirm_assessment",
    "reports:assessment_object",
    "reports:assessment_answer",
}


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            if pattern.namespace not in LEFT_OUT_NAMESPACES:
                yield from names(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name and "allauth" not in pattern.lookup_str:
            yield f"{namespace}{pattern.name}"


@pytest.fixture
def arguments(cast: Cast) -> dict[str, list]:
    """A populated district, and what stands in the address of each page that shows one thing of it."""
    district = cast.district
    firm = factories.enterprise(district)
    project = factories.project(district)
    cadre = cast.cadre
    assignment = Assignment.objects.create(
        district=district,
        region=firm.region,
        enterprise=firm,
        official=cadre.official,
        unit=cadre.unit,
        started=clock.today(),
        recorded_by=cast.dispatcher,
        recorded_at=clock.now(),
    )
    visit = Visit.objects.create(
        district=district,
        region=firm.region,
        enterprise=firm,
        reporting_unit=cadre.unit,
        kind="visit",
        findings="生产正常，订单饱满。",
        occurred_at=clock.now(),
        recorded_at=clock.now(),
        recorded_by=cadre,
    )
    VisitParticipant.objects.create(
        visit=visit, official=cadre.official, unit_name=str(cadre.unit), title="科员", rank_group="staff"
    )
    VisitPhoto.objects.create(visit=visit, file=cleaned_picture(picture(640, 480)), recorded_at=clock.now())
    handover = Handover.objects.create(
        district=district,
        unit=cadre.unit,
        official=cadre.official,
        day=clock.today(),
        reason="分工调整",
        recorded_by=cast.dispatcher,
        recorded_at=clock.now(),
    )
    # One that somebody else holds was handed over, so that the page of the handover has a line.
    Assignment.objects.create(
        district=district,
        region=firm.region,
        enterprise=firm,
        official=cadre.official,
        unit=cadre.unit,
        part=Assignment.Part.SUPPORT,
        started=clock.today() - timedelta(days=9),
        ended=clock.today(),
        ended_by_handover=handover,
        recorded_by=cast.dispatcher,
        recorded_at=clock.now(),
    )
    appeal = cast.walk(cast.submit(), "feedback")
    cast.do(appeal, "rate", satisfaction="unsatisfied", comment="还没有修好。")
    cast.do(appeal, "revisit", reached="no", solved="", satisfaction="")
    cast.do(cast.walk(cast.submit(), "sign"), "propose_refusal")
    cast.submit()
    with clock.at(clock.now() - timedelta(days=100)):
        cast.submit()  # a candidate for the list of what was left undone
        backlog = put_on_list(
            by=cast.dispatcher,
            matter=replace(
                matter_of_appeal(cast.walk(cast.submit(), "sign")), assisting=(cast.assistant.unit,)
            ),
            course=Course(
                "disputed",
                clock.today() + timedelta(days=20),
                plan="先调解。",
                route="mediation",
                next_step="组织调解",
            ),
        )
    kinds = []
    for title in ("招工难", "增容难", "公交不便"):
        kind = Cluster.objects.create(
            district=district, category="labour", title=title, words=["招工", "技校"], found_at=clock.now()
        )
        kind.members.create(appeal=cast.walk(cast.submit(), "sign"), score=0.5, at=clock.now())
        kind.members.create(appeal=cast.submit(), how="excluded", by=cast.dispatcher, at=clock.now())
        kinds.append(kind)
    due = clock.today() + timedelta(days=9)
    improvement = improving.take_on(
        by=cast.liaison,
        cluster=kinds[0],
        task=improving.Task(cast.liaison.unit, "guidance", "编印指南。", due),
    )
    to_change = improving.take_on(
        by=cast.dispatcher,
        cluster=kinds[1],
        task=improving.Task(cast.liaison.unit, "procedure", "简化增容手续。", due),
    )
    improving.report_done(by=cast.liaison, improvement=improvement, result=improving.Result("已编印。"))
    research = writing.draft(by=cast.dispatcher, cluster=kinds[0])
    report_cleared(by=cast.liaison, item=backlog, result="调解成功，已履行。")
    cast.do(cast.submit(), "accept")
    save_filter(by=cast.dispatcher, name="已超期", query="clock=red")
    imported = sheets.applied(cast.dispatcher, sheets.book([sheets.firm(1), sheets.firm(2), sheets.firm(3)]))
    rows = [sheets.firm(1), sheets.firm(2, phone="13900002222"), sheets.firm(4, phone="123"), sheets.firm(5)]
    sheet = sheets.checked(cast.township_liaison, sheets.book(rows), half="2026-H2")
    officer = appoint(
        by=cast.dispatcher,
        unit=cast.liaison.unit,
        name="方圆",
        title="就业促进股股长",
        office_phone="0562-5861234",
        mobile="13800001234",
        note="兼营商环境专员",
        started=clock.today(),
    )
    opinion = record_opinion(
        by=cadre,
        visit=visit,
        content="希望稳岗补贴多一些免申即享，少填表。",
        handling="passed_on",
        passed_to=cast.liaison.unit,
    )
    changed = report_change(entry=firm, changes={"address": "新路1号", "closed": True}, note="")
    plaque = order(by=cast.dispatcher, entry=firm)
    asked = request_visit(entry=firm, contact_name="赵敏", contact_phone="13900002222", wish="想当面反映。")
    record_year(by=cast.dispatcher, enterprise=firm, year=2025, facts={"sales": 1200, "tax": 90})
    policy = publish_policy(
        by=cast.dispatcher,
        facts={
            "title": "稳岗补贴",
            "unit": cast.liaison.unit,
            "summary": "按人返还。",
            "apply_until": clock.today(),
        },
    )
    payment, reversed_one = (
        record_payment(
            by=cast.dispatcher, unit=cast.liaison.unit, policy=policy, subject=firm, amount=1, basis=basis,
            day=clock.today(),
        )
        for basis in ("凭证 12 号", "凭证 13 号")
    )  # fmt: skip
    reverse_payment(by=cast.dispatcher, payment=reversed_one, reason="重复登记")
    give(
        by=cast.dispatcher, unit=cast.liaison.unit, policies=[policy], letter=True, copies=1, day=clock.today(),
        way="post", entries=[firm],
    )  # fmt: skip
    news = record_news(
        by=cast.dispatcher, unit=cast.liaison.unit, title="同心解难题", outlet="铜陵日报", day=clock.today()
    )
    coming, held = coming_and_held(cast.township_liaison, cast.liaison.unit, firm)
    task = held.tasks.get()
    done = add_task(by=cast.dispatcher, event=held, content="已办的", unit=cast.liaison.unit, due=task.due)
    complete_task(by=cast.liaison, task=done, result="已办好。")
    robot = factories.robot(cast.liaison.unit)
    for to in ({"robot": robot, "channel": "robot"}, {"recipient": cast.liaison, "channel": "email"}):
        Notice.objects.create(
            key=f"undelivered:{to['channel']}", title="时限提醒", state="unknown", reason="没有回应",
            created_at=clock.now(), claimed_at=clock.now(), **to,
        )  # fmt: skip
    document = issue(by=cast.dispatcher, kind="dispatch", appeal=appeal)
    again = issue(by=cast.liaison, kind="reply", appeal=appeal)
    withdraw(by=cast.liaison, document=again, reason="写错。")
    period = open_due_weeks(district)
    table = SituationTable.objects.get(period=period, unit=cast.liaison.unit)
    export = order_export(
        kind="situation_tables", by=cast.dispatcher, title="全部单位", params=params_of(period), key="k"
    )
    case = draft_case(by=cast.dispatcher, appeal=appeal, kind="bad")
    letter = send_visit_letter(
        by=cast.dispatcher,
        unit=cast.liaison.unit,
        text="请补走访。",
        answer_by=clock.today() + timedelta(days=4),
    )
    code = district.code
    bulletin, signed = (
        drafting.draft(district=cast.district, month=month, by=cast.dispatcher)
        for month in (Month.of(clock.today()).previous, Month.of(clock.today()).previous.previous)
    )
    Bulletin.objects.filter(pk=signed.pk).update(
        state="approved", approved_at=clock.now(), number="通报〔2026〕1号"
    )
    year = assessments.start(district=cast.district, year=clock.today().year, by=cast.dispatcher)
    scored = AssessmentScore.objects.select_related("line").get(
        line__assessment=year, line__unit=cast.liaison.unit, item="satisfaction"
    )
    AssessmentScore.objects.filter(pk=scored.pk).update(
        weight=30, value=80, computed=17, points=17, numerator=8, denominator=10
    )
    return {
        "public:home": [code],
        "public:figures": [code],
        "reports:ledger": ["appeals"],
        "public:letter": [code],
        "public:policies": [code],
        "public:policy": [code, policy.pk],
        "public:news": [code],
        "policies:policy": [policy.pk],
        "policies:edit": [policy.pk],
        "policies:firms": [policy.pk],
        "policies:reverse_payment": [payment.pk],
        "policies:edit_news": [news.pk],
        "public:submit": [code],
        "public:slip": [code, appeal.number],
        "public:plaque": [code, plaque.token],
        "public:plaque_visit": [code, plaque.token],
        "public:plaque_change": [code, plaque.token],
        "liaisons:plaques_on": ["to_print"],
        "liaisons:plaque": [plaque.pk],
        "liaisons:request": [asked.pk],
        "public:track": [code],
        "public:appeal": [code, appeal.number],
        "appeals:detail": [appeal.number],
        "appeals:slip": [appeal.number],
        "appeals:backlog_item": [backlog.pk],
        "appeals:backlog_change": [backlog.pk],
        "appeals:backlog_course": [backlog.pk],
        "appeals:cluster": [kinds[0].pk],
        "appeals:cluster_members": [kinds[0].pk],
        "appeals:take_on": [kinds[2].pk],
        "appeals:improvement": [improvement.pk],
        "appeals:change_improvement": [to_change.pk],
        "reports:cluster_report": [research.pk],
        "appeals:letter": [letter.pk],
        "appeals:act": [appeal.number, "redo"],
        "appeals:provincial_number": [appeal.number],
        "appeals:edit_phrase": [Phrase.objects.filter(unit=None).first().pk],
        "imports:list": ["enterprises"],
        "imports:import": [sheet.pk],
        "imports:undo": [imported.pk],
        "enterprises:edit": [firm.pk],
        "enterprises:edit_project": [project.pk],
        "enterprises:change_report": [changed.pk],
        "enterprises:report_change": [firm.pk],
        "enterprises:report_project_change": [project.pk],
        "enterprises:yearly": [firm.pk],
        "enterprises:new_year": [firm.pk],
        "enterprises:change_year": [firm.pk, 2025],
        "portal:enterprise_print": [firm.pk],
        "portal:project_print": [project.pk],
        "portal:enterprise": [firm.pk],
        "portal:project": [project.pk],
        "public:events": [code],
        "public:event": [code, coming.pk],
        "portal:event": [held.pk],
        "portal:event_notice": [coming.pk],
        "portal:change_event": [coming.pk],
        "portal:cancel_event": [coming.pk],
        "portal:event_duties": [coming.pk],
        "portal:record_event": [held.pk],
        "portal:event_task": [task.pk],
        "portal:change_event_task": [task.pk],
        "portal:reopen_event_task": [done.pk],
        "portal:visit": [visit.pk],
        "liaisons:end": [assignment.pk],
        "liaisons:officer_history": [officer.unit_id],
        "liaisons:change_officer": [officer.pk],
        "liaisons:end_officer": [officer.pk],
        "liaisons:opinion": [opinion.pk],
        "liaisons:plan": [assignment.pk],
        "liaisons:handover": [handover.pk],
        "reports:table": [table.pk],
        "reports:evidence": [table.pk, 15],
        "reports:check": [table.pk, "unrecorded"],
        "reports:summary_evidence": [2],
        "reports:export": [export.pk],
        "reports:document": [document.pk],
        "reports:document_new": [appeal.number, "reply"],
        "reports:document_of_letter": [letter.pk],
        "reports:document_template": ["dispatch"],
        "reports:case": [case.pk],
        "reports:case_print": [case.pk],
        **{f"reports:{name}": [bulletin.pk] for name in ("bulletin", "bulletin_print", "bulletin_figure")},
        "reports:bulletin_title": [bulletin.pk],
        "reports:bulletin_section": [bulletin.pk, "overview"],
        "reports:withdraw_bulletin": [bulletin.pk],
        "reports:send_bulletin": [signed.pk],
        "reports:assessment": [year.pk],
        "reports:assessment_unit": [year.pk, scored.line.unit_id],
        "reports:assessment_evidence": [year.pk, scored.line.unit_id, scored.item],
        "reports:assessment_adjust": [year.pk, scored.line.unit_id, scored.item],
    }


USERS = {
    "notifications:channels": "admin",
    "notifications:new_robot": "admin",
    "notifications:undelivered": "admin",
    "liaisons:mine": "cadre",
    "liaisons:opinions": "liaison",
    "liaisons:opinion": "liaison",
    "appeals:queue": "liaison",
    "appeals:revisits": "liaison",
    "appeals:letter": "liaison",
    "portal:event_task": "liaison",
    "reports:table": "liaison",
    "reports:evidence": "liaison",
    "reports:check": "liaison",
    "reports:document_new": "liaison",
    "reports:document_templates": "admin",
    "reports:document_template": "admin",
}


# Pages that show more when something is filtered or ticked.
QUERIES = {
    "reports:statistics_records": "?indicator=received",
    "reports:bulletin_figure": "?key=received",
    "appeals:list": "?category=labour",
    "appeals:desk": "?queue=dispatch&category=labour",
    "appeals:batch_dispatch": "?number={accepted}",
}


def test_every_page_is_accessible_and_fits(browser: Browser, live_server, cast: Cast, arguments):
    axe = AXE.read_text(encoding="utf-8")
    anonymous = SessionStore()
    appeal_number = arguments["public:appeal"][1]
    anonymous[HELD] = {str(Appeal.objects.get(number=appeal_number).pk): 0}
    anonymous[SLIPS] = {appeal_number: "ABCDEFGH"}
    anonymous.save()
    pages = {}
    problems = []
    for name in sorted(set(names(get_resolver())) - POST_ONLY - LEFT_OUT.keys()):
        url = reverse(name, args=arguments.get(name, [])) + QUERIES.get(name, "").format(
            accepted=Appeal.objects.get(status="accepted").number
        )
        who = "" if name.startswith("public:") else USERS.get(name, "dispatcher")
        for size in (PHONE, DESKTOP):
            if (who, size["width"]) not in pages:
                key = signed_in(getattr(cast, who)) if who else anonymous.session_key
                context = browser.new_context(viewport=size, locale="zh-CN", base_url=live_server.url)
                context.add_cookies(
                    [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
                )
                pages[who, size["width"]] = context.new_page()
            page = pages[who, size["width"]]
            answer = page.goto(url)
            where = f"{name} at {size['width']}px"
            if answer.status != 200:
                problems.append(f"{where}: {answer.status}")
            else:
                problems += [f"{where}: {problem}" for problem in defects(page, axe)]
    for page in pages.values():
        page.context.close()
    assert problems == []


def defects(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate(
        """async () => {
            const result = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]});
            return result.violations.map(v => v.id + " " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join("; "));
        }"""
    )
    shape = page.evaluate(
        """() => ({
            headings: document.querySelectorAll("h1").length,
            mains: document.querySelectorAll("main").length,
            skip: document.querySelectorAll(".skip-link").length,
            outside: document.documentElement.scrollWidth - document.documentElement.clientWidth,
        })"""
    )
    if shape != {"headings": 1, "mains": 1, "skip": 1, "outside": 0}:
        found.append(str(shape))
    return found
