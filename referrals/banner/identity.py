"""Who a banner is about: NHS number, date of birth and sex."""

import re
from dataclasses import dataclass
from datetime import date

from accounts.text import dates
from referrals import nhs_numbers
from referrals.banner.labels import labelled

OLDEST = 130  # years
_YOUNGEST = 1  # years: a younger date may be that of a letter
_SEPARATOR = r"[ .\u00b7-]?"
# Ten digits, usually in groups; not the end of a phone number from abroad.
_TEN = re.compile(
    r"(?<![0-9])(?<!\+44)(?<!\+44 )(?<!\(0\))(?<!\(0\) )"
    rf"(?=([0-9]{{3}}{_SEPARATOR}[0-9]{{3}}{_SEPARATOR}[0-9]{{4}})(?![0-9]))"
)
TEN_WHOLE = re.compile(
    rf"(?<![0-9])[0-9]{{3}}{_SEPARATOR}[0-9]{{3}}{_SEPARATOR}[0-9]{{4}}(?![0-9])"
)
_DIGITS = re.compile(r"[0-9](?:[ \t.\u00b7-]?[0-9])*")
_OTHERWISE_LABELLED = re.compile(
    r"(?:\b(?:no|number|num|id|ref|reference|mrn|crn|tel|telephone|phone|mobile|mob|home|work|fax"
    r"|ext|gmc|nmc)\b)[ .:#()-]*\Z",
    re.IGNORECASE,
)
_OF_ENGLAND = re.compile("[4-9]")  # what an NHS number of England and Wales begins with
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    rf"(?<![0-9/.-])(?:[0-9]{{1,2}}(?:st|nd|rd|th)?[ /.-]{{1,2}}{_MONTH}\.?,?[ /.-]{{1,2}}"
    r"[0-9]{2,4}"
    r"|[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}})(?![0-9/])",
    re.IGNORECASE,
)
_IN_GROUPS = re.compile(r"[0-9]{1,2} [0-9]{1,2} [0-9]{4}(?![0-9])")  # certain behind a label only
_AGE = re.compile(
    r"[\s,;]*\(?[\s,;]*(?:aged?:? )?([0-9]{1,3}) ?(?:y(?:ea)?r?s?\b|\))|"
    r"[\s,;]*\(?[\s,;]*aged?:? ?([0-9]{1,3})\b",
    re.IGNORECASE,
)
_AGED = re.compile(rf"(?:{_DATE.pattern})(?:{_AGE.pattern})?", re.IGNORECASE)
_SEXES = re.compile(r"(?:(female|f)|(male|m))\b", re.IGNORECASE)

ONE_PATIENT = "Nothing was filled in: paste the details of one patient"
TWO_NUMBERS = f"There are two different NHS numbers in what you pasted. {ONE_PATIENT}"
TWO_BIRTHS = f"There are two different dates of birth in what you pasted. {ONE_PATIENT}"
WRONG_NUMBER = (
    "The NHS number in what you pasted is not right. Nothing was filled in: check it against your "
    "clinical system"
)


class TwoPeopleError(ValueError):
    """It may be about two people, or not about the one it seems; the message says why."""


@dataclass(frozen=True)
class Reading:
    """A value where it is certain, else why it is not: "" where there is none."""

    value: str = ""
    doubt: str = ""


def nhs_number(text: str) -> Reading:
    """Return the one number in a text.

    Raises:
        TwoPeopleError: there are two, or one is wrong.
    """
    labelled_numbers = {at: _digits_at(text, at) for at in _starts(text)}
    loose = {at: each for at, each in _tens(text).items() if at not in labelled_numbers}
    certain = {each for each in labelled_numbers.values() if nhs_numbers.is_valid(each)}
    ours = {each for each in certain if not nhs_numbers.elsewhere(each)}
    others = {each for each in loose.values() if _is_ours(each)}
    if len(ours | others) > 1 or len(certain - ours) > 1:
        raise TwoPeopleError(TWO_NUMBERS)
    is_wrong = any(_is_wrong(each) for each in labelled_numbers.values())
    if is_wrong or any(_is_wrong_ten(text, at, each) for at, each in loose.items()):
        raise TwoPeopleError(WRONG_NUMBER)
    ours |= {each for at, each in loose.items() if _is_ours(each) and not _is_other(text, at)}
    if ours:
        return Reading(ours.pop())
    whose = next((nhs_numbers.elsewhere(each) for each in certain), "")
    return Reading(doubt=f"there is only {whose}") if whose else Reading()


def _starts(text: str) -> list[int]:
    return [each.value_start for each in labelled(text) if each.kind == "number"]


def _digits_at(text: str, at: int) -> str:
    # Ten in the usual groups may have another number behind them.
    found = _TEN.match(text, at)
    run = found or _DIGITS.match(text, at)
    return re.sub("[^0-9]", "", run[1] if found and run else run[0] if run else "")


def _tens(text: str) -> dict[int, str]:
    return {each.start(): re.sub("[^0-9]", "", each[1]) for each in _TEN.finditer(text)}


def _is_ours(number: str) -> bool:
    return nhs_numbers.is_valid(number) and not nhs_numbers.elsewhere(number)


def _is_wrong(number: str) -> bool:
    # Fewer digits stand for something else ("NHS 111"), ten equal ones for none.
    return len(number) > 5 and len(set(number)) > 1 and not nhs_numbers.is_valid(number)


def _is_wrong_ten(text: str, at: int, number: str) -> bool:
    is_likely = _OF_ENGLAND.match(number) and not _is_other(text, at)
    return bool(is_likely) and _is_wrong(number)


def _is_other(text: str, at: int) -> bool:
    return bool(_OTHERWISE_LABELLED.search(text, max(0, at - 30), at))


def birth(text: str, *, today: date) -> Reading:
    """Return the date of birth as in 1984-03-15.

    Raises:
        TwoPeopleError: there are two.
    """
    starts = [each.value_start for each in labelled(text) if each.kind == "born"]
    behind = [_DATE.match(text, at) or _IN_GROUPS.match(text, at) for at in starts]
    found = [each for each in behind if each]
    all_dates = list(_DATE.finditer(text))
    certain = found or [each for each in all_dates if _AGE.match(text, each.end())]
    likely = certain or all_dates
    read = {_read(each[0], today) for each in likely}
    if len({each for each in read if each}) > 1 and found:
        raise TwoPeopleError(TWO_BIRTHS)
    if len(read) > 1:
        return Reading(doubt="there is more than one date and none is marked as the date of birth")
    return _born(text, likely[0], is_certain=bool(certain), today=today) if likely else Reading()


def _born(text: str, found: re.Match[str], *, is_certain: bool, today: date) -> Reading:
    born = _read(found[0], today)
    if born is None:
        return Reading(doubt="it is no date with a year of 4 digits" if is_certain else "")
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not (0 if is_certain else _YOUNGEST) <= age <= OLDEST:
        return Reading(doubt="it cannot be right" if is_certain else "")
    beside = _AGE.match(text, found.end())
    if beside and int(beside[1] or beside[2]) not in {age, age - 1}:  # what was written last year
        return Reading(doubt="the age beside it is another one")
    return Reading(born.isoformat())


def _read(text: str, today: date) -> date | None:
    written = written_date({"day": text, "month": "", "year": ""}, today=today)
    return date.fromisoformat(written) if written else None


def written_date(boxes: dict[str, str], *, today: date) -> str:
    """Return the date in three boxes as in 1984-03-15, or "" where there is none."""
    parts = {part: part for part in dates.PARTS}
    asked = dates.Asked("", parts, "15 3 1984", range(today.year - OLDEST, today.year + 1))
    try:
        return dates.read(boxes, asked).isoformat() if any(boxes.values()) else ""
    except dates.NotADateError:
        return ""


def sex(text: str) -> Reading:
    values = {_SEXES.match(each.value) for each in labelled(text) if each.kind == "sex"}
    found = {"female" if each[1] else "male" for each in values if each}
    if len(found) > 1:
        return Reading(doubt="there are two")
    return Reading(found.pop() if found else "")


def without_identity(text: str, *, instead: str) -> str:
    """Replace each number and date: what is left are names and places."""
    return TEN_WHOLE.sub(instead, _AGED.sub(instead, text))
