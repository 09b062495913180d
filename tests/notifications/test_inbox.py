"""The inbox: one's own notices, read and followed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from notifications.models import Notice
from notifications.services import notify
from tests import factories


@pytest.fixture
def reader(district):
    return factories.user(factories.unit(district), "dispatcher")


@pytest.fixture
def other(district):
    return factories.user(factories.unit(district, "rsj"), "liaison")


@pytest.fixture
def browser(reader) -> Client:
    client = Client()
    client.force_login(reader)
    return client


def page(answer) -> str:
    return answer.content.decode()


def test_everybody_reads_their_own_notices_alone(browser, reader, other):
    notify([reader], key="a", title="交办：我的", body="第一行\n第二行", url="/manual/")
    notify([other], key="b", title="交办：别人的")
    text = page(browser.get("/inbox/"))
    assert "交办：我的" in text and "第一行<br>第二行" in text and "别人的" not in text
    assert "1 条未读" in page(browser.get("/workbench/"))


def test_an_empty_inbox_says_what_will_come(browser):
    assert "没有通知" in page(browser.get("/inbox/"))


def test_opening_a_notice_marks_it_read_and_goes_where_it_leads(browser, reader):
    notify([reader], key="a", title="交办", url="/manual/")
    notify([reader], key="b", title="没有链接的")
    leading, plain = Notice.objects.order_by("pk")
    assert browser.post(f"/inbox/{leading.pk}/")["Location"] == "/manual/"
    assert browser.post(f"/inbox/{plain.pk}/")["Location"] == "/inbox/"
    assert not Notice.objects.unread().exists()
    assert "没有通知" in page(browser.get("/inbox/", {"unread": "1"}))
    assert "交办" in page(browser.get("/inbox/"))


def test_somebody_elses_notice_does_not_exist(browser, other):
    notify([other], key="b", title="别人的")
    notice = Notice.objects.get()
    assert browser.post(f"/inbox/{notice.pk}/").status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_marking_all_as_read_leaves_others_unread(browser, reader, other):
    notify([reader, other], key="a", title="交办")
    assert browser.post("/inbox/read/")["Location"] == "/inbox/"
    assert list(Notice.objects.unread().values_list("recipient", flat=True)) == [other.pk]
    assert browser.get("/inbox/read/").status_code == 405


def test_an_e_mail_is_not_shown_a_second_time_in_the_inbox(browser, reader):
    reader.email = "a@example.com"
    reader.save()
    notify([reader], key="a", title="交办")
    assert Notice.objects.count() == 2
    assert page(browser.get("/inbox/")).count("<strong>交办</strong>") == 1
    mail = Notice.objects.get(channel="email")
    assert browser.post(f"/inbox/{mail.pk}/").status_code == 404


def test_words_of_a_notice_are_shown_as_text(browser, reader):
    notify([reader], key="a", title="<script>alert(1)</script>", body="<b>x</b>")
    assert "<script>alert" not in page(browser.get("/inbox/")) and "<b>x</b>" not in page(
        browser.get("/inbox/")
    )


def test_a_long_inbox_is_paged_and_costs_the_same(browser, reader):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/inbox/").status_code == 200
        return len(captured)

    notify([reader], key="a", title="交办")
    browser.get("/inbox/")
    few = cost()
    for number in range(40):
        notify([reader], key=f"n{number}", title=f"通知{number}")
    assert cost() == few <= 12
    assert "共 41 条" in page(browser.get("/inbox/")) and "交办" in page(
        browser.get("/inbox/", {"page": "2"})
    )
