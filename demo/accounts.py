"""The accounts to try the portal with: one for each role, all with one password, for the demo only."""

from dataclasses import dataclass

from accounts.models import Role

PASSWORD = "tongxin-zhuqi-2024"


@dataclass(frozen=True)
class Account:
    username: str
    unit: str
    """Of an account of a third party: who engaged it."""
    roles: tuple[str, ...]
    name: tuple[str, str]
    label: str
    title: str
    rank_group: str = "staff"


DEMO_ACCOUNTS = (
    Account("dispatcher", "kjj", (Role.DISPATCHER,), ("林", "若谷"), "调度员", "企业服务股股长"),
    Account("dispatcher2", "kjj", (Role.DISPATCHER,), ("覃", "雨婷"), "调度员（第二人）", "企业服务股副股长"),
    Account(
        "leader", "kjj", (Role.BUREAU_LEADER,), ("高", "正阳"),
        "牵头局负责人", "党组书记、局长", "unit_leaders",
    ),
    Account("rsj", "rsj", (Role.LIAISON,), ("夏", "静怡"), "单位联络员（区人社局）", "就业促进股股长"),
    Account("czj", "czj", (Role.LIAISON,), ("汤", "绍平"), "单位联络员（区财政局）", "金融服务中心主任"),
    Account("datong", "datong", (Role.LIAISON,), ("卢", "春霞"), "单位联络员（大通镇）", "经济发展办主任"),
    Account("jkq", "jkq", (Role.LIAISON,), ("姚", "泽宇"), "单位联络员（区经开区）", "企业服务局局长"),
    Account(
        "rsj_leader", "rsj", (Role.UNIT_LEADER,), ("武", "守义"),
        "单位负责人（区人社局）", "党组书记、局长", "unit_leaders",
    ),
    Account("rsj_section", "rsj", (Role.SECTION_HEAD,), ("温", "若晴"), "科室负责人（区人社局）", "就业促进科科长"),
    Account(
        "rsj_deputy", "rsj", (Role.DEPUTY_LEADER, Role.CADRE), ("彭", "立新"),
        "单位分管负责人（区人社局）", "党组成员、副局长", "unit_leaders",
    ),
    Account(
        "cadre", "fgw", (Role.CADRE,), ("梁", "景行"),
        "联企干部（区发改委）", "党组成员、副主任", "unit_leaders",
    ),
    Account("cadre2", "datong", (Role.CADRE,), ("潘", "晓芳"), "联企干部（大通镇）", "企业服务专员"),
    Account(
        "cadre3", "jkq", (Role.CADRE,), ("邹", "同舟"),
        "联企干部（区经开区）", "管委会副主任", "unit_leaders",
    ),
    Account("window", "datong_window", (Role.WINDOW,), ("钟", "诗涵"), "服务窗口（大通镇）", "窗口工作人员"),
    Account("supervisor", "jwdc", (Role.SUPERVISOR,), ("严", "怀民"), "督查（区纪委监委督查室）", "副主任", "unit_leaders"),
    Account("district", "qzfb", (Role.DISTRICT_LEADER,), ("常", "思远"), "区领导", "副区长", "district_leaders"),
    Account("surveyor", "kjj", (Role.SURVEYOR,), ("齐", "思敏"), "满意度调查员（第三方，由区科经局委托）", ""),
    Account("admin", "kjj", (Role.ADMIN,), ("贺", "昊"), "系统管理员", "信息化股工作人员"),
)  # fmt: skip


YEJI_ACCOUNTS = (
    Account("dispatcher", "ysb", (Role.DISPATCHER,), ("柳", "清扬"), "调度员（区营商办）", "综合科科长"),
    Account("dispatcher2", "ysb", (Role.DISPATCHER,), ("施", "念慈"), "调度员（第二人）", "督查科科长"),
    Account(
        "leader", "ysb", (Role.BUREAU_LEADER,), ("冉", "正阳"),
        "牵头单位负责人（区营商办）", "主任", "unit_leaders",
    ),
    Account("rsj", "rsj", (Role.LIAISON,), ("樊", "佳慧"), "单位联络员（区人社局）", "就业服务中心主任"),
    Account("kfq", "kfq", (Role.LIAISON,), ("庞", "伟东"), "单位联络员（经济开发区）", "企业服务部部长"),
    Account("yaoli", "yaoli", (Role.LIAISON,), ("甘", "红梅"), "单位联络员（姚李镇）", "经济发展办主任"),
    Account(
        "rsj_leader", "rsj", (Role.UNIT_LEADER,), ("祁", "安邦"),
        "单位负责人（区人社局）", "党组书记、局长", "unit_leaders",
    ),
    Account(
        "cadre", "kjjxj", (Role.CADRE,), ("翁", "晨"),
        "包联干部（区科技经信局）", "党组成员、副局长", "unit_leaders",
    ),
    Account("window", "ck_wqfw", (Role.WINDOW,), ("喻", "可馨"), "为企服务窗口", "窗口工作人员"),
    Account("supervisor", "dcb", (Role.SUPERVISOR,), ("裴", "敬之"), "督查（区委督查办）", "副主任", "unit_leaders"),
    Account("surveyor", "ysb", (Role.SURVEYOR,), ("谈", "月华"), "满意度调查员（第三方，由区营商办委托）", ""),
    Account("district", "qzfb", (Role.DISTRICT_LEADER,), ("庄", "明哲"), "区领导", "副区长", "district_leaders"),
    Account("admin", "ysb", (Role.ADMIN,), ("洪", "昊"), "系统管理员", "综合科工作人员"),
)  # fmt: skip
"""Of the second district; their user names begin with yj_."""

YEJI_PREFIX = "yj_"
OPERATOR = "platform"
"""Who sets new districts up; of no unit."""
ACCOUNTS = [
    *((account.label, account.username, "".join(account.name)) for account in DEMO_ACCOUNTS),
    *(
        (f"叶集·{account.label}", YEJI_PREFIX + account.username, "".join(account.name))
        for account in YEJI_ACCOUNTS
    ),
    ("平台管理员（新区县上线）", OPERATOR, "平台管理员"),
]
"""What ``make demo`` prints: role, user name, name."""
