"""What a district tells everybody about its policies, and what it keeps to itself."""

from datetime import timedelta

import pytest

from core import clock
from policies.models import NewsItem, Policy
from policies.news import record_news
from tests import factories as make


@pytest.fixture
def policy(district):
    unit = make.unit(district, "rsj")
    unit.public_phone = "0562-0000012"
    unit.save()
    return Policy.objects.create(
        district=district,
        title="稳岗补贴",
        document_number="郊政〔2026〕3号",
        unit=unit,
        summary="不裁员的返还六成。",
        url="https://www.example.gov.cn/1",
        industries=["C"],
        apply_until=clock.today() + timedelta(5),
    )


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_anybody_reads_the_policies_in_force(client, policy):
    page = text(client.get("/340711/policies/"))
    assert "稳岗补贴" in page and "不裁员的返还六成" in page and "还有5天" in page
    assert "适用行业：制造业" in page and "政策更新发布渠道" in page
    assert f"/340711/policies/{policy.pk}/" in page


@pytest.mark.parametrize("hidden", [{"public": False}, {"active": False}])
def test_what_is_internal_or_over_is_not_shown(client, policy, hidden):
    Policy.objects.update(**hidden)
    assert "稳岗补贴" not in text(client.get("/340711/policies/"))
    assert client.get(f"/340711/policies/{policy.pk}/").status_code == 404
    assert "稳岗补贴" not in text(client.get("/340711/"))


def test_the_public_finds_what_is_for_firms_like_its_own(client, policy, district):
    Policy.objects.create(
        district=district, title="建筑补助", unit=policy.unit, industries=["E"], tiers=["above_scale"]
    )
    Policy.objects.create(district=district, title="人人可申", unit=policy.unit)

    def found(**filters):
        page = text(client.get("/340711/policies/", filters))
        return [title for title in ("稳岗补贴", "建筑补助", "人人可申") if f'/">{title}</a>' in page]

    assert found(industry="C") == ["稳岗补贴", "人人可申"]
    assert found(tier="small") == ["稳岗补贴", "人人可申"]
    assert found(q="建筑") == ["建筑补助"]
    assert "没有符合条件的政策" in text(client.get("/340711/policies/", {"q": "没有的词"}))


def test_one_policy_says_who_can_apply_until_when_and_whom_to_ask(client, policy):
    page = text(client.get(f"/340711/policies/{policy.pk}/"))
    assert "制造业" in page and policy.apply_until.isoformat() in page
    assert 'href="https://www.example.gov.cn/1"' in page
    assert 'href="tel:0562-0000012"' in page
    assert "/340711/submit/" in page


def test_nothing_internal_stands_on_it(client, policy, district):
    """No copies, no payments, no firms."""
    make.enterprise(district, name="某某制造有限公司", industry="C")
    page = text(client.get(f"/340711/policies/{policy.pk}/"))
    assert "某某制造" not in page and "发放" not in page and "兑现记录" not in page


def test_another_districts_policies_stay_there(client, policy, district):
    other = make.another_district(district)
    theirs = Policy.objects.create(district=other, title="别处补贴", unit=make.unit(other))
    assert "别处补贴" not in text(client.get("/340711/policies/"))
    assert client.get(f"/340711/policies/{theirs.pk}/").status_code == 404
    assert "别处补贴" in text(client.get("/340705/policies/"))
    assert client.get("/999999/policies/").status_code == 404


def test_the_home_page_leads_to_what_can_be_applied_for(client, policy, district):
    yesterday = clock.today() - timedelta(1)
    Policy.objects.create(district=district, title="昨天截止", unit=policy.unit, apply_until=yesterday)
    page = text(client.get("/340711/"))
    assert "稳岗补贴" in page and "昨天截止" not in page
    assert 'href="/340711/policies/"' in page and 'href="/340711/news/"' in page


def test_the_home_page_does_without_policies(client, district):
    assert "正在申报的惠企政策" not in text(client.get("/340711/"))


def test_the_letter_holds_channels_hotlines_and_supervision_numbers(client, district):
    """附件4, as it stands in the plan."""
    page = text(client.get("/340711/letter/"))
    for words in (
        "一、政策更新发布渠道",
        "https://www.tl.gov.cn/tlrmzf/zfxxgk/pc/list.html",
        "http://www.tljq.gov.cn/jqrmzf/zfxxgk/pc/list.html",
        "https://www.tlmqzj.com/Index/#/",
        "https://www.tljq.gov.cn/jqrmzf/cyyshjwqfw/pc/list.html",
        "二、干部联企包保和诉求办理监督渠道",
        "96980",
        "0562-2897066",
        "12345-0",
        "0562-5111000",
        "0562-2896955",
        "2024 年 2 月",
    ):
        assert words in page, words
    assert 'href="/340711/policies/"' in page and 'href="/340711/submit/"' in page


def test_news_are_shown_newest_first_without_those_kept_back(client, district):
    unit = make.unit(district, "xcb")
    user = make.user(unit, "liaison")
    today = clock.today()
    record_news(by=user, unit=unit, title="旧闻", outlet="铜陵日报", day=today - timedelta(9))
    record_news(
        by=user, unit=unit, title="新闻", outlet="区政府网站", day=today, url="https://www.example.cn/2"
    )
    NewsItem.objects.create(
        district=district, unit=unit, title="不展示", outlet="内参", public=False, occurred_at=clock.now(),
        recorded_at=clock.now(), recorded_by=user,
    )  # fmt: skip
    page = text(client.get("/340711/news/"))
    assert page.index("新闻</a>") < page.index("旧闻")
    assert "不展示" not in page and 'href="https://www.example.cn/2"' in page


def test_no_news_is_said_kindly(client, district):
    assert "还没有报道" in text(client.get("/340711/news/"))
