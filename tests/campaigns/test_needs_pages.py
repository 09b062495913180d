"""The pages of the needs lists: a whole way through, what is refused in words, what is masked, how many queries."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry
from campaigns.models import (
    FinancingDispatch,
    FinancingNeed,
    FinancingRound,
    JobOpening,
    JobPlacement,
    JobSeeker,
    NeedsConfirmation,
    PublishedNeeds,
    Recommendation,
)
from campaigns.needs.services.financing import dispatch_need
from campaigns.needs.services.lists import confirm_list
from campaigns.needs.services.openings import record_placement
from campaigns.needs.services.recommendations import recommend
from core import clock
from enterprises.merging import merge
from enterprises.subjects import subject_key
from liaisons.models import Assignment
from liaisons.services.plaques import order
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, TODAY, need, opening, profile, seeker

PHONE = "13900001111"


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cast(district) -> Cast:
    profile(district, finance_unit="czj", bank_kinds=["federation"], banks=["甲银行"])
    return Cast(district)


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


def page(answer) -> str:
    return answer.content.decode()


OPENING = {
    "token": "t1", "trade": "welder", "post": "氩弧焊工", "wanted": "５", "wage_from": "5,000", "wage_to": "7000",
    "requirements": "包食宿", "place": "", "contact_name": "赵敏", "contact_phone": PHONE, "valid_until": "2026-12-31",
}  # fmt: skip
SEEKER = {
    "token": "t2", "called": "王先生", "phone": "138 0000 0001", "age_band": "from_35", "trade": "welder", "post": "",
    "skills": "会氩弧焊", "wage_hoped": "6000", "consent_on": "2026-11-25", "agreed": "on",
}  # fmt: skip
NEED = {
    "token": "t3", "amount": "1,000.5", "purpose": "购原料", "term_months": "12", "guarantee": "mortgage",
    "current_bank": "", "contact_name": "赵敏", "contact_phone": PHONE,
}  # fmt: skip


# --- Work -----------------------------------------------------------------------------------------


def test_from_the_opening_to_the_first_day_at_work(client, cast, firm):
    client.force_login(cast.township_liaison)
    data = OPENING | {"subject": subject_key(firm)}
    for _ in range(2):  # clicked twice
        answer = client.post("/campaigns/needs/openings/new/", data)
    opening_ = JobOpening.objects.get()
    assert answer["Location"] == f"/campaigns/needs/openings/{opening_.pk}/"
    assert (opening_.wanted, opening_.wage_from) == (5, 5000)
    answer = client.post("/campaigns/needs/seekers/new/", SEEKER | {"region": firm.region_id})
    found = JobSeeker.objects.get()
    assert answer["Location"] == f"/campaigns/needs/seekers/{found.pk}/"
    text = page(client.get(f"/campaigns/needs/openings/{opening_.pk}/"))
    assert "工种相同：焊工" in text and "王先生" in text and PHONE not in text
    assert "氩弧焊工" in page(client.get(f"/campaigns/needs/seekers/{found.pk}/"))
    client.post(f"/campaigns/needs/openings/{opening_.pk}/recommend/", {"seeker": found.pk})
    recommended = Recommendation.objects.get()
    url = f"/campaigns/needs/recommendations/{recommended.pk}/"
    answer = client.post(url, {"to": "failed", "day": "2026-11-25", "reason": ""})
    assert answer.status_code == 422 and "请写明未成的原因" in page(answer)
    assert client.post(url, {"to": "placed", "day": "2026-11-25"}).status_code == 302
    place = f"/campaigns/needs/openings/{opening_.pk}/place/"
    for _ in range(2):
        client.post(place, {"token": "p", "persons": "3", "day": "2026-11-24", "note": "第1批"})
    opening_.refresh_from_db()
    assert (opening_.placed, opening_.state) == (4, "partly") and JobPlacement.objects.count() == 2
    answer = client.post(place, {"token": "q", "persons": "0", "day": "2027-01-01"})
    assert answer.status_code == 422 and "1 至 5000" in page(answer)


def test_what_was_typed_stays_and_the_mistakes_stand_beside_it(client, cast, firm):
    client.force_login(cast.township_liaison)
    wrong = {
        "requirements": "有意请打13812345678",
        "wanted": "9" * 40,
        "valid_until": "0001-01-01",
        "post": "x\0y",
    }
    answer = client.post("/campaigns/needs/openings/new/", OPENING | wrong)
    text = page(answer)
    assert answer.status_code == 422 and "有意请打13812345678" in text
    assert "数字太大" in text and "请选择企业" in text and not JobOpening.objects.exists()
    answer = client.post(
        "/campaigns/needs/openings/new/",
        OPENING | {"claimed_name": "某某家具厂", "requirements": "打13812345678"},
    )
    assert answer.status_code == 422 and "这里不能写电话号码" in page(answer)
    answer = client.post(
        "/campaigns/needs/seekers/new/", SEEKER | {"skills": "证号340711199001011234", "agreed": ""}
    )
    assert "没有征得本人同意" in page(answer)
    answer = client.post(
        "/campaigns/needs/seekers/new/",
        SEEKER | {"region": firm.region_id, "skills": "证号340711199001011234"},
    )
    assert answer.status_code == 422 and "不能写身份证号码" in page(answer) and not JobSeeker.objects.exists()


def test_a_number_is_masked_until_somebody_asks_and_that_is_on_record(client, cast, firm):
    found = opening(cast.township_liaison, firm)
    one = seeker(cast.township_liaison)
    money = need(cast.township_liaison, firm)
    client.force_login(cast.township_liaison)
    for kind, pk, number in (
        ("openings", found.pk, PHONE),
        ("seekers", one.pk, "13800000001"),
        ("financing", money.pk, PHONE),
    ):
        url = f"/campaigns/needs/{kind}/{pk}/"
        assert number not in page(client.get(url)) and number in page(client.post(f"{url}phone/"))
    assert AuditEntry.objects.filter(action__endswith=".phone").count() == 3
    client.force_login(cast.cadre)
    assert client.post(f"/campaigns/needs/openings/{found.pk}/phone/").status_code == 403


def test_erasing_asks_first(client, cast):
    one = seeker(cast.township_liaison)
    client.force_login(cast.township_liaison)
    url = f"/campaigns/needs/seekers/{one.pk}/erase/"
    assert "删除后不能恢复" in page(client.get(url)) and JobSeeker.objects.exists()
    assert client.post(url)["Location"] == "/campaigns/needs/seekers/"
    assert not JobSeeker.objects.exists() and client.post(url).status_code == 404


def test_who_was_put_forward_stays_as_nobody(client, cast, firm):
    one = seeker(cast.township_liaison)
    recommend(by=cast.township_liaison, opening=opening(cast.township_liaison, firm), seeker=one)
    client.force_login(cast.township_liaison)
    client.post(f"/campaigns/needs/seekers/{one.pk}/erase/")
    text = page(client.get(f"/campaigns/needs/seekers/{one.pk}/"))
    assert "已匿名" in text and "王先生" not in text
    assert client.get(f"/campaigns/needs/seekers/{one.pk}/edit/").status_code == 403
    assert client.post(f"/campaigns/needs/seekers/{one.pk}/state/", {"looking": "yes"}).status_code == 422
    assert client.post(f"/campaigns/needs/seekers/{one.pk}/erase/").status_code == 422


def test_steps_of_an_opening_in_their_words(client, cast, firm):
    found = opening(cast.township_liaison, firm)
    url = f"/campaigns/needs/openings/{found.pk}/"
    client.force_login(cast.township_liaison)
    answer = client.post(f"{url}do/withdraw/", {"reason": ""})
    assert answer.status_code == 422 and 'id="id_reason"' in page(answer)
    assert client.post(f"{url}do/withdraw/", {"reason": "不招了"}).status_code == 302
    assert "不招了" in page(client.get(url))
    assert client.post(f"{url}do/check/").status_code == 422
    assert client.post(f"{url}do/restore/").status_code == 302
    assert client.post(f"{url}do/nonsense/").status_code == 404
    for bad in ("", "x", "9" * 30):
        assert client.post(f"{url}recommend/", {"seeker": bad}).status_code == 404
    client.force_login(cast.other_liaison)
    assert client.post(f"{url}do/withdraw/", {"reason": "不招了"}).status_code == 403


# --- Lists ----------------------------------------------------------------------------------------


def test_confirmed_looked_at_and_published(client, cast, firm):
    opening(cast.township_liaison, firm)
    client.force_login(cast.township_liaison)
    assert "没有确认" in page(client.get("/campaigns/needs/"))
    client.post("/campaigns/needs/confirm/openings/")
    assert NeedsConfirmation.objects.get().entries == 1
    client.post("/campaigns/needs/confirm/nonsense/")
    assert client.get("/campaigns/needs/preview/").status_code == 403
    client.force_login(cast.liaison)
    answer = client.get("/campaigns/needs/preview/")
    text, seen = page(answer), answer.context["seen"]
    assert "铜陵晨光机械有限公司" in text and PHONE not in text and "赵敏" not in text
    stale = client.post("/campaigns/needs/preview/", {"month": "2026-12", "seen": "x"})
    assert stale.status_code == 422 and "又有变化" in page(stale)
    assert client.post("/campaigns/needs/preview/", {"month": "2026-12", "seen": seen}).status_code == 302
    made = PublishedNeeds.objects.get()
    assert client.get(f"/campaigns/needs/published/{made.pk}/sheet/").status_code == 200
    assert client.post(f"/campaigns/needs/published/{made.pk}/", {"reason": ""}).status_code == 422
    assert client.post(f"/campaigns/needs/published/{made.pk}/", {"reason": "写错"}).status_code == 302
    assert "写错" in page(client.get(f"/campaigns/needs/published/{made.pk}/"))


# --- Money ----------------------------------------------------------------------------------------


def test_from_the_need_to_the_loan(client, cast, firm, district):
    client.force_login(cast.township_liaison)
    for _ in range(2):
        client.post("/campaigns/needs/financing/new/", NEED | {"subject": subject_key(firm)})
    found = FinancingNeed.objects.get()
    assert found.amount == Decimal("1000.50")
    client.force_login(cast.other_liaison)
    url = f"/campaigns/needs/financing/{found.pk}/"
    empty = client.post(f"{url}dispatch/", {"token": "d0"})
    assert empty.status_code == 422 and "请至少选择一家" in page(empty)
    bank = make.unit(district, "gsl")
    data = {"token": "d", "units": [bank.pk], "banks": ["甲银行"], "others": "乙银行、丙银行"}
    for _ in range(2):
        client.post(f"{url}dispatch/", data)
    assert [one.bank_name for one in found.dispatches.all()] == [bank.name, "甲银行", "乙银行", "丙银行"]
    own = found.dispatches.get(unit=bank)
    client.force_login(make.user(bank, "liaison"))
    assert "甲银行" not in page(client.get(url))
    assert client.get(f"/campaigns/needs/dispatches/{found.dispatches.last().pk}/answer/").status_code == 404
    answer_url = f"/campaigns/needs/dispatches/{own.pk}/answer/"
    wrong = client.post(answer_url, {"answer": "credit", "credit": "9" * 30})
    assert wrong.status_code == 422
    assert client.post(answer_url, {"answer": "credit", "credit": "800", "lent": "800"}).status_code == 302
    found.refresh_from_db()
    assert found.state == "credited"  # others are still to answer
    round_ = FinancingRound.objects.get()
    assert (
        "1000"
        not in page(client.get(f"/campaigns/needs/financing/rounds/{round_.pk}/")).split("本轮的需求")[0]
    )
    client.force_login(cast.other_liaison)
    text = page(client.get(f"/campaigns/needs/financing/rounds/{round_.pk}/"))
    assert "丙银行" in text and "800" in text
    assert (
        client.post(f"/campaigns/needs/financing/rounds/{round_.pk}/close/", {"summary": ""}).status_code
        == 422
    )
    with clock.at(NOW + timedelta(days=31)):
        client.force_login(cast.other_liaison)
        client.post(f"/campaigns/needs/financing/rounds/{round_.pk}/close/", {"summary": "好"})
    round_.refresh_from_db()
    assert round_.summary == "好"
    client.force_login(cast.other_liaison)
    assert client.post(f"{url}do/close/", {"state": "x", "reason": ""}).status_code == 422
    assert client.post(f"{url}do/close/", {"state": "unsolved", "reason": "额度不够"}).status_code == 302
    assert client.post(f"{url}do/reopen/").status_code == 302
    assert client.post(f"{url}do/nonsense/").status_code == 404


# --- Behind the plaque ----------------------------------------------------------------------------


def test_a_firm_reports_both_without_an_account(client, cast, firm):
    cadre = cast.cadre
    Assignment.objects.create(
        district=firm.district, region=firm.region, official=cadre.official, unit=cadre.unit, enterprise=firm,
        started=TODAY, recorded_by=cadre, recorded_at=NOW,
    )  # fmt: skip
    plaque = order(by=cast.dispatcher, entry=firm)
    base = f"/340711/p/{plaque.token}"
    assert "缺人手" in page(client.get(f"{base}/"))
    for path, data, model in (("opening", OPENING, JobOpening), ("financing", NEED, FinancingNeed)):
        assert client.get(f"{base}/{path}/").status_code == 200
        assert client.post(f"{base}/{path}/", {}).status_code == 422
        assert client.post(f"{base}/{path}/", data | {"website": "http://spam"}).status_code == 302
        assert not model.objects.exists()
        for _ in range(2):
            assert client.post(f"{base}/{path}/", data)["Location"] == f"{base}/"
        found = model.objects.get()
        assert (found.state, found.by_firm, found.enterprise) == ("pending", True, firm)
        again = client.post(f"{base}/{path}/", data | {"token": "other"})
        assert again.status_code == 422 and "已经收到" in page(again)
    assert client.get("/340711/p/nonsense/opening/").status_code == 404


# --- Costs ----------------------------------------------------------------------------------------


def test_lists_cost_the_same_for_two_rows_and_for_twenty(client, cast, firm, django_assert_max_num_queries):
    by = cast.township_liaison
    for path in (
        "",
        "openings/?state=all",
        "seekers/",
        "financing/",
        "openings/{opening}/",
        "seekers/{seeker}/",
    ):
        counts = []
        for batch in range(2):
            start = JobSeeker.objects.count()
            for number in range(start, start + 2 + batch * 10):
                last = opening(by, firm, post=f"岗位{number}号"), seeker(by, number + 1), need(by, firm)
                record_placement(by=by, opening=last[0], persons=1, day=TODAY)
                dispatch_need(by=cast.other_liaison, need=last[2], units=[], names=["甲银行"])
            confirm_list(by=by, kind="openings")
            client.force_login(cast.dispatcher)
            url = f"/campaigns/needs/{path}".format(
                opening=JobOpening.objects.first().pk, seeker=JobSeeker.objects.first().pk
            )
            client.get(url)
            with CaptureQueriesContext(connection()) as captured:
                assert client.get(url).status_code == 200
            counts.append(len(captured))
        assert counts[0] == counts[1], (path, counts)
        assert counts[1] <= 24, (path, counts)
    assert FinancingDispatch.objects.count() > 20


def connection():
    from django.db import connection as found

    return found


@pytest.mark.parametrize(
    "path",
    [
        "openings/?q=%00&trade=x&region=9999999999999999999999&unit=x&state=x&page=x",
        "seekers/?q=%00&age_band=x&region=x&page=-1",
        "financing/?q=%00&round=99999999999999999999&state=x&page=x",
        "openings/new/?enterprise=%00&project=9999999999999999999999",
        "preview/?month=%00",
        "preview/?month=9999-99",
    ],
)
def test_nonsense_in_an_address_breaks_nothing(client, cast, path):
    client.force_login(cast.dispatcher)
    assert client.get(f"/campaigns/needs/{path}").status_code == 200


def test_what_hangs_on_a_firm_goes_with_it_when_two_are_one(cast, firm, district):
    twin = make.enterprise(district, name="晨光机械", credit_code=None, no_code_reason="新办")
    found, money = opening(cast.township_liaison, twin), need(cast.township_liaison, twin)
    merge(by=cast.dispatcher, kept=firm, duplicate=twin)
    found.refresh_from_db()
    money.refresh_from_db()
    assert found.enterprise == money.enterprise == firm and "铜陵晨光" in found.search_text
