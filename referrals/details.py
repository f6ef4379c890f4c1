"""What is written in a referral: plain text by field, the same in a draft and in what was sent.

Every part may be empty while it is still being written; ``completeness`` says when it is complete.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import orjson

from referrals.clean_text import one_line, passage

# Of what is kept while it is still being written: more than the form takes, so that what is too
# long can be shortened where it was typed.
LONGEST_LINE = 300  # characters
LONGEST_PASSAGE = 10_000
# The names of boxes and radio buttons in which triage questions are answered, and what they say.
_QUESTION, _ANSWER = re.compile("q_[a-z0-9_]{1,60}"), re.compile("[a-z]{1,10}")
# What was shown with an answer: codes of questions, as many as a group may have.
_SHOWN = re.compile("[a-z0-9_ ]{1,4000}")
MOST_ANSWERS = 200
MOST_SHOWN = 30  # groups


@dataclass(frozen=True)
class Details:
    """One referral's words. The fields are named as those of the form."""

    nhs_number: str = ""  # ten digits
    # Ours, not typed: what stood in its place, where that is no NHS number of England.
    other_number: str = ""
    given_name: str = ""
    family_name: str = ""
    birth_day: str = ""
    birth_month: str = ""
    birth_year: str = ""
    sex: str = ""  # as in FHIR: male, female, other, unknown
    address_line_1: str = ""
    address_line_2: str = ""
    town: str = ""
    postcode: str = ""
    registered_at: str = ""  # the patient's practice, where it is another one than the sender's
    spoken_to: str = ""
    contact_name: str = ""  # of whom was spoken to, unless that is the patient
    phone: str = ""
    phone_owner: str = ""  # "patient", "contact" (who was spoken to), "other" or "unconfirmed"
    phone_owner_name: str = ""  # of "other"
    best_time: str = ""
    interpreter: str = ""  # the language in which one is needed
    requirements: str = ""  # as in "hard of hearing"
    consent: str = ""  # "yes" or nothing
    pathway: str = ""
    symptom_group: str = ""
    complaint: str = ""
    duration: str = ""
    tried: str = ""
    allergies: str = ""  # told in this contact: "none", "told", or "" where nobody asked
    allergies_told: str = ""
    medicines: str = ""  # likewise
    medicines_told: str = ""
    pharmacy: str = ""  # ODS code
    # Ours, not typed: the version of the content pack whose questions were answered, and what the
    # referral is for by its names, as in "Cough (minor illness)".
    content_pack: str = ""
    reason: str = ""
    # As the form sends them, by the names of its boxes and radio buttons: "q_" and the code of a
    # group of questions ("none", "some", "unsure") or of one of its items ("yes"), and "shown_" and
    # the code of a group that has an answer: the codes of the items that it was an answer to.
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def patient_name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def birth_date(self) -> date:
        """Raises ValueError where it is incomplete, or no such day exists."""
        try:
            return date(int(self.birth_year), int(self.birth_month), int(self.birth_day))
        except OverflowError as error:
            raise ValueError(error) from error

    @classmethod
    def incomplete(cls, said: Mapping[str, str]) -> "Details":
        lines = {name: one_line(said.get(name, ""))[:LONGEST_LINE] for name in _LINES}
        passages = {name: passage(said.get(name, ""))[:LONGEST_PASSAGE] for name in _PASSAGES}
        return cls(**lines | passages, answers=answers_in(said))

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: bytes) -> "Details":
        """Read what ``to_json`` wrote, also by a version with other fields."""
        read: dict[str, Any] = orjson.loads(text)
        if read.keys() != _NOTHING.keys():
            read = _NOTHING | {name: read[name] for name in read.keys() & _NOTHING.keys()}
        made = cls.__new__(cls)  # a list reads many, and a frozen dataclass is slow to make
        made.__dict__.update(read)
        return made


def answers_in(said: Mapping[str, str]) -> dict[str, str]:
    """Return what answers triage questions in a form, in one order; whatever else is left out."""
    names = sorted(name for name in said if _QUESTION.fullmatch(name))[:MOST_ANSWERS]
    answers = {name: said[name] for name in names if _ANSWER.fullmatch(said[name])}
    shown = [f"shown_{name.removeprefix('q_')}" for name in answers]
    shown = [name for name in shown if _SHOWN.fullmatch(said.get(name, ""))][:MOST_SHOWN]
    return answers | {name: said[name] for name in shown}


_NOTHING = asdict(Details())
_PASSAGES = ("complaint",)
_LINES = tuple(
    name
    for name in _NOTHING
    if name not in {*_PASSAGES, "answers", "content_pack", "other_number", "reason"}
)
