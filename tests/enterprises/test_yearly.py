"""The information base, year by year."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from core import clock
from enterprises.models import YearlyFacts
from enterprises.yearly import record_year
from liaisons.models import Assignment
from tests import factories


@pytest.fixture
def firm(district):
    return factories.enterprise(district)


def recorded(firm, by, year=2025, **facts) -> YearlyFacts:
    return record_year(by=by, enterprise=firm, year=year, facts=facts or {"sales": Decimal("120.5")})


def test_a_year_is_written_once_and_changed_after(firm, dispatcher):
    recorded(firm, dispatcher, products="铜带", sales=Decimal(100))
    recorded(firm, dispatcher, sales=Decimal(130))
    facts = YearlyFacts.objects.get()
    assert (facts.products, facts.sales) == ("铜带", 130)
    with pytest.raises(ValidationError, match="已有记录"):
        record_year(by=dispatcher, enterprise=firm, year=2025, facts={"tax": 1}, is_new=True)


@pytest.mark.parametrize(
    ("year", "facts", "field"),
    [
        (2025, {"sales": Decimal(-1)}, "sales"),
        (1999, {"sales": Decimal(1)}, "year"),
        (2099, {"sales": Decimal(1)}, "year"),
        (2025, {"products": " ", "employees": None}, "__all__"),
        (2025, {"products": "长" * 201}, "products"),
    ],
)
def test_nonsense_is_refused(firm, dispatcher, year, facts, field):
    with pytest.raises(ValidationError) as refused:
        record_year(by=dispatcher, enterprise=firm, year=year, facts=facts)
    assert field == "__all__" or field in refused.value.message_dict
    assert not YearlyFacts.objects.exists()


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("dispatcher", True), ("liaison", True), ("cadre", False), ("supervisor", False), ("window", False)],
)
def test_who_keeps_the_years(client, district, firm, role, allowed):
    by = factories.user(factories.unit(district), role)
    client.force_login(by)
    assert client.get(reverse("enterprises:yearly", args=[firm.pk])).status_code == 200
    answer = client.get(reverse("enterprises:new_year", args=[firm.pk]))
    assert answer.status_code == (200 if allowed else 403)
    if not allowed:
        with pytest.raises(PermissionDenied):
            recorded(firm, by)


def test_the_cadre_of_the_firm_keeps_them_too(client, district, firm, dispatcher):
    person = factories.official(dispatcher.unit)
    Assignment.objects.create(
        district=district, region=firm.region, official=person, unit=dispatcher.unit, enterprise=firm,
        started=clock.today(), recorded_by=dispatcher, recorded_at=clock.now(),
    )  # fmt: skip
    cadre = factories.user(dispatcher.unit, "cadre", official=person)
    client.force_login(cadre)
    answer = client.post(
        reverse("enterprises:new_year", args=[firm.pk]),
        {"year": "2025", "sales": "100", "target": "增长一成"},
    )
    assert answer["Location"] == reverse("enterprises:yearly", args=[firm.pk])
    assert YearlyFacts.objects.get().target == "增长一成"


def test_the_table_shows_the_years_with_bars_and_figures(client, firm, dispatcher):
    recorded(firm, dispatcher, 2024, sales=Decimal(100), tax=Decimal(8))
    recorded(firm, dispatcher, 2025, sales=Decimal(200), technology="<b>连铸</b>")
    client.force_login(dispatcher)
    page = client.get(reverse("enterprises:yearly", args=[firm.pk])).content.decode()
    assert '<rect width="50"' in page and '<rect width="100"' in page
    assert ">200<" in page and ">8<" in page and "<b>连铸" not in page
    assert page.index("2025年") < page.index("2024年")


def test_the_form_explains_and_keeps_what_was_typed(client, firm, dispatcher):
    recorded(firm, dispatcher)
    client.force_login(dispatcher)
    address = reverse("enterprises:new_year", args=[firm.pk])
    for data in ({"year": "2025", "products": "铜箔"}, {"year": "2024", "sales": "-1", "products": "铜箔"},
                 {"year": "", "products": "铜箔"}, {"year": "2024", "employees": "很多", "products": "铜箔"}):  # fmt: skip
        answer = client.post(address, data)
        assert answer.status_code == 422 and "铜箔" in answer.content.decode()
    assert client.post(address, {}).status_code == 422
    change = reverse("enterprises:change_year", args=[firm.pk, 2025])
    assert "120.50" in client.get(change).content.decode()
    assert client.post(change, {"sales": "130", "employees": "20"}).status_code == 302
    facts = YearlyFacts.objects.get()
    assert (facts.sales, facts.employees) == (130, 20)
    assert client.get(reverse("enterprises:change_year", args=[firm.pk, 2020])).status_code == 404


def test_others_do_not_see_the_years(client, district, firm, dispatcher):
    recorded(firm, dispatcher)
    far = type(dispatcher.unit).objects.filter(region=factories.township(district, "铜山镇")).first()
    client.force_login(factories.user(far, "liaison"))
    for name, args in [("yearly", []), ("new_year", []), ("change_year", [2025])]:
        assert client.get(reverse(f"enterprises:{name}", args=[firm.pk, *args])).status_code == 404
