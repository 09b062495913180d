"""Makes the work of a week, through the services, at the moment it happens."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.actors import Actor
from accounts.models import Official, Role, Unit, User
from appeals.models import Appeal
from appeals.perform import perform
from core import clock
from districts.models import Region
from enterprises.models import Enterprise, Project
from enterprises.subjects import subject_key
from liaisons.models import Assignment, Opinion, ServiceEvent, Visit
from liaisons.services.opinions import record_opinion
from liaisons.services.visits import Guest, record_visit
from policies.models import HandOut, NewsItem, Outreach, Payment, Policy
from policies.news import record_news
from policies.payments import record_payment, reverse_payment
from policies.services import hand_out, reach_at_meeting
from reports.models import ReportingPeriod, SituationTable
from reports.services import open_period
from tests import factories
from tests.appeals.lives import INTAKE, SIGNATURE, Cast

SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    """2026-11-18 09:00, local time."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@dataclass
class Work:
    """What units of one district do. Times are local; recorded when it happens unless told otherwise."""

    district: Region
    cast: Cast
    _users: dict[tuple[str, str], User] = field(default_factory=dict)
    _policy: Policy | None = None

    def unit(self, code: str) -> Unit:
        return factories.unit(self.district, code)

    def user(self, code: str, role: str = Role.LIAISON) -> User:
        if (code, role) not in self._users:
            self._users[code, role] = factories.user(self.unit(code), role, username=f"{code}_{role}")
        return self._users[code, role]

    def leader(self, code: str, rank_group: str = "unit_leaders", name: str = "王小明") -> Official:
        return factories.official(self.unit(code), name=name, title="主任", rank_group=rank_group)

    def firm(self) -> Enterprise:
        return factories.enterprise(self.district)

    def project(self) -> Project:
        return factories.project(self.district)

    def visit(
        self,
        code: str,
        at: str,
        *people: Official,
        firm: Enterprise | None = None,
        project: Project | None = None,
        claimed_name: str = "",
        guests: tuple[Guest, ...] = (),
        recorded: str = "",
    ) -> Visit:
        subject = firm or project
        with clock.at(moment(recorded or at)):
            return record_visit(
                by=self.user(code),
                reporting_unit=self.unit(code),
                kind="visit",
                occurred_at=moment(at),
                region=subject.region if subject else self.unit(code).region,
                officials=people,
                guests=guests,
                enterprise=firm,
                project=project,
                claimed_name=claimed_name,
            )

    def opinion(self, visit: Visit, handling: str) -> Opinion:
        with clock.at(visit.recorded_at):
            return record_opinion(
                by=visit.recorded_by,
                visit=visit,
                content="建议简化用地审批的材料。",
                handling=handling,
                passed_to=self._another_than(visit.reporting_unit)
                if handling == Opinion.Handling.PASSED_ON
                else None,
            )

    def _another_than(self, unit: Unit) -> Unit:
        return self.unit("rsj" if unit.code == "kjj" else "kjj")

    def policy(self) -> Policy:
        if self._policy is None:
            self._policy = Policy.objects.create(
                district=self.district, title="惠企政策清单", unit=self.unit("kjj")
            )
        return self._policy

    def papers(
        self, code: str, at: str, copies: int, firm: Enterprise | None = None, project: Project | None = None,
        letter: bool = False,
    ) -> HandOut:  # fmt: skip
        subject = firm or project
        with clock.at(moment(at)):
            return hand_out(
                by=self.user(code),
                policy=None if letter else self.policy(),
                unit=self.unit(code),
                occurred_at=moment(at),
                region=subject.region,
                copies=copies,
                enterprise=firm,
                project=project,
            )

    def meeting(
        self, code: str, at: str, *firms: Enterprise, kind: str = "talk", recorded: str = ""
    ) -> ServiceEvent:
        """Held, and said so an hour later unless told otherwise; whoever came was told about policies."""
        starts_at = moment(at)
        event = ServiceEvent.objects.create(
            district=self.district,
            region=self.unit(code).region,
            kind=kind,
            title="企业恳谈会",
            place="三楼会议室",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=1),
            organiser=self.unit(code),
            state=ServiceEvent.State.HELD,
            held_at=moment(recorded) if recorded else starts_at + timedelta(hours=1),
            recorded_by=self.user(code),
            recorded_at=starts_at,
        )
        for firm in firms:
            self.reached(code, at, firm)
        return event

    def reached(self, code: str, at: str, firm: Enterprise) -> Outreach:
        with clock.at(moment(at)):
            return reach_at_meeting(
                by=self.user(code),
                unit=self.unit(code),
                region=firm.region,
                occurred_at=moment(at),
                enterprise=firm,
            )

    def paid(self, code: str, day: str, amount: str, firm: Enterprise, at: str = "") -> Payment:
        with clock.at(moment(at or f"{day} 09:00")):
            return record_payment(
                by=self.user(code),
                unit=self.unit(code),
                policy=self.policy(),
                subject=firm,
                amount=Decimal(amount),
                basis="国库支付凭证 12 号",
                day=moment(f"{day} 00:00").date(),
            )

    def taken_back(self, payment: Payment, at: str) -> Payment:
        with clock.at(moment(at)):
            return reverse_payment(by=payment.recorded_by, payment=payment, reason="金额填错")

    def news(self, code: str, day: str, title: str = "干群同心解难题", at: str = "") -> NewsItem:
        with clock.at(moment(at or f"{day} 09:00")):
            return record_news(
                by=self.user(code),
                unit=self.unit(code),
                title=title,
                outlet="区政府网站",
                day=moment(f"{day} 00:00").date(),
            )

    def assign(
        self, code: str, official: Official, started: str, firm: Enterprise | None = None,
        project: Project | None = None, ended: str | None = None, part: str = "lead",
    ) -> Assignment:  # fmt: skip
        subject = firm or project
        return Assignment.objects.create(
            district=self.district,
            region=subject.region,
            official=official,
            unit=self.unit(code),
            enterprise=firm,
            project=project,
            part=part,
            started=started,
            ended=ended,
            recorded_by=self.user(code),
            recorded_at=moment(f"{started} 09:00"),
        )

    def solved(self, code: str, at: str, *, role: str = Role.LIAISON, visit: Visit | None = None) -> Appeal:
        return self._hand_in("solve_on_spot", code, at, role, visit)

    def registered(
        self, code: str, at: str, *, role: str = Role.LIAISON, visit: Visit | None = None, **data
    ) -> Appeal:
        return self._hand_in("register", code, at, role, visit, **data)

    def _hand_in(self, transition: str, code: str, at: str, role: str, visit: Visit | None, **data) -> Appeal:
        data = INTAKE | {"channel": "window" if role == Role.WINDOW else "walk_in"} | data
        if transition == "solve_on_spot":
            data |= {"answer": "已当面协助办理。", "basis": "", "signature": SIGNATURE}
        if visit:
            data |= {"visit": visit.pk}
        with clock.at(moment(at)):
            return perform(None, transition, Actor.of_user(self.user(code, role)), data)

    def do(self, appeal: Appeal, transition: str, at: str, **data) -> Appeal:
        with clock.at(moment(at)):
            return self.cast.do(appeal, transition, **data)

    def answered(self, at: str, *, category: str = "labour", **effects) -> Appeal:
        """An appeal that the lead unit (区人社局) has answered at that moment, with these effects."""
        day = at.split()[0]
        appeal = self.registered("datong", f"{day} 00:05", category=category)
        firm = subject_key(self.firm())
        appeal = self.do(appeal, "accept", f"{day} 00:06", category=category, urgency="normal", subject=firm)
        appeal = self.do(appeal, "dispatch", f"{day} 00:07")
        appeal = self.do(appeal, "sign", f"{day} 00:08")
        data = {"result": "已办理。", "solved": "yes", "effect_jobs": "", **effects}
        return self.do(appeal, "feedback", at, **data)

    def week(self, ending: str = "2026-11-19", at: str = "") -> ReportingPeriod:
        with clock.at(moment(at or f"{ending} 12:30")):
            return open_period(district=self.district, ending=datetime.fromisoformat(ending).date())

    def table(self, code: str, ending: str = "2026-11-19", at: str = "") -> SituationTable:
        period = self.week(ending, at)
        return period.tables.in_force().select_related("period__profile", "unit").get(unit=self.unit(code))
