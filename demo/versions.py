"""Half-yearly versions of the roster: some townships hand in what they have now; the others still owe it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from core import clock
from core.halves import half_of
from demo.people import mobile
from demo.roster import Registrar, Sheet, small_firm
from demo.world import Story, World, moment_on
from enterprises.models import Enterprise, Tier
from imports import engine
from imports.models import SheetRow

HANDED_IN = 3
"""So many of the townships, in the order of the units, have handed in this half-year's version."""
CHANGED, NEW, GONE = 6, 2, 2


def versions(world: World) -> Iterator[tuple[datetime, Story]]:
    townships = [code for code, unit in world.units.items() if unit.kind == "township"]
    for number, code in enumerate(townships[:HANDED_IN]):
        day = world.calendar.add(clock.local_date(world.start), 22 + 6 * number)
        yield moment_on(day, world.rules.office_hours.start) + timedelta(minutes=75), _hand_in(world, code)


def _hand_in(world: World, code: str) -> Story:
    """Uploaded and checked; looked through and confirmed half an hour later."""
    unit, by = world.units[code], world.people[code]
    rows = _rows(world, code)
    if not rows:
        return
    half = half_of(clock.today())
    name = f"{unit.short_name}{clock.today().year}年企业底册.xlsx"
    found = engine.receive(by=by, kind="enterprises", upload=Sheet("enterprises", rows).file(name), half=half)
    engine.check(found)
    yield clock.now() + timedelta(minutes=30)
    missing = found.rows.filter(outcome=SheetRow.Outcome.GONE)
    engine.approve(sheet_import=found, by=by, rows=list(missing.values_list("pk", flat=True)), approved=True)
    engine.confirm(sheet_import=found, by=by)
    engine.apply(found)


def _rows(world: World, code: str) -> list[dict[str, str]]:
    """What stands on the roster, with some phones changed, two shops closed and two opened."""
    rng = world.rng("version", code)
    region = world.units[code].region
    firms = list(Enterprise.objects.filter(region=region).active().select_related("region").order_by("pk"))
    closed = {
        firm.pk for firm in Enterprise.objects.filter(region=region, tier=Tier.SMALL).uncovered()[:GONE]
    }
    staying = [firm for firm in firms if firm.pk not in closed]
    moved = {firm.pk for firm in rng.sample(staying, min(CHANGED, len(staying)))}
    rows = [
        {
            "name": firm.name,
            "credit_code": firm.credit_code or "",
            "registration_number": firm.registration_number or "",
            "no_code_reason": firm.no_code_reason,
            "tier": firm.get_tier_display(),
            "region": region.name,
            "contact_name": firm.contact_name,
            "contact_phone": mobile(rng, 9000 + firm.pk) if firm.pk in moved else firm.contact_phone,
        }
        for firm in staying
    ]
    registrar = Registrar(rng)
    registrar.names = {firm.name for firm in Enterprise.objects.filter(district=world.district)}
    return rows + [small_firm(registrar) | {"region": region.name, "address": ""} for _ in range(NEW)]
