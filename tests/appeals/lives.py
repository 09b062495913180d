"""Walks appeals through their lives, for tests: one call a step, through ``perform``."""

import base64
from dataclasses import dataclass, field

from accounts.actors import Actor
from accounts.models import Role, User
from appeals.models import Appeal
from appeals.perform import perform
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
        "unit_leader": ("rsj", Role.UNIT_LEADER),
        "lead_cadre": ("rsj", Role.CADRE),
        "assistant": ("nyj", Role.LIAISON),
        "other_liaison": ("czj", Role.LIAISON),
        "township_liaison": ("datong", Role.LIAISON),
        "cadre": ("fgw", Role.CADRE),
        "window": ("datong_window", Role.WINDOW),
        "supervisor": ("jwdc", Role.SUPERVISOR),
        "district_leader": ("qzfb", Role.DISTRICT_LEADER),
        "admin": ("kjj", Role.ADMIN),
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
        if transition == "accept":
            subject = (
                {} if appeal.is_matched else {"subject": subject_key(factories.enterprise(self.district))}
            )
            return {"category": appeal.category, "urgency": "normal"} | subject
        return {
            "propose_decline": {"ground": "litigation", "reason": "该纠纷已在法院审理。"},
            "decline": {"opinion": "同意。"},
            "refuse_decline": {"opinion": "属于受理范围。"},
            "dispatch": {"lead_unit": factories.unit(self.district, "rsj").pk},
            "feedback": {"result": "已组织专场招聘，到岗18人。", "solved": "yes", "effect_jobs": "18"},
            "revisit": {"method": "phone", "reached": "yes", "solved": "yes", "satisfaction": "satisfied"},
            "second_revisit": {
                "method": "phone",
                "reached": "yes",
                "solved": "yes",
                "satisfaction": "satisfied",
            },
            "rate": {"satisfaction": "very_satisfied", "solved": "yes"},
            "uphold": {"reason": "经核实，答复符合政策规定。"},
            "redo": {"reason": "企业反映到岗人数不足。"},
            "not_solved": {"reason": "问题又出现了。"},
            "offer_answer": {"answer": "已现场办理。"},
            "supplement": {"content": "补充用工明细。"},
            "assist": {"opinion": "同意配合。"},
            "record_provincial": {"provincial_number": f"AH{appeal.number}"},
        }.get(transition, {})

    ACTORS = {
        "accept": "dispatcher",
        "propose_decline": "dispatcher",
        "decline": "second_dispatcher",
        "refuse_decline": "second_dispatcher",
        "dispatch": "dispatcher",
        "sign": "liaison",
        "feedback": "liaison",
        "rate": "enterprise",
        "not_solved": "enterprise",
        "supplement": "enterprise",
        "confirm_solved": "enterprise",
        "uphold": "dispatcher",
        "revisit": "liaison",
        "second_revisit": "dispatcher",
        "close": "dispatcher",
        "redo": "dispatcher",
        "offer_answer": "window",
        "record_provincial": "dispatcher",
    }

    def do(self, appeal: Appeal, transition: str, by: str = "", **data) -> Appeal:
        by = by or self.ACTORS[transition]
        return perform(appeal, transition, self.actor(by, appeal), self.data_for(transition, appeal) | data)

    MAIN_PATH = ("accept", "dispatch", "sign", "feedback", "revisit", "second_revisit", "close")

    def walk(self, appeal: Appeal, upto: str) -> Appeal:
        """Along the main path up to and including a transition."""
        for transition in self.MAIN_PATH:
            appeal = self.do(appeal, transition)
            if transition == upto:
                return appeal
        raise ValueError(upto)
