"""The left navigation: what a role works with, in the order of its day."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Role, User
from appeals.policies import RECORDERS
from appeals.queues import DESK_ROLES
from liaisons.permissions import VISITING

STAFF = frozenset(Role) - {Role.ADMIN}
BUREAU = frozenset({Role.DISPATCHER, Role.BUREAU_LEADER})
WATCHERS = frozenset({Role.DISTRICT_LEADER, Role.SUPERVISOR})


@dataclass(frozen=True)
class Place:
    label: str
    url_name: str
    icon: str
    roles: frozenset[str]


PLACES = (
    Place("今日必办", "portal:workbench", "home", frozenset(Role)),
    Place("受理交办台", "appeals:desk", "inbox", BUREAU),
    Place("本单位待办", "appeals:queue", "clock", frozenset(DESK_ROLES)),
    Place("登记诉求", "appeals:register", "plus", frozenset(RECORDERS)),
    Place("我的企业", "liaisons:mine", "star", frozenset({Role.CADRE})),
    Place("记走访", "portal:sitting", "edit", frozenset(VISITING)),
    Place("诉求台账", "appeals:list", "table", STAFF),
    Place("走访记录", "portal:visits", "flag", STAFF - {Role.WINDOW}),
    Place("包保联系", "liaisons:assignments", "users", STAFF - {Role.WINDOW}),
    Place("企业与项目", "enterprises:list", "building", STAFF),
    Place("惠企政策", "policies:list", "book", STAFF),
    Place(
        "工作情况表",
        "reports:index",
        "chart",
        frozenset({Role.LIAISON, Role.UNIT_LEADER}) | BUREAU | WATCHERS,
    ),
    Place("系统管理", "admin:index", "settings", frozenset({Role.ADMIN})),
    Place("使用手册", "portal:manual", "info", frozenset(Role)),
)


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    current: bool


def navigation(user: User, path: str) -> list[Item]:
    """The user's places; the one whose address ``path`` lies under is the current one."""
    items = [(place, reverse(place.url_name)) for place in PLACES if not place.roles.isdisjoint(user.roles)]
    under = [url for _, url in items if path.startswith(url)]
    current = max(under, key=len, default=None)
    return [Item(place.label, url, place.icon, url == current) for place, url in items]
