"""Row 16 after numbers came in by Excel: the week they were recorded, for the unit that collected."""

import pytest

from core import clock
from reports import checks, figures
from tests.enterprises.sheets import applied, book
from tests.reports.work import Work, moment


def row_16(work: Work, code: str, ending: str) -> int:
    table = work.table(code, ending)
    return int(figures.figures(table.period, [table])[table.unit_id][16].week)


pytestmark = pytest.mark.django_db


def test_b_counts_when_the_sheet_was_confirmed_for_who_collected(work: Work):
    appeal = work.registered("datong", "2026-11-10 09:00")
    waiting = work.registered("datong", "2026-11-10 10:00")
    with clock.at(moment("2026-11-18 15:00")):
        applied(
            work.cast.dispatcher, book([[appeal.number, "ＡＨ１"]], ["诉求编号", "省平台编号"]), "provincial"
        )
    assert (row_16(work, "datong", "2026-11-12"), row_16(work, "datong", "2026-11-19")) == (0, 1)
    assert row_16(work, "kjj", "2026-11-19") == 0
    assert list(checks.to_be_recorded(work.table("datong"))) == [waiting]
    assert set(checks.to_be_recorded(work.table("datong", "2026-11-12"))) == {appeal, waiting}
