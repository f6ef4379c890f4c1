"""NHS numbers, as people type them."""

import pytest

from referrals import nhs_numbers
from referrals.nhs_numbers import NHSNumber, NotAnNHSNumberError, NotUsed, OtherNumber

VALID = [
    *("9434765919", "4505577104", "9000000009", "9728928254", "9476719931", "9658499007"),
    *("9990000018", "9990000026", "9990000034", "9990000042", "9990000050", "9990000069"),
]


@pytest.mark.parametrize("number", VALID)
def test_numbers_that_others_publish_as_valid_are(number: str) -> None:
    assert nhs_numbers.is_valid(number)
    assert nhs_numbers.clean(number) == number


@pytest.mark.parametrize("number", ["3478526985", "4857773456"])
def test_the_official_example_s_numbers_are_not_valid(number: str) -> None:
    assert not nhs_numbers.is_valid(number)


@pytest.mark.parametrize("number", VALID)
def test_every_slip_of_one_digit_and_every_swap_of_neighbours_is_noticed(number: str) -> None:
    for index in range(10):
        for digit in set("0123456789") - {number[index]}:
            assert not nhs_numbers.is_valid(number[:index] + digit + number[index + 1 :])
    for index in range(9):
        if number[index] != number[index + 1]:
            swapped = number[:index] + number[index + 1] + number[index] + number[index + 2 :]
            assert not nhs_numbers.is_valid(swapped)


def test_one_stem_in_eleven_has_no_valid_number() -> None:
    """Its remainder asks for a check digit of 10."""
    stems = range(943_476_000, 943_476_000 + 11 * 100)
    lacking = [s for s in stems if not any(nhs_numbers.is_valid(f"{s}{d}") for d in range(10))]
    assert len(lacking) / len(stems) == pytest.approx(1 / 11, abs=0.01)


@pytest.mark.parametrize("digit", "0123456789")
def test_ten_equal_digits_are_no_number(digit: str) -> None:
    with pytest.raises(NotAnNHSNumberError, match="is not right"):
        nhs_numbers.clean(digit * 10)


@pytest.mark.parametrize(
    "typed",
    [
        *("943 476 5919", "943-476-5919", " 9434765919\n", "943\u00a0476\u00a05919"),
        *("943\u2011476\u20115919", "943\u2013476\u20135919", "\ufeff9434765919", "9 4 34765919"),
        *("NHS 943 476 5919", "NHS No. 943 476 5919", "nhs number: 9434765919", "943.476.5919"),
        *(
            "９４３ ４７６ ５９１９",
            "943\u00b7476\u22125919",
            "943\u202f476\u202f5919",
            "943\u00ad4765919",
        ),
        *("\u2066943 476 5919\u2069", "943\u2014476\u20145919", "943 476 5919."),
    ],
)
def test_spaces_and_hyphens_are_ignored(typed: str) -> None:
    assert nhs_numbers.clean(typed) == "9434765919"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter an NHS number."),
        (" - ", "Enter an NHS number."),
        ("943 476 591", "The NHS number must be 10 digits; you entered 9 digits."),
        ("1", "The NHS number must be 10 digits; you entered 1 digit."),
        ("943 476 59190", "The NHS number must be 10 digits; you entered 11 digits."),
        ("9" * 5000, "The NHS number must be 10 digits; you entered 5000 digits."),
        ("943 476 591O", "The NHS number must have only digits and spaces."),
        ("٩٤٣٤٧٦٥٩١٩", "The NHS number must have only digits and spaces."),
        ("943476591²", "The NHS number must have only digits and spaces."),
        ("943/476/5919", "The NHS number must have only digits and spaces."),
        ("ABC 943 476 5919", "The NHS number must have only digits and spaces."),
        ("NHS", "Enter an NHS number."),
        ("9434765918", "The NHS number is not right. Check it against the record."),
    ],
)
def test_each_mistake_has_its_own_sentence(typed: str, sentence: str) -> None:
    with pytest.raises(NotAnNHSNumberError) as caught:
        nhs_numbers.clean(typed)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("odd", ["", "9434765919\n", " 9434765919", "943476591", "٩٤٣٤٧٦٥٩١٩"])
def test_only_ten_plain_digits_can_be_valid(odd: str) -> None:
    assert not nhs_numbers.is_valid(odd)


def check_digit(stem: int) -> str:
    """Return the first number from a stem of nine digits on that has a check digit."""
    return next(
        number
        for each in range(stem, stem + 20)
        for digit in range(10)
        if nhs_numbers.is_valid(number := f"{each:09}{digit}")
    )


@pytest.mark.parametrize(
    ("stem", "whose"),
    [
        (10_100_000, "a Scottish number (CHI number)"),  # 010 100 000
        (150_384_123, "a Scottish number (CHI number)"),
        (311_299_970, "a Scottish number (CHI number)"),
        (320_000_001, "a Northern Irish number (Health and Care number)"),
        (399_999_970, "a Northern Irish number (Health and Care number)"),
    ],
)
def test_a_number_from_elsewhere_is_explained(stem: int, whose: str) -> None:
    number = check_digit(stem)
    with pytest.raises(NotAnNHSNumberError) as refused:
        nhs_numbers.clean(number)
    assert str(refused.value) == (
        f"This is {whose}, not an NHS number. Enter the NHS number that they have in England, "
        "or leave this empty."
    )
    wrong = f"{number[:9]}{(int(number[9]) + 1) % 10}"
    with pytest.raises(NotAnNHSNumberError, match="is not right"):
        nhs_numbers.clean(wrong)


@pytest.mark.parametrize("stem", [10_000_000, 311_300_000, 400_000_000, 600_000_000, 999_000_000])
def test_every_other_number_with_a_right_check_digit_is_taken(stem: int) -> None:
    number = check_digit(stem)
    assert nhs_numbers.clean(number) == number


def test_it_is_shown_in_threes_and_four() -> None:
    assert nhs_numbers.spaced("9434765919") == "943 476 5919"


SCOTTISH, NORTHERN_IRISH = check_digit(150_384_123), check_digit(320_000_001)


@pytest.mark.parametrize(
    ("typed", "kind", "number", "words"),
    [
        (SCOTTISH, OtherNumber.SCOTTISH, SCOTTISH, "the pharmacy sees the Scottish one"),
        (
            nhs_numbers.spaced(SCOTTISH),
            OtherNumber.SCOTTISH,
            SCOTTISH,
            "This is a Scottish number (CHI number)",
        ),
        (
            f"NHS {NORTHERN_IRISH}",
            OtherNumber.NORTHERN_IRISH,
            NORTHERN_IRISH,
            "the pharmacy sees the Northern Irish one",
        ),
        ("ABC 123", OtherNumber.OLD, "", "an old style of NHS number"),
        ("lnfk 123 4", OtherNumber.OLD, "", "an old style of NHS number"),
        ("NHS No. ABCDE-12345", OtherNumber.OLD, "", "an old style of NHS number"),
        ("000 000 0000", OtherNumber.EQUAL_DIGITS, "", "Ten equal digits"),
        ("9999999999", OtherNumber.EQUAL_DIGITS, "", "Ten equal digits"),
    ],
)
def test_what_is_no_nhs_number_of_today_goes_in_as_none_with_a_sentence(
    typed: str, kind: OtherNumber, number: str, words: str
) -> None:
    found = nhs_numbers.read(typed)
    assert found == NotUsed(kind, number)
    assert words in found.sentence
    assert "The referral goes without an NHS number" in found.sentence


@pytest.mark.parametrize("number", VALID)
def test_an_nhs_number_is_read_as_its_ten_digits(number: str) -> None:
    assert nhs_numbers.read(f"NHS {nhs_numbers.spaced(number)}") == NHSNumber(number)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "NHS", "943 476 591", "943 476 59190", "943 476 591O", "9434765918", "AB 12"),
        *("ABCDEF 12", "ABC 943 476 5919", "ABC", "1111", "SW1A 2AA", "9" * 5000, "A" * 5000),
        f"{SCOTTISH[:9]}{(int(SCOTTISH[9]) + 1) % 10}",
    ],
)
def test_a_slip_has_to_be_put_right(typed: str) -> None:
    with pytest.raises(NotAnNHSNumberError):
        nhs_numbers.read(typed)
