"""并单: the firm of a merged appeal follows the main one, is asked for itself, and may go its own way again."""

import pytest
from django.test import Client
from django.urls import reverse

from appeals import selectors
from appeals.models import Status
from appeals.perform import Invalid, NotYet
from tests import factories


def merged(cast, **data):
    main = cast.do(cast.submit(content="园区北门道路破损，大货车进不来。", **data), "accept")
    return main, cast.do(cast.submit(content="北门的路坏了，货车进出困难。"), "merge", main=main.number)


def test_it_follows_the_main_one_and_its_clocks_end(cast):
    main, follower = merged(cast)
    assert (follower.status, follower.merged_into) == (Status.MERGED, main)
    assert not follower.deadlines.running().exists()
    assert follower.reopen_until is not None


@pytest.mark.parametrize("what", ["itself", "a merged one", "a closed one", "nothing", "a foreign one"])
def test_the_main_one_must_be_able_to_carry_it(cast, what):
    appeal = cast.submit()
    if what == "itself":
        number = appeal.number
    elif what == "a merged one":
        number = merged(cast)[1].number
    elif what == "a closed one":
        number = cast.walk(cast.submit(), "close").number
    elif what == "nothing":
        number = "JQ20200101-0001"
    else:
        other = factories.another_district(cast.district)
        number = type(cast)(other).submit().number
    with pytest.raises(Invalid) as refused:
        cast.do(appeal, "merge", main=number)
    assert "main" in refused.value.form.errors


def test_whoever_followed_a_merged_one_follows_its_main(cast):
    main, follower = merged(cast)
    last = cast.do(cast.submit(), "accept")
    cast.do(main, "merge", main=last.number)
    follower.refresh_from_db()
    assert follower.merged_into == last


def test_the_main_one_is_not_closed_before_every_firm_was_asked(cast):
    main, follower = merged(cast)
    with pytest.raises(NotYet, match="主件答复后"):
        cast.do(follower, "revisit_merged")
    main = cast.through(main, "dispatch", "sign", "feedback", "revisit", "second_revisit")
    with pytest.raises(NotYet, match="还没有全部回访"):
        cast.do(main, "close")
    missed = {"reached": "no", "solved": "", "satisfaction": ""}
    follower = cast.do(follower, "revisit_merged", **missed)
    main.forget_facts()
    with pytest.raises(NotYet):
        cast.do(main, "close")
    cast.do(follower, "revisit_merged", by="liaison")
    assert cast.do(main, "close").status == Status.CLOSED
    with pytest.raises(NotYet, match="已经回访"):
        cast.do(follower, "revisit_merged")


def test_a_firm_that_disagrees_goes_its_own_way_again(cast):
    main, follower = merged(cast)
    cast.through(main, "dispatch", "sign", "feedback")
    follower = cast.do(follower, "reopen")
    assert (follower.status, follower.merged_into, follower.round) == (Status.ACCEPTED, None, 2)


def test_a_merge_by_mistake_is_taken_back(cast):
    _, follower = merged(cast)
    follower = cast.do(follower, "unmerge")
    assert (follower.status, follower.merged_into) == (Status.ACCEPTED, None)
    assert {c.kind for c in follower.deadlines.running()} == {"dispatch"}


def test_a_main_one_neither_falls_nor_is_withdrawn_over_the_others(cast):
    main, _ = merged(cast)
    main = cast.do(main, "withdraw")
    with pytest.raises(NotYet, match="并入本件"):
        cast.do(main, "confirm_withdrawal")
    main = cast.do(main, "propose_decline")
    with pytest.raises(NotYet, match="并入本件"):
        cast.do(main, "decline")


def test_the_firm_reads_the_main_ones_way_but_not_the_other_firms_words(cast):
    main, follower = merged(cast)
    main = cast.do(main, "supplement", content="另一家企业的机密说明")
    main = cast.through(main, "dispatch", "sign", "feedback")
    cast.do(main, "rate", comment="另一家企业的评价")
    follower.refresh_from_db()
    shown = " ".join(f"{e.label} {e.text}" for e in selectors.main_timeline(follower.merged_into))
    assert "已组织专场招聘" in shown and "人力资源" in shown
    assert "另一家企业" not in shown and main.contact_name not in shown
    client = Client()
    page = reverse("public:track", args=[cast.district.code])
    client.post(page, {"number": follower.number, "secret": follower.contact_phone})
    text = client.get(reverse("public:appeal", args=[cast.district.code, follower.number])).content.decode()
    assert "一并办理的进展" in text and "已组织专场招聘" in text and "另一家企业" not in text
    assert main.number not in text


def test_what_passes_between_the_bureau_and_the_other_firm_is_not_told(cast):
    main, follower = merged(cast)
    main = cast.through(main, "withdraw", "refuse_withdrawal", "dispatch", "sign", "ask_firm", "supply")
    follower.refresh_from_db()
    shown = " ".join(entry.label for entry in selectors.main_timeline(follower.merged_into))
    assert "撤回" not in shown and "补充" not in shown and "核实" not in shown and "已签收" in shown


def test_a_main_one_is_not_solved_on_the_spot_over_the_others(cast):
    main = cast.register("window")
    cast.do(cast.submit(), "merge", main=main.number)
    with pytest.raises(NotYet):
        cast.do(main, "offer_answer")
