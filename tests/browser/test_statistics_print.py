"""The statistics on one A4 sheet, also with every unit at work and long names."""

import re
from datetime import timedelta

import pytest

from accounts.models import Unit
from appeals.models import Deadline
from core import clock
from tests import factories
from tests.appeals.lives import Cast

pytestmark = pytest.mark.browser


def test_one_sheet_holds_it_all(visit, district):
    cast = Cast(district)
    for number, unit in enumerate(Unit.objects.filter(district=district).order_by("pk")):
        Unit.objects.filter(pk=unit.pk).update(short_name=f"{number}号名称较长的区直部门")
    handling = Unit.objects.filter(district=district, kind="department").exclude(code="kjj")[:20]
    assert len(handling) == 20
    for unit in handling:
        cast.do(cast.do(cast.register(), "accept"), "dispatch", lead_unit=unit.pk)
    # Three stages late, and more of them: the longest headline there is.
    Deadline.objects.update(due_at=clock.now() - timedelta(days=40), blue_at=clock.now() - timedelta(days=41))
    kinds = ("revisit", "second_revisit", "refusal_level", "assist", "follow_up", "explain")
    for number, deadline in enumerate(Deadline.objects.running().filter(kind="sign")):
        Deadline.objects.filter(pk=deadline.pk).update(kind=kinds[number % len(kinds)])
    leader = factories.user(factories.unit(district, "qzfb"), "district_leader")
    page = visit("/reports/statistics/print/?period=year", user=leader)
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    assert page.locator(".one-page tbody tr").count() == 12 and "另有" in page.inner_text(".one-page")
