"""用工需求、求职人员、推荐和上岗: what is refused and why, who fits, what counts, and what is forgotten when."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from accounts.models import AuditEntry
from campaigns.models import JobOpening, JobPlacement, JobSeeker
from campaigns.needs.matching import openings_for, seekers_for
from campaigns.needs.services.forgetting import erase_due, erase_seeker
from campaigns.needs.services.openings import (
    cancel_placement,
    change_opening,
    check_opening,
    expire_openings,
    record_placement,
    report_opening,
    restore_opening,
    withdraw_opening,
)
from campaigns.needs.services.recommendations import advance, recommend
from campaigns.needs.services.seekers import change_seeker, set_looking
from campaigns.needs.words import clean_called, refuse_identity, wage_words
from campaigns.tasks import age_needs
from core import clock
from districts.models import DistrictProfile
from districts.workdays import SHANGHAI
from notifications.models import Notice
from tests import factories as make
from tests.appeals.lives import Cast
from tests.campaigns.needs_cast import NOW, TODAY, need, opening, opening_facts, seeker, seeker_facts


@pytest.fixture(autouse=True)
def now():
    with clock.at(NOW):
        yield


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


@pytest.fixture
def firm(district):
    return make.enterprise(district, name="铜陵晨光机械有限公司")


@pytest.fixture
def wanted(cast, firm) -> JobOpening:
    return opening(cast.township_liaison, firm)


@pytest.fixture
def wang(cast) -> JobSeeker:
    return seeker(cast.township_liaison)


def rules(district):
    return DistrictProfile.objects.in_force(district).rules


def refused(error) -> dict[str, str]:
    return {name: "".join(texts) for name, texts in error.value.message_dict.items()}


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "身份证 11010519491231002X",
        "证号110105194912310021。",
        "１１０１０５１９４９１２３１００２１",
        "110105 19491231 0021",
        "130503670401001",
    ],
)  # fmt: skip
def test_an_identity_number_is_refused_however_it_is_written(text):
    with pytest.raises(ValidationError, match="身份证"):
        refuse_identity(text)


@pytest.mark.parametrize("text", ["请打13812345678", "138-1234-5678 找老王", "0562-5861234"])
def test_a_phone_in_a_free_text_is_refused(text):
    with pytest.raises(ValidationError, match="电话号码"):
        refuse_identity(text)


def test_wages_and_years_are_no_phones():
    assert refuse_identity("\0 月薪6000元，2015年至2023年做焊工 ") == "月薪6000元，2015年至2023年做焊工"


@pytest.mark.parametrize("text", ["王先生", "欧阳女士", "小张", "老李", "刘师傅"])
def test_a_form_of_address_is_taken(text):
    assert clean_called(text) == text


@pytest.mark.parametrize("text", ["王小明", "", "先生", "王小明先生", "Mr Wang", "王先生13800001234"])
def test_a_full_name_is_not(text):
    with pytest.raises(ValidationError):
        clean_called(text)


def test_wages_in_words():
    assert wage_words(4000, 6000) == "4000～6000元/月" and wage_words(None, None) == "面议"
    assert wage_words(4000, None) == "4000元/月以上" and wage_words(None, 5000) == "5000元/月以内"


# --- Openings -------------------------------------------------------------------------------------


def test_an_opening_is_recorded_for_the_own_unit_where_the_firm_is(wanted, cast, firm):
    assert (wanted.unit, wanted.region, wanted.state) == (cast.township_liaison.unit, firm.region, "open")
    assert AuditEntry.objects.get(action="opening.recorded").object_id == str(wanted.pk)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"wanted": None}, "wanted", "请填写招聘人数"),
        ({"wanted": 0}, "wanted", "1 至 5000"),
        ({"wanted": 10**7}, "wanted", "1 至 5000"),
        ({"wage_from": 8000}, "wage_to", "不能低于下限"),
        ({"trade": "", "post": ""}, "post", "请写明岗位名称"),
        ({"trade": "astronaut"}, "trade", "从列出的工种"),
        ({"valid_until": TODAY - timedelta(days=1)}, "valid_until", "今天至一年以内"),
        ({"valid_until": TODAY + timedelta(days=500)}, "valid_until", "今天至一年以内"),
        ({"requirements": "有意请打13812345678"}, "requirements", "电话号码"),
        ({"contact_phone": "12345"}, "contact_phone", "号码"),
        ({"requirements": "字" * 501}, "requirements", "最多500字"),
    ],
)
def test_what_is_wrong_with_an_opening_is_said_beside_its_field(cast, firm, changes, field, words):
    with pytest.raises(ValidationError) as error:
        opening(cast.township_liaison, firm, **changes)
    assert words in refused(error)[field] and not JobOpening.objects.exists()


def test_without_a_firm_nothing_is_recorded_and_not_by_everybody(cast, firm):
    with pytest.raises(ValidationError) as error:
        from campaigns.needs.services.openings import record_opening

        record_opening(by=cast.township_liaison, facts=opening_facts())
    assert "subject" in refused(error)
    for part in ("cadre", "window", "supervisor", "district_leader", "admin"):
        with pytest.raises(PermissionDenied):
            opening(getattr(cast, part), firm)


def test_a_firms_own_opening_waits_until_it_is_checked(cast, firm):
    liaison = cast.township_liaison
    reported = report_opening(entry=firm, facts=opening_facts())
    assert (reported.state, reported.unit, reported.by_firm) == ("pending", liaison.unit, True)
    assert Notice.objects.filter(recipient=liaison, key__startswith="needs-opening:").count() == 1
    with pytest.raises(ValidationError, match="已经收到"):
        report_opening(entry=firm, facts=opening_facts(wanted=9))
    with pytest.raises(ValidationError) as error:
        report_opening(entry=firm, facts=opening_facts(post="电工", contact_name="", contact_phone=""))
    assert set(refused(error)) == {"contact_name", "contact_phone"}
    with pytest.raises(PermissionDenied):
        check_opening(by=cast.other_liaison, opening=reported)
    assert check_opening(by=liaison, opening=reported).state == "open"
    with pytest.raises(ValidationError, match="状态已有变化"):
        check_opening(by=liaison, opening=reported)


def test_a_batch_fills_an_opening_and_a_mistake_is_taken_back(wanted, cast):
    by = cast.liaison  # 区人社局 leads the list
    batch = record_placement(by=by, opening=wanted, persons=3, day=TODAY, note="第1批")
    wanted.refresh_from_db()
    assert (wanted.placed, wanted.state, wanted.still_wanted) == (3, "partly", 2)
    record_placement(by=by, opening=wanted, persons=4, day=TODAY - timedelta(days=2))
    wanted.refresh_from_db()
    assert (wanted.placed, wanted.state, wanted.still_wanted) == (7, "filled", 0)
    with pytest.raises(ValidationError, match="作废原因"):
        cancel_placement(by=by, placement=batch, reason=" ")
    with pytest.raises(PermissionDenied):
        cancel_placement(by=cast.township_liaison, placement=batch, reason="记错")
    cancel_placement(by=by, placement=batch, reason="记错企业")
    wanted.refresh_from_db()
    assert (wanted.placed, wanted.state) == (4, "partly")
    with pytest.raises(ValidationError, match="已经作废"):
        cancel_placement(by=by, placement=batch, reason="再来")


def test_a_placement_lies_in_the_last_quarter_and_not_ahead(wanted, cast):
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=120)):
        with pytest.raises(ValidationError, match="日期应在"):
            record_placement(by=cast.liaison, opening=wanted, persons=1, day=day)


def test_an_opening_runs_out_is_prolonged_withdrawn_and_restored(wanted, cast, district):
    by = cast.township_liaison
    with clock.at(NOW + timedelta(days=61)):
        assert expire_openings(district) == 1 and expire_openings(district) == 0
        wanted.refresh_from_db()
        assert wanted.state == "expired"
        assert change_opening(by=by, opening=wanted, facts=opening_facts()).state == "open"
    withdrawn = withdraw_opening(by=by, opening=wanted, reason="不招了")
    assert withdrawn.state == "withdrawn"
    with pytest.raises(ValidationError, match="先恢复"):
        change_opening(by=by, opening=wanted, facts=opening_facts())
    with pytest.raises(ValidationError, match="不能登记上岗"):
        record_placement(by=by, opening=wanted, persons=1, day=TODAY)
    assert restore_opening(by=by, opening=wanted).state == "open"


# --- Seekers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"called": "王小明"}, "called", "不登记全名"),
        ({"phone": "96980"}, "phone", "号码"),
        ({"age_band": "x"}, "age_band", "年龄段"),
        ({"skills": "身份证340711199001011234"}, "skills", "身份证"),
        ({"trade": "", "post": ""}, "post", "意向岗位"),
        ({"consent_on": None}, "consent_on", "没有征得同意"),
        ({"consent_on": TODAY + timedelta(days=1)}, "consent_on", "今天以前"),
        ({"consent_on": TODAY - timedelta(days=181)}, "consent_on", "180 天以内"),
        ({"wage_hoped": 900_000}, "wage_hoped", "之间"),
    ],
)
def test_what_is_wrong_with_a_seeker_is_said_beside_its_field(cast, changes, field, words):
    with pytest.raises(ValidationError) as error:
        seeker(cast.township_liaison, **changes)
    assert words in refused(error)[field] and not JobSeeker.objects.exists()


def test_a_seeker_is_told_the_purpose_and_kept_for_a_time(wang, district):
    assert wang.purpose == rules(district).needs.purpose and "删除" in wang.purpose
    assert wang.keep_until == TODAY + timedelta(days=180)
    assert (
        "138" not in wang.search_text and "王" not in wang.search_text and str(wang) == f"求职人员 {wang.pk}"
    )


def test_who_is_on_the_list_is_not_recorded_twice(wang, cast):
    with pytest.raises(ValidationError, match="已在清单中"):
        seeker(cast.township_liaison)
    assert seeker(cast.township_liaison, trade="electrician").pk  # looks for other work as well


def test_seekers_are_seen_by_who_keeps_them_alone(wang, cast, district):
    other = make.another_district(district)
    foreigner = make.user(make.unit(other, "kjj"), "dispatcher")
    for part in ("dispatcher", "liaison", "unit_leader", "township_liaison"):
        assert JobSeeker.objects.visible_to(getattr(cast, part)).count() == 1, part
    for part in ("bureau_leader", "lead_cadre", "other_liaison", "cadre", "window", "supervisor",
                 "district_leader", "admin"):  # fmt: skip
        assert not JobSeeker.objects.visible_to(getattr(cast, part)).exists(), part
    neighbour = make.user(make.unit(district, "huihe"), "liaison")
    assert not JobSeeker.objects.visible_to(neighbour).exists()
    assert not JobSeeker.objects.visible_to(foreigner).exists()
    assert not JobOpening.objects.visible_to(foreigner).exists()
    with pytest.raises(PermissionDenied):
        seeker(cast.other_liaison, 5)


def test_no_longer_looking_ends_what_runs(wang, wanted, cast):
    found = recommend(by=cast.township_liaison, opening=wanted, seeker=wang)
    set_looking(by=cast.township_liaison, seeker=wang, looking=False)
    found.refresh_from_db()
    assert (found.state, found.result) == ("failed", "本人不再求职")
    with pytest.raises(ValidationError, match="状态已有变化"):
        set_looking(by=cast.township_liaison, seeker=wang, looking=False)
    assert set_looking(by=cast.township_liaison, seeker=wang, looking=True).state == "looking"


# --- Matching -------------------------------------------------------------------------------------


def test_who_fits_and_why(wanted, cast, district):
    by, far = cast.liaison, make.township(district, "灰河乡")
    near = seeker(by, 1, region=wanted.region)
    same_trade = seeker(by, 2, region=far, skills="", wage_hoped=8000)
    by_words = seeker(by, 3, region=far, trade="fitter", skills="会焊工", wage_hoped=None)
    seeker(by, 4, region=far, trade="clerk", skills="会计证")
    fits = seekers_for(wanted, by, rules(district))
    assert [fit.seeker for fit in fits] == [near, same_trade, by_words]
    assert fits[0].reasons == [
        "工种相同：焊工", "技能里写到“氩弧焊工”", "期望 6000 元，岗位 7000 元以内", f"同在{wanted.region.name}"
    ]  # fmt: skip
    assert fits[1].doubts == ["期望比岗位高 1000 元，可商量"]
    assert fits[2].reasons == ["技能里写到“焊工”", "对工资没有要求"]
    assert [fit.opening for fit in openings_for(near, rules(district))] == [wanted]


def test_age_is_no_reason_and_neither_is_somebody_else_s_list(wanted, cast, district):
    found = seeker(cast.liaison, region=make.township(district, "灰河乡"))
    assert seekers_for(wanted, cast.township_liaison, rules(district)) == []
    fits = seekers_for(wanted, cast.liaison, rules(district))
    assert not any("岁" in word or "年龄" in word for fit in fits for word in [*fit.reasons, *fit.doubts])
    change_seeker(by=cast.liaison, seeker=found, facts=seeker_facts(age_band="from_55"))
    assert seekers_for(wanted, cast.liaison, rules(district))[0].points == fits[0].points


def test_recommended_interviewed_placed_counts_one_and_closes_the_others(wanted, wang, cast, firm):
    by = cast.township_liaison
    second = opening(by, firm, post="焊工班长")
    first, other = (recommend(by=by, opening=one, seeker=wang) for one in (wanted, second))
    assert first.reasons[0] == "工种相同：焊工"
    with pytest.raises(ValidationError, match="已经推荐"):
        recommend(by=by, opening=wanted, seeker=wang)
    advance(by=by, recommendation=first, to="interview")
    with pytest.raises(ValidationError, match="未成的原因"):
        advance(by=by, recommendation=other, to="failed")
    advance(by=by, recommendation=first, to="placed", day=TODAY)
    for row in (wanted, wang, other):
        row.refresh_from_db()
    assert (wanted.placed, wang.state, other.state, other.result) == (1, "placed", "failed", "已在别处上岗")
    placement = JobPlacement.objects.get()
    assert (placement.persons, placement.recommendation, placement.unit) == (1, first, by.unit)
    with pytest.raises(ValidationError, match="进展已有变化"):
        advance(by=by, recommendation=other, to="placed")
    # It did not last: nothing counts, and the seeker is on the list again.
    advance(by=by, recommendation=first, to="failed", reason="三天后离岗")
    for row in (wanted, wang):
        row.refresh_from_db()
    assert (wanted.placed, wanted.state, wang.state) == (0, "open", "looking")
    assert recommend(by=by, opening=wanted, seeker=wang).state == "recommended"


def test_nobody_is_put_forward_where_nothing_is_open_or_without_consent(wanted, wang, cast):
    by = cast.township_liaison
    with clock.at(NOW + timedelta(days=61)), pytest.raises(ValidationError, match="不在招聘中"):
        recommend(by=by, opening=wanted, seeker=wang)
    change_opening(by=by, opening=wanted, facts=opening_facts(valid_until=TODAY + timedelta(days=300)))
    with clock.at(NOW + timedelta(days=181)), pytest.raises(ValidationError, match="同意已到期"):
        recommend(by=by, opening=wanted, seeker=wang)
    with pytest.raises(PermissionDenied):
        recommend(by=cast.other_liaison, opening=wanted, seeker=wang)


# --- Forgetting -----------------------------------------------------------------------------------


def test_on_request_nothing_is_left_of_who_was_never_put_forward(wang, cast):
    assert erase_seeker(by=cast.township_liaison, seeker=wang) is True
    assert not JobSeeker.objects.exists()
    assert AuditEntry.objects.get(action="seeker.erased").data == {}


def test_on_request_who_was_put_forward_becomes_nobody(wang, wanted, cast):
    found = recommend(by=cast.township_liaison, opening=wanted, seeker=wang)
    with pytest.raises(PermissionDenied):
        erase_seeker(by=cast.other_liaison, seeker=wang)
    assert erase_seeker(by=cast.township_liaison, seeker=wang) is False
    wang.refresh_from_db()
    found.refresh_from_db()
    assert (wang.called, wang.phone, wang.skills, wang.wage_hoped, wang.search_text) == ("", "", "", None, "")
    assert (wang.trade, wang.state, found.state) == ("welder", "left", "failed") and wang.erased_at
    assert wang.name == f"编号{wang.pk}（已匿名）"
    for act in (
        lambda: erase_seeker(by=cast.township_liaison, seeker=wang),
        lambda: change_seeker(by=cast.township_liaison, seeker=wang, facts=seeker_facts()),
    ):
        with pytest.raises(ValidationError, match="已经删除"):
            act()


def test_when_the_time_is_over_it_is_erased_once_and_looked_at_first(wang, cast, district):
    again = seeker(cast.township_liaison, 2)
    with clock.at(NOW + timedelta(days=180)):
        assert erase_due(district) == 0  # the last day still counts
    later = datetime(2027, 6, 1, 3, 0, tzinfo=SHANGHAI)
    with clock.at(later - timedelta(days=10)):
        change_seeker(by=cast.township_liaison, seeker=again, facts=seeker_facts(2))
    with clock.at(later):
        assert erase_due(district, dry_run=True) == 1
        wang.refresh_from_db()
        assert wang.phone
        assert erase_due(district) == 1 and erase_due(district) == 0
    wang.refresh_from_db()
    again.refresh_from_db()
    assert wang.erased_at and not wang.phone and again.phone


def test_the_command_counts_first_and_the_tick_does_it(wang, district, capsys):
    with clock.at(NOW + timedelta(days=181)):
        call_command("forget_seekers")
        wang.refresh_from_db()
        assert "铜陵市郊区：到期，尚未匿名 1 人" in capsys.readouterr().out and wang.phone
        age_needs()
        call_command("forget_seekers", "--apply")
        wang.refresh_from_db()
    assert "已匿名 0 人" in capsys.readouterr().out and not wang.phone


def test_a_township_records_whom_it_knows_and_nobody_a_firm_elsewhere(cast, district):
    elsewhere = make.township(district, "灰河乡")
    with pytest.raises(ValidationError, match="本辖区"):
        seeker(cast.township_liaison, region=elsewhere)
    assert seeker(cast.liaison, region=elsewhere).region == elsewhere
    other = make.another_district(district)
    foreign = make.enterprise(other, region=make.township(other, "西湖镇"))
    for record in (opening, need):
        with pytest.raises(ValidationError, match="本区县"):
            record(cast.dispatcher, foreign)


def test_once_the_purpose_is_fulfilled_a_seeker_is_soon_forgotten(wanted, wang, cast, district):
    by, soon = cast.township_liaison, TODAY + timedelta(days=30)
    found = recommend(by=by, opening=wanted, seeker=wang)
    advance(by=by, recommendation=found, to="placed", day=TODAY)
    wang.refresh_from_db()
    assert wang.keep_until == soon
    advance(by=by, recommendation=found, to="failed", reason="三天后离岗")
    wang.refresh_from_db()
    assert wang.keep_until == TODAY + timedelta(days=180)
    set_looking(by=by, seeker=wang, looking=False)
    wang.refresh_from_db()
    assert wang.keep_until == soon
    with clock.at(NOW + timedelta(days=30)):
        assert erase_due(district) == 0
    with clock.at(NOW + timedelta(days=31)):
        assert erase_due(district) == 1
    wang.refresh_from_db()
    assert (wang.called, wang.phone, wang.state) == ("", "", "left")
