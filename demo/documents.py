"""Official documents of the last weeks: what was dispatched, answered, declined and discussed, on paper."""

from datetime import timedelta

from accounts.actors import Actor
from appeals.models import Event, SupervisionLetter
from core import clock
from demo.world import World
from reports.documents.issuing import issue, issue_letter, withdraw
from reports.documents.kinds import KINDS, is_sent, may_make_of_letter

# Which documents follow which step, and of how many such steps; the latest ones.
FOLLOW = (
    ("slip", ("register",), 6),
    ("dispatch", ("dispatch", "reassign", "redo"), 24),
    ("reply", ("feedback",), 16),
    ("decline", ("decline",), 6),
    ("minutes", ("find_unreasonable", "find_reasonable"), 6),
    ("explain", ("explained",), 6),
)
LETTERS = 10
LATER = timedelta(minutes=10)
ASKED = {
    "dispatch": {"交办联系": "区科经局企业服务股 0562-0000000"},
    "reply": {"经办联系": ""},
}
ROOM, CHAIR, CLERK = "区科经局三楼会议室", "区科经局分管负责人", "企业服务股"
WRONG = 3
"""The so-manieth dispatch letter was wrong and was made again."""
MISTAKE = "办理要求漏写现场核查，重新出具。"


def give_out(world: World) -> int:
    """Each a little after what it rests on, so that numbers follow the days; returns how many."""
    steps = []
    for kind, transitions, most in FOLLOW:
        events = Event.objects.filter(appeal__district=world.district, transition__in=transitions)
        events = events.select_related("appeal__profile", "appeal__district", "user__unit")
        for event in events.order_by("-occurred_at", "-pk")[:most]:
            steps.append((event.occurred_at, kind, event))
    steps.sort(key=lambda step: (step[0], step[2].pk))
    made = sum(_made(world, kind, event) for _, kind, event in steps)
    letters = SupervisionLetter.objects.filter(district=world.district, sent_at__isnull=False)
    latest = letters.select_related("sent_by__unit", "sender").order_by("-sent_at", "-pk")[:LETTERS]
    return made + sum(_made_of(world, letter) for letter in reversed(latest))


def _made(world: World, kind: str, event: Event) -> bool:
    appeal, user = event.appeal, event.user
    if (
        user is None
        or KINDS[kind].ready(appeal) != event.seq
        or not KINDS[kind].who(Actor.of_user(user), appeal)
    ):
        return False
    asked = ASKED.get(kind, {})
    if kind == "minutes":
        attendees = appeal.statements.filter(event_seq=event.seq, heading="参加单位和人员").first()
        day = clock.local_date(event.occurred_at)
        asked = {
            "会商日期": f"{day.year}年{day.month}月{day.day}日",
            "地点": ROOM,
            "主持人": CHAIR,
            "参加人员": attendees.text if attendees else "牵头局、办理单位",
            "记录人": CLERK,
        }
    with clock.at(min(event.occurred_at + LATER, world.end)):
        document = issue(by=user, kind=kind, appeal=appeal, asked=asked)
        if kind == "dispatch" and document.number == WRONG:
            withdraw(by=user, document=document, reason=MISTAKE)
            issue(by=user, kind=kind, appeal=appeal, asked=asked)
    return True


def _made_of(world: World, letter: SupervisionLetter) -> bool:
    by, sent = letter.sent_by, letter.sent_at
    if by is None or sent is None or not is_sent(letter) or not may_make_of_letter(Actor.of_user(by), letter):
        return False
    with clock.at(min(sent + LATER, world.end)):
        issue_letter(by=by, letter=letter)
    return True
