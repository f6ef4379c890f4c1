"""What a referral says, in the NHS's words; it knows nothing of FHIR's shapes, rows or forms.

Text is as people typed it: ``message`` cleans it on its way out. "" is what was not given.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID


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


@dataclass(frozen=True, slots=True)
class Contact:
    """Who was spoken to, and how the pharmacy reaches them."""

    relationship: Relationship
    name: str  # "" when it is the patient
    phone: str


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
