"""The link by which a firm answers for itself: who makes it, what it opens, when it is dead."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.signing import TimestampSigner
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry
from appeals.answer_links import appeal_of, make_token
from appeals.models import Appeal
from core import clock
from tests import factories
from tests.appeals.lives import Cast
from tests.appeals.test_staff_pages import page, signed_in

CODE = "340711"


@pytest.fixture
def answered(cast: Cast) -> Appeal:
    return cast.walk(cast.submit(), "feedback")


def link(appeal: Appeal, token: str = "", code: str = CODE) -> str:
    return reverse("public:answer_link", args=[code, token or make_token(appeal)])


def ask_for(client: Client, appeal: Appeal, **headers):
    return client.post(reverse("appeals:answer_link", args=[appeal.number]), headers=headers)


def is_dead(url: str) -> bool:
    answer = Client().get(url)
    dead = answer.status_code == 404 and "这个链接打不开了" in page(answer)
    assert dead == (f"/{CODE}/track/" in page(answer) and answer.status_code == 404)
    return dead


def test_whoever_may_revisit_makes_a_link_and_it_is_logged(cast, answered):
    answer = ask_for(signed_in(cast.liaison), answered)
    text = page(answer)
    assert answer.status_code == 200 and "<html" in text
    assert f"贵公司反映的“{answered.title}”（编号{answered.number}）已经答复" in text
    url = re.search(rf"http://testserver(/{CODE}/answer/[^\s<]+)", text)[1]
    logged = AuditEntry.objects.get(action="appeal.answer_link")
    assert (logged.object_id, logged.user_id, logged.data) == (
        str(answered.pk), cast.liaison.pk, {"round": 1},
    )  # fmt: skip
    firm = Client()
    opened = firm.get(url)
    assert opened["Location"] == f"/{CODE}/track/{answered.number}/#rate"
    assert 'id="rate"' in page(firm.get(opened["Location"]))
    rated = firm.post(
        reverse("public:act", args=[CODE, answered.number, "rate"]),
        {"satisfaction": "satisfied", "solved": "yes", "seen": answered.version, "token": "x"},
    )
    assert rated.status_code == 302 and answered.ratings.get().satisfaction == "satisfied"


def test_htmx_gets_the_words_alone(cast, answered):
    text = page(ask_for(signed_in(cast.liaison), answered, **{"HX-Request": "true"}))
    assert "<html" not in text and "data-copy" in text and f"/{CODE}/answer/" in text


def test_a_link_is_made_by_those_who_may_revisit_now(cast, answered):
    for part, status in (
        ("unit_leader", 200),
        ("dispatcher", 403),  # the first revisit is the unit's
        ("supervisor", 403),
        ("district_leader", 403),
        ("other_liaison", 404),
    ):
        assert ask_for(signed_in(getattr(cast, part)), answered).status_code == status, part
    revisited = cast.do(answered, "revisit")
    assert ask_for(signed_in(cast.dispatcher), revisited).status_code == 200
    assert ask_for(signed_in(cast.liaison), revisited).status_code == 403
    assert AuditEntry.objects.filter(action="appeal.answer_link").count() == 2
    assert (
        signed_in(cast.liaison).get(reverse("appeals:answer_link", args=[answered.number])).status_code == 405
    )


def test_no_link_for_what_is_not_answered_or_was_merged(cast):
    handled = cast.walk(cast.submit(), "sign")
    assert ask_for(signed_in(cast.liaison), handled).status_code == 403
    cast.main = cast.do(cast.submit(), "accept")
    merged = cast.do(cast.submit(), "merge")
    assert ask_for(signed_in(cast.dispatcher), merged).status_code == 403
    assert not AuditEntry.objects.filter(action="appeal.answer_link").exists()


def test_a_link_opens_one_appeal_alone(cast, answered):
    other = cast.walk(cast.submit(), "feedback")
    firm = Client()
    firm.get(link(answered))
    assert firm.get(reverse("public:appeal", args=[CODE, answered.number])).status_code == 200
    assert firm.get(reverse("public:appeal", args=[CODE, other.number])).status_code == 404


def test_a_link_lives_as_long_as_the_revisits_of_its_round(cast, answered):
    url = link(answered)
    revisited = cast.do(answered, "revisit")
    assert not is_dead(url)
    done_again = cast.do(revisited, "redo")
    assert is_dead(url)
    answered_again = cast.through(done_again, "sign", "feedback")
    # Answered again, but in another round.
    assert is_dead(url) and not is_dead(link(answered_again))
    closed = cast.through(answered_again, "revisit", "second_revisit", "close")
    assert is_dead(link(answered_again)) and is_dead(link(closed))


def test_a_link_is_dead_after_seven_days(answered):
    url, made = link(answered), clock.now()
    with time_machine.travel(made + timedelta(days=6, hours=23)):
        assert not is_dead(url)
    with time_machine.travel(made + timedelta(days=7, minutes=1)):
        assert is_dead(url)


def test_a_token_that_was_tampered_with_opens_nothing(cast, answered):
    other = cast.walk(cast.submit(), "feedback")
    value, stamp, signature = make_token(answered).split(".")
    other_value = make_token(other).split(".")[0]
    forged = TimestampSigner(key="guessed", salt="appeals.answer_link", sep=".").sign_object([answered.pk, 1])
    elsewhere = TimestampSigner(salt="another.purpose", sep=".").sign_object([answered.pk, 1])
    changed = ("A" if signature[0] != "A" else "B") + signature[1:]
    for token in (
        f"{other_value}.{stamp}.{signature}",
        f"{value}.{stamp}.{changed}",
        f"{value}.zzzzzz.{signature}",
        value, f"{value}.{stamp}", forged, elsewhere, "x", "…", "\0", "x" * 5000,
    ):  # fmt: skip
        assert is_dead(link(answered, token)), token


def test_a_link_belongs_to_its_district(cast, answered):
    other = factories.another_district(cast.district)
    assert appeal_of(make_token(answered), other) is None
    answer = Client().get(link(answered, code=other.code))
    assert answer.status_code == 404 and "这个链接打不开了" in page(answer)
    assert Client().get("/999999/answer/x/").status_code == 404


def test_an_official_does_not_answer_in_the_firms_stead(cast, answered):
    client = signed_in(cast.liaison)
    assert client.get(link(answered)).status_code == 403
    assert client.get(reverse("public:appeal", args=[CODE, answered.number])).status_code == 404


def test_opening_links_is_rate_limited(answered):
    firm = Client()
    codes = [firm.get(link(answered, f"guess{n}")).status_code for n in range(21)]
    assert codes[:20] == [404] * 20 and codes[20] == 429
    assert firm.get(link(answered)).status_code == 429


def test_a_link_opens_the_judgement_alone_and_only_while_it_is_asked_for(cast, answered):
    firm = Client()
    firm.get(link(answered))
    own = reverse("public:appeal", args=[CODE, answered.number])
    assert "/rate/" in page(firm.get(own)) and "/withdraw/" not in page(firm.get(own))
    data = {"reason": "不办了", "seen": answered.version, "token": "l" * 20}
    assert firm.post(f"{own}withdraw/", data).status_code == 404
    cast.through(answered, "revisit", "second_revisit", "close")
    assert firm.get(own).status_code == 404
    assert firm.post(f"{own}reopen/", data).status_code == 404


def test_whoever_knows_the_code_keeps_everything_when_a_link_is_opened_too(cast, answered):
    firm = Client()
    secret = {"number": answered.number, "secret": answered.contact_phone}
    firm.post(reverse("public:track", args=[CODE]), secret)
    firm.get(link(answered))
    text = page(firm.get(reverse("public:appeal", args=[CODE, answered.number])))
    assert "/rate/" in text and "/withdraw/" in text
