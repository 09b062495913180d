"""The profile's section about kinds of problems: old profiles load, unknown codes are refused in Chinese."""

import pytest

from districts.models import DistrictProfile
from districts.profile import Rules
from districts.schema import ProfileError, validated


@pytest.fixture
def data(district) -> dict:
    return DistrictProfile.objects.in_force(district).rules.model_dump(mode="json")


def test_a_profile_without_the_section_has_usual_numbers(data):
    del data["clusters"]
    section = validated(Rules, data).clusters
    assert (section.months, section.least, section.likeness, section.categories) == (12, 3, 0.12, ())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"categories": ["magic"]}, "magic 在 categories 中找不到"),
        ({"talk_kind": "magic"}, "在 events.kinds 中找不到"),
    ],
)
def test_unknown_codes_are_refused(data, wrong, said):
    with pytest.raises(ProfileError, match=said):
        validated(Rules, data | {"clusters": wrong})
