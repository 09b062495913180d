"""How alike two appeals read: pairs of texts as firms write them."""

import pytest

from appeals.likeness import FEWEST, likeness, pairs, spread
from appeals.similar import ALIKE, SAME

ROAD = "厂区门口路面破损，大货车进出困难，希望尽快修复。"
WORKERS = "一线操作工缺口约20人，希望帮助对接招聘。"
SUBSIDY = "我公司去年技改项目200万元已通过验收，奖补资金公示都结束了，至今没有到账，请问什么时候拨付？"
POWER = "夏季限电影响生产，希望错峰用电时提前通知"


def alike(one: str, other: str) -> float:
    assert likeness(pairs(one), pairs(other)) == likeness(pairs(other), pairs(one))
    return likeness(pairs(one), pairs(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WORKERS, "我公司一线操作工缺口约20人，请帮助组织招聘会。"),
        (SUBSIDY, "技改奖补资金已公示，一直没有到账，想问什么时候拨付"),
        (
            "我公司在银行的300万元流动资金贷款下月到期，货款回笼要到年底，担心抽贷。",
            "贷款下月到期，担心银行抽贷，希望续贷",
        ),
    ],
)
def test_the_same_matter_in_other_words_is_very_likely_the_same(one, other):
    assert alike(one, other) >= SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WORKERS, "招不到一线操作工，缺口20多人"),
        (POWER, "限电没有提前通知，生产受影响"),
        (
            "厂房改造后申请消防验收，窗口说要补一份设计单位的说明，原设计单位已注销，不知道怎么办。",
            "厂房消防验收时窗口要设计单位补说明，设计单位注销了怎么办",
        ),
    ],
)
def test_a_short_retelling_is_alike(one, other):
    assert ALIKE <= alike(one, other) < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (WORKERS, ROAD),
        (SUBSIDY, "参加两次境外展会，展位费补助材料交了半年没消息，也不知道进度到哪里查。"),
        (POWER, "用电增容报装太慢，影响新生产线投产"),
        # What everybody writes makes nothing alike.
        ("希望政府帮助我们企业协调解决路灯问题", "希望政府帮助我们企业协调解决子女入学问题"),
    ],
)
def test_other_matters_are_not(one, other):
    assert alike(one, other) < ALIKE


def test_figures_and_ways_of_writing_do_not_matter():
    assert alike("缺口１５人，ＣＮＣ操作工难招聘", "缺口38人，cnc操作工难招聘") == 1
    assert alike(ROAD, ROAD) == 1


def test_too_little_text_says_nothing():
    assert alike("路坏了", "路坏了") == 0 and alike("", ROAD) == 0 and alike("\0😀", "\0😀") == 0
    assert len(pairs("路坏了")) < FEWEST


def test_probes_come_from_the_whole_text():
    assert spread(list("abcdefgh"), 4) == ["a", "c", "e", "g"]
    assert spread(["a"], 4) == ["a"]
