"""The toolkit of a visit fits on one A4 sheet, however much is known of the firm."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from appeals.models import Appeal
from core import clock
from enterprises.models import Enterprise, Project
from enterprises.subjects import subject_key
from enterprises.yearly import record_year
from liaisons.models import Assignment, Attendance, ServiceEvent, Visit
from policies.models import Policy
from tests import factories
from tests.appeals.lives import Cast

pytestmark = pytest.mark.browser
# An A4 sheet less its margins, in CSS pixels.
TEXT_WIDTH = 688


def as_long_as_can_be(cast: Cast) -> Enterprise:
    by, district, now = cast.dispatcher, cast.district, clock.now()
    firm = factories.enterprise(
        district, name="铜" * 60, industry="C", address="路" * 200, main_products="产" * 200,
        contact_post="职" * 50, legal_person="钱一", size_class="medium", competent_unit=by.unit,
    )  # fmt: skip
    about = {"district": district, "region": firm.region, "enterprise": firm, "recorded_at": now}
    for number in range(8):
        Policy.objects.create(
            district=district, title="政" * 100, unit=by.unit, industries=["C"], tiers=["small"],
            apply_until=clock.today() + timedelta(number),
        )  # fmt: skip
        Visit.objects.create(
            **about,
            reporting_unit=by.unit,
            kind="visit",
            findings="情" * 500,
            occurred_at=now,
            recorded_by=by,
        )
        Assignment.objects.create(
            **about, official=factories.official(by.unit), unit=by.unit, started=clock.today(), recorded_by=by,
            part="support" if number else "lead",
        )  # fmt: skip
        Project.objects.create(
            name=f"{number}" + "项" * 100, district=district, region=firm.region, owner=firm, created_at=now
        )
        event = ServiceEvent.objects.create(
            district=district, region=firm.region, kind="symposium", title="活" * 80, place="会议室",
            starts_at=now, ends_at=now + timedelta(hours=1), organiser=by.unit, recorded_by=by,
            recorded_at=now,
        )  # fmt: skip
        Attendance.objects.create(event=event, enterprise=firm, recorded_by=by, recorded_at=now)
        facts = {"capacity": "能" * 200, "technology": "术" * 300, "market_share": "额" * 100,
                 "target": "标" * 900, "sales": Decimal("999999999.99"), "tax": Decimal("99999999.99")}  # fmt: skip
        record_year(by=by, enterprise=firm, year=2018 + number, facts=facts)
        cast.register(subject=subject_key(firm), claimed_name="")
    Appeal.objects.update(title="诉" * 80)
    return firm


def test_one_sheet_holds_it_all(visit, cast):
    firm = as_long_as_can_be(cast)
    page = visit(f"/enterprises/{firm.pk}/print/", user=cast.dispatcher)
    sheet = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    page.emulate_media(media="print")
    page.set_viewport_size({"width": TEXT_WIDTH, "height": 1000})
    hidden = page.evaluate(
        "() => { const all = document.querySelector('.one-page'); return all.scrollHeight - all.clientHeight; }"
    )
    assert hidden == 0, "nothing is cut off at the foot"
