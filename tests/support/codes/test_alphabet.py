"""Support codes: distinct on the telephone, no words, and unlike every other code."""

import re

import pytest

from accounts.factors import activation_codes, totp
from support.codes import alphabet

MADE = [alphabet.new() for _ in range(2_000)]
# Each group sounds alike on the telephone: of each, a code has one at most.
HEARD_ALIKE = ("BCDEGPTV3", "JK", "H8", "FSX", "MN", "QU", "59", "IL1", "O0", "Z2")


def test_a_code_is_two_groups_of_four_each_with_a_letter_and_a_digit() -> None:
    for code in MADE:
        assert re.fullmatch(r"[0-9A-Z]{4} [0-9A-Z]{4}", code)
        for group in code.split():
            assert re.search("[0-9]", group)
            assert re.search("[A-Z]", group)


def test_no_two_of_its_characters_sound_alike_and_none_is_a_vowel() -> None:
    used = set("".join(MADE)) - {" "}
    assert used == set(alphabet.DIGITS + alphabet.LETTERS)
    for alike in HEARD_ALIKE:
        assert len(used & set(alike)) == 1, alike
    assert not used & set("AEIOUY")


def test_they_are_as_many_as_the_module_says() -> None:
    digits, letters = len(alphabet.DIGITS), len(alphabet.LETTERS)
    group = (digits + letters) ** 4 - digits**4 - letters**4
    assert 1.8e9 < group**2 < 1.9e9
    assert len(set(MADE)) == len(MADE)


@pytest.mark.parametrize(
    "typed",
    [
        "7K3M 42QR",
        "7k3m42qr",
        " 7K3M-42QR. ",
        "７Ｋ３Ｍ ４２ＱＲ",
        "7 k 3 m – 4 2 q r",
        "7J3N 4ZUR",  # as heard, or seen
    ],
)
def test_typing_is_forgiven(typed: str) -> None:
    assert alphabet.clean(typed) == "7K3M42QR"
    assert alphabet.is_code(alphabet.clean(typed))


def test_what_is_heard_for_another_never_stands_for_two() -> None:
    assert alphabet.clean("OILZSXNUJHB5") == "0112FFMQK889"


@pytest.mark.parametrize("typed", ["", "7K3M", "123456", "7K3M42QRR", "7P3M42QR", "7K3M\u266542QR"])
def test_what_is_none(typed: str) -> None:
    assert not alphabet.is_code(alphabet.clean(typed))


def test_it_is_taken_for_no_code_of_another_kind() -> None:
    for code in MADE[:200]:
        assert not activation_codes.is_code(code)
        with pytest.raises(totp.NotACodeError):
            totp.clean_code(code)
    assert not alphabet.is_code(alphabet.clean(activation_codes.new()))
