from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core import clock, tokens

pytestmark = pytest.mark.django_db


def test_tokens_are_long_and_never_the_same():
    made = {tokens.new_token() for _ in range(100)}
    assert len(made) == 100 and all(len(token) >= 32 for token in made)


def test_a_token_remembers_what_it_did_and_is_claimed_once():
    token = tokens.new_token()
    assert tokens.earlier_result(token) is None
    tokens.claim(token, "17")
    assert tokens.earlier_result(token) == "17"
    with pytest.raises(IntegrityError), transaction.atomic():
        tokens.claim(token, "18")
    assert tokens.earlier_result(token) == "17"


def test_a_claim_that_is_rolled_back_never_happened():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        tokens.claim("a", "1")
        1 / 0  # noqa: B018
    assert tokens.earlier_result("a") is None


def test_old_tokens_are_forgotten():
    with clock.at(clock.now() - timedelta(days=31)):
        tokens.claim("old", "1")
    tokens.claim("new", "2")
    assert tokens.forget_old() == 1
    assert tokens.earlier_result("old") is None and tokens.earlier_result("new") == "2"


@pytest.mark.parametrize("token", ["x" * 300, "a\0b", "𠮷" * 40])
def test_whatever_is_sent_for_a_token_is_a_key(token):
    tokens.claim(f"form:1:{token}", "7")
    assert tokens.earlier_result(f"form:1:{token}") == "7"
    assert tokens.earlier_result(f"form:2:{token}") is None
    with pytest.raises(IntegrityError), transaction.atomic():
        tokens.claim(f"form:1:{token}", "8")


def test_a_form_is_carried_out_once_and_says_what_it_did():
    done = []
    for _ in range(2):
        assert tokens.once("form", lambda: done.append(1) or 7) == "7"
    assert done == [1]


def test_what_the_rules_refuse_is_refused_and_may_be_sent_again():
    def refuse():
        raise ValidationError("不行")

    with pytest.raises(ValidationError, match="不行"):
        tokens.once("form", refuse)
    assert tokens.once("form", lambda: 1) == "1"


@pytest.mark.parametrize("how", [ValidationError("已经做过"), IntegrityError("twice")])
def test_refused_because_the_same_form_was_faster_is_done(monkeypatch, how):
    tokens.claim("form", "7")
    found = iter([None, "7"])
    monkeypatch.setattr(tokens, "earlier_result", lambda key: next(found))

    def refuse():
        raise how

    assert tokens.once("form", refuse) == "7"


def test_what_the_database_refuses_is_an_error_of_the_form_and_leaves_nothing():
    def collide():
        tokens.claim("half", "1")
        raise IntegrityError("somebody else")

    with pytest.raises(ValidationError, match="同时改了"):
        tokens.once("form", collide)
    assert tokens.earlier_result("half") is None and tokens.earlier_result("form") is None
