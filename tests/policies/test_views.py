"""The pages of the library, payments, papers and news: who opens them, what they say, what they refuse."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock
from liaisons.services.visits import record_visit
from policies.models import HandOut, NewsItem, Payment, Policy
from policies.news import record_news
from policies.papers import give
from policies.payments import record_payment, reverse_payment
from policies.selectors import firms_for, firms_unsure, policies_for, projects_for
from policies.services import hand_out
from tests import factories as make


@pytest.fixture
def open_as(client):
    def as_(user):
        client.force_login(user)
        return client

    return as_


@pytest.fixture
def paid(liaison, unit, policy, firm):
    return record_payment(
        by=liaison, unit=unit, policy=policy, subject=firm, amount=58, basis="凭证 12 号", day=clock.today()
    )


@pytest.fixture
def given(liaison, unit, policy, firm):
    return give(
        by=liaison,
        unit=unit,
        policies=[policy],
        letter=True,
        copies=3,
        day=clock.today(),
        way="post",
        entries=[firm],
    )


@pytest.fixture
def item(liaison, unit):
    return record_news(by=liaison, unit=unit, title="干群同心解难题", outlet="铜陵日报", day=clock.today())


def text(answer) -> str:
    return answer.content.decode()


def posted(**fields) -> dict:
    return {"token": "t1"} | fields


def cost(client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# --- The library ----------------------------------------------------------------------------------


def test_the_list_finds_policies_and_counts_copies(open_as, district, unit, policy, given, liaison):
    Policy.objects.create(district=district, title="旧办法", unit=unit, active=False)
    client = open_as(liaison)
    page = text(client.get("/policies/"))
    assert "稳岗补贴" in page and '<td data-label="已发放（份）" class="num">3</td>' in page
    assert "旧办法" not in page
    assert "旧办法" in text(client.get("/policies/", {"ended": "yes"}))
    assert "稳岗补贴" not in text(client.get("/policies/", {"ended": "no"})).split("<tbody>")[1]
    assert "稳岗补贴" in text(client.get("/policies/", {"q": "〔2026〕3"}))
    Policy.objects.create(district=district, title="技改补助", unit=make.unit(district))
    only = text(client.get("/policies/", {"unit": make.unit(district).pk}))
    assert "稳岗补贴" not in only.split("<tbody>")[1]


def test_the_list_narrows_to_whom_a_policy_is_for(open_as, liaison, district, unit):
    def named(title, **conditions):
        Policy.objects.create(district=district, title=title, unit=unit, **conditions)

    named("人人可申")
    named("制造小微", industries=["C"], size_classes=["small", "micro"])
    named("四上建筑", tiers=["above_scale"], industries=["E"])
    client = open_as(liaison)

    def found(**filters):
        return set(
            re.findall(
                "人人可申|制造小微|四上建筑", text(client.get("/policies/", filters)).split("<tbody>")[1]
            )
        )

    assert found(industry="C") == {"人人可申", "制造小微"}
    assert found(tier="above_scale") == {"人人可申", "制造小微", "四上建筑"}
    assert found(tier="small", size="micro") == {"人人可申", "制造小微"}
    assert found(size="large", industry="E") == {"人人可申", "四上建筑"}


def test_the_next_to_close_comes_first_and_what_is_closed_last(open_as, liaison, district, unit):
    today = clock.today()
    for title, until in (
        ("长期", None),
        ("下月", today + timedelta(30)),
        ("已过", today - timedelta(1)),
        ("今天", today),
    ):
        Policy.objects.create(district=district, title=f"{title}政策", unit=unit, apply_until=until)
    page = text(open_as(liaison).get("/policies/")).split("<tbody>")[1]
    assert re.findall("(长期|下月|已过|今天)政策</a>", page) == ["今天", "下月", "长期", "已过"]
    assert "今天截止" in page and "还有30天" in page and "已截止" in page
    still_open = text(open_as(liaison).get("/policies/", {"ended": "open"})).split("<tbody>")[1]
    assert "已过政策" not in still_open


def test_a_policy_shows_for_whom_it_is_and_what_came_of_it(
    open_as, dispatcher, policy, firm, given, paid, district
):
    policy.industries, policy.apply_until = ["C"], clock.today()
    policy.url = "https://www.example.gov.cn/1"
    policy.save()
    make.enterprise(district, name="建筑企业", industry="E")
    make.enterprise(district, name="行业未填", industry="")
    page = text(open_as(dispatcher).get(f"/policies/{policy.pk}/"))
    assert "制造业" in page and "不限" in page and "今天截止" in page
    assert f"/enterprises/{firm.pk}/" in page and "建筑企业" not in page
    assert "另有 1 家可能适用" in page
    assert "3 份，1 家企业" in page and "合计 58.00 万元" in page and "凭证 12 号" in page
    assert 'href="https://www.example.gov.cn/1"' in page


def test_a_reader_counts_what_the_reader_may_see(open_as, policy, given, paid, district):
    """A township sees what was given and paid to its own firms."""
    elsewhere = make.user(make.unit(district, "chenyaohu"), "liaison")
    page = text(open_as(elsewhere).get(f"/policies/{policy.pk}/"))
    assert "没有查到发放记录" in page and "没有查到兑现记录" in page
    assert "3 份" in text(
        open_as(make.user(make.unit(district, "datong"), "cadre")).get(f"/policies/{policy.pk}/")
    )


def test_another_districts_policy_does_not_exist(open_as, dispatcher, district):
    other = make.another_district(district)
    theirs = Policy.objects.create(district=other, title="别处补贴", unit=make.unit(other))
    client = open_as(dispatcher)
    for path in ("", "edit/", "firms/"):
        assert client.get(f"/policies/{theirs.pk}/{path}").status_code == 404
    for path in ("end/", "restore/"):
        assert client.post(f"/policies/{theirs.pk}/{path}").status_code == 404
    assert "别处补贴" not in text(client.get("/policies/"))


@pytest.mark.parametrize(
    ("code", "role", "status"),
    [("rsj", "liaison", 200), ("rsj", "unit_leader", 200), ("kjj", "dispatcher", 200), ("czj", "liaison", 403),
     ("rsj", "cadre", 403), ("jwdc", "supervisor", 403)],
)  # fmt: skip
def test_the_competent_unit_and_the_dispatcher_keep_a_policy(open_as, district, policy, code, role, status):
    client = open_as(make.user(make.unit(district, code), role))
    assert client.get(f"/policies/{policy.pk}/edit/").status_code == status
    assert ("标为失效" in text(client.get(f"/policies/{policy.pk}/"))) == (status == 200)
    ended = client.post(f"/policies/{policy.pk}/end/").status_code
    assert ended == (302 if status == 200 else 403)
    policy.refresh_from_db()
    assert policy.active == (status != 200)


def policy_form(unit, **fields) -> dict:
    return posted(title="一次性扩岗补助", unit=unit.pk, document_number="", summary="", url="", **fields)


def test_a_liaison_publishes_once_even_if_the_form_is_sent_twice(open_as, liaison, unit):
    client = open_as(liaison)
    form = policy_form(unit, tiers=["small"], industries=["C"], public="on")
    for _ in range(2):
        assert client.post("/policies/new/", form)["Location"] == "/policies/"
    policy = Policy.objects.get()
    assert (policy.tiers, policy.industries, policy.public) == (["small"], ["C"], True)
    assert "一次性扩岗补助" in text(client.get("/policies/"))


def test_a_bad_form_keeps_what_was_typed_and_says_why(open_as, liaison, unit):
    answer = open_as(liaison).post(
        "/policies/new/", policy_form(unit) | {"url": "www.example.cn", "industries": ["C"]}
    )
    assert answer.status_code == 422
    page = text(answer)
    assert 'value="www.example.cn"' in page and "网址应以 http:// 或 https:// 开头" in page
    assert re.search(r'value="C"[^>]*checked', page)
    assert not Policy.objects.exists()


def test_a_liaison_offers_no_other_unit_and_cannot_smuggle_one_in(open_as, liaison, unit, district):
    client = open_as(liaison)
    assert f'<input type="hidden" name="unit" value="{unit.pk}"' in text(client.get("/policies/new/"))
    other = make.unit(district, "czj")
    answer = client.post("/policies/new/", policy_form(other))
    assert answer.status_code == 422 and not Policy.objects.exists()


def test_the_dispatcher_chooses_the_competent_unit(open_as, dispatcher, unit):
    client = open_as(dispatcher)
    assert '<select name="unit"' in text(client.get("/policies/new/"))
    client.post("/policies/new/", policy_form(unit))
    assert Policy.objects.get().unit == unit


def test_a_change_is_saved_and_shown(open_as, liaison, policy, unit):
    client = open_as(liaison)
    assert 'value="郊政〔2026〕3号"' in text(client.get(f"/policies/{policy.pk}/edit/"))
    form = policy_form(unit) | {"title": "稳岗补贴", "summary": "按人头返还"}
    assert client.post(f"/policies/{policy.pk}/edit/", form).status_code == 302
    assert "按人头返还" in text(client.get(f"/policies/{policy.pk}/"))
    policy.refresh_from_db()
    assert not policy.public  # the box was not ticked


def test_ending_twice_says_so(open_as, liaison, policy):
    client = open_as(liaison)
    client.post(f"/policies/{policy.pk}/end/")
    assert "已经是失效状态" in text(client.post(f"/policies/{policy.pk}/end/", follow=True))
    assert "已恢复有效" in text(client.post(f"/policies/{policy.pk}/restore/", follow=True))


def test_the_firms_it_fits_are_told_apart_by_whether_they_were_told(
    open_as, dispatcher, policy, firm, given, district
):
    fresh = make.enterprise(district, name="还没告诉的厂")
    client, url = open_as(dispatcher), f"/policies/{policy.pk}/firms/"
    everybody = text(client.get(url))
    assert firm.name in everybody and fresh.name in everybody
    assert "已发清单" in everybody and "尚未送达" in everybody
    not_told = text(client.get(url, {"told": "no"})).split("<tbody>")[1]
    assert fresh.name in not_told and firm.name not in not_told
    assert firm.name in text(client.get(url, {"told": "yes"})).split("<tbody>")[1]


def test_a_policy_that_is_over_says_so_where_its_firms_stand(open_as, liaison, policy, firm, yesterday):
    pages = (f"/policies/{policy.pk}/", f"/policies/{policy.pk}/firms/")
    client = open_as(liaison)
    assert not any("不再向企业推荐" in client.get(page).content.decode() for page in pages)
    for changes, words in (({"apply_until": yesterday}, "申报已经截止"), ({"active": False}, "政策已经失效")):
        Policy.objects.filter(pk=policy.pk).update(**changes)
        assert all(f"{words}，不再向企业推荐" in client.get(page).content.decode() for page in pages)


def test_firms_for_a_policy_are_those_it_is_offered_to(district, dispatcher):
    """The same question asked from both sides."""
    policy = Policy.objects.create(
        district=district, title="甲", unit=make.unit(district), tiers=["small", "project"], industries=["C"]
    )
    firms = [
        make.enterprise(district, tier=tier, industry=industry)
        for tier in ("small", "above_scale")
        for industry in ("C", "E", "")
    ]
    sure = {firm for firm in firms if (fits := policies_for(firm)) and not fits[0].unsure}
    unsure = {firm for firm in firms if (fits := policies_for(firm)) and fits[0].unsure}
    assert set(firms_for(policy, dispatcher)) == sure and len(sure) == 1
    assert set(firms_unsure(policy, dispatcher)) == unsure and len(unsure) == 1
    project = make.project(district)
    assert not projects_for(policy, dispatcher).exists()
    project.industry = "C"
    project.save()
    assert list(projects_for(policy, dispatcher)) == [project]


# --- On paper -------------------------------------------------------------------------------------


def test_the_printed_list_holds_the_chosen_policies_and_a_code_to_the_public_page(
    open_as, liaison, policy, district
):
    other = Policy.objects.create(district=district, title="没有勾选", unit=policy.unit)
    page = text(open_as(liaison).get("/policies/print/", {"policy": [policy.pk]}))
    assert "稳岗补贴" in page and other.title not in page
    assert "http://testserver/340711/policies/" in page and 'class="qr"' in page
    assert "不限层级、行业和规模" in page
    assert f"/policies/hand-outs/new/?policy={policy.pk}" in page


def test_without_a_choice_all_public_policies_are_printed(open_as, liaison, policy, district):
    Policy.objects.create(district=district, title="另一项", unit=policy.unit)
    Policy.objects.create(district=district, title="内部办法", unit=policy.unit, public=False)
    page = text(open_as(liaison).get("/policies/print/"))
    assert "稳岗补贴" in page and "另一项" in page and "内部办法" not in page


@pytest.mark.parametrize("query", ["?policy=x&policy=%00", "?policy=" + "9" * 30])
def test_a_choice_of_nothing_sends_back_to_the_list(open_as, liaison, policy, query):
    answer = open_as(liaison).get(f"/policies/print/{query}", follow=True)
    assert answer.redirect_chain[-1][0] == "/policies/"
    assert "没有可以打印的政策" in text(answer)


def test_what_is_not_public_is_not_printed(open_as, liaison, policy):
    Policy.objects.filter(pk=policy.pk).update(public=False)
    assert open_as(liaison).get("/policies/print/", {"policy": policy.pk}).status_code == 302
    assert 'name="policy"' not in text(open_as(liaison).get("/policies/")).split("<tbody>")[1]


# --- Payments -------------------------------------------------------------------------------------


def payment_form(unit, policy, firm) -> dict:
    form = posted(unit=unit.pk, policy=policy.pk, subject=f"enterprise-{firm.pk}", amount="１,２００.５０")
    return form | {"day": clock.today().isoformat(), "basis": "凭证 12 号"}


def test_a_payment_is_recorded_once_with_figures_as_people_type_them(open_as, liaison, unit, policy, firm):
    client = open_as(liaison)
    for _ in range(2):
        assert client.post("/policies/payments/new/", payment_form(unit, policy, firm))["Location"] == (
            "/policies/payments/"
        )
    assert Payment.objects.get().amount == 1200.50
    page = text(client.get("/policies/payments/"))
    assert firm.name in page and "1200.50" in page and "凭证 12 号" in page
    assert f"/policies/payments/{Payment.objects.get().pk}/reverse/" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": "0"}, "大于 0"),
        ({"amount": "五万"}, "请填数字"),
        ({"amount": "1.234"}, "最多两位小数"),
        ({"basis": ""}, "此项必填"),
        ({"subject": "", "subject_text": "查无此厂"}, "没有找到“查无此厂”"),
        ({"subject": ""}, "请选择企业或重点项目"),
        ({"policy": "999999"}, "选择一个有效的选项"),
        ({"day": "2099-01-01"}, "不能晚于今天"),
        ({"day": "0001-01-01"}, "大于或等于"),
    ],
)
def test_a_bad_payment_is_refused_in_words(open_as, liaison, unit, policy, firm, fields, words):
    answer = open_as(liaison).post("/policies/payments/new/", payment_form(unit, policy, firm) | fields)
    assert answer.status_code == 422 and words in text(answer)
    assert not Payment.objects.exists()


def test_the_address_can_choose_policy_and_firm(open_as, liaison, policy, firm):
    page = text(open_as(liaison).get("/policies/payments/new/", {"policy": policy.pk, "enterprise": firm.pk}))
    assert f'value="{policy.pk}" selected' in page and f'value="enterprise-{firm.pk}"' in page
    assert firm.name in page


def test_the_list_adds_up_and_narrows(open_as, dispatcher, liaison, unit, policy, firm, paid, district):
    second = make.enterprise(district, name="第二家工厂")
    wrong = record_payment(
        by=liaison, unit=unit, policy=policy, subject=second, amount=7, basis="重复", day=clock.today()
    )
    reverse_payment(by=liaison, payment=wrong, reason="重复登记")
    client = open_as(dispatcher)
    page = text(client.get("/policies/payments/"))
    assert "合计 <strong>58.00</strong> 万元，1 家企业" in page
    assert "已冲销" in page and "重复登记" in page
    standing = text(client.get("/policies/payments/", {"state": "standing"}))
    assert "第二家工厂" not in standing.split("<tbody>")[1]
    assert "第二家工厂" in text(client.get("/policies/payments/", {"q": "第二家"}))
    assert "没有符合条件" in text(client.get("/policies/payments/", {"since": "2099-01-01"}))
    assert "没有符合条件" in text(client.get("/policies/payments/", {"until": "2020-01-01"}))


def test_a_payment_is_taken_back_after_being_asked(open_as, liaison, paid):
    client, url = open_as(liaison), f"/policies/payments/{paid.pk}/reverse/"
    assert "−58.00 万元" in text(client.get(url)) and "data-confirm" in text(client.get(url))
    assert client.post(url, {"reason": ""}).status_code == 422
    assert client.post(url, {"reason": "金额填错"}).status_code == 302
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [-58, 58]
    again = client.post(url, {"reason": "再来"})
    assert again.status_code == 422 and "已经冲销过" in text(again)
    assert Payment.objects.count() == 2


@pytest.mark.parametrize(
    ("code", "role", "status"),
    [("rsj", "unit_leader", 200), ("kjj", "dispatcher", 200), ("datong", "liaison", 403), ("jwdc", "supervisor", 403),
     ("chenyaohu", "liaison", 404)],
)  # fmt: skip
def test_only_who_paid_takes_back(open_as, district, paid, code, role, status):
    client = open_as(make.user(make.unit(district, code), role))
    assert client.get(f"/policies/payments/{paid.pk}/reverse/").status_code == status
    assert client.post(f"/policies/payments/{paid.pk}/reverse/", {"reason": "x"}).status_code == (
        302 if status == 200 else status
    )


# --- Papers ---------------------------------------------------------------------------------------


def papers_form(unit, firms: str, papers: list, **fields) -> dict:
    form = posted(unit=unit.pk, firms=firms, papers=papers, way="wechat", copies="1")
    return form | {"day": clock.today().isoformat()} | fields


def test_a_chat_full_of_firms_gets_letter_and_policy_once(open_as, liaison, unit, policy, firm, district):
    second = make.enterprise(district)
    client = open_as(liaison)
    form = papers_form(unit, f"{firm.name}\n{second.credit_code}", ["letter", str(policy.pk)])
    for _ in range(2):
        assert client.post("/policies/hand-outs/new/", form)["Location"] == "/policies/hand-outs/"
    assert HandOut.objects.count() == 4
    page = text(client.get("/policies/hand-outs/"))
    assert "政策清单 <strong>2</strong> 份，《一封信》 <strong>2</strong> 份，2 家企业" in page
    assert "微信、短信" in page
    only = text(client.get("/policies/hand-outs/", {"paper": "letter"})).split("<tbody>")[1]
    assert "《一封信》" in only and "稳岗补贴" not in only


def test_unknown_names_are_named_and_recorded_only_if_told_so(open_as, liaison, unit, firm):
    client = open_as(liaison)
    form = papers_form(unit, f"{firm.name}\n老街面馆", ["letter"])
    answer = client.post("/policies/hand-outs/new/", form)
    assert answer.status_code == 422
    assert "第 2 行“老街面馆”" in text(answer) and "老街面馆</textarea>" in text(answer)
    assert not HandOut.objects.exists()
    assert client.post("/policies/hand-outs/new/", form | {"claim_unknown": "on"}).status_code == 302
    assert HandOut.objects.filter(claimed_name="老街面馆", enterprise=None).exists()
    assert "未入册" in text(client.get("/policies/hand-outs/"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"papers": []}, "请至少选择一种材料"),
        ({"firms": " "}, "请填写企业"),
        ({"copies": "0"}, "大于或等于"),
        ({"copies": "两"}, "整数"),
        ({"way": "x"}, "有效的选项"),
        ({"day": "2099-01-01"}, "不能晚于今天"),
        ({"papers": ["999999"]}, "有效的选项"),
    ],
)
def test_bad_papers_are_refused_in_words(open_as, liaison, unit, firm, fields, words):
    answer = open_as(liaison).post(
        "/policies/hand-outs/new/", papers_form(unit, firm.name, ["letter"]) | fields
    )
    assert answer.status_code == 422 and words in text(answer)
    assert not HandOut.objects.exists()


@pytest.mark.parametrize(
    ("code", "role", "status"),
    [("datong_window", "window", 200), ("rsj", "cadre", 200), ("kjj", "dispatcher", 200), ("kjj", "bureau_leader", 403),
     ("jwdc", "supervisor", 403)],
)  # fmt: skip
def test_who_meets_firms_hands_papers_out(open_as, district, code, role, status):
    client = open_as(make.user(make.unit(district, code), role))
    assert client.get("/policies/hand-outs/new/").status_code == status
    assert ("登记发放" in text(client.get("/policies/hand-outs/"))) == (status == 200)


def test_the_address_can_choose_papers(open_as, liaison, policy):
    page = text(open_as(liaison).get(f"/policies/hand-outs/new/?policy={policy.pk}&letter=1"))
    assert re.search(rf'value="{policy.pk}"[^>]*checked', page) and re.search(
        'value="letter"[^>]*checked', page
    )


# --- Where else they show -------------------------------------------------------------------------


def test_the_page_of_a_visit_shows_the_letter_that_was_left_there(open_as, unit, firm):
    cadre = make.user(unit, "cadre", official=make.official(unit))
    visit = record_visit(
        by=cadre, reporting_unit=unit, kind="visit", occurred_at=clock.now(), region=firm.region,
        officials=[cadre.official], enterprise=firm,
    )  # fmt: skip
    letter = hand_out(
        by=cadre,
        unit=unit,
        policy=None,
        copies=2,
        occurred_at=clock.now(),
        region=firm.region,
        enterprise=firm,
    )
    visit.hand_outs.add(letter)
    page = text(open_as(cadre).get(f"/visits/{visit.pk}/"))
    assert re.search(r"《一封信》.*2 份", page)


def test_the_page_of_a_firm_shows_what_was_really_paid(open_as, liaison, unit, policy, firm, paid):
    wrong = record_payment(
        by=liaison, unit=unit, policy=policy, subject=firm, amount=7, basis="重复的一笔", day=clock.today()
    )
    reverse_payment(by=liaison, payment=wrong, reason="重复登记")
    page = text(open_as(liaison).get(f"/enterprises/{firm.pk}/"))
    assert "政策兑现共 <strong>58.00</strong> 万元" in page and "凭证 12 号" in page
    assert "重复的一笔" not in page and "重复登记" not in page


# --- News -----------------------------------------------------------------------------------------


def news_form(unit, **fields) -> dict:
    form = posted(unit=unit.pk, title="干群同心解难题", outlet="铜陵日报", url="")
    return form | {"day": clock.today().isoformat(), "public": "on"} | fields


def test_news_are_recorded_once_and_found(open_as, liaison, unit):
    client = open_as(liaison)
    for _ in range(2):
        assert client.post("/policies/news/new/", news_form(unit))["Location"] == "/policies/news/"
    assert NewsItem.objects.count() == 1
    assert "干群同心解难题" in text(client.get("/policies/news/", {"q": "铜陵日报"}))
    assert "没有符合条件的报道" in text(client.get("/policies/news/", {"q": "没有的词"}))


def test_a_repetition_is_refused_beside_the_title(open_as, liaison, unit, item):
    answer = open_as(liaison).post("/policies/news/new/", news_form(unit, token="t2"))
    assert answer.status_code == 422 and "已经登记过这家媒体的同一篇报道" in text(answer)


def test_everybody_reads_but_only_the_unit_changes(open_as, liaison, district, item):
    stranger = make.user(make.unit(district, "czj"), "liaison")
    client = open_as(stranger)
    assert "干群同心解难题" in text(client.get("/policies/news/"))
    assert f"/policies/news/{item.pk}/edit/" not in text(client.get("/policies/news/"))
    assert client.get(f"/policies/news/{item.pk}/edit/").status_code == 403
    client = open_as(liaison)
    url = f"/policies/news/{item.pk}/edit/"
    page = text(client.get(url))
    assert 'value="干群同心解难题"' in page and 'name="day"' not in page and 'name="unit"' not in page
    answer = client.post(url, {"title": "同心解难题", "outlet": "铜陵日报", "url": "ftp://a.cn"})
    assert answer.status_code == 422
    assert client.post(url, {"title": "同心解难题", "outlet": "铜陵日报", "url": ""}).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.public) == ("同心解难题", False)


def test_another_districts_news_do_not_exist(open_as, item, district):
    other = make.another_district(district)
    client = open_as(make.user(make.unit(other), "dispatcher"))
    assert client.get(f"/policies/news/{item.pk}/edit/").status_code == 404
    assert "干群同心解难题" not in text(client.get("/policies/news/"))


# --- What pages cost ------------------------------------------------------------------------------


def test_pages_cost_the_same_with_one_row_and_with_many(open_as, dispatcher, liaison, unit, policy, district):
    urls = ("/policies/", f"/policies/{policy.pk}/", f"/policies/{policy.pk}/firms/", "/policies/payments/",
            "/policies/hand-outs/", "/policies/news/", f"/policies/print/?policy={policy.pk}", "/340711/policies/",
            f"/340711/policies/{policy.pk}/", "/340711/news/", "/340711/")  # fmt: skip

    def happens(number: int) -> None:
        firm = make.enterprise(district)
        give(by=liaison, unit=unit, policies=[policy], letter=True, copies=1, day=clock.today(), way="post",
             entries=[firm])  # fmt: skip
        payment = record_payment(
            by=liaison, unit=unit, policy=policy, subject=firm, amount=1, basis="x", day=clock.today()
        )
        if number % 2:
            reverse_payment(by=liaison, payment=payment, reason="x")
        record_news(by=liaison, unit=unit, title=f"第{number}篇", outlet="铜陵日报", day=clock.today())
        Policy.objects.create(district=district, title=f"政策{number}", unit=unit)

    happens(1)
    client = open_as(dispatcher)
    for address in ("/policies/", "/340711/"):
        client.get(address)
    before = {url: cost(client, url) for url in urls}
    for number in range(2, 8):
        happens(number)
    assert {url: cost(client, url) for url in urls} == before
    assert max(before.values()) <= 24
