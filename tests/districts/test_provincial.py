"""The provincial platform in a profile: what is read, what is refused, and what holds without it."""

import pytest

from districts.loading import LoadedProfile
from districts.profile import Rules
from districts.provincial import FIELDS, Provincial
from districts.schema import ProfileError, validated

NEEDED = [{"field": "number"}, {"field": "provincial_number"}]


def told(**data) -> str:
    with pytest.raises(ProfileError) as refused:
        validated(Provincial, data, "provincial")
    return "\n".join(refused.value.messages)


def test_the_districts_columns_stand_in_its_own_order_and_words(loaded: LoadedProfile):
    columns = loaded.rules.provincial.columns
    assert [column.title for column in columns][:4] == ["诉求编号", "所属市", "所属县区", "企业名称"]
    assert columns[1].text == "铜陵市"


def test_a_district_without_the_section_has_sensible_defaults(loaded: LoadedProfile):
    data = loaded.rules.model_dump(mode="json")
    del data["provincial"]
    platform = Rules.model_validate(data).provincial
    assert platform.name == "省为企服务平台"
    assert platform.columns[0].field == "number"
    assert all(column.title == FIELDS[column.field] for column in platform.columns)
    assert platform.status_of("办结") == "省平台已办结"


def test_the_platforms_words_are_ours_by_the_map(loaded: LoadedProfile):
    platform = loaded.rules.provincial
    assert platform.status_of(" 已 办 结 ") == platform.status_of("省平台已办结") == "省平台已办结"
    assert platform.status_of("飞走了") == ""
    assert Provincial(statuses=()).status_of("飞走了") == "飞走了"


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ([*NEEDED, {"field": "colour"}], "没有“colour”这一项；可用的有 number、title"),
        ([*NEEDED, {"field": "title"}, {"field": "title"}], "columns 中 title 重复"),
        ([*NEEDED, {"field": "title", "header": "省平台编号 "}], "表头“省平台编号”重复"),
        ([{"field": "number"}], "须有 provincial_number（省平台编号）"),
        ([{"field": "provincial_number"}], "须有 number（诉求编号）"),
        ([*NEEDED, {"field": "fixed", "text": "铜陵市"}], "须写明表头"),
        ([*NEEDED, {"field": "title", "text": "铜陵市"}], "只有固定内容的栏"),
        ([*NEEDED, {"field": "title", "aliases": ["事项"]}], "不用写别名"),
        ([*NEEDED, {"field": "title", "header": "省平台状态"}], "表头“省平台状态”重复"),
        ([], "columns"),
    ],
)
def test_it_refuses_columns_that_cannot_be_used(columns, said):
    assert said in told(columns=columns)


def test_it_refuses_a_pattern_and_a_map_that_cannot_be_used():
    assert "不是有效的正则表达式" in told(number_pattern="[A-Z")
    twice = [{"label": "办结", "words": ["完成"]}, {"label": "办完", "words": ["完 成"]}]
    assert "statuses 中状态“完成”重复" in told(statuses=twice)
