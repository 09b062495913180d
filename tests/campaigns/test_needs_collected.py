"""What a cadre hears at a visit: told to the unit of the firm's township, which looks into it."""

import pytest
from django.core.exceptions import PermissionDenied

from campaigns.models import FinancingNeed, JobOpening
from campaigns.needs.services.financing import report_need
from campaigns.needs.services.openings import check_opening, report_opening
from core import clock
from core.tokens import new_token
from enterprises.subjects import subject_key
from liaisons.models import Assignment
from notifications.models import Notice
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, TODAY, need_facts, opening_facts

OPENING = {"trade": "welder", "post": "", "wanted": "５", "valid_until": "2026-12-31"}
NEED = {"amount": "300", "purpose": "购原料", "term_months": "12", "guarantee": "mortgage"}


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


@pytest.fixture
def firm(district, cast):
    """In 大通镇, looked after by a cadre of 区发改委."""
    found = make.enterprise(district, name="铜陵晨光机械有限公司")
    Assignment.objects.create(
        district=district, region=found.region, official=cast.cadre.official, unit=cast.cadre.unit,
        enterprise=found, started=TODAY, recorded_by=cast.cadre, recorded_at=NOW,
    )  # fmt: skip
    return found


def test_a_cadre_tells_of_an_opening_and_the_township_checks_it(client, cast, firm):
    township = cast.township_liaison
    client.force_login(cast.cadre)
    text = client.get("/campaigns/needs/openings/new/", {"enterprise": firm.pk}).content.decode()
    assert firm.name in text and "不在底册的企业名称" not in text and "核实后列入" in text
    data = OPENING | {"token": new_token(), "subject": subject_key(firm)}
    for _ in range(2):
        assert client.post("/campaigns/needs/openings/new/", data).status_code == 302
    found = JobOpening.objects.get()
    assert (found.state, found.unit, found.recorded_by) == ("pending", township.unit, cast.cadre)
    assert not found.by_firm and Notice.objects.filter(recipient=township).exists()
    again = client.post("/campaigns/needs/openings/new/", data | {"token": new_token()})
    assert again.status_code == 422 and "已经收到" in again.content.decode()
    assert check_opening(by=township, opening=found).state == "open"


def test_a_cadre_tells_of_a_financing_need_and_comes_back_to_the_firm(client, cast, firm):
    client.force_login(cast.cadre)
    data = NEED | {"token": new_token(), "subject": subject_key(firm)}
    answer = client.post("/campaigns/needs/financing/new/", data, follow=True)
    assert answer.status_code == 200 and "核实后列入本轮" in answer.content.decode()
    found = FinancingNeed.objects.get()
    assert (found.state, found.unit) == ("pending", cast.township_liaison.unit)
    nobody = client.post("/campaigns/needs/financing/new/", NEED | {"token": new_token()})
    assert nobody.status_code == 422 and "请选择企业。" in nobody.content.decode()


def test_others_collect_nothing(cast, firm):
    for part in ("supervisor", "window", "district_leader"):
        for report, facts in ((report_opening, opening_facts()), (report_need, need_facts())):
            with pytest.raises(PermissionDenied):
                report(by=getattr(cast, part), entry=firm, facts=facts)
