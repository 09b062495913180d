"""The words of documents in a profile: placeholders that are known, numbers by year, boxes that can be read."""

import shutil
from pathlib import Path

import pytest

from districts.documents import DEFAULTS, LABELS, Documents, DocumentText, boxes_in, fill
from districts.loading import read_profile
from districts.profile import Rules
from districts.schema import ProfileError, validated


def broken(kind: str, **changed) -> str:
    words = {kind: DEFAULTS[kind].model_dump() | changed}
    with pytest.raises(ProfileError) as error:
        validated(Documents, words)
    return str(error.value)


def test_a_district_without_the_file_has_every_kind_in_usual_words(folder: Path, tmp_path: Path):
    bare = Path(shutil.copytree(folder, tmp_path / "340711"))
    (bare / "documents.toml").unlink()
    documents = read_profile(bare).rules.documents
    assert {kind: documents.of(kind) for kind in LABELS} == DEFAULTS


def test_a_district_writes_some_kinds_its_own_way(folder: Path):
    documents = read_profile(folder).rules.documents
    assert documents.dispatch.number == "郊亲清交〔{年}〕{号}号"
    assert documents.reply == DEFAULTS["reply"]


def test_what_is_wrong_is_said_in_chinese():
    assert "答复函：不认识的占位 {密码}" in broken("reply", body="{密码}")
    assert "交办单：缺少文号格式" in broken("dispatch", number="")
    assert "文号须含 {年} 和 {号}" in broken("dispatch", number="交{号}号")
    assert "一行至多两栏" in broken("dispatch", boxes="一：1｜二：2｜三：3")
    assert "栏高至多200毫米" in broken("dispatch", boxes="批示：（高900毫米）")


def test_a_placeholder_of_another_kind_is_not_known():
    assert "不认识的占位 {会商纪要}" in broken("reply", body="{会商纪要}")


@pytest.mark.parametrize("text", ["编号{编号", "编号}", "{{编号}}", "{编{号}}", "｛编号｝"])
@pytest.mark.parametrize("field", ["body", "boxes"])
def test_braces_that_are_no_placeholder_are_refused(field, text):
    assert f"有多余、不成对或全角的花括号：一：{text}" in broken("reply", **{field: f"一：{text}"})


def test_so_are_those_in_a_number_and_in_the_name_of_a_box():
    assert "文号格式中有多余" in broken("reply", number="复〔{{年}}〕{号}号")
    assert "栏目名称不能用占位" in broken("reply", boxes="{编号}：甲")


@pytest.mark.parametrize(
    ("number", "whose"),
    [
        ("郊亲清交〔{年}〕 {号}号", "答复函与交办单的文号格式相同"),
        ("JQ释〔{年}〕{号}号", "情况说明与答复函的文号格式相同"),
        ("郊科经通报〔{年}〕{号}号", "通报与答复函的文号格式相同"),
        ("{前缀}督〔{年}〕{号}号", "督办单与答复函的文号格式相同"),
    ],
)
def test_no_two_kinds_bear_the_same_number(folder: Path, number, whose):
    data = read_profile(folder).rules.model_dump(mode="json")
    data["documents"]["reply"]["number"] = number
    with pytest.raises(ProfileError, match=whose):
        validated(Rules, data)


def test_a_line_without_any_of_its_values_is_left_out():
    text = "{结果}\n依据：{依据}\n此致\n联系：{人} {电话}"
    assert fill(text, {"结果": "已办。", "依据": "", "人": "李", "电话": ""}) == "已办。\n此致\n联系：李"


def test_values_are_text_and_never_filled_again():
    assert fill("{结果}", {"结果": "{密码} {0.__class__}", "密码": "x"}) == "{密码} {0.__class__}"


def test_boxes_have_a_name_a_text_and_maybe_a_height():
    rows = boxes_in("编号：{编号}｜日期：{日期}\n\n签收：（高18毫米）\n依据：甲：乙")
    assert [[(box.label, box.text, box.height) for box in row] for row in rows] == [
        [("编号", "{编号}", 0), ("日期", "{日期}", 0)],
        [("签收", "", 18)],
        [("依据", "甲：乙", 0)],
    ]


def test_unknown_keys_are_refused():
    with pytest.raises(ProfileError, match="不认识的项"):
        validated(DocumentText, {"layout": "form", "title": "单", "body": "文", "colour": "红"})
