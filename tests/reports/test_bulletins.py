"""Bulletins: figures against arithmetic by hand, who writes and signs, what is frozen, who gets to see it."""

from datetime import date
from io import BytesIO

import docx
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Unit
from appeals.models import Appeal, Deadline
from core import clock
from districts.models import DistrictProfile
from notifications.models import Notice
from reports.bulletins import drafting, services, wording
from reports.bulletins.counted import Month, unknown_names
from reports.bulletins.document import paper_of
from reports.bulletins.reading import read
from reports.bulletins.records import parts_of
from reports.models import Bulletin, Case
from reports.services import Refused
from reports.tasks import draft_bulletins
from tests import factories
from tests.reports.work import moment

pytestmark = pytest.mark.django_db
OCTOBER = Month(2026, 10)


@pytest.fixture(autouse=True)
def second_of_november():
    """Monday, the first working day of November 2026."""
    with clock.at(moment("2026-11-02 09:00")):
        yield


@pytest.fixture
def dispatcher(work):
    return work.user("kjj", Role.DISPATCHER)


@pytest.fixture
def leader(work):
    return work.user("kjj", Role.BUREAU_LEADER)


def drafted(work, by) -> Bulletin:
    return drafting.draft(district=work.district, month=OCTOBER, by=by)


def written(bulletin: Bulletin, by) -> Bulletin:
    """With the sections that people write."""
    for code in ("problems", "next"):
        section = services.section_of(bulletin, code)
        bulletin = services.edit(
            bulletin=bulletin, code=code, version=section["version"], by=by, heading=section["heading"],
            text="个别单位签收不及时。",
        )  # fmt: skip
    return bulletin


def signed(work, dispatcher, leader) -> Bulletin:
    bulletin = written(drafted(work, dispatcher), dispatcher)
    services.submit(bulletin=bulletin, by=dispatcher)
    return services.approve(bulletin=bulletin, by=leader)


def sent(work, dispatcher, leader, *codes: str) -> Bulletin:
    bulletin = signed(work, dispatcher, leader)
    services.send(bulletin=bulletin, units=[work.unit(code) for code in codes or ("rsj",)], by=dispatcher)
    bulletin.refresh_from_db()
    return bulletin


def text_of(bulletin: Bulletin, code: str) -> str:
    return wording.text_of(services.section_of(bulletin, code)["runs"])


def figure(bulletin: Bulletin, key: str) -> tuple[str, str | None]:
    return bulletin.figures[key]["value"], bulletin.figures[key]["whole"]


def in_october(work, number: int, at: str = "2026-10-12") -> list[Appeal]:
    return [work.answered(f"{at} 10:{minute:02d}") for minute in range(number)]


# --- Figures --------------------------------------------------------------------------------------


def test_the_month_is_counted_from_its_first_to_its_last_moment(work, dispatcher):
    for at in ("2026-09-30 23:59", "2026-10-01 00:00", "2026-10-31 23:59", "2026-11-01 00:00"):
        work.registered("datong", at)
    bulletin = drafted(work, dispatcher)
    assert figure(bulletin, "received") == ("2", None)
    assert "共收到企业诉求2件，比上月增加1件" in text_of(bulletin, "overview")


def test_a_rate_is_told_with_numerator_and_denominator(work, dispatcher):
    """Three answers were due in October: two in time, one a month late."""
    in_october(work, 2)
    late = work.answered("2026-10-12 11:00")
    Deadline.objects.filter(appeal=late, kind="handle").update(verdict=Deadline.Verdict.LATE)
    Deadline.objects.filter(kind="handle").update(due_at=moment("2026-10-21 17:30"))
    bulletin = drafted(work, dispatcher)
    assert figure(bulletin, "on_time_rate") == ("2", "3")
    assert "应办结3件次，按时办结2件次，按时办结率66.6%" in text_of(bulletin, "overview")
    rsj = work.unit("rsj").pk
    assert bulletin.figures[f"on_time_rate.full@{rsj}"]["text"] == "66.6%（2/3）"


def test_a_change_from_a_small_month_is_told_without_a_percentage(work, dispatcher):
    for minute in range(12):
        work.registered("datong", f"2026-10-08 10:{minute:02d}")
        work.registered("datong", f"2026-09-08 10:{minute:02d}") if minute < 10 else None
    assert "增加2件、增长20.0%" in text_of(drafted(work, dispatcher), "overview")


def test_units_with_few_cases_are_not_ranked_and_stand_after_the_others(work, dispatcher):
    in_october(work, 10)
    other = work.answered("2026-10-13 10:00")
    Deadline.objects.filter(kind="handle").update(due_at=moment("2026-10-21 17:30"))
    Deadline.objects.filter(appeal=other, kind="handle").update(owner=work.unit("fgw"))
    table = services.section_of(drafted(work, dispatcher), "units")["table"]
    ranks = {row["name"]: row["rank"] for row in table["rows"]}
    assert ranks[work.unit("rsj").short_name] == 1
    assert ranks[work.unit("fgw").short_name] is None
    assert table["rows"][0]["unit"] == work.unit("rsj").pk


def test_units_that_were_late_with_their_table_are_named(work, dispatcher):
    work.week("2026-10-15", "2026-10-15 12:30")
    names = text_of(drafted(work, dispatcher), "tables")
    assert f"{work.unit('rsj').short_name}1次" in names
    assert "按时报送0份" in names


def test_every_figure_opens_the_records_it_counted(work, dispatcher):
    appeals = in_october(work, 3)
    Deadline.objects.filter(kind="handle").update(due_at=moment("2026-10-21 17:30"))
    Deadline.objects.filter(appeal=appeals[0], kind="handle").update(verdict=Deadline.Verdict.LATE)
    bulletin = drafted(work, dispatcher)
    for key, found in bulletin.figures.items():
        parts = {part.code: len(part.ids) for part in parts_of(bulletin, found)}
        if found["whole"] is not None and key.split(".")[0].split("@")[0] == "on_time_rate":
            assert parts["handle_met"] == int(found["value"]) and parts["handle_due"] == int(found["whole"])
            assert parts["rest"] == int(found["whole"]) - int(found["value"])
    of_received = parts_of(bulletin, bulletin.figures["received"])
    assert set(of_received[0].records.values_list("pk", flat=True)) == {appeal.pk for appeal in appeals}


def test_drafting_asks_as_much_for_many_units_as_for_few(work, dispatcher):
    work.answered("2026-10-12 10:00")
    with CaptureQueriesContext(connection) as few:
        one = drafted(work, dispatcher)
    services.withdraw(bulletin=one, reason="重新起草", by=dispatcher)
    for number, code in enumerate(("fgw", "czj", "nyj", "rsj")):
        appeal = work.answered(f"2026-10-13 1{number}:00")
        Deadline.objects.filter(appeal=appeal, kind="handle").update(owner=work.unit(code))
    with CaptureQueriesContext(connection) as many:
        drafted(work, dispatcher)
    assert len(many) <= len(few) + 1


# --- Drafting -------------------------------------------------------------------------------------


def test_the_tick_drafts_last_month_once_and_tells_the_dispatchers(work, dispatcher):
    work.registered("datong", "2026-10-12 10:00")
    for _ in range(3):
        draft_bulletins()
    bulletin = Bulletin.objects.get()
    assert (bulletin.year, bulletin.month, bulletin.drafted_by) == (2026, 10, None)
    assert Notice.objects.filter(recipient=dispatcher, title="2026年10月的通报已起草").count() == 1


@pytest.mark.parametrize(
    ("at", "drafts"),
    [("2026-10-01 09:00", 0), ("2026-10-07 09:00", 0), ("2026-10-08 09:00", 1), ("2026-10-20 09:00", 1)],
)
def test_the_tick_waits_for_the_first_working_day_and_makes_up_for_a_missed_one(work, at, drafts):
    """1 to 7 October 2026 is a holiday."""
    work.registered("datong", "2026-09-12 10:00")
    with clock.at(moment(at)):
        draft_bulletins()
    assert Bulletin.objects.count() == drafts


def test_the_tick_drafts_nothing_where_nothing_has_happened_yet(work):
    draft_bulletins()
    assert not Bulletin.objects.exists()


def test_the_tick_leaves_alone_what_was_withdrawn(work, dispatcher):
    work.registered("datong", "2026-10-12 10:00")
    services.withdraw(bulletin=drafted(work, dispatcher), reason="本月不通报", by=dispatcher)
    draft_bulletins()
    assert Bulletin.objects.count() == 1


def test_a_month_is_drafted_once_and_not_before_it_is_over(work, dispatcher):
    drafted(work, dispatcher)
    with pytest.raises(Refused, match="已经在起草"):
        drafted(work, dispatcher)
    with pytest.raises(Refused, match="还没有结束"):
        drafting.draft(district=work.district, month=Month(2026, 11), by=dispatcher)


def test_only_the_lead_bureau_drafts(work):
    for code, role in (("rsj", Role.LIAISON), ("jwdc", Role.SUPERVISOR), ("qzfb", Role.DISTRICT_LEADER)):
        with pytest.raises(PermissionDenied):
            drafted(work, work.user(code, role))


def test_refreshing_shows_what_changed_and_keeps_what_was_written(work, dispatcher):
    work.registered("datong", "2026-10-12 10:00")
    bulletin = written(drafted(work, dispatcher), dispatcher)
    section = services.section_of(bulletin, "overview")
    text = text_of(bulletin, "overview").replace("全区共", "全区各渠道一共")
    services.edit(
        bulletin=bulletin,
        code="overview",
        version=section["version"],
        by=dispatcher,
        heading="总体",
        text=text,
    )
    work.registered("datong", "2026-10-13 10:00")
    changes = drafting.refresh(bulletin=bulletin, by=dispatcher)
    bulletin.refresh_from_db()
    assert "收到诉求 1 → 2" in changes
    assert "全区各渠道一共收到企业诉求2件" in text_of(bulletin, "overview")
    assert text_of(bulletin, "problems") == "个别单位签收不及时。"


def test_a_profile_that_asks_for_an_unknown_figure_drafts_nothing_and_is_not_loaded(work, dispatcher):
    profile = DistrictProfile.objects.in_force(work.district)
    data = profile.rules.model_dump(mode="json")
    data["bulletin"]["monthly"][1]["text"] = "共{recieved}件。"
    DistrictProfile.objects.create(district=work.district, effective_from=date(2026, 11, 1), data=data)
    with pytest.raises(Refused, match="没有指标 recieved"):
        drafted(work, dispatcher)
    rules = DistrictProfile.objects.in_force(work.district).rules
    assert unknown_names(rules) == ["bulletin 的“总体情况”：没有指标 recieved"]


def test_another_districts_words_and_order_come_from_its_profile(work, dispatcher):
    data = DistrictProfile.objects.in_force(work.district).rules.model_dump(mode="json")
    data["bulletin"] |= {
        "number_mark": "区营商办通报",
        "monthly": [
            {"code": "b", "heading": "诉求情况", "text": "受理{received}件。"},
            {"code": "t", "heading": "单位情况", "kind": "table", "columns": ["on_time_rate"]},
            {"code": "p", "heading": "点评"},
        ],
    }
    DistrictProfile.objects.create(district=work.district, effective_from=date(2026, 11, 1), data=data)
    bulletin = drafted(work, dispatcher)
    assert [section["heading"] for section in bulletin.sections] == ["诉求情况", "单位情况", "点评"]
    assert services.unwritten(bulletin) == ["点评"]


# --- Cases ----------------------------------------------------------------------------------------


def case_of(appeal: Appeal, kind: str, title: str, at: str, state: str = "approved") -> Case:
    return Case.objects.create(
        district=appeal.district, appeal=appeal, kind=kind, state=state, title=title,
        background="某企业反映用工困难。", course="当天到厂。", approved_at=moment(at),
    )  # fmt: skip


@pytest.fixture
def two_cases(work) -> list[Case]:
    """Of October; others of September, and one that was not approved."""
    first, second = in_october(work, 2)
    case_of(first, "bad", "别的月份", "2026-09-30 23:59")
    case_of(second, "bad", "还没有审核", "2026-10-20 09:00", state="submitted")
    return [
        case_of(first, "good", "一周帮企业招工二十人", "2026-10-31 23:59"),
        case_of(work.answered("2026-10-14 10:00"), "bad", "一件小事拖了三个月", "2026-10-01 00:00"),
    ]


def test_without_approved_cases_their_section_is_left_out(work, dispatcher):
    assert services.section_of(drafted(work, dispatcher), "cases")["removed"]


def test_cases_of_the_month_stand_in_the_bulletin_unless_left_out(work, dispatcher, leader, two_cases):
    good, bad = two_cases
    bulletin = written(drafted(work, dispatcher), dispatcher)
    section = services.section_of(bulletin, "cases")
    assert [case["title"] for case in section["cases"]] == ["一周帮企业招工二十人", "一件小事拖了三个月"]
    bulletin = services.edit(
        bulletin=bulletin, code="cases", version=section["version"], by=dispatcher, heading="典型", text="",
        case_refs=[good.pk],
    )  # fmt: skip
    drafting.refresh(bulletin=bulletin, by=dispatcher)
    services.submit(bulletin=bulletin, by=dispatcher)
    bulletin = services.approve(bulletin=bulletin, by=leader)
    services.send(bulletin=bulletin, units=[work.unit("rsj")], by=dispatcher)
    assert [case["ref"] for case in services.section_of(bulletin, "cases")["cases"]] == [good.pk]
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, good.published_in) == ("published", bulletin.number)
    assert bad.state == "approved"


def test_a_case_is_told_once_but_again_in_a_correction(work, dispatcher, leader, two_cases):
    first = sent(work, dispatcher, leader)
    again = drafting.draft(district=work.district, month=OCTOBER, by=dispatcher, kind="cases")
    assert services.section_of(again, "cases")["cases"] == []
    correction = drafting.correction_of(first, dispatcher)
    drafting.refresh(bulletin=correction, by=dispatcher)
    correction.refresh_from_db()
    assert len(services.section_of(correction, "cases")["cases"]) == 2


def test_a_case_that_was_withdrawn_is_not_signed_and_not_sent(work, dispatcher, leader, two_cases):
    bulletin = written(drafted(work, dispatcher), dispatcher)
    services.submit(bulletin=bulletin, by=dispatcher)
    Case.objects.filter(pk=two_cases[1].pk).update(state="withdrawn")
    with pytest.raises(Refused, match="“一件小事拖了三个月”已撤回"):
        services.approve(bulletin=bulletin, by=leader)
    Case.objects.filter(pk=two_cases[1].pk).update(state="approved")
    bulletin = services.approve(bulletin=bulletin, by=leader)
    Case.objects.filter(pk=two_cases[1].pk).update(state="withdrawn")
    with pytest.raises(Refused, match="已撤回"):
        services.send(bulletin=bulletin, units=[work.unit("rsj")], by=dispatcher)


def test_the_document_in_word_says_what_the_page_says(work, dispatcher, leader, two_cases):
    bulletin = sent(work, dispatcher, leader)
    text = paper_of(bulletin).as_text()
    for words in (
        "区", bulletin.number, bulletin.title, "一、总体情况", "共收到企业诉求3件", "八、共性问题和政策改进", "十、存在问题",
        "（一）正面典型：一周帮企业招工二十人", "2026年11月2日", "个别单位签收不及时。",
    ):  # fmt: skip
        assert words in text
    rows = docx.Document(BytesIO(paper_of(bulletin).as_docx())).tables[0].rows
    assert [cell.text for cell in rows[0].cells][:3] == ["名次", "单位", "按时办结率"]


# --- Editing --------------------------------------------------------------------------------------


def test_a_number_changed_by_hand_is_shown_with_what_the_system_counted(work, dispatcher):
    work.registered("datong", "2026-10-12 10:00")
    bulletin = drafted(work, dispatcher)
    section = services.section_of(bulletin, "overview")
    text = text_of(bulletin, "overview").replace("诉求1件", "诉求8件")
    bulletin = services.edit(
        bulletin=bulletin,
        code="overview",
        version=section["version"],
        by=dispatcher,
        heading="总体情况",
        text=text,
    )
    change = read(bulletin).changes[0]
    assert (change.heading, change.label, change.shown, change.counted) == ("总体情况", "收到诉求", "8", "1")


def test_two_who_edit_the_same_section_do_not_overwrite_each_other(work, dispatcher, leader):
    bulletin = drafted(work, dispatcher)
    version = services.section_of(bulletin, "problems")["version"]
    services.edit(
        bulletin=bulletin,
        code="problems",
        version=version,
        by=dispatcher,
        heading="存在问题",
        text="先写的。",
    )
    with pytest.raises(services.Outdated):
        services.edit(
            bulletin=bulletin,
            code="problems",
            version=version,
            by=leader,
            heading="存在问题",
            text="后写的。",
        )
    # Another section is nobody's conflict.
    services.edit(bulletin=bulletin, code="next", version=1, by=leader, heading="下步工作", text="抓落实。")
    bulletin.refresh_from_db()
    assert (text_of(bulletin, "problems"), text_of(bulletin, "next")) == ("先写的。", "抓落实。")


# --- Signing --------------------------------------------------------------------------------------


def test_an_empty_section_stops_it_until_written_or_removed(work, dispatcher):
    bulletin = drafted(work, dispatcher)
    with pytest.raises(Refused, match="“存在问题”、“下步工作”还是空的"):
        services.submit(bulletin=bulletin, by=dispatcher)
    for code in ("problems", "next"):
        version = services.section_of(bulletin, code)["version"]
        bulletin = services.set_removed(
            bulletin=bulletin, code=code, version=version, by=dispatcher, removed=True
        )
    services.submit(bulletin=bulletin, by=dispatcher)
    assert [s.name for s in read(bulletin).removed] == ["正反典型案例", "存在问题", "下步工作"]


def test_nobody_signs_what_they_drafted(work, leader):
    bulletin = written(drafted(work, leader), leader)
    services.submit(bulletin=bulletin, by=leader)
    with pytest.raises(Refused, match="另一位负责人"):
        services.approve(bulletin=bulletin, by=leader)


def test_only_the_bureaus_leader_signs(work, dispatcher):
    bulletin = written(drafted(work, dispatcher), dispatcher)
    services.submit(bulletin=bulletin, by=dispatcher)
    second = factories.user(work.unit("kjj"), Role.DISPATCHER, username="second")
    for user in (
        dispatcher,
        second,
        work.user("rsj", Role.UNIT_LEADER),
        work.user("qzfb", Role.DISTRICT_LEADER),
    ):
        with pytest.raises(PermissionDenied):
            services.approve(bulletin=bulletin, by=user)


def test_numbers_follow_each_other_through_the_year_of_signing(work, dispatcher, leader):
    numbers = []
    for at, month in (("2026-11-02", 10), ("2026-12-01", 11), ("2027-01-04", 12)):
        with clock.at(moment(f"{at} 09:00")):
            bulletin = drafting.draft(district=work.district, month=Month(2026, month), by=dispatcher)
            services.submit(bulletin=written(bulletin, dispatcher), by=dispatcher)
            numbers.append(services.approve(bulletin=bulletin, by=leader).number[-8:])
    assert numbers == ["〔2026〕1号", "〔2026〕2号", "〔2027〕1号"]


def test_what_was_sent_back_goes_round_again(work, dispatcher, leader):
    bulletin = written(drafted(work, dispatcher), dispatcher)
    services.submit(bulletin=bulletin, by=dispatcher)
    services.send_back(bulletin=bulletin, reason="问题写具体些", by=leader)
    notice = Notice.objects.get(recipient=dispatcher, title__startswith="通报退回修改")
    assert "问题写具体些" in notice.body
    services.submit(bulletin=bulletin, by=dispatcher)
    assert services.approve(bulletin=bulletin, by=leader).state == "approved"


# --- Frozen ---------------------------------------------------------------------------------------


def test_what_was_signed_stays_as_it_is_a_year_later(work, dispatcher, leader):
    appeals = in_october(work, 3)
    bulletin = sent(work, dispatcher, leader)
    before = (bulletin.sections, bulletin.figures)
    ids = [part.ids for part in parts_of(bulletin, bulletin.figures["received"])]
    with clock.at(moment("2027-11-02 09:00")):
        work.registered("datong", "2026-10-20 10:00")  # entered for October, a year later
        Deadline.objects.filter(appeal=appeals[0]).update(verdict=Deadline.Verdict.LATE)
        Unit.objects.filter(code="rsj").update(short_name="区人力资源局")
        with pytest.raises(Refused):
            drafting.refresh(bulletin=bulletin, by=dispatcher)
        with pytest.raises(Refused):
            services.edit(bulletin=bulletin, code="next", version=2, by=dispatcher, heading="x", text="改")
        again = Bulletin.objects.get(pk=bulletin.pk)
        assert (again.sections, again.figures) == before
        assert [part.ids for part in parts_of(again, again.figures["received"])] == ids


def test_a_correction_is_a_new_bulletin_that_names_the_old_one(work, dispatcher, leader):
    first = sent(work, dispatcher, leader)
    second = drafting.correction_of(first, dispatcher)
    with pytest.raises(Refused, match="已经在起草"):
        drafting.correction_of(first, dispatcher)
    first.refresh_from_db()
    assert not first.superseded
    services.submit(bulletin=written(second, dispatcher), by=dispatcher)
    second = services.approve(bulletin=second, by=leader)
    services.send(bulletin=second, units=[work.unit("rsj")], by=dispatcher)
    assert list(Bulletin.objects.in_force()) == [second]
    services.withdraw(bulletin=second, reason="更正有误", by=leader)
    assert list(Bulletin.objects.in_force()) == [first]


# --- Sending --------------------------------------------------------------------------------------


def test_it_is_sent_once_to_liaisons_and_leaders_who_say_they_have_read_it(work, dispatcher, leader):
    reader, chief = work.user("rsj"), work.user("rsj", Role.UNIT_LEADER)
    bulletin = sent(work, dispatcher, leader, "rsj", "fgw")
    assert services.send(bulletin=bulletin, units=[work.unit("czj")], by=dispatcher) is False
    assert bulletin.recipients.count() == 2
    for user in (reader, chief):
        assert Notice.objects.filter(recipient=user, title=f"{bulletin.number}已印发，请阅").count() == 1
    assert services.mark_read(bulletin=bulletin, by=reader) is True
    assert services.mark_read(bulletin=bulletin, by=chief) is False
    assert bulletin.recipients.get(unit=work.unit("rsj")).read_by == reader
    with pytest.raises(PermissionDenied):
        services.mark_read(bulletin=bulletin, by=work.user("czj"))


def test_only_what_was_signed_is_sent(work, dispatcher):
    bulletin = written(drafted(work, dispatcher), dispatcher)
    with pytest.raises(Refused, match="签发后才能印发"):
        services.send(bulletin=bulletin, units=[work.unit("rsj")], by=dispatcher)


def test_a_withdrawn_one_tells_why_and_only_the_leader_withdraws_what_was_signed(work, dispatcher, leader):
    reader = work.user("rsj")
    bulletin = sent(work, dispatcher, leader)
    with pytest.raises(PermissionDenied):
        services.withdraw(bulletin=bulletin, reason="有误", by=dispatcher)
    services.withdraw(bulletin=bulletin, reason="数字有误", by=leader)
    assert "数字有误" in Notice.objects.get(recipient=reader, title__endswith="已撤回").body


def test_who_sees_what(work, dispatcher, leader):
    people = {
        "bureau": dispatcher,
        "supervisor": work.user("jwdc", Role.SUPERVISOR),
        "district": work.user("qzfb", Role.DISTRICT_LEADER),
        "addressed": work.user("rsj"),
        "other": work.user("czj"),
        "cadre": work.user("rsj", Role.CADRE),
        "admin": work.user("kjj", Role.ADMIN),
        "foreigner": factories.user(
            factories.unit(factories.another_district(work.district)), Role.DISPATCHER, username="foreigner"
        ),
    }

    def readers() -> set[str]:
        return {name for name, user in people.items() if Bulletin.objects.visible_to(user).exists()}

    bulletin = written(drafted(work, dispatcher), dispatcher)
    assert readers() == {"bureau"}
    services.submit(bulletin=bulletin, by=dispatcher)
    assert readers() == {"bureau"}
    bulletin = services.approve(bulletin=bulletin, by=leader)
    assert readers() == {"bureau", "supervisor", "district"}
    services.send(bulletin=bulletin, units=[work.unit("rsj")], by=dispatcher)
    assert readers() == {"bureau", "supervisor", "district", "addressed"}
