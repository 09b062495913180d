"""The grades of a profile: off where it names no field, the plan's words by default, nonsense refused in Chinese."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from districts.grades import Grades
from districts.loading import read_profile
from districts.schema import ProfileError, validated

PROFILES = Path(__file__).resolve().parents[2] / "profiles"
FIELD = {"code": "fire", "label": "消防", "unit": "xfdd"}


def test_without_fields_a_district_does_not_grade():
    assert not Grades().enabled
    assert [grade.label for grade in Grades().ordered] == ["绿标", "黄标", "红标"]
    assert [grade.confirmed for grade in Grades().ordered] == [False, False, True]
    assert [grade.honours for grade in Grades().ordered] == [True, True, False]


def test_yeji_grades_in_four_fields_by_four_organs_gathered_by_the_justice_bureau():
    import tomllib

    content = tomllib.loads((PROFILES / "341504" / "grades.toml").read_text(encoding="utf-8"))
    grades = validated(Grades, content["grades"])
    assert [(field.label, field.unit) for field in grades.fields] == [
        ("生态环境", "sthj"), ("安全生产", "yjj"), ("特种设备", "scjg"), ("消防", "xfdd"),
    ]  # fmt: skip
    assert (grades.gathering_unit, grades.tiers) == ("sfj", ("above_scale",))
    assert grades.season(2027) == (date(2027, 1, 1), date(2027, 3, 31))


def test_only_a_ground_leads_to_a_green_firm():
    grounds = [basis.label for basis in Grades().bases if basis.ground]
    assert grounds[:4] == ["投诉举报", "转办交办案件线索", "大数据监测发现问题", "法律法规另有规定"]
    assert Grades().grade("green").needs_ground and not Grades().grade("yellow").needs_ground


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"fields": [FIELD]}, "gathering_unit"),
        ({"fields": [FIELD, FIELD], "gathering_unit": "sfj"}, "代码 fire 重复"),
        ({"season_from": "04-01", "season_to": "03-31"}, "早于开始日期"),
        ({"season_to": "02-30"}, "不是每年都有的日期"),
        ({"season_from": "1月1日"}, "season_from"),
        ({"objection_days": 0}, "不得小于 1"),
        ({"tiers": ["project"]}, "只能是"),
        ({"colour": "red"}, "不认识的项"),
    ],
)
def test_nonsense_is_refused_in_chinese(data, words):
    with pytest.raises(ProfileError) as error:
        validated(Grades, data, "grades")
    assert words in str(error.value)


def test_the_organs_must_be_units_of_the_district(tmp_path):
    folder = shutil.copytree(PROFILES / "340711", tmp_path / "340711")
    text = (folder / "grades.toml").read_text(encoding="utf-8").replace('"xfjy"', '"nobody"')
    (folder / "grades.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=r"领域 fire 的单位 nobody 在 units.toml 中找不到"):
        read_profile(folder)
    (folder / "grades.toml").unlink()
    assert not read_profile(folder).rules.grades.enabled
