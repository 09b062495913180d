import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from enterprises.uscc import ALPHABET, check_character, clean_credit_code, clean_registration_number

VALID = "91350100M000100Y43"


def code_of(value: str) -> str:
    with pytest.raises(ValidationError) as refused:
        clean_credit_code(value)
    return str(refused.value.code)


@pytest.mark.parametrize(
    "written",
    [VALID, VALID.lower(), f"  {VALID} ", "9135 0100 M000 100Y43", "９１３５０１００Ｍ０００１００Ｙ４３"],
)
def test_it_takes_a_valid_code_however_it_is_written(written):
    assert clean_credit_code(written) == VALID


def test_it_says_that_15_digits_are_a_registration_number():
    assert code_of("340711000012345") == "registration_number"


@pytest.mark.parametrize("value", ["", "9135", VALID + "3", VALID[:-1]])
def test_it_refuses_another_length(value):
    assert code_of(value) == "length"


@pytest.mark.parametrize("letter", "IOSVZ企😀")
def test_it_refuses_letters_the_standard_leaves_out(letter):
    assert code_of(VALID[:8] + letter + VALID[9:]) == "alphabet"


def test_it_refuses_a_wrong_check_digit():
    assert code_of(VALID[:-1] + "4") == "check_digit"


@given(
    body=st.text(alphabet=ALPHABET, min_size=17, max_size=17),
    place=st.integers(min_value=0, max_value=17),
    other=st.sampled_from(ALPHABET),
)
def test_one_changed_character_is_never_valid(body, place, other):
    code = body + check_character(body)
    assert clean_credit_code(code) == code
    changed = code[:place] + other + code[place + 1 :]
    if changed != code:
        with pytest.raises(ValidationError):
            clean_credit_code(changed)


@given(body=st.text(alphabet=ALPHABET, min_size=17, max_size=17), place=st.integers(0, 16))
def test_two_swapped_neighbours_are_never_valid(body, place):
    code = body + check_character(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code:
        with pytest.raises(ValidationError):
            clean_credit_code(swapped)


def test_a_registration_number_has_15_digits():
    assert clean_registration_number(" 340711 000012345 ") == "340711000012345"
    for wrong in ("34071100001234", "34071100001234X", ""):
        with pytest.raises(ValidationError):
            clean_registration_number(wrong)
