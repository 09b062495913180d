"""What stands for the placeholders: read from the appeal, its events and its letters."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from accounts.models import Unit
from appeals.models import Answer, Appeal, Deadline, Participation, Statement, SupervisionLetter
from appeals.supervision import facts_of
from core import clock
from core.masking import mask_name, mask_phone
from districts.documents import PLACEHOLDERS
from districts.profile import Rules
from liaisons.plaques import supervision_numbers
from reports.documents.kinds import last_event
from reports.documents.paper import written_date

Values = dict[str, str]

PERSONAL = {"联系人": mask_name, "联系电话": mask_phone}
"""Shown masked on pages; in full in the file, which its reader has to act on."""


def masked(values: Values) -> Values:
    return values | {name: mask(values[name]) for name, mask in PERSONAL.items() if name in values}


def values_of(kind: str, appeal: Appeal, seq: int, *, unit: Unit, rules: Rules, day: date) -> Values:
    values = _of_district(unit, rules, day) | _of_appeal(appeal)
    values |= _SPECIAL[kind](appeal, seq) if kind in _SPECIAL else {}
    return _known(kind, values)


def values_of_letter(kind: str, letter: SupervisionLetter, *, unit: Unit, rules: Rules, day: date) -> Values:
    values = _of_district(unit, rules, day)
    if letter.appeal is not None:
        values |= _of_appeal(letter.appeal)
        values["超期情况"] = "\n".join(
            f"{fact.stage}应于{written_date(fact.due)}前完成"
            + (f"，超期{fact.days_late}个工作日" if fact.days_late else "，未超期")
            for fact in facts_of(letter)
        )
    values |= {
        "被督办单位": letter.unit.name,
        "督办内容": letter.text,
        "发出日期": _day(letter.sent_at),
        "回复期限": written_date(letter.answer_by) if letter.answer_by else "",
    }
    return _known(kind, values)


def _known(kind: str, values: Values) -> Values:
    return {name: values.get(name, "") for name in PLACEHOLDERS[kind]}


def _day(moment) -> str:
    return written_date(clock.local_date(moment)) if moment else ""


def _of_district(unit: Unit, rules: Rules, day: date) -> Values:
    bureau = Unit.objects.filter(district=unit.district_id, code=rules.lead_bureau).first()
    return {
        "发文单位": unit.name,
        "牵头单位": bureau.name if bureau else "",
        "区县": rules.name,
        "行动名称": rules.action_name,
        "监督电话": "；".join(
            f"{line.label} {line.number}" for line in supervision_numbers(rules) or rules.hotlines
        ),
        "日期": written_date(day),
    }


def _of_appeal(appeal: Appeal) -> Values:
    submitted = timezone.localtime(appeal.submitted_at)
    assisting = [
        part.unit.name
        for part in appeal.facts.parts
        if part.part == Participation.Part.ASSISTING and part.round == appeal.round
    ]
    registrar = appeal.registered_by
    return {
        "编号": appeal.number,
        "省平台编号": appeal.provincial_number,
        "企业": appeal.subject_name,
        "联系人": appeal.contact_name,
        "联系电话": appeal.contact_phone,
        "所在地": str(appeal.region),
        "事项": appeal.title,
        "内容": appeal.content,
        "类别": appeal.category_label,
        "渠道": appeal.channel_label,
        "紧急程度": appeal.get_urgency_display(),
        "提交日期": written_date(submitted.date()),
        "提交时间": f"{written_date(submitted.date())}{submitted:%H:%M}",
        "收集单位": appeal.collecting_unit.name,
        "登记人": str(registrar) if registrar else "企业自行提交",
        "主办单位": appeal.lead_unit.name if appeal.lead_unit else "",
        "协办单位": "、".join(assisting),
    }


def _words(appeal: Appeal, seq: int | None, *headings: str) -> str:
    """What was written at an event; with headings only what stands under them."""
    if seq is None:
        return ""
    found = Statement.objects.filter(appeal=appeal, event_seq=seq)
    if headings:
        found = found.filter(heading__in=headings)
    return "\n".join(statement.text for statement in found)


def _due(appeal: Appeal, kind: str) -> str:
    clocks = [found for found in appeal.facts.deadlines if (found.kind, found.round) == (kind, appeal.round)]
    return _day(clocks[-1].due_at) if clocks else ""


def _at(appeal: Appeal, seq: int) -> str:
    event = next((event for event in appeal.facts.events if event.seq == seq), None)
    return _day(event.occurred_at) if event else ""


def _dispatch(appeal: Appeal, seq: int) -> Values:
    instructions = [
        f"{_words(appeal, event.seq)}（{event.user}，{_day(event.occurred_at)}）"
        for event in appeal.facts.events
        if event.transition == "instruct"
    ]
    return {
        "交办日期": _at(appeal, seq),
        "办结期限": _due(appeal, Deadline.Kind.HANDLE),
        "协办期限": _due(appeal, Deadline.Kind.ASSIST),
        "领导批示": "\n".join(instructions),
        "办理要求": _words(appeal, seq),
    }


def _answer(appeal: Appeal, seq: int) -> Answer | None:
    return Answer.objects.filter(appeal=appeal, event_seq=seq).first()


def _reply(appeal: Appeal, seq: int) -> Values:
    answer = _answer(appeal, seq)
    if answer is None:
        return {}
    return {
        "办理结果": answer.result,
        "依据": answer.basis,
        "解决情况": answer.get_solved_display(),
        "答复日期": _day(answer.at),
    }


def _explain(appeal: Appeal, seq: int) -> Values:
    answer = _answer(appeal, seq)
    event = next(event for event in appeal.facts.events if event.seq == seq)
    # “2026年3月5日由分管副局长解释。企业态度：……”: what follows is not for the firm.
    told, _, _ = _words(appeal, seq).partition("解释。企业态度：")
    day, _, who = told.partition("由")
    return {
        "说明": answer.result if answer else "",
        "依据": answer.basis if answer else "",
        "解释日期": day or _day(event.occurred_at),
        "解释人": who,
    }


def _decline(appeal: Appeal, seq: int) -> Values:
    event = next(event for event in appeal.facts.events if event.seq == seq)
    ground = appeal.rules.find("decline_grounds", event.data.get("ground", ""))
    proposed = last_event(appeal, "propose_decline", of_this_round=False)
    return {
        "情形": ground.label if ground else "",
        "受理部门": ground.right_door if ground else "",
        "说明": _words(appeal, proposed),
    }


def _minutes(appeal: Appeal, seq: int) -> Values:
    event = next(event for event in appeal.facts.events if event.seq == seq)
    found = "合理" if event.transition == "find_reasonable" else "不合理"
    what_next = "重新交办办理" if found == "合理" else "由办理单位依据会商意见向企业沟通解释"
    return {
        "会商日期": _day(event.occurred_at),
        "参加人员": _words(appeal, seq, "参加单位和人员"),
        "会商纪要": _words(appeal, seq, "会商纪要"),
        "依据": _words(appeal, seq, "法律政策依据"),
        "办理方向": _words(appeal, seq, "办理方向"),
        "结论": f"会商认定诉求{found}，{what_next}。",
    }


_SPECIAL = {
    "dispatch": _dispatch,
    "reply": _reply,
    "explain": _explain,
    "decline": _decline,
    "minutes": _minutes,
}
