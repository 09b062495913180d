"""What a firm thinks of a visit, its cadre, an event, a window, a payment: taken in once, without an account."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from campaigns.models import ConductRemark, LowRating, ServiceRating
from campaigns.satisfaction import links as rating_links
from campaigns.satisfaction.scrubbing import scrub
from campaigns.satisfaction.services import ratings
from campaigns.satisfaction.services.ratings import Judgement
from core import clock
from districts.models import DistrictProfile, Region
from liaisons.services.plaques import order
from notifications.models import Notice
from policies.models import Policy
from policies.payments import record_payment, reverse_payment
from tests import factories as make
from tests.campaigns.survey_cast import SurveyCast
from tests.liaisons.happenings import SATURDAY, announced

WEDNESDAY = "2026-11-18 10:00+08:00"


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel(WEDNESDAY):
        yield


@pytest.fixture
def cast(district: Region) -> SurveyCast:
    return SurveyCast(district)


def test_behind_the_plaque_the_last_visit_is_rated_once(cast, client):
    firm = cast.firms(1)[0]
    url = f"/340711/p/{order(by=cast.dispatcher, entry=firm).token}/"
    assert "评价走访、干部服务和政策兑现" in client.get(url).content.decode()
    assert "最近一次走访" not in client.get(f"{url}rate/").content.decode()
    empty = client.post(f"{url}rate/", {"kind": "visit", "level": "satisfied", "token": "a"})
    assert empty.status_code == 422 and "请选择评价什么" in empty.content.decode()
    with pytest.raises(ValidationError, match=ratings.NOTHING_TO_RATE):
        ratings.rate_at_plaque(entry=firm, kind="visit", given=Judgement("satisfied"))
    visit = cast.visit(firm)
    assert "最近一次走访" in client.get(f"{url}rate/").content.decode()
    given = {"kind": "visit", "level": "unsatisfied", "comment": "来了就走", "unnamed": "on", "token": "b"}
    for _ in range(2):  # a double click
        assert client.post(f"{url}rate/", given).status_code == 200
    rating = ServiceRating.objects.get()
    assert (rating.visit, rating.unit, rating.official) == (visit, cast.unit, cast.official)
    again = client.post(f"{url}rate/", given | {"token": "c"})
    assert again.status_code == 422 and ratings.ALREADY in again.content.decode()


def test_the_last_payment_is_rated_once_and_its_unit_answers_a_low_one(cast, client):
    firm = cast.firms(1)[0]
    url = f"/340711/p/{order(by=cast.dispatcher, entry=firm).token}/rate/"
    payer = cast.other
    assert "最近一次政策兑现" not in client.get(url).content.decode()
    taken_back, payment = paid(payer, firm), paid(payer, firm)
    reverse_payment(by=payer, payment=taken_back, reason="登记错了")
    given = {
        "kind": "payment",
        "level": "unsatisfied",
        "comment": "拖了两个月",
        "unnamed": "on",
        "token": "p",
    }
    assert "最近一次政策兑现" in client.get(url).content.decode()
    for _ in range(2):  # a double click
        assert client.post(url, given).status_code == 200
    rating = ServiceRating.objects.get()
    assert (rating.payment, rating.unit, rating.enterprise) == (payment, payer.unit, firm)
    assert rating.low.unit == payer.unit and rating.low.about == "政策兑现（企业未署名）"
    assert client.post(url, given | {"token": "q"}).status_code == 422
    with time_machine.travel("2027-06-05 10:00+08:00"):
        assert "最近一次政策兑现" not in client.get(url).content.decode()


def paid(by, firm):
    policy = Policy.objects.create(district=firm.district, title="技改补助", unit=by.unit)
    return record_payment(
        by=by, unit=by.unit, policy=policy, subject=firm, amount=Decimal(3), basis="凭证", day=clock.today()
    )


def test_who_visited_does_not_learn_which_firm_has_rated(cast, client):
    """A firm that would not be named is not told by the link that can no longer be sent."""
    visit = cast.visit()
    client.force_login(cast.cadre)

    def pages() -> tuple[bool, int]:
        shown = client.get(reverse("portal:visit", args=[visit.pk]))
        sent = client.post(f"/campaigns/rating-codes/visits/{visit.pk}/")
        return f"rating-codes/visits/{visit.pk}/" in shown.content.decode(), sent.status_code

    before = pages()
    ratings.rate_visit(visit=visit, given=Judgement("unsatisfied"), channel="link")
    assert before == pages() == (True, 200)


def test_the_cadre_is_rated_once_a_quarter(cast):
    firm = cast.firms(1)[0]
    ratings.rate_at_plaque(entry=firm, kind="cadre", given=Judgement("satisfied"))
    with pytest.raises(ValidationError):
        ratings.rate_at_plaque(entry=firm, kind="cadre", given=Judgement("satisfied"))
    with time_machine.travel("2027-01-05 10:00+08:00"):
        ratings.rate_at_plaque(entry=firm, kind="cadre", given=Judgement("satisfied"))
    assert ServiceRating.objects.filter(kind="cadre", official=cast.official).count() == 2


def test_a_link_rates_its_visit_and_no_official_opens_it(cast, client):
    visit = cast.visit()
    url = f"/340711/rate/{rating_links.visit_token(visit)}/"
    signed_in = Client()
    signed_in.force_login(cast.cadre)
    assert signed_in.get(url).status_code == 403
    assert client.get(url).status_code == 200
    assert client.post(url, {"level": "very_satisfied", "token": "x"}).status_code == 200
    assert ServiceRating.objects.get().channel == "link"
    with time_machine.travel("2026-12-05 10:00+08:00"):
        assert client.get(url).status_code == 404
    assert client.get("/340711/rate/nonsense/").status_code == 404
    assert client.get(f"/340711/rate/{'9' * 300}/").status_code == 404


def test_only_who_sees_the_visit_makes_a_link_and_it_is_logged(cast, client):
    from accounts.models import AuditEntry

    visit = cast.visit()
    client.force_login(cast.other)
    assert client.post(f"/campaigns/rating-codes/visits/{visit.pk}/").status_code == 404
    client.force_login(cast.cadre)
    answer = client.post(f"/campaigns/rating-codes/visits/{visit.pk}/")
    assert answer.status_code == 200 and "/340711/rate/" in answer.content.decode()
    assert AuditEntry.objects.filter(action="rating.link", object_id=str(visit.pk)).exists()


def test_a_window_is_rated_by_its_code_as_often_as_people_come(cast, client, district):
    window = make.unit(district, "datong_window")
    url = f"/340711/rate/{rating_links.window_token(window)}/"
    assert rating_links.window_token(window) == rating_links.window_token(window)
    with time_machine.travel("2028-01-05 10:00+08:00"):  # it hangs on the wall for years
        for n in range(2):
            assert client.post(url, {"level": "satisfied", "token": f"t{n}"}).status_code == 200
    assert ServiceRating.objects.filter(kind="window", unit=window).count() == 2
    office = rating_links.window_token(cast.unit)  # no counter
    assert client.get(f"/340711/rate/{office}/").status_code == 404


def test_an_event_is_rated_from_when_it_began(cast, client):
    liaison = make.user(make.unit(cast.district, "datong"), "liaison")
    event = announced(liaison, starts_at=SATURDAY, units=[cast.unit])
    url = f"/340711/events/{event.pk}/rate/"
    assert client.get(url).status_code == 404
    with time_machine.travel("2026-11-21 10:00+08:00"):
        assert "评价这次活动" in client.get(f"/340711/events/{event.pk}/").content.decode()
        assert client.post(url, {"level": "basic", "token": "e"}).status_code == 200
    assert ServiceRating.objects.get().event == event
    with time_machine.travel("2027-02-21 10:00+08:00"):
        assert client.get(url).status_code == 404


def test_wrong_input_is_said_beside_the_field_and_kept(cast, client):
    url = f"/340711/rate/{rating_links.visit_token(cast.visit())}/"
    answer = client.post(url, {"level": "brilliant", "comment": "写了很多", "token": "x"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "请选择满意程度" in page and "写了很多" in page
    assert client.post(url, {"level": "satisfied", "comment": "长" * 501, "token": "x"}).status_code == 422
    assert (
        client.post(url, {"level": "\0", "comment": "\0", "conduct": "\0", "token": "\0"}).status_code == 422
    )
    assert not ServiceRating.objects.exists()


def test_too_many_wait(cast, client, district):
    url = f"/340711/rate/{rating_links.window_token(make.unit(district, 'datong_window'))}/"
    codes = [client.post(url, {"level": "satisfied", "token": f"t{n}"}).status_code for n in range(32)]
    assert codes[29] == 200 and codes[-1] == 429


def test_a_robot_believes_it_was_heard(cast, client):
    from appeals.views.public import HONEYPOT

    url = f"/340711/rate/{rating_links.visit_token(cast.visit())}/"
    assert client.post(url, {"level": "satisfied", HONEYPOT: "x"}).status_code == 200
    assert not ServiceRating.objects.exists()


def test_an_unnamed_firm_is_not_told_to_the_unit(cast):
    firm = cast.firms(1, name="铜陵晨光机械有限公司", contact_name="赵敏")[0]
    comment = "晨光机械反映过三次，赵总13900001111可以作证，晨光机械有限公司 91340711MA0000001X"
    cast.rating("unsatisfied", firm, comment=comment, unnamed=True)
    case = LowRating.objects.get()
    for told in ("晨光", "赵", "13900001111", "91340711"):
        assert told not in case.words and told not in case.about, case.words
    assert "反映过三次" in case.words
    assert not Notice.objects.filter(body__contains="反映过三次").exists()


def test_a_firm_that_gives_its_name_is_named(cast):
    firm = cast.firms(1, name="铜陵晨光机械有限公司")[0]
    cast.rating("unsatisfied", firm, comment="门口坏了", unnamed=False)
    case = LowRating.objects.get()
    assert "铜陵晨光机械有限公司" in case.about and case.words == "门口坏了"


def test_a_satisfied_one_sets_nothing_going(cast):
    cast.rating("basic")
    assert not LowRating.objects.exists() and not ConductRemark.objects.exists()


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("加微信：abc12345 详谈", "详谈", "abc12345"),
        ("打 138 0013 8000 找我", "找我", "8000"),
        ("座机0562-1234567", "座机", "1234567"),
        ("邮箱 a.b@example.com", "邮箱", "example"),
        ("我们铜陵示例机械的活", "的活", "示例机械"),
        ("办了3件事用了15天", "办了3件事用了15天", "某企业"),
    ],
)
def test_scrubbing(text, kept, gone):
    found = scrub(text, firms=["铜陵示例机械有限公司"], persons=["赵敏"], places=["铜陵市郊区", "铜陵市"])
    assert kept in found and gone not in found


def test_ratings_follow_the_levels_of_the_profile(cast, district):
    rules = DistrictProfile.objects.in_force(district).rules
    assert rules.ratings.answer_days == 5
    rating = cast.rating("unsatisfied")
    assert rating.low.due_at - rating.at >= timedelta(days=7)  # five working days over a weekend
