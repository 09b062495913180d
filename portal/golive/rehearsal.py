"""检验: everything is really done, looked at, and taken back: one transaction that never commits.

The district is made, its sheets are checked and brought in by the import itself, and one appeal is walked from
the firm's report to the closing, by the accounts that would do it. What happened is told; nothing of it stays.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.timezone import localtime

from accounts.actors import Actor
from accounts.models import Role, Unit, User
from appeals.models import Appeal
from appeals.perform import Invalid, Refused, perform
from core import clock
from core.xlsx import SheetError
from districts.models import Region
from enterprises.models import Enterprise
from enterprises.services import create_enterprise
from enterprises.subjects import subject_key
from imports import engine
from imports.models import SheetImport, SheetRow
from portal.golive.compose import Composed
from portal.golive.files import ORDER
from portal.golive.launch import Launched, make_district, service_account
from portal.golive.tables import together

MOST_TOLD = 50
log = logging.getLogger(__name__)
STEPS = {
    "submit": "企业反映", "accept": "受理", "ask_instruction": "报领导签批", "instruct": "领导签批", "dispatch": "交办",
    "sign": "签收", "feedback": "反馈", "revisit": "单位回访", "second_revisit": "二次回访", "close": "办结",
}  # fmt: skip


class _TakeBack(Exception):
    """Ends the transaction without a trace."""


def rehearse(composed: Composed, files: dict[str, Any]) -> dict[str, Any]:
    """What would happen: counts, what the sheets bring, the life of one appeal, problems. JSON, to be kept."""
    assert composed.profile is not None
    told: dict[str, Any] = {
        "at": localtime(clock.now()).isoformat(),
        "problems": [],
        "counts": [],
        "sheets": [],
        "life": [],
    }
    stored: list[str] = []
    try:
        with transaction.atomic():
            made = make_district(composed.profile, composed.people)
            told["counts"] = _counts(made)
            _bring_in(made, files, told, stored)
            _live_one(made, told)
            raise _TakeBack
    except _TakeBack:
        pass
    except ValidationError as error:
        told["problems"] += error.messages
    except Exception as error:  # a rehearsal is where the unforeseen is welcome; nothing of it stays
        log.exception("A rehearsal stumbled.")
        told["problems"].append(f"检验时程序出错（{type(error).__name__}），请联系平台运维；什么也没有留下。")
    finally:
        for name in stored:
            default_storage.delete(name)
    return told


def _counts(made: Launched) -> list[list[str]]:
    rules = made.rules
    return [
        ["区划", f"{Region.objects.subtree(made.district).count()} 个（含本级）"],
        ["单位", f"{len(made.units)} 个"],
        ["干部", f"{made.officials} 人"],
        ["账号", f"{len(made.accounts)} 个，都还没有密码"],
        ["常用语", f"{made.phrases} 条"],
        ["工作情况表", f"{len(rules.form.rows)} 行，每{rules.week.word}一报"],
    ]


# --- Sheets ---------------------------------------------------------------------------------------


def _bring_in(made: Launched, files: dict[str, Any], told: dict[str, Any], stored: list[str]) -> None:
    service = service_account(made.district, made.units[made.rules.lead_bureau])
    for kind in ORDER:
        if kind not in files:
            continue
        file = files[kind]
        with file.file.open("rb") as content:
            upload = SimpleUploadedFile(file.name, content.read())
        try:
            sheet = engine.receive(by=service, kind=kind, upload=upload)
        except SheetError as error:
            told["sheets"].append({"name": file.name, "text": str(error), "bad": 0, "errors": []})
            told["problems"].append(f"{file.name}：{error}")
            continue
        stored.append(str(sheet.file.name))
        engine.check(sheet)
        engine.confirm(sheet_import=sheet, by=service)
        engine.apply(sheet)
        sheet.refresh_from_db()
        told["sheets"].append(_sheet_told(sheet, file.name))


def _sheet_told(sheet: SheetImport, name: str) -> dict[str, Any]:
    if sheet.state == SheetImport.State.FAILED:
        return {"name": name, "text": sheet.message, "bad": sheet.rows_bad, "errors": []}
    alike: dict[tuple[str, str], list[str]] = {}
    for row in sheet.rows.filter(outcome=SheetRow.Outcome.BAD).order_by("line").only("line", "errors"):
        for error in row.errors:
            words = f"第 {row.line} 行 {error['title']}：{error['text']}".replace(" ：", "：")
            alike.setdefault((error["key"], error["text"]), []).append(words)
    return {
        "name": name,
        "text": f"可导入 {sheet.rows_new + sheet.rows_changed} 行，有误 {sheet.rows_bad} 行",
        "bad": sheet.rows_bad,
        "errors": [together(words) for words in alike.values()][:MOST_TOLD],
    }


# --- One appeal -----------------------------------------------------------------------------------


class _Stuck(Exception):
    """The appeal does not go on; why, in words."""


def _live_one(made: Launched, told: dict[str, Any]) -> None:
    """From the firm to the archive, by whoever has the account for it."""
    try:
        _Life(made, told["life"]).run()
    except _Stuck as reason:
        told["problems"].append(f"样例诉求走不下去：{reason}")


class _Life:
    def __init__(self, made: Launched, told: list[dict[str, str]]) -> None:
        self.made, self.rules, self.told = made, made.rules, told
        self.unit = self._handling_unit()

    def run(self) -> None:
        appeal = self._do(None, "submit", [Actor.holder()], {
            "claimed_name": "演练企业", "contact_name": "演练", "contact_phone": "13800000000",
            "category": self.rules.categories[0].code, "content": "这是一件演练诉求，演练后不保留。",
        })  # fmt: skip
        bureau = self._accounts(self.rules.lead_bureau, Role.DISPATCHER)
        if not bureau:
            raise _Stuck("牵头单位没有调度员账号")
        data = {"category": appeal.category, "urgency": "normal", "subject": subject_key(self._firm())}
        appeal = self._do(appeal, "accept", bureau, data)
        if self.rules.gates.instruction_before_dispatch:
            leaders = self._accounts("", Role.DISTRICT_LEADER)
            if not leaders:
                raise _Stuck("规则要求交办前由区领导签批，但没有角色为“区领导”的账号")
            asked: dict[str, Any] = {
                "leader": leaders[0].user.pk if leaders[0].user else 0,
                "text": "建议交办。",
            }
            appeal = self._do(appeal, "ask_instruction", bureau, asked)
            appeal = self._do(appeal, "instruct", leaders, {"text": "同意。"})
        appeal = self._do(appeal, "dispatch", bureau, {"lead_unit": self.unit.pk})
        own = self._accounts(
            self.unit.code,
            Role.LIAISON,
            Role.SECTION_HEAD,
            Role.DEPUTY_LEADER,
            Role.UNIT_LEADER,
            Role.DISPATCHER,
        )
        appeal = self._do(appeal, "sign", own)
        appeal = self._do(appeal, "feedback", own, {"result": "演练：已办理。", "solved": "yes"})
        level = next(level.code for level in self.rules.satisfaction if level.satisfied)
        call = {"method": "phone", "reached": "yes", "solved": "yes", "satisfaction": level}
        appeal = self._do(appeal, "revisit", own, call)
        appeal = self._do(appeal, "second_revisit", bureau, call)
        self._do(appeal, "close", bureau)

    def _do(
        self, appeal: Appeal | None, transition: str, actors: list[Actor], data: dict[str, Any] | None = None
    ) -> Appeal:
        """By the first of them who may."""
        district = self.made.district if appeal is None else None
        refused = "没有能做这一步的账号"
        for actor in actors:
            try:
                with transaction.atomic():
                    done = perform(appeal, transition, actor, data or {}, district=district)
            except (Refused, ValidationError, PermissionDenied) as error:
                refused = _words(error)
                continue
            self._tell(done, transition, actor)
            return done
        raise _Stuck(f"{STEPS[transition]}：{refused}")

    def _tell(self, appeal: Appeal, transition: str, actor: Actor) -> None:
        running = appeal.deadlines.running().order_by("due_at").first()
        due = (
            f"下一步 {running.get_kind_display()}，{localtime(running.due_at):%-m月%-d日 %H:%M} 前"
            if running
            else ""
        )
        who = f"{actor.user.unit} {actor.user.username}" if actor.user and actor.user.unit else "企业"
        self.told.append(
            {"step": STEPS[transition], "who": who, "due": due, "status": appeal.get_status_display()}
        )

    def _accounts(self, code: str, *roles: str) -> list[Actor]:
        users = User.objects.filter(pk__in=[user.pk for user in self.made.accounts]).with_role(*roles)
        if code:
            users = users.filter(unit=self.made.units[code])
        found = list(
            users.select_related("unit__district", "unit__region").prefetch_related("grants").order_by("pk")
        )
        order = {role: place for place, role in enumerate(roles)}
        found.sort(key=lambda user: min(order.get(role, 99) for role in user.roles))
        return [Actor.of_user(user) for user in found]

    def _handling_unit(self) -> Unit:
        desk = {Role.LIAISON, Role.UNIT_LEADER, Role.DEPUTY_LEADER}
        with_desk = {user.unit_id for user in self.made.accounts if desk & user.roles}
        for unit in self.made.units.values():
            fits = unit.kind in self.rules.handling_unit_kinds and unit.code != self.rules.lead_bureau
            if fits and unit.pk in with_desk:
                return unit
        raise _Stuck("没有哪个可作主办的单位有联络员或负责人的账号，诉求交办不出去")

    def _firm(self) -> Enterprise:
        """One of the roster, or one for the occasion."""
        found = Enterprise.objects.filter(district=self.made.district, active=True).first()
        return found or create_enterprise(
            by=None, region=self.made.district, name="演练企业", tier="small", no_code_reason="演练"
        )


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "；".join(error.messages)
    if isinstance(error, Invalid):
        return "；".join("".join(map(str, texts)) for texts in error.form.errors.values())
    return str(error)
