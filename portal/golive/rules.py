"""Step 4: the action, its limits and signatures. Every number has a usual value and says where it comes from."""

from __future__ import annotations

from typing import Any

from accounts.models import Role
from core import clock
from core.search import normalise
from districts.handling import Limits
from districts.profile import REPORTING_PERIODS
from liaisons import cadence as cadences
from portal.golive.draft import Draft, Result, at
from portal.golive.fields import Field, Fields
from portal.golive.step import Step
from portal.golive.tables import Col, Problem, RowOfTexts, Table

USUAL = Limits().model_dump()
CADENCES = tuple((code, names[0]) for code, names in cadences.CADENCES.items())
EVERY = tuple((code, f"每{word}一报") for code, word in REPORTING_PERIODS.items())
WEEKDAYS = tuple((str(number), f"星期{name}") for number, name in enumerate("一二三四五六日"))
SOURCE = "方案没有写的，用通行的数"


def _days(name: str, label: str, help: str = "", least: int = 0, path: str = "") -> Field:
    found = at(USUAL, path or name)
    unit = "自然日" if name == "reopen_days" else "工作日"
    text = f"{unit}，通行为 {found}" + (f"；{help}" if help else "")
    return Field(name, label, "number", f"limits.{path or name}", text, True, least=least, most=365)


ACTION = Fields(
    "action",
    "专项行动",
    (
        Field(
            "action_name",
            "行动名称",
            path="action_name",
            needed=True,
            help="如“千名干部联万企”，页面、公文、通报都这样写",
            most=60,
        ),
        Field(
            "action_started",
            "开始日期",
            "day",
            "action_started",
            "规则从这一天起算；早于它的旧诉求也按它办",
            True,
        ),
        Field(
            "number_prefix",
            "诉求编号前缀",
            path="number_prefix",
            needed=True,
            pattern=r"^[A-Z]{1,6}$",
            wrong="应为 1 至 6 个大写字母",
            clean=lambda text: normalise(text).replace(" ", "").upper(),
            help="1 至 6 个大写字母，如 XH",
        ),
        Field("promise", "承诺", "long", "promise", "写在公开页面上的一段话", True),
        Field("office_start", "上班", "time", "office_hours.start", "", True),
        Field("office_end", "下班", "time", "office_hours.end", "时限到下班时间为止", True),
    ),
)
LIMITS = Fields(
    "limits",
    "办理时限",
    (
        _days("accept", "受理", "收到诉求后多少天内受理或不予受理"),
        _days("dispatch", "交办"),
        _days("sign", "签收"),
        _days("own_handling", "自办", "乡镇、单位自己先办的期限", 1),
        _days("urgent", "办理（紧急）", least=1, path="handle.urgent"),
        _days("normal", "办理（一般）", least=1, path="handle.normal"),
        _days("complex", "办理（复杂）", least=1, path="handle.complex"),
        _days("assist", "协办", least=1),
        _days("revisit", "办理单位回访"),
        _days("second_revisit", "二次回访", "牵头单位回访后才能办结"),
        _days("redo", "重办", least=1),
        _days("supervision", "答复督办单", least=1),
        _days("extension_total", "延期累计不超过"),
        _days("reopen_days", "办结后可再次反映"),
    ),
    help=SOURCE + "。改了只对生效日之后新收的诉求起作用。",
)
MORE = Fields(
    "more",
    "少见的时限",
    (
        _days("return_ruling", "裁定退回"),
        _days("rule", "处理不满意评价"),
        _days("withdrawal", "核实撤回"),
        _days("instruction", "领导签批"),
        _days("on_file_ruling", "裁定挂账"),
        _days("objection", "裁定不予受理异议"),
        _days("waiting", "等企业补充", least=1),
        _days("refusal_level", "说“不”每级签署"),
        _days("consult", "会商研判"),
        _days("explain", "解释说明"),
        _days("follow_up", "挂账、上报后的跟踪间隔", least=1),
        _days("left_after_city", "市里答复后至少留给单位"),
        _days("extension_notice", "延期须提前"),
    ),
    folded=True,
)
GATES = Fields(
    "gates",
    "签批和提醒",
    (
        Field("instruction_before_dispatch", "交办前须领导签批", "yes", "gates.instruction_before_dispatch"),
        Field("leader_signs_feedback", "反馈须单位负责人签发", "yes", "gates.leader_signs_feedback"),
        Field(
            "redos_before_consulting",
            "重办几次后转会商",
            "number",
            "handling.redos_before_consulting",
            "次，通行为 2",
            True,
            most=20,
        ),
        Field(
            "unreached_days",
            "几个不同日期没接通才算“未接通”",
            "number",
            "handling.unreached_days",
            "天，通行为 3",
            True,
            least=1,
            most=30,
        ),
        Field(
            "blue_within_workdays",
            "到期前几个工作日变蓝",
            "number",
            "colours.blue_within_workdays",
            "通行为 1",
            True,
            most=60,
        ),
        Field(
            "digest_above", "提醒多少条以上合并为一条", "number", "digest_above", "通行为 10", True, least=1
        ),
    ),
)


def _tiers(draft: Draft) -> dict[str, str]:
    labels = dict(CADENCES)
    return {duty["tier"]: labels[duty["cadence"]] for duty in at(draft.base, "visits.duties") or ()}


PERIOD = Fields(
    "period",
    "报表周期和走访频次",
    (
        Field(
            "every",
            "工作情况表",
            "choice",
            "week.every",
            "每双周报的，从开始报送后的第一个截止日起隔周截止；每半月报的，15 日和月末截止",
            True,
            lambda draft: EVERY,
        ),
        Field(
            "cut_off_weekday",
            "周报、双周报截止",
            "choice",
            "week.cut_off_weekday",
            "每周、每双周报的才用",
            True,
            lambda draft: WEEKDAYS,
        ),
        Field(
            "cut_off_day",
            "月报截止",
            "number",
            "week.cut_off_day",
            "每月报的才用：每月几日，31 即月末",
            True,
            least=1,
            most=31,
        ),
        Field("cut_off_time", "截止时间", "time", "week.cut_off_time", "", True),
        Field("starts", "从哪天起报", "day", "week.starts", "", True),
        Field(
            "cadence", "走访频次（其他企业）", "choice", "visits.cadence", "", True, lambda draft: CADENCES
        ),
        Field(
            "above_scale",
            "走访频次（四上企业）",
            "choice",
            "",
            "不选即与其他企业相同",
            False,
            lambda draft: CADENCES,
        ),
        Field(
            "project",
            "走访频次（重点项目）",
            "choice",
            "",
            "不选即与其他企业相同",
            False,
            lambda draft: CADENCES,
        ),
        Field(
            "most_per_cadre",
            "一名干部联系多少家以上算太多",
            "number",
            "visits.most_per_cadre",
            "",
            True,
            least=1,
            most=9999,
        ),
    ),
    initial=_tiers,
)
TIERS = ("above_scale", "project")
"""Which may be visited at other intervals than the rest."""


def _reminder_rows(draft: Draft) -> list[RowOfTexts]:
    when, whom = dict(WHEN), dict(WHOM)
    return [
        {
            "when": when[one["when"]],
            "days": str(one.get("days", 0)),
            "to": "、".join(whom[code] for code in one["to"]),
            "text": one["text"],
            "drafts": "是" if one.get("drafts_supervision") else "否",
        }
        for one in draft.base.get("reminders", ())
    ]


WHEN = (("before", "到期前"), ("due", "到期当天"), ("overdue", "逾期"))
WHOM = (
    ("officer", "经办人"),
    ("unit_leader", "单位负责人"),
    ("bureau", "牵头单位"),
    ("supervisor", "督查单位"),
)
REMINDERS = Table(
    "reminders",
    "提醒和催办",
    (
        Col(
            "when",
            "何时",
            10,
            "到期前、到期当天、逾期",
            12,
            needed=True,
            kind="choice",
            options=lambda draft: WHEN,
            example="逾期",
        ),
        Col("days", "几个工作日", 3, "", 10, kind="number", default="0", example="3"),
        Col(
            "to",
            "发给谁",
            60,
            "经办人、单位负责人、牵头单位、督查单位，顿号隔开",
            24,
            needed=True,
            kind="choices",
            options=lambda draft: WHOM,
            example="牵头单位",
        ),
        Col(
            "text",
            "内容",
            300,
            "可用 {number} {stage} {unit} {due} {days}",
            50,
            needed=True,
            example="{unit}：{number} 的{stage}已逾期 {days} 个工作日，请督办。",
        ),
        Col("drafts", "起草督办单", 4, "", 12, kind="yes", default="否", example="是"),
    ),
    initial=_reminder_rows,
    most=30,
)


def _level_rows(draft: Draft) -> list[RowOfTexts]:
    labels = dict(Role.choices)
    return [
        {
            "label": one["label"],
            "roles": "、".join(labels[role] for role in one["roles"]),
            "_code": one["code"],
        }
        for one in at(draft.base, "handling.signing_levels") or ()
    ]


LEVELS = Table(
    "levels",
    "说“不”逐级签字",
    (
        Col("label", "签字人", 30, "", 18, needed=True, example="科室负责人"),
        Col(
            "roles",
            "由谁签",
            120,
            "角色，顿号隔开",
            40,
            needed=True,
            kind="choices",
            options=lambda draft: list(Role.choices),
            example="科室负责人",
        ),
    ),
    help="第一级为提出人，逐级往上；重办的答复由高一级签发。至少两级。",
    initial=_level_rows,
    uploads=False,
    most=8,
)


class RulesStep(Step):
    code, title, minutes = "rules", "行动、时限和规则", 5
    lead = "行动名称和开始日期要填；其余已按模板填好，与本县区方案不同的改过来。"
    parts = (ACTION, LIMITS, PERIOD, GATES, MORE, REMINDERS, LEVELS)
    for_change = True

    def look_at(self, draft: Draft, result: Result) -> None:
        action, period = result.values["action"], result.values["period"]
        started, starts = action.get("action_started"), period.get("starts")
        if (
            action.get("office_start")
            and action.get("office_end")
            and action["office_end"] <= action["office_start"]
        ):
            result.problems.append(Problem("下班时间须晚于上班时间", "action", None, "office_end", "下班"))
        for part, key, day, title in (
            ("action", "action_started", started, "开始日期"),
            ("period", "starts", starts, "从哪天起报"),
        ):
            if day and not "2000" <= day[:4] <= "2100":
                result.problems.append(Problem("年份不对", part, None, key, title))
        if started and started > clock.today().isoformat():
            result.problems.append(
                Problem(
                    "在今天之后：上线后到那天以前的事也按这套规则办",
                    "action",
                    None,
                    "action_started",
                    "开始日期",
                    True,
                )
            )
        if len(result.values["levels"]) < 2:
            result.problems.append(Problem("说“不”至少要有两级签字", "levels"))

    def rules(self, draft: Draft) -> dict[str, Any]:
        found = super().rules(draft)
        values = draft.result(self).values
        texts = draft.rows(self.code, LEVELS)
        week = found.setdefault("week", {})
        if str(week.get("cut_off_weekday", "")) != "":
            week["cut_off_weekday"] = int(week["cut_off_weekday"])
        found["reminders"] = [
            {
                "when": row.get("when"),
                "days": row.get("days") or 0,
                "to": list(row.get("to", ())),
                "text": row.get("text", ""),
                "drafts_supervision": bool(row.get("drafts")),
            }
            for row in values["reminders"]
        ]
        found.setdefault("handling", {})["signing_levels"] = [
            {
                "code": texts[row["_row"]].get("_code") or f"level{number}",
                "label": row.get("label", ""),
                "roles": list(row.get("roles", ())),
            }
            for number, row in enumerate(values["levels"], 1)
        ]
        duties = {duty["tier"]: dict(duty) for duty in at(draft.base, "visits.duties") or ()}
        touched = draft.data.get(self.code, {}).get("period", {})
        for tier in TIERS:
            cadence = values["period"].get(tier)
            if cadence:
                duties[tier] = duties.get(tier, {"tier": tier}) | {"cadence": cadence}
            elif tier in touched:
                duties.pop(tier, None)
        found.setdefault("visits", {})["duties"] = list(duties.values())
        return found

    def summary(self, draft: Draft) -> str:
        values = draft.result(self).values
        limits, period = values["limits"], values["period"]
        every = dict(EVERY).get(period.get("every", ""), "")
        return (
            f"{values['action'].get('action_name', '')}；受理 {limits.get('accept', '?')} 天，办理 {limits.get('urgent', '?')}／"
            f"{limits.get('normal', '?')}／{limits.get('complex', '?')} 天；工作情况表{every}"
        )
