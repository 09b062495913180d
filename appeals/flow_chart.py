"""附件1, the flow chart (流程图), drawn from the transition table: a row changed there is changed here.

Only where the states stand on the paper is said here. A transition between neighbours is an arrow with its
label; any other is written in the box it leaves from, and one that may be made almost anywhere in the box it
leads to, so that nothing of the table is left out and no line crosses another.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from appeals.models import FINAL, Deadline, Status
from appeals.workflow import TRANSITIONS, Transition
from districts.handling import Limits

S = Status
K = Deadline.Kind

# Column and row of each state: the loop goes down the middle, 收集→办理→反馈→回访.
PLACES: Mapping[Status, tuple[int, int]] = {
    S.SUBMITTED: (1, 0), S.ACCEPTED: (1, 1), S.DISPATCHED: (1, 2), S.HANDLING: (1, 3),
    S.ANSWERED: (1, 4), S.REVISITED: (1, 5), S.CLOSED: (1, 6),
    S.SOLVED_ON_SPOT: (0, 0), S.DECLINED: (0, 1), S.MERGED: (0, 2), S.ON_FILE: (0, 3),
    S.WAITING: (0, 4), S.WITHDRAWN: (0, 5),
    S.REPORTED_UP: (2, 1), S.REFUSING: (2, 3), S.CONSULTING: (2, 4), S.EXPLAINING: (2, 5),
}  # fmt: skip
ALMOST_ANYWHERE = 6
"""A transition that may be made in so many states stands in the box it leads to."""
BACK = "原环节"

WIDTH, ACROSS, DOWN, EDGE = 210, 116, 50, 10
"""Of a box; between columns; between rows; around everything."""
LINE, PAD, FONT = 19, 9, 13
"""Of the words: their lines, the room around them, their size (static/css/portal.css)."""
BETWEEN = 15
"""How far the arrows to and fro between two neighbours keep from the middle."""


@dataclass(frozen=True)
class Exit:
    """One way out of a state."""

    label: str
    who: str
    target: str


@dataclass
class Box:
    status: Status
    x: int
    y: int
    height: int
    limit: str
    """Within what it is to be dealt with."""
    notes: list[str]
    """The transitions no arrow shows."""
    exits: list[Exit] = field(default_factory=list)
    width: int = WIDTH

    @property
    def label(self) -> str:
        return str(self.status.label)

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2

    @property
    def lines(self) -> list[tuple[int, str]]:
        """What stands below the label: how far down, and the words."""
        words = [*([self.limit] if self.limit else []), *self.notes]
        return [(self.y + PAD + LINE * (place + 2) - 5, text) for place, text in enumerate(words)]

    @property
    def label_y(self) -> int:
        return self.y + PAD + 14


@dataclass(frozen=True)
class Arrow:
    source: Status
    target: Status
    labels: list[str]
    start: tuple[int, int]
    end: tuple[int, int]
    x: int
    anchor: str
    """Of the words: before, on or after their point."""
    words: list[tuple[int, str]]
    """How far down, and what."""


@dataclass(frozen=True)
class FlowChart:
    boxes: list[Box]
    arrows: list[Arrow]
    beginnings: list[str]
    """What creates an appeal."""
    anywhere: list[Exit]
    """What may be done almost anywhere."""
    width: int
    height: int

    @property
    def first(self) -> Box:
        return self.boxes[0]


def flow_chart(limits: Limits | None = None) -> FlowChart:
    """The chart, with the limits of a district where one is given."""
    ways = _ways()
    arrows = {pair: rows for pair, rows in ways.items() if _are_neighbours(*pair)}
    notes = _notes({pair: rows for pair, rows in ways.items() if pair not in arrows})
    rows_high: dict[int, int] = defaultdict(int)
    limit_of = {status: _limit(status, limits) for status in PLACES}
    heights = {
        status: 2 * PAD + LINE * (1 + bool(limit_of[status]) + len(notes[status])) for status in PLACES
    }
    for status, (_, row) in PLACES.items():
        rows_high[row] = max(rows_high[row], heights[status])
    tops, top = {}, EDGE + DOWN
    for row in sorted(rows_high):
        tops[row], top = top, top + rows_high[row] + DOWN
    boxes = {
        status: Box(
            status=status,
            x=EDGE + column * (WIDTH + ACROSS),
            y=tops[row] + (rows_high[row] - heights[status]) // 2,
            height=heights[status],
            limit=limit_of[status],
            notes=notes[status],
            exits=_exits(status),
        )
        for status, (column, row) in PLACES.items()
    }
    return FlowChart(
        boxes=list(boxes.values()),
        arrows=[
            _arrow(boxes[source], boxes[target], rows, to_and_fro=(target, source) in arrows)
            for (source, target), rows in arrows.items()
        ],
        beginnings=[row.label for row in TRANSITIONS.values() if row.creates and row.target == S.SUBMITTED],
        anywhere=[
            Exit(row.label, row.who_label, row.target.label)
            for row in TRANSITIONS.values()
            if row.target is not None and _is_almost_anywhere(row)
        ],
        width=2 * EDGE + 3 * WIDTH + 2 * ACROSS,
        height=top - DOWN + EDGE,
    )


def _moves(row: Transition) -> Iterator[tuple[Status, Status]]:
    """From which state to which it leads; one that leaves the state as it is leads nowhere."""
    for source in Status:
        if source in row.sources and row.target is not None and row.target != source:
            yield source, row.target


def _is_almost_anywhere(row: Transition) -> bool:
    return len(row.sources) >= ALMOST_ANYWHERE


def _ways() -> dict[tuple[Status, Status], list[Transition]]:
    """The ways between two states, but for those that lead there from almost anywhere."""
    ways: dict[tuple[Status, Status], list[Transition]] = defaultdict(list)
    for row in TRANSITIONS.values():
        for pair in _moves(row) if not _is_almost_anywhere(row) else ():
            ways[pair].append(row)
    return ways


def _exits(status: Status) -> list[Exit]:
    """Its own ways out, in the order of the table."""
    exits = []
    for row in TRANSITIONS.values():
        if status not in row.sources or _is_almost_anywhere(row):
            continue
        if row.returns:
            exits.append(Exit(row.label, row.who_label, BACK))
        elif row.target not in {None, status}:
            exits.append(Exit(row.label, row.who_label, row.target.label))
    return exits


def _notes(ways: Mapping[tuple[Status, Status], list[Transition]]) -> dict[Status, list[str]]:
    """In which box stands what no arrow shows."""
    notes: dict[Status, list[str]] = {status: [] for status in PLACES}
    for (source, target), rows in ways.items():
        words = "、".join(row.label for row in rows)
        notes[source].append(words if words == target.label else f"{words} → {target.label}")
    back: dict[Status, list[str]] = defaultdict(list)
    for row in TRANSITIONS.values():
        for source in row.sources if row.returns else ():
            back[source].append(row.label)
        if row.target is not None and _is_almost_anywhere(row):
            notes[row.target].append(f"各环节：{row.label}")
        if row.creates and row.target not in {None, S.SUBMITTED}:
            notes[row.target].append(f"登记时：{row.label}")
    for source, labels in back.items():
        notes[source].append(f"{'、'.join(labels)} → {BACK}")
    return notes


def _are_neighbours(one: Status, other: Status) -> bool:
    (column, row), (other_column, other_row) = PLACES[one], PLACES[other]
    return abs(column - other_column) + abs(row - other_row) == 1


def _limit(status: Status, limits: Limits | None) -> str:
    """Within how long the state is to be left: the clock that its own transitions meet."""
    if limits is None:
        return ""
    own = [row for row in TRANSITIONS.values() if row.sources == {status}]
    leaving = [row for row in own if row.returns or row.target not in {None, status}]
    met = _met(leaving) or _met(own)
    if K.HANDLE in met:
        handle = limits.handle
        return f"一般{handle.normal}、紧急{handle.urgent}、复杂{handle.complex}个工作日"
    return next((f"{getattr(limits, kind)}个工作日内" for kind in met if hasattr(limits, kind)), "")


def _met(rows: list[Transition]) -> list[K]:
    kinds = {kind for row in rows for kind in row.meets}
    return [kind for kind in K if kind in kinds]


def _arrow(source: Box, target: Box, rows: list[Transition], *, to_and_fro: bool) -> Arrow:
    labels = [row.label for row in rows]
    (x1, y1), (x2, y2) = source.middle, target.middle
    if x1 == x2:
        down = y2 > y1
        aside = BETWEEN if down else -BETWEEN
        start = (x1 - aside, source.y + source.height if down else source.y)
        end = (x1 - aside, target.y if down else target.y + target.height)
        x, anchor = (start[0] - 6, "end") if down else (start[0] + 6, "start")
        first = (start[1] + end[1]) // 2 - LINE * (len(labels) - 1) // 2 + 5
    else:
        right = x2 > x1
        y = (y1 + y2) // 2 + (BETWEEN // 2 * (-1 if right else 1) if to_and_fro else 0)
        start = (source.x + source.width if right else source.x, y)
        end = (target.x if right else target.x + target.width, y)
        x, anchor = (start[0] + end[0]) // 2, "middle"
        below = to_and_fro and not right
        first = y + LINE - 4 if below else y - 6 - LINE * (len(labels) - 1)
    return Arrow(
        source=source.status, target=target.status, labels=labels, start=start, end=end, x=x, anchor=anchor,
        words=[(first + LINE * place, label) for place, label in enumerate(labels)],
    )  # fmt: skip
