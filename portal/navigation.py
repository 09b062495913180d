"""The left navigation: what a role works with, in the order of its day."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from accounts.models import IN_OFFICE, Role, User
from appeals.clusters.permissions import READERS as CLUSTER_READERS
from appeals.policies import RECORDERS
from appeals.querysets import UNIT_ROLES
from appeals.queues import DESK_ROLES
from appeals.refusal_figures import READERS
from appeals.revisits import CALLERS
from campaigns.permissions import has_campaigns, may_begin_or_see
from campaigns.satisfaction.permissions import READERS as SATISFACTION_READERS
from core.wording import speak, spoken
from enterprises.grade_querysets import DESK as GRADE_DESK
from enterprises.grade_querysets import WATCHING as GRADE_WATCHING
from enterprises.grades.permissions import is_shown_in_navigation
from enterprises.querysets import DISTRICT_WIDE
from liaisons.permissions import LEADING, VISITING
from portal.querysets import is_operator, is_own_admin
from reports.statistics.asked import READERS as STATISTICS_READERS

STAFF = IN_OFFICE - {Role.ADMIN}
BUREAU = frozenset({Role.DISPATCHER, Role.BUREAU_LEADER})
WATCHERS = frozenset({Role.DISTRICT_LEADER, Role.SUPERVISOR})


def _has_unit(user: User) -> bool:
    return user.unit_id is not None


def _in_a_district(user: User) -> bool:
    return user.unit is not None and is_own_admin(user, user.unit.district_id)


@dataclass(frozen=True)
class Place:
    label: str
    url_name: str
    icon: str
    roles: frozenset[str]
    arguments: tuple[str, ...] = ()
    also: Callable[[User], bool] = lambda user: True
    """What a role alone does not tell."""

    def is_for(self, user: User) -> bool:
        return not self.roles.isdisjoint(user.roles) and self.also(user)

    @cached_property
    def url(self) -> str:
        """Looked up once a process: every page shows some sixty of them."""
        return reverse(self.url_name, args=self.arguments)


@dataclass(frozen=True)
class Group:
    label: str
    places: tuple[Place, ...]


GROUPS = (
    Group(
        "",
        (
            Place("今日必办", "portal:workbench", "home", IN_OFFICE),
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
        spoken("包保联系"),
        (
            Place("覆盖情况", "liaisons:coverage", "chart", frozenset({*DISTRICT_WIDE, *LEADING})),
            Place("走访记录", "portal:visits", "flag", STAFF - {Role.WINDOW}),
            Place("走访欠账", "liaisons:behind", "warning", STAFF - {Role.WINDOW}),
            Place(spoken("包保名单"), "liaisons:assignments", "users", STAFF - {Role.WINDOW}),
            Place(spoken("公示牌"), "liaisons:plaques", "shield", STAFF - {Role.WINDOW}),
            Place("企业约访", "liaisons:requests", "phone", STAFF - {Role.WINDOW}),
            Place("企业与项目", "enterprises:list", "building", STAFF),
            Place(
                "企业分级",
                "enterprises:grades",
                "shield",
                frozenset({*GRADE_DESK, *GRADE_WATCHING}),
                also=is_shown_in_navigation,
            ),
            Place("意见建议", "liaisons:opinions", "chat", STAFF),
            Place("联络员", "liaisons:officers", "user", STAFF),
            Place("走访联系表", "campaigns:visit_sheets", "table", STAFF - {Role.WINDOW}),
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
        "专项行动",
        (
            Place("行动清单", "campaigns:list", "flag", STAFF, also=may_begin_or_see),
            Place(
                "本单位任务",
                "campaigns:mine",
                "check-circle",
                STAFF - {Role.CADRE, Role.WINDOW},
                also=has_campaigns,
            ),
            Place("行事历", "campaigns:calendar", "calendar", STAFF, also=has_campaigns),
            Place(
                "月度督查",
                "campaigns:inspections",
                "shield",
                STAFF - {Role.CADRE, Role.WINDOW},
                also=has_campaigns,
            ),
            Place("履约践诺", "campaigns:commitments", "pin", frozenset({*DISTRICT_WIDE, *UNIT_ROLES})),
        ),
    ),
    Group(
        "需求清单",
        (
            Place("本月清单", "campaigns:needs", "table", STAFF),
            Place("用工需求", "campaigns:openings", "users", STAFF),
            Place("求职人员", "campaigns:seekers", "user", frozenset({*LEADING, Role.DISPATCHER})),
            Place("融资需求", "campaigns:financing", "chart", frozenset({*DISTRICT_WIDE, *LEADING})),
        ),
    ),
    Group(
        "窗口值守",
        (
            Place("排班值守", "campaigns:rotas", "calendar", STAFF),
            Place("走流程坐窗口", "campaigns:sittings", "users", STAFF),
            Place("窗口台账", "campaigns:window_ledger", "edit", STAFF),
            Place("业务知识库", "campaigns:knowledge", "book", STAFF),
            Place("培训补贴", "campaigns:training", "star", STAFF),
        ),
    ),
    Group(
        "政策宣传",
        (
            Place("惠企政策", "policies:list", "book", STAFF),
            Place("哪些政策适合", "policies:find_fits", "search", STAFF),
            Place("政策清单", "policies:lists", "table", STAFF),
            Place("政策兑现", "policies:payments", "check-circle", STAFF),
            Place("材料发放", "policies:hand_outs", "file", STAFF),
            Place("宣传报道", "policies:news", "chat", STAFF),
        ),
    ),
    Group(
        "满意度",
        (
            Place("满意度清单", "campaigns:satisfaction", "star", SATISFACTION_READERS),
            Place("低分评价", "campaigns:low_ratings", "warning", SATISFACTION_READERS),
            Place("满意度调查", "campaigns:surveys", "table", frozenset(DISTRICT_WIDE)),
            Place(
                "窗口评价码",
                "campaigns:rating_codes",
                "print",
                frozenset({*DISTRICT_WIDE, *UNIT_ROLES, Role.WINDOW}),
            ),
            Place("作风意见", "campaigns:conduct", "shield", frozenset({Role.SUPERVISOR})),
            Place("正在进行的调查", "campaigns:survey_desk", "phone", frozenset({Role.SURVEYOR})),
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
            Place("新区县上线", "portal:setups", "plus", frozenset({Role.ADMIN}), also=is_operator),
            Place("规则调整", "portal:setup_change", "edit", frozenset({Role.ADMIN}), also=_in_a_district),
            Place("公文模板", "reports:document_templates", "edit", frozenset({Role.ADMIN}), also=_has_unit),
            Place("通知渠道", "notifications:channels", "send", frozenset({Role.ADMIN}), also=_has_unit),
            Place("系统管理", "admin:index", "settings", frozenset({Role.ADMIN})),
            Place("使用手册", "portal:manual", "info", IN_OFFICE),
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


def place_of(url_name: str) -> Place:
    """The place of the navigation that leads to this page."""
    return next(place for group in GROUPS for place in group.places if place.url_name == url_name)


def navigation(user: User, path: str) -> list[Section]:
    """The user's places by group; the one whose address ``path`` lies under is the current one."""
    groups = [
        (
            group.label,
            [(place, place.url) for place in group.places if place.is_for(user)],
        )
        for group in GROUPS
    ]
    under = [url for _, places in groups for _, url in places if path.startswith(url)]
    current = max(under, key=len, default=None)
    sections: list[Section] = []
    for label, places in groups:
        items = [Item(speak(place.label), url, place.icon, url == current) for place, url in places]
        if items:
            sections.append(Section(len(sections) + 1, speak(label), items))
    return sections
