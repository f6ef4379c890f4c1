"""What is known of two referrals that may be for one patient, and how far that goes."""

import unicodedata
from datetime import date

from referrals.details import Details


def letters(name: str) -> str:
    # A name is spelt in more than one way, so that marks and case do not count.
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in decomposed if letter.isalpha())


def letters_and_digits(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in decomposed if letter.isalnum())


def differences(one: Details, other: Details) -> list[str]:
    """Of one that its answers have stopped anything may be missing: that is no difference."""
    pairs = {
        "first name": (letters(one.given_name), letters(other.given_name)),
        "last name": (letters(one.family_name), letters(other.family_name)),
        "date of birth": (_born(one), _born(other)),
    }
    return [name for name, (mine, theirs) in pairs.items() if mine and theirs and mine != theirs]


def _born(details: Details) -> date | None:
    # Of a year of two digits nobody knows the century.
    try:
        return details.birth_date if len(details.birth_year) == 4 else None
    except ValueError:
        return None


def are_different(named: list[str]) -> str:
    # "first name and last name are different"
    listed = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    return f"{listed} {'is' if len(named) == 1 else 'are'} different"


def doubt(details: Details, earlier: Details) -> str:
    """Say why an earlier referral may be another patient's, or "" where that is not likely.

    Either both have the same NHS number, or one at least has none and last name and date of birth
    are the same.
    """
    different = differences(details, earlier)
    if details.nhs_number and details.nhs_number == earlier.nhs_number:
        if not different:
            return ""
        return (
            f"It has the same NHS number, but the {are_different(different)}. One of the two may "
            "have the wrong NHS number: check it"
        )
    if different:
        return (
            "The last name and date of birth are the same, but the first name is different. It may "
            "be another person, such as a twin"
        )
    lacks = "neither has" if not (details.nhs_number or earlier.nhs_number) else "only one has"
    name = "name" if letters(earlier.given_name) else "last name"
    return (
        f"The {name} and date of birth are the same, but {lacks} an NHS number. It may be another "
        "person"
    )
