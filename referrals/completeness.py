"""What still stands in the way of sending a referral, field by field: its one check.

The form asks it of what was typed, the page that is checked before sending asks it again of what
was stored, and so does sending: days and pharmacies change. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, Protocol

from accounts.text import dates, phones
from referrals import nhs_numbers, pathways, postcodes, wording
from referrals.clean_text import has_letters
from referrals.details import Details
from referrals.fhir.content import Relationship

OLDEST = 130  # years
LONGEST_COMPLAINT = 1000  # characters
IN_PERSON = {"otitis_media"}  # needs an otoscope
BIRTH = {"day": "birth_day", "month": "birth_month", "year": "birth_year"}
ONE_NAME = "If they have only one name, enter it in both boxes"
NO_CONSENT = "The referral can be sent only if they agree that their details are shared"
NO_ILLNESS = "Select the minor illness from the list"
TOO_YOUNG = "Children under 1 year cannot be referred. Offer an appointment at the practice"

PATHWAYS = {
    **{pathway.code: pathway.name for pathway in pathways.PATHWAYS.values()},
    pathways.MINOR_ILLNESS: "Minor illness",
}
SYMPTOM_GROUPS = {
    "": "Choose from the list",
    **{name: name for name in (*pathways.SYMPTOM_GROUPS, pathways.OTHER_MINOR_ILLNESS)},
}


class Problem(NamedTuple):
    """A sentence for the sender, and the fields that are wrong: it stands beside the first."""

    sentence: str
    fields: tuple[str, ...]


class OfferedPharmacy(Protocol):
    """What counts of a pharmacy that takes referrals now."""

    @property
    def is_distance_selling(self) -> bool: ...


def _consent(typed: str) -> str:
    if typed != "yes":
        raise ValueError(NO_CONSENT)
    return typed


@dataclass(frozen=True)
class TextRule:
    label: str
    longest: int  # characters
    if_empty: str = ""  # what is said then; "" where that is fine
    if_no_letters: str = ""
    clean: Callable[[str], str] = str  # raises ValueError


@dataclass(frozen=True)
class ChoiceRule:
    label: str
    choices: Mapping[str, str]  # value and words
    if_wrong: str  # said of nothing too, unless "" is one of the choices


TEXTS = {
    "nhs_number": TextRule("NHS number (if known)", 40, clean=nhs_numbers.clean),
    "given_name": TextRule(
        "First name",
        100,
        f"Enter the patient's first name. {ONE_NAME}",
        f"First name must have letters in it. {ONE_NAME}",
    ),
    "family_name": TextRule(
        "Last name",
        100,
        f"Enter the patient's last name. {ONE_NAME}",
        f"Last name must have letters in it. {ONE_NAME}",
    ),
    "birth_day": TextRule("Day", dates.LONGEST),
    "birth_month": TextRule("Month", dates.LONGEST),
    "birth_year": TextRule("Year", dates.LONGEST),
    "address_line_1": TextRule("Address line 1", 100, "Enter the first line of the address"),
    "address_line_2": TextRule("Address line 2 (optional)", 100),
    "town": TextRule("Town or city", 60, "Enter the town or city"),
    "postcode": TextRule("Postcode", 40, "Enter the postcode", clean=postcodes.clean),
    "registered_at": TextRule("Registered at another GP practice (optional)", 100),
    "contact_name": TextRule("Their name", 100, if_no_letters="Their name must have letters in it"),
    "phone": TextRule("Phone number", phones.LONGEST, "Enter a phone number", clean=phones.clean),
    "phone_owner_name": TextRule("Whose is it?", 100),
    "best_time": TextRule("Best time to call (optional)", 100),
    "interpreter": TextRule("Language, if they need an interpreter (optional)", 60),
    "requirements": TextRule("What they need from the pharmacy (optional)", 200),
    "complaint": TextRule(
        "What does the patient say?", LONGEST_COMPLAINT, "Enter what the patient says"
    ),
    "duration": TextRule("How long have they had it?", 60),
    "tried": TextRule("What have they tried? (optional)", 200),
    "allergies_told": TextRule("Which allergies?", 200),
    "medicines_told": TextRule("Which medicines?", 200),
    "pharmacy": TextRule("Pharmacy", 10, "Select a pharmacy"),
    "consent": TextRule(
        "They agree that these details are shared with the pharmacy",
        3,
        NO_CONSENT,
        clean=_consent,
    ),
}
PHONE_OWNERS = {
    "patient": "The patient",
    "contact": "The person I spoke to",
    "other": "Someone else",
    "unconfirmed": "I could not check",
}
TOLD = {"": "Not asked", "none": "No new ones", "told": "Yes"}
CHOICES = {
    "sex": ChoiceRule("Sex", wording.SEXES, "Select the patient's sex"),
    "spoken_to": ChoiceRule(
        "Who have you spoken to?", wording.SPOKEN_TO, "Select who you have spoken to"
    ),
    "phone_owner": ChoiceRule(
        "Whose number is it?", {"": "", **PHONE_OWNERS}, "Select whose it is"
    ),
    "allergies": ChoiceRule("Allergies not on the record", TOLD, "Select what they told you"),
    "medicines": ChoiceRule("Medicines not on the record", TOLD, "Select what they told you"),
    "pathway": ChoiceRule("What is it for?", PATHWAYS, "Select what the referral is for"),
    "symptom_group": ChoiceRule("Minor illness", SYMPTOM_GROUPS, NO_ILLNESS),
}


def problems(details: Details, *, today: date, pharmacy: OfferedPharmacy | None) -> list[Problem]:
    """Return what is wrong with a referral, one thing a field; where nothing is, it can be sent.

    Args:
        details: as they were typed, without what cannot be seen, or as they were stored.
        pharmacy: the one that ``details`` names, if it takes referrals now.
    """
    wrong = {
        **{name: _wrong_text(rule, getattr(details, name)) for name, rule in TEXTS.items()},
        **{name: _wrong_choice(rule, getattr(details, name)) for name, rule in CHOICES.items()},
    }
    wrong = {name: sentence for name, sentence in wrong.items() if sentence}
    wrong |= _wrong_together(details, frozenset(wrong), pharmacy)
    found = [Problem(sentence, (name,)) for name, sentence in wrong.items()]
    if wrong.keys().isdisjoint(BIRTH.values()):
        found += _wrong_birth(details, frozenset(wrong), today)
    return found


def _wrong_text(rule: TextRule, text: str) -> str:
    if not text:
        return rule.if_empty
    if rule.if_no_letters and not has_letters(text):
        return rule.if_no_letters
    if len(text) > rule.longest:
        return f"{rule.label} must be {rule.longest} characters or fewer"
    try:
        rule.clean(text)
    except ValueError as error:
        return str(error).rstrip(".")
    return ""


def _wrong_choice(rule: ChoiceRule, chosen: str) -> str:
    return "" if chosen in rule.choices else rule.if_wrong


def _wrong_together(
    details: Details, wrong: frozenset[str], pharmacy: OfferedPharmacy | None
) -> dict[str, str]:
    """Return what is wrong with fields that are each right by themselves, by their names."""
    found = {}
    is_others = "spoken_to" not in wrong and details.spoken_to != Relationship.SELF
    if is_others and not details.contact_name:
        found["contact_name"] = "Enter the name of whom you have spoken to"
    if details.pathway == pathways.MINOR_ILLNESS and not details.symptom_group:
        found["symptom_group"] = NO_ILLNESS
    if "pharmacy" in wrong:
        return found
    if pharmacy is None:
        found["pharmacy"] = "That pharmacy takes no referrals now. Select another one"
    elif pharmacy.is_distance_selling and details.pathway in IN_PERSON:
        found["pharmacy"] = "An online pharmacy cannot look into an ear. Select another pharmacy"
    return found


def _wrong_birth(details: Details, wrong: frozenset[str], today: date) -> Iterator[Problem]:
    boxes = birth_boxes(details)
    if not any(boxes.values()):
        yield _at_boxes("Enter the patient's date of birth")
        return
    try:
        born = dates.read(boxes, _birth(today))
    except dates.NotADateError as error:
        yield _at_boxes(str(error), *error.boxes)
        return
    age = pathways.age_on(today, born=born)
    if born > today:
        yield _at_boxes("Date of birth must be in the past")
    elif today.year - born.year > OLDEST:
        yield _at_boxes("Date of birth is too long ago. Check the year", "year")
    elif age < pathways.YOUNGEST:
        yield _at_boxes(TOO_YOUNG)
    elif wrong.isdisjoint({"pathway", "sex"}) and (
        sentence := pathways.objection(details.pathway, age=age, sex=details.sex)
    ):
        yield Problem(sentence, ("pathway",))


def _at_boxes(sentence: str, *parts: str) -> Problem:
    return Problem(sentence, tuple(BIRTH[part] for part in parts or dates.PARTS))


def birth_boxes(details: Details) -> dict[str, str]:
    return {part: getattr(details, name) for part, name in BIRTH.items()}


def _birth(today: date) -> dates.Asked:
    return dates.Asked(
        "Date of birth",
        {part: f"{part.capitalize()} of birth" for part in dates.PARTS},
        "15 3 1984",
        range(today.year - OLDEST, today.year + 1),
    )


def normalised(details: Details, *, today: date) -> Details:
    """Return details with which nothing is wrong, as they are stored and sent."""
    cleaned: dict[str, Any] = {
        name: rule.clean(text) for name, rule in TEXTS.items() if (text := getattr(details, name))
    }
    born = dates.read(birth_boxes(details), _birth(today))
    written = {"day": born.day, "month": born.month, "year": born.year}
    cleaned |= {BIRTH[part]: str(number) for part, number in written.items()}
    if details.spoken_to == Relationship.SELF:
        cleaned["contact_name"] = ""
    if details.pathway != pathways.MINOR_ILLNESS:
        cleaned["symptom_group"] = ""
    return replace(details, **cleaned)
