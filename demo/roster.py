"""The roster of the demo: written as the sheets an office would upload, and imported like them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from core import clock
from core.xlsx import CONTENT_TYPE, text_workbook
from demo.data import firms as words
from demo.data.people import FIRM_POSTS, SHOP_POSTS
from demo.people import invented_name, mobile
from demo.world import World
from enterprises.models import Enterprise, Industry, Project, SizeClass, Tier
from enterprises.services import change_enterprise
from enterprises.uscc import ALPHABET, check_character
from imports import engine
from imports.kinds import kind_of

ABOVE_SCALE = 241
SMALL = 3802
ADDED_LATER = 2
"""Small firms that are not in the sheets but come onto the roster with their first appeal."""


@dataclass
class Sheet:
    """Rows by column key, on their way into an .xlsx."""

    kind: str
    rows: list[dict[str, str]]

    def file(self, name: str) -> SimpleUploadedFile:
        kind = kind_of(self.kind)
        assert kind is not None
        content = text_workbook(
            title=kind.label,
            headers=[column.title for column in kind.columns],
            rows=[[row.get(column.key, "") for column in kind.columns] for row in self.rows],
        )
        return SimpleUploadedFile(name, content, CONTENT_TYPE)


class Registrar:
    """Gives out names, codes and phones, none of them twice."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.names: set[str] = set()
        self.codes: set[str] = set()
        self.phones = 0

    def credit_code(self, first: str = "91") -> str:
        while True:
            body = f"{first}340711MA" + "".join(self.rng.choices(ALPHABET, k=7))
            code = body + check_character(body)
            if code not in self.codes:
                self.codes.add(code)
                return code

    def brand(self) -> str:
        first = self.rng.choice(words.BRAND_FIRST)
        return first + self.rng.choice([second for second in words.BRAND_SECOND if second != first])

    def name(self, pattern: str) -> str:
        """``pattern`` with a trade name in it that makes it new."""
        while True:
            name = pattern.format(brand=self.brand())
            if name not in self.names:
                self.names.add(name)
                return name

    def contact(self, posts: tuple[str, ...]) -> dict[str, str]:
        self.phones += 1
        post = self.rng.choice(posts)
        return {
            "contact_name": "".join(invented_name(self.rng)),
            "contact_post": post,
            "contact_phone": mobile(self.rng, self.phones + 5000),
        }

    def place(self, weights: dict[str, int]) -> dict[str, str]:
        region = self.rng.choices(list(weights), list(weights.values()))[0]
        where = self.rng.choice(words.PLACES[region])
        number = f"{self.rng.randint(1, 360)}号"
        return {"region": region, "address": f"铜陵市郊区{region.removeprefix('铜陵市郊区')}{where}{number}"}

    def code_of_a_small_one(self, first: str) -> dict[str, str]:
        chance = self.rng.random()
        if chance < 0.010:
            return {"registration_number": f"340711600{self.rng.randint(0, 999999):06d}"}
        if chance < 0.018:
            return {"no_code_reason": self.rng.choice(words.NO_CODE_REASONS)}
        return {"credit_code": self.credit_code(first)}


def _trade(rng: Random, trades: tuple[words.Trade, ...]) -> words.Trade:
    return rng.choices(trades, [trade.weight for trade in trades])[0]


def large_firm(registrar: Registrar) -> dict[str, str]:
    rng = registrar.rng
    trade = _trade(rng, words.LARGE_TRADES)
    ending = rng.choices(("有限公司", "股份有限公司", "有限责任公司"), (18, 2, 3))[0]
    town = rng.choices(("铜陵{brand}", "铜陵市{brand}", "安徽{brand}"), (9, 2, 4))[0]
    legal = "".join(invented_name(rng))
    size = rng.choices((SizeClass.LARGE, SizeClass.MEDIUM, SizeClass.SMALL), (6, 48, 187))[0]
    return {
        "name": registrar.name(f"{town}{rng.choice(trade.words)}{ending}"),
        "credit_code": registrar.credit_code(),
        "tier": Tier.ABOVE_SCALE.label,
        "industry": str(Industry(trade.industry).label),
        "size_class": str(size.label),
        "legal_person": legal,
        "main_products": rng.choice(trade.products),
        **registrar.place(words.LARGE_WEIGHTS),
        **registrar.contact(FIRM_POSTS),
    }


def small_firm(registrar: Registrar) -> dict[str, str]:
    rng = registrar.rng
    place = registrar.place(words.SMALL_WEIGHTS)
    town = place["region"].removeprefix("铜陵市郊区")
    chance = rng.random()
    posts: tuple[str, ...]
    if chance < 0.52:
        trade, first, posts = _trade(rng, words.SMALL_TRADES), "91", FIRM_POSTS
        pattern = f"铜陵{{brand}}{rng.choice(trade.words)}有限公司"
    elif chance < 0.9:
        trade, first, posts = _trade(rng, words.SHOP_TRADES), "92", SHOP_POSTS
        pattern = f"铜陵市郊区{town}{{brand}}{rng.choice(trade.words)}".replace("经济开发区", "")
    else:
        trade, first, posts = _trade(rng, words.COOPERATIVES), "93", ("理事长",)
        pattern = f"铜陵市郊区{{brand}}{rng.choice(trade.words)}专业合作社"
    size = SizeClass.MICRO if first != "91" or rng.random() < 0.6 else SizeClass.SMALL
    return {
        "name": registrar.name(pattern),
        **registrar.code_of_a_small_one(first),
        "tier": Tier.SMALL.label,
        "industry": str(Industry(trade.industry).label),
        "size_class": str(size.label),
        "legal_person": "".join(invented_name(rng)),
        "main_products": rng.choice(trade.products),
        **place,
        **registrar.contact(posts),
    }


def _bad_rows(good: list[dict[str, str]]) -> list[dict[str, str]]:
    """What always happens in such sheets: each is handed back with its reason."""
    first, second, third = (dict(row) for row in good[-3:])
    code = first.get("credit_code", "913407110000000000")
    return [
        first
        | {"name": "铜陵抄错代码商贸有限公司", "credit_code": code[:-1] + ("0" if code[-1] != "0" else "1")},
        second
        | {
            "name": "铜陵镇名写错建材有限公司",
            "credit_code": "",
            "no_code_reason": "补办中",
            "region": "大同镇",
        },
        third
        | {
            "name": "铜陵电话少位农业有限公司",
            "credit_code": "",
            "no_code_reason": "补办中",
            "contact_phone": "1380000123",
        },
    ]


def enterprise_sheets(world: World) -> list[tuple[str, Sheet]]:
    rng = world.rng("roster")
    registrar = Registrar(rng)
    large = [large_firm(registrar) for _ in range(world.times(ABOVE_SCALE))]
    small = [small_firm(registrar) for _ in range(world.times(SMALL) - ADDED_LATER)]
    step = max(1, len(small) // (len(words.ODD_NAMES) + 1))
    for place, (name, industry) in enumerate(words.ODD_NAMES, start=1):
        if place * step < len(small):
            small[place * step] |= {"name": name, "industry": Industry(industry).label}
    kind = "enterprises"
    return [
        ("四上企业底册.xlsx", Sheet(kind, large)),
        ("五经普中小微企业底册.xlsx", Sheet(kind, small + _bad_rows(small))),
    ]


def project_sheet(world: World) -> Sheet:
    rng = world.rng("projects")
    registrar = Registrar(rng)
    registrar.phones = 4900
    builders = list(
        Enterprise.objects.filter(district=world.district, tier=Tier.ABOVE_SCALE, industry="C").order_by("pk")
    )
    rows = []
    for name, investment, stage, industry, _ in words.PROJECTS:
        owner = rng.choice(builders)
        rows.append(
            {
                "name": name,
                "owner_name": owner.name
                if industry == "C"
                else f"铜陵市郊区{registrar.brand()}建设投资有限公司",
                "investment": str(investment),
                "stage": stage,
                "industry": Industry(industry).label,
                "region": owner.region.name,
                "address": owner.address,
                **registrar.contact(("项目经理", "项目负责人")),
            }
        )
    return Sheet("projects", rows)


def fill(world: World, moment: datetime) -> None:
    """Upload, check, confirm and apply each sheet, as the dispatcher would."""
    by = world.people["dispatcher"]
    for name, sheet in enterprise_sheets(world):
        moment = _import(by, name, sheet, moment)
    _import(by, "重点项目底册.xlsx", project_sheet(world), moment)
    _name_competent_units(world, by, moment + timedelta(hours=1))
    load_roster(world)


def _import(by: User, name: str, sheet: Sheet, moment: datetime) -> datetime:
    with clock.at(moment):
        upload = engine.receive(by=by, kind=sheet.kind, upload=sheet.file(name))
    with clock.at(moment + timedelta(minutes=1)):
        engine.check(upload)
    with clock.at(moment + timedelta(minutes=9)):
        engine.confirm(sheet_import=upload, by=by)
        engine.apply(upload)
    return moment + timedelta(minutes=20)


def _name_competent_units(world: World, by: User, moment: datetime) -> None:
    """The sheets do not know the competent units (行业主管部门): the dispatcher adds those of the big firms."""
    by_products = {product: trade.competent for trade in words.LARGE_TRADES for product in trade.products}
    with clock.at(moment):
        for firm in Enterprise.objects.filter(district=world.district, tier=Tier.ABOVE_SCALE).order_by("pk"):
            unit = world.units[by_products[firm.main_products]]
            change_enterprise(by=by, enterprise=firm, changes={"competent_unit": unit})


def load_roster(world: World) -> None:
    of_district = {"district": world.district}
    world.firms = list(
        Enterprise.objects.filter(**of_district).select_related("region", "district").order_by("pk")
    )
    world.projects = list(
        Project.objects.filter(**of_district).select_related("region", "district").order_by("pk")
    )
