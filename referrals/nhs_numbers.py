"""NHS numbers: read as people type them, checked, and shown in the usual groups.

Source: NHS Data Dictionary, NHS NUMBER (modulus 11); for whose numbers are whose, the package
nhs-number 2.2.
"""

import re
from dataclasses import dataclass
from enum import Enum

from accounts.text.characters import plain

_CALLED = re.compile(r"^NHS(NUMBER|NO)?[:#]?", re.IGNORECASE)
# Letters and a few digits, as they were until 1996: ABC 123, LNFK 123 4.
_OF_OLD = re.compile(r"[A-Z]{3,5}[0-9]{2,5}", re.IGNORECASE)
_WEIGHTS = range(10, 1, -1)


class NotAnNHSNumberError(ValueError):
    """What was typed is not an NHS number; the message says why, for the user who typed it."""


class OtherNumber(Enum):
    """What stands where an NHS number is asked for, and is none that can be sent as one."""

    SCOTTISH = "a Scottish number (CHI number)"
    NORTHERN_IRISH = "a Northern Irish number (Health and Care number)"
    OLD = "an NHS number of the old style, with letters"
    EQUAL_DIGITS = "a number that stands for none"


# Numbers of patients elsewhere have the same check digit.
_ELSEWHERE = {
    OtherNumber.SCOTTISH: range(101_000_000, 3_113_000_000),
    OtherNumber.NORTHERN_IRISH: range(3_200_000_010, 4_000_000_000),
}
_SENTENCES = {
    OtherNumber.SCOTTISH: (
        "This is a Scottish number (CHI number). The referral goes without an NHS number, and the "
        "pharmacy sees the Scottish one"
    ),
    OtherNumber.NORTHERN_IRISH: (
        "This is a Northern Irish number (Health and Care number). The referral goes without an "
        "NHS number, and the pharmacy sees the Northern Irish one"
    ),
    OtherNumber.OLD: (
        "This is an old style of NHS number, with letters, which is not used now. The referral "
        "goes without an NHS number"
    ),
    OtherNumber.EQUAL_DIGITS: (
        "Ten equal digits are not an NHS number. The referral goes without an NHS number"
    ),
}


@dataclass(frozen=True)
class NHSNumber:
    digits: str  # ten


@dataclass(frozen=True)
class NotUsed:
    """The referral goes without an NHS number, and this says why."""

    kind: OtherNumber
    number: str  # as the pharmacy sees it; "" where it is of no use to it

    @property
    def sentence(self) -> str:
        return _SENTENCES[self.kind]


def read(typed: str) -> NHSNumber | NotUsed:
    """Return what number was typed or pasted.

    Raises:
        NotAnNHSNumberError: it is none, or there is a slip in it that has to be put right.
    """
    number = _bare(typed)
    if _OF_OLD.fullmatch(number):
        return NotUsed(OtherNumber.OLD, "")
    _check_digits(number)
    if len(set(number)) == 1:
        return NotUsed(OtherNumber.EQUAL_DIGITS, "")
    _check_valid(number)
    whose = _elsewhere(number)
    return NotUsed(whose, number) if whose else NHSNumber(number)


def clean(typed: str) -> str:
    """Return the ten digits of a typed or pasted NHS number.

    Raises:
        NotAnNHSNumberError: it is not one.
    """
    number = _bare(typed)
    _check_digits(number)
    _check_valid(number)
    if whose := elsewhere(number):
        raise NotAnNHSNumberError(
            f"This is {whose}, not an NHS number. Enter the NHS number that they have in England, "
            "or leave this empty."
        )
    return number


def _bare(typed: str) -> str:
    return _CALLED.sub("", re.sub(r"[\s.\u00b7-]", "", plain(typed)))


def _check_digits(number: str) -> None:
    if not number:
        raise NotAnNHSNumberError("Enter an NHS number.")
    if not (number.isascii() and number.isdigit()):
        raise NotAnNHSNumberError("The NHS number must have only digits and spaces.")
    if len(number) != 10:
        digits = "digit" if len(number) == 1 else "digits"
        raise NotAnNHSNumberError(
            f"The NHS number must be 10 digits; you entered {len(number)} {digits}."
        )


def _check_valid(number: str) -> None:
    if not is_valid(number):
        raise NotAnNHSNumberError("The NHS number is not right. Check it against the record.")


def is_valid(number: str) -> bool:
    if not re.fullmatch(r"[0-9]{10}", number) or len(set(number)) == 1:  # ten equal digits add up
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:9], strict=True))
    return (11 - total % 11) % 11 == int(number[9])


def elsewhere(number: str) -> str:
    """Return what a valid number is called outside England and Wales, or "" if it is of these."""
    whose = _elsewhere(number)
    return whose.value if whose else ""


def _elsewhere(number: str) -> OtherNumber | None:
    return next((kind for kind, numbers in _ELSEWHERE.items() if int(number) in numbers), None)


def spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}"
