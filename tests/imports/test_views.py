"""Uploading a sheet, page by page: the list, the preview, decisions, confirmation, progress, undo."""

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import AuditEntry
from core import clock
from enterprises.models import Enterprise
from enterprises.services import change_enterprise
from imports import engine
from imports.models import SheetImport
from tests import factories
from tests.enterprises.sheets import applied, book, checked, firm, opened, received, undone, upload, written

HALF = "2026-H2"
LIST = reverse("imports:list", args=["enterprises"])


def address(name: str, found: SheetImport) -> str:
    return reverse(f"imports:{name}", args=[found.pk])


def send(client, file, **fields):
    return client.post(LIST, {"file": file, **fields})


def page_of(client, found: SheetImport, **query) -> str:
    return client.get(address("import", found), query).content.decode()


def confirm(client, found: SheetImport):
    """Press the button of the page as it is now."""
    seal = client.get(address("import", found)).context["tally"].seal
    return client.post(address("confirm", found), {"seal": seal})


@pytest.fixture
def version(dispatcher, township_liaison) -> SheetImport:
    """After firms 1, 2 and 3, a checked complete version: 2 gets another phone, 3 is missing, 4 is new."""
    applied(dispatcher, book([firm(1), firm(2), firm(3)]))
    return checked(township_liaison, book([firm(1), firm(2, phone="13900002222"), firm(4)]), half=HALF)


# --- Uploading ------------------------------------------------------------------------------------


def test_a_small_sheet_is_checked_and_applied_without_waiting(client, dispatcher):
    client.force_login(dispatcher)
    bad = firm(2)
    bad[1] = "123"
    answer = send(client, upload(book([firm(1), bad])), token="once")
    found = SheetImport.objects.get()
    assert answer["Location"] == address("import", found)
    page = page_of(client, found)
    assert "将写入 1 行：新增 1 行，更新 0 行。" in page and "应为18位，现为3位" in page
    assert send(client, upload(book([firm(1), bad])), token="once")["Location"] == answer["Location"]
    assert SheetImport.objects.count() == 1
    confirm(client, found)
    assert Enterprise.objects.count() == 1
    assert "已入库：新增 1 行，更新 0 行" in page_of(client, found)
    rejects = client.get(address("rejects", found))
    assert opened(rejects.content)[1][1] == "123"
    assert "filename*=utf-8''" in rejects["Content-Disposition"]


@time_machine.travel("2026-07-01 00:30+08:00")
def test_a_complete_version_is_of_the_running_half_year(client, township_liaison):
    client.force_login(township_liaison)
    assert "2026年下半年完整版本" in client.get(LIST).content.decode()
    send(client, upload(book([firm(1)])), half="2026-H2")
    found = SheetImport.objects.get()
    assert (found.half, found.complete, found.unit) == ("2026-H2", True, township_liaison.unit)
    assert "2026年下半年" in client.get(LIST).content.decode()


@pytest.mark.parametrize("half", ["2019-H1", "x"])
def test_another_half_year_is_refused(client, township_liaison, half):
    client.force_login(township_liaison)
    answer = send(client, upload(book([firm(1)])), half=half)
    assert answer.status_code == 422
    assert not SheetImport.objects.exists()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (SimpleUploadedFile("a.xlsx", b""), "空文件"),
        (SimpleUploadedFile("a.xlsx", b"MZ\x90\x00 not a sheet"), "内容与文件类型不符"),
        (SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100), "旧版 .xls"),
        (SimpleUploadedFile("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100), "设了密码"),
        (SimpleUploadedFile("a.csv", "企业名称,层级".encode()), "只接受 .xlsx"),
        ("", "请选择文件"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_beside_the_field(client, dispatcher, file, said):
    if file:
        file.seek(0)
    client.force_login(dispatcher)
    answer = send(client, file)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not SheetImport.objects.exists()


def test_a_file_over_10_mb_is_refused(client, dispatcher):
    client.force_login(dispatcher)
    answer = send(client, SimpleUploadedFile("a.xlsx", b"PK" + b"\0" * (10 * 1024 * 1024)))
    assert answer.status_code == 422
    assert "超过 10 MB" in answer.content.decode()


def test_a_missing_column_is_named_at_once(client, dispatcher):
    client.force_login(dispatcher)
    answer = send(client, upload(book([], head=["企业名称", "层级"])))
    assert answer.status_code == 422
    assert "缺少“统一社会信用代码”、“所在乡镇办（园区）”列" in answer.content.decode()


def test_a_template_offers_the_own_places(client, township_liaison):
    client.force_login(township_liaison)
    answer = client.get(reverse("imports:template", args=["projects"]))
    assert answer.status_code == 200
    assert opened(answer.content)[0][0] == "项目名称*"
    assert client.get(reverse("imports:template", args=["other"])).status_code == 404
    assert client.get(reverse("imports:list", args=["other"])).status_code == 404


# --- The list -------------------------------------------------------------------------------------


def test_the_list_is_paged_and_narrowed(client, dispatcher, township_liaison, version):
    client.force_login(dispatcher)
    assert "没有符合条件的表格" in client.get(LIST, {"state": "undone"}).content.decode()
    for query, count in [
        ({}, 2), ({"unit": township_liaison.unit_id}, 1), ({"half": HALF}, 1), ({"state": "checked"}, 1),
    ]:  # fmt: skip
        page = client.get(LIST, query).context["page"]
        assert page.paginator.count == count
    projects = reverse("imports:list", args=["projects"])
    assert client.get(projects).context["page"].paginator.count == 0
    assert "还没有上传过表格" in client.get(projects).content.decode()


def test_the_list_of_uploads_costs_the_same_for_many(client, dispatcher, django_assert_max_num_queries):
    for number in range(5):
        received(dispatcher, book([firm(number)]))
    client.force_login(dispatcher)
    with django_assert_max_num_queries(16):
        assert client.get(LIST).status_code == 200


# --- The preview ----------------------------------------------------------------------------------


def test_the_preview_says_what_is_new_changed_and_gone(client, township_liaison, version):
    client.force_login(township_liaison)
    page = page_of(client, version)
    assert "将写入 2 行：新增 1 行，更新 1 行，退出 0 条。" in page
    assert "<strong>联系电话</strong>：原为139****1111，改为139****2222" in page
    assert "现在同意退出 0 条，保留 1 条" in page
    tabs = {tab["label"]: tab["count"] for tab in client.get(address("import", version)).context["tabs"]}
    assert tabs == {"全部": "4", "新增": "1", "更新": "1", "减少": "1", "无变化": "1", "有误": "0"}
    gone = page_of(client, version, outcome="gone")
    assert "铜陵示例3号有限公司" in gone and factories.credit_code(3) in gone
    assert "铜陵示例4号有限公司" not in gone
    assert "139****1111" in gone and "13900001111" not in gone


def test_phones_are_masked_in_the_preview_unless_they_are_wrong(client, dispatcher):
    found = checked(dispatcher, book([firm(1, phone="13912345678"), firm(2, phone="1391234")]))
    client.force_login(dispatcher)
    page = page_of(client, found)
    assert "139****5678" in page and "13912345678" not in page
    assert "1391234" in page


def test_the_preview_can_be_narrowed_to_the_bad_rows(client, dispatcher):
    found = checked(dispatcher, book([firm(1), firm(2, name="")]))
    client.force_login(dispatcher)
    assert len(client.get(address("import", found)).context["rows"]) == 2
    assert len(client.get(address("import", found), {"outcome": "bad"}).context["rows"]) == found.rows_bad
    assert client.get(address("import", found), {"outcome": "nonsense", "page": "x"}).status_code == 200


def test_the_preview_costs_the_same_for_many_rows(
    client, dispatcher, township_liaison, django_assert_max_num_queries
):
    applied(dispatcher, book([firm(number) for number in range(1, 60)]))
    found = checked(township_liaison, book([firm(number, name="") for number in range(60, 120)]), half=HALF)
    client.force_login(township_liaison)
    with django_assert_max_num_queries(15):
        client.get(address("import", found))
    with django_assert_max_num_queries(13):
        client.get(address("import", found), {"outcome": "gone"})


# --- Deciding -------------------------------------------------------------------------------------


def test_a_missing_firm_is_approved_by_its_own_button(client, township_liaison, version):
    client.force_login(township_liaison)
    row = version.rows.get(outcome="gone")
    answer = client.post(
        address("approve", version), {"row": row.pk, "approved": "yes", "outcome": "gone", "page": "1"}
    )
    assert answer["Location"] == f"{address('import', version)}?outcome=gone&page=1#row-{row.pk}"
    assert f'id="row-{row.pk}"' in page_of(client, version, outcome="gone")
    assert "退出 1 条" in page_of(client, version)
    confirm(client, version)
    assert "退出 1 条" in page_of(client, version)
    assert not Enterprise.objects.get(name="铜陵示例3号有限公司").active


def test_a_new_firm_can_be_left_out(client, township_liaison, version):
    client.force_login(township_liaison)
    row = version.rows.get(outcome="new")
    client.post(address("approve", version), {"row": row.pk, "approved": "no"})
    assert "不同意的 1 行不写入" in page_of(client, version)
    confirm(client, version)
    assert not Enterprise.objects.filter(name="铜陵示例4号有限公司").exists()
    page = page_of(client, version)
    assert "不同意，没有写入" in page and "不同意的 1 行没有写入" in page


def test_all_that_are_missing_are_approved_or_kept_at_once(client, dispatcher, township_liaison):
    applied(dispatcher, book([firm(1), firm(2), firm(3)]))
    found = checked(township_liaison, book([firm(1)]), half=HALF)
    client.force_login(township_liaison)
    page = page_of(client, found)
    assert 'data-confirm="2 条全部同意退出？' in page and 'data-confirm="2 条全部保留？' in page
    client.post(address("approve", found), {"row": "gone", "approved": "yes"})
    assert "已将2条改为“同意退出”" in page_of(client, found)
    client.post(address("approve", found), {"row": "gone", "approved": "no"})
    confirm(client, found)
    assert Enterprise.objects.filter(active=True).count() == 3


@pytest.mark.parametrize(
    "fields",
    [{}, {"row": "", "approved": "yes"}, {"row": "abc", "approved": "yes"}, {"row": "gone", "approved": ""},
     {"row": "9" * 30, "approved": "yes"}, {"row": "gone"}],
)  # fmt: skip
def test_a_garbled_decision_decides_nothing(client, township_liaison, version, fields):
    client.force_login(township_liaison)
    assert client.post(address("approve", version), fields).status_code == 302
    assert not version.rows.get(outcome="gone").approved


def test_what_others_decided_meanwhile_is_shown_before_it_is_written(
    client, dispatcher, township_liaison, version
):
    client.force_login(township_liaison)
    seal = client.get(address("import", version)).context["tally"].seal
    engine.approve(sheet_import=version, by=dispatcher, rows=None, approved=True)
    answer = client.post(address("confirm", version), {"seal": seal}, follow=True)
    assert "要写入的行有了变化" in answer.content.decode()
    version.refresh_from_db()
    assert version.state == "checked"
    confirm(client, version)
    assert not Enterprise.objects.get(name="铜陵示例3号有限公司").active


def test_a_second_confirmation_says_that_it_is_done(client, township_liaison, version):
    client.force_login(township_liaison)
    confirm(client, version)
    answer = client.post(address("confirm", version), {"seal": "x"}, follow=True)
    assert "已经确认过" in answer.content.decode()
    later = client.post(address("approve", version), {"row": "gone", "approved": "yes"}, follow=True)
    assert "不能再改" in later.content.decode()


def test_a_version_without_a_difference_is_still_confirmed(client, dispatcher, township_liaison):
    applied(dispatcher, book([firm(1)]))
    found = checked(township_liaison, book([firm(1)]), half=HALF)
    client.force_login(township_liaison)
    assert "确认为2026年下半年完整版本" in page_of(client, found)
    confirm(client, found)
    found.refresh_from_db()
    assert found.state == "applied"


def test_a_sheet_without_a_difference_has_nothing_to_confirm(client, dispatcher):
    applied(dispatcher, book([firm(1)]))
    found = checked(dispatcher, book([firm(1)]))
    client.force_login(dispatcher)
    page = page_of(client, found)
    assert "没有要写入的行" in page and address("confirm", found) not in page


# --- Undo -----------------------------------------------------------------------------------------


def test_an_undo_asks_first_and_says_what_stayed(client, dispatcher, township_liaison, version):
    engine.approve(sheet_import=version, by=dispatcher, rows=None, approved=True)
    written(township_liaison, version)
    phone = Enterprise.objects.get(contact_phone="13900002222")
    change_enterprise(by=dispatcher, enterprise=phone, changes={"contact_phone": "13900003333"})
    client.force_login(township_liaison)
    assert address("undo", version) in page_of(client, version)
    asked = client.get(address("undo", version)).content.decode()
    assert "新增的 1 行：从名单中删除" in asked and "更新的 1 行：恢复入库前的内容" in asked
    assert "退出的 1 条：恢复" in asked and "需要重新上传" in asked
    assert Enterprise.objects.filter(name="铜陵示例4号有限公司").exists()
    assert client.post(address("undo", version))["Location"] == address("import", version)
    page = page_of(client, version)
    assert "已撤销2行。另有1行没有撤销，原因见各行。" in page
    assert address("undo", version) not in page
    kept = page_of(client, version, outcome="kept")
    assert "入库后又有改动，保留现在的内容" in kept and "铜陵示例4号有限公司" not in kept
    assert not Enterprise.objects.filter(name="铜陵示例4号有限公司").exists()
    again = client.post(address("undo", version), follow=True).content.decode()
    assert "没有入库，或已经撤销" in again
    assert client.get(address("undo", version))["Location"] == address("import", version)


def test_what_was_not_written_is_told_apart_after_an_undo(client, township_liaison, version):
    undone(township_liaison, written(township_liaison, version))
    client.force_login(township_liaison)
    rows = client.get(address("import", version)).context["rows"]
    assert [(item["row"].outcome, item["fate"]) for item in rows] == [
        ("same", ""), ("changed", "已撤销"), ("new", "已撤销"), ("gone", "保留"),
    ]  # fmt: skip


def test_nothing_can_be_undone_before_it_is_applied(client, township_liaison, version):
    client.force_login(township_liaison)
    assert address("undo", version) not in page_of(client, version)
    client.post(address("undo", version))
    version.refresh_from_db()
    assert version.state == "checked"


# --- Waiting --------------------------------------------------------------------------------------


def test_a_large_sheet_waits_for_the_tick_and_says_so(client, dispatcher, monkeypatch):
    monkeypatch.setattr(engine, "SMALL", 1)
    client.force_login(dispatcher)
    send(client, upload(book([firm(1), firm(2)])))
    found = SheetImport.objects.get()
    page = page_of(client, found)
    assert "等待处理" in page and "hx-get" in page
    assert "HX-Refresh" not in client.get(address("progress", found))
    engine.check(found)
    assert client.get(address("progress", found))["HX-Refresh"] == "true"
    confirm(client, found)
    assert "等待处理：已确认" in client.get(address("progress", found)).content.decode()
    engine.apply(SheetImport.objects.get())
    assert Enterprise.objects.count() == 2
    client.post(address("undo", found))
    assert "等待处理：轮到它时会自动撤销" in client.get(address("progress", found)).content.decode()
    engine.undo(SheetImport.objects.get())
    assert client.get(address("progress", found))["HX-Refresh"] == "true"
    assert not Enterprise.objects.exists()


@pytest.mark.parametrize(
    ("state", "said"),
    [("checking", "已检查 2 / 5 行"), ("applying", "已写入 2 / 5 行"), ("undoing", "已撤销 2 / 5 行")],
)
def test_the_bar_shows_rows_done_and_rows_to_do(client, dispatcher, monkeypatch, state, said):
    found = received(dispatcher, book([firm(1)]))
    SheetImport.objects.update(state=state, claimed_at=clock.now())
    monkeypatch.setattr(engine, "how_far", lambda found: (2, 5))
    client.force_login(dispatcher)
    fragment = client.get(address("progress", found)).content.decode()
    assert said in fragment and 'value="2" max="5"' in fragment
    assert said in page_of(client, found)


def test_what_could_not_be_read_says_why(client, dispatcher):
    found = checked(dispatcher, book([]))
    client.force_login(dispatcher)
    page = page_of(client, found)
    assert "这份文件没有导入" in page and "表头下面没有数据" in page


# --- Who may do what ------------------------------------------------------------------------------

PAGES = ["import", "progress", "rejects"]
STEPS = ["approve", "confirm", "undo"]


def test_uploads_are_seen_and_decided_by_the_own_unit_and_the_dispatchers(
    client, district, dispatcher, township_unit, township_liaison
):
    found = checked(township_liaison, book([firm(1, name="")]))
    other_region = factories.township(district, "铜山镇")
    other_unit = type(township_unit).objects.filter(district=district, region=other_region).first()
    for user, status in [
        (township_liaison, 200),
        (factories.user(township_unit, "liaison"), 200),
        (dispatcher, 200),
        (factories.user(other_unit, "liaison"), 404),
        (factories.user(factories.unit(district), "liaison"), 404),
        (factories.user(township_unit, "cadre"), 403),
    ]:
        client.force_login(user)
        for name in PAGES:
            assert client.get(address(name, found)).status_code == status
        for name in STEPS:
            answer = client.post(address(name, found), {"row": "gone", "approved": "yes"})
            assert answer.status_code == (302 if status == 200 else status)
        assert client.get(address("undo", found)).status_code == (302 if status == 200 else status)
        assert client.get(address("confirm", found)).status_code == 405
        assert client.get(address("approve", found)).status_code == 405
    found.refresh_from_db()
    assert found.state == "checked"


@pytest.mark.parametrize("who", ["other_township", "cadre"])
def test_who_may_not_undo_undoes_nothing(client, district, township_unit, township_liaison, who):
    found = applied(township_liaison, book([firm(1)]))
    other = factories.unit(district, "czj") if who == "other_township" else township_unit
    client.force_login(factories.user(other, "liaison" if who == "other_township" else "cadre"))
    for method in (client.get, client.post):
        assert method(address("undo", found)).status_code == (404 if who == "other_township" else 403)
    found.refresh_from_db()
    assert found.state == "applied"


def test_the_dispatcher_takes_back_what_a_township_imported(client, dispatcher, township_liaison):
    found = applied(township_liaison, book([firm(1)]))
    client.force_login(dispatcher)
    client.post(address("undo", found))
    found.refresh_from_db()
    assert (found.state, found.undone_by) == ("undone", dispatcher)


def test_the_list_shows_a_township_only_its_own(client, dispatcher, township_liaison):
    received(dispatcher, book([firm(1)]))
    own = received(township_liaison, book([firm(2)]))
    client.force_login(township_liaison)
    assert list(client.get(LIST).context["page"].object_list) == [own]


@pytest.mark.parametrize("role", ["cadre", "window", "liaison", "unit_leader", "supervisor", "admin"])
def test_who_does_not_keep_the_roster_cannot_import(client, district, role):
    client.force_login(factories.user(factories.unit(district, "czj"), role))
    assert client.get(LIST).status_code == 403
    assert client.post(LIST).status_code == 403
    assert client.get(reverse("imports:template", args=["enterprises"])).status_code == 403


def test_a_download_of_bad_rows_is_on_record(client, dispatcher):
    found = checked(dispatcher, book([firm(1, name="")]))
    client.force_login(dispatcher)
    client.get(address("rejects", found))
    entry = AuditEntry.objects.get(action="import.rejects")
    assert (entry.user_id, entry.object_id) == (dispatcher.pk, str(found.pk))
