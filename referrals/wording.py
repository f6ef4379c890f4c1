"""What a referral's choices are called on a page."""

from collections.abc import Mapping

from referrals.fhir import codes
from referrals.fhir.content import Sex

SEXES: Mapping[str, str] = {
    Sex.FEMALE: "Female",
    Sex.MALE: "Male",
    Sex.OTHER: "Other",
    Sex.UNKNOWN: "Not known",
}
SPOKEN_TO: Mapping[str, str] = {
    relationship.value: words for relationship, words in codes.RELATIONSHIP_WORDS.items()
}
PHONE_OWNERS: Mapping[str, str] = {
    "patient": "The patient",
    "contact": "The person I spoke to",
    "other": "Someone else",
    "unconfirmed": "I could not check",
}
# Of allergies and medicines that are not on the record yet. Nothing chosen is no "none".
TOLD: Mapping[str, str] = {"": "Not asked", "none": "No new ones", "told": "Yes"}
