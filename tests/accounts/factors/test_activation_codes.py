"""Activation codes survive being read out, written down and typed."""

import re

import pytest

from accounts.factors import activation_codes


def test_a_code_is_12_letters_and_digits_that_cannot_be_mistaken() -> None:
    codes = {activation_codes.new() for _ in range(1000)}
    assert len(codes) == 1000
    group = "[0-9A-HJKMNP-TV-Z]{4}"
    assert all(re.fullmatch(f"{group}-{group}-{group}", code) for code in codes)


@pytest.mark.parametrize(
    "typed",
    [
        *("7KQM-20RW-1TPD", "7kqm20rw1tpd", " 7KQM 20RW 1TPD ", "7KQM-2ORW-lTPD", "7kqm-2orw-iTPD"),
        *(
            "7KQM\u201320RW\u20141TPD",
            "７ｋｑｍ－２０ｒｗ－１ｔｐｄ",
            "7KQM-20RW-1TPD.",
            "“7KQM-20RW-1TPD”",
        ),
        *("\u200e7KQM\u00ad20RW\u200b1TPD\ufeff", "7KQM\u00a020RW\u202f1TPD,"),
    ],
)
def test_however_it_is_typed_it_is_the_same_code(typed: str) -> None:
    assert activation_codes.clean(typed) == "7KQM20RW1TPD"


@pytest.mark.parametrize(
    "typed", ["7KQM-20RW-1TP", "7KQM-20RW-1TPD2", "7KQM-2URW-1TPD", "7KQM-2*RW-1TPD", "123456", ""]
)
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert not activation_codes.is_code(typed)
    assert activation_codes.is_code("7KQM-20RW-1TPD")
