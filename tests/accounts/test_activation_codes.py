"""Activation codes survive being read out, written down and typed."""

import re

import pytest

from accounts import activation_codes


def test_a_code_is_12_letters_and_digits_that_cannot_be_mistaken() -> None:
    codes = {activation_codes.new() for _ in range(1000)}
    assert len(codes) == 1000
    group = "[0-9A-HJKMNP-TV-Z]{4}"
    assert all(re.fullmatch(f"{group}-{group}-{group}", code) for code in codes)


@pytest.mark.parametrize(
    "typed",
    ["7KQM-20RW-1TPD", "7kqm20rw1tpd", " 7KQM 20RW 1TPD ", "7KQM-2ORW-lTPD", "7kqm-2orw-iTPD"],
)
def test_however_it_is_typed_it_is_the_same_code(typed: str) -> None:
    assert activation_codes.clean(typed) == "7KQM20RW1TPD"
