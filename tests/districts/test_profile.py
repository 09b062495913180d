"""The profile of 铜陵市郊区 against its plan; what a broken profile is told; which version is in force."""

import shutil
from datetime import date, time
from pathlib import Path

import pytest
import time_machine
from django.core.exceptions import ValidationError
from pydantic import ValidationError as Frozen

from districts.loading import LoadedProfile, load_regions, load_rules, read_profile
from districts.models import DistrictProfile, Region
from districts.profile import ProfileError, Rules

# 附件3, copied row by row; a line break inside a cell of the plan is left out.
FORM = [
    (1, "区四大班子及法检“两长”走访情况", "参与走访领导人数（人）", ""),
    (2, "区四大班子及法检“两长”走访情况", "走访企业数量（家）", ""),
    (3, "区四大班子及法检“两长”走访情况", "收集解决问题（个）", ""),
    (4, "区其他单位领导班子走访情况", "参与走访领导人数（人）", ""),
    (5, "区其他单位领导班子走访情况", "走访企业数量（家）", ""),
    (6, "区其他单位领导班子走访情况", "收集解决问题（个）", ""),
    (7, "市有关单位领导班子走访情况", "参与走访领导人数（人）", ""),
    (8, "市有关单位领导班子走访情况", "走访企业数量（家）", ""),
    (9, "市有关单位领导班子走访情况", "收集解决问题（个）", ""),
    (10, "宣传解读政策", "发放政策清单（份）", ""),
    (11, "宣传解读政策", "召开调研座谈会（场）", ""),
    (12, "宣传解读政策", "政策宣传惠及企业（家）", ""),
    (13, "宣传解读政策", "帮助兑现政策（万元）", ""),
    (14, "本次活动收集解决问题情况", "收集解决企业、项目问题（个）", "A+B"),
    (15, "本次活动收集解决问题情况", "其中当场解决问题（个）", "A"),
    (16, "本次活动收集解决问题情况", "录入省为企业服务平台跟踪办理问题数（个）", "B"),
    (17, "帮助企业解决要素问题情况", "解决用工（人）", ""),
    (18, "帮助企业解决要素问题情况", "解决融资（万元）", ""),
    (19, "帮助企业解决要素问题情况", "解决土地（亩）", ""),
    (20, "帮助企业解决要素问题情况", "解决物流、原材料供应等其他生产配套服务问题（个）", ""),
    (21, "听取意见建议情况", "收集涉企政策、服务、营商环境的意见建议（条）", "A+B"),
    (22, "听取意见建议情况", "其中区政府/单位自行听取的意见建议（条）", "A"),
    (23, "听取意见建议情况", "其中提请区级主管部门协调听取的意见建议（条）", "B"),
    (24, "助企服务长效机制建立情况", "区、乡镇（办事处）、开发园区常态联系企业的领导干部数（人）", ""),
    (25, "助企服务长效机制建立情况", "常态联系包保企业数（家）", ""),
    (26, "助企服务长效机制建立情况", "联系包保项目数量（个）", ""),
    (27, "宣传报道情况", "宣传报道“亲清有约、‘铜’心助企”专项行动（篇次）", ""),
]


@pytest.fixture
def rules(loaded: LoadedProfile) -> Rules:
    return loaded.rules


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A copy of the folder, to break."""
    return Path(shutil.copytree(folder, tmp_path / "340711"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# The plan


def test_the_27_rows_have_the_wording_of_the_plan(rules: Rules) -> None:
    assert [(row.no, row.group, row.item, row.mark) for row in rules.form.rows] == FORM


def test_the_form_has_the_head_of_the_plan(rules: Rules) -> None:
    assert rules.form.title_lines == ["“亲清有约、‘铜’心助企”专项行动", "工作情况表"]
    assert rules.form.unit_label == "填报单位"
    assert rules.form.headers == ("序号", "项目", "工作内容", "具体情况")
    assert rules.form.full_note == "此表由各有关单位填写，于每周四上午下班前反馈至区科经局。"


def test_a_contact_stands_in_the_note_once_it_is_configured(rules: Rules) -> None:
    form = rules.form.model_copy(update={"contact": "电话：0562-0000000"})
    assert form.full_note.endswith("反馈至区科经局，电话：0562-0000000。")


def test_rows_that_belong_together_are_merged(rules: Rules) -> None:
    assert [len(rows) for _, rows in rules.form.groups] == [3, 3, 3, 4, 3, 4, 3, 3, 1]


def test_sums_states_and_amounts_are_marked(rules: Rules) -> None:
    rows = rules.form.rows
    assert {row.no: row.formula for row in rows if row.formula} == {14: (15, 16), 21: (22, 23)}
    assert [row.no for row in rows if row.kind == "state"] == [24, 25, 26]
    assert [row.no for row in rows if not row.whole_number] == [13, 18, 19]
    assert not [row.no for row in rows if row.source == "hand"]


def test_the_week_ends_on_thursday_at_noon(rules: Rules) -> None:
    assert (rules.week.cut_off_weekday, rules.week.cut_off_time) == (3, time(12))
    assert rules.week.ends is None


def test_every_channel_of_the_plan_is_there(rules: Rules) -> None:
    labels = " ".join(label for _, label in rules.choices("channels"))
    for word in ("省为企服务平台", "网上工商联", "来信", "来访", "包保联系", "常态化联系服务", "服务窗口", "茶叙",
                 "现场办公", "周六助企服务日"):  # fmt: skip
        assert word in labels
    assert [channel.code for channel in rules.public_channels] == ["portal", "plaque"]
    assert "window" in [channel.code for channel in rules.channels_for("window")]
    assert "provincial" not in [channel.code for channel in rules.channels_for("cadre", "window")]


def test_the_numbers_and_addresses_of_the_letter(rules: Rules) -> None:
    assert [line.number for line in rules.hotlines] == [
        "96980", "0562-2897066", "12345-0", "0562-5111000", "0562-2896955",
    ]  # fmt: skip
    assert len(rules.policy_channels) == 4
    assert rules.letter.greeting == "各位企业家："
    assert rules.letter.paragraphs[-1].endswith("监督渠道公布如下：")


def test_no_private_phone_is_in_the_profile(folder: Path) -> None:
    import re

    for path in folder.glob("*.toml"):
        assert not re.search(r"\b1[3-9]\d{9}\b", path.read_text(encoding="utf-8"))


def test_the_limits_are_those_of_the_workflow(rules: Rules) -> None:
    limits = rules.limits
    assert (limits.accept, limits.dispatch, limits.sign, limits.return_ruling, limits.assist) == (
        1,
        1,
        1,
        1,
        3,
    )
    assert (limits.handle.urgent, limits.handle.normal, limits.handle.complex) == (5, 7, 15)
    assert (limits.revisit, limits.second_revisit, limits.redo, limits.waiting) == (3, 3, 5, 5)
    assert (limits.extension_notice, limits.extension_total, limits.reopen_days) == (1, 30, 30)


def test_units_of_the_plan_and_18_windows(loaded: LoadedProfile) -> None:
    kinds = [unit.kind for unit in loaded.units]
    assert kinds.count("window") == 18
    assert kinds.count("township") == 8
    assert 55 <= len(kinds) <= 70
    by_code = {unit.code: unit for unit in loaded.units}
    assert by_code[loaded.rules.lead_bureau].short_name == "区科经局"
    assert by_code[loaded.rules.supervisor].short_name == "区纪委监委督查室"
    assert by_code[loaded.rules.city_coordination].short_name == "区营商环境办"
    assert all(unit.parent for unit in loaded.units if unit.kind == "window")
    assert [unit.order for unit in loaded.units] == list(range(1, len(kinds) + 1))


# Lookups


def test_labels_and_choices(rules: Rules) -> None:
    assert rules.label("categories", "finance") == "融资"
    assert rules.label("visit_kinds", "wechat") == "微信联系"
    assert rules.label("urgencies", "complex") == "复杂"
    assert rules.label("categories", "long_gone") == "long_gone"
    assert rules.find("effects", "jobs").unit == "人"
    assert rules.choices("satisfaction")[0] == ("very_satisfied", "非常满意")
    assert rules.satisfied_levels == ["very_satisfied", "satisfied", "basic"]
    assert rules.supply_categories == ["logistics", "materials", "utilities"]
    assert rules.codes("rank_groups") == ["district_leaders", "unit_leaders", "city_leaders", "staff"]


def test_rules_cannot_be_changed(rules: Rules) -> None:
    with pytest.raises(Frozen):
        rules.limits.accept = 2  # type: ignore[misc]


# Broken profiles


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("profile.toml", 'name = "铜陵市郊区"\n', "", "profile.name：缺少此项"),
        ("profile.toml", "accept = 1", 'accept = "一天"', "profile.limits.accept：应为整数"),
        ("profile.toml", "accept = 1", "accept = -1", "profile.limits.accept：不得小于 0"),
        ("profile.toml", "accept = 1", "acept = 1", "profile.limits.acept：不认识的项，请检查拼写"),
        ("profile.toml", "17:30:00", "07:30:00", "profile.office_hours：下班时间须晚于上班时间"),
        ("profile.toml", "cut_off_weekday = 3", "cut_off_weekday = 7", "cut_off_weekday：不得大于 6"),
        ("profile.toml", "starts = 2024-02-01", 'starts = "二月"', "profile.week.starts：不是有效的日期"),
        ("profile.toml", "cut_off_time = 12:00:00", 'cut_off_time = "中午"', "不是有效的时间"),
        ("profile.toml", 'code = "land"', 'code = "finance"', "categories 中代码 finance 重复"),
        ("profile.toml", 'code = "land"', 'code = "用地"', "profile.categories 第 3 项.code：只能用小写字母"),
        ("profile.toml", '["officer"]', '["mayor"]', "只能是 officer、unit_leader、bureau、supervisor 之一"),
        ("profile.toml", "{number} 的", "{phone} 的", "profile.reminders 第 1 项.text：文中只能用"),
        ("profile.toml", 'lead_bureau = "kjj"', 'lead_bureau = "abc"', "profile.lead_bureau：单位 abc"),
        ("profile.toml", 'cadence = "quarterly"', 'cadence = "often"', "profile.visits.cadence：只能是"),
        ("profile.toml", 'satisfaction = "basic"', 'satisfaction = "fine"', "revisit_outcomes 中的满意度 fine"),
        ("profile.toml", '[limits]', '[limits', "profile.toml：第 "),
        ("weekly_form.toml", "no = 9", "no = 8", "profile.form：序号须从 1 起连续"),
        ("weekly_form.toml", "formula = [15, 16]", "formula = [15, 61]", "第 14 行的合计引用了第 61 行"),
        ("weekly_form.toml", '"city_leaders"', '"province"', "form 第 7 行的 rank_group"),
        ("weekly_form.toml", 'kind = "jobs"', 'kind = "job"', "form 第 17 行的 kind"),
        ("weekly_form.toml", 'indicator = "policy_papers"\n', "", "profile.form.rows 第 10 项：来源为 indicator"),
        ("regions.toml", 'code = "340711"', 'code = "340712"', "缺少代码为 340711 的县区"),
        ("regions.toml", 'parent = "tongling"', 'parent = "nowhere"', "上级 nowhere 须写在它之前"),
        ("units.toml", 'code = "qrd"', 'code = "qwb"', "单位代码 qwb 重复"),
        ("units.toml", 'region = "huihe"', 'region = "x"', "所在区划 x 在 regions.toml 中找不到"),
        ("units.toml", 'kind = "window"', 'kind = "door"', "类别 door 在 unit_kinds 中找不到"),
    ],
)  # fmt: skip
def test_a_broken_profile_is_told_why(copy: Path, file: str, old: str, new: str, message: str) -> None:
    edit(copy / file, old, new)
    with pytest.raises(ProfileError) as error:
        read_profile(copy)
    assert any(message in line for line in error.value.messages), error.value.messages


def test_all_that_is_wrong_is_told_at_once(copy: Path) -> None:
    edit(copy / "profile.toml", "accept = 1", "accept = -1")
    edit(copy / "profile.toml", "sign = 1", 'sign = "x"')
    with pytest.raises(ProfileError) as error:
        read_profile(copy)
    assert len(error.value.messages) == 2


@pytest.mark.parametrize(
    "name", ["profile.toml", "weekly_form.toml", "letter.toml", "regions.toml", "units.toml"]
)
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ProfileError, match=f"缺少文件 {name}"):
        read_profile(copy)


def test_a_file_in_another_encoding_is_refused(copy: Path) -> None:
    path = copy / "profile.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    with pytest.raises(ProfileError, match="UTF-8"):
        read_profile(copy)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="找不到配置目录"):
        read_profile(tmp_path / "none")


# Versions


@pytest.fixture
def district(db: None, loaded: LoadedProfile) -> Region:
    return load_regions(loaded.regions)["jiaoqu"]


def stricter(rules: Rules) -> Rules:
    return rules.model_copy(update={"limits": rules.limits.model_copy(update={"sign": 0})})


def test_rules_come_back_from_the_database_as_they_were(district: Region, rules: Rules) -> None:
    load_rules(district=district, rules=rules)
    assert DistrictProfile.objects.in_force(district).rules == rules


def test_the_first_version_holds_from_the_start_of_the_action(district: Region, rules: Rules) -> None:
    profile, created = load_rules(district=district, rules=rules)
    assert created
    assert profile.effective_from == date(2024, 2, 1)


def test_the_same_content_makes_no_new_version(district: Region, rules: Rules) -> None:
    first, _ = load_rules(district=district, rules=rules)
    again, created = load_rules(district=district, rules=rules, effective_from=date(2026, 12, 1))
    assert (again, created) == (first, False)


@time_machine.travel("2026-11-22T10:00:00+08:00", tick=False)
def test_changed_content_is_a_version_from_today_and_the_old_one_stays(
    district: Region, rules: Rules
) -> None:
    load_rules(district=district, rules=rules)
    _, created = load_rules(district=district, rules=stricter(rules), note="签收改为当日")
    assert created
    in_force = DistrictProfile.objects.in_force
    assert in_force(district).rules.limits.sign == 0
    assert in_force(district, date(2026, 11, 22)).rules.limits.sign == 0
    assert in_force(district, date(2026, 11, 21)).rules.limits.sign == 1
    assert in_force(district, date(2020, 1, 1)).rules.limits.sign == 1


@time_machine.travel("2026-11-22T10:00:00+08:00", tick=False)
def test_a_version_can_be_loaded_ahead_of_its_day(district: Region, rules: Rules) -> None:
    load_rules(district=district, rules=rules)
    load_rules(district=district, rules=stricter(rules), effective_from=date(2027, 1, 1))
    assert DistrictProfile.objects.in_force(district).rules.limits.sign == 1
    assert DistrictProfile.objects.in_force(district, date(2027, 1, 1)).rules.limits.sign == 0


@pytest.mark.parametrize("day", [date(2024, 2, 1), date(2023, 1, 1)])
def test_a_version_never_rewrites_the_past(district: Region, rules: Rules, day: date) -> None:
    load_rules(district=district, rules=rules)
    with pytest.raises(ProfileError, match="请另选生效日期"):
        load_rules(district=district, rules=stricter(rules), effective_from=day)


def test_a_version_is_never_edited(district: Region, rules: Rules) -> None:
    profile, _ = load_rules(district=district, rules=rules)
    profile.note = "改一改"
    with pytest.raises(ValidationError, match="旧版本不可修改"):
        profile.save()
    with pytest.raises(TypeError):
        DistrictProfile.objects.update(note="改一改")


def test_a_district_without_a_profile_says_so(district: Region) -> None:
    with pytest.raises(DistrictProfile.DoesNotExist, match="还没有载入区县配置"):
        DistrictProfile.objects.in_force(district)


def test_rules_are_parsed_once(district: Region, rules: Rules, django_assert_num_queries) -> None:
    load_rules(district=district, rules=rules)
    first = DistrictProfile.objects.in_force(district).rules
    with django_assert_num_queries(1):
        assert DistrictProfile.objects.in_force(district).rules is first
