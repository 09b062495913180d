"""[needs] of a profile: defaults for those who say nothing, checked where somebody does, and the two districts' own."""

import tomllib
from pathlib import Path

import pytest

from accounts.models import Unit
from districts.loading import read_profile
from districts.models import DistrictProfile
from districts.needs import Needs
from districts.profile import Rules
from districts.schema import ProfileError, validated

PROFILES = Path(__file__).resolve().parents[2] / "profiles"


def rules_of(district, **changes) -> Rules:
    data = DistrictProfile.objects.in_force(district).rules.model_dump(mode="json", exclude_unset=True)
    return validated(Rules, data | changes)


def test_an_old_profile_still_loads_and_the_lead_bureau_leads(district):
    rules = rules_of(district, needs={})
    assert (rules.jobs_unit, rules.finance_unit) == (rules.lead_bureau, rules.lead_bureau)
    assert (rules.needs.report_day, rules.needs.publish_day, rules.needs.round_months) == (28, 10, 2)
    assert rules.label("trades", "welder") == "焊工" and rules.find("guarantees", "x") is None


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        ({"report_day": 31}, "28"),
        ({"round_months": 5}, "round_months"),
        ({"minimum_group": 1}, "2"),
        ({"trades": [{"code": "a", "label": "甲"}, {"code": "a", "label": "乙"}]}, "代码 a 重复"),
        ({"bank_kinds": ["bank"]}, "needs.bank_kinds 中的类别 bank 在 unit_kinds 中找不到"),
        ({"jobsunit": "rsj"}, "jobsunit"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(district, needs, words):
    with pytest.raises(ProfileError) as error:
        rules_of(district, needs=needs)
    assert words in str(error.value)


def test_the_leading_units_exist(tmp_path):
    for name in (PROFILES / "340711").iterdir():
        (tmp_path / name.name).write_bytes(name.read_bytes())
    (tmp_path / "needs.toml").write_text('[needs]\njobs_unit = "nobody"\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"needs.jobs_unit：单位 nobody 在 units.toml 中找不到"):
        read_profile(tmp_path)


def test_in_the_first_district_the_labour_bureau_leads(district):
    rules = DistrictProfile.objects.in_force(district).rules
    assert Unit.objects.get(district=district, code=rules.jobs_unit).short_name == "区人社局"
    assert rules.finance_unit == rules.lead_bureau


def test_the_second_plans_words_are_its_data():
    content = tomllib.loads((PROFILES / "341504" / "needs.toml").read_text(encoding="utf-8"))
    needs = validated(Needs, content["needs"])
    assert (needs.report_day, needs.publish_day, needs.round_months) == (28, 10, 2)
    assert (needs.jobs_unit, needs.finance_unit) == ("rsj", "jrj") and needs.banks
