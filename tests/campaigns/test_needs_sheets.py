"""Openings and seekers from a sheet: every mistake beside its cell, in again without doubles, and taken back."""

from datetime import timedelta

import pytest

from campaigns.models import JobOpening, JobSeeker
from campaigns.needs.services.forgetting import erase_due, erase_seeker
from campaigns.needs.services.openings import record_placement
from core import clock
from imports.models import SheetImport, SheetRow
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, TODAY
from tests.enterprises import sheets

OPENINGS, SEEKERS = "job_openings", "job_seekers"
OPENING_HEAD = [
    "企业名称",
    "工种",
    "岗位名称",
    "招聘人数",
    "月薪下限",
    "月薪上限",
    "要求和待遇",
    "联系电话",
    "有效期至",
]
SEEKER_HEAD = [
    "称呼",
    "联系电话",
    "所在乡镇",
    "年龄段",
    "意向工种",
    "意向岗位",
    "期望月薪",
    "技能和经历",
    "同意日期",
]


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cast(district) -> Cast:
    make.enterprise(district, name="铜陵晨光机械有限公司")
    return Cast(district)


def opening(firm="铜陵晨光机械有限公司", trade="焊工", post="", wanted="5人", low="4,000", high="6000元", words="",
            phone="", until="2026-12-31") -> list:  # fmt: skip
    return [firm, trade, post, wanted, low, high, words, phone, until]


def seeker(called="王先生", phone="13800000001", place="大通镇", age="35～44岁", trade="焊工", post="", wage="5000",
           skills="", consent="2026-11-20") -> list:  # fmt: skip
    return [called, phone, place, age, trade, post, wage, skills, consent]


def checked(by, kind, *rows):
    return sheets.checked(by, sheets.book(rows, OPENING_HEAD if kind == OPENINGS else SEEKER_HEAD), kind)


def applied(by, kind, *rows):
    return sheets.written(by, checked(by, kind, *rows))


def test_openings_come_in_and_again_only_what_changed(cast):
    by = cast.township_liaison
    applied(
        by, OPENINGS, opening(), opening(trade="", post="喷漆工", low="", high=""), opening(trade="机修工")
    )
    found = {one.post or one.trade: one for one in JobOpening.objects.all()}
    assert set(found) == {"welder", "喷漆工", "fitter"}
    welder = found["welder"]
    assert (welder.wanted, welder.wage_from, welder.wage_to, welder.unit) == (5, 4000, 6000, by.unit)
    again = checked(
        by, OPENINGS, opening(), opening(trade="机修工", wanted=9, words="两班倒"), opening(trade="电工")
    )
    again.refresh_from_db()
    assert (again.rows_new, again.rows_changed, again.rows_same, again.rows_bad) == (1, 1, 1, 0)
    sheets.written(by, again)
    found["fitter"].refresh_from_db()
    assert (found["fitter"].wanted, found["fitter"].requirements) == (9, "两班倒")
    sheets.undone(by, again)
    found["fitter"].refresh_from_db()
    assert found["fitter"].wanted == 5 and JobOpening.objects.count() == 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (opening(firm="没有这家公司"), "企业名称：底册里没有这家企业"),
        (opening(trade="宇航员"), "工种：没有“宇航员”这一项"),
        (opening(trade="", post=""), "岗位名称：没有合适的工种时"),
        (opening(wanted="若干"), "招聘人数：不是整数"),
        (opening(wanted="0"), "招聘人数：请填 1 至 5000"),
        (opening(low="9000"), "月薪上限不能低于下限"),
        (opening(words="电话13812345678"), "要求和待遇：这里不能写电话号码"),
        (opening(phone="123"), "联系电话：电话号码不正确"),
        (opening(until="2026-01-01"), "有效期至：有效期应在今天至一年以内"),
        (opening(until="年底"), "有效期至：不是日期"),
    ],
)
def test_what_is_wrong_with_an_opening_stands_beside_its_cell(cast, row, words):
    found = checked(cast.township_liaison, OPENINGS, row, opening(trade="电工"))
    assert words in "；".join(sheets.problems(found).values())
    assert len(sheets.problems(found)) == 1


def test_the_same_row_twice_is_said(cast):
    found = checked(cast.township_liaison, OPENINGS, opening(), opening())
    assert sheets.problems(found) == {3: "企业名称：与第2行重复"}


def test_what_hangs_on_an_opening_keeps_it_when_the_sheet_is_taken_back(cast):
    by = cast.township_liaison
    sheet = applied(by, OPENINGS, opening(), opening(trade="电工"))
    record_placement(by=by, opening=JobOpening.objects.get(trade="welder"), persons=1, day=TODAY)
    sheets.undone(by, sheet)
    assert [one.trade for one in JobOpening.objects.all()] == ["welder"]


def test_another_units_opening_is_not_changed_by_a_sheet(cast):
    applied(cast.liaison, OPENINGS, opening())  # 区人社局's, of a firm in 大通镇
    found = checked(cast.other_liaison, OPENINGS, opening(wanted=9))
    assert "请与其联系" in "".join(sheets.problems(found).values())


# --- Seekers --------------------------------------------------------------------------------------


def test_seekers_come_in_with_their_consent(cast):
    by = cast.township_liaison
    sheet = applied(by, SEEKERS, seeker(), seeker("李女士", "13800000002", trade="", post="护工", wage=""))
    wang, li = JobSeeker.objects.order_by("phone")
    assert (wang.trade, wang.age_band, wang.wage_hoped, wang.region.name) == (
        "welder",
        "from_35",
        5000,
        "大通镇",
    )
    assert wang.consent_on.isoformat() == "2026-11-20" and wang.purpose and li.post == "护工"
    again = checked(
        by,
        SEEKERS,
        seeker(consent="2026-11-24"),
        seeker("李女士", "13800000002", trade="", post="护工", wage=""),
    )
    again.refresh_from_db()
    assert (again.rows_changed, again.rows_same) == (1, 1)
    sheets.written(by, again)
    wang.refresh_from_db()
    assert wang.keep_until == wang.consent_on + timedelta(days=180)
    sheets.undone(by, again)
    wang.refresh_from_db()
    assert wang.consent_on.isoformat() == "2026-11-20" and wang.keep_until == wang.consent_on + timedelta(
        days=180
    )
    sheets.undone(by, sheet)
    assert not JobSeeker.objects.exists()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (seeker("王小明"), "称呼：请填称呼"),
        (seeker(place="灰河乡"), "所在乡镇：没有“灰河乡”，或不在您的辖区"),
        (seeker(age="四十"), "年龄段：没有“四十”这一项"),
        (seeker(skills="身份证340711199001011234"), "技能和经历：不能写身份证号码"),
        (seeker(phone="12345"), "联系电话："),
        (seeker(consent=""), "同意日期：必填"),
        (seeker(consent="2026-12-24"), "同意日期应在今天以前"),
    ],
)
def test_what_is_wrong_with_a_seeker_stands_beside_its_cell(cast, row, words):
    found = checked(cast.township_liaison, SEEKERS, row)
    assert words in "；".join(sheets.problems(found).values())


def test_not_everybody_brings_a_sheet_in(client, cast):
    for part, kind, status in (
        ("township_liaison", SEEKERS, 200), ("liaison", SEEKERS, 200), ("other_liaison", SEEKERS, 403),
        ("other_liaison", OPENINGS, 200), ("cadre", OPENINGS, 403),
    ):  # fmt: skip
        client.force_login(getattr(cast, part))
        assert client.get(f"/imports/{kind}/").status_code == status, part
        assert client.get(f"/imports/{kind}/template/").status_code == status, part


def test_who_is_erased_is_erased_from_the_sheet_too(cast, django_capture_on_commit_callbacks):
    by = cast.township_liaison
    sheet = applied(by, SEEKERS, seeker(), seeker("李女士", "13800000002"))
    storage, name = sheet.file.storage, sheet.file.name
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        erase_seeker(by=by, seeker=JobSeeker.objects.get(called="王先生"))
    kept = {row.line: row.cells for row in SheetRow.objects.filter(sheet_import=sheet)}
    assert kept[2] == [] and "李女士" in kept[3]
    assert not storage.exists(name) and SheetImport.objects.get(pk=sheet.pk).file == ""


def test_old_sheets_lose_their_rows_and_file_also_of_those_refused(
    cast, district, django_capture_on_commit_callbacks
):
    sheet = applied(cast.township_liaison, SEEKERS, seeker(), seeker("张三丰", "13800000003"))
    with clock.at(NOW + timedelta(days=181)), django_capture_on_commit_callbacks(execute=True):
        assert erase_due(district) == 1
    assert all(row.cells == [] and row.values == {} for row in SheetRow.objects.filter(sheet_import=sheet))
    assert (
        "13800000001" not in repr(list(SheetRow.objects.values()))
        and not JobSeeker.objects.exclude(phone="").exists()
    )


def test_the_page_of_an_erased_sheet_still_opens(client, cast):
    sheet = applied(cast.township_liaison, SEEKERS, seeker(), seeker("张三丰", "13800000003"))
    erase_seeker(by=cast.township_liaison, seeker=JobSeeker.objects.get())
    client.force_login(cast.township_liaison)
    for address in ("sheet", "rejects", "undo"):
        assert client.get(f"/imports/{sheet.pk}/{address}/").status_code == 200, address
