"""What may be the same matter, how such matters were solved, and that nobody learns of what is not his to see."""

from datetime import timedelta

from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from accounts.actors import Actor
from accounts.models import Role
from appeals.duplicates import hint_duplicate, similar_help
from appeals.models import Appeal, DuplicateHint, Solved, Status
from appeals.perform import perform
from appeals.similar import Matter, similar_appeals, similar_to, solved_like
from appeals.workflow import TRANSITIONS, Transition
from core import clock
from enterprises.subjects import subject_key
from tests import factories
from tests.appeals.lives import INTAKE, Cast

WORKERS = "一线操作工缺口约20人，希望帮助对接招聘。"
RETOLD = "我公司一线操作工缺口20多人，请帮助组织招聘会。"
ROAD = "厂区门口路面破损，大货车进出困难，希望尽快修复。"
OTHER_FIRM = {"claimed_name": "铜陵另一家机械有限公司", "contact_phone": "13900002222"}


def matter(cast: Cast, text: str, **more) -> Matter:
    return Matter(district=cast.district, text=text, **more)


def numbers(found) -> list[str]:
    return [one.appeal.number for one in found]


def test_the_same_firm_comes_first_with_the_reasons_in_words(cast):
    with clock.at(clock.now() - timedelta(days=3)):
        same = cast.submit(content=WORKERS)
    other_matter = cast.submit(content=ROAD)
    other_firm = cast.submit(content=WORKERS, **OTHER_FIRM)
    cast.submit(content=ROAD, **OTHER_FIRM)
    typed = matter(cast, RETOLD, claimed_name=INTAKE["claimed_name"])
    found = similar_appeals(typed, user=cast.dispatcher)
    assert numbers(found) == [same.number, other_matter.number, other_firm.number]
    assert found[0].reasons == ("企业名称相同，3天前提交，待受理", "内容相似 67%")
    assert found[1].reasons == ("企业名称相同，今天提交，待受理",)
    assert found[2].reasons == ("铜陵另一家机械有限公司，今天提交，待受理", "内容相似 67%")
    assert [one.very_likely for one in found] == [True, False, False]


def test_a_firm_is_known_by_the_roster_by_its_claimed_name_and_by_its_phone(cast):
    firm = factories.enterprise(cast.district, name="铜陵示例机械有限公司")
    project = factories.project(cast.district)
    matched = cast.register(
        by="dispatcher", subject=subject_key(firm), claimed_name="", contact_phone="0562-5861111"
    )
    claimed = cast.submit(contact_phone="0562-5862222")
    called = cast.submit(claimed_name="别的店", contact_phone="13900003333")
    of_project = cast.register(
        by="dispatcher", subject=subject_key(project), claimed_name="", contact_phone="0562-5863333"
    )
    for known, expected, reason in (
        ({"subject": firm}, {matched, claimed}, "同一企业，"),
        ({"claimed_name": firm.name}, {matched, claimed}, "企业名称相同，"),
        ({"phone": "13900003333"}, {called}, "联系电话相同，"),
        ({"subject": project}, {of_project}, "同一项目，"),
    ):
        found = similar_appeals(matter(cast, "", **known), user=cast.dispatcher)
        assert {one.appeal for one in found} == expected, known
        assert any(reason in one.reasons[0] for one in found), known


def test_what_ended_long_ago_was_merged_or_withdrawn_is_no_duplicate(cast):
    with clock.at(clock.now() - timedelta(days=200)):
        long_ago = cast.walk(cast.submit(content=WORKERS), "close")
        still_open = cast.submit(content=WORKERS)
    lately = cast.walk(cast.submit(content=WORKERS), "close")
    merged = cast.submit(content=WORKERS)
    Appeal._meta.get_field("status").set_state(merged, Status.MERGED)
    merged.save()
    found = numbers(
        similar_appeals(matter(cast, RETOLD, claimed_name=INTAKE["claimed_name"]), user=cast.dispatcher)
    )
    assert set(found) == {still_open.number, lately.number}
    assert long_ago.number not in found


def test_only_what_one_may_see_is_similar(cast):
    window_own = cast.register(content=WORKERS)
    elsewhere = cast.submit(content=WORKERS)
    other = factories.another_district(cast.district)
    foreign = perform(None, "submit", Actor.holder(), INTAKE | {"content": WORKERS}, district=other)
    typed = matter(cast, WORKERS, claimed_name=INTAKE["claimed_name"], phone=INTAKE["contact_phone"])
    assert set(numbers(similar_appeals(typed, user=cast.window))) == {window_own.number}
    assert set(numbers(similar_appeals(typed, user=cast.dispatcher))) == {window_own.number, elsewhere.number}
    # A city unit sees both districts, and is still told of the one the appeal belongs to.
    assert foreign.number not in numbers(similar_appeals(typed, user=cast.supervisor))
    stranger = factories.user(factories.unit(other), Role.DISPATCHER)
    there = Matter(district=other, text=WORKERS, claimed_name=INTAKE["claimed_name"])
    assert numbers(similar_appeals(there, user=stranger)) == [foreign.number]
    assert similar_appeals(typed, user=stranger) == []
    assert similar_appeals(typed, user=cast.other_liaison) == []


def test_many_appeals_cost_no_more_queries_than_few(cast):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            similar_appeals(matter(cast, RETOLD, claimed_name=INTAKE["claimed_name"]), user=user)
            solved_like(first, user=user)
        return len(captured)

    user = cast.dispatcher
    first = cast.submit(content=WORKERS)
    user.roles  # noqa: B018 (what is read once a request is read now)
    cast.walk(cast.submit(content=WORKERS), "close")
    few = cost()
    for _ in range(6):
        cast.submit(content=WORKERS)
    cast.walk(cast.submit(content=WORKERS), "close")
    assert cost() == few <= 5


def test_a_window_of_the_latest_is_searched_and_no_more(cast, monkeypatch):
    monkeypatch.setattr("appeals.similar.LATEST", 3)
    old = cast.submit(content=WORKERS, **OTHER_FIRM)
    new = [cast.submit(content=WORKERS, **OTHER_FIRM).number for _ in range(3)]
    found = numbers(similar_appeals(matter(cast, RETOLD), user=cast.dispatcher))
    assert found == new[::-1] and old.number not in found


def test_odd_texts_find_nothing_and_break_nothing(cast):
    cast.submit(content=WORKERS)
    for text in ("", "\0", "%_\\' OR 1=1 --", "😀" * 300, "长" * 3000, "a", "1" * 500):
        assert similar_appeals(matter(cast, text), user=cast.dispatcher) == []


# --- How it was solved before ---------------------------------------------------------------------


def test_precedents_are_what_was_solved_with_unit_and_answer(cast):
    closed = cast.walk(cast.submit(content=WORKERS, **OTHER_FIRM), "close")
    on_spot = cast.solve_on_spot(content=WORKERS, answer="已当面推荐三人。", **OTHER_FIRM)
    unsolved = cast.do(
        cast.walk(cast.submit(content=WORKERS), "sign"),
        "feedback",
        by="unit_leader",
        solved=Solved.NO,
        basis="《办法》",
    )
    for transition in ("revisit", "second_revisit", "close"):
        unsolved = cast.do(unsolved, transition)
    cast.walk(cast.submit(content=ROAD), "close")
    cast.walk(cast.submit(content=WORKERS), "feedback")
    found = solved_like(cast.submit(content=RETOLD), user=cast.dispatcher)
    assert {(one.appeal, one.unit.code) for one in found} == {(closed, "rsj"), (on_spot, "datong_window")}
    precedent = next(one for one in found if one.appeal == closed)
    assert precedent.answer.result == "已组织专场招聘，到岗18人。"
    assert precedent.same_category and precedent.reason == "同一类别，内容相似 67%"


def test_a_redone_appeal_is_judged_by_its_last_answer(cast):
    appeal = cast.do(
        cast.walk(cast.submit(content=WORKERS), "sign"),
        "feedback",
        by="unit_leader",
        solved=Solved.NO,
        basis="《办法》",
    )
    appeal = cast.do(appeal, "redo")
    appeal = cast.do(cast.do(appeal, "sign"), "feedback", result="第二次办成了。")
    for transition in ("revisit", "second_revisit", "close"):
        appeal = cast.do(appeal, transition)
    found = solved_like(cast.submit(content=RETOLD), user=cast.dispatcher)
    assert [one.answer.result for one in found] == ["第二次办成了。"]


def test_nobody_learns_of_answers_that_are_not_his_to_see(cast):
    cast.walk(cast.submit(content=WORKERS), "close")
    appeal = cast.submit(content=RETOLD)
    assert solved_like(appeal, user=cast.liaison) and not solved_like(appeal, user=cast.other_liaison)


# --- Hints ----------------------------------------------------------------------------------------


def test_a_hint_comes_first_and_says_who_gave_it(cast):
    main = cast.submit(content=ROAD, **OTHER_FIRM)
    appeal = cast.register(content=WORKERS)
    for _ in range(2):
        hint_duplicate(appeal=appeal, main=main, by=cast.window)
    assert DuplicateHint.objects.get().main == main
    first = similar_to(appeal, user=cast.dispatcher)[0]
    assert first.appeal == main and first.reasons[0] == f"登记人{cast.window}认为是同一件"
    assert appeal not in [one.appeal for one in similar_to(appeal, user=cast.dispatcher)]
    # Whoever does not see the main appeal is not told of it.
    assert main not in [one.appeal for one in similar_to(appeal, user=cast.window)]


def test_the_fragment_leads_the_dispatcher_to_merging_where_that_is_possible(cast, monkeypatch):
    main = cast.submit(content=WORKERS)
    appeal = cast.submit(content=RETOLD)

    def shown(part: str) -> str:
        context = similar_help(appeal, getattr(cast, part)) | {"appeal": appeal}
        return render_to_string("appeals/_similar.html", context)

    if "merge" not in TRANSITIONS:
        assert main.number in shown("dispatcher") and "/do/merge/" not in shown("dispatcher")
        accept = TRANSITIONS["accept"]
        merge = Transition(
            name="merge", label="并单", sources=accept.sources, target=Status.MERGED, who=accept.who, who_label="调度员"
        )  # fmt: skip
        monkeypatch.setitem(TRANSITIONS, "merge", merge)
    assert f"/appeals/{appeal.number}/do/merge/?main={main.number}" in shown("dispatcher")
    assert main.number in shown("supervisor") and "/do/merge/" not in shown("supervisor")
    assert shown("other_liaison").strip() == ""
