"""本月清单: confirmed by the units, looked at, published as looked at, and nobody to be recognised in it."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from campaigns.models import JobOpening, NeedsConfirmation, PublishedNeeds
from campaigns.needs.public_lists import TOO_FEW, Preview, fingerprint, grouped, list_month, still_sought
from campaigns.needs.reminders import missing_units, remind
from campaigns.needs.services.lists import confirm_list, publish_lists, withdraw_lists
from campaigns.needs.services.openings import record_placement, report_opening, withdraw_opening
from campaigns.needs.services.seekers import set_looking
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from notifications.models import Notice
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, TODAY, opening, opening_facts, seeker

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


def rules(district):
    return DistrictProfile.objects.in_force(district).rules


def confirmed(*users) -> None:
    for user in users:
        for kind in NeedsConfirmation.Kind:
            confirm_list(by=user, kind=kind)


def preview(district, month=DECEMBER) -> Preview:
    return Preview.of(district, rules(district), month)


def published(by, district, month=DECEMBER) -> PublishedNeeds:
    return publish_lists(by=by, month=month, seen=fingerprint(preview(district, month)))


# --- Which month ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "month"),
    [
        (date(2026, 11, 1), NOVEMBER),
        (date(2026, 11, 10), NOVEMBER),
        (date(2026, 11, 11), DECEMBER),
        (date(2026, 11, 28), DECEMBER),
        (date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_a_list_confirmed_after_the_publishing_day_is_the_next_months(district, day, month):
    assert list_month(day, rules(district)) == month


def test_confirming_again_renews_the_day_and_counts_what_is_there(cast, firm):
    opening(cast.township_liaison, firm)
    found = confirm_list(by=cast.township_liaison, kind="openings")
    assert (found.month, found.entries) == (DECEMBER, 1)
    with clock.at(NOW + DAY):
        again = confirm_list(by=cast.township_liaison, kind="openings")
    assert again.pk == found.pk and again.confirmed_at == NOW + DAY
    with pytest.raises(ValidationError):
        confirm_list(by=cast.township_liaison, kind="nonsense")
    for part in ("cadre", "window", "supervisor", "admin"):
        with pytest.raises(PermissionDenied):
            confirm_list(by=getattr(cast, part), kind="openings")


# --- What becomes public --------------------------------------------------------------------------


def test_what_is_left_out_is_said_with_its_reason(cast, firm, district):
    township, leading = cast.township_liaison, cast.liaison
    kept = opening(township, firm)
    opening(leading, post="未确认单位的")
    opening(township, firm, post="月底到期的", valid_until=date(2026, 11, 30))
    report_opening(entry=firm, facts=opening_facts(post="企业自报的"))
    record_placement(by=township, opening=kept, persons=2, day=TODAY)
    confirmed(township)
    shown = preview(district)
    assert shown.openings == [
        {
            "opening": kept.pk, "firm": "铜陵晨光机械有限公司", "work": "氩弧焊工", "wanted": 3, "wage": "5000～7000元/月",
            "place": "大通工业园", "requirements": "包食宿", "until": "2027-01-24",
        }
    ]  # fmt: skip
    assert shown.left_out == {
        "岗位：还没有核实": 1,
        "岗位：区人社局本期没有确认": 1,
        "岗位：有效期在清单月份之前结束": 1,
    }


def test_seekers_stand_in_groups_alone(cast, district):
    by, place = cast.township_liaison, cast.township_liaison.unit.region
    for number, hoped in enumerate((4300, 5800, None, 4800), start=1):
        seeker(by, number, wage_hoped=hoped)  # four welders of 35 to 44 in 大通镇
    for number, age in ((11, "under_25"), (12, "from_45"), (13, "from_55")):
        seeker(by, number, age_band=age)  # one each: together large enough, without their age
    seeker(by, 21, trade="clerk", wage_hoped=3000)
    seeker(by, 22, trade="clerk", wage_hoped=3100)
    confirmed(by)
    shown = preview(district)
    assert shown.seekers == [
        {"work": "焊工", "count": 4, "age": "35～44岁", "region": place.name, "wage": "4000～6000元/月"},
        {"work": "焊工", "count": 3, "age": "不限", "region": "全区", "wage": "6000元/月"},
    ]
    assert shown.left_out == {TOO_FEW: 2}


def test_no_line_stands_for_fewer_than_the_minimum_and_none_names_anybody(cast, district):
    """Whatever the mixture."""
    by, words = cast.liaison, []
    places = [make.township(district, name) for name in ("大通镇", "灰河乡", "铜山镇")]
    number = 0
    for trade, age, place, many in (
        ("welder", "from_25", 0, 3), ("welder", "from_25", 1, 2), ("welder", "from_35", 2, 1),
        ("driver", "from_45", 0, 1), ("driver", "from_45", 1, 2), ("", "from_55", 2, 4), ("clerk", "from_55", 2, 2),
    ):  # fmt: skip
        for _ in range(many):
            number += 1
            one = seeker(
                by, number, region=places[place], trade=trade, age_band=age, post="" if trade else "护工"
            )
            words += [one.phone, one.called, one.skills]
    confirmed(by)
    shown = preview(district)
    assert shown.seekers and all(row["count"] >= 3 for row in shown.seekers)
    assert sum(row["count"] for row in shown.seekers) + shown.left_out.get(TOO_FEW, 0) == number
    text = repr([shown.openings, shown.seekers])
    assert not any(word in text for word in words) and "护工" not in text


def test_wages_of_too_few_are_not_told(cast, district):
    seekers = [seeker(cast.liaison, n, wage_hoped=hoped) for n, hoped in ((1, 9000), (2, None), (3, None))]
    lines, left_out = grouped(seekers, rules(district))
    assert (lines[0]["wage"], left_out) == ("面议", 0)


# --- Publishing -----------------------------------------------------------------------------------


def test_the_second_click_publishes_what_was_looked_at_or_nothing(cast, firm, district):
    by = cast.liaison
    first = opening(cast.township_liaison, firm)
    confirmed(cast.township_liaison)
    seen = fingerprint(preview(district))
    second = opening(cast.township_liaison, firm, post="数控车工")
    with pytest.raises(ValidationError, match="又有变化"):
        publish_lists(by=by, month=DECEMBER, seen=seen)
    made = published(by, district)
    assert [row["work"] for row in made.openings] == ["氩弧焊工", "数控车工"]
    with pytest.raises(ValidationError, match="已经发布"):
        published(by, district)
    # Frozen: what changes later does not show.
    record_placement(by=by, opening=first, persons=5, day=TODAY)
    made.refresh_from_db()
    assert len(made.openings) == 2 and second.pk


def test_it_is_published_by_who_leads_for_this_month_or_the_next(cast, firm, district):
    opening(cast.township_liaison, firm)
    confirmed(cast.township_liaison)
    for part in ("township_liaison", "other_liaison", "bureau_leader", "supervisor", "admin"):
        with pytest.raises(PermissionDenied):
            published(getattr(cast, part), district)
    with pytest.raises(ValidationError, match="本月和下月"):
        published(cast.liaison, district, date(2027, 3, 1))
    with pytest.raises(ValidationError, match="没有可以公布"):
        published(cast.liaison, district, NOVEMBER)
    assert published(cast.dispatcher, district).contact["unit"] == "铜陵市郊区人力资源和社会保障局"


def test_what_was_wrong_is_withdrawn_and_published_anew(cast, firm, district):
    opening(cast.township_liaison, firm)
    confirmed(cast.township_liaison)
    made = published(cast.liaison, district)
    with pytest.raises(PermissionDenied):
        withdraw_lists(by=cast.township_liaison, published=made, reason="错")
    with pytest.raises(ValidationError):
        withdraw_lists(by=cast.liaison, published=made, reason="")
    withdraw_lists(by=cast.liaison, published=made, reason="人数写错")
    assert not PublishedNeeds.objects.public().exists()
    with pytest.raises(ValidationError, match="已经撤下"):
        withdraw_lists(by=cast.liaison, published=made, reason="人数写错")
    assert published(cast.liaison, district).pk != made.pk


def test_the_public_page_shows_it_and_no_phone(client, cast, firm, district):
    assert "还没有公布清单" in client.get("/340711/jobs/").content.decode()
    opening(cast.township_liaison, firm)
    confirmed(cast.township_liaison)
    made = published(cast.liaison, district)
    text = client.get("/340711/jobs/").content.decode()
    assert "铜陵晨光机械有限公司" in text and "5000～7000元/月" in text and "2026年12月" in text
    assert "13900001111" not in text and "赵敏" not in text
    withdraw_lists(by=cast.liaison, published=made, reason="人数写错")
    assert "铜陵晨光机械有限公司" not in client.get("/340711/jobs/").content.decode()


# --- Reminders ------------------------------------------------------------------------------------


def test_townships_are_reminded_of_the_28th_and_the_leading_unit_of_who_is_missing(cast, firm, district):
    liaison, leading = cast.township_liaison, cast.liaison
    opening(liaison, firm)
    huihe = make.user(make.unit(district, "huihe"), "liaison")
    remind(district)  # the 25th
    confirmed(liaison)
    for day in (26, 28, 28, 30):
        with clock.at(datetime(2026, 11, day, 9, 0, tzinfo=SHANGHAI)):
            remind(district)
    of = Notice.objects.filter(channel="inbox", key__startswith="needs-list:")
    assert of.filter(recipient=liaison).count() == 1  # before it had confirmed
    assert of.filter(recipient=huihe).count() == 3
    missing = Notice.objects.get(channel="inbox", recipient=leading, key__startswith="needs-list-missing:")
    assert "没有确认12月清单" in missing.title and "大通镇" not in missing.body and "灰河乡" in missing.body
    assert liaison.unit not in missing_units(district, rules(district), DECEMBER)


def test_the_leading_unit_is_reminded_to_publish_until_it_has(cast, firm, district):
    opening(cast.township_liaison, firm)
    told = Notice.objects.filter(channel="inbox", recipient=cast.liaison, key__startswith="needs-publish:")
    for day in (1, 2, 10, 11):
        with clock.at(datetime(2026, 12, day, 9, 0, tzinfo=SHANGHAI)):
            remind(district)
    assert told.count() == 2
    with clock.at(datetime(2027, 1, 2, 9, 0, tzinfo=SHANGHAI)):
        confirmed(cast.township_liaison)
        published(cast.liaison, district, date(2027, 1, 1))
        remind(district)
    assert told.count() == 2 and JobOpening.objects.current().count() == 1


def test_who_left_is_not_on_the_next_list(cast, district):
    by = cast.township_liaison
    for number in (1, 2, 3):
        one = seeker(by, number)
    confirmed(by)
    assert len(preview(district).seekers) == 1
    set_looking(by=by, seeker=one, looking=False)
    assert preview(district).seekers == []


def test_what_is_taken_back_filled_or_over_is_shown_to_nobody_any_more(client, cast, firm, district):
    by = cast.township_liaison
    rows = {
        post: opening(by, firm, post=post, wanted=2, valid_until=until)
        for post, until in (
            ("甲岗", date(2027, 1, 20)), ("乙岗", date(2027, 1, 20)), ("丙岗", date(2027, 1, 20)),
            ("丁岗", date(2026, 12, 3)),
        )
    }  # fmt: skip
    confirmed(by)
    made = published(cast.liaison, district)
    assert len(made.openings) == 4
    withdraw_opening(by=by, opening=rows["乙岗"], reason="企业不招了")
    record_placement(by=by, opening=rows["丙岗"], persons=2, day=TODAY)
    with clock.at(NOW + 9 * DAY):
        assert [row["work"] for row in still_sought(made)] == ["甲岗"]
        text = client.get(f"/{district.code}/jobs/").content.decode()
    assert "甲岗" in text and "1 个岗位，招 2 人" in text
    assert not any(post in text for post in ("乙岗", "丙岗", "丁岗"))
    # As it was published: a list of before this rule holds no keys.
    made.openings = [{key: value for key, value in row.items() if key != "opening"} for row in made.openings]
    assert len(still_sought(made)) == 4
