"""企业分类监管 of the demo: two seasons behind us, a few grades changed since, objections, and the month's inspections.

Told for any district whose profile grades, by whoever holds the roles in the units that the profile names.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from accounts.models import Role, User
from core import clock
from demo.data import grades as words
from demo.world import Story, World, moment_on
from districts.grades import GradeField
from enterprises.grades import grading, inspections, objections, scoring, subjects
from enterprises.models import Enterprise, GradeRecord, Inspection

SEASON_DAY = (2, 24)
SHARES = {"environment": (72, 22), "safety": (66, 27), "equipment": (80, 16), "fire": (69, 25)}
USUAL_SHARES = (72, 22)
LEFT_UNGRADED = 0.04
"""Of the last field: the organ is behind with its list."""
STAYS = 0.78
"""Of the firms keep their grade from one year to the next."""
INSPECTIONS = 36
FEWEST_INSPECTIONS = 9
SAMPLES = 4
ADJUSTED = 6
JOINT_EVERY = 3


def seasons(world: World) -> None:
    """Last year's and this year's grading, before the story begins."""
    if not world.rules.grades.enabled:
        return
    _samples(world)
    before: dict[tuple[str, int], str] = {}
    for year in (world.today.year - 1, world.today.year):
        for place, field in enumerate(world.rules.grades.fields):
            day = date(year, *SEASON_DAY) + timedelta(days=2 * place)
            if day < world.today:
                _season(world, field, moment_on(day, time(10, 0)), before)


def one_of(world: World, unit_code: str, *roles: str) -> User | None:
    """Somebody of the unit who holds one of these roles."""
    people = (user for user in world.people.values() if user.unit and user.unit.code == unit_code)
    return next((user for user in people if user.has_role(*roles)), None)


def _grader(world: World, field: GradeField) -> User | None:
    return one_of(world, field.unit, Role.LIAISON)


def _leader(world: World, field: GradeField) -> User | None:
    return one_of(world, field.unit, Role.UNIT_LEADER)


def _samples(world: World) -> None:
    by = one_of(world, str(world.rules.grades.gathering_unit), Role.LIAISON)
    small = [firm for firm in world.firms if firm.tier not in world.rules.grades.tiers]
    if by is None:
        return
    with clock.at(moment_on(date(world.today.year - 1, 2, 1), time(9, 0))):
        for firm in small[: world.times(SAMPLES)]:
            subjects.name_sample(by=by, enterprise=firm, reason=words.SAMPLE)


def _season(world: World, field: GradeField, moment: datetime, before: dict[tuple[str, int], str]) -> None:
    grader, leader = _grader(world, field), _leader(world, field)
    if grader is None or leader is None:
        return
    with clock.at(moment):
        scoring.set_criteria(
            by=grader,
            field=field.code,
            year=moment.year,
            text=words.CRITERIA,
            items=[scoring.Item(*item) for item in words.ITEMS],
            thresholds=_thresholds(world),
        )
        subjects.open_season(by=grader, field=field.code)
        firms = list(subjects.subjects(world.district, world.rules).order_by("pk"))
        if moment.year == world.today.year and field is world.rules.grades.fields[-1]:
            firms = firms[: len(firms) - max(1, round(len(firms) * LEFT_UNGRADED))]
        rng = world.rng("season", field.code, moment.year)
        groups: dict[tuple[str, str], list[Enterprise]] = {}
        for firm in firms:
            grade = _grade(world, rng, field.code, before.get((field.code, firm.pk)))
            before[field.code, firm.pk] = grade
            groups.setdefault((grade, _reason(world, rng, field.code, grade)), []).append(firm)
    told = moment + timedelta(days=2)
    for (grade, reason), members in groups.items():
        with clock.at(moment + timedelta(hours=2)):
            batch = grading.grade_many(
                by=grader,
                enterprises=members[: grading.MOST_AT_ONCE],
                field=field.code,
                grade=grade,
                reason=reason,
            )
        for record in batch.graded:
            with clock.at(told):
                if record.state == GradeRecord.State.PENDING:
                    grading.confirm(by=leader, record=record, agree=True, note="同意")
                if grade != world.rules.grades.ordered[0].code:
                    grading.tell(by=grader, record=record, how="paper")


def _thresholds(world: World) -> dict[str, int]:
    ordered = world.rules.grades.ordered[:-1]
    return {grade.code: 85 - 25 * place for place, grade in enumerate(ordered) if 85 - 25 * place > 0}


def _grade(world: World, rng: Random, field: str, earlier: str | None) -> str:
    ordered = [grade.code for grade in world.rules.grades.ordered]
    if earlier and rng.random() < STAYS:
        return earlier
    best, middle = SHARES.get(field, USUAL_SHARES)
    chance = rng.random() * 100
    return ordered[0] if chance < best else ordered[1] if chance < best + middle else ordered[-1]


def _reason(world: World, rng: Random, field: str, grade: str) -> str:
    ordered = world.rules.grades.ordered
    by_grade = {
        ordered[0].code: words.GREEN,
        ordered[-1].code: words.RED,
    }
    known = by_grade.get(grade, words.YELLOW)
    return rng.choice(known.get(field, words.USUAL))


class Grading:
    """What happened since: grades adjusted, objections, inspections; the last ones are still open."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.days = world.workdays()

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        world = self.world
        if not world.rules.grades.enabled or len(self.days) < 20:
            return
        fields = [
            field for field in world.rules.grades.fields if _grader(world, field) and _leader(world, field)
        ]
        for number, field in enumerate(fields):
            rng = world.rng("grading", field.code)
            for turn in range(world.times(ADJUSTED / 2)):
                yield world.in_office(rng, rng.choice(self.days[5:-3])), self._adjusted(rng, field, turn)
            yield world.in_office(rng, self.days[-2 - number % 2]), self._red_waits(rng, field, number)
        for number, field in enumerate(fields[:3]):
            rng = world.rng("objection", field.code)
            yield world.in_office(rng, self.days[(-3, -25, -14)[number]]), self._objection(rng, field, number)
        for number in range(max(FEWEST_INSPECTIONS, world.times(INSPECTIONS)) if fields else 0):
            rng = world.rng("inspection", number)
            # Every third one was planned these days, and lies ahead.
            day = rng.choice(self.days[-3:] if number % 3 == 2 else self.days[2:-3])
            yield (
                world.in_office(rng, day),
                self._inspection(rng, fields[number % len(fields)], fields, number),
            )
        if len(fields) > 1:
            rng = world.rng("inspections of one firm")
            yield world.in_office(rng, self.days[-2]), self._two_at_one_firm(rng, fields)

    def _holding(self, field: GradeField, *grades: str) -> list[GradeRecord]:
        rows = GradeRecord.objects.holding().filter(
            district=self.world.district, field=field.code, grade__in=grades, enterprise__active=True
        )
        return list(rows.select_related("enterprise__region", "unit").order_by("pk"))

    def _adjusted(self, rng: Random, field: GradeField, turn: int) -> Story:
        """Better once it was put right, worse after an inspection."""
        ordered = [grade.code for grade in self.world.rules.grades.ordered]
        better = turn % 2 == 0
        found = self._holding(field, ordered[1] if better else ordered[0])
        by = _grader(self.world, field)
        if not found or by is None:
            return
        record = rng.choice(found)
        grading.grade_firm(
            by=by,
            enterprise=record.enterprise,
            field=field.code,
            grade=ordered[0] if better else ordered[1],
            reason=words.ADJUSTED_UP if better else words.ADJUSTED_DOWN,
        )
        return
        yield

    def _red_waits(self, rng: Random, field: GradeField, number: int) -> Story:
        """One organ's leader has not looked at it yet; the others agreed the same day."""
        ordered = [grade.code for grade in self.world.rules.grades.ordered]
        found = self._holding(field, ordered[1])
        by, leader = _grader(self.world, field), _leader(self.world, field)
        if not found or by is None or leader is None:
            return
        firm = rng.choice(found).enterprise
        reason = _reason(self.world, rng, field.code, ordered[-1])
        record = grading.grade_firm(
            by=by, enterprise=firm, field=field.code, grade=ordered[-1], reason=reason
        )
        if number == 0 or record.state != GradeRecord.State.PENDING:
            return
        yield self.world.shortly(rng)
        grading.confirm(by=leader, record=record, agree=True, note="同意")

    def _objection(self, rng: Random, field: GradeField, number: int) -> Story:
        """The first waits for its ruling, the second was changed, the third upheld."""
        ordered = [grade.code for grade in self.world.rules.grades.ordered]
        found = self._holding(field, *ordered[1:])
        by = _grader(self.world, field)
        if not found or by is None:
            return
        record = rng.choice(found)
        objection = objections.register_objection(
            by=by, record=record, content=words.OBJECTIONS[number], how="letter", received_on=clock.today()
        )
        if number == 0:
            return
        yield self.world.later(rng, 2, 4)
        changed = number == 1 and objections.holds(record)
        milder = ordered[max(0, ordered.index(record.grade) - 1)]
        rulers = objections.rulers(objection, self.world.rules)
        if not rulers:
            return
        objections.rule(
            by=rulers[0],
            objection=objection,
            result="changed" if changed else "upheld",
            ruling=words.CHANGED if changed else words.UPHELD,
            grade=milder if changed else "",
        )

    def _inspection(self, rng: Random, field: GradeField, fields: list[GradeField], number: int) -> Story:
        world = self.world
        ordered = [grade.code for grade in world.rules.grades.ordered]
        by = _grader(world, field)
        found = self._holding(field, *ordered[1:]) or self._holding(field, *ordered)
        if by is None or not found:
            return
        firm = rng.choice(found).enterprise
        others = [world.units[one.unit] for one in fields if one.unit != field.unit]
        day = world.calendar.add(clock.today(), rng.randint(2, 9))
        visit = inspections.Visit(
            enterprise=firm,
            planned_on=day,
            basis="random" if number % 4 else "complaint",
            partners=tuple(rng.sample(others, 1)) if others and number % JOINT_EVERY == 0 else (),
            matter=rng.choice(words.MATTERS.get(field.code, ("日常检查",))),
            ground="" if number % 4 else f"12345 工单 {clock.today():%y%m}{number:03d}",
            despite=words.DESPITE,
        )
        planned = inspections.plan_inspection(by=by, visit=visit)
        if number % 5 == 1:
            yield world.shortly(rng)
            self._suggest(planned, world.calendar.add(day, 3))
        yield world.in_office(rng, day)
        clean = rng.random() < 0.6
        held = inspections.record_result(
            by=by,
            inspection=planned,
            held_on=clock.today(),
            result="clean" if clean else "rectify",
            findings=rng.choice(words.FINDINGS_CLEAN if clean else words.FINDINGS_RECTIFY),
            rectify_by=None if clean else world.calendar.add(clock.today(), 15),
        )
        if not clean and rng.random() < 0.8:
            yield world.later(rng, 6, 14)
            inspections.record_rectified(by=by, inspection=held, day=clock.today(), note=words.RECTIFIED)

    def _two_at_one_firm(self, rng: Random, fields: list[GradeField]) -> Story:
        """Two organs mean to go to the same firm within weeks: they are told to go together."""
        world = self.world
        found = self._holding(fields[0], *(grade.code for grade in world.rules.grades.ordered[1:]))
        if not found:
            return
        firm = rng.choice(found).enterprise
        for days, one in ((6, fields[0]), (13, fields[1])):
            by = _grader(world, one)
            if by is None:
                return
            visit = inspections.Visit(
                enterprise=firm,
                planned_on=world.calendar.add(clock.today(), days),
                basis="plan",
                matter=rng.choice(words.MATTERS.get(one.code, words.USUAL)),
                despite=words.DESPITE,
            )
            inspections.plan_inspection(by=by, visit=visit)
            yield world.shortly(rng)

    def _suggest(self, planned: Inspection, day: date) -> None:
        region = planned.enterprise.region_id
        desk = (Role.LIAISON, Role.UNIT_LEADER)
        town = next(
            (user for user in self.world.people.values()
             if user.unit and user.unit.region_id == region and user.has_role(*desk)),
            None,
        )  # fmt: skip
        if town is not None and planned.planned_on > clock.today():
            inspections.suggest_day(by=town, inspection=planned, day=day, note=words.SUGGESTION)
