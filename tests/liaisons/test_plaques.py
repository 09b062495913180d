"""The life of a plaque, and how the register notices that one is no longer true."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Model

from accounts.models import AuditEntry, Official, Post
from core import clock
from enterprises.merging import merge
from enterprises.models import Enterprise
from liaisons.models import Assignment, Handover, Plaque
from liaisons.plaques import address_of, entry_behind, find, leads_of, whom_to_tell, without_plaque
from liaisons.services.assignments import end_assignment
from liaisons.services.plaques import (
    collect,
    mark_printed,
    order,
    order_many,
    replace,
    replace_many,
    revoke,
    sign,
)
from notifications.models import Notice
from tests import factories as make
from tests.liaisons.plaque_cast import PlaqueCast

State = Plaque.State


@pytest.fixture
def cast(district) -> PlaqueCast:
    return PlaqueCast(district)


def said(refused) -> str:
    return "".join(refused.value.messages)


def moved(official: Official, unit, title: str = "局长") -> None:
    """From today on in another post."""
    Post.objects.filter(official=official).update(ended=clock.today())
    Post.objects.create(official=official, unit=unit, title=title, rank_group="staff", started=clock.today())


def handed_over(cast: PlaqueCast, firm: Model, successor: Official) -> None:
    running = Assignment.objects.get(enterprise=firm, official=cast.official, ended=None)
    end_assignment(by=cast.dispatcher, assignment=running, ended=clock.today())
    cast.lead(firm, successor, started=clock.today())


# --- Ordering -------------------------------------------------------------------------------------


def test_what_is_engraved_is_kept_as_it_was_on_that_day(cast):
    found = order(by=cast.dispatcher, entry=cast.firm)
    assert found.text == {
        "title": "领导干部联系企业公示牌",
        "promise": "有呼必应，无事不扰",
        "subject": "铜陵晨光机械有限公司",
        "name": "周启明",
        "unit": cast.unit.name,
        "post": "副主任",
        "phone": "0562-1234567",
        "hotlines": [
            {"label": "市机关效能投诉热线", "number": "96980"},
            {"label": "郊区区机关效能投诉热线", "number": "0562-2897066"},
        ],
    }
    assert (found.state, found.official, found.region) == ("to_print", cast.official, cast.firm.region)
    entry = AuditEntry.objects.get(action="plaque.order")
    assert (entry.object_id, entry.data) == (str(found.pk), {"plaques": [found.pk]})


def test_the_mobile_number_stands_in_where_there_is_no_office_phone_then_the_units(cast):
    Official.objects.filter(pk=cast.official.pk).update(office_phone="")
    assert order(by=cast.dispatcher, entry=cast.firm).text["phone"] == "13800001234"
    Official.objects.filter(pk=cast.official.pk).update(phone="")
    type(cast.unit).objects.filter(pk=cast.unit.pk).update(public_phone="0562-7654321")
    assert order(by=cast.dispatcher, entry=cast.new_firm()).text["phone"] == "0562-7654321"


def test_it_refuses_in_words_that_name_the_firm(cast, district):
    bare = make.enterprise(district, name="铜陵无人联系有限公司")
    with pytest.raises(ValidationError) as refused:
        order(by=cast.dispatcher, entry=bare)
    assert "铜陵无人联系有限公司" in said(refused) and "没有牵头联企干部" in said(refused)
    helper = make.official(cast.unit, name="吴协助")
    cast.lead(bare, helper, part="support")
    with pytest.raises(ValidationError, match="没有牵头联企干部"):
        order(by=cast.dispatcher, entry=bare)
    Official.objects.filter(pk=cast.official.pk).update(office_phone="", phone="")
    with pytest.raises(ValidationError) as refused:
        order(by=cast.dispatcher, entry=cast.firm)
    assert "铜陵晨光机械有限公司" in said(refused) and "周启明没有登记电话" in said(refused)
    Post.objects.filter(official=cast.official).update(ended=clock.today())
    with pytest.raises(ValidationError, match="周启明现在没有任职记录"):
        order(by=cast.dispatcher, entry=cast.firm)
    Enterprise.objects.filter(pk=cast.firm.pk).update(active=False)
    with pytest.raises(ValidationError, match="不在册"):
        order(by=cast.dispatcher, entry=cast.firm)
    assert not Plaque.objects.exists()


def test_a_firm_has_one_plaque_in_force_however_often_it_is_ordered(cast, monkeypatch):
    order(by=cast.dispatcher, entry=cast.firm)
    with pytest.raises(ValidationError, match="“铜陵晨光机械有限公司”已有在用的公示牌"):
        order(by=cast.dispatcher, entry=cast.firm)
    # Two at the same moment: the second one saw none either, and the database has the last word.
    monkeypatch.setattr("liaisons.services.plaques._with_plaque", lambda entries: set())
    with pytest.raises(ValidationError, match="刚由他人登记"):
        order(by=cast.dispatcher, entry=cast.firm)
    assert Plaque.objects.count() == 1


def test_a_batch_orders_what_it_can_and_names_the_rest(cast, district):
    project = make.project(district)
    cast.lead(project, cast.official)
    bare = make.enterprise(district, name="铜陵无人联系有限公司")
    batch = order_many(by=cast.dispatcher, entries=[cast.firm, project, bare, cast.firm])
    assert [plaque.entry for plaque in batch.done] == [cast.firm, project]
    assert len(batch.refused) == 1 and "铜陵无人联系有限公司" in batch.refused[0]
    assert len({plaque.token for plaque in batch.done}) == 2


def test_a_batch_costs_the_same_queries_for_two_firms_and_for_forty(cast, django_assert_max_num_queries):
    few = [cast.firm, cast.new_firm()]
    with django_assert_max_num_queries(20) as counted:
        order_many(by=cast.dispatcher, entries=few)
    many = [cast.new_firm(official=make.official(cast.unit)) for _ in range(40)]
    with django_assert_max_num_queries(len(counted)):
        assert len(order_many(by=cast.dispatcher, entries=many).done) == 40


def test_of_two_lead_cadres_the_earlier_one_stands_on_the_plaque(cast):
    cast.second_lead(cast.firm, make.official(cast.unit, name="郑后来"))
    assert leads_of([cast.firm])[cast.firm].official == cast.official
    assert order(by=cast.dispatcher, entry=cast.firm).text["name"] == "周启明"
    assert not Plaque.objects.to_replace().exists()


# --- Its life -------------------------------------------------------------------------------------


def test_it_is_printed_fetched_and_signed_for(cast):
    found = cast.plaque()
    mark_printed(by=cast.dispatcher, plaques=[found])
    notice = Notice.objects.get(recipient=cast.cadre)
    assert "周启明" in notice.title and "铜陵晨光机械有限公司" in notice.body
    collect(by=cast.dispatcher, plaques=[found], collected_by=" 钱 一 ")
    sign(by=cast.cadre, plaque=found, signed_by="赵敏")
    found.refresh_from_db()
    assert (found.state, found.collected_by, found.signed_by) == ("signed", "钱 一", "赵敏")
    assert found.printed_at <= found.collected_at <= found.signed_at
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[-4:] == [
        "plaque.order", "plaque.print", "plaque.collect", "plaque.sign",
    ]  # fmt: skip


def test_the_units_liaison_is_told_where_the_cadre_has_no_account(cast):
    other = make.official(cast.unit, name="孙无号")
    mine = [cast.plaque(cast.new_firm(official=other)) for _ in range(2)]
    mark_printed(by=cast.dispatcher, plaques=mine)
    notice = Notice.objects.get(recipient=cast.liaison)
    assert "孙无号的公示牌2块" in notice.title


def test_no_step_is_left_out_or_taken_twice(cast):
    found = cast.plaque()
    assert "待制作" in collect(by=cast.dispatcher, plaques=[found], collected_by="钱一").refused[0]
    with pytest.raises(ValidationError, match="不是“已领取”"):
        sign(by=cast.dispatcher, plaque=found, signed_by="赵敏")
    assert mark_printed(by=cast.dispatcher, plaques=[found]).done == [found]
    again = mark_printed(by=cast.dispatcher, plaques=[found])
    assert not again.done and "铜陵晨光机械有限公司" in again.refused[0]
    assert Notice.objects.filter(recipient=cast.cadre).count() == 1


@pytest.mark.parametrize(("name", "words"), [("  ", "请填写领取人"), ("钱" * 51, "最多50字")])
def test_who_fetched_it_is_asked_for(cast, name, words):
    found = cast.plaque(upto="printed")
    with pytest.raises(ValidationError, match=words):
        collect(by=cast.dispatcher, plaques=[found], collected_by=name)


# --- Replacing and revoking -----------------------------------------------------------------------


def test_a_new_cadre_means_a_new_plate_with_a_code_of_its_own(cast):
    old = cast.plaque(upto="collected")
    successor = make.official(cast.unit, name="冯接手", title="主任")
    handed_over(cast, cast.firm, successor)
    new = replace(by=cast.dispatcher, plaque=old, reason="干部调整")
    old.refresh_from_db()
    assert (old.state, old.end_reason, old.replacement) == ("replaced", "干部调整", new)
    assert (new.state, new.text["name"], new.official) == ("to_print", "冯接手", successor)
    assert new.token != old.token
    for code in (old.token, new.token):
        plaque = find(code, cast.district)
        assert plaque is not None and entry_behind(plaque) == cast.firm
    with pytest.raises(ValidationError, match="已更换，不能再更换"):
        replace(by=cast.dispatcher, plaque=old, reason="干部调整")


def test_a_batch_replaces_what_it_can(cast, district):
    plaques = [cast.plaque(cast.new_firm(f"铜陵示例{n}有限公司")) for n in range(3)]
    Enterprise.objects.filter(name="铜陵示例1有限公司").update(active=False)
    running = Assignment.objects.get(enterprise__name="铜陵示例2有限公司")
    end_assignment(by=cast.dispatcher, assignment=running, ended=clock.today())
    batch = replace_many(by=cast.dispatcher, plaques=plaques, reason="职务变动")
    assert [plaque.text["subject"] for plaque in batch.done] == ["铜陵示例0有限公司"]
    assert len(batch.refused) == 2
    assert "请收回公示牌并作废" in batch.refused[0] and "还没有牵头联企干部" in batch.refused[1]
    assert Plaque.objects.in_force().count() == 3


def test_two_who_replace_the_same_plate_at_the_same_moment_make_one_new_one(cast, monkeypatch):
    old = cast.plaque()
    replace(by=cast.dispatcher, plaque=old, reason="干部调整")
    # The second one read it before the first had written.
    monkeypatch.setattr("liaisons.services.plaques._locked", lambda by, plaques: [old])
    with pytest.raises(ValidationError, match="刚由他人更换"):
        replace(by=cast.dispatcher, plaque=old, reason="干部调整")
    assert Plaque.objects.count() == 2


def test_a_revoked_code_is_dead_at_once_also_that_of_an_old_plate(cast):
    old = cast.plaque()
    new = replace(by=cast.dispatcher, plaque=old, reason="干部调整")
    revoke(by=cast.dispatcher, plaque=old, reason="旧牌被人拍照转发")
    assert find(old.token, cast.district) is None and find(new.token, cast.district) == new
    old.refresh_from_db()
    assert old.end_reason == "更换：干部调整；作废：旧牌被人拍照转发"
    with pytest.raises(ValidationError, match="已经作废"):
        revoke(by=cast.dispatcher, plaque=old, reason="再次")
    revoke(by=cast.dispatcher, plaque=new, reason="丢失")
    assert order(by=cast.dispatcher, entry=cast.firm).token not in {old.token, new.token}


@pytest.mark.parametrize("act", [replace, revoke])
def test_a_reason_is_asked_for(cast, act):
    found = cast.plaque()
    for reason, words in ((" ", "请写明"), ("长" * 101, "最多100字")):
        with pytest.raises(ValidationError, match=words):
            act(by=cast.dispatcher, plaque=found, reason=reason)
    found.refresh_from_db()
    assert found.state == State.TO_PRINT


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["cadre", "liaison", "leader", "township"])
def test_only_the_bureau_keeps_plaques(cast, who):
    by = {
        "cadre": cast.cadre,
        "liaison": cast.liaison,
        "leader": cast.user("kjj", "bureau_leader"),
        "township": cast.user("datong", "liaison"),
    }[who]
    found = cast.plaque(upto="printed")
    for act in (
        lambda: order(by=by, entry=cast.firm),
        lambda: mark_printed(by=by, plaques=[found]),
        lambda: collect(by=by, plaques=[found], collected_by="钱一"),
        lambda: replace(by=by, plaque=found, reason="干部调整"),
        lambda: revoke(by=by, plaque=found, reason="丢失"),
    ):
        with pytest.raises(PermissionDenied, match="调度员"):
            act()


def test_the_signature_is_recorded_by_the_cadre_his_liaison_and_the_bureau(cast):
    for by in (cast.cadre, cast.liaison, cast.dispatcher):
        found = cast.plaque(cast.new_firm(), upto="collected")
        assert sign(by=by, plaque=found, signed_by="赵敏").state == State.SIGNED
    found = cast.plaque(upto="collected")
    for by in (cast.user("rsj", "liaison"), cast.user("fgw", "unit_leader"), cast.user("rsj", "cadre")):
        with pytest.raises(PermissionDenied, match="联企干部"):
            sign(by=by, plaque=found, signed_by="赵敏")


def test_who_sees_which_plaques(cast, district):
    found = cast.plaque()
    elsewhere = make.township(district, "灰河乡")
    helper = make.official(make.unit(district, "huihe"), name="何乡长")
    cast.lead(cast.firm, helper, part="support")
    of_datong = make.official(make.unit(district, "datong"), name="大通干部")
    far = cast.plaque(cast.new_firm(official=of_datong, region=elsewhere))

    def sees(user) -> set[Plaque]:
        return set(Plaque.objects.visible_to(user))

    assert sees(cast.dispatcher) == {found, far} == sees(cast.cadre)
    # 大通镇 sees what hangs there, and what its own cadre's name stands on elsewhere.
    assert sees(cast.user("datong", "liaison")) == {found, far}
    assert sees(cast.user("datong", "cadre")) == {found}
    # 灰河乡: what hangs there; its cadre also the firm he looks after elsewhere.
    assert sees(cast.user("huihe", "cadre")) == {far}
    assert sees(make.user(make.unit(district, "huihe"), "cadre", official=helper)) == {found, far}
    other = make.another_district(district)
    assert sees(make.user(make.unit(other), "dispatcher")) == set()
    stranger = make.user(make.unit(other), "dispatcher")
    with pytest.raises(PermissionDenied):
        mark_printed(by=stranger, plaques=[found])


# --- What is no longer true -----------------------------------------------------------------------


def reasons(plaque: Plaque) -> list[str]:
    """As the list of those to be replaced says."""
    found = Plaque.objects.to_replace().filter(pk=plaque.pk).first()
    assert (found is None) == (Plaque.objects.with_reasons().get(pk=plaque.pk).reasons == [])
    return found.reasons if found else []


def test_a_plate_that_is_true_need_not_be_replaced(cast, district):
    project = make.project(district)
    cast.lead(project, cast.official)
    assert reasons(cast.plaque()) == [] == reasons(cast.plaque(project))


def test_a_plate_is_noticed_when_its_cadre_hands_the_firm_over(cast):
    found = cast.plaque()
    handed_over(cast, cast.firm, make.official(cast.unit, name="冯接手"))
    assert reasons(found) == ["牵头干部已不是周启明"]


def test_a_plate_is_noticed_when_nobody_leads_any_more(cast):
    found = cast.plaque()
    running = Assignment.objects.get()
    end_assignment(by=cast.dispatcher, assignment=running, ended=clock.today() + timedelta(days=1))
    assert reasons(found) == []
    Assignment.objects.update(ended=clock.today())
    assert reasons(found) == ["周启明已不再联系，还没有新的牵头干部"]


def test_a_plate_is_noticed_when_what_stands_on_it_changes(cast, district):
    found = cast.plaque()
    Enterprise.objects.filter(pk=cast.firm.pk).update(name="铜陵晨光智能装备有限公司")
    assert reasons(found) == ["企业（项目）名称已变化"]
    moved(cast.official, make.unit(district, "tjj"))
    Official.objects.filter(pk=cast.official.pk).update(office_phone="", name="周启铭")
    assert reasons(found) == [
        "企业（项目）名称已变化", "干部姓名已变化", "单位或职务已变化", "电话已变化",
    ]  # fmt: skip
    new = replace(by=cast.dispatcher, plaque=found, reason="更名、调动")
    assert reasons(new) == [] == reasons(found)


def test_a_second_post_changes_nothing_as_long_as_the_main_one_stays(cast, district):
    found = cast.plaque()
    Post.objects.create(
        official=cast.official, unit=make.unit(district, "tjj"), title="兼职", rank_group="staff",
        order=1, started=date(2020, 1, 1),
    )  # fmt: skip
    assert reasons(found) == []


def test_a_plate_of_a_firm_that_left_the_roster_is_to_be_taken_down(cast):
    found = cast.plaque()
    Enterprise.objects.filter(pk=cast.firm.pk).update(active=False)
    assert reasons(found) == ["企业（项目）已不在册，公示牌应收回作废"]
    revoke(by=cast.dispatcher, plaque=found, reason="企业注销")
    assert reasons(found) == []


def test_after_a_merge_the_plate_with_the_other_name_is_noticed_and_leads_to_the_kept_firm(cast):
    kept = cast.new_firm("铜陵晨光机械制造有限公司", credit_code=None, no_code_reason="正在办理")
    found = cast.plaque()
    merge(by=cast.dispatcher, kept=kept, duplicate=cast.firm)
    found.refresh_from_db()
    assert found.enterprise == kept and reasons(found) == ["企业（项目）名称已变化"]
    assert entry_behind(find(found.token, cast.district)) == kept


def test_finding_what_is_to_be_replaced_takes_one_query(cast, django_assert_num_queries):
    for number in range(20):
        cast.plaque(cast.new_firm(official=make.official(cast.unit, name=f"干部{number}")))
    Official.objects.filter(name__startswith="干部1").update(phone="13800009999")
    with django_assert_num_queries(1):
        found = list(Plaque.objects.to_replace().select_related("enterprise"))
        assert len(found) == 11 and {tuple(plaque.reasons) for plaque in found} == {("电话已变化",)}


def test_the_plaques_of_a_handover_are_those_of_the_firms_handed_over_in_it(cast, district):
    stays, goes = cast.plaque(), cast.plaque(cast.new_firm())
    handover = Handover.objects.create(
        district=district, unit=cast.unit, official=cast.official, day=clock.today(), reason="调动",
        recorded_by=cast.dispatcher, recorded_at=clock.now(),
    )  # fmt: skip
    Assignment.objects.filter(enterprise=goes.enterprise).update(
        ended=clock.today(), ended_by_handover=handover
    )
    assert list(Plaque.objects.of_handover(handover.pk)) == [goes]
    assert list(Plaque.objects.of_handover(handover.pk).to_replace()) == [goes]
    assert stays not in Plaque.objects.to_replace()


# --- Covered and without one ----------------------------------------------------------------------


def test_covered_firms_without_a_plaque_are_listed_once_each(cast, district):
    cast.second_lead(cast.firm, make.official(cast.unit, name="郑后来"))
    make.enterprise(district)
    has_one = cast.new_firm()
    cast.plaque(has_one)
    gone = cast.new_firm(active=True)
    Enterprise.objects.filter(pk=gone.pk).update(active=False)
    project = make.project(district)
    cast.lead(project, cast.official)
    rows = without_plaque(Assignment.objects.visible_to(cast.dispatcher))
    assert {row.subject for row in rows} == {cast.firm, project}
    assert len(rows) == 2 and {row.official for row in rows} == {cast.official}


# --- The code -------------------------------------------------------------------------------------


def test_the_address_on_brass_is_the_portals_own_and_hard_to_guess(cast, settings):
    settings.SITE_URL = "https://qqt.example.gov.cn"
    found = cast.plaque()
    assert address_of(found) == f"https://qqt.example.gov.cn/340711/p/{found.token}/"
    assert len(found.token) == 16
    other = make.another_district(cast.district)
    assert find(found.token, other) is None
    for nonsense in ("", "x", found.token[:-1], found.token + "\0", "长" * 20, "a" * 500, "../"):
        assert find(nonsense, cast.district) is None


def test_the_database_itself_allows_one_plaque_in_force(cast):
    found = cast.plaque()
    found.pk, found.token = None, "another"
    with pytest.raises(IntegrityError):
        found.save(force_insert=True)


def test_who_is_told_of_what_a_firm_asks(cast, district):
    assert whom_to_tell(cast.firm) == [cast.cadre]
    cast.cadre.is_active = False
    cast.cadre.save()
    assert whom_to_tell(cast.firm) == [cast.liaison]
    assert whom_to_tell(make.enterprise(district)) == [cast.dispatcher]
