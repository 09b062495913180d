"""The one search: the same answers on SQLite and PostgreSQL."""

import pytest

from core.search import normalise
from tests import factories

FIRMS = [
    "铜陵𠮷祥商行",
    "铜陵市大通饲料有限公司",
    "大通百分之100%食品厂",
    "ＡＢＣ电子（铜陵）有限公司",
    "under_score科技",
    "back\\slash贸易",
    "笑脸😀超市",
    "Straße进出口",
]


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("  铜陵\t市\n郊区　 ", "铜陵 市 郊区"),
        ("（铜陵）", "(铜陵)"),
        ("a\0b", "a b"),
        ("𠮷祥", "𠮷祥"),
        ("Straße", "strasse"),
        ("㈱", "(株)"),
        ("", ""),
    ],
)
def test_one_way_of_writing(raw, plain):
    assert normalise(raw) == plain
    assert normalise(plain) == plain


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("大通", {1, 2}),
        ("大通 饲料", {1}),
        ("饲料 大通", {1}),
        ("𠮷", {0}),
        ("𠮷祥", {0}),
        ("吉祥", set()),
        ("😀", {6}),
        ("脸😀超", {6}),
        ("abc电子", {3}),
        ("ａｂｃ", {3}),
        ("(铜陵)", {3}),
        ("（铜陵）", {3}),
        ("%", {2}),
        ("100%", {2}),
        ("0%食", {2}),
        ("_", {4}),
        ("r_s", {4}),
        ("\\", {5}),
        ("k\\s", {5}),
        ("'", set()),
        ('"; --', set()),
        ("strasse", {7}),
        ("STRASSE", {7}),
        ("\0", set(range(8))),
        ("  ", set(range(8))),
        ("", set(range(8))),
        ("通", {1, 2}),
    ],
)
def test_every_word_is_found_literally(district, query, found):
    firms = [factories.enterprise(district, name=name) for name in FIRMS]
    hits = {firms.index(firm) for firm in type(firms[0]).objects.search(query)}
    assert hits == found


def test_a_very_long_query_is_cut_and_answered(district):
    firm = factories.enterprise(district, name="铜陵市大通饲料有限公司")
    assert list(type(firm).objects.search("大通 " * 500)) == [firm]
    assert not type(firm).objects.search("长" * 5000).exists()


def test_the_text_follows_the_record(district):
    firm = factories.enterprise(district, name="旧名商行")
    firm.name = "新名商行"
    firm.save(update_fields=["name"])
    assert list(type(firm).objects.search("新名")) == [firm]
    assert not type(firm).objects.search("旧名").exists()
