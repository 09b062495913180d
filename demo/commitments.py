"""履约践诺 in the demo: recorded over the weeks by whoever keeps the list, kept or not as life has it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from accounts.models import Unit, User
from appeals.backlog_rules import Course
from appeals.models import Appeal
from campaigns.commitments.services import commitments as services
from campaigns.commitments.services.escalation import watch
from campaigns.commitments.services.rules import Promise, course_of
from campaigns.models import Commitment
from core import clock
from demo.data.commitments import (
    BROKEN_REASON,
    CHECKED,
    COMMITMENTS,
    COMPETENT,
    DISPUTED,
    FOLLOWED,
    KEPT,
    NOT_YET,
    PROGRESS,
    REPORTED,
    ROUTES,
    SENT_BACK,
    WITHDRAWN_REASON,
    Told,
)
from demo.world import WEEKS, Firm, Story, World
from enterprises.models import Tier


class Commitments:
    """Works in any district: units are found by their kind and by who has an account, not by code."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.by = world.people["dispatcher"]
        self.second = world.people.get("dispatcher2", self.by)
        self.small = [firm for firm in world.firms if firm.tier == Tier.SMALL] or world.firms
        staffed = {user.unit_id: user for code, user in world.people.items() if code in world.units}
        self.desks: dict[int, User] = {pk: user for pk, user in staffed.items() if pk}
        kinds = set(world.rules.handling_unit_kinds)
        answering = [unit for unit in world.units.values() if unit.pk in self.desks and unit.kind in kinds]
        self.units = {kind: [unit for unit in answering if unit.kind == kind] for kind in kinds}
        self.any_unit = answering

    def __iter__(self) -> Iterator[tuple[datetime, Story]]:
        days = self.world.workdays()
        for n, told in enumerate(COMMITMENTS):
            rng = self.world.rng("commitment", n)
            day = days[min(len(days) - 1, told.week * len(days) // WEEKS + n % 3)]
            yield self.world.in_office(rng, day), self._life(rng, told)
        yield self.world.in_office(self.world.rng("arrears"), days[6 * len(days) // WEEKS]), self._arrears()
        for day in days:
            opening = self.world.in_office(self.world.rng("ladder", day), day)
            yield opening, self._watched()

    def _watched(self) -> Story:
        watch(self.world.district)
        return
        yield

    # --- One life ---------------------------------------------------------------------------------

    def _life(self, rng: Random, told: Told) -> Story:
        world = self.world
        unit = self._unit(rng, told)
        desk = self.desks[unit.pk]
        one = services.record_commitment(
            by=self.by, promise=self._promise(rng, told, unit), course=self._course(rng, told)
        )
        if told.kind == "promise" and told.public:
            services.publish(by=self.by, commitment=one)
        yield world.later(rng, 2, 4)
        self._progress(rng, one, desk)
        if told.ends == DISPUTED:
            yield from self._followed(rng, one, desk)
        for amount in told.paid:
            yield world.later(rng, 3, 7)
            services.pay_instalment(
                by=desk, commitment=one, amount=Decimal(amount), day=clock.today(),
                voucher=f"支付凭证〔演示〕{rng.randint(100, 999)}号", received=rng.random() < 0.7,
            )  # fmt: skip
        match told.ends:
            case "kept" | "reported" | "sent_back":
                yield from self._reported(rng, told, one, desk)
            case "broken":
                yield max(clock.now(), world.in_office(rng, world.calendar.add(one.due_on, 8)))
                services.find_broken(by=self.by, commitment=one, reason=BROKEN_REASON)
            case "withdrawn":
                yield world.later(rng, 3, 5)
                services.withdraw(by=self.by, commitment=one, reason=WITHDRAWN_REASON)

    def _unit(self, rng: Random, told: Told) -> Unit:
        """Whose business it sounds like, by the words of unit names that every district uses."""
        for word, part in COMPETENT.items():
            found = [unit for unit in self.any_unit if part in unit.name] if word in told.title else []
            if found and told.unit == "department":
                return found[0]
        return rng.choice(self.units.get(told.unit) or self.any_unit)

    def _reported(self, rng: Random, told: Told, one: Commitment, desk: User) -> Story:
        yield self.world.later(rng, 3, 8)
        result = told.result or "已按承诺兑现。"
        services.report_kept(by=desk, commitment=one, result=result, evidence="见附卷凭证〔演示〕")
        if told.ends == REPORTED:
            return
        yield self.world.later(rng, 1, 3)
        if told.ends == SENT_BACK:
            services.send_back(by=self.by, commitment=one, reason=NOT_YET)
        elif told.ends == KEPT:
            confirming = self.second if desk.pk == self.by.pk else self.by
            if confirming.pk != desk.pk:
                services.confirm_kept(by=confirming, commitment=one, note=rng.choice(CHECKED))

    def _followed(self, rng: Random, one: Commitment, desk: User) -> Story:
        """What is disputed: looked after before its day, and given the next one, to the end of the story."""
        while True:
            calendar = self.world.calendar
            yield max(clock.now(), self.world.in_office(rng, calendar.add(one.due_on, -1)))
            services.add_progress(by=desk, commitment=one, text=rng.choice(FOLLOWED), day=clock.today())
            course = course_of(one)
            due = calendar.add(clock.today(), rng.randint(15, 22))
            course = Course(
                course.classification, due, plan=course.plan, route=course.route, next_step=course.next_step
            )
            one = services.set_course(by=desk, commitment=one, course=course)

    def _arrears(self) -> Story:
        """An appeal about money owed is tagged and followed here; it is not closed as an ordinary one."""
        wanted = self.world.rules.commitments.debt_categories
        appeals = Appeal.objects.open().filter(
            district=self.world.district,
            category__in=wanted,
            lead_unit__isnull=False,
            commitments__isnull=True,
        )
        related = ("lead_unit__region", "enterprise__region", "project__region")
        appeal = appeals.select_related(*related).order_by("submitted_at", "number").first()
        if appeal is None or appeal.lead_unit is None:
            return
        promise = Promise(
            kind="debt", title=appeal.title[:100], content=appeal.content, unit=appeal.lead_unit,
            made_on=clock.local_date(appeal.submitted_at), subject=appeal.subject,
            claimed_name=appeal.claimed_name, debtor="large_firm", debtor_name="安徽示例建设集团有限公司",
            amount=Decimal("37.5"), basis=f"企业诉求 {appeal.number}", appeal=appeal,
        )  # fmt: skip
        due = self.world.calendar.add(clock.today(), 40)
        course = Course("limited", due, plan="督促欠款方对账，分三期付清。")
        one = services.record_commitment(by=self.by, promise=promise, course=course)
        desk = self.desks.get(one.unit_id)
        yield self.world.later(self.world.rng("arrears paid"), 6, 9)
        if desk:
            services.pay_instalment(
                by=desk,
                commitment=one,
                amount=Decimal("12.5"),
                day=clock.today(),
                voucher="银行回单〔演示〕77号",
            )

    # --- What is promised -------------------------------------------------------------------------

    def _promise(self, rng: Random, told: Told, unit: Unit) -> Promise:
        subject: Firm | None = None
        if told.about_project and self.world.projects:
            subject = rng.choice(self.world.projects)
        elif told.kind != "promise":
            subject = rng.choice(self.small)
        made = clock.today() - timedelta(days=rng.randint(60, 400))
        return Promise(
            kind=told.kind,
            title=told.title,
            content=told.content,
            unit=unit,
            made_on=made,
            subject=subject,
            contract=told.contract,
            debtor=told.debtor,
            debtor_unit=unit if told.debtor == "unit" else None,
            debtor_name=told.debtor_name,
            amount=Decimal(told.amount) if told.amount else None,
            acknowledged=Decimal(told.acknowledged) if told.acknowledged else None,
            basis=told.basis,
            contract_due_on=made + timedelta(days=30) if told.kind in ("contract", "debt") else None,
        )

    def _course(self, rng: Random, told: Told) -> Course:
        due = self.world.calendar.add(clock.today(), told.days)
        if told.ends == DISPUTED:
            route, step = rng.choice(ROUTES)
            return Course("disputed", due, route=route, next_step=step)
        return Course(told.classification, due, plan=told.plan)

    def _progress(self, rng: Random, one: Commitment, desk: User) -> None:
        services.add_progress(by=desk, commitment=one, text=rng.choice(PROGRESS), day=clock.today())
