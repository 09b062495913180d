"""People, firms and survey rounds for the tests of satisfaction."""

from datetime import date, timedelta

from accounts.models import User
from accounts.services import create_surveyor
from campaigns.models import ServiceRating, SurveyRound, SurveySample
from campaigns.satisfaction.services import answering, surveys
from campaigns.satisfaction.services.ratings import Judgement, rate_visit
from campaigns.satisfaction.services.severing import sever
from campaigns.satisfaction.services.surveys import Plan
from core import clock
from districts.models import Region
from enterprises.models import Enterprise
from liaisons.models import Assignment, Visit
from liaisons.services.visits import record_visit
from tests import factories as make


def answers(level: str = "satisfied", **changes: str) -> dict[str, str]:
    """A whole questionnaire of the usual profile."""
    return {"service": level, "attitude": level, "visited": "visited"} | changes


class SurveyCast:
    """The lead bureau runs rounds; 区发改委's cadre looks after firms; an account of a third party calls them."""

    def __init__(self, district: Region) -> None:
        self.district = district
        self.bureau = make.unit(district, "kjj")
        self.dispatcher = make.user(self.bureau, "dispatcher", username="dispatcher")
        self.bureau_leader = make.user(self.bureau, "bureau_leader", username="bureau_leader")
        self.unit = make.unit(district, "fgw")
        self.official = make.official(self.unit, name="周启明", title="副主任")
        self.cadre = make.user(self.unit, "cadre", official=self.official, username="cadre")
        self.liaison = make.user(self.unit, "liaison", username="fgw")
        self.other = make.user(make.unit(district, "czj"), "liaison", username="czj")
        self.supervisor = make.user(make.unit(district, "jwdc"), "supervisor", username="supervisor")
        self.leader = make.user(make.unit(district, "qzfb"), "district_leader", username="district_leader")
        self.admin = make.user(self.bureau, "admin", username="admin")
        self.surveyor = create_surveyor(
            username="surveyor",
            family_name="调",
            given_name="查员",
            engaged_by=self.bureau,
            password=make.PASSWORD,
        )

    def firms(self, number: int, *, unit: str = "fgw", **fields) -> list[Enterprise]:
        """With a lead cadre of the unit."""
        of = make.unit(self.district, unit)
        official = self.official if unit == "fgw" else make.official(of, name=f"干部{unit}")
        found = []
        for _ in range(number):
            firm = make.enterprise(self.district, **fields)
            Assignment.objects.create(
                district=self.district, region=firm.region, enterprise=firm, official=official, unit=of,
                started=date(2026, 1, 5), recorded_by=self.dispatcher, recorded_at=clock.now(),
            )  # fmt: skip
            found.append(firm)
        return found

    def visit(self, firm: Enterprise | None = None) -> Visit:
        return record_visit(
            by=self.cadre, reporting_unit=self.unit, kind="visit", occurred_at=clock.now(),
            region=(firm or self.firms(1)[0]).region, officials=[self.official],
            enterprise=firm or Enterprise.objects.last(),
        )  # fmt: skip

    def rating(self, level: str = "unsatisfied", firm: Enterprise | None = None, **given) -> ServiceRating:
        judgement = Judgement(level, **given)
        return rate_visit(visit=self.visit(firm), given=judgement, channel=ServiceRating.Channel.LINK)

    # --- Rounds -----------------------------------------------------------------------------------

    def draft(self, by: User | None = None, **changes) -> SurveyRound:
        today = clock.today()
        given = {
            "year": today.year,
            "quarter": (today.month - 1) // 3 + 1,
            "last_day": today + timedelta(days=20),
            "scope": "roster",
            "size": 500,
            "agency": "某某咨询公司",
            "surveyors": (self.surveyor,),
        }
        return surveys.draft(by=by or self.dispatcher, plan=Plan(**(given | changes)))

    def drawn(self, **changes) -> SurveyRound:
        return surveys.draw_sample(by=self.dispatcher, round=self.draft(**changes), seed="tongling")

    def running(self, **changes) -> SurveyRound:
        return surveys.start(by=self.dispatcher, round=self.drawn(**changes))

    def answer(self, sample: SurveySample, level: str = "satisfied", *, remark: str = "", **changes) -> None:
        answering.answer_sample(
            sample=sample, channel="phone", given=answers(level, **changes), remark=remark, by=self.surveyor
        )

    def closed(self, round: SurveyRound) -> SurveyRound:
        surveys.close(by=self.dispatcher, round=round)
        sever(round.pk)
        round.refresh_from_db()
        return round
