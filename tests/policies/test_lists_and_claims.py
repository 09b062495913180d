"""Lists put together and handed out; claims from asked for to paid, and what is overdue."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core import clock
from districts.workdays import SHANGHAI
from policies import claims
from policies.lists import Contents, change_list, make_list, switch_list
from policies.models import Claim, HandOut, Outreach, Payment, Policy, PolicyList
from policies.money_figures import claim_figures, totals_by
from policies.papers import give
from policies.payments import record_payment, reverse_payment
from tests import factories as make


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


def contents(policy, **fields) -> Contents:
    return Contents(**({"title": "惠企政策清单", "kind": "general", "policies": [policy]} | fields))


@pytest.fixture
def claim(liaison, unit, policy, firm):
    return claims.apply(
        by=liaison, unit=unit, policy=policy, subject=firm, amount=Decimal(10), day=clock.today()
    )


@pytest.fixture
def approved(liaison, claim):
    promised = clock.today() + timedelta(days=10)
    return claims.approve(by=liaison, claim=claim, amount=Decimal(8), promised_on=promised)


def pay(liaison, claim, amount):
    return record_payment(
        by=liaison, unit=claim.unit, policy=claim.policy, subject=claim.subject, amount=Decimal(amount),
        basis="凭证 1 号", day=clock.today(), claim=claim,
    )  # fmt: skip


def now(claim) -> Claim:
    return Claim.objects.with_paid().get(pk=claim.pk)


# --- Lists ----------------------------------------------------------------------------------------


def test_a_list_says_for_whom_it_is(liaison, unit, policy, firm):
    made = make_list(by=liaison, unit=unit, contents=contents(policy, kind="firm", entry=firm))
    assert (made.for_whom, list(made.policies.all())) == (firm.name, [policy])
    made = change_list(
        by=liaison, policy_list=made, contents=contents(policy, kind="event", occasion="恳谈会")
    )
    assert (made.for_whom, made.enterprise) == ("恳谈会", None)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "firm"}, "subject"), ({"kind": "industry"}, "industry"), ({"kind": "event"}, "occasion"),
        ({"title": " "}, "title"), ({"policies": []}, "policies"), ({"kind": "x"}, "kind"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_beside_its_field(liaison, unit, policy, fields, wrong):
    with pytest.raises(ValidationError) as error:
        make_list(by=liaison, unit=unit, contents=contents(policy, **fields))
    assert set(error.value.message_dict) == {wrong}


def test_what_is_not_public_goes_on_no_list(liaison, unit, policy):
    Policy.objects.filter(pk=policy.pk).update(public=False)
    with pytest.raises(ValidationError):
        make_list(by=liaison, unit=unit, contents=contents(Policy.objects.get(pk=policy.pk)))


def test_a_list_handed_out_is_one_paper_and_the_firm_was_told(liaison, unit, policy, firm, district):
    other = Policy.objects.create(district=district, title="另一项", unit=unit)
    made = make_list(by=liaison, unit=unit, contents=contents(policy, policies=[policy, other]))
    give(
        by=liaison, unit=unit, policies=[], lists=[made], letter=False, copies=2, day=clock.today(), way="door",
        entries=[firm],
    )  # fmt: skip
    (given,) = HandOut.objects.all()
    assert (given.paper, given.policy, given.policy_list, given.copies) == ("policy", None, made, 2)
    assert Outreach.objects.get().enterprise == firm


def test_a_list_for_one_firm_is_seen_by_who_sees_the_firm(liaison, unit, policy, firm, district, dispatcher):
    make_list(by=dispatcher, unit=dispatcher.unit, contents=contents(policy, kind="firm", entry=firm))
    make_list(by=dispatcher, unit=dispatcher.unit, contents=contents(policy))
    elsewhere = make.user(make.unit(district, "huihe"), "liaison")
    assert PolicyList.objects.visible_to(dispatcher).count() == 2
    assert PolicyList.objects.visible_to(elsewhere).count() == 1
    other = make.another_district(district)
    assert not PolicyList.objects.visible_to(make.user(make.unit(other), "dispatcher")).exists()


def test_only_its_unit_changes_a_list(liaison, unit, policy, district):
    made = make_list(by=liaison, unit=unit, contents=contents(policy))
    stranger = make.user(make.unit(district, "czj"), "liaison")
    with pytest.raises(PermissionDenied):
        change_list(by=stranger, policy_list=made, contents=contents(policy))
    assert switch_list(by=liaison, policy_list=made, active=False).active is False


def test_the_code_on_the_paper_leads_to_the_public_page(client, liaison, unit, policy, district):
    made = make_list(by=liaison, unit=unit, contents=contents(policy))
    address = f"/340711/lists/{made.token}/"
    assert policy.title in client.get(address).content.decode()
    Policy.objects.filter(pk=policy.pk).update(active=False)
    assert policy.title not in client.get(address).content.decode()
    switch_list(by=liaison, policy_list=made, active=False)
    assert client.get(address).url == "/340711/policies/"
    assert client.get("/340711/lists/nothing/").status_code == 404


# --- Claims ---------------------------------------------------------------------------------------


def test_from_asked_for_to_paid(liaison, approved):
    assert now(approved).progress == "待兑付"
    first = pay(liaison, approved, "3")
    assert (now(approved).progress, now(approved).left) == ("部分兑付", 5)
    pay(liaison, approved, "5")
    assert (now(approved).progress, now(approved).left) == ("已兑付", 0)
    reverse_payment(by=liaison, payment=first, reason="填错")
    assert (now(approved).progress, now(approved).left) == ("部分兑付", 3)


def test_a_payment_stays_within_what_was_approved_and_with_its_firm(
    liaison, approved, unit, policy, district
):
    with pytest.raises(ValidationError) as error:
        pay(liaison, approved, "8.01")
    assert set(error.value.message_dict) == {"amount"}
    with pytest.raises(ValidationError) as error:
        record_payment(
            by=liaison, unit=unit, policy=policy, subject=make.enterprise(district), amount=Decimal(1), basis="x",
            day=clock.today(), claim=approved,
        )  # fmt: skip
    assert set(error.value.message_dict) == {"claim"}


def test_nothing_is_paid_on_what_is_not_approved(liaison, claim):
    with pytest.raises(ValidationError) as error:
        pay(liaison, claim, "1")
    assert "claim" in error.value.message_dict


def test_overdue_is_what_is_not_paid_by_the_promised_day(liaison, approved):
    pay(liaison, approved, "7")
    with clock.at(clock.now() + timedelta(days=10)):
        assert not Claim.objects.with_paid().overdue().exists()
    with clock.at(clock.now() + timedelta(days=11)):
        assert list(Claim.objects.with_paid().overdue()) == [approved]
        assert now(approved).is_overdue
        pay(liaison, approved, "1")
        assert not Claim.objects.with_paid().overdue().exists()


def test_approved_anew_it_does_not_fall_below_what_was_paid(liaison, approved):
    pay(liaison, approved, "7")
    with pytest.raises(ValidationError) as error:
        claims.approve(by=liaison, claim=approved, amount=Decimal(6), promised_on=clock.today())
    assert set(error.value.message_dict) == {"amount"}
    with pytest.raises(ValidationError, match="冲销"):
        claims.withdraw(by=liaison, claim=approved, reason="企业放弃")


def test_refused_with_a_reason_and_by_its_unit_alone(liaison, claim, district):
    stranger = make.user(make.unit(district, "czj"), "liaison")
    with pytest.raises(PermissionDenied):
        claims.refuse(by=stranger, claim=claim, reason="不符合")
    with pytest.raises(ValidationError):
        claims.refuse(by=liaison, claim=claim, reason=" ")
    assert claims.refuse(by=liaison, claim=claim, reason="投资额没有达到").state == "refused"


def test_figures_and_totals(liaison, approved, policy, firm):
    payment = pay(liaison, approved, "3")
    pay(liaison, approved, "2")
    reverse_payment(by=liaison, payment=payment, reason="填错")
    found = claim_figures(Claim.objects.with_paid())
    assert (found.number, found.applied, found.approved, found.paid, found.left) == (1, 10, 8, 2, 6)
    for by, label in (("policy", policy.title), ("year", 2026), ("firm", firm.name)):
        (row,) = totals_by(Payment.objects.all(), by)
        assert (row["label"], row["total"], row["times"], row["firms"]) == (label, 2, 1, 1)
