"""Invented people: names put together from parts, and the posts they hold."""

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤盛查"
)

# Given names; the pairs are drawn as they stand here, so that no public person comes out by accident.
GIVEN_MEN = (
    "志远 建平 晓峰 国栋 文博 海涛 永康 宗明 学军 伟东 新民 立群 长青 光耀 启明 正阳 金宝 广才 春来 "
    "继业 云飞 大江 振国 少华 玉林 德胜 明哲 子轩 浩然 俊杰 天翔 承志 维新 守义 安邦 书恒 定坤 景行 "
    "向前 同舟 敬之 思远 恩泽 柏林 铭轩 若谷 怀民 泽宇 绍平 传贵 根生 水生 来福 兴旺 家和 本华"
)
GIVEN_WOMEN = (
    "晓燕 丽娟 秀英 桂兰 雪梅 文静 佳慧 雅琴 玉洁 春霞 凤仙 海燕 红梅 淑芬 美玲 思琪 雨婷 欣怡 梦瑶 "
    "静怡 婉清 若兰 月华 晓芳 惠敏 彩云 金枝 巧云 素珍 翠萍 冬梅 云霞 诗涵 可馨 芷若 念慈"
)
GIVEN_SHORT = "峰 涛 斌 琳 倩 颖 昊 宇 璐 翔 薇 蕾 楠 晨 岚 祺"

FIRM_POSTS = (
    "总经理",
    "副总经理",
    "办公室主任",
    "财务负责人",
    "行政经理",
    "生产厂长",
    "综合部部长",
    "法定代表人",
)
SHOP_POSTS = ("经营者", "店长", "负责人")

# The leaders of the district (区四大班子及法检“两长”): unit, post.
DISTRICT_LEADERS = (
    ("qwb", "区委副书记"),
    ("qwb", "区委常委、组织部部长"),
    ("qwb", "区委常委、宣传部部长"),
    ("qzfb", "区委常委、常务副区长"),
    ("qzfb", "副区长"),
    ("qzfb", "副区长"),
    ("qrd", "区人大常委会副主任"),
    ("qrd", "区人大常委会副主任"),
    ("qzx", "区政协副主席"),
    ("qzx", "区政协副主席"),
    ("qfy", "区人民法院院长"),
    ("qjcy", "区人民检察院检察长"),
)

# What the head, the deputy and the liaison of a unit are called, by the kind of unit.
HEADS = {
    "leading": "办公室主任",
    "judicial": "党组副书记、副职领导",
    "supervision": "主任",
    "department": "党组书记、主要负责人",
    "resident": "党组书记、主要负责人",
    "federation": "党组书记、常务副主席",
    "state_owned": "董事长",
    "park": "党工委书记",
    "township": "党委书记",
}
DEPUTIES = {
    "department": "党组成员、副职领导",
    "resident": "副职领导",
    "state_owned": "副总经理",
    "park": "党工委副书记、管委会主任",
    "township": "党委副书记、行政主要负责人",
}
LIAISON_TITLES = ("办公室主任", "综合科科长", "办公室副主任", "四级主任科员", "营商环境专员")
TOWNSHIP_TITLES = ("党委委员", "副职领导", "经济发展办主任", "企业服务专员", "经济发展办工作人员", "统计员")

# Leaders of the city who come along on visits as guests: unit, post.
CITY_GUESTS = (
    ("铜陵市经济和信息化局", "副局长"),
    ("铜陵市发展和改革委员会", "副主任"),
    ("铜陵市财政局", "总会计师"),
    ("铜陵市人力资源和社会保障局", "副局长"),
    ("铜陵市科学技术局", "副局长"),
    ("铜陵市地方金融监督管理局", "副局长"),
    ("铜陵市商务局", "二级调研员"),
    ("铜陵市工商业联合会", "副主席"),
    ("铜陵市生态环境局", "副局长"),
    ("铜陵市数据资源管理局", "副局长"),
)
