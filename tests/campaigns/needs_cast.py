"""What the tests of the needs lists are made of, through the services."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from campaigns.models import FinancingNeed, JobOpening, JobSeeker
from campaigns.needs.public_lists import Preview, fingerprint, list_month
from campaigns.needs.services.financing import (
    BankAnswer,
    NeedFacts,
    answer_dispatch,
    dispatch_need,
    record_need,
)
from campaigns.needs.services.lists import confirm_list, publish_lists
from campaigns.needs.services.openings import OpeningFacts, record_opening, record_placement
from campaigns.needs.services.recommendations import recommend
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


def everything(township, jobs, finance, firm) -> dict[str, list]:
    """One of each, as a populated district has them: what stands in the address of each page that shows one thing."""
    wanted, found = opening(township, firm), seeker(township)
    recommended = recommend(by=township, opening=wanted, seeker=found)
    batch = record_placement(by=township, opening=wanted, persons=1, day=clock.today(), note="第1批送工进企")
    for number in (11, 12, 13):
        seeker(township, number, called="李女士")
    for kind in ("openings", "seekers"):
        confirm_list(by=township, kind=kind)
    month = list_month(clock.today(), DistrictProfile.objects.in_force(firm.district).rules)
    shown = Preview.of(firm.district, DistrictProfile.objects.in_force(firm.district).rules, month)
    published = publish_lists(by=jobs, month=month, seen=fingerprint(shown))
    money, before = need(township, firm), need(township)
    (answered,) = dispatch_need(by=finance, need=before, units=[], names=["某某银行"])
    answer_dispatch(by=finance, dispatch=answered, given=yes("200", "100", product="园区贷"))
    (dispatched,) = dispatch_need(by=finance, need=money, units=[], names=["某某银行"])
    of_opening = ("opening", "edit_opening", "opening_phone", "place", "recommend")
    of_seeker = ("seeker", "edit_seeker", "seeker_phone", "seeker_state", "erase_seeker")
    of_need = ("financing_need", "edit_financing_need", "financing_phone", "dispatch_need")
    arguments = {
        **{name: [wanted.pk] for name in of_opening},
        **{name: [found.pk] for name in of_seeker},
        **{name: [money.pk] for name in of_need},
        "opening_act": [wanted.pk, "withdraw"], "financing_act": [money.pk, "close"],
        "confirm_list": ["openings"], "cancel_placement": [batch.pk], "recommendation": [recommended.pk],
        "published_needs": [published.pk], "published_sheet": [published.pk],
        "round": [dispatched.round_id], "close_round": [dispatched.round_id], "answer_dispatch": [dispatched.pk],
    }  # fmt: skip
    return {f"campaigns:{name}": values for name, values in arguments.items()}
