"""The second district's profile (六安市叶集区): complete, in its plan's words, and where it differs from the first."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from districts.loading import read_profile
from districts.models import DistrictProfile, Region
from districts.profile import ProfileError
from reports.profile_check import unknown_in

FOLDER = Path(settings.BASE_DIR) / "profiles" / "341504"


@pytest.fixture(scope="module")
def profile():
    return read_profile(FOLDER)


def test_it_differs_where_its_plan_does(profile):
    rules = profile.rules
    units = {unit.code: unit for unit in profile.units}
    assert units[rules.lead_bureau].short_name == "区营商办"
    assert rules.gates.instruction_before_dispatch
    assert rules.week.every == "month" and rules.visits.duty_of("above_scale").cadence == "monthly"
    assert rules.form.shows_cumulative and not unknown_in(rules)
    assert [item.source for item in rules.assessment.items] == ["bulletins", "satisfaction", "platform"]


def test_every_unit_that_a_task_list_names_is_there(profile):
    names = {unit.short_name for unit in profile.units}
    assert {"区政府办公室", "区人社局", "区数管局", "区金融监管局", "区工商联", "区司法局", "区委政法委", "经济开发区管委会",
            "易汇担保公司", "市公安局叶集分局", "叶集消防救援大队", "区公共资源交易中心"} <= names  # fmt: skip


def test_every_month_has_the_topic_of_its_talk(profile):
    topics = profile.rules.events.topics
    assert [topic.month for topic in topics] == list(range(1, 13))
    assert {topic.kind for topic in topics} == {"talk"}
    assert all(topic.text and topic.units[0] == "区营商办" for topic in topics)
    assert "亩均论英雄" in topics[8].text and "农业企业" in topics[10].text


def test_every_month_has_the_theme_of_its_visits(profile):
    themes = profile.rules.visits.themes
    assert [theme.month for theme in themes] == list(range(1, 13))
    assert all(theme.text and f"{theme.month}月份" in theme.title for theme in themes)
    assert "金融助企" in themes[2].text and "安全生产" in themes[7].text


def test_no_blank_of_the_scan_and_no_name_of_a_leader_is_left(profile):
    entries = (*profile.rules.events.topics, *profile.rules.visits.themes)
    texts = [text for entry in entries for text in (entry.title, entry.text)]
    assert not [text for text in texts if re.search(r"\s", text)]
    assert "同志" not in "".join(texts) and "领导" not in "".join(texts)


def test_both_districts_share_the_province_and_nothing_else(district: Region, yeji: Region):
    assert Region.objects.filter(name="安徽省").count() == 1
    assert yeji.parent != district.parent and yeji.parent.parent == district.parent.parent
    prefixes = {DistrictProfile.objects.in_force(place).rules.number_prefix for place in (district, yeji)}
    assert prefixes == {"JQ", "YJ"}


def test_a_key_stands_in_one_file_only(tmp_path):
    for file in FOLDER.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with (tmp_path / "visits.toml").open("a", encoding="utf-8") as visits:
        visits.write('\n[visits]\ncadence = "yearly"\n')
    with pytest.raises(ProfileError, match=r"visits\.toml"):
        read_profile(tmp_path)
