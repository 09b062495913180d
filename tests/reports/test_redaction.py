"""去标识: whatever tells whose case it was is gone, the same thing by the same word, and the rest still reads."""

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.identity_forms import parts_of_address, take_apart
from reports.redaction import Known, Replacement, redact, scan, segments

HOME = (("我区", ("铜陵市郊区", "郊区")), ("我市", ("铜陵市",)), ("我省", ("安徽省",)))
FIRM = "铜陵市大通镇宏达机械有限公司"


def redacted(text: str, **known) -> str:
    return redact([text], Known(**{"home": HOME} | known)).texts[0]


# --- Firms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "铜陵市大通镇宏达机械有限公司",
        "铜陵市大通镇宏达机械",
        "大通镇宏达机械有限公司",
        "铜陵宏达机械有限公司",
        "宏达机械有限公司",
        "宏达机械",
        "宏达公司",
        "宏达机械厂",
        "宏达集团",
        "宏达",
        "宏 达 机 械",
        "“宏达”机械公司",
        "宏达\u200b机械有限公司",
    ],
)
def test_a_firm_is_gone_in_every_form_it_is_called_by(said: str):
    text = redacted(f"昨天，{said}反映用工难。", firms=(FIRM,), places=("大通镇",))
    assert text == "昨天，甲公司反映用工难。"


def test_firms_keep_their_letters_throughout_and_across_texts():
    done = redact(
        ["华源公司起诉宏达公司。", "后来宏达机械与华源商贸和解。"],
        Known(firms=(FIRM, "铜陵华源商贸有限公司"), home=HOME),
    )
    assert done.texts == ["甲公司起诉乙公司。", "后来乙公司与甲公司和解。"]


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("铜陵市郊区大通镇福满楼饭店", "甲商户"),
        ("铜陵市郊区众域农机服务专业合作社", "甲合作社"),
        ("铜陵市郊区绿源家庭农场", "甲农场"),
        ("铜陵市第二轴承厂", "甲厂"),
        ("宏达（铜陵）机械有限公司", "甲公司"),
        ("铜陵宏达机械股份有限公司", "甲公司"),
    ],
)
def test_what_it_is_called_tells_what_it_is(name: str, called: str):
    assert redacted(f"{name}来访。", firms=(name,), places=("大通镇",)) == f"{called}来访。"


@pytest.mark.parametrize(
    ("name", "core", "brand"),
    [
        ("铜陵市大通镇宏达机械有限公司", "宏达机械", "宏达"),
        ("安徽省铜陵市皖江铜基新材料科技股份有限公司", "皖江铜基新材料科技", "皖江"),
        ("铜陵华程新材料有限公司", "华程新材料", "华程"),
        ("宏达机械有限公司铜陵分公司", "宏达机械", "宏达"),
        ("福满楼饭店", "福满楼", "福满楼"),
    ],
)
def test_a_name_is_taken_apart(name: str, core: str, brand: str):
    parts = take_apart(name, ["铜陵市", "铜陵", "安徽省", "大通镇"])
    assert (parts.core, parts.brand) == (core, brand)


def test_an_everyday_word_as_a_trade_name_is_shown_not_replaced():
    done = redact(["长江机械公司的货堆在长江码头。"], Known(firms=("铜陵长江机械有限公司",), home=HOME))
    assert done.texts == ["甲公司的货堆在长江码头。"]
    assert [one.text for one in done.scan.suspects] == ["长江"]
    assert not done.scan.known


def test_a_project_and_its_owner():
    text = redacted(
        "年产5万吨铜箔项目二期由宏达公司建设，年产5万吨铜箔项目进展顺利。",
        firms=(FIRM,),
        projects=("年产5万吨铜箔项目二期",),
    )
    assert text == "甲项目由甲公司建设，甲项目进展顺利。"


def test_how_a_project_begins_is_shown():
    known = Known(projects=("大通镇澜溪老街改造提升项目（一期）",), places=("大通镇",))
    assert [one.text for one in scan(["等澜溪老街改造结算。"], known).suspects] == ["澜溪老街"]


# --- Persons --------------------------------------------------------------------------------------


def test_persons_keep_their_surname_and_are_told_apart():
    text = redacted("赵敏和王建国、王丽找欧阳锋，王丽说好了。", people=("赵敏", "王建国", "王丽", "欧阳锋"))
    assert text == "赵某和王某甲、王某乙找欧阳某，王某乙说好了。"


def test_a_title_with_a_known_surname_goes_too_but_no_part_of_another_word():
    text = redacted("我们找赵经理谈，赵总答应了；高主任提高总量。", people=("赵敏", "高正阳"))
    assert text == "我们找赵某谈，赵某答应了；高某提高总量。"


def test_a_title_in_the_middle_of_words_is_left_for_the_human():
    done = redact(["公司欧阳总到场，提高总量。"], Known(people=("欧阳修文", "高正阳")))
    assert done.texts == ["公司欧阳总到场，提高总量。"]
    assert [one.text for one in done.scan.suspects] == ["欧阳总"]


@pytest.mark.parametrize("text", ["王牌产品卖得好。", "国王大道上的王家。", "新王朝。"])
def test_a_single_character_is_no_name_within_a_word(text: str):
    assert redacted(text, people=("王", "王建国")) == text


def test_a_name_of_one_character_is_one_where_it_stands_alone():
    assert redacted("联系人：王，已回电。", people=("王",)) == "联系人：王某，已回电。"


@pytest.mark.parametrize("written", ["𠮷田", "𠮷\ufe00田", "𠮷 田"])
def test_rare_characters(written: str):
    assert redacted(f"{written}到场。", people=("𠮷田",)) == "𠮷某到场。"


def test_compatibility_characters_are_the_same_name():
    assert redacted("金\uf9e1来电。", people=("金李",)) == "金某来电。"


# --- Numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        "13900001111",
        "139 0000 1111",
        "139-0000-1111",
        "１３９００００１１１１",
        "+86 13900001111",
        "86-139-0000-1111",
        "139.0000.1111",
        "1 3 9 0 0 0 0 1 1 1 1",
        "139（0000）1111",
    ],
)
def test_a_known_phone_however_it_is_typed(written: str):
    text = redacted(f"电话{written}，请回电。", phones=("13900001111",))
    assert text == "电话〔电话〕，请回电。"


@pytest.mark.parametrize(
    "written",
    ["0562-2871234", "(0562)2871234", "（0562）2871234", "05622871234", "2871234", "0562 2871234转801"],
)
def test_a_known_landline_with_area_code_without_and_with_extension(written: str):
    text = redacted(f"座机{written}无人接。", phones=("0562-2871234",))
    assert "〔电话〕" in text and not re.search(r"\d", text)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("13812345678", "〔电话〕"),
        ("138 1234 5678", "〔电话〕"),
        ("１３８１２３４５６７８", "〔电话〕"),
        ("138****5678", "〔电话〕"),
        ("0562-5871234", "〔电话〕"),
        ("34071119900101123X", "〔证件号〕"),
        ("34071119900101123x", "〔证件号〕"),
        ("91340711MA2MTK1X0N", "〔证件号〕"),
        ("6222 0200 1234 5678 123", "〔证件号〕"),
        ("6222020012345678123", "〔证件号〕"),
        ("皖G12345", "〔车牌〕"),
        ("皖G·D12345", "〔车牌〕"),
        ("zhang.san@example.com", "〔邮箱〕"),
        ("https://www.example.com/a?b=1", "〔网址〕"),
    ],
)
def test_numbers_of_a_fixed_shape_go_whoever_they_belong_to(written: str, label: str):
    assert redacted(f"他说：{written}，记下了。") == f"他说：{label}，记下了。"


@pytest.mark.parametrize(
    "text",
    [
        "贷款13800000000元。",
        "涉及资金1380万元、土地43亩、用工38人。",
        "2026年11月25日，11月3日至12月4日。",
        "2026-11-25 2026-11-26。",
        "0.3兆帕，1,234,567.89元，100%。",
        "拨打12345热线。",
        "年产12000000吨，占地3.5亩。",
    ],
)
def test_amounts_and_dates_stay(text: str):
    assert redacted(text, firms=(FIRM,), people=("王建国",), phones=("13900001111",)) == text


def test_codes_and_case_numbers_with_blanks_and_other_brackets():
    text = redacted(
        "代码9134 0711 MA2M TK1X 0N，编号JQ20261105-0012，文号郊营商[2026]3号。",
        codes=("91340711MA2MTK1X0N",),
        numbers=("JQ20261105-0012", "郊营商〔2026〕3号"),
    )
    assert text == "代码〔证件号〕，编号〔编号〕，文号〔编号〕。"


# --- Places ---------------------------------------------------------------------------------------


def test_places_home_and_the_longest_first():
    text = redacted("铜陵市郊区大通镇政府会同大通镇江村，在铜陵市开会。", places=("大通镇", "大通镇江村"))
    assert text == "我区某镇政府会同某村，在我市开会。"


def test_one_town_is_some_town_and_two_are_told_apart():
    known = {"places": ("大通镇", "铜山镇", "桥南办事处")}
    assert redacted("大通镇回访，大通也来人。", **known) == "某镇回访，某镇也来人。"
    assert redacted("大通镇、铜山镇、桥南办事处。", **known) == "甲镇、乙镇、某街道。"


def test_what_overlaps_leaves_no_piece():
    done = redact(["在大通镇江村。"], Known(places=("大通镇", "镇江村")))
    assert done.texts == ["在某镇。"]


def test_an_address_and_its_parts_with_the_number_of_the_house():
    address = "铜陵市郊区大通镇新建村滨江路18号"
    assert parts_of_address(address, ["铜陵市郊区"]) == ["大通镇", "新建村", "滨江路"]
    known = {"addresses": (address,), "places": ("大通镇",)}
    assert redacted(f"公司在{address}。", **known) == "公司在某地。"
    assert redacted("滨江路18号3栋门口，滨江路上，新建村里。", **known) == "某路门口，某路上，某村里。"


def test_an_address_without_an_ending():
    assert "和悦洲" not in redacted("和悦洲128号漏水。", addresses=("铜陵市郊区大通镇和悦洲128号",))


def test_the_park_that_has_no_name_of_its_own():
    text = redacted("区经开区管委会和经开区企业服务局。", places=("铜陵市郊区经济开发区",))
    assert text == "某园区管委会和某园区企业服务局。"


def test_units_that_must_not_be_named():
    units = (("铜陵市郊区财政局", "区财政局"), ("铜陵市郊区发展和改革委员会", "区发改委"))
    assert redacted("区财政局商区发改委，财政局答复。", units=units) == "某局商某部门，某局答复。"


# --- What nobody told us --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("货款被铜官华源商贸有限公司拖欠。", "铜官华源商贸有限公司"),
        ("刘先生来电。", "刘先生"),
        ("找到张小明经理。", "张小明经理"),
        ("联系人李红，上午来过。", "李红"),
        ("住在滨江路12号。", "滨江路12号"),
        ("在大院社区招聘。", "大院社区"),
        ("依据皖政〔2026〕12号。", "皖政〔2026〕12号"),
        ("单号AH20261105001。", "AH20261105001"),
        ("合同ZY-2024-0088。", "ZY-2024-0088"),
    ],
)
def test_what_looks_like_a_name_is_left_for_the_human(text: str, shown: str):
    done = redact([text], Known())
    assert done.texts == [text]
    assert shown in [one.text for one in done.scan.suspects]


@pytest.mark.parametrize(
    "text",
    [
        "甲公司与王某、某镇、某园区核对。",
        "区人社局交办，请第一时间与企业联系。",
        "厂门口道路、电路改造，思路清楚，乡镇和街道配合。",
        "供水公司连夜抢修，公交公司增开班线。",
        "分公司按规定办理，该公司满意。",
        "请先生产再结算。",
    ],
)
def test_ordinary_words_are_not_suspected(text: str):
    assert scan([text], Known()).suspects == ()


BROKEN = Known(
    firms=(FIRM,),
    people=("赵敏",),
    phones=("13900001111",),
    codes=("91340711MA2MTK1X0N",),
    places=("大通镇",),
    home=HOME,
)


@pytest.mark.parametrize(
    "written",
    [
        "宏、达机械",
        "宏/达",
        "宏，达，机，械",
        "宏★达",
        "宏&达",
        "宏+达机械有限公司",
        "赵、敏",
        "赵|敏",
        "赵\n、敏",
        "大、通镇",
        "139、0000、1111",
        "139：0000；1111",
        "139零零零零1111",
        "一三九〇〇〇〇一一一一",
        "一三九、〇〇〇〇、幺幺幺幺",
        "9134、0711、MA2MTK1X0N",
    ],
)
def test_what_is_broken_up_by_punctuation_is_shown(written: str):
    found = scan([f"据说{written}表示满意。"], BROKEN)
    assert [one.text for one in found.suspects] == [written]
    assert not found.known


@pytest.mark.parametrize("written", ["一三八一二三四五六七八", "幺三八 一二三四 五六七八", "五八六一二三四"])
def test_a_run_of_chinese_digits_is_shown(written: str):
    assert [one.text for one in scan([f"电话{written}。"], Known()).suspects] == [written]


@pytest.mark.parametrize(
    "text",
    [
        "二〇二六年十一月二十五日。",
        "第一、二、三、四、五、六、七条。",
        "一百二十三万四千五百元。",
        "质量高，总量大。",
    ],
)
def test_dates_amounts_and_sentences_are_no_broken_names(text: str):
    assert scan([text], Known(people=("高正阳",), phones=("13900001111",))).suspects == ()


def test_a_known_name_that_crept_in_is_found():
    found = scan(["本报讯：宏达机械获得支持。"], Known(firms=(FIRM,), home=HOME))
    assert [one.text for one in found.known] == ["宏达机械"]


# --- Again ----------------------------------------------------------------------------------------


def test_words_given_before_stay_and_new_ones_are_new():
    known = Known(
        firms=(FIRM, "铜陵华源商贸有限公司"),
        places=("大通镇", "铜山镇"),
        people=("王丽", "王建国"),
        home=HOME,
    )
    prior = [
        Replacement("企业", "铜陵华源商贸有限公司", "甲公司"),
        Replacement("地名", "铜山镇", "某镇"),
        Replacement("姓名", "王建国", "王某"),
    ]
    done = redact(["宏达公司、华源公司在大通镇、铜山镇见王丽和王建国。"], known, prior)
    assert done.texts == ["乙公司、甲公司在甲镇、某镇见王某甲和王某。"]


def test_what_was_replaced_is_listed_with_how_often():
    done = redact(["宏达公司和宏达公司。", "宏达机械。"], Known(firms=(FIRM,), home=HOME))
    assert done.replacements == [
        Replacement("企业", "宏达公司", "甲公司", 2),
        Replacement("企业", "宏达机械", "甲公司", 1),
    ]


def test_pieces_for_the_page():
    assert segments("甲公司在某镇", {"甲公司": "replaced", "某镇": "suspect"}) == [
        ("甲公司", "replaced"),
        ("在", ""),
        ("某镇", "suspect"),
    ]
    assert segments("", {}) == [] and segments("平", {}) == [("平", "")]


def test_a_whole_complaint_reads_on_and_tells_nothing():
    known = Known(
        firms=(("铜陵市郊区大通镇顺发水产品加工有限公司", "顺发水产"), "安徽中冶置业集团有限公司"),
        people=("赵敏", "钱大勇", "高正阳"),
        phones=("13900001111", "0562-5861234"),
        places=("大通镇", "桥南办事处", "铜陵市郊区经济开发区"),
        addresses=("铜陵市郊区大通镇民福村滨江路66号",),
        numbers=("郊科经交〔2026〕12号",),
        home=HOME,
    )
    said = (
        "11月5日，顺发公司老板钱大勇（手机：139-0000-1111，微信qdy139，座机5861234转8）到大通镇政府反映：厂房在民福村滨江路66号，"
        "中冶集团拖欠货款126.5万元；高主任要求桥南办一周内答复。车牌皖GA1234，邮箱qdy@163.com，见郊科经交[2026]12号。"
    )
    assert redact([said], known).texts == [
        "11月5日，甲公司老板钱某（手机：〔电话〕，微信〔账号〕，座机〔电话〕）到某镇政府反映：厂房在某村某路，"
        "乙公司拖欠货款126.5万元；高某要求某街道办一周内答复。车牌〔车牌〕，邮箱〔邮箱〕，见〔编号〕。"
    ]


# --- Whatever is written --------------------------------------------------------------------------

_FILLER = "请第一时间与企业联系，核实情况按期反馈。贷款38万元；11月3日 在厂区、（镇江村）公司电话总某甲乙王大通路号\n0139-"
_BRANDS = st.text("宏达华源皖江鑫铜盛泰恒瑞𠮷", min_size=2, max_size=3)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Known, list[str], list[str]]:
    """Someone's file, and a text in which its identities stand anywhere, typed in any way."""
    trade = draw(st.sampled_from(["机械", "新材料", "商贸", ""]))
    firm = "铜陵" + draw(_BRANDS) + trade + draw(st.sampled_from(["有限公司", "厂", "超市", "专业合作社"]))
    people = draw(st.lists(st.text("王李欧阳建国敏丽𠮷高", min_size=2, max_size=3), max_size=3))
    phones = draw(st.lists(st.from_regex(r"1[3-9][0-9]{9}|0562-?[2-8][0-9]{6}", fullmatch=True), max_size=2))
    places = draw(st.lists(st.sampled_from(["大通镇", "镇江村", "铜山镇", "江村社区", "滨江路"]), max_size=3))
    code = "91340711MA" + draw(st.from_regex(r"[0-9A-H]{8}", fullmatch=True))
    known = Known(
        firms=(firm,),
        people=tuple(people),
        phones=tuple(phones),
        codes=(code,),
        places=tuple(places),
        home=HOME,
    )
    names = [firm, *people, *places, "铜陵市郊区"]
    numbers = [*phones, code]
    pieces = draw(
        st.lists(
            st.one_of(
                st.sampled_from([*names, *numbers]),
                st.sampled_from(names).map(lambda name: " ".join(name)),
                st.sampled_from(numbers).map(_full_width),
                st.sampled_from(numbers).map(lambda number: f"{number[:3]} {number[3:7]}-{number[7:]}"),
                st.text(_FILLER, max_size=6),
            ),
            max_size=14,
        )
    )
    cut = draw(st.integers(0, len(pieces)))
    return known, ["".join(pieces[:cut]), "".join(pieces[cut:])], [*names, *numbers]


def _full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _plainly(text: str) -> str:
    """As somebody would compare who looks for it by hand."""
    return re.sub(r"[\s\-—()（）]", "", unicodedata.normalize("NFKC", text)).upper()


@settings(max_examples=300, deadline=None)
@given(_cases())
def test_nothing_known_is_left_and_doing_it_again_changes_nothing(case):
    known, texts, identities = case
    done = redact(texts, known)
    for text in done.texts:
        plain = _plainly(text)
        for identity in identities:
            assert identity not in text
            assert _plainly(identity) not in plain, (identity, text)
    assert not done.scan.known
    assert not scan(done.texts, known).known
    assert redact(done.texts, known).texts == done.texts


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([FIRM, "宏达机械", "赵敏", "13900001111", "91340711MA2MTK1X0N", "大通镇"]),
    st.text("、/，。；：！？…|★+=&%#@^~-·（）“” \n", min_size=1, max_size=4),
)
def test_no_known_name_slips_through_whatever_breaks_it_up(name: str, between: str):
    found = scan([f"据说{between.join(name)}表示满意。"], BROKEN)
    assert found.known or found.suspects


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text_goes_through_and_comes_to_rest(text: str):
    known = Known(
        firms=(FIRM,), people=("赵敏", "王"), phones=("13900001111",), places=("大通镇",), home=HOME
    )
    once = redact([text], known).texts
    assert redact(once, known).texts == once
