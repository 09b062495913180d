"""履约践诺 of the demo: promises, policies, contracts and debts in every state. All invented."""

from dataclasses import dataclass

# What becomes of it.
RUNNING, PARTLY, REPORTED, KEPT, SENT_BACK, LATE, BROKEN, DISPUTED, WITHDRAWN = (
    "running", "partly", "reported", "kept", "sent_back", "late", "broken", "disputed", "withdrawn",
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """A commitment. ``unit`` says what kind of unit answers for it; days count from when it is recorded."""

    kind: str
    title: str
    ends: str
    basis: str
    unit: str = "department"
    content: str = ""
    days: int = 40
    week: int = 2
    classification: str = "limited"
    amount: str = ""
    acknowledged: str = ""
    contract: str = ""
    debtor: str = ""
    debtor_name: str = ""
    paid: tuple[str, ...] = ()
    result: str = ""
    plan: str = "列入年度预算，分两次兑现，每月底报进度。"
    public: bool = True
    about_project: bool = False


COMMITMENTS = (
    Told("promise", "园区公共停车场年内建成使用（演示）", RUNNING, "政府工作报告〔演示〕十件民生实事之三", "park",
         "新建停车位 320 个，含货车位 40 个、充电桩 60 个。", days=70, week=0),
    Told("promise", "企业开办全流程一日办结（演示）", KEPT, "优化营商环境承诺书〔演示〕1号",
         content="材料齐全的，营业执照、印章、发票、社保、公积金开户一个工作日办完。", days=30, week=1,
         result="抽查一个月 86 户，全部一日办结，平均 4.2 小时。"),
    Told("promise", "涉企检查“综合查一次”全覆盖（演示）", REPORTED, "行政执法承诺公开〔演示〕2号",
         content="同一企业每年联合检查不超过两次。", days=40, week=2, result="全年检查计划已合并为 31 批次，较上年减少四成。"),
    Told("promise", "通园道路年底前通车（演示）", LATE, "现场办公会纪要〔演示〕5号", "park",
         "连接线 1.8 公里，双向四车道。", days=14, week=4, about_project=True),
    Told("promise", "工业用水管网改造三季度完工（演示）", BROKEN, "企业恳谈会纪要〔演示〕3号", "department",
         "改造老旧管网 3.2 公里。", days=10, week=1),
    Told("promise", "每月第一个周六召开企业早餐会（演示）", KEPT, "服务企业承诺〔演示〕", "township", days=25, week=3,
         result="已召开三场，到会企业 41 家次，解决问题 17 个。"),
    Told("promise", "镇便民服务中心延时服务（演示）", RUNNING, "镇政府公开承诺〔演示〕", "township",
         content="工作日延时一小时，周六上午预约办。", days=60, week=5),
    Told("promise", "高层次人才子女入学一周内答复（演示）", SENT_BACK, "人才服务承诺〔演示〕4号", days=35, week=3,
         result="已建立台账，专人受理。"),
    Told("promise", "青年人才公寓二期交付（演示）", PARTLY, "人才工作要点〔演示〕", days=80, week=2,
         content="二期 180 套，分两批交付。", public=False),
    Told("policy", "兑付去年首次升规奖励（演示）", KEPT, "支持制造业若干政策〔演示〕1号", days=30, week=0, amount="40",
         paid=("20", "20"), result="两批付清，企业已确认到账。"),
    Told("policy", "兑付设备投资补助尾款（演示）", PARTLY, "支持制造业若干政策〔演示〕1号", days=60, week=2, amount="126.5",
         paid=("60",)),
    Told("policy", "兑付外贸展会补助（演示）", LATE, "外贸稳增长办法〔演示〕6号", days=12, week=5, amount="18.6"),
    Told("policy", "兑付限上商贸培育奖（演示）", RUNNING, "商贸培育奖励〔演示〕7号", days=45, week=7, amount="24"),
    Told("policy", "兑付早年招商优惠差额（演示）", DISPUTED, "招商会议纪要〔演示〕", days=15, week=3, amount="210",
         plan="", content="双方对优惠年限的理解不一致。"),
    Told("contract", "按约交付工业用地（演示）", PARTLY, "国有建设用地出让合同〔演示〕12号", "department", days=70, week=1,
         contract="resources", content="已交付 42 亩，余 18 亩待腾退。", about_project=True),
    Told("contract", "标准厂房租金减免（演示）", KEPT, "投资协议〔演示〕8号", "park", days=25, week=2, contract="investment",
         result="已出具减免通知，退回多收租金。"),
    Told("contract", "配套供热管线接入（演示）", LATE, "投资协议〔演示〕15号", "park", days=16, week=4, contract="investment"),
    Told("contract", "办公用品采购尾款结算（演示）", WITHDRAWN, "采购合同〔演示〕31号", days=30, week=3, contract="purchase",
         amount="3.2"),
    Told("debt", "道路养护工程款（演示）", PARTLY, "施工合同〔演示〕2号", days=60, week=0, amount="180", acknowledged="168.4",
         debtor="unit", paid=("50", "40"), contract="works"),
    Told("debt", "办公楼维修款（演示）", KEPT, "维修合同〔演示〕9号", "township", days=40, week=0, amount="26.8",
         debtor="unit", paid=("26.8",), contract="works", result="全部付清，企业出具收据。"),
    Told("debt", "信息化设备货款（演示）", REPORTED, "采购合同〔演示〕17号", days=40, week=2, amount="15", debtor="unit",
         paid=("5", "10"), contract="purchase", result="两次付清，等待核实。"),
    Told("debt", "安置房绿化工程款（演示）", LATE, "分包合同〔演示〕6号", days=15, week=3, amount="92", acknowledged="88",
         debtor="state_firm", debtor_name="铜陵示例城投建设有限公司", paid=("20",), contract="works"),
    Told("debt", "厂房钢结构加工款（演示）", DISPUTED, "加工合同〔演示〕22号", "park", days=14, week=2, amount="64.5",
         debtor="large_firm", debtor_name="安徽示例重工集团有限公司", plan="", content="对工程质量和结算金额有争议。"),
    Told("debt", "物流运输款（演示）", RUNNING, "运输合同〔演示〕5号", days=50, week=7, amount="11.3", debtor="large_firm",
         debtor_name="安徽示例供应链有限公司"),
    Told("debt", "防汛物资款（演示）", RUNNING, "采购确认单〔演示〕3号", "township", days=6, week=10, classification="immediate",
         amount="4.6", debtor="unit", plan=""),
)  # fmt: skip

COMPETENT = {
    "养护": "交通", "运输": "交通", "绿化": "住房", "管网": "住房", "信息化": "数据", "人才": "组织", "展会": "商务",
    "商贸": "商务", "升规": "科技", "设备投资": "科技", "招商": "财政", "采购": "财政", "用地": "自然资源",
    "开办": "市场监督", "检查": "司法", "公寓": "组织",
}  # fmt: skip
"""A word of the title, and one of the name of the unit that answers for such things."""

PROGRESS = (
    "已列入本月资金计划，等财政拨付。",
    "召集责任科室和企业碰头，明确了分工和时间。",
    "现场查看进度，过半，月底再查一次。",
    "与企业对账一致，正在走付款流程。",
)
FOLLOWED = (
    "组织双方调解一次，差距缩小，继续谈。",
    "法律顾问出具意见，供双方参考。",
    "企业补充了证据材料，约定再谈。",
)
CHECKED = ("已电话核实，企业认可。", "到现场看过，属实。", "凭证齐全，予以确认。")
NOT_YET = "只有台账，没有按时答复的记录，请补充。"
BROKEN_REASON = "资金没有落实，错过施工季；约谈责任单位负责人，列入下年计划重新承诺。"
WITHDRAWN_REASON = "与企业核对，货款已经结清，属误登记。"
ROUTES = (("mediation", "组织双方调解，调解不成引导诉讼"), ("litigation", "等待开庭，法律服务团队跟进"))

CONDITIONS: tuple[tuple[tuple[str, ...], tuple[dict, ...]], ...] = (
    (("若干政策", "制造业"), (
        {"field": "sales", "low": "2000"}, {"field": "by_hand", "text": "设备投资 300 万元以上，有备案和发票"},
    )),
    (("创新券",), ({"field": "title", "values": ("high_tech", "tech_sme", "innovative_sme")},)),
    (("外贸",), ({"field": "title", "values": ("exporter",)},)),
    (("限上商贸",), ({"field": "founded", "low": "1"},)),
    (("建筑业",), ({"field": "above_scale_kind", "values": ("building",)}, {"field": "employees", "low": "50"})),
    (("稳岗",), ({"field": "by_hand", "text": "上年度不裁员或裁员率不高于控制目标"},)),
)  # fmt: skip
"""By words of a policy's title: what it asks besides tier, industry and size."""
