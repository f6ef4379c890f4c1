"""Phone numbers, as people write and read them."""

import pytest

from accounts.text import phones
from accounts.text.phones import NotAPhoneNumberError

EXISTS = "Enter a phone number that exists, like 01632 960 001 or 07700 900 982"
A_NUMBER = "Enter a phone number, like 01632 960 001 or 07700 900 982"


@pytest.mark.parametrize(
    "typed",
    [
        *("07700 900982", "07700900982", "(07700) 900-982", "07700.900.982", "07700/900982"),
        *("+44 7700 900982", "+44 (0)7700 900982", "+44(0) 7700 900 982", "+4407700900982"),
        *("0044 7700 900982", "+0044 7700 900982", "00 44 (0) 7700 900982", "447700900982"),
        *("(+44) 7700 900982", "tel:+447700900982", " 07700\u00a0900\u2009982\n"),
        *("07700\u2011900\u2013982", "\u202a07700\u200b900982\u202c", "\ufeff07700 900982"),
        "０７７００ ９００９８２",
    ],
)
def test_one_number_is_stored_in_one_way_however_it_is_written(typed: str) -> None:
    assert phones.clean(typed) == "+447700900982"
    assert phones.shown(phones.clean(typed)) == "07700 900 982"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("01632960001", "01632 960 001"),
        ("0207 946 0999", "020 7946 0999"),
        ("0116 4960999", "0116 496 0999"),
        ("016977 2345", "016977 2345"),  # the shortest there are
        ("0120462345", "01204 62345"),
        ("0800123456", "0800 123 456"),
        ("08001111", "0800 1111"),
        ("03069990001", "0306 999 0001"),
        ("07624 123456", "07624 123 456"),
        ("+33 1 23 45 67 89", "+33 1 23 45 67 89"),
        ("0033123456789", "+33 1 23 45 67 89"),
        ("+39 06 1234 5678", "+39 06 1234 5678"),
        ("+353 1 234 5678", "+353 1 234 5678"),
        ("+44 1534 123456", "01534 123 456"),  # Jersey
    ],
)
def test_it_is_shown_as_people_write_it_and_understood_so(typed: str, shown: str) -> None:
    stored = phones.clean(typed)
    assert stored.startswith("+")
    assert stored[1:].isdigit()
    assert phones.shown(stored) == shown
    assert phones.clean(shown) == stored


@pytest.mark.parametrize(
    "extension",
    ["ext 12", "ext. 12", "ext:12", "extension 12", "Extn 12", "x12", "#12", "(ext. 12)"],
)
def test_an_extension_is_kept(extension: str) -> None:
    stored = phones.clean(f"01632 960001 {extension}")
    assert stored == "+441632960001;ext=12"
    assert phones.shown(stored) == "01632 960 001 ext. 12"
    assert phones.clean(phones.shown(stored)) == phones.clean(stored) == stored


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("07700 90098", "Phone numbers that begin with 07 have 11 digits, and this one has 10"),
        ("07700 9009821", "Phone numbers that begin with 07 have 11 digits, and this one has 12"),
        ("01632 96000", "Phone numbers that begin with 01 have 11 digits, and this one has 10"),
        ("+44 20 7946 099", "Phone numbers that begin with 02 have 11 digits, and this one has 10"),
        ("+1 202 555 014", "This phone number has too few digits for one that begins with +1"),
        (
            "+33 1 23 45 67 890",
            "This phone number has too many digits for one that begins with +33",
        ),
    ],
)
def test_a_digit_too_few_or_too_many_is_said(typed: str, sentence: str) -> None:
    with pytest.raises(NotAPhoneNumberError) as refused:
        phones.clean(typed)
    assert str(refused.value) == f"{sentence}. Check it"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        *[(zeros, EXISTS) for zeros in ("0000000000", "00000000000", "+440000000000")],
        *[(other, EXISTS) for other in ("0116 000 0000", "01000 123456", "04000 123456")],
        *[(words, A_NUMBER) for words in ("ask her", "07700 900 mum", "+", "0", "00", "+44", "-")],
        *[(odd, A_NUMBER) for odd in ("٠٧٧٠٠٩٠٠٩٨٢", "0" * 40, "+999 123456", "ext 12", "")],
        ("01632 960 999, 01632 960 998", A_NUMBER),
        ("960 001", "Enter the phone number with its area code, beginning with 0"),
        ("7700 900982", "Enter the phone number with its area code, beginning with 0"),
        ("999", "Enter the phone number with its area code, beginning with 0"),
    ],
)
def test_what_cannot_be_called_is_refused(typed: str, sentence: str) -> None:
    with pytest.raises(NotAPhoneNumberError) as refused:
        phones.clean(typed)
    assert str(refused.value) == sentence


class TestOfAPractice:
    @pytest.mark.parametrize(
        "typed",
        [
            *("01632 960 999", "+44 (0)1632 960999", "020 7946 0999", "0300 123 4567"),
            *("07700 900 999", "0800 123 456", "07624 123456", "01632 960999 ext. 5"),
        ],
    )
    def test_anybody_can_phone_it(self, typed: str) -> None:
        assert phones.clean_practice(typed) == phones.clean(typed)

    @pytest.mark.parametrize(
        "typed",
        ["09012 345 678", "0871 234 5678", "0845 123 4567", "070 1234 5678", "07600 123456"],
    )
    def test_it_does_not_cost_the_caller_more(self, typed: str) -> None:
        with pytest.raises(NotAPhoneNumberError, match="others cost the caller more"):
            phones.clean_practice(typed)

    @pytest.mark.parametrize("typed", ["+33 1 23 45 67 89", "+1 202 555 0143"])
    def test_it_is_in_the_united_kingdom(self, typed: str) -> None:
        with pytest.raises(NotAPhoneNumberError, match="Enter a UK phone number"):
            phones.clean_practice(typed)


@pytest.mark.parametrize(
    ("listed", "stored"),
    [
        ("01632 960201", "+441632960201"),
        ("0116 4960998 / 0116 4960999", "+441164960998"),
        ("TBC, 01632 960201", "+441632960201"),
        ("0844 123 4567", "+448441234567"),  # the practice's own choice, years ago
        *[(odd, "") for odd in ("", "TBC", "0", "01632 96020", "0000000000", "080008302246")],
    ],
)
def test_of_a_register_is_taken_what_can_be_called(listed: str, stored: str) -> None:
    assert phones.in_register(listed) == stored


@pytest.mark.parametrize("before", ["01632 960101", "016977 1234 or 5", "+44 0 7700 900982", "x"])
def test_rows_from_before_are_shown_too(before: str) -> None:
    shown = {"01632 960101": "01632 960 101", "+44 0 7700 900982": "07700 900 982"}
    assert phones.shown(before) == shown.get(before, before)
