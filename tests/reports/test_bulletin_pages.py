"""The pages of the bulletins, and two people at the same moment."""

import pytest
from django.urls import reverse

from accounts.models import Role
from core import clock
from notifications.models import Notice
from reports.bulletins import drafting, services
from reports.bulletins.counted import Month
from reports.models import Bulletin, BulletinRecipient, BulletinStep
from tests.appeals.lives import Cast
from tests.appeals.test_races import at_once, kinds
from tests.reports.test_bulletins import drafted, sent, signed, text_of, written
from tests.reports.work import Work, moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_of_november():
    with clock.at(moment("2026-11-02 09:00")):
        yield


@pytest.fixture
def dispatcher(work):
    return work.user("kjj", Role.DISPATCHER)


@pytest.fixture
def leader(work):
    return work.user("kjj", Role.BUREAU_LEADER)


def url(name: str, bulletin: Bulletin, *more: object) -> str:
    return reverse(f"reports:{name}", args=[bulletin.pk, *more])


def edit_url(bulletin: Bulletin, code: str) -> str:
    return url("bulletin_section", bulletin, code)


def test_a_double_click_drafts_one(client, work, dispatcher):
    client.force_login(dispatcher)
    form = {"kind": "monthly", "month": "2026-10", "token": "t" * 20}
    first, second = (client.post(reverse("reports:new_bulletin"), form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Bulletin.objects.count() == 1
    again = client.post(reverse("reports:new_bulletin"), form | {"token": "u" * 20})
    assert again.status_code == 422 and "已经在起草" in again.content.decode()


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "10-2026", "²026-10", "2026-11", "9" * 40 + "-1"])
def test_a_month_that_cannot_be_is_told_next_to_the_field(client, work, dispatcher, month):
    client.force_login(dispatcher)
    answer = client.post(reverse("reports:new_bulletin"), {"kind": "monthly", "month": month})
    assert answer.status_code == 422
    assert "id_month_error" in answer.content.decode()


def test_the_page_shows_a_changed_number_with_the_counted_one_until_it_is_signed(
    client, work, dispatcher, leader
):
    work.registered("datong", "2026-10-12 10:00")
    bulletin = written(drafted(work, dispatcher), dispatcher)
    client.force_login(dispatcher)
    text = text_of(bulletin, "overview").replace("诉求1件", "诉求8件")
    answer = client.post(
        edit_url(bulletin, "overview"), {"version": 1, "heading": "总体情况", "text": text}, follow=True
    )
    assert "系统数 1" in answer.content.decode()
    client.post(url("submit_bulletin", bulletin))
    client.force_login(leader)
    page = client.get(url("bulletin", bulletin)).content.decode()
    assert "有 1 处数字不是系统数" in page and "收到诉求 8（系统数 1）" in page


def test_the_printed_page_has_no_links_and_no_marks(client, work, dispatcher, leader):
    bulletin = sent(work, dispatcher, leader)
    client.force_login(dispatcher)
    page = client.get(url("bulletin_print", bulletin)).content.decode().split("<article")[1]
    assert bulletin.number in page and "一、总体情况" in page
    assert "<a " not in page.split("</article>")[0]


def test_who_saves_second_sees_both_texts_and_can_save_then(client, work, dispatcher, leader):
    bulletin = drafted(work, dispatcher)
    services.edit(
        bulletin=bulletin, code="problems", version=1, by=leader, heading="存在问题", text="局长写的话。"
    )
    client.force_login(dispatcher)
    form = {"version": "1", "heading": "存在问题", "text": "调度员写的话。"}
    answer = client.post(edit_url(bulletin, "problems"), form)
    page = answer.content.decode()
    assert answer.status_code == 409 and "局长写的话。" in page and "调度员写的话。" in page
    assert 'value="2"' in page
    assert client.post(edit_url(bulletin, "problems"), form | {"version": "2"}).status_code == 302
    bulletin.refresh_from_db()
    assert text_of(bulletin, "problems") == "调度员写的话。"


def test_what_was_typed_is_not_lost_when_it_has_been_put_forward_meanwhile(client, work, dispatcher):
    bulletin = written(drafted(work, dispatcher), dispatcher)
    services.submit(bulletin=bulletin, by=dispatcher)
    client.force_login(dispatcher)
    answer = client.post(edit_url(bulletin, "next"), {"version": 2, "heading": "下步", "text": "又想到的。"})
    assert answer.status_code == 409 and "不能再改" in answer.content.decode()


def test_removing_a_section_and_taking_it_in_again(client, work, dispatcher):
    bulletin = drafted(work, dispatcher)
    client.force_login(dispatcher)
    client.post(edit_url(bulletin, "visits"), {"action": "remove", "version": "1"})
    assert "走访和包保联系</h3>" not in client.get(url("bulletin", bulletin)).content.decode()
    stale = client.post(edit_url(bulletin, "visits"), {"action": "restore", "version": "1"})
    assert stale.status_code == 409
    client.post(edit_url(bulletin, "visits"), {"action": "restore", "version": "2"})
    assert "走访和包保联系</h3>" in client.get(url("bulletin", bulletin)).content.decode()


def test_a_unit_opens_a_figure_and_sees_its_own_records_the_others_as_a_number(
    client, work, dispatcher, leader
):
    own = work.answered("2026-10-12 10:00")
    foreign = work.registered("datong", "2026-10-13 10:00")
    bulletin = sent(work, dispatcher, leader)
    client.force_login(work.user("rsj"))
    page = client.get(url("bulletin_figure", bulletin) + "?key=received").content.decode()
    assert own.number in page and foreign.number not in page
    assert "另有 1 条记录不在您的查看范围内" in page


@pytest.mark.parametrize("query", ["", "?key=nonsense", "?key=%00", "?key=received@99"])
def test_a_figure_that_does_not_exist_is_not_found(client, work, dispatcher, query):
    bulletin = drafted(work, dispatcher)
    client.force_login(dispatcher)
    assert client.get(url("bulletin_figure", bulletin) + query).status_code == 404


def test_every_figure_of_a_full_month_opens(client, work, dispatcher):
    work.answered("2026-10-12 10:00")
    work.week("2026-10-15", "2026-10-15 12:30")
    work.visit("datong", "2026-10-12 09:00", work.leader("datong"), firm=work.firm())
    bulletin = drafted(work, dispatcher)
    client.force_login(dispatcher)
    for key in bulletin.figures:
        answer = client.get(url("bulletin_figure", bulletin), {"key": key})
        assert answer.status_code == 200, key


def test_it_is_sent_to_the_units_that_were_ticked_and_once(client, work, dispatcher, leader):
    reader = work.user("rsj")
    bulletin = signed(work, dispatcher, leader)
    client.force_login(dispatcher)
    assert client.post(url("send_bulletin", bulletin), {}).status_code == 422
    for _ in range(2):
        answer = client.post(url("send_bulletin", bulletin), {"units": [work.unit("rsj").pk]})
        assert answer.status_code == 302
    assert BulletinRecipient.objects.count() == 1
    assert Notice.objects.filter(recipient=reader, title__contains="已印发").count() == 1
    client.force_login(reader)
    assert "未阅" in client.get(reverse("reports:bulletins")).content.decode()
    client.post(url("read_bulletin", bulletin))
    assert "未阅" not in client.get(reverse("reports:bulletins")).content.decode()


def test_a_withdrawn_bulletin_says_so_to_whoever_opens_it(client, work, dispatcher, leader):
    bulletin = sent(work, dispatcher, leader)
    client.force_login(leader)
    assert client.post(url("withdraw_bulletin", bulletin), {"reason": ""}).status_code == 422
    client.post(url("withdraw_bulletin", bulletin), {"reason": "满意率口径有误"})
    client.force_login(work.user("rsj"))
    page = client.get(url("bulletin", bulletin)).content.decode()
    assert "本通报已撤回" in page and "满意率口径有误" in page


def test_the_list_asks_as_much_for_many_as_for_few(client, work, dispatcher, django_assert_max_num_queries):
    for month in (5, 6, 7, 8, 9, 10):
        drafting.draft(district=work.district, month=Month(2026, month), by=dispatcher)
    client.force_login(dispatcher)
    with django_assert_max_num_queries(15):
        client.get(reverse("reports:bulletins") + "?state=draft&year=2026")


# --- At the same moment ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_four_signatures_one_counts_and_one_number_is_given(transactional_db, district):
    work = Work(district, Cast(district))
    dispatcher, leader = work.user("kjj", Role.DISPATCHER), work.user("kjj", Role.BUREAU_LEADER)
    bulletin = written(drafted(work, dispatcher), dispatcher)
    services.submit(bulletin=bulletin, by=dispatcher)
    results = at_once(*[lambda: services.approve(bulletin=bulletin, by=leader)] * 4)
    assert kinds(results) == {"Bulletin": 1, "Refused": 3}
    assert BulletinStep.objects.filter(kind="approved").count() == 1
    bulletin.refresh_from_db()
    assert bulletin.number.endswith("1号")


@pytest.mark.django_db(transaction=True)
def test_of_two_ticks_one_drafts(transactional_db, district):
    work = Work(district, Cast(district))
    work.registered("datong", "2026-10-12 10:00")

    def tick() -> object:
        with clock.at(moment("2026-11-02 09:00")):
            return drafting.draft_due(district)

    results = at_once(tick, tick, tick)
    assert not [result for result in results if isinstance(result, Exception)]
    assert Bulletin.objects.count() == 1
