"""What is published: few figures, once a quarter, and nothing that leads to a single case."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from districts.models import DistrictProfile
from districts.profile import PublicFigures
from reports import tasks
from reports.models import PublishedFigures
from reports.profile_check import unknown_in
from reports.public_figures import publish_due, suppressed
from tests.reports.work import moment

pytestmark = pytest.mark.django_db


def register(work, number: int, category: str, at: str = "2026-08-03 09:00") -> None:
    for _ in range(number):
        work.registered("datong", at, category=category)


def publish(work, at: str = "2026-10-12 09:00") -> PublishedFigures:
    with clock.at(moment(at)):
        publish_due(work.district)
        return PublishedFigures.objects.get(district=work.district, quarter=date(2026, 7, 1))


def test_a_quarter_is_published_once_it_has_settled_and_stays_as_it_is(work):
    register(work, 12, "labour")
    with clock.at(moment("2026-10-10 09:00")):
        assert date(2026, 7, 1) not in {made.quarter for made in publish_due(work.district)}
    first = publish(work)
    quarters = PublishedFigures.objects.order_by("quarter").values_list("quarter", flat=True)
    assert list(quarters) == [date(2026, 7, 1)], "nobody used the portal before"
    assert first.label == "2026年第三季度"
    register(work, 9, "labour", "2026-08-04 09:00")
    with clock.at(moment("2026-10-13 09:00")):
        tasks.publish_figures()
    assert publish(work).figures == first.figures
    assert next(one["text"] for one in first.figures if one["name"] == "received") == "12件"


def test_what_rests_on_few_cases_is_not_published(work, client):
    register(work, 12, "labour")
    figures = {one["name"]: one["text"] for one in publish(work).figures}
    assert figures["closed"] == "0件"
    assert figures["satisfied_rate"] == figures["mean_days"] == ""
    page = client.get("/340711/figures/").content.decode()
    assert "12件" in page and "件数少，不公布" in page and "2026年第三季度" in page
    assert "分子：" in page


def test_a_small_category_hides_another_so_that_nobody_can_subtract(work, client):
    register(work, 30, "labour")
    register(work, 11, "finance")
    register(work, 4, "land")
    shown = {one["label"]: one["count"] for one in publish(work).categories}
    assert (shown["用工"], shown["融资"], shown["用地"], shown["物流"]) == (30, None, None, 0)


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(0, 60), max_size=12), st.integers(3, 20))
def test_no_hidden_number_follows_from_the_total(counts, minimum):
    shown = suppressed(counts, minimum)
    hidden = {code for code, number in shown.items() if number is None}
    assert all(number is None or number == counts[code] for code, number in shown.items())
    assert all(shown[code] is None for code, number in counts.items() if 0 < number < minimum)
    if hidden and sum(1 for number in counts.values() if number) > len(hidden):
        assert len(hidden) > 1 and sum(counts[code] for code in hidden) >= minimum


def test_the_home_page_shows_the_last_quarter_and_no_unit_is_named(work, client):
    assert "公开数据" not in client.get("/340711/").content.decode()
    register(work, 12, "labour")
    publish(work)
    home = client.get("/340711/").content.decode()
    assert "2026年第三季度公开数据" in home and "/340711/figures/" in home
    page = client.get("/340711/figures/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    assert "大通镇" not in main


def test_the_page_costs_few_queries_and_says_when_there_is_nothing(
    work, client, django_assert_max_num_queries
):
    assert "还没有公布" in client.get("/340711/figures/").content.decode()
    register(work, 12, "labour")
    publish(work)
    with django_assert_max_num_queries(6):
        client.get("/340711/figures/")


def test_a_district_may_publish_nothing_and_an_unknown_name_is_refused(work):
    rules = DistrictProfile.objects.in_force(work.district).rules
    assert unknown_in(rules) == []
    for name in ("nonsense", "effect", "closed_days"):
        wrong = rules.model_copy(update={"public_figures": PublicFigures(names=(name,))})
        assert unknown_in(wrong) == [f"public_figures：没有可公布的指标 {name}"]
    form = rules.form.model_copy(
        update={"rows": (rules.form.rows[0].model_copy(update={"indicator": "closed_days"}),)}
    )
    assert "form 第 1 行" in unknown_in(rules.model_copy(update={"form": form}))[0]
