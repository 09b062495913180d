"""The leaders' page prints on one A4 sheet, however many units there are."""

import re

import pytest

from accounts.models import Unit
from districts.models import DistrictProfile
from tests.appeals.lives import Cast

pytestmark = pytest.mark.browser
# An A4 sheet less its margins, in CSS pixels.
TEXT_WIDTH = 688


def test_one_sheet_holds_it_all(visit, cast: Cast):
    rules = DistrictProfile.objects.in_force(cast.district).rules
    units = Unit.objects.of_district(cast.district).active().filter(kind__in=rules.handling_unit_kinds)
    for unit in units[:24]:
        appeal = cast.do(cast.submit(), "accept")
        cast.do(appeal, "dispatch", lead_unit=unit.pk)
    Unit.objects.filter(pk__in=units).update(short_name="名称很长的单位办公室")
    page = visit("/reports/statistics/print/?period=year", user=cast.dispatcher)
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    page.emulate_media(media="print")
    page.set_viewport_size({"width": TEXT_WIDTH, "height": 1000})
    hidden = page.evaluate(
        "() => { const all = document.querySelector('.one-page'); return all.scrollHeight - all.clientHeight; }"
    )
    assert hidden <= 0, "nothing is cut off at the foot"
    assert "另有" in page.inner_text(".one-page"), "what found no room is counted"
