"""Pasted and uploaded task lists: the damage of a scan, merged cells, sub-items, section rows, names."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from campaigns.task_lists.columns import tidy
from campaigns.task_lists.pasted import read_text
from campaigns.task_lists.sheets import read_book, template
from campaigns.task_lists.targets import suggestions
from core.xlsx import SheetError

HEAD = "序 号\t工作任务\t具体举措\t牵头 领导\t牵头责任 单 位\t协同责任 单 位\t完成时限\t完成情况"
PLAIN = f"""附件

某区"示例行动"专项行动任务清单

{HEAD}\t\t\t
\t一、加强组织领导\t\t\t\t\t\t\t\t\t
1\t成立工作专班\t成立由区政府副区长甲乙丙任组长,区直单位为成员的 专班。\t甲 乙丙\t区政府办公室\t区直各单位\t3月中旬\t\t\t\t
\t\t\t\t1\t\t\t
{HEAD}
\t\t二、全面\t梳理清单\t\t\t\t
2\t梳理区级"双 招双引"相关 政策\t全面收集梳理,\t甲乙丙\t区投创中心、区委 组织部\t区发改委\t4月中旬\t已完成

注: 举措根据实际情况调整。
"""
OWN_DEADLINES = f"""{HEAD}
\t全力推进"一件事\t1. 制作操作流程。\t\t区数管局、区人\t一件事单位: 33\t3月10日前\t已完成
2\t一次办"。\t2. 安排工作。\t区政府副区长\t社局\t家单位\t3月底\t
\tᆉᆔᆺ\t1.清理事项。\t\t\t\t3月底\t
3\t对中介服务 清单化管理。\t2. 公开电话。\t区政府副区长\t区数管局\t\t4月底\t
"""
WRAPPED = f"""{HEAD}
\t工作任务\t共\t领导\t单 位\t单 位\t元队\t一
\t开展第一次\t组织企业家到内部管理、\t\t\t\t\t已组织企业走进
1\t企业间互访\t做得好的标杆企\t区委统战部部长\t区工商联\t区直单位\t2月底前\t标杆企业
\t交流活动\t业观摩学习。\t\t\t\t\t
\t\t围绕主导产业,\t\t\t\t\t
2\t开展"沙龙"\t畅通交流渠道。\t区委统战部部长\t区工商联\t区直单位\t3月底前\t
"""
MERGED_TITLE = f"""{HEAD}
1\t\t召开对接会\t副区长\t区金融监管局\t各银行\t11月底前\t
2\t畅通融 资渠道\t摸排需求\t副区长\t区金融监管局\t各银行\t11月底前\t
{HEAD}
3\t\t推进担保\t副区长\t易汇担保公司\t各银行\t12月底前\t
4\t提升担保服务\t扩大覆盖面\t副区长\t易汇担保公司\t各银行\t9月底前\t
"""


def test_scan_damage_is_taken_out_and_nothing_else():
    reading = read_text(PLAIN, {"甲乙丙": "区政府副区长"})
    first, second = reading.entries
    assert reading.title == '某区"示例行动"专项行动任务清单'
    assert reading.notes == ["注:举措根据实际情况调整。"]
    assert (first.section, second.section) == ("一、加强组织领导", "二、全面梳理清单")
    assert first.measure == "成立由区政府副区长任组长,区直单位为成员的专班。"
    assert first.leader == "区政府副区长"
    assert (second.title, second.lead) == ('梳理区级"双招双引"相关政策', "区投创中心、区委组织部")
    assert (second.deadline, second.status) == ("4月中旬", "已完成")
    assert [text for _, text in reading.skipped] == ["1"]


def test_measures_with_deadlines_of_their_own_are_items_of_one_task():
    second, third = read_text(OWN_DEADLINES).entries
    assert (second.number, second.title, second.lead) == (
        "2",
        '全力推进"一件事一次办"。',
        "区数管局、区人社局",
    )
    assert [(item.text, item.deadline, item.status) for item in second.items] == [
        ("1.制作操作流程。", "3月10日前", "已完成"),
        ("2.安排工作。", "3月底", ""),
    ]
    assert third.title == "对中介服务清单化管理。"
    assert any("认不出" in problem.text for problem in third.problems)


def test_cells_broken_over_lines_are_put_together():
    first, second = read_text(WRAPPED).entries
    assert first.title == "开展第一次企业间互访交流活动"
    assert first.measure == "组织企业家到内部管理、做得好的标杆企业观摩学习。"
    assert first.status == "已组织企业走进标杆企业"
    assert second.measure == "围绕主导产业,畅通交流渠道。"
    assert not first.items and not second.items


def test_a_title_written_once_is_the_title_of_its_rows_and_asked_about():
    entries = read_text(MERGED_TITLE).entries
    assert [entry.title for entry in entries] == ["畅通融资渠道"] * 2 + ["提升担保服务"] * 2
    assert any("请核对" in problem.text for problem in entries[0].problems)
    assert not any(entry.is_wrong for entry in entries)


def test_numbered_clauses_of_a_deadline_are_items_and_the_cell_stays_whole():
    text = f"{HEAD}\n1\t培育\t1. 引导。2. 辅导。3. 支持。\t副区长\t区科技局\t\t1. 1-5 月完成。2. 12 月底前认定。\t"
    (entry,) = read_text(text).entries
    assert entry.deadline == "1.1-5月完成。2.12月底前认定。"
    assert [item.deadline for item in entry.items] == ["1.1-5月完成。", "2.12月底前认定。"]


def test_a_deadline_that_nobody_can_read_is_asked_about():
    (entry,) = read_text(f"{HEAD}\n1\t培训\t办班\t副区长\t区人社局\t\t视进度另定\t").entries
    assert [problem.text for problem in entry.problems] == ["看不出日期，导入后须人工确定"]
    assert not entry.is_wrong


def test_a_row_without_a_task_is_an_error_and_a_name_a_hint():
    (entry,) = read_text(f"{HEAD}\n1\t\t做点什么\t张三四\t区人社局\t\t适时\t").entries
    assert entry.is_wrong
    assert any(problem.column == "leader" and not problem.is_error for problem in entry.problems)


def test_a_quoted_cell_with_line_breaks_from_excel_is_one_cell():
    text = (
        HEAD
        + '\n1\t任务\t"先做""甲""。\n再做乙。"\t副区长\t区人社局\t\t适时\t\n2\t别的\t举措\t副区长\t区人社局\t\t适时\t'
    )
    first, second = read_text(text).entries
    assert first.measure == '先做"甲"。再做乙。'
    assert second.number == "2"


@given(
    st.text(alphabet=st.sampled_from('序号工作任务具体举措\t\n1."一、。 ') | st.characters(), max_size=200)
)
def test_no_text_breaks_the_reader(text):
    read_text(f"{HEAD}\n{text}")


def test_blanks_between_words_of_letters_stay():
    assert tidy("  5G +  工业 Word Excel\n互联 网 ") == "5G+工业Word Excel互联网"


# --- Sheets ---------------------------------------------------------------------------------------


def book_of(rows, merged=()):
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def test_merged_cells_of_a_sheet_are_understood():
    heads = ["序号", "重点任务", "工作举措", "责任领导", "牵头单位", "配合单位", "完成时间", "备注"]
    file = book_of(
        [
            ["“招商”专项行动任务清单"],
            heads,
            ["一、抓机制"],
            [1, "建专班", "成立专班", "副县长", "县招商局", "", "3月中旬", ""],
            [2, "办培训", "1.定计划", "副县长", "县人社局", "各镇", "5月底前", "已完成"],
            ["", "", "2.办班", "", "", "", "11月底前", ""],
            [3, "稳融资", "摸排", "副县长", "县金融办", "", "每季度", ""],
            [4, "", "对接", "", "县金融办", "", "12月底前", ""],
            ["注：按实际调整"],
        ],
        ["A1:H1", "A3:H3", "A5:A6", "B5:B6", "D5:D6", "E5:E6", "F5:F6", "B7:B8", "D7:D8"],
    )
    ((_, reading),) = read_book(file)
    assert [entry.number for entry in reading.entries] == ["1", "2", "3", "4"]
    assert reading.entries[0].section == "一、抓机制"
    assert [item.deadline for item in reading.entries[1].items] == ["5月底前", "11月底前"]
    assert (reading.entries[3].title, reading.entries[3].leader) == ("稳融资", "副县长")
    assert reading.notes == ["注：按实际调整"]
    assert not reading.is_wrong


def test_a_formula_is_an_error_at_its_cell():
    heads = [
        "序号",
        "工作任务",
        "具体举措",
        "牵头领导",
        "牵头责任单位",
        "协同责任单位",
        "完成时限",
        "完成情况",
    ]
    file = book_of([heads, [1, "=A1", "举措", "副区长", "区人社局", "", "适时", ""]])
    ((_, reading),) = read_book(file)
    assert [problem.column for problem in reading.entries[0].problems if problem.is_error] == ["title"]


def test_a_file_that_is_no_list_says_so():
    with pytest.raises(SheetError, match="没有找到任务清单的表头"):
        read_book(book_of([["姓名", "电话"], ["甲", "1"]]))
    with pytest.raises(SheetError):
        read_book(io.BytesIO(b"not a workbook"))


def test_the_template_reads_as_it_is_meant():
    readings = dict(read_book(io.BytesIO(template())))
    entries = readings["任务清单"].entries
    assert [entry.number for entry in entries] == ["1", "2"]
    assert len(entries[1].items) == 2


# --- Figures --------------------------------------------------------------------------------------


def test_promised_figures_are_suggested():
    found = [
        (s.text, s.number, s.measure)
        for s in suggestions("专场招聘不少于30场次，送工2000人次，培育30家以上，全年不少于三次")
    ]
    assert found == [
        ("不少于30场次", 30, "场次"),
        ("2000人次", 2000, "人次"),
        ("30家以上", 30, "家"),
        ("不少于三次", 3, "次"),
    ]
    (at_least,) = suggestions("各银行至少主办2-3次对接会")
    assert (at_least.text, at_least.number) == ("至少主办2-3次", 2)
    assert suggestions("督促19家企业，2023年3月10日前完成") == []
    assert suggestions("完成2-3个科技项目申报") == []
