"""A township's firms shared out in one go, by page and by sheet."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from core import clock
from enterprises.models import Enterprise
from imports import engine
from liaisons.models import Assignment
from liaisons.services.assignments import assign, share_out
from liaisons.services.plans import plan_visit
from tests import factories as make
from tests.enterprises import sheets
from tests.enterprises.sheets import book, problems

STARTED = date(2026, 1, 5)
HEAD = ["企业（项目）名称", "统一社会信用代码", "联企干部", "单位", "分工", "开始日期"]


def share_fields(network, **fields):
    return {
        "token": "once", "which": "checked", "way": "several", "several": [network.ann.pk, network.bob.pk],
        "part": "lead", "started": clock.today().isoformat(), "expected": "",
    } | fields  # fmt: skip


# --- Rules ----------------------------------------------------------------------------------------


def test_whoever_has_least_gets_the_next_firm(network):
    network.assigned(network.firm(), started=STARTED)
    network.assigned(network.firm(), started=STARTED)
    firms = [network.firm() for _ in range(4)]
    share_out(
        by=network.dispatcher, officials=[network.ann, network.bob], subjects=firms, started=clock.today()
    )
    held = [Assignment.objects.in_force().held_by(one.pk).count() for one in (network.ann, network.bob)]
    assert held == [3, 3]


def test_a_firm_has_one_lead_and_any_number_of_supporting_cadres(network, district):
    firm = network.firm(name="铜陵双牵头有限公司")
    network.assigned(firm, started=STARTED)
    with pytest.raises(ValidationError, match="已由方圆牵头联系"):
        network.assigned(firm, network.bob, started=STARTED)
    network.assigned(firm, network.bob, started=STARTED, part="support")
    carl = make.official(network.datong, name="程远")
    assign(by=network.dispatcher, official=carl, subject=firm, started=STARTED, part="support")
    assert Assignment.objects.in_force().filter(enterprise=firm).count() == 3


def test_a_second_lead_is_refused_also_for_a_time_still_to_come(network):
    firm = network.firm()
    network.assigned(firm, started=date(2026, 12, 1))
    with pytest.raises(ValidationError, match="请选择“协助”，或先办理移交"):
        network.assigned(firm, network.bob, started=STARTED)


# --- The page -------------------------------------------------------------------------------------


def test_checked_firms_are_shared_evenly_once(client, network):
    firms = [network.firm() for _ in range(3)]
    client.force_login(network.liaison)
    assert firms[0].name in client.get("/liaisons/share/").content.decode()
    data = share_fields(network, firms=[firm.pk for firm in firms[:2]])
    for _ in range(2):
        assert client.post("/liaisons/share/", data).status_code == 302
    assert Assignment.objects.count() == 2
    assert {one.official for one in Assignment.objects.all()} == {network.ann, network.bob}
    assert firms[2].name in client.get("/liaisons/share/").content.decode()


def test_all_that_fit_the_filter_go_to_one_cadre(client, network, district):
    huihe = make.township(district, "灰河乡")
    for _ in range(3):
        network.firm(tier="small")
    network.firm(region=huihe)
    client.force_login(network.dispatcher)
    address = f"/liaisons/share/?region={network.datong.region_id}&tier=small"
    data = share_fields(network, which="all", way="one", official=network.ann.pk, expected=3)
    assert client.post(address, data).status_code == 302
    assert Assignment.objects.filter(official=network.ann).count() == 3


def test_a_list_that_changed_meanwhile_is_shown_again(client, network):
    network.firm()
    client.force_login(network.liaison)
    answer = client.post("/liaisons/share/", share_fields(network, which="all", expected=2))
    assert answer.status_code == 422 and "现在符合条件的是 1 家" in answer.content.decode()
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"firms": []}, "请在名单中勾选企业"),
        ({"several": []}, "请至少勾选一名干部"),
        ({"way": "one"}, "请选择干部"),
        ({"started": "2026-02-30"}, "有效的日期"),
        ({"started": "2019-01-01"}, "没有任职记录"),
    ],
)
def test_it_says_what_is_missing(client, network, change, said):
    firm = network.firm()
    client.force_login(network.liaison)
    answer = client.post("/liaisons/share/", share_fields(network, **({"firms": [firm.pk]} | change)))
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Assignment.objects.exists()


def test_firms_of_another_township_cannot_be_sent(client, network, district):
    foreign = network.firm(region=make.township(district, "灰河乡"))
    client.force_login(network.liaison)
    assert client.post("/liaisons/share/", share_fields(network, firms=[foreign.pk])).status_code == 422
    assert not Assignment.objects.exists()


# --- The sheet ------------------------------------------------------------------------------------


def rows_of(network, firms, **change):
    return [[firm.name, firm.credit_code, "方圆", "大通镇", "", "2026/3/1"] for firm in firms]


def test_a_sheet_assigns_many_and_is_undone_as_one(network):
    firms = [network.firm() for _ in range(3)]
    found = sheets.applied(network.liaison, book(rows_of(network, firms), HEAD), "assignments")
    assert (found.rows_new, found.rows_bad) == (3, 0)
    assert {one.started for one in Assignment.objects.all()} == {date(2026, 3, 1)}
    again = sheets.checked(network.liaison, book(rows_of(network, firms), HEAD), "assignments")
    assert (again.rows_new, again.rows_same) == (0, 3)
    ended = Assignment.objects.first()
    Assignment.objects.filter(pk=ended.pk).update(ended=date(2026, 10, 1))
    assert engine.ask_undo(sheet_import=found, by=network.liaison)
    engine.undo(found)
    assert list(Assignment.objects.values_list("pk", flat=True)) == [ended.pk]
    assert "1行没有撤销" in found.message


def test_every_bad_row_says_why(network, district):
    firm, led, twin = network.firm(), network.firm(), network.firm(name="同名企业")
    network.firm(name="同名企业", region=make.township(district, "灰河乡"))
    network.assigned(led, started=STARTED)
    gone = make.official(network.datong, name="离任人")
    gone.posts.update(ended=date(2026, 1, 1))
    make.official(make.unit(district, "huihe"), name="外单位")
    found = sheets.checked(
        network.dispatcher,
        book(
            [
                ["没有这家企业", "", "方圆", "", "", ""],
                [twin.name, "", "方圆", "", "", ""],
                [firm.name, firm.credit_code, "不存在的人", "", "", ""],
                [firm.name, firm.credit_code, "离任人", "", "", ""],
                [led.name, led.credit_code, "安宁", "", "牵头", ""],
                [firm.name, firm.credit_code, "安宁", "大通镇", "帮忙", "明天"],
                [firm.name, firm.credit_code, "安宁", "大通镇", "", "2030-01-01"],
                [firm.name, led.credit_code, "安宁", "没有的单位", "", ""],
                ["", "", "", "", "", ""],
            ],
            HEAD,
        ),
        "assignments",
    )
    said = problems(found)
    expected = {
        2: "底册里没有", 3: "2 家同名", 4: "干部名册里没有", 5: "可能已离任", 6: "已由方圆牵头联系",
        7: "应为“牵头”或“协助”；开始日期：不是日期", 8: "最多提前一年", 9: "请核对",
    }  # fmt: skip
    for line, words in expected.items():
        assert words in said[line], (line, said[line])
    assert found.rows_new == 0


def test_a_day_in_the_past_must_not_overlap_either(network):
    """Ended five days ago; a row that begins thirty days ago would make two on the days between."""
    firm, other = network.firm(), network.firm()
    for one, official in ((firm, network.ann), (other, network.bob)):
        held = network.assigned(one, official, started=STARTED)
        Assignment.objects.filter(pk=held.pk).update(ended=clock.today() - timedelta(days=5))
    began = f"{clock.today() - timedelta(days=30)}"
    rows = [
        [firm.name, firm.credit_code, "安宁", "", "", began],
        [other.name, other.credit_code, "安宁", "", "", began],
    ]
    said = problems(sheets.checked(network.dispatcher, book(rows, HEAD), "assignments"))
    assert "已由方圆牵头联系" in said[2] and "时间重叠" in said[3]


def test_an_undo_keeps_what_was_used_since(network):
    firms = [network.firm() for _ in range(3)]
    found = sheets.applied(network.liaison, book(rows_of(network, firms), HEAD), "assignments")
    network.visit(firms[0], clock.today() - timedelta(days=1))
    held = Assignment.objects.get(enterprise=firms[1])
    plan_visit(by=network.dispatcher, assignment=held, day=clock.today())
    sheets.undone(network.liaison, found)
    assert {one.enterprise for one in Assignment.objects.all()} == {firms[0], firms[1]}
    said = {row.errors[0]["text"].split("，")[0] for row in found.rows.filter(applied=True)}
    assert said == {"安排后已有走访", "安排后已有走访计划"}


def test_a_colleague_of_the_bureau_does_not_confirm_for_the_dispatcher(client, network, district):
    firm = network.firm()
    found = sheets.checked(network.dispatcher, book(rows_of(network, [firm]), HEAD), "assignments")
    client.force_login(make.user(make.unit(district), "liaison"))
    assert client.post(f"/imports/{found.pk}/confirm/").status_code == 403
    found.refresh_from_db()
    assert found.state == "checked"


def test_two_leads_and_a_repeated_row_in_one_sheet_are_pointed_out(network):
    firm = network.firm()
    code = firm.credit_code
    found = sheets.checked(
        network.dispatcher,
        book(
            [
                [firm.name, code, "方圆", "", "牵头", ""],
                [firm.name, code, "安宁", "", "牵头", ""],
                [firm.name, code, "方圆", "", "协助", ""],
                [firm.name, code, "安宁", "", "协助", ""],
            ],
            HEAD,
        ),
        "assignments",
    )
    said = problems(found)
    assert "第2行已安排了牵头干部" in said[3] and "与第2行重复" in said[4]


def test_a_township_assigns_its_own_cadres_by_sheet(network, district):
    firm = network.firm()
    make.official(make.unit(district, "huihe"), name="外单位")
    found = sheets.checked(
        network.liaison, book([[firm.name, firm.credit_code, "外单位", "", "", ""]], HEAD), "assignments"
    )
    assert "不是您可以安排的单位的干部" in problems(found)[2]


def test_a_thousand_rows_cost_a_bounded_number_of_queries(network, django_assert_max_num_queries):
    Enterprise.objects.bulk_create(
        Enterprise(
            name=f"铜陵批量{number}号有限公司", district=network.district, region=network.datong.region,
            tier="small", credit_code=make.credit_code(50_000 + number), created_at=clock.now(),
        )
        for number in range(600)
    )  # fmt: skip
    firms = list(Enterprise.objects.all())
    received = sheets.received(network.dispatcher, book(rows_of(network, firms), HEAD), "assignments")
    with django_assert_max_num_queries(60):
        engine.check(received)
    assert received.rows_new == 600
