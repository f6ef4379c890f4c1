"""Codes as they are read out on the telephone."""

from accounts.factors import activation_codes
from support.codes import alphabet, telephone


def test_a_group_is_a_line() -> None:
    assert telephone.spelt("7K3M 42QR") == [
        "7, K for Kilo, 3, M for Mike",
        "4, 2, Q for Quebec, R for Romeo",
    ]


def test_so_are_those_of_an_activation_code() -> None:
    assert telephone.spelt("0XRW-9tpd") == [
        "0 (zero), X for X-ray, R for Romeo, W for Whiskey",
        "9, T for Tango, P for Papa, D for Delta",
    ]


def test_every_letter_of_every_code_has_a_word_that_begins_with_it() -> None:
    for letter in activation_codes.ALPHABET + alphabet.LETTERS:
        (said,) = telephone.spelt(letter)
        assert letter.isdigit() or said.startswith(f"{letter} for {letter}")
