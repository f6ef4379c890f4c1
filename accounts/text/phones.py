"""Phone numbers: understood as people write them, stored so that they can be dialled. Pure.

Stored is E.164, with RFC 3966's ";ext=" where there is an extension. Rows and messages from before
hold what was typed then: ``shown`` reads both. Which numbers exist is asked only of the United
Kingdom's, and by length: Ofcom's numbers for drama and new ranges are numbers too.
Source: Ofcom, National Telephone Numbering Plan.
"""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

from accounts.text.characters import plain

EXAMPLE = "like 01632 960 001 or 07700 900 982"
LONGEST = 40  # characters, as it is typed
UK = 44  # with the Crown dependencies
_EXTENSION = re.compile(
    r"[\s,;(]*(?:;ext=|\bextension|\bextn|\bext|\bx|#)[\s.:=]*([0-9]{1,6})\)?", re.IGNORECASE
)
_NUMBER = re.compile(r"\(?\+?[0-9(][0-9\s()./-]*", re.ASCII)
# Where some numbers are a digit shorter than all others.
_SHORT_AREAS = (
    *("1204", "1208", "1254", "1276", "1297", "1298", "1363", "1364", "1384", "1386", "1404"),
    *("1420", "1460", "1461", "1480", "1488", "1524", "1527", "1562", "1566", "1606", "1629"),
    *("1635", "1647", "1659", "1695", "16977", "1726", "1744", "1750", "1768", "1827", "1837"),
    *("1884", "1900", "1905", "1935", "1946", "1949", "1963", "1995", "800"),
)
_IN_USE = re.compile(r"1[1-9]|2[03489]|3|5[56]|7[0-9]|8[0478]|9")
# 070 are personal numbers, 076 pagers (but for the Isle of Man's mobiles); 084, 087, 09 services.
_FREE_OR_USUAL = re.compile(r"[123]|7(?![06])|7624|80")


class NotAPhoneNumberError(ValueError):
    """What was typed cannot be called; the message says why, for the user who typed it."""


def clean(typed: str) -> str:
    """Return a number as it is stored, or raise NotAPhoneNumberError."""
    number = _read(typed)
    if number.country_code == UK:
        _check_british(str(number.national_number))
    else:
        _check_foreign(number)
    return _stored(number)


def clean_practice(typed: str) -> str:
    """Return a practice's number as it is stored.

    Raises:
        NotAPhoneNumberError: it is none, or costs the caller more: others phone it because we say
            so.
    """
    stored = clean(typed)
    number = phonenumbers.parse(stored)
    if number.country_code != UK:
        raise NotAPhoneNumberError("Enter a UK phone number, like 01632 960 001")
    if not _FREE_OR_USUAL.match(str(number.national_number)):
        raise NotAPhoneNumberError(
            "Enter a number that begins with 01, 02, 03, 07 or 080: others cost the caller more"
        )
    return stored


def in_register(listed: str) -> str:
    """Return as it is stored what a register has: of several numbers the first; "" if none."""
    for part in [listed, *re.split(r"[/,;]|\bor\b|&", listed)]:
        try:
            return clean(part)
        except NotAPhoneNumberError:
            continue
    return ""


def shown(stored: str) -> str:
    """Return a number as in 01632 960 001 ext. 12; what is no number stays as it is."""
    try:
        number = phonenumbers.parse(clean(stored))
    except NotAPhoneNumberError:
        return stored
    is_british = number.country_code == UK
    style = PhoneNumberFormat.NATIONAL if is_british else PhoneNumberFormat.INTERNATIONAL
    text = phonenumbers.format_number(_without_extension(number), style)
    if is_british:
        text = re.sub(r"(?<= )([0-9]{3})([0-9]{3})$", r"\1 \2", text)
    return f"{text} ext. {number.extension}" if number.extension else text


def _read(typed: str) -> PhoneNumber:
    text = re.sub(r"^tel:\s*", "", plain(typed).strip(), flags=re.IGNORECASE)
    extension = None
    if found := re.search(_EXTENSION.pattern + r"\s*\Z", text, _EXTENSION.flags):
        text, extension = text[: found.start()].rstrip(" ("), found[1]
    if not _NUMBER.fullmatch(text):
        raise NotAPhoneNumberError(f"Enter a phone number, {EXAMPLE}")
    try:
        number = phonenumbers.parse(re.sub(r"^\+\s*00", "+", text), "GB")
    except phonenumbers.NumberParseException:
        raise NotAPhoneNumberError(f"Enter a phone number, {EXAMPLE}") from None
    digits = re.sub(r"\D", "", text)
    if number.country_code == UK and not digits.startswith(("0", "44")):
        raise NotAPhoneNumberError("Enter the phone number with its area code, beginning with 0")
    if "0000000" in digits:
        raise NotAPhoneNumberError(f"Enter a phone number that exists, {EXAMPLE}")
    number.extension = extension
    return number


def _check_british(digits: str) -> None:
    # The digits are those behind the 0 that a number begins with.
    if not _IN_USE.match(digits):
        raise NotAPhoneNumberError(f"Enter a phone number that exists, {EXAMPLE}")
    if len(digits) == 10 or (len(digits) == 9 and digits.startswith(_SHORT_AREAS)):
        return
    if phonenumbers.is_valid_number(PhoneNumber(UK, int(digits))):  # 0800 1111
        return
    raise NotAPhoneNumberError(
        f"Phone numbers that begin with 0{digits[0]} have 11 digits, and this one has "
        f"{len(digits) + 1}. Check it"
    )


def _check_foreign(number: PhoneNumber) -> None:
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason == ValidationResult.IS_POSSIBLE:
        return
    size = "many" if reason == ValidationResult.TOO_LONG else "few"
    raise NotAPhoneNumberError(
        f"This phone number has too {size} digits for one that begins with "
        f"+{number.country_code}. Check it"
    )


def _stored(number: PhoneNumber) -> str:
    text = phonenumbers.format_number(_without_extension(number), PhoneNumberFormat.E164)
    return f"{text};ext={number.extension}" if number.extension else text


def _without_extension(number: PhoneNumber) -> PhoneNumber:
    bare = PhoneNumber()
    bare.merge_from(number)
    bare.extension = None
    return bare
