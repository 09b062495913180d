"""One appeal and everybody who has to do with it: each step a call of ``perform``."""

from random import Random
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict

from accounts.actors import Actor
from accounts.models import Unit, User
from appeals.models import Appeal
from appeals.perform import perform
from demo import papers, wording
from demo.data import counter, phrases
from demo.data.matters import Matter
from demo.plots import Plot
from demo.world import Firm, World
from enterprises.models import Enterprise
from enterprises.subjects import subject_key
from liaisons.models import Plaque

TOKENS = "demo:"
"""Form tokens make the secret codes the same every time; they are forgotten at the end."""


class Case:
    def __init__(
        self, world: World, rng: Random, firm: Firm, name: str, matter: Matter | None = None
    ) -> None:
        self.world, self.rng, self.firm, self.name = world, rng, firm, name
        self.matter = matter or wording.matter_for(world, rng, firm)
        self.blanks = wording.blanks(rng, firm)
        self.appeal: Appeal | None = None
        self.plot = Plot()
        self.claimed_name = ""
        self.moved_to = ""
        """The unit it went to after a return or a reassignment."""
        self.ground = rng.choice(tuple(counter.NOT_ACCEPTED))
        self.question = rng.choice(counter.QUESTIONS)

    # --- Coming in --------------------------------------------------------------------------------

    def what(self) -> dict[str, Any]:
        firm = self.firm
        category, content = self.matter.category, self.matter.content.format(**self.blanks)
        if self.plot.ending in {"declined", "decline_waits"}:
            category, content = "other", counter.NOT_ACCEPTED[self.ground][0]
        elif self.plot.ending == "offered":
            category, content = self.question.category, self.question.content
        return {
            "category": category,
            "content": content,
            "contact_name": firm.contact_name,
            "contact_phone": firm.contact_phone,
        }

    def submit(self, channel: str) -> None:
        """By the firm itself, under the name it gives."""
        firm = self.firm
        claims = {"claimed_name": self.claimed_name or firm.name, "region": firm.region_id}
        if isinstance(firm, Enterprise) and not self.claimed_name:
            claims["claimed_code"] = firm.credit_code or firm.registration_number or ""
        scanned = self._code() if channel == "plaque" and not self.claimed_name else ""
        self._create("submit", Actor.holder(), claims | {"channel": channel, "plaque": scanned})

    def _code(self) -> str:
        """Of the plaque at the firm's door, where there is one."""
        hanging = self.firm.plaques.filter(state=Plaque.State.SIGNED)
        return hanging.values_list("token", flat=True).first() or ""

    def register(self, by: User, channel: str, **more: Any) -> None:
        self._create(
            "register", Actor.of_user(by), {"subject": subject_key(self.firm), "channel": channel} | more
        )

    def solve_on_spot(self, by: User, channel: str, question: Any, **more: Any) -> None:
        data = more | {
            "subject": subject_key(self.firm),
            "channel": channel,
            "category": question.category,
            "content": question.content,
            "answer": question.answer,
            "basis": question.basis,
            "signature": papers.signature(self.rng),
        }
        self._create("solve_on_spot", Actor.of_user(by), data)

    def _create(self, transition: str, actor: Actor, data: dict[str, Any]) -> None:
        self.appeal = perform(
            None,
            transition,
            actor,
            self.what() | data,
            files=self._files(),
            key=f"{TOKENS}{self.name}",
            district=self.world.district,
        )

    def attachments(self) -> list[UploadedFile]:
        if not self.plot.files:
            return []
        return [papers.attachment(self.rng, self.firm.name) for _ in range(self.rng.randint(1, 2))]

    def _files(self) -> MultiValueDict:
        return MultiValueDict({"attachments": self.attachments()})

    # --- On its way -------------------------------------------------------------------------------

    def do(self, transition: str, by: User | None = None, *, files: bool = False, **data: Any) -> None:
        """A step by an official, or by the firm where nobody is named."""
        assert self.appeal is not None
        actor = Actor.of_user(by) if by else Actor.holder(self.appeal.pk)
        uploads = self._files() if files else None
        self.appeal = perform(self.appeal, transition, actor, data, files=uploads)

    @property
    def status(self) -> str:
        assert self.appeal is not None
        return self.appeal.status

    def pick(self, texts: tuple[str, ...]) -> str:
        return self.rng.choice(texts)

    # --- Who ---------------------------------------------------------------------------------------

    @property
    def dispatcher(self) -> User:
        return self.world.people[self.rng.choice(("dispatcher", "dispatcher", "dispatcher2"))]

    def other_dispatcher(self, than: User) -> User:
        return self.world.people["dispatcher" if than == self.world.people["dispatcher2"] else "dispatcher2"]

    @property
    def lead(self) -> Unit:
        wanted = self.moved_to or self.plot.lead or self.matter.unit
        return self.world.territory(self.firm.region) if wanted == "territory" else self.world.units[wanted]

    @property
    def assisting(self) -> list[Unit]:
        units = [
            self.world.territory(self.firm.region) if code == "territory" else self.world.units[code]
            for code in self.matter.assisting
        ]
        return [unit for unit in dict.fromkeys(units) if unit.pk != self.lead.pk]

    @property
    def bureau_is_lead(self) -> bool:
        return self.lead.code == self.world.rules.lead_bureau

    @property
    def handler(self) -> User:
        """Who signs and answers for the lead unit."""
        return self.world.liaison(self.lead.code)

    @property
    def revisitor(self) -> User:
        return self.dispatcher if self.bureau_is_lead else self.handler

    @property
    def second_revisitor(self) -> User:
        return self.world.people["supervisor"] if self.bureau_is_lead else self.dispatcher

    # --- Words ------------------------------------------------------------------------------------

    def answer(self) -> dict[str, Any]:
        effects = {f"effect_{kind}": self.blanks[blank] for kind, blank in self.matter.effects.items()}
        return {
            "result": self.matter.answer.format(**self.blanks),
            "basis": self.matter.basis,
            "solved": self.rng.choices(("yes", "partly"), (9, 1))[0],
            **effects,
        }

    def satisfied(self, note: tuple[str, ...] = phrases.REVISIT_NOTES) -> dict[str, Any]:
        level = self.rng.choices(("very_satisfied", "satisfied", "basic"), (42, 45, 13))[0]
        return {
            "method": self.rng.choices(("phone", "on_site", "wechat", "office"), (60, 25, 8, 7))[0],
            "reached": "yes",
            "solved": "partly" if level == "basic" else "yes",
            "satisfaction": level,
            "note": self.pick(note),
        }

    def dissatisfied(self) -> dict[str, Any]:
        return {
            "method": "phone",
            "reached": "yes",
            "solved": self.rng.choice(("no", "partly")),
            "satisfaction": self.rng.choices(("unsatisfied", "very_unsatisfied"), (4, 1))[0],
            "note": self.pick(phrases.COMPLAINTS),
        }

    def missed(self) -> dict[str, Any]:
        return {"method": "phone", "reached": "no", "note": self.pick(phrases.MISSED_NOTES)}
