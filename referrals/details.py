"""What is written in a referral: plain text by field, the same in a draft and in what was sent.

Every part may be empty while it is still being written; ``completeness`` says when it is complete.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

import orjson

from referrals.clean_text import one_line, passage

# Of what is kept while it is still being written: more than the form takes, so that what is too
# long can be shortened where it was typed.
LONGEST_LINE = 300  # characters
LONGEST_PASSAGE = 10_000


@dataclass(frozen=True)
class Details:
    """One referral's words. The fields are named as those of the form."""

    nhs_number: str = ""  # ten digits
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
    spoken_to: str = ""
    contact_name: str = ""  # of whom was spoken to, unless that is the patient
    phone: str = ""
    consent: str = ""  # "yes" or nothing
    pathway: str = ""
    symptom_group: str = ""
    complaint: str = ""
    pharmacy: str = ""  # ODS code

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
        lines = {name: one_line(said.get(name, ""))[:LONGEST_LINE] for name in _NOTHING}
        complaint = passage(said.get("complaint", ""))[:LONGEST_PASSAGE]
        return cls(**lines | {"complaint": complaint})

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: bytes) -> "Details":
        """Read what ``to_json`` wrote, also by a version with other fields."""
        read: dict[str, str] = orjson.loads(text)
        if read.keys() != _NOTHING.keys():
            read = _NOTHING | {name: read[name] for name in read.keys() & _NOTHING.keys()}
        made = cls.__new__(cls)  # a list reads many, and a frozen dataclass is slow to make
        made.__dict__.update(read)
        return made


_NOTHING = asdict(Details())
