import pytest

from reports import checks

pytestmark = pytest.mark.django_db


def found(work, code: str = "datong") -> dict[str, int]:
    return {check.name: number for check, number in checks.findings(work.table(code))}


def test_a_problem_of_a_visit_in_neither_row_is_listed(work):
    visit = work.visit("datong", "2026-11-16 09:00", work.leader("datong"), firm=work.firm())
    lost = work.registered("datong", "2026-11-16 09:10", visit=visit)
    work.solved("datong", "2026-11-16 09:20", visit=visit)
    work.registered("datong", "2026-11-16 09:30", visit=visit, provincial_number="AH1")
    assert found(work) == {"problems": 1, "unrecorded": 1}
    assert list(checks.problems_counted_nowhere(work.table("datong"))) == [lost]


def test_an_appeal_without_a_provincial_number_is_to_be_recorded_until_it_has_one(work):
    appeal = work.registered("datong_window", "2026-11-10 09:00", role="window")
    assert found(work) == {"unrecorded": 1}
    work.do(appeal, "record_provincial", "2026-11-18 09:00")
    assert found(work) == {}


def test_a_number_recorded_after_the_cut_off_does_not_help_this_week(work):
    appeal = work.registered("datong", "2026-11-16 09:00")
    work.do(appeal, "record_provincial", "2026-11-19 12:00")
    assert found(work) == {"unrecorded": 1}


def test_what_was_declined_need_not_be_recorded(work):
    appeal = work.registered("datong", "2026-11-16 09:00")
    work.do(appeal, "propose_decline", "2026-11-16 10:00")
    work.do(appeal, "decline", "2026-11-16 11:00")
    assert found(work) == {}


def test_an_a_that_came_back_is_never_to_be_recorded(work):
    appeal = work.solved("datong", "2026-11-16 09:00")
    work.do(appeal, "not_solved", "2026-11-17 09:00")
    assert found(work) == {}


def test_a_visit_to_a_firm_that_nobody_matched_is_pointed_out(work):
    work.visit("datong", "2026-11-16 09:00", work.leader("datong"), claimed_name="铜陵某新设公司")
    assert found(work) == {"unmatched": 1}
