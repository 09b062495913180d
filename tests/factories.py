"""Plain functions that make what tests need, through the services where there are any."""

import itertools
from datetime import date

from accounts.models import Official, Post, Unit, User
from accounts.services import create_account
from core import clock
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise, Project
from enterprises.uscc import check_character
from notifications import robots
from notifications.models import Robot

PASSWORD = "correct-horse-staple"
_numbers = itertools.count(1)


def unit(district: Region, code: str = "kjj") -> Unit:
    return Unit.objects.select_related("region", "district").get(district=district, code=code)


def township(district: Region, name: str = "大通镇") -> Region:
    return Region.objects.get(parent=district, name=name)


def official(of: Unit, *, name: str = "王小明", title: str = "科员", rank_group: str = "staff") -> Official:
    person = Official.objects.create(district=of.district, name=name, phone="13800001234")
    Post.objects.create(
        official=person, unit=of, title=title, rank_group=rank_group, started=date(2020, 1, 1)
    )
    return person


def user(of: Unit, *roles: str, official: Official | None = None, username: str = "") -> User:
    return create_account(
        username=username or f"user{next(_numbers)}",
        family_name="测",
        given_name="试",
        unit=of,
        roles=roles,
        official=official,
        password=None,
    )


def robot(of: Unit, maker: str = "wecom", **fields) -> Robot:
    defaults = {"name": "诉求办理群", "key": f"abcdefgh{next(_numbers):04d}", "created_at": clock.now()}
    robots.forget()
    return Robot.objects.create(unit=of, maker=maker, **(defaults | fields))


def credit_code(number: int) -> str:
    """A valid code: 17 characters with a serial number, and their check character."""
    body = f"91340711MA{number:07d}"
    return body + check_character(body)


def enterprise(district: Region, *, name: str = "", region: Region | None = None, **fields) -> Enterprise:
    number = next(_numbers)
    defaults = {
        "name": name or f"铜陵示例{number}号有限公司",
        "district": district,
        "region": region or township(district),
        "tier": "small",
        "credit_code": credit_code(number),
        "contact_name": "赵敏",
        "contact_phone": "13900001111",
        "created_at": clock.now(),
    }
    return Enterprise.objects.create(**(defaults | fields))


def project(district: Region, *, name: str = "", region: Region | None = None) -> Project:
    return Project.objects.create(
        name=name or f"示例项目{next(_numbers)}期",
        district=district,
        region=region or township(district),
        created_at=clock.now(),
    )


def with_rules(district: Region, **changes) -> None:
    """Another version of the profile from today on, with these parts replaced."""
    data = DistrictProfile.objects.in_force(district).rules.model_dump(mode="json") | changes
    DistrictProfile.objects.filter(district=district, effective_from=clock.today()).delete()
    DistrictProfile.objects.create(district=district, effective_from=clock.today(), data=data)


def another_district(district: Region) -> Region:
    """铜官区 beside 铜陵市郊区, with one township, the same rules and the units of an appeal's main path."""
    other = Region.objects.create(code="340705", name="铜官区", level="district", parent=district.parent)
    Region.objects.create(code="340705100", name="西湖镇", level="township", parent=other)
    rules = DistrictProfile.objects.in_force(district).rules
    data = rules.model_dump(mode="json") | {"code": "340705", "name": "铜官区", "number_prefix": "TG"}
    DistrictProfile.objects.create(district=other, effective_from=rules.action_started, data=data)
    for like in Unit.objects.filter(district=district, code__in=["kjj", "rsj", "jwdc", "fgw"]):
        Unit.objects.create(
            district=other,
            region=other,
            code=like.code,
            name=like.name,
            short_name=like.short_name,
            kind=like.kind,
        )
    return other
