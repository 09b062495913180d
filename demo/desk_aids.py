"""What makes the desks one's own: saved filters, a unit's phrases, and two appeals that were brought twice."""

from collections.abc import Iterator
from datetime import datetime, time

from accounts.actors import Actor
from appeals.duplicates import hint_duplicate
from appeals.models import Appeal, Phrase, Status
from appeals.perform import perform
from appeals.phrases import save_phrase
from appeals.saved_filters import save_filter
from demo.cases import TOKENS
from demo.world import Story, World, moment_on

FILTERS = {
    "dispatcher": (("已超期", "clock=red"), ("拖欠账款", "category=arrears"), ("紧急的", "urgency=urgent")),
    "dispatcher2": (("临期", "clock=blue"), ("省平台转来", "channel=provincial")),
    "rsj": (("用工", "category=labour"),),
}
PHRASES = {
    "rsj": (
        (
            "专场招聘",
            "labour",
            "已为贵公司安排专场招聘，时间＿＿、地点＿＿，请派人参加；岗位同时推送至“就业驿站”。",
        ),
        ("社保补贴", "labour", "社会保险补贴所缺材料为：＿＿。补齐后当日受理，审核结果以短信告知。"),
    ),
    "czj": (
        (
            "银企对接",
            "finance",
            "已联系＿＿家银行与贵公司对接，初步授信意向＿＿万元，客户经理＿＿将与您联系。",
        ),
    ),
}
TWICE = 2
AFTERNOON = time(16, 20)


class DeskAids:
    def __init__(self, world: World) -> None:
        self.world = world

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        yield moment_on(days[0], time(9, 10)), self._settled_in()
        yield moment_on(days[-1], AFTERNOON), self._brought_twice()

    def _settled_in(self) -> Story:
        for username, filters in FILTERS.items():
            for name, query in filters:
                save_filter(by=self.world.people[username], name=name, query=query)
        for username, phrases in PHRASES.items():
            for title, category, text in phrases:
                phrase = Phrase(purpose=Phrase.Purpose.REPLY, title=title, category=category, text=text)
                save_phrase(by=self.world.people[username], phrase=phrase)
        return
        yield

    def _brought_twice(self) -> Story:
        """The firm asks again at the same counter, whose clerk notes that it is the same matter."""
        waiting = (Status.SUBMITTED, Status.ACCEPTED, Status.DISPATCHED, Status.HANDLING)
        earlier = Appeal.objects.filter(
            status__in=waiting, registered_by__isnull=False, visit=None, service_event=None
        )
        for n, main in enumerate(earlier.order_by("-submitted_at", "-number")[:TWICE]):
            by = main.registered_by
            assert by is not None
            data = {
                "claimed_name": main.subject_name,
                "contact_name": main.contact_name,
                "contact_phone": main.contact_phone,
                "category": main.category,
                "channel": main.channel,
                "content": f"{main.content}至今没有进展，再来问一声。",
            }
            again = perform(None, "register", Actor.of_user(by), data, key=f"{TOKENS}again:{n}")
            hint_duplicate(appeal=again, main=main, by=by)
        return
        yield
