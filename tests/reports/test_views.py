"""Every URL: who is let in, who is turned away, and for whom it is not there."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Role
from core import clock
from districts.models import DistrictProfile
from reports import services
from reports.models import HandEntry, SituationTable
from tests.reports.work import moment

pytestmark = pytest.mark.django_db

FILLERS = {"liaison", "unit_leader"}
BUREAU = {"dispatcher", "bureau_leader"}
READERS = BUREAU | {"district_leader", "supervisor"}
PEOPLE = {
    "liaison": ("datong", Role.LIAISON),
    "unit_leader": ("datong", Role.UNIT_LEADER),
    "cadre": ("datong", Role.CADRE),
    "window": ("datong_window", Role.WINDOW),
    "stranger": ("czj", Role.LIAISON),
    "dispatcher": ("kjj", Role.DISPATCHER),
    "bureau_leader": ("kjj", Role.BUREAU_LEADER),
    "district_leader": ("qzfb", Role.DISTRICT_LEADER),
    "supervisor": ("jwdc", Role.SUPERVISOR),
    "admin": ("kjj", Role.ADMIN),
}


@pytest.fixture(autouse=True)
def monday():
    """Monday of the week that ends on 2026-11-19."""
    with clock.at(moment("2026-11-16 15:00")):
        yield


@pytest.fixture
def sign_in(client, work):
    def as_(who: str):
        client.force_login(work.user(*PEOPLE[who]))
        return client

    return as_


@pytest.fixture
def table(work) -> SituationTable:
    return work.table("datong", at="2026-11-16 09:00")


OWN_OR_ALL = FILLERS | READERS


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(
    "path", ["", "rows/5/", "rows/5/?span=cumulative", "checks/problems/", "checks/unmatched/", "download/"]
)
def test_a_table_is_read_by_its_unit_and_those_who_oversee(sign_in, table, who, path):
    status = sign_in(who).get(f"/reports/tables/{table.pk}/{path}").status_code
    assert status == (200 if who in OWN_OR_ALL else 404)


@pytest.mark.parametrize("who", PEOPLE)
def test_figures_are_entered_by_the_unit_alone(sign_in, table, who):
    client = sign_in(who)
    url = f"/reports/tables/{table.pk}/rows/11/entry/"
    status = 200 if who in FILLERS else 403 if who in READERS else 404
    assert client.get(url).status_code == status
    posted = client.post(url, {"value": "2", "reason": "会议签到表"})
    assert posted.status_code == (302 if who in FILLERS else status)
    assert HandEntry.objects.count() == (who in FILLERS)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_table_is_handed_in_by_the_unit_alone(sign_in, table, who):
    status = sign_in(who).post(f"/reports/tables/{table.pk}/submit/").status_code
    assert status == (302 if who in FILLERS else 403 if who in READERS else 404)
    table.refresh_from_db()
    assert table.is_open == (who not in FILLERS)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", ["accept", "send-back"])
def test_a_table_is_judged_by_the_bureau_alone(sign_in, work, table, who, action):
    services.submit(table=table, by=work.user("datong"))
    status = sign_in(who).post(f"/reports/tables/{table.pk}/{action}/", {"reason": "漏报"}).status_code
    assert status == (302 if who in BUREAU else 403 if who in OWN_OR_ALL else 404)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize(
    "path", ["tables/", "tables/?state=missing", "summary/", "summary/rows/5/", "summary/download/"]
)
def test_the_district_is_for_those_who_oversee_it(sign_in, table, who, path):
    assert sign_in(who).get(f"/reports/{path}").status_code == (200 if who in READERS else 403)


@pytest.mark.parametrize("who", PEOPLE)
def test_the_entrance_leads_everybody_to_their_own_page(sign_in, table, who):
    response = sign_in(who).get("/reports/", follow=True)
    if who in READERS:
        assert response.redirect_chain == [("/reports/tables/", 302)]
    elif who in FILLERS:
        assert response.redirect_chain[-1] == (f"/reports/tables/{table.pk}/", 302)
    else:
        assert response.status_code == (200 if who == "stranger" else 403)


@pytest.mark.parametrize("method", ["submit", "accept", "send-back"])
def test_nothing_changes_on_get(sign_in, table, method):
    assert sign_in("liaison").get(f"/reports/tables/{table.pk}/{method}/").status_code == 405


def test_visitors_sign_in_first(client, table):
    response = client.get(f"/reports/tables/{table.pk}/")
    assert response.status_code == 302 and "/accounts/login/" in response["Location"]


@pytest.mark.parametrize(
    "path",
    ["tables/999999/", "tables/{pk}/rows/28/", "tables/{pk}/rows/14/", "tables/{pk}/rows/0/",
     "tables/{pk}/rows/14/entry/", "tables/{pk}/checks/nonsense/"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(sign_in, table, path):
    assert sign_in("liaison").get(f"/reports/{path.format(pk=table.pk)}").status_code == 404


@pytest.mark.parametrize("ending", ["2026-11-20", "nonsense", "2099-01-01"])
def test_a_week_that_is_none_is_not_found(sign_in, table, ending):
    assert sign_in("dispatcher").get(f"/reports/summary/?ending={ending}").status_code == 404


# --- What the pages say ---------------------------------------------------------------------------


def test_each_automatic_figure_opens_the_list_behind_it(sign_in, work, table):
    firm = work.firm()
    visit = work.visit("datong", "2026-11-16 09:00", work.leader("datong"), firm=firm)
    client = sign_in("liaison")
    page = client.get(f"/reports/tables/{table.pk}/").content.decode()
    assert f'href="/reports/tables/{table.pk}/rows/5/"' in page
    assert f'href="/reports/tables/{table.pk}/rows/14/"' not in page
    behind = client.get(f"/reports/tables/{table.pk}/rows/5/").content.decode()
    assert firm.name in behind
    assert f"/visits/{visit.pk}/" in behind


def test_policies_payments_and_news_open_the_list_behind_them(sign_in, work, table):
    firm = work.firm()
    given = work.papers("datong", "2026-11-16 09:00", 3, firm)
    work.papers("datong", "2026-11-16 09:00", 1, firm, letter=True)
    meeting = work.meeting("datong", "2026-11-16 09:00", work.firm(), kind="symposium")
    wrong = work.paid("datong", "2026-11-16", "58", firm)
    work.taken_back(wrong, "2026-11-16 10:00")
    work.news("datong", "2026-11-16", "车间里的现场办公会")
    client = sign_in("liaison")

    def behind(row: int) -> str:
        return client.get(f"/reports/tables/{table.pk}/rows/{row}/").content.decode()

    assert f"向 {firm.name} 发放《惠企政策清单》" in behind(10) and "3 份" in behind(10)
    assert f"/policies/{given.policy_id}/" in behind(10)
    assert "《一封信》" not in behind(10).split("<tbody>")[1]
    assert "企业恳谈会（三楼会议室）" in behind(11) and "调研座谈会" in behind(11)
    assert f"/liaisons/events/{meeting.pk}/" in behind(11)
    assert "发放政策清单" in behind(12) and "参加座谈会" in behind(12)
    assert "+58.00 万元" in behind(13) and "-58.00 万元" in behind(13) and "冲销" in behind(13)
    assert "车间里的现场办公会" in behind(27) and "区政府网站" in behind(27)


def test_a_row_that_a_district_keeps_by_hand_is_asked_for_and_has_no_list(sign_in, work, district):
    rules = DistrictProfile.objects.in_force(district).rules
    data = rules.model_dump(mode="json")
    data["form"]["rows"][10] |= {"source": "hand", "indicator": ""}
    DistrictProfile.objects.create(district=district, effective_from=date(2026, 11, 1), data=data)
    table = work.table("datong", at="2026-11-16 09:00")
    client = sign_in("liaison")
    page = client.get(f"/reports/tables/{table.pk}/").content.decode()
    assert "需手工填写" in page and "第 11 行 召开调研座谈会（场）" in page
    assert client.get(f"/reports/tables/{table.pk}/rows/11/").status_code == 404


def test_records_the_reader_may_not_open_are_only_counted(sign_in, work, table):
    appeal = work.solved("datong", "2026-11-16 10:00")
    type(appeal).objects.filter(pk=appeal.pk).update(region=work.unit("tongshan").region, registered_by=None)
    appeal.participations.all().delete()
    page = sign_in("liaison").get(f"/reports/tables/{table.pk}/rows/15/").content.decode()
    assert "另有 1 条记录不在您的查看范围内" in page
    assert appeal.number not in page
    assert appeal.number in sign_in("dispatcher").get(f"/reports/tables/{table.pk}/rows/15/").content.decode()


def test_after_handing_in_the_list_is_the_one_that_was_frozen(sign_in, work, table):
    first, second = work.firm(), work.firm()
    work.visit("datong", "2026-11-16 09:00", work.leader("datong"), firm=first)
    services.submit(table=table, by=work.user("datong"))
    work.visit(
        "datong",
        "2026-11-16 10:00",
        work.leader("datong", name="李静"),
        firm=second,
        recorded="2026-11-16 16:00",
    )
    page = sign_in("liaison").get(f"/reports/tables/{table.pk}/rows/5/").content.decode()
    assert first.name in page and second.name not in page


def test_a_late_record_is_marked_in_the_next_week(sign_in, work, table):
    services.submit(table=table, by=work.user("datong"))
    firm = work.firm()
    with clock.at(moment("2026-11-20 09:00")):
        following = work.table("datong", "2026-11-26", at="2026-11-20 08:00")
        work.visit(
            "datong", "2026-11-16 10:00", work.leader("datong"), firm=firm, recorded="2026-11-20 08:00"
        )
        page = sign_in("liaison").get(f"/reports/tables/{following.pk}/rows/5/").content.decode()
    assert firm.name in page and "补记" in page


@pytest.mark.parametrize(
    ("value", "reason", "words"),
    [
        ("", "会议签到表", "请填数值，没有的填 0"),
        ("两场", "会议签到表", "请填数字"),
        ("1.5", "会议签到表", "这一行只能填整数"),
        ("-1", "会议签到表", "不能小于 0"),
        ("99999999999999999999", "会议签到表", "数字太大"),
        ("NaN", "会议签到表", "请填数字"),
        ("2", "  ", "请写明依据或理由"),
    ],
)
def test_a_wrong_entry_is_explained_and_what_was_typed_is_kept(sign_in, table, value, reason, words):
    response = sign_in("liaison").post(
        f"/reports/tables/{table.pk}/rows/11/entry/", {"value": value, "reason": reason}
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert f'value="{value}"' in page or not value
    assert not HandEntry.objects.exists()


def test_full_width_figures_are_understood_and_amounts_may_have_decimals(sign_in, table):
    client = sign_in("liaison")
    client.post(
        f"/reports/tables/{table.pk}/rows/13/entry/", {"value": "１,２００.５０", "reason": "拨付凭证"}
    )
    assert HandEntry.objects.get().value == 1200.5
    assert "1,200.5" in client.get(f"/reports/tables/{table.pk}/").content.decode()


def test_a_correction_shows_the_original_struck_out_with_who_when_and_why(sign_in, work, table):
    work.solved("datong", "2026-11-16 10:00")
    client = sign_in("liaison")
    client.post(f"/reports/tables/{table.pk}/rows/15/entry/", {"value": "3", "reason": "两件在纸质台账"})
    page = client.get(f"/reports/tables/{table.pk}/").content.decode()
    assert '<s><span class="sr-only">系统数 </span>1</s>' in page
    assert "两件在纸质台账 —— 测试，11月16日 15:00" in page
    client.post(
        f"/reports/tables/{table.pk}/rows/15/entry/",
        {"action": "restore", "reason": "台账已补录", "value": ""},
    )
    page = client.get(f"/reports/tables/{table.pk}/").content.decode()
    assert "<s>" not in page and "恢复系统取数" in page


def test_a_double_click_enters_once(sign_in, table):
    client = sign_in("liaison")
    for _ in range(2):
        client.post(
            f"/reports/tables/{table.pk}/rows/11/entry/", {"value": "2", "reason": "签到表", "token": "t1"}
        )
    assert HandEntry.objects.count() == 1


def test_handing_in_a_second_time_says_what_happened(sign_in, table):
    client = sign_in("liaison")
    client.post(f"/reports/tables/{table.pk}/submit/")
    again = client.post(f"/reports/tables/{table.pk}/submit/")
    assert again.status_code == 409
    assert "本表已经报送过了" in again.content.decode()
    page = client.get(f"/reports/tables/{table.pk}/").content.decode()
    assert "/submit/" not in page and "/entry/" not in page


def test_sending_back_needs_a_reason(sign_in, work, table):
    services.submit(table=table, by=work.user("datong"))
    response = sign_in("dispatcher").post(f"/reports/tables/{table.pk}/send-back/", {"reason": ""})
    assert response.status_code == 422
    assert "请写明依据或理由" in response.content.decode()


def test_missing_units_are_listed_the_minute_the_cut_off_passes(sign_in, work, table):
    services.submit(table=work.table("czj", at="2026-11-16 09:00"), by=work.user("czj"))
    client = sign_in("dispatcher")
    with clock.at(moment("2026-11-19 12:00")):
        page = client.get("/reports/tables/?ending=2026-11-19&state=missing").content.decode()
    assert "逾期未报" in page and "大通镇" in page
    assert "区财政局</a>" not in page


def test_a_download_is_logged(sign_in, table):
    sign_in("liaison").get(f"/reports/tables/{table.pk}/download/")
    assert AuditEntry.objects.filter(action="situation_table.download", object_id=str(table.pk)).exists()


def test_the_list_and_the_summary_cost_the_same_with_any_number_of_units(sign_in, work, table):
    client = sign_in("dispatcher")
    client.get("/reports/tables/")
    with CaptureQueriesContext(connection) as all_units:
        client.get("/reports/summary/")
    SituationTable.objects.exclude(unit__code__in=["datong", "kjj"]).delete()
    with CaptureQueriesContext(connection) as two_units:
        client.get("/reports/summary/")
    assert len(all_units) == len(two_units) <= 45


def test_the_bureau_accepts_several_tables_at_once(sign_in, work):
    tables = [work.table(code) for code in ("datong", "rsj", "czj")]
    with clock.at(moment("2026-11-19 11:00")):
        for table in tables[:2]:
            services.submit(table=table, by=work.user(table.unit.code))
    client = sign_in("dispatcher")
    page = client.get("/reports/tables/?ending=2026-11-19&state=to_judge").content.decode()
    assert page.count('name="table"') == 2 and "审核通过所选" in page
    ticked = {"table": [str(table.pk) for table in tables] + ["x", "9" * 30]}
    answer = client.post("/reports/tables/accept/?ending=2026-11-19", ticked, follow=True).content.decode()
    assert "2 张工作情况表已审核通过" in answer and "没有通过：区财政局" in answer
    again = client.post("/reports/tables/accept/?ending=2026-11-19", {}, follow=True).content.decode()
    assert "请先勾选" in again


def test_a_row_without_records_leads_to_where_they_are_made(sign_in, work, table):
    page = sign_in("liaison").get(f"/reports/tables/{table.pk}/").content.decode()
    assert "去登记" in page and "/visits/new/" in page and "取数口径" in page
