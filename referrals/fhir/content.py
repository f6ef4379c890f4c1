"""What a referral says, in the NHS's words; it knows nothing of FHIR's shapes, rows or forms.

Text is as people typed it: ``message`` cleans it on its way out. "" is what was not given.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

DUE_WITHIN = timedelta(hours=24)  # a guide for the pharmacy, not a directive


class Sex(StrEnum):
    """The administrative gender on the patient's record. Source: FHIR AdministrativeGender."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Relationship(StrEnum):
    """Who was spoken to, as seen from the patient."""

    SELF = "self"
    PARENT = "parent"
    GUARDIAN = "guardian"
    SPOUSE = "spouse"
    CARER = "carer"
    OTHER = "other"


class PhoneOwner(StrEnum):
    """Whose the phone number is, as the caller said when it was read back to them."""

    NOT_ASKED = ""
    PATIENT = "patient"
    CONTACT = "contact"  # who was spoken to
    OTHER = "other"
    UNCONFIRMED = "unconfirmed"  # from the record: nobody has read it back


class ToldKind(StrEnum):
    """What was told in this contact that is not on the record; of what is there nothing is said."""

    NOT_ASKED = ""
    NONE = "none"
    TOLD = "told"


class TriageReply(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Told:
    kind: ToldKind = ToldKind.NOT_ASKED
    words: str = ""  # of TOLD


@dataclass(frozen=True, slots=True)
class TriageQuestion:
    words: str  # as they were read out
    reply: TriageReply


@dataclass(frozen=True, slots=True)
class Triage:
    """The questions of a content pack, and what came of them."""

    pack_version: str
    signed_off_by: str  # "" where nobody has signed the pack off
    questions: tuple[TriageQuestion, ...]  # also what was not asked, in the order of the page
    sent_as: tuple[str, ...] = ()  # why it is sent as what it is, in sentences


@dataclass(frozen=True, slots=True)
class RegisteredPractice:
    """The patient's own practice, where another one refers them."""

    ods_code: str  # "" where we do not know it
    name: str  # as it was told, unless we know the code


@dataclass(frozen=True, slots=True)
class Patient:
    nhs_number: str  # ten digits, or ""
    given_name: str
    family_name: str
    birth_date: date
    sex: Sex
    address_lines: tuple[str, ...]
    town: str
    postcode: str
    other_number: str = ""  # stood in its place, and is none of England: never sent as one
    registered_at: RegisteredPractice | None = None  # None: at the practice that refers them
    interpreter: str = ""  # the language in which one is needed
    requirements: str = ""  # as in "hard of hearing"


@dataclass(frozen=True, slots=True)
class Contact:
    """Who was spoken to, and how the pharmacy reaches the patient."""

    relationship: Relationship
    name: str  # "" when it is the patient
    phone: str
    phone_owner: PhoneOwner = PhoneOwner.NOT_ASKED
    phone_owner_name: str = ""  # of OTHER
    best_time: str = ""


@dataclass(frozen=True, slots=True)
class ReferringPractice:
    ods_code: str
    name: str
    phone: str  # the line on which the pharmacist can call back


@dataclass(frozen=True, slots=True)
class Referrer:
    given_name: str
    family_name: str
    job_role: str


@dataclass(frozen=True, slots=True)
class ReceivingPharmacy:
    ods_code: str
    name: str
    phone: str  # or ""
    dos_service_id: str  # its service's number in the Directory of Services


@dataclass(frozen=True, slots=True)
class Content:
    reference: str  # the case number that people read out to each other
    journey_id: UUID  # kept when the patient is referred again
    patient: Patient
    contact: Contact
    complaint: str  # in the patient's words
    reason: str  # what the referral is for: "Acute sore throat (Pharmacy First clinical pathway)"
    practice: ReferringPractice
    sender: Referrer
    pharmacy: ReceivingPharmacy
    consent_at: datetime  # aware: when consent to share was given
    started_at: datetime  # aware: when the contact with the patient began
    duration: str = ""
    tried: str = ""
    allergies: Told = Told()
    medicines: Told = Told()
    triage: Triage | None = None  # None: nobody has asked any


@dataclass(frozen=True, slots=True)
class Software:
    """What sends the message: the same for every referral of an installation."""

    name: str
    version: str
    supplier: str
    identifier_root: str  # begins our own identifier systems: "https://pharmrefer.example"
    source_dos_service_id: str  # where the NHS finds us
    use_case_display: str = "Primary Care to Community Pharmacy"  # of a5t1: its releases disagree
    application_version: str = "1.2.0"  # of BaRS Application 5; a receiver may ask for another
