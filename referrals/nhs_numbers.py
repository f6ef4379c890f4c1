"""NHS numbers: read as people type them, checked, and shown in the usual groups.

Source: NHS Data Dictionary, NHS NUMBER (modulus 11); for whose numbers are whose, the package
nhs-number 2.2.
"""

import re

from accounts.text.characters import plain

_CALLED = re.compile(r"^NHS(NUMBER|NO)?[:#]?", re.IGNORECASE)
# Numbers of patients elsewhere have the same check digit.
_ELSEWHERE = (
    (range(101_000_000, 3_113_000_000), "a Scottish number (CHI number)"),
    (range(3_200_000_010, 4_000_000_000), "a Northern Irish number (Health and Care number)"),
)
_WEIGHTS = range(10, 1, -1)


class NotAnNHSNumberError(ValueError):
    """What was typed is not an NHS number; the message says why, for the user who typed it."""


def clean(typed: str) -> str:
    """Return the ten digits of a typed or pasted NHS number.

    Raises:
        NotAnNHSNumberError: it is not one.
    """
    number = _CALLED.sub("", re.sub(r"[\s.\u00b7-]", "", plain(typed)))
    if not number:
        raise NotAnNHSNumberError("Enter an NHS number.")
    if not (number.isascii() and number.isdigit()):
        raise NotAnNHSNumberError("The NHS number must have only digits and spaces.")
    if len(number) != 10:
        digits = "digit" if len(number) == 1 else "digits"
        raise NotAnNHSNumberError(
            f"The NHS number must be 10 digits; you entered {len(number)} {digits}."
        )
    if not is_valid(number):
        raise NotAnNHSNumberError("The NHS number is not right. Check it against the record.")
    if whose := elsewhere(number):
        raise NotAnNHSNumberError(
            f"This is {whose}, not an NHS number. Enter the NHS number that they have in England, "
            "or leave this empty."
        )
    return number


def is_valid(number: str) -> bool:
    if not re.fullmatch(r"[0-9]{10}", number) or len(set(number)) == 1:  # ten equal digits add up
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:9], strict=True))
    return (11 - total % 11) % 11 == int(number[9])


def elsewhere(number: str) -> str:
    """Return what a valid number is called outside England and Wales, or "" if it is of these."""
    return next((called for numbers, called in _ELSEWHERE if int(number) in numbers), "")


def spaced(number: str) -> str:
    return f"{number[:3]} {number[3:6]} {number[6:]}"
