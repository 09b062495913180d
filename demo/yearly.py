"""包联企业信息库 of the demo: what the firms above scale made, sold and aim at, over the last three years."""

from decimal import Decimal
from random import Random
from typing import Any

from demo.world import World
from enterprises.models import Enterprise, SizeClass, Tier
from enterprises.yearly import record_year

KNOWN = 0.7
"""Of the firms above scale; about the others the cadres have still to ask."""
SALES = {SizeClass.LARGE: (60_000, 240_000), SizeClass.MEDIUM: (18_000, 60_000)}
SMALLER = (2_500, 18_000)
TECHNOLOGY = (
    "高精度轧制与退火工艺",
    "自动化产线与在线检测",
    "与高校联合研发的配方",
    "成熟工艺，正在申报发明专利",
    "",
)
STANDING = ("省内同行前十", "本市同行骨干企业", "长三角主要配套商", "本地配套为主")
TARGETS = (
    "销售额增长一成以上，新增一条产线",
    "稳住现有订单，降本增效",
    "完成技改验收，开拓外省市场",
    "申报高新技术企业",
)
MEASURES = ("实施设备更新", "扩充销售队伍，参加行业展会", "与职校合作培养技工", "申报贴息贷款补充流动资金")


def fill_years(world: World) -> None:
    """By the dispatcher, from the forms the cadres brought back; the latest year has the aims."""
    by, last = world.people["dispatcher"], world.today.year - 1
    for firm in world.firms:
        rng = world.rng("years", firm.credit_code)
        if firm.tier != Tier.ABOVE_SCALE or rng.random() > KNOWN:
            continue
        least, most = SALES.get(SizeClass(firm.size_class), SMALLER) if firm.size_class else SMALLER
        sales = rng.randint(least, most)
        for year in (last - 2, last - 1, last):
            sales = int(sales * rng.uniform(0.9, 1.18))
            record_year(
                by=by, enterprise=firm, year=year, facts=_facts(rng, firm, sales, latest=year == last)
            )


def _facts(rng: Random, firm: Enterprise, sales: int, *, latest: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "products": firm.main_products,
        "sales": Decimal(sales),
        "tax": Decimal(round(sales * rng.uniform(0.018, 0.045))),
        "employees": max(20, sales // rng.randint(90, 160)),
    }
    if latest:
        facts |= {
            "capacity": f"设计产能的{rng.randint(62, 98)}%",
            "technology": rng.choice(TECHNOLOGY),
            "market_share": f"省内约{rng.randint(2, 25)}%",
            "standing": rng.choice(STANDING),
            "target": rng.choice(TARGETS),
            "measures": rng.choice(MEASURES),
        }
    return facts
