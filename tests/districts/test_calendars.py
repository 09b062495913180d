import logging
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import Workbook

from districts import calendar_import, calendars
from districts.calendars import missing_years, work_calendar
from districts.loading import LoadedProfile
from districts.models import CalendarDay, CalendarYear

pytestmark = pytest.mark.django_db

NOTICE_2027 = "日期,是否上班,名称\n2027-01-01,放假,元旦\n2027/1/2,0,元旦\n2027年1月3日,上班,元旦调休\n"


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    path = tmp_path / "2027.csv"
    path.write_text(NOTICE_2027, encoding="gb18030")
    return path


def test_seeding_brings_2004_to_2026_and_twice_is_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_calendar")
    first = set(CalendarDay.objects.values_list("date", "is_workday", "label"))
    stamps = dict(CalendarYear.objects.values_list("year", "imported_at"))
    call_command("import_calendar")
    assert sorted(stamps) == list(range(2004, 2027))
    assert set(CalendarDay.objects.values_list("date", "is_workday", "label")) == first
    assert dict(CalendarYear.objects.values_list("year", "imported_at")) == stamps
    assert "已是最新" in capsys.readouterr().out
    assert (date(2026, 10, 10), True, "国庆节调休") in first


def test_seeding_leaves_a_corrected_year_alone() -> None:
    calendar_import.seed()
    CalendarDay.objects.filter(date=date(2026, 10, 10)).delete()
    calendar_import.seed()
    assert not work_calendar().is_workday(date(2026, 10, 10))
    calendar_import.seed(replace=True)
    assert work_calendar().is_workday(date(2026, 10, 10))


def test_seeding_takes_few_queries(django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(14):
        calendar_import.seed()


def test_the_calendar_is_read_once(django_assert_num_queries, loaded: LoadedProfile) -> None:
    calendar_import.seed()
    with django_assert_num_queries(2):
        work_calendar()
    with django_assert_num_queries(0):
        assert work_calendar(loaded.rules).office_end == loaded.rules.office_hours.end
        assert work_calendar(loaded.rules) is work_calendar(loaded.rules)


def test_a_new_year_is_seen_at_once(notice: Path) -> None:
    calendar_import.seed()
    assert work_calendar().is_workday(date(2027, 1, 1))
    call_command("import_calendar", file=notice)
    assert not work_calendar().is_workday(date(2027, 1, 1))
    assert work_calendar().is_workday(date(2027, 1, 3))
    assert not work_calendar().is_provisional(date(2027, 1, 1), date(2027, 12, 31))


def test_an_edited_day_is_seen_at_once() -> None:
    calendar_import.seed()
    assert work_calendar().is_workday(date(2026, 11, 16))
    CalendarDay.objects.create(date=date(2026, 11, 16), is_workday=False, label="临时放假")
    assert not work_calendar().is_workday(date(2026, 11, 16))


def test_an_edited_day_marks_its_year_for_other_processes() -> None:
    calendar_import.seed()
    before = CalendarYear.objects.get(year=2026).imported_at
    CalendarDay.objects.get(date=date(2026, 10, 10)).delete()
    assert CalendarYear.objects.get(year=2026).imported_at > before


def test_what_another_process_imported_is_seen_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(calendars.clock, "monotonic", lambda: now)
    calendar_import.seed()
    work_calendar()
    # Neither statement sends a signal, as if it ran elsewhere.
    CalendarDay.objects.filter(date=date(2026, 10, 10)).update(is_workday=False)
    CalendarYear.objects.filter(year=2026).update(imported_at=timezone.now() + timedelta(hours=1))
    now += 59
    assert work_calendar().is_workday(date(2026, 10, 10))
    now += 2
    assert not work_calendar().is_workday(date(2026, 10, 10))


def test_importing_the_same_notice_again_changes_nothing(
    notice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_calendar", file=notice)
    stamp = CalendarYear.objects.get(year=2027).imported_at
    call_command("import_calendar", file=notice)
    assert CalendarYear.objects.get(year=2027).imported_at == stamp
    assert "无变化" in capsys.readouterr().out


def test_a_corrected_notice_replaces_its_year(notice: Path) -> None:
    call_command("import_calendar", file=notice)
    notice.write_text("date,is_workday,label\n2027-01-01,0,元旦\n", encoding="utf-8-sig")
    call_command("import_calendar", file=notice)
    assert list(CalendarDay.objects.values_list("date", flat=True)) == [date(2027, 1, 1)]


def test_a_notice_may_reach_into_the_year_before(tmp_path: Path) -> None:
    calendar_import.seed()
    path = tmp_path / "notice.csv"
    path.write_text("2026-12-31,放假,元旦\n2027-01-01,放假,元旦\n")
    with pytest.raises(CommandError, match="--year"):
        call_command("import_calendar", file=path)
    call_command("import_calendar", file=path, year=2027)
    assert not work_calendar().is_workday(date(2026, 12, 31))
    assert not work_calendar().is_workday(date(2026, 10, 1))


def test_a_workbook_is_read_as_well(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["date", "is_workday", "label"])
    book.active.append([date(2027, 1, 1), 0, "元旦"])
    book.active.append(["2027-01-03", "上班", "元旦调休"])
    book.active.append([None, None, None])
    path = tmp_path / "2027.xlsx"
    book.save(path)
    assert calendar_import.read_file(path) == [
        (date(2027, 1, 1), False, "元旦"),
        (date(2027, 1, 3), True, "元旦调休"),
    ]


def test_a_broken_file_is_refused_with_every_line_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("2027-13-01,放假,元旦\n2027-01-02,也许,元旦\n2027-01-03,放假\n2027-01-03,上班\n")
    with pytest.raises(CommandError) as error:
        call_command("import_calendar", file=path)
    assert str(error.value).splitlines() == [
        "第 1 行（A1）：“2027-13-01”不是日期，应写作 2027-01-01",
        "第 2 行（B2）：“也许”应为 上班 或 放假（也可写 1 或 0）",
        "第 4 行（A4）：2027-01-03 重复",
    ]
    assert not CalendarYear.objects.exists()


@pytest.mark.parametrize("content", [b"", b"date,is_workday,label\n", b"\x00\x01\x02PK"])
def test_an_empty_or_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError):
        call_command("import_calendar", file=path)


def test_a_renamed_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "renamed.xlsx"
    path.write_text("2027-01-01,放假")
    with pytest.raises(CommandError, match="不是"):
        call_command("import_calendar", file=path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("import_calendar", file=tmp_path / "none.csv")


def test_the_year_to_come_is_missing_from_mid_october() -> None:
    calendar_import.seed()
    assert missing_years(date(2026, 10, 1)) == []
    assert missing_years(date(2026, 11, 22)) == [2027]
    assert missing_years(date(2027, 5, 1)) == [2027]


@time_machine.travel("2026-11-22T10:00:00+08:00", tick=False)
def test_a_missing_year_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    calendar_import.seed()
    with caplog.at_level(logging.WARNING, logger="districts.calendars"):
        for _ in range(3):
            calendars.forget()
            work_calendar()
    assert [record.getMessage() for record in caplog.records] == [
        "2027 年的工作日历尚未导入，暂按周一至周五计算，期限为暂定。"
    ]
