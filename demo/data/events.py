"""What the demo's tea talks, talks, on-site offices and symposia were about, and what was decided there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decided:
    content: str
    unit: str
    due: int
    """In working days after the event."""
    done: int | None = None
    """After so many working days; None: still open."""
    result: str = ""


@dataclass(frozen=True)
class Meeting:
    kind: str
    unit: str
    days: int
    """Working days from today; before it where negative."""
    hour: int
    title: str
    topic: str
    place: str
    minutes: str = ""
    opinion: str = ""
    decided: tuple[Decided, ...] = ()
    cancelled: str = ""


SATURDAY_PLACE = "{unit}便民服务中心一楼企业服务窗口"
SATURDAY_TOPICS = (
    "用工、融资和惠企政策现场咨询",
    "政策兑现集中答疑",
    "用地、用电和项目建设问题现场办公",
    "个体工商户和小微企业专场",
    "物流通行、原材料配套问题会商",
)
SATURDAY_MINUTES = (
    "上午接待企业{n}家，现场解答政策咨询，能当场办的当场办结；需要交办的已登记，编号和查询码已交给企业。",
    "值守人员逐家了解生产经营情况，发放政策清单；企业反映的问题已逐件登记。",
    "带班领导与企业面对面交流，对久拖的问题明确了牵头单位，其余按程序交办。",
)

MEETINGS = (
    Meeting(
        "tea_talk",
        "gsl",
        -46,
        15,
        "悦江·政企茶叙：装备制造企业专场",
        "围绕产业链配套和用工保障，听取企业意见",
        "区工商联二楼会议室",
        "企业普遍反映熟练操作工难招、本地配套协作信息不对称。区人社局介绍定向培训安排，区科经局介绍产业链供需对接平台。",
        "建议定期发布本地企业产品配套目录，方便上下游企业就近采购。",
        (
            Decided(
                "汇总装备制造企业用工需求，组织一场专场招聘",
                "rsj",
                15,
                12,
                "已组织专场招聘，进场企业14家，达成意向63人。",
            ),
            Decided(
                "编制本地企业产品配套目录并发给企业",
                "kjj",
                20,
                17,
                "目录已编印，收录企业86家、产品312项，已发各园乡。",
            ),
        ),
    ),
    Meeting(
        "talk",
        "jkq",
        -31,
        9,
        "区经开区企业恳谈会",
        "围绕推进纾困政策落实，对相关政策进行现场解读",
        "区经开区管委会三楼会议室",
        "税务、人社、财政部门现场解读稳岗返还、技改补贴、设备更新贷款贴息政策，逐家核对享受条件。",
        "建议政策申报统一在一个平台，不要重复交材料。",
        (
            Decided(
                "对未享受稳岗返还的园区企业逐家核对并通知",
                "rsj",
                10,
                9,
                "已核对园区企业47家，补发通知11家，均已提交账户信息。",
            ),
        ),
    ),
    Meeting(
        "onsite_office",
        "datong",
        -20,
        9,
        "大通镇项目建设现场办公",
        "协调解决项目进场道路和供水问题",
        "大通镇新建项目部会议室",
        "实地查看进场道路和供水管线，明确管线迁改路径和责任单位。",
        "",
        (
            Decided(
                "完成项目进场道路临时通行改造",
                "jtys",
                12,
                10,
                "临时道路已铺设碎石，载重车辆可通行，现场已移交。",
            ),
        ),
    ),
    Meeting(
        "symposium",
        "kjj",
        -13,
        15,
        "四季度工业经济运行座谈会",
        "研判四季度生产经营形势",
        "区科经局会议室",
        "参会企业介绍订单、库存和用电情况，预计四季度产值总体平稳，融资周转压力较大。",
        "希望银行对按时还款的企业适当放宽续贷时间。",
        (Decided("摸排需要续贷周转的企业，组织银企对接", "czj", 15),),
    ),
    Meeting(
        "talk",
        "datong",
        -8,
        9,
        "大通镇企业恳谈会",
        "助力农业企业高质量发展",
        "大通镇政府三楼会议室",
        "农产品加工企业集中反映冷链仓储不足、产品进商超难；区商务局介绍产销对接活动，区农业农村局介绍冷链补助政策。",
        "建议帮助本地农产品进入机关食堂集中采购目录。",
        (
            Decided("核实三家企业冷链补助申报材料并反馈结果", "nyj", 4),
            Decided("组织一次农产品进商超产销对接", "swju", 15),
            Decided(
                "把符合条件的农产品列入扶持推荐名单", "datong", 8, 3, "已推荐产品5个，名单报区商务局备案。"
            ),
        ),
    ),
    Meeting(
        "tea_talk",
        "gsl",
        4,
        15,
        "悦江·政企茶叙：商贸服务企业专场",
        "围绕助力商贸服务企业高质量发展，听取企业意见",
        "区工商联二楼会议室",
    ),
    Meeting(
        "onsite_office",
        "jkq",
        5,
        9,
        "区经开区要素保障现场办公",
        "供电增容、厂房证照问题现场办公",
        "区经开区管委会一楼服务大厅",
        cancelled="与全区防汛会议时间冲突，改期后另行公示",
    ),
    Meeting(
        "talk",
        "jkq",
        9,
        9,
        "区经开区企业恳谈会",
        "听取企业对全年助企服务的意见",
        "区经开区管委会三楼会议室",
    ),
)
