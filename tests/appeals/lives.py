"""Walks appeals through their lives, for tests: one call a step, through ``perform``."""

import base64
from dataclasses import dataclass, field
from datetime import date

from accounts.actors import Actor
from accounts.models import Official, Role, User
from appeals import signing
from appeals.models import Appeal
from appeals.perform import perform
from core import clock
from districts.calendars import work_calendar
from districts.models import Region
from enterprises.subjects import subject_key
from tests import factories

# A 1×1 PNG: what a signature pad sends at the least.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
SIGNATURE = "data:image/png;base64," + base64.b64encode(PNG).decode()

INTAKE = {
    "claimed_name": "铜陵示例机械有限公司",
    "contact_name": "赵敏",
    "contact_phone": "13900001111",
    "category": "labour",
    "content": "一线操作工缺口约20人，希望帮助对接招聘。",
}


@dataclass
class Cast:
    """One district's people, one for each part they play in an appeal's life."""

    district: Region
    people: dict[str, User] = field(default_factory=dict)

    PARTS = {
        "dispatcher": ("kjj", Role.DISPATCHER),
        "second_dispatcher": ("kjj", Role.DISPATCHER),
        "bureau_leader": ("kjj", Role.BUREAU_LEADER),
        "liaison": ("rsj", Role.LIAISON),
        "section_head": ("rsj", Role.SECTION_HEAD),
        "deputy_leader": ("rsj", Role.DEPUTY_LEADER),
        "unit_leader": ("rsj", Role.UNIT_LEADER),
        "lead_cadre": ("rsj", Role.CADRE),
        "assistant": ("nyj", Role.LIAISON),
        "other_liaison": ("czj", Role.LIAISON),
        "township_liaison": ("datong", Role.LIAISON),
        "cadre": ("fgw", Role.CADRE),
        "city_liaison": ("yshj", Role.LIAISON),
        "window": ("datong_window", Role.WINDOW),
        "supervisor": ("jwdc", Role.SUPERVISOR),
        "district_leader": ("qzfb", Role.DISTRICT_LEADER),
        "admin": ("kjj", Role.ADMIN),
        # An organ that grades firms, and who confirms what it grades.
        "grader": ("sthj", Role.LIAISON),
        "grade_leader": ("sthj", Role.UNIT_LEADER),
    }

    def __getattr__(self, part: str) -> User:
        if part not in self.PARTS:
            raise AttributeError(part)
        if part not in self.people:
            unit_code, role = self.PARTS[part]
            unit = factories.unit(self.district, unit_code)
            official = factories.official(unit) if role == Role.CADRE else None
            self.people[part] = factories.user(unit, role, official=official, username=part)
        return self.people[part]

    def actor(self, part: str, appeal: Appeal | None = None) -> Actor:
        if part == "enterprise":
            return Actor.holder(appeal.pk if appeal else None)
        return Actor.of_user(getattr(self, part))

    def submit(self, **data) -> Appeal:
        return perform(None, "submit", Actor.holder(), INTAKE | data, district=self.district)

    def register(self, by: str = "window", **data) -> Appeal:
        channel = {"window": "window", "cadre": "assignment_visit"}.get(by, "walk_in")
        return perform(None, "register", self.actor(by), INTAKE | {"channel": channel} | data)

    def solve_on_spot(self, by: str = "window", **data) -> Appeal:
        solved = {"answer": "已当面协助办理。", "basis": "", "signature": SIGNATURE, "channel": "window"}
        if by == "cadre":
            solved["channel"] = "assignment_visit"
        return perform(None, "solve_on_spot", self.actor(by), INTAKE | solved | data)

    # What each step needs at the least.
    def data_for(self, transition: str, appeal: Appeal) -> dict:
        match transition:
            case "accept" if not appeal.is_matched:
                subject = subject_key(factories.enterprise(self.district))
                return {"category": appeal.category, "urgency": "normal", "subject": subject}
            case "accept":
                return {"category": appeal.category, "urgency": "normal"}
            case "dispatch" | "city_answered":
                return {"lead_unit": self.unit("rsj"), "answer": "市里同意支持。"}
            case "record_provincial":
                return {"provincial_number": f"AH{appeal.number}"}
            case "reassign":
                return {"lead_unit": self.unit("czj"), "reason": "属财政职责。"}
            case "supervise":
                return {"unit": appeal.lead_unit_id or appeal.collecting_unit_id, "text": "请抓紧办理。"}
            case "ask_instruction":
                return {"leader": self.district_leader.pk, "text": "建议由区人社局主办。"}
            case "list_supervision":
                return {
                    "leader": self.chief().pk,
                    "target_date": self.workday(10),
                    "condition": "招工到位。",
                }
            case "merge":
                main = self.main if self.main and self.main.pk != appeal.pk else self.submit()
                return {"main": main.number}
            case "request_extension" | "agree_extension":
                handle = appeal.deadlines.running().filter(kind="handle").first()
                due = clock.local_date(handle.due_at) if handle else clock.today()
                return {
                    "until": work_calendar().add(due, 3),
                    "reason": "对接院校需时。",
                    "told": "已电话告知。",
                }
            case "request_on_file" | "renew_file":
                return {"until": self.workday(10), "reason": "尚缺指标。", "told": "已当面告知。"}
            case "explained":
                return {
                    "explained_on": clock.today(),
                    "explained_by": "分管副局长",
                    "explanation": "该项补贴政策已到期。",
                    "reaction": "表示理解。",
                }
        return self.DATA.get(transition, {})

    REVISIT = {"method": "phone", "reached": "yes", "solved": "yes", "satisfaction": "satisfied"}
    MINUTES = {"attendees": "区人社局、区财政局", "minutes": "经研究，意见如下。"}
    DATA = {
        "propose_decline": {"ground": "litigation", "reason": "该纠纷已在法院审理。"},
        "decline": {"opinion": "同意。"},
        "refuse_decline": {"opinion": "属于受理范围。"},
        "object": {"reason": "不是诉讼事项。"},
        "overturn_decline": {"opinion": "应予受理。"},
        "uphold_decline": {"opinion": "维持。"},
        "unmerge": {"reason": "不是同一件事。"},
        "instruct": {"text": "请区人社局抓紧办理。"},
        "ask_firm": {"question": "请补充用工明细。"},
        "supply": {"content": "明细如下。"},
        "stop_waiting": {"reason": "材料已线下收到。"},
        "withdraw": {"reason": "已自行招到。"},
        "confirm_withdrawal": {"opinion": "已电话核实，系自愿。"},
        "refuse_withdrawal": {"opinion": "企业仍希望解决。"},
        "hand_up": {"reason": "超出本镇职责。"},
        "feedback": {"result": "已组织专场招聘，到岗18人。", "solved": "yes", "effect_jobs": "18"},
        "draft_feedback": {"result": "已组织专场招聘，到岗18人。", "solved": "yes", "effect_jobs": "18"},
        "return_draft": {"opinion": "请写明依据。"},
        "request_return": {"ground": "“三定”规定由区财政局负责。"},
        "refuse_return": {"opinion": "属本单位职责。"},
        "refuse_extension": {"opinion": "请按期办结。"},
        "refuse_on_file": {"opinion": "具备条件，请继续办理。"},
        "resume_file": {"reason": "指标已下达。"},
        "request_assist_withdrawal": {"reason": "与本单位无关。"},
        "refuse_assist_withdrawal": {"opinion": "请继续协办。"},
        "propose_refusal": {
            "reason": "不符合补贴条件。",
            "rule": "《稳岗补贴办法》第五条",
            "tried": "已联系上级部门。",
            "others": "没有。",
        },
        "turn_back": {"direction": "由就业股对接院校。"},
        "sign_refusal": {"opinion": "同意上报。"},
        "sign_refusal_last": {"opinion": "同意，提请会商。"},
        "find_reasonable": MINUTES | {"direction": "由区人社局办理。"},
        "find_unreasonable": MINUTES | {"legal_basis": "《稳岗补贴办法》第五条"},
        "report_up": {"city_letter": "郊营商〔2026〕3号", "reason": "需市里统筹。"},
        "follow_up": {"note": "市里正在研究。"},
        "revisit": REVISIT,
        "second_revisit": REVISIT,
        "revisit_merged": REVISIT,
        "rate": {"satisfaction": "very_satisfied", "solved": "yes"},
        "uphold": {"reason": "经核实，答复符合政策规定。"},
        "redo": {"reason": "企业反映到岗人数不足。"},
        "redo_to_consulting": {"reason": "多次办理仍未解决。"},
        "reopen": {"reason": "问题又出现了。"},
        "not_solved": {"reason": "问题又出现了。"},
        "offer_answer": {"answer": "已现场办理。"},
        "supplement": {"content": "补充用工明细。"},
        "assist": {"opinion": "同意配合。"},
        "remind": {"text": "请抓紧。"},
        "answer_supervision": {"answer": "本周内办结。"},
        "delist_supervision": {"result": "已招工到位。"},
    }

    ACTORS = {
        "sign": "liaison",
        "feedback": "liaison",
        "draft_feedback": "liaison",
        "return_draft": "section_head",
        "request_return": "liaison",
        "request_extension": "liaison",
        "request_on_file": "liaison",
        "propose_refusal": "liaison",
        "turn_back": "section_head",
        "sign_refusal_last": "unit_leader",
        "explained": "liaison",
        "revisit": "liaison",
        "assist": "assistant",
        "request_assist_withdrawal": "assistant",
        "answer_supervision": "liaison",
        "handle_oneself": "township_liaison",
        "hand_up": "township_liaison",
        "offer_answer": "window",
        "decline": "second_dispatcher",
        "refuse_decline": "second_dispatcher",
        "overturn_decline": "bureau_leader",
        "uphold_decline": "bureau_leader",
        "instruct": "district_leader",
        "report_up": "dispatcher",
        "follow_up": "city_liaison",
        "city_answered": "city_liaison",
    } | dict.fromkeys(
        ["rate", "not_solved", "supplement", "confirm_solved", "supply", "withdraw", "object", "reopen"],
        "enterprise",
    )
    """Who does it where the test names nobody; the others are the dispatcher's."""

    main: Appeal | None = None
    """What an appeal is merged into where the test names nothing."""

    def unit(self, code: str) -> int:
        return factories.unit(self.district, code).pk

    def chief(self) -> Official:
        """A leader of the district, who answers for a listed case."""
        return Official.objects.filter(name="区长甲").first() or factories.official(
            factories.unit(self.district, "qzfb"), name="区长甲", title="区长", rank_group="district_leaders"
        )

    @staticmethod
    def workday(ahead: int) -> date:
        return work_calendar().add(clock.today(), ahead)

    def actor_of(self, appeal: Appeal, transition: str) -> str:
        """The level that is to sign, where a level signs."""
        levels = ("liaison", "section_head", "deputy_leader", "unit_leader")
        if transition in {"sign_refusal", "turn_back"}:
            return levels[appeal.refusal_level]
        if transition == "feedback" and appeal.lead_unit and appeal.lead_unit.code == "rsj":
            return levels[signing.needed_for_answer(appeal)]
        return self.ACTORS.get(transition, "dispatcher")

    def do(self, appeal: Appeal, transition: str, by: str = "", **data) -> Appeal:
        by = by or self.actor_of(appeal, transition)
        return perform(appeal, transition, self.actor(by, appeal), self.data_for(transition, appeal) | data)

    def through(self, appeal: Appeal, *transitions: str) -> Appeal:
        """One step after the other, each by whoever does it."""
        for transition in transitions:
            appeal = self.do(appeal, transition)
        return appeal

    MAIN_PATH = ("accept", "dispatch", "sign", "feedback", "revisit", "second_revisit", "close")

    def walk(self, appeal: Appeal, upto: str) -> Appeal:
        """Along the main path up to and including a transition."""
        for transition in self.MAIN_PATH:
            appeal = self.do(appeal, transition)
            if transition == upto:
                return appeal
        raise ValueError(upto)
