"""What the stories of one district draw on; how the portal works there is its profile's business."""

from dataclasses import dataclass

from demo.accounts import DEMO_ACCOUNTS, YEJI_ACCOUNTS, YEJI_PREFIX, Account
from demo.data.matters import MATTERS, Matter
from demo.data.people import DISTRICT_LEADERS
from demo.data.yeji import LEADERS as YEJI_LEADERS
from demo.data.yeji import MATTERS as YEJI_MATTERS


@dataclass(frozen=True)
class Scene:
    district: str
    """Its code."""
    name: str
    """Begins the seed of every chance, so that no district's story changes another's."""
    prefix: str
    """Stands before each user name: accounts are one list for the whole installation."""
    area_code: str
    accounts: tuple[Account, ...]
    leaders: tuple[tuple[str, str], ...]
    """Of the district: unit, post."""
    matters: tuple[Matter, ...]
    former_posts: tuple[tuple[str, str], ...] = ()
    """Who came from another unit: the unit now, the one before."""


TONGLING = Scene(
    district="340711",
    name="tongling",
    prefix="",
    area_code="0562",
    accounts=DEMO_ACCOUNTS,
    leaders=DISTRICT_LEADERS,
    matters=MATTERS,
    former_posts=(
        ("datong", "huihe"), ("jkq", "kjj"), ("rsj", "gsl"), ("zjj", "datong"), ("swj", "jkq"),
        ("nyj", "zhoutan"), ("czj", "sjj"), ("fgw", "tjj"),
    ),
)  # fmt: skip

YEJI = Scene(
    district="341504",
    name="yeji",
    prefix=YEJI_PREFIX,
    area_code="0564",
    accounts=YEJI_ACCOUNTS,
    leaders=YEJI_LEADERS,
    matters=YEJI_MATTERS,
    former_posts=(("yaoli", "hongji"), ("kfq", "kjjxj")),
)
