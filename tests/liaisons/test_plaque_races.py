"""Several who order, replace or settle the same at the same moment: it is done once, and the others are told."""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError

from liaisons.models import Plaque, VisitRequest
from liaisons.services.plaques import order, replace
from liaisons.services.requests import request_visit, settle_request
from tests.appeals.test_races import at_once
from tests.liaisons.plaque_cast import PlaqueCast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(transactional_db: None, district) -> PlaqueCast:
    return PlaqueCast(district)


def outcomes(results: list[object]) -> Counter:
    return Counter(type(result) for result in results)


def test_six_who_order_the_same_plaque_get_one(cast):
    results = at_once(*[lambda: order(by=cast.dispatcher, entry=cast.firm)] * 6)
    assert outcomes(results) == {Plaque: 1, ValidationError: 5}
    assert Plaque.objects.count() == 1


def test_six_who_replace_the_same_plate_make_one_new_one(cast):
    old = cast.plaque()
    results = at_once(*[lambda: replace(by=cast.dispatcher, plaque=old, reason="干部调整")] * 6)
    assert outcomes(results) == {Plaque: 1, ValidationError: 5}
    assert Plaque.objects.in_force().count() == 1 and Plaque.objects.count() == 2


def test_the_same_wish_sent_six_times_waits_once_and_is_settled_once(cast):
    wish = {"contact_name": "赵敏", "contact_phone": "13900002222", "wish": "想当面反映。"}
    results = at_once(*[lambda: request_visit(entry=cast.firm, **wish)] * 6)
    assert outcomes(results) == {VisitRequest: 1, ValidationError: 5}
    found = VisitRequest.objects.get()
    settled = at_once(*[lambda: settle_request(by=cast.cadre, request=found, outcome="已联系。")] * 6)
    assert outcomes(settled) == {VisitRequest: 1, ValidationError: 5}
