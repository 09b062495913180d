"""The first day: for each role the few pages its day is made of, in the order of that day.

Shown on the workbench until its reader has seen enough, and always at the head of the manual.
"""

from dataclasses import dataclass

from accounts.models import Role, User
from core.wording import spoken
from portal.navigation import Place, place_of

LONGEST = 5
"""Steps; more are not a first day."""


@dataclass(frozen=True)
class Step:
    url_name: str
    """Of a page in the navigation."""
    text: str


_NOTICES = Step(
    "portal:manual", "不清楚怎么做时，点页面右上角的“这一页怎么用”；提醒方式在右上角姓名里的“通知设置”里选。"
)

# Whoever has several roles is shown the first of them.
TOURS: dict[str, tuple[Step, ...]] = {
    Role.DISPATCHER: (
        Step("appeals:desk", "新来的诉求在这里受理，匹配企业、选一个主办单位交办；可以批量交办，快捷键按“?”查看。"),
        Step("appeals:register", "电话、来访反映的在这里登记，输入企业名称三个字或拼音首字母即可选定。"),
        Step("appeals:revisits", "单位回访后，您独立再回访一次，才能办结。"),
        Step("appeals:supervision", "超期、滞后、临期的在这里，催办、督办、挂牌都从这里发起。"),
        _NOTICES,
    ),
    Role.BUREAU_LEADER: (
        Step("portal:workbench", "待您签批、审核办结的列在最前，手机上也能签。"),
        Step("reports:statistics", "堵在哪个环节、哪个单位，每个数字点开就是名单。"),
        Step("appeals:list", "打开任何一件诉求，可以看全过程、写批示。"),
        Step("reports:bulletins", "月度通报由系统起草，您改定签发。"),
        _NOTICES,
    ),
    Role.DISTRICT_LEADER: (
        Step("reports:statistics", "一页看全区：堵在哪里、哪些超期，每个数字点开就是名单。"),
        Step("portal:workbench", "呈请您签批的列在最前，手机上也能签。"),
        Step("liaisons:coverage", "哪些企业还没有干部联系，哪些还没有走访。"),
        Step("reports:bulletins", "每月的通报。"),
        _NOTICES,
    ),
    Role.SUPERVISOR: (
        Step("appeals:supervision", "超期、拟说“不”、挂牌的诉求；督办单从这里发出和回复。"),
        Step("liaisons:behind", "上一期没有走访、至今没有补上的企业和责任干部。"),
        Step("campaigns:conduct", "企业对干部作风的意见只有督查看得到。"),
        Step("reports:statistics", "全区和各单位的数字，每个点开就是名单。"),
        _NOTICES,
    ),
    Role.UNIT_LEADER: (
        Step("portal:workbench", "等您签字的列在最前：说“不”、延期、重要答复，手机上也能签。"),
        Step("appeals:queue", "本单位正在办的诉求和各自的时限。"),
        Step("reports:index", "本单位的工作情况表，报送前看一眼。"),
        Step("liaisons:behind", "本单位干部欠下的走访。"),
        _NOTICES,
    ),
    Role.DEPUTY_LEADER: (
        Step("portal:workbench", "等您签字的列在最前，手机上也能签。"),
        Step("appeals:queue", "本单位正在办的诉求和各自的时限。"),
        _NOTICES,
    ),
    Role.SECTION_HEAD: (
        Step("portal:workbench", "等您签字的列在最前，手机上也能签。"),
        Step("appeals:queue", "本单位正在办的诉求和各自的时限。"),
        _NOTICES,
    ),
    Role.LIAISON: (
        Step("appeals:queue", "交办到本单位的诉求，依次签收、办理、答复；办不了的在这里申请退回、延期或拟说“不”。"),
        Step("appeals:revisits", "答复以后，由本单位先回访企业。"),
        Step("portal:sitting", "本单位的走访在这里记，问题、意见、发放的政策一次记完。"),
        Step("reports:index", "工作情况表由记录自动填好，您核对、补填、报送。"),
        _NOTICES,
    ),
    Role.CADRE: (
        Step("liaisons:mine", "您联系的企业，企业约访的、上期欠访的排在最前。"),
        Step("portal:sitting", "走访一次记完：情况、问题、意见、发放的政策；能当场解决的请企业签名。网络断了也不会丢。"),
        Step("liaisons:plaques", spoken("挂在企业的公示牌，扫码就是企业自己的页面。")),
        Step("policies:find_fits", "去之前查一查哪些政策适合这家企业。"),
        _NOTICES,
    ),
    Role.WINDOW: (
        Step("appeals:register", "来访的诉求在这里登记，打印回执交给企业，一分钟。"),
        Step("campaigns:window_ledger", "咨询、当场答复的记在窗口台账。"),
        Step("enterprises:list", spoken("查企业在不在底册、由谁联系。")),
        _NOTICES,
    ),
    Role.ADMIN: (
        Step("portal:setup_change", "时限、渠道、报表等规则在这里调整，先看改了什么，再定生效日期。"),
        Step("admin:index", "开通账号、设角色、导入工作日历、看审计日志。"),
        Step("notifications:channels", "邮件、短信、工作群机器人。"),
        _NOTICES,
    ),
}  # fmt: skip


def tour_of(user: User) -> list[tuple[Place, str]]:
    """The pages of the user's first day with what each is for; only those the user may open."""
    role = next((role for role in TOURS if user.has_role(role)), None)
    places = [(place_of(step.url_name), step.text) for step in TOURS.get(role or "", ())]
    return [(place, text) for place, text in places if place.is_for(user)]
