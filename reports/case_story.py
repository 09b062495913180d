"""The story of an appeal in words, names and all: the first version of a case, written from the register alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Unit
from appeals.models import Answer, Appeal, Event, Rating, Revisit, Solved, Statement
from core import clock
from core.wording import speak
from reports.case_reasons import Reason, reasons_of
from reports.models import Case

Kind = Case.Kind


@dataclass
class Original:
    """The texts of a case before anything is taken out, in the order of ``Case.TEXTS``."""

    title: str
    background: str
    course: str
    outcome: str
    lesson: str

    @property
    def texts(self) -> list[str]:
        return [self.title, self.background, self.course, self.outcome, self.lesson]


@dataclass
class _Story:
    """The appeal with what its events brought, read once."""

    appeal: Appeal
    events: list[Event] = field(default_factory=list)
    words: dict[int, list[Statement]] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)
    ratings: dict[int, Rating] = field(default_factory=dict)
    revisits: dict[int, Revisit] = field(default_factory=dict)
    units: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, appeal: Appeal) -> _Story:
        story = cls(appeal, list(appeal.events.select_related("unit").order_by("seq")))
        for statement in appeal.statements.order_by("event_seq", "pk"):
            story.words.setdefault(statement.event_seq, []).append(statement)
        story.answers = {answer.event_seq: answer for answer in appeal.answers.select_related("unit")}
        story.ratings = {rating.event_seq: rating for rating in appeal.ratings.all()}
        story.revisits = {one.event_seq: one for one in appeal.revisits.select_related("unit")}
        story.units = {unit.pk: unit.short_name for unit in Unit.objects.filter(pk__in=story._named())}
        return story

    def _named(self) -> set[int]:
        found: set[int] = set()
        for event in self.events:
            found |= {event.data.get("lead"), event.data.get("unit"), *event.data.get("assisting", [])} - {
                None
            }
        return found

    def text(self, event: Event, heading: str | None = None) -> str:
        """The words of an event, or those under one heading."""
        for statement in self.words.get(event.seq, []):
            if heading is None or statement.heading == heading:
                return _bare(statement.text)
        return ""

    def heading(self, event: Event) -> str:
        return next((statement.heading for statement in self.words.get(event.seq, [])), "")

    def unit(self, event: Event) -> str:
        return event.unit.short_name if event.unit else "企业"

    def named(self, event: Event, key: str) -> str:
        return self.units.get(event.data.get(key) or 0, "责任单位")

    def level(self, code: str) -> str:
        return self.appeal.rules.label("satisfaction", code)


def _bare(text: str) -> str:
    """To go on behind it: without its last full stop."""
    return " ".join(text.split()).rstrip("。.；;，, ")


def _in_quotes(text: str) -> str:
    """Quotes within quotes are single ones."""
    return f"“{text.replace('“', '‘').replace('”', '’')}”"


def _quoted(lead: str, text: str, otherwise: str = "") -> str:
    return f"{lead}：{_in_quotes(text)}" if text else otherwise


def _said(what: str, text: str) -> str:
    return f"{what}，{text}" if text else what


def _dispatched(story: _Story, event: Event) -> str:
    assisting = "、".join(story.units[pk] for pk in event.data.get("assisting", []) if pk in story.units)
    said = f"{story.unit(event)}交办{story.named(event, 'lead')}主办" + (
        f"，{assisting}协办" if assisting else ""
    )
    return said + (f"，要求{_in_quotes(text)}" if (text := story.text(event)) else "")


def _answered(story: _Story, event: Event) -> str:
    answer = story.answers.get(event.seq)
    if answer is None:
        return f"{story.unit(event)}反馈办理情况"
    solved = Solved(answer.solved).label
    if event.seq == max(story.answers):
        return f"{story.unit(event)}反馈“{solved}”"
    return f"{story.unit(event)}反馈“{solved}”，称：{_in_quotes(_bare(answer.result))}"


def _rated(story: _Story, event: Event) -> str:
    rating = story.ratings.get(event.seq)
    if rating is None:
        return ""
    said = f"企业评价“{story.level(rating.satisfaction)}”"
    return said + (f"，表示{_in_quotes(comment)}" if (comment := _bare(rating.comment)) else "")


def _revisited(story: _Story, event: Event) -> str:
    revisit = story.revisits.get(event.seq)
    if revisit is None:
        return ""
    how = f"{story.unit(event)}{revisit.get_stage_display()}（{revisit.get_method_display()}）"
    if not revisit.reached:
        return f"{how}未接通"
    return f"{how}，企业表示“{story.level(revisit.satisfaction)}”"


def _refused(story: _Story, event: Event) -> str:
    reason = story.text(event, "办不了的原因")
    return f"{story.unit(event)}拟说“不”" + (f"，理由是{_in_quotes(reason)}" if reason else "")


def _supervised(story: _Story, event: Event) -> str:
    return f"{story.unit(event)}向{story.named(event, 'unit')}发出督办单"


Sentence = Callable[[_Story, Event], str]

SENTENCES: dict[str, Sentence] = {
    "accept": lambda story, event: f"{story.unit(event)}受理",
    "decline": lambda story, event: f"{story.unit(event)}作出不予受理决定",
    "overturn_decline": lambda story, event: "经复核，撤销不予受理，予以受理",
    "instruct": lambda story, event: _quoted("领导签批", story.text(event), "领导签批"),
    "dispatch": _dispatched,
    "handle_oneself": lambda story, event: f"{story.unit(event)}不等不靠，自行办理",
    "hand_up": lambda story, event: _said(speak("自办未果，上交牵头局"), story.text(event)),
    "sign": lambda story, event: f"{story.unit(event)}签收",
    "assist": lambda story, event: _quoted(f"{story.unit(event)}提出协办意见", story.text(event)),
    "request_return": lambda story, event: f"{story.unit(event)}申请退回",
    "agree_return": lambda story, event: "退回获准，重新交办",
    "refuse_return": lambda story, event: "退回未获同意，继续由原单位办理",
    "reassign": lambda story, event: f"改派{story.named(event, 'lead')}办理",
    "request_extension": lambda story, event: f"{story.unit(event)}申请延期",
    "agree_extension": lambda story, event: "延期获准",
    "refuse_extension": lambda story, event: "延期未获同意",
    "ask_firm": lambda story, event: f"{story.unit(event)}请企业补充材料",
    "supply": lambda story, event: "企业补充了材料",
    "propose_refusal": _refused,
    "sign_refusal": lambda story, event: f"{story.heading(event) or '上一级'}同意上报",
    "sign_refusal_last": lambda story, event: f"{story.heading(event) or '主要负责人'}提请会商研判",
    "turn_back": lambda story, event: _quoted(
        f"{story.heading(event) or '负责人'}没有同意说“不”，转为“办”，意见是",
        story.text(event),
        "经负责人把关，转为“办”",
    ),
    "find_reasonable": lambda story, event: "会商研判认为诉求合理，重新交办",
    "find_unreasonable": lambda story, event: "会商研判认为诉求超出政策规定，由办理单位做好解释",
    "explained": lambda story, event: f"{story.unit(event)}向企业当面解释",
    "report_up": lambda story, event: f"{story.unit(event)}上报市级协调",
    "city_answered": lambda story, event: _quoted("市级回复", story.text(event, "市级回复"), "市级回复"),
    "put_on_file": lambda story, event: "暂不具备条件，挂账跟进",
    "resume_file": lambda story, event: "条件具备，恢复办理",
    "remind": lambda story, event: f"{story.unit(event)}催办",
    "supervise": _supervised,
    "list_supervision": lambda story, event: "列入挂牌督办",
    "delist_supervision": lambda story, event: "完成后摘牌",
    "feedback": _answered,
    "rate": _rated,
    "uphold": lambda story, event: _quoted(
        speak("经核实，牵头局维持答复"), story.text(event), speak("经核实，牵头局维持答复")
    ),
    "revisit": _revisited,
    "second_revisit": _revisited,
    "redo": lambda story, event: _quoted(
        f"{story.unit(event)}要求重办", story.text(event), speak("牵头局要求重办")
    ),
    "redo_to_consulting": lambda story, event: _quoted("多次办理未果，转会商研判", story.text(event)),
    "not_solved": lambda story, event: _quoted("企业反映没有解决", story.text(event), "企业反映没有解决"),
    "reopen": lambda story, event: _quoted("企业再次反映", story.text(event), "企业再次反映"),
    "offer_answer": lambda story, event: f"{story.unit(event)}当场答复",
    "confirm_solved": lambda story, event: "企业确认问题已解决",
    "close": lambda story, event: f"{story.unit(event)}审核办结",
}
"""What of an appeal's way a case tells, and how. The other steps are the office's own business."""


def original_of(appeal: Appeal, kind: str) -> Original:
    """Written from the register alone: a first version for somebody to work on."""
    story = _Story.of(appeal)
    reasons = reasons_of(appeal, kind)
    return Original(
        title=_title(story, kind, reasons),
        background=_background(story),
        course=_course(story),
        outcome=_outcome(story, kind),
        lesson=_lesson(kind, reasons),
    )


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _lead(appeal: Appeal) -> str:
    return (appeal.lead_unit or appeal.collecting_unit).short_name


def _title(story: _Story, kind: str, reasons: list[Reason]) -> str:
    appeal = story.appeal
    matter = "" if appeal.category == "other" else appeal.category_label
    if kind == Kind.GOOD:
        if any(reason.code == "turned" for reason in reasons):
            return f"{_lead(appeal)}把“不”转为“办”，为{appeal.subject_name}解决{matter or '实际'}难题"
        if appeal.status == "solved_on_spot":
            return f"{_lead(appeal)}当场为{appeal.subject_name}解决{matter or '实际'}问题"
        return f"{_lead(appeal)}为{appeal.subject_name}解决{matter or '实际'}难题"
    codes = {reason.code for reason in reasons}
    how = (
        "反馈不实" if "contrary" in codes
        else "反复办理" if "redone" in codes
        else "办理迟缓" if "overdue" in codes
        else "办理质量不高"
    )  # fmt: skip
    return f"{_lead(appeal)}办理{appeal.subject_name}{matter}诉求{how}"


def _background(story: _Story) -> str:
    appeal = story.appeal
    came = clock.local_date(appeal.submitted_at)
    about = "一件诉求" if appeal.category == "other" else f"{appeal.category_label}方面的诉求"
    return (
        f"{came.year}年{_day(came)}，{appeal.subject_name}反映{about}（来源：{appeal.channel_label}）："
        f"{_in_quotes(_bare(appeal.content) + '。')}"
    )


def _course(story: _Story) -> str:
    """A line a day."""
    days: dict[date, list[str]] = {}
    for event in story.events:
        tell = SENTENCES.get(event.transition)
        said = tell(story, event) if tell else ""
        if said:
            of_day = days.setdefault(clock.local_date(event.occurred_at), [])
            if said not in of_day:
                of_day.append(said)
    return "\n".join(f"{_day(day)}，{'；'.join(said)}。" for day, said in days.items())


def _outcome(story: _Story, kind: str) -> str:
    appeal, lines = story.appeal, []
    if story.answers:
        last = story.answers[max(story.answers)]
        lines.append(f"{_bare(last.result)}。")
    effects: dict[str, float] = {}
    for effect in appeal.effects.all():
        effects[effect.kind] = effects.get(effect.kind, 0) + float(effect.change)
    done = [
        f"{found.label if (found := appeal.rules.find('effects', code)) else code}{amount:g}{found.unit if found else ''}"
        for code, amount in effects.items()
        if amount and not (amount == 1 and len(effects) == 1 and story.answers)
    ]
    if done:
        lines.append(f"共{'、'.join(done)}。")
    rating = story.ratings[max(story.ratings)] if story.ratings else None
    heard = [one for one in story.revisits.values() if one.reached and one.stage == Revisit.Stage.SECOND]
    if rating:
        comment = _bare(rating.comment)
        lines.append(
            f"企业评价“{story.level(rating.satisfaction)}”"
            + (f"，表示{_in_quotes(comment)}。" if comment else "。")
        )
    if heard:
        last_heard = heard[-1]
        lines.append(
            f"二次回访核实：{last_heard.get_solved_display()}，企业“{story.level(last_heard.satisfaction)}”。"
        )
    if not appeal.is_final:
        lines.append(f"目前该诉求{appeal.get_status_display()}。")
    return "".join(lines) or "尚无办理结果。"


def _lesson(kind: str, reasons: list[Reason]) -> str:
    if not reasons:
        return ""
    found = "；".join(reason.text for reason in reasons)
    said = [LESSONS[reason.code] for reason in reasons if reason.code in LESSONS]
    begins = "主要做法和成效" if kind == Kind.GOOD else "存在的突出问题"
    return f"{begins}：{found}。\n{''.join(dict.fromkeys(said))}"


LESSONS = {
    "turned": "面对一时办不了的事，不简单说“不”，由负责人把关转为“办”，关键是换位思考、主动找替代办法。",
    "effects": "紧盯企业最急最盼的要素问题，把政策和资源直接送到企业，成效看得见、算得清。",
    "city": "超出本级权限的事项及时上报、持续跟进，不让企业来回跑。",
    "together": "部门之间主动协同，同一件事一次商定、并联办理，避免推诿扯皮。",
    "fast": "接诉即办，能快则快，用时间节点倒逼责任落实。",
    "praised": "办理结果由企业评判，企业满意才算办好。",
    "on_spot": "落实首问负责，能当场答复解决的不过夜、不转手。",
    "contrary": "以“已解决”代替真解决，反馈前没有向企业核实，反映出工作不实、把关不严。"
    "要坚持办理结果由企业确认，回访发现不实的一律重办。",
    "redone": "同一诉求反复办理，反映出首次办理走过场、没有把问题一次办到位。",
    "dissatisfied": "企业不满意，反映出沟通不到位、解决措施没有落到企业的实际困难上。",
    "overdue": "超过时限没有办结，反映出责任落实不到位、时限意识不强。"
    "要对照时限倒排工期，确有困难的按规定提前申请延期并告知企业。",
    "supervised": "经督办才推动办理，反映出主动性不够。",
    "reopened": "当场答复后企业再次反映，反映出答复不具体、跟进不及时。",
}
