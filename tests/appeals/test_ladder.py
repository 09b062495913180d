"""The reminder ladder as profile data: which rung drafts a letter and which calls the supervisor."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from appeals.models import Appeal, SupervisionLetter
from appeals.reminders import remind_due
from appeals.supervision import ladder
from core import clock
from districts.models import DistrictProfile
from notifications.models import Notice
from tests.appeals.lives import Cast
from tests.appeals.test_staff_pages import page, signed_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEXT = "{unit}：{number} 的{stage}已逾期 {days} 个工作日。"
STRICT = [
    {"when": "due", "days": 0, "to": ["officer"], "text": "{number} 的{stage}今日到期。"},
    {"when": "overdue", "days": 1, "to": ["unit_leader"], "text": TEXT, "drafts_supervision": True},
    {"when": "overdue", "days": 2, "to": ["supervisor"], "text": TEXT},
]


def at(moment: str) -> datetime:
    return datetime.strptime(f"2026-{moment}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def tick(moment: str) -> None:
    with clock.at(at(moment)):
        remind_due()


def handled(cast: Cast) -> Appeal:
    """Handling is due on 11 November."""
    with clock.at(at("11-02 09:00")):
        return cast.walk(cast.submit(), "sign")


@pytest.fixture
def strict(cast: Cast) -> Cast:
    """The district drafts a letter on the first day and calls the supervisor on the second."""
    rules = DistrictProfile.objects.in_force(cast.district).rules
    data = rules.model_dump(mode="json") | {"reminders": STRICT}
    DistrictProfile.objects.create(district=cast.district, effective_from=date(2026, 11, 1), data=data)
    return cast


def drafts() -> int:
    return SupervisionLetter.objects.drafts().count()


def test_the_ladder_in_words_says_what_the_profile_says(cast):
    rules = DistrictProfile.objects.in_force(cast.district).rules
    assert ladder(rules) == [
        "到期前1个工作日：提醒经办人",
        "到期当日：提醒经办人、单位负责人",
        "超期1个工作日：提醒牵头局",
        "超期3个工作日：提醒牵头局，自动起草督办单",
        "超期5个工作日：提醒督查",
    ]


def test_the_desk_shows_the_districts_own_ladder(strict):
    text = page(signed_in(strict.supervisor).get("/appeals/supervision/"))
    assert "超期1个工作日：提醒单位负责人，自动起草督办单" in text and "超期2个工作日：提醒督查" in text
    assert "超期3个工作日" not in text and "超期5个工作日" not in text


def test_the_first_districts_ladder_drafts_on_the_third_day(cast):
    handled(cast)
    counts = {}
    for day in ("11-12", "11-13", "11-16"):
        tick(f"{day} 08:30")
        counts[day] = drafts()
    assert counts == {"11-12": 0, "11-13": 0, "11-16": 1}


def test_another_ladder_drafts_and_calls_the_supervisor_by_its_own_days(strict):
    supervisor = strict.supervisor
    appeal = handled(strict)

    def called() -> int:
        return Notice.objects.filter(
            recipient=supervisor, key__startswith="deadline:", channel="inbox"
        ).count()

    seen = {}
    for day in ("11-11", "11-12", "11-13", "11-16", "11-18"):
        tick(f"{day} 08:30")
        seen[day] = (drafts(), called())
    assert seen == {"11-11": (0, 0), "11-12": (1, 0), "11-13": (1, 1), "11-16": (1, 1), "11-18": (1, 1)}
    letter = SupervisionLetter.objects.get()
    assert letter.deadline == appeal.deadlines.get(kind="handle") and letter.unit == appeal.lead_unit
    assert appeal.number in letter.text and "已逾期 1 个工作日" in letter.text


def test_ticks_that_run_twice_draft_once(strict):
    handled(strict)
    for moment in ("11-12 08:30", "11-12 08:30", "11-12 08:31", "11-13 08:30", "11-13 08:30"):
        tick(moment)
    assert SupervisionLetter.objects.count() == 1


def test_after_a_standstill_the_missed_rung_drafts_once(strict):
    supervisor = strict.supervisor
    handled(strict)
    for moment in ("11-18 10:00", "11-18 10:01", "11-19 08:30"):
        tick(moment)
    letter = SupervisionLetter.objects.get()
    assert letter.state == "draft" and "已逾期 5 个工作日" in letter.text
    assert (
        Notice.objects.filter(recipient=supervisor, key__startswith="deadline:", channel="inbox").count() == 1
    )


def test_what_was_set_aside_is_not_drafted_again(strict):
    appeal = handled(strict)
    tick("11-12 08:30")
    SupervisionLetter.objects.update(state="set_aside")
    handle = appeal.deadlines.get(kind="handle")
    handle.next_rung, handle.remind_at = 0, at("11-11 08:30")  # as after a new calendar
    handle.save()
    tick("11-16 08:30")
    assert [letter.state for letter in SupervisionLetter.objects.all()] == ["set_aside"]


def test_an_unanswered_letter_is_the_supervisors_matter_and_drafts_no_second_one(strict):
    supervisor = strict.supervisor
    appeal = handled(strict)
    with clock.at(at("11-03 09:00")):
        strict.do(appeal, "supervise", answer_by="2026-11-05")
    for day in ("11-05", "11-06", "11-09"):
        tick(f"{day} 08:30")
    assert drafts() == 0
    assert Notice.objects.filter(recipient=supervisor, title__contains="督办回复已逾期 2 个工作日").exists()
    assert appeal.letters.get().state == "sent"
