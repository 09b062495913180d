"""What is known of a firm's grades: the grade of each field, the strictest of them, since when, why, and what follows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import date

from accounts.models import User
from core import clock
from districts.grades import Grade, GradeField
from districts.profile import Rules
from enterprises.grade_querysets import entitled, reads_the_district, rules_for
from enterprises.grades.permissions import may_keep_samples
from enterprises.models import Enterprise, GradeRecord, Inspection, SamplePoint

SHOWN_INSPECTIONS = 12

Held = dict[int, dict[str, GradeRecord]]


def held_by(pks: Collection[int], day: date | None = None) -> Held:
    """Firm -> field -> the record that holds on a day; one query, however many firms."""
    rows = GradeRecord.objects.in_force().filter(
        enterprise__in=list(pks), effective_from__lte=day or clock.today()
    )
    found: Held = {}
    for record in rows.order_by("effective_from", "pk").select_related("unit"):
        found.setdefault(record.enterprise_id, {})[record.field] = record
    return found


def overall(held: Mapping[str, GradeRecord], rules: Rules) -> Grade | None:
    """“综合”: the strictest of the fields that the district grades."""
    grades = [rules.grades.grade(record.grade) for code, record in held.items() if rules.grades.field(code)]
    return max((grade for grade in grades if grade), key=lambda grade: grade.order, default=None)


@dataclass
class FieldStanding:
    field: GradeField
    record: GradeRecord | None
    grade: Grade | None
    review: tuple[date, date]
    """First and last day of the next annual grading."""
    inspected: int = 0
    """On-site inspections of its organ planned or held this year."""

    @property
    def left(self) -> int | None:
        """How many more the grade leaves this year; None: no limit."""
        if self.grade is None or self.grade.per_year is None:
            return None
        return max(0, self.grade.per_year - self.inspected)


@dataclass
class Standing:
    enterprise: Enterprise
    rules: Rules
    fields: list[FieldStanding]
    overall: Grade | None
    is_subject: bool
    sample: SamplePoint | None
    honours: bool
    inspections: list[Inspection] = slot(default_factory=list)
    may_name: bool = False


def may_read(user: User, enterprise: Enterprise, rules: Rules | None) -> bool:
    if rules is None or not rules.grades.enabled or user.unit is None:
        return False
    if enterprise.district_id != user.unit.district_id:
        return False
    if reads_the_district(user, rules):
        return True
    return Enterprise.objects.filter(entitled(user, rules, ""), pk=enterprise.pk).exists()


def standing_of(user: User, enterprise: Enterprise, rules: Rules | None = None) -> Standing | None:
    """For the firm's page; None for whoever may not know, and for a firm that is not graded at all.

    ``rules`` are those of the firm's district, for a page that has them at hand.
    """
    rules = rules or rules_for(user)
    if rules is None or not may_read(user, enterprise, rules):
        return None
    named = SamplePoint.objects.running().filter(enterprise=enterprise)
    sample = None if enterprise.tier in rules.grades.tiers else named.first()
    is_subject = enterprise.tier in rules.grades.tiers or sample is not None
    held = held_by([enterprise.pk]).get(enterprise.pk, {})
    may_name = may_keep_samples(user, rules) and enterprise.tier not in rules.grades.tiers
    if not is_subject and not held and not may_name:
        return None
    inspections = list(
        Inspection.objects.filter(enterprise=enterprise)
        .select_related("unit")
        .prefetch_related("partners")
        .order_by("-planned_on", "-pk")[:SHOWN_INSPECTIONS]
    )
    standing = overall(held, rules)
    return Standing(
        enterprise=enterprise,
        rules=rules,
        fields=[_field(field, held, rules, inspections) for field in rules.grades.fields],
        overall=standing,
        is_subject=is_subject and not (enterprise.merged_into_id or not enterprise.active),
        sample=sample,
        honours=all(
            grade.honours
            for record in held.values()
            if rules.grades.field(record.field) and (grade := rules.grades.grade(record.grade))
        ),
        inspections=inspections,
        may_name=may_name,
    )


def _field(
    field: GradeField, held: Mapping[str, GradeRecord], rules: Rules, inspections: Collection[Inspection]
) -> FieldStanding:
    record = held.get(field.code)
    year = clock.today().year
    grounds = {basis.code for basis in rules.grades.bases if basis.ground}
    counted = [
        one
        for one in inspections
        if one.planned_on.year == year and one.on_site and one.cancelled_at is None and one.basis not in grounds
        and field.unit in {one.unit.code, *(partner.code for partner in one.partners.all())}
    ]  # fmt: skip
    return FieldStanding(
        field=field,
        record=record,
        grade=rules.grades.grade(record.grade) if record else None,
        review=next_review(rules, record),
        inspected=len(counted),
    )


def next_review(rules: Rules, record: GradeRecord | None) -> tuple[date, date]:
    """This year's season as long as it lasts and nothing is graded in it; else next year's."""
    year = clock.today().year
    season = rules.grades.season(year)
    if clock.today() > season[1] or (record is not None and record.year >= year):
        return rules.grades.season(year + 1)
    return season
