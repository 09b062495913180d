"""A sheet on its way in: checked, approved, applied, undone, and the workers that do it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import AuditEntry, User
from core import clock
from core.xlsx import SheetError
from imports import engine
from imports.models import SheetImport, SheetRow
from imports.tasks import work
from tests.enterprises import sheets
from tests.enterprises.sheets import upload
from tests.imports.things import HEAD, Shelf, ThingJob, sheet

HALF = "2026-H2"


def received(by: User, rows: dict[int, str], half: str = "") -> SheetImport:
    return sheets.received(by, sheet(rows), "things", half=half)


def checked(by: User, rows: dict[int, str], half: str = "") -> SheetImport:
    return sheets.checked(by, sheet(rows), "things", half=half)


def applied(by: User, rows: dict[int, str], half: str = "") -> SheetImport:
    return sheets.applied(by, sheet(rows), "things", half=half)


def counts(found: SheetImport) -> tuple[int, ...]:
    return (found.rows_new, found.rows_changed, found.rows_gone, found.rows_same, found.rows_bad)


def audited(action: str, found: SheetImport) -> int:
    return AuditEntry.objects.filter(action=action, object_id=str(found.pk)).count()


def row_of(found: SheetImport, entry: int) -> SheetRow:
    return found.rows.get(entry=entry)


# --- Checking and approving -----------------------------------------------------------------------


def test_a_checked_sheet_writes_nothing_until_it_is_confirmed(dispatcher, shelf):
    shelf.put(2)
    found = checked(dispatcher, {1: "新的", 2: "改了的"})
    assert (found.state, counts(found)) == ("checked", (1, 1, 0, 0, 0))
    assert shelf.names() == {2: "旧的"}
    sheets.written(dispatcher, found)
    assert (found.state, found.confirmed_by) == ("applied", dispatcher)
    assert shelf.names() == {1: "新的", 2: "改了的"}
    assert [audited(f"import.{step}", found) for step in ("upload", "confirm", "apply")] == [1, 1, 1]


def test_only_a_complete_version_says_what_is_missing(dispatcher, shelf):
    shelf.put(1), shelf.put(2)
    assert counts(checked(dispatcher, {1: "旧的"})) == (0, 0, 0, 1, 0)
    found = checked(dispatcher, {1: "旧的"}, HALF)
    assert (found.complete, found.half, counts(found)) == (True, HALF, (0, 0, 1, 1, 0))
    missing = row_of(found, 2)
    assert (missing.outcome, missing.approved, missing.line) == ("gone", False, 3)


def test_nothing_leaves_without_approval(dispatcher, shelf):
    shelf.put(1), shelf.put(2)
    found = applied(dispatcher, {3: "新的"}, HALF)
    assert counts(found) == (1, 0, 0, 0, 0)
    assert shelf.names() == {1: "旧的", 2: "旧的", 3: "新的"}


def test_only_those_that_were_approved_leave(dispatcher, shelf):
    shelf.put(1), shelf.put(2)
    found = checked(dispatcher, {3: "新的"}, HALF)
    row = row_of(found, 2)
    assert engine.approve(sheet_import=found, by=dispatcher, rows=[row.pk], approved=True) == 1
    sheets.written(dispatcher, found)
    assert counts(found) == (1, 0, 1, 0, 0)
    assert shelf.names() == {1: "旧的", 3: "新的"}
    assert [row_of(found, number).applied for number in (1, 2, 3)] == [False, True, True]


def test_all_that_are_missing_are_approved_and_kept_at_once(dispatcher, shelf):
    shelf.put(1), shelf.put(2)
    found = checked(dispatcher, {3: "新的"}, HALF)
    assert engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True) == 2
    assert engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True) == 0
    assert audited("import.approve", found) == 1
    assert found.rows.get(outcome="new").approved
    assert engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=False) == 2
    assert not found.rows.filter(outcome="gone", approved=True).exists()


def test_a_row_somebody_says_no_to_is_not_written(dispatcher, shelf):
    shelf.put(2)
    found = checked(dispatcher, {1: "新的", 2: "改了的", 3: "也是新的"})
    refused = found.rows.filter(line__in=[2, 3]).values_list("pk", flat=True)
    assert engine.approve(sheet_import=found, by=dispatcher, rows=refused, approved=False) == 2
    sheets.written(dispatcher, found)
    assert counts(found) == (1, 0, 0, 0, 0)
    assert shelf.names() == {2: "旧的", 3: "也是新的"}


def test_a_decision_reaches_neither_bad_rows_nor_another_import(dispatcher, shelf):
    shelf.put(1)
    other = checked(dispatcher, {5: "别的"})
    found = sheets.checked(dispatcher, sheets.book([["x", "坏的"], [1, "旧的"]], head=HEAD), "things")
    rows = SheetRow.objects.values_list("pk", flat=True)
    assert engine.approve(sheet_import=found, by=dispatcher, rows=list(rows), approved=False) == 0
    assert other.rows.get().approved


def test_after_the_confirmation_nobody_decides_any_more(dispatcher, shelf):
    shelf.put(1)
    found = checked(dispatcher, {3: "新的"}, HALF)
    engine.confirm(sheet_import=found, by=dispatcher)
    assert engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True) == 0
    engine.apply(found)
    assert shelf.names() == {1: "旧的", 3: "新的"}


def test_what_changed_between_check_and_confirmation_is_judged_again(dispatcher, shelf):
    shelf.put(2)
    found = checked(dispatcher, {1: "新的", 2: "改了的"})
    shelf.put(1, "抢先放的")
    shelf.things[2].name = "改了的"
    sheets.written(dispatcher, found)
    assert counts(found) == (0, 1, 0, 1, 0)
    assert row_of(found, 1).changes == [{"title": "名称", "before": "抢先放的", "after": "新的"}]
    assert not row_of(found, 2).applied


def test_what_has_left_before_the_confirmation_is_not_counted_again(dispatcher, shelf):
    shelf.put(1)
    found = checked(dispatcher, {3: "新的"}, HALF)
    engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True)
    shelf.things[1].active = False
    sheets.written(dispatcher, found)
    assert counts(found) == (1, 0, 0, 0, 0)
    row = row_of(found, 1)
    assert (row.applied, row.errors[0]["text"]) == (False, "确认前已经退出")


@pytest.mark.parametrize("words", ["/", "——", "无", " 暂缺 ", "N/A", "－"])
def test_a_cell_that_says_there_is_nothing_is_empty(dispatcher, shelf, words):
    found = sheets.checked(dispatcher, sheets.book([[1, "新的", words], [2, words, ""]], head=HEAD), "things")
    assert "phone" not in found.rows.get(line=2).values
    assert sheets.problems(found) == {3: "名称：必填"}


# --- Undoing --------------------------------------------------------------------------------------


def test_an_import_is_undone_as_one_the_last_row_first(dispatcher, shelf):
    shelf.put(1), shelf.put(2)
    found = checked(dispatcher, {2: "改了的", 3: "新的"}, HALF)
    engine.approve(sheet_import=found, by=dispatcher, rows=None, approved=True)
    sheets.written(dispatcher, found)
    assert shelf.names() == {2: "改了的", 3: "新的"}
    shelf.log.clear()
    sheets.undone(dispatcher, found)
    assert shelf.names() == {1: "旧的", 2: "旧的"}
    assert shelf.log == ["undo 1", "undo 3", "undo 2"]
    assert (found.state, found.undone_by, found.message) == ("undone", dispatcher, "已撤销3行。")
    assert not found.rows.filter(applied=True).exists()
    assert [audited(f"import.{step}", found) for step in ("ask_undo", "undo")] == [1, 1]


def test_what_cannot_be_taken_back_stays_with_its_reason(dispatcher, shelf):
    found = applied(dispatcher, {1: "新的", 2: "也是新的"})
    shelf.things[1].used = True
    sheets.undone(dispatcher, found)
    assert shelf.names() == {1: "新的"}
    assert found.message == "已撤销1行。另有1行没有撤销，原因见各行。"
    row = found.rows.get(applied=True)
    assert (row.line, row.errors) == (2, [{"key": "", "title": "没有撤销", "text": "已经用上了"}])


def test_what_was_not_written_is_not_undone(dispatcher, shelf):
    shelf.put(1), shelf.put(2)
    found = checked(dispatcher, {2: "改了的", 3: "新的"}, HALF)
    engine.approve(sheet_import=found, by=dispatcher, rows=[row_of(found, 2).pk], approved=False)
    sheets.written(dispatcher, found)
    sheets.undone(dispatcher, found)
    assert shelf.log == ["write 3", "undo 3"]
    assert found.message == "已撤销1行。"


def test_asking_twice_undoes_once(dispatcher, shelf):
    found = applied(dispatcher, {1: "新的"})
    other = SheetImport.objects.get(pk=found.pk)
    sheets.undone(dispatcher, found)
    assert not engine.ask_undo(sheet_import=other, by=dispatcher)
    assert not engine.undo(other)
    assert shelf.log == ["write 1", "undo 1"]


def test_only_what_is_applied_can_be_undone(dispatcher, shelf):
    found = checked(dispatcher, {1: "新的"})
    assert not engine.ask_undo(sheet_import=found, by=dispatcher)
    engine.confirm(sheet_import=found, by=dispatcher)
    assert not engine.ask_undo(sheet_import=found, by=dispatcher)


def test_a_failed_undo_leaves_the_import_applied_and_says_so(dispatcher, shelf, monkeypatch):
    found = applied(dispatcher, {1: "新的"})
    engine.ask_undo(sheet_import=found, by=dispatcher)
    monkeypatch.setattr(ThingJob, "undo", lambda self, rows: 1 / 0)
    work()
    found.refresh_from_db()
    assert (found.state, found.rows.get().applied) == ("applied", True)
    assert "什么也没有撤销" in found.message
    assert engine.due() == []


# --- How far it is --------------------------------------------------------------------------------


def test_who_waits_sees_how_far_each_step_is(dispatcher, shelf, monkeypatch):
    monkeypatch.setattr(engine, "CHUNK", 2)
    found = received(dispatcher, {number: "新的" for number in range(1, 6)})
    seen: list[tuple[int, int]] = []
    shelf.on_step = lambda: seen.append(engine.how_far(SheetImport.objects.get(pk=found.pk)))
    assert engine.how_far(found) == (0, 0)
    engine.check(found)
    assert seen == [(0, 5), (2, 5), (4, 5)]
    engine.confirm(sheet_import=found, by=dispatcher)
    assert engine.how_far(found) == (0, 0)
    seen.clear()
    engine.apply(found)
    assert seen == [(0, 5), (2, 5), (4, 5)]
    engine.ask_undo(sheet_import=found, by=dispatcher)
    seen.clear()
    engine.undo(found)
    assert [done for done, _ in seen] == [0, 2, 4]


def test_work_goes_on_where_the_cache_is_down(dispatcher, shelf, monkeypatch):
    def refuse(*args, **kwargs):
        raise ConnectionError

    found = checked(dispatcher, {1: "新的"})
    monkeypatch.setattr(cache, "set", refuse)
    monkeypatch.setattr(cache, "get", refuse)
    shelf.on_step = lambda: engine.how_far(SheetImport.objects.get(pk=found.pk))
    sheets.written(dispatcher, found)
    assert shelf.names() == {1: "新的"}


# --- Workers --------------------------------------------------------------------------------------


def test_the_tick_checks_applies_and_undoes_what_waits(dispatcher, shelf):
    found = received(dispatcher, {1: "新的"})

    def tick() -> str:
        work()
        work()
        found.refresh_from_db()
        return found.state

    assert tick() == "checked"
    engine.confirm(sheet_import=found, by=dispatcher)
    assert tick() == "applied"
    engine.ask_undo(sheet_import=found, by=dispatcher)
    assert tick() == "undone"
    assert shelf.log == ["write 1", "undo 1"]


def test_only_one_worker_gets_an_import(dispatcher, shelf):
    found = received(dispatcher, {1: "新的"})
    other = SheetImport.objects.get(pk=found.pk)
    assert engine.check(found)
    assert not engine.check(other)
    assert engine.confirm(sheet_import=found, by=dispatcher)
    assert not engine.confirm(sheet_import=other, by=dispatcher)
    assert engine.apply(found)
    assert not engine.apply(other)
    assert shelf.log == ["write 1"]


def test_a_killed_workers_check_is_taken_again_after_ten_minutes(dispatcher, shelf):
    found = received(dispatcher, {1: "新的", 2: "新的"})
    SheetImport.objects.update(state="checking", claimed_at=clock.now(), rows_total=2, rows_done=1)
    SheetRow.objects.create(sheet_import=found, line=2, cells=[], outcome="bad")
    work()
    found.refresh_from_db()
    assert found.state == "checking"
    with clock.at(clock.now() + timedelta(minutes=11)):
        work()
    found.refresh_from_db()
    assert (found.state, found.rows_new, found.rows.count()) == ("checked", 2, 2)


@pytest.mark.parametrize(("during", "after"), [("applying", "applied"), ("undoing", "undone")])
def test_a_killed_workers_writing_is_taken_again_after_ten_minutes(dispatcher, shelf, during, after):
    found = checked(dispatcher, {1: "新的"}) if during == "applying" else applied(dispatcher, {1: "新的"})
    SheetImport.objects.update(
        state=during, claimed_at=clock.now(), confirmed_by=dispatcher, undone_by=dispatcher
    )
    work()
    found.refresh_from_db()
    assert found.state == during
    with clock.at(clock.now() + timedelta(minutes=11)):
        work()
    found.refresh_from_db()
    assert found.state == after


def test_a_worker_whose_claim_was_taken_stops(dispatcher, shelf):
    found = received(dispatcher, {1: "新的"})
    later = clock.now() + timedelta(minutes=11)
    shelf.on_step = lambda: SheetImport.objects.filter(pk=found.pk).update(claimed_at=later)
    with pytest.raises(engine.ClaimLost):
        engine.check(found)
    assert not found.rows.exists()


def test_a_fault_of_the_program_is_shown_and_not_repeated_for_ever(dispatcher, shelf, monkeypatch):
    found = received(dispatcher, {1: "新的"})
    monkeypatch.setattr(ThingJob, "judge", lambda self, drafts: 1 / 0)
    work()
    found.refresh_from_db()
    assert found.state == "failed"
    assert "程序出错" in found.message
    assert engine.due() == []


# --- Files that do not get far --------------------------------------------------------------------


def test_a_file_whose_header_is_not_understood_is_not_kept(dispatcher, shelf):
    with pytest.raises(SheetError, match="缺少“编号”"):
        sheets.received(dispatcher, sheets.book([], head=["名称", "电话"]), "things")
    assert not SheetImport.objects.exists()


def test_a_broken_file_is_refused(dispatcher, shelf):
    broken = SimpleUploadedFile("a.xlsx", b"PK\x03\x04 broken")
    with pytest.raises(SheetError, match="无法读取"):
        engine.receive(by=dispatcher, kind="things", upload=broken)


def test_a_sheet_without_rows_fails_with_a_reason(dispatcher, shelf):
    found = checked(dispatcher, {})
    assert found.state == "failed"
    assert "没有数据" in found.message


def test_a_file_beyond_the_limit_of_rows_fails_with_a_reason(dispatcher, shelf, monkeypatch):
    monkeypatch.setattr("core.sheets.MAX_ROWS", 2)
    found = checked(dispatcher, {1: "新的", 2: "新的", 3: "新的"})
    assert found.state == "failed"
    assert "分成几个文件" in found.message


def test_a_bomb_is_refused_before_it_is_unpacked(dispatcher, shelf, monkeypatch):
    monkeypatch.setattr("core.xlsx.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(SheetError, match="过大"):
        engine.receive(by=dispatcher, kind="things", upload=upload(sheet({1: "新的"})))


def test_a_kind_nobody_registered_is_refused(dispatcher):
    with pytest.raises(SheetError, match="不能导入"):
        sheets.received(dispatcher, sheet({1: "新的"}), "nonsense")


def test_a_short_sheet_that_takes_many_out_is_left_to_the_tick(dispatcher, shelf: Shelf, monkeypatch):
    monkeypatch.setattr(engine, "SMALL", 2)
    shelf.put(1), shelf.put(2)
    found = received(dispatcher, {3: "新的"}, HALF)
    assert engine.is_small(found)
    engine.check(found)
    assert not engine.is_small(found)
