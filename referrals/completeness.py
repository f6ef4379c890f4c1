"""What still stands in the way of sending a referral, field by field: its one check.

The form asks it of what was typed, the page that is checked before sending asks it again of what
was stored, and so does sending: days and pharmacies change. Pure.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple, Protocol

from accounts.text import dates, phones
from referrals import nhs_numbers, postcodes, wording
from referrals.clean_text import has_letters
from referrals.clinical.decision import (
    TriageCase,
    TriageDecision,
    TriageOutcome,
    age_on,
    decide,
    groups_for,
)
from referrals.clinical.packs import MEDICINE_SUPPLY, MINOR_ILLNESS, Group, Pack
from referrals.details import Details
from referrals.fhir.content import Relationship

OLDEST = 130  # years
LONGEST_COMPLAINT = 1000  # characters
BIRTH = {"day": "birth_day", "month": "birth_month", "year": "birth_year"}
ONE_NAME = "If they have only one name, enter it in both boxes"
NO_CONSENT = "Confirm that they agree to share their details with the pharmacy"
NO_ILLNESS = "Select the minor illness from the list"
NOT_OFFERED = "That pharmacy is not accepting referrals at the moment. Select another one"
ONLINE = "An online pharmacy cannot examine the patient. Select another pharmacy"
NO_PACK = (
    "Referrals cannot be sent at the moment: PharmRefer has no clinical questions for today. Tell "
    "your regional PharmRefer team"
)


class Problem(NamedTuple):
    """A sentence for the sender, and the fields that are wrong: it stands beside the first."""

    sentence: str
    fields: tuple[str, ...]


class OfferedPharmacy(Protocol):
    """What counts of a pharmacy that takes referrals now."""

    @property
    def is_distance_selling(self) -> bool: ...

    def has_prescriber(self, day: date) -> bool: ...


def _consent(typed: str) -> str:
    if typed != "yes":
        raise ValueError(NO_CONSENT)
    return typed


def _nhs_number(typed: str) -> str:
    """Return "" for another number than one of England's today: the referral goes without one."""
    number = nhs_numbers.read(typed)
    return number.digits if isinstance(number, nhs_numbers.NHSNumber) else ""


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
    "nhs_number": TextRule("NHS number (if known)", 40, clean=_nhs_number),
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
    "address_line_1": TextRule("Address line 1", 100),
    "address_line_2": TextRule("Address line 2 (optional)", 100),
    "town": TextRule("Town or city", 60),
    "postcode": TextRule("Postcode", 40, "Enter the postcode", clean=postcodes.clean),
    "registered_at": TextRule("GP practice, if another (optional)", 100),
    "contact_name": TextRule("Their name", 100, if_no_letters="Their name must have letters in it"),
    "phone": TextRule("Phone number", phones.LONGEST, "Enter a phone number", clean=phones.clean),
    "phone_owner_name": TextRule("Whose is it?", 100),
    "best_time": TextRule("Best time to call (optional)", 100),
    "interpreter": TextRule("Interpreter: language (optional)", 60),
    "requirements": TextRule("Individual needs (optional)", 200),
    "complaint": TextRule("Symptoms, in their words", LONGEST_COMPLAINT, "Enter the symptoms"),
    "duration": TextRule("How long have they had it?", 60, "Enter how long they have had it"),
    "tried": TextRule("What have they tried? (optional)", 200),
    "allergies_told": TextRule("Which allergies?", 200),
    "medicines_told": TextRule("Which medicines?", 200),
    "pharmacy": TextRule("Pharmacy", 10, "Select a pharmacy"),
    "consent": TextRule(
        "They agree to us sharing these details with the pharmacy",
        3,
        NO_CONSENT,
        clean=_consent,
    ),
}
CHOICES = {
    "sex": ChoiceRule("Sex", wording.SEXES, "Select the patient's sex"),
    "spoken_to": ChoiceRule("Who did you speak to?", wording.SPOKEN_TO, "Select who you spoke to"),
    "phone_owner": ChoiceRule(
        "Whose number is it? Read it back to them",
        wording.PHONE_OWNERS,
        "Select whose number it is",
    ),
    "pathway": ChoiceRule("What is it for?", {}, "Select what the referral is for"),
    "symptom_group": ChoiceRule("Minor illness", {}, NO_ILLNESS),
    "allergies": ChoiceRule(
        "Did they tell you about new allergies?",
        wording.TOLD,
        "Select what they told you about allergies",
    ),
    "medicines": ChoiceRule(
        "Did they tell you about new medicines?",
        wording.TOLD,
        "Select what they told you about medicines",
    ),
}
# Needed by whoever looks the patient up without an NHS number.
ADDRESS = {"address_line_1": "the first line of the address", "town": "the town or city"}


def choices(name: str, pack: Pack) -> Mapping[str, str]:
    """Return what can be chosen in a field, with its words; most are the same in every pack."""
    if name == "pathway":
        pathways = {each.code: each.name for each in pack.pathways}
        return pathways | {MINOR_ILLNESS: "A minor illness", MEDICINE_SUPPLY: "Repeat medicine"}
    if name == "symptom_group":
        names = [each.name for each in pack.symptom_groups]
        return {"": "Choose from the list"} | {
            each: each for each in (*names, pack.other_minor_illness)
        }
    return CHOICES[name].choices


def problems(
    details: Details, *, today: date, pack: Pack | None, pharmacy: OfferedPharmacy | None
) -> list[Problem]:
    """Return what is wrong with a referral, one thing a field; where nothing is, it can be sent.

    Unless its answers stop it, which ``decided`` says.

    Args:
        details: as they were typed, without what cannot be seen, or as they were stored.
        pack: the one in force, if there is one.
        pharmacy: the one that ``details`` names, if it takes referrals now.
    """
    if pack is None:
        return [Problem(NO_PACK, ("pathway",))]
    wrong = {
        **{name: _wrong_text(rule, getattr(details, name)) for name, rule in TEXTS.items()},
        **{
            name: "" if getattr(details, name) in choices(name, pack) else rule.if_wrong
            for name, rule in CHOICES.items()
        },
    }
    wrong = {name: sentence for name, sentence in wrong.items() if sentence}
    decision = decided(details, today=today, pack=pack, pharmacy=pharmacy)
    if decision.outcome is TriageOutcome.BLOCK_MEDICINE:  # whatever else is put right
        return [Problem(decision.advice.rstrip("."), ("pathway",))]
    wrong |= _wrong_together(details, frozenset(wrong))
    wrong |= _wrong_clinically(details, decision, pack, frozenset(wrong), today)
    wrong |= _wrong_pharmacy(details, decision, pack, pharmacy, frozenset(wrong))
    found = [Problem(sentence, (name,)) for name, sentence in wrong.items()]
    if wrong.keys().isdisjoint(BIRTH.values()):
        found += _wrong_birth(details, today)
    return found


def decided(
    details: Details, *, today: date, pack: Pack, pharmacy: OfferedPharmacy | None
) -> TriageDecision:
    """Say what becomes of a referral by its answers, as far as they are given."""
    case = TriageCase(
        pathway=details.pathway,
        symptom_group=details.symptom_group,
        age=age(details, today=today),
        sex=details.sex,
        answers=details.answers,
        day=today,
        has_prescriber=pharmacy is None or pharmacy.has_prescriber(today),
    )
    return decide(pack, case)


def age(details: Details, *, today: date) -> int | None:
    """Return whole years, or None where the date of birth is none yet."""
    boxes = birth_boxes(details)
    if not any(boxes.values()):
        return None
    try:
        born = dates.read(boxes, _birth(today))
    except dates.NotADateError:
        return None
    return age_on(today, born=born) if born <= today else None


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


def _wrong_together(details: Details, wrong: frozenset[str]) -> dict[str, str]:
    """Return what is wrong with fields that are each right by themselves, by their names."""
    found = {}
    is_others = "spoken_to" not in wrong and details.spoken_to != Relationship.SELF
    if is_others and not details.contact_name:
        found["contact_name"] = "Enter the name of the person you spoke to"
    if details.phone_owner == "other" and not details.phone_owner_name:
        found["phone_owner_name"] = "Enter whose number it is"
    found |= {name: said for name, said in _no_address(details) if not getattr(details, name)}
    for name, what in (("allergies", "allergies"), ("medicines", "medicines")):
        told = getattr(details, f"{name}_told")
        if getattr(details, name) == "told" and not told:
            found[f"{name}_told"] = f"Enter which {what}"
        elif getattr(details, name) == "none" and told:
            found[name] = (
                f"You wrote which {what}: select Yes to see it, and empty it if there are none"
            )
    return {name: said for name, said in found.items() if name not in wrong}


def _no_address(details: Details) -> Iterator[tuple[str, str]]:
    """Yield what is said of each part of an address that is missing, where one is needed."""
    why = ", or the NHS number above"
    if details.nhs_number:
        try:
            number = nhs_numbers.read(details.nhs_number)
        except nhs_numbers.NotAnNHSNumberError:
            return  # there is one to correct
        if isinstance(number, nhs_numbers.NHSNumber):
            return
        why = f" too: the number above is {number.kind.value}"
    for name, part in ADDRESS.items():
        yield name, f"Enter {part}{why}"


def _wrong_clinically(
    details: Details,
    decision: TriageDecision,
    pack: Pack,
    wrong: frozenset[str],
    today: date,
) -> dict[str, str]:
    """Return which questions are not answered, by the names of their radio buttons.

    Those for some ages only wait until the date of birth is one.
    """
    asked = groups_for(pack, details.pathway, details.symptom_group, age=None, sex=details.sex)
    is_known = age(details, today=today) is not None
    found = {
        f"q_{group.code}": _answer(group, decision, pack)
        for group in asked
        if group.code in decision.unanswered and (is_known or _is_for_some_of_all_ages(group))
    }
    if details.pathway == MINOR_ILLNESS and not details.symptom_group:
        found["symptom_group"] = NO_ILLNESS
    return {name: said for name, said in found.items() if name not in wrong}


def _is_for_some_of_all_ages(group: Group) -> bool:
    return any(not item.from_age and item.below_age is None for item in group.items)


def _answer(group: Group, decision: TriageDecision, pack: Pack) -> str:
    if unseen := decision.unseen.get(group.code):
        return f"Answer again: “{'; '.join(item.ask for item in unseen)}” is new here"
    if group.code in decision.unspecified:
        return f"Tick which of {pack.called(group)} is a yes, or choose Not sure"
    return f"Answer {pack.called(group)}"


def _wrong_pharmacy(
    details: Details,
    decision: TriageDecision,
    pack: Pack,
    pharmacy: OfferedPharmacy | None,
    wrong: frozenset[str],
) -> dict[str, str]:
    if "pharmacy" in wrong:
        return {}
    if pharmacy is None:
        return {"pharmacy": NOT_OFFERED}
    # As what it is sent, which may be another thing than what was chosen.
    sent = decision.pathway, decision.symptom_group
    chosen = details.pathway, details.symptom_group
    if pharmacy.is_distance_selling and pack.is_in_person(*(sent if decision.pathway else chosen)):
        return {"pharmacy": ONLINE}
    return {}


def _wrong_birth(details: Details, today: date) -> Iterator[Problem]:
    boxes = birth_boxes(details)
    if not any(boxes.values()):
        yield _at_boxes("Enter the patient's date of birth")
        return
    try:
        born = dates.read(boxes, _birth(today))
    except dates.NotADateError as error:
        yield _at_boxes(str(error), *error.boxes)
        return
    if born > today:
        parts = ("year",) if born.year > today.year else dates.PARTS
        yield _at_boxes("Date of birth must be in the past", *parts)
    elif today.year - born.year > OLDEST:
        yield _at_boxes("Date of birth is too long ago. Check the year", "year")


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


def named(details: Details, pack: Pack | None, decision: TriageDecision | None = None) -> Details:
    """Return details with the words for what the referral is for, as far as it is chosen."""
    pathway, symptom_group = details.pathway, details.symptom_group
    if decision and decision.pathway:
        pathway, symptom_group = decision.pathway, decision.symptom_group
    found = pack.pathway(pathway) if pack else None
    if found:
        return replace(details, reason=found.name)
    is_minor = pathway == MINOR_ILLNESS and symptom_group
    return replace(details, reason=f"{symptom_group} (minor illness)" if is_minor else "")


def is_up_to_date(details: Details, pack: Pack, decision: TriageDecision) -> bool:
    """Say whether stored details say what they would if they were written now.

    Another day, pack or prescriber may let a referral go as something else, which the user has not
    seen; and it may be stopped.
    """
    if decision.outcome.is_stop or details.content_pack != pack.version:
        return False
    return named(details, pack, decision) == details


def as_read(details: Details, *, today: date) -> Details:
    """Return details with what can be read as it is stored, and all else as it was typed."""
    read: dict[str, Any] = {}
    for name, rule in TEXTS.items():
        with suppress(ValueError):
            read[name] = rule.clean(getattr(details, name))
    if details.nhs_number and read.get("nhs_number") == "":
        read["other_number"] = details.nhs_number
    with suppress(dates.NotADateError):
        born = dates.read(birth_boxes(details), _birth(today))
        read |= {BIRTH[part]: str(getattr(born, part)) for part in dates.PARTS}
    return replace(details, **read)


def normalised(details: Details, *, today: date, pack: Pack, decision: TriageDecision) -> Details:
    """Return details with which nothing is wrong, as they are stored and sent."""
    cleaned: dict[str, Any] = {"content_pack": pack.version}
    if details.spoken_to == Relationship.SELF:
        cleaned["contact_name"] = ""
    if details.phone_owner != "other":
        cleaned["phone_owner_name"] = ""
    if details.pathway != MINOR_ILLNESS:
        cleaned["symptom_group"] = ""
    for name in ("allergies", "medicines"):
        if getattr(details, f"{name}_told"):
            cleaned[name] = "told"
    return named(replace(as_read(details, today=today), **cleaned), pack, decision)
