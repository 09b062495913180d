"""The Excel files of an invented third district, as its offices would have them: other heads, other words."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from enterprises.uscc import check_character


def book(rows, merges=(), name="表.xlsx"):
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    for area in merges:
        sheet.merge_cells(area)
    buffer = io.BytesIO()
    made.save(buffer)
    return SimpleUploadedFile(name, buffer.getvalue())


PLACE = {
    "place-part": "1",
    "place-code": "３３０１９９",
    "place-name": "杭州市测试区",
    "place-city": "杭州市",
    "place-province": "浙江省",
}
TOWNS = "名称\t类型\n东河街道\t街道\n南山镇\t镇\n测试经济开发区\t园区\n"


def units(*more):
    """A title, other heads in another order, a merged kind, a section line, no short names, no codes."""
    return book(
        [
            ["测试区涉企服务单位一览表"],
            ["序号", "部门名称", "类型", "所在镇街", "联系电话"],
            ["一、区级机关"],
            [1, "杭州市测试区营商环境建设局", "区直机关", None, "0571-88880001"],
            [2, "杭州市测试区人力资源和社会保障局", None, None, "０５７１－８８８８０００２"],
            [3, "杭州市测试区监察督导室", "督导机构", None, None],
            ["二、镇街"],
            [4, "东河街道办事处", "镇街", "东河街道", None],
            [5, "南山镇人民政府", "镇街", "南山镇", None],
            [6, "南山镇助企窗口", "便民窗口", "南山镇", None],
            *more,
            [None, None, None, None, None],
            ["合计", "6家", None, None, None],
        ],
        ["A1:E1", "A3:E3", "C4:C5", "A7:E7"],
        "单位.xlsx",
    )


ROLES = {
    "lead_bureau": "区营商环境建设局",
    "supervisor": "区监察督导室",
    "city_coordination": "区营商环境建设局",
}


def people(*more):
    return book(
        [
            ["姓名", "工作单位", "职务", "手机号码", "角色", "备注"],
            ["甲一", "区营商环境建设局", "局长", "13800000001", "牵头单位负责人", ""],
            ["乙二", "杭州市测试区营商环境建设局", "科员", 13800000002, "受理员、管理员", ""],
            ["丙三", "区人力资源和社会保障局", "副局长", "13800000003", "分管领导", ""],
            ["丁四", "区人力资源和社会保障局", "科员", "13800000004", "联络员", ""],
            ["戊五", "南山镇", "副镇长", "13800000005", "联络员、包联干部", ""],
            ["己六", "东河街道办事处", "主任", "13800000006", "主要负责人", ""],
            ["庚七", "区监察督导室", "主任", "13800000007", "督查员", ""],
            *more,
        ],
        name="人员.xlsx",
    )


ACTION = {
    "action-part": "1",
    "action-action_name": "千名干部联万企",
    "action-action_started": "2026-01-01",
    "action-number_prefix": "CS",
    "action-promise": "有求必应，无事不扰。",
    "action-office_start": "08:30",
    "action-office_end": "17:00",
}
LIMITS = {
    "limits-part": "1",
    "limits-accept": "2",
    "limits-dispatch": "1",
    "limits-sign": "1",
    "limits-own_handling": "5",
    "limits-urgent": "3",
    "limits-normal": "１０",
    "limits-complex": "20",
    "limits-assist": "3",
    "limits-revisit": "3",
    "limits-second_revisit": "3",
    "limits-redo": "5",
    "limits-supervision": "3",
    "limits-extension_total": "30",
    "limits-reopen_days": "30",
}
PERIOD = {
    "period-part": "1",
    "period-every": "每月一报",
    "period-cut_off_weekday": "星期四",
    "period-cut_off_day": "25",
    "period-cut_off_time": "17:00",
    "period-starts": "2026-01-01",
    "period-cadence": "每月",
    "period-above_scale": "",
    "period-project": "每季度",
    "period-most_per_cadre": "30",
}


def form():
    return book(
        [
            ["测试区千名干部联万企工作月报表"],
            ["填报单位：", None, None, None, "填报时间："],
            ["序号", "类别", "指标", "本月", "本年累计"],
            [1, "走访服务", "走访企业（家）", None, None],
            [2, None, "区领导走访企业（家）", None, None],
            [3, "诉求办理", "收集企业诉求（件）", None, None],
            [4, None, "办结（件）", None, None],
            [5, None, "其中：当场解决（件）", None, None],
            [6, "要素保障", "帮助企业融资（万元）", None, None],
            [7, None, "解决用工（人）", None, None],
            [8, None, "组织专题培训（期）", None, None],
            [9, "收集和办结合计（件）", None, "=D6+D7", None],
            ["填表人：", "", "审核人：", None, None],
        ],
        ["A1:E1", "B4:B5", "B9:B11", "B12:C12"],
        "月报表.xlsx",
    )


def code(number):
    body = f"91330199MA{number:07d}"
    return body + check_character(body)


def roster(count=3):
    return book(
        [
            ["企业名称", "统一社会信用代码", "层级", "所在乡镇", "联系人", "联系电话"],
            *[
                [f"测试示例{number}号有限公司", code(number), "中小微企业", "南山镇", "联系人", "13900001111"]
                for number in range(1, count + 1)
            ],
        ],
        name="底册.xlsx",
    )


def filled():
    """A setup's texts, as all these files and forms leave them: for pages that need one."""
    unit_rows = [
        {
            "name": "杭州市测试区营商环境建设局",
            "short_name": "区营商建设局",
            "kind": "直属部门",
            "public_phone": "0571-88880001",
        },
        {"name": "杭州市测试区人力资源和社会保障局", "short_name": "区人社局", "kind": "直属部门"},
        {"name": "南山镇人民政府", "short_name": "南山镇", "kind": "乡镇（办事处）", "region": "南山镇"},
    ]
    people_rows = [
        {
            "name": "甲一",
            "unit": "区营商建设局",
            "title": "科员",
            "mobile": "13800000001",
            "roles": "调度员、系统管理员",
        },
        {"name": "乙二", "unit": "区人社局", "title": "科员", "mobile": "13800000002", "roles": "单位联络员"},
    ]
    return {
        "regions": {
            "place": {"code": "330199", "name": "杭州市测试区", "city": "杭州市", "province": "浙江省"},
            "townships": [{"name": "南山镇", "level": "乡镇（街道）"}],
        },
        "units": {
            "units": unit_rows,
            "parts": dict.fromkeys(("lead_bureau", "supervisor", "city_coordination"), "区营商建设局"),
        },
        "people": {"people": people_rows},
        "rules": {
            "action": {
                "action_name": "千名干部联万企",
                "action_started": "2026-01-01",
                "number_prefix": "CS",
            },
            "period": {"starts": "2026-01-01"},
        },
    }


LETTER = """致全区企业家的一封信
各位企业家：
　　感谢你们对测试区发展的支持。
　　有诉求，请扫码反映，我们件件有回音。
测试区营商环境建设局
2026年1月"""
