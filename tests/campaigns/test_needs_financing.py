"""融资需求: rounds, banks, answers, what came of it, and which banks said yes before."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Unit
from campaigns.models import FinancingDispatch, FinancingEntry, FinancingNeed, FinancingRound
from campaigns.needs.financing_figures import RoundFigures, band_of, band_words, banks_like, figures_of, share
from campaigns.needs.reminders import remind
from campaigns.needs.services.financing import (
    BankAnswer,
    answer_dispatch,
    change_need,
    check_need,
    close_need,
    dispatch_need,
    record_need,
    reopen_need,
    report_need,
)
from campaigns.needs.services.openings import record_opening
from campaigns.needs.services.rounds import close_round, round_of_today, span_of
from core import clock
from districts.models import DistrictProfile
from notifications.models import Notice
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, need, need_facts, opening_facts, profile, yes

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cast(district) -> Cast:
    """区财政局 leads the rounds; 区工商联 stands for a bank with an account."""
    profile(district, finance_unit="czj", bank_kinds=["federation"], answer_days=5)
    return Cast(district)


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


@pytest.fixture
def bank(district) -> Unit:
    return make.unit(district, "gsl")


@pytest.fixture
def banker(bank):
    return make.user(bank, "liaison")


@pytest.fixture
def lead(cast):
    return cast.other_liaison


def rules(district):
    return DistrictProfile.objects.in_force(district).rules


def handed(by, found, *units, names=()):
    return dispatch_need(by=by, need=found, units=list(units), names=list(names))


# --- Rounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "day", "number", "starts", "ends"),
    [
        (2, date(2026, 11, 25), 6, date(2026, 11, 1), date(2026, 12, 31)),
        (2, date(2026, 1, 1), 1, date(2026, 1, 1), date(2026, 2, 28)),
        (3, date(2028, 2, 29), 1, date(2028, 1, 1), date(2028, 3, 31)),
        (1, date(2026, 12, 31), 12, date(2026, 12, 1), date(2026, 12, 31)),
        (12, date(2026, 6, 1), 1, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_round_lasts_as_the_profile_says(district, months, day, number, starts, ends):
    profile(district, round_months=months)
    span = span_of(day, rules(district))
    assert (span.number, span.starts, span.ends) == (number, starts, ends)


def test_a_new_round_carries_over_what_still_runs(cast, district, firm, lead):
    going, gone = need(cast.township_liaison, firm), need(cast.township_liaison)
    close_need(by=cast.township_liaison, need=gone, state="withdrawn", reason="企业不贷了")
    first = FinancingRound.objects.get()
    assert str(first) == "2026年第6轮" and first.entries.count() == 2
    with clock.at(NOW + 40 * DAY):
        second, is_new = round_of_today(district, rules(district))
        assert is_new and round_of_today(district, rules(district)) == (second, False)
    assert str(second) == "2027年第1轮"
    assert list(second.entries.values_list("need", "carried")) == [(going.pk, True)]


def test_a_round_is_summed_up_once_by_who_leads(cast, firm, lead, banker):
    need(cast.township_liaison, firm)
    found = FinancingRound.objects.get()
    for user in (cast.township_liaison, banker, cast.supervisor):
        with pytest.raises(PermissionDenied):
            close_round(by=user, financing_round=found, summary="好")
    with pytest.raises(ValidationError, match="12月26日起可以小结"):
        close_round(by=lead, financing_round=found, summary="早了")
    with clock.at(NOW + 31 * DAY):
        with pytest.raises(ValidationError):
            close_round(by=lead, financing_round=found, summary="  ")
        assert close_round(by=lead, financing_round=found, summary="对接 1 家。").closed_by == lead
        with pytest.raises(ValidationError, match="已经小结"):
            close_round(by=lead, financing_round=found, summary="再来")


def test_the_firms_phone_is_for_who_deals_with_the_need(client, cast, firm, lead, bank, banker):
    found = need(cast.township_liaison, firm)
    handed(lead, found, bank)
    url = f"/campaigns/needs/financing/{found.pk}/phone/"
    for user, status in ((cast.township_liaison, 200), (lead, 200), (banker, 200), (cast.supervisor, 403)):
        client.force_login(user)
        assert client.post(url).status_code == status
    assert "显示" not in client.get(f"/campaigns/needs/financing/{found.pk}/").content.decode()


def test_a_claimed_firm_is_named_and_not_by_a_number(cast):
    for record, facts in ((record_need, need_facts()), (record_opening, opening_facts())):
        for name, field, words in (
            ("某某厂13812345678", "claimed_name", "这里不能写电话号码"),
            ("长" * 121, "claimed_name", "最多120字"),
            (" ", "subject", "请选择企业"),
        ):
            with pytest.raises(ValidationError) as error:
                record(by=cast.township_liaison, facts=facts, claimed_name=name)
            assert words in error.value.message_dict[field][0]


# --- Needs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"amount": None}, "amount", "请填写需求金额"),
        ({"amount": Decimal(0)}, "amount", "大于 0"),
        ({"amount": Decimal("NaN")}, "amount", "大于 0"),
        ({"amount": Decimal(10) ** 9}, "amount", "不超过"),
        ({"purpose": " "}, "purpose", "用途"),
        ({"term_months": 0}, "term_months", "1 至 360"),
        ({"guarantee": "gold"}, "guarantee", "担保"),
        ({"purpose": "联系13812345678"}, "purpose", "电话号码"),
        ({"contact_phone": "1"}, "contact_phone", "号码"),
    ],
)
def test_what_is_wrong_with_a_need_is_said_beside_its_field(cast, firm, changes, field, words):
    with pytest.raises(ValidationError) as error:
        need(cast.township_liaison, firm, **changes)
    assert words in "".join(error.value.message_dict[field]) and not FinancingNeed.objects.exists()


def test_a_firms_own_need_is_checked_before_it_comes_up_in_a_round(cast, firm):
    found = report_need(entry=firm, facts=need_facts())
    assert (found.state, found.unit.code) == ("pending", "datong") and not FinancingEntry.objects.exists()
    with pytest.raises(ValidationError, match="正在核实"):
        report_need(entry=firm, facts=need_facts())
    assert check_need(by=cast.township_liaison, need=found).state == "open"
    assert FinancingEntry.objects.get().need == found


def test_a_need_is_the_firms_business(cast, firm, lead, banker, bank, district):
    found = need(cast.township_liaison, firm)
    other = make.another_district(district)
    foreigner = make.user(make.unit(other, "kjj"), "dispatcher")
    handed(lead, found, bank, names=["某某农商行"])
    for user in (lead, cast.dispatcher, cast.supervisor, cast.district_leader, cast.township_liaison, banker):
        assert found in FinancingNeed.objects.visible_to(user), user.unit
    for user in (cast.liaison, cast.cadre, cast.window, cast.admin, foreigner):
        assert found not in FinancingNeed.objects.visible_to(user), user.unit
    # The bank does not learn whom else it was handed to.
    assert [one.bank_name for one in FinancingDispatch.objects.visible_to(banker)] == [bank.name]
    assert FinancingDispatch.objects.visible_to(lead).count() == 2
    assert FinancingDispatch.objects.visible_to(cast.township_liaison).count() == 2


# --- Banks ----------------------------------------------------------------------------------------


def test_it_is_handed_to_banks_with_and_without_an_account(cast, firm, lead, bank, banker):
    found = need(cast.township_liaison, firm)
    made = handed(lead, found, bank, names=["某某农商行", "某某农商行", " "])
    found.refresh_from_db()
    assert [one.bank_name for one in made] == [bank.name, "某某农商行"]
    assert found.state == "dispatched" and {one.due for one in made} == {
        date(2026, 12, 2)
    }  # five working days
    assert Notice.objects.filter(recipient=banker, key__startswith="financing-dispatch:").count() == 1
    with pytest.raises(ValidationError) as error:
        handed(lead, found, names=["某某农商行"])
    assert "还没有答复" in "".join(error.value.message_dict["others"])


def test_only_who_leads_hands_out_and_only_to_banks(cast, firm, lead, bank, district):
    found = need(cast.township_liaison, firm)
    with pytest.raises(PermissionDenied):
        handed(cast.township_liaison, found, bank)
    for units, names, field in (
        ([], [], "units"),
        ([make.unit(district, "rsj")], [], "units"),
        ([], [f"第{n}银行" for n in range(11)], "others"),
        ([], ["农商行13812345678"], "others"),
    ):
        with pytest.raises(ValidationError) as error:
            handed(lead, found, *units, names=names)
        assert field in error.value.message_dict
    assert handed(cast.dispatcher, found, bank)  # the lead bureau may, too


def test_followed_from_the_answer_to_the_loan(cast, firm, lead, bank, banker):
    found = need(cast.township_liaison, firm)  # 300
    own, other = handed(lead, found, bank, names=["某某农商行"])
    with pytest.raises(PermissionDenied):
        answer_dispatch(by=banker, dispatch=other, given=yes("100"))
    answer_dispatch(by=lead, dispatch=other, given=BankAnswer("refused", reason="抵押不足"))
    found.refresh_from_db()
    assert found.state == "dispatched"
    answer_dispatch(by=banker, dispatch=own, given=yes("200", product="园区e贷"))
    found.refresh_from_db()
    assert found.state == "credited" and found.closed_at is None
    with clock.at(NOW + 20 * DAY):
        answer_dispatch(by=banker, dispatch=own, given=yes("200", "150"))
    found.refresh_from_db()
    own.refresh_from_db()
    assert found.state == "credited"
    assert own.in_time and own.lent == 150  # answered in time, lent later
    answer_dispatch(by=banker, dispatch=own, given=yes("200", "200"))
    found.refresh_from_db()
    assert found.state == "lent" and found.closed_at


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (BankAnswer(""), "answer"),
        (BankAnswer("credit"), "credit"),
        (BankAnswer("credit", credit=Decimal(-5)), "credit"),
        (BankAnswer("credit", credit=Decimal(5), lent=Decimal(6)), "lent"),
        (BankAnswer("refused"), "reason"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_beside_its_field(cast, firm, lead, bank, given, field):
    (one,) = handed(lead, need(cast.township_liaison, firm), bank)
    with pytest.raises(ValidationError) as error:
        answer_dispatch(by=lead, dispatch=one, given=given)
    assert field in error.value.message_dict


def test_unsolved_it_is_handed_in_as_an_appeal_or_comes_up_again(cast, firm, lead, bank):
    found = need(cast.township_liaison, firm)
    (one,) = handed(lead, found, bank)
    appeal = cast.register(by="dispatcher")
    for number in ("没有这个", "\0", "9" * 80):
        with pytest.raises(ValidationError) as error:
            close_need(by=cast.dispatcher, need=found, state="unsolved", reason="银行都不同意", appeal=number)
        assert "appeal" in error.value.message_dict
    close_need(by=cast.dispatcher, need=found, state="unsolved", reason="银行都不同意", appeal=appeal.number)
    found.refresh_from_db()
    assert (found.state, found.appeal) == ("unsolved", appeal)
    with pytest.raises(ValidationError, match="已经结束"):
        answer_dispatch(by=lead, dispatch=one, given=yes("1"))
    with clock.at(NOW + 40 * DAY):
        assert reopen_need(by=lead, need=found).state == "dispatched"
    assert [str(entry.round) for entry in found.entries.order_by("pk")] == ["2026年第6轮", "2027年第1轮"]


def test_what_was_dispatched_is_not_changed_behind_the_banks_back(cast, firm, lead, bank):
    found = need(cast.township_liaison, firm)
    assert change_need(by=cast.township_liaison, need=found, facts=need_facts(amount=Decimal(9))).amount == 9
    handed(lead, found, bank)
    with pytest.raises(ValidationError, match="已经交办"):
        change_need(by=cast.township_liaison, need=found, facts=need_facts())


# --- Figures --------------------------------------------------------------------------------------


def test_the_figures_of_a_round(cast, firm, lead, bank, django_assert_num_queries):
    by = cast.township_liaison
    lent, refused, untouched = need(by, firm), need(by, amount=Decimal(100)), need(by, amount=Decimal(50))
    first, second = handed(lead, lent, bank, names=["某某农商行"])
    (third,) = handed(lead, refused, bank)
    answer_dispatch(by=lead, dispatch=first, given=yes("300", "120"))
    with clock.at(NOW + 9 * DAY):
        answer_dispatch(by=lead, dispatch=third, given=BankAnswer("refused", reason="行业限制"))
        found = FinancingRound.objects.get()
        rules = DistrictProfile.objects.in_force(found.district).rules
        with django_assert_num_queries(2):
            figures = figures_of([found], rules)[found.pk]
    assert figures == RoundFigures(
        needs=3, carried=0, wanted=Decimal(450), dispatched=2, answers_due=3, answered_in_time=1,
        credit=Decimal(300), lent=Decimal(120), solved=1,
    )  # fmt: skip
    assert (figures.solved_rate, figures.in_time_rate) == ("33.3%（1/3）", "33.3%（1/3）")
    assert figures.lent_rate == "26.6%（120/450）"
    assert untouched.state == "open" and second.is_waiting


def test_a_share_is_cut_and_never_without_its_numbers():
    assert share(2, 3) == "66.6%（2/3）" and share(0, 0) == "—" and share(5, 5) == "100.0%（5/5）"


def test_banks_that_said_yes_to_needs_like_this_one(cast, firm, lead, bank, district):
    by = cast.township_liaison
    alike = need(by, amount=Decimal(200))
    only_guarantee = need(by, amount=Decimal(3000))
    (one,) = handed(lead, alike, names=["甲银行"])
    (two,) = handed(lead, only_guarantee, names=["乙银行"])
    (three,) = handed(lead, need(by, guarantee="credit", amount=Decimal(20)), names=["丙银行"])
    answer_dispatch(by=lead, dispatch=one, given=yes("200", product="厂房快贷"))
    answer_dispatch(by=lead, dispatch=two, given=yes("2000"))
    answer_dispatch(by=lead, dispatch=three, given=yes("20"))
    found = banks_like(need(by, firm), rules(district))
    assert [(one.bank, one.products) for one in found] == [("甲银行", ["厂房快贷"]), ("乙银行", [])]
    assert found[0].reasons == ["对100～500万元的需求授信过 1 次", "对“房产、土地抵押”授信过 1 次"]
    assert [band_of(Decimal(n)) for n in (100, 101, 5001)] == [0, 1, 4]
    assert band_words(0) == "100万元以内" and band_words(4) == "5000万元以上"


# --- Reminders ------------------------------------------------------------------------------------


def keys(prefix: str) -> list[str]:
    notices = Notice.objects.filter(channel="inbox", key__startswith=prefix)
    return sorted({key.rsplit(":", 2)[0] for key in notices.values_list("key", flat=True)})


def test_banks_are_reminded_before_on_and_after_the_day_once_each(cast, firm, lead, bank, banker, district):
    own, named = handed(
        lead, need(cast.township_liaison, firm), bank, names=["某某农商行"]
    )  # due on 2 December
    for days in (0, 6, 6, 7, 8, 9):
        with clock.at(NOW + days * DAY):
            remind(district)
    of = f"financing-answer:{own.pk}"
    assert keys(of) == [f"{of}:late", f"{of}:soon", f"{of}:today"]
    told = Notice.objects.filter(channel="inbox", key__startswith=of)
    assert told.filter(recipient=banker).count() == 3 and told.filter(recipient=lead).count() == 1
    of_named = Notice.objects.filter(channel="inbox", key__startswith=f"financing-answer:{named.pk}")
    assert of_named.filter(recipient=lead).count() == 3


def test_a_round_is_announced_once_and_its_end(cast, firm, lead, district):
    need(cast.township_liaison, firm)
    for moment in (NOW, NOW + 33 * DAY, NOW + 33 * DAY, NOW + 40 * DAY, NOW + 41 * DAY):
        with clock.at(moment):
            remind(district)
    assert FinancingRound.objects.count() == 2
    told = Notice.objects.filter(channel="inbox", recipient=lead)
    assert told.filter(key__startswith="financing-round:").count() == 1
    assert told.filter(key__startswith="financing-round-ends:").count() == 1
    assert Notice.objects.filter(recipient=cast.township_liaison, key__startswith="financing-round:").exists()


def test_a_district_without_such_lists_is_left_alone(district):
    remind(district)
    assert not Notice.objects.exists() and not FinancingRound.objects.exists()


def test_where_somebody_leads_them_rounds_begin_by_themselves(cast, district):
    make.user(make.unit(district, "datong"), "liaison")
    remind(district)
    assert FinancingRound.objects.count() == 1
    assert keys("needs-") == [] and Notice.objects.filter(key__startswith="financing-round:").exists()
