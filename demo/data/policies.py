"""The policy library of the demo, what was paid under it, and what the papers wrote. All invented, after the usual kinds."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A policy. Days are counted from the last day of the story: published so long before, open so long after."""

    title: str
    unit: str
    summary: str
    number: str = ""
    published: int = 200
    open_for: int | None = None
    tiers: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    public: bool = True
    paid: tuple[tuple[str, int, int], ...] = ()
    """What is paid under it: the words of its basis, and from how many 百元 to how many."""


POLICIES = (
    Paper(
        "郊区支持制造业高质量发展若干政策（演示）", "kjj",
        "设备投资满 300 万元按 8% 补助，最高 100 万元；首次升规奖 20 万元，专精特新、绿色工厂另奖。备案后按季集中申报。",
        "郊政办〔演示〕1号", published=260, open_for=21, tiers=("above_scale", "project"), industries=("C",),
        paid=(("设备投资补助第{n}批，国库支付凭证〔演示〕{m}号", 800, 10000), ("首次升规奖励，郊科经〔演示〕{m}号", 2000, 2000)),
    ),
    Paper(
        "郊区促进民营经济发展若干措施（演示）", "gsl",
        "市场准入、要素保障、权益保护、亲清交往等二十条措施，附责任单位和联系电话。",
        "郊政〔演示〕2号", published=310,
    ),
    Paper(
        "郊区稳岗扩岗和技能培训补贴办事指南（演示）", "rsj",
        "不裁员或少裁员的返还上年失业保险费 60%；吸纳高校毕业生每人 1500 元；岗前培训每人 400 至 800 元。线上申请，免申即享部分直接到账。",
        published=150, open_for=36,
        paid=(("稳岗返还第{n}批，失保支〔演示〕{m}号", 18, 620), ("岗前培训补贴，培训班次{m}", 24, 160)),
    ),
    Paper(
        "小微企业和个体工商户税费优惠明白纸（演示）", "swju",
        "增值税、所得税、“六税两费”优惠一页看懂，符合条件的申报时自行享受，不用审批。",
        published=320, tiers=("small",), sizes=("small", "micro"),
    ),
    Paper(
        "创业担保贷款贴息和转贷资金使用指南（演示）", "czj",
        "个人最高 30 万元、小微企业最高 400 万元，财政贴息一半；转贷资金当天到账，费率万分之二一天。",
        published=180, open_for=52, tiers=("small",), sizes=("small", "micro"),
        paid=(("创业担保贷款贴息{n}季度，财金〔演示〕{m}号", 12, 240),),
    ),
    Paper(
        "郊区科技创新券管理办法（演示）", "kjj",
        "购买检测、研发、知识产权服务可用券抵扣一半，每家每年不超过 5 万元，先领券后使用。",
        "郊科经〔演示〕5号", published=140, open_for=9, industries=("C", "I", "M"),
        paid=(("创新券兑付第{n}批，合同登记{m}号", 60, 500),),
    ),
    Paper(
        "郊区人才公寓申请和子女入学服务办法（演示）", "zzb",
        "引进的本科以上或中级以上职称人才，可申请人才公寓三年；子女入学由区里统筹安排。",
        "郊人才〔演示〕3号", published=230,
    ),
    Paper(
        "农业生产社会化服务和农机购置补贴（演示）", "nyj",
        "托管服务每亩补 40 元，购置目录内农机按定额补贴，冷藏保鲜设施补造价三成。",
        published=120, open_for=15, tiers=("small",), industries=("A",),
        paid=(("农机购置补贴公示第{n}期，编号{m}", 15, 300),),
    ),
    Paper(
        "外贸企业境外参展和出口信保补助（演示）", "swj",
        "展位费补七成，每个展会最高 5 万元；小微出口企业统保平台免费投保。",
        published=95, open_for=3, industries=("C", "F"),
        paid=(("境外参展补助，商务〔演示〕{m}号", 120, 500),),
    ),
    Paper(
        "限上商贸企业培育奖励（演示）", "swj",
        "当年首次纳入限额以上批发零售、住宿餐饮统计的，奖 8 万元；零售额增长 15% 以上再奖 3 万元。",
        "郊商〔演示〕7号", published=88, open_for=64, industries=("F", "H"),
        paid=(("限上商贸培育奖励第{n}批，商务〔演示〕{m}号", 300, 1100),),
    ),
    Paper(
        "建筑业企业做大做强若干措施（演示）", "zjj",
        "资质升级奖 20 万至 50 万元，本地建筑业产值首次过亿奖 10 万元，农民工工资保证金可用保函。",
        published=170, tiers=("above_scale",), industries=("E",),
    ),
    Paper(
        "工程建设项目“帮办代办”服务清单（演示）", "sjzy",
        "从立项到竣工全程帮办 38 个事项，每个重点项目配一名帮办员，容缺受理、并联审批。",
        published=210, tiers=("project",),
    ),
    Paper(
        "规范涉企行政检查“综合查一次”告知书（演示）", "sfj",
        "扫码入企、联合检查、首违不罚事项说明；未扫码的检查企业可以拒绝并拨打监督电话。",
        published=75,
    ),
    Paper(
        "保障中小企业款项支付投诉办理指南（演示）", "kjj",
        "机关、事业单位和大型企业拖欠账款的，怎么投诉、谁受理、多长时间答复。",
        published=130, sizes=("medium", "small", "micro"),
    ),
    Paper(
        "重点企业白名单融资对接办法（演示）", "czj",
        "区里推荐、银行五个工作日内答复，信用贷款风险由区担保公司分担。内部操作，不对外公开。",
        published=60, tiers=("above_scale",), public=False,
    ),
)  # fmt: skip

ENDED = Paper(
    "郊区服务业纾困补贴实施细则（演示，已到期）", "fgw",
    "住宿餐饮、零售、交通运输行业的一次性纾困补贴，已执行完毕。",
    "郊发改〔演示〕9号", published=600, industries=("F", "G", "H"),
)  # fmt: skip

MISTAKEN_REASON = "金额单位看错，按元填成了万元，已按凭证重新登记"

OUTLETS = (
    "铜陵日报（演示）", "铜陵电视台（演示）", "区政府网站（演示）", "区融媒体中心公众号（演示）", "省级新闻客户端（演示）",
)  # fmt: skip
LOCAL_OUTLETS = ("区政府网站（演示）", "区融媒体中心公众号（演示）", "乡镇公众号（演示）")
HEADLINES = (
    "茶叙一杯话发展 干群同心解难题", "车间里的现场办公会：一天解决三件事", "“挂号”一次 全程有人管",
    "十五分钟服务圈：窗口前移到园区", "稳岗返还直达账户 企业不用跑", "干部当好“店小二” 项目提前投产",
    "周六不打烊 助企服务日办成实事", "政银企面对面 贷款不再难", "用工专场进园区 岗位送到家门口",
    "从“企业找政策”到“政策找企业”", "一张公示牌 一份责任状", "二次回访 让企业来打分",
    "物流通道打通了 成本降下来", "帮办代办跑出加速度", "老问题逐件过堂 攻坚清零见真章",
    "《一封信》送进千家企业", "专精特新企业的“贴身管家”", "电价、气价、运价：企业账本上的变化",
    "首违不罚 执法更有温度", "链上对接会促成本地配套", "小微窗口里的大服务", "冬季用能有保障 生产线不停转",
    "青年人才公寓拎包入住", "一企一档 上门之前先做功课",
)  # fmt: skip
