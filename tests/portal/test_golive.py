"""A third district, never seen before, set up in the browser from Excel files alone, and then worked in."""

import io
import re
import zipfile
from datetime import date

import docx
import pytest
from django.apps import apps
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from openpyxl import load_workbook

from accounts.actors import Actor
from accounts.adapters import OfficialsOnlyAdapter
from accounts.first_password import make_token
from accounts.models import AuditEntry, Role, Unit, User
from accounts.services import create_operator
from appeals.models import Appeal, Phrase, Status
from appeals.perform import perform
from core import clock
from core.rehearsing import NOTICE, rehearsing
from core.xlsx import text_workbook
from districts.models import DistrictProfile, Region
from enterprises.models import Enterprise
from enterprises.subjects import subject_key
from notifications.models import Channel, Notice, NoticeState
from portal.golive import services
from portal.golive.bringing_in import unfinished
from portal.golive.clearing import clear_district, pointing_at
from portal.models import Setup
from portal.tasks import bring_in_sheets
from reports.documents.word import docx_of
from reports.models import ReportingPeriod
from reports.services import open_due_weeks
from tests import factories
from tests.portal import golive_files as files

pytestmark = pytest.mark.django_db
ALL = ("regions", "units", "people", "rules", "weekly", "roster", "contact", "letter")


@pytest.fixture
def operator(db):
    return create_operator(username="platform")


@pytest.fixture
def browser(client, operator):
    client.force_login(operator)
    return client


@pytest.fixture
def setup(browser):
    page = browser.get("/golive/")
    token = page.context["form"]["token"].value()
    answer = browser.post("/golive/", {"name": "测试区", "template": "usual", "token": token})
    assert answer.status_code == 302
    return Setup.objects.get()


def step_url(setup, step):
    return reverse("portal:setup_step", args=[setup.pk, step])


def send(browser, setup, step, **data):
    return browser.post(step_url(setup, step), data)


def fill(browser, setup, *steps):
    """What an official does, page by page. Every step must be accepted without a word."""
    for step in steps:
        for data in FILLED[step]():
            answer = send(browser, setup, step, **data)
            told = answer.context["problems"] if answer.context else []
            assert answer.status_code == 302, (
                step,
                told,
                answer.context and answer.context["refused"],
            )
    setup.refresh_from_db()


FILLED = {
    "regions": lambda: [
        files.PLACE,
        {"action": "paste", "part": "townships", "text": files.TOWNS, "mode": "replace"},
    ],
    "units": lambda: [],
    "people": lambda: [{"action": "upload", "part": "people", "file": files.people()}],
    "rules": lambda: [files.ACTION | files.LIMITS | files.PERIOD],
    "weekly": lambda: [{"action": "form", "file": files.form()}],
    "roster": lambda: [{"action": "upload", "kind": "enterprises", "file": files.roster()}],
    "contact": lambda: [
        {
            "action": "paste",
            "part": "hotlines",
            "text": "名称\t号码\t用途\n区助企热线\t0571-88889999\t反映诉求",
            "mode": "replace",
        }
    ],
    "letter": lambda: [{"letter-part": "1", "letter-text": files.LETTER}],
}


def fill_units(browser, setup):
    """The sheet first; then the three units are chosen from what it brought."""
    answer = send(browser, setup, "units", action="upload", part="units", file=files.units())
    assert answer.status_code == 422  # 牵头单位 is still to be chosen
    chosen = {f"parts-{name}": unit for name, unit in files.ROLES.items()}
    answer = send(browser, setup, "units", **{"parts-part": "1"}, **chosen)
    assert answer.status_code == 302, answer.context["problems"]


@pytest.fixture
def ready(browser, setup):
    fill(browser, setup, "regions")
    fill_units(browser, setup)
    fill(browser, setup, *ALL[2:])
    return setup


@pytest.fixture
def live(browser, ready):
    answer = browser.post(reverse("portal:setup_live", args=[ready.pk]), {"name": "杭州市测试区"})
    assert answer.status_code == 302, answer.content.decode()[:3000]
    ready.refresh_from_db()
    return ready


# --- From Excel to a working district -------------------------------------------------------------


def test_the_units_come_as_the_sheet_has_them(browser, setup):
    fill(browser, setup, "regions")
    fill_units(browser, setup)
    setup.refresh_from_db()
    draft = services.draft_of(setup)
    specs = draft.of("units").values["specs"]
    assert [(spec["short_name"], spec["region"] == "district") for spec in specs] == [
        ("区营商环境建设局", True),
        ("区人力资源和社会保障局", True),
        ("区监察督导室", True),
        ("东河街道办事处", False),
        ("南山镇", False),
        ("南山镇助企窗口", False),
    ]
    assert specs[1]["public_phone"] == "0571-88880002"
    kinds = {kind["label"]: kind for kind in draft.of("units").values["kind_specs"]}
    assert kinds["区直机关"]["reports"] and not kinds["便民窗口"]["handles"]


def test_every_row_of_their_table_has_a_source_and_a_reason(browser, setup):
    fill(browser, setup, "weekly")
    draft = services.draft_of(setup)
    rows = draft.data["weekly"]["rows"]
    assert [(row["group"], row["source"]) for row in rows] == [
        ("走访服务", "走访联系企业数"),
        ("走访服务", "走访企业数量：县区领导班子及法检“两长”"),
        ("诉求办理", "收到诉求"),
        ("诉求办理", "办结诉求"),
        ("诉求办理", "当场解决问题（A）"),
        ("要素保障", "帮助企业解决要素问题：解决融资"),
        ("要素保障", "帮助企业解决要素问题：解决用工"),
        ("要素保障", "手工填报"),
        ("", "合计（由几行相加）"),
    ]
    assert rows[8]["formula"] == "3+4" and all(row["_why"] for row in rows)
    assert rows[5]["decimals"] == "是"
    page = browser.get(step_url(setup, "weekly")).content.decode()
    assert "测试区千名干部联万企工作月报表" in page and "把握" in page


def test_the_sheet_that_units_will_hand_in_looks_like_theirs(browser, setup):
    fill(browser, setup, "weekly")
    answer = browser.get(reverse("portal:setup_form_preview", args=[setup.pk]))
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values[0][0] == "测试区千名干部联万企工作月报表"
    assert values[2] == ["序号", "类别", "指标", "本月", "本年累计"]
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"B4:B5", "B6:B8", "B9:B11", "B12:C12"} <= merged


def test_a_rehearsal_does_everything_and_leaves_nothing(browser, ready):
    before = (Region.objects.count(), User.objects.count(), Enterprise.objects.count())
    browser.post(reverse("portal:setup_rehearse", args=[ready.pk]))
    ready.refresh_from_db()
    told = ready.rehearsal
    assert told["problems"] == []
    assert [line["step"] for line in told["life"]] == [
        "企业反映",
        "受理",
        "交办",
        "签收",
        "反馈",
        "单位回访",
        "二次回访",
        "办结",
    ]
    assert told["sheets"][0]["text"] == "可导入 3 行，有误 0 行"
    assert before == (Region.objects.count(), User.objects.count(), Enterprise.objects.count())
    assert not Appeal.objects.exists() and not ready.is_live
    page = browser.get(reverse("portal:setup", args=[ready.pk])).content.decode()
    assert "全部走通" in page and "样例诉求走了一遍" in page


def test_a_rehearsal_needs_no_roster(browser, ready):
    send(browser, ready, "roster", action="drop", kind="enterprises")
    browser.post(reverse("portal:setup_rehearse", args=[ready.pk]))
    ready.refresh_from_db()
    assert ready.rehearsal["problems"] == [] and len(ready.rehearsal["life"]) == 8


def test_it_goes_live_and_an_appeal_is_closed_there(live, client):
    district = live.district
    rules = DistrictProfile.objects.in_force(district).rules
    assert (rules.code, rules.name, rules.limits.handle.normal, rules.week.every) == (
        "330199",
        "杭州市测试区",
        10,
        "month",
    )
    assert (
        rules.visits.duty_of("project").cadence == "quarterly"
        and rules.visits.duty_of("above_scale").cadence == "monthly"
    )
    assert [hotline.number for hotline in rules.hotlines] == ["0571-88889999"]
    assert "区营商环境建设局" in rules.model_dump_json() and "牵头单位" not in rules.model_dump_json()
    assert rules.letter.title == "致全区企业家的一封信" and rules.letter.closing == ("测试区营商环境建设局",)

    users = {
        user.official.name: user
        for user in User.objects.filter(unit__district=district, official__isnull=False)
    }
    assert users["乙二"].roles == {Role.DISPATCHER, Role.ADMIN} and not users["乙二"].has_usable_password()
    firm = Enterprise.objects.filter(district=district).first()
    appeal = perform(
        None,
        "submit",
        Actor.holder(),
        {
            "claimed_name": "某企业",
            "contact_name": "某人",
            "contact_phone": "13900000000",
            "category": "labour",
            "content": "一线操作工缺口约20人，希望帮助招聘。",
        },
        district=district,
    )
    assert appeal.number.startswith("CS")
    dispatcher, unit = (
        Actor.of_user(users["乙二"]),
        Unit.objects.get(district=district, short_name="区人力资源和社会保障局"),
    )
    call = {"method": "phone", "reached": "yes", "solved": "yes", "satisfaction": "satisfied"}
    for name, who, data in (
        ("accept", dispatcher, {"category": "labour", "urgency": "normal", "subject": subject_key(firm)}),
        ("dispatch", dispatcher, {"lead_unit": unit.pk}),
        ("sign", Actor.of_user(users["丁四"]), {}),
        ("feedback", Actor.of_user(users["丁四"]), {"result": "已办。", "solved": "yes"}),
        ("revisit", Actor.of_user(users["丁四"]), call),
        ("second_revisit", dispatcher, call),
        ("close", dispatcher, {}),
    ):
        appeal = perform(appeal, name, who, data)
    assert appeal.status == Status.CLOSED

    week = open_due_weeks(district)
    client.force_login(users["丁四"])
    table = week.tables.get(unit=unit)
    page = client.get(f"/reports/tables/{table.pk}/").content.decode()
    assert "区领导走访企业（家）" in page and "组织专题培训（期）" in page and "本月" in page
    assert client.get("/330199/").status_code == 200


def test_after_going_live_the_page_says_what_is_left(browser, live):
    page = browser.get(reverse("portal:setup_after", args=[live.pk])).content.decode()
    assert "在册 3 家" in page and "已入库" in page and "7 个账号还没有设密码" in page
    assert browser.get(reverse("portal:setup", args=[live.pk])).status_code == 302
    assert send(browser, live, "rules", **files.ACTION).status_code == 302
    live.refresh_from_db()
    assert live.version == Setup.objects.get(pk=live.pk).version


def test_a_big_roster_is_brought_in_behind_the_scenes(browser, ready):
    send(browser, ready, "roster", action="upload", kind="enterprises", file=files.roster(400))
    browser.post(reverse("portal:setup_live", args=[ready.pk]), {"name": "杭州市测试区"})
    assert Enterprise.objects.count() == 0
    from imports.tasks import work

    for _ in range(3):
        work()
        bring_in_sheets()
    assert Enterprise.objects.filter(district__code="330199").count() == 400
    assert unfinished() == []


def test_slips_let_people_set_their_first_password_once(browser, live, client):
    page = browser.post(reverse("portal:password_slips", args=["330199"])).content.decode()
    links = re.findall(r"http://testserver(/first-password/[^<]+)", page)
    assert len(links) == 7
    client.logout()
    assert "用户名" in client.get(links[0]).content.decode()
    weak = client.post(links[0], {"new_password1": "123", "new_password2": "123"})
    assert weak.status_code == 422
    done = client.post(links[0], {"new_password1": "yitiao-changmima", "new_password2": "yitiao-changmima"})
    assert done.status_code == 302
    assert client.get(links[0]).status_code == 404
    assert client.get("/first-password/nonsense/").status_code == 404


# --- What can be wrong ----------------------------------------------------------------------------


def problems(answer):
    return list(answer.context["problems"])


def test_wrong_cells_are_told_by_row_and_column(browser, setup):
    fill(browser, setup, "regions")
    answer = send(
        browser,
        setup,
        "units",
        action="upload",
        part="units",
        file=files.units(
            ["7", "杭州市测试区财政局", "区直机关", "没有的镇", "12"],
            ["8", "杭州市测试区财政局", "区直机关", None, "=A1"],
            ["9", None, "区直机关", None, "0571-88880009"],
        ),
    )
    told = "\n".join(problems(answer))
    assert answer.status_code == 422
    assert "第 11 行 所在乡镇（园区）：不认识“没有的镇”，应为" in told
    assert "第 11 行 对外电话：电话号码不正确" in told
    assert "第 12 行 单位名称：与第 11 行重复" in told
    assert "第 12 行 对外电话：是公式" in told
    assert "第 13 行 单位名称：必填" in told
    setup.refresh_from_db()
    assert len(setup.data["units"]["units"]) == 9  # kept as uploaded, to be put right on the page


def test_a_cell_is_put_right_on_the_page_and_a_row_is_dropped(browser, setup):
    fill(browser, setup, "regions")
    send(
        browser,
        setup,
        "units",
        action="upload",
        part="units",
        file=files.units(
            ["7", "杭州市测试区财政局", "区直机关", None, "12"], ["8", "多余", "区直机关", None, None]
        ),
    )
    page = browser.get(step_url(setup, "units"))
    grid = page.context["sections"][0]["grid"]
    data = {"units-rows": grid.numbers}
    for row in grid.rows:
        data |= {cell.name: cell.text for cell in row.cells}
    data |= {"units-6-public_phone": "0571-88880007", "units-7-delete": "1", "parts-part": "1"}
    data |= {f"parts-{name}": unit for name, unit in files.ROLES.items()}
    answer = send(browser, setup, "units", **data)
    assert answer.status_code == 302, problems(answer)
    setup.refresh_from_db()
    assert [row["name"] for row in setup.data["units"]["units"]][-1] == "杭州市测试区财政局"


def test_heads_nobody_knows_are_asked_for(browser, setup):
    fill(browser, setup, "regions")
    sheet = files.book([["甲列", "乙列"], ["测试区甲局", "区直机关"], ["测试区乙局", "区直机关"]])
    answer = send(browser, setup, "units", action="upload", part="units", file=sheet)
    assert answer.status_code == 422 and "甲列" in answer.content.decode()
    answer = send(
        browser, setup, "units", action="map", part="units", **{"head-name": "甲列", "head-kind": "乙列"}
    )
    setup.refresh_from_db()
    assert [row["name"] for row in setup.data["units"]["units"]] == ["测试区甲局", "测试区乙局"]
    assert not setup.files.exists()


def test_people_of_unknown_units_twice_the_same_and_rare_characters(browser, setup):
    fill(browser, setup, "regions")
    fill_units(browser, setup)
    answer = send(
        browser,
        setup,
        "people",
        action="upload",
        part="people",
        file=files.people(
            ["𠮷某", "南山镇", "干事", "13800000011", "联络员", ""],
            ["辛八", "查无此局", "干事", "13800000012", "", ""],
            ["丁四", "区人力资源和社会保障局", "科员", "13800000004", "", ""],
            ["壬九", "南山镇", "干事", "1380000", "受理员", ""],
            ["癸十", "南山镇", "干事", "13800000013", "大总管", ""],
        ),
    )
    told = "\n".join(problems(answer))
    assert "第 10 行 单位：不认识“查无此局”" in told
    assert "第 11 行 姓名：与第 5 行重复" in told
    assert "第 12 行 手机：电话号码不正确" in told
    assert "第 12 行 角色：“调度员”只能是牵头单位的人" in told
    assert "第 13 行 角色：不认识“大总管”" in told
    assert "第 9 行" not in told
    setup.refresh_from_db()
    specs = services.draft_of(setup).of("people").values["specs"]
    names = [row["username"] for row in specs if row.get("roles")]
    assert len(set(names)) == len(names) and all(re.fullmatch(r"[a-z0-9]{3,}", name) for name in names)


@pytest.mark.parametrize("content", [b"not a workbook", b"PK\x03\x04 broken", b""])
def test_files_that_are_no_sheet_are_refused_in_words(browser, setup, content):
    from django.core.files.uploadedfile import SimpleUploadedFile

    for step, data in (
        ("units", {"action": "upload", "part": "units"}),
        ("weekly", {"action": "form"}),
        ("roster", {"action": "upload", "kind": "enterprises"}),
    ):
        answer = send(browser, setup, step, **data, file=SimpleUploadedFile("表.xlsx", content))
        assert answer.status_code == 422, step
        assert answer.context["refused"]


def test_sixty_units_and_rows_without_anything(browser, setup):
    fill(browser, setup, "regions")
    many = [[None, f"测试区第{number}局", "区直机关", None, None] for number in range(60)]
    send(
        browser,
        setup,
        "units",
        action="upload",
        part="units",
        file=files.units(*many, [None] * 5, ["", " ", "", "", ""]),
    )
    setup.refresh_from_db()
    specs = services.draft_of(setup).of("units").values["specs"]
    assert len(specs) == 66 and len({spec["code"] for spec in specs}) == 66
    second = browser.get(step_url(setup, "units") + "?page-units=2")
    assert second.context["sections"][0]["grid"].page == 2


@pytest.mark.parametrize(
    ("step", "data", "words"),
    [
        ("regions", files.PLACE | {"place-code": "33"}, "应为 6 位数字"),
        ("rules", files.ACTION | {"action-number_prefix": "a-1"}, "大写字母"),
        ("rules", files.ACTION | {"action-action_started": "31/12"}, "日期"),
        ("rules", files.LIMITS | {"limits-accept": "很快"}, "受理"),
        ("rules", files.LIMITS | {"limits-normal": "0"}, "办理（一般）"),
        ("rules", files.ACTION | {"action-office_end": "07:00"}, "下班时间须晚于上班时间"),
        ("letter", {"letter-part": "1", "letter-text": "只有标题"}, "没有正文"),
    ],
)
def test_what_is_typed_wrong_is_kept_and_told(browser, setup, step, data, words):
    answer = send(browser, setup, step, **data)
    assert answer.status_code == 422
    assert words in "\n".join(problems(answer))
    setup.refresh_from_db()
    assert setup.data[step]


def test_nothing_goes_live_while_anything_is_wrong(browser, setup):
    answer = browser.post(reverse("portal:setup_live", args=[setup.pk]), {"name": "杭州市测试区"})
    assert "“区划”还没有填" in answer.content.decode()
    answer = browser.post(reverse("portal:setup_rehearse", args=[setup.pk]))
    assert answer.status_code == 422
    assert not DistrictProfile.objects.exists()


def test_the_name_must_be_typed_to_go_live(browser, ready):
    answer = browser.post(reverse("portal:setup_live", args=[ready.pk]), {"name": "别的区"})
    assert answer.status_code == 422 and "请照样输入县区名称：杭州市测试区" in answer.content.decode()
    assert not DistrictProfile.objects.exists()


def test_a_district_that_works_is_not_set_up_again_nor_its_regions_taken(browser, setup, district):
    other = files.PLACE | {
        "place-code": "340711",
        "place-name": "铜陵市郊区",
        "place-city": "铜陵市",
        "place-province": "安徽省",
    }
    assert "已经上线" in "\n".join(problems(send(browser, setup, "regions", **other)))
    stolen = files.PLACE | {"place-code": "340799", "place-city": "铜官市", "place-province": "安徽省"}
    assert "已登记为“铜陵市”" in "\n".join(problems(send(browser, setup, "regions", **stolen)))


def test_what_another_tab_changed_meanwhile_is_not_written_over(browser, setup):
    fill(browser, setup, "regions")
    answer = send(browser, setup, "regions", **files.PLACE, version="0")
    assert answer.status_code == 422 and "刚才在别处改过" in answer.content.decode()


def test_a_setup_is_resumed_where_it_was_left(browser, setup, client, operator):
    fill(browser, setup, "regions")
    client.logout()
    client.force_login(operator)
    page = client.get(step_url(setup, "regions")).content.decode()
    assert "杭州市测试区" in page and "南山镇" in page
    page = client.get(reverse("portal:setup", args=[setup.pk])).content.decode()
    assert "2 个乡镇街道，1 个园区" in page


# --- Files to take along --------------------------------------------------------------------------


def test_templates_can_be_filled_in_and_uploaded_as_they_are(browser, setup):
    fill(browser, setup, "regions")
    for step, part in (
        ("regions", "townships"),
        ("people", "people"),
        ("contact", "hotlines"),
        ("roster", "enterprises"),
    ):
        answer = browser.get(reverse("portal:setup_template", args=[setup.pk, step, part]))
        made = load_workbook(io.BytesIO(answer.content))
        assert "填写说明" in made.sheetnames
    answer = browser.get(reverse("portal:setup_template", args=[setup.pk, "units", "units"]))
    from django.core.files.uploadedfile import SimpleUploadedFile

    send(
        browser,
        setup,
        "units",
        action="upload",
        part="units",
        file=SimpleUploadedFile("表.xlsx", answer.content),
    )
    setup.refresh_from_db()
    assert [row["name"] for row in setup.data["units"]["units"]][1] == "城关镇人民政府"


def test_the_exported_folder_makes_the_same_district(browser, ready, tmp_path):
    from districts.loading import read_profile

    answer = browser.get(reverse("portal:setup_export", args=[ready.pk]))
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    profile = read_profile(tmp_path / "330199")
    _, composed = services.whole(ready)
    assert profile.rules == composed.profile.rules
    assert profile.units == composed.profile.units
    assert profile.regions == composed.profile.regions
    assert (tmp_path / "330199" / "people.xlsx").exists() and (tmp_path / "330199" / "roster.xlsx").exists()


# --- Who ------------------------------------------------------------------------------------------


def test_nobody_but_an_operator_sets_districts_up(district, client, operator, browser, setup):
    bureau = factories.unit(district, "kjj")
    for user in (factories.user(bureau, Role.DISPATCHER), factories.user(bureau, Role.ADMIN)):
        client.force_login(user)
        assert client.get("/golive/").status_code == 403
        assert client.get(reverse("portal:setup", args=[setup.pk])).status_code in {403, 404}
        assert client.post(step_url(setup, "regions"), files.PLACE).status_code in {403, 404}
        assert client.post(reverse("portal:setup_live", args=[setup.pk]), {"name": "x"}).status_code in {
            403,
            404,
        }


def test_a_citys_administrator_sees_only_the_own_setups_and_stays_in_the_city(district, client, setup):
    city = Region.objects.get(code="340700")
    unit = Unit.objects.create(
        district=city,
        region=city,
        code="city_admin",
        name="铜陵市数据局",
        short_name="市数据局",
        kind="city",
    )
    client.force_login(factories.user(unit, Role.ADMIN))
    assert client.get("/golive/").status_code == 200
    assert client.get(reverse("portal:setup", args=[setup.pk])).status_code == 404


def test_the_districts_administrator_changes_its_rules_from_a_day_on(district, client):
    admin = factories.user(factories.unit(district, "kjj"), Role.ADMIN)
    client.force_login(admin)
    assert client.get("/golive/change/").status_code == 200
    client.post("/golive/change/")
    change = Setup.objects.get()
    page = client.get(step_url(change, "rules"))
    form = page.context["sections"][1]["form"]
    data = {f"limits-{name}": form[name].value() for name in form.fields} | {
        "limits-part": "1",
        "limits-accept": "2",
    }
    assert send(client, change, "rules", **data).status_code == 302
    confirm = client.get(reverse("portal:setup_live", args=[change.pk]))
    assert confirm.context["changes"] == [("办理时限：受理", "1", "2")]
    url = reverse("portal:setup_live", args=[change.pk])
    assert client.post(url, {"effective_from": clock.today().isoformat()}).status_code == 422
    tomorrow = date.fromordinal(clock.today().toordinal() + 1)
    assert client.post(url, {"effective_from": tomorrow.isoformat(), "note": "新方案"}).status_code == 302
    assert DistrictProfile.objects.in_force(district, tomorrow).rules.limits.accept == 2
    assert DistrictProfile.objects.in_force(district).rules.limits.accept == 1
    assert client.get(step_url(change, "units")).status_code in {302, 404}


def test_another_districts_administrator_never_sees_the_change(district, client):
    client.force_login(factories.user(factories.unit(district, "kjj"), Role.ADMIN))
    client.post("/golive/change/")
    change = Setup.objects.get()
    other = factories.another_district(district)
    client.force_login(factories.user(factories.unit(other, "kjj"), Role.ADMIN))
    assert client.get(reverse("portal:setup", args=[change.pk])).status_code == 404
    assert client.post(reverse("portal:password_slips", args=["340711"])).status_code == 404


def test_the_first_account_is_made_by_a_command_with_a_link(db, capsys, client):
    from django.core.management import CommandError, call_command

    call_command("start_setup")
    link = re.search(r"(/first-password/\S+)", capsys.readouterr().out)[1]
    user = User.objects.get(username="platform")
    assert not user.has_usable_password() and make_token(user)
    client.post(link, {"new_password1": "yitiao-changmima", "new_password2": "yitiao-changmima"})
    with pytest.raises(CommandError, match="已经设过密码"):
        call_command("start_setup")
    client.force_login(User.objects.get(username="platform"))
    assert client.get("/workbench/")["Location"] == "/golive/"
    assert "新区县上线" in client.get("/golive/").content.decode()


def test_deleting_asks_first(browser, setup):
    url = reverse("portal:setup_delete", args=[setup.pk])
    assert browser.get(url).status_code == 200 and browser.post(url).status_code == 422
    browser.post(url, {"sure": "on"})
    assert not Setup.objects.exists()


# --- The same from a folder -----------------------------------------------------------------------


@pytest.fixture
def folder(browser, ready, tmp_path):
    """The exported folder, with its units and its form as Excel files instead of TOML."""
    answer = browser.get(reverse("portal:setup_export", args=[ready.pk]))
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    path = tmp_path / "330199"
    for name, upload in (("units", files.units()), ("weekly_form", files.form())):
        (path / f"{name}.toml").unlink()
        (path / f"{name}.xlsx").write_bytes(upload.read())
    return path


def test_a_folder_of_excel_files_makes_the_same_district(ready, folder, capsys):
    from django.core.management import call_command

    _, composed = services.whole(ready)
    call_command("load_profile", str(folder))
    told = capsys.readouterr().out
    district = Region.objects.get(code="330199")
    assert DistrictProfile.objects.in_force(district).rules == composed.profile.rules
    assert Unit.objects.of_district(district).count() == 6
    assert User.objects.filter(unit__district=district, is_system=False).count() == 7
    assert Enterprise.objects.filter(district=district).count() == 3
    assert "roster.xlsx: 3 new" in told and "收集企业诉求（件） ← 收到诉求" in told
    call_command("load_profile", str(folder))
    assert "0 new officials" in capsys.readouterr().out
    assert User.objects.filter(unit__district=district, is_system=False).count() == 7


def test_a_folders_excel_files_are_told_by_row(folder):
    from django.core.management import CommandError, call_command

    (folder / "people.xlsx").write_bytes(files.people(["辛八", "查无此局", "干事", "1", "", ""]).read())
    with pytest.raises(CommandError, match=r"people\.xlsx “Sheet”B9，第 9 行 单位：不认识“查无此局”"):
        call_command("load_profile", str(folder))
    assert not DistrictProfile.objects.exists()


def test_a_word_nobody_knows_is_told_once_for_all_rows(browser, setup):
    fill(browser, setup, "regions")
    fill_units(browser, setup)
    more = [
        [f"某{number}", "人社局", "干事", f"1380000002{number}", "大总管、联络员", ""] for number in range(3)
    ]
    answer = send(browser, setup, "people", action="upload", part="people", file=files.people(*more))
    strangers = answer.context["sections"][0]["grid"].strangers
    assert [(one.title, one.word, one.rows) for one in strangers] == [
        ("单位", "人社局", 3),
        ("角色", "大总管", 3),
    ]
    answer = send(
        browser,
        setup,
        "people",
        action="words",
        part="people",
        **{
            "key-1": "unit",
            "word-1": "人社局",
            "by-1": "区人力资源和社会保障局",
            "key-2": "roles",
            "word-2": "大总管",
            "by-2": "联企干部",
        },
    )
    assert answer.status_code == 302, problems(answer)
    setup.refresh_from_db()
    assert (
        setup.data["people"]["people"][-1]["roles"] == "联企干部、单位联络员"
        or "联络员" in setup.data["people"]["people"][-1]["roles"]
    )


# --- From another district's rules ----------------------------------------------------------------


def test_a_setup_may_start_from_a_district_that_works(district, browser):
    token = browser.get("/golive/").context["form"]["token"].value()
    browser.post("/golive/", {"name": "测试区", "template": "district:340711", "token": token})
    setup = Setup.objects.get()
    fill(browser, setup, "regions")
    fill_units(browser, setup)
    fill(browser, setup, *ALL[2:])
    page = browser.get(reverse("portal:setup", args=[setup.pk]))
    assert any("从铜陵市郊区带来的文字里还写着它" in text for text in page.context["warnings"]), page.context[
        "warnings"
    ]
    assert page.context["reasons"] == []
    browser.post(reverse("portal:setup_rehearse", args=[setup.pk]))
    setup.refresh_from_db()
    assert setup.rehearsal["problems"] == []
    assert "区科经局" not in services.whole(setup)[1].profile.rules.model_dump_json()
    assert Region.objects.filter(code="330199").count() == 0


def test_a_double_click_starts_one_setup(browser):
    token = browser.get("/golive/").context["form"]["token"].value()
    for _ in range(2):
        browser.post("/golive/", {"name": "测试区", "template": "usual", "token": token})
    assert Setup.objects.count() == 1


def test_assignments_and_officers_come_after_the_roster(browser, ready):
    send(
        browser,
        ready,
        "assignments",
        action="upload",
        kind="assignments",
        file=files.book(
            [
                ["企业名称", "统一社会信用代码", "联企干部", "单位"],
                ["测试示例1号有限公司", files.code(1), "戊五", "南山镇"],
            ]
        ),
    )
    send(
        browser,
        ready,
        "officers",
        action="upload",
        kind="officers",
        file=files.book(
            [
                ["单位", "姓名", "职务", "手机号"],
                ["南山镇", "戊五", "副镇长", "13800000005"],
                ["没有的单位", "某", "某", "13800000005"],
            ]
        ),
    )
    browser.post(reverse("portal:setup_rehearse", args=[ready.pk]))
    ready.refresh_from_db()
    told = {sheet["name"]: sheet for sheet in ready.rehearsal["sheets"]}
    assert len(told) == 2 or len(ready.rehearsal["sheets"]) == 3
    assert any(
        "没有“没有的单位”这个单位" in error
        for sheet in ready.rehearsal["sheets"]
        for error in sheet["errors"]
    )
    browser.post(reverse("portal:setup_live", args=[ready.pk]), {"name": "杭州市测试区"})
    from liaisons.models import Assignment, LiaisonOfficer

    assert Assignment.objects.count() == 1 and LiaisonOfficer.objects.count() == 1


# --- Sheets of other offices ----------------------------------------------------------------------


def test_a_form_with_two_lines_of_heads_sections_and_sample_figures():
    from portal.golive.form_sheet import read_form

    form = read_form(
        files.book(
            [
                ["附件2"],
                ["联企服务专班工作周报表"],
                ["报送单位：某某局", None, None, None, "报送时间：每周五17:00前"],
                ["序号", "指标名称", "计量单位", "数量", None],
                [None, None, None, "本周数", "今年以来累计数"],
                ["一、走访情况", None, None, None, None],
                [1, "走访企业", "家", 12, 30],
                [2, "参与走访的县领导", "人", 3, 9],
                ["二、诉求办理", None, None, None, None],
                [3, "问题总数（4+5）", "件", 7, 9],
                [4, "当场解决", "件", 3, 4],
                [5, "交办部门", "件", 4, 5],
                ["注：走访以登记为准。", None, None, None, None],
            ],
            ["A4:A5", "B4:B5", "C4:C5", "D4:E4", "A6:E6", "A9:E9"],
        )
    )
    assert form.title == "联企服务专班工作周报表" and form.unit_label == "报送单位"
    assert form.headers == ["序号", "项目", "指标名称", "本周数", "今年以来累计数"]
    assert [(line.group, line.item) for line in form.lines] == [
        ("走访情况", "走访企业（家）"),
        ("走访情况", "参与走访的县领导（人）"),
        ("诉求办理", "问题总数（4+5）（件）"),
        ("诉求办理", "当场解决（件）"),
        ("诉求办理", "交办部门（件）"),
    ]
    assert form.lines[2].formula == (4, 5)
    assert form.note == "报送时间：每周五17:00前"


def test_a_list_of_units_without_kinds_or_short_names(browser, setup):
    fill(browser, setup, "regions")
    names = [
        "测试区发展和改革局",
        "南山镇人民政府",
        "测试区总工会",
        "测试区人民检察院",
        "测试经济开发区管委会",
        "测试区效能办",
    ]
    sheet = files.book(
        [["单位名单"], ["序号", "单位全称"], *[[number, name] for number, name in enumerate(names, 1)]]
    )
    send(browser, setup, "units", action="upload", part="units", file=sheet)
    setup.refresh_from_db()
    specs = services.draft_of(setup).of("units").values["specs"]
    assert [spec["kind"] for spec in specs] == [
        "department",
        "township",
        "federation",
        "judicial",
        "park",
        "supervision",
    ]


@pytest.mark.parametrize("text", ["3个工作日", "３天", " 3 "])
def test_days_are_understood_as_people_write_them(browser, setup, text):
    send(browser, setup, "rules", **(files.ACTION | files.LIMITS | files.PERIOD | {"limits-accept": text}))
    setup.refresh_from_db()
    assert services.draft_of(setup).of("rules").values["limits"]["accept"] == 3


def test_a_roster_with_other_heads_is_explained_and_taken(browser, ready):
    sheet = files.book(
        [
            ["测试区企业花名册"],
            ["主体", "信用码", "镇", "电话"],
            ["测试示例1号有限公司", files.code(1), "南山镇", "13900001111"],
            ["测试示例2号有限公司", files.code(2), "南山镇", "13900001111"],
        ],
        ["A1:D1"],
    )
    answer = send(browser, ready, "roster", action="upload", kind="enterprises", file=sheet)
    assert answer.status_code == 422 and "请指一指哪一列是什么" in answer.content.decode()
    told = {
        "head-name": "主体",
        "head-credit_code": "信用码",
        "head-region": "镇",
        "head-tier": "全部是：中小微企业",
    }
    answer = send(browser, ready, "roster", action="map", kind="enterprises", **told)
    assert answer.status_code == 302, answer.context["refused"]
    file = ready.files.get(kind="enterprises")
    assert (file.rows, file.bad) == (2, 0) and not ready.files.filter(kind="map-enterprises").exists()
    browser.post(reverse("portal:setup_rehearse", args=[ready.pk]))
    ready.refresh_from_db()
    assert ready.rehearsal["sheets"][0]["text"] == "可导入 2 行，有误 0 行"


def test_columns_that_were_not_read_are_named_and_can_be_used(browser, setup):
    fill(browser, setup, "regions")
    sheet = files.book(
        [
            ["单位名称", "归口", "热线", "备注"],
            ["测试区甲局", "区直机关", "（0571）88880001", "x"],
            ["测试区乙局", "区直机关", None, "x"],
        ]
    )
    answer = send(browser, setup, "units", action="map", part="units")
    assert answer.status_code == 422  # nothing was kept yet
    send(browser, setup, "units", action="upload", part="units", file=sheet)
    # One known head alone is no header, so that the heads are asked for; then two columns stay unused.
    send(
        browser, setup, "units", action="map", part="units", **{"head-name": "单位名称", "head-kind": "归口"}
    )
    page = browser.get(step_url(setup, "units")).content.decode()
    assert "还有没用到的列" in page
    send(
        browser, setup, "units", action="map", part="units",
        **{"head-name": "单位名称", "head-kind": "归口", "head-public_phone": "热线"},
    )  # fmt: skip
    setup.refresh_from_db()
    specs = services.draft_of(setup).of("units").values["specs"]
    assert [spec["public_phone"] for spec in specs] == ["0571-88880001", ""]
    assert not setup.files.exists()


def test_a_label_that_is_changed_is_changed_where_it_was_chosen(browser, setup):
    fill(browser, setup, "weekly")
    page = browser.get(step_url(setup, "words"))
    section = next(one for one in page.context["sections"] if one["part"].code == "ranks")
    data = {"ranks-rows": section["grid"].numbers}
    for row in section["grid"].rows:
        data |= {cell.name: cell.text for cell in row.cells}
    data["ranks-0-label"] = "区级领导"
    answer = send(browser, setup, "words", **data)
    assert answer.status_code == 302, problems(answer)
    setup.refresh_from_db()
    assert setup.data["weekly"]["rows"][1]["source"] == "走访企业数量：区级领导"
    draft = services.draft_of(setup)
    assert draft.of("weekly").errors == []
    assert draft.of("words").values["rules:rank_groups"][0]["code"] == "district_leaders"


def test_words_of_another_province(browser, setup):
    """Everything at once, as one county writes it: spaces in heads, brackets in phones, merged units, own roles."""
    place = files.PLACE | {
        "place-code": "511799",
        "place-name": "河东县",
        "place-city": "巴州市",
        "place-province": "四川省",
    }
    send(browser, setup, "regions", **place)
    send(
        browser,
        setup,
        "regions",
        action="paste",
        part="townships",
        mode="replace",
        text="名称\t类型\n城厢镇\t建制镇\n河东工业集中区\t",
    )
    units = files.book(
        [
            ["河东县助企成员单位名册"], [None],
            ["序 号", "单 位 名 称", "简 称", "性  质", "值班电话"],
            [1, "河东县经济信息化和科学技术局", "县经信科技局", "政府工作部门", "0827-5201234"],
            [2, "中共河东县纪律检查委员会", "县纪委", "党群部门", "0827-5201235 "],
            [3, "城厢镇人民政府", "城厢镇", "乡镇", "（0827）5201237"],
            ["备注：以2026年1月为准。"],
        ],
        ["A1:E1"],
    )  # fmt: skip
    send(browser, setup, "units", action="upload", part="units", file=units)
    send(
        browser,
        setup,
        "units",
        **{
            "parts-part": "1",
            "parts-lead_bureau": "县经信科技局",
            "parts-supervisor": "县纪委",
            "parts-city_coordination": "县经信科技局",
        },
    )
    people = files.book(
        [
            ["单 位", "姓 名", "职务", "手机", "班子类别", "平台角色"],
            ["县经信科技局", "陈某", "局长", "138 0000 0001", "县级部门领导", "部门负责人"],
            [None, "李某", "一级科员", "13800000002", "一般干部", "受理+管理员"],
            ["城厢镇人民政府", "赵某", "镇长", "13800000004", "乡镇领导", "主要负责人、联络员"],
            [None, "钱某", "干部", "13800000005", "一般干部", "助企专员"],
        ],
        ["A2:A3", "A4:A5"],
    )
    answer = send(browser, setup, "people", action="upload", part="people", file=people)
    assert answer.status_code == 302, problems(answer)
    setup.refresh_from_db()
    draft = services.draft_of(setup)
    assert [unit["public_phone"] for unit in draft.of("units").values["specs"]] == [
        "0827-5201234",
        "0827-5201235",
        "0827-5201237",
    ]
    assert [(row["unit"], row["rank_group"]) for row in draft.of("people").values["specs"]] == [
        ("xjxkjj", "unit_leaders"), ("xjxkjj", "staff"), ("cxz", "unit_leaders"), ("cxz", "staff"),
    ]  # fmt: skip


def test_a_change_that_changes_nothing_is_the_same_rules_to_the_letter(district, client):
    """Every value that a page shows goes back as it came; what no page shows stays."""
    client.force_login(factories.user(factories.unit(district, "kjj"), Role.ADMIN))
    client.post("/golive/change/")
    change = Setup.objects.get()
    for step in ("rules", "words", "weekly", "contact"):
        page = client.get(step_url(change, step))
        data = {}
        for section in page.context["sections"]:
            part = section["part"]
            if part.kind == "fields":
                data[f"{part.code}-part"] = "1"
                form = section["form"]
                data |= {f"{part.code}-{name}": form[name].value() or "" for name in form.fields}
            else:
                data[f"{part.code}-rows"] = section["grid"].numbers
                for row in section["grid"].rows:
                    data |= {cell.name: cell.text for cell in row.cells if not row.is_new}
        answer = send(
            client, change, step, **{key: value for key, value in data.items() if value is not True}
        )
        assert answer.status_code == 302, (step, problems(answer))
    change.refresh_from_db()
    _, composed = services.whole(change)
    assert composed.profile.rules == DistrictProfile.objects.in_force(district).rules


# --- Mistakes in sheets: where, and what to write instead -------------------------------------------


def test_a_mistake_names_the_sheet_the_cell_and_its_rows_once(browser, setup):
    fill(browser, setup, "regions")
    fill_units(browser, setup)
    more = [[f"某{number}", "区监察督导室", "干事", "", "大总管", ""] for number in range(3)]
    answer = send(browser, setup, "people", action="upload", part="people", file=files.people(*more))
    told = [text for text in problems(answer) if "大总管" in text]
    assert len(told) == 1
    assert told[0].startswith("“Sheet”E9，第 9 行 角色：不认识“大总管”，应为：")
    assert told[0].endswith("（同样的还有 2 行：第 10、11 行）")
    assert answer.context["wrong"] == 3


def test_words_of_the_roster_nobody_knows_are_told_once_and_written_into_the_sheet(browser, ready):
    rows = [
        [f"测试示例{number}号有限公司", files.code(number), "重点工业", "测开区", "13900001111"]
        for number in range(1, 4)
    ]
    sheet = files.book([["企业全称", "信用代码", "企业类别", "所属镇街", "联系方式"], *rows])
    answer = send(browser, ready, "roster", action="upload", kind="enterprises", file=sheet)
    assert answer.status_code == 302
    page = browser.get(step_url(ready, "roster"))
    section = page.context["file_kinds"][0]
    assert section["file"].bad == 3
    assert section["file"].problems == [
        "“Sheet”C2，第 2 行 层级：没有“重点工业”这一项，应为四上企业（同样的还有 2 行：第 3、4 行）",
        "“Sheet”D2，第 2 行 所在乡镇办（园区）：“区划”一步里没有“测开区”，请改成那里的写法，或在那里加上"
        "（同样的还有 2 行：第 3、4 行）",
    ]
    assert [(one.word, one.rows, one.options) for one in section["strangers"]] == [
        ("重点工业", 3, ["四上企业", "中小微企业"]),
        ("测开区", 3, ["东河街道", "南山镇", "测试经济开发区"]),
    ]
    told = {
        "key-1": "tier", "word-1": "重点工业", "by-1": "四上企业",
        "key-2": "region", "word-2": "测开区", "by-2": "测试经济开发区",
    }  # fmt: skip
    answer = send(browser, ready, "roster", action="words", kind="enterprises", **told)
    assert answer.status_code == 302
    file = ready.files.get(kind="enterprises")
    assert (file.rows, file.bad, file.problems, file.strangers) == (3, 0, [], [])
    browser.post(reverse("portal:setup_rehearse", args=[ready.pk]))
    ready.refresh_from_db()
    assert ready.rehearsal["sheets"][0]["text"] == "可导入 3 行，有误 0 行"


def test_columns_of_a_roster_that_were_not_read_are_named_and_can_be_used(browser, ready):
    heads = ["企业名称", "统一社会信用代码", "层级", "所在乡镇", "老板"]
    rows = [["测试示例1号有限公司", files.code(1), "中小微企业", "南山镇", "王某某"]]
    send(browser, ready, "roster", action="upload", kind="enterprises", file=files.book([heads, *rows]))
    assert ready.files.get(kind="enterprises").unused == ["老板"]
    page = browser.get(step_url(ready, "roster")).content.decode()
    assert "没有用到的列：老板" in page and "<option selected>所在乡镇</option>" in page
    answer = send(browser, ready, "roster", action="map", kind="enterprises", **{"head-legal_person": "老板"})
    assert answer.status_code == 302
    assert ready.files.get(kind="enterprises").unused == []


def test_an_assignment_to_somebody_the_setup_does_not_know_is_told_at_once(browser, ready):
    rows = [["测试示例1号有限公司", "查无此人", "南山镇"], ["测试示例1号有限公司", "戊五", "没有的局"]]
    sheet = files.book([["企业", "挂钩干部", "单位"], *rows])
    send(browser, ready, "assignments", action="upload", kind="assignments", file=sheet)
    told = "\n".join(ready.files.get(kind="assignments").problems)
    assert "“Sheet”B2，第 2 行 联企干部：“人员和账号”一步里没有“查无此人”" in told
    assert "“Sheet”C3，第 3 行 单位：“单位”一步里没有“没有的局”" in told


def test_a_rehearsal_does_not_say_all_is_well_when_rows_are_left_out(browser, ready):
    rows = [["测试示例1号有限公司", files.code(1)[:-1] + "0", "中小微企业", "南山镇"]]
    sheet = files.book([["企业名称", "信用代码", "层级", "所在乡镇"], *rows])
    send(browser, ready, "roster", action="upload", kind="enterprises", file=sheet)
    page = browser.post(reverse("portal:setup_rehearse", args=[ready.pk]), follow=True).content.decode()
    assert "全部走通" not in page and "1 行表格导入不了" in page


def test_a_section_line_in_a_column_of_its_own_is_no_unit(browser, setup):
    fill(browser, setup, "regions")
    sheet = files.book(
        [
            ["编号", "单位名称", "类别", "主管单位"],
            [1, "杭州市测试区甲局", "区直机关", None],
            ["二、内设机构"],
            [2, "甲局综合科", "内设科室", "杭州市测试区甲局"],
        ]
    )
    send(browser, setup, "units", action="upload", part="units", file=sheet)
    setup.refresh_from_db()
    assert [row["name"] for row in setup.data["units"]["units"]] == ["杭州市测试区甲局", "甲局综合科"]
    kinds = {row["label"]: (row["reports"], row["handles"]) for row in setup.data["units"]["kinds"]}
    assert kinds == {"区直机关": ("是", "是"), "内设科室": ("否", "否")}


def test_a_province_that_is_known_otherwise_says_what_to_write(browser, setup, district):
    place = files.PLACE | {"place-code": "340799", "place-city": "铜陵市", "place-province": "安徽"}
    told = problems(send(browser, setup, "regions", **place))
    assert told == ["所在省（自治区、直辖市）：代码 340000 已登记为“安徽省”，请把“安徽”写成“安徽省”"]


def test_columns_of_the_own_form_that_ours_does_not_have_are_named(browser, setup):
    form = files.book(
        [
            ["双周报"],
            ["序号", "类别", "事项", "单位", "完成情况", None],
            [None, None, None, None, "本期", "备注"],
            [1, "走访", "走访企业家数", "家", None, None],
            [2, "办理", "超期未办结诉求数", "件", None, None],
            [3, "挂钩", "挂钩干部数", "人", None, None],
            [4, "挂钩", "挂钩企业数", "家", None, None],
        ],
        ["A2:A3", "B2:B3", "C2:C3", "D2:D3", "E2:F2"],
    )
    page = browser.post(step_url(setup, "weekly"), {"action": "form", "file": form}, follow=True)
    assert "原表的“备注”栏，系统的表里没有" in page.content.decode()
    setup.refresh_from_db()
    assert [(row["item"], row["source"]) for row in setup.data["weekly"]["rows"]] == [
        ("走访企业家数（家）", "走访联系企业数"),
        ("超期未办结诉求数（件）", "超期在办诉求"),
        ("挂钩干部数（人）", "常态联系企业的领导干部数"),
        ("挂钩企业数（家）", "常态联系包保企业数"),
    ]


# --- The district's own words and rhythms ----------------------------------------------------------


def test_a_districts_own_words_and_rhythms_are_its_rules(browser, ready):
    texts = {
        "action-part": "1", "action-number_prefix": "ｑｌ", "period-part": "1", "period-every": "每双周一报",
        "period-cut_off_weekday": "星期二", "period-cut_off_time": "17:00", "period-cadence": "每两周",
    }  # fmt: skip
    answer = send(browser, ready, "rules", **(files.ACTION | files.PERIOD | texts))
    assert answer.status_code == 302, problems(answer)
    words = {"wording-part": "1", "wording-联企干部": "挂钩干部", "wording-包保": "", "wording-底册": "底册"}
    answer = send(browser, ready, "words", **words)
    assert answer.status_code == 302, problems(answer)
    browser.post(reverse("portal:setup_live", args=[ready.pk]), {"name": "杭州市测试区"})
    rules = DistrictProfile.objects.get().rules
    assert rules.words == {"联企干部": "挂钩干部"}
    assert (rules.number_prefix, rules.week.every, rules.visits.cadence) == ("QL", "two_weeks", "fortnightly")
    cadre = User.objects.with_role(Role.CADRE).first()
    browser.force_login(cadre)
    assert "挂钩干部" in browser.get("/workbench/").content.decode()


def test_a_word_taken_back_in_a_change_of_rules_is_gone(district, client):
    unit = Unit.objects.filter(district=district).first() or factories.unit(district)
    admin = factories.user(unit, Role.ADMIN)
    setup = services.start_change(by=admin)
    draft = services.draft_of(setup)
    draft.base["words"] = {"联企干部": "包联干部"}
    from portal.golive.compose import rules_data

    assert rules_data(draft)["words"] == {"联企干部": "包联干部"}
    draft = services.draft_of(setup)
    draft.base["words"] = {"联企干部": "包联干部"}
    draft.data = {"words": {"wording": {"联企干部": "联企干部"}}}
    assert rules_data(draft)["words"] == {}


# --- 演练: a rehearsal people sign in to -------------------------------------------------------------

KEPT = {
    "accounts.AuditEntry",
    "portal.Setup",
    "portal.SetupFile",
    "core.FormToken",
    "sessions.Session",
    "core.Heartbeat",
}
"""What is not the district's: the log is never deleted, what was entered waits, and what the browser used."""
NOT_THE_DISTRICTS = {
    "accounts.AuditEntry", "contenttypes.ContentType", "auth.Permission", "auth.Group", "auth.Group_permissions",
    "sessions.Session", "core.FormToken", "core.HeldUpload", "core.Heartbeat", "districts.CalendarDay",
    "districts.CalendarYear", "notifications.SmsTemplate",
}  # fmt: skip


def everything():
    models = apps.get_models(include_auto_created=True)
    return {model._meta.label: set(model._base_manager.values_list("pk", flat=True)) for model in models}


@pytest.fixture
def trial(browser, ready):
    answer = browser.post(reverse("portal:setup_trial", args=[ready.pk]))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    ready.refresh_from_db()
    return ready


def walk_one(district):
    """An appeal from the firm to the closing, by the accounts of the district."""
    rules = DistrictProfile.objects.get(district=district).rules
    bureau = Actor.of_user(
        User.objects.with_role(Role.DISPATCHER).get(unit__district=district, is_active=True)
    )
    unit = Unit.objects.get(district=district, name__contains="人力资源")
    own = Actor.of_user(User.objects.filter(unit=unit).with_role(Role.LIAISON).get())
    appeal = perform(
        None, "submit", Actor.holder(),
        {"claimed_name": "测试示例1号有限公司", "contact_name": "某", "contact_phone": "13800000000",
         "category": rules.categories[0].code, "content": "厂里缺一线操作工二十名，请帮忙招工。"}, district=district,
    )  # fmt: skip
    firm = Enterprise.objects.filter(district=district).first()
    accepted = {"category": appeal.category, "urgency": "normal", "subject": subject_key(firm)}
    call = {"method": "phone", "reached": "yes", "solved": "yes", "satisfaction": "satisfied"}
    for step, actor, data in (
        ("accept", bureau, accepted), ("dispatch", bureau, {"lead_unit": unit.pk}), ("sign", own, {}),
        ("feedback", own, {"result": "已办理。", "solved": "yes"}), ("revisit", own, call),
        ("second_revisit", bureau, call), ("close", bureau, {}),
    ):  # fmt: skip
        appeal = perform(appeal, step, actor, data)
    return appeal


def test_a_rehearsal_is_marked_everywhere_and_listed_nowhere(browser, trial, client):
    district = trial.district
    assert district.is_rehearsal and district.parent is None
    assert "演练中" in browser.get("/golive/").content.decode()
    public = client.get(f"/{district.code}/").content.decode()
    assert NOTICE in public
    assert district.name not in client.get("/", follow=True).content.decode()
    cadre = User.objects.with_role(Role.DISPATCHER).get(unit__district=district, is_active=True)
    client.force_login(cadre)
    assert NOTICE in client.get("/workbench/").content.decode()
    open_due_weeks(district)
    period = ReportingPeriod.objects.filter(district=district).first()
    answer = client.get(reverse("reports:summary_download"), {"ending": period.ending.isoformat()})
    book = load_workbook(io.BytesIO(b"".join(answer) if answer.streaming else answer.content))
    assert all(NOTICE in sheet.oddHeader.center.text for sheet in book.worksheets)
    factories_district = Region.objects.filter(is_rehearsal=False)
    assert not factories_district.filter(pk=district.pk).exists()


def test_files_are_marked_only_within_a_rehearsal():
    def head():
        book = load_workbook(
            io.BytesIO(text_workbook(title="表", headers=["列"], rows=[["一"]], widths=[10]))
        )
        return book.active.oddHeader.center.text or ""

    def word():
        return "".join(p.text for p in docx.Document(io.BytesIO(docx_of([]))).sections[0].header.paragraphs)

    assert NOTICE not in head() and NOTICE not in word()
    with rehearsing(lambda: True):
        assert NOTICE in head() and NOTICE in word()


def test_nothing_of_a_rehearsal_leaves_the_house(district, trial):
    here = User.objects.with_role(Role.DISPATCHER).get(unit__district=trial.district, is_active=True)
    there = factories.user(factories.unit(district, "kjj"), Role.DISPATCHER)
    now = clock.now()
    for number, user in enumerate((here, there)):
        Notice.objects.create(
            key=f"k{number}", recipient=user, channel=Channel.EMAIL, state=NoticeState.QUEUED, next_try_at=now,
            kind="appeal", title="事", created_at=now,
        )  # fmt: skip
    assert [notice.recipient for notice in Notice.objects.due(clock.now())] == [there]
    User.objects.filter(pk=here.pk).update(email="a@example.com")
    here.refresh_from_db()
    OfficialsOnlyAdapter().send_mail("account/email/password_reset_key", "a@example.com", {"user": here})
    assert mail.outbox == []


def test_while_it_rehearses_nothing_of_the_setup_changes(browser, trial):
    assert browser.get(step_url(trial, "rules")).status_code == 302
    answer = browser.post(reverse("portal:setup_live", args=[trial.pk]), {"name": "杭州市测试区"})
    assert answer.status_code == 302
    trial.refresh_from_db()
    assert not trial.is_live
    assert browser.post(reverse("portal:setup_trial", args=[trial.pk])).status_code == 302
    assert Region.objects.filter(is_rehearsal=True).count() == 1


def test_clearing_asks_first_leaves_nothing_and_the_district_goes_live(browser, district, ready):
    before = everything()
    browser.post(reverse("portal:setup_trial", args=[ready.pk]))
    ready.refresh_from_db()
    trial = ready.district
    assert walk_one(trial).status == Status.CLOSED
    open_due_weeks(trial)
    page = browser.get(reverse("portal:setup_clear", args=[ready.pk]))
    assert "清除" in page.content.decode()
    answer = browser.post(reverse("portal:setup_clear", args=[ready.pk]), {"name": "别的区"})
    assert answer.status_code == 422 and Region.objects.filter(pk=trial.pk).exists()
    answer = browser.post(reverse("portal:setup_clear", args=[ready.pk]), {"name": "杭州市测试区"})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    after = everything()
    assert {label: rows for label, rows in after.items() if label not in KEPT and rows != before[label]} == {}
    assert AuditEntry.objects.filter(action="setup.close_trial").count() == 1
    ready.refresh_from_db()
    assert ready.district is None and not ready.is_fixed and ready.data["units"]
    assert (
        browser.post(reverse("portal:setup_live", args=[ready.pk]), {"name": "杭州市测试区"}).status_code
        == 302
    )
    live = Region.objects.get(code="330199")
    assert not live.is_rehearsal and live.parent is not None
    assert Enterprise.objects.filter(district=live).count() == 3


def test_a_district_that_works_is_never_cleared(district):
    with pytest.raises(ValidationError):
        clear_district(district)
    assert Region.objects.filter(pk=district.pk).exists()


def test_what_another_district_has_stops_the_clearing(district, trial):
    unit = Unit.objects.filter(district=trial.district).first()
    firm = factories.enterprise(district)
    phrase = Phrase.objects.create(
        district=district, unit=unit, purpose=Phrase.Purpose.values[0], title="话", text="话"
    )
    with pytest.raises(ValidationError):
        clear_district(trial.district)
    phrase.delete()
    Enterprise.objects.filter(pk=firm.pk).update(competent_unit=unit)
    Setup.objects.update(district=None)
    clear_district(trial.district)
    firm.refresh_from_db()
    assert firm.competent_unit is None  # that key is told to be emptied


def test_every_model_is_found_from_the_district_or_named_as_nobodys():
    """A new model that no key leads to would be left behind by the clearing: this test says so."""
    reached, new = set(), {Region}
    while new:
        model = new.pop()
        reached.add(model)
        new |= {
            relation.related_model
            for relation in pointing_at(model)
            if relation.on_delete is not models.SET_NULL
        } - reached
    left = {model._meta.label for model in apps.get_models(include_auto_created=True)} - {
        model._meta.label for model in reached
    }
    assert left == NOT_THE_DISTRICTS


def test_nobody_but_an_operator_rehearses(trial, client):
    admin = User.objects.with_role(Role.ADMIN).get(unit__district=trial.district)
    client.force_login(admin)
    for name in ("setup_trial", "setup_clear"):
        assert client.post(reverse(f"portal:{name}", args=[trial.pk])).status_code in {403, 404}
    assert Region.objects.filter(is_rehearsal=True).exists()


def test_a_change_of_rules_is_never_rehearsed_nor_cleared(district, client):
    admin = factories.user(factories.unit(district, "kjj"), Role.ADMIN)
    change = services.start_change(by=admin)
    client.force_login(admin)
    assert client.post(reverse("portal:setup_trial", args=[change.pk])).status_code == 422
    assert client.get(reverse("portal:setup_clear", args=[change.pk])).status_code == 302
    assert client.post(reverse("portal:setup_clear", args=[change.pk])).status_code == 302
    assert client.get(reverse("portal:setup_trial", args=[change.pk])).status_code == 405
    client.force_login(factories.user(factories.unit(district, "kjj"), Role.DISPATCHER))
    assert client.post(reverse("portal:setup_trial", args=[change.pk])).status_code == 403
    assert client.get(reverse("portal:setup_clear", args=[change.pk])).status_code == 403
    assert Region.objects.filter(pk=district.pk, is_rehearsal=False).exists()
