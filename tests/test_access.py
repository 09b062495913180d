"""Every address × everybody: what opens, what is refused, what does not exist for whom.

The table below is written by hand. An address that is missing from it fails the test, so that no new page
is forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.first_password import make_token as first_password_token
from accounts.models import Role, Unit, User
from appeals.answer_links import make_token
from appeals.backlog import put_on_list
from appeals.backlog_rules import Course, matter_of_appeal
from appeals.clusters import improving
from appeals.letters import send_visit_letter
from appeals.models import Appeal, Cluster, Phrase
from appeals.phrases import save_phrase
from appeals.saved_filters import save_filter
from campaigns.commitments.services.commitments import pay_instalment, record_commitment
from campaigns.commitments.services.rules import Promise
from core import clock
from core.pictures import cleaned_picture
from core.uploads import digest
from districts.models import Region
from enterprises.change_reports import report as report_change
from enterprises.subjects import subject_key
from enterprises.yearly import record_year
from imports.models import SheetImport
from liaisons.models import Assignment, Handover, VisitPhoto
from liaisons.services.officers import appoint
from liaisons.services.opinions import record_opinion
from liaisons.services.plans import plan_visit
from liaisons.services.plaques import collect, mark_printed, order
from liaisons.services.requests import request_visit
from liaisons.services.visits import record_visit
from notifications.models import Notice
from notifications.services import notify
from policies.claims import apply
from policies.condition_entry import add_condition
from policies.library import publish_policy
from policies.lists import Contents, make_list
from policies.news import record_news
from policies.payments import record_payment
from portal.golive.services import start_change
from reports import cases as typical_cases
from reports import figures
from reports.assessments import services as assessments
from reports.bulletins import drafting
from reports.bulletins import services as bulletin_services
from reports.bulletins.counted import Month
from reports.documents.issuing import issue
from reports.models import Bulletin, Export, SituationTable
from reports.research import writing
from reports.services import open_period
from tests import factories
from tests.appeals.lives import Cast
from tests.campaigns import needs_cast
from tests.campaigns.lists import campaign_under_way
from tests.campaigns.pages import satisfaction_arguments
from tests.campaigns.rota_cast import rotas_and_records
from tests.conftest import one_on_either_database, put_in_district, taken_back
from tests.core.test_pictures import photo as picture
from tests.enterprises.grading import supervised
from tests.liaisons.happenings import coming_and_held

# --- The columns ----------------------------------------------------------------------------------

COLUMNS = (
    "anonymous",
    # 区科经局, the lead bureau
    "dispatcher", "second_dispatcher", "bureau_leader",
    # 区人社局 handles the appeal, 区农业农村局 assists, 区财政局 has no part in it
    "liaison", "unit_leader", "lead_cadre", "assistant", "other_liaison",
    # 大通镇, where the firm lies; its window
    "township_liaison", "window",
    # 区发改委: this cadre looks after the firm, visited it and handed the appeal in
    "cadre",
    "supervisor", "district_leader", "admin",
    # a dispatcher of another district
    "foreigner",
)  # fmt: skip

# 2 opens · L is sent to the sign-in · R is sent on · F is refused in words (403) · N does not exist (404)
# M is no way to ask for it (405) · Q says what is wrong with the form (422) · C conflicts (409)
CODES = {"2": 200, "R": 302, "F": 403, "N": 404, "M": 405, "Q": 422, "C": 409}

# --- The table ------------------------------------------------------------------------------------
#
#                              anonymous
#                              |  bureau: dispatcher, second dispatcher, leader
#                              |  |    区人社局: liaison, leader, cadre; assisting 区农业农村局; 区财政局
#                              |  |    |      大通镇: liaison, window
#                              |  |    |      |   cadre of 区发改委
#                              |  |    |      |   |  supervisor, district leader
#                              |  |    |      |   |  |   administrator, other district's dispatcher
GET = {
    "healthz":                "2 222  22222  22  2  22  22",
    # Public pages: the same for everybody; a firm's own pages only for who holds the code.
    "portal:home":            "2 222  22222  22  2  22  22",
    "public:home":            "2 222  22222  22  2  22  22",
    "public:letter":          "2 222  22222  22  2  22  22",
    "public:flow":            "2 222  22222  22  2  22  22",
    "public:events":          "2 222  22222  22  2  22  22",
    "public:event":           "2 222  22222  22  2  22  22",
    "public:event_calendar":  "2 222  22222  22  2  22  22",
    "public:event_file":      "2 222  22222  22  2  22  22",
    "public:assignments":                 "2 222  22222  22  2  22  22",
    "public:rotas":                       "2 222  22222  22  2  22  22",
    "public:policies":        "2 222  22222  22  2  22  22",
    "public:policy":          "2 222  22222  22  2  22  22",
    "public:news":            "2 222  22222  22  2  22  22",
    "public:commitments":     "2 222  22222  22  2  22  22",
    "public:policy_list":     "2 222  22222  22  2  22  22",
    "public:figures":         "2 222  22222  22  2  22  22",
    "public:submit":          "2 222  22222  22  2  22  22",
    "public:track":           "2 222  22222  22  2  22  22",
    "public:slip":            "N NNN  NNNNN  NN  N  NN  NN",
    "public:appeal":          "N NNN  NNNNN  NN  N  NN  NN",
    "public:act":             "M MMM  MMMMM  MM  M  MM  MM",
    "public:file":            "N NNN  NNNNN  NN  N  NN  NN",
    # A link sent to the firm: no official opens it in the firm's stead.
    "public:answer_link":     "R FFF  FFFFF  FF  F  FF  FF",
    # Behind the code of a plaque: the firm's own page, for whoever scans it.
    "public:plaque":          "2 222  22222  22  2  22  22",
    "public:plaque_visit":    "2 222  22222  22  2  22  22",
    "public:plaque_policies": "2 222  22222  22  2  22  22",
    "public:plaque_change":   "2 222  22222  22  2  22  22",
    "public:plaque_opening":  "2 222  22222  22  2  22  22",
    "public:plaque_financing": "2 222  22222  22  2  22  22",
    "public:jobs":            "2 222  22222  22  2  22  22",
    # Rating and answering the survey: for firms; no official does it in their stead.
    "public:plaque_rate":     "2 FFF  FFFFF  FF  F  FF  FF",
    "public:event_rate":      "2 FFF  FFFFF  FF  F  FF  FF",
    "public:rate":            "2 FFF  FFFFF  FF  F  FF  FF",
    "public:survey":          "2 FFF  FFFFF  FF  F  FF  FF",
    "public:survey_open":     "2 FFF  FFFFF  FF  F  FF  FF",
    # Rotas and the records of windows: the hall plans, units record, everybody in the district reads.
    "campaigns:add_duty":                 "L 22F  FFFFF  FF  F  FF  F2",
    "campaigns:announce_sittings":        "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:answer_window_entry":      "L 22F  NNNNN  22  N  FF  NN",
    "campaigns:appoint_policy_officer":   "L 22F  22F22  2F  F  FF  F2",
    "campaigns:change_duty":              "L 22F  FFFFF  FF  F  FF  FN",
    "campaigns:change_knowledge":         "L 22F  22FNN  NN  N  NN  NN",
    "campaigns:decide_training":          "L 22F  FFFFF  FF  F  FF  FN",
    "campaigns:download_rota":            "L 222  22222  22  2  22  22",
    "campaigns:download_visit_sheet":     "L 222  222NN  NN  N  22  NN",
    "campaigns:drop_sitting":             "L 22F  22FFF  FF  F  FF  FN",
    "campaigns:duty_feed":                "2 222  22222  22  2  22  22",
    "campaigns:end_policy_officer":       "L 22F  22FFF  FF  F  FF  FN",
    "campaigns:file_training":            "L 22F  22222  2F  2  FF  F2",
    "campaigns:give_back_visit_sheet":    "L 22F  FFFNN  NN  N  FF  NN",
    "campaigns:hand_in_knowledge":        "L 22F  22F22  2F  F  FF  F2",
    "campaigns:hold_training":            "L 22F  FFFFF  FF  F  FF  FN",
    "campaigns:import_rota":              "L 22F  FFFFF  FF  F  FF  F2",
    "campaigns:improve_sitting":          "L 22F  22FFF  FF  F  FF  FN",
    "campaigns:knowledge":                "L 222  22222  22  2  22  22",
    "campaigns:knowledge_entry":          "L 222  222NN  NN  N  NN  NN",
    "campaigns:new_window_entry":         "L 22F  22F22  22  F  FF  F2",
    "campaigns:pay_training":             "L 22F  FFFFF  FF  F  FF  FN",
    "campaigns:plan_rota":                "L 22F  FFFFF  FF  F  FF  F2",
    "campaigns:plan_sittings":            "L 22F  22F22  2F  F  FF  F2",
    "campaigns:policy_officers":          "L 222  22222  22  2  22  22",
    "campaigns:print_rota":               "L 222  22222  22  2  22  22",
    "campaigns:publish_rota":             "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:record_duty":              "L 22F  22FFF  FF  F  FF  FN",
    "campaigns:record_sitting":           "L 22F  22FFF  FF  F  FF  FN",
    "campaigns:remove_duty":              "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:rota":                     "L 222  22222  22  2  22  22",
    "campaigns:rotas":                    "L 222  22222  22  2  22  22",
    "campaigns:settle_training":          "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:sitting":                  "L 222  22222  22  2  22  2N",
    "campaigns:sittings":                 "L 222  22222  22  2  22  22",
    "campaigns:substitute_duty":          "L 22F  22FFF  FF  F  FF  FN",
    "campaigns:swap_duty":                "L 22F  22FFF  FF  F  FF  FN",
    "campaigns:training":                 "L 222  22222  22  2  22  22",
    "campaigns:training_plan":            "L 222  22222  22  2  22  2N",
    "campaigns:visit_sheet":              "L 222  222NN  NN  N  22  NN",
    "campaigns:visit_sheets":             "L 222  22222  22  2  22  22",
    "campaigns:window_entry":             "L 222  NNNNN  22  N  22  NN",
    "campaigns:window_entry_appeal":      "L 22F  NNNNN  22  N  FF  NN",
    "campaigns:window_ledger":            "L 222  22222  22  2  22  22",
    "campaigns:window_summary":           "L 222  22222  22  2  22  22",
    "campaigns:withdraw_knowledge":       "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:withdraw_training":        "L MMM  MMMMM  MM  M  MM  MM",
    "liaisons:kind":                      "L 222  22222  22  2  22  2N",
    # The staff's own corner.
    "portal:workbench":       "L 222  22222  22  2  22  22",
    "portal:search":          "L 222  22222  22  2  22  22",
    "portal:manual":          "L 222  22222  22  2  22  22",
    "portal:finish_tour":     "L MMM  MMMMM  MM  M  MM  MM",
    "portal:manual_chapter":  "L 222  22222  22  2  22  22",
    "portal:manual_whole":   "L 222  22222  22  2  22  22",
    "notifications:inbox":    "L 222  22222  22  2  22  22",
    "notifications:open":     "L MMM  MMMMM  MM  M  MM  MM",
    "notifications:read_all": "L MMM  MMMMM  MM  M  MM  MM",
    "notifications:preferences": "L 222  22222  22  2  22  22",
    # Channels: the administrator's, in the own district.
    "notifications:channels": "L FFF  FFFFF  FF  F  FF  2F",
    "notifications:new_robot": "L FFF  FFFFF  FF  F  FF  2F",
    "notifications:switch_robot": "L MMM  MMMMM  MM  M  MM  MM",
    "notifications:try_robot": "L MMM  MMMMM  MM  M  MM  MM",
    "notifications:undelivered": "L FFF  FFFFF  FF  F  FF  2F",
    # Appeals: seen district-wide, by the units that take part, and by the township where the firm lies.
    "appeals:list":           "L 222  22222  22  2  22  22",
    "appeals:desk":           "L 222  FFFFF  FF  F  FF  F2",
    "appeals:queue":          "L 222  22F22  2F  F  2F  F2",
    # Who has calls to make; figures about “no” for the district and for the leaders of a unit.
    "appeals:revisits":       "L 222  22222  2F  2  2F  F2",
    "appeals:record_revisit": "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:answer_link":    "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:refusals":       "L 222  22F22  2F  F  22  F2",
    "appeals:register":       "L 22F  22222  22  2  FF  F2",
    "appeals:file":           "L 222  2222N  2N  2  22  NN",
    "appeals:detail":         "L 222  2222N  2N  2  22  NN",
    # 省平台录入: the district's for its desks, else what the own unit (here 区发改委) collected.
    "appeals:provincial":     "L 222  22222  22  2  22  F2",
    "appeals:provincial_export": "L 222  22222  22  2  22  F2",
    "appeals:provincial_number": "L 222  NNNNN  NN  2  22  NN",
    "appeals:slip":           "L 222  2222N  2N  2  22  NN",
    "appeals:reveal_phone":   "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:act":            "L FFF  22FFN  FN  F  FF  NN",
    # 存量问题: the appeal of 区人社局 on the list; put there by the bureau, worked on by its units, seen by 大通镇.
    "appeals:backlog":        "L 222  22F22  2F  F  22  F2",
    "appeals:backlog_chart":  "L 222  22F22  2F  F  22  F2",
    "appeals:backlog_export": "L 222  22F22  2F  F  22  F2",
    "appeals:backlog_new":    "L 222  FFFFF  FF  F  FF  F2",
    "appeals:backlog_candidates": "L 222  FFFFF  FF  F  FF  F2",
    "appeals:backlog_item":   "L 222  22N2N  2N  N  22  NN",
    "appeals:backlog_change": "L 222  FFNFN  FN  N  FF  NN",
    "appeals:backlog_course": "L 222  22NFN  FN  N  FF  NN",
    "appeals:backlog_progress": "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:backlog_report": "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:backlog_confirm": "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:backlog_send_back": "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:backlog_remove": "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:backlog_restore": "L MMM  MMMMM  MM  M  MM  MM",
    # A kind of problem with the appeal of 区人社局 in it, taken on by 区人社局; the bureau's to put right.
    "appeals:clusters":       "L 222  22F22  2F  F  22  F2",
    "appeals:clusters_export": "L 222  22F22  2F  F  22  F2",
    "appeals:cluster_topics": "L 222  22F22  2F  F  22  F2",
    "appeals:cluster":        "L 222  22N2N  NN  N  22  NN",
    "appeals:cluster_members": "L 222  22N2N  NN  N  22  NN",
    "appeals:cluster_put_out": "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:cluster_act":    "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:take_on":        "L RRR  RRNRN  NN  N  FF  NN",
    "appeals:improvements":   "L 222  22F22  2F  F  22  F2",
    "appeals:improvement":    "L 222  22N2N  NN  N  22  NN",
    "appeals:change_improvement": "L 222  FFNFN  NN  N  FF  NN",
    "appeals:improvement_act": "L MMM  MMMMM  MM  M  MM  MM",
    # Aids of the counter and the desks: one's own filters; the phrases, the district's and those of 区人社局.
    "appeals:alike":          "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:batch_dispatch": "L 22F  FFFFF  FF  F  FF  F2",
    "appeals:filters":        "L 222  22222  22  2  22  22",
    "appeals:rename_filter":  "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:delete_filter":  "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:phrases":        "L 222  22F22  2F  F  2F  F2",
    "appeals:new_phrase":     "L 222  22F22  2F  F  FF  F2",
    "appeals:edit_phrase":    "L NNN  22FNN  NN  N  NN  NN",
    # Supervision: for those who oversee the district; a letter about visits that 区人社局 was sent.
    "appeals:supervision":    "L 222  FFFFF  FF  F  22  F2",
    "appeals:supervise_visits": "L 222  FFFFF  FF  F  2F  F2",
    "appeals:letter":         "L 222  222NN  NN  N  22  NN",
    "appeals:answer_letter":  "L MMM  MMMMM  MM  M  MM  MM",
    "appeals:set_letter_aside": "L MMM  MMMMM  MM  M  MM  MM",
    # The roster: read in one's own region; kept by the dispatcher and the township's liaison.
    "enterprises:list":       "L 222  22222  22  2  22  22",
    "enterprises:projects":   "L 222  22222  22  2  22  22",
    "enterprises:lookup":     "L 222  22222  22  2  22  22",
    "enterprises:versions":   "L 222  FFFFF  2F  F  22  F2",
    "enterprises:new":        "L 22F  FFFFF  2F  F  FF  F2",
    "enterprises:new_project": "L 22F  FFFFF  2F  F  FF  F2",
    "enterprises:edit":       "L 22F  FFFFF  2F  F  FF  FN",
    "enterprises:edit_project": "L 22F  FFFFF  2F  F  FF  FN",
    "imports:list":           "L 22F  FFFFF  2F  F  FF  F2",
    "imports:template":       "L 22F  FFFFF  2F  F  FF  F2",
    "imports:import":         "L 22N  NNNNN  2N  N  NN  NN",
    "imports:progress":       "L 22N  NNNNN  2N  N  NN  NN",
    "imports:rejects":        "L 22N  NNNNN  2N  N  NN  NN",
    "imports:approve":        "L MMM  MMMMM  MM  M  MM  MM",
    "imports:confirm":        "L MMM  MMMMM  MM  M  MM  MM",
    "imports:undo":           "L 22N  NNNNN  2N  N  NN  NN",
    # What is no longer right: reported by who goes there, decided by the dispatcher alone.
    "enterprises:change_reports": "L 222  22222  22  2  22  22",
    "enterprises:change_report": "L 222  22222  22  2  22  2N",
    "enterprises:report_change": "L 22F  22222  22  2  FF  FN",
    "enterprises:report_project_change": "L 22F  22222  22  2  FF  FN",
    "enterprises:merge":      "L 22F  FFFFF  FF  F  FF  F2",
    "enterprises:titles":     "L 22F  FFFFF  2F  F  FF  FN",
    "enterprises:yearly":     "L 222  22222  22  2  22  2N",
    "enterprises:new_year":   "L 22F  2FF22  2F  2  FF  FN",
    "enterprises:change_year": "L 22F  2FF22  2F  2  FF  FN",
    # 企业分级 of a firm in 大通镇, given by 区生态环境分局: read by the lead bureau, who watches, its township
    # and its cadre; for everybody else it does not exist.
    "enterprises:grades":     "L 222  NNNNN  2N  N  22  N2",
    "enterprises:grades_download": "L 222  NNNNN  2N  N  22  N2",
    "enterprises:grade_figures": "L 222  NNNNN  NN  N  22  N2",
    "enterprises:grade_figures_download": "L 222  NNNNN  NN  N  22  N2",
    "enterprises:grade_criteria": "L 222  NNNNN  NN  N  22  N2",
    "enterprises:set_grade_criteria": "L FFF  NNNNN  NN  N  FF  NF",
    "enterprises:grade_season": "L 222  NNNNN  NN  N  22  N2",
    "enterprises:open_grade_season": "L MMM  MMMMM  MM  M  MM  MM",
    "enterprises:grade_many": "L MMM  MMMMM  MM  M  MM  MM",
    "enterprises:grade_firm": "L FFF  NNNNN  FN  F  FF  NN",
    "enterprises:grade_confirmations": "L FFF  NNNNN  NN  N  FF  NF",
    "enterprises:confirm_grade": "L MMM  MMMMM  MM  M  MM  MM",
    "enterprises:grade_notice": "L FFF  NNNNN  FN  F  FF  NN",
    "enterprises:tell_grade": "L MMM  MMMMM  MM  M  MM  MM",
    "enterprises:object_to_grade": "L 22F  NNNNN  FN  F  FF  NN",
    "enterprises:grade_objections": "L 222  NNNNN  NN  N  22  N2",
    "enterprises:grade_objection": "L 222  NNNNN  2N  2  22  NN",
    "enterprises:firm_grades": "L 222  NNNNN  2N  2  22  NN",
    "enterprises:firm_grades_print": "L 222  NNNNN  2N  2  22  NN",
    "enterprises:grade_sample": "L MMM  MMMMM  MM  M  MM  MM",
    "enterprises:inspections": "L 222  NNNNN  2N  N  22  N2",
    "enterprises:plan_inspection": "L FFF  NNNNN  FN  N  FF  NF",
    "enterprises:inspection": "L 222  NNNNN  2N  2  22  NN",
    "enterprises:inspection_act": "L MMM  MMMMM  MM  M  MM  MM",
    "portal:enterprise":      "L 222  22222  22  2  22  2N",
    "portal:enterprise_print": "L 222  22222  22  2  22  2N",
    "portal:project_print":   "L 222  22222  22  2  22  2N",
    "portal:project":         "L 222  22222  22  2  22  2N",
    "portal:enterprise_phone": "L MMM  MMMMM  MM  M  MM  MM",
    "portal:project_phone":   "L MMM  MMMMM  MM  M  MM  MM",
    # Who looks after whom, and visits: own unit, own region, or the whole district.
    "liaisons:assignments":   "L 222  22222  22  2  22  22",
    "liaisons:mine":          "L 222  22222  22  2  22  22",
    "liaisons:assign":        "L 22F  2FF22  2F  F  FF  F2",
    "liaisons:end":           "L 22F  NNNNN  FN  F  FF  NN",
    "liaisons:share":         "L 22F  2FF22  2F  F  FF  F2",
    "liaisons:handovers":     "L 222  22222  22  2  22  22",
    "liaisons:hand_over":     "L 22F  2FF22  2F  F  FF  F2",
    "liaisons:handover":      "L 222  NNNNN  NN  2  22  NN",
    "liaisons:coverage":      "L 222  22F22  2F  F  22  F2",
    "liaisons:plan":          "L 22F  NNNNN  FN  2  FF  NN",
    "liaisons:drop_plan":     "L MMM  MMMMM  MM  M  MM  MM",
    "liaisons:behind":        "L 222  22222  22  2  22  22",
    "liaisons:behind_download": "L 222  22222  22  2  22  22",
    # Plaques, kept by the dispatcher; visits that firms ask for, answered by who looks after them.
    "liaisons:plaques":       "L 222  22222  22  2  22  22",
    "liaisons:plaques_on":    "L 222  22222  22  2  22  22",
    "liaisons:plaques_missing": "L 222  22222  22  2  22  22",
    "liaisons:plaques_print": "L 22F  FFFFF  FF  F  FF  F2",
    "liaisons:plaque":        "L 222  22222  22  2  22  2N",
    "liaisons:plaque_act":    "L MMM  MMMMM  MM  M  MM  MM",
    "liaisons:requests":      "L 222  22222  22  2  22  22",
    "liaisons:request":       "L 222  22222  22  2  22  2N",
    "liaisons:official_lookup": "L 222  22222  22  2  22  22",
    "portal:visits":          "L 222  22222  22  2  22  22",
    "portal:sitting":         "L 22F  22222  2F  2  FF  F2",
    "portal:visit":           "L 222  NNNNN  2N  2  22  NN",
    "portal:visit_photo":     "L 222  NNNNN  2N  2  22  NN",
    "portal:visit_saved":     "L NNN  NNNNN  NN  2  NN  NN",
    # Events of 大通镇: read by everybody, run by its desk and the bureau; a task is carried out by 区人社局.
    "portal:events":          "L 222  22222  22  2  22  22",
    "portal:events_month":    "L 222  22222  22  2  22  22",
    "portal:event":           "L 222  22222  22  2  22  2N",
    "portal:event_notice":    "L 222  22222  22  2  22  2N",
    "portal:plan_event":      "L 222  22F22  2F  F  FF  F2",
    "portal:event_rota":      "L 222  22F22  2F  F  FF  F2",
    "portal:change_event":    "L 222  FFFFF  2F  F  FF  FN",
    "portal:cancel_event":    "L 222  FFFFF  2F  F  FF  FN",
    "portal:event_duties":    "L 222  FFFFF  2F  F  FF  FN",
    "portal:record_event":    "L 222  FFFFF  2F  F  FF  FN",
    "portal:announce_event":  "L MMM  MMMMM  MM  M  MM  MM",
    "portal:remove_attendance": "L MMM  MMMMM  MM  M  MM  MM",
    "portal:event_tasks":     "L 222  22222  22  2  22  22",
    "portal:event_task":      "L 222  22222  22  2  22  2N",
    "portal:change_event_task": "L 222  FFFFF  2F  F  FF  FN",
    "portal:reopen_event_task": "L RRR  FFFFF  RF  F  FF  FN",
    # Policies, payments and news: read in the district, kept by their unit (区人社局) and the dispatcher.
    "policies:list":          "L 222  22222  22  2  22  22",
    "policies:new":           "L 22F  22F22  2F  F  FF  F2",
    "policies:print":         "L 222  22222  22  2  22  2R",
    "policies:policy":        "L 222  22222  22  2  22  2N",
    "policies:edit":          "L 22F  22FFF  FF  F  FF  FN",
    "policies:end":           "L MMM  MMMMM  MM  M  MM  MM",
    "policies:restore":       "L MMM  MMMMM  MM  M  MM  MM",
    "policies:firms":         "L 222  22222  22  2  22  2N",
    "policies:payments":      "L 222  22222  22  2  22  22",
    "policies:new_payment":   "L 22F  22F22  2F  F  FF  F2",
    "policies:reverse_payment": "L 22F  22FFF  FF  F  FF  FN",
    "policies:hand_outs":     "L 222  22222  22  2  22  22",
    "policies:new_hand_outs": "L 22F  22222  22  2  FF  F2",
    "policies:news":          "L 222  22222  22  2  22  22",
    "policies:new_news":      "L 22F  22F22  2F  F  FF  F2",
    "policies:edit_news":     "L 22F  22FFF  FF  F  FF  FN",
    "policies:conditions":    "L 22F  22FFF  FF  F  FF  FN",
    "policies:remove_condition": "L MMM  MMMMM  MM  M  MM  MM",
    "policies:find_fits":     "L 222  22222  22  2  22  22",
    "policies:enterprise_fits": "L 222  22222  22  2  22  2N",
    "policies:project_fits":  "L 222  22222  22  2  22  2N",
    # A general list and a claim, both of 区人社局; the firm lies in 大通镇.
    "policies:lists":         "L 222  22222  22  2  22  22",
    "policies:new_list":      "L 22F  22222  22  2  FF  F2",
    "policies:one_list":      "L 222  22222  22  2  22  2N",
    "policies:edit_list":     "L 22F  222FF  FF  F  FF  FN",
    "policies:switch_list":   "L MMM  MMMMM  MM  M  MM  MM",
    "policies:claims":        "L 222  22222  22  2  22  22",
    "policies:new_claim":     "L 22F  22F22  2F  F  FF  F2",
    "policies:claim":         "L 222  22222  22  2  22  2N",
    "policies:approve_claim": "L MMM  MMMMM  MM  M  MM  MM",
    "policies:refuse_claim":  "L MMM  MMMMM  MM  M  MM  MM",
    "policies:withdraw_claim": "L MMM  MMMMM  MM  M  MM  MM",
    "policies:payment_totals": "L 222  22222  22  2  22  22",
    # 履约践诺: a debt of 区人社局 to a firm in 大通镇; kept by the bureau, worked on by the unit, seen by 大通镇.
    "campaigns:commitments":  "L 222  22F22  2F  F  22  F2",
    "campaigns:commitment_figures": "L 222  22F22  2F  F  22  F2",
    "campaigns:commitment_export": "L 222  22F22  2F  F  22  F2",
    "campaigns:new_commitment": "L 222  22F22  2F  F  FF  F2",
    "campaigns:commitment":   "L 222  22NNN  2N  N  22  NN",
    "campaigns:change_commitment": "L 222  FFNNN  FN  N  FF  NN",
    "campaigns:commitment_course": "L 222  22NNN  FN  N  FF  NN",
    "campaigns:commitment_progress": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:commitment_pay": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:commitment_kept": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:commitment_confirm": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:commitment_send_back": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:commitment_broken": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:commitment_withdraw": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:commitment_restore": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:publish_commitment": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:cancel_instalment": "L 222  22NNN  FN  N  FF  NN",
    # 附件2: read by everybody, kept by the units (here 区人社局), taken away by the dispatcher alone.
    "liaisons:officers":      "L 222  22222  22  2  22  22",
    "liaisons:officers_print": "L 222  22222  22  2  22  22",
    "liaisons:officers_export": "L 22F  FFFFF  FF  F  FF  F2",
    "liaisons:officer_history": "L 222  22222  22  2  22  2N",
    "liaisons:officer_mobile": "L MMM  MMMMM  MM  M  MM  MM",
    "liaisons:appoint_officer": "L 22F  22F22  2F  F  FF  F2",
    "liaisons:change_officer": "L 22F  22FFF  FF  F  FF  FN",
    "liaisons:end_officer":   "L 22F  22FFF  FF  F  FF  FN",
    # A campaign led by 区人社局 and assisted by 区农业农村局; the draft of a list is its maker's.
    "campaigns:list":         "L 222  22222  22  2  22  22",
    "campaigns:mine":         "L 222  22222  22  2  22  22",
    "campaigns:calendar":     "L 222  22222  22  2  22  22",
    "campaigns:calendar_sheet": "L 222  22222  22  2  22  22",
    "campaigns:new":          "L 222  FFFFF  FF  F  FF  F2",
    "campaigns:copy":         "L 222  FFFFF  FF  F  FF  F2",
    "campaigns:import":       "L 222  22FFF  FF  F  FF  F2",
    "campaigns:import_template": "L 222  22222  22  2  22  22",
    "campaigns:draft":        "L 2NN  NNNNN  NN  N  NN  NN",
    "campaigns:discard_draft": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:correct_draft_row": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:correct_draft_heading": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:undo_import":  "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:inspections":  "L 222  22222  22  2  22  22",
    "campaigns:draw_up":      "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:inspection":   "L 222  22222  22  2  22  2N",
    "campaigns:close_inspection": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:inspection_sheet": "L 222  22222  22  2  22  2N",
    "campaigns:campaign":     "L 222  22222  22  2  22  2N",
    "campaigns:sheet":        "L 222  22222  22  2  22  2N",
    "campaigns:edit":         "L 222  22FFF  FF  F  FF  FN",
    "campaigns:new_task":     "L 222  22FFF  FF  F  FF  FN",
    "campaigns:task":         "L 222  22222  22  2  22  2N",
    "campaigns:edit_task":    "L 222  22FFF  FF  F  FF  FN",
    "campaigns:remove_task":  "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:set_day":      "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:set_item_day": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:report":       "L 222  22F2F  2F  F  FF  FN",
    "campaigns:target":       "L 222  22FFF  FF  F  FF  FN",
    "campaigns:add_target":   "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:drop_target":  "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:add_link":     "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:remove_link":  "L MMM  MMMMM  MM  M  MM  MM",
    # An opinion heard at the visit by 区发改委 and passed on to 区人社局.
    "liaisons:opinions":      "L 222  22222  22  2  22  22",
    "liaisons:all_opinions":  "L 222  22222  22  2  22  22",
    "liaisons:record_opinion": "L 222  22222  22  2  FF  F2",
    "liaisons:opinion":       "L 222  222NN  2N  2  22  NN",
    "liaisons:pass_on_opinion": "L MMM  MMMMM  MM  M  MM  MM",
    "liaisons:answer_opinion": "L MMM  MMMMM  MM  M  MM  MM",
    # Needs lists, led by 区人社局; an opening and a seeker that 大通镇 recorded, and whom it put forward.
    "campaigns:needs":        "L 222  22222  22  2  22  22",
    "campaigns:confirm_list": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:needs_preview": "L 22F  22FFF  FF  F  FF  F2",
    "campaigns:published_needs": "L 222  22222  22  2  22  2N",
    "campaigns:published_sheet": "L 222  22222  22  2  22  2N",
    "campaigns:openings":     "L 222  22222  22  2  22  22",
    "campaigns:new_opening":  "L 22F  22222  2F  2  FF  F2",
    "campaigns:opening":      "L 222  22222  22  2  22  2N",
    "campaigns:edit_opening": "L 22F  22FFF  2F  F  FF  FN",
    "campaigns:opening_phone": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:place":        "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:recommend":    "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:opening_act":  "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:cancel_placement": "L 22F  22FFF  2F  F  FF  FN",
    "campaigns:recommendation": "L 22N  22NNN  2N  N  NN  NN",
    "campaigns:seekers":      "L 22F  22FFF  2F  F  FF  F2",
    "campaigns:new_seeker":   "L 22F  22FFF  2F  F  FF  F2",
    "campaigns:seeker":       "L 22F  22FFF  2F  F  FF  FN",
    "campaigns:edit_seeker":  "L 22F  22FFF  2F  F  FF  FN",
    "campaigns:seeker_phone": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:seeker_state": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:erase_seeker": "L 22F  22FFF  2F  F  FF  FN",
    # Financing rounds, led by the bureau here; a need of the firm in 大通镇, handed to a bank without an account.
    "campaigns:financing":    "L 222  22F22  2F  F  22  F2",
    "campaigns:new_financing_need": "L 222  22222  2F  2  FF  F2",
    "campaigns:round":        "L 222  22F22  2F  F  22  FN",
    "campaigns:close_round":  "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:financing_need": "L 222  NNFNN  2F  F  22  FN",
    "campaigns:edit_financing_need": "L 222  NNFNN  2F  F  FF  FN",
    "campaigns:financing_phone": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:dispatch_need": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:financing_act": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:answer_dispatch": "L 222  NNFNN  FF  F  FF  FN",
    # Satisfaction: the list of the own unit, here opened for 区发改委, whose cadre was rated low.
    "campaigns:satisfaction": "L 222  22222  22  2  22  F2",
    "campaigns:satisfaction_download": "L 222  22222  22  2  22  F2",
    "campaigns:satisfaction_unit": "L 222  FFFFF  FF  2  22  FN",
    "campaigns:low_ratings":  "L 222  22222  22  2  22  F2",
    "campaigns:low_rating":   "L 222  NNNNN  NN  2  22  NN",
    "campaigns:low_rating_file": "L 222  NNNNN  NN  2  22  NN",
    "campaigns:answer_low_rating": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:dispute_low_rating": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:rule_low_rating": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:rating_codes": "L 222  22222  22  2  22  F2",
    "campaigns:visit_rating_link": "L MMM  MMMMM  MM  M  MM  MM",
    # A running survey: the bureau's; the third party's own pages are tested in tests/campaigns/test_outside.py.
    "campaigns:surveys":      "L 222  FFFFF  FF  F  22  F2",
    "campaigns:new_survey":   "L 222  FFFFF  FF  F  FF  F2",
    "campaigns:survey":       "L 222  NNNNN  NN  N  NN  NN",
    "campaigns:survey_team":  "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:draw_survey":  "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:start_survey": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:close_survey": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:publish_survey": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:survey_slips": "L 222  NNNNN  NN  N  NN  NN",
    "campaigns:survey_results": "L 222  FFFFF  FF  F  NN  FN",
    "campaigns:survey_desk":  "L 222  FFFFF  FF  F  FF  FF",
    "campaigns:survey_list":  "L 222  NNNNN  NN  N  NN  NN",
    "campaigns:survey_sample": "L 222  NNNNN  NN  N  NN  NN",
    "campaigns:survey_phone": "L MMM  MMMMM  MM  M  MM  MM",
    "campaigns:survey_attempt": "L MMM  MMMMM  MM  M  MM  MM",
    # 作风意见: 督查 alone.
    "campaigns:conduct":      "L NNN  NNNNN  NN  N  2N  NN",
    "campaigns:conduct_remark": "L NNN  NNNNN  NN  N  2N  NN",
    # The weekly table of 区人社局; the district's tables for those who oversee them.
    "reports:index":          "L RRR  RRRRR  RR  R  RR  RR",
    "reports:mine":           "L RRR  RRFRR  RF  F  RR  F2",
    "reports:table":          "L 222  22NNN  NN  N  22  NN",
    "reports:evidence":       "L 222  22NNN  NN  N  22  NN",
    "reports:check":          "L 222  22NNN  NN  N  22  NN",
    "reports:download":       "L 222  22NNN  NN  N  22  NN",
    "reports:entry":          "L FFF  22NNN  NN  N  FF  NN",
    "reports:submit":         "L MMM  MMMMM  MM  M  MM  MM",
    "reports:accept":         "L MMM  MMMMM  MM  M  MM  MM",
    "reports:send_back":      "L MMM  MMMMM  MM  M  MM  MM",
    "reports:week":           "L 222  FFFFF  FF  F  22  F2",
    "reports:summary":        "L 222  FFFFF  FF  F  22  F2",
    "reports:summary_evidence": "L 222  FFFFF  FF  F  22  FN",
    "reports:summary_download": "L 222  FFFFF  FF  F  22  FN",
    "reports:matrix":         "L 222  FFFFF  FF  F  22  F2",
    "reports:matrix_download": "L 222  FFFFF  FF  F  22  FN",
    "reports:weeks":          "L 222  22F22  2F  F  22  F2",
    # Statistics: the district's for who watches it, else those of the own unit.
    "reports:statistics":     "L 222  22F22  2F  F  22  F2",
    "reports:statistics_print": "L 222  22F22  2F  F  22  F2",
    "reports:statistics_sheet": "L 222  22F22  2F  F  22  F2",
    "reports:statistics_records": "L NNN  NNFNN  NF  F  NN  FN",
    "reports:indicators":     "L 222  22222  22  2  22  F2",
    "reports:correct":        "L MMM  MMMMM  MM  M  MM  MM",
    "reports:accept_many":    "L MMM  MMMMM  MM  M  MM  MM",
    "reports:export_tables":  "L MMM  MMMMM  MM  M  MM  MM",
    # One's own exports: this one the dispatcher's.
    "reports:exports":        "L 222  22222  22  2  22  22",
    "reports:export":         "L 2NN  NNNNN  NN  N  NN  NN",
    "reports:export_file":    "L 2NN  NNNNN  NN  N  NN  NN",
    # One bulletin was sent to 区人社局, the other is a draft.
    "reports:bulletins":      "L 222  22F22  2F  F  22  F2",
    "reports:new_bulletin":   "L 222  FFFFF  FF  F  FF  F2",
    "reports:bulletin":       "L 222  22NNN  NN  N  22  NN",
    "reports:bulletin_print": "L 222  22NNN  NN  N  22  NN",
    "reports:bulletin_download": "L 222  22NNN  NN  N  22  NN",
    "reports:bulletin_figure": "L NNN  NNNNN  NN  N  NN  NN",
    "reports:bulletin_title": "L 222  NNNNN  NN  N  NN  NN",
    "reports:bulletin_section": "L 222  NNNNN  NN  N  NN  NN",
    "reports:refresh_bulletin": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:submit_bulletin": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:send_back_bulletin": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:approve_bulletin": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:send_bulletin":  "L RRR  FFNNN  NN  N  FF  NN",
    "reports:withdraw_bulletin": "L FF2  FFNNN  NN  N  FF  NN",
    "reports:correct_bulletin": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:read_bulletin":  "L MMM  MMMMM  MM  M  MM  MM",
    # The year was given to the units to check; what is opened is the line of 区人社局.
    "reports:assessments":    "L 222  22F22  2F  F  22  F2",
    "reports:assessment":     "L 222  22N22  2N  N  22  NN",
    "reports:assessment_download": "L 222  22N22  2N  N  22  NN",
    "reports:assessment_unit": "L 222  22NNN  NN  N  22  NN",
    "reports:assessment_evidence": "L 222  22NNN  NN  N  22  NN",
    "reports:assessment_adjust": "L CCC  FFNNN  NN  N  FF  NN",
    "reports:assessment_object": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:assessment_answer": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:recount_assessment": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:show_assessment": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:confirm_assessment": "L MMM  MMMMM  MM  M  MM  MM",
    # A draft of a case made of that appeal: the bureau's, read by those who oversee; units see approved ones.
    "reports:cases":          "L 222  22222  22  2  22  F2",
    "reports:case_candidates": "L 222  FFFFF  FF  F  2F  F2",
    "reports:case":           "L 222  NNNNN  NN  N  22  NN",
    "reports:case_print":     "L 222  NNNNN  NN  N  22  NN",
    "reports:case_download":  "L 222  NNNNN  NN  N  22  NN",
    "reports:case_act":       "L MMM  MMMMM  MM  M  MM  MM",
    # A draft about that kind of problem: the bureau's and that of 区人社局; the district's leader reads what is submitted.
    "reports:cluster_reports": "L 222  22F22  2F  F  22  F2",
    "reports:cluster_report": "L 222  22NNN  NN  N  2N  NN",
    "reports:cluster_report_download": "L 222  22NNN  NN  N  2N  NN",
    "reports:new_cluster_report": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:refresh_cluster_report": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:submit_cluster_report": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:discard_cluster_report": "L MMM  MMMMM  MM  M  MM  MM",
    # Documents: seen like the appeal; made by the bureau or (a slip) whoever was asked first.
    "reports:documents":      "L 222  22222  22  2  22  F2",
    "reports:documents_download": "L 222  22222  22  2  22  F2",
    "reports:document":       "L 222  2222N  2N  2  22  NN",
    "reports:document_download": "L 222  2222N  2N  2  22  NN",
    "reports:document_withdraw": "L MMM  MMMMM  MM  M  MM  MM",
    "reports:document_new":   "L 222  FFFFN  FN  2  FF  NN",
    "reports:document_of_letter": "L 222  22FNN  NN  N  FF  NN",
    "reports:document_templates": "L FF2  FFFFF  FF  F  FF  2F",
    "reports:document_template": "L FF2  FFFFF  FF  F  FF  2F",
    # Everybody their own part of the list; the administrator none.
    "reports:ledger":         "L 222  22222  22  2  22  F2",
    # A change of the district's rules: its administrator's; new districts: the operators' (tests/portal/test_golive.py).
    "portal:setups":          "L FFF  FFFFF  FF  F  FF  FF",
    "portal:setup_change":    "L FFF  FFFFF  FF  F  FF  RF",
    "portal:setup":           "L FFF  FFFFF  FF  F  FF  2F",
    "portal:setup_step":      "L FFF  FFFFF  FF  F  FF  2F",
    "portal:setup_template":  "L FFF  FFFFF  FF  F  FF  2F",
    "portal:setup_rows":      "L FFF  FFFFF  FF  F  FF  2F",
    "portal:setup_form_preview": "L FFF  FFFFF  FF  F  FF  2F",
    "portal:setup_live":      "L FFF  FFFFF  FF  F  FF  2F",
    "portal:setup_after":     "L FFF  FFFFF  FF  F  FF  RF",
    "portal:setup_export":    "L FFF  FFFFF  FF  F  FF  NF",
    "portal:setup_delete":    "L FFF  FFFFF  FF  F  FF  2F",
    "portal:setup_rehearse":  "L MMM  MMMMM  MM  M  MM  MM",
    "portal:setup_trial":     "L MMM  MMMMM  MM  M  MM  MM",
    "portal:setup_clear":     "L FFF  FFFFF  FF  F  FF  RF",
    "portal:setup_import_calendar": "L MMM  MMMMM  MM  M  MM  MM",
    "portal:password_slips":  "L MMM  MMMMM  MM  M  MM  MM",
    # The link of a slip: for whoever holds it.
    "portal:first_password":  "2 222  22222  22  2  22  22",
    # Administration.
    "admin:index":            "R RRR  RRRRR  RR  R  RR  2R",
}  # fmt: skip

# An empty form, sent. Addresses that are only read answer 405 to it (see below).
POST = {
    "public:submit":          "Q QQQ  QQQQQ  QQ  Q  QQ  QQ",
    "public:plaque_visit":    "Q QQQ  QQQQQ  QQ  Q  QQ  QQ",
    "public:plaque_change":   "Q QQQ  QQQQQ  QQ  Q  QQ  QQ",
    "public:plaque_opening":  "Q QQQ  QQQQQ  QQ  Q  QQ  QQ",
    "public:plaque_financing": "Q QQQ  QQQQQ  QQ  Q  QQ  QQ",
    "public:plaque_rate":     "Q FFF  FFFFF  FF  F  FF  FF",
    "public:event_rate":      "Q FFF  FFFFF  FF  F  FF  FF",
    "public:rate":            "Q FFF  FFFFF  FF  F  FF  FF",
    "public:survey":          "Q FFF  FFFFF  FF  F  FF  FF",
    "public:survey_open":     "Q FFF  FFFFF  FF  F  FF  FF",
    "campaigns:answer_low_rating": "L FFF  NNNNN  NN  F  FF  NN",
    "campaigns:dispute_low_rating": "L FFF  NNNNN  NN  F  FF  NN",
    "campaigns:rule_low_rating": "L QQQ  NNNNN  NN  F  FF  NN",
    "campaigns:visit_rating_link": "L 222  NNNNN  2N  2  FF  NN",
    "campaigns:new_survey":   "L QQQ  FFFFF  FF  F  FF  FQ",
    "campaigns:survey_team":  "L QQQ  NNNNN  NN  N  NN  NN",
    "campaigns:draw_survey":  "L QQQ  NNNNN  NN  N  NN  NN",
    "campaigns:start_survey": "L CCC  NNNNN  NN  N  NN  NN",
    "campaigns:close_survey": "L RRR  NNNNN  NN  N  NN  NN",
    "campaigns:publish_survey": "L CCC  NNNNN  NN  N  NN  NN",
    "campaigns:survey_sample": "L QQQ  NNNNN  NN  N  NN  NN",
    "campaigns:survey_phone": "L 222  NNNNN  NN  N  NN  NN",
    "campaigns:survey_attempt": "L QQQ  NNNNN  NN  N  NN  NN",
    "campaigns:conduct_remark": "L NNN  NNNNN  NN  N  QN  NN",
    "public:track":           "N NNN  NNNNN  NN  N  NN  NN",
    "public:act":             "N NNN  NNNNN  NN  N  NN  NN",
    "campaigns:plan_sittings":            "L QQF  QQFQQ  QF  F  FF  FQ",
    "campaigns:announce_sittings":        "L RRF  FFFFF  FF  F  FF  FR",
    "campaigns:record_sitting":           "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:drop_sitting":             "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:improve_sitting":          "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:visit_sheet":              "L 22F  22FNN  NN  N  FF  NN",
    "campaigns:give_back_visit_sheet":    "L QQF  FFFNN  NN  N  FF  NN",
    "campaigns:change_duty":              "L QQF  FFFFF  FF  F  FF  FN",
    "campaigns:remove_duty":              "L RRF  FFFFF  FF  F  FF  FN",
    "campaigns:substitute_duty":          "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:swap_duty":                "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:record_duty":              "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:plan_rota":                "L QQF  FFFFF  FF  F  FF  FQ",
    "campaigns:add_duty":                 "L QQF  FFFFF  FF  F  FF  FQ",
    "campaigns:import_rota":              "L QQF  FFFFF  FF  F  FF  FQ",
    "campaigns:publish_rota":             "L RRF  FFFFF  FF  F  FF  FN",
    "campaigns:new_window_entry":         "L QQF  QQFQQ  QQ  F  FF  FQ",
    "campaigns:answer_window_entry":      "L QQF  NNNNN  QQ  N  FF  NN",
    "campaigns:window_entry_appeal":      "L QQF  NNNNN  QQ  N  FF  NN",
    "campaigns:file_training":            "L QQF  QQQQQ  QF  Q  FF  FQ",
    "campaigns:decide_training":          "L QQF  FFFFF  FF  F  FF  FN",
    "campaigns:hold_training":            "L QQF  FFFFF  FF  F  FF  FN",
    "campaigns:settle_training":          "L RRF  FFFFF  FF  F  FF  FN",
    "campaigns:pay_training":             "L QQF  FFFFF  FF  F  FF  FN",
    "campaigns:withdraw_training":        "L RFF  FFFFF  FF  F  FF  FN",
    "campaigns:hand_in_knowledge":        "L QQF  QQFQQ  QF  F  FF  FQ",
    "campaigns:appoint_policy_officer":   "L QQF  QQFQQ  QF  F  FF  FQ",
    "campaigns:end_policy_officer":       "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:knowledge_entry":          "L QQF  FFFNN  NN  N  NN  NN",
    "campaigns:change_knowledge":         "L QQF  QQFNN  NN  N  NN  NN",
    "campaigns:withdraw_knowledge":       "L RRF  RRFNN  NN  N  NN  NN",
    "notifications:open":     "L NNN  RNNNN  NN  N  NN  NN",
    "notifications:read_all": "L RRR  RRRRR  RR  R  RR  RR",
    "portal:finish_tour":     "L RRR  RRRRR  RR  R  RR  RR",
    "notifications:preferences": "L RRR  RRRRR  RR  R  RR  RR",
    "notifications:new_robot": "L FFF  FFFFF  FF  F  FF  QF",
    "notifications:switch_robot": "L FFF  FFFFF  FF  F  FF  RF",
    "notifications:try_robot": "L FFF  FFFFF  FF  F  FF  RF",
    "notifications:undelivered": "L FFF  FFFFF  FF  F  FF  QF",
    "appeals:register":       "L QQF  QQQQQ  QQ  Q  FF  FQ",
    "appeals:act":            "L FFF  QQFFN  FN  F  FF  NN",
    "appeals:provincial_number": "L QQF  NNNNN  NN  Q  FF  NN",
    "appeals:reveal_phone":   "L 222  2222N  2N  2  22  NN",
    "appeals:backlog_new":    "L QQQ  FFFFF  FF  F  FF  FQ",
    "appeals:backlog_candidates": "L QQQ  FFFFF  FF  F  FF  FQ",
    "appeals:backlog_change": "L QQQ  FFNFN  FN  N  FF  NN",
    "appeals:backlog_course": "L QQQ  QQNFN  FN  N  FF  NN",
    "appeals:backlog_progress": "L QQQ  QQNQN  FN  N  FF  NN",
    "appeals:backlog_report": "L FFF  QQNFN  FN  N  FF  NN",
    "appeals:backlog_confirm": "L QQQ  FFNFN  FN  N  FF  NN",
    "appeals:backlog_send_back": "L QQQ  FFNFN  FN  N  FF  NN",
    "appeals:backlog_remove": "L QQQ  FFNFN  FN  N  FF  NN",
    "appeals:backlog_restore": "L QQQ  FFNFN  FN  N  FF  NN",
    "appeals:cluster_put_out": "L NNN  NNNFN  NN  N  FF  NN",
    "appeals:cluster_act":    "L QQQ  QQNFN  NN  N  FF  NN",
    "appeals:take_on":        "L QQQ  QQNQN  NN  N  FF  NN",
    "appeals:change_improvement": "L QQQ  FFNFN  NN  N  FF  NN",
    "appeals:improvement_act": "L QQQ  QQNFN  NN  N  FF  NN",
    "appeals:alike":          "L 22F  22222  22  2  FF  F2",
    "appeals:batch_dispatch": "L QQF  FFFFF  FF  F  FF  FQ",
    "appeals:filters":        "L QQQ  QQQQQ  QQ  Q  QQ  QQ",
    "appeals:rename_filter":  "L NNN  QNNNN  NN  N  NN  NN",
    "appeals:delete_filter":  "L NNN  RNNNN  NN  N  NN  NN",
    "appeals:new_phrase":     "L QQQ  QQFQQ  QF  F  FF  FQ",
    "appeals:edit_phrase":    "L NNN  QQFNN  NN  N  NN  NN",
    # Not answered yet: whoever may revisit comes too early, and there is no link to send.
    "appeals:record_revisit": "L FFF  CCFFN  FN  F  FF  NN",
    "appeals:answer_link":    "L FFF  FFFFN  FN  F  FF  NN",
    "appeals:supervision":    "L QQQ  FFFFF  FF  F  QF  FQ",
    "appeals:supervise_visits": "L QQQ  FFFFF  FF  F  QF  FQ",
    "appeals:answer_letter":  "L FFF  QQFNN  NN  N  FF  NN",
    "appeals:set_letter_aside": "L RRR  FFFNN  NN  N  RF  NN",
    "enterprises:new":        "L QQF  FFFFF  QF  F  FF  FQ",
    "enterprises:new_project": "L QQF  FFFFF  QF  F  FF  FQ",
    "enterprises:edit":       "L QQF  FFFFF  QF  F  FF  FN",
    "enterprises:edit_project": "L QQF  FFFFF  QF  F  FF  FN",
    "imports:list":           "L QQF  FFFFF  QF  F  FF  FQ",
    "imports:approve":        "L RRN  NNNNN  RN  N  NN  NN",
    "imports:confirm":        "L RRN  NNNNN  RN  N  NN  NN",
    "imports:undo":           "L RRN  NNNNN  RN  N  NN  NN",
    "enterprises:change_report": "L QQF  FFFFF  FF  F  FF  FN",
    "enterprises:report_change": "L QQF  QQQQQ  QQ  Q  FF  FN",
    "enterprises:report_project_change": "L QQF  QQQQQ  QQ  Q  FF  FN",
    "enterprises:merge":      "L QQF  FFFFF  FF  F  FF  FQ",
    "enterprises:new_year":   "L QQF  QFFQQ  QF  Q  FF  FN",
    "enterprises:change_year": "L QQF  QFFQQ  QF  Q  FF  FN",
    "enterprises:set_grade_criteria": "L FFF  NNNNN  NN  N  FF  NF",
    "enterprises:open_grade_season": "L FFF  NNNNN  NN  N  FF  NF",
    "enterprises:grade_many": "L FFF  NNNNN  NN  N  FF  NF",
    "enterprises:grade_firm": "L FFF  NNNNN  FN  F  FF  NN",
    "enterprises:confirm_grade": "L FFF  NNNNN  NN  N  FF  NN",
    "enterprises:tell_grade": "L FFF  NNNNN  FN  F  FF  NN",
    "enterprises:object_to_grade": "L QQF  NNNNN  FN  F  FF  NN",
    "enterprises:grade_objection": "L FFF  NNNNN  FN  F  FF  NN",
    "enterprises:grade_sample": "L QQF  NNNNN  FN  F  FF  NN",
    "enterprises:plan_inspection": "L FFF  NNNNN  FN  N  FF  NF",
    "enterprises:inspection_act": "L FFF  NNNNN  FN  F  FF  NN",
    "portal:enterprise_phone": "L 222  22222  22  2  22  2N",
    "portal:project_phone":   "L 222  22222  22  2  22  2N",
    "liaisons:assign":        "L QQF  QFFQQ  QF  F  FF  FQ",
    "liaisons:plaques":       "L QQF  FFFFF  FF  F  FF  FQ",
    "liaisons:plaques_on":    "L QQF  FFFFF  FF  F  FF  FQ",
    "liaisons:plaques_missing": "L QQF  FFFFF  FF  F  FF  FQ",
    "liaisons:plaque_act":    "L QQF  FFFFF  FF  Q  FF  FN",
    "liaisons:request":       "L QQF  FFFFF  FF  Q  FF  FN",
    "liaisons:end":           "L QQF  NNNNN  FN  F  FF  NN",
    "liaisons:share":         "L QQF  QFFQQ  QF  F  FF  FQ",
    "liaisons:hand_over":     "L 22F  2FF22  2F  F  FF  F2",
    "liaisons:plan":          "L QQF  NNNNN  FN  Q  FF  NN",
    "liaisons:drop_plan":     "L RRF  NNNNN  FN  R  FF  NN",
    "portal:plan_event":      "L QQQ  QQFQQ  QF  F  FF  FQ",
    "portal:event_rota":      "L QQQ  QQFQQ  QF  F  FF  FQ",
    "portal:change_event":    "L QQQ  FFFFF  QF  F  FF  FN",
    "portal:cancel_event":    "L QQQ  FFFFF  QF  F  FF  FN",
    "portal:event_duties":    "L QQQ  FFFFF  QF  F  FF  FN",
    "portal:record_event":    "L QQQ  FFFFF  QF  F  FF  FN",
    "portal:announce_event":  "L RRR  FFFFF  RF  F  FF  FN",
    "portal:remove_attendance": "L RRR  FFFFF  RF  F  FF  FN",
    "portal:event_task":      "L FFF  QQFFF  FF  F  FF  FN",
    "portal:change_event_task": "L QQQ  FFFFF  QF  F  FF  FN",
    "portal:reopen_event_task": "L RRR  FFFFF  RF  F  FF  FN",
    "portal:sitting":         "L QQF  QQQQQ  QF  Q  FF  FQ",
    "liaisons:officer_mobile": "L 222  22222  22  2  22  2N",
    "liaisons:appoint_officer": "L QQF  QQFQQ  QF  F  FF  FQ",
    "liaisons:change_officer": "L QQF  QQFFF  FF  F  FF  FN",
    "liaisons:end_officer":   "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:new":          "L QQQ  FFFFF  FF  F  FF  FQ",
    "campaigns:copy":         "L QQQ  FFFFF  FF  F  FF  FQ",
    "campaigns:import":       "L QQQ  QQFFF  FF  F  FF  FQ",
    "campaigns:draft":        "L RNN  NNNNN  NN  N  NN  NN",
    "campaigns:discard_draft": "L RNN  NNNNN  NN  N  NN  NN",
    "campaigns:correct_draft_row": "L QNN  NNNNN  NN  N  NN  NN",
    "campaigns:correct_draft_heading": "L QNN  NNNNN  NN  N  NN  NN",
    "campaigns:undo_import":  "L RRR  RRFFF  FF  F  FF  FN",
    "campaigns:draw_up":      "L RRR  FFFFF  FF  F  FF  FR",
    "campaigns:inspection":   "L RRR  FFFFF  FF  F  FF  FN",
    "campaigns:close_inspection": "L RRR  FFFFF  FF  F  FF  FN",
    "campaigns:edit":         "L QQQ  QQFFF  FF  F  FF  FN",
    "campaigns:new_task":     "L QQQ  QQFFF  FF  F  FF  FN",
    "campaigns:edit_task":    "L QQQ  QQFFF  FF  F  FF  FN",
    "campaigns:remove_task":  "L RRR  RRFFF  FF  F  FF  FN",
    "campaigns:set_day":      "L RRR  RRFFF  FF  F  FF  FN",
    "campaigns:set_item_day": "L RRR  RRFFF  FF  F  FF  FN",
    "campaigns:report":       "L QQQ  QQFQF  QF  F  FF  FN",
    "campaigns:target":       "L QQQ  QQFFF  FF  F  FF  FN",
    "campaigns:add_target":   "L QQQ  QQFFF  FF  F  FF  FN",
    "campaigns:drop_target":  "L RRR  RRFFF  FF  F  FF  FN",
    "campaigns:add_link":     "L QQQ  QQFQF  QF  F  FF  FN",
    "campaigns:remove_link":  "L RRR  RRFRF  RF  F  FF  FN",
    "liaisons:record_opinion": "L QQQ  QQQQQ  QQ  Q  FF  FQ",
    "liaisons:pass_on_opinion": "L QQF  FFFNN  FN  Q  FF  NN",
    "liaisons:answer_opinion": "L FFF  QQFNN  FN  F  FF  NN",
    "enterprises:titles":     "L RRF  FFFFF  RF  F  FF  FN",
    # Without a field there is nothing to add yet.
    "policies:conditions":    "L 22F  22FFF  FF  F  FF  FN",
    "policies:remove_condition": "L RRF  RRFFF  FF  F  FF  FN",
    "policies:new_list":      "L QQF  QQQQQ  QQ  Q  FF  FQ",
    "policies:edit_list":     "L QQF  QQQFF  FF  F  FF  FN",
    "policies:switch_list":   "L RRF  RRRFF  FF  F  FF  FN",
    "policies:new_claim":     "L QQF  QQFQQ  QF  F  FF  FQ",
    "policies:approve_claim": "L QQF  QQFFF  FF  F  FF  FN",
    "policies:refuse_claim":  "L QQF  QQFFF  FF  F  FF  FN",
    "policies:withdraw_claim": "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:new_commitment": "L QQQ  QQFQQ  QF  F  FF  FQ",
    "campaigns:change_commitment": "L QQQ  FFNNN  FN  N  FF  NN",
    "campaigns:commitment_course": "L QQQ  QQNNN  FN  N  FF  NN",
    "campaigns:commitment_progress": "L QQQ  QQNNN  FN  N  FF  NN",
    "campaigns:commitment_pay": "L QQQ  QQNNN  FN  N  FF  NN",
    "campaigns:commitment_kept": "L FFF  QQNNN  FN  N  FF  NN",
    "campaigns:commitment_confirm": "L QQQ  FFNNN  FN  N  FF  NN",
    "campaigns:commitment_send_back": "L QQQ  FFNNN  FN  N  FF  NN",
    "campaigns:commitment_broken": "L QQQ  FFNNN  FN  N  FF  NN",
    "campaigns:commitment_withdraw": "L QQQ  FFNNN  FN  N  FF  NN",
    "campaigns:commitment_restore": "L QQQ  FFNNN  FN  N  FF  NN",
    "campaigns:publish_commitment": "L RRR  FFNNN  FN  N  FF  NN",
    "campaigns:cancel_instalment": "L QQQ  QQNNN  FN  N  FF  NN",
    "policies:new":           "L QQF  QQFQQ  QF  F  FF  FQ",
    "policies:edit":          "L QQF  QQFFF  FF  F  FF  FN",
    "policies:end":           "L RRF  RRFFF  FF  F  FF  FN",
    "policies:restore":       "L RRF  RRFFF  FF  F  FF  FN",
    "policies:new_payment":   "L QQF  QQFQQ  QF  F  FF  FQ",
    "policies:reverse_payment": "L QQF  QQFFF  FF  F  FF  FN",
    "policies:new_hand_outs": "L QQF  QQQQQ  QQ  Q  FF  FQ",
    "policies:new_news":      "L QQF  QQFQQ  QF  F  FF  FQ",
    "policies:edit_news":     "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:confirm_list": "L RRF  RRFRR  RF  F  FF  FR",
    "campaigns:needs_preview": "L QQF  QQFFF  FF  F  FF  FQ",
    "campaigns:published_needs": "L QQF  QQFFF  FF  F  FF  FN",
    "campaigns:new_opening":  "L QQF  QQQQQ  QF  Q  FF  FQ",
    "campaigns:edit_opening": "L QQF  QQFFF  QF  F  FF  FN",
    "campaigns:opening_phone": "L 22F  22FFF  2F  F  FF  FN",
    "campaigns:place":        "L QQF  QQFFF  QF  F  FF  FN",
    # Nobody is named.
    "campaigns:recommend":    "L NNF  NNFFF  NF  F  FF  FN",
    "campaigns:opening_act":  "L QQF  QQFFF  QF  F  FF  FN",
    "campaigns:cancel_placement": "L QQF  QQFFF  QF  F  FF  FN",
    "campaigns:recommendation": "L QQN  QQNNN  QN  N  NN  NN",
    "campaigns:new_seeker":   "L QQF  QQFFF  QF  F  FF  FQ",
    "campaigns:edit_seeker":  "L QQF  QQFFF  QF  F  FF  FN",
    "campaigns:seeker_phone": "L 22F  22FFF  2F  F  FF  FN",
    "campaigns:seeker_state": "L RRF  RRFFF  RF  F  FF  FN",
    "campaigns:erase_seeker": "L RRF  RRFFF  RF  F  FF  FN",
    "campaigns:new_financing_need": "L QQQ  QQQQQ  QF  Q  FF  FQ",
    "campaigns:close_round":  "L QQQ  FFFFF  FF  F  FF  FN",
    "campaigns:edit_financing_need": "L QQQ  NNFNN  QF  F  FF  FN",
    "campaigns:financing_phone": "L 222  NNFNN  2F  F  FF  FN",
    "campaigns:dispatch_need": "L QQQ  NNFNN  FF  F  FF  FN",
    "campaigns:financing_act": "L QQQ  NNFNN  QF  F  FF  FN",
    "campaigns:answer_dispatch": "L QQQ  NNFNN  FF  F  FF  FN",
    "reports:entry":          "L FFF  QQNNN  NN  N  FF  NN",
    "reports:submit":         "L FFF  RRNNN  NN  N  FF  NN",
    "reports:accept":         "L CCC  FFNNN  NN  N  FF  NN",
    "reports:send_back":      "L QQQ  FFNNN  NN  N  FF  NN",
    "reports:correct":        "L QQQ  FFNNN  NN  N  FF  NN",
    "reports:accept_many":    "L RRR  FFFFF  FF  F  FF  FF",
    "reports:export_tables":  "L RRR  FFFFF  FF  F  RR  FN",
    "reports:new_bulletin":   "L QQQ  FFFFF  FF  F  FF  FQ",
    "reports:bulletin_title": "L QQQ  NNNNN  NN  N  NN  NN",
    "reports:bulletin_section": "L QQQ  NNNNN  NN  N  NN  NN",
    "reports:refresh_bulletin": "L RRR  NNNNN  NN  N  NN  NN",
    "reports:submit_bulletin": "L CCC  NNNNN  NN  N  NN  NN",
    "reports:send_back_bulletin": "L FFQ  FFNNN  NN  N  FF  NN",
    "reports:approve_bulletin": "L FFC  FFNNN  NN  N  FF  NN",
    "reports:send_bulletin":  "L RRR  FFNNN  NN  N  FF  NN",
    "reports:withdraw_bulletin": "L FFQ  FFNNN  NN  N  FF  NN",
    "reports:correct_bulletin": "L RRR  FFNNN  NN  N  FF  NN",
    "reports:read_bulletin":  "L FFF  RRNNN  NN  N  FF  NN",
    "reports:assessments":    "L QQQ  FFFFF  FF  F  FF  FQ",
    "reports:assessment_adjust": "L CCC  FFNNN  NN  N  FF  NN",
    "reports:assessment_object": "L FFF  QQNNN  NN  N  FF  NN",
    "reports:assessment_answer": "L QQQ  FFNNN  NN  N  FF  NN",
    "reports:recount_assessment": "L CCC  FFNFF  FN  N  FF  NN",
    "reports:show_assessment": "L CCC  FFNFF  FN  N  FF  NN",
    "reports:confirm_assessment": "L FFC  FFNFF  FN  N  FF  NN",
    "reports:case_candidates": "L QQQ  FFFFF  FF  F  QF  FQ",
    "reports:case":           "L QQQ  NNNNN  NN  N  FF  NN",
    "reports:case_act":       "L QQQ  NNNNN  NN  N  FF  NN",
    "reports:cluster_report": "L QQQ  QQNNN  NN  N  FN  NN",
    "reports:new_cluster_report": "L RRR  RRNFN  NN  N  FF  NN",
    "reports:refresh_cluster_report": "L QQQ  QQNNN  NN  N  FN  NN",
    "reports:submit_cluster_report": "L QQQ  FFNNN  NN  N  FN  NN",
    "reports:discard_cluster_report": "L QQQ  QQNNN  NN  N  FN  NN",
    "reports:document_withdraw": "L QQQ  FFFFN  FN  F  FF  NN",
    "reports:document_new":   "L RRR  FFFFN  FN  R  FF  NN",
    "reports:document_of_letter": "L RRR  RRFNN  NN  N  FF  NN",
    "reports:document_template": "L FFQ  FFFFF  FF  F  FF  QF",
    "reports:ledger":         "L QQQ  QQQQQ  QQ  Q  QQ  FQ",
    "portal:setups":          "L FFF  FFFFF  FF  F  FF  FF",
    "portal:setup_change":    "L FFF  FFFFF  FF  F  FF  RF",
    "portal:setup_step":      "L FFF  FFFFF  FF  F  FF  RF",
    "portal:setup_live":      "L FFF  FFFFF  FF  F  FF  QF",
    "portal:setup_delete":    "L FFF  FFFFF  FF  F  FF  QF",
    "portal:setup_rehearse":  "L FFF  FFFFF  FF  F  FF  QF",
    "portal:setup_trial":     "L FFF  FFFFF  FF  F  FF  QF",
    "portal:setup_clear":     "L FFF  FFFFF  FF  F  FF  RF",
    "portal:setup_import_calendar": "L FFF  FFFFF  FF  F  FF  FF",
    "portal:password_slips":  "L NNN  NNNNN  NN  N  NN  2N",
    "portal:first_password":  "Q QQQ  QQQQQ  QQ  Q  QQ  QQ",
}  # fmt: skip

# Of the library: signing in, passwords, second factors. Who they are for is tested there.
ALLAUTH = ("account_", "mfa_")
# Django's administration: one rule for all of it, tested below with one page of each kind.
ADMIN = "admin:"
# The district's public pages need no sign-in; nothing else does without.
PUBLIC = {
    "public:figures", "public:rotas", "public:assignments", "campaigns:duty_feed",
    "healthz", "portal:home", "public:home", "public:letter", "public:flow", "public:submit", "public:slip",
    "public:events", "public:event", "public:event_calendar", "public:event_file",
    "public:track", "public:appeal", "public:act", "public:file", "public:answer_link",
    "public:policies", "public:policy", "public:news",
    "public:plaque", "public:plaque_visit", "public:plaque_change",
    "public:plaque_opening", "public:plaque_financing", "public:jobs",
    "public:plaque_rate", "public:event_rate", "public:rate", "public:survey", "public:survey_open",
    "public:policy_list", "public:commitments",
    "public:plaque_policies", "portal:first_password",
}  # fmt: skip


# --- A populated district -------------------------------------------------------------------------


@dataclass
class World:
    appeal: Appeal
    arguments: dict[str, list]
    people: dict[str, User]


THURSDAY = "2026-11-19 13:00+08:00"
"""After the cut-off: the weekly table can be handed in."""


@pytest.fixture(autouse=True)
def thursday_after_the_cut_off():
    with time_machine.travel(THURSDAY):
        yield


@pytest.fixture(scope="module")
def figures_counted_once():
    """Who opens a table is the question here, not what it says: sixteen readers need one count."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("figures", "summary"):
            counted, count = {}, getattr(figures, name)

            def remembered(period, tables, counted=counted, count=count):
                key = (period.pk, *(table.pk for table in tables))
                if key not in counted:
                    counted[key] = count(period, tables)
                return counted[key]

            patch.setattr(figures, name, remembered)
        yield


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """One for all the tests of the file: each takes back what it did to it."""
    with taken_back(django_db_blocker):
        with time_machine.travel(THURSDAY):
            made = populated(put_in_district())
        yield made


@pytest.fixture
def district(world: World) -> Region:
    return world.appeal.district


def populated(district: Region) -> World:
    cast = Cast(district)
    firm = factories.enterprise(district)
    project = factories.project(district)
    cadre, liaison = cast.cadre, cast.liaison
    assignment = Assignment.objects.create(
        district=district, region=firm.region, official=cadre.official, unit=cadre.unit, enterprise=firm,
        started=clock.today(), recorded_by=cadre, recorded_at=clock.now(),
    )  # fmt: skip
    visit = record_visit(
        by=cadre, reporting_unit=cadre.unit, kind="visit", occurred_at=clock.now(), region=firm.region,
        officials=[cadre.official], enterprise=firm,
    )  # fmt: skip
    appeal = cast.register(by="cadre", subject=subject_key(firm), claimed_name="", visit=visit.pk)
    appeal = cast.do(appeal, "accept")
    appeal = cast.do(appeal, "dispatch", assisting_units=[factories.unit(district, "nyj").pk])
    appeal = cast.do(appeal, "sign")
    backlog = put_on_list(
        by=cast.dispatcher,
        matter=replace(matter_of_appeal(appeal), assisting=(factories.unit(district, "nyj"),)),
        course=Course("limited", clock.today() + timedelta(days=30), plan="年内招满。"),
    )
    cluster = Cluster.objects.create(
        district=district, category="market", title="招工难", words=["招工"], found_at=clock.now()
    )
    cluster.members.create(appeal=appeal, score=0.5, at=clock.now())
    improvement = improving.take_on(
        by=cast.liaison, cluster=cluster,
        task=improving.Task(cast.liaison.unit, "guidance", "编印指南。", clock.today() + timedelta(days=9)),
    )  # fmt: skip
    research = writing.draft(by=cast.dispatcher, cluster=cluster)
    answered = cast.walk(cast.submit(), "feedback")
    upload = ContentFile(b"%PDF-1.7", name="a.pdf")
    file = appeal.attachments.create(
        event_seq=1, round=1, at=clock.now(), file=upload, name="a.pdf", size=8,
        media_type="application/pdf", sha256=digest(upload), audience="firm",
    )  # fmt: skip
    roster = SheetImport.objects.create(
        district=district, unit=cast.township_liaison.unit, uploaded_by=cast.township_liaison,
        kind="enterprises", file=ContentFile(b"x", name="x.xlsx"), file_name="x.xlsx",
        state=SheetImport.State.CHECKED, created_at=clock.now(),
    )  # fmt: skip
    imported = SheetImport.objects.create(
        district=district, unit=cast.township_liaison.unit, uploaded_by=cast.township_liaison,
        kind="enterprises", file=ContentFile(b"x", name="y.xlsx"), file_name="y.xlsx", rows_total=1,
        state=SheetImport.State.APPLIED, created_at=clock.now(), finished_at=clock.now(),
    )  # fmt: skip
    plan = plan_visit(by=cadre, assignment=assignment, day=clock.today())
    handover = Handover.objects.create(
        district=district, unit=cadre.unit, official=cadre.official, day=clock.today(), reason="工作调动",
        recorded_by=cadre, recorded_at=clock.now(),
    )  # fmt: skip
    photo = VisitPhoto.objects.create(
        visit=visit, file=cleaned_picture(picture(8, 8)), recorded_at=clock.now()
    )
    officer = appoint(
        by=cast.dispatcher,
        unit=liaison.unit,
        name="方圆",
        title="主任",
        mobile="13800001234",
        started=clock.today(),
    )
    opinion = record_opinion(
        by=cadre, visit=visit, content="希望扩大补贴范围。", handling="passed_on", passed_to=liaison.unit
    )
    under_way = campaign_under_way(dispatcher=cast.dispatcher, liaison=liaison, assisting="区农业农村局")
    changed = report_change(entry=firm, changes={"address": "新路1号"}, note="")
    plaque = order(by=cast.dispatcher, entry=firm)
    mark_printed(by=cast.dispatcher, plaques=[plaque])
    collect(by=cast.dispatcher, plaques=[plaque], collected_by="钱一")
    asked = request_visit(entry=firm, contact_name="赵敏", contact_phone="13900002222", wish="想当面反映。")
    record_year(by=cast.dispatcher, enterprise=firm, year=2025, facts={"sales": 1})
    grades = supervised(firm, grader=cast.grader, leader=cast.grade_leader, dispatcher=cast.dispatcher)
    policy = publish_policy(by=liaison, facts={"title": "稳岗补贴", "unit": liaison.unit})
    payment = record_payment(
        by=liaison, unit=liaison.unit, policy=policy, subject=firm, amount=1, basis="凭证 12 号", day=clock.today()
    )  # fmt: skip
    news = record_news(
        by=liaison, unit=liaison.unit, title="同心解难题", outlet="铜陵日报", day=clock.today()
    )
    condition = add_condition(by=liaison, policy=policy, field="by_hand", text="有发票")
    paper = make_list(by=liaison, unit=liaison.unit, contents=Contents("政策清单", "general", [policy]))
    claim = apply(
        by=liaison, unit=liaison.unit, policy=policy, subject=firm, amount=Decimal(2), day=clock.today()
    )
    debt = record_commitment(
        by=cast.dispatcher,
        promise=Promise(
            "debt", "培训设备货款", liaison.unit, clock.today(), subject=firm, debtor="unit", debtor_unit=liaison.unit,
            amount=Decimal(9), basis="采购合同",
        ),
        course=Course("limited", clock.today() + timedelta(days=30), plan="年内付清。"),
    )  # fmt: skip
    instalment = pay_instalment(
        by=liaison, commitment=debt, amount=Decimal(1), day=clock.today(), voucher="回单 1 号"
    )
    coming, held = coming_and_held(cast.township_liaison, liaison.unit, firm)
    letter = send_visit_letter(
        by=cast.dispatcher, unit=liaison.unit, text="请补走访。", answer_by=clock.today() + timedelta(days=4)
    )
    document = issue(by=cast.dispatcher, kind="dispatch", appeal=appeal)
    open_period(district=district, ending=clock.today())
    table = SituationTable.objects.get(unit=liaison.unit)
    export = Export.objects.create(
        kind="situation_tables", title="全部单位", district=district, asked_by=cast.dispatcher, key="k",
        state=Export.State.READY, file=ContentFile(b"x", name="x.zip"), file_name="x.zip", created_at=clock.now(),
    )  # fmt: skip
    bulletin, draft = bulletin_sent_to(cast, liaison.unit), drafted_bulletin(cast, 9)
    year = assessments.start(district=district, year=2026, by=cast.dispatcher)
    assessments.show(assessment=year, by=cast.dispatcher)
    case = typical_cases.draft(by=cast.dispatcher, appeal=appeal, kind="bad")
    saved = save_filter(by=liaison, name="办理中", query="status=handling")
    needs = needs_cast.everything(cast.township_liaison, liaison, cast.dispatcher, firm)
    phrase = save_phrase(by=liaison, phrase=Phrase(purpose="reply", title="已到岗", text="已对接到岗。"))
    notify([liaison], key="k", title="有新的交办")
    notice = Notice.objects.get(recipient=liaison, key=f"k:{liaison.pk}:inbox")
    robot = factories.robot(liaison.unit)
    people = {part: getattr(cast, part) for part in Cast.PARTS}
    other = factories.another_district(district)
    people["foreigner"] = factories.user(factories.unit(other), Role.DISPATCHER, username="foreigner")
    change = start_change(by=cast.admin)
    code, number = district.code, appeal.number
    arguments = {
        "public:figures": [code], "reports:statistics_sheet": ["units"],
        "public:home": [code], "public:letter": [code], "public:flow": [code], "public:submit": [code], "public:track": [code],
        "public:slip": [code, number], "public:appeal": [code, number],
        "public:plaque": [code, plaque.token], "public:plaque_visit": [code, plaque.token],
        "public:plaque_change": [code, plaque.token], "public:plaque_rate": [code, plaque.token],
        "liaisons:plaques_on": ["to_print"],
        "liaisons:plaque": [plaque.pk], "liaisons:plaque_act": [plaque.pk, "sign"],
        "liaisons:request": [asked.pk],
        "public:act": [code, number, "supplement"], "public:file": [code, file.pk],
        "notifications:open": [notice.pk], "notifications:switch_robot": [robot.pk],
        "notifications:try_robot": [robot.pk],
        "appeals:file": [file.pk], "appeals:detail": [number], "appeals:slip": [number],
        "appeals:record_revisit": [number, "revisit"], "appeals:answer_link": [number],
        "public:answer_link": [code, make_token(answered)],
        "appeals:letter": [letter.pk], "appeals:answer_letter": [letter.pk],
        "appeals:set_letter_aside": [letter.pk],
        "appeals:reveal_phone": [number], "appeals:act": [number, "feedback"],
        "appeals:provincial_number": [number],
        **{f"appeals:backlog_{step}": [backlog.pk] for step in ("item", "change", "course", "progress", "report",
           "confirm", "send_back", "remove", "restore")},
        **{f"appeals:{name}": [cluster.pk] for name in ("cluster", "cluster_members", "cluster_put_out", "take_on")},
        "appeals:cluster_act": [cluster.pk, "rename"], "appeals:improvement": [improvement.pk],
        "appeals:change_improvement": [improvement.pk], "appeals:improvement_act": [improvement.pk, "progress"],
        "reports:new_cluster_report": [cluster.pk],
        **{f"reports:{name}": [research.pk] for name in ("cluster_report", "cluster_report_download",
           "refresh_cluster_report", "submit_cluster_report", "discard_cluster_report")},
        "appeals:rename_filter": [saved.pk], "appeals:delete_filter": [saved.pk],
        "appeals:edit_phrase": [phrase.pk],
        "enterprises:edit": [firm.pk], "enterprises:edit_project": [project.pk],
        "imports:list": ["enterprises"], "imports:template": ["enterprises"],
        "imports:import": [roster.pk], "imports:progress": [roster.pk], "imports:rejects": [roster.pk],
        "imports:approve": [roster.pk], "imports:confirm": [roster.pk], "imports:undo": [imported.pk],
        "enterprises:change_report": [changed.pk], "enterprises:report_change": [firm.pk],
        "enterprises:report_project_change": [project.pk], "enterprises:yearly": [firm.pk],
        "enterprises:new_year": [firm.pk], "enterprises:change_year": [firm.pk, 2025],
        **{f"enterprises:{name}": ["environment"] for name in ("set_grade_criteria", "grade_season",
           "open_grade_season", "grade_many")},
        "enterprises:grade_firm": ["environment", firm.pk],
        **{f"enterprises:{name}": [grades.record.pk] for name in ("confirm_grade", "grade_notice", "tell_grade",
           "object_to_grade")},
        "enterprises:grade_objection": [grades.objection.pk], "enterprises:inspection": [grades.inspection.pk],
        "enterprises:inspection_act": [grades.inspection.pk, "move"],
        **{f"enterprises:{name}": [firm.pk] for name in ("firm_grades", "firm_grades_print", "grade_sample")},
        "portal:enterprise_print": [firm.pk], "portal:project_print": [project.pk],
        "portal:enterprise": [firm.pk], "portal:manual_chapter": ["visits"], "portal:project": [project.pk],
        "portal:enterprise_phone": [firm.pk], "portal:project_phone": [project.pk],
        "liaisons:plan": [assignment.pk], "liaisons:drop_plan": [plan.pk], "liaisons:handover": [handover.pk],
        "portal:visit_photo": [photo.pk],
        "liaisons:end": [Assignment.objects.get().pk],
        "liaisons:officer_history": [liaison.unit_id], "liaisons:officer_mobile": [officer.pk],
        "liaisons:change_officer": [officer.pk], "liaisons:end_officer": [officer.pk],
        "liaisons:opinion": [opinion.pk], "liaisons:pass_on_opinion": [opinion.pk],
        "liaisons:answer_opinion": [opinion.pk],
        **under_way.arguments,
        **needs, "public:jobs": [code], "public:plaque_opening": [code, plaque.token],
        "public:plaque_financing": [code, plaque.token],
        "public:policies": [code], "public:policy": [code, policy.pk], "public:news": [code],
        "policies:policy": [policy.pk], "policies:edit": [policy.pk], "policies:end": [policy.pk],
        "policies:restore": [policy.pk], "policies:firms": [policy.pk],
        "policies:conditions": [policy.pk], "policies:remove_condition": [condition.pk],
        "policies:enterprise_fits": [firm.pk], "policies:project_fits": [project.pk],
        **{f"policies:{name}": [paper.pk] for name in ("one_list", "edit_list", "switch_list")},
        **{f"policies:{name}": [claim.pk] for name in ("claim", "approve_claim", "refuse_claim", "withdraw_claim")},
        "public:policy_list": [code, paper.token], "public:plaque_policies": [code, plaque.token],
        "public:commitments": [code], "enterprises:titles": [firm.pk],
        **{f"campaigns:{name}": [debt.pk] for name in ("commitment", "change_commitment", "publish_commitment")},
        **{f"campaigns:commitment_{step}": [debt.pk] for step in ("course", "progress", "pay", "kept", "confirm",
           "send_back", "broken", "withdraw", "restore")},
        "campaigns:cancel_instalment": [instalment.pk],
        "policies:reverse_payment": [payment.pk], "policies:edit_news": [news.pk],
        "public:events": [code], "public:event": [code, coming.pk], "public:event_calendar": [code],
        "public:event_file": [code, coming.pk], "portal:event": [held.pk], "portal:event_notice": [coming.pk],
        "portal:change_event": [coming.pk], "portal:cancel_event": [coming.pk],
        "portal:event_duties": [coming.pk], "portal:record_event": [held.pk],
        "portal:announce_event": [coming.pk], "portal:remove_attendance": [held.attendances.get().pk],
        "portal:event_task": [held.tasks.get().pk], "portal:change_event_task": [held.tasks.get().pk],
        "portal:reopen_event_task": [held.tasks.get().pk],
        "portal:visit": [visit.pk], "portal:visit_saved": [visit.pk],
        "reports:table": [table.pk], "reports:evidence": [table.pk, 1], "reports:entry": [table.pk, 1],
        "reports:check": [table.pk, "problems"], "reports:submit": [table.pk],
        "reports:download": [table.pk], "reports:accept": [table.pk], "reports:send_back": [table.pk],
        "reports:correct": [table.pk], "reports:export": [export.pk], "reports:export_file": [export.pk],
        "reports:summary_evidence": [1],
        "reports:case": [case.pk], "reports:case_print": [case.pk],
        "reports:case_download": [case.pk], "reports:case_act": [case.pk, "withdraw"],
        **{f"reports:{name}": [bulletin.pk] for name in ("bulletin", "bulletin_print", "bulletin_download", "bulletin_figure",
           "send_back_bulletin", "approve_bulletin", "send_bulletin", "withdraw_bulletin", "correct_bulletin",
           "read_bulletin")},
        **{f"reports:{name}": [year.pk] for name in ("assessment", "assessment_download", "recount_assessment",
           "show_assessment", "confirm_assessment")},
        **{f"reports:assessment_{name}": [year.pk, liaison.unit_id] for name in ("unit", "object", "answer")},
        **{f"reports:assessment_{name}": [year.pk, liaison.unit_id, "satisfaction"] for name in (
           "evidence", "adjust")},
        "reports:bulletin_title": [draft.pk], "reports:bulletin_section": [draft.pk, "overview"],
        "reports:refresh_bulletin": [draft.pk], "reports:submit_bulletin": [draft.pk],
        "reports:document": [document.pk], "reports:document_download": [document.pk],
        "reports:document_withdraw": [document.pk], "reports:document_new": [number, "slip"],
        "reports:document_of_letter": [letter.pk], "reports:document_template": ["reply"],
        "reports:ledger": ["appeals"],
        "public:event_rate": [code, held.pk],
        "campaigns:visit_rating_link": [visit.pk],
        **satisfaction_arguments(cast, firm),
        **{f"portal:setup{name}": [change.pk] for name in ("", "_form_preview", "_live", "_after", "_export", "_delete",
           "_rehearse", "_trial", "_clear", "_import_calendar")},
        "portal:setup_step": [change.pk, "rules"], "portal:setup_template": [change.pk, "rules", "reminders"],
        "portal:setup_rows": [change.pk, "words", "channels"], "portal:password_slips": [code],
        "portal:first_password": [first_password_token(cast.liaison)],
    } | rotas_and_records(cast, firm)  # fmt: skip
    return World(appeal, arguments, people)


def drafted_bulletin(cast: Cast, month: int) -> Bulletin:
    return drafting.draft(district=cast.district, month=Month(2026, month), by=cast.dispatcher)


def bulletin_sent_to(cast: Cast, unit: Unit) -> Bulletin:
    bulletin = drafted_bulletin(cast, 10)
    for code in ("problems", "next"):
        bulletin = bulletin_services.set_removed(
            bulletin=bulletin, code=code, version=1, by=cast.dispatcher, removed=True
        )
    bulletin_services.submit(bulletin=bulletin, by=cast.dispatcher)
    bulletin = bulletin_services.approve(bulletin=bulletin, by=cast.bureau_leader)
    bulletin_services.send(bulletin=bulletin, units=[unit], by=cast.dispatcher)
    return bulletin


def names() -> set[str]:
    """Every named address of the portal's own."""

    def walk(patterns: list[URLPattern | URLResolver], space: str):
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
                yield from walk(pattern.url_patterns, inner)
            else:
                yield f"{space}{pattern.name}"

    return set(walk(get_resolver().url_patterns, ""))


def row(table: dict[str, str], name: str) -> dict[str, str]:
    return dict(zip(COLUMNS, table[name].replace(" ", ""), strict=True))


def answer_to(client: Client, method: str, url: str) -> str:
    """The letter of the answer; whatever was done is undone."""
    with transaction.atomic():
        answer = getattr(client, method)(url, {"csrfmiddlewaretoken": "x"} if method == "post" else None)
        transaction.set_rollback(True)
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
        return "L"
    letters = {code: letter for letter, code in CODES.items()}
    return letters.get(answer.status_code, str(answer.status_code))


def browser_of(world: World, person: str) -> Client:
    client = Client(raise_request_exception=False)
    if person != "anonymous":
        client.force_login(world.people[person])
    return client


# --- The walk -------------------------------------------------------------------------------------


def test_every_address_stands_in_the_table():
    ours = {name for name in names() if not name.startswith((*ALLAUTH, ADMIN))} | {"admin:index"}
    assert ours == set(GET)
    assert set(POST) <= set(GET)
    assert all(len(line.replace(" ", "")) == len(COLUMNS) for line in [*GET.values(), *POST.values()])


@pytest.mark.parametrize("person", one_on_either_database(COLUMNS, "dispatcher"))
@pytest.mark.parametrize(("method", "table"), [("get", GET), ("post", POST)], ids=["get", "post"])
def test_everybody_gets_what_the_table_says(
    db: None, world: World, figures_counted_once: None, method: str, table: dict[str, str], person: str
):
    differences = []
    client = browser_of(world, person)
    for name in table:
        url = reverse(name, args=world.arguments.get(name))
        found, expected = answer_to(client, method, url), row(table, name)[person]
        if found != expected:
            differences.append(f"{method} {name} by {person}: expected {expected}, got {found}")
    assert not differences, "\n".join(differences)


def test_what_is_only_read_cannot_be_posted_to(db: None, world: World):
    client = browser_of(world, "dispatcher")
    only_read = sorted(set(GET) - set(POST) - {"healthz", "admin:index"})
    found = {
        name: answer_to(client, "post", reverse(name, args=world.arguments.get(name))) for name in only_read
    }
    assert set(found.values()) == {"M"}, {name: letter for name, letter in found.items() if letter != "M"}


def test_a_get_changes_nothing(db: None, world: World):
    before = (world.appeal.version, SituationTable.objects.filter(state="open").count(),
              Notice.objects.unread().count())  # fmt: skip
    client = browser_of(world, "liaison")
    for name in GET:
        client.get(reverse(name, args=world.arguments.get(name)))
    world.appeal.refresh_from_db()
    after = (world.appeal.version, SituationTable.objects.filter(state="open").count(),
             Notice.objects.unread().count())  # fmt: skip
    assert before == after


def test_only_the_public_pages_opt_out_of_sign_in(db):
    assert {name for name in GET if row(GET, name)["anonymous"] != "L"} == PUBLIC | {"admin:index"}
    # Django's own sign-in would pass by the lock-out and the second factor: it leads to the portal's.
    admin = Client().get("/admin/", follow=True)
    assert admin.redirect_chain[-1][0].startswith("/accounts/login/")


def test_sign_in_leads_back_to_where_one_wanted_to_go(db: None, client: Client, world: World):
    url = reverse("appeals:detail", args=[world.appeal.number])
    assert client.get(url)["Location"] == f"/accounts/login/?next={url}"


def test_nobody_signs_up(client, db):
    answer = client.get("/accounts/signup/")
    assert answer.status_code == 200 and "<form" not in answer.content.decode().split("<main")[1]


def test_administration_is_for_administrators_alone(db: None, world: World):
    pages = sorted(
        name for name in names() if name.startswith(ADMIN) and name.endswith(("_changelist", "_add"))
    )
    assert len(pages) > 6
    for person in COLUMNS:
        if person == "admin":
            continue
        client = browser_of(world, person)
        for name in pages[:4]:
            assert answer_to(client, "get", reverse(name)) in {"L", "R", "F"}, (person, name)
    client = browser_of(world, "admin")
    for name in pages:
        assert answer_to(client, "get", reverse(name)) in {"2", "F"}, name


def test_an_account_without_a_unit_or_role_breaks_no_page(db: None, world: World):
    """The system's own accounts, and one whose administrator is not done yet."""
    bare = User.objects.create(username="bare", last_login=timezone.now())
    client = Client(raise_request_exception=False)
    client.force_login(bare)
    for name in GET:
        assert client.get(reverse(name, args=world.arguments.get(name))).status_code < 500, name
    for name in POST:
        assert client.post(reverse(name, args=world.arguments.get(name))).status_code < 500, name


def test_numbers_that_cannot_exist_break_no_page(db: None, world: World):
    huge = "9" * 30
    client = browser_of(world, "dispatcher")
    for path in (
        f"/appeals/files/{huge}/", f"/enterprises/{huge}/", f"/enterprises/projects/{huge}/", f"/visits/{huge}/",
        f"/visits/{huge}/saved/", f"/reports/tables/{huge}/", f"/liaisons/{huge}/end/", f"/340711/files/{huge}/",
        f"/policies/{huge}/", f"/policies/payments/{huge}/reverse/", f"/policies/news/{huge}/edit/", f"/340711/policies/{huge}/",
        f"/campaigns/commitments/{huge}/", f"/campaigns/commitments/payments/{huge}/cancel/", f"/policies/lists/{huge}/",
        f"/policies/claims/{huge}/", f"/policies/fits/enterprises/{huge}/", f"/policies/{huge}/conditions/",
        f"/enterprises/{huge}/titles/",
        f"/imports/{huge}/sheet/", f"/imports/{huge}/undo/", "/appeals/%00/", "/appeals/%F0%A0%AE%B7/", "/appeals/x%00/slip/",
        f"/appeals/{world.appeal.number}/do/nonsense/", f"/appeals/{world.appeal.number}/do/submit/",
        f"/appeals/phrases/{huge}/", f"/liaisons/events/{huge}/", f"/liaisons/events/tasks/{huge}/", f"/340711/events/{huge}/",
        f"/340711/events/{huge}.ics", f"/liaisons/events/{huge}/record/",
        f"/appeals/provincial/{huge}/", "/appeals/provincial/%00/",
        f"/enterprises/{huge}/grades/", f"/enterprises/grades/records/{huge}/object/",
        "/enterprises/grades/season/nonsense/",
        f"/enterprises/grades/inspections/{huge}/", f"/enterprises/grades/objections/{huge}/",
        f"/appeals/backlog/{huge}/", f"/appeals/backlog/{huge}/course/",
        f"/reports/cases/{huge}/", f"/reports/cases/{huge}/print/",
        f"/campaigns/needs/openings/{huge}/", f"/campaigns/needs/seekers/{huge}/", f"/campaigns/needs/financing/{huge}/",
        f"/campaigns/needs/financing/rounds/{huge}/", f"/campaigns/needs/published/{huge}/", "/340711/p/%00/opening/",
        "/340711/answer/%00/", f"/340711/answer/{huge}/", "/appeals/%00/revisit/revisit/",
        f"/campaigns/low-ratings/{huge}/", f"/campaigns/surveys/{huge}/", f"/campaigns/satisfaction/units/{huge}/",
        f"/campaigns/survey-desk/samples/{huge}/", "/340711/rate/%00/", f"/340711/survey/{huge}/", "/340711/survey/open/%00/",
        f"/340711/events/{huge}/rate/",
        f"/appeals/letters/{huge}/", f"/reports/bulletins/{huge}/", f"/reports/assessments/{huge}/units/{huge}/",
        *(f"/campaigns/{place}/{huge}/" for place in ("sittings", "windows", "training", "knowledge")),
        f"/campaigns/rotas/duties/{huge}/swap/", f"/campaigns/visit-sheets/{huge}/2026-10/",
        "/campaigns/rotas/mine/%00.ics", "/campaigns/rotas/reception/2026-13/", "/liaisons/kinds/nothing/",
        "/340711/assignments/nothing/", "/nonsense/", f"/reports/documents/{huge}/", f"/reports/documents/letters/{huge}/",
        "/reports/documents/new/%00/slip/", "/reports/documents/templates/nonsense/",
        f"/reports/documents/new/{world.appeal.number}/nonsense/", "/first-password/%00/", "/first-password/x.y.z/",
    ):  # fmt: skip
        assert client.get(path).status_code == 404, path
    for path in (
        "/campaigns/windows/?q=%00&kind=x&window=%00&since=x&page=x&unit=" + huge,
        "/campaigns/sittings/?month=%00&unit=x&since=x", "/campaigns/knowledge/?q=%00&category=x&holds=x",
        "/campaigns/training/?q=%00&year=" + huge, "/campaigns/visit-sheets/?month=%00&state=x",
        "/campaigns/windows/new/?subject=%00&window=%00", "/campaigns/training/new/?subject=%00",
        "/campaigns/sittings/new/?unit=" + huge, "/campaigns/rotas/?month=" + huge, "/340711/rotas/?x=%00",
        "/appeals/register/?content=%00&contact_name=%00&claimed_name=%00",
        "/liaisons/events/?q=%00&month=x&page=x&unit=" + huge, "/liaisons/events/month/?month=%00",
        "/liaisons/events/rota/?kind=x&organisers=" + huge, "/liaisons/events/new/?kind=%00",
        "/liaisons/events/tasks/?q=%00&unit=x", "/340711/events/?month=%00&page=x",
        "/appeals/register/?event=" + huge, "/appeals/register/?event=%00",
        f"/appeals/provincial/?state=%00&unit={huge}&channel=%00&since=x&until=0001-01-01&page=x",
        f"/appeals/provincial/export/?state=%00&unit={huge}&until=9999-12-31",
        "/enterprises/grades/?q=%00&region=x&field=x&page=x", "/enterprises/grades/inspections/?month=%00&unit=" + huge,
        "/appeals/backlog/?q=%00&unit=x&page=x&state=x", "/appeals/backlog/chart/?unit=" + huge,
        "/appeals/backlog/new/?appeal=%00", "/appeals/backlog/candidates/?page=x",
        "/appeals/?q=%00&status=x&region=x&since=x&page=x", "/appeals/?lead_unit=" + huge, "/search/?q=%00",
        "/search/?q=" + "x" * 3000, "/appeals/register/?visit=" + huge, "/appeals/register/?subject=enterprise-x",
        "/appeals/register/?visit=%00&subject=%00", "/inbox/?page=-1", "/appeals/desk/?queue=x&page=x",
        "/appeals/desk/?queue=%00&q=%00&lead_unit=" + huge, "/appeals/desk/dispatch/?number=%00&number=" + huge,
        "/appeals/phrases/?purpose=%00&page=x", "/appeals/filters/?x=%00", "/appeals/register/?event=x&subject=%00",
        "/appeals/revisits/?queue=%00&page=x", "/appeals/refusals/?since=%00&until=x&page=x&unit=" + huge,
        "/appeals/supervision/?tab=%00&page=x", "/appeals/supervision/?colour=x&unit=" + huge + "&stage=%00",
        "/appeals/supervision/visits/?unit=%00",
        "/reports/cases/?state=%00&kind=x&page=x",
        "/reports/cases/candidates/?kind=%00&since=x&until=0001-01-01&number=%00",
        "/campaigns/satisfaction/?year=%00&quarter=x&by=%00&page=x", "/campaigns/low-ratings/?state=%00&unit=" + huge,
        "/campaigns/surveys/?page=x",
        "/enterprises/?q=%00", "/visits/?q=%00", "/liaisons/?q=%00", "/policies/?q=%00", "/enterprises/lookup/?q=%00",
        "/policies/payments/?q=%00", "/policies/hand-outs/?q=%00", "/policies/news/?q=%00",
        "/campaigns/commitments/?q=%00&unit=x&state=x&least=x&page=x", "/campaigns/commitments/figures/?unit=" + huge,
        "/campaigns/commitments/?least=" + huge,
        "/campaigns/commitments/new/?appeal=%00&backlog=" + huge + "&claim=x", "/340711/commitments/?state=%00&page=x",
        "/policies/fits/?subject=%00&subject_text=%00", "/policies/fits/?subject=enterprise-" + huge,
        "/policies/lists/?q=%00&unit=x", "/policies/lists/new/?policy=x&subject=%00", "/policies/claims/?q=%00&state=x",
        "/policies/claims/new/?policy=" + huge + "&enterprise=x", "/policies/payments/totals/?by=%00&page=x",
        "/policies/payments/new/?claim=" + huge, "/policies/hand-outs/new/?list=%00&list=" + huge,
        "/policies/payments/new/?enterprise=x&policy=" + huge, "/340711/policies/?q=%00&tier=x&page=x",
        "/campaigns/needs/openings/?q=%00&unit=" + huge, "/campaigns/needs/financing/?round=" + huge,
        "/campaigns/needs/seekers/?region=" + huge, "/campaigns/needs/preview/?month=%00",
        "/liaisons/officials/lookup/?q=%00", "/340711/track/?number=%00", "/340711/submit/?channel=%00",
    ):  # fmt: skip
        assert client.get(path).status_code == 200, path
    for path in (f"/inbox/{huge}/", f"/appeals/filters/{huge}/rename/", f"/appeals/filters/{huge}/delete/"):
        assert client.post(path).status_code == 404, path
