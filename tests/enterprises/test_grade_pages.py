"""The pages of the grades: who opens which, what they show and refuse, and that nobody else finds anything at all."""

import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from openpyxl import load_workbook

from accounts.models import AuditEntry
from core import clock
from districts.models import DistrictProfile
from enterprises.grades import grading, inspections, objections, subjects
from enterprises.grades.inspections import Visit
from enterprises.models import GradeCriteria, GradeDuty, GradeObjection, GradeRecord, Inspection, SamplePoint
from liaisons.services.plaques import order
from portal.navigation import navigation
from tests import factories as make
from tests.enterprises import sheets
from tests.enterprises.grading import NOW, REASON, firm_of, graded, looked_after, organs
from tests.test_access import names


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def who(district):
    return organs(district)


@pytest.fixture
def firm(district, who):
    found = firm_of(district)
    looked_after(found, who.cadre, who.dispatcher)
    return found


@pytest.fixture
def record(who, firm):
    """红标 in force: the worst thing to leak."""
    return grading.confirm(by=who.leader, record=graded(who.grader, firm, "red"), agree=True)


@pytest.fixture
def pages(who, firm, record):
    """Every address about this firm, with what stands in it."""
    objection = objections.register_objection(
        by=who.gatherer, record=record, content="请复核", how="letter", received_on=clock.today()
    )
    inspection = inspections.plan_inspection(
        by=who.grader, visit=Visit(enterprise=firm, planned_on=clock.today(), basis="plan", matter="危废贮存")
    )
    return {
        "grades": [], "grades_download": [], "grade_figures": [], "grade_figures_download": [], "grade_criteria": [],
        "set_grade_criteria": ["environment"], "grade_season": ["environment"], "open_grade_season": ["environment"],
        "grade_many": ["environment"], "grade_firm": ["environment", firm.pk], "grade_confirmations": [],
        "confirm_grade": [record.pk], "grade_notice": [record.pk], "tell_grade": [record.pk],
        "object_to_grade": [record.pk], "grade_objections": [], "grade_objection": [objection.pk],
        "firm_grades": [firm.pk], "firm_grades_print": [firm.pk], "grade_sample": [firm.pk], "inspections": [],
        "plan_inspection": [], "inspection": [inspection.pk], "inspection_act": [inspection.pk, "move"],
    }  # fmt: skip


POSTED = {"open_grade_season", "grade_many", "confirm_grade", "tell_grade", "grade_sample", "inspection_act"}

# By hand: 2 opens · F is refused in words · N does not exist
#                         organ   other   gathers lead    watches  area    firm's others' others
#                         grader  safety  gather. disp.   superv.  town    cadre  town    stranger…
OPENS = {
    "grades":                 "2 2 2 2 2 2 N 2 N",
    "grades_download":        "2 2 2 2 2 2 N 2 N",
    "grade_figures":          "2 2 2 2 2 N N N N",
    "grade_figures_download": "2 2 2 2 2 N N N N",
    "grade_criteria":         "2 2 2 2 2 N N N N",
    "set_grade_criteria":     "2 F F F F N N N N",
    "grade_season":           "2 2 2 2 2 N N N N",
    "grade_firm":             "2 F F F F F F N N",
    "grade_confirmations":    "2 2 F F F N N N N",
    "grade_notice":           "2 F F F F F F N N",
    "object_to_grade":        "2 F 2 2 F F F N N",
    "grade_objections":       "2 2 2 2 2 N N N N",
    "grade_objection":        "2 2 2 2 2 2 2 N N",
    "firm_grades":            "2 2 2 2 2 2 2 N N",
    "firm_grades_print":      "2 2 2 2 2 2 2 N N",
    "inspections":            "2 2 2 2 2 2 N 2 N",
    "plan_inspection":        "2 2 F F F F N F N",
    "inspection":             "2 2 2 2 2 2 2 N N",
}  # fmt: skip
COLUMNS = (
    "grader",
    "safety",
    "gatherer",
    "dispatcher",
    "supervisor",
    "town",
    "cadre",
    "other_town",
    "stranger",
)
OUTSIDERS = ("stranger", "other_cadre", "window", "admin")


def browser_of(user) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def url(name: str, arguments) -> str:
    return reverse(f"enterprises:{name}", args=arguments)


@pytest.mark.parametrize("place", range(len(COLUMNS)), ids=COLUMNS)
def test_everybody_opens_what_the_table_says(who, pages, place):
    codes = {200: "2", 403: "F", 404: "N"}
    client = browser_of(getattr(who, COLUMNS[place]))
    found = {name: codes.get(client.get(url(name, pages[name])).status_code, "?") for name in OPENS}
    assert found == {name: line.split()[place] for name, line in OPENS.items()}


def test_the_table_and_the_posts_are_all_the_addresses(pages):
    ours = {name.removeprefix("enterprises:") for name in names() if name.startswith("enterprises:")}
    assert (
        {name for name in ours if "grade" in name or "inspection" in name}
        == set(pages)
        == set(OPENS) | POSTED
    )


@pytest.mark.parametrize("name", OUTSIDERS)
def test_whoever_is_not_entitled_finds_nothing_and_does_nothing(who, pages, name):
    client = browser_of(getattr(who, name))
    for page, arguments in pages.items():
        assert client.get(url(page, arguments)).status_code in {404, 405}, page
        assert client.post(url(page, arguments), {"agree": "yes"}).status_code in {404, 405}, page
    assert "企业分级" not in [
        item.label for group in navigation(getattr(who, name), "/") for item in group.items
    ]


def test_the_navigation_leads_there_for_the_entitled_alone(who):
    shown = {
        name
        for name, user in who.people.items()
        if "企业分级" in [item.label for group in navigation(user, "/") for item in group.items]
    }
    assert shown == set(who.people) - {"stranger", "window", "admin", "cadre", "other_cadre"}


# --- Never public ---------------------------------------------------------------------------------

SECRETS = ("红标", "绿标", "黄标", REASON, "分类监管", "评先评优")


def test_no_public_page_tells_a_grade(district, who, firm, record, pages):
    """Every public page, the plaque's pages with their code, and the firm's own submission among them."""
    plaque = order(by=who.dispatcher, entry=firm)
    code = district.code
    with_arguments = {
        "public:plaque": [code, plaque.token], "public:plaque_visit": [code, plaque.token],
        "public:plaque_change": [code, plaque.token],
    }  # fmt: skip
    visited = 0
    for name in sorted(names()):
        if not name.startswith(("public:", "healthz")):
            continue
        arguments = with_arguments.get(name, [] if name == "healthz" else [code])
        try:
            address = reverse(name, args=arguments)
        except NoReverseMatch:  # of one appeal, event or policy: nothing of a firm is in their source
            continue
        answer = Client().get(address)
        assert answer.status_code in {200, 302, 404, 405}, name
        visited += answer.status_code == 200
        assert answer.status_code == 200 or name not in with_arguments
        assert not [word for word in SECRETS if word in answer.content.decode(errors="replace")], name
    assert visited >= 10


@pytest.mark.parametrize("name", [*OUTSIDERS, "other_town"])
def test_no_page_of_the_portal_tells_an_outsider(who, district, firm, record, pages, name):
    client = browser_of(getattr(who, name))
    for address in (
        "/workbench/", f"/search/?q={firm.name}", "/search/?q=红标", "/enterprises/", f"/enterprises/?q={firm.name}",
        f"/enterprises/{firm.pk}/", f"/enterprises/lookup/?q={firm.name}", "/inbox/", "/imports/grades/",
        "/policies/", "/reports/statistics/", "/reports/indicators/", f"/enterprises/{firm.pk}/print/",
    ):  # fmt: skip
        text = client.get(address, follow=True).content.decode()
        told = [word for word in ("红标", REASON, "评先评优") if word in text]
        # What was typed into a search box is shown again; nothing else may say the word.
        assert not told or (told == ["红标"] and "红标" in address and text.count("红标") <= 4), address


def test_the_firms_page_shows_the_section_to_the_entitled_alone(who, firm, record):
    for name, user in who.people.items():
        answer = browser_of(user).get(reverse("portal:enterprise", args=[firm.pk]))
        if answer.status_code == 404:
            continue
        shown = 'id="grades"' in answer.content.decode()
        assert shown == (name not in {"stranger", "window", "other_town", "other_cadre", "admin"}), name


def test_the_print_for_the_visit_carries_no_grade_on_paper(who, firm, record):
    text = browser_of(who.cadre).get(reverse("portal:enterprise_print", args=[firm.pk])).content.decode()
    assert not [word for word in ("红标", REASON) if word in text]


def test_ledgers_carry_no_grade(who, firm, record):
    for code in ("enterprises", "appeals", "visits"):
        text = browser_of(who.dispatcher).get(reverse("reports:ledger", args=[code])).content.decode()
        assert "红标" not in text and "分级" not in text.split("<main")[1]


# --- What the pages do ----------------------------------------------------------------------------


def test_a_district_that_does_not_grade_says_so(who, district):
    rules = DistrictProfile.objects.in_force(district).rules
    data = rules.model_dump(mode="json") | {"grades": {}}
    DistrictProfile.objects.create(district=district, effective_from=clock.today(), data=data)
    answer = browser_of(who.dispatcher).get(reverse("enterprises:grades"))
    assert answer.status_code == 200 and "没有开展企业分类监管" in answer.content.decode()
    for name in ("grade_figures", "inspections", "grade_objections"):
        assert browser_of(who.dispatcher).get(reverse(f"enterprises:{name}")).status_code == 404
    assert browser_of(who.stranger).get(reverse("enterprises:grades")).status_code == 404


def test_an_organ_opens_its_list_and_grades_several_at_once_but_not_twice(who, district, firm):
    other = firm_of(district, "铜陵第二机械有限公司")
    client = browser_of(who.grader)
    client.post(url("open_grade_season", ["environment"]))
    assert GradeDuty.objects.count() == 2
    page = client.get(url("grade_season", ["environment"])).content.decode()
    assert "应评 <strong>2</strong> 家，已评 <strong>0</strong> 家" in page
    posted = {
        "firm": [firm.pk, other.pk, "x", "9" * 30],
        "grade": "green",
        "reason": "去年无处罚",
        "token": "t1",
    }
    for _ in range(2):
        answer = client.post(url("grade_many", ["environment"]), posted)
        assert answer.status_code == 302
    assert GradeRecord.objects.count() == 2
    page = client.get(url("grade_season", ["environment"])).content.decode()
    assert "已评 <strong>2</strong> 家" in page and 'name="firm"' not in page


@pytest.mark.parametrize(
    "posted", [{"grade": "green", "reason": ""}, {"reason": "x"}, {"grade": "x", "reason": "x\0"}]
)
def test_a_batch_that_is_not_complete_keeps_what_was_ticked(who, firm, posted):
    subjects.open_season(by=who.grader, field="environment")
    answer = browser_of(who.grader).post(url("grade_many", ["environment"]), posted | {"firm": [firm.pk]})
    assert answer.status_code == 422 and f'value="{firm.pk}" checked' in answer.content.decode()
    assert not GradeRecord.objects.exists()


def test_one_firm_is_scored_and_graded_on_its_page(who, firm):
    client = browser_of(who.grader)
    posted = {
        "year": 2026, "text": "按处罚和整改评分", "label1": "处罚次数", "points1": 60, "label2": "整改", "points2": 40,
        "line_green": 85, "line_yellow": 60,
    }  # fmt: skip
    assert client.post(url("set_grade_criteria", ["environment"]), posted).status_code == 302
    assert GradeCriteria.objects.get().most == 100
    assert "处罚次数" in client.get(url("grade_criteria", [])).content.decode()
    page = url("grade_firm", ["environment", firm.pk])
    assert "处罚次数（满分 60）" in client.get(page).content.decode()
    posted = {
        "item1": 60,
        "item2": 30,
        "grade": "yellow",
        "reason": "夜间噪声",
        "effective_from": "2026-11-19",
    }
    answer = client.post(page, posted, follow=True)
    assert "按得分 90 对应的是绿标" in answer.content.decode()
    assert GradeRecord.objects.get().score == 90
    answer = client.post(page, posted | {"item1": 61, "grade": "green", "effective_from": "x"})
    assert answer.status_code == 422 and "夜间噪声" in answer.content.decode()


@pytest.mark.parametrize(
    "posted",
    [{"text": ""}, {"year": "1999"}, {"label1": "a"}, {"points1": 5}, {"label1": "a", "points1": "9" * 40},
     {"label1": "a", "points1": 10, "line_green": 5}, {"text": "x\0"}],
)  # fmt: skip
def test_criteria_that_make_no_sense_are_shown_again(who, posted):
    facts = {"year": 2026, "text": "按处罚"} | posted
    answer = browser_of(who.grader).post(url("set_grade_criteria", ["environment"]), facts)
    assert answer.status_code == 422 and not GradeCriteria.objects.exists()


def test_a_leader_confirms_on_the_page_and_the_firm_is_told(who, firm):
    record = graded(who.grader, firm, "red")
    client = browser_of(who.leader)
    assert firm.name in client.get(url("grade_confirmations", [])).content.decode()
    assert client.post(url("confirm_grade", [record.pk]), {f"r{record.pk}-agree": "no"}).status_code == 422
    assert browser_of(who.grader).post(url("confirm_grade", [record.pk]), {"agree": "yes"}).status_code == 403
    client.post(url("confirm_grade", [record.pk]), {f"r{record.pk}-agree": "yes"})
    record.refresh_from_db()
    assert record.is_in_force
    notice = browser_of(who.grader).get(url("grade_notice", [record.pk])).content.decode()
    assert "企业分类监管等级告知书" in notice and "10 个工作日内" in notice and "不因提出异议而加重" in notice
    browser_of(who.grader).post(url("tell_grade", [record.pk]), {"how": "paper"})
    record.refresh_from_db()
    assert record.told_how == "paper"


def test_what_waits_for_its_leader_is_known_to_the_organ_alone(who, firm):
    """Only 红标 waits: whoever reads that something waits, reads which grade it is."""
    subjects.open_season(by=who.grader, field="environment")
    graded(who.grader, firm, "red")
    page = url("grade_season", ["environment"])
    own = browser_of(who.grader).get(page).content.decode()
    assert (
        own.count("待审定</") >= 2 and f"/environment/{firm.pk}/" not in own
    )  # said where the button would be
    for reader in (who.dispatcher, who.safety, who.supervisor):
        others = browser_of(reader).get(page)
        assert others.status_code == 200 and "待审定</" not in others.content.decode().split("应评企业")[-1]


def test_an_objection_is_registered_and_ruled_on_its_page(who, firm, record):
    client = browser_of(who.gatherer)
    posted = {"received_on": "2026-11-19", "how": "visit", "content": "已整改", "token": "o1"}
    for _ in range(2):
        assert client.post(url("object_to_grade", [record.pk]), posted).status_code == 302
    objection = GradeObjection.objects.get()
    assert (
        client.post(
            url("object_to_grade", [record.pk]), posted | {"received_on": "x", "token": "2"}
        ).status_code
        == 422
    )
    page = url("grade_objection", [objection.pk])
    assert "您评定或审定的" in browser_of(who.grader).get(page).content.decode()
    assert browser_of(who.grader).post(page, {"result": "upheld", "ruling": "x"}).status_code == 403
    ruler = browser_of(who.deputy)
    assert ruler.post(page, {"result": "changed", "ruling": "属实"}).status_code == 422
    assert ruler.post(page, {"result": "changed", "grade": "yellow", "ruling": "属实"}).status_code == 302
    objection.refresh_from_db()
    assert objection.changed_to.grade == "yellow"
    assert "变更为" in client.get(page).content.decode()
    assert firm.name in client.get(url("grade_objections", []) + "?state=all").content.decode()


def test_a_sample_point_is_named_on_the_firms_page(who, district):
    small = make.enterprise(district)
    client = browser_of(who.gatherer)
    assert client.get(url("firm_grades", [small.pk])).status_code == 200
    assert browser_of(who.grader).get(url("firm_grades", [small.pk])).status_code == 404, (
        "not graded, not theirs to name"
    )
    assert client.post(url("grade_sample", [small.pk]), {"reason": ""}).status_code == 422
    client.post(url("grade_sample", [small.pk]), {"reason": "省级样本点"})
    assert SamplePoint.objects.running().count() == 1
    client.post(url("grade_sample", [small.pk]), {"end": "1"})
    client.post(url("grade_sample", [small.pk]), {"end": "1"})
    assert not SamplePoint.objects.running().exists()


def test_an_inspection_from_the_plan_to_what_was_put_right(who, firm):
    graded(who.grader, firm, "green")
    client = browser_of(who.grader)
    posted = {"enterprise": f"enterprise-{firm.pk}", "planned_on": "2026-11-19", "basis": "random", "on_site": "yes",
              "matter": "危废贮存", "token": "p1"}  # fmt: skip
    answer = client.post(url("plan_inspection", []), posted)
    assert answer.status_code == 422 and "一般不主动实施现场检查" in answer.content.decode()
    for wrong in (
        {"enterprise": "x"},
        {"partners": ["9" * 30]},
        {"planned_on": "9999-99-99"},
        {"matter": "\0"},
    ):
        assert client.post(url("plan_inspection", []), posted | wrong).status_code == 422
    assert client.post(url("plan_inspection", []), posted | {"despite": "省级督察点名"}).status_code == 302
    found = Inspection.objects.get()
    town = browser_of(who.town)
    assert firm.name in town.get(url("inspections", [])).content.decode()
    town.post(
        url("inspection_act", [found.pk, "suggest"]), {"suggest-day": "2026-11-24", "suggest-note": "赶订单"}
    )
    assert "赶订单" in client.get(url("inspection", [found.pk])).content.decode()
    client.post(url("inspection_act", [found.pk, "move"]), {"move-planned_on": "2026-11-24"})
    browser_of(who.safety).post(url("inspection_act", [found.pk, "join"]))
    assert (
        client.post(url("inspection_act", [found.pk, "record"]), {"record-result": "clean"}).status_code
        == 422
    )
    client.post(
        url("inspection_act", [found.pk, "record"]),
        {"record-held_on": "2026-11-19", "record-result": "rectify", "record-findings": "标识缺失",
         "record-rectify_by": "2026-11-30"},
    )  # fmt: skip
    assert "等待整改" in client.get(url("inspections", [])).content.decode()
    client.post(
        url("inspection_act", [found.pk, "rectified"]),
        {"rectified-day": "2026-11-19", "rectified-note": "已补"},
    )
    found.refresh_from_db()
    assert (found.joint, found.result, found.rectified_note) == (True, "rectify", "已补")
    assert client.post(url("inspection_act", [found.pk, "nonsense"])).status_code == 404
    assert town.post(url("inspection_act", [found.pk, "cancel"]), {"cancel-reason": "x"}).status_code == 403


@pytest.mark.parametrize(
    "query", ["?q=%00", "?page=x&region=9&field=x&grade=x", "?month=%00&unit=" + "9" * 30, "?state=%00"]
)
def test_an_address_of_nonsense_breaks_no_list(who, firm, query):
    client = browser_of(who.grader)
    for name, arguments in (("grades", []), ("inspections", []), ("grade_season", ["environment"]),
                            ("grade_objections", []), ("grades_download", [])):  # fmt: skip
        assert client.get(url(name, arguments) + query).status_code == 200, name
    assert client.get(url("grade_season", ["nonsense"])).status_code == 404
    assert client.get(f"/enterprises/{'9' * 30}/grades/").status_code == 404


def test_the_list_is_narrowed_by_field_and_grade(who, district, firm, record):
    other = firm_of(district, "铜陵绿洲有限公司")
    graded(who.safety, other, "green", "safety")
    client = browser_of(who.dispatcher)

    def shown(query: str) -> set[str]:
        text = client.get(url("grades", []) + query).content.decode()
        return {one.name for one in (firm, other) if one.name in text}

    assert shown("?grade=red") == {firm.name} and shown("?field=safety&grade=green") == {other.name}
    assert shown("?field=environment&grade=none") == {other.name} and shown("?grade=none") == set()
    assert shown(f"?q={other.name[2:4]}") == {other.name}


def test_exports_hold_what_the_list_shows_and_leave_a_trace(who, firm, record):
    answer = browser_of(who.town).get(url("grades_download", []))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert rows[1][0] == firm.name and rows[1][3:5] == ("红标", "红标")
    assert browser_of(who.gatherer).get(url("grade_figures_download", [])).status_code == 200
    assert {"grade.exported", "grade.figures_exported"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_lists_cost_the_same_for_few_and_for_many(who, district, firm):
    client = browser_of(who.grader)
    subjects.open_season(by=who.grader, field="environment")

    def cost() -> dict[str, int]:
        found = {}
        for name, arguments in (("grades", []), ("grade_season", ["environment"]), ("inspections", []),
                                ("grade_figures", []), ("firm_grades", [firm.pk])):  # fmt: skip
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url(name, arguments)).status_code == 200
            found[name] = len(captured)
        return found

    def plan(one) -> None:
        inspections.plan_inspection(
            by=who.grader,
            visit=Visit(enterprise=one, planned_on=clock.today() + timedelta(days=1), basis="law", ground="条例",
                        matter="检查", partners=(who.safety.unit,)),
        )  # fmt: skip

    graded(who.grader, firm, "yellow"), plan(firm)
    few = cost()
    for number in range(6):
        one = firm_of(district, f"铜陵第{number}厂有限公司")
        graded(who.grader, one, "yellow"), graded(who.safety, one, "green", "safety"), plan(one)
    subjects.open_season(by=who.grader, field="environment")
    many = cost()
    assert all(many[name] <= few[name] for name in few), (few, many)
    assert max(many.values()) <= 22, many


# --- From a sheet ---------------------------------------------------------------------------------

HEAD = ["企业名称", "统一社会信用代码", "等级", "得分", "评定理由", "依据文号", "生效日期"]


def checked(by, *lines):
    return sheets.checked(by, sheets.book(lines, HEAD), "grades")


def test_a_sheet_is_judged_cell_by_cell_and_writes_what_was_approved(who, district, firm):
    other, small = firm_of(district, "铜陵第二机械有限公司"), make.enterprise(district, name="铜陵小厂")
    found = checked(
        who.grader,
        [firm.name, "", "绿", "95", "去年无处罚", "环函〔2026〕3号", ""],
        ["写错的名称", other.credit_code, "红标", "", "去年处罚三次", "", "2026-11-19"],
        [small.name, "", "黄标", "", "x", "", ""],
        ["没有这家", "", "黄标", "", "x", "", ""],
        [firm.name, "", "黄标", "", "重复", "", ""],
        [firm.name, "", "蓝标", "一百", "", "", "2025-01-01"],
    )
    assert (found.rows_new, found.rows_bad) == (2, 4)
    said = " ".join(str(row.errors) for row in found.rows.filter(outcome="bad"))
    for words in (
        "不是分类监管对象",
        "底册中没有这家企业",
        "重复",
        "没有“蓝标”这个等级",
        "应为 0 到",
        "必填",
    ):
        assert words in said, words
    sheets.written(who.grader, found)
    states = {
        record.enterprise.name: (record.grade, record.state, record.score)
        for record in GradeRecord.objects.all()
    }
    assert states == {firm.name: ("green", "in_force", 95), other.name: ("red", "pending", None)}
    again = checked(
        who.grader, [firm.name, "", "绿标", "", "没变", "", ""], [other.name, "", "绿标", "", "等着", "", ""]
    )
    assert (again.rows_same, again.rows_bad) == (1, 1)


def test_a_sheet_is_for_the_own_field_and_is_taken_back_as_one(who, district, firm):
    found = sheets.written(who.grader, checked(who.grader, [firm.name, "", "黄标", "", "检查", "", ""]))
    assert GradeRecord.objects.get().field == "environment"
    client = browser_of(who.stranger)
    assert client.get(reverse("imports:list", args=["grades"])).status_code in {403, 404}
    assert browser_of(who.dispatcher).get(reverse("imports:import", args=[found.pk])).status_code in {
        403,
        404,
    }
    sheets.undone(who.grader, found)
    assert not GradeRecord.objects.exists() and GradeDuty.objects.get().record is None
