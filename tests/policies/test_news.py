"""宣传报道: recording, refusing a repetition, putting right."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError

from accounts.models import AuditEntry
from core import clock
from policies.models import NewsItem
from policies.news import change_news, record_news
from tests import factories as make


@pytest.fixture
def report(liaison, unit):
    def report(**changes):
        told = {
            "by": liaison,
            "unit": unit,
            "title": "干群同心解难题",
            "outlet": "铜陵日报",
            "day": clock.today(),
            "url": "https://www.example.cn/1.html",
        }
        return record_news(**(told | changes))

    return report


def test_a_report_is_recorded_for_the_day_it_came_out(report, unit, yesterday, liaison):
    item = report(day=yesterday, title=" 干群同心\n解难题 ")
    assert (item.unit, item.title, item.public) == (unit, "干群同心 解难题", True)
    assert clock.local_date(item.occurred_at) == yesterday
    assert AuditEntry.objects.get(action="news.record").user_id == liaison.pk


def test_the_same_report_in_another_paper_is_another_one(report):
    report()
    report(outlet="区政府网站")
    with pytest.raises(ValidationError) as error:
        report()
    assert "同一篇报道" in "".join(error.value.message_dict["title"])
    assert NewsItem.objects.count() == 2


def test_two_at_once_are_told_so(report, monkeypatch):
    report()
    monkeypatch.setattr("policies.news.NewsItem.objects.filter", lambda **kwargs: NewsItem.objects.none())
    with pytest.raises(ValidationError, match="同一篇报道"):
        report()


def test_another_unit_may_hand_in_the_same(report, district):
    report()
    other = make.unit(district, "czj")
    assert report(by=make.user(other, "unit_leader"), unit=other).pk


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"title": ""}, "title", "不能为空"),
        ({"outlet": " "}, "outlet", "不能为空"),
        ({"outlet": "长" * 81}, "outlet", "80"),
        ({"url": "javascript:alert(1)"}, "url", "http:// 或 https://"),
        ({"url": "file:///etc/passwd"}, "url", "http:// 或 https://"),
    ],
)
def test_bad_facts_are_refused_beside_their_field(report, changes, field, words):
    with pytest.raises(ValidationError) as error:
        report(**changes)
    assert words in "".join(error.value.message_dict[field])
    assert not NewsItem.objects.exists()


def test_nothing_came_out_tomorrow(report, tomorrow):
    with pytest.raises(ValidationError, match="不能晚于今天"):
        report(day=tomorrow)


@pytest.mark.parametrize(("code", "role"), [("czj", "liaison"), ("rsj", "cadre"), ("jwdc", "supervisor")])
def test_nobody_else_records_or_changes_it(report, district, code, role):
    stranger = make.user(make.unit(district, code), role)
    with pytest.raises(PermissionDenied):
        report(by=stranger)
    item = report()
    with pytest.raises(PermissionDenied):
        change_news(by=stranger, item=item, title="改", outlet="改", url="", public=False)


def test_what_is_written_about_it_is_put_right(report, liaison):
    item = report()
    change_news(by=liaison, item=item, title="干群同心 共解难题", outlet="铜陵日报", url="", public=False)
    item.refresh_from_db()
    assert (item.title, item.url, item.public) == ("干群同心 共解难题", "", False)
    assert list(NewsItem.objects.search("共解")) == [item]
    assert AuditEntry.objects.filter(action="news.change").exists()


def test_a_change_does_not_make_it_a_repetition(report, liaison):
    report()
    item = report(title="另一篇")
    with pytest.raises(ValidationError, match="同一篇报道"):
        change_news(by=liaison, item=item, title="干群同心解难题", outlet="铜陵日报", url="", public=True)


def test_the_database_itself_keeps_it_once(report, liaison, unit):
    item = report()
    with pytest.raises(IntegrityError):
        NewsItem.objects.create(
            district=item.district, unit=unit, title=item.title, outlet=item.outlet,
            occurred_at=item.occurred_at, recorded_at=item.recorded_at, recorded_by=liaison,
        )  # fmt: skip
