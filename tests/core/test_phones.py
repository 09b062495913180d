import pytest
from django.core.exceptions import ValidationError

from core.phones import clean_phone


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("13912345678", "13912345678"),
        (" 139 1234 5678 ", "13912345678"),
        ("１３９１２３４５６７８", "13912345678"),
        ("+86 13912345678", "13912345678"),
        ("0562-2896955", "0562-2896955"),
        ("０５６２－２８９６９５５", "0562-2896955"),
        ("05622896955", "05622896955"),
        ("010-12345678-1234", "010-12345678-1234"),
        ("96980", "96980"),
        ("12345-0", "12345-0"),
    ],
)
def test_a_number_is_kept_in_one_way_of_writing(typed, stored):
    assert clean_phone(typed) == stored
    assert clean_phone(stored) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "1391234567", "139123456789", "23912345678", "12912345678", "电话", "1391234567a", "٠١٢٣٤٥٦٧٨٩١",
     "1391234567٨", "0562-289695", "=13912345678", "13912345678;drop"],
)  # fmt: skip
def test_what_is_no_number_is_refused_in_words(typed):
    with pytest.raises(ValidationError) as refused:
        clean_phone(typed)
    assert "11位手机号" in refused.value.message
