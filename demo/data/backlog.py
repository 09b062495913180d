"""存量问题 of the demo: what the units found in policies, contracts, cases, on platforms and at the chamber."""

from dataclasses import dataclass

REPORTED, CONFIRMED, SENT_BACK, REMOVED, RECLASSIFIED = (
    "reported",
    "confirmed",
    "sent_back",
    "removed",
    "limited",
)


@dataclass(frozen=True)
class Old:
    """One problem: listed in ``week`` of twelve, to be solved in ``days`` working days.

    ``ends`` says what became of it after so many working days; empty: it is still open.
    """

    week: int
    source: str
    reference: str
    title: str
    facts: str
    unit: str
    classification: str
    days: int
    amount: str = ""
    assisting: tuple[str, ...] = ()
    plan: str = ""
    route: str = ""
    next_step: str = ""
    ends: str = ""
    after: int = 0
    result: str = ""
    about_project: bool = False


OLD = (
    # 政策兑现
    Old(0, "policy", "郊政办〔2023〕18号", "技改设备补助第二批没有拨付", "2023年验收合格，首批已拨，第二批因预算调整没有安排。", "kjj",
        "limited", 40, "86.00", ("czj",), "列入本年度第三批资金计划，分两次拨付。", ends=CONFIRMED, after=34, result="余款已分两次拨付到账，企业出具收款证明。"),
    Old(0, "policy", "郊人社〔2023〕9号", "稳岗返还漏发一个季度", "申报材料齐全，经办系统切换时漏发。", "rsj", "immediate", 8, "4.20",
        ends=CONFIRMED, after=5, result="已补发到账，并逐户核对同期名单，没有其他漏发。"),
    Old(0, "policy", "郊政〔2022〕31号", "招商引资固定资产投资奖励没有兑现", "协议约定投产后一年内兑现，投资额的口径双方意见不一。", "jkq",
        "disputed", 30, "320.00", ("czj", "fgw"), "委托第三方审计投资额，以审计结论为准。", "mediation", "审计结论出具后组织双方调解"),
    Old(1, "policy", "郊科经〔2023〕44号", "高新技术企业认定奖励没有到账", "市级部分已到，区级配套没有到。", "kjj", "immediate", 9, "20.00", ("czj",),
        ends=CONFIRMED, after=7, result="区级配套资金已拨付。"),
    Old(2, "policy", "郊商务〔2023〕6号", "电商企业快递补贴积压两年", "2022、2023两年度申报已审核，资金没有安排。", "swj", "limited", 75, "37.50",
        ("czj",), "2022年度年内兑现，2023年度列入下年预算。"),
    Old(4, "policy", "郊农〔2024〕15号", "秸秆综合利用补助减半发放", "发放时按资金总量打折，与公开标准不符。", "nyj", "limited", 25, "11.80", ("czj",),
        "核定差额，报区政府常务会议研究后补发。", ends=SENT_BACK, after=18, result="差额已核定，正走拨付程序。"),
    Old(7, "policy", "郊金融〔2024〕3号", "小微企业贷款贴息申报后一年没有答复", "申报材料已受理，没有告知结果。", "czj", "immediate", 9, "6.30"),
    # 合同协议
    Old(0, "contract", "HT-2021-016", "园区道路没有按投资协议修通", "协议约定2022年底前通车，现有300米断头路，货车绕行。", "jkq", "limited", 60, "",
        ("zjj", "zrzy"), "先修临时便道，主路纳入明年城建计划，6月底前通车。", about_project=True),
    Old(0, "contract", "GC-2019-207", "标准化厂房工程尾款拖欠", "工程竣工结算已审定，尾款因项目公司注销没有支付。", "zjj", "limited", 35, "142.60",
        ("czj",), "由承继单位分三期支付，首期9月底。", ends=CONFIRMED, after=31, result="三期尾款全部付清，农民工工资保证金同步退还。"),
    Old(1, "contract", "CR-2020-011", "出让地块迟迟不能交地", "地块内一处管线没有迁改，企业无法开工。", "zrzy", "limited", 30, "", ("zjj",),
        "管线迁改11月完成，按实际交地日顺延开竣工期限。", ends=REPORTED, after=27, result="管线已迁改，交地确认书已签，开竣工期限顺延。"),
    Old(2, "contract", "CG-2022-118", "政府采购服务费逾期没有支付", "服务已验收，资金额度调整后没有支付。", "sjzy", "immediate", 10, "9.60", ("czj",),
        ends=CONFIRMED, after=9, result="已支付全款和逾期利息。"),
    Old(3, "contract", "TXJY-2018-02", "污水处理特许经营费调价没有执行", "协议约定的调价条件已满足，成本监审没有完成。", "zjj", "disputed", 28, "75.00",
        ("fgw",), "由发改部门牵头成本监审。", "negotiation", "监审结论出来后一个月内协商调价方案"),
    Old(5, "contract", "HT-2023-052", "租用国有厂房的租金减免没有落实", "符合减免条件，出租单位以合同没有约定为由没有执行。", "czj", "limited", 20, "8.40",
        (), "按文件退还减免的租金，或抵扣下一年租金。", ends=CONFIRMED, after=16, result="已办理抵扣，双方签订补充协议。"),
    Old(6, "contract", "HT-2020-033", "承诺代建的宿舍没有建成", "投资协议约定代建职工宿舍80间，规划调整后没有建设。", "jkq", "limited", 50, "", ("zjj", "zrzy"),
        "先安排公租房40间过渡，宿舍选址另行报批。", about_project=True),
    # 案件
    Old(0, "litigation", "（2023）皖0711民初1182号", "生效判决的货款没有履行", "判决区属平台公司支付货款，尚有余款。", "czj", "immediate", 10, "58.00", (),
        ends=CONFIRMED, after=10, result="余款和利息已履行完毕，申请执行人出具结案申请。"),
    Old(1, "litigation", "（2024）皖0711行初27号", "拆迁补偿标准的行政诉讼", "企业不服补偿决定，一审中。", "zjj", "disputed", 40, "", ("sfj",),
        "庭前与企业再协商一次。", "litigation", "等待一审判决，判后十日内研究履行或上诉"),
    Old(2, "reconsideration", "郊复决〔2024〕5号", "行政处罚被撤销后罚款没有退还", "复议决定撤销处罚，退款手续没有办。", "scjg", "immediate", 8, "2.00", ("czj",),
        ends=CONFIRMED, after=6, result="罚款已退还到企业账户。"),
    Old(4, "reconsideration", "郊复受〔2024〕14号", "环评批复撤回引起的损失", "企业请求赔偿停产损失，行政复议审理中。", "sthj", "disputed", 30, "120.00", ("sfj",),
        "配合复议审理，同步评估损失。", "reconsideration", "复议决定作出后按决定执行"),
    Old(1, "mediation", "郊调〔2024〕31号", "相邻企业排水纠纷", "两家企业共用雨水管网，汛期倒灌。", "datong", "limited", 22, "", ("zjj",),
        "疏通管网，分开接入，费用由镇和园区分担。", ends=CONFIRMED, after=20, result="管网改造完成，汛后再次现场查看，没有倒灌。"),
    Old(3, "petition", "XF-20240611-03", "企业职工反映欠缴社保", "改制企业欠缴三个月社保，职工多次来访。", "rsj", "limited", 30, "17.30", ("xfj",),
        "由承继企业分期补缴，年内缴清。", ends=REPORTED, after=25, result="欠缴部分已补缴两期，第三期已落实资金，职工签字认可。"),
    Old(6, "petition", "XF-20240820-11", "历史遗留用地没有办证", "企业建厂十余年没有办理不动产登记，资料不全。", "zrzy", "disputed", 30, "", ("jkq",),
        "按历史遗留问题处理意见补齐资料。", "adjudication", "先行裁决地界，再补办登记"),
    # 平台投诉
    Old(0, "platform", "SSYF-34071120240115", "夜间施工噪声影响精密加工", "“四送一服”平台反映，协调后反复。", "cgj", "limited", 15, "", ("zjj",),
        "限定施工时段，设置隔声屏障，每周抽查。", ends=CONFIRMED, after=12, result="施工已结束，期间抽查四次均合规。"),
    Old(2, "platform", "12345-20240702-0817", "用电增容申请半年没有办结", "企业两次反映，配套线路产权不清。", "jkq", "limited", 28, "", ("fgw",),
        "明确线路移交，供电部门上门办理增容。", ends=CONFIRMED, after=24, result="增容送电完成，企业已满负荷生产。"),
    Old(5, "platform", "12345-20240913-0264", "大件运输绕行增加成本", "限高架设置后，大件货车无法通行。", "jtys", "immediate", 9, "", ("datong",)),
    Old(8, "platform", "SSYF-34071120241008", "污水接管费用重复收取", "园区和镇各收一次。", "jkq", "immediate", 10, "3.10", ("datong",),
        ends=CONFIRMED, after=8, result="重复收取的已退还，今后由园区一家收取。"),
    # 商会意见
    Old(1, "chamber", "区工商联函〔2024〕8号", "协会会员单位质保金到期没有退", "多家建筑企业反映，质保期满一年以上。", "zjj", "limited", 75, "210.00", ("czj",),
        "建立台账，按到期先后逐家退还，12月底前清零。"),
    Old(3, "chamber", "区工商联函〔2024〕12号", "餐饮企业燃气改造费用分担", "改造费用由谁承担，政策口径前后不一。", "zjj", "disputed", 35, "", ("scjg",),
        "由住建部门统一口径。", "negotiation", "月底前召集商会、燃气公司协商"),
    Old(7, "chamber", "区工商联函〔2024〕19号", "展会参展补贴的门槛临时提高", "报名时没有告知，参展后按新门槛不予补贴。", "swj", "limited", 45, "5.60", (),
        "按报名时的门槛补发。"),
    # 其他
    Old(2, "other", "", "招商项目的土地指标等待三年", "历届承诺过的指标没有落实。", "zrzy", "immediate", 10, "", ("fgw",),
        ends=RECLASSIFIED, after=6, about_project=True),
    Old(4, "other", "", "技改设备补助没有到账", "与“技改设备补助第二批没有拨付”是同一笔资金。", "kjj", "limited", 30, "86.00", ("czj",), "列入资金计划。",
        ends=REMOVED, after=4),
)  # fmt: skip

# Appeals that came onto the list because they drag on: in which week, and how long the unit was given.
APPEALS = ((5, 55), (8, 40), (10, 30))

PROGRESS = (
    "已与企业面谈，核对了申报材料和往来凭证。",
    "已召集协同单位会商，明确分工和时间节点。",
    "已报分管区领导，同意按方案推进。",
    "资金安排方案已报区财政，等待批复。",
    "已到现场查看，形成会议纪要，印发各单位执行。",
)
FOLLOWED = (
    "已召集双方当面协商，差距缩小，约定下月再谈。",
    "已向法律顾问征询意见，按程序推进。",
    "已跟进审理进度，等待下一次开庭。",
)
NOT_YET = "企业反映款项没有到账，请落实后再报"
NO_CONDITIONS = "核实后暂不具备条件，改为限期类"
LATER_PLAN = "纳入明年用地计划，一季度上报，获批后三十日内供地。"
DUPLICATE = "与“技改设备补助第二批没有拨付”是同一笔资金，重复列入"
CHECKED = ("已电话核实，企业认可。", "已现场核实，企业出具证明。", "已核对拨付凭证，企业认可。")
