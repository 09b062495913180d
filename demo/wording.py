"""Texts with their blanks filled in, the same in the question and in the answer."""

from random import Random

from demo.data import firms, yeji
from demo.data.matters import Matter
from demo.world import Firm, World
from districts.models import Region
from enterprises.models import Enterprise

PLACES = firms.PLACES | yeji.PLACES
BIG_WAN = (50, 80, 100, 150, 200, 260, 300, 380, 500, 680, 800, 1000)


def blanks(rng: Random, firm: Firm) -> dict[str, str]:
    product = getattr(firm, "main_products", "") or "主导产品"
    return {
        "n": str(rng.randint(6, 38)),
        "m": str(rng.randint(2, 5)),
        "wan": str(rng.choice(BIG_WAN)),
        "mu": str(rng.randint(6, 60)),
        "product": product.split("、")[0],
        "place": rng.choice(PLACES[firm.region.name]),
        "month": rng.choice(("上个月", "年初", "上半年")),
        "day": str(rng.randint(5, 25)),
    }


def is_shop(firm: Firm) -> bool:
    """A 个体工商户 asks other things than a factory."""
    return isinstance(firm, Enterprise) and not any(word in firm.name for word in ("公司", "合作社"))


def matter_for(world: World, rng: Random, firm: Firm, unit: str = "") -> Matter:
    """Something such a firm would ask; of the unit's business, where one is given."""
    matters = world.scene.matters
    fitting = [matter for matter in matters if _fits(matter, firm)]
    of_unit = [matter for matter in fitting if matter.unit == unit]
    if unit and not of_unit:
        of_unit = [matter for matter in matters if matter.unit == unit]
    return rng.choice(of_unit or fitting)


def units_with_matters(world: World) -> frozenset[str]:
    return frozenset(matter.unit for matter in world.scene.matters)


def _fits(matter: Matter, firm: Firm) -> bool:
    if matter.unit == "jkq" and firm.region.level != Region.Level.PARK:
        return False
    return (not matter.industries or firm.industry in matter.industries) and (
        matter.shops or not is_shop(firm)
    )
