"""The yearly sheet: from a year of work to points, by hand, given to the units, objected to, frozen."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Role
from appeals.models import Appeal, Deadline
from core import clock
from districts.models import DistrictProfile
from notifications.models import Notice
from reports.assessments import services
from reports.assessments.reading import sheet_of
from reports.bulletins import drafting
from reports.bulletins import services as bulletins
from reports.bulletins.counted import Month, unknown_names
from reports.models import Assessment, AssessmentAdjustment, AssessmentLine, AssessmentScore, Bulletin
from reports.services import Refused
from tests import factories
from tests.appeals.lives import Cast
from tests.appeals.test_races import at_once, kinds
from tests.reports.work import Work, moment

pytestmark = pytest.mark.django_db
LATE = Deadline.Verdict.LATE


@pytest.fixture(autouse=True)
def december():
    with clock.at(moment("2026-12-15 09:00")):
        yield


@pytest.fixture
def dispatcher(work):
    return work.user("kjj", Role.DISPATCHER)


@pytest.fixture
def leader(work):
    return work.user("kjj", Role.BUREAU_LEADER)


def weighed(work, *items: dict, **more) -> None:
    """Another district's items and weights, as data."""
    data = DistrictProfile.objects.in_force(work.district).rules.model_dump(mode="json")
    data["assessment"] |= {"items": list(items), **more}
    latest = DistrictProfile.objects.filter(district=work.district).count()
    DistrictProfile.objects.create(district=work.district, effective_from=date(2026, 11, latest), data=data)


def item(code: str, weight: float, **fields) -> dict:
    linear = {"kind": "linear", "floor": 60, "target": 95}
    return {"code": code, "label": code, "weight": weight, "source": "rate", "rule": linear} | fields


def due(work, month: int, whole: int, late: int, code: str = "rsj", **fields) -> list[Appeal]:
    """So many answers due in a month, the first of them late."""
    appeals = [work.answered(f"2026-{month:02d}-10 {9 + n // 60:02d}:{n % 60:02d}") for n in range(whole)]
    clocks = Deadline.objects.filter(appeal__in=appeals, kind="handle")
    clocks.update(due_at=moment(f"2026-{month:02d}-20 17:30"), owner=work.unit(code))
    clocks.filter(appeal__in=appeals[:late]).update(verdict=LATE)
    if fields:
        Appeal.objects.filter(pk__in=[appeal.pk for appeal in appeals]).update(**fields)
    return appeals


def send_bulletin(work, month: int, dispatcher, leader) -> Bulletin:
    at = f"2026-{month + 1:02d}-10 09:00"
    with clock.at(moment(at)):
        bulletin = drafting.draft(district=work.district, month=Month(2026, month), by=dispatcher)
        for code in ("problems", "next"):
            bulletin = bulletins.set_removed(
                bulletin=bulletin, code=code, version=1, by=dispatcher, removed=True
            )
        bulletins.submit(bulletin=bulletin, by=dispatcher)
        bulletin = bulletins.approve(bulletin=bulletin, by=leader)
        bulletins.send(bulletin=bulletin, units=[work.unit("rsj")], by=dispatcher)
    return bulletin


def line_of(assessment: Assessment, work, code: str = "rsj") -> AssessmentLine:
    return assessment.lines.get(unit=work.unit(code))


def score_of(assessment: Assessment, work, item: str, code: str = "rsj") -> AssessmentScore:
    return AssessmentScore.objects.get(line=line_of(assessment, work, code), item=item)


# --- From work to points --------------------------------------------------------------------------


def test_a_rate_of_the_year_becomes_points_and_opens_its_records(work, dispatcher):
    weighed(work, item("on_time", 100))
    appeals = due(work, 8, 12, 3)
    assessment = services.start(district=work.district, year=2026, by=dispatcher)
    score = score_of(assessment, work, "on_time")
    assert (score.numerator, score.denominator, score.value) == (9, 12, 75)
    assert score.points == Decimal("42.86")  # (75 - 60) / 35 × 100
    due_ids = Deadline.objects.filter(appeal__in=appeals, kind="handle").values_list("pk", flat=True)
    assert set(score.evidence["handle_due"]) == set(due_ids)
    assert len(score.evidence["handle_met"]) == 9


def test_bulletins_count_as_they_were_sent_whatever_happened_since(work, dispatcher, leader):
    weighed(work, item("bulletins", 100, source="bulletins", min_cases=10))
    due(work, 8, 4, 0)
    september = due(work, 9, 8, 4)
    first, second = (send_bulletin(work, month, dispatcher, leader) for month in (8, 9))
    Deadline.objects.filter(appeal__in=september, kind="handle").update(verdict=LATE)
    due(work, 10, 5, 5)  # never told in a bulletin
    assessment = services.start(district=work.district, year=2026, by=dispatcher)
    score = score_of(assessment, work, "bulletins")
    assert score.value == 75  # (100 + 50) / 2
    assert [month["bulletin"] for month in score.months] == [first.pk, second.pk]
    assert (score.numerator, score.denominator) == (8, 12)


def test_a_corrected_bulletin_counts_instead_of_the_one_it_replaces(work, dispatcher, leader):
    weighed(work, item("bulletins", 100, source="bulletins"))
    appeals = due(work, 8, 10, 0)
    wrong = send_bulletin(work, 8, dispatcher, leader)
    Deadline.objects.filter(appeal__in=appeals[:5], kind="handle").update(verdict=LATE)
    right = drafting.correction_of(wrong, dispatcher)
    for code in ("problems", "next"):
        right = bulletins.set_removed(bulletin=right, code=code, version=1, by=dispatcher, removed=True)
    bulletins.submit(bulletin=right, by=dispatcher)
    right = bulletins.approve(bulletin=right, by=leader)
    bulletins.send(bulletin=right, units=[work.unit("rsj")], by=dispatcher)
    score = score_of(services.start(district=work.district, year=2026, by=dispatcher), work, "bulletins")
    assert (score.value, [month["bulletin"] for month in score.months]) == (50, [right.pk])


def test_the_provincial_platform_counts_what_has_its_number_alone(work, dispatcher):
    weighed(work, item("platform", 100, source="platform", min_cases=5))
    due(work, 8, 10, 10)
    for n, appeal in enumerate(due(work, 9, 6, 1)):
        Appeal.objects.filter(pk=appeal.pk).update(provincial_number=f"AH{n}")
    score = score_of(services.start(district=work.district, year=2026, by=dispatcher), work, "platform")
    assert (score.numerator, score.denominator) == (5, 6)


def test_other_years_and_other_units_do_not_count(work, dispatcher):
    weighed(work, item("on_time", 100))
    due(work, 8, 10, 0)
    due(work, 9, 11, 11, code="fgw")
    with clock.at(moment("2027-02-01 09:00")):
        assessment = services.start(district=work.district, year=2027, by=dispatcher)
        assert score_of(assessment, work, "on_time").denominator == 0
    assessment = services.start(district=work.district, year=2026, by=dispatcher)
    assert score_of(assessment, work, "on_time").points == 100
    assert score_of(assessment, work, "on_time", "fgw").points == 0


def test_units_with_too_few_cases_are_not_ranked_and_stand_below(work, dispatcher):
    weighed(work, item("on_time", 50), item("satisfied", 50, source="satisfaction"), ranked_from=60)
    due(work, 8, 10, 0)
    due(work, 9, 12, 0, code="fgw")
    assessment = services.start(district=work.district, year=2026, by=dispatcher)
    line = line_of(assessment, work)
    # Nobody was asked whether they are satisfied: the other item carries all points, but half is too little.
    assert (line.total, line.rank) == (100, None)
    assert score_of(assessment, work, "on_time").weight == 100
    row = next(row for row in sheet_of(assessment, dispatcher).rows if row.line.pk == line.pk)
    assert row.note == "“satisfied”件数少，不计分；不排名"
    weighed(work, item("on_time", 50), item("satisfied", 50, source="satisfaction"), ranked_from=50)
    services.recount(assessment=assessment, by=dispatcher)
    assert (line_of(assessment, work).rank, line_of(assessment, work, "fgw").rank) == (1, 1)


def test_the_plans_own_items_are_the_default(work):
    items = DistrictProfile.objects.in_force(work.district).rules.assessment.items
    assert [(one.source, one.weight) for one in items] == [
        ("bulletins", 40), ("satisfaction", 30), ("platform", 30),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"rate": "on_tyme_rate"}, "没有比率 on_tyme_rate"),
        ({"rate": "redo_rate"}, "满分值应小于起分值"),
        ({"rate": "mean_days", "rule": {"kind": "deduction", "per_case": 1}}, "不能按件扣分"),
    ],
)
def test_a_profile_that_cannot_be_counted_is_refused(work, dispatcher, fields, reason):
    weighed(work, item("a", 100, **fields))
    rules = DistrictProfile.objects.in_force(work.district).rules
    assert reason in unknown_names(rules)[0]
    with pytest.raises(Refused, match=reason):
        services.start(district=work.district, year=2026, by=dispatcher)


def test_counting_asks_as_much_for_many_cases_as_for_few(work, dispatcher):
    due(work, 8, 1, 0)
    assessment = services.start(district=work.district, year=2026, by=dispatcher)
    with CaptureQueriesContext(connection) as few:
        services.recount(assessment=assessment, by=dispatcher)
    for code in ("fgw", "czj", "nyj"):
        due(work, 9, 3, 1, code=code)
    with CaptureQueriesContext(connection) as many:
        services.recount(assessment=assessment, by=dispatcher)
    assert len(many) <= len(few) + 1


# --- By hand --------------------------------------------------------------------------------------


@pytest.fixture
def counted(work, dispatcher) -> Assessment:
    weighed(work, item("on_time", 100))
    due(work, 8, 10, 2)
    return services.start(district=work.district, year=2026, by=dispatcher)


def test_adjusted_points_stand_beside_the_computed_ones_also_after_counting_again(work, dispatcher, counted):
    score = score_of(counted, work, "on_time")
    services.adjust(score=score, points=Decimal(70), reason="市级审批耗时，经会议研究", by=dispatcher)
    due(work, 9, 2, 0)
    services.recount(assessment=counted, by=dispatcher)
    score.refresh_from_db()
    assert (score.points, score.computed) == (70, Decimal("66.66"))
    assert line_of(counted, work).total == 70
    services.adjust(score=score, points=None, reason="恢复", by=dispatcher)
    assert line_of(counted, work).total == Decimal("66.66")
    assert AssessmentAdjustment.objects.count() == 2


@pytest.mark.parametrize("points", ["-1", "100.01"])
def test_points_stay_within_the_weight(work, dispatcher, counted, points):
    with pytest.raises(Refused):
        services.adjust(
            score=score_of(counted, work, "on_time"), points=Decimal(points), reason="x", by=dispatcher
        )


def test_the_adjusting_page_says_what_is_wrong_next_to_the_field(client, work, dispatcher, counted):
    client.force_login(dispatcher)
    rsj = work.unit("rsj").pk
    url = reverse("reports:assessment_adjust", args=[counted.pk, rsj, "on_time"])
    for data in (
        {"points": "101", "reason": "x"},
        {"points": "x", "reason": "x"},
        {"points": "5", "reason": ""},
    ):
        assert client.post(url, data).status_code == 422
    form = {"points": "80", "reason": "会议研究", "token": "t" * 20}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    assert AssessmentAdjustment.objects.count() == 1


# --- With the units -------------------------------------------------------------------------------


def test_a_unit_sees_its_own_line_once_it_was_given_out(client, work, dispatcher, counted):
    own, other = work.unit("rsj").pk, work.unit("fgw").pk
    sheet, unit = (
        reverse("reports:assessment", args=[counted.pk]),
        reverse("reports:assessment_unit", args=[counted.pk, own]),
    )
    reader = work.user("rsj")
    client.force_login(reader)
    assert client.get(sheet).status_code == client.get(unit).status_code == 404
    services.show(assessment=counted, by=dispatcher)
    assert Notice.objects.filter(recipient=reader, title__startswith="请核对本单位").count() == 1
    page = client.get(sheet).content.decode()
    assert work.unit("rsj").short_name in page and work.unit("fgw").short_name not in page.split("<main")[1]
    assert "按时办结率＝按时办结件次 8 ÷ 应办结件次 10＝80%" in client.get(unit).content.decode()
    assert client.get(reverse("reports:assessment_unit", args=[counted.pk, other])).status_code == 404
    rows = list(load_workbook(io.BytesIO(client.get(f"{sheet}download/").content)).worksheets[0].values)
    assert [row[1] for row in rows[3:]] == [work.unit("rsj").short_name]


def test_a_unit_objects_within_the_period_and_is_answered(client, work, dispatcher, leader, counted):
    reader = work.user("rsj")
    line = line_of(counted, work)
    with pytest.raises(Refused, match="不在核对期"):
        services.object_to(line=line, reason="x", by=reader)
    services.show(assessment=counted, by=dispatcher)
    client.force_login(reader)
    post = reverse("reports:assessment_object", args=[counted.pk, line.unit_id])
    assert client.post(post, {"text": ""}).status_code == 422
    assert client.post(post, {"text": "第 3 件应计为按时。"}).status_code == 302
    assert client.post(post, {"text": "再说一次。"}).status_code == 409
    with clock.at(moment("2026-12-28 09:00")), pytest.raises(Refused, match="异议还没有答复"):
        services.confirm(assessment=counted, by=leader)
    client.force_login(dispatcher)
    reply = reverse("reports:assessment_answer", args=[counted.pk, line.unit_id])
    assert client.post(reply, {"text": "经核实维持原得分。"}).status_code == 302
    assert client.post(reply, {"text": "经核实维持原得分。"}).status_code == 409
    assert Notice.objects.filter(recipient=reader, title__contains="异议的答复").count() == 1


@pytest.mark.parametrize(("at", "in_time"), [("2026-12-22 23:00", True), ("2026-12-23 00:30", False)])
def test_objections_end_with_the_last_working_day(work, dispatcher, counted, at, in_time):
    """Five working days from Tuesday the 15th: the 22nd."""
    services.show(assessment=counted, by=dispatcher)
    reader = work.user("rsj")
    with clock.at(moment(at)):
        if in_time:
            services.object_to(line=line_of(counted, work), reason="有误", by=reader)
        else:
            with pytest.raises(Refused, match="核对期已于"):
                services.object_to(line=line_of(counted, work), reason="有误", by=reader)


def test_only_the_units_own_people_object(work, dispatcher, counted):
    services.show(assessment=counted, by=dispatcher)
    for user in (work.user("fgw"), work.user("rsj", Role.CADRE), dispatcher):
        with pytest.raises(PermissionDenied):
            services.object_to(line=line_of(counted, work), reason="x", by=user)


# --- The end --------------------------------------------------------------------------------------


def test_it_is_confirmed_after_the_period_by_the_leader_who_did_not_count_it(
    work, dispatcher, leader, counted
):
    with pytest.raises(Refused, match="核对后才能审定"):
        services.confirm(assessment=counted, by=leader)
    services.show(assessment=counted, by=dispatcher)
    with pytest.raises(Refused, match="核对期到"):
        services.confirm(assessment=counted, by=leader)
    with clock.at(moment("2026-12-28 09:00")):
        with pytest.raises(PermissionDenied):
            services.confirm(assessment=counted, by=dispatcher)
        assert services.confirm(assessment=counted, by=leader).is_confirmed


def test_nobody_confirms_what_they_counted_and_not_before_the_year_ends(work, leader):
    weighed(work, item("on_time", 100))
    with clock.at(moment("2026-09-01 09:00")):
        assessment = services.start(district=work.district, year=2026, by=work.user("kjj", Role.DISPATCHER))
        services.show(assessment=assessment, by=leader)
    with clock.at(moment("2026-11-20 09:00")), pytest.raises(Refused, match="12 月起"):
        services.confirm(assessment=assessment, by=leader)
    with clock.at(moment("2026-12-20 09:00")):
        Assessment.objects.update(counted_by=leader)
        with pytest.raises(Refused, match="另一位负责人"):
            services.confirm(assessment=assessment, by=leader)


def test_what_was_confirmed_stays_a_year_later_also_under_other_weights(work, dispatcher, leader, counted):
    services.show(assessment=counted, by=dispatcher)
    with clock.at(moment("2026-12-28 09:00")):
        services.confirm(assessment=counted, by=leader)
    counted.refresh_from_db()
    before = list(AssessmentScore.objects.order_by("pk").values())
    with clock.at(moment("2027-12-28 09:00")):
        weighed(work, item("on_time", 40), item("redo", 60, rate="redo_rate",
                rule={"kind": "deduction", "per_case": 1}))  # fmt: skip
        Deadline.objects.update(verdict=LATE)
        score = score_of(counted, work, "on_time")
        for do in (
            lambda: services.recount(assessment=counted, by=dispatcher),
            lambda: services.adjust(score=score, points=Decimal(1), reason="x", by=dispatcher),
            lambda: services.show(assessment=counted, by=dispatcher),
        ):
            with pytest.raises(Refused):
                do()
        assert list(AssessmentScore.objects.order_by("pk").values()) == before
        again = Assessment.objects.get(pk=counted.pk)
        assert [one.code for one in again.rules.items] == ["on_time"]
        assert sheet_of(again, dispatcher).rows[0].line.total == line_of(counted, work).total


def test_who_sees_the_sheet(work, dispatcher, counted):
    people = {
        "bureau": dispatcher,
        "supervisor": work.user("jwdc", Role.SUPERVISOR),
        "district": work.user("qzfb", Role.DISTRICT_LEADER),
        "unit": work.user("rsj"),
        "cadre": work.user("rsj", Role.CADRE),
        "admin": work.user("kjj", Role.ADMIN),
        "foreigner": factories.user(
            factories.unit(factories.another_district(work.district)), Role.DISPATCHER, username="foreigner"
        ),
    }

    def readers() -> set[str]:
        return {name for name, user in people.items() if Assessment.objects.visible_to(user).exists()}

    assert readers() == {"bureau"}
    services.show(assessment=counted, by=dispatcher)
    assert readers() == {"bureau", "supervisor", "district", "unit"}


def test_the_workbook_holds_the_points_and_how_they_were_computed(client, work, dispatcher, counted):
    services.adjust(
        score=score_of(counted, work, "on_time"), points=Decimal(70), reason="=1+1 会议研究", by=dispatcher
    )
    client.force_login(dispatcher)
    answer = client.get(reverse("reports:assessment_download", args=[counted.pk]))
    book = load_workbook(io.BytesIO(answer.content))
    first = next(row for row in book.worksheets[0].values if row[1] == work.unit("rsj").short_name)
    assert first[2:4] == (70, 70) and "有手工调整" in first[4]
    line = next(row for row in book.worksheets[1].values if row[0] == work.unit("rsj").short_name)
    assert line[2:8] == (100, 8, 10, 80, 57.14, 70) and "80－60" in line[8]
    assert line[9].startswith("'=1+1")
    for page in book.worksheets:
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)


def test_every_score_opens_and_the_sheet_asks_as_much_for_many_units_as_for_few(
    client, work, dispatcher, counted, django_assert_max_num_queries
):
    client.force_login(dispatcher)
    with django_assert_max_num_queries(15):
        client.get(reverse("reports:assessment", args=[counted.pk]))
    rsj = work.unit("rsj").pk
    url = reverse("reports:assessment_evidence", args=[counted.pk, rsj, "on_time"])
    for query in ("", "?part=handle_due", "?part=%00&page=x"):
        assert client.get(url + query).status_code == 200
    gone = reverse("reports:assessment_evidence", args=[counted.pk, rsj, "nonsense"])
    assert client.get(gone).status_code == 404


@pytest.mark.parametrize("year", ["", "x", "1999", "9" * 30, "2027"])
def test_a_year_that_cannot_be_is_told_next_to_the_field(client, work, dispatcher, year):
    client.force_login(dispatcher)
    answer = client.post(reverse("reports:assessments"), {"year": year})
    assert answer.status_code == 422 and "id_year_error" in answer.content.decode()


def test_a_double_click_begins_one_year(client, work, dispatcher):
    client.force_login(dispatcher)
    form = {"year": "2026", "token": "t" * 20}
    first, second = (client.post(reverse("reports:assessments"), form) for _ in range(2))
    assert first["Location"] == second["Location"] and Assessment.objects.count() == 1
    assert client.post(reverse("reports:assessments"), {"year": "2026"}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_four_who_confirm_one_does(transactional_db, district):
    work = Work(district, Cast(district))
    dispatcher, leader = work.user("kjj", Role.DISPATCHER), work.user("kjj", Role.BUREAU_LEADER)
    assessment = services.start(district=district, year=2026, by=dispatcher)
    services.show(assessment=assessment, by=dispatcher)

    def confirm() -> object:
        with clock.at(moment("2026-12-28 09:00")):
            return services.confirm(assessment=assessment, by=leader)

    assert kinds(at_once(*[confirm] * 4)) == {"Assessment": 1, "Refused": 3}
