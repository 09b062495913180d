"""典型案例: chosen with reasons, drafted without identities, approved by a second person, seen by whom it may."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from docx import Document

from accounts.models import Role
from appeals.models import Appeal
from core import clock
from enterprises.merging import merge
from enterprises.services import change_enterprise, change_project
from enterprises.subjects import subject_key
from notifications.models import Notice
from reports import cases
from reports.case_candidates import Days, candidates
from reports.case_source import known_of
from reports.documents.issuing import issue
from reports.models import Case
from reports.redaction import scan
from tests import factories
from tests.appeals.lives import Cast

FIRM = "铜陵市大通镇宏达机械有限公司"
CONTENT = (
    "宏达机械在大通镇澜溪社区18号，联系人赵敏（139 0000 1111），法人王建国。与铜官华源商贸有限公司的货款未结，"
    "操作工缺20人，希望帮助招聘。"
)


@pytest.fixture
def cast(district) -> Cast:
    return Cast(district)


@pytest.fixture
def firm(district):
    return factories.enterprise(
        district,
        name=FIRM,
        legal_person="王建国",
        address="铜陵市郊区大通镇澜溪社区18号",
        contact_name="赵敏",
        contact_phone="13900001111",
    )


def appeal_of(cast: Cast, firm, upto: str = "close", **data) -> Appeal:
    appeal = cast.register(subject=subject_key(firm), claimed_name="", content=CONTENT, **data)
    return cast.walk(appeal, upto) if upto else appeal


def gone_wrong(cast: Cast, firm) -> Appeal:
    """Answered as solved; the firm says it is not, and it is done again."""
    appeal = appeal_of(cast, firm, upto="feedback")
    appeal = cast.do(
        appeal, "rate", satisfaction="unsatisfied", solved="no", comment="只来了电话，赵敏没见到人。"
    )
    return cast.do(appeal, "redo", reason="请卢春霞上门核实。")


def secrets_of(appeal: Appeal) -> list[str]:
    return [FIRM, "宏达", "大通镇", "赵敏", "王建国", "13900001111", "139 0000 1111", "澜溪社区",
            appeal.number, appeal.enterprise.credit_code]  # fmt: skip


def this_month(user, kind: str) -> dict[str, list[str]]:
    found = candidates(user, kind, Days.recent())
    return {one.appeal.number: [reason.text for reason in one.reasons] for one in found}


def drafted(cast: Cast, firm, kind: str = "good", **more) -> Case:
    appeal = appeal_of(cast, firm) if kind == "good" else gone_wrong(cast, firm)
    return cases.draft(by=cast.dispatcher, appeal=appeal, kind=kind, **more)


def tidied(cast: Cast, case: Case) -> Case:
    """A human takes the other firm's name out."""
    texts = {field: getattr(case, field).replace("铜官华源商贸有限公司", "另一企业") for field in Case.TEXTS}
    return cases.edit(by=cast.dispatcher, case=case, texts=texts)


def approved(cast: Cast, firm) -> Case:
    case = cases.submit(by=cast.dispatcher, case=tidied(cast, drafted(cast, firm)))
    ticks = [one.text for one in cases.findings_of(case).suspects]
    return cases.approve(by=cast.second_dispatcher, case=case, ticked=ticks)


# --- Candidates -----------------------------------------------------------------------------------


def test_good_ones_are_solved_satisfied_and_quick_or_large(cast, firm):
    good = appeal_of(cast, firm)
    open_one = appeal_of(cast, firm, upto="dispatch")
    found = this_month(cast.dispatcher, "good")
    assert found[good.number] == ["解决用工18人", "当天答复解决"]
    assert open_one.number not in found


def test_a_no_that_became_yes_comes_first(cast, firm):
    plain = appeal_of(cast, firm)
    turned = appeal_of(cast, firm, upto="sign")
    turned = cast.through(
        turned, "propose_refusal", "turn_back", "feedback", "revisit", "second_revisit", "close"
    )
    found = this_month(cast.dispatcher, "good")
    assert next(iter(found)) == turned.number and plain.number in found
    assert "单位拟说“不”，经提级审签后转为“办”并解决" in found[turned.number]


def test_solved_on_the_spot_is_one(cast, firm):
    appeal = cast.solve_on_spot()
    assert this_month(cast.dispatcher, "good")[appeal.number][0] == "首问当场解决，企业当场确认"


def test_what_was_done_again_or_only_partly_solved_is_no_model(cast, firm):
    again = gone_wrong(cast, firm)
    again = cast.through(again, "sign", "feedback", "revisit", "second_revisit", "close")
    partly = appeal_of(cast, firm, upto="revisit")
    partly = cast.do(partly, "second_revisit", solved="partly", satisfaction="basic")
    partly = cast.do(partly, "close")
    assert this_month(cast.dispatcher, "good") == {}


def test_bad_ones_say_what_went_wrong(cast, firm):
    wrong = gone_wrong(cast, firm)
    fine = appeal_of(cast, firm)
    found = this_month(cast.dispatcher, "bad")
    assert found == {wrong.number: ["单位反馈“已解决”，企业说没有解决", "重办1次", "企业评价“不满意”"]}
    assert fine.number not in found


def test_overdue_counts_the_working_days(cast, firm, time_machine):
    time_machine.move_to("2026-11-02 09:00+08:00")
    appeal = appeal_of(cast, firm, upto="sign")
    due = appeal.facts.running("handle").due_at
    time_machine.move_to(due + timedelta(hours=1))
    assert this_month(cast.dispatcher, "bad") == {}
    time_machine.move_to("2026-11-20 09:00+08:00")
    assert this_month(cast.dispatcher, "bad")[appeal.number] == ["区人社局办理环节已超期7个工作日"]


def test_what_is_a_case_already_or_out_of_the_span_is_no_candidate(cast, firm):
    case = drafted(cast, firm)
    assert this_month(cast.dispatcher, "good") == {}
    cases.withdraw(by=cast.dispatcher, case=case, reason="换一件。")
    assert list(this_month(cast.dispatcher, "good")) == [case.appeal.number]
    yesterday = clock.today() - timedelta(days=1)
    assert candidates(cast.dispatcher, "good", Days(yesterday - timedelta(days=9), yesterday)) == []


def test_candidates_cost_the_same_however_many(cast, firm, django_assert_max_num_queries):
    for _ in range(4):
        appeal_of(cast, firm)
    with django_assert_max_num_queries(14):
        assert len(candidates(cast.dispatcher, "good", Days.recent())) == 4


# --- Drafting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["good", "bad"])
def test_a_draft_tells_the_story_without_saying_whose_it_is(cast, firm, kind):
    case = drafted(cast, firm, kind)
    whole = "\n".join(case.texts)
    for secret in secrets_of(case.appeal):
        assert secret not in whole, secret
    assert "甲公司" in case.title and "某镇" in case.background and "赵某（〔电话〕）" in case.background
    assert "操作工缺20人" in case.background
    assert [heading for heading, _ in case.sections][:2] == ["基本情况", "办理经过"]
    originals = {one["original"]: one["label"] for one in case.replacements}
    assert originals[FIRM] == "甲公司" and originals["赵敏"] == "赵某" and originals["王建国"] == "王某"


def test_a_good_case_praises_the_unit_and_a_bad_one_hides_it(cast, firm):
    assert drafted(cast, firm, "good").title == "区人社局为甲公司解决用工难题"
    bad = drafted(cast, firm, "bad")
    assert bad.title == "某局办理甲公司用工诉求反馈不实"
    assert "区人社局" not in "\n".join(bad.texts) and "区科经局" in bad.course


def test_the_unit_can_be_named_in_a_bad_case_where_that_is_wanted(cast, firm):
    assert "区人社局" in drafted(cast, firm, "bad", hides_units=False).title


def test_the_other_firm_is_shown_to_the_human(cast, firm):
    suspects = [one.text for one in cases.findings_of(drafted(cast, firm)).suspects]
    assert "铜官华源商贸有限公司" in suspects


def test_officials_are_not_named(cast, firm):
    official = factories.official(factories.unit(cast.district, "rsj"), name="卢春霞")
    cast.people["liaison"] = factories.user(
        factories.unit(cast.district, "rsj"), Role.LIAISON, official=official, username="liaison"
    )
    case = drafted(cast, firm, "bad")
    assert "卢春霞" not in "\n".join(case.texts) and "请卢某上门核实" in case.course


def test_the_numbers_of_documents_given_out_go_too(cast, firm):
    appeal = gone_wrong(cast, firm)
    given = issue(by=cast.dispatcher, kind="dispatch", appeal=appeal)
    case = cases.draft(by=cast.dispatcher, appeal=appeal, kind="bad")
    texts = dict(zip(Case.TEXTS, case.texts, strict=True)) | {"lesson": f"见{given.number_text}。"}
    case = cases.edit(by=cast.dispatcher, case=case, texts=texts)
    assert [one.text for one in cases.findings_of(case).known] == [given.number_text]


def test_one_case_of_a_kind_an_appeal(cast, firm):
    case = drafted(cast, firm)
    with pytest.raises(ValidationError, match="已有同类案例"):
        cases.draft(by=cast.second_dispatcher, appeal=case.appeal, kind="good")
    cases.withdraw(by=cast.dispatcher, case=case, reason="换一件。")
    assert cases.draft(by=cast.second_dispatcher, appeal=case.appeal, kind="good").pk != case.pk


def test_the_supervisor_proposes_and_the_bureau_drafts(cast, firm):
    _ = cast.dispatcher, cast.bureau_leader
    appeal = gone_wrong(cast, firm)
    case = cases.propose(by=cast.supervisor, appeal=appeal, kind="bad", reason="企业反映强烈。")
    told = set(
        Notice.objects.filter(key__startswith=f"case-proposed:{case.pk}").values_list("recipient", flat=True)
    )
    assert told == {cast.dispatcher.pk, cast.bureau_leader.pk}
    done = cases.draft(by=cast.dispatcher, appeal=appeal, kind="bad")
    assert (done.pk, done.state, done.proposal) == (case.pk, "draft", "企业反映强烈。")


# --- Who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part", ["supervisor", "district_leader", "liaison", "unit_leader", "cadre", "admin"]
)
def test_only_the_bureau_drafts(cast, firm, part):
    appeal = appeal_of(cast, firm)
    with pytest.raises(PermissionDenied):
        cases.draft(by=getattr(cast, part), appeal=appeal, kind="good")


@pytest.mark.parametrize("part", ["dispatcher", "district_leader", "liaison", "cadre"])
def test_only_the_supervisor_proposes(cast, firm, part):
    appeal = appeal_of(cast, firm)
    with pytest.raises(PermissionDenied):
        cases.propose(by=getattr(cast, part), appeal=appeal, kind="good", reason="好。")


def test_another_districts_bureau_touches_nothing(cast, firm, district):
    case = drafted(cast, firm)
    other = factories.another_district(district)
    stranger = factories.user(factories.unit(other), Role.DISPATCHER, username="stranger")
    assert not Case.objects.visible_to(stranger).exists()
    with pytest.raises(PermissionDenied):
        cases.withdraw(by=stranger, case=case, reason="不行。")


def test_who_sees_what(cast, firm):
    draft = drafted(cast, firm)
    watchers = ("dispatcher", "second_dispatcher", "bureau_leader", "supervisor", "district_leader")
    units = ("liaison", "unit_leader", "township_liaison", "cadre", "window")
    for part in watchers:
        assert Case.objects.visible_to(getattr(cast, part)).get() == draft, part
    for part in (*units, "admin"):
        assert not Case.objects.visible_to(getattr(cast, part)).exists(), part
    done = approved(cast, firm)
    for part in units:
        assert Case.objects.visible_to(getattr(cast, part)).get() == done, part
    assert not Case.objects.visible_to(cast.admin).exists()


# --- Approving ------------------------------------------------------------------------------------


def test_a_second_person_approves(cast, firm):
    case = cases.submit(by=cast.dispatcher, case=tidied(cast, drafted(cast, firm)))
    ticks = [one.text for one in cases.findings_of(case).suspects]
    with pytest.raises(PermissionDenied, match="不能审核自己"):
        cases.approve(by=cast.dispatcher, case=case, ticked=ticks)
    done = cases.approve(by=cast.bureau_leader, case=case, ticked=ticks)
    assert (done.state, done.approved_by) == ("approved", cast.bureau_leader)
    assert list(Case.objects.approved()) == [done]


def test_nobody_approves_words_of_their_own_whoever_saved_last(cast, firm):
    case = with_lesson(cast, drafted(cast, firm), "主动上门。", by=cast.second_dispatcher)
    shown = case.version
    case = with_lesson(cast, case, "主动上门。")
    assert (case.version, case.edited_by) == (shown, cast.second_dispatcher), "nothing was changed"
    case = cases.submit(by=cast.dispatcher, case=with_lesson(cast, case, "主动上门，当天解决。"))
    ticks = [one.text for one in cases.findings_of(case).suspects]
    for author in (cast.dispatcher, cast.second_dispatcher):
        with pytest.raises(PermissionDenied, match="不能审核自己"):
            cases.approve(by=author, case=case, ticked=ticks)
    told = Notice.objects.filter(key__startswith=f"case-submitted:{case.pk}")
    assert set(told.values_list("recipient", flat=True)) <= {cast.bureau_leader.pk}
    assert cases.approve(by=cast.bureau_leader, case=case, ticked=ticks).state == "approved"


def test_saving_it_as_it_is_makes_nobody_an_author(cast, firm):
    case = cases.submit(by=cast.dispatcher, case=drafted(cast, firm))
    texts = {field: getattr(case, field).replace("\n", "\r\n") for field in Case.TEXTS}
    case = cases.edit(by=cast.second_dispatcher, case=case, texts=texts)
    assert (case.state, case.editors) == ("submitted", [])
    assert cases.may_approve(cast.second_dispatcher, case)


def test_a_known_identity_blocks_until_it_is_taken_out_again(cast, firm):
    case = drafted(cast, firm)
    texts = dict(zip(Case.TEXTS, case.texts, strict=True)) | {
        "lesson": "宏达公司的赵敏很满意，电话１３９００００１１１１。"
    }
    case = cases.edit(by=cast.dispatcher, case=case, texts=texts)
    with pytest.raises(ValidationError, match=r"宏达公司.*请先去标识再送审"):
        cases.submit(by=cast.dispatcher, case=case)
    case, replaced = cases.redact_again(by=cast.dispatcher, case=case)
    assert case.lesson == "甲公司的赵某很满意，电话〔电话〕。"
    assert [one.original for one in replaced] == ["宏达公司", "赵敏", "１３９００００１１１１"]
    assert cases.submit(by=cast.dispatcher, case=case).state == "submitted"


def test_a_name_learned_after_the_draft_blocks_the_approval(cast, firm):
    case = drafted(cast, firm)
    texts = dict(zip(Case.TEXTS, case.texts, strict=True)) | {"lesson": "孙晓梅表示感谢。"}
    case = cases.submit(by=cast.dispatcher, case=cases.edit(by=cast.dispatcher, case=case, texts=texts))
    firm.contact_name = "孙晓梅"
    firm.save()
    with pytest.raises(ValidationError, match="孙晓梅"):
        cases.approve(by=cast.bureau_leader, case=case, ticked=["铜官华源商贸有限公司"])


def with_lesson(cast: Cast, case: Case, lesson: str, by=None) -> Case:
    texts = dict(zip(Case.TEXTS, case.texts, strict=True)) | {"lesson": lesson}
    return cases.edit(by=by or cast.dispatcher, case=case, texts=texts)


def known_in(cast: Cast, case: Case, lesson: str) -> list[str]:
    return [one.text for one in cases.findings_of(with_lesson(cast, case, lesson)).known]


def test_what_the_firm_was_called_before_is_known_too(cast, firm):
    case = drafted(cast, firm)
    change_enterprise(by=cast.dispatcher, enterprise=firm, changes={"name": "铜陵鑫盛装备有限公司"})
    changes = {
        "legal_person": "孙晓梅",
        "contact_name": "周大川",
        "contact_phone": "13700002222",
        "address": "铜陵市郊区大通镇民福村36号",
        "credit_code": factories.credit_code(987654),
    }
    old_code = firm.credit_code
    change_enterprise(by=cast.dispatcher, enterprise=firm, changes=changes)
    for secret in ("宏达机械", "鑫盛装备", "赵敏", "王建国", "周大川", "13900001111", "澜溪社区", old_code):
        assert known_in(cast, case, f"见{secret}。") == [secret]


def test_firms_merged_away_into_it_are_known_with_all_they_were(cast, firm, district):
    first = factories.enterprise(
        district,
        name="铜陵鑫盛装备有限公司",
        contact_name="周大川",
        legal_person="孙晓梅",
        credit_code=None,
        registration_number="340711000012345",
    )
    second = factories.enterprise(
        district, name="铜陵恒瑞铸造有限公司", credit_code=None, no_code_reason="未办理"
    )
    change_enterprise(by=cast.dispatcher, enterprise=first, changes={"name": "铜陵泰来装备有限公司"})
    merge(by=cast.dispatcher, kept=second, duplicate=first)
    merge(by=cast.dispatcher, kept=firm, duplicate=second)
    case = drafted(cast, firm)
    for secret in ("鑫盛装备", "泰来装备", "恒瑞铸造", "周大川", "孙晓梅", "340711000012345"):
        assert known_in(cast, case, f"见{secret}。") == [secret]


def test_a_project_and_its_builders_of_before(cast, firm, district):
    project = factories.project(district, name="澜溪老街改造项目")
    changes = {"owner": firm, "owner_name": "安徽皖江置业有限公司"}
    change_project(by=cast.dispatcher, project=project, changes=changes)
    changes = {
        "owner": None,
        "owner_name": "铜陵恒瑞建设有限公司",
        "name": "滨江广场项目",
        "contact_name": "周大川",
    }
    change_project(by=cast.dispatcher, project=project, changes=changes)
    appeal = appeal_of(cast, firm, upto="")
    appeal.subject = project
    known = known_of(appeal)
    for secret in (
        "澜溪老街改造项目",
        "滨江广场项目",
        "皖江置业",
        "恒瑞建设",
        "宏达机械",
        "王建国",
        "周大川",
    ):
        assert [one.text for one in scan([f"见{secret}。"], known).known] == [secret]


def test_every_suspected_one_is_ticked_off(cast, firm):
    case = cases.submit(by=cast.dispatcher, case=drafted(cast, firm))
    with pytest.raises(ValidationError, match="铜官华源商贸有限公司"):
        cases.approve(by=cast.bureau_leader, case=case)
    ticks = [one.text for one in cases.findings_of(case).suspects]
    done = cases.approve(by=cast.bureau_leader, case=case, ticked=ticks)
    assert [one["text"] for one in done.findings] == ticks


def test_editing_takes_it_back_from_approval(cast, firm):
    case = cases.submit(by=cast.dispatcher, case=drafted(cast, firm))
    case = tidied(cast, case)
    assert case.state == "draft"
    with pytest.raises(ValidationError, match="起草中"):
        cases.approve(by=cast.bureau_leader, case=case)


def test_sent_back_with_an_opinion(cast, firm):
    case = cases.submit(by=cast.dispatcher, case=drafted(cast, firm))
    case = cases.send_back(by=cast.bureau_leader, case=case, opinion="启示再写实一些。")
    assert (case.state, case.sent_back) == ("draft", "启示再写实一些。")
    told = Notice.objects.filter(key__startswith=f"case-sent-back:{case.pk}").values_list(
        "recipient", flat=True
    )
    assert set(told) == {cast.dispatcher.pk}


def test_published_and_withdrawn(cast, firm):
    case = cases.mark_published(by=cast.dispatcher, case=approved(cast, firm), bulletin="2026年第11期")
    assert (case.state, case.published_in) == ("published", "2026年第11期")
    assert list(Case.objects.approved()) == [case]
    case = cases.withdraw(by=cast.dispatcher, case=case, reason="企业提出异议。")
    assert case.state == "withdrawn" and not Case.objects.approved().exists()
    with pytest.raises(ValidationError, match="已经撤回"):
        cases.withdraw(by=cast.dispatcher, case=case, reason="再撤。")


@pytest.mark.parametrize(
    "bulletin", ["宏达机械专刊", "2026年第11期（赵敏）", "通报139-0000-1111", "大通镇简报"]
)
def test_the_name_of_the_bulletin_tells_nothing_either(cast, firm, bulletin):
    case = approved(cast, firm)
    with pytest.raises(ValidationError, match="能看出是谁") as refused:
        cases.mark_published(by=cast.dispatcher, case=case, bulletin=bulletin)
    assert list(refused.value.message_dict) == ["bulletin"]
    case.refresh_from_db()
    assert (case.state, case.published_in) == ("approved", "")


def test_the_district_may_stand_in_the_name_of_its_bulletin(cast, firm):
    name = "铜陵市郊区营商环境通报2026年第11期"
    case = cases.mark_published(by=cast.dispatcher, case=approved(cast, firm), bulletin=name)
    assert case.published_in == name


def test_a_stale_page_does_nothing(cast, firm):
    case = drafted(cast, firm)
    shown = case.version
    tidied(cast, case)
    with pytest.raises(ValidationError, match="刚才有人改过"):
        cases.submit(by=cast.dispatcher, case=case, version=shown)


# --- Pages ----------------------------------------------------------------------------------------


def page(client, user, name: str, *args, **query) -> str:
    client.force_login(user)
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1]


def test_the_bureau_reads_both_side_by_side(client, cast, firm):
    case = drafted(cast, firm)
    html = page(client, cast.dispatcher, "reports:case", case.pk)
    assert f'<mark class="mark-replaced">{FIRM}</mark>' in html
    assert '<mark class="mark-replaced">甲公司</mark>' in html
    assert '<mark class="mark-suspect">铜官华源商贸有限公司</mark>' in html


@pytest.mark.parametrize("part", ["supervisor", "district_leader"])
def test_who_only_reads_sees_no_original(client, cast, firm, part):
    case = drafted(cast, firm)
    html = page(client, getattr(cast, part), "reports:case", case.pk)
    for secret in (FIRM, "宏达", "赵敏", "13900001111"):
        assert secret not in html
    assert "甲公司" in html and case.appeal.number in html


def test_a_unit_reads_the_approved_one_without_the_way_back(client, cast, firm):
    case = approved(cast, firm)
    html = page(client, cast.other_liaison, "reports:case", case.pk)
    assert case.title in html and "替换清单" not in html
    assert case.appeal.number not in html, "区财政局 has no part in the appeal"
    assert case.appeal.number in page(client, cast.liaison, "reports:case", case.pk)
    assert case.title in page(client, cast.other_liaison, "reports:cases")
    printed = page(client, cast.other_liaison, "reports:case_print", case.pk)
    assert "未审核稿" not in printed and "甲公司" in printed


def test_a_draft_on_paper_says_so(client, cast, firm):
    assert "未审核稿，不得外传" in page(client, cast.dispatcher, "reports:case_print", drafted(cast, firm).pk)


def in_word(client, user, case: Case) -> str:
    client.force_login(user)
    answer = client.get(reverse("reports:case_download", args=[case.pk]))
    assert answer.status_code == 200
    assert "docx" in answer["Content-Disposition"]
    return "\n".join(line.text for line in Document(BytesIO(answer.content)).paragraphs)


def test_in_word_it_has_its_sections_and_who_approved_it_and_no_name(client, cast, firm):
    case = approved(cast, firm)
    words = in_word(client, cast.other_liaison, case)
    assert words.startswith(case.title) and "一、基本情况" in words and "四、经验启示" in words
    assert "铜陵市郊区科技经济信息化局" in words and "未审核稿" not in words
    for secret in secrets_of(case.appeal):
        assert secret not in words


def test_a_draft_in_word_says_so(client, cast, firm):
    words = in_word(client, cast.supervisor, drafted(cast, firm))
    assert "未审核稿，不得外传" in words and "铜陵市郊区科技经济信息化局" not in words


def test_from_the_candidates_to_the_approval(client, cast, firm):
    appeal = appeal_of(cast, firm)
    html = page(client, cast.dispatcher, "reports:case_candidates", kind="good")
    assert appeal.number in html and "解决用工18人" in html
    picked = {"number": appeal.number, "kind": "good"}
    url = reverse("reports:case_candidates")
    first = client.post(url, picked)
    assert client.post(url, picked)["Location"] == first["Location"], "a double click drafts once"
    case = Case.objects.get()
    form = dict(zip(Case.TEXTS, case.texts, strict=True)) | {"version": case.version}
    empty = client.post(first["Location"], form | {"title": "", "lesson": "写了很久的一段。"})
    assert empty.status_code == 422 and "写了很久的一段。" in empty.content.decode()
    assert client.post(first["Location"], form | {"lesson": "主动上门。"}).status_code == 302
    act = lambda name: reverse("reports:case_act", args=[case.pk, name])  # noqa: E731
    assert client.post(act("submit")).status_code == 302
    assert client.post(act("approve")).status_code == 403
    client.force_login(cast.bureau_leader)
    refused = client.post(act("approve"))
    assert refused.status_code == 422 and "请逐条勾选" in refused.content.decode()
    ticks = [one.text for one in cases.findings_of(Case.objects.get()).suspects]
    assert client.post(act("approve"), {"ticked": ticks}).status_code == 302
    assert Case.objects.get().state == "approved"
    assert client.post(act("publish"), {"bulletin": ""}).status_code == 422
    assert client.post(act("publish"), {"bulletin": "2026年第11期"}).status_code == 302
    assert client.post(act("withdraw"), {"reason": ""}).status_code == 422
    assert client.post(act("nonsense")).status_code == 404


def test_the_supervisor_proposes_on_the_page(client, cast, firm):
    appeal = gone_wrong(cast, firm)
    client.force_login(cast.supervisor)
    url = reverse("reports:case_candidates")
    assert client.post(url, {"number": appeal.number, "kind": "bad", "reason": ""}).status_code == 422
    assert client.post(url, {"number": "JQ00000000-0000", "kind": "bad", "reason": "x"}).status_code == 422
    done = client.post(url, {"number": appeal.number, "kind": "bad", "reason": "企业反映强烈。"})
    html = page(client, cast.dispatcher, "reports:case", Case.objects.get().pk)
    assert done.status_code == 302 and "企业反映强烈。" in html and "起草" in html


def test_the_list_costs_the_same_however_long(client, cast, firm, django_assert_max_num_queries):
    for _ in range(3):
        drafted(cast, firm)
    client.force_login(cast.dispatcher)
    client.get(reverse("reports:cases"))
    with django_assert_max_num_queries(12):
        client.get(reverse("reports:cases"))
