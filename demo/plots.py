"""What can become of an appeal: how fast, how well, and where it stands still."""

from dataclasses import dataclass, replace
from random import Random


@dataclass(frozen=True)
class Plot:
    """The turns of one appeal's life after it came in. Working days are given as (least, most)."""

    accept: tuple[int, int] = (0, 1)
    dispatch: tuple[int, int] = (0, 1)
    sign: tuple[int, int] = (0, 1)
    handle: tuple[int, int] = (2, 6)
    revisit: tuple[int, int] = (1, 3)
    second_revisit: tuple[int, int] = (1, 3)
    close: tuple[int, int] = (0, 1)
    urgency: str = "normal"
    ending: str = "closed"
    """closed, declined, decline_refused, decline_waits, offered, redo, upheld, against, unreached,
    unreached_once."""
    stops_before: str = ""
    """The step that somebody owes and does not do."""
    brisk: bool = False
    """Everything up to the handling within hours."""
    rated: bool = False
    assisted: bool = False
    assists: bool = True
    provincial: bool = False
    supplemented: bool = False
    files: bool = False
    turn: str = ""
    """See ``demo.turns``; "instructed", "objected" and "overturned" come before the handling."""
    lead: str = ""
    """The handling unit; empty for the one the matter belongs to."""
    offered_only: bool = False


# How often out of a hundred; together less than that, the rest goes smoothly.
ENDINGS = (
    ("declined", 5),
    ("decline_refused", 1),
    ("offered", 4),
    ("redo", 7),
    ("upheld", 2),
    ("against", 2),
    ("unreached", 4),
    ("unreached_once", 3),
)


# Of those that go smoothly otherwise, how often out of a hundred a turn is taken.
SMOOTH_TURNS = (
    ("asked_firm", 4),
    ("extended", 4),
    ("returned", 2),
    ("return_refused", 1),
    ("reassigned", 1),
    ("on_file", 1),
    ("reported_up", 2),
    ("withdrawn", 1),
    ("turned_back", 4),
    ("refused", 2),
    ("found_reasonable", 1),
    ("instructed", 3),
)


def _drawn(rng: Random, shares: tuple[tuple[str, int], ...]) -> str:
    chance = rng.random() * 100
    for name, share in shares:
        if chance < share:
            return name
        chance -= share
    return ""


def usual(rng: Random) -> Plot:
    """One of the many."""
    ending = _drawn(rng, ENDINGS) or "closed"
    turn = _drawn(rng, SMOOTH_TURNS) if ending == "closed" else ""
    if ending == "declined":
        turn = rng.choice(("objected", "overturned", "", "", ""))
    plot = Plot(
        ending=ending,
        turn=turn,
        rated=rng.random() < 0.45,
        assisted=rng.random() < 0.28,
        assists=rng.random() < 0.85,
        provincial=rng.random() < 0.62,
        supplemented=rng.random() < 0.07,
        files=rng.random() < 0.09,
    )
    kind = rng.random()
    if kind < 0.08:
        plot = replace(plot, urgency="urgent", handle=(1, 4), brisk=True)
    elif kind < 0.20:
        plot = replace(plot, urgency="complex", handle=(6, 13))
    return _with_delays(rng, plot)


def _with_delays(rng: Random, plot: Plot) -> Plot:
    chance = rng.random()
    if chance < 0.07:
        late = {"urgent": (6, 9), "normal": (8, 12), "complex": (16, 20)}[plot.urgency]
        return replace(plot, handle=late)
    if chance < 0.11:
        return replace(plot, sign=(2, 4))
    if chance < 0.13:
        return replace(plot, accept=(2, 3))
    if chance < 0.16:
        return replace(plot, revisit=(4, 6))
    if chance < 0.18:
        return replace(plot, second_revisit=(4, 7))
    return plot


@dataclass(frozen=True)
class Today:
    """An appeal that makes today's desks: it came in so many working days before the next one."""

    days: int
    plot: Plot
    matter_of: str = ""
    """The handling unit whose matters it is about."""
    claimed: bool = False
    """By a firm that nobody has found on the roster yet."""


BRISK = Plot(brisk=True, accept=(0, 0), dispatch=(0, 0), sign=(0, 0), provincial=True)
DEMO_DESKS = ("rsj", "czj", "datong", "jkq")
OTHER_DESKS = ("zrzy", "zjj", "scjg", "jtys")


def _desks() -> list[Today]:
    """Something red, blue, fresh and to be revisited on the desk of every unit with a demo account."""
    found = []
    for code in DEMO_DESKS:
        plot = replace(BRISK, lead=code)
        found += [
            Today(11, replace(plot, stops_before="feedback"), code),
            Today(7, replace(plot, stops_before="feedback", assisted=True), code),
            Today(4, replace(plot, stops_before="feedback"), code),
            Today(1, replace(plot, stops_before="sign"), code),
            Today(6, replace(plot, handle=(2, 2), stops_before="revisit", rated=True), code),
        ]
    for code in OTHER_DESKS:
        plot = replace(BRISK, lead=code)
        found += [
            Today(9, replace(plot, stops_before="feedback", files=True), code),
            Today(2, replace(plot, stops_before="sign"), code),
        ]
    return found


def _bureau() -> list[Today]:
    """The dispatchers' desk, and that of 督查 where the bureau handled something itself."""
    revisited = replace(BRISK, handle=(1, 2), revisit=(1, 1))
    own = replace(revisited, lead="kjj")
    return [
        *(
            Today(1, replace(BRISK, stops_before="accept"), claimed=claimed)
            for claimed in (False, False, True, True)
        ),
        Today(4, replace(BRISK, stops_before="accept"), claimed=True),
        *(Today(1, replace(BRISK, stops_before="dispatch")) for _ in range(3)),
        Today(1, replace(BRISK, ending="decline_waits")),
        Today(3, replace(BRISK, ending="decline_waits")),
        *(Today(days, replace(revisited, stops_before="second_revisit"), "scjg") for days in (5, 6, 6)),
        Today(9, replace(revisited, stops_before="second_revisit"), "rsj"),
        Today(7, replace(revisited, second_revisit=(1, 1), stops_before="close"), "zjj"),
        Today(8, replace(revisited, second_revisit=(1, 1), stops_before="close", rated=True), "fgw"),
        Today(9, replace(revisited, second_revisit=(1, 1), ending="unreached", stops_before="close"), "swj"),
        Today(6, replace(BRISK, handle=(1, 2), ending="redo", stops_before="redo"), "cgj"),
        Today(12, replace(BRISK, handle=(1, 2), ending="redo", stops_before="second_feedback"), "sthj"),
        Today(6, replace(own, stops_before="second_revisit"), "kjj"),
        Today(9, replace(own, stops_before="second_revisit"), "kjj"),
        Today(5, replace(own, stops_before="revisit"), "kjj"),
        Today(14, replace(own, stops_before="feedback", assisted=True, assists=False), "kjj"),
        Today(2, replace(BRISK, ending="offered", offered_only=True)),
    ]


def _asked() -> list[Today]:
    """Something in every state beside the straight way, and something to rule on for everybody who rules."""
    rsj, czj, datong = (replace(BRISK, lead=code) for code in ("rsj", "czj", "datong"))
    own = replace(BRISK, lead="kjj")

    def stands(days: int, plot: Plot, turn: str, before: str, of: str) -> Today:
        return Today(days, replace(plot, turn=turn, stops_before=before), of)

    return [
        stands(3, rsj, "turned_back", "turn_back", "rsj"),
        stands(4, rsj, "refused", "level_2", "rsj"),
        stands(6, rsj, "refused", "level_3", "rsj"),
        stands(9, czj, "refused", "consult", "czj"),
        stands(12, rsj, "refused", "explained", "rsj"),
        stands(3, rsj, "asked_firm", "supply", "rsj"),
        stands(3, czj, "extended", "agree_extension", "czj"),
        stands(2, datong, "returned", "agree_return", "datong"),
        stands(5, rsj, "on_file", "put_on_file", "rsj"),
        stands(15, datong, "on_file", "renew_file", "datong"),
        stands(7, czj, "reported_up", "follow_up", "czj"),
        stands(2, czj, "withdrawn", "confirm_withdrawal", "czj"),
        stands(1, replace(BRISK, lead="zjj"), "instructed", "instruct", "zjj"),
        stands(8, own, "refused", "level_2", "kjj"),
        Today(12, replace(rsj, handle=(1, 2), ending="redo", stops_before="signature"), "rsj"),
        Today(4, replace(BRISK, ending="declined", turn="objected", stops_before="object_ruled")),
    ]


TODAY = (*_desks(), *_bureau(), *_asked())
