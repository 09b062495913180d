"""Conditions, fits, lists and claims as people use them; and what a firm reads behind its plaque."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import clock
from core.tokens import new_token
from districts.workdays import SHANGHAI
from enterprises.models import EnterpriseTitle
from enterprises.yearly import record_year
from liaisons.models import Assignment
from liaisons.services.plaques import order
from policies.condition_entry import add_condition
from policies.models import Claim, HandOut, Policy, PolicyList
from tests import factories as make


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user, url, status=200, **query) -> str:
    answer = signed_in(user).get(url, query)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_clerk_enters_a_condition_without_programming(liaison, policy):
    url = f"/policies/{policy.pk}/conditions/"
    assert "年销售额" in page(liaison, url)
    client = signed_in(liaison)
    data = {"token": new_token(), "low": "２,000", "high": ""}
    assert client.post(f"{url}?field=sales", data).status_code == 302
    assert client.post(f"{url}?field=sales", data).status_code == 302  # the same form again
    data = {"token": new_token(), "values": ["high_tech"], "none_of": ""}
    assert client.post(f"{url}?field=title", data).status_code == 302
    assert list(policy.conditions.values_list("sentence", flat=True)) == [
        "年销售额不少于 2000 万元", "资质称号是高新技术企业",
    ]  # fmt: skip
    wrong = client.post(f"{url}?field=sales", {"token": new_token(), "low": "很多"})
    assert wrong.status_code == 422 and "请填数字" in wrong.content.decode()
    assert client.post(f"{url}?field=sales", {"token": new_token(), "low": "9" * 30}).status_code == 422
    condition = policy.conditions.first()
    assert client.post(f"/policies/conditions/{condition.pk}/remove/").status_code == 302
    assert policy.conditions.count() == 1


def test_which_policies_fit_this_firm_with_every_reason(liaison, dispatcher, policy, firm, district, unit):
    add_condition(by=liaison, policy=policy, field="sales", low=Decimal(2000))
    Policy.objects.create(district=district, title="四上专享", unit=unit, tiers=["above_scale"])
    Policy.objects.create(district=district, title="人人可申", unit=unit)
    text = page(dispatcher, f"/policies/fits/enterprises/{firm.pk}/")
    assert text.index("人人可申") < text.index("稳岗补贴") < text.index("四上专享")
    assert "没有登记年销售额，要求：年销售额不少于 2000 万元" in text
    assert f'/enterprises/{firm.pk}/years/">补填' in text
    assert "层级是中小微企业，只适用层级：四上企业" in text
    record_year(by=dispatcher, enterprise=firm, year=2025, facts={"sales": Decimal(3000)})
    assert "2025年销售额 3000 万元，符合不少于 2000 万元" in page(
        dispatcher, f"/policies/fits/enterprises/{firm.pk}/"
    )


def test_a_firm_is_found_by_a_few_characters(dispatcher, firm):
    answer = signed_in(dispatcher).get("/policies/fits/", {"subject_text": firm.name})
    assert answer.url == f"/policies/fits/enterprises/{firm.pk}/"
    assert "没有找到" in page(dispatcher, "/policies/fits/", subject_text="查无此厂")


def test_the_firms_of_a_policy_in_three_groups_cost_the_same(liaison, dispatcher, policy, district):
    add_condition(by=liaison, policy=policy, field="title", values=["high_tech"])
    add_condition(by=liaison, policy=policy, field="sales", low=Decimal(100))

    def firms(number: int) -> None:
        for n in range(number):
            firm = make.enterprise(district, titles_checked_on=clock.today())
            if n % 2:
                EnterpriseTitle.objects.create(
                    enterprise=firm, code="high_tech", recorded_by=dispatcher, recorded_at=clock.now()
                )

    client = signed_in(dispatcher)

    def cost(fit: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/policies/{policy.pk}/firms/", {"fit": fit}).status_code == 200
        return len(queries)

    firms(4)
    client.get("/policies/")
    before = [cost(fit) for fit in ("met", "open", "failed")]
    firms(12)
    assert [cost(fit) for fit in ("met", "open", "failed")] == before and max(before) < 25
    assert "没有登记年销售额" in page(dispatcher, f"/policies/{policy.pk}/firms/", fit="open")


def test_ticked_policies_become_a_list_that_is_handed_out(dispatcher, policy, firm):
    url = f"/policies/lists/new/?subject=enterprise-{firm.pk}&policy={policy.pk}"
    assert firm.name in page(dispatcher, url)
    client = signed_in(dispatcher)
    data = {
        "token": new_token(), "title": "适合贵公司的政策", "kind": "firm", "subject": f"enterprise-{firm.pk}",
        "unit": dispatcher.unit_id, "policies": [policy.pk],
    }  # fmt: skip
    first = client.post("/policies/lists/new/", data)
    assert first.status_code == 302 and client.post("/policies/lists/new/", data).status_code == 302
    made = PolicyList.objects.get()
    text = page(dispatcher, f"/policies/lists/{made.pk}/")
    assert text.count("<svg") >= 2 and f"/340711/lists/{made.token}/" in text
    assert f'value="list-{made.pk}"' in page(dispatcher, f"/policies/hand-outs/new/?list={made.pk}")
    data = {
        "token": new_token(), "papers": [f"list-{made.pk}"], "way": "door", "day": "2026-11-19", "copies": 3,
        "firms": firm.name, "unit": dispatcher.unit_id,
    }  # fmt: skip
    assert client.post("/policies/hand-outs/new/", data).status_code == 302
    assert HandOut.objects.get().policy_list == made
    assert "清单：适合贵公司的政策" in page(dispatcher, "/policies/hand-outs/")
    assert "已发清单" in page(dispatcher, f"/policies/{policy.pk}/firms/")


def test_a_claim_from_asked_for_to_paid(liaison, policy, firm, unit):
    client = signed_in(liaison)
    data = {
        "token": new_token(), "unit": unit.pk, "policy": policy.pk, "subject": f"enterprise-{firm.pk}", "amount": "5",
        "day": "2026-11-01", "unasked": "on",
    }  # fmt: skip
    assert client.post("/policies/claims/new/", data).status_code == 302
    claim = Claim.objects.get()
    url = f"/policies/claims/{claim.pk}/"
    assert "免申即享" in page(liaison, url)
    wrong = client.post(f"{url}approve/", {"token": new_token(), "amount": "0", "promised_on": "2026-12-01"})
    assert wrong.status_code == 422
    good = {"token": new_token(), "amount": "4", "promised_on": "2026-12-01"}
    assert client.post(f"{url}approve/", good).status_code == 302
    form = page(liaison, f"/policies/payments/new/?claim={claim.pk}")
    assert f'value="{claim.pk}"' in form and 'value="4.00"' in form
    data = {
        "token": new_token(), "unit": unit.pk, "policy": policy.pk, "subject": f"enterprise-{firm.pk}", "amount": "4",
        "day": "2026-11-19", "basis": "凭证 9 号", "claim": claim.pk,
    }  # fmt: skip
    assert client.post("/policies/payments/new/", data).url == url
    assert "已兑付" in page(liaison, url)
    assert policy.title in page(liaison, "/policies/payments/totals/")
    assert firm.name in page(liaison, "/policies/payments/totals/", by="firm")


def test_overdue_claims_are_listed_first(liaison, policy, firm, unit):
    for days, state in ((30, "approved"), (-3, "approved")):
        Claim.objects.create(
            district=unit.district, region=firm.region, enterprise=firm, policy=policy, unit=unit, state=state,
            applied_on=clock.today() - timedelta(days=60), applied_amount=1, approved_amount=1,
            approved_on=clock.today(), promised_on=clock.today() + timedelta(days=days),
            recorded_at=clock.now(), recorded_by=liaison,
        )  # fmt: skip
    text = page(liaison, "/policies/claims/")
    assert text.index("已逾期 2026-11-16") < text.index("2026-12-19")
    assert "2026-12-19" not in page(liaison, "/policies/claims/", state="overdue")


def test_behind_its_plaque_a_firm_reads_what_fits_without_anything_internal(
    client, liaison, dispatcher, policy, firm, district, unit
):
    add_condition(by=liaison, policy=policy, field="sales", low=Decimal(2000))
    Policy.objects.create(district=district, title="内部白名单", unit=unit, public=False)
    Policy.objects.create(district=district, title="四上专享", unit=unit, tiers=["above_scale"])
    record_year(by=dispatcher, enterprise=firm, year=2025, facts={"sales": Decimal(4321)})
    Assignment.objects.create(
        district=district, region=firm.region, official=make.official(unit), unit=unit, enterprise=firm,
        started=clock.today(), recorded_by=dispatcher, recorded_at=clock.now(),
    )  # fmt: skip
    plaque = order(by=dispatcher, entry=firm)
    text = client.get(f"/340711/p/{plaque.token}/policies/").content.decode()
    assert policy.title in text and "年销售额不少于 2000 万元" in text
    assert "4321" not in text and "内部白名单" not in text and "四上专享" not in text
    assert client.get("/340711/p/nothing/policies/").status_code == 404


def test_titles_are_checked_on_one_form(dispatcher, firm):
    url = f"/enterprises/{firm.pk}/titles/"
    assert "还没有核对过" in page(dispatcher, url)
    data = {"has_high_tech": "on", "until_high_tech": "2027-06-30"}
    assert signed_in(dispatcher).post(url, data).status_code == 302
    assert "高新技术企业（至 2027-06-30）" in page(dispatcher, f"/enterprises/{firm.pk}/")
    wrong = signed_in(dispatcher).post(url, {"has_high_tech": "on", "until_high_tech": "9999-99-99"})
    assert wrong.status_code == 422
