"""The left navigation: what a role works with, in the order of its day."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Role, User
from appeals.clusters.permissions import READERS as CLUSTER_READERS
from appeals.policies import RECORDERS
from appeals.querysets import UNIT_ROLES
from appeals.queues import DESK_ROLES
from appeals.refusal_figures import READERS
from appeals.revisits import CALLERS
from enterprises.querysets import DISTRICT_WIDE
from liaisons.permissions import LEADING, VISITING
from reports.statistics.asked import READERS as STATISTICS_READERS

STAFF = frozenset(Role) - {Role.ADMIN}
BUREAU = frozenset({Role.DISPATCHER, Role.BUREAU_LEADER})
WATCHERS = frozenset({Role.DISTRICT_LEADER, Role.SUPERVISOR})


@dataclass(frozen=True)
class Place:
    label: str
    url_name: str
    icon: str
    roles: frozenset[str]
    arguments: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(self.url_name, args=self.arguments)


@dataclass(frozen=True)
class Group:
    label: str
    places: tuple[Place, ...]


GROUPS = (
    Group(
        "",
        (
            Place("今日必办", "portal:workbench", "home", frozenset(Role)),
            Place("我的企业", "liaisons:mine", "star", frozenset({Role.CADRE})),
            Place("记走访", "portal:sitting", "edit", frozenset(VISITING)),
        ),
    ),
    Group(
        "企业诉求",
        (
            Place("受理交办台", "appeals:desk", "inbox", BUREAU),
            Place("督办台", "appeals:supervision", "shield", frozenset(DISTRICT_WIDE)),
            Place("本单位待办", "appeals:queue", "clock", frozenset(DESK_ROLES)),
            Place("回访名单", "appeals:revisits", "phone", CALLERS),
            Place("登记诉求", "appeals:register", "plus", frozenset(RECORDERS)),
            Place("诉求台账", "appeals:list", "table", STAFF),
            Place("省平台录入", "appeals:provincial", "upload", STAFF),
            Place("攻坚清零", "appeals:backlog", "flag", frozenset({*DISTRICT_WIDE, *UNIT_ROLES})),
            Place("共性问题", "appeals:clusters", "copy", CLUSTER_READERS),
            Place("政策改进", "appeals:improvements", "refresh", CLUSTER_READERS),
            Place("常用语", "appeals:phrases", "chat", frozenset(DESK_ROLES)),
            Place("说“不”情况", "appeals:refusals", "flag", READERS),
        ),
    ),
    Group(
        "包保联系",
        (
            Place("覆盖情况", "liaisons:coverage", "chart", frozenset({*DISTRICT_WIDE, *LEADING})),
            Place("走访记录", "portal:visits", "flag", STAFF - {Role.WINDOW}),
            Place("走访欠账", "liaisons:behind", "warning", STAFF - {Role.WINDOW}),
            Place("包保名单", "liaisons:assignments", "users", STAFF - {Role.WINDOW}),
            Place("公示牌", "liaisons:plaques", "shield", STAFF - {Role.WINDOW}),
            Place("企业约访", "liaisons:requests", "phone", STAFF - {Role.WINDOW}),
            Place("企业与项目", "enterprises:list", "building", STAFF),
            Place("意见建议", "liaisons:opinions", "chat", STAFF),
            Place("联络员", "liaisons:officers", "user", STAFF),
        ),
    ),
    Group(
        "助企活动",
        (
            Place("活动安排", "portal:events", "calendar", STAFF),
            Place("议定事项", "portal:event_tasks", "pin", STAFF),
            Place("议题建议", "appeals:cluster_topics", "chat", CLUSTER_READERS),
        ),
    ),
    Group(
        "政策宣传",
        (
            Place("惠企政策", "policies:list", "book", STAFF),
            Place("政策兑现", "policies:payments", "check-circle", STAFF),
            Place("材料发放", "policies:hand_outs", "file", STAFF),
            Place("宣传报道", "policies:news", "chat", STAFF),
        ),
    ),
    Group(
        "报表",
        (
            Place(
                "工作情况表",
                "reports:index",
                "chart",
                frozenset({Role.LIAISON, Role.UNIT_LEADER}) | BUREAU | WATCHERS,
            ),
            Place("我的导出", "reports:exports", "download", STAFF),
            Place("通报", "reports:bulletins", "file", frozenset({*DISTRICT_WIDE, *UNIT_ROLES})),
            Place("年度考核", "reports:assessments", "star", frozenset({*DISTRICT_WIDE, *UNIT_ROLES})),
            Place("典型案例", "reports:cases", "star", STAFF),
            Place("发文登记", "reports:documents", "file", STAFF),
            Place("统计分析", "reports:statistics", "chart", STATISTICS_READERS),
            Place("指标口径", "reports:indicators", "book", STAFF),
        ),
    ),
    Group(
        "系统",
        (
            Place("公文模板", "reports:document_templates", "edit", frozenset({Role.ADMIN})),
            Place("通知渠道", "notifications:channels", "send", frozenset({Role.ADMIN})),
            Place("系统管理", "admin:index", "settings", frozenset({Role.ADMIN})),
            Place("使用手册", "portal:manual", "info", frozenset(Role)),
        ),
    ),
)


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Section:
    """A group as one user sees it, numbered so that its heading can name its list."""

    number: int
    label: str
    items: list[Item]


def navigation(user: User, path: str) -> list[Section]:
    """The user's places by group; the one whose address ``path`` lies under is the current one."""
    groups = [
        (
            group.label,
            [(place, place.url) for place in group.places if not place.roles.isdisjoint(user.roles)],
        )
        for group in GROUPS
    ]
    under = [url for _, places in groups for _, url in places if path.startswith(url)]
    current = max(under, key=len, default=None)
    sections: list[Section] = []
    for label, places in groups:
        items = [Item(place.label, url, place.icon, url == current) for place, url in places]
        if items:
            sections.append(Section(len(sections) + 1, label, items))
    return sections
