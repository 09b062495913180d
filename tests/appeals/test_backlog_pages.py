"""攻坚清零 as people use it: the list, its filters and picture, candidates, and one problem's page."""

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from appeals import backlog
from appeals.backlog_rules import matter_of_appeal
from appeals.models import BacklogItem
from core import clock
from core.tokens import new_token
from districts.workdays import SHANGHAI
from enterprises.subjects import subject_key
from tests import factories
from tests.appeals.backlog_cast import BacklogCast, disputed, immediate, limited

URL = "/appeals/backlog/"


@pytest.fixture(autouse=True)
def today():
    with clock.at(datetime(2026, 11, 19, 10, 0, tzinfo=SHANGHAI)):
        yield clock.today()


@pytest.fixture
def cast(district) -> BacklogCast:
    return BacklogCast(district)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, url: str = URL, status: int = 200, **query) -> str:
    answer = signed_in(user).get(url, query)
    assert answer.status_code == status
    return answer.content.decode(errors="replace")


def send(user: User, item: BacklogItem, step: str, **data):
    return signed_in(user).post(f"{URL}{item.pk}/{step}/", {"token": new_token()} | data)


def tile(text: str, label: str) -> str | None:
    found = re.search(rf'tile-label">{label}</span>\s*<span class="tile-value">([\d.]+)', text)
    return found[1] if found else None


# --- The list -------------------------------------------------------------------------------------


def test_the_list_shows_what_is_not_solved_the_most_urgent_first_and_the_late_ones_in_words(cast):
    with clock.at(clock.now() - timedelta(days=9)):
        cast.item(limited(2), title="早该办好的")
    cast.item(limited(30), title="来得及的")
    solved = cast.item(title="办好了的")
    backlog.report_cleared(by=cast.liaison, item=solved, result="已兑现。")
    backlog.confirm_cleared(by=cast.dispatcher, item=solved)
    text = page(cast.dispatcher)
    assert text.index("早该办好的") < text.index("来得及的") and "办好了的" not in text
    assert '<span class="chip chip-red">已逾期 2026-11-12</span>' in text
    assert (tile(text, "未化解"), tile(text, "已逾期"), tile(text, "已化解")) == ("2", "1", "1")


def test_every_filter_narrows_the_list_by_the_address(cast, district):
    elsewhere = factories.enterprise(district, region=factories.township(district, "灰河乡"))
    cast.item(title="政策的")
    cast.item(disputed(), title="案件的", source="petition", reference="X-1")
    cast.item(immediate(), title="财政的", unit=cast.other_liaison.unit, subject=elsewhere, source="other")
    removed = cast.item(title="重复的")
    backlog.remove_item(by=cast.dispatcher, item=removed, reason="与第1号重复")
    reported = cast.item(title="待确认的")
    backlog.report_cleared(by=cast.liaison, item=reported, result="已兑现。")

    def found(**query) -> set[str]:
        text = page(cast.dispatcher, **query)
        return {
            word for word in ("政策的", "案件的", "财政的", "重复的", "待确认的") if f">{word}</a>" in text
        }

    assert found() == {"政策的", "案件的", "财政的", "待确认的"}
    assert found(source="case") == found(source="petition") == found(classification="disputed") == {"案件的"}
    assert found(unit=cast.other_liaison.unit.pk) == found(region=elsewhere.region_id) == {"财政的"}
    assert found(unit=cast.assistant.unit.pk) >= {"政策的", "财政的"}
    assert found(state="removed") == {"重复的"} and found(state="reported") == {"待确认的"}
    assert len(found(state="all")) == 5 and found(state="overdue") == set()
    assert found(q="案件") == found(q="2") == {"案件的"}
    for bad in (
        {"unit": "9" * 30},
        {"q": "\0"},
        {"state": "x", "source": "x"},
        {"page": "x"},
        {"region": "x"},
    ):
        page(cast.dispatcher, **bad)
        page(cast.dispatcher, f"{URL}chart/", **bad)
        page(cast.dispatcher, f"{URL}export/", **bad)


def test_the_pages_cost_the_same_however_long_the_list_is(cast):
    client = signed_in(cast.dispatcher)

    def cost(url: str) -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    def fill(times: int) -> BacklogItem:
        for _ in range(times):
            with clock.at(clock.now() - timedelta(days=100)):
                cast.submit()
            item = cast.item()
            for _ in range(3):
                backlog.add_progress(by=cast.liaison, item=item, text="已面谈。", day=clock.today())
        return item

    urls = (URL, f"{URL}chart/", f"{URL}candidates/", f"{URL}export/?state=all")
    item = fill(2)
    few = {url: cost(url) for url in urls} | {"item": cost(f"{URL}{item.pk}/")}
    item = fill(8)
    assert {url: cost(url) for url in urls} | {"item": cost(f"{URL}{item.pk}/")} == few
    assert max(few.values()) <= 12


def test_whoever_has_no_part_in_the_list_is_told_so(cast):
    item = cast.item()
    for part in ("cadre", "lead_cadre", "window", "admin"):
        for url in (URL, f"{URL}chart/", f"{URL}export/"):
            page(getattr(cast, part), url, status=403)
        page(getattr(cast, part), f"{URL}{item.pk}/", status=404)
    page(cast.other_liaison, f"{URL}{item.pk}/", status=404)
    for part in ("supervisor", "district_leader", "township_liaison"):
        text = page(getattr(cast, part), f"{URL}{item.pk}/")
        assert "报送已化解" not in text and "填报进展" not in text and "移出清单" not in text


def test_the_picture_has_its_table_and_its_figures(cast):
    with clock.at(clock.now() - timedelta(days=21)):
        first = cast.item()
        cast.item(immediate())
    backlog.report_cleared(by=cast.liaison, item=first, result="已兑现。")
    backlog.confirm_cleared(by=cast.dispatcher, item=first)
    text = page(cast.dispatcher, f"{URL}chart/")
    assert 'role="img"' in text and "合计最近1" in text and "style=" not in text.split("<main")[1]
    weeks = re.findall(r'<th scope="row" class="nowrap">([\d-]+)</th>(.*?)</tr>', text)
    numbers = {day: [int(n) for n in re.findall(r">(\d+)<", cells)] for day, cells in weeks}
    assert numbers == {
        "2026-11-19": [0, 1, 0, 1, 1, 0, 0],
        "2026-11-15": [0, 0, 0, 2, 1, 1, 0],
        "2026-11-08": [0, 0, 0, 2, 1, 1, 0],
        "2026-11-01": [2, 0, 0, 2, 1, 1, 0],
    }
    assert (tile(text, "列入清单"), tile(text, "化解率"), tile(text, "平均化解用时")) == ("2", "50.0", "21")
    assert "还没有可以画的数字" in page(cast.dispatcher, f"{URL}chart/", source="chamber")


# --- Onto the list --------------------------------------------------------------------------------


def new_item(cast, **data) -> dict:
    matter = cast.matter()
    return {
        "token": new_token(), "source": "contract", "reference": "HT-2024-7", "title": "道路没有修通",
        "subject": subject_key(matter.subject), "facts": "合同约定去年修通。", "amount": "１,200.5",
        "unit": matter.unit.pk, "assisting": [cast.assistant.unit.pk], "found_on": "2026-11-01",
        "classification": "limited", "due_on": "2026-12-31", "plan": "年内修通。",
    } | data  # fmt: skip


def test_a_problem_is_entered_once_however_often_the_form_is_sent(cast):
    client, data = signed_in(cast.dispatcher), new_item(cast)
    first, second = client.post(f"{URL}new/", data), client.post(f"{URL}new/", data)
    item = BacklogItem.objects.get()
    assert first.url == second.url == f"{URL}{item.pk}/"
    assert (item.title, str(item.amount), item.found_on) == ("道路没有修通", "1200.50", date(2026, 11, 1))
    assert (item.unit.code, [unit.code for unit in item.assisting.all()]) == ("rsj", ["nyj"])


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(cast):
    data = new_item(
        cast, subject="", claimed_name="", due_on="2026-01-01", plan="", title="道路\0没有修通" * 30
    )
    answer = signed_in(cast.dispatcher).post(f"{URL}new/", data)
    assert answer.status_code == 422 and not BacklogItem.objects.exists()
    text = answer.content.decode()
    assert "合同约定去年修通。" in text and "HT-2024-7" in text and "处需要修改" in text
    answer = signed_in(cast.dispatcher).post(f"{URL}new/", data | {"title": "道路没有修通"})
    text = answer.content.decode()
    assert all(words in text for words in ("请选择企业、项目", "日期不能早于今天", "限期类请写明化解方案"))
    for bad in ({"unit": "9" * 30}, {"amount": "1e999"}, {"amount": "NaN"}, {"due_on": "0001-01-01"}, {"assisting": ["x"]},
                {"subject": "enterprise-" + "9" * 30}, {"source": "\0"}, {"token": "x" * 99}):  # fmt: skip
        assert signed_in(cast.dispatcher).post(f"{URL}new/", new_item(cast) | bad).status_code == 422, bad
    assert not BacklogItem.objects.exists()


def test_an_appeal_is_entered_by_its_number(cast):
    appeal = cast.walk(cast.submit(), "sign")
    assert appeal.number in page(cast.dispatcher, f"{URL}new/", appeal=appeal.number)
    data = new_item(cast, source="appeal", reference=f" {appeal.number.lower()} ", title="", subject="")
    answer = signed_in(cast.dispatcher).post(f"{URL}new/", data)
    assert answer.status_code == 302
    item = BacklogItem.objects.get()
    assert item.appeal == appeal and item.title == appeal.title
    text = page(cast.liaison, f"{URL}{item.pk}/")
    assert f'href="/appeals/{appeal.number}/"' in text
    data |= {"token": new_token(), "reference": "JQ20260101-9999"}
    answer = signed_in(cast.dispatcher).post(f"{URL}new/", data)
    assert answer.status_code == 422 and "没有这个编号的诉求" in answer.content.decode()


def test_candidates_are_ticked_and_listed_in_one_go_and_once(cast):
    with clock.at(clock.now() - timedelta(days=100)):
        first, second = cast.walk(cast.submit(), "dispatch"), cast.submit()
    young = cast.submit()
    text = page(cast.dispatcher, f"{URL}candidates/")
    assert first.number in text and second.number in text and young.number not in text
    assert "提交已100天" in text
    client = signed_in(cast.dispatcher)
    course = {"classification": "limited", "due_on": "2026-12-31", "plan": "集中会商，逐件销号。"}
    data = {"token": new_token(), "chosen": [first.pk]} | course
    for _ in range(2):
        answer = client.post(f"{URL}candidates/", data)
        assert answer.status_code == 302
    assert BacklogItem.objects.get().appeal == first
    nothing = client.post(f"{URL}candidates/", {"token": new_token()} | course)
    assert nothing.status_code == 422 and "请先勾选诉求" in nothing.content.decode()
    stale = client.post(f"{URL}candidates/", {"token": new_token(), "chosen": [first.pk, young.pk]} | course)
    assert stale.status_code == 422 and "已有变化" in stale.content.decode()
    everything = client.post(f"{URL}candidates/", {"token": new_token(), "everything": "on"} | course)
    assert everything.status_code == 302 and BacklogItem.objects.count() == 2
    assert "没有待列入的诉求" in page(cast.dispatcher, f"{URL}candidates/")


# --- One problem ----------------------------------------------------------------------------------


def test_from_progress_to_solved_on_one_page(cast):
    item = cast.item()
    assert (
        send(cast.assistant, item, "progress", text="已提供耕地台账。", day="2026-11-19").status_code == 302
    )
    assert send(cast.liaison, item, "report", result="已全额兑现。").status_code == 302
    text = page(cast.dispatcher, f"{URL}{item.pk}/")
    assert "区人社局报送已化解，请核实" in text and "已全额兑现。" in text
    assert send(cast.dispatcher, item, "send-back", reason="余款没有到账").status_code == 302
    assert "余款没有到账" in page(cast.liaison, f"{URL}{item.pk}/")
    assert send(cast.liaison, item, "report", result="余款已到账。").status_code == 302
    assert send(cast.dispatcher, item, "confirm", note="已电话核实").status_code == 302
    item.refresh_from_db()
    assert item.state == "cleared"
    text = page(cast.liaison, f"{URL}{item.pk}/")
    for words in ("列入清单", "工作进展", "报送已化解", "退回继续化解", "确认化解", "已电话核实"):
        assert words in text
    late = send(cast.dispatcher, item, "confirm")
    assert late.status_code == 422 and "已确认化解，不能再改动" in late.content.decode()
    assert send(cast.dispatcher, item, "restore", reason="款项被退回").status_code == 302
    item.refresh_from_db()
    assert item.is_open


def test_a_double_click_confirms_once_and_says_so(cast):
    item = backlog.report_cleared(by=cast.liaison, item=cast.item(), result="已兑现。")
    token = new_token()
    answers = [send(cast.dispatcher, item, "confirm", token=token) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert item.events.filter(kind="confirmed").count() == 1


def test_an_empty_form_is_said_on_the_page_and_forbidden_ones_are_refused(cast):
    item = cast.item()
    for step, user in (("progress", cast.liaison), ("report", cast.liaison), ("remove", cast.dispatcher)):
        answer = send(user, item, step)
        assert answer.status_code == 422 and "处需要修改" in answer.content.decode(), step
    for step in ("progress", "report", "confirm", "send-back", "remove", "restore"):
        assert send(cast.supervisor, item, step, reason="x", text="x", result="x").status_code == 403, step
        assert send(cast.other_liaison, item, step).status_code == 404, step
        assert signed_in(cast.dispatcher).get(f"{URL}{item.pk}/{step}/").status_code == 405
    assert item.events.count() == 1


def test_the_bureau_puts_the_problem_right(cast):
    item = cast.item()
    assert "2023年稳岗返还没有兑现" in page(cast.dispatcher, f"{URL}{item.pk}/change/")
    data = new_item(cast, title="道路只修通一半")
    assert signed_in(cast.dispatcher).post(f"{URL}{item.pk}/change/", data).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.source, item.classification) == ("道路只修通一半", "contract", "limited")
    assert "问题：2023年稳岗返还没有兑现 → 道路只修通一半" in page(cast.dispatcher, f"{URL}{item.pk}/")
    page(cast.liaison, f"{URL}{item.pk}/change/", status=403)


def test_an_item_of_an_appeal_keeps_its_title_and_firm(cast):
    appeal = cast.walk(cast.submit(), "sign")
    matter = matter_of_appeal(appeal)
    item = backlog.put_on_list(by=cast.dispatcher, matter=matter, course=limited())
    assert 'name="title"' not in page(cast.dispatcher, f"{URL}{item.pk}/change/")
    data = {
        "token": new_token(),
        "facts": "新情况。",
        "unit": item.unit_id,
        "found_on": "2026-11-01",
        "title": "别的",
    }
    assert signed_in(cast.dispatcher).post(f"{URL}{item.pk}/change/", data).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.facts, item.appeal) == (appeal.title, "新情况。", appeal)


def test_the_unit_sees_only_what_it_may_plan(cast):
    item = cast.item()
    text = page(cast.liaison, f"{URL}{item.pk}/course/")
    assert 'name="plan"' in text and 'name="classification"' not in text and 'name="due_on"' not in text
    answer = send(
        cast.liaison, item, "course", plan="先兑现一半。", classification="disputed", due_on="2027-01-01"
    )
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.plan, item.classification) == ("先兑现一半。", "limited")
    answer = send(cast.dispatcher, item, "course", plan="x", classification="disputed", due_on="2027-01-01")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "争议类请选择法律途径" in text or "为什么调整" in text
    answer = send(
        cast.dispatcher, item, "course", plan="", classification="disputed", due_on="2027-01-01", route="litigation",
        next_step="等待判决", reason="双方对面积有争议",
    )  # fmt: skip
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.classification, item.route) == ("disputed", "litigation")
    text = page(cast.liaison, f"{URL}{item.pk}/course/")
    assert 'name="next_step"' in text and 'name="due_on"' in text
    page(cast.assistant, f"{URL}{item.pk}/course/", status=403)


# --- On the desk ----------------------------------------------------------------------------------


def test_the_workbench_shows_what_is_due_to_whoever_owes_it(cast):
    cast.item(limited(2), title="马上到期的")
    cast.item(limited(30), title="还早的")
    for user in (cast.liaison, cast.assistant, cast.section_head):
        text = page(user, "/workbench/")
        assert "马上到期的" in text and "还早的" not in text and "今天的事都办完了" not in text
    assert "马上到期的" not in page(cast.dispatcher, "/workbench/")
    with clock.at(clock.now() + timedelta(days=3)):
        text = page(cast.dispatcher, "/workbench/")
        assert "马上到期的" in text and "已逾期" in text
    assert "马上到期的" not in page(cast.district_leader, "/workbench/")
