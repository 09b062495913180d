"""The handling unit: itself or dispatched to, more time, on file, the answer."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Sum

from appeals import deadlines, signing
from appeals.forms import FeedbackForm
from appeals.models import Audience, Deadline, Participation, PendingRequest, Solved
from appeals.steps.base import Ruling, Step
from core import clock

Part = Participation.Part


def sign(step: Step) -> None:
    step.appeal.officer = step.data["officer"]


def handle_oneself(step: Step) -> None:
    """自办: the unit that collected it is the lead without being dispatched to."""
    appeal = step.appeal
    appeal.lead_unit, appeal.officer = step.unit, step.data["officer"]
    step.take_part(step.unit, Part.LEAD)
    step.references["lead"] = step.unit.pk


def hand_up(step: Step) -> None:
    step.say(step.data["reason"], Audience.INTERNAL)
    step.release()


def assist(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)


def request_assist_withdrawal(step: Step) -> None:
    step.say(step.data["reason"], Audience.INTERNAL)
    step.ask(PendingRequest.Kind.ASSIST_WITHDRAWAL)


def agree_assist_withdrawal(step: Step) -> None:
    """It assists no more: its clock ends, and it keeps seeing what it took part in."""
    step.say(step.data["opinion"], Audience.INTERNAL)
    asked = step.rule_on(PendingRequest.Kind.ASSIST_WITHDRAWAL, Ruling.AGREED)
    if asked is None or asked.unit is None:
        raise LookupError("no assistant asked to withdraw")
    deadlines.void(step.appeal, step.moment, [Deadline.Kind.ASSIST], owner=asked.unit)
    step.appeal.participations.filter(unit=asked.unit, part=Part.ASSISTING, round=step.appeal.round).update(
        part=Part.ASSISTED
    )


def refuse_assist_withdrawal(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.ASSIST_WITHDRAWAL, Ruling.REFUSED)


# --- Handing back, more time, on file -------------------------------------------------------------


def request_return(step: Step) -> None:
    unit = step.data["proposed_unit"]
    step.say(step.data["ground"], Audience.INTERNAL, "职责依据")
    step.say(f"建议由{unit.name}主办。" if unit else "", Audience.INTERNAL)
    step.ask(PendingRequest.Kind.RETURN, proposed=unit.pk if unit else None)


def agree_return(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.RETURN, Ruling.AGREED)
    step.release()


def refuse_return(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.RETURN, Ruling.REFUSED)


def request_extension(step: Step) -> None:
    step.say_all(Audience.INTERNAL, reason="延期理由", told="告知企业")
    step.ask(PendingRequest.Kind.EXTENSION, until=step.data["until"])
    handle = step.appeal.deadlines.running().get(kind=Deadline.Kind.HANDLE)
    step.start(Deadline.Kind.EXTENSION_RULING, due_on=clock.local_date(handle.due_at))


def agree_extension(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.EXTENSION, Ruling.AGREED)
    handle = step.appeal.deadlines.running().get(kind=Deadline.Kind.HANDLE)
    deadlines.replace(handle, step.moment, due_on=step.data["until"])
    step.references["until"] = step.data["until"].isoformat()


def refuse_extension(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.EXTENSION, Ruling.REFUSED)


def request_on_file(step: Step) -> None:
    step.say_all(Audience.INTERNAL, reason="暂不能解决的原因", told="告知企业")
    step.ask(PendingRequest.Kind.ON_FILE, until=step.data["until"])


def put_on_file(step: Step) -> None:
    """The firm reads why; the clock of the handling stands, and another recurs."""
    step.say(step.data["opinion"], Audience.INTERNAL)
    asked = step.rule_on(PendingRequest.Kind.ON_FILE, Ruling.AGREED)
    if asked is None:
        raise LookupError("nobody asked to put it on file")
    reason = step.appeal.statements.get(event_seq=asked.event_seq, heading="暂不能解决的原因")
    step.say(reason.text, Audience.FIRM)
    due_on = asked.until if asked.until and asked.until > clock.today() else None
    step.start(Deadline.Kind.FOLLOW_UP, owner=step.lead, due_on=due_on)


def refuse_on_file(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.ON_FILE, Ruling.REFUSED)


def renew_file(step: Step) -> None:
    step.say(step.data["reason"], Audience.FIRM)
    step.start(Deadline.Kind.FOLLOW_UP, owner=step.lead, due_on=step.data["until"])


def resume_file(step: Step) -> None:
    step.say(step.data["reason"], Audience.INTERNAL)


# --- Answering ------------------------------------------------------------------------------------


def draft_feedback(step: Step) -> None:
    """The words wait for the signature of whoever must sign; the firm reads nothing yet."""
    step.say(step.data["result"], Audience.INTERNAL, "拟答复")
    step.attach(step.data["attachments"], Audience.INTERNAL)
    kept = {name: str(value) for name, value in step.data.items() if value not in (None, "", [])}
    kept.pop("attachments", None)
    level = signing.needed_for_answer(step.appeal)
    step.ask(PendingRequest.Kind.FEEDBACK, answer=kept, level=level)


def return_draft(step: Step) -> None:
    step.say(step.data["opinion"], Audience.INTERNAL)
    step.rule_on(PendingRequest.Kind.FEEDBACK, Ruling.REFUSED)


def feedback(step: Step) -> None:
    appeal, data = step.appeal, step.data
    answer = step.answer(step.lead, data["result"], data["basis"], data["solved"])
    step.references |= {"answer": answer.pk, "solved": answer.solved}
    drafted = step.rule_on(PendingRequest.Kind.FEEDBACK, Ruling.AGREED)
    if drafted:
        # The files that came with the draft go out with the answer.
        appeal.attachments.filter(event_seq=drafted.event_seq).update(
            event_seq=step.seq, audience=Audience.FIRM
        )
    step.attach(data["attachments"])
    record_effects(step)
    appeal.answered_at = step.moment


def explained(step: Step) -> None:
    """What was told to the firm is the answer: not solved, with the basis that the consultation found."""
    data = step.data
    basis = step.appeal.statements.filter(heading="法律政策依据").last()
    step.answer(step.lead, data["explanation"], basis.text if basis else "", Solved.NO)
    step.say(
        f"{data['explained_on']:%Y年%-m月%-d日}由{data['explained_by']}解释。企业态度：{data['reaction']}",
        Audience.INTERNAL,
    )
    step.attach(data["attachments"])
    step.appeal.answered_at = step.moment


def record_effects(step: Step) -> None:
    """Effects are stated anew with every answer; what is stored is the change against what was stated before."""
    appeal, data = step.appeal, step.data
    stated: dict[str, Decimal] = {
        effect.code: data.get(FeedbackForm.effect_field(effect.code)) or Decimal(0)
        for effect in step.rules.effects
        if effect.code != "supply"
    }
    solved_supply = data["solved"] == Solved.YES and appeal.category in step.rules.supply_categories
    stated["supply"] = Decimal(int(solved_supply))
    before = dict(appeal.effects.values_list("kind").annotate(total=Sum("change")))
    for kind, amount in stated.items():
        if change := amount - before.get(kind, Decimal(0)):
            step.record_effect(kind, change, step.lead)


# --- The calendar ---------------------------------------------------------------------------------


def recount(step: Step) -> None:
    counted = deadlines.recount(step.appeal)
    if not counted:
        raise ValidationError("没有需要重算的期限。")
    step.references["clocks"] = [deadline.pk for deadline in counted]
