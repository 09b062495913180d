"""The bureau's desk: accept, decline, merge, instruct, dispatch; the city; consultation."""

from accounts.models import Unit
from accounts.selectors import unit_of
from appeals import deadlines
from appeals.models import Appeal, Audience, Deadline, Participation, PendingRequest
from appeals.steps.base import Ruling, Step
from districts.calendars import work_calendar
from enterprises.services import create_enterprise
from enterprises.subjects import subject_key

Part = Participation.Part


def accept(step: Step) -> None:
    appeal, data = step.appeal, step.data
    appeal.category, appeal.urgency = data["category"], data["urgency"]
    if data.get("add_to_roster"):
        is_credit_code = len(appeal.claimed_code) == 18
        appeal.enterprise = create_enterprise(
            by=step.actor.user,
            name=appeal.claimed_name,
            region=data["region"],
            tier=data["tier"],
            industry=data["industry"],
            credit_code=appeal.claimed_code if is_credit_code else None,
            registration_number=appeal.claimed_code if appeal.claimed_code and not is_credit_code else None,
            no_code_reason="" if appeal.claimed_code else "诉求登记时未提供",
            contact_name=appeal.contact_name,
            contact_phone=appeal.contact_phone,
        )
    elif data.get("subject"):
        appeal.subject = data["subject"]
    if appeal.subject is not None:
        appeal.region = appeal.subject.region
        step.references["subject"] = subject_key(appeal.subject)


def propose_decline(step: Step) -> None:
    step.say(step.data["reason"], Audience.INTERNAL)
    step.ask(PendingRequest.Kind.DECLINE, ground=step.data["ground"])
    step.references["ground"] = step.data["ground"]


def decline(step: Step) -> None:
    """The second officer countersigns: the firm reads the reason and the right door."""
    step.say(step.data["opinion"], Audience.INTERNAL)
    pending = step.rule_on(PendingRequest.Kind.DECLINE, Ruling.AGREED)
    if pending is None:
        raise LookupError("no proposal to countersign")
    ground = step.rules.find("decline_grounds", pending.data["ground"])
    proposal = step.appeal.statements.get(event_seq=pending.event_seq)
    step.references["ground"] = pending.data["ground"]
    if ground:
        step.say(f"{ground.label}。{proposal.text}\n请向{ground.right_door}反映。", Audience.FIRM)
    else:
        step.say(proposal.text, Audience.FIRM)


def refuse_decline(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.DECLINE, Ruling.REFUSED)


def record_provincial(step: Step) -> None:
    if step.appeal.provincial_number:
        step.references["corrects"] = step.appeal.provincial_number
    step.appeal.provincial_number = step.data["provincial_number"]
    if step.appeal.provincial_recorded_at is None:
        step.appeal.provincial_recorded_at = step.moment


def uphold_decline(step: Step) -> None:
    step.say(step.data["opinion"], Audience.FIRM)
    step.rule_on(PendingRequest.Kind.OBJECTION, Ruling.REFUSED)


def overturn_decline(step: Step) -> None:
    step.say(step.data["opinion"], Audience.FIRM)
    step.rule_on(PendingRequest.Kind.OBJECTION, Ruling.AGREED)


def merge(step: Step) -> None:
    """Follow the main appeal; whoever followed this one follows that one from now on."""
    main = step.data["main"]
    step.say(step.data["reason"], Audience.FIRM)
    Appeal.objects.filter(merged_into=step.appeal).update(merged_into=main)
    step.appeal.merged_into = main
    step.references["main"] = main.pk


def unmerge(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)
    step.references["main"] = step.appeal.merged_into_id
    step.appeal.merged_into = None


def ask_instruction(step: Step) -> None:
    leader = step.data["leader"]
    step.say(step.data["text"], Audience.INTERNAL)
    step.ask(PendingRequest.Kind.INSTRUCTION, leader=leader.pk)
    step.references["leader"] = leader.pk
    step.start(Deadline.Kind.INSTRUCTION, owner=leader.unit)


def instruct(step: Step) -> None:
    """A leader may write an instruction without being asked."""
    step.say(step.data["text"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.INSTRUCTION, Ruling.AGREED)


def dispatch(step: Step) -> None:
    appeal, data = step.appeal, step.data
    appeal.lead_unit, appeal.officer = data["lead_unit"], None
    step.take_part(data["lead_unit"], Part.LEAD)
    step.references |= {"lead": data["lead_unit"].pk, "assisting": [u.pk for u in data["assisting_units"]]}
    step.say(data["requirements"], Audience.INTERNAL)
    returned = appeal.requests.filter(
        kind=PendingRequest.Kind.RETURN, round=appeal.round, ruling=Ruling.AGREED
    ).exists()
    step.start(Deadline.Kind.HANDLE, due_on=data["due_on"], behind=returned)
    step.leave_out(Deadline.Kind.ASSIST)
    for unit in data["assisting_units"]:
        step.take_part(unit, Part.ASSISTING)
        step.start(Deadline.Kind.ASSIST, owner=unit, due_on=data["assist_due_on"])


def reassign(step: Step) -> None:
    """To another unit while the clock goes on. What is overdue stays with the unit that was late."""
    appeal, unit = step.appeal, step.data["lead_unit"]
    step.say(step.data["reason"], Audience.INTERNAL)
    appeal.lead_unit, appeal.officer = unit, None
    step.take_part(unit, Part.LEAD)
    step.references["lead"] = unit.pk
    handle = appeal.deadlines.running().get(kind=Deadline.Kind.HANDLE)
    calendar = work_calendar(step.rules)
    due_on = handle.due_at.astimezone(calendar.tz).date()
    if handle.due_at < step.moment:
        due_on = calendar.add(calendar.received_on(step.moment), step.rules.limits.redo)
    deadlines.replace(handle, step.moment, owner=unit, due_on=due_on)


def ask_firm(step: Step) -> None:
    """The clock stands until the material comes, or until the day that the firm was given."""
    step.say(step.data["question"], Audience.FIRM)
    step.appeal.returns_to = step.appeal.status
    step.start(Deadline.Kind.WAITING, owner=step.unit, due_on=step.data["until"])


def stop_waiting(step: Step) -> None:
    step.say(step.data["reason"], Audience.INTERNAL)


# --- The city -------------------------------------------------------------------------------------


def report_up(step: Step) -> None:
    appeal = step.appeal
    appeal.city_letter = step.data["city_letter"]
    step.say(appeal.city_letter, Audience.INTERNAL, "上报文号")
    step.say(step.data["reason"], Audience.INTERNAL, "上报事由")
    step.take_part(_city_desk(step), Part.CITY)
    step.start(Deadline.Kind.FOLLOW_UP, owner=_city_desk(step))
    step.end_refusal("reported_up")


def follow_up(step: Step) -> None:
    step.say(step.data["note"], Audience.INTERNAL)
    step.start(Deadline.Kind.FOLLOW_UP, owner=_city_desk(step))


def _city_desk(step: Step) -> Unit:
    return unit_of(step.appeal.district, step.rules.city_coordination)


def city_answered(step: Step) -> None:
    """Back to the unit concerned: the one that had it, or the one that is to go on from the answer."""
    appeal, unit = step.appeal, step.data["lead_unit"]
    step.say(step.data["answer"], Audience.INTERNAL, "市级回复")
    step.references["lead"] = unit.pk
    handle = appeal.deadlines.running().filter(kind=Deadline.Kind.HANDLE).first()
    if unit != appeal.lead_unit:
        appeal.lead_unit, appeal.officer = unit, None
        step.take_part(unit, Part.LEAD)
    if handle is None:
        deadlines.void(appeal, step.moment, [Deadline.Kind.OWN_HANDLING])
        return
    step.leave_out(Deadline.Kind.HANDLE)
    if handle.owner_id != unit.pk:
        calendar = work_calendar(step.rules)
        least = calendar.add(calendar.received_on(step.moment), step.rules.limits.redo)
        deadlines.replace(handle, step.moment, owner=unit, due_on=least)


# --- Consultation ---------------------------------------------------------------------------------


def find_unreasonable(step: Step) -> None:
    _record_minutes(step)
    step.say(step.data["legal_basis"], Audience.INTERNAL, "法律政策依据")
    step.end_refusal("unreasonable")


def find_reasonable(step: Step) -> None:
    _record_minutes(step)
    step.say(step.data["direction"], Audience.INTERNAL, "办理方向")
    step.end_refusal("reasonable")
    step.release()


def _record_minutes(step: Step) -> None:
    step.say_all(Audience.INTERNAL, attendees="参加单位和人员", minutes="会商纪要")
    step.attach(step.data["attachments"], Audience.INTERNAL)
