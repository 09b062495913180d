"""公示牌台账: the register, one plate's page, and the sheet to print."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from accounts.models import Official
from core import clock
from enterprises.models import Enterprise
from liaisons.models import Assignment, Handover, Plaque
from liaisons.plaques import address_of
from liaisons.services.plaques import replace, revoke
from tests import factories as make
from tests.liaisons.plaque_cast import PlaqueCast

REGISTER = "/liaisons/plaques/"
MISSING = "/liaisons/plaques/missing/"
PRINT = "/liaisons/plaques/print/"


@pytest.fixture
def cast(district) -> PlaqueCast:
    return PlaqueCast(district)


@pytest.fixture
def desk(client, cast):
    client.force_login(cast.dispatcher)
    return client


def page(answer) -> str:
    return answer.content.decode()


def names(answer) -> list[str]:
    assert answer.status_code == 200
    return [str(row.entry) for row in answer.context["page"]]


def counts(answer) -> dict[str, int]:
    return {tab["label"]: tab["count"] for tab in answer.context["tabs"]}


def sent(**data) -> dict:
    return {"token": "t" * 32} | data


# --- The register ---------------------------------------------------------------------------------


def test_each_tab_shows_its_own_and_says_how_many(desk, cast, district):
    _, printed, signed = (cast.plaque(cast.new_firm(f"铜陵示例{n}厂")) for n in range(3))
    Plaque.objects.filter(pk=printed.pk).update(state="printed")
    Plaque.objects.filter(pk=signed.pk).update(state="signed")
    new = replace(by=cast.dispatcher, plaque=signed, reason="干部调整")
    revoke(by=cast.dispatcher, plaque=new, reason="丢失")
    Enterprise.objects.filter(pk=printed.enterprise_id).update(name="铜陵新名字有限公司")
    answer = desk.get(REGISTER)
    assert counts(answer) == {
        "全部在用": 2, "待制作": 1, "待领取": 1, "已领取": 0, "已签收": 0, "待更换": 1,
        "尚无公示牌": 2, "已更换": 1, "已作废": 1,
    }  # fmt: skip
    assert names(answer) == ["铜陵新名字有限公司", "铜陵示例0厂"]
    assert names(desk.get(f"{REGISTER}to_print/")) == ["铜陵示例0厂"]
    assert names(desk.get(f"{REGISTER}revoked/")) == ["铜陵示例2厂"]
    stale = desk.get(f"{REGISTER}to_replace/")
    assert names(stale) == ["铜陵新名字有限公司"] and "企业（项目）名称已变化" in page(stale)
    assert desk.get(f"{REGISTER}nonsense/").status_code == 404


def test_the_filters_narrow_every_tab(desk, cast, district):
    cast.plaque()
    project = make.project(district, name="铜基新材料项目")
    cast.lead(project, make.official(make.unit(district, "tjj"), name="韩统计"))
    cast.plaque(project)
    cast.new_firm("铜陵无牌有限公司", region=make.township(district, "灰河乡"))
    for filters, shown in (
        ({"q": "晨光"}, ["铜陵晨光机械有限公司"]),
        ({"tier": "project"}, ["铜基新材料项目"]),
        ({"tier": "small"}, ["铜陵晨光机械有限公司"]),
        ({"unit": make.unit(district, "tjj").pk}, ["铜基新材料项目"]),
        ({"region": make.township(district, "灰河乡").pk}, []),
    ):
        answer = desk.get(REGISTER, filters)
        assert names(answer) == shown and counts(answer)["全部在用"] == len(shown), filters
        assert all("?" in tab["url"] for tab in answer.context["tabs"])
    missing = desk.get(MISSING, {"region": make.township(district, "灰河乡").pk})
    assert "铜陵无牌有限公司" in page(missing) and "晨光" not in page(missing).split("<tbody>")[1]


def test_a_handover_leads_to_the_plaques_of_the_firms_handed_over_in_it(desk, cast, district):
    cast.plaque()
    gone = cast.plaque(cast.new_firm("铜陵移交有限公司"))
    handover = Handover.objects.create(
        district=district, unit=cast.unit, official=cast.official, day=clock.today(), reason="调动",
        recorded_by=cast.dispatcher, recorded_at=clock.now(),
    )  # fmt: skip
    Assignment.objects.filter(enterprise=gone.enterprise).update(
        ended=clock.today(), ended_by_handover=handover
    )
    answer = desk.get(REGISTER, {"handover": handover.pk})
    assert names(answer) == ["铜陵移交有限公司"] and "只列出周启明" in page(answer)
    assert f'name="handover" value="{handover.pk}"' in page(answer)
    assert names(desk.get(f"{REGISTER}to_replace/", {"handover": handover.pk})) == ["铜陵移交有限公司"]
    assert len(names(desk.get(REGISTER, {"handover": "9" * 30}))) == 2


@pytest.mark.parametrize(
    "filters", [{"unit": "x"}, {"region": "9" * 30}, {"tier": "x"}, {"page": "-7"}, {"q": "𠮷\0" * 40}]
)
def test_a_filter_that_makes_no_sense_breaks_nothing(desk, cast, filters):
    cast.plaque()
    for address in (REGISTER, f"{REGISTER}to_replace/", MISSING, PRINT, "/liaisons/requests/"):
        assert desk.get(address, filters).status_code == 200


def test_the_register_costs_the_same_queries_for_one_row_and_for_thirty(
    desk, cast, django_assert_max_num_queries
):
    cast.plaque()
    cast.new_firm()
    for address in (REGISTER, f"{REGISTER}to_print/", MISSING, f"{PRINT}?tab=to_print"):
        desk.get(address)
        with django_assert_max_num_queries(30) as counted:
            desk.get(address)
        for _ in range(15):
            cast.plaque(cast.new_firm(official=make.official(cast.unit)))
            cast.new_firm()
        with django_assert_max_num_queries(len(counted)):
            desk.get(address)


def test_empty_states_say_what_to_do(desk, cast):
    assert "尚无公示牌”里为已安排牵头干部的" in page(desk.get(REGISTER))
    assert "没有符合条件" in page(desk.get(REGISTER, {"q": "没有这家"}))
    cast.plaque()
    assert "都有公示牌了" in page(desk.get(MISSING))


# --- Doing something with many --------------------------------------------------------------------


def test_firms_are_ticked_and_get_their_plaques(desk, cast, district):
    other = cast.new_firm("铜陵另一家有限公司")
    chosen = [assignment.pk for assignment in Assignment.objects.filter(enterprise=cast.firm)]
    answer = desk.post(MISSING, sent(chosen=chosen), follow=True)
    assert "已登记制作：1块。" in page(answer)
    assert Plaque.objects.get().entry == cast.firm
    # Sent twice, it is done once, and nobody is told off for it.
    again = desk.post(MISSING, sent(chosen=chosen), follow=True)
    assert again.status_code == 200 and "已有在用的公示牌" not in page(again)
    assert other not in {plaque.entry for plaque in Plaque.objects.all()}


def test_everything_that_the_filter_shows_is_ordered_and_who_cannot_have_one_is_named(desk, cast, district):
    there = make.township(district, "灰河乡")
    cast.new_firm("铜陵灰河一厂", region=there)
    mute = make.official(cast.unit, name="无话机")
    Official.objects.filter(pk=mute.pk).update(phone="")
    cast.new_firm("铜陵灰河二厂", region=there, official=mute)
    answer = desk.post(f"{MISSING}?region={there.pk}", sent(everything="on"), follow=True)
    assert "已登记制作：1块。" in page(answer)
    assert "“铜陵灰河二厂”的联企干部无话机没有登记电话" in page(answer)
    assert [str(plaque.entry) for plaque in Plaque.objects.all()] == ["铜陵灰河一厂"]


def test_plaques_are_marked_collected_and_replaced_in_one_go(desk, cast):
    plaques = [cast.plaque(cast.new_firm()) for _ in range(3)]
    pks = [plaque.pk for plaque in plaques]
    answer = desk.post(f"{REGISTER}to_print/", sent(action="mark_printed", chosen=pks[:2]), follow=True)
    assert "已标记制作完成：2块。" in page(answer)
    refused = desk.post(f"{REGISTER}printed/", sent(action="collect", chosen=pks[:2], token="u" * 32))
    assert refused.status_code == 422 and "请填写领取人" in page(refused)
    assert f'value="{pks[0]}" checked' in page(refused)
    data = sent(action="collect", collected_by="钱一", everything="on", token="u" * 32)
    assert "已登记领取：2块。" in page(desk.post(f"{REGISTER}printed/", data, follow=True))
    data = sent(action="replace", reason="干部调整", chosen=pks, token="v" * 32)
    assert "新牌待制作：3块。" in page(desk.post(f"{REGISTER}to_replace/", data, follow=True))
    assert Plaque.objects.in_force().filter(state="to_print").count() == 3


def test_nothing_chosen_nothing_done(desk, cast):
    cast.plaque()
    for address, data in ((MISSING, {}), (f"{REGISTER}to_print/", {"action": "mark_printed"})):
        cast.new_firm()
        answer = desk.post(address, sent(**data))
        assert answer.status_code == 422 and "请先勾选" in page(answer)
        answer = desk.post(address, sent(chosen="x", **data))
        assert answer.status_code == 422 and "请刷新后再选" in page(answer)
    assert desk.post(f"{REGISTER}to_print/", sent(action="burn", everything="on")).status_code == 404


def test_what_a_colleague_did_meanwhile_is_said(desk, cast):
    done, open_ = cast.plaque(upto="printed"), cast.plaque(cast.new_firm())
    data = sent(action="mark_printed", chosen=[done.pk])
    answer = desk.post(f"{REGISTER}to_print/", data)
    assert answer.status_code == 422 and "“铜陵晨光机械有限公司”的公示牌现在是“待领取”" in page(answer)
    answer = desk.post(
        f"{REGISTER}to_print/", sent(action="mark_printed", chosen=[done.pk, open_.pk]), follow=True
    )
    assert "已标记制作完成：1块。" in page(answer) and "1块没有办理" in page(answer)


def test_every_batch_action_asks_first(desk, cast):
    cast.plaque(upto="printed")
    cast.plaque(cast.new_firm())
    cast.new_firm()
    Enterprise.objects.filter(pk=cast.firm.pk).update(name="铜陵新名字有限公司")
    for address, number in (
        (f"{REGISTER}to_print/", 1), (f"{REGISTER}printed/", 1), (f"{REGISTER}to_replace/", 1), (MISSING, 1),
    ):  # fmt: skip
        main = page(desk.get(address)).split('id="main"')[1]
        assert main.count("data-confirm=") == number, address


def test_who_only_reads_gets_no_boxes_and_is_refused(client, cast):
    found = cast.plaque()
    cast.new_firm()
    for user in (cast.cadre, cast.liaison, cast.user("jwdc", "supervisor")):
        client.force_login(user)
        for address in (REGISTER, MISSING):
            text = page(client.get(address)).split('id="main"')[1]
            assert "checkbox" not in text and "data-confirm" not in text
        assert (
            client.post(f"{REGISTER}to_print/", sent(action="mark_printed", chosen=found.pk)).status_code
            == 403
        )
        assert client.post(MISSING, sent(everything="on")).status_code == 403
        assert client.get(f"{PRINT}?ids={found.pk}").status_code == 403
    found.refresh_from_db()
    assert found.state == "to_print" and Plaque.objects.count() == 1


# --- One plaque -----------------------------------------------------------------------------------


def at(found: Plaque, action: str = "") -> str:
    if action:
        return reverse("liaisons:plaque_act", args=[found.pk, action])
    return reverse("liaisons:plaque", args=[found.pk])


def test_the_page_of_a_plaque_tells_its_whole_life(desk, cast):
    old = cast.plaque(upto="collected")
    desk.post(at(old, "sign"), {"signed_by": "赵敏"})
    answer = desk.post(at(old, "replace"), sent(reason="干部调整"), follow=True)
    new = Plaque.objects.get(replaces=old)
    assert answer.redirect_chain[-1][0] == at(new)
    text = page(answer)
    assert "周启明" in text and "0562-1234567" in text and "96980" in text and at(old) in text
    text = page(desk.get(at(old)))
    for word in ("登记制作", "制作完成", "领取", "钱一", "企业签收", "赵敏", "已更换", "干部调整", at(new)):
        assert word in text, word


def test_sent_twice_a_plate_is_replaced_once(desk, cast):
    old = cast.plaque()
    for _ in range(2):
        answer = desk.post(at(old, "replace"), sent(reason="干部调整"))
        assert answer["Location"] == at(Plaque.objects.get(replaces=old))
    assert Plaque.objects.count() == 2
    again = desk.post(at(old, "replace"), sent(reason="干部调整", token="u" * 32))
    assert again.status_code == 422 and "不能再更换" in page(again)


@pytest.mark.parametrize(
    ("state", "action", "data", "words"),
    [
        ("printed", "collect", {"collected_by": ""}, "领取人"),
        ("collected", "sign", {"signed_by": "赵" * 51}, "50"),
        ("to_print", "replace", {"reason": ""}, "更换原因"),
        ("to_print", "revoke", {"reason": "长" * 101}, "100"),
        ("to_print", "sign", {"signed_by": "赵敏"}, "不是“已领取”"),
        ("printed", "mark_printed", {}, "不是“待制作”"),
    ],
)
def test_bad_input_is_refused_in_words_and_kept(desk, cast, state, action, data, words):
    found = cast.plaque(upto=state)
    answer = desk.post(at(found, action), data)
    assert answer.status_code == 422 and words in page(answer)
    for value in data.values():
        assert value in page(answer)
    found.refresh_from_db()
    assert found.state == state


def test_the_cadre_records_the_signature_and_nothing_else(client, cast):
    found = cast.plaque(upto="collected")
    client.force_login(cast.cadre)
    text = page(client.get(at(found)))
    assert "登记签收" in text and "更换原因" not in text and address_of(found) not in text
    for action in ("mark_printed", "collect", "replace", "revoke"):
        assert client.post(at(found, action), {"reason": "丢失"}).status_code == 403
    assert client.post(at(found, "burn")).status_code == 404
    assert client.post(at(found, "sign"), {"signed_by": "赵敏"}).status_code == 302
    client.force_login(cast.user("rsj", "cadre"))
    assert client.post(at(found, "sign"), {"signed_by": "赵敏"}).status_code == 403
    client.force_login(cast.user("huihe", "liaison"))
    assert client.get(at(found)).status_code == 404
    assert client.post(at(found, "sign"), {"signed_by": "赵敏"}).status_code == 404


def test_a_stale_plate_says_who_leads_now(desk, cast):
    found = cast.plaque()
    Enterprise.objects.filter(pk=cast.firm.pk).update(name="铜陵新名字有限公司")
    text = page(desk.get(at(found)))
    assert "需要更换" in text and "现在的牵头干部：周启明" in text


def test_the_firms_page_leads_to_its_plaque(desk, cast):
    found = cast.plaque()
    assert f'href="{at(found)}"' in page(desk.get(f"/enterprises/{cast.firm.pk}/"))


# --- The sheet ------------------------------------------------------------------------------------


def sheets(answer) -> list[str]:
    assert answer.status_code == 200
    return re.findall(r'<h2 class="sheet-subject">([^<]*)</h2>', page(answer))


def test_the_chosen_ones_are_printed_and_a_print_changes_nothing(desk, cast, settings):
    settings.SITE_URL = "https://qqt.example.gov.cn"
    found, other = cast.plaque(), cast.plaque(cast.new_firm("铜陵另一家有限公司"))
    sent_on = desk.post(f"{REGISTER}to_print/", sent(action="print", chosen=[found.pk]))
    assert sent_on.status_code == 302 and sent_on["Location"] == f"{PRINT}?ids={found.pk}"
    answer = desk.get(sent_on["Location"])
    assert sheets(answer) == ["铜陵晨光机械有限公司"]
    text = page(answer)
    assert "领导干部联系企业公示牌" in text and "周启明" in text and "0562-1234567" in text
    assert "有呼必应，无事不扰" in text and "96980" in text and "扫码反映诉求" in text
    assert text.count('class="qr"') == 1 and "只有本机能打开" not in text
    found.refresh_from_db()
    assert (found.state, found.printed_at) == ("to_print", None)
    assert len(sheets(desk.get(f"{PRINT}?ids={found.pk},{other.pk},x,{'9' * 30}"))) == 2
    assert sheets(desk.get(PRINT)) == [] and "没有可以打印的公示牌" in page(desk.get(PRINT))


def test_everything_on_a_tab_is_printed_by_its_filter(desk, cast, district):
    cast.plaque()
    there = make.township(district, "灰河乡")
    cast.plaque(cast.new_firm("铜陵灰河厂", region=there))
    sent_on = desk.post(f"{REGISTER}to_print/?region={there.pk}", sent(action="print", everything="on"))
    query = parse_qs(urlsplit(sent_on["Location"]).query)
    assert query == {"tab": ["to_print"], "region": [str(there.pk)]}
    assert sheets(desk.get(sent_on["Location"])) == ["铜陵灰河厂"]


def test_both_layouts_and_any_other_word_means_a4(desk, cast):
    found = cast.plaque()
    for layout, css in (
        ("a4", "plaque-a4"),
        ("plate", "plaque-plate"),
        ("x", "plaque-a4"),
        ("", "plaque-a4"),
    ):
        text = page(desk.get(f"{PRINT}?ids={found.pk}&layout={layout}"))
        assert f"css/{css}.css" in text and f"sheet-{css.removeprefix('plaque-')} " in text


def test_what_is_no_longer_in_force_is_not_printed_and_what_is_untrue_is_said(desk, cast):
    gone = cast.plaque()
    revoke(by=cast.dispatcher, plaque=gone, reason="丢失")
    stale = cast.plaque(cast.new_firm("铜陵旧名字有限公司"))
    Enterprise.objects.filter(pk=stale.enterprise_id).update(name="铜陵新名字有限公司")
    answer = desk.get(f"{PRINT}?ids={gone.pk},{stale.pk}")
    assert sheets(answer) == ["铜陵旧名字有限公司"]
    assert "建议先更换再打印" in page(answer) and "铜陵新名字有限公司（企业（项目）名称已变化）" in page(
        answer
    )


def test_more_than_can_be_printed_at_once_is_said(desk, cast, monkeypatch):
    monkeypatch.setattr("liaisons.views.plaque_sheets.MOST_AT_ONCE", 2)
    for _ in range(3):
        cast.plaque(cast.new_firm())
    answer = desk.get(f"{PRINT}?tab=to_print")
    assert len(sheets(answer)) == 2 and "共 3 块，一次最多打印 2 块" in page(answer)
