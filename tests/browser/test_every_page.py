"""Every page at both sizes: no axe violation, nothing sticks out, one heading, one main, a skip link.

The addresses come from the resolver; those left out are named here with the reason.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser

from accounts.first_password import make_token
from accounts.models import Role, RoleGrant, User
from appeals.backlog import put_on_list, report_cleared
from appeals.backlog_rules import Course, matter_of_appeal
from appeals.clusters import improving
from appeals.letters import send_visit_letter
from appeals.models import Appeal, Cluster, Phrase
from appeals.saved_filters import save_filter
from appeals.views.access import HELD, SLIPS
from campaigns.commitments.services.commitments import pay_instalment, publish, record_commitment
from campaigns.commitments.services.escalation import watch
from campaigns.commitments.services.rules import Promise
from core import clock
from core.pictures import cleaned_picture
from demo.chromium import signed_in
from enterprises.change_reports import report as report_change
from enterprises.yearly import record_year
from liaisons.models import Assignment, Handover, Visit, VisitParticipant, VisitPhoto
from liaisons.services.event_tasks import add_task, complete_task
from liaisons.services.officers import appoint
from liaisons.services.opinions import record_opinion
from liaisons.services.plaques import order
from liaisons.services.requests import request_visit
from notifications.models import Notice
from policies import claims
from policies.condition_entry import add_condition
from policies.library import publish_policy
from policies.lists import Contents, make_list
from policies.news import record_news
from policies.papers import give
from policies.payments import record_payment, reverse_payment
from portal.golive import services as golive
from portal.models import Setup
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
from tests.browser.conftest import DESKTOP, PHONE
from tests.campaigns import needs_cast
from tests.campaigns.lists import campaign_under_way
from tests.campaigns.pages import satisfaction_arguments
from tests.campaigns.rota_cast import rotas_and_records
from tests.core.test_pictures import photo as picture
from tests.enterprises import sheets
from tests.enterprises.grading import supervised
from tests.liaisons.happenings import coming_and_held
from tests.portal import golive_files

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
    "campaigns:satisfaction_download": "a download",
    "campaigns:low_rating_file": "a download",
    "appeals:file": "a download",
    "public:file": "a download",
    "enterprises:lookup": "a fragment",
    "liaisons:official_lookup": "a fragment",
    "imports:progress": "a fragment",
    "liaisons:behind_download": "a download",
    "campaigns:sheet": "a download",
    "campaigns:calendar_sheet": "a download",
    "campaigns:import_template": "a download",
    "campaigns:inspection_sheet": "a download",
    "liaisons:officers_export": "a download",
    "appeals:backlog_export": "a download",
    "campaigns:published_sheet": "a download",
    "campaigns:commitment_export": "a download",
    "enterprises:grades_download": "a download",
    "enterprises:grade_figures_download": "a download",
    "appeals:clusters_export": "a download",
    "reports:cluster_report_download": "a download",
    "portal:visit_photo": "a picture",
    "portal:visit_saved": "shown once, right after saving",
    "public:answer_link": "leads on to the firm's own page of its appeal",
    "campaigns:download_rota": "a download",
    "campaigns:download_visit_sheet": "a download",
    "campaigns:duty_feed": "a calendar file",
    "portal:home": "leads on to the only district",
    "reports:case_download": "a download",
    "reports:index": "leads on to the role's own page",
    "portal:setup_template": "a download",
    "portal:setup_rows": "a download",
    "portal:setup_form_preview": "a download",
    "portal:setup_export": "a download",
    "reports:mine": "leads on to the unit's table",
}
LEFT_OUT_NAMESPACES = {"admin": "Django's own"}
POST_ONLY = {
    "campaigns:announce_sittings",
    "campaigns:publish_rota",
    "campaigns:remove_duty",
    "campaigns:settle_training",
    "campaigns:withdraw_training",
    "campaigns:withdraw_knowledge",
    "enterprises:open_grade_season",
    "enterprises:grade_many",
    "enterprises:confirm_grade",
    "enterprises:tell_grade",
    "enterprises:grade_sample",
    "enterprises:inspection_act",
    "portal:setup_rehearse",
    "portal:setup_trial",
    "portal:setup_import_calendar",
    "portal:password_slips",
    "liaisons:plaque_act",
    "campaigns:answer_low_rating",
    "campaigns:dispute_low_rating",
    "campaigns:rule_low_rating",
    "campaigns:visit_rating_link",
    "campaigns:survey_team",
    "campaigns:draw_survey",
    "campaigns:start_survey",
    "campaigns:close_survey",
    "campaigns:publish_survey",
    "campaigns:survey_phone",
    "campaigns:survey_attempt",
    "appeals:reveal_phone",
    "campaigns:confirm_list",
    "campaigns:opening_phone",
    "campaigns:opening_act",
    "campaigns:place",
    "campaigns:recommend",
    "campaigns:seeker_phone",
    "campaigns:seeker_state",
    "campaigns:close_round",
    "campaigns:financing_phone",
    "campaigns:financing_act",
    "campaigns:dispatch_need",
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
    "portal:finish_tour",
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
    "campaigns:discard_draft",
    "campaigns:correct_draft_row",
    "campaigns:correct_draft_heading",
    "campaigns:undo_import",
    "campaigns:draw_up",
    "campaigns:close_inspection",
    "campaigns:remove_task",
    "campaigns:set_day",
    "campaigns:set_item_day",
    "campaigns:add_target",
    "campaigns:drop_target",
    "campaigns:add_link",
    "campaigns:remove_link",
    "imports:confirm",
    "policies:end",
    "policies:restore",
    "policies:remove_condition",
    "policies:switch_list",
    "policies:approve_claim",
    "policies:refuse_claim",
    "policies:withdraw_claim",
    "campaigns:commitment_progress",
    "campaigns:commitment_pay",
    "campaigns:commitment_kept",
    "campaigns:commitment_confirm",
    "campaigns:commitment_send_back",
    "campaigns:commitment_broken",
    "campaigns:commitment_withdraw",
    "campaigns:commitment_restore",
    "campaigns:publish_commitment",
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
    under_way = campaign_under_way(dispatcher=cast.dispatcher, liaison=cast.liaison, assisting="区农业农村局")
    changed = report_change(entry=firm, changes={"address": "新路1号", "closed": True}, note="")
    plaque = order(by=cast.dispatcher, entry=firm)
    asked = request_visit(entry=firm, contact_name="赵敏", contact_phone="13900002222", wish="想当面反映。")
    record_year(by=cast.dispatcher, enterprise=firm, year=2025, facts={"sales": 1200, "tax": 90})
    grades = supervised(firm, grader=cast.grader, leader=cast.grade_leader, dispatcher=cast.dispatcher)
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
    add_condition(by=cast.dispatcher, policy=policy, field="sales", low=Decimal(1000))
    add_condition(by=cast.dispatcher, policy=policy, field="title", values=["high_tech"])
    paper = make_list(
        by=cast.dispatcher,
        unit=cast.dispatcher.unit,
        contents=Contents("政策清单", "firm", [policy], entry=firm),
    )
    claim = claims.apply(
        by=cast.dispatcher,
        unit=cast.liaison.unit,
        policy=policy,
        subject=firm,
        amount=Decimal(5),
        day=clock.today(),
    )
    claims.approve(by=cast.dispatcher, claim=claim, amount=Decimal(4), promised_on=clock.today())
    with clock.at(clock.now() - timedelta(days=40)):
        debt, promise = (
            record_commitment(
                by=cast.dispatcher,
                promise=Promise(
                    kind, title, cast.liaison.unit, clock.today(), subject=firm, debtor="unit",
                    debtor_unit=cast.liaison.unit, amount=Decimal(90), basis="采购合同〔2025〕3号",
                ),
                course=Course("limited", clock.today() + timedelta(days=days), plan="分两批付清。"),
            )
            for kind, title, days in (("debt", "培训设备货款", 10), ("promise", "年内建成停车场", 60))
        )  # fmt: skip
        instalment = pay_instalment(
            by=cast.liaison, commitment=debt, amount=Decimal(30), day=clock.today(), voucher="回单 7 号"
        )
    watch(district)
    publish(by=cast.dispatcher, commitment=promise)
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
    needs = needs_cast.everything(cast.township_liaison, cast.liaison, cast.dispatcher, firm)
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
    setup, live, trial = setups_of(cast)
    return {
        **needs,
        "public:jobs": [code],
        "public:plaque_opening": [code, plaque.token],
        "public:plaque_financing": [code, plaque.token],
        **rotas_and_records(cast, firm),
        "portal:setup": [setup.pk],
        "portal:setup_step": [setup.pk, "units"],
        "portal:setup_live": [setup.pk],
        "portal:setup_delete": [setup.pk],
        "portal:setup_after": [live.pk],
        "portal:setup_clear": [trial.pk],
        "portal:first_password": [make_token(cast.liaison)],
        "public:home": [code],
        "public:figures": [code],
        "reports:ledger": ["appeals"],
        "public:letter": [code],
        "public:flow": [code],
        "public:policies": [code],
        "public:policy": [code, policy.pk],
        "public:news": [code],
        "public:commitments": [code],
        "public:policy_list": [code, paper.token],
        "public:plaque_policies": [code, plaque.token],
        "policies:conditions": [policy.pk],
        "policies:enterprise_fits": [firm.pk],
        "policies:project_fits": [project.pk],
        "policies:one_list": [paper.pk],
        "policies:edit_list": [paper.pk],
        "policies:claim": [claim.pk],
        "enterprises:titles": [firm.pk],
        "campaigns:commitment": [debt.pk],
        "campaigns:change_commitment": [debt.pk],
        "campaigns:commitment_course": [debt.pk],
        "campaigns:cancel_instalment": [instalment.pk],
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
        "public:plaque_rate": [code, plaque.token],
        "public:event_rate": [code, held.pk],
        **satisfaction_arguments(cast, firm, with_results=True),
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
        "enterprises:set_grade_criteria": ["environment"],
        "enterprises:grade_season": ["environment"],
        "enterprises:grade_firm": ["environment", firm.pk],
        "enterprises:grade_notice": [grades.record.pk],
        "enterprises:object_to_grade": [grades.record.pk],
        "enterprises:grade_objection": [grades.objection.pk],
        "enterprises:firm_grades": [firm.pk],
        "enterprises:firm_grades_print": [firm.pk],
        "enterprises:inspection": [grades.inspection.pk],
        "portal:enterprise_print": [firm.pk],
        "portal:project_print": [project.pk],
        "portal:enterprise": [firm.pk],
        "portal:manual_chapter": ["visits"],
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
        **under_way.arguments,
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


def setups_of(cast: Cast) -> list[Setup]:
    """A setup that is filled, one that is live, and one that rehearses, of an operator without a unit."""
    operator = User.objects.create(username="platform", last_name="平台", first_name="管理员")
    RoleGrant.objects.create(user=operator, role=Role.ADMIN)
    cast.operator = operator
    made = []
    for code, name in (("330198", "杭州市试验区"), ("330199", "杭州市测试区"), ("330197", "杭州市演练区")):
        texts = golive_files.filled()
        texts["regions"]["place"] |= {"code": code, "name": name}
        setup = golive.start(by=operator, name=name, template="usual")
        for step, parts in texts.items():
            setup = golive.save(setup=setup, by=operator, step=step, parts=parts)
        made.append(setup)
    golive.go_live(setup=made[1], by=operator, name="杭州市测试区")
    golive.run_rehearsal(setup=made[0], by=operator)
    golive.open_trial(setup=made[2], by=operator)
    return made


USERS = {
    "campaigns:conduct": "supervisor",
    "campaigns:conduct_remark": "supervisor",
    **{
        f"portal:setup{name}": "operator"
        for name in ("s", "", "_step", "_live", "_delete", "_after", "_clear")
    },
    "portal:setup_change": "admin",
    "notifications:channels": "admin",
    "notifications:new_robot": "admin",
    "notifications:undelivered": "admin",
    **{
        f"enterprises:{name}": "grader"
        for name in (
            "grades",
            "grade_season",
            "grade_firm",
            "grade_notice",
            "set_grade_criteria",
            "firm_grades",
            "object_to_grade",
            "plan_inspection",
            "inspection",
            "inspections",
        )
    },
    "enterprises:grade_confirmations": "grade_leader",
    "enterprises:grade_objection": "grade_leader",
    "liaisons:mine": "cadre",
    "liaisons:opinions": "liaison",
    "liaisons:opinion": "liaison",
    "campaigns:mine": "liaison",
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


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_is_accessible_and_fits(browser: Browser, live_server, cast: Cast, arguments, size):
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
        if who not in pages:
            key = signed_in(getattr(cast, who)) if who else anonymous.session_key
            context = browser.new_context(viewport=size, locale="zh-CN", base_url=live_server.url)
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
            )
            pages[who] = context.new_page()
        page = pages[who]
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
            // What is no violation is not described, node by node: that takes longer than finding it.
            const result = await axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"], resultTypes: ["violations"] });
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
