"""Uploading a roster, page by page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from enterprises import roster_import as rosters
from enterprises.models import Enterprise, RosterImport
from tests import factories
from tests.enterprises.sheets import book, checked, firm, opened, received, upload

IMPORTS = "/enterprises/imports/"


def send(client, file, **fields):
    return client.post(IMPORTS, {"kind": "enterprises", "file": file, **fields})


def test_a_small_sheet_is_checked_and_applied_without_waiting(client, dispatcher):
    client.force_login(dispatcher)
    bad = firm(2)
    bad[1] = "123"
    answer = send(client, upload(book([firm(1), bad])), token="once")
    found = RosterImport.objects.get()
    page = client.get(answer["Location"]).content.decode()
    assert "确认入库 1 行" in page and "应为18位，现为3位" in page
    assert send(client, upload(book([firm(1), bad])), token="once")["Location"] == answer["Location"]
    client.post(reverse("enterprises:import_confirm", args=[found.pk]))
    assert Enterprise.objects.count() == 1
    assert "已入库：新增 1 行" in client.get(answer["Location"]).content.decode()
    rejects = client.get(reverse("enterprises:import_rejects", args=[found.pk]))
    assert opened(rejects.content)[1][1] == "123"
    assert "filename*=utf-8''" in rejects["Content-Disposition"]


def test_a_large_sheet_waits_for_the_tick_and_says_so(client, dispatcher, monkeypatch):
    monkeypatch.setattr(rosters, "SMALL", 1)
    client.force_login(dispatcher)
    answer = send(client, upload(book([firm(1), firm(2)])))
    page = client.get(answer["Location"]).content.decode()
    assert "等待处理" in page and "hx-get" in page
    found = RosterImport.objects.get()
    progress = reverse("enterprises:import_progress", args=[found.pk])
    assert "HX-Refresh" not in client.get(progress)
    rosters.check(found)
    assert client.get(progress)["HX-Refresh"] == "true"
    client.post(reverse("enterprises:import_confirm", args=[found.pk]))
    assert "等待处理：已确认" in client.get(progress).content.decode()
    client.post(reverse("enterprises:import_confirm", args=[found.pk]))
    rosters.apply(RosterImport.objects.get())
    assert Enterprise.objects.count() == 2


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
    assert not RosterImport.objects.exists()


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
    answer = client.get(reverse("enterprises:import_template", args=["projects"]))
    assert answer.status_code == 200
    assert opened(answer.content)[0][0] == "项目名称*"
    assert client.get(reverse("enterprises:import_template", args=["other"])).status_code == 404


def test_phones_are_masked_in_the_preview_unless_they_are_wrong(client, dispatcher):
    found = checked(dispatcher, book([firm(1, phone="13912345678"), firm(2, phone="1391234")]))
    client.force_login(dispatcher)
    page = client.get(reverse("enterprises:import", args=[found.pk])).content.decode()
    assert "139****5678" in page and "13912345678" not in page
    assert "1391234" in page


def test_the_preview_can_be_narrowed_to_the_bad_rows(client, dispatcher):
    found = checked(dispatcher, book([firm(1), firm(2, name="")]))
    client.force_login(dispatcher)
    address = reverse("enterprises:import", args=[found.pk])
    assert len(client.get(address).context["rows"]) == 2
    assert len(client.get(address, {"outcome": "bad"}).context["rows"]) == found.rows_bad
    assert client.get(address, {"outcome": "nonsense", "page": "x"}).status_code == 200


def test_the_preview_costs_the_same_for_many_rows(client, dispatcher, django_assert_max_num_queries):
    found = checked(dispatcher, book([firm(number) for number in range(1, 60)]))
    client.force_login(dispatcher)
    with django_assert_max_num_queries(13):
        client.get(reverse("enterprises:import", args=[found.pk]))


PAGES = ["import", "import_progress", "import_rejects"]


def test_uploads_are_seen_by_the_own_unit_and_the_dispatchers(
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
            assert client.get(reverse(f"enterprises:{name}", args=[found.pk])).status_code == status
        assert client.get(reverse("enterprises:import_confirm", args=[found.pk])).status_code == 405
        if status != 200:
            confirmed = client.post(reverse("enterprises:import_confirm", args=[found.pk]))
            assert confirmed.status_code == status


@pytest.mark.parametrize("role", ["cadre", "window", "liaison", "unit_leader", "supervisor", "admin"])
def test_who_does_not_keep_the_roster_cannot_import(client, district, role):
    client.force_login(factories.user(factories.unit(district), role))
    assert client.get(IMPORTS).status_code == 403
    assert client.post(IMPORTS).status_code == 403
    assert client.get(reverse("enterprises:import_template", args=["enterprises"])).status_code == 403


def test_the_list_of_uploads_costs_the_same_for_many(client, dispatcher, django_assert_max_num_queries):
    for number in range(5):
        received(dispatcher, book([firm(number)]))
    client.force_login(dispatcher)
    with django_assert_max_num_queries(10):
        assert client.get(IMPORTS).status_code == 200
