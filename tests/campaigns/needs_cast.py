"""What the tests of the needs lists are made of, through the services."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from campaigns.models import FinancingNeed, JobOpening, JobSeeker
from campaigns.needs.services.financing import BankAnswer, NeedFacts, record_need
from campaigns.needs.services.openings import OpeningFacts, record_opening
from campaigns.needs.services.seekers import SeekerFacts, record_seeker
from core import clock
from districts.models import DistrictProfile, Region
from districts.workdays import SHANGHAI

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=SHANGHAI)
TODAY = date(2026, 11, 25)


def profile(district: Region, **needs) -> None:
    """The district's rules, with these of the needs lists."""
    rules = DistrictProfile.objects.in_force(district).rules
    data = rules.model_dump(mode="json")
    data["needs"] |= needs
    DistrictProfile.objects.filter(district=district).delete()
    DistrictProfile.objects.create(district=district, effective_from=rules.action_started, data=data)


def opening_facts(**changes) -> OpeningFacts:
    usual = {
        "trade": "welder", "post": "氩弧焊工", "wanted": 5, "wage_from": 5000, "wage_to": 7000,
        "requirements": "包食宿", "place": "大通工业园", "contact_name": "赵敏", "contact_phone": "13900001111",
        "valid_until": clock.today() + timedelta(days=60),
    }  # fmt: skip
    return OpeningFacts(**(usual | changes))


def opening(by, subject=None, **changes) -> JobOpening:
    claimed = "" if subject else "铜陵市某某家具厂"
    return record_opening(by=by, facts=opening_facts(**changes), subject=subject, claimed_name=claimed)


def seeker_facts(number: int = 1, **changes) -> SeekerFacts:
    usual = {
        "called": "王先生", "phone": f"138000{number:05d}", "age_band": "from_35", "trade": "welder", "post": "",
        "skills": "会氩弧焊工活，做过八年", "wage_hoped": 6000, "consent_on": clock.today(),
    }  # fmt: skip
    return SeekerFacts(**(usual | changes))


def seeker(by, number: int = 1, region=None, **changes) -> JobSeeker:
    return record_seeker(by=by, facts=seeker_facts(number, **changes), region=region)


def need_facts(**changes) -> NeedFacts:
    usual = {
        "amount": Decimal("300"), "purpose": "购原料", "term_months": 12, "guarantee": "mortgage",
        "current_bank": "", "contact_name": "赵敏", "contact_phone": "13900001111",
    }  # fmt: skip
    return NeedFacts(**(usual | changes))


def need(by, subject=None, **changes) -> FinancingNeed:
    claimed = "" if subject else "铜陵市某某家具厂"
    return record_need(by=by, facts=need_facts(**changes), subject=subject, claimed_name=claimed)


def yes(credit: str, lent: str = "", **more) -> BankAnswer:
    return BankAnswer("credit", credit=Decimal(credit), lent=Decimal(lent) if lent else None, **more)
